package lifecycle

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/pattern"
)

// status is createManagedAccountStatus and updateManagedAccountStatus.
type status struct {
	OrganizationalUnit struct {
		Name string `json:"organizationalUnitName"`
		ID   string `json:"organizationalUnitId"`
	}
	Account struct {
		Name string `json:"accountName"`
		ID   string `json:"accountId"`
	}
	State, Message                         string
	RequestedTimestamp, CompletedTimestamp string
}

// controlTower reads a lifecycle event. Documentation and reality differ in which members there are, and in how the
// message is worded; nothing here depends on either.
func controlTower(m message) (Event, error) {
	var d struct {
		EventName          string
		EventTime          string
		RecipientAccountID string
		UserIdentity       struct{ AccountID string }
		Details            struct {
			Created *status `json:"createManagedAccountStatus"`
			Updated *status `json:"updateManagedAccountStatus"`
		} `json:"serviceEventDetails"`
	}
	if len(m.Detail) > 0 {
		if err := json.Unmarshal(m.Detail, &d); err != nil {
			return Event{}, fmt.Errorf("read event of Control Tower: %w", err)
		}
	}
	var s *status
	switch d.EventName {
	case "CreateManagedAccount":
		s = d.Details.Created
	case "UpdateManagedAccount":
		s = d.Details.Updated
	case "":
		return Event{What: clip(m.DetailType, 64)}, nil // "Drift Detected"
	default:
		return Event{What: clip(d.EventName, 64)}, nil
	}
	if s == nil {
		return Event{}, fmt.Errorf("read event %s: it says nothing of the account", d.EventName)
	}
	return Event{What: d.EventName, Account: &AccountEvent{
		Name:              d.EventName,
		State:             clip(s.State, 64),
		AccountName:       available(s.Account.Name),
		AccountID:         matching(accountID, s.Account.ID),
		OU:                account.OrganizationalUnit{ID: matching(unitID, s.OrganizationalUnit.ID), Name: available(s.OrganizationalUnit.Name)},
		Message:           clip(s.Message, 4096),
		RequestedAt:       firstTime(s.RequestedTimestamp),
		At:                firstTime(s.CompletedTimestamp, d.EventTime, m.Time, s.RequestedTimestamp),
		ManagementAccount: matching(accountID, m.Account, d.RecipientAccountID, d.UserIdentity.AccountID),
	}}, nil
}

var (
	accountID = pattern.Compile(`^[0-9]{12}$`)
	unitID    = pattern.Compile(`^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$`)
)

// matching is the first text of the pattern. Where Control Tower has no id it writes the words "Not Available", which
// Organizations would refuse.
func matching(pattern *pattern.Pattern, texts ...string) string {
	for _, text := range texts {
		if pattern.MatchString(text) {
			return text
		}
	}
	return ""
}

func available(name string) string {
	if name == "Not Available" {
		return ""
	}
	return clip(name, 256)
}

// firstTime is the first text that is a time. Real events write the offset without a colon ("+0000"), which RFC 3339 does
// not know; documented ones write Z.
func firstTime(texts ...string) time.Time {
	for _, text := range texts {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999999-0700"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}
