package organizations

import (
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// account is an account as the API shows it (AWS Organizations API Reference, Account).
type account struct {
	ID     string    `json:"Id"`
	ARN    string    `json:"Arn"`
	Email  string    `json:"Email"`
	Name   string    `json:"Name"`
	Status string    `json:"Status,omitempty"`
	State  string    `json:"State"`
	Paths  []string  `json:"Paths"`
	Method string    `json:"JoinedMethod"`
	Joined wire.Time `json:"JoinedTimestamp"`
}

func (s *service) show(a *world.Account) account {
	shown := account{
		ID: a.ID, ARN: s.w.AccountARN(a), Email: a.Email, Name: a.Name, State: a.State, Status: status(a.State),
		Paths: []string{s.w.Path(a.Parent) + a.ID + "/"}, Method: a.JoinedMethod, Joined: wire.Time{Time: a.Joined},
	}
	if s.w.Otherwise("account-status-member") {
		shown.Status = ""
	}
	return shown
}

// status is the older member for a state: it knows fewer.
func status(state string) string {
	switch state {
	case "CLOSED":
		return "SUSPENDED"
	case "PENDING_ACTIVATION":
		return "ACTIVE"
	default:
		return state
	}
}

func (s *service) showAll(accounts []*world.Account) []account {
	shown := make([]account, len(accounts))
	for i, a := range accounts {
		shown[i] = s.show(a)
	}
	return shown
}

type accountsOutput struct {
	Accounts  []account `json:"Accounts"`
	NextToken string    `json:"NextToken,omitempty"`
}

// listAccounts is ListAccounts: all of them, closed ones too.
func (s *service) listAccounts(_ *wire.Call, in *pageInput) (*accountsOutput, error) {
	found, next, err := page("accounts", s.w.Accounts(), *in)
	if err != nil {
		return nil, err
	}
	return &accountsOutput{Accounts: s.showAll(found), NextToken: next}, nil
}

type parentInput struct {
	ParentID string `json:"ParentId"`
	pageInput
}

// listAccountsForParent is ListAccountsForParent: those directly in it.
func (s *service) listAccountsForParent(_ *wire.Call, in *parentInput) (*accountsOutput, error) {
	u, err := s.unit("ParentId", in.ParentID, "ParentNotFoundException")
	if err != nil {
		return nil, err
	}
	found, next, err := page("accounts/"+u.ID, u.Accounts, in.pageInput)
	if err != nil {
		return nil, err
	}
	return &accountsOutput{Accounts: s.showAll(found), NextToken: next}, nil
}

type accountInput struct {
	AccountID string `json:"AccountId"`
}

type accountOutput struct {
	Account account `json:"Account"`
}

// describeAccount is DescribeAccount.
func (s *service) describeAccount(_ *wire.Call, in *accountInput) (*accountOutput, error) {
	a, err := s.account("AccountId", in.AccountID)
	if err != nil {
		return nil, err
	}
	return &accountOutput{Account: s.show(a)}, nil
}

type nothing struct{}

type moveInput struct {
	AccountID   string `json:"AccountId"`
	Source      string `json:"SourceParentId"`
	Destination string `json:"DestinationParentId"`
}

// moveAccount is MoveAccount.
func (s *service) moveAccount(_ *wire.Call, in *moveInput) (*nothing, error) {
	a, err := s.account("AccountId", in.AccountID)
	if err != nil {
		return nil, err
	}
	from, err := s.unit("SourceParentId", in.Source, "SourceParentNotFoundException")
	if err != nil {
		return nil, err
	}
	to, err := s.unit("DestinationParentId", in.Destination, "DestinationParentNotFoundException")
	if err != nil {
		return nil, err
	}
	return nil, s.w.Move(a, from, to)
}

// closeAccount is CloseAccount.
func (s *service) closeAccount(_ *wire.Call, in *accountInput) (*nothing, error) {
	a, err := s.account("AccountId", in.AccountID)
	if err != nil {
		return nil, err
	}
	return nil, s.w.CloseAccount(a)
}

// removeAccount is RemoveAccountFromOrganization.
func (s *service) removeAccount(_ *wire.Call, in *accountInput) (*nothing, error) {
	a, err := s.account("AccountId", in.AccountID)
	if err != nil {
		return nil, err
	}
	return nil, s.w.Leave(a)
}

// leaveOrganization is LeaveOrganization: the account that asks goes. No service control policy of the sandbox forbids it.
func (s *service) leaveOrganization(c *wire.Call, _ *nothing) (*nothing, error) {
	caller := world.Caller(c.Caller)
	if s.w.Account(caller.Account) == nil {
		return nil, wire.Fail("AWSOrganizationsNotInUseException", "Your account isn't a member of an organization.")
	}
	a, err := s.w.Enter(caller, c.Region, "organizations:LeaveOrganization")
	if err != nil {
		return nil, wire.Fail("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	return nil, s.w.Leave(a)
}
