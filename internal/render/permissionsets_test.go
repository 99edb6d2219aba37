package render_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/permissionset"
	"github.com/vend-cli/vend/internal/render"
)

// sets are permission sets with everything that one can have, and with nothing.
func sets() []permissionset.Set {
	return []permissionset.Set{
		{
			ARN: "arn:aws:sso:::permissionSet/ssoins-1/ps-1", Name: "AuditAccess", Description: "Audits\x1b[2J", Session: 8 * time.Hour,
			RelayState: "https://console.aws.amazon.com/", Managed: []string{"ReadOnlyAccess", "SecurityAudit"},
			Customer: []permissionset.Policy{{Path: "/audit/", Name: "Findings"}}, Inline: `{"Statement": []}`,
			Boundary: permissionset.Boundary{Customer: permissionset.Policy{Path: "/", Name: "Limit"}}, Tags: map[string]string{"team": "=1+1"},
			Accounts: []string{"222222222111", "222222222112"}, Outdated: []string{"222222222112"},
		},
		{
			ARN: "arn:aws:sso:::permissionSet/ssoins-1/ps-2", Name: "AWSReadOnlyAccess", Session: time.Hour,
			Boundary: permissionset.Boundary{Managed: "PowerUserAccess"}, Inline: "no\u202eJSON",
		},
	}
}

func TestPermissionSets(t *testing.T) {
	t.Parallel()
	wanted := sets()[0]
	wanted.Session, wanted.Managed, wanted.Inline, wanted.Tags = time.Hour, []string{"SecurityAudit"}, "", map[string]string{"team": "audit", "empty": ""}
	actions := permissionset.Compare([]permissionset.Set{wanted, {Name: "New", Session: time.Hour}, sets()[1]}, sets())
	for name, write := range map[string]func(render.Printer) error{
		"permissionsets":      func(p render.Printer) error { return p.PermissionSets(sets()) },
		"permissionsets-plan": func(p render.Printer) error { return p.PermissionSetPlan("sets.yaml", actions) },
		"permissionsets-results": func(p render.Printer) error {
			return p.PermissionSetResults([]render.PermissionSetResult{
				{Name: "AuditAccess", Action: "change", Done: true},
				{
					Name: "PowerUserAccess", Action: "provision", Left: []permissionset.Left{{Account: "222222222112", Reason: "Access\x07 denied"}},
					Error: &render.Fault{Code: "V2041", Message: "accounts still have it", Hint: "mend the cause"},
				},
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tableAndJSON(t, name, write)
		})
	}
	var rows strings.Builder
	if err := printer(render.CSV, &rows).PermissionSets(sets()); err != nil {
		t.Fatal(err)
	}
	golden(t, "permissionsets.csv", rows.String())
	inert(t, rows.String())
}
