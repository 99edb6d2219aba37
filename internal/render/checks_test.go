package render_test

import (
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/precheck"
	"github.com/vend-cli/vend/internal/render"
)

// looked are accounts of every verdict, with what comes from outside in their names and messages.
func looked() []precheck.Report {
	a := func(id, name string) directory.Account {
		return directory.Account{ID: id, Name: name, Email: name + "@example.com"}
	}
	closed := []precheck.Check{{Name: "state", Result: precheck.Pass, Message: "the account is ACTIVE"}}
	for _, name := range []string{"execution-role", "roles", "sts", "config-recorder", "delivery-channel"} {
		closed = append(closed, precheck.Check{Name: name, Result: precheck.Unknown, Message: "none of AWSControlTowerExecution, OrganizationAccountAccessRole can be assumed yet"})
	}
	return []precheck.Report{
		{Account: a("222222222201", "legacy-1"), Path: "Legacy", Verdict: precheck.Ready, Checks: []precheck.Check{
			{Name: "state", Result: precheck.Pass, Message: "the account is ACTIVE"},
			{Name: "execution-role", Result: precheck.Warn, Message: "AWSControlTowerExecution is missing; vend enroll puts it into place"},
		}},
		{Account: a("222222222203", "legacy-3\x1b[2J|*_"), Path: "Legacy/Old `things`", Verdict: precheck.Blocked, Checks: []precheck.Check{
			{
				Name: "config-recorder", Region: "eu-west-1", Result: precheck.Fail, Message: "the account has a Config recorder of its own: my\u202erecorder",
				Remedy: "aws configservice delete-configuration-recorder --configuration-recorder-name 'my`recorder' --region eu-west-1  # in account 222222222203",
			},
			{Name: "default-vpc", Region: "us-east-1", Result: precheck.Warn, Message: "the default VPC is in use (vpc-1), 50% of it"},
		}},
		{Account: a("222222222205", "legacy-5"), Path: "Legacy", Verdict: precheck.Unclear, Checks: closed},
		{Account: a("222222222111", "shop-prod"), Path: "Workloads/Prod", Verdict: precheck.Enrolled, Checks: []precheck.Check{{Name: "selection", Result: precheck.Pass, Message: "the account is enrolled"}}},
		{Account: a("222222222112", "shop-dev"), Path: "Workloads/Dev", Verdict: precheck.Blocked, Checks: []precheck.Check{{
			Name: "selection", Result: precheck.Fail, Message: "the account is enrolled already, in Workloads/Dev", Remedy: "move it in Control Tower (Account Factory, `update` account)",
		}}},
		{Account: a("111111111111", "Management"), Verdict: precheck.Skipped, Checks: []precheck.Check{{Name: "selection", Result: precheck.Pass, Message: "the management account is not enrolled"}}},
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for format, file := range map[render.CheckFormat]string{
		render.ChecksText: "checks.txt", render.ChecksJSON: "checks.json", render.ChecksMarkdown: "checks.md", render.ChecksGitHub: "checks.github.txt",
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			p := printer(render.Table, &out)
			if format == render.ChecksJSON {
				p = printer(render.JSON, &out)
			}
			if err := p.Checks(looked(), format); err != nil {
				t.Fatal(err)
			}
			golden(t, file, out.String())
			inert(t, out.String())
			if format == render.ChecksGitHub {
				for line := range strings.Lines(out.String()) {
					if !strings.HasPrefix(line, "::") {
						t.Errorf("%q is no annotation", line)
					}
				}
			}
			var none strings.Builder
			if err := printer(render.Table, &none).Checks(nil, format); err != nil {
				t.Fatal(err)
			}
			if format == render.ChecksJSON && strings.Contains(none.String(), "null") {
				t.Errorf("no accounts are %s", none.String())
			}
		})
	}
}

func TestSummaryOfAJob(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	o := account.Overview{
		Batches: []account.Batch{{ID: "b-1"}},
		Requests: []account.Request{
			{ID: "r-1", Batch: "b-1", Row: 2, Name: "legacy-1", AccountID: "222222222201", Stage: account.Done, Unit: account.OrganizationalUnit{ID: "ou-1", Path: "Workloads/Prod"}},
			{
				ID: "r-2", Batch: "b-1", Row: 3, Name: "legacy|2", AccountID: "222222222202", Stage: account.Failed, Unit: account.OrganizationalUnit{ID: "ou-1", Path: "Workloads/Prod"},
				Failure: &account.Failure{Code: "V2016", Message: "the role can't be put into place", AWSMessage: "a <b>policy</b> denies it"},
			},
		},
	}
	if err := printer(render.Table, &out).Summary(o); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.md", out.String())
	inert(t, out.String())
}
