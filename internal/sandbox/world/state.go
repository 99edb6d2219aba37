package world

import (
	"maps"
	"slices"
)

// State is the whole world in the form that [New] reads. Call it within [World.Do]. What is under way in Account Factory
// goes on where it stood, operations on controls from their beginning; assignments and baseline operations that are under way
// are left out.
func (w *World) State() any {
	zone, trusted := w.LandingZone, append([]string{}, w.TrustedAccess...)
	f := &file{
		Management: w.Management, OrganizationID: w.OrganizationID, Region: w.Region, LandingZone: &zone, Quotas: w.Quotas,
		Timing: timingInFile{
			Provision: spoken(w.Timing.Provision), Assignment: spoken(w.Timing.Assignment), StackSet: spoken(w.Timing.StackSet),
			EventDelay: spoken(w.Timing.EventDelay), IndexLag: spoken(w.Timing.IndexLag),
		},
		Assumptions: maps.Clone(w.flipped), Elsewhere: slices.Sorted(maps.Keys(w.elsewhere)),
		TrustedAccess:  &trusted,
		Root:           w.unitState(w.Root),
		IdentityCenter: w.identityState(),
		AccountFactory: w.factoryState(),
		Templates:      maps.Clone(w.Templates),
	}
	f.Root.Name, f.Root.Registered = "", nil
	for _, c := range w.creations {
		f.Creations = append(f.Creations, creationInFile{
			ID: c.ID, Name: c.AccountName, State: c.State, Requested: c.Requested, Completed: c.Completed,
			Account: c.AccountID, Failure: c.FailureReason,
		})
	}
	for _, o := range w.controlOperations {
		f.ControlOperations = append(f.ControlOperations, *o)
	}
	return f
}

func (w *World) unitState(u *Unit) unitInFile {
	registered := u.Registered()
	f := unitInFile{
		Name: u.Name, ID: u.ID, Registered: &registered, Controls: controlsState(u.Controls), Tags: maps.Clone(u.Tags),
		Accounts: []accountInFile{}, Units: []unitInFile{},
	}
	if u.Baseline != nil {
		f.Baseline = w.baselineState(u.Baseline, nil)
	}
	for _, a := range u.Accounts {
		if a.ID == w.Management.ID {
			if u != w.Root {
				f.Accounts = append(f.Accounts, accountInFile{ID: a.ID, Name: a.Name, Email: a.Email})
			}
			continue
		}
		f.Accounts = append(f.Accounts, w.accountState(a))
	}
	for _, child := range u.Units {
		f.Units = append(f.Units, w.unitState(child))
	}
	return f
}

func (w *World) accountState(a *Account) accountInFile {
	enrolled := a.Enrolled()
	f := accountInFile{
		ID: a.ID, Name: a.Name, Email: a.Email, State: a.State, JoinedMethod: a.JoinedMethod, Joined: a.Joined.UTC(), Roles: rolesState(a.Roles),
		Stacks:          stacksState(a.Stacks),
		ConfigRecorders: slices.Clone(a.ConfigRecorders), DeliveryChannels: slices.Clone(a.DeliveryChannels),
		DefaultVPCInUse: a.DefaultVPCInUse, Policies: slices.Clone(a.Policies), Tags: maps.Clone(a.Tags), Enrolled: &enrolled, Known: a.Known,
		insideInFile: insideState(a.Inside),
	}
	if a.Baseline != nil {
		f.Baseline = w.baselineState(a.Baseline, a.Parent)
	}
	return f
}

// baselineState is nil for a baseline that is there and well, and comes from where the account stands.
func (w *World) baselineState(b *Baseline, at *Unit) *baselineInFile {
	if b.Status == "SUCCEEDED" && b.Drift == "IN_SYNC" && b.Version == w.BaselineVersion() && b.From == at {
		return nil
	}
	f := &baselineInFile{Status: b.Status, Drift: b.Drift, Version: b.Version}
	switch {
	case b.From != nil:
		f.From = b.From.ID
	case at != nil:
		f.From = noUnit
	}
	return f
}

func (w *World) identityState() identityInFile {
	ic := w.IdentityCenter
	f := identityInFile{
		InstanceARN: ic.InstanceARN, StoreID: ic.StoreID, Management: ic.Management, Administrator: ic.Administrator,
		PermissionSets: []permissionSetInFile{}, Assignments: []assignmentInFile{},
	}
	f.Groups, f.Users = w.peopleState()
	for _, p := range ic.PermissionSets {
		f.PermissionSets = append(f.PermissionSets, permissionSetInFile{
			Name: p.Name, ARN: p.ARN, Description: p.Description, SessionDuration: p.SessionDuration, RelayState: p.RelayState,
			ManagedPolicies: slices.Clone(p.ManagedPolicies), CustomerPolicies: slices.Clone(p.CustomerPolicies),
			InlinePolicy: p.InlinePolicy, Boundary: p.Boundary, Tags: maps.Clone(p.Tags), Created: p.Created.UTC(), Outdated: slices.Clone(p.Outdated),
		})
	}
	for _, a := range ic.Assignments {
		assignment := assignmentInFile{Account: a.Account, PermissionSet: ic.PermissionSet(a.PermissionSet).Name}
		switch {
		case !ic.exists(a):
			assignment.Deleted = a.PrincipalType + " " + a.Principal
		case a.PrincipalType == "GROUP":
			assignment.Group = ic.Group(a.Principal).Name
		default:
			assignment.User = ic.User(a.Principal).UserName
		}
		f.Assignments = append(f.Assignments, assignment)
	}
	return f
}

func (w *World) factoryState() *factoryInFile {
	af := w.AccountFactory
	f := &factoryInFile{Principals: slices.Clone(af.Principals)}
	for _, a := range af.Artifacts {
		f.Artifacts = append(f.Artifacts, *a)
	}
	for _, p := range af.Products {
		f.Products = append(f.Products, productInFile{
			ID: p.ID, Name: p.Name, Status: p.Status, StatusMessage: p.StatusMessage, Created: p.Created, Token: p.Token,
			Artifact: p.Artifact, Account: p.PhysicalID, LastRecord: p.LastRecord, LastProvision: p.LastProvisioning,
			LastSuccessful: p.LastSuccessful, Parameters: maps.Clone(p.Parameters), Tags: maps.Clone(p.Tags), User: p.User,
		})
	}
	for _, r := range af.Records {
		record := recordInFile{
			ID: r.ID, Type: r.Type, Status: r.Status, Created: r.Created, Updated: r.Updated, Product: r.ProductID,
			ProductName: r.ProductName, Artifact: r.Artifact, Token: r.Token, Event: r.event, Step: r.step, Fault: r.fault,
			Parameters: maps.Clone(r.Parameters), Errors: slices.Clone(r.Errors), Outputs: slices.Clone(r.Outputs), User: r.User,
		}
		if r.account != nil {
			record.Account = r.account.ID
		}
		f.Records = append(f.Records, record)
	}
	return f
}
