// Command vend vends AWS accounts in batches through Control Tower, and tells where each of them stands.
//
// One file a verb: flags become a plain options struct, which a plain function takes. Only main exits. How arguments are
// ordered before they are parsed stands in arguments.go, how errors become exit codes in faults.go, and what every verb
// works with in session.go.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // windows name time zones, also where the system has no database of them

	"github.com/vend-cli/vend/internal/render"
)

func main() {
	os.Exit(run(context.Background(), process{
		args: os.Args[1:], environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}))
}

// process is what surrounds one run of the command.
type process struct {
	args           []string
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run is the whole command but the exit.
func run(ctx context.Context, p process) int {
	ctx, release := untilSignal(ctx)
	defer release()
	s := newSession(p)
	app := newApp(s)
	if len(p.args) == 0 && s.env(lambdaRuntime) != "" {
		p.args = []string{"lambda", "--log-format", "json"} // what CloudWatch Logs can be asked about
	}
	if len(p.args) > 0 && p.args[0] == completeWords {
		return complete(ctx, s, app, p.args[1:])
	}
	args, err := arrange(app, p.args)
	if err == nil {
		err = app.RunContext(ctx, append([]string{app.Name}, args...))
		s.endTraces(ctx)
		s.endRecording()
	} else if wantsJSON(p.args) {
		s.complaints.Format = render.JSON
	}
	fault, code := judge(ctx, err, s.goOn)
	if fault != nil {
		if fault.Code == "V3001" {
			fault.Hint = s.logIn(fault.Hint)
		}
		_ = s.complaints.Fault(*fault) // there is nobody left to tell
	}
	return code
}

// wantsJSON tells the format of an error about arguments, which comes before they are parsed.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		switch {
		case arg == "--":
			return false
		case (arg == "-o" || arg == "--output" || arg == "-output") && i+1 < len(args):
			return args[i+1] == "json"
		case strings.HasPrefix(strings.TrimLeft(arg, "-"), "o=") || strings.HasPrefix(strings.TrimLeft(arg, "-"), "output="):
			return strings.HasPrefix(arg, "-") && strings.HasSuffix(arg, "=json")
		}
	}
	return false
}

// errSignal is the cause of a context that a signal ended.
type errSignal struct{ signal os.Signal }

func (e errSignal) Error() string { return e.signal.String() }

// untilSignal ends the context at the first SIGINT or SIGTERM; a second one ends the process as if nobody listened.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case sig := <-signals:
			signal.Stop(signals)
			cancel(errSignal{sig})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// signalOf is the signal that ended a context, or nil.
func signalOf(ctx context.Context) os.Signal {
	var e errSignal
	if errors.As(context.Cause(ctx), &e) {
		return e.signal
	}
	return nil
}
