package world

import (
	"fmt"
	"slices"
	"time"
)

// AssignmentRequest is an asynchronous operation of IAM Identity Center.
type AssignmentRequest struct {
	ID            string
	Kind          RequestKind
	Status        string // IN_PROGRESS, SUCCEEDED, FAILED
	FailureReason string
	doomed        bool // it ends FAILED with the reason doom, whatever else
	doom          string
	Created       time.Time
	Assignment    // of a provisioning: account (empty: all that have it) and permission set

	changes int // of the permission set, when it began
}

// RequestKind is what an [AssignmentRequest] does.
type RequestKind string

// The asynchronous operations of IAM Identity Center.
const (
	CreatesAssignment  RequestKind = "creation"
	DeletesAssignment  RequestKind = "deletion"
	ProvisionsPolicies RequestKind = "provisioning"
)

// Requests are the asynchronous operations of a kind so far, the newest first.
func (ic *IdentityCenter) Requests(kind RequestKind) []*AssignmentRequest {
	var requests []*AssignmentRequest
	for _, r := range slices.Backward(ic.requests) {
		if r.Kind == kind {
			requests = append(requests, r)
		}
	}
	return requests
}

// Request finds an asynchronous operation by its id; nil when there is none of that kind.
func (ic *IdentityCenter) Request(kind RequestKind, id string) *AssignmentRequest {
	for _, r := range ic.requests {
		if r.Kind == kind && r.ID == id {
			return r
		}
	}
	return nil
}

// Request begins to create or to delete an assignment, or to provision a permission set (IAM Identity Center API
// Reference, CreateAccountAssignment, DeleteAccountAssignment, ProvisionPermissionSet). It takes timing.assignment; only
// then does it show whether it works. An assignment that exists already is made again without complaint.
func (w *World) Request(kind RequestKind, a Assignment) (*AssignmentRequest, error) {
	ic := w.IdentityCenter
	if w.byID[a.Account] == nil && a.Account != "" && !w.Otherwise("unknown-target-account") {
		return nil, refuse("ResourceNotFoundException", "Account %s not found.", a.Account)
	}
	if kind == DeletesAssignment && !slices.Contains(ic.Assignments, a) && w.Otherwise("delete-missing-assignment") {
		return nil, refuse("ResourceNotFoundException", "The assignment doesn't exist.")
	}
	outstanding := 0
	for _, r := range ic.requests {
		if r.Status != "IN_PROGRESS" {
			continue
		}
		if r.Assignment == a || (ic.meet(r.Assignment, a) && w.Otherwise("assignment-conflict-scope")) {
			return nil, refuse("ConflictException", "There is a conflicting operation in process. Please try again.")
		}
		if r.Kind == CreatesAssignment || (r.Kind == DeletesAssignment && w.Otherwise("assignment-deletions-share-pool")) {
			outstanding++
		}
	}
	counts := kind == CreatesAssignment || (kind == DeletesAssignment && w.Otherwise("assignment-deletions-share-pool"))
	if counts && outstanding >= w.Quotas.OutstandingAssignments {
		return nil, w.tooManyAssignments()
	}
	r := &AssignmentRequest{ID: w.uuid("sso-request"), Kind: kind, Status: "IN_PROGRESS", Created: w.stamp(), Assignment: a}
	if set := ic.PermissionSet(a.PermissionSet); set != nil {
		r.changes = set.changes
	}
	if ic.failing != nil && kind != ProvisionsPolicies {
		r.doomed, r.doom, ic.failing = true, *ic.failing, nil
	}
	ic.requests = append(ic.requests, r)
	w.After(w.Timing.Assignment, func() { w.fulfil(r) })
	return r, nil
}

// FailAssignment lets the next creation or deletion of an assignment that begins end FAILED, for that reason.
func (w *World) FailAssignment(reason string) { w.IdentityCenter.failing = &reason }

// meet says whether two operations work on a role of the same account; a provisioning may work on many.
func (ic *IdentityCenter) meet(a, b Assignment) bool {
	if a.Account == "" && b.Account == "" {
		return slices.ContainsFunc(ic.reach(a), func(id string) bool { return slices.Contains(ic.reach(b), id) })
	}
	return slices.Contains(ic.reach(a), b.Account) || slices.Contains(ic.reach(b), a.Account)
}

// reach are the accounts that an operation works on.
func (ic *IdentityCenter) reach(a Assignment) []string {
	if set := ic.PermissionSet(a.PermissionSet); a.Account == "" && set != nil {
		return ic.ProvisionedTo(set)
	}
	return []string{a.Account}
}

// outstandingByDefault is how many creations of assignments may be outstanding where the world file says nothing.
func (w *World) outstandingByDefault() int {
	if w.Otherwise("outstanding-assignments") {
		return 15
	}
	return 10
}

func (w *World) tooManyAssignments() error {
	switch {
	case w.Otherwise("assignment-limit-code"):
		return refuse("ServiceQuotaExceededException", "You have exceeded the number of outstanding account assignments.")
	case w.Otherwise("assignment-limit-conflict"):
		return refuse("ConflictException", "There is a conflicting operation in process. Please try again.")
	default:
		return refuse("ThrottlingException", "There are too many requests processing. Please try again later.")
	}
}

// fulfil ends an asynchronous operation; a failure is told as Identity Center tells it.
func (w *World) fulfil(r *AssignmentRequest) {
	ic := w.IdentityCenter
	if r.Kind == ProvisionsPolicies {
		w.provision(r)
		return
	}
	if r.doomed {
		r.Status, r.FailureReason = "FAILED", r.doom
		return
	}
	if reason := w.hindrance(r.Kind, r.Assignment); reason != "" {
		r.Status, r.FailureReason = "FAILED", reason
		return
	}
	r.Status = "SUCCEEDED"
	switch r.Kind {
	case CreatesAssignment:
		ic.assign(r.Assignment)
	case DeletesAssignment:
		ic.Assignments = slices.DeleteFunc(ic.Assignments, func(a Assignment) bool { return a == r.Assignment })
	}
}

// provision brings a permission set as it was when the operation began to each of its accounts that nothing hinders.
func (w *World) provision(r *AssignmentRequest) {
	ic := w.IdentityCenter
	set := ic.PermissionSet(r.PermissionSet)
	r.Status = "SUCCEEDED"
	for _, id := range ic.reach(r.Assignment) {
		reason := w.hindrance(r.Kind, Assignment{Account: id, PermissionSet: r.PermissionSet})
		switch {
		case reason == "" && set.changes == r.changes:
			set.Outdated = slices.DeleteFunc(set.Outdated, func(outdated string) bool { return outdated == id })
		case reason != "" && r.FailureReason == "" && (r.Account != "" || !w.Otherwise("provision-all-succeeds-in-part")):
			r.Status, r.FailureReason = "FAILED", reason
		}
	}
}

// hindrance says why an operation cannot be done in its account, empty if it can.
func (w *World) hindrance(kind RequestKind, asked Assignment) string {
	ic, a := w.IdentityCenter, w.byID[asked.Account]
	set := ic.PermissionSet(asked.PermissionSet)
	switch {
	case set == nil:
		return "Received a 404 status error: the permission set " + asked.PermissionSet + " was not found."
	case a == nil:
		return "Received a 404 status error: the account " + asked.Account + " was not found."
	case !a.Active():
		return fmt.Sprintf("AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account "+
			"'%s' takes longer than usual. Please try again in a few minutes.", a.ID)
	case a.ID == w.Management.ID && !ic.Management:
		return "Received a 403 status error: Access denied by IAM. Not authorized to perform: iam:ListRolePolicies on resource: role " +
			"AWSReservedSSO_" + set.Name
	case kind == CreatesAssignment && !ic.exists(asked):
		return fmt.Sprintf("Received a 404 status error: the %s assignee %s was not found in directory %s",
			asked.PrincipalType, asked.Principal, ic.StoreID)
	case kind == DeletesAssignment:
		return ""
	}
	for _, p := range set.references() {
		if !slices.Contains(a.Policies, p.String()) {
			return fmt.Sprintf("Received a 404 status error: Policy arn:aws:iam::%s:policy%s does not exist or is not attachable.", a.ID, p)
		}
	}
	return ""
}
