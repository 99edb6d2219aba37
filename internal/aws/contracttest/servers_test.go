//go:build conformance

package contracttest_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/vend-cli/vend/internal/aws/awstest"
)

// commands start the servers, and say how to get them.
var commands = map[string]struct {
	command func(t *testing.T, port string) *exec.Cmd
	get     string
}{
	"moto": {func(_ *testing.T, port string) *exec.Cmd {
		return exec.Command("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	}, "pip install 'moto[server]'"},
	"dynalite": {func(_ *testing.T, port string) *exec.Cmd {
		return exec.Command("node", filepath.Join(os.Getenv("VEND_NPM"), "node_modules", "dynalite", "cli.js"), "--host", "127.0.0.1", "--port", port, "--createTableMs", "50")
	}, "npm install --ignore-scripts dynalite@4.0.0, and VEND_NPM=that folder"},
	"versitygw": {func(t *testing.T, port string) *exec.Cmd {
		objects, versions := t.TempDir(), t.TempDir()
		return exec.Command("versitygw", "--port", "127.0.0.1:"+port, "--access", "AKIAIOSFODNN7EXAMPLE", "--secret", "secret", "posix", "--versioning-dir", versions, objects)
	}, "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0"},
}

// TestServersKeepTheContracts asks servers that nobody here wrote. A server that the machine does not have is left out, and
// named.
func TestServersKeepTheContracts(t *testing.T) {
	vend := build(t)
	for _, server := range servers[1:] {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cfg := start(t, server)
			for i, of := range suites {
				if !asked(server, of.port) {
					continue
				}
				t.Run(of.port, func(t *testing.T) {
					hold(t, server, of, &setUp{cfg: cfg, unique: fmt.Sprint("-", i), vend: vend, folder: folder(t), patience: time.Minute})
				})
			}
		})
	}
}

// TestSandboxKeepsTheVerbs asks the sandbox that users start.
func TestSandboxKeepsTheVerbs(t *testing.T) {
	t.Parallel()
	vend := build(t)
	cfg := started(t, "sandbox", func(port string) *exec.Cmd {
		return exec.Command(vend, "sandbox", "--listen", "127.0.0.1:"+port, "--speed", "6000")
	})
	for _, of := range suites {
		if of.port == verbsOf {
			hold(t, "sandbox", of, &setUp{cfg: cfg, unique: "-1", vend: vend, folder: folder(t), patience: time.Minute})
		}
	}
}

// build builds the command as its users have it.
func build(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "vend")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", name, "../../../cmd/vend").CombinedOutput(); err != nil {
		t.Fatalf("build vend: %v\n%s", err, out)
	}
	return name
}

// folder is where the command runs, with a list of its own.
func folder(t *testing.T) string {
	t.Helper()
	name := t.TempDir()
	if err := os.WriteFile(filepath.Join(name, "verbs.csv"), []byte(oneRow), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestAWSKeepsTheContracts asks AWS, as far as the environment allows; see the package comment.
func TestAWSKeepsTheContracts(t *testing.T) {
	if os.Getenv("VEND_CONFORMANCE_AWS") != "1" {
		t.Skip("AWS is left out: VEND_CONFORMANCE_AWS is not 1")
	}
	askAWS(t)
}

// askAWS asks what the environment names, and tells what it leaves out.
func askAWS(t *testing.T) {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := "-" + strconv.FormatInt(time.Now().Unix(), 36)
	accountID := os.Getenv("VEND_CONFORMANCE_ACCOUNT")
	for i, of := range suites {
		t.Run(of.port, func(t *testing.T) {
			switch of.port {
			case verbsOf:
				t.Skip("left out: vend doctor and vend access list show by themselves what AWS answers them")
			case "organization", "identitycenter", "stacksets":
				if accountID == "" {
					t.Skip("left out: VEND_CONFORMANCE_ACCOUNT names no account")
				}
			}
			if of.port == "stacksets" && os.Getenv("VEND_CONFORMANCE_STACKSETS") != "1" {
				t.Skip("left out: VEND_CONFORMANCE_STACKSETS is not 1")
			}
			// What one suite could not clear away is not in the way of the next.
			hold(t, "AWS", of, &setUp{cfg: cfg, unique: fmt.Sprint(now, i), account: accountID})
		})
	}
}

// start starts a server that nobody here wrote, and ends it with the test.
func start(t *testing.T, name string) aws.Config {
	t.Helper()
	return started(t, name, func(port string) *exec.Cmd {
		command := commands[name].command(t, port)
		have(t, name, command)
		return command
	})
}

// have leaves out, and names, a server that the machine does not have.
func have(t *testing.T, name string, command *exec.Cmd) {
	t.Helper()
	if _, err := exec.LookPath(command.Args[0]); err != nil {
		t.Skipf("%s is left out: there is no %s: %s", name, command.Args[0], commands[name].get)
	}
	switch name {
	case "dynalite":
		if _, err := os.Stat(command.Args[1]); err != nil {
			t.Skipf("%s is left out: it is not there: %s", name, commands[name].get)
		}
	case "moto":
		if err := exec.Command(command.Args[0], "-c", "import moto.server").Run(); err != nil {
			t.Skipf("%s is left out: %s does not import it (%v): %s", name, command.Args[0], err, commands[name].get)
		}
	}
}

// started starts a command on a loopback port, waits until it listens, and ends it with the test.
func started(t *testing.T, name string, at func(port string) *exec.Cmd) aws.Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	_ = listener.Close()
	command := at(port)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = command.Wait() }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	address := "127.0.0.1:" + port
	for began := time.Now(); ; {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			break
		}
		select {
		case <-ended:
			t.Fatalf("%s has ended (%s):\n%s", name, commands[name].get, said.String())
		case <-time.After(100 * time.Millisecond):
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("%s does not listen", name)
		}
	}
	cfg := awstest.Config(http.DefaultTransport)
	if name == "moto" {
		cfg = awstest.Config(trusting{http.DefaultTransport})
	}
	cfg.BaseEndpoint = aws.String("http://" + address)
	return cfg
}

// trusting answers DescribeOrganizationsAccess, without which no stack set is made and which moto does not implement, and
// lets everything else through.
type trusting struct{ next http.RoundTripper }

func (r trusting) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		return r.next.RoundTrip(request)
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(request.Body); err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	if bytes.Contains(body.Bytes(), []byte("Action=DescribeOrganizationsAccess")) {
		request.Body = nil
		return (&awstest.Transport{Answer: func(string, map[string]any) (any, error) {
			return `<DescribeOrganizationsAccessResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeOrganizationsAccessResult>` +
				`<Status>ENABLED</Status></DescribeOrganizationsAccessResult></DescribeOrganizationsAccessResponse>`, nil
		}}).RoundTrip(request)
	}
	request.Body = http.NoBody
	if body.Len() > 0 {
		request.Body = readCloser{&body}
	}
	return r.next.RoundTrip(request)
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }
