package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/caller"
	"github.com/vend-cli/vend/internal/aws/identitycenter"
	"github.com/vend-cli/vend/internal/aws/organization"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/permissionset"
)

// Access is who has which permission set where, as one process sees and changes it. It needs no bucket, and a table only
// for [PlanOptions.Prune]; where there is one, it notes there what it makes.
type Access struct {
	view        view
	who         func(context.Context) (caller.Identity, error)
	notes       *queue.Client // nil: there is no table
	noTable     error         // why
	outstanding int
	poll        time.Duration
}

// OpenAccess makes one without asking AWS for anything.
func OpenAccess(ctx context.Context, c config.Config, o Options) (*Access, error) {
	e, err := prepare(ctx, c, o)
	if err != nil {
		return nil, err
	}
	s := e.Config.Settings
	look := e.view(e.options.Now)
	// What Control Tower governs makes no difference here, and only the management account may ask.
	look.organization = organization.New(e.aws, organization.Options{Now: e.options.Now})
	a := &Access{view: look, who: e.who, outstanding: s.IdentityCenter.Outstanding, poll: s.PollInterval.Std()}
	if a.noTable = c.Need("table"); a.noTable == nil {
		a.notes = e.Queue
	}
	return a, nil
}

// Ready makes sure, before anything is changed, that what is made can be noted: an [account.Refused] where a table is named
// and can't be used.
func (a *Access) Ready(ctx context.Context) error {
	if a.notes == nil {
		return nil
	}
	_, err := a.notes.Settings(ctx)
	return err
}

// AccessFilter is the part of the organization that is listed, in the words of the caller. What is empty narrows nothing.
type AccessFilter struct {
	Accounts       []string // ids, e-mail addresses or names
	Units          []string // with all units below them
	Principals     []string // groups or users, by name or id
	PermissionSets []string // names or ARNs
}

// List lists who has which permission set where, in order, and says how. What the filter names and nobody knows is an
// [account.Refused] with an input's code.
func (a *Access) List(ctx context.Context, f AccessFilter) ([]access.Entry, identitycenter.Survey, error) {
	o, err := a.view.organization.Organization(ctx)
	if err != nil {
		return nil, identitycenter.Survey{}, err
	}
	scope, err := a.scope(ctx, o, f)
	if err != nil {
		return nil, identitycenter.Survey{}, err
	}
	grants, survey, err := a.view.identity.Grants(ctx, scope)
	if err != nil {
		return nil, survey, err
	}
	entries, err := a.named(ctx, o, grants)
	return entries, survey, err
}

// Template is what the filter means as a CloudFormation template needs it: the instance, the permission sets, which are all
// where the filter is empty and else those of the entries, and the entries as [Access.List] lists them.
func (a *Access) Template(ctx context.Context, f AccessFilter) (t AccessTemplate, err error) {
	if t.Entries, t.Survey, err = a.List(ctx, f); err != nil {
		return t, err
	}
	if t.InstanceARN, _, err = a.view.identity.Instance(ctx); err != nil {
		return t, err
	}
	names := slices.Clone(f.PermissionSets)
	if !f.empty() {
		for _, e := range t.Entries {
			names = append(names, e.PermissionSet)
		}
		slices.Sort(names)
		names = slices.Compact(names)
		if len(names) == 0 {
			return t, nil
		}
	}
	t.PermissionSets, err = a.view.identity.PermissionSets(ctx, names...)
	return t, err
}

// AccessTemplate is what a CloudFormation template of access is made of.
type AccessTemplate struct {
	InstanceARN    string
	PermissionSets []permissionset.Set
	Entries        []access.Entry
	Survey         identitycenter.Survey
}

func (f AccessFilter) empty() bool {
	return len(f.Accounts)+len(f.Units)+len(f.Principals)+len(f.PermissionSets) == 0
}

func (a *Access) named(ctx context.Context, o *directory.Organization, grants []directory.Grant) (entries []access.Entry, err error) {
	var sets []string
	var holders []directory.Holder
	known, seen := map[string]bool{}, map[directory.Holder]bool{}
	for _, g := range grants {
		h := directory.Holder{Type: g.PrincipalType, ID: g.PrincipalID}
		if !known[g.PermissionSetARN] {
			sets = append(sets, g.PermissionSetARN)
		}
		if !seen[h] {
			holders = append(holders, h)
		}
		known[g.PermissionSetARN], seen[h] = true, true
	}
	names := access.Names{Organization: o}
	if names.PermissionSets, err = a.view.identity.PermissionSetNames(ctx, sets); err != nil {
		return nil, err
	}
	if names.Holders, err = a.view.identity.HolderNames(ctx, holders); err != nil {
		return nil, err
	}
	entries = make([]access.Entry, len(grants))
	for i, g := range grants {
		entries[i] = names.Entry(g)
	}
	access.Sort(entries)
	return entries, nil
}

func (a *Access) scope(ctx context.Context, o *directory.Organization, f AccessFilter) (s identitycenter.Scope, err error) {
	if len(f.Accounts)+len(f.Units) > 0 {
		s.Accounts = []string{}
	}
	for _, text := range f.Accounts {
		found, err := o.Account(text)
		if err != nil {
			return s, account.Refused{Code: account.CodeNotMember, Reason: err.Error(), Hint: "Give an account's id, e-mail or name."}
		}
		s.Accounts = append(s.Accounts, found.ID)
	}
	for _, text := range f.Units {
		unit, err := o.Unit(text)
		if err != nil {
			return s, account.Refused{Code: account.CodeUnitUnknown, Reason: err.Error(), Hint: "Give a unit's path or id."}
		}
		for _, below := range o.Below(unit.ID) {
			s.Accounts = append(s.Accounts, below.ID)
		}
	}
	slices.Sort(s.Accounts)
	s.Accounts = slices.Compact(s.Accounts)
	for _, text := range f.PermissionSets {
		arn, err := a.view.identity.PermissionSet(ctx, text)
		if unknown := (*directory.UnknownPermissionSet)(nil); errors.As(err, &unknown) {
			return s, account.Refused{
				Code: account.CodePermissionSetUnknown, Reason: err.Error(), Hint: "`vend access permission-sets list` lists them; names are case-sensitive.",
			}
		} else if err != nil {
			return s, err
		}
		s.PermissionSets = append(s.PermissionSets, arn)
	}
	for _, text := range f.Principals {
		found, deleted, err := a.holders(ctx, text)
		if err != nil {
			return s, err
		}
		s.Deleted = s.Deleted || deleted
		s.Holders = append(s.Holders, found...)
	}
	return s, nil
}

// holders are the group and the user that a name or an id may mean: names of groups and of users are apart.
func (a *Access) holders(ctx context.Context, text string) (found []directory.Holder, deleted bool, err error) {
	name, kinds := text, []account.PrincipalType{account.GroupPrincipal, account.UserPrincipal}
	nobody := &directory.UnknownPrincipal{}
	for _, kind := range kinds {
		if rest, ok := strings.CutPrefix(text, strings.ToLower(string(kind))+":"); ok {
			name, kinds, nobody.Type = rest, []account.PrincipalType{kind}, kind
		}
	}
	nobody.Text = name
	for _, kind := range kinds {
		id, err := findHolder(ctx, a.view.identity, kind, name)
		if unknown := (*directory.UnknownPrincipal)(nil); errors.As(err, &unknown) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		found = append(found, directory.Holder{Type: kind, ID: id})
	}
	if len(found) > 0 {
		return found, false, nil
	}
	for _, kind := range kinds {
		if directory.IsPrincipalID(name) { // it may have been deleted while it has something
			found = append(found, directory.Holder{Type: kind, ID: name})
			continue
		}
		similar, err := a.view.identity.Similar(ctx, kind, name)
		if err != nil {
			return nil, false, err
		}
		nobody.Suggestions = append(nobody.Suggestions, similar...)
	}
	if len(found) > 0 {
		return found, true, nil
	}
	return nil, false, account.Refused{
		Code: account.CodePrincipalUnknown, Reason: nobody.Error(), Hint: "Give the name or id of a group or user that the directory has by now.",
	}
}

// findHolder finds a group or user by name, or else by id; the error is a [directory.UnknownPrincipal] when there is none.
func findHolder(ctx context.Context, i directory.Identity, kind account.PrincipalType, text string) (string, error) {
	id, err := i.Principal(ctx, kind, text)
	if unknown := (*directory.UnknownPrincipal)(nil); !errors.As(err, &unknown) || !directory.IsPrincipalID(text) {
		return id, err
	}
	ok, byID := i.PrincipalByID(ctx, kind, text)
	switch {
	case byID != nil:
		return "", byID
	case ok:
		return text, nil
	}
	return "", err
}
