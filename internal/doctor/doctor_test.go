package doctor_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/doctor"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// always answers the same, whoever asks.
func always[T any](answer T, err error) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return answer, err }
}

// well is a pipeline of which nothing is missing.
func well() (doctor.Ports, doctor.Subject) {
	ports := doctor.Ports{
		Caller: always(doctor.Caller{AccountID: "111111111111", ARN: "arn:aws:iam::111111111111:role/vend", Date: noon, Local: noon}, nil),

		Organization: always(doctor.Organization{
			ManagementAccountID: "111111111111", TrustedServices: []string{"member.org.stacksets.cloudformation.amazonaws.com"},
		}, nil),
		LandingZone: func(context.Context) (doctor.Zone, bool, error) {
			return doctor.Zone{Version: "3.3", Latest: "3.3", Status: "ACTIVE", Drift: "IN_SYNC", Regions: []string{"eu-west-1"}}, true, nil
		},

		Factory:        func(context.Context) (string, string, error) { return "prod-1", "pa-1", nil },
		IdentityCenter: always("arn:aws:sso:::instance/ssoins-1", nil),
		Bucket:         always(doctor.Bucket{Versioned: true, Announces: true}, nil),
		Table:          always(doctor.Table{Status: "ACTIVE", Fitting: true, Safe: true}, nil),
		Inbox:          always(doctor.Inbox{HasDeadLetters: true}, nil),
		Topic:          func(context.Context) error { return nil },
		Quota:          always(account.Quota{Accounts: 100, Used: 20}, nil),
		User:           func(context.Context, string) (bool, error) { return true, nil },
	}
	return ports, doctor.Subject{
		Region: "eu-west-1", Bucket: "lists", Table: "vend", Queue: "inbox", Topic: "arn:aws:sns:eu-west-1:111111111111:vend", EnrollmentUser: "platform@example.com",
	}
}

// unwell are the checks that did not pass, each as "result name code".
func unwell(checks []doctor.Check) (all []string) {
	for _, c := range checks {
		if c.Result != doctor.Pass {
			all = append(all, strings.TrimSpace(string(c.Result)+" "+c.Name+" "+c.Code))
		}
	}
	return all
}

func TestExamine(t *testing.T) {
	t.Parallel()
	denied := account.Refused{Code: "V3002", Reason: "no permission for x", Answer: account.Answer{Message: "AWS's own words"}}
	for what, test := range map[string]struct {
		change func(*doctor.Ports, *doctor.Subject)
		want   []string
		says   string // in the message of the first of them
	}{
		"all is well": {change: func(*doctor.Ports, *doctor.Subject) {}},
		"credentials that have expired end it": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Caller = always(doctor.Caller{}, account.Refused{Code: "V3001", Reason: "expired"})
			},
			want: []string{"fail credentials V3001"}, says: "expired",
		},
		"another account": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Caller = always(doctor.Caller{AccountID: "222222222222", Date: noon, Local: noon}, nil)
			},
			want: []string{"fail management account V3010"}, says: "222222222222",
		},
		"what may not be looked at is told in AWS's words": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Organization = always(doctor.Organization{}, denied)
			},
			want: []string{"fail management account V3002", "warn stack sets"}, says: "AWS's own words",
		},
		"what the pipeline can do without is a warning": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Quota = always(account.Quota{}, denied)
			},
			want: []string{"warn account quota V3002"},
		},
		"too many calls are no failure": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.IdentityCenter = always("", account.Wait{Why: "Identity Center takes no more calls just now"})
			},
			want: []string{"warn identity center"}, says: "no more calls",
		},
		"no network": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.IdentityCenter = always("", &url.Error{Op: "Post", URL: "https://sso.example", Err: errors.New("no route to host")})
			},
			want: []string{"fail identity center V3015"}, says: "https://sso.example: no route to host",
		},
		"a landing zone that has drifted": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.LandingZone = func(context.Context) (doctor.Zone, bool, error) {
					return doctor.Zone{Status: "ACTIVE", Drift: "DRIFTED"}, true, nil
				}
			},
			want: []string{"fail landing zone V3008"},
		},
		"no landing zone here": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.LandingZone = func(context.Context) (doctor.Zone, bool, error) { return doctor.Zone{}, false, nil }
			},
			want: []string{"fail landing zone V3006"}, says: "eu-west-1",
		},
		"a landing zone that is being changed": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.LandingZone = func(context.Context) (doctor.Zone, bool, error) { return doctor.Zone{Status: "PROCESSING"}, true, nil }
			},
			want: []string{"warn landing zone"},
		},
		"nothing was given": {
			change: func(p *doctor.Ports, s *doctor.Subject) {
				p.Bucket, p.Table, p.Inbox, p.Topic, s.EnrollmentUser = nil, nil, nil, nil, ""
			},
			want: []string{"warn bucket", "warn table", "warn queue", "warn topic", "warn enrollment user"},
		},
		"set up halfway": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Bucket = always(doctor.Bucket{Versioned: true}, nil)
				p.Table = always(doctor.Table{Status: "ACTIVE", Fitting: true}, nil)
				p.Inbox = always(doctor.Inbox{}, nil)
			},
			want: []string{"warn bucket", "warn table", "warn queue"},
		},
		"set up wrong": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Bucket = always(doctor.Bucket{Announces: true}, nil)
				p.Table = always(doctor.Table{Status: "ACTIVE", Safe: true}, nil)
				p.Inbox = always(doctor.Inbox{HasDeadLetters: true, DeadLetters: 3}, nil)
			},
			want: []string{"fail bucket V3003", "fail table V3004", "warn queue V3016"},
		},
		"no room for more accounts": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Quota = always(account.Quota{Accounts: 20, Used: 20}, nil)
			},
			want: []string{"fail account quota V3007"}, says: "20 of 20",
		},
		"little room, and a default that may not hold": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Quota = always(account.Quota{Accounts: 10, Used: 20, Default: true}, nil)
			},
			want: []string{"warn account quota"},
		},
		"a clock that is off": {
			change: func(p *doctor.Ports, _ *doctor.Subject) {
				p.Caller = always(doctor.Caller{AccountID: "111111111111", Date: noon, Local: noon.Add(-6 * time.Minute)}, nil)
			},
			want: []string{"fail clock V3001"}, says: "6m0s",
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, s := well()
			test.change(&p, &s)
			var checks []doctor.Check
			doctor.Examine(t.Context(), p, s, func(c doctor.Check) { checks = append(checks, c) })
			if got := unwell(checks); !slices.Equal(got, test.want) {
				t.Fatalf("got  %q\nwant %q", got, test.want)
			}
			for _, c := range checks {
				if (c.Remedy == "") != (c.Result == doctor.Pass) {
					t.Errorf("%s %s: the remedy is %q", c.Result, c.Name, c.Remedy)
				}
			}
			i := slices.IndexFunc(checks, func(c doctor.Check) bool { return c.Result != doctor.Pass })
			if i >= 0 && !strings.Contains(checks[i].Message, test.says) {
				t.Errorf("%s says %q, not %q", checks[i].Name, checks[i].Message, test.says)
			}
		})
	}
}

func TestExamineEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p, s := well()
	p.LandingZone = func(context.Context) (doctor.Zone, bool, error) {
		cancel()
		return doctor.Zone{}, false, ctx.Err()
	}
	p.Factory = func(context.Context) (string, string, error) {
		t.Error("it went on")
		return "", "", nil
	}
	doctor.Examine(ctx, p, s, func(doctor.Check) {})
}

func TestBeforeTellsOnlyOfWhatIsNotWell(t *testing.T) {
	t.Parallel()
	p, s := well()
	p.Factory = func(context.Context) (string, string, error) {
		return "", "", account.Refused{Code: "V3006", Reason: "gone"}
	}
	p.Caller = func(context.Context) (doctor.Caller, error) {
		t.Error("the caller was asked for: a worker has been")
		return doctor.Caller{}, nil
	}
	var checks []doctor.Check
	doctor.Before(t.Context(), p, s, func(c doctor.Check) { checks = append(checks, c) })
	if got, want := unwell(checks), []string{"fail account factory V3006"}; len(checks) != 1 || !slices.Equal(got, want) {
		t.Errorf("got %q of %d", got, len(checks))
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	var checks []doctor.Check
	doctor.NoCredentials(account.Refused{Code: "V3001", Reason: "none were found"}, func(c doctor.Check) { checks = append(checks, c) })
	if got, want := unwell(checks), []string{"fail credentials V3001"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
