package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/sandbox"
)

// long is a list of n rows; every tenth one is bad.
func long(n int) string {
	var rows strings.Builder
	rows.WriteString("AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,Assignments\n")
	for i := range n {
		unit := "Workloads/Dev"
		if i%10 == 9 {
			unit = "Nowhere"
		}
		fmt.Fprintf(&rows, "account-%d,owner@example.com,account-%d@example.com,Olivia,Owner,%s,AWSReadOnlyAccess/Auditors; AdministratorAccess/Nobody yet\n", i, i, unit)
	}
	return rows.String()
}

// complete holds a read batch of long(n) against the table.
func (h *house) complete(id string, n int) {
	h.t.Helper()
	lines := map[int]int{}
	for _, row := range h.rows(id) {
		lines[row.Line]++
		want := account.Added
		if row.Line%10 == 1 {
			want = account.RowRefused
		}
		if row.Disposition != want {
			h.t.Errorf("row %d is %s, want %s: %+v", row.Line, row.Disposition, want, row.Failure)
		}
	}
	for line := 2; line < n+2; line++ {
		if lines[line] != 1 {
			h.t.Errorf("row %d is there %d times", line, lines[line])
		}
	}
	b := h.batch(id)
	want := map[account.Stage]int{account.Queued: n - n/10, account.Rejected: n / 10}
	if diff := cmp.Diff(want, b.Summary); diff != "" || b.Rows != n || b.State != account.BatchOpen || len(lines) != n {
		h.t.Errorf("the batch is %+v with %d rows, -want +got:\n%s", b, len(lines), diff)
	}
}

// The cost of a long list: two full transactions for 98 rows, and nothing asked of the organization or of Identity Center
// for a row. Rows a transaction cannot be more than 49: each is a row and a request, and two counters count them all.
func TestTheCostOfALongList(t *testing.T) {
	t.Parallel()
	governance := map[int]map[string]int{}
	for _, n := range []int{100, longList} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			u := h.put("incoming/x.csv", long(n))
			before, _ := h.box.Calls()
			h.announce(u)
			after, _ := h.box.Calls()
			h.complete(batchOf(u), n)
			writes := 0
			governance[n] = map[string]int{}
			for operation, calls := range after {
				calls -= before[operation]
				switch service, name, _ := strings.Cut(operation, "."); {
				case calls == 0:
				case service == "dynamodb" && (strings.HasPrefix(name, "Put") || strings.HasPrefix(name, "Update") || strings.HasPrefix(name, "Transact") || strings.HasPrefix(name, "Delete")):
					writes += calls
				case service != "dynamodb" && service != "s3":
					governance[n][operation] = calls
				}
			}
			if most := n/99 + n/100 + 20; writes > most {
				t.Errorf("%d rows take %d writes, want at most %d", n, writes, most)
			}
			if calls := after["s3.GetObject"] - before["s3.GetObject"]; calls != 2 {
				t.Errorf("the list is fetched %d times, want one look and one reading", calls)
			}
		})
	}
	if diff := cmp.Diff(governance[100], governance[longList]); diff != "" || len(governance[100]) == 0 {
		t.Errorf("calls for 100 rows and for %d, -few +many:\n%s", longList, diff)
	}
}

// A list that crosses a bound, or is no list at all, is refused whole: no row of it is acted on, and its answer says why.
func TestListsThatAreRefusedWhole(t *testing.T) {
	t.Parallel()
	header, _, _ := strings.Cut(three, "\n")
	for name, test := range map[string]struct {
		content, code, says string
	}{
		"one row too many":           {short(tooLong), account.CodeTooManyRows, "x.csv:200002:1: "},
		"an empty file":              {"", account.CodeEmpty, "x.csv:1:1: "},
		"no rows":                    {header + "\n\n", account.CodeNoRows, "x.csv:"},
		"a workbook":                 {"PK\x03\x04" + three, account.CodeNotCSV, "x.csv:1:1: "},
		"a web page":                 {"<!DOCTYPE html><html>" + three, account.CodeNotCSV, "x.csv:1:1: "},
		"no header":                  {"a,b,c\n1,2,3\n", account.CodeNoHeader, "x.csv:1:1: "},
		"an unknown column":          {strings.Replace(three, "Assignments", "Asignments", 1), account.CodeColumnUnknown, "x.csv:1:80: "},
		"two columns that are wrong": {strings.NewReplacer("Assignments", "Asignments", "Tags", "Tgas").Replace(three), account.CodeColumnUnknown, "Tgas"},
		"a column twice":             {strings.Replace(three, "Tags", "OrgUnit", 1), account.CodeColumnTwice, "x.csv:1:92: "},
		"a column missing":           {"AccountName,SSOUserEmail\na,b\n", account.CodeColumnMissing, "x.csv:1:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if test.code == account.CodeTooManyRows && tooLong == 0 {
					return // too slow under the race detector, and of no use to it
				}
				h := newHouse(t)
				u := h.put("incoming/team/x.csv", test.content)
				h.announce(u)
				id := batchOf(u)
				b := h.batch(id)
				if b.Failure == nil || b.Failure.Code != test.code || b.Failure.Class != account.ClassTerminal {
					t.Fatalf("the batch ends with %+v, want %s", b.Failure, test.code)
				}
				if rows := h.rows(id); len(rows) != 0 {
					t.Errorf("%d rows were acted on", len(rows))
				}
				h.settle(id)
				if b := h.batch(id); b.State != account.BatchFinished {
					t.Errorf("the batch is %s", b.State)
				}
				answer := h.content("results/team/x.csv.problems.txt")
				for _, says := range []string{test.code, test.says, "s3://lists/incoming/team/x.csv"} {
					if !strings.Contains(answer, says) {
						t.Errorf("the answer does not say %q:\n%.2000s", says, answer)
					}
				}
				if h.content("results/team/x.csv") != "" {
					t.Error("there are results of no rows")
				}
				if n := h.sweep(); n != 0 {
					t.Errorf("the sweep takes its answer for %d uploads", n)
				}
			})
		})
	}
}

// short is a list of n rows that are as short as they can be.
func short(n int) string {
	var rows strings.Builder
	rows.WriteString("AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit\n")
	for i := range n {
		fmt.Fprintf(&rows, "a,u@x.io,%d@x.io,a,b,Sandbox\n", i)
	}
	return rows.String()
}

// mortal is the network of a process that dies at its nth call: before its effect, or after it and before the answer.
type mortal struct {
	next  http.RoundTripper
	die   context.CancelFunc
	after bool

	mu   sync.Mutex
	left int
}

var errDead = errors.New("the process is dead")

func (m *mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	m.left--
	left := m.left
	m.mu.Unlock()
	if left < 0 || left == 0 && !m.after {
		m.die()
		return nil, errDead
	}
	response, err := m.next.RoundTrip(r)
	if left == 0 {
		m.die()
		return nil, errDead
	}
	return response, err
}

// A reader dies at any of its calls, and another one goes on: no row is lost, and none is there twice. The same with a list
// that was handed in with a plan: what is written of it is not held against the plan again.
func TestAReaderDies(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	const n = 110
	for name, put := range map[string]func(*house) account.Upload{
		"without a plan": func(h *house) account.Upload { return h.put("incoming/x.csv", long(n)) },
		"with a plan": func(h *house) account.Upload {
			content := long(n)
			return h.putPlanned("incoming/x.csv", content, h.plan(content))
		},
	} {
		calls := 0
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t)
			u := put(h)
			network := &mortal{next: h.box.RoundTripper(), left: 1 << 30}
			if err := h.readerOver(network).Announce(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			calls = 1<<30 - network.left
		})
		for call := 1; call <= calls; call++ {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, call %d of %d, after its effect: %t", name, call, calls, after), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						h := newHouse(t)
						u := put(h)
						ctx, die := context.WithCancel(t.Context())
						defer die()
						network := &mortal{next: h.box.RoundTripper(), left: call, after: after, die: die}
						if err := h.readerOver(network).Announce(ctx, u); err == nil && call < calls {
							t.Error("a dead reader has read it")
						}
						time.Sleep(2 * lease)
						h.sweep()
						h.finish(batchOf(u))
						h.complete(batchOf(u), n)
					})
				})
			}
		}
	}
}

// A process that is told to stop leaves its batch to the next one at once.
func TestAReaderThatIsToldToStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		u := h.put("incoming/x.csv", long(250))
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		written := 0
		h.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "dynamodb.TransactWriteItems" && r.Done {
				if written++; written == 3 {
					stop()
				}
			}
			return sandbox.Verdict{}
		})
		if err := h.reader().Announce(ctx, u); !errors.Is(err, context.Canceled) {
			t.Errorf("Announce: %v", err)
		}
		if n := len(h.rows(batchOf(u))); n == 0 || n == 250 {
			t.Errorf("%d rows are written", n)
		}
		time.Sleep(2 * time.Second)
		if _, err := h.reader().Continue(t.Context(), batchOf(u)); err != nil {
			t.Fatalf("two seconds later: %v", err)
		}
		h.complete(batchOf(u), 250)
	})
}

// A reader that was frozen between two of its writes wakes up when another one is through: it writes nothing twice.
func TestTwoReadersAtOnce(t *testing.T) {
	t.Parallel()
	for _, frozenAt := range []int{2, 4, 7} { // its writes
		t.Run(fmt.Sprintf("frozen at write %d", frozenAt), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				u := h.put("incoming/x.csv", long(250))
				writes := 0
				freezing := roundTrip(func(r *http.Request) (*http.Response, error) {
					if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
						if writes++; writes == frozenAt {
							time.Sleep(3 * lease) // less than a signature lives
						}
					}
					return h.box.RoundTripper().RoundTrip(r)
				})
				done := make(chan error)
				go func() { done <- h.readerOver(freezing).Announce(t.Context(), u) }()
				time.Sleep(lease + 5*time.Second)
				h.finish(batchOf(u))
				if err := <-done; err != nil {
					t.Errorf("the frozen reader: %v", err)
				}
				h.complete(batchOf(u), 250)
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A list that takes longer than a lease keeps its claim.
func TestAListThatTakesLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		u := h.put("incoming/x.csv", long(400))
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			time.Sleep(5 * time.Second)
			return h.box.RoundTripper().RoundTrip(r)
		})
		done := make(chan error)
		began := time.Now()
		go func() { done <- h.readerOver(slow).Announce(t.Context(), u) }()
		for range 10 {
			time.Sleep(20 * time.Second)
			if _, err := h.reader().Continue(t.Context(), batchOf(u)); err == nil {
				t.Fatal("somebody else could take it over")
			}
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 2*lease {
			t.Errorf("it took %v only", took)
		}
		h.complete(batchOf(u), 400)
	})
}

// While rows are decided, requests change: what was decided on old news is decided again.
func TestRequestsChangeMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.upload("incoming/old.csv", list("two,two@example.com,Sandbox", "one,one@example.com,Sandbox"))
		time.Sleep(2 * time.Second)
		u := h.put("incoming/x.csv", list("one,one@example.com,Workloads/Dev", "two,two@example.com,Workloads/Dev", "new,new@example.com,Workloads/Dev"))
		looks := 0
		h.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation != "dynamodb.BatchGetItem" || !r.Done {
				return sandbox.Verdict{}
			}
			switch looks++; looks {
			case 1: // one is cancelled right after it was looked at
				h.move("one@example.com", func(r *account.Request) { r.Stage = account.Cancelled })
			case 2: // two is begun after the second look
				h.move("two@example.com", func(r *account.Request) { r.Stage, r.Slot = account.Provisioning, true })
			}
			return sandbox.Verdict{}
		})
		h.announce(u)
		if diff := cmp.Diff([]string{"2 changed", "3 not applied V2031", "4 added"}, h.dispositions(batchOf(u))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if r := h.request("one@example.com"); r.Stage != account.Queued || r.Unit.Path != "Workloads/Dev" {
			t.Errorf("one is %+v", r)
		}
	})
}

// withoutRacing leaves a test to the run without the race detector.
func withoutRacing(t *testing.T) {
	t.Helper()
	if racing {
		t.Skip("one reader after the other, at each of its calls, races nothing; make test runs it without the race detector")
	}
}
