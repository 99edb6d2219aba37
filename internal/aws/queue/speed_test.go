package queue_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
)

// inFlight is a request as it is saved and read most often.
func inFlight() account.Request {
	at := time.Date(2026, 7, 1, 8, 30, 0, 0, time.UTC)
	return account.Request{
		ID: "r-f1a7e8dce916", Kind: account.Create, Batch: "b-0123456789ab", Row: 2, Turn: "0001#00000002", Name: "payments-dev",
		Email: "payments-dev@example.com", User: account.User{Email: "owner@example.com", FirstName: "Olivia", LastName: "Owner"},
		Unit: account.OrganizationalUnit{ID: "ou-ab12-11111113", Name: "Dev"}, Stage: account.Provisioning, Slot: true, Generation: 1,
		Assignments: []account.Assignment{
			{PermissionSet: "AWSReadOnlyAccess", Principal: "Auditors", State: account.AssignmentPending},
			{PermissionSet: "AdministratorAccess", Principal: "Platform Team", State: account.AssignmentPending},
		},
		Order: account.Operation{RecordID: "rec-abcdefghijklm", At: at}, QueuedAt: at, StartedAt: at, Since: at,
	}
}

func BenchmarkWriteRequest(b *testing.B) {
	r := inFlight()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := queue.WriteRequest(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadRequest(b *testing.B) {
	it, err := queue.WriteRequest(inFlight())
	if err != nil {
		b.Fatal(err)
	}
	r, err := queue.ReadRequest(it)
	if err != nil {
		b.Fatal(err)
	}
	if diff := cmp.Diff(inFlight(), r); diff != "" {
		b.Fatal(diff)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := queue.ReadRequest(it); err != nil {
			b.Fatal(err)
		}
	}
}
