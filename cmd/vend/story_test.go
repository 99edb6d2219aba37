package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// advance lets the sandbox do at once what it would have done within a duration.
func advance(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: advance DURATION")
	}
	answer, err := http.Post(ts.Getenv("AWS_ENDPOINT_URL")+"/_sandbox/advance?by="+args[0], "", nil)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if answer.StatusCode >= 300 {
		ts.Fatalf("the sandbox answers %s", answer.Status)
	}
}

// TestREADMEMendsAsTheStoryDoes holds that every command with which the story mends something stands in the README's
// section on what is wrong.
func TestREADMEMendsAsTheStoryDoes(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## When something goes wrong\n")
	if !found {
		t.Fatal("README.md has no section \"When something goes wrong\"")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	story, err := os.ReadFile("testdata/story.txtar")
	if err != nil {
		t.Fatal(err)
	}
	mends := regexp.MustCompile(`(?m)^exits \d (vend (?:resume|cancel|enroll|submit) .*)$`)
	shown := strings.NewReplacer("mended.csv", "FILE", "night.csv", "FILE", "late.csv", "FILE")
	ids, units := regexp.MustCompile(`\br-[0-9a-f]{12}`), regexp.MustCompile(`\bou-[-0-9a-z]+`)
	commands := mends.FindAllStringSubmatch(string(story), -1)
	if len(commands) < 6 {
		t.Fatalf("the story has only %d commands that mend", len(commands))
	}
	for _, c := range commands {
		command := units.ReplaceAllString(ids.ReplaceAllString(shown.Replace(c[1]), "REQUEST"), "OU")
		if !strings.Contains(section, "`"+command+"`") {
			t.Errorf("README.md does not say `%s`", command)
		}
	}
	for _, code := range regexp.MustCompile(`vend explain (V\d{4})`).FindAllStringSubmatch(string(story), -1) {
		if !strings.Contains(section, "`"+code[1]+"`") {
			t.Errorf("README.md does not speak of %s", code[1])
		}
	}
}
