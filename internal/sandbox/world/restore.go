package world

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// restoreBaselines gives units and accounts the baselines of which the file says more than that they are there.
func (w *World) restoreBaselines(place string, u *Unit, f *unitInFile) error {
	if f.Baseline != nil {
		b := w.newBaseline(w.UnitARN(u), "", nil)
		if err := w.restoreBaseline(place, b, f.Baseline); err != nil {
			return err
		}
		u.Baseline = b
		if b.Status == "UNDER_CHANGE" {
			o := w.begin("RESET_ENABLED_BASELINE")
			w.governing(u, o)
		}
	}
	for i := range f.Accounts {
		account := &f.Accounts[i]
		if account.Baseline == nil {
			continue
		}
		a := w.byID[account.ID]
		if a == nil {
			a = w.AccountByEmail(account.Email)
		}
		b := w.newBaseline(w.AccountARN(a), "", u)
		if err := w.restoreBaseline(fmt.Sprintf("%s.accounts[%d]", place, i), b, account.Baseline); err != nil {
			return err
		}
		a.Baseline = b
	}
	for i := range f.Units {
		if err := w.restoreBaselines(fmt.Sprintf("%s.organizationalUnits[%d]", place, i), u.Units[i], &f.Units[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) restoreBaseline(place string, b *Baseline, f *baselineInFile) error {
	b.Status, b.Drift, b.Version = cmp.Or(f.Status, "SUCCEEDED"), cmp.Or(f.Drift, "IN_SYNC"), cmp.Or(f.Version, b.Version)
	if !slices.Contains([]string{"SUCCEEDED", "FAILED", "UNDER_CHANGE"}, b.Status) {
		return fmt.Errorf("%s.baseline.status: %q; use SUCCEEDED, FAILED or UNDER_CHANGE", place, b.Status)
	}
	if !slices.Contains([]string{"IN_SYNC", "DRIFTED"}, b.Drift) {
		return fmt.Errorf("%s.baseline.drift: %q; use IN_SYNC or DRIFTED", place, b.Drift)
	}
	switch f.From {
	case "":
	case noUnit:
		b.From = nil
	default:
		if b.From = w.Unit(f.From); b.From == nil {
			return fmt.Errorf("%s.baseline.organizationalUnit: there is no unit %s", place, f.From)
		}
	}
	return nil
}

func (w *World) buildIdentityCenter(f *identityInFile) error {
	ic := &IdentityCenter{
		InstanceARN: cmp.Or(f.InstanceARN, "arn:aws:sso:::instance/ssoins-"+spell("instance/"+w.Management.ID, 16, hexadecimal)),
		StoreID:     cmp.Or(f.StoreID, "d-"+spell("store/"+w.Management.ID, 10, hexadecimal)),
		Created:     w.before(), Management: f.Management, Administrator: f.Administrator, retired: map[string]bool{},
	}
	w.IdentityCenter = ic
	if err := w.buildPeople(f); err != nil {
		return err
	}
	for i, p := range f.PermissionSets {
		if p.Name == "" || ic.PermissionSetNamed(p.Name) != nil {
			return fmt.Errorf("identityCenter.permissionSets[%d].name: %q is empty or given twice", i, p.Name)
		}
		set := ic.AddPermissionSet(w, &PermissionSet{
			ARN: p.ARN, Name: p.Name, Description: p.Description, SessionDuration: p.SessionDuration, RelayState: p.RelayState,
			ManagedPolicies: p.ManagedPolicies, CustomerPolicies: p.CustomerPolicies, InlinePolicy: p.InlinePolicy, Boundary: p.Boundary,
			Tags: p.Tags, Created: p.Created, Outdated: p.Outdated,
		})
		if p.Created.IsZero() {
			set.Created = w.before()
		}
	}
	return w.buildAssignments(f.Assignments)
}

func (w *World) buildAssignments(assignments []assignmentInFile) error {
	ic := w.IdentityCenter
	for i, f := range assignments {
		place := fmt.Sprintf("identityCenter.assignments[%d]", i)
		set := ic.PermissionSetNamed(f.PermissionSet)
		switch {
		case w.byID[f.Account] == nil:
			return fmt.Errorf("%s.account: there is no account %q in root; assignments name accounts by id", place, f.Account)
		case set == nil:
			return fmt.Errorf("%s.permissionSet: there is no permission set %q; add it to identityCenter.permissionSets", place, f.PermissionSet)
		case f.Deleted == "" && (f.Group == "") == (f.User == ""):
			return fmt.Errorf("%s: one of group and user is needed", place)
		}
		a := Assignment{Account: f.Account, PermissionSet: set.ARN, PrincipalType: "GROUP"}
		if kind, id, ok := strings.Cut(f.Deleted, " "); ok {
			a.PrincipalType, a.Principal = kind, id
			ic.retired[id] = true
		} else if g := ic.GroupNamed(f.Group); g != nil {
			a.Principal = g.ID
		} else if u := ic.UserNamed(f.User); u != nil {
			a.PrincipalType, a.Principal = "USER", u.ID
		} else {
			return fmt.Errorf("%s: there is no such group or user; add %q to identityCenter", place, f.Group+f.User)
		}
		ic.assign(a)
	}
	return nil
}

func (w *World) buildFactory(f *factoryInFile) error {
	if f == nil {
		f = &factoryInFile{}
	}
	seed := w.Management.ID
	af := &AccountFactory{
		ProductID: "prod-" + spell("product/"+seed, 13, alphabetLow), ViewID: "prodview-" + spell("view/"+seed, 13, alphabetLow),
		PortfolioID: "port-" + spell("portfolio/"+seed, 13, alphabetLow), PathID: "lpv2-" + spell("path/"+seed, 13, alphabetLow),
		Created: w.before(), Principals: f.Principals,
	}
	w.AccountFactory = af
	if af.Principals == nil {
		af.Principals = []Principal{{ARN: w.Caller("").ARN, Type: "IAM"}}
	}
	for _, a := range f.Artifacts {
		af.Artifacts = append(af.Artifacts, &a)
	}
	if af.Artifacts == nil {
		af.Artifacts = []*Artifact{
			{ID: "pa-" + spell("artifact/1/"+seed, 13, alphabetLow), Name: FactoryProduct, Created: w.before()},
			{ID: "pa-" + spell("artifact/2/"+seed, 13, alphabetLow), Name: FactoryProduct, Active: true, Created: w.before().AddDate(0, 1, 0)},
		}
	}
	for _, p := range f.Products {
		af.Products = append(af.Products, &Product{
			ID: p.ID, Name: p.Name, Status: p.Status, StatusMessage: p.StatusMessage, Created: p.Created, Token: p.Token,
			Artifact: p.Artifact, PhysicalID: p.Account, LastRecord: p.LastRecord, LastProvisioning: p.LastProvision,
			LastSuccessful: p.LastSuccessful, Parameters: maps.Clone(p.Parameters), Tags: p.Tags, User: p.User,
		})
	}
	for i := range f.Records {
		if err := w.restoreRecord(fmt.Sprintf("accountFactory.records[%d]", i), &f.Records[i]); err != nil {
			return err
		}
	}
	return nil
}

// restoreRecord takes a record from the file; one that had not ended goes on where it stood.
func (w *World) restoreRecord(place string, f *recordInFile) error {
	r := &Record{
		ID: f.ID, Type: f.Type, Status: f.Status, Created: f.Created, Updated: f.Updated, ProductID: f.Product, ProductName: f.ProductName,
		Artifact: f.Artifact, Token: f.Token, Parameters: f.Parameters, Errors: f.Errors, Outputs: f.Outputs, User: f.User,
		step: f.Step, account: w.byID[f.Account], event: f.Event, fault: f.Fault,
	}
	switch {
	case steps[r.Type] == nil:
		return fmt.Errorf("%s.type: %q is no type of record", place, r.Type)
	case !slices.Contains([]string{"CREATED", "IN_PROGRESS", "IN_PROGRESS_IN_ERROR", "SUCCEEDED", "FAILED"}, r.Status):
		return fmt.Errorf("%s.status: %q is no status of a record", place, r.Status)
	}
	w.AccountFactory.Records = append(w.AccountFactory.Records, r)
	switch {
	case r.Ended():
		return nil
	case w.AccountFactory.Product(r.ProductID, "") == nil || r.step < 0 || r.step >= len(steps[r.Type]):
		return fmt.Errorf("%s: it has not ended, but its product %s is not in accountFactory.products, or its step is wrong", place, r.ProductID)
	case r.Type != terminates && (len(w.missing(r.Parameters)) > 0 || (r.step > 0 && w.brokenTemplate(r.Parameters) != nil)):
		return fmt.Errorf("%s.parameters: the operation has not ended, but its parameters are not complete; it needs %s",
			place, strings.Join(Parameters, ", "))
	case r.Status == "IN_PROGRESS_IN_ERROR" && len(r.Errors) > 0:
		w.After(0, func() { w.failed(r, &r.Errors[0]) })
		return nil
	case r.account == nil && r.step > 1:
		r.step = 1 // the account was being created: look again
	}
	w.schedule(r)
	return nil
}

func (w *World) restoreCreations(creations []creationInFile) {
	for _, c := range creations {
		s := &CreateAccountStatus{
			ID: c.ID, AccountName: c.Name, State: c.State, Requested: c.Requested, Completed: c.Completed,
			AccountID: c.Account, FailureReason: c.Failure,
		}
		if s.State == "IN_PROGRESS" {
			s.State, s.FailureReason = "FAILED", "INTERNAL_FAILURE"
		}
		w.creations = append(w.creations, s)
	}
}
