package world

import (
	"time"
)

// managed is an account operation that has ended, as a lifecycle event tells of it.
type managed struct {
	account   *Account // nil when the account was never created
	name      string   // the ordered name, where there is no account
	unit      *Unit    // nil when there is no such unit
	unitName  string   // the ordered one, where there is no such unit
	requested time.Time
	failure   *RecordError
}

// What stands in an event for an id that there is not.
const notAvailable = "Not Available"

// envelope is an AWS service event as CloudTrail brings it (AWS Control Tower User Guide, "Lifecycle events in AWS
// Control Tower").
type envelope struct {
	EventVersion        string            `json:"eventVersion"`
	UserIdentity        map[string]string `json:"userIdentity"`
	EventTime           string            `json:"eventTime"`
	EventSource         string            `json:"eventSource"`
	EventName           string            `json:"eventName"`
	AWSRegion           string            `json:"awsRegion"`
	SourceIPAddress     string            `json:"sourceIPAddress"`
	UserAgent           string            `json:"userAgent"`
	RequestParameters   any               `json:"requestParameters"`
	ResponseElements    any               `json:"responseElements"`
	EventID             string            `json:"eventID"`
	ReadOnly            bool              `json:"readOnly"`
	EventType           string            `json:"eventType"`
	ManagementEvent     bool              `json:"managementEvent"`
	RecipientAccountID  string            `json:"recipientAccountId"`
	EventCategory       string            `json:"eventCategory"`
	ServiceEventDetails map[string]any    `json:"serviceEventDetails"`
}

type accountStatus struct {
	OrganizationalUnit unitInEvent    `json:"organizationalUnit"`
	Account            accountInEvent `json:"account"`
	operationInEvent
}

type unitStatus struct {
	OrganizationalUnit unitInEvent `json:"organizationalUnit"`
	operationInEvent
}

type unitInEvent struct {
	Name string `json:"organizationalUnitName"`
	ID   string `json:"organizationalUnitId,omitempty"`
}

type accountInEvent struct {
	Name string `json:"accountName"`
	ID   string `json:"accountId,omitempty"`
}

type operationInEvent struct {
	State     string `json:"state"`
	Message   string `json:"message"`
	Requested string `json:"requestedTimestamp"`
	Completed string `json:"completedTimestamp"`
}

// publishAccount tells of an account operation: name is CreateManagedAccount or UpdateManagedAccount.
func (w *World) publishAccount(name string, m managed) {
	if m.failure != nil && w.Otherwise("failed-event") {
		return
	}
	missing := notAvailable
	if w.Otherwise("failed-event-not-available") {
		missing = ""
	}
	status := accountStatus{
		OrganizationalUnit: unitInEvent{Name: m.unitName, ID: missing},
		Account:            accountInEvent{Name: m.name, ID: missing},
	}
	if m.unit != nil {
		status.OrganizationalUnit = unitInEvent{Name: m.unit.Name, ID: m.unit.ID}
	}
	if m.account != nil {
		status.Account = accountInEvent{Name: m.account.Name, ID: m.account.ID}
	}
	message, key := "AWS Control Tower successfully created an enrolled account.", "createManagedAccountStatus"
	if name == "UpdateManagedAccount" {
		message, key = "AWS Control Tower successfully updated an enrolled account.", "updateManagedAccountStatus"
	}
	status.operationInEvent = w.ended(m.failure == nil, message, m.requested)
	if m.failure != nil {
		status.Message = m.failure.Description
	}
	w.publishLifecycle(name, key, status)
}

// publishUnit tells of the end of an operation on a unit.
func (w *World) publishUnit(name string, u *Unit, o *BaselineOperation) {
	if w.Otherwise("baseline-event") {
		return
	}
	message, key := "AWS Control Tower successfully registered an organizational unit.", "registerOrganizationalUnitStatus"
	if name == "DeregisterOrganizationalUnit" {
		message, key = "AWS Control Tower successfully deregistered an organizational unit.", "deregisterOrganizationalUnitStatus"
	}
	status := unitStatus{
		OrganizationalUnit: unitInEvent{Name: u.Name, ID: u.ID},
		operationInEvent:   w.ended(o.Status == "SUCCEEDED", message, o.Start),
	}
	if o.StatusMessage != "" {
		status.Message = o.StatusMessage
	}
	w.publishLifecycle(name, key, status)
}

func (w *World) ended(ok bool, message string, requested time.Time) operationInEvent {
	const stamp = "2006-01-02T15:04:05-0700"
	o := operationInEvent{
		State: "FAILED", Message: message,
		Requested: requested.UTC().Format(stamp), Completed: w.stamp().UTC().Format(stamp),
	}
	if ok {
		o.State = "SUCCEEDED"
	}
	return o
}

func (w *World) publishLifecycle(name, key string, status any) {
	w.Publish("aws.controltower", "AWS Service Event via CloudTrail", nil, envelope{
		EventVersion: "1.08",
		UserIdentity: map[string]string{"accountId": w.Management.ID, "invokedBy": "AWS Internal"},
		EventTime:    w.stamp().UTC().Format(time.RFC3339),
		EventSource:  "controltower.amazonaws.com", EventName: name, AWSRegion: w.Region,
		SourceIPAddress: "AWS Internal", UserAgent: "AWS Internal", EventID: w.uuid("cloudtrail"),
		EventType: "AwsServiceEvent", ManagementEvent: true, RecipientAccountID: w.Management.ID, EventCategory: "Management",
		ServiceEventDetails: map[string]any{key: status},
	})
}
