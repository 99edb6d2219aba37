package recording_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/samples"
)

var (
	trace = flag.String("recording", "", "recording that the sandbox is held against")
	file  = flag.String("world", "", "world file of the sandbox; the sample's by default")
	speed = flag.Float64("speed", 1, "speed of the sandbox")
)

func replayed(t *testing.T, text, world []byte, speed float64) *replay {
	t.Helper()
	var r *replay
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New(sandbox.Options{World: world, Speed: speed})
		if err != nil {
			t.Fatal(err)
		}
		r = newReplay(s)
		if err := r.run(text); err != nil {
			t.Fatal(err)
		}
	})
	return r
}

// TestNoFlagIsTakenByGoTest keeps `go test` from understanding a flag as its own: with -trace it would write its own trace over
// the recording.
func TestNoFlagIsTakenByGoTest(t *testing.T) {
	t.Parallel()
	flag.VisitAll(func(f *flag.Flag) {
		if !strings.HasPrefix(f.Name, "test.") && flag.Lookup("test."+f.Name) != nil {
			t.Errorf("go test takes -%s for its own", f.Name)
		}
	})
}

// TestReplay holds the sandbox against a recording that somebody made: make replay TRACE=FILE.
func TestReplay(t *testing.T) {
	if *trace == "" {
		t.Skip("no recording was given: make replay TRACE=FILE")
	}
	text, err := os.ReadFile(*trace)
	if err != nil {
		t.Fatal(err)
	}
	world := samples.LandingZone
	if *file != "" {
		if world, err = os.ReadFile(*file); err != nil {
			t.Fatal(err)
		}
	}
	r := replayed(t, text, world, *speed)
	t.Logf("%d requests were asked again, of %d kinds; left out: %v", r.asked, len(r.shapes), r.left)
	for _, line := range append(r.differs, r.unlike()...) {
		t.Error(line)
	}
}

// sample was recorded from a sandbox of speed 3000: three accounts, from the list to the last assignment. To record it anew:
//
//	vend sandbox --speed 3000 --env-file env & . env; vend submit accounts.csv --wait --work --record sample.jsonl
const (
	sample      = "testdata/sample.jsonl"
	sampleSpeed = 3000
)

func TestTheSampleIsAnsweredAsItWasRecorded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	r := replayed(t, text, samples.LandingZone, 2*sampleSpeed) // so that what was ready then is ready now
	for _, line := range append(r.differs, r.unlike()...) {
		t.Error(line)
	}
	if r.asked < 50 || len(r.shapes) < 15 {
		t.Errorf("%d requests were asked, of %d kinds; left out: %v", r.asked, len(r.shapes), r.left)
	}
}

func TestWhatDiffersIsFound(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ was, is, found string }{
		"a member that AWS has": {
			`"FeatureSet":"ALL"`, `"FeatureSet":"ALL","New":1`,
			"organizations.DescribeOrganization 200: .Organization.New is in an answer of AWS, and in none of the sandbox",
		},
		"a member that AWS does not have": {
			`"FeatureSet":"ALL",`, ``,
			"organizations.DescribeOrganization 200: .Organization.FeatureSet is in an answer of the sandbox, and in none of AWS",
		},
		"another type": {
			`"FeatureSet":"ALL"`, `"FeatureSet":7`,
			"organizations.DescribeOrganization 200: .Organization.FeatureSet is of type number in AWS, text in the sandbox",
		},
		"an error": {
			`"answer":{"status":200,"header":{"Content-Type":"application/x-amz-json-1.1"},"body":{"Organization":{`,
			`"answer":{"status":400,"body":{"__type":"AccessDeniedException","Organization":{`,
			"organizations.DescribeOrganization: AWS answers 400 AccessDeniedException, the sandbox 200",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.ReplaceAll(string(text), test.was, test.is)
			r := replayed(t, []byte(changed), samples.LandingZone, 2*sampleSpeed)
			found := strings.Join(append(r.differs, r.unlike()...), "\n")
			if !strings.Contains(found, test.found) {
				t.Errorf("found:\n%s\nwant %s", found, test.found)
			}
		})
	}
}
