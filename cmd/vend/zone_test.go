//go:build unix

package main

import (
	"bytes"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/bucket"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// twoRows is the list that the worker processes take on: one account after the other.
const twoRows = `AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments
kill-one,owner@example.com,kill-one@example.com,Olivia,Owner,Workloads/Dev,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team
kill-two,owner@example.com,kill-two@example.com,Olivia,Owner,Sandbox,AWSReadOnlyAccess/Auditors
`

// buildVend builds the command as its users have it.
func buildVend(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "vend")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", name, ".").CombinedOutput(); err != nil {
		t.Fatalf("build vend: %v\n%s", err, out)
	}
	return name
}

// zone is a landing zone on a loopback address, with the resources of a pipeline and the list in its bucket.
type zone struct {
	t       *testing.T
	sandbox *sandbox.Sandbox
	config  config.Config
	batch   account.Batch
	vend    string   // the command
	environ []string // of its processes

	mu      sync.Mutex
	workers map[string]*running // by access key
}

// newZone makes a landing zone that is three thousand times as fast as AWS, for workers whose claims hold for a lease.
func newZone(t *testing.T, vend string, lease time.Duration) *zone {
	t.Helper()
	const speed = 3000
	c := sandboxConfig(speed)
	c.Settings.Lease, c.Settings.Deadline = account.Duration(lease), account.Duration(time.Minute)
	made := enginetest.New(t, enginetest.Options{Speed: speed, Config: c, Loopback: true})
	z := &zone{t: t, sandbox: made.Sandbox, config: made.Config, vend: vend, workers: map[string]*running{}}
	for line := range strings.SplitSeq(strings.TrimSpace(exports(z.config, made.URL, enginetest.Region)), "\n") {
		z.environ = append(z.environ, strings.TrimPrefix(line, "export "))
	}
	z.environ = append(z.environ, "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true")
	var err error
	if z.batch, err = z.engine().Upload(t.Context(), "accounts.csv", []byte(twoRows)); err != nil {
		t.Fatal(err)
	}
	return z
}

// engine looks at the pipeline from inside, past the hook of the workers.
func (z *zone) engine() *engine.Engine {
	z.t.Helper()
	aws := config.Fixed(z.sandbox.World().Region, "http://127.0.0.1", "observer", "secret", z.sandbox.RoundTripper())
	e, err := engine.Open(z.t.Context(), z.config, engine.Options{AWS: aws})
	if err != nil {
		z.t.Fatal(err)
	}
	return e
}

// running is a process of vend.
type running struct {
	name   string // also its access key, by which the landing zone knows it
	cmd    *exec.Cmd
	output bytes.Buffer // to be read when it has ended
	ended  chan struct{}

	mu     sync.Mutex
	calls  []string    // the operations that it has asked for, in their order
	number map[int]int // of a call, from 1, by its sequence in the sandbox
}

// start runs vend in a process of its own.
func (z *zone) start(name string, args ...string) *running {
	z.t.Helper()
	p := &running{name: name, ended: make(chan struct{}), number: map[int]int{}}
	p.cmd = exec.CommandContext(z.t.Context(), z.vend, args...)
	p.cmd.Dir = z.t.TempDir()
	p.cmd.Env = append(slices.Clone(z.environ), "AWS_ACCESS_KEY_ID="+name)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output

	z.mu.Lock() // its first call waits until it is known
	defer z.mu.Unlock()
	if err := p.cmd.Start(); err != nil {
		z.t.Fatal(err)
	}
	z.workers[name] = p
	go func() {
		_ = p.cmd.Wait() // its state tells how it ended
		close(p.ended)
	}()
	return p
}

// exit waits for the end of the process and returns its exit code, -1 when a signal ended it.
func (z *zone) exit(p *running, patience time.Duration) int {
	z.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // its stacks tell where it hangs
		<-p.ended
		z.t.Fatalf("%s did not end within %s, after %d calls:\n%s", p.name, patience, len(p.calls), p.tail())
		return 0
	}
}

// tail is the end of what the process has written; it must have ended.
func (p *running) tail() string {
	lines := strings.Split(strings.TrimSpace(p.output.String()), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-25):], "\n  ")
}

// signal sends a signal, unless the process has ended already.
func (p *running) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// call is an API call of a process, before its effect and, if there was one, after it.
type call struct {
	sandbox.Request
	from *running
	n    int // which call of its process it is, from 1
}

// watch lets see look at, hold and drop the calls of all processes.
func (z *zone) watch(see func(call) sandbox.Verdict) {
	z.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
		_, credential, _ := strings.Cut(r.HTTP.Header.Get("Authorization"), "Credential=")
		name, _, _ := strings.Cut(credential, "/")
		z.mu.Lock()
		p := z.workers[name]
		z.mu.Unlock()
		if p == nil {
			return sandbox.Verdict{}
		}
		p.mu.Lock()
		if !r.Done {
			p.calls = append(p.calls, r.Operation)
			p.number[r.Sequence] = len(p.calls)
		}
		n := p.number[r.Sequence]
		p.mu.Unlock()
		return see(call{Request: r, from: p, n: n})
	})
}

// has says whether the process has asked for the operation before.
func (p *running) has(operation string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.calls, operation)
}

// state is how a landing zone and a pipeline stand, in names that are the same in every run.
type state struct {
	Batch       account.BatchState
	Requests    []string // their stages
	Counts      map[account.Stage]int
	InFlight    int
	Accounts    []string // that were made
	Orders      []string // records of Account Factory
	Assignments []string // to accounts that were made
	Results     string   // as they were left in the bucket
}

// wanted is how things stand when the rows have been vended, each once. Account Factory itself makes the row's SSOUser an
// administrator of the account.
var wanted = state{
	Batch: account.BatchFinished,
	Requests: []string{
		"kill-one done <kill-one@example.com> vend-r-c6c4d3108932-g1 AWSReadOnlyAccess/Auditors=done AdministratorAccess/Platform Team=done",
		"kill-two done <kill-two@example.com> vend-r-a20b57b5a4d1-g1 AWSReadOnlyAccess/Auditors=done",
	},
	Counts:   map[account.Stage]int{account.Done: 2},
	Accounts: []string{"kill-one kill-one@example.com in Dev", "kill-two kill-two@example.com in Sandbox"},
	Orders: []string{
		"PROVISION_PRODUCT vend-r-a20b57b5a4d1-g1 SUCCEEDED kill-two@example.com",
		"PROVISION_PRODUCT vend-r-c6c4d3108932-g1 SUCCEEDED kill-one@example.com",
	},
	Assignments: []string{
		"<kill-one@example.com> AWSAdministratorAccess USER owner@example.com",
		"<kill-one@example.com> AWSReadOnlyAccess GROUP Auditors",
		"<kill-one@example.com> AdministratorAccess GROUP Platform Team",
		"<kill-two@example.com> AWSAdministratorAccess USER owner@example.com",
		"<kill-two@example.com> AWSReadOnlyAccess GROUP Auditors",
	},
	Results: `AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments,Status,AccountId,ErrorMsg
kill-one,owner@example.com,kill-one@example.com,Olivia,Owner,Workloads/Dev,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team,done,<kill-one@example.com>,
kill-two,owner@example.com,kill-two@example.com,Olivia,Owner,Sandbox,AWSReadOnlyAccess/Auditors,done,<kill-two@example.com>,
`,
}

// end is how things stand now.
func (z *zone) end() state {
	z.t.Helper()
	e := z.engine()
	view, err := e.Overview(z.t.Context(), queue.Filter{Batch: z.batch.ID})
	if err != nil {
		z.t.Fatal(err)
	}
	open, err := e.Queue.Open(z.t.Context())
	if err != nil {
		z.t.Fatal(err)
	}
	s := state{Batch: view.Batches[0].State, Counts: open.Counts, InFlight: open.InFlight}
	named := []string{} // ids and what they stand for, in pairs
	z.sandbox.World().Do(func() { s.Accounts, s.Orders, s.Assignments, named = made(z.sandbox.World()) })
	names := strings.NewReplacer(named...)
	for _, r := range view.Requests {
		line := strings.Join([]string{r.Name, string(r.Stage), names.Replace(r.AccountID), r.ProductName()}, " ")
		for _, a := range r.Assignments {
			line += " " + a.String() + "=" + string(a.State)
		}
		s.Requests = append(s.Requests, line)
	}
	s.Results = names.Replace(z.results())
	return s
}

// made tells what there is in the landing zone that was not there in the beginning.
func made(w *world.World) (accounts, orders, assignments, named []string) {
	for _, p := range w.IdentityCenter.PermissionSets {
		named = append(named, p.ARN, p.Name)
	}
	for _, g := range w.IdentityCenter.Groups {
		named = append(named, g.ID, g.Name)
	}
	for _, u := range w.IdentityCenter.Users {
		named = append(named, u.ID, u.UserName)
	}
	created := map[string]bool{}
	for _, a := range w.Accounts() {
		if strings.HasPrefix(a.Email, "kill-") {
			created[a.ID] = true
			named = append(named, a.ID, "<"+a.Email+">")
			line := a.Name + " " + a.Email + " in " + a.Parent.Name
			for _, tag := range slices.Sorted(maps.Keys(a.Tags)) {
				line += " " + tag + "=" + a.Tags[tag]
			}
			accounts = append(accounts, line)
		}
	}
	names := strings.NewReplacer(named...)
	for _, r := range w.AccountFactory.Records {
		orders = append(orders, strings.Join([]string{r.Type, r.ProductName, r.Status, r.Parameters["AccountEmail"]}, " "))
	}
	for _, a := range w.IdentityCenter.Assignments {
		if created[a.Account] {
			assignments = append(assignments, names.Replace(strings.Join([]string{a.Account, a.PermissionSet, a.PrincipalType, a.Principal}, " ")))
		}
	}
	slices.Sort(accounts)
	slices.Sort(orders)
	slices.Sort(assignments)
	return accounts, orders, assignments, named
}

// results is the list with what came of each row.
func (z *zone) results() string {
	z.t.Helper()
	aws := config.Fixed(z.sandbox.World().Region, "http://127.0.0.1", "observer", "secret", z.sandbox.RoundTripper())
	body, _, err := bucket.New(*aws, z.config.Bucket).Open(z.t.Context(), "results/accounts.csv", "")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = body.Close() }() // it was only read
	content, err := io.ReadAll(body)
	if err != nil {
		z.t.Fatal(err)
	}
	return string(content)
}
