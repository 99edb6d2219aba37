package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/samples"
	"github.com/vend-cli/vend/schemas"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"vend": main})
}

// TestVerbs runs the real command as its users do: each script of testdata is a scene; under the race detector two are, and
// make test runs all without it, too. Beside testscript's own commands there are:
//
//	exits CODE vend …     runs vend, which has to exit with exactly this code
//	follows NAME FILE     every line, or the whole, of FILE (stdout, stderr) follows the JSON Schema NAME
//	source FILE           takes over the variables of a sandbox's --env-file, once it is there, and ADDRESS
//	faults [RULES]        posts fault rules to the sandbox, or clears them
//	advance DURATION      lets the sandbox do at once what it would have done within this time
//	snapshot              notes how often each operation was called
//	unchanged             holds that nothing was called since that changes anything
//	world FILE            writes the world as it is now, one account a line
//	mend ACCOUNT REGION   deletes the recorder and the delivery channel of AWS Config there, as somebody in the account would
//	move ACCOUNT FROM TO  moves an account by hand
//	plant OPERATION       begins another operation on the stack set of the execution role
//	seen                  waits until a worker is seen at work
//	port                  puts a free address into LISTEN
//	fetch URL FILE        writes what is answered at an address into FILE, once it is answered with 200
//	subscribe             has a queue hear what people are told
//	received FILE         writes what they were told since into FILE
//	said FILE TEXT        waits until a command in the background has written TEXT into FILE
//	sleep DURATION        lets time pass
//	signal INT|TERM       sends a signal to the background command that was started last
//	ended CODE DURATION   after its wait: it exited with this code, no later than this after the signal
func TestVerbs(t *testing.T) {
	t.Parallel()
	verbs(t, "testdata")
}

func verbs(t *testing.T, scenes string) {
	t.Helper()
	scripts := testscript.Params{
		Setup: func(env *testscript.Env) error {
			env.Values[signalledKey] = &signalled{}
			env.Values[callsKey] = &map[string]int{}
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config"))
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return errors.Join(
				os.WriteFile(filepath.Join(env.WorkDir, "accounts.csv"), samples.Accounts, 0o600),
				os.WriteFile(filepath.Join(env.WorkDir, "permission-sets.yaml"), samples.PermissionSets, 0o600),
				os.WriteFile(filepath.Join(env.WorkDir, "landing-zone.json"), samples.LandingZone, 0o600),
				os.WriteFile(filepath.Join(env.WorkDir, "access.yaml"), samples.Access, 0o600),
				os.WriteFile(filepath.Join(env.WorkDir, "walk-through.yaml"), samples.WalkThrough, 0o600),
			)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"snapshot": snapshot, "unchanged": unchanged, "world": worldNow, "mend": mend, "move": moveByHand, "plant": plantByHand,
			"exits": exitsWith, "follows": follows, "source": source, "faults": faults, "seen": seen, "said": said, "sleep": sleep, "signal": sendSignal, "ended": ended,
			"advance": advance, "port": port, "fetch": fetch, "subscribe": subscribe, "received": received,
		},
	}
	if racing { // it makes each start of the command take a second; these two have the most goroutines
		scripts.Files = []string{scenes + "/demo.txtar", scenes + "/walk.txtar"}
	} else {
		scripts.Dir = scenes
	}
	testscript.Run(t, scripts)
}

func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command…")
	}
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("run %s: %v", args[1], err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func follows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: follows NAME FILE")
	}
	content, err := schemas.Get(args[0])
	ts.Check(err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	ts.Check(err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	ts.Check(compiler.AddResource("schema.json", document))
	schema, err := compiler.Compile("schema.json")
	ts.Check(err)
	output := ts.ReadFile(args[1])
	documents := []string{output}
	if !strings.HasPrefix(output, "{\n") { // a document a line
		documents = strings.Split(strings.TrimSpace(output), "\n")
	}
	for _, d := range documents {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(d))
		ts.Check(err)
		ts.Check(schema.Validate(value))
	}
}

func source(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: source FILE")
	}
	name := ts.MkAbs(args[0])
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(name); err == nil {
			break
		}
		if time.Since(start) > 30*time.Second {
			ts.Fatalf("%s did not appear", args[0])
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(ts.ReadFile(args[0])), "\n") {
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok || !strings.HasPrefix(line, "export ") {
			ts.Fatalf("not an export: %q", line)
		}
		ts.Setenv(name, value)
		if name == "AWS_ENDPOINT_URL" {
			ts.Setenv("ADDRESS", strings.TrimPrefix(value, "http://"))
		}
	}
}

func faults(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: faults [RULES]")
	}
	method := http.MethodDelete
	if len(args) == 1 {
		method = http.MethodPost
	}
	request, err := http.NewRequest(method, ts.Getenv("AWS_ENDPOINT_URL")+"/_sandbox/faults", strings.NewReader(strings.Join(args, "")))
	ts.Check(err)
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if answer.StatusCode >= 300 {
		ts.Fatalf("the sandbox answers %s", answer.Status)
	}
}

func seen(ts *testscript.TestScript, neg bool, args []string) {
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		if ts.Exec("vend", "status", "-o", "json") == nil && strings.Contains(ts.ReadFile("stdout"), `"owner"`) {
			return
		}
	}
	ts.Fatalf("no worker was seen")
}

func said(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: said FILE TEXT")
	}
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if content, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(content), args[1]) {
			return
		}
	}
	ts.Fatalf("nobody has said %q", args[1])
}

func sleep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sleep DURATION")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	time.Sleep(d)
}

const signalledKey = "signalled"

// signalled is the background command that got a signal, and when.
type signalled struct {
	command *exec.Cmd
	at      time.Time
}

func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}
	running := ts.BackgroundCmds()
	if neg || len(args) != 1 || signals[args[0]] == nil || len(running) == 0 {
		ts.Fatalf("usage: signal INT|TERM, with a command in the background")
	}
	last := ts.Value(signalledKey).(*signalled)
	*last = signalled{running[len(running)-1], time.Now()}
	ts.Check(last.command.Process.Signal(signals[args[0]]))
}

func ended(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended CODE DURATION")
	}
	limit, err := time.ParseDuration(args[1])
	ts.Check(err)
	last := ts.Value(signalledKey).(*signalled)
	if took := time.Since(last.at); took > limit {
		ts.Fatalf("it ended %s after the signal", took)
	}
	if code := last.command.ProcessState.ExitCode(); strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
