package conformance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const walkthroughsPreface = `
## Pages of AWS that print commands

The scripts of testdata/cli run them as they are printed, with what is between brackets filled in as the page says. What the sandbox
does not implement is refused as NotImplemented (501); a command in both columns with one parameter of the page.

| page | commands | refused as not implemented |
|---|---|---|
`

// walkthrough is a page of AWS and its commands, in the order of the page.
type walkthrough struct {
	page          string
	runs, refuses []string
}

var (
	pageLine = regexp.MustCompile(`^# page: (\S+)$`)
	command  = regexp.MustCompile(`^(!? ?)(?:until \S+ |until '[^']+' )?aws ([a-z0-9-]+ [a-z0-9-]+)`)
)

// walkthroughs reads which commands of which pages a script runs: what stands between "# page: URL" and "# page: none".
func walkthroughs(script string) []walkthrough {
	var all []walkthrough
	body, _, _ := strings.Cut(script, "\n-- ")
	last, at := "", -1
	for l := range strings.Lines(body) {
		if m := pageLine.FindStringSubmatch(strings.TrimSpace(l)); m != nil {
			at = slices.IndexFunc(all, func(w walkthrough) bool { return w.page == m[1] })
			if at < 0 && m[1] != "none" {
				all, at = append(all, walkthrough{page: m[1]}), len(all)
			}
			continue
		}
		if at < 0 {
			continue
		}
		w := &all[at]
		switch m := command.FindStringSubmatch(l); {
		case m != nil && m[1] != "":
			last = m[2]
		case m != nil:
			last = ""
			if !slices.Contains(w.runs, m[2]) {
				w.runs = append(w.runs, m[2])
			}
		case last != "" && strings.TrimSpace(l) == "stderr NotImplemented":
			w.refuses = append(w.refuses, last)
		}
	}
	return all
}

// document is the whole of the table's file.
func document(t *testing.T, found table) string {
	t.Helper()
	scripts, err := filepath.Glob("testdata/cli/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(found.markdown() + walkthroughsPreface)
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range walkthroughs(string(text)) {
			fmt.Fprintf(&b, "| <%s> | %s | %s |\n", w.page, strings.Join(w.runs, ", "), strings.Join(w.refuses, ", "))
		}
	}
	return b.String()
}

func TestCommandsOfAPage(t *testing.T) {
	t.Parallel()
	got := walkthroughs(`aws sts get-caller-identity
# page: https://example.com/a
aws iam get-role --role-name a
until '"Status": "DONE"' aws cloudformation describe-stacks
! aws iam get-role --role-name none
stderr NoSuchEntity
! aws iam simulate
# page: none
aws iam list-groups
# page: https://example.com/b
! aws iam create-user
stderr NotImplemented
-- aws --
aws iam list-users
`)
	want := []walkthrough{
		{page: "https://example.com/a", runs: []string{"iam get-role", "cloudformation describe-stacks"}},
		{page: "https://example.com/b", refuses: []string{"iam create-user"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(walkthrough{})); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}
