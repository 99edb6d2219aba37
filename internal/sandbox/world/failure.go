package world

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
)

const anotherOperation = "Account Factory cannot complete an operation on this account, because another AWS Control Tower " +
	"operation is in progress. Try again later."

func (w *World) tooMany() string {
	return fmt.Sprintf("Account Factory cannot complete an operation on this account, because the allowed maximum of %d "+
		"concurrent account operations is exceeded.", w.Quotas.ConcurrentAccountOperations)
}

// undocumented is a failure whose text is known and whose code is not.
func (w *World) undocumented(text string) *RecordError {
	if w.Otherwise("record-error-without-code") {
		return &RecordError{Description: text}
	}
	return &RecordError{Code: "InternalFailure", Description: text}
}

func emailInUse(email string) *RecordError {
	return &RecordError{
		Code: "InvalidParametersException",
		Description: "AWS Control Tower cannot create the account because the email address provided is associated with another " +
			"account: " + email,
	}
}

// unfit says why an account cannot be enrolled (AWS Control Tower User Guide, "Enroll an existing AWS account" and
// "Troubleshooting"); nil when it can. The role counts where the enrollment needs it.
func (w *World) unfit(a *Account, needsRole bool) *RecordError {
	switch {
	case !a.Active():
		return w.undocumented("AWSControlTowerExecution role can't be assumed on the account.")
	case needsRole && !w.executes(a) && !w.LandingZone.AutoEnroll:
		return w.undocumented("AWS Control Tower is unable to assume the AWSControlTowerExecution role in the account. Add the role " +
			"to your account if it's not present, and try again.")
	case w.governs(a.InactiveSTS) && !w.Otherwise("sts-inactive-enrolls"):
		return w.undocumented("AWSControlTowerExecution role can't be assumed on the account.")
	case w.governs(a.DeniedRegions):
		return w.undocumented("AWS Control Tower failed to deploy one or more stack set instances: StackSet Id: AWSControlTowerBP-BASELINE-CONFIG")
	case w.governs(a.ConfigRecorders):
		return w.undocumented("AWS Control Tower cannot create an AWS Config configuration recorder because one already exists. " +
			"To continue, delete the existing configuration recorder and try again.")
	case w.governs(a.DeliveryChannels):
		return w.undocumented("AWS Control Tower cannot create an AWS Config delivery channel because one already exists. " +
			"To continue, delete the existing delivery channel and try again.")
	case w.authorizes(a):
		return w.undocumented("AWS Control Tower cannot create an AWS Config aggregation authorization because one already exists. " +
			"To continue, delete the existing aggregation authorization and try again.")
	case w.remnant(a) != "" && !w.Otherwise("remnants-are-adopted"):
		return w.undocumented("AWS Control Tower cannot create " + w.remnant(a) + " already exists. To continue, delete the existing one and try again.")
	case a.DefaultVPCInUse && !w.Otherwise("default-vpc-in-use"):
		return w.undocumented(vpcInUse)
	default:
		return nil
	}
}

// executes says whether Control Tower can act in the account: AWSControlTowerExecution is there, trusts the management account,
// and may do everything (AWS Control Tower User Guide, "Manually add the required IAM role to an existing AWS account").
func (w *World) executes(a *Account) bool {
	tower := Caller{Account: w.Management.ID, ARN: "arn:aws:sts::" + w.Management.ID + ":assumed-role/AWSControlTowerAdmin/AWSControlTower"}
	return w.MayAssume(tower, a.ID, executionRole) && slices.Contains(a.Role(executionRole).Policies, AdministratorAccess)
}

const vpcInUse = "AWS Control Tower could not baseline VPC in the managed account because of existing resource dependencies."

func (w *World) governs(regions []string) bool {
	return slices.ContainsFunc(regions, func(r string) bool { return slices.Contains(w.LandingZone.GovernedRegions, r) })
}

var unitValue = pattern.Compile(`^(.*) \((ou-[0-9a-z]+-[0-9a-z]+)\)$`)

// target is the registered unit that an order names; nil when it names none.
func (w *World) target(r *Record) *Unit {
	value := r.Parameters[managedUnit]
	m := unitValue.FindStringSubmatch(value)
	for u := range w.Root.All() {
		switch {
		case u.Parent == nil || !u.Registered():
		case m == nil && u.Name == value && w.Otherwise("bare-ou-name"):
			return u
		case m != nil && u.ID == m[2] && (u.Name == m[1] || w.Otherwise("ou-name-mismatch")):
			return u
		}
	}
	return nil
}

// failed ends an operation badly. The product stays, and holds its name.
func (w *World) failed(r *Record, e *RecordError) {
	r.Updated = w.stamp()
	if w.Otherwise("failing-record-in-error") && r.Status != "IN_PROGRESS_IN_ERROR" {
		r.Status, r.Errors = "IN_PROGRESS_IN_ERROR", []RecordError{*e}
		w.After(w.hundredths(5), func() { w.failed(r, e) })
		return
	}
	r.Status, r.Errors = "FAILED", []RecordError{*e}
	p := w.AccountFactory.Product(r.ProductID, "")
	p.Status, p.StatusMessage = "ERROR", e.Description
	if p.LastSuccessful != "" || e.Description == vpcInUse {
		p.Status = "TAINTED"
	}
	if r.account != nil {
		w.enrolled(r.account, false)
	}
	if r.Type == provisions && w.Otherwise("failed-product-physical-id") {
		p.PhysicalID = ""
	}
	if r.Type == terminates {
		return
	}
	if r.event == "" {
		r.event = "CreateManagedAccount"
		if r.Type == updates {
			r.event = "UpdateManagedAccount"
		}
	}
	unit := w.target(r)
	name, _, _ := strings.Cut(r.Parameters[managedUnit], " (")
	w.publishAccount(r.event, managed{
		account: r.account, name: r.Parameters[accountName], unit: unit, unitName: name, requested: r.Created, failure: e,
	})
}

// stopping looks whether an account can be unmanaged now: one at a time (AWS Control Tower User Guide, "Quotas").
func (w *World) stopping(r *Record) *RecordError {
	others := slices.ContainsFunc(w.AccountFactory.Records, func(other *Record) bool {
		return other.Type == terminates && other.Status == "IN_PROGRESS"
	})
	r.Status, r.Updated = "IN_PROGRESS", w.stamp()
	switch {
	case r.fault != nil:
		return &RecordError{Code: r.fault.Code, Description: r.fault.Message}
	case others || w.busy():
		return &RecordError{Code: "ResourceInUseException", Description: anotherOperation}
	}
	return nil
}

// stopped unmanages the account and takes the product away.
func (w *World) stopped(r *Record) *RecordError {
	f := w.AccountFactory
	p := f.Product(r.ProductID, "")
	if a := w.byID[p.PhysicalID]; a != nil {
		w.unenroll(a)
		if a.Parent != w.Root {
			w.place(a, w.Root)
		}
	}
	f.Products = slices.DeleteFunc(f.Products, func(other *Product) bool { return other == p })
	r.Status, r.Updated = "SUCCEEDED", w.stamp()
	return nil
}
