//go:build conformance

package stacksets_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/stacksets"
)

// The adapter against a server that nobody here wrote: moto (pip install 'moto[server]'). What moto 5.2 answers otherwise
// than AWS's API Reference is named where the test meets it, and the adapter is not bent to it.
func TestAgainstMoto(t *testing.T) {
	t.Parallel()
	cfg := moto(t)
	org := organizations.NewFromConfig(cfg)
	ctx := t.Context()
	if _, err := org.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "ALL"}); err != nil {
		t.Fatal(err)
	}
	roots, err := org.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	unit, err := org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: roots.Roots[0].Id, Name: aws.String("Legacy")})
	if err != nil {
		t.Fatal(err)
	}
	unitID := aws.ToString(unit.OrganizationalUnit.Id)
	made, err := org.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("legacy-1"), Email: aws.String("legacy-1@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	accountID := aws.ToString(made.CreateAccountStatus.AccountId)
	if _, err := org.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &accountID, SourceParentId: roots.Roots[0].Id, DestinationParentId: &unitID}); err != nil {
		t.Fatal(err)
	}

	c := stacksets.New(cfg, stacksets.Options{Management: management})
	if all, err := c.Instances(ctx); err != nil || len(all) > 0 {
		// moto: ListStackInstances of a stack set that there is not answers with another code than AWS.
		t.Logf("instances of a stack set that there is not: %v, %v", all, err)
	}
	ready(t, c)
	ready(t, c)
	if err := c.Plant(ctx, "role-1", accountID, unitID); err != nil {
		t.Fatal(err)
	}
	// moto makes up an id for the operation instead of taking ours, ends it at once, and answers ValidationError for one that
	// it does not know, where AWS answers OperationNotFoundException.
	if _, err := c.Operation(ctx, "role-1", accountID); awstest.Verdict(err) != "V2053" {
		t.Errorf("moto knows our operation now (%v): the test can be stricter", err)
	}
	all, err := cloudformation.NewFromConfig(cfg).ListStackSetOperations(ctx, &cloudformation.ListStackSetOperationsInput{StackSetName: aws.String(stacksets.Name)})
	if err != nil || len(all.Summaries) != 1 {
		t.Fatalf("operations %+v, %v", all, err)
	}
	o, err := c.Operation(ctx, aws.ToString(all.Summaries[0].OperationId), accountID)
	if err != nil || !o.Known || !o.Ended || o.Status != "SUCCEEDED" {
		t.Errorf("operation %+v, %v", o, err)
	}
	there, found, err := c.Instance(ctx, accountID)
	if err != nil || !found || there.Status != "CURRENT" || there.AccountID != accountID || there.ParentID != "" && there.ParentID != unitID {
		t.Errorf("instance %+v, %v, %v", there, found, err)
	}
	if !there.InPlace() {
		t.Errorf("instance %+v is not in place", there)
	}
}

// trusting answers DescribeOrganizationsAccess, which moto does not implement, and lets everything else through.
type trusting struct{ next http.RoundTripper }

func (r trusting) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		var body bytes.Buffer
		if _, err := body.ReadFrom(request.Body); err != nil {
			return nil, err
		}
		if bytes.Contains(body.Bytes(), []byte("Action=DescribeOrganizationsAccess")) {
			answer := &awstest.Transport{Answer: func(string, map[string]any) (any, error) {
				return `<DescribeOrganizationsAccessResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeOrganizationsAccessResult>` +
					`<Status>ENABLED</Status></DescribeOrganizationsAccessResult></DescribeOrganizationsAccessResponse>`, nil
			}}
			request.Body = nil
			return answer.RoundTrip(request)
		}
		request.Body = http.NoBody
		if body.Len() > 0 {
			request.Body = readCloser{&body}
		}
	}
	return r.next.RoundTrip(request)
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }

// moto starts a server on a loopback port, and ends it with the test.
func moto(t *testing.T) aws.Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, "python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatalf("start moto (pip install 'moto[server]'): %v", err)
	}
	t.Cleanup(func() { stop(); _ = server.Wait() })
	address := fmt.Sprintf("127.0.0.1:%d", port)
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			break
		}
		if time.Since(began) > time.Minute {
			stop()
			_ = server.Wait()
			t.Fatalf("moto does not listen:\n%s", said.String())
		}
	}
	cfg := awstest.Config(trusting{http.DefaultTransport})
	cfg.BaseEndpoint = aws.String("http://" + address)
	return cfg
}
