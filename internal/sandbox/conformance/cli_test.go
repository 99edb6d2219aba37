//go:build conformance

package conformance_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cli runs the scripts of commands. Beside testscript's own commands there are:
//
//	aws …               the AWS CLI, with --endpoint-url
//	let NAME            keeps what the last command printed as $NAME: a word, or the one that stands alone in lists of JSON
//	until TEXT aws …    repeats a command until TEXT stands in what it prints
//	fill FILE BYTES     writes a file of that size
//	faults FILE         lets the sandbox fail as the rules in the file say
func (f *findings) cli(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/cli/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	scripts = slices.DeleteFunc(scripts, func(script string) bool { return !asked(script) })
	for _, script := range scripts {
		f.readClaims(t, script)
	}
	typing, err := filepath.Abs("testdata/cli/typist.py")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: scripts,
		Setup: func(env *testscript.Env) error {
			script, err := os.ReadFile(filepath.Join("testdata", "cli", strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")+".txtar"))
			if err != nil {
				return err
			}
			url, stop := f.sandbox(env.T().(testing.TB), script)
			env.Defer(stop)
			env.Vars = append(environment(env.WorkDir, url), "WORK="+env.WorkDir)
			hired, err := hire(typing, env.Vars)
			if err != nil {
				return err
			}
			env.Defer(hired.dismiss)
			env.Values[typist{}] = hired
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"aws": aws, "let": let, "until": until, "fill": fill, "faults": faults},
	})
}

// typist is a Python process in which the AWS CLI takes one command after another.
type typist struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func hire(program string, env []string) (*typist, error) {
	p := &typist{process: exec.Command("python3", program)}
	p.process.Env, p.process.Stderr = env, os.Stderr
	in, err := p.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	return p, p.process.Start()
}

func (p *typist) dismiss() {
	p.in.Close()
	p.process.Wait() // it has nothing more to say
}

// typed is what a command said, and how it ended.
type typed struct {
	Code     int
	Out, Err string
}

// types lets the AWS CLI run a command where the script is, as whom the script is.
func (p *typist) types(ts *testscript.TestScript, args []string) typed {
	env := map[string]string{}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"} {
		if value := ts.Getenv(name); value != "" {
			env[name] = value
		}
	}
	order, err := json.Marshal(map[string]any{
		"args": append([]string{"--endpoint-url", ts.Getenv("SANDBOX"), "--output", "json"}, args...), "env": env, "dir": ts.MkAbs("."),
	})
	ts.Check(err)
	_, err = p.in.Write(append(order, '\n'))
	ts.Check(err)
	line, err := p.out.ReadBytes('\n')
	ts.Check(err)
	var said typed
	ts.Check(json.Unmarshal(line, &said))
	return said
}

// asks runs a command and wants it to end well, or with neg not to.
func asks(ts *testscript.TestScript, neg bool, args []string) typed {
	said := ts.Value(typist{}).(*typist).types(ts, args)
	if (said.Code != 0) != neg {
		ts.Fatalf("aws %s ends with %d\n%s%s", strings.Join(args, " "), said.Code, said.Out, said.Err)
	}
	return said
}

func (said typed) show(ts *testscript.TestScript) {
	fmt.Fprint(ts.Stdout(), said.Out)
	fmt.Fprint(ts.Stderr(), said.Err)
}

func aws(ts *testscript.TestScript, neg bool, args []string) {
	asks(ts, neg, args).show(ts)
}

func let(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: let NAME")
	}
	printed := ts.ReadFile("stdout")
	var value any
	if json.Unmarshal([]byte(printed), &value) == nil {
		for list, ok := value.([]any); ok; list, ok = value.([]any) {
			if len(list) != 1 {
				ts.Fatalf("%d values, not one: %s", len(list), printed)
			}
			value = list[0]
		}
		printed = fmt.Sprint(value)
	}
	ts.Setenv(args[0], strings.TrimSpace(printed))
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || args[1] != "aws" {
		ts.Fatalf("usage: until TEXT aws …")
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if said := asks(ts, false, args[2:]); strings.Contains(said.Out, args[0]) {
			said.show(ts)
			return
		}
	}
	ts.Fatalf("%s does not come", args[0])
}

func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fill FILE BYTES")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat([]byte("vend\n"), size/5+1)[:size], 0o600))
}

func faults(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: faults FILE")
	}
	answer, err := http.Post(ts.Getenv("SANDBOX")+"/_sandbox/faults", "application/json", strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		ts.Fatalf("faults: %s", answer.Status)
	}
}
