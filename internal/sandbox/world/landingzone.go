package world

import (
	"slices"
	"strings"
	"time"
)

// LandingZone is Control Tower's own state.
type LandingZone struct {
	Version         string   `json:"version"`
	Status          string   `json:"status"` // ACTIVE, PROCESSING, FAILED
	Drift           string   `json:"drift"`  // IN_SYNC, DRIFTED
	GovernedRegions []string `json:"governedRegions"`
	AutoEnroll      bool     `json:"autoEnroll"` // remediation type INHERITANCE_DRIFT
}

// Baseline is AWSControlTowerBaseline as it is enabled on a unit, or as it reaches an account from its unit.
type Baseline struct {
	ARN       string
	Version   string
	Status    string // SUCCEEDED, FAILED, UNDER_CHANGE
	Drift     string // IN_SYNC, DRIFTED
	Operation string // the last one's id
	From      *Unit  // of an account: the unit that it comes from; nil on units
}

// The baselines that Control Tower knows (AWS Control Tower User Guide, "Types of baselines"), by name.
var baselineIDs = map[string]string{
	ControlTowerBaseline: "17BSJV3IGJ2QSGA2", IdentityCenterBaseline: "LN25R72TTG6IGPTQ",
	"AuditBaseline": "4T4HA1KMO10S6311", "LogArchiveBaseline": "J8HX46AHS5MIKQPD",
}

// The baselines that matter to accounts.
const (
	ControlTowerBaseline   = "AWSControlTowerBaseline"
	IdentityCenterBaseline = "IdentityCenterBaseline"
)

// BaselineARN is the ARN of a baseline; empty when Control Tower has none of that name.
func (w *World) BaselineARN(name string) string {
	id := baselineIDs[name]
	if id == "" {
		return ""
	}
	return "arn:aws:controltower:" + w.Region + "::baseline/" + id
}

// LandingZoneARN is the ARN of the landing zone.
func (w *World) LandingZoneARN() string {
	return w.controlTowerARN("landingzone/" + spell("landingzone", 16, alphabetUp))
}

// BaselineVersion is the version of AWSControlTowerBaseline that goes with the landing zone (AWS Control Tower User Guide,
// "Compatibility of baselines and landing zone versions").
func (w *World) BaselineVersion() string {
	major, minor, _ := strings.Cut(w.LandingZone.Version, ".")
	switch {
	case major == "2" && len(minor) == 1 && minor < "8":
		return "1.0"
	case major == "2":
		return "2.0"
	case major >= "4" && w.Otherwise("landing-zone-4-baseline"):
		return "5.0"
	default:
		return "4.0"
	}
}

func (w *World) controlTowerARN(rest string) string {
	return "arn:aws:controltower:" + w.Region + ":" + w.Management.ID + ":" + rest
}

// EnabledBaselineARN makes up the ARN of an enabled baseline by its target.
func (w *World) EnabledBaselineARN(target string) string {
	return w.controlTowerARN("enabledbaseline/X" + spell("enabledbaseline/"+target, 16, alphabetUp))
}

func (w *World) newBaseline(target, status string, from *Unit) *Baseline {
	version := w.BaselineVersion()
	if from != nil && from.Baseline != nil {
		version = from.Baseline.Version
	}
	return &Baseline{
		ARN: w.EnabledBaselineARN(target), Version: version, Status: status, Drift: "IN_SYNC", Operation: w.uuid("baseline-operation"),
		From: from,
	}
}

// moved lets Control Tower see that an account stands elsewhere now.
func (w *World) moved(a *Account) {
	switch to := a.Parent; {
	case w.LandingZone.AutoEnroll && to.Registered():
		requested := w.stamp()
		known := a.Known
		w.enrolling(a, to)
		w.After(w.Timing.Provision/2, func() {
			if !w.member(a) {
				return
			}
			failure := w.unfit(a, false)
			w.enrolled(a, failure == nil)
			if w.Otherwise("auto-enroll-event") {
				return
			}
			name := "CreateManagedAccount"
			if known {
				name = "UpdateManagedAccount"
			}
			w.publishAccount(name, managed{account: a, unit: to, requested: requested, failure: failure})
		})
	case w.LandingZone.AutoEnroll && a.Baseline != nil:
		w.unenroll(a)
	case a.Baseline != nil:
		a.Baseline.Drift = "DRIFTED"
		if a.Baseline.From == to {
			a.Baseline.Drift = "IN_SYNC"
		}
	}
}

func (w *World) enrolling(a *Account, unit *Unit) {
	a.Known = true
	a.Baseline = w.newBaseline(w.AccountARN(a), "UNDER_CHANGE", unit)
}

// enrolled ends what [World.enrolling] began.
func (w *World) enrolled(a *Account, ok bool) {
	if a.Baseline == nil {
		return
	}
	a.Baseline.Status = "FAILED"
	if ok {
		a.Baseline.Status = "SUCCEEDED"
		a.AddRole(executionRole)
	}
}

func (w *World) unenroll(a *Account) {
	a.Baseline = nil
	a.RemoveRole(executionRole)
}

const executionRole = "AWSControlTowerExecution"

// BaselineOperation is one operation on an enabled baseline (AWS Control Tower API Reference, BaselineOperation).
type BaselineOperation struct {
	ID, Type, Status, StatusMessage string
	Start, End                      time.Time
}

// BaselineOperation finds an operation by its id; nil when there is none.
func (w *World) BaselineOperation(id string) *BaselineOperation {
	for _, o := range w.operations {
		if o.ID == id {
			return o
		}
	}
	return nil
}

// busy says whether Control Tower is at work on what account operations have to wait for
// (AWS Control Tower User Guide, "Troubleshooting").
func (w *World) busy() bool {
	return w.governsAnew() || (w.Otherwise("controls-beside-accounts") && w.controlling())
}

// governsAnew says whether Control Tower is at work on the landing zone or a whole unit, which excludes everything else.
func (w *World) governsAnew() bool {
	return w.LandingZone.Status == "PROCESSING" ||
		slices.ContainsFunc(w.operations, func(o *BaselineOperation) bool { return o.Status == "IN_PROGRESS" })
}

// Govern begins to enable, reset or update AWSControlTowerBaseline on a unit, which enrolls the accounts directly in it
// without needing AWSControlTowerExecution (AWS Control Tower User Guide, "Register an existing organizational unit").
// operation is ENABLE_BASELINE, RESET_ENABLED_BASELINE or UPDATE_ENABLED_BASELINE. It takes ten minutes, at the end of which
// its prechecks have passed or not, and two more an account, where an account takes twenty-five.
func (w *World) Govern(u *Unit, operation, version string) (*BaselineOperation, error) {
	if err := w.mayGovern(u, operation); err != nil {
		return nil, err
	}
	o := w.begin(operation)
	arn := w.EnabledBaselineARN(w.UnitARN(u))
	u.Baseline = &Baseline{ARN: arn, Version: version, Status: "UNDER_CHANGE", Drift: "IN_SYNC", Operation: o.ID}
	w.governing(u, o)
	return o, nil
}

func (w *World) registration(u *Unit) time.Duration {
	return time.Duration(10+2*len(u.Accounts)) * w.Timing.Provision / 25
}

func (w *World) mayGovern(u *Unit, operation string) error {
	switch {
	case u.Parent == nil:
		return refuse("ValidationException", "AWS Control Tower can't enable a baseline on the organization root.")
	case operation == "ENABLE_BASELINE" && u.Registered():
		code := "ConflictException"
		if w.Otherwise("baseline-already-enabled-code") {
			code = "ValidationException"
		}
		return refuse(code, "This baseline is already enabled on this target.")
	case w.busy() || w.running() > 0 || w.controlling():
		return refuse("ConflictException", "AWS Control Tower can't start this operation because another AWS Control Tower operation is in progress.")
	case w.LandingZone.Status != "ACTIVE":
		return refuse("ConflictException", "The landing zone is not in the ACTIVE state.")
	case len(u.Accounts) > w.mostAccounts():
		return refuse("ValidationException", "The organizational unit %s has more than %d accounts.", u.ID, w.mostAccounts())
	case u.Parent.Parent != nil && !u.Parent.Registered():
		return refuse("ValidationException", "The parent organizational unit of %s is not registered with AWS Control Tower.", u.ID)
	default:
		return nil
	}
}

// mostAccounts is how many accounts may be in a unit that is registered (AWS Control Tower User Guide, "Limitations based on
// underlying AWS services").
func (w *World) mostAccounts() int {
	if w.Otherwise("accounts-of-a-registered-unit") {
		return 300
	}
	return 1000
}

func (w *World) begin(operation string) *BaselineOperation {
	o := &BaselineOperation{ID: w.uuid("baseline-operation"), Type: operation, Status: "IN_PROGRESS", Start: w.stamp()}
	w.operations = append(w.operations, o)
	return o
}

// Release begins to disable AWSControlTowerBaseline on a unit, which unenrolls its accounts (AWS Control Tower API
// Reference, DisableBaseline).
func (w *World) Release(u *Unit) (*BaselineOperation, error) {
	switch {
	case u.Baseline == nil:
		return nil, refuse("ResourceNotFoundException", "The enabled baseline doesn't exist.")
	case w.busy() || w.running() > 0 || w.controlling():
		return nil, refuse("ConflictException", "AWS Control Tower can't start this operation because another AWS Control Tower operation is in progress.")
	case slices.ContainsFunc(u.Units, func(child *Unit) bool { return child.Baseline != nil }):
		return nil, refuse("ConflictException", "The organizational unit has nested organizational units that are registered.")
	case len(u.Controls) > 0 && w.Otherwise("controls-of-deregistered-unit"):
		return nil, refuse("ConflictException", "The organizational unit has controls that are enabled. Disable them first.")
	}
	o := w.begin("DISABLE_BASELINE")
	u.Baseline.Status, u.Baseline.Operation = "UNDER_CHANGE", o.ID
	w.After(w.registration(u), func() {
		for _, a := range u.Accounts {
			w.unenroll(a)
		}
		u.Baseline, u.Controls = nil, nil
		o.Status, o.End = "SUCCEEDED", w.stamp()
		w.AccountFactory.renew(w)
		w.publishUnit("DeregisterOrganizationalUnit", u, o)
	})
	return o, nil
}
