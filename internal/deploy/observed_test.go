package deploy_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	vend "github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/sandbox"
	work "github.com/vend-cli/vend/internal/worker"
	"github.com/vend-cli/vend/samples"
)

// spelt are the services as the SDK calls its modules, where they sign their requests otherwise.
var spelt = strings.NewReplacer("sso.", "ssoadmin.", "events.", "eventbridge.")

// inside are the services that are asked inside a member account, with the role that was assumed there.
var inside = []string{"config.", "iam.", "ec2.", "logs.", "cloudformation.ListStacks", "sns.ListTopics"}

// TestTheWorkerMayDoWhatItIsSeenToDo lets a worker make accounts and enroll others, fail one and assign permission sets, and
// holds each operation that AWS was asked for against what the table of uses says of the worker's role: so the table is not only
// what somebody has read out of the code.
func TestTheWorkerMayDoWhatItIsSeenToDo(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{})
		e, err := z.Engine(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string][]byte{"accounts.csv": samples.Accounts, "enroll.csv": samples.Enroll} {
			if _, err := e.Upload(t.Context(), name, content); err != nil {
				t.Fatal(err)
			}
		}
		var mu sync.Mutex
		z.Sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			mu.Lock()
			defer mu.Unlock()
			seen[spelt.Replace(r.Operation)] = true
			return sandbox.Verdict{}
		})
		if err := e.Work(t.Context(), work.Options{UntilIdle: true}); err != nil {
			t.Fatal(err)
		}
		z.Sandbox.Intercept(nil)
		o, err := e.Overview(t.Context(), queue.Filter{All: true})
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		for _, r := range o.Requests {
			if r.Stage == vend.Done {
				done++
			}
		}
		if done < 5 {
			t.Errorf("only %d requests are done: %+v", done, o.Requests)
		}
	})
	if len(seen) < 30 {
		t.Errorf("the worker is seen to call only %q", slices.Sorted(maps.Keys(seen)))
	}
	for _, op := range slices.Sorted(maps.Keys(seen)) {
		if slices.ContainsFunc(inside, func(prefix string) bool { return strings.HasPrefix(op, prefix) }) || op == "sts.GetCallerIdentity" {
			continue
		}
		isWorker := func(u use) bool { return slices.Contains(u.roles, worker) }
		if !isWorker(uses[op]) && !slices.ContainsFunc(places[op], isWorker) {
			t.Errorf("the worker calls %s, and its role does not", op)
		}
	}
}
