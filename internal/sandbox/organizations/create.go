package organizations

import (
	"cmp"
	"slices"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type createStatus struct {
	ID        string    `json:"Id"`
	Name      string    `json:"AccountName"`
	State     string    `json:"State"`
	Requested wire.Time `json:"RequestedTimestamp"`
	Completed wire.Time `json:"CompletedTimestamp,omitzero"`
	AccountID string    `json:"AccountId,omitempty"`
	Failure   string    `json:"FailureReason,omitempty"`
}

func showCreation(c *world.CreateAccountStatus) createStatus {
	return createStatus{
		ID: c.ID, Name: c.AccountName, State: c.State, Requested: wire.Time{Time: c.Requested}, Completed: wire.Time{Time: c.Completed},
		AccountID: c.AccountID, Failure: c.FailureReason,
	}
}

var (
	emailPattern = pattern.Compile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
	namePattern  = pattern.Compile(`^[\x20-\x7E]{1,50}$`)
	rolePattern  = pattern.Compile(`^[\w+=,.@-]{1,64}$`)
)

type createAccountInput struct {
	Email   string `json:"Email"`
	Name    string `json:"AccountName"`
	Role    string `json:"RoleName"`
	Billing string `json:"IamUserAccessToBilling"`
	Tags    []tag  `json:"Tags"`
}

type createStatusOutput struct {
	Status createStatus `json:"CreateAccountStatus"`
}

// createAccount is CreateAccount.
func (s *service) createAccount(_ *wire.Call, in *createAccountInput) (*createStatusOutput, error) {
	role := cmp.Or(in.Role, "OrganizationAccountAccessRole")
	if err := wellFormed("Email", in.Email, emailPattern); err != nil {
		return nil, err
	}
	if len(in.Email) < 6 || len(in.Email) > 64 {
		return nil, invalid("MAX_LENGTH_EXCEEDED", "An e-mail address has 6 to 64 characters.")
	}
	if err := wellFormed("AccountName", in.Name, namePattern); err != nil {
		return nil, err
	}
	if !rolePattern.MatchString(role) {
		return nil, invalid("INVALID_ROLE_NAME", "You provided a role name that isn't valid.")
	}
	if in.Billing != "" && in.Billing != "ALLOW" && in.Billing != "DENY" {
		return nil, invalid("INVALID_ENUM", "You specified an invalid value for IamUserAccessToBilling.")
	}
	tags, err := tagged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	c, err := s.w.CreateAccount(in.Email, in.Name, role, tags)
	if err != nil {
		return nil, err
	}
	return &createStatusOutput{Status: showCreation(c)}, nil
}

// describeCreateAccountStatus is DescribeCreateAccountStatus.
func (s *service) describeCreateAccountStatus(_ *wire.Call, in *struct {
	ID string `json:"CreateAccountRequestId"`
},
) (*createStatusOutput, error) {
	if err := wellFormed("CreateAccountRequestId", in.ID, requestID); err != nil {
		return nil, err
	}
	for _, c := range s.w.CreateAccountStatuses() {
		if c.ID == in.ID {
			return &createStatusOutput{Status: showCreation(c)}, nil
		}
	}
	return nil, wire.Fail("CreateAccountStatusNotFoundException",
		"You specified an account creation request that doesn't exist.")
}

type createStatusesOutput struct {
	Statuses  []createStatus `json:"CreateAccountStatuses"`
	NextToken string         `json:"NextToken,omitempty"`
}

// listCreateAccountStatus is ListCreateAccountStatus.
func (s *service) listCreateAccountStatus(_ *wire.Call, in *struct {
	States []string `json:"States"`
	pageInput
},
) (*createStatusesOutput, error) {
	var shown []createStatus
	for _, c := range s.w.CreateAccountStatuses() {
		if len(in.States) == 0 || slices.Contains(in.States, c.State) {
			shown = append(shown, showCreation(c))
		}
	}
	found, next, err := page("creations", shown, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &createStatusesOutput{Statuses: found, NextToken: next}, nil
}

type administratorsOutput struct {
	Administrators []account `json:"DelegatedAdministrators"`
}

// listDelegatedAdministrators is ListDelegatedAdministrators: there is Identity Center's, or none.
func (s *service) listDelegatedAdministrators(_ *wire.Call, in *struct {
	ServicePrincipal string `json:"ServicePrincipal"`
	pageInput
},
) (*administratorsOutput, error) {
	out := &administratorsOutput{Administrators: []account{}}
	if in.ServicePrincipal == "" || in.ServicePrincipal == "sso.amazonaws.com" {
		if a := s.w.Account(s.w.IdentityCenter.Administrator); a != nil {
			out.Administrators = append(out.Administrators, s.show(a))
		}
	}
	return out, nil
}

type trusted struct {
	ServicePrincipal string    `json:"ServicePrincipal"`
	DateEnabled      wire.Time `json:"DateEnabled"`
}

type trustedOutput struct {
	Principals []trusted `json:"EnabledServicePrincipals"`
	NextToken  string    `json:"NextToken,omitempty"`
}

// listServiceAccess is ListAWSServiceAccessForOrganization.
func (s *service) listServiceAccess(_ *wire.Call, in *pageInput) (*trustedOutput, error) {
	since := wire.Time{Time: s.w.AccountFactory.Created}
	shown := make([]trusted, len(s.w.TrustedAccess))
	for i, principal := range s.w.TrustedAccess {
		shown[i] = trusted{ServicePrincipal: principal, DateEnabled: since}
	}
	found, next, err := page("trusted", shown, *in)
	if err != nil {
		return nil, err
	}
	return &trustedOutput{Principals: found, NextToken: next}, nil
}
