package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/sandbox"
)

type sandboxOptions struct {
	listen  string
	world   string
	faults  string
	envFile string
	speed   float64
}

func sandboxCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "sandbox", Usage: "serve a landing zone in a box, which speaks the AWS protocols",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "serve on `ADDRESS`", Value: "127.0.0.1:0"},
			&cli.StringFlag{Name: "world", Usage: "the landing zone of `FILE` (default: the embedded one)"},
			&cli.Float64Flag{Name: "speed", Usage: "let the landing zone's time pass `N` times as fast", Value: 1},
			&cli.StringFlag{Name: "faults", Usage: "begin with the fault rules of `FILE`"},
			&cli.StringFlag{Name: "env-file", Usage: "also write the variables to `FILE`, once it is ready"},
		},
		CustomHelpTemplate: help(`Serves until it is told to stop. Prints the variables that lead vend, the AWS CLI and every SDK to it, then "# ready".
Any access key is the administrator of its management account, so it belongs on a loopback address.`,
			[]string{
				"vend sandbox --listen 127.0.0.1:4599 --speed 600 --env-file sandbox.env &", ". ./sandbox.env",
				"aws organizations list-accounts",
			}, 3),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			opts := sandboxOptions{
				listen: c.String("listen"), world: c.String("world"), faults: c.String("faults"), envFile: c.String("env-file"), speed: c.Float64("speed"),
			}
			if opts.speed <= 0 {
				return usage("--speed takes a number above zero")
			}
			return serveSandbox(c.Context, opts, s)
		},
	}
}

func serveSandbox(ctx context.Context, opts sandboxOptions, s *session) error {
	box, err := newSandbox(opts.world, opts.faults, opts.speed, s)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", opts.listen)
	if err != nil {
		return &errHere{code: "V3011", message: fmt.Sprintf("can't listen on %s: %v", opts.listen, cause(err)), hint: "Give another address as --listen; port 0 takes one that is free."}
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok && !address.IP.IsLoopback() {
		s.say("Whoever reaches %s is the administrator of this landing zone.", address)
	}
	server := &http.Server{Handler: box.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.log(slog.LevelWarn).Handler(), slog.LevelWarn)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	err = s.announce(ctx, opts, box, "http://"+reachable(listener.Addr()))
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-served:
		}
	}
	// What is being answered gets a moment; long polls do not wait for their end.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 500*time.Millisecond)
	defer cancel()
	if server.Shutdown(limited) != nil {
		_ = server.Close() // it ends either way
	}
	if errors.Is(err, http.ErrServerClosed) || ctx.Err() != nil {
		return nil
	}
	return err
}

// announce makes the pipeline's resources through the sandbox's own API, then tells how to reach all of it.
func (s *session) announce(ctx context.Context, opts sandboxOptions, box *sandbox.Sandbox, endpoint string) error {
	region := box.World().Region
	aws := config.Fixed(region, endpoint, sandboxKey, sandboxKey, nil)
	made, err := furnish(ctx, box, sandboxConfig(opts.speed), engine.Options{AWS: aws, Log: s.log(slog.LevelError), Kind: "cli", Now: s.now})
	if err != nil {
		return err
	}
	lines := exports(made, endpoint, region)
	if opts.envFile != "" {
		if err := writeWhole("--env-file", opts.envFile, lines); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(s.stdout, "%s# ready\n", lines)
	return err
}

func exports(c config.Config, endpoint, region string) string {
	var b strings.Builder
	for _, variable := range [][2]string{
		{"AWS_ENDPOINT_URL", endpoint},
		{"AWS_ACCESS_KEY_ID", sandboxKey},
		{"AWS_SECRET_ACCESS_KEY", sandboxKey},
		{"AWS_REGION", region},
		{"AWS_DEFAULT_REGION", region},
		{"VEND_BUCKET", c.Bucket},
		{"VEND_TABLE", c.Table},
		{"VEND_QUEUE_URL", c.QueueURL},
		{"VEND_TOPIC_ARN", c.TopicARN},
		{"VEND_POLL_INTERVAL", c.Settings.PollInterval.Std().String()},
		{"VEND_LEASE", c.Settings.Lease.Std().String()},
		{"VEND_DEADLINE", c.Settings.Deadline.Std().String()},
		{"VEND_ORDER_GRACE", c.Settings.OrderGrace.Std().String()},
		{"VEND_RESULTS_INTERVAL", c.Settings.ResultsInterval.Std().String()},
		{"VEND_IDENTITY_CENTER_CALLS_PER_SECOND", strconv.FormatFloat(c.Settings.IdentityCenter.CallsPerSecond, 'f', -1, 64)},
	} {
		fmt.Fprintf(&b, "export %s=%s\n", variable[0], variable[1])
	}
	return b.String()
}

// reachable is the address under which a listener is reached from this machine.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return address.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}
