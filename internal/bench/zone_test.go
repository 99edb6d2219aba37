//go:build bench

package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/worker"
)

// What a large customer has: groups that rows ask for, and organizational units.
const (
	groups = 50
	units  = 30
)

func groupName(i int) string { return fmt.Sprintf("Team %02d", i%groups) }
func unitName(i int) string  { return fmt.Sprintf("Unit %02d", i%units) }

// accountList is a list of so many new accounts, with two assignments each.
func accountList(rows int) string {
	var b strings.Builder
	b.WriteString("AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Status,AccountId,ErrorMsg,Assignments\n")
	for i := range rows {
		fmt.Fprintf(&b, "bench-%06d,owner@example.com,bench-%06d@example.com,Olivia,Owner,%s,,,,AWSReadOnlyAccess/%s; AdministratorAccess/%s\n",
			i, i, unitName(i), groupName(i), groupName(i+7))
	}
	return b.String()
}

// landingZone is a world file with so many accounts in its units, and quotas that let many more come.
func landingZone(t testing.TB, accounts int) []byte {
	t.Helper()
	type object = map[string]any
	all := make([]object, units)
	for i := range units {
		var members []object
		for j := i; j < accounts; j += units {
			members = append(members, object{"name": fmt.Sprintf("there-%06d", j), "email": fmt.Sprintf("there-%06d@example.com", j)})
		}
		all[i] = object{"name": unitName(i), "registered": true, "accounts": members}
	}
	people := make([]object, groups)
	for i := range groups {
		people[i] = object{"name": groupName(i)}
	}
	file, err := json.Marshal(object{
		"managementAccount": object{"id": "111111111111", "email": "aws-management@example.com", "name": "Management"},
		"region":            enginetest.Region,
		"quotas":            object{"accounts": 100_000, "concurrentAccountOperations": 5},
		"timing":            object{"provision": "25m", "assignment": "5s", "stackSet": "30s", "eventDelay": "2s", "indexLag": "200ms"},
		"assumptions":       object{},
		"root":              object{"organizationalUnits": all},
		"identityCenter": object{
			"groups": people, "users": []object{}, "assignments": []object{},
			"permissionSets": []object{{"name": "AWSAdministratorAccess"}, {"name": "AWSReadOnlyAccess"}, {"name": "AdministratorAccess"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// tally counts the calls of one process, and gives each its latency.
type tally struct {
	next    http.RoundTripper
	latency time.Duration
	end     func(operation string) bool // whether nothing is counted from this call on; nil: never

	mu    sync.Mutex
	calls map[string]int
	bytes int64 // of answers of DynamoDB
	over  bool
}

// operation is what a request asks for, as the sandbox names it but for S3, where the method has to do.
func operation(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	parts := strings.Split(scope, "/")
	service := "unknown"
	if len(parts) > 3 {
		service = parts[3]
	}
	target := r.Header.Get("X-Amz-Target")
	if target == "" {
		return service + "." + r.Method
	}
	return service + target[strings.LastIndex(target, "."):]
}

// RoundTrip sends a call.
func (c *tally) RoundTrip(r *http.Request) (*http.Response, error) {
	name := operation(r)
	c.mu.Lock()
	c.over = c.over || c.end != nil && c.end(name)
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	if !c.over {
		c.calls[name]++
	}
	c.mu.Unlock()
	if c.latency > 0 {
		time.Sleep(c.latency)
	}
	response, err := c.next.RoundTrip(r)
	if err == nil && strings.HasPrefix(name, "dynamodb.") {
		c.mu.Lock()
		c.bytes += max(0, response.ContentLength)
		c.mu.Unlock()
	}
	return response, err
}

// take gives what was counted, and begins anew.
func (c *tally) take() (calls map[string]int, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls, bytes = c.calls, c.bytes
	c.calls, c.bytes = map[string]int{}, 0
	return calls, bytes
}

// of leaves only the calls of some services or operations.
func of(calls map[string]int, names ...string) map[string]int {
	out := maps.Clone(calls)
	maps.DeleteFunc(out, func(call string, _ int) bool {
		for _, name := range names {
			if call == name || strings.HasPrefix(call, name+".") {
				return false
			}
		}
		return true
	})
	return out
}

func sum(calls map[string]int) int {
	n := 0
	for _, c := range calls {
		n += c
	}
	return n
}

// open opens the pipeline of a zone for a process that calls through transport.
func open(t testing.TB, z *enginetest.Zone, transport http.RoundTripper) *engine.Engine {
	t.Helper()
	e, err := z.Engine(t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// upload puts a list of new accounts into the bucket of a zone.
func upload(t testing.TB, z *enginetest.Zone, rows int) {
	t.Helper()
	if _, err := open(t, z, nil).Upload(t.Context(), "accounts.csv", []byte(accountList(rows))); err != nil {
		t.Fatal(err)
	}
}

// takeIn lets a worker take in what was uploaded, and nothing else: it is told to stop when it turns to its inbox. It
// returns the calls, and how long that took.
func takeIn(t testing.TB, z *enginetest.Zone, next http.RoundTripper, options ...func(*middleware.Stack) error) (map[string]int, time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var took time.Duration
	began := time.Now()
	counted := &tally{next: next, end: func(operation string) bool {
		if operation != "sqs.ReceiveMessage" {
			return false
		}
		took = time.Since(began)
		stop()
		return true
	}}
	cfg := z.AWS(counted)
	cfg.APIOptions = append(cfg.APIOptions, options...)
	e, err := engine.Open(ctx, z.Config, engine.Options{AWS: cfg})
	if err != nil {
		t.Fatal(err)
	}
	began = time.Now()
	if err := e.Work(ctx, worker.Options{Once: true}); err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	calls, _ := counted.take()
	return calls, took
}

// work lets one worker work until the options say that it is done.
func work(t testing.TB, z *enginetest.Zone, transport http.RoundTripper, o worker.Options) {
	t.Helper()
	if err := open(t, z, transport).Work(t.Context(), o); err != nil && !errors.Is(err, worker.ErrPending) {
		t.Fatal(err)
	}
}

// environ leads the real command to a zone.
func environ(z *enginetest.Zone) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + z.URL, "AWS_REGION=" + enginetest.Region, "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench",
		"AWS_EC2_METADATA_DISABLED=true",
		"VEND_BUCKET=" + z.Config.Bucket, "VEND_TABLE=" + z.Config.Table, "VEND_QUEUE_URL=" + z.Config.QueueURL,
		"VEND_IDENTITY_CENTER_CALLS_PER_SECOND=1000", // the sandbox is as fast as that
	}
}
