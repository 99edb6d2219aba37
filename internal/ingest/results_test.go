package ingest_test

import (
	"encoding/csv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/sandbox"
)

// results are Status, AccountId and ErrorMsg of each row of a results file, and its other cells.
func (h *house) results(key string) (outcome, rest []string) {
	h.t.Helper()
	records, err := csv.NewReader(strings.NewReader(h.content(key))).ReadAll()
	if err != nil {
		h.t.Fatalf("read %s: %v", key, err)
	}
	if len(records) == 0 {
		return nil, nil
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	for _, r := range records[1:] {
		outcome = append(outcome, strings.TrimSpace(r[column["Status"]]+" "+r[column["AccountId"]]+" "+r[column["ErrorMsg"]]))
		rest = append(rest, r[column["AccountName"]]+" "+r[column["OrgUnit"]])
	}
	return outcome, rest
}

func TestResults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		id := h.upload("incoming/team/x.csv", list(
			"one,one@example.com,Workloads/Dev", "two,two@example.com,Workloads/Prod", "=three(),three@example.com,Sandbox",
			"four,four@example.com,Nowhere", "five,five@example.com,Sandbox",
		))
		h.proceed(id)
		own, newest := "results/"+id+"/x.csv", "results/team/x.csv"
		rejected := `rejected  V1401: 5:54: OrgUnit: No organizational unit "Nowhere" (write the path of a unit that exists, like Workloads/Prod)`
		for _, key := range []string{own, newest} {
			outcome, rest := h.results(key)
			if diff := cmp.Diff([]string{"queued", "queued", "queued", rejected, "queued"}, outcome); diff != "" {
				t.Errorf("%s, -want +got:\n%s", key, diff)
			}
			if diff := cmp.Diff([]string{"one Workloads/Dev", "two Workloads/Prod", "'=three() Sandbox", "four Nowhere", "five Sandbox"}, rest); diff != "" {
				t.Errorf("%s, the rest, -want +got:\n%s", key, diff)
			}
		}
		h.move("one@example.com", func(r *account.Request) { r.Stage, r.Slot = account.Provisioning, true })
		h.move("one@example.com", func(r *account.Request) { r.Stage, r.Slot, r.AccountID = account.Assigning, false, "333333333333" })
		h.move("one@example.com", func(r *account.Request) { r.Stage = account.Done })
		h.move("two@example.com", func(r *account.Request) {
			r.Stage, r.Failure = account.Failed, &account.Failure{Code: "V2001", Message: "in use", AWSMessage: "=EmailAlreadyExists", Hint: "choose another"}
		})
		h.move("three@example.com", func(r *account.Request) { r.Stage = account.Cancelled })
		h.move("five@example.com", func(r *account.Request) {
			r.Stage, r.Failure = account.Failed, &account.Failure{Code: "V2011", Message: "no"}
		})
		h.settle(id)
		want := []string{
			"done 333333333333", "failed  V2001: in use: =EmailAlreadyExists (choose another)", "cancelled", rejected, "failed  V2011: no",
		}
		for _, key := range []string{own, newest} {
			outcome, _ := h.results(key)
			if diff := cmp.Diff(want, outcome); diff != "" {
				t.Errorf("%s at the end, -want +got:\n%s", key, diff)
			}
		}
		b := h.batch(id)
		if b.State != account.BatchFinished || b.FinishedAt.IsZero() || b.Rows != 5 {
			t.Errorf("the batch ends as %+v", b)
		}

		// What is resumed opens its batch again.
		h.move("five@example.com", func(r *account.Request) { r.Stage, r.Failure = account.Queued, nil })
		h.proceed(id)
		if b := h.batch(id); b.State != account.BatchOpen || !b.FinishedAt.IsZero() {
			t.Errorf("after a resume the batch is %+v", b)
		}
		h.move("five@example.com", func(r *account.Request) { r.Stage = account.Cancelled })
		h.settle(id)
		if outcome, _ := h.results(own); outcome[4] != "cancelled" {
			t.Errorf("in the end row six is %s", outcome[4])
		}
	})
}

func TestResultsAreWrittenSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.settings.ResultsInterval = account.Duration(30 * time.Second)
		var rows []string
		for _, name := range strings.Split("abcdefghijklmnopqrst", "") {
			rows = append(rows, name+","+name+"@example.com,Sandbox")
		}
		id := h.upload("incoming/x.csv", list(rows...))
		// A request fails each three seconds, and whoever is due is attended to at once.
		began := time.Now()
		for i := range rows {
			h.move(rows[i][:1]+"@example.com", func(r *account.Request) { r.Stage = account.Failed })
			for range 3 {
				time.Sleep(time.Second)
				due, _, err := h.queue.Due(t.Context(), 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range due {
					if d.ID != id {
						continue
					}
					if _, err := h.reader().Continue(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		h.settle(id)
		took := time.Since(began)
		if n := h.versions("results/x.csv"); n < 3 || n > int(took/(30*time.Second))+2 {
			t.Errorf("in %v the results were written %d times", took, n)
		}
		outcome, _ := h.results("results/x.csv")
		for i, o := range outcome {
			if o != "failed" {
				t.Errorf("row %d ends as %q", i+2, o)
			}
		}
		// Nobody has changed anything: nothing is written.
		n := h.versions("results/x.csv")
		time.Sleep(time.Hour)
		h.settle(id)
		if again := h.versions("results/x.csv"); again != n {
			t.Errorf("a finished batch writes its results %d times more", again-n)
		}
	})
}

// Whoever moved the last request may have died before it told the batch: the batch looks by itself.
func TestABatchThatNobodyTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		id := h.upload("incoming/x.csv", list("one,one@example.com,Sandbox"))
		h.proceed(id)
		claim, err := h.queue.Take(t.Context(), account.ID("one@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		next := claim.Request
		next.Stage = account.Failed
		if _, err := h.queue.Save(t.Context(), claim, next, account.Release{Rest: true}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		h.settle(id)
		if took := time.Since(began); h.batch(id).State != account.BatchFinished || took > 16*time.Minute {
			t.Errorf("after %v the batch is %s", took, h.batch(id).State)
		}
	})
}

// A wake that comes while the results are written is not lost, though the batch was about to be finished.
func TestABatchThatIsWokenWhileItIsFinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		id := h.upload("incoming/x.csv", list("one,one@example.com,Sandbox"))
		h.move("one@example.com", func(r *account.Request) { r.Stage = account.Failed })
		resumed := false
		h.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "s3.PutObject" && r.Done && !resumed {
				resumed = true
				h.move("one@example.com", func(r *account.Request) { r.Stage = account.Queued })
			}
			return sandbox.Verdict{}
		})
		h.proceed(id)
		h.proceed(id)
		if b := h.batch(id); b.State != account.BatchOpen {
			t.Errorf("the batch is %s, and its request is queued again", b.State)
		}
	})
}

// The results beside the upload are those of its newest version, also while the requests are an older version's.
func TestResultsOfTheNewestVersion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		first := h.upload("incoming/x.csv", list("one,one@example.com,Sandbox", "two,two@example.com,Sandbox"))
		second := h.upload("incoming/x.csv", list("two,two@example.com,Sandbox"))
		h.proceed(first)
		h.settle(second) // nothing of it is open
		if outcome, rest := h.results("results/x.csv"); len(rest) != 1 || outcome[0] != "queued" {
			t.Errorf("results of the newest version: %v %v", outcome, rest)
		}
		h.move("two@example.com", func(r *account.Request) { r.Stage, r.Slot = account.Provisioning, true })
		h.move("two@example.com", func(r *account.Request) { r.Stage, r.Slot, r.AccountID = account.Assigning, false, "333333333333" })
		h.move("two@example.com", func(r *account.Request) { r.Stage = account.Done })
		h.move("one@example.com", func(r *account.Request) { r.Stage = account.Failed })
		h.settle(first)
		h.settle(second)
		if outcome, rest := h.results("results/x.csv"); len(rest) != 1 || outcome[0] != "done 333333333333" {
			t.Errorf("in the end: %v %v", outcome, rest)
		}
		for id, want := range map[string][]string{first: {"failed", "done 333333333333"}, second: {"done 333333333333"}} {
			outcome, _ := h.results("results/" + id + "/x.csv")
			if diff := cmp.Diff(want, outcome); diff != "" {
				t.Errorf("results of %s, -want +got:\n%s", id, diff)
			}
		}
	})
}

// A batch whose object is gone ends all the same.
func TestResultsOfAnUploadThatIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		u := h.put("incoming/x.csv", list("one,one@example.com,Sandbox"))
		h.announce(u)
		if _, err := h.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("lists"), Key: &u.Key, VersionId: &u.Version}); err != nil {
			t.Fatal(err)
		}
		h.move("one@example.com", func(r *account.Request) { r.Stage = account.Failed })
		h.settle(batchOf(u))
		if b := h.batch(batchOf(u)); b.State != account.BatchFinished {
			t.Errorf("the batch is %s", b.State)
		}
	})
}

// A process that was frozen while it wrote results wakes up after another one has finished the batch: what it leaves behind
// is put right.
func TestResultsOfAFrozenProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		id := h.upload("incoming/x.csv", list("one,one@example.com,Sandbox"))
		time.Sleep(2 * time.Second)
		var puts atomic.Int64
		h.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == "s3.PutObject" && !r.Done {
				if puts.Add(1) == 2 { // the one beside the upload
					time.Sleep(2 * lease)
				}
			}
			return sandbox.Verdict{}
		})
		done := make(chan error)
		go func() {
			_, err := h.reader().Continue(t.Context(), id)
			done <- err
		}()
		time.Sleep(lease + 10*time.Second)
		h.move("one@example.com", func(r *account.Request) { r.Stage = account.Failed })
		h.settle(id)
		if err := <-done; err == nil {
			t.Error("the frozen process saves")
		}
		if outcome, _ := h.results("results/x.csv"); outcome[0] != "queued" {
			t.Fatalf("the frozen process has written %v: the test tests nothing", outcome)
		}
		h.settle(id)
		if outcome, _ := h.results("results/x.csv"); outcome[0] != "failed" {
			t.Errorf("in the end the row is %s", outcome[0])
		}
	})
}
