package ingest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

const (
	asIs     = "one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors,Owner=A; Cost=1"
	renamed  = "uno,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors,Owner=A; Cost=1"
	elsewhat = "one,one@example.com,Workloads/Prod,AWSReadOnlyAccess/Auditors,Owner=A; Cost=1"
	more     = "one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team,Owner=A; Cost=1"
	less     = "one,one@example.com,Workloads/Dev,,Owner=A; Cost=1"
	retagged = "one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors,Cost=2; Owner=A"
	untagged = "one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors"
	instead  = "one,one@example.com,Workloads/Prod,AdministratorAccess/Platform Team,Owner=A; Cost=1"
)

// The states in which an upload meets a request. Each begins as a request that is queued for the row asIs.
var states = map[string]func(*account.Request){
	"queued":             func(*account.Request) {},
	"queued with a slot": func(r *account.Request) { r.Slot = true },
	"provisioning": func(r *account.Request) {
		r.Stage, r.Slot, r.Order = account.Provisioning, true, account.Operation{Token: "t", RecordID: "rec-1"}
	},
	"waiting to begin again": func(r *account.Request) { r.Stage, r.Generation = account.Provisioning, 2 },
	"recovering":             func(r *account.Request) { r.Stage, r.AccountID = account.Recovering, "333333333333" },
	"assigning":              func(r *account.Request) { r.Stage, r.AccountID = account.Assigning, "333333333333" },
	"done": func(r *account.Request) {
		r.Stage, r.AccountID, r.Tagged = account.Done, "333333333333", true
		r.Order = account.Operation{Token: "t", RecordID: "rec-1"}
		r.FinishedAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range r.Assignments {
			r.Assignments[i].State = account.AssignmentDone
		}
	},
	"failed before an order": func(r *account.Request) {
		r.Stage, r.FailedStage, r.Failure = account.Failed, account.Provisioning, &account.Failure{Code: "V2001", Message: "in use"}
		r.Attempts, r.OrderUntil = 3, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	},
	"failed empty in its second generation": func(r *account.Request) {
		r.Stage, r.FailedStage, r.Failure, r.Generation = account.Failed, account.Provisioning, &account.Failure{Code: "V2011"}, 2
		r.Order = account.Operation{Token: "t2", RecordID: "rec-2", ProductID: "pp-2", Failed: true}
		r.Clearing = account.Operation{Token: "c2"}
	},
	"past its deadline": func(r *account.Request) {
		r.Stage, r.FailedStage, r.Failure, r.Slot = account.Failed, account.Provisioning, &account.Failure{Code: "V2005"}, true
		r.Order = account.Operation{Token: "t", RecordID: "rec-1"}
	},
	"failed with an account": func(r *account.Request) {
		r.Stage, r.FailedStage, r.Failure, r.Generation = account.Failed, account.Provisioning, &account.Failure{Code: "V2004"}, 2
		r.AccountID, r.Order = "333333333333", account.Operation{Token: "t", RecordID: "rec-2", Failed: true}
	},
	"failed with somebody else's account": func(r *account.Request) {
		r.Stage, r.FailedStage, r.Failure = account.Failed, account.Provisioning, &account.Failure{Code: "V2003"}
		r.AccountID, r.Order = "333333333333", account.Operation{Token: "t", RecordID: "rec-1"}
	},
	"failed in preparing after its product was cleared": func(r *account.Request) {
		r.Stage, r.FailedStage, r.Failure, r.Generation = account.Failed, account.Preparing, &account.Failure{Code: "V2016"}, 3
		r.AccountID = "333333333333"
	},
	"failed in assigning": failedInAssigning,
	"cancelled":           func(r *account.Request) { r.Stage, r.Generation = account.Cancelled, 4 },
	"cancelled after it had failed in assigning": func(r *account.Request) {
		failedInAssigning(r)
		r.Stage = account.Cancelled
	},
	"cancelled with an account": func(r *account.Request) {
		r.Stage, r.FailedStage, r.Failure = account.Cancelled, account.Provisioning, &account.Failure{Code: "V2004"}
		r.AccountID, r.Order = "333333333333", account.Operation{Token: "t", RecordID: "rec-2", Failed: true}
	},
}

func failedInAssigning(r *account.Request) {
	r.Stage, r.FailedStage, r.Failure = account.Failed, account.Assigning, &account.Failure{Code: "V2021"}
	r.AccountID, r.Order, r.Attempts = "333333333333", account.Operation{Token: "t", RecordID: "rec-1"}, 2
	r.AssigningSince = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range r.Assignments {
		r.Assignments[i].State, r.Assignments[i].Attempts, r.Assignments[i].RequestID = account.AssignmentFailed, 3, "q-1"
		r.Assignments[i].Failure = &account.Failure{Code: "V2021"}
	}
}

// What an upload does with a request that is there: the table of the function decide, row by row, through the front door.
func TestWhatAnUploadDoesToARequest(t *testing.T) {
	t.Parallel()
	const unchanged, changed, added = "2 unchanged", "2 changed", "2 added"
	inFlight, newer, exists, dead := "2 not applied V2031", "2 not applied V2033", "2 not applied V2032", "2 not applied V2004"
	for _, test := range []struct {
		state, row string
		want       string
		stage      account.Stage // afterwards; empty: as it was
	}{
		{"queued", asIs, unchanged, ""},
		{"queued", renamed, changed, account.Queued},
		{"queued", elsewhat, changed, account.Queued},
		{"queued", more, changed, account.Queued},
		{"queued", less, changed, account.Queued},
		{"queued", retagged, changed, account.Queued},
		{"queued", untagged, changed, account.Queued},
		{"queued with a slot", asIs, unchanged, ""},
		{"queued with a slot", elsewhat, inFlight, ""},

		{"provisioning", asIs, unchanged, ""},
		{"provisioning", elsewhat, inFlight, ""},
		{"provisioning", more, inFlight, ""},
		{"waiting to begin again", elsewhat, inFlight, ""},
		{"recovering", elsewhat, inFlight, ""},
		{"assigning", asIs, unchanged, ""},
		{"assigning", more, inFlight, ""},
		{"past its deadline", asIs, unchanged, ""},
		{"past its deadline", elsewhat, inFlight, ""},

		{"done", asIs, unchanged, ""},
		{"done", more, changed, account.Assigning},
		{"done", retagged, changed, account.Assigning},
		{"done", elsewhat, exists, ""},
		{"done", renamed, exists, ""},
		{"done", less, exists, ""},
		{"done", untagged, exists, ""},
		{"done", instead, "2 changed V2032", account.Assigning},

		{"failed before an order", asIs, changed, account.Queued},
		{"failed before an order", elsewhat, changed, account.Queued},
		{"failed empty in its second generation", elsewhat, changed, account.Queued},
		{"failed with an account", asIs, dead, ""},
		{"failed with an account", elsewhat, dead, ""},
		{"failed with somebody else's account", asIs, "2 not applied V2003", ""},
		{"failed in preparing after its product was cleared", asIs, "2 not applied V2016", ""},
		{"failed in assigning", asIs, changed, account.Assigning},
		{"failed in assigning", instead, "2 changed V2032", account.Assigning},
		{"failed in assigning", less, changed, account.Assigning},

		{"cancelled", asIs, changed, account.Queued},
		{"cancelled", elsewhat, changed, account.Queued},
		{"cancelled after it had failed in assigning", asIs, changed, account.Assigning},
		{"cancelled after it had failed in assigning", instead, "2 changed V2032", account.Assigning},
		{"cancelled with an account", asIs, dead, ""},
		{"none", asIs, added, account.Queued},
	} {
		t.Run(test.state+", "+test.row, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				older := h.put("incoming/older.csv", list(elsewhat)) // arrives when all is said
				if test.state != "none" {
					h.upload("incoming/x.csv", list(asIs))
					h.tamper("one@example.com", states[test.state])
				}
				was := h.request("one@example.com")
				id := h.upload("incoming/x.csv", list(test.row))
				if diff := cmp.Diff([]string{test.want}, h.dispositions(id)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				r := h.request("one@example.com")
				if stage := test.stage; stage == "" {
					was.Sequence = r.Sequence // it may have been confirmed
					if diff := cmp.Diff(was, r); diff != "" {
						t.Errorf("the request is to stay as it is, -was +is:\n%s", diff)
					}
				} else if r.Stage != stage || r.Batch != id || r.Row != 2 || r.Failure != nil || r.Attempts != 0 || r.FailedStage != "" {
					t.Errorf("the request is %+v, want it %s in batch %s, without its failure", r, stage, id)
				}
				if was.ID != "" { // what must never be forgotten
					if diff := cmp.Diff([]any{was.Generation, was.Order, was.Clearing, was.OrderUntil, was.AccountID, was.Kind, was.Slot, was.QueuedAt},
						[]any{r.Generation, r.Order, r.Clearing, r.OrderUntil, r.AccountID, r.Kind, r.Slot, r.QueuedAt}); diff != "" {
						t.Errorf("what the request has been through, -was +is:\n%s", diff)
					}
				}
				h.announce(older)
				if diff := cmp.Diff([]string{newer}, h.dispositions(batchOf(older))); diff != "" {
					t.Errorf("an older upload, -want +got:\n%s", diff)
				}
				if diff := cmp.Diff(r, h.request("one@example.com")); diff != "" {
					t.Errorf("an older upload changes it, -was +is:\n%s", diff)
				}
			})
		})
	}
}

// What is in somebody's hand is left there, unless nothing is asked for; a claim that has ended is nobody's.
func TestARequestInSomebodysHand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after     time.Duration
		row, want string
	}{
		"it differs":                          {0, elsewhat, "2 not applied V2031"},
		"it does not":                         {0, asIs, "2 unchanged"},
		"it differs, and the holder has died": {2 * lease, elsewhat, "2 changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.upload("incoming/x.csv", list(asIs))
				if _, err := h.queue.Claim(t.Context(), account.ID("one@example.com")); err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.after)
				if diff := cmp.Diff([]string{test.want}, h.dispositions(h.upload("incoming/x.csv", list(test.row)))); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

// Scene: assigning failed for want of a group; the corrected list names another unit, too. The assigning goes on as the
// list says, and the unit is reported.
func TestACorrectedListResumesAssigning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.upload("incoming/x.csv", list("one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Tema,Bad=x"))
		h.tamper("one@example.com", func(r *account.Request) {
			failedInAssigning(r)
			r.Assignments[0].State, r.Assignments[0].Failure = account.AssignmentDone, nil
		})
		h.upload("incoming/x.csv", list("one,one@example.com,Workloads/Prod,AWSReadOnlyAccess/Auditors; AdministratorAccess/Platform Team,Good=x"))
		r := h.request("one@example.com")
		var assignments []string
		for _, a := range r.Assignments {
			assignments = append(assignments, a.String()+" "+string(a.State))
		}
		want := []string{"AWSReadOnlyAccess/Auditors done", "AdministratorAccess/Platform Team pending"}
		if diff := cmp.Diff(want, assignments); diff != "" {
			t.Errorf("assignments, -want +got:\n%s", diff)
		}
		if r.Stage != account.Assigning || r.Unit.Path != "Workloads/Dev" || !r.AssigningSince.IsZero() || r.AccountID != "333333333333" {
			t.Errorf("the request is %+v", r)
		}
		if diff := cmp.Diff([]account.Tag{{Key: "Good", Value: "x"}}, r.Tags); diff != "" {
			t.Errorf("tags that AWS has refused are corrected, too, -want +got:\n%s", diff)
		}
	})
}

// Tags that are on an account stay there; those of the row are added.
func TestTagsOfAnAccountThatExists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.upload("incoming/x.csv", list(asIs))
		h.tamper("one@example.com", states["done"])
		id := h.upload("incoming/x.csv", list("one,one@example.com,Workloads/Dev,AWSReadOnlyAccess/Auditors,New=y; Owner=B"))
		r := h.request("one@example.com")
		want := []account.Tag{{Key: "New", Value: "y"}, {Key: "Owner", Value: "B"}, {Key: "Cost", Value: "1"}}
		if diff := cmp.Diff(want, r.Tags); diff != "" || r.Tagged {
			t.Errorf("tagged %t, -want +got:\n%s", r.Tagged, diff)
		}
		if diff := cmp.Diff([]string{"2 changed V2032"}, h.dispositions(id)); diff != "" {
			t.Errorf("that Cost is not taken away is told, -want +got:\n%s", diff)
		}
	})
}

// Scene: two batches with one e-mail. Each request counts once, where it is.
func TestTwoBatchesWithOneEmail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		first := h.upload("incoming/x.csv", list(asIs, "two,two@example.com,Sandbox"))
		second := h.upload("incoming/y.csv", list("uno,ONE@example.com,Workloads/Prod", "three,three@example.com,Sandbox"))
		h.proceed(first)
		h.proceed(second)
		for id, want := range map[string]map[account.Stage]int{first: {account.Queued: 1}, second: {account.Queued: 2}} {
			if diff := cmp.Diff(want, h.batch(id).Summary); diff != "" {
				t.Errorf("batch %s, -want +got:\n%s", id, diff)
			}
		}
		open, err := h.queue.Open(t.Context())
		if diff := cmp.Diff(map[account.Stage]int{account.Queued: 3}, open.Counts); err != nil || diff != "" {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
		h.move("one@example.com", func(r *account.Request) { r.Stage = account.Failed })
		h.move("two@example.com", func(r *account.Request) { r.Stage = account.Failed })
		h.settle(first)
		if b := h.batch(first); b.State != account.BatchFinished {
			t.Errorf("the first batch, of which nothing is open, is %s", b.State)
		}
		h.move("three@example.com", func(r *account.Request) { r.Stage = account.Failed })
		h.settle(second)
	})
}

// Scene: a request failed with an account in its second generation; an upload takes over and must not begin at the first
// again. The upload changes nothing then; and where no account was made, the generation goes on.
func TestATakeOverKeepsTheGeneration(t *testing.T) {
	t.Parallel()
	for state, stays := range map[string]bool{"failed with an account": true, "failed empty in its second generation": false} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.upload("incoming/x.csv", list(asIs))
				h.tamper("one@example.com", states[state])
				name := h.request("one@example.com").ProductName()
				h.upload("incoming/x.csv", list(elsewhat))
				r := h.request("one@example.com")
				if r.ProductName() != name || r.Generation != 2 || (r.Stage == account.Failed) != stays {
					t.Errorf("it is %s in generation %d, the product is %s; want %s", r.Stage, r.Generation, r.ProductName(), name)
				}
			})
		})
	}
}

// A results file that is uploaded again changes nothing: the AccountId that is filled in makes no enrollment of it.
func TestAResultsFileUploadedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		id := h.upload("incoming/x.csv", list("one,one@example.com,Workloads/Prod,AWSReadOnlyAccess/Auditors", "two,two@example.com,Sandbox"))
		h.proceed(id)
		made := h.exists("one", "ONE@example.com")
		h.move("one@example.com", func(r *account.Request) { r.Stage, r.Slot = account.Provisioning, true })
		h.move("one@example.com", func(r *account.Request) {
			r.Stage, r.Slot, r.AccountID, r.Assignments[0].State = account.Assigning, false, made, account.AssignmentDone
		})
		h.move("one@example.com", func(r *account.Request) { r.Stage = account.Done })
		h.move("two@example.com", func(r *account.Request) {
			r.Stage, r.Failure = account.Failed, &account.Failure{Code: "V2011", Message: "no"}
		})
		h.settle(id)
		results := h.content("results/x.csv")
		if !strings.Contains(results, made) {
			t.Fatalf("the results lack account %s:\n%s", made, results)
		}
		was := h.request("one@example.com")
		again := h.upload("incoming/x.csv", results)
		if diff := cmp.Diff([]string{"2 unchanged", "3 changed"}, h.dispositions(again)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		r := h.request("one@example.com")
		was.Sequence = r.Sequence
		if diff := cmp.Diff(was, r); diff != "" {
			t.Errorf("-was +is:\n%s", diff)
		}
		if r := h.request("two@example.com"); r.Kind != account.Create || r.Stage != account.Queued || r.Failure != nil {
			t.Errorf("the row that had failed is %+v", r)
		}
	})
}

// Two rows for one account are no two requests, in whatever way they name it and however far apart they are.
func TestTwoRowsForOneAccount(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]string{
		"an enrollment, and a new account with its e-mail": {"legacy-1,,Sandbox,,,222222222201", "new,legacy-1@example.com,Sandbox"},
		"by another way round":                             {"new,LEGACY-1@example.com,Sandbox", "legacy-1,,Sandbox,,,222222222201"},
	} {
		for _, between := range []int{0, 120} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t)
					h.upload("incoming/old.csv", list("legacy-1,,Workloads/Dev,,,222222222201"))
					h.tamper("legacy-1@example.com", func(r *account.Request) { r.Stage = account.Failed })
					all := []string{rows[0]}
					for i := range between {
						all = append(all, "x"+string(rune('a'+i%26))+",x"+time.Duration(i).String()+"@example.com,Sandbox")
					}
					id := h.upload("incoming/x.csv", list(append(all, rows[1])...))
					dispositions := h.dispositions(id)
					if len(dispositions) != between+2 {
						t.Fatalf("rows %v", dispositions)
					}
					_, last, _ := strings.Cut(dispositions[between+1], " ")
					if diff := cmp.Diff([]string{"2 changed", "rejected V1301"}, []string{dispositions[0], last}); diff != "" {
						t.Errorf("-want +got:\n%s", diff)
					}
				})
			})
		}
	}
}
