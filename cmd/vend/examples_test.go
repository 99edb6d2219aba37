//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/worker"
	"github.com/vend-cli/vend/samples"
)

// notRun are the examples that are not run here, with the reason.
var notRun = map[string]string{
	"vend sandbox --listen 127.0.0.1:4599 --speed 600 --env-file sandbox.env &": "it listens on an address that may be taken; most scripts of TestVerbs begin so",
	". ./sandbox.env":                 "it goes with the line before",
	"aws organizations list-accounts": "it needs the AWS CLI, with which make conformance drives the sandbox",
	"vend deploy template | cfn-lint": "it needs cfn-lint, to which TestCFNLintHasNothingToSay of internal/deploy hands the template in",
	"vend deploy apply --binary ./vend-arm64 --admin-email platform@example.com --group 'Platform Team' --permission-set AdministratorAccess": "the names are those of a pipeline that is there without a stack; deploy.txtar makes one with a function",
	"vend lambda": "it runs inside AWS Lambda only; TestLambda runs it there",
}

// otherwise are the examples that do not exit 0 in the rehearsal, with the code that tells why.
var otherwise = map[string]int{
	"vend status --exit-status -o json":                           5, // one request has failed
	"vend work --until-idle && vend status --exit-status":         5,
	"vend plan accounts.csv --detailed-exitcode":                  2, // three accounts would be made
	"vend enroll --from-ou Legacy --to-ou Workloads/Prod --check": 5, // one account has a recorder of its own
	"vend deploy plan --table vending --bucket example-vending --admin-email platform@example.com --no-function --detailed-exitcode -o json": 2,
	"vend enroll --ou Legacy --register": 5, // and Control Tower registers a unit whole
}

// offline are the verbs that never call AWS, or bring it along.
var offline = []string{"demo", "sandbox", "explain", "lambda", "schema", "completion", "man", "version"}

// TestExamples runs every line that a help text shows, as it stands there, in a landing zone with the files that it names,
// a worker at work, and a batch of which one request has failed.
func TestExamples(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	all := map[string]bool{}
	groups := map[string][]verb{}
	var order []string
	for _, v := range tree() {
		for _, example := range v.examples {
			all[example] = true
		}
		name, _, _ := strings.Cut(v.path, " ")
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], v)
	}
	for example := range notRun {
		if !all[example] {
			t.Errorf("no help shows %q any more", example)
		}
	}
	for example := range otherwise {
		if !all[example] {
			t.Errorf("no help shows %q any more", example)
		}
	}
	for _, name := range order {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, name != "enroll" && !slices.Contains(offline, name))
			for _, v := range groups[name] {
				for _, example := range v.examples {
					if notRun[example] != "" {
						continue
					}
					if name == "enroll" { // each has the same accounts
						r = rehearse(t, true)
					}
					code, output := r.run(example)
					if code != otherwise[example] {
						t.Errorf("%s\nexits %d, want %d:\n%s", example, code, otherwise[example], output)
					}
					if !slices.ContainsFunc(tree(), func(v verb) bool { return strings.Contains(example, "vend "+v.path) && slices.Contains(v.codes, code) }) {
						t.Errorf("%s\nexits %d, which the help does not explain", example, code)
					}
				}
			}
		})
	}
}

// examplePatience is how long an example may take before something is wrong.
const examplePatience = 5 * time.Minute

// rehearsal is where examples are run.
type rehearsal struct {
	t       *testing.T
	zone    *enginetest.Zone // nil for what needs none
	environ []string
	names   *strings.Replacer // what stands in examples, and what it is here
	n       int               // of the example, for lists that differ

	mu    sync.Mutex
	heard chan struct{} // closed when an example asks for messages, as only a worker does
}

const failingList = `AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments
example-dev,developer@example.com,example-dev@example.com,Dana,Developer,Workloads/Dev,AdministratorAccess/user:developer@example.com
taken,developer@example.com,taken@example.com,Dana,Developer,Workloads/Dev,
`

func rehearse(t *testing.T, online bool) *rehearsal {
	t.Helper()
	home := t.TempDir()
	r := &rehearsal{t: t, environ: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, ".config"), "AWS_EC2_METADATA_DISABLED=true", "LANG=C.UTF-8",
	}}
	profile := "[%smanagement]\nregion = us-east-1\naws_access_key_id = EXAMPLE\naws_secret_access_key = secret\n"
	r.write(filepath.Join(home, ".aws", "config"), fmt.Sprintf(profile, "profile "))
	r.write(filepath.Join(home, ".config", "fish", "completions", "others.fish"), "")
	if !online {
		r.names = strings.NewReplacer()
		return r
	}
	var file map[string]any
	if err := json.Unmarshal(samples.LandingZone, &file); err != nil {
		t.Fatal(err)
	}
	file["emailsElsewhere"] = []string{"taken@example.com"}
	raw, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	const speed = 20000
	c := sandboxConfig(speed)
	c.Settings.Lease, c.Settings.Deadline = account.Duration(10*time.Second), account.Duration(2*time.Minute)
	c.Settings.Enrollment.User = account.User{Email: "developer@example.com", FirstName: "Dana", LastName: "Developer"}
	r.zone = enginetest.New(t, enginetest.Options{World: raw, Speed: speed, Config: c, Loopback: true})
	for line := range strings.SplitSeq(strings.TrimSpace(exports(r.zone.Config, r.zone.URL, enginetest.Region)), "\n") {
		r.environ = append(r.environ, strings.TrimPrefix(line, "export "))
	}
	r.environ = append(r.environ, "AWS_ACCESS_KEY_ID=EXAMPLE", "VEND_ENROLLMENT_SSO_USER_EMAIL=developer@example.com",
		"VEND_ENROLLMENT_SSO_USER_FIRST_NAME=Dana", "VEND_ENROLLMENT_SSO_USER_LAST_NAME=Developer")
	r.zone.Sandbox.Intercept(func(q sandbox.Request) sandbox.Verdict {
		if q.Operation == "sqs.ReceiveMessage" && strings.Contains(q.HTTP.Header.Get("Authorization"), "Credential=EXAMPLE/") {
			r.mu.Lock()
			if r.heard != nil {
				close(r.heard)
				r.heard = nil
			}
			r.mu.Unlock()
		}
		return sandbox.Verdict{}
	})
	e, err := engine.Open(t.Context(), r.zone.Config, engine.Options{AWS: r.zone.AWS(r.zone.Sandbox.RoundTripper()), Kind: "worker"})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := e.Upload(t.Context(), "accounts.csv", []byte(failingList))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Work(t.Context(), worker.Options{UntilIdle: true}); err != nil {
		t.Fatal(err)
	}
	seen, err := e.Overview(t.Context(), queue.Filter{Batch: batch.ID})
	if err != nil {
		t.Fatal(err)
	}
	failed := slices.IndexFunc(seen.Requests, func(q account.Request) bool { return q.Stage == account.Failed })
	if failed < 0 {
		t.Fatalf("no request has failed: %+v", seen.Requests)
	}
	r.names = strings.NewReplacer("b-0123456789ab", batch.ID, "r-0123456789ab", seen.Requests[failed].ID, "my-account-lists", r.zone.Config.Bucket,
		"eu-west-1", enginetest.Region, "127.0.0.1:9090", "127.0.0.1:0")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Work(ctx, worker.Options{}) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the worker ended: %v", err)
		}
	})
	return r
}

func (r *rehearsal) write(name, content string) {
	r.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(content), 0o600)); err != nil {
		r.t.Fatal(err)
	}
}

// folder is where one example runs: with the files that examples name, and accounts that no other example has.
func (r *rehearsal) folder(example string) string {
	r.t.Helper()
	dir := r.t.TempDir()
	r.n++
	number := fmt.Sprintf("-%d", r.n)
	list := strings.NewReplacer("payments-dev", "payments-dev"+number, "payments-prod", "payments-prod"+number, "ledger-prod", "ledger-prod"+number).
		Replace(string(samples.Accounts))
	sample, err := os.ReadFile("../../samples/vend.yaml")
	if err != nil {
		r.t.Fatal(err)
	}
	settings, window, _ := strings.Cut(string(sample), "window:")
	_, rest, _ := strings.Cut(window, "\n") // it would hold up what is to be seen
	settings += rest
	settings, defaults, _ := strings.Cut(settings, "defaults:")
	_, rest, _ = strings.Cut(defaults, "# What rows may ask for.") // the worker has none, and a plan would not hold
	settings += rest
	for name, content := range map[string]string{
		"accounts.csv": list, "enroll.csv": string(samples.Enroll), "access.yaml": string(samples.Access), "permission-sets.yaml": string(samples.PermissionSets),
		"vend.yaml": settings, "pipeline.yaml": settings,
		"access.csv": "AccountId,PermissionSet,PrincipalType,Principal\n222222222201,AWSReadOnlyAccess,GROUP,Auditors\n",
	} {
		written := strings.Contains(example, "vend init") || strings.Contains(example, "--out vend.yaml")
		if name != "vend.yaml" || !written {
			r.write(filepath.Join(dir, name), content)
		}
	}
	return dir
}

// run runs an example and says how it exits. One that would work for ever is told to stop once it works, and one that asks
// is agreed to: no terminal is here.
func (r *rehearsal) run(example string) (code int, output string) {
	r.t.Helper()
	dir := r.folder(example)
	for part, before := range map[string]string{
		"accounts.plan": "vend plan accounts.csv --out accounts.plan",
		" AuditAccess":  "vend access permission-sets apply permission-sets.yaml --yes",
	} {
		if !strings.Contains(example, part) || strings.Contains(example, "--out "+part) {
			continue
		}
		if code, _, stderr := r.shell(dir, before, nil); code != 0 {
			r.t.Fatalf("%s: %d, %s", before, code, stderr)
		}
	}
	var works chan struct{}
	if strings.Contains(example, "vend work") && !strings.Contains(example, "--until-idle") && !strings.Contains(example, "--once") {
		works = make(chan struct{})
	}
	line := r.names.Replace(example)
	code, stdout, stderr := r.shell(dir, line, works)
	if code == 64 && strings.Contains(stderr, "V9002 nobody is there to agree") {
		code, stdout, stderr = r.shell(dir, line+" --yes", works)
	}
	return code, stdout + stderr
}

// shell runs a line of shell. When works is closed, it is told to stop.
func (r *rehearsal) shell(dir, line string, works chan struct{}) (code int, stdout, stderr string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), examplePatience)
	defer cancel()
	r.mu.Lock()
	r.heard = works
	r.mu.Unlock()
	command := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", "trap : TERM\n"+line)
	command.Dir, command.Env = dir, r.environ
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	var told sync.WaitGroup
	if works != nil {
		told.Go(func() {
			select {
			case <-works:
				_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM) // it may have ended by itself
			case <-ended:
			}
		})
	}
	err := command.Wait()
	close(ended)
	told.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatalf("run %s: %v", line, err)
	}
	return command.ProcessState.ExitCode(), out.String(), errs.String()
}
