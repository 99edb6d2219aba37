package ingest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/ingest"
	"github.com/vend-cli/vend/internal/sandbox"
)

var three = list("one,one@example.com,Workloads/Dev", "two,two@example.com,Workloads/Prod", "three,three@example.com,Sandbox")

func TestWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.put("elsewhere/x.csv", three)
		h.put("incoming/folder/", "")
		u := h.put("incoming/x.csv", three)
		other := h.put("elsewhere/y.csv", three)
		for name, change := range map[string]func(*account.Upload){
			"another bucket":           func(u *account.Upload) { u.Bucket = "theirs" },
			"another folder":           func(u *account.Upload) { u.Key = "elsewhere/x.csv" },
			"a folder":                 func(u *account.Upload) { u.Key = "incoming/folder/" },
			"the folder itself":        func(u *account.Upload) { u.Key = "incoming/" },
			"nothing":                  func(u *account.Upload) { u.Key = "" },
			"results":                  func(u *account.Upload) { u.Key = "results/x.csv" },
			"a way out of the folder":  func(u *account.Upload) { u.Key, u.AlternativeKey = "out/x.csv", "elsewhere/x.csv" },
			"another bucket's reading": func(u *account.Upload) { u.Bucket, u.AlternativeKey = "theirs", u.Key },
		} {
			forged := u
			change(&forged)
			if err := h.reader().Announce(t.Context(), forged); !errors.Is(err, account.ErrForeign) {
				t.Errorf("%s: %v, want ErrForeign", name, err)
			}
		}
		for name, change := range map[string]func(*account.Upload){
			"an object that is gone":          func(u *account.Upload) { u.Key = "incoming/gone.csv" },
			"a version that was never there":  func(u *account.Upload) { u.Version = other.Version },
			"another folder than it was read": func(u *account.Upload) { u.Key, u.AlternativeKey = "incoming/gone.csv", "elsewhere/x.csv" },
		} {
			forged := u
			change(&forged)
			if err := h.reader().Announce(t.Context(), forged); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if open, err := h.queue.Open(t.Context()); err != nil || len(open.Batches) != 0 || len(open.Counts) != 0 {
			t.Errorf("they have done something: %+v, %v", open, err)
		}
	})
}

// A key that EventBridge may have encoded is found in either reading.
func TestAKeyInItsOtherReading(t *testing.T) {
	t.Parallel()
	for name, encoded := range map[string]string{"of a name": "incoming/new+accounts.csv", "of the folder, too": "incoming%2Fnew+accounts.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				u := h.put("incoming/new accounts.csv", three)
				id := batchOf(u)
				u.AlternativeKey, u.Key = u.Key, encoded
				h.announce(u)
				if rows := h.rows(id); len(rows) != 3 {
					t.Errorf("rows %+v", rows)
				}
			})
		})
	}
}

// The same object announced ten times, in several orders and by several processes, and found by the sweep, too.
func TestTenTimesTheSameObject(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{true, false} {
		t.Run(fmt.Sprintf("versions %t", keeps), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := unversioned(t)
				if keeps {
					h.keepVersions()
				}
				u := h.put("incoming/x.csv", three)
				for range 5 {
					go h.announce(u)
				}
				bare := u
				bare.Version, bare.Sequencer, bare.ETag = "", "", "" // an event that does not say which version
				go h.announce(bare)
				go h.sweep()
				time.Sleep(time.Minute)
				for range 5 {
					h.announce(u)
				}
				h.announce(bare)
				if n := h.sweep(); n != 0 {
					t.Errorf("the sweep finds %d", n)
				}
				open, err := h.queue.Open(t.Context())
				want := account.Open{Counts: map[account.Stage]int{account.Queued: 3}, Batches: []string{batchOf(u)}, Slots: account.Slots{Concurrency: 1}}
				if diff := cmp.Diff(want, open); err != nil || diff != "" {
					t.Errorf("error %v, -want +got:\n%s", err, diff)
				}
				if diff := cmp.Diff([]string{"2 added", "3 added", "4 added"}, h.dispositions(batchOf(u))); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestACopyUnderAnotherKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.upload("incoming/x.csv", three)
		time.Sleep(2 * time.Second)
		if _, err := h.s3().CopyObject(t.Context(), &s3.CopyObjectInput{
			Bucket: aws.String("lists"), Key: aws.String("incoming/copy.csv"), CopySource: aws.String("lists/incoming/x.csv"),
		}); err != nil {
			t.Fatal(err)
		}
		if n := h.sweep(); n != 1 {
			t.Errorf("the sweep finds %d uploads, want the copy", n)
		}
		open, err := h.queue.Open(t.Context())
		if err != nil || open.Counts[account.Queued] != 3 || len(open.Counts) != 1 || len(open.Batches) != 2 {
			t.Errorf("%+v, %v; want each row once", open, err)
		}
	})
}

// While a list is read its key is overwritten: what was begun is read to its end, as it was.
func TestOverwrittenWhileItIsRead(t *testing.T) {
	t.Parallel()
	other := list("other,other@example.com,Sandbox")
	for name, test := range map[string]struct {
		versions bool
		want     []string
		code     string
	}{
		"with versions":    {true, []string{"2 added", "3 added", "4 added"}, ""},
		"without versions": {false, nil, account.CodeGone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := unversioned(t)
				if test.versions {
					h.keepVersions()
				}
				u := h.put("incoming/x.csv", three)
				var second account.Upload
				gets := 0
				h.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
					if r.Operation == "s3.GetObject" && r.Done {
						if gets++; gets == 1 {
							second = h.put("incoming/x.csv", other)
						}
					}
					return sandbox.Verdict{}
				})
				h.announce(u)
				if diff := cmp.Diff(test.want, h.dispositions(batchOf(u))); diff != "" {
					t.Errorf("the first version, -want +got:\n%s", diff)
				}
				if f := h.batch(batchOf(u)).Failure; (f == nil) != (test.code == "") || f != nil && f.Code != test.code {
					t.Errorf("the first version ends with %+v", f)
				}
				h.announce(second)
				if diff := cmp.Diff([]string{"2 added"}, h.dispositions(batchOf(second))); diff != "" {
					t.Errorf("the second version, -want +got:\n%s", diff)
				}
				h.proceed(batchOf(u))
				h.proceed(batchOf(second))
			})
		})
	}
}

// An older version that arrives after a newer one never overrides it, however they were found, and however close they are.
func TestAnOlderVersionArrivesLater(t *testing.T) {
	t.Parallel()
	first := list("one,one@example.com,Workloads/Dev", "two,two@example.com,Sandbox")
	second := list("one,one@example.com,Workloads/Prod")
	for _, apart := range []time.Duration{time.Millisecond, 2 * time.Second} {
		for name, read := range map[string]func(h *house, older, newer account.Upload){
			"both by events":                func(h *house, o, n account.Upload) { h.announce(n); h.announce(o) },
			"the newer by the sweep":        func(h *house, o, _ account.Upload) { h.sweep(); h.announce(o) },
			"the newer without a sequencer": func(h *house, o, n account.Upload) { n.Sequencer = ""; h.announce(n); h.announce(o) },
			"the older without a sequencer": func(h *house, o, n account.Upload) { o.Sequencer = ""; h.announce(n); h.announce(o) },
			"in order":                      func(h *house, o, n account.Upload) { h.announce(o); h.announce(n) },
			"in order, the newer by the sweep": func(h *house, o, _ account.Upload) {
				h.announce(o)
				h.sweep()
			},
			"the newer again in between": func(h *house, o, n account.Upload) { h.announce(n); h.announce(o); h.announce(n); h.sweep() },
		} {
			t.Run(fmt.Sprintf("%s, %v apart", name, apart), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t)
					o := h.put("incoming/x.csv", first)
					time.Sleep(apart)
					n := h.put("incoming/x.csv", second)
					read(h, o, n)
					if r := h.request("one@example.com"); r.Unit.Path != "Workloads/Prod" {
						t.Errorf("one is to go into %s, want the newer version's Workloads/Prod", r.Unit.Path)
					}
					if r := h.request("two@example.com"); r.Stage != account.Queued {
						t.Errorf("two, of the older version only, is %+v", r)
					}
					open, err := h.queue.Open(t.Context())
					if err != nil || open.Counts[account.Queued] != 2 {
						t.Errorf("%+v, %v", open, err)
					}
				})
			})
		}
	}
}

// One that came in between, and arrives last, overrides neither of two that agree.
func TestAnUploadInBetweenArrivesLast(t *testing.T) {
	t.Parallel()
	for _, stage := range []account.Stage{account.Queued, account.Done} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				dev := list("one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors")
				h.upload("incoming/x.csv", dev)
				h.tamper("one@example.com", func(r *account.Request) {
					if r.Stage = stage; stage == account.Done {
						r.AccountID = "333333333333"
					}
				})
				time.Sleep(2 * time.Second)
				between := h.put("incoming/x.csv", list("one,one@example.com,Workloads/Prod,AdministratorAccess/Platform Team"))
				again := h.upload("incoming/x.csv", dev)
				h.announce(between)
				if diff := cmp.Diff([]string{"2 unchanged"}, h.dispositions(again)); diff != "" {
					t.Errorf("the newest, -want +got:\n%s", diff)
				}
				if diff := cmp.Diff([]string{"2 not applied V2033"}, h.dispositions(batchOf(between))); diff != "" {
					t.Errorf("the one in between, -want +got:\n%s", diff)
				}
				if r := h.request("one@example.com"); r.Unit.Path != "Workloads/Dev" || len(r.Assignments) != 1 || r.Stage != stage {
					t.Errorf("the request is %+v", r)
				}
			})
		})
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.put("incoming/", "")
		h.put("incoming/sub/", "")
		h.put("other/z.csv", list("z,z@example.com,Sandbox"))
		h.put("incoming/b.csv", list("one,one@example.com,Workloads/Dev"))
		time.Sleep(2 * time.Second)
		h.put("incoming/a.csv", list("one,one@example.com,Workloads/Prod"))
		deleted := h.put("incoming/deleted.csv", list("deleted,deleted@example.com,Sandbox"))
		if _, err := h.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("lists"), Key: &deleted.Key}); err != nil {
			t.Fatal(err)
		}
		if n := h.sweep(); n != 2 {
			t.Errorf("it finds %d", n)
		}
		if r := h.request("one@example.com"); r.Unit.Path != "Workloads/Prod" {
			t.Errorf("the later upload asks for Workloads/Prod, the request for %s", r.Unit.Path)
		}
		if n := h.sweep(); n != 0 {
			t.Errorf("the second time it finds %d", n)
		}
		calls, _ := h.box.Calls()
		h.sweep()
		after, _ := h.box.Calls()
		for operation, n := range after {
			if n -= calls[operation]; n > 1 || n == 1 && operation != "s3.ListObjectVersions" && operation != "dynamodb.BatchGetItem" {
				t.Errorf("a sweep that finds nothing calls %s %d times", operation, n)
			}
		}
	})
}

// An object that can't be read keeps no other upload back, and is not forgotten.
func TestASweepThatCanNotReadOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.put("incoming/a.csv", list("one,one@example.com,Workloads/Dev"))
		time.Sleep(2 * time.Second)
		h.put("incoming/b.csv", list("two,two@example.com,Workloads/Dev"))
		archived := true
		h.box.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if archived && r.Operation == "s3.GetObject" && strings.HasSuffix(r.HTTP.URL.Path, "/a.csv") && !r.Done {
				return sandbox.Verdict{Code: "InvalidObjectState", Status: 403}
			}
			return sandbox.Verdict{}
		})
		if n, err := h.reader().Sweep(t.Context()); n != 1 || err == nil {
			t.Errorf("Sweep = %d, %v; want the one that can be read, and an error", n, err)
		}
		archived = false
		if n := h.sweep(); n != 1 {
			t.Errorf("later it finds %d, want the other one", n)
		}
		if h.request("one@example.com").Stage != account.Queued || h.request("two@example.com").Stage != account.Queued {
			t.Error("a request is missing")
		}
	})
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	if ingest.Identity(account.Object{Version: "v", ETag: "e"}) == ingest.Identity(account.Object{ETag: "v"}) {
		t.Error("a version is taken for an ETag")
	}
}
