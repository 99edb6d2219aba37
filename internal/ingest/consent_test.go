package ingest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/ingest"
)

const (
	rootRow  = ",,Sandbox,,,222222222299"
	rootMail = "forgotten@example.com"
)

// uploadWith uploads a list with metadata of its own.
func (h *house) uploadWith(key, content string, metadata map[string]string) string {
	h.t.Helper()
	time.Sleep(2 * time.Second) // later than any other, also by S3's clock
	out, err := h.s3().PutObject(h.t.Context(), &s3.PutObjectInput{Bucket: aws.String("lists"), Key: &key, Body: strings.NewReader(content), Metadata: metadata})
	if err != nil {
		h.t.Fatal(err)
	}
	u := account.Upload{Bucket: "lists", Key: key, Version: aws.ToString(out.VersionId), ETag: strings.Trim(aws.ToString(out.ETag), `"`), Size: int64(len(content))}
	h.announce(u)
	return batchOf(u)
}

// Who uploads a list agrees to enroll accounts out of the root by the object's metadata, by that word alone.
func TestConsentComesWithTheUpload(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		metadata map[string]string
		world    func(h *house)
		want     string
	}{
		"without metadata":        {want: "2 rejected V1420"},
		"with the word":           {metadata: map[string]string{"vend-create-role-at-root": "yes"}, want: "2 added"},
		"with another word":       {metadata: map[string]string{"vend-create-role-at-root": "true"}, want: "2 rejected V1420"},
		"with something else":     {metadata: map[string]string{"create-role-at-root": "yes"}, want: "2 rejected V1420"},
		"where no role is needed": {world: func(h *house) { h.box.World().LandingZone.AutoEnroll = true }, want: "2 added"},
		"of an account that is in a unit": {world: func(h *house) {
			w := h.box.World()
			a := w.Account("222222222299")
			if err := w.Move(a, a.Parent, w.Account("222222222201").Parent); err != nil {
				t.Error(err)
			}
		}, want: "2 added"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				if test.world != nil {
					h.box.World().Do(func() { test.world(h) })
				}
				id := h.uploadWith("incoming/x.csv", list(rootRow), test.metadata)
				if got := h.dispositions(id); len(got) != 1 || got[0] != test.want {
					t.Fatalf("rows %v, want %s", got, test.want)
				}
				if strings.HasSuffix(test.want, "added") && h.request(rootMail).AtRoot != (test.metadata != nil) {
					t.Errorf("the request has the consent: %v", h.request(rootMail).AtRoot)
				}
			})
		})
	}
}

// What looks ahead says of a row in the root what the worker then does.
func TestAPreviewKnowsWhetherSomebodyAgreed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		for _, agreed := range []bool{false, true} {
			plan, report, err := h.reader().Preview(t.Context(), ingest.Draft{Name: "x.csv", Content: []byte(list(rootRow)), AtRoot: agreed})
			if err != nil {
				t.Fatal(err)
			}
			if agreed {
				if plan.Actions[0].Verb != account.PlanEnroll || len(report.Problems) > 0 {
					t.Errorf("with consent: %+v, problems %v", plan.Actions[0], report.Problems)
				}
				continue
			}
			if plan.Actions[0].Verb != account.PlanReject || len(report.Problems) != 1 {
				t.Fatalf("without: %+v, problems %v", plan.Actions[0], report.Problems)
			}
			p := report.Problems[0]
			if p.Code != account.CodeInRoot || p.Line != 2 || p.Field != "AccountId" || !strings.Contains(p.Message, "r-ab12") || !strings.Contains(p.Suggestion, "--create-role-at-root") {
				t.Errorf("the problem is %+v", p)
			}
		}
	})
}

// A plan is handed in with its own consent: one that was made with it holds, and doesn't hold for an upload that lost it.
func TestAPlanHasItsOwnConsent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		content := list(rootRow)
		plan, _, err := h.reader().Preview(t.Context(), ingest.Draft{Name: "x.csv", Content: []byte(content), AtRoot: true})
		if err != nil {
			t.Fatal(err)
		}
		u := h.putPlanned("incoming/lost.csv", content, plan) // which uploads it without
		h.announce(u)
		if b := h.batch(batchOf(u)); b.Failure == nil || b.Failure.Code != account.CodePlanOutdated || !strings.Contains(b.Failure.Message, "V1420") {
			t.Errorf("without its consent the plan comes to %+v", b.Failure)
		}
		version, err := h.bucket.PutPlanned(t.Context(), "incoming/x.csv", strings.NewReader(content), plan.Digest(), plan.AtRoot)
		if err != nil {
			t.Fatal(err)
		}
		u.Key, u.Version = "incoming/x.csv", version
		h.announce(u)
		if got := h.dispositions(batchOf(u)); len(got) != 1 || got[0] != "2 added" {
			t.Errorf("with its consent the plan comes to %v", got)
		}
	})
}

// A request that rests is refused like a new one, unless somebody agreed before, or this pipeline itself has brought its
// account into the root.
func TestAnUploadForARequestInTheRoot(t *testing.T) {
	t.Parallel()
	agreed := map[string]string{"vend-create-role-at-root": "yes"}
	for name, test := range map[string]struct {
		change   func(*account.Request)
		metadata map[string]string
		want     string
	}{
		"refused before":                    {func(r *account.Request) { r.AtRoot = false }, nil, "2 rejected V1420"},
		"refused before, and agreed to now": {func(r *account.Request) { r.AtRoot = false }, agreed, "2 changed"},
		"agreed to before":                  {func(*account.Request) {}, nil, "2 changed"},
		"brought there by this pipeline":    {func(r *account.Request) { r.AtRoot, r.Generation, r.AccountID = false, 2, "" }, nil, "2 changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.uploadWith("incoming/x.csv", list(rootRow), agreed)
				h.tamper(rootMail, func(r *account.Request) {
					r.Stage, r.FailedStage, r.Failure = account.Failed, account.Preparing, &account.Failure{Code: account.CodeInRoot}
					test.change(r)
				})
				id := h.uploadWith("incoming/x.csv", list(rootRow), test.metadata)
				if got := h.dispositions(id); len(got) != 1 || got[0] != test.want {
					t.Errorf("rows %v, want %s", got, test.want)
				}
			})
		})
	}
}
