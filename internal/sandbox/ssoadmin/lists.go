package ssoadmin

import (
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type assignment struct {
	AccountID     string `json:"AccountId"`
	SetARN        string `json:"PermissionSetArn"`
	PrincipalType string `json:"PrincipalType"`
	PrincipalID   string `json:"PrincipalId"`
}

type assignmentsOutput struct {
	Assignments []assignment `json:"AccountAssignments"`
	NextToken   string       `json:"NextToken,omitempty"`
}

// assignments are those that pass.
func (s *service) assignments(passes func(world.Assignment) bool, in pageInput) (*assignmentsOutput, error) {
	var all []assignment
	for _, a := range s.w.IdentityCenter.Assignments {
		if passes(a) {
			all = append(all, assignment{
				AccountID: a.Account, SetARN: a.PermissionSet, PrincipalType: a.PrincipalType, PrincipalID: a.Principal,
			})
		}
	}
	found, next, err := page(all, in, 100)
	if err != nil {
		return nil, err
	}
	return &assignmentsOutput{Assignments: found, NextToken: next}, nil
}

// listAccountAssignments is ListAccountAssignments: of one account and one permission set.
func (s *service) listAccountAssignments(_ *wire.Call, in *struct {
	inSet
	pageInput
	AccountID string `json:"AccountId"`
},
) (*assignmentsOutput, error) {
	invalid := new(wire.Invalid)
	checkAccount(invalid, "accountId", in.AccountID)
	p, err := s.set(in.inSet, invalid)
	if err != nil {
		return nil, err
	}
	return s.assignments(func(a world.Assignment) bool {
		return a.Account == in.AccountID && a.PermissionSet == p.ARN
	}, in.pageInput)
}

// listAccountAssignmentsForPrincipal is ListAccountAssignmentsForPrincipal: of a user also those of the groups that it is in.
func (s *service) listAccountAssignmentsForPrincipal(_ *wire.Call, in *struct {
	inInstance
	pageInput
	PrincipalID   string `json:"PrincipalId"`
	PrincipalType string `json:"PrincipalType"`
	Filter        *struct {
		AccountID string `json:"AccountId"`
	} `json:"Filter"`
},
) (*assignmentsOutput, error) {
	invalid := new(wire.Invalid)
	checkPrincipal(invalid, in.PrincipalType, in.PrincipalID)
	if err := s.instance(in.inInstance, invalid); err != nil {
		return nil, err
	}
	ids := []string{in.PrincipalID}
	for _, m := range s.w.IdentityCenter.Memberships {
		if in.PrincipalType == "USER" && m.User == in.PrincipalID {
			ids = append(ids, m.Group)
		}
	}
	return s.assignments(func(a world.Assignment) bool {
		return slices.Contains(ids, a.Principal) && (in.Filter == nil || in.Filter.AccountID == "" || in.Filter.AccountID == a.Account)
	}, in.pageInput)
}

// provisioning says which provisionings a list wants: up to date, or not.
type provisioning struct {
	Status string `json:"ProvisioningStatus"`
}

func (p provisioning) checkStatus(i *wire.Invalid) {
	i.Enum("provisioningStatus", p.Status, "LATEST_PERMISSION_SET_PROVISIONED", "LATEST_PERMISSION_SET_NOT_PROVISIONED")
}

func (p provisioning) wants(set *world.PermissionSet, account string) bool {
	outdated := slices.Contains(set.Outdated, account)
	switch p.Status {
	case "LATEST_PERMISSION_SET_PROVISIONED":
		return !outdated
	case "LATEST_PERMISSION_SET_NOT_PROVISIONED":
		return outdated
	default:
		return true
	}
}

// listPermissionSetsProvisionedToAccount is ListPermissionSetsProvisionedToAccount.
func (s *service) listPermissionSetsProvisionedToAccount(_ *wire.Call, in *struct {
	inInstance
	pageInput
	provisioning
	AccountID string `json:"AccountId"`
},
) (*setsOutput, error) {
	invalid := new(wire.Invalid)
	checkAccount(invalid, "accountId", in.AccountID)
	in.checkStatus(invalid)
	if err := s.instance(in.inInstance, invalid); err != nil {
		return nil, err
	}
	var all []string
	for _, p := range s.w.IdentityCenter.PermissionSets {
		if slices.Contains(s.w.IdentityCenter.ProvisionedTo(p), in.AccountID) && in.wants(p, in.AccountID) {
			all = append(all, p.ARN)
		}
	}
	found, next, err := page(all, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &setsOutput{Sets: found, NextToken: next}, nil
}

type accountsOutput struct {
	Accounts  []string `json:"AccountIds"`
	NextToken string   `json:"NextToken,omitempty"`
}

// listAccountsForProvisionedPermissionSet is ListAccountsForProvisionedPermissionSet.
func (s *service) listAccountsForProvisionedPermissionSet(_ *wire.Call, in *struct {
	inSet
	pageInput
	provisioning
},
) (*accountsOutput, error) {
	invalid := new(wire.Invalid)
	in.checkStatus(invalid)
	p, err := s.set(in.inSet, invalid)
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(s.w.IdentityCenter.ProvisionedTo(p), func(id string) bool { return !in.wants(p, id) })
	found, next, err := page(all, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &accountsOutput{Accounts: found, NextToken: next}, nil
}
