package main

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/render"
)

func TestLogsHideAddresses(t *testing.T) {
	t.Parallel()
	r := account.Request{ID: "r-1", Name: "payments", Email: "canary@example.com", User: account.User{Email: "canary@example.com"}}
	tests := map[string][]any{
		"a text":              {"reason", "the address canary@example.com is in use"},
		"an address in a URL": {"error", errors.New("Get http://localhost/canary%40example.com: refused")},
		"a mailto link":       {"error", errors.New("<mailto:canary@example.com>")},
		"a foreign address":   {"reason", "canary@bücher.example"},
		"a request":           {"request", r},
		"a value of any kind": {"all", []string{"canary@example.com"}},
		"a group":             {slog.Group("group", slog.String("who", "canary@example.com"))},
	}
	for name, attrs := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []string{"text", "json", "lines"} {
				var out strings.Builder
				s := newSession(process{stderr: &out})
				s.logFormat = format
				s.live = format == "lines"
				log := s.log(slog.LevelInfo)
				log.Warn("canary@example.com was told", attrs...)
				log.With(attrs...).Info("it goes on")
				if strings.Contains(out.String(), "canary") || strings.Count(out.String(), "\n") != 2 {
					t.Errorf("%s: %s", format, out.String())
				}
			}
		})
	}
}

func TestLogLinesAreShort(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	log := slog.New(newLines(render.Printer{Out: &out}, slog.LevelInfo))
	r := account.Request{ID: "r-f1a7e8dce916", Batch: "b-1", Stage: account.Assigning, AccountID: "327387136627"}
	log.Debug("nobody asked")
	log.Info("a request moved", "request", r, "from", "provisioning", "to", "assigning")
	log.Error("a request failed", "request", r, "code", "V2008", "reason", "the default VPC is in use", "aws", "")
	log.Warn("the inbox did not answer", "error", errors.New("refused\x1b[2J"))
	var got []string
	for line := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
		if _, err := time.Parse("15:04:05", line[:8]); err != nil {
			t.Errorf("%q begins with no time", line)
		}
		got = append(got, line[8:])
	}
	want := []string{
		"  r-f1a7e8dce916  327387136627  provisioning → assigning",
		"  error  r-f1a7e8dce916  327387136627  a request failed  code=V2008  reason: the default VPC is in use",
		"  warning  the inbox did not answer  error=refused\uFFFD[2J",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheRemedyForCredentialsNamesTheProfile(t *testing.T) {
	t.Parallel()
	hint := explained("V3001", "").Hint
	tests := map[string]struct {
		environ []string
		want    string
	}{
		"no profile":                    {nil, "`aws sso login`, or set AWS_PROFILE"},
		"a profile":                     {[]string{"AWS_PROFILE=prod"}, "`aws sso login --profile prod`;"},
		"a profile that is no one word": {[]string{"AWS_PROFILE=a; rm"}, "`aws sso login`, or set AWS_PROFILE"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(process{environ: test.environ, stderr: os.Stderr})
			if got := s.logIn(hint); !strings.Contains(got, test.want) {
				t.Errorf("%q does not say %q", got, test.want)
			}
		})
	}
}
