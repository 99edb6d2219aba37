package ingest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/ingest"
)

// plan is what a worker would do with a list now.
func (h *house) plan(content string) account.Plan {
	h.t.Helper()
	plan, _, err := h.reader().Preview(h.t.Context(), ingest.Draft{Name: "x.csv", Content: []byte(content)})
	if err != nil {
		h.t.Fatal(err)
	}
	return plan
}

// putPlanned uploads a list with its plan.
func (h *house) putPlanned(key, content string, plan account.Plan) account.Upload {
	h.t.Helper()
	raw, err := json.Marshal(plan)
	if err != nil {
		h.t.Fatal(err)
	}
	h.put(ingest.PlanKey(plan.Digest()), string(raw))
	return h.putNaming(key, content, plan.Digest())
}

// putNaming uploads a list that names a plan.
func (h *house) putNaming(key, content, digest string) account.Upload {
	h.t.Helper()
	version, err := h.bucket.PutPlanned(h.t.Context(), key, strings.NewReader(content), digest, false)
	if err != nil {
		h.t.Fatal(err)
	}
	_, object, err := h.bucket.Open(h.t.Context(), key, version)
	if err != nil {
		h.t.Fatal(err)
	}
	return account.Upload{Bucket: "lists", Key: key, Version: version, ETag: object.ETag, Size: object.Size}
}

func TestAListWithAPlan(t *testing.T) {
	t.Parallel()
	rows := []string{
		"one,one@example.com,Sandbox,AWSReadOnlyAccess/Auditors",
		"two,two@example.com,Workloads/Dev,AWSReadOnlyAccess/Later",
		",,Workloads/Dev,AWSReadOnlyAccess/Platform Team,,222222222112",
	}
	for name, test := range map[string]struct {
		change func(h *house, plan account.Plan) // between the plan and the upload
		put    func(h *house, content string, plan account.Plan) account.Upload
		want   string // of the refusal; empty: the plan holds
	}{
		"that holds": {},
		"that holds in other words": {change: func(h *house, _ account.Plan) {
			h.box.World().Do(func() { h.box.World().Account("222222222112").Tags = map[string]string{"a": "b"} })
		}},
		"of an e-mail that is taken meanwhile": {
			change: func(h *house, _ account.Plan) { h.exists("uno", "one@example.com") },
			want:   "row 2: was create, is reject (V1404 ",
		},
		"of a request that is there meanwhile": {
			change: func(h *house, _ account.Plan) { h.upload("incoming/other.csv", list(rows[1])) },
			want:   "row 3: was create, is unchanged",
		},
		"whose settings give more": {
			change: func(h *house, _ account.Plan) {
				h.settings.Defaults.Assignments = []string{"AdministratorAccess/Platform Team"}
			},
			want: "row 2: had 1 assignments to make, has 2, or others; row 3: ",
		},
		"of another list": {
			put: func(h *house, content string, plan account.Plan) account.Upload {
				return h.putPlanned("incoming/x.csv", strings.ReplaceAll(content, "one,", "uno,"), plan)
			},
			want: "the list is another one",
		},
		"that is not in the bucket": {
			put: func(h *house, content string, plan account.Plan) account.Upload {
				return h.putNaming("incoming/x.csv", content, plan.Digest())
			},
			want: "is not in the bucket",
		},
		"that was tampered with": {
			put: func(h *house, content string, plan account.Plan) account.Upload {
				u := h.putPlanned("incoming/x.csv", content, plan)
				changed := h.content(ingest.PlanKey(plan.Digest()))
				h.put(ingest.PlanKey(plan.Digest()), strings.ReplaceAll(changed, "create", "skip"))
				return u
			},
			want: "is not the plan that was handed in",
		},
		"that is no plan": {
			put: func(h *house, content string, plan account.Plan) account.Upload {
				u := h.putPlanned("incoming/x.csv", content, plan)
				h.put(ingest.PlanKey(plan.Digest()), "<html>")
				return u
			},
			want: "is not the plan that was handed in",
		},
		"named by something else": {
			put: func(h *house, content string, _ account.Plan) account.Upload {
				return h.putNaming("incoming/x.csv", content, "../incoming/x")
			},
			want: `"../incoming/x" is no digest of a plan`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				content := list(rows...)
				plan := h.plan(content)
				if test.change != nil {
					test.change(h, plan)
				}
				if test.put == nil {
					test.put = func(h *house, content string, plan account.Plan) account.Upload {
						return h.putPlanned("incoming/x.csv", content, plan)
					}
				}
				u := test.put(h, content, plan)
				h.announce(u)
				b := h.batch(batchOf(u))
				if test.want == "" {
					if b.Failure != nil || len(h.rows(b.ID)) != 3 {
						t.Errorf("the batch is %+v with %d rows", b, len(h.rows(b.ID)))
					}
					return
				}
				if b.Failure == nil || b.Failure.Code != account.CodePlanOutdated || !strings.Contains(b.Failure.Message, test.want) || len(h.rows(b.ID)) != 0 {
					t.Fatalf("%d rows are acted on, failure %+v; want %s", len(h.rows(b.ID)), b.Failure, test.want)
				}
				h.settle(b.ID)
				if answer := h.content("results/x.csv.problems.txt"); !strings.Contains(answer, "V1502") || !strings.Contains(answer, test.want) {
					t.Errorf("the uploader is answered %q", answer)
				}
			})
		})
	}
}

// An object's metadata is lost when somebody else copies it; the list is read as any other then.
func TestACopyOfAPlannedListHasNoPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.putNaming("incoming/x.csv", three, strings.Repeat("0", 64))
		if _, err := h.s3().CopyObject(t.Context(), &s3.CopyObjectInput{
			Bucket: aws.String("lists"), Key: aws.String("incoming/y.csv"), CopySource: aws.String("lists/incoming/x.csv"), MetadataDirective: "REPLACE",
		}); err != nil {
			t.Fatal(err)
		}
		h.sweep()
		for _, key := range []string{"incoming/x.csv", "incoming/y.csv"} {
			_, object, err := h.bucket.Open(t.Context(), key, "")
			if err != nil {
				t.Fatal(err)
			}
			b := h.batch(account.BatchID("lists", key, ingest.Identity(object)))
			if (b.Failure != nil) != (key == "incoming/x.csv") {
				t.Errorf("%s: %+v", key, b.Failure)
			}
		}
	})
}
