package world

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// step is a part of an account operation: it happens when so many hundredths of timing.provision have passed since the
// part before it.
type step struct {
	after int
	do    func(*World, *Record) *RecordError
}

// steps are the parts of each kind of operation. Provisioning takes timing.provision as a whole, termination a fifth.
var steps = map[string][]step{
	provisions: {{2, (*World).started}, {6, (*World).found}, {22, (*World).settled}, {58, (*World).granted}, {12, (*World).done}},
	updates:    {{2, (*World).started}, {6, (*World).refound}, {22, (*World).settled}, {58, (*World).granted}, {12, (*World).done}},
	terminates: {{2, (*World).stopping}, {18, (*World).stopped}},
}

// Creating an account takes so many hundredths of timing.provision.
const creation = 12

func (w *World) schedule(r *Record) {
	next := steps[r.Type][r.step]
	w.After(w.hundredths(next.after), func() {
		if r.Ended() || r.Status == "IN_PROGRESS_IN_ERROR" {
			return
		}
		r.step++
		if failure := w.perform(r, next); failure != nil {
			w.failed(r, failure)
		} else if r.step < len(steps[r.Type]) {
			w.schedule(r)
		}
	})
}

// perform does a part of an operation, unless the account has left the organization meanwhile.
func (w *World) perform(r *Record, next step) *RecordError {
	if r.account != nil && !w.member(r.account) {
		return w.undocumented(notMember(w.AccountFactory.Product(r.ProductID, "")))
	}
	return next.do(w, r)
}

func (w *World) hundredths(n int) time.Duration { return w.Timing.Provision * time.Duration(n) / 100 }

// started looks at what must hold before anything is done.
func (w *World) started(r *Record) *RecordError {
	others := w.running()
	r.Status, r.Updated = "IN_PROGRESS", w.stamp()
	switch {
	case r.fault != nil && (r.fault.Account != "created" || r.Type != provisions):
		return &RecordError{Code: r.fault.Code, Description: r.fault.Message}
	case w.busy():
		return &RecordError{Code: "ResourceInUseException", Description: anotherOperation}
	case w.LandingZone.Status == "FAILED" || w.LandingZone.Drift == "DRIFTED":
		return w.undocumented("AWS Control Tower can't create your account due to potential drift in your landing zone")
	case others >= w.Quotas.ConcurrentAccountOperations:
		return &RecordError{Code: "ResourceInUseException", Description: w.tooMany()}
	}
	if e := w.brokenTemplate(r.Parameters); e != nil {
		return e
	}
	return w.homeless(r)
}

// homeless says that the unit of an order is not registered; nil when it is.
func (w *World) homeless(r *Record) *RecordError {
	if w.target(r) != nil {
		return nil
	}
	return &RecordError{
		Code:        "InvalidParametersException",
		Description: fmt.Sprintf("The parent organizational unit '%s' is not enrolled in AWS Control Tower.", r.Parameters[managedUnit]),
	}
}

// found looks for the account by its address: a member is enrolled, an address that nobody has becomes a new account.
func (w *World) found(r *Record) *RecordError {
	email := r.Parameters[accountEmail]
	if a := w.AccountByEmail(email); a != nil && (a.Email == email || !w.Otherwise("enroll-email-case")) {
		return w.takeIn(r, a)
	}
	if w.emailTaken(email) {
		return emailInUse(email)
	}
	if w.full() {
		return w.undocumented("AWS Control Tower cannot create an account because you have reached the limit on the number of " +
			"accounts in your organization")
	}
	name := r.Parameters[accountName]
	if len(name) > 50 || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c > '~' }) {
		return &RecordError{Code: "InvalidParametersException", Description: "The account name '" + name + "' is not valid."}
	}
	w.createAccount(w.hundredths(creation), email, name, executionRole, nil, func(a *Account, failure string) {
		switch {
		case r.Ended():
		case failure == "EMAIL_ALREADY_EXISTS":
			w.failed(r, emailInUse(email))
		case failure != "":
			w.failed(r, w.undocumented(failure))
		default:
			r.event = "CreateManagedAccount"
			w.belongs(r, a)
		}
	})
	return nil
}

// takeIn begins to enroll an account that the organization has already.
func (w *World) takeIn(r *Record, a *Account) *RecordError {
	owner := w.AccountFactory.owner(a)
	switch {
	case a.ID == w.Management.ID:
		return emailInUse(a.Email)
	case owner == nil:
	case owner.Status == "ERROR" && !w.Otherwise("enroll-over-leftover"):
		return w.undocumented("AWS Control Tower cannot create the IAM role aws-controltower-AdministratorExecutionRole because the " +
			"role already exists. To continue, delete the existing IAM role and try again.")
	case owner.Status != "ERROR" && !w.Otherwise("enroll-enrolled"):
		return emailInUse(a.Email)
	}
	if w.Otherwise("enroll-name-mismatch") && a.Name != r.Parameters[accountName] {
		return &RecordError{
			Code:        "InvalidParametersException",
			Description: fmt.Sprintf("The account name '%s' does not match the name of account %s.", r.Parameters[accountName], a.ID),
		}
	}
	r.event = "CreateManagedAccount"
	if a.Known || w.Otherwise("enroll-event-name") {
		r.event = "UpdateManagedAccount"
	}
	w.belongs(r, a)
	return w.unfit(a, !a.Enrolled())
}

// owner is the provisioned product that holds the account; nil when none does.
func (f *AccountFactory) owner(a *Account) *Product {
	at := slices.IndexFunc(f.Products, func(p *Product) bool { return p.PhysicalID == a.ID })
	if at < 0 {
		return nil
	}
	return f.Products[at]
}

// belongs ties the account to the operation and its product.
func (w *World) belongs(r *Record, a *Account) {
	r.account = a
	w.AccountFactory.Product(r.ProductID, "").PhysicalID = a.ID
	w.enrolling(a, w.target(r))
}

// refound takes the account that the product has.
func (w *World) refound(r *Record) *RecordError {
	p := w.AccountFactory.Product(r.ProductID, "")
	a := w.byID[p.PhysicalID]
	r.event = "UpdateManagedAccount"
	if a == nil {
		return w.undocumented(notMember(p))
	}
	if !strings.EqualFold(r.Parameters[accountEmail], p.Parameters[accountEmail]) &&
		!strings.EqualFold(r.Parameters[accountEmail], a.Email) {
		return &RecordError{Code: "InvalidParametersException", Description: "The e-mail address of an account can't be changed by an update."}
	}
	w.belongs(r, a)
	return w.unfit(a, true)
}

// settled puts the account into its organizational unit.
func (w *World) settled(r *Record) *RecordError {
	if e := w.homeless(r); e != nil {
		return e
	}
	if r.account.Parent != w.target(r) {
		w.place(r.account, w.target(r))
	}
	if r.fault != nil {
		return &RecordError{Code: r.fault.Code, Description: r.fault.Message}
	}
	return nil
}

// granted gives the access user of the order administrative access (AWS Control Tower User Guide, "Provision accounts
// with AWS Service Catalog Account Factory"). An order without one gives nobody access.
func (w *World) granted(r *Record) *RecordError {
	ic := w.IdentityCenter
	if r.Parameters[userEmail] == "" {
		return nil
	}
	user := ic.UserNamed(r.Parameters[userEmail])
	if user == nil {
		user = ic.AddUser(&User{
			UserName: r.Parameters[userEmail], Email: r.Parameters[userEmail],
			First: r.Parameters[userFirst], Last: r.Parameters[userLast],
		})
	}
	set := ic.PermissionSetNamed("AWSAdministratorAccess")
	if set == nil {
		set = ic.AddPermissionSet(w, &PermissionSet{
			Name: "AWSAdministratorAccess", ManagedPolicies: []string{"arn:aws:iam::aws:policy/AdministratorAccess"},
		})
	}
	ic.assign(Assignment{Account: r.account.ID, PermissionSet: set.ARN, PrincipalType: "USER", Principal: user.ID})
	return nil
}

// done ends an operation well.
func (w *World) done(r *Record) *RecordError {
	p := w.AccountFactory.Product(r.ProductID, "")
	w.enrolled(r.account, true)
	r.Status, r.Updated = "SUCCEEDED", w.stamp()
	r.Outputs = []Output{
		{Key: "AccountId", Value: r.account.ID, Description: "Account ID of the account"},
		{Key: "AccountEmail", Value: r.account.Email, Description: "Email of the account"},
		{Key: "SSOUserEmail", Value: r.Parameters[userEmail], Description: "Email of the IAM Identity Center user"},
		{Key: "SSOUserPortal", Value: w.Portal(), Description: "URL of the access portal"},
	}
	p.Status, p.LastSuccessful, p.Parameters = "AVAILABLE", r.ID, r.Parameters
	w.publishAccount(r.event, managed{account: r.account, unit: w.target(r), requested: r.Created})
	return nil
}
