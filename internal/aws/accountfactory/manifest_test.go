package accountfactory_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/aws/accountfactory"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/sandbox"
)

func TestTheManifestIsReadLeniently(t *testing.T) {
	t.Parallel()
	const logs, audit, aggregator = "222222222101", "222222222102", "222222222103"
	for name, test := range map[string]struct {
		manifest string
		want     []string
		verdict  string
	}{
		"landing zone 3.x": {
			`{"governedRegions":["us-east-1"],"organizationStructure":{"security":{"name":"Security"}},
			 "centralizedLogging":{"accountId":"222222222101","enabled":true},"securityRoles":{"accountId":"222222222102"}}`,
			[]string{logs, audit},
			"fine",
		},
		"landing zone 4.0, AWS Config in an account of its own": {
			`{"centralizedLogging":{"accountId":"222222222101","enabled":true},"securityRoles":{"accountId":"222222222102","enabled":true},
			 "config":{"accountId":"222222222103","enabled":true}}`,
			[]string{logs, audit, aggregator},
			"fine",
		},
		"landing zone 4.0, one account for several parts": {
			`{"centralizedLogging":{"accountId":"222222222101"},"securityRoles":{"accountId":"222222222102"},"config":{"accountId":"222222222102"}}`,
			[]string{logs, audit},
			"fine",
		},
		"landing zone 4.0 without most of its parts": {`{"centralizedLogging":{"enabled":false},"config":{"accountId":"222222222103","enabled":true}}`, []string{aggregator}, "fine"},
		"a part of another shape": {
			`{"centralizedLogging":[{"accountId":"1"}],"securityRoles":{"accountId":222222222102},"config":{"accountId":"222222222103"}}`,
			[]string{aggregator},
			"fine",
		},
		"a part that is null": {`{"centralizedLogging":null,"securityRoles":{"accountId":null}}`, nil, "fine"},
		"nothing":             {`{}`, nil, "fine"},
		"governed Regions of another shape, loudly": {`{"governedRegions":"us-east-1","securityRoles":{"accountId":"222222222102"}}`, nil, "again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := &awstest.Transport{Answer: func(operation string, _ map[string]any) (any, error) {
				if operation == "list-landingzones" {
					return map[string]any{"landingZones": []any{map[string]any{"arn": "arn:lz"}}}, nil
				}
				return map[string]any{"landingZone": map[string]any{"version": "4.0", "manifest": json.RawMessage(test.manifest)}}, nil
			}}
			zone, _, err := accountfactory.New(awstest.Config(transport), accountfactory.Options{}).LandingZone(t.Context())
			if got := awstest.Verdict(err); got != test.verdict {
				t.Errorf("judged %q: %v; want %q", got, err, test.verdict)
			}
			if diff := cmp.Diff(test.want, zone.SharedAccounts); diff != "" {
				t.Errorf("shared accounts (-want +got):\n%s", diff)
			}
		})
	}
}

// The sandbox names them in the manifest of either version, and they are enrolled accounts of its organization.
func TestSharedAccountsOfTheSandbox(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"3.3", "4.0"} {
		s, err := sandbox.New(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := s.World()
		w.Do(func() { w.LandingZone.Version = version })
		zone, _, err := accountfactory.New(awstest.Config(s.RoundTripper()), accountfactory.Options{}).LandingZone(t.Context())
		if diff := cmp.Diff([]string{"222222222101", "222222222102"}, zone.SharedAccounts); diff != "" || err != nil {
			t.Errorf("landing zone %s: %v, shared accounts (-want +got):\n%s", version, err, diff)
		}
		for _, id := range zone.SharedAccounts {
			if a := w.Account(id); !a.Enrolled() || a.Parent.Name != "Security" || !a.Parent.Registered() {
				t.Errorf("account %s in %s is enrolled: %t", id, a.Parent.Name, a.Enrolled())
			}
		}
	}
}
