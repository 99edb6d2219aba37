package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
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
//	program ARCH FILE     writes a program of that architecture that does nothing: arm64, amd64
//	called OPERATION      waits until an operation was called
//	fetch URL FILE        writes what is answered at an address into FILE, once it is answered with 200
//	subscribe             has a queue hear what people are told
//	received FILE         writes what they were told since into FILE
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
			"snapshot": snapshot, "unchanged": unchanged, "world": worldNow, "mend": mend, "move": moveByHand, "upload": uploadByHand, "plant": plantByHand,
			"exits": exitsWith, "follows": follows, "source": source, "faults": faults, "awaits": awaits, "signal": sendSignal, "ended": ended,
			"program": program, "called": called, "advance": advance, "port": port, "fetch": fetch, "subscribe": subscribe, "received": received,
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

func called(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: called OPERATION")
	}
	for start := time.Now(); time.Since(start) < 2*time.Minute; time.Sleep(20 * time.Millisecond) {
		answer, err := http.Get(ts.Getenv("AWS_ENDPOINT_URL") + "/_sandbox/calls")
		ts.Check(err)
		calls := map[string]any{}
		ts.Check(json.NewDecoder(answer.Body).Decode(&calls))
		ts.Check(answer.Body.Close())
		if calls[args[0]] != nil {
			return
		}
	}
	ts.Fatalf("%s is never called", args[0])
}

// program writes the header of an ELF file: nobody runs what the sandbox has no service for.
func program(ts *testscript.TestScript, neg bool, args []string) {
	machine := map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64}
	if neg || len(args) != 2 || machine[args[0]] == 0 {
		ts.Fatalf("usage: program ARCH FILE")
	}
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine[args[0]]), Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phentsize: 56, Shentsize: 64}
	copy(header.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}))
	var b bytes.Buffer
	ts.Check(binary.Write(&b, binary.LittleEndian, header))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o755))
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
		if time.Since(start) > 2*time.Minute {
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

// awaits runs a command until what it prints matches: how long something takes is the machine's affair.
func awaits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: awaits REGEXP COMMAND…")
	}
	wanted, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for start := time.Now(); time.Since(start) < 2*time.Minute; time.Sleep(50 * time.Millisecond) {
		if ts.Exec(args[1], args[2:]...) == nil && wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("%s never says %s", strings.Join(args[1:], " "), args[0])
}

const signalledKey = "signalled"

// signalled is the background command that got a signal, and when.
type signalled struct {
	command *exec.Cmd
	at      time.Time
	late    func() time.Duration // by how much the machine was late since
}

func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM}
	running := ts.BackgroundCmds()
	if neg || len(args) != 1 || signals[args[0]] == nil || len(running) == 0 {
		ts.Fatalf("usage: signal INT|TERM, with a command in the background")
	}
	last := ts.Value(signalledKey).(*signalled)
	late := sync.OnceValue(lateness())
	ts.Defer(func() { late() })
	*last = signalled{running[len(running)-1], time.Now(), late}
	ts.Check(last.command.Process.Signal(signals[args[0]]))
}

func ended(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended CODE DURATION")
	}
	limit, err := time.ParseDuration(args[1])
	ts.Check(err)
	last := ts.Value(signalledKey).(*signalled)
	if took, late := time.Since(last.at), last.late(); took > limit+late {
		ts.Fatalf("it ended %s after the signal, and the machine was late by %s", took, late)
	}
	if code := last.command.ProcessState.ExitCode(); strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
