// Package account is the vocabulary of one account request: what was asked, how far it is, and why it is not further.
//
// A [Request] walks through stages. [Stages] is the table of them, from which the diagram in the README is drawn:
//
//	queued ─▶ provisioning ─▶ assigning ─▶ done                  a new account
//	queued ─▶ preparing ─▶ provisioning ─▶ assigning ─▶ done     an account that exists
//	any ─▶ failed ─ resume ─▶ the stage it failed in, or recovering
//
// What a step has to say about a request is a verdict: nil, [Wait], [Refused], or any other error, which means "try
// again". Adapters of AWS services turn AWS's errors into these.
//
// It imports nothing of the project.
package account

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"
	"time"
)

// Kind says what is done for a request.
type Kind string

// The kinds of a request.
const (
	Create Kind = "create" // a new account is made
	Enroll Kind = "enroll" // an account of the organization is brought under Control Tower
)

// Request is one account that somebody asked for, with all that is known about it. It is a value: a step takes one and
// returns the next.
type Request struct {
	ID    string `json:"id"`    // r- and a hash of the account's e-mail: one e-mail is one AWS account
	Kind  Kind   `json:"kind"`  // never changes
	Batch string `json:"batch"` // the batch whose data the request carries
	Row   int    `json:"row"`   // line of that batch's file
	Turn  string `json:"turn"`  // position in the order of batches and rows; sorts as text
	// Sequence is that of the batch: an upload with a lower one never replaces the request's data.
	Sequence string `json:"sequence,omitempty"`

	Name        string             `json:"name"`
	Email       string             `json:"email"`
	User        User               `json:"user"`
	Unit        OrganizationalUnit `json:"unit"`
	Assignments []Assignment       `json:"assignments,omitempty"`
	Tags        []Tag              `json:"tags,omitempty"`
	AtRoot      bool               `json:"atRoot,omitempty"` // somebody agreed that the execution role is put into an account in the root

	Stage       Stage    `json:"stage"`
	FailedStage Stage    `json:"failedStage,omitempty"` // of a failed request: the stage that resume returns it to
	Failure     *Failure `json:"failure,omitempty"`     // why it failed, or what it waits for
	Attempts    int      `json:"attempts,omitempty"`    // of this stage, waits not counted
	Waiting     string   `json:"waiting,omitempty"`     // what it waits for, in words

	AccountID      string    `json:"accountId,omitempty"`               // given by an enrollment, learnt from a record otherwise
	Slot           bool      `json:"slot,omitempty"`                    // it holds one of the places for account operations
	Generation     int       `json:"generation"`                        // counts product names; only upwards, from 1
	Order          Operation `json:"order,omitzero"`                    // the order of this generation's product
	Clearing       Operation `json:"clearing,omitzero"`                 // the termination of this generation's product
	OrderUntil     time.Time `json:"orderUntil,omitempty,omitzero"`     // until then an order that a frozen process holds may still leave
	Planting       Planting  `json:"planting,omitzero"`                 // how the execution role comes into the account
	Move           Move      `json:"move,omitzero"`                     // of an enrollment without a product
	Recover        bool      `json:"recover,omitempty"`                 // somebody agreed to terminate the product of an existing account
	AssigningSince time.Time `json:"assigningSince,omitempty,omitzero"` // when the stage was reached
	Tagged         bool      `json:"tagged,omitempty"`                  // the tags are on the account
	// Leaving is the direct assignment of Account Factory's user while it is taken away, and afterwards.
	Leaving Assignment `json:"leaving,omitzero"`

	// Since is when the present account operation began, or was resumed: its deadline counts from then.
	Since time.Time `json:"since,omitempty,omitzero"`

	QueuedAt   time.Time `json:"queuedAt,omitempty,omitzero"`
	StartedAt  time.Time `json:"startedAt,omitempty,omitzero"` // when the account operation was begun
	FinishedAt time.Time `json:"finishedAt,omitempty,omitzero"`
}

// User is the Identity Center user that Account Factory gives administrator access to the account.
type User struct {
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// OrganizationalUnit is where an account goes.
type OrganizationalUnit struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Path string `json:"path"` // names from below the root, joined by slashes: "Workloads/Prod"
}

// String is the unit as Account Factory wants it: "Name (ou-…)".
func (u OrganizationalUnit) String() string { return u.Name + " (" + u.ID + ")" }

// Tag is put on the account in Organizations.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Operation is one asynchronous operation of Service Catalog on a request's product.
type Operation struct {
	Token     string    `json:"token,omitempty"`            // saved before the call that uses it
	RecordID  string    `json:"recordId,omitempty"`         // known once AWS answered, or once found by name
	ProductID string    `json:"productId,omitempty"`        // pp-…
	At        time.Time `json:"at,omitempty,omitzero"`      // when the operation was first asked for
	EndedAt   time.Time `json:"endedAt,omitempty,omitzero"` // when it SUCCEEDED, as AWS says
	Failed    bool      `json:"failed,omitempty"`           // AWS's last word on it was FAILED
	Tries     int       `json:"tries,omitempty"`            // of a termination: those before that AWS ended FAILED
}

// ID is the request id of an account e-mail, the same for every spelling of its case and for blanks around it.
func ID(email string) string { return "r-" + hash(strings.ToLower(strings.TrimSpace(email))) }

// BatchID is the id of one version of an uploaded object.
func BatchID(bucket, key, version string) string {
	return "b-" + hash(bucket+"\x00"+key+"\x00"+version)
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// ProductName is the name of the provisioned product of the request's present generation. The name, not the token, is
// what keeps an account from being made twice: Service Catalog takes each name once.
func (r Request) ProductName() string { return r.productName("vend-") }

// OrderToken is the idempotency token of the present generation's order: the same each time it is asked for.
func (r Request) OrderToken() string { return r.productName("order-") }

// ClearToken is the idempotency token of the termination of the present generation's product. After one that AWS ended
// FAILED it is another: AWS answers a token that it knows with the record that it had.
func (r Request) ClearToken() string {
	token := r.productName("clear-")
	if n := r.Clearing.Tries; n > 0 {
		token += "-" + itoa(n+1)
	}
	return token
}

func (r Request) productName(prefix string) string {
	return prefix + r.ID + "-g" + itoa(max(1, r.Generation))
}

// OwnsProduct says whether a provisioned product's name is of this pipeline's making.
func OwnsProduct(name string) bool { return strings.HasPrefix(name, "vend-r-") }

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// LogValue shows a request in a log without any e-mail address.
func (r Request) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", r.ID), slog.String("batch", r.Batch), slog.Int("row", r.Row),
		slog.String("stage", string(r.Stage)), slog.String("account", r.AccountID), slog.Int("generation", r.Generation))
}
