//go:build conformance

package stack_test

import (
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/stack"
	"github.com/vend-cli/vend/internal/deploy"
)

// The adapter against a server that nobody here wrote: moto (pip install 'moto[server]'). What moto 5.2 answers otherwise
// than AWS's API Reference is named where the test meets it, and the adapter is not bent to it.
func TestAgainstMoto(t *testing.T) {
	t.Parallel()
	address := moto(t)
	cfg := awstest.Config(http.DefaultTransport)
	cfg.BaseEndpoint = aws.String("http://" + address)
	p := &place{Client: stack.New(cfg), t: t}
	w := stack.Wish{Name: "letters", Parameters: map[string]string{"Seconds": "60"}, Template: `
Parameters:
  Seconds: {Type: Number, Default: 60}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: letters, VisibilityTimeout: {Ref: Seconds}}
Outputs:
  Url: {Value: {Ref: Queue}}
`}
	ctx := t.Context()
	if now, err := p.Stack(ctx, "letters"); err != nil || now.There() {
		t.Fatalf("before: %+v, %v", now, err)
	}
	plan, err := p.Plan(ctx, deploy.Stack{Name: "letters"}, w)
	if err != nil || len(plan.Changes) != 1 || plan.Changes[0].Action != "add" || plan.Changes[0].ID != "Queue" {
		t.Fatalf("plan: %+v, %v", plan, err)
	}
	if err := p.Execute(ctx, plan); err != nil {
		t.Fatal(err)
	}
	now, events, err := p.Follow(ctx, plan.Stack, func(deploy.Event) {})
	if err != nil || now.Status != "CREATE_COMPLETE" || len(events) == 0 {
		t.Fatalf("made: %+v, %+v, %v", now, events, err)
	}
	if now.Outputs["Url"] != "" {
		t.Error("moto has outputs of a stack that a change set made now: the test can be stricter")
	}
	resources, err := p.Resources(ctx, "letters")
	if err != nil || len(resources) != 1 || resources[0].ID != "Queue" {
		t.Errorf("resources: %+v, %v", resources, err)
	}
	// moto: a change set compares texts of templates, not what parameters make of them.
	w.Template, w.Parameters = strings.Replace(w.Template, "{Ref: Seconds}", "90", 1), map[string]string{"Seconds": "90"}
	if plan, err = p.Plan(ctx, now, w); err != nil || len(plan.Changes) != 1 || plan.Changes[0].Action != "modify" {
		t.Fatalf("plan of the change: %+v, %v", plan, err)
	}
	if err := p.Execute(ctx, plan); err != nil {
		t.Fatal(err)
	}
	if now, _, err = p.Follow(ctx, plan.Stack, func(deploy.Event) {}); err != nil || now.Status != "UPDATE_COMPLETE" || now.Parameters["Seconds"] != "90" {
		t.Fatalf("changed: %+v, %v", now, err)
	}
	if err := p.Delete(ctx, "letters"); err != nil {
		t.Fatal(err)
	}
	if now, _, err = p.Follow(ctx, now.ID, func(deploy.Event) {}); err != nil || now.There() {
		t.Errorf("deleted: %+v, %v", now, err)
	}
}

// moto starts a server on the loopback interface, and returns its address.
func moto(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address) // it is one that Addr has written
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import moto.server").Run(); err != nil {
		t.Skipf("moto is left out: python3 does not know it (pip install 'moto[server]'): %v", err)
	}
	server := exec.CommandContext(t.Context(), "python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	if err := server.Start(); err != nil {
		t.Fatalf("start moto (pip install 'moto[server]'): %v", err)
	}
	t.Cleanup(func() { _ = server.Wait() }) // its context has ended it
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(100 * time.Millisecond) {
		if answer, err := http.Get("http://" + address + "/moto-api/"); err == nil {
			_ = answer.Body.Close()
			return address
		}
	}
	t.Fatal("moto does not answer")
	return ""
}
