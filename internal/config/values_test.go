package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
)

func TestUnderFillsWhatWasNotGiven(t *testing.T) {
	t.Parallel()
	pushed := account.Settings{
		Revision: 4, Concurrency: 3, Lease: account.Duration(90 * time.Second), RemoveUser: true, Window: "Mon-Fri 19:00-07:00 UTC",
		Enrollment: account.Enrollment{User: account.User{Email: "theirs@example.com", FirstName: "Their", LastName: "Team"}},
		Policy:     account.Policy{DeniedPermissionSets: []string{"Admin"}, ExcludedOrganizationalUnits: []string{"Suspended"}},
	}
	file := write(t, "removeAccountFactoryUser: false\nconcurrency: 1\npolicy: {deniedPermissionSets: []}\nenrollment: {ssoUser: {email: ours@example.com}}\n")
	given, err := config.Load(config.Source{File: file, Environ: []string{"VEND_LEASE=30s"}})
	if err != nil {
		t.Fatal(err)
	}
	got := given.Under(pushed, "pipeline (revision 4)").Under(account.DefaultSettings(), "default")
	s := got.Settings
	if s.Revision != 4 || s.Lease.Std() != 30*time.Second || s.RemoveUser || s.Window != pushed.Window || s.Deadline.Std() != 90*time.Minute {
		t.Errorf("settings %+v", s)
	}
	if s.Concurrency != 3 || got.Origin("concurrency") != "pipeline (revision 4)" {
		t.Errorf("concurrency %d (%s): no worker can run more than the pipeline has agreed to", s.Concurrency, got.Origin("concurrency"))
	}
	if s.Enrollment.User != (account.User{Email: "ours@example.com"}) {
		t.Errorf("user %+v: two people were mixed", s.Enrollment.User)
	}
	if len(s.Policy.DeniedPermissionSets) != 0 || len(s.Policy.ExcludedOrganizationalUnits) != 1 {
		t.Errorf("policy %+v: an empty list is a word, too", s.Policy)
	}
	if got.Origin("lease") != "environment VEND_LEASE" || got.Origin("window") != "pipeline (revision 4)" || got.Origin("deadline") != "default" {
		t.Errorf("origins %q %q %q", got.Origin("lease"), got.Origin("window"), got.Origin("deadline"))
	}
	if given.Origin("window") != "" {
		t.Error("the configuration that was given has changed")
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"the sample":                           sample(t),
		"everything":                           full,
		"nothing":                              "",
		"one value":                            "table: vend\n",
		"texts that YAML would read otherwise": `{table: "123", window: "Mon-Fri 19:00-07:00 Europe/Berlin", enrollment: {ssoUser: {email: "a@b", firstName: "true", lastName: "x: #y \u2028 ü"}}}`,
		"names with quotes":                    `defaults: {assignments: ["a/b \"c\"", "d's/e"], organizationalUnits: {"x: y": {assignments: ["<a>/b"]}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := config.Load(config.Source{File: write(t, content)})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := want.Write(&out, "a note\nthat breaks: [the line"); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(out.String(), "# yaml-language-server: $schema=") {
				t.Errorf("no schema line:\n%s", out.String())
			}
			got, err := config.Load(config.Source{File: write(t, out.String())})
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			if diff := cmp.Diff(config.Changes(want.Settings, want.Settings), config.Changes(want.Settings, got.Settings)); diff != "" {
				t.Errorf("settings (-want +got):\n%s\n%s", diff, out.String())
			}
			if got.Table != want.Table || got.Bucket != want.Bucket || got.Prefix != want.Prefix || got.QueueURL != want.QueueURL {
				t.Errorf("where the pipeline is: %+v, want %+v", got, want)
			}
		})
	}
}

// What stands in a written file as a comment is an example that can be taken over as it is.
func TestTheExamplesOfAWrittenFileAreGood(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (config.Config{}).Write(&out); err != nil {
		t.Fatal(err)
	}
	var live strings.Builder
	for line := range strings.SplitSeq(out.String(), "\n") {
		if body := strings.TrimPrefix(line, "# "); strings.Contains(body, ":") && !strings.HasPrefix(body, "yaml-") && !strings.HasSuffix(body, ".") {
			live.WriteString(body + "\n")
		}
	}
	c, err := config.Load(config.Source{File: write(t, live.String())})
	if err != nil {
		t.Fatalf("%v\n%s", err, live.String())
	}
	if c.Bucket == "" || c.Settings.Policy.AllowedEmailDomains == nil || c.Settings.Enrollment.User.LastName == "" {
		t.Errorf("examples are missing:\n%s", live.String())
	}
}

func TestChangesNameWhatDiffers(t *testing.T) {
	t.Parallel()
	from := account.Settings{Concurrency: 2, Lease: account.Duration(time.Minute), Revision: 3}
	to := account.Settings{
		Lease: account.Duration(time.Minute), RemoveUser: true, Policy: account.Policy{AllowedOrganizationalUnits: []string{}},
		Defaults: account.Defaults{Assignments: []string{"A/B"}},
	}
	want := []config.Change{
		{Path: "concurrency", From: "2"},
		{Path: "removeAccountFactoryUser", To: "true"},
		{Path: "defaults.assignments", To: `["A/B"]`},
	}
	if diff := cmp.Diff(want, config.Changes(from, to)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func sample(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.FromSlash(sampleFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
