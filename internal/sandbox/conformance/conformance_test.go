//go:build conformance

package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
)

var (
	update = flag.Bool("update", false, "write the table anew")
	single = flag.String("client", "", "ask this client alone, as in JavaScript; the columns of the others stay")
	only   = flag.String("only", "", "run the scripts of these services alone, as in cloudformation,iam; of the others the table stays")
)

// asked says whether a script of testdata is to be run.
func asked(script string) bool {
	name := filepath.Base(script)
	service, _, _ := strings.Cut(strings.TrimSuffix(name, filepath.Ext(name)), "-")
	return *only == "" || slices.Contains(strings.Split(*only, ","), service)
}

// fast is the speed of a sandbox whose script asks for no other: an account takes a quarter of a second.
const fast = 6000

// longest is how long one script may take.
const longest = 3 * time.Minute

const howToGet = `
The conformance run needs Python 3 with boto3 1.43 or later, and an AWS CLI of the same time, as 1.45:

	pip install --upgrade awscli boto3

or, where the distribution's are as new as that: apt-get install awscli python3-boto3
Older ones do not know members that AWS answers with today.`

// clients makes sure that both clients are there, and new enough to be asked.
func clients(t *testing.T) {
	t.Helper()
	check := `import boto3, sys; sys.exit(tuple(map(int, boto3.__version__.split(".")[:2])) < (1, 43))`
	for _, command := range [][]string{{"python3", "-c", check}, {"aws", "--version"}} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("run %s: %v\n%s%s", command[0], err, out, howToGet)
		}
	}
}

// findings collect what all scripts found.
type findings struct {
	mu     sync.Mutex
	called table
	claims map[string][]claim // by script
}

// claim is a behaviour that a script has checked.
type claim struct {
	Client     string   `json:"client"`
	Operations []string `json:"operations"`
	Behaviour  string   `json:"behaviour"`
}

// sandbox starts a sandbox for a script on a loopback port, and notes what is answered there to whom. A script may set the
// sandbox's clock forward: POST /_clock/16m.
func (f *findings) sandbox(t testing.TB, script []byte) (url string, stop func()) {
	speed := float64(fast)
	if m := regexp.MustCompile(`(?m)^(?:#|//) speed: (\d+)$`).FindSubmatch(script); m != nil {
		speed, _ = strconv.ParseFloat(string(m[1]), 64) // digits can be read
	}
	var ahead atomic.Int64 // of the machine's clock, in nanoseconds
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s, err := sandbox.New(sandbox.Options{Speed: speed, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	s.Intercept(func(r sandbox.Request) sandbox.Verdict {
		if !r.Done || r.Status >= 300 {
			return sandbox.Verdict{}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		switch agent := r.HTTP.UserAgent(); {
		case strings.HasPrefix(agent, "aws-cli/"):
			f.called.row(r.Operation).clients[cli] = true
		case strings.HasPrefix(agent, "aws-sdk-js/"):
			f.called.row(r.Operation).clients[js] = true
		case strings.HasPrefix(agent, "Boto3/"):
			f.called.row(r.Operation).clients[boto3] = true
		}
		return sandbox.Verdict{}
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_clock/{by}", func(w http.ResponseWriter, r *http.Request) {
		by, err := time.ParseDuration(r.PathValue("by"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		ahead.Add(int64(by))
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_clock/") {
			mux.ServeHTTP(w, r)
			return
		}
		s.ServeHTTP(w, r) // without a mux: that would clean paths, and an object's key may look unclean
	}))
	return server.URL, server.Close
}

// environment is that of a client: it knows of the sandbox only, and of no profile of whoever runs the tests.
func environment(dir, url string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "AWS_") })
	return append(env,
		"SANDBOX="+url, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_CONFIG_FILE="+filepath.Join(dir, "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(dir, "none"),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "NO_PROXY=127.0.0.1", "PYTHONDONTWRITEBYTECODE=1",
	)
}

// TestIndependentClients lets both clients do all that their scripts say, and then draws the table.
func TestIndependentClients(t *testing.T) {
	f := &findings{called: table{}, claims: map[string][]claim{}}
	if *single == js {
		f.onlyJavaScript(t)
		return
	}
	clients(t)
	answered := false // whether JavaScript was asked
	t.Run("clients", func(t *testing.T) {
		t.Run(boto3, f.boto3)
		t.Run("cli", f.cli)
		t.Run(js, func(t *testing.T) { answered = f.javaScript(t) })
	})
	if t.Failed() {
		return
	}
	found := f.draw(t)
	if t.Failed() {
		return
	}
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	if !answered {
		found = found.keeping(js, readTable(string(text)))
	}
	operations := implemented(t)
	if *only != "" {
		services := strings.Split(*only, ",")
		found = table{}.with(found, services)
		operations = slices.DeleteFunc(operations, func(operation string) bool {
			service, _, _ := strings.Cut(operation, ".")
			return !slices.Contains(services, service)
		})
	}
	if gaps := found.gaps(operations); gaps != nil {
		t.Fatalf("gaps:\n%s", strings.Join(gaps, "\n"))
	}
	if *only != "" {
		found = readTable(string(text)).with(found, strings.Split(*only, ","))
	}
	if *update {
		if err := os.WriteFile(tableFile, []byte(document(t, found)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), document(t, found)); diff != "" {
		t.Errorf("renew it with `make conformance ARGS=-update` (-table +found):\n%s", diff)
	}
}

// boto3 runs the Python scripts.
func (f *findings) boto3(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/boto3/*.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		name := filepath.Base(script)
		if name == "harness.py" || name == "judge.py" {
			continue // what the scripts share
		}
		if !asked(script) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			url, stop := f.sandbox(t, text)
			defer stop()
			ctx, cancel := context.WithTimeout(t.Context(), longest)
			defer cancel()
			dir := t.TempDir()
			report := filepath.Join(dir, "claims")
			c := exec.CommandContext(ctx, "python3", script)
			c.Env = append(environment(dir, url), "CLAIMS="+report)
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			claims, err := os.ReadFile(report)
			if err != nil {
				t.Fatal(err)
			}
			for d := json.NewDecoder(bytes.NewReader(claims)); d.More(); {
				made := claim{Client: boto3}
				if err := d.Decode(&made); err != nil {
					t.Fatal(err)
				}
				f.claim(name, made)
			}
		})
	}
}

func (f *findings) claim(script string, made claim) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claims[script] = append(f.claims[script], made)
}

// claimed is a line of a script that says what is checked.
var claimed = regexp.MustCompile(`^# ((?:[a-z0-9]+\.)?[A-Z]\w+(?:, (?:[a-z0-9]+\.)?[A-Z]\w+)*): (.+)$`)

func (f *findings) readClaims(t *testing.T, script string) {
	t.Helper()
	file, err := os.Open(script)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	name := filepath.Base(script)
	service, _, _ := strings.Cut(strings.TrimSuffix(name, ".txtar"), "-")
	for lines := bufio.NewScanner(file); lines.Scan(); {
		m := claimed.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		made := claim{Client: cli, Behaviour: m[2]}
		for operation := range strings.SplitSeq(m[1], ", ") {
			if !strings.Contains(operation, ".") {
				operation = service + "." + operation
			}
			made.Operations = append(made.Operations, operation)
		}
		f.claim(name, made)
	}
}

// draw puts together who was answered and what was claimed. Nobody can claim what was not answered.
func (f *findings) draw(t *testing.T) table {
	t.Helper()
	scripts := make([]string, 0, len(f.claims))
	for script := range f.claims {
		scripts = append(scripts, script)
	}
	slices.Sort(scripts)
	for _, script := range scripts {
		for _, made := range f.claims[script] {
			for _, operation := range made.Operations {
				r := f.called[operation]
				if r == nil || !r.clients[made.Client] {
					t.Errorf("%s speaks of %s, which was never answered to %s", script, operation, made.Client)
					continue
				}
				if !slices.Contains(r.behaviours, made.Behaviour) {
					r.behaviours = append(r.behaviours, made.Behaviour)
				}
			}
		}
	}
	return f.called
}
