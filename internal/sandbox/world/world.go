// Package world is the landing zone itself: the organization, its clock, its rules.
//
// The services of the sandbox are translators between AWS's wire formats and this package; what they have in common is
// here: who exists ([Unit], [Account], [IdentityCenter]), what happens when ([World.After]), who hears of it
// ([World.Publish]), and what Account Factory and Control Tower do with an account ([AccountFactory], [Baseline]).
//
// A rule that refuses answers with a [Refusal], AWS's own code and words; the services put it on the wire. Where no
// documentation says how AWS behaves, the rule asks [World.Otherwise], and [Assumptions] says what is known.
//
// It imports samples, for the default landing zone, and nothing else of the project.
package world

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/vend-cli/vend/samples"
)

// World is one landing zone in its management account and home Region. Use it within [World.Do].
type World struct {
	Management     Management
	OrganizationID string
	Region         string
	Timing         Timing
	Quotas         Quotas
	LandingZone    LandingZone
	Root           *Unit
	IdentityCenter *IdentityCenter
	AccountFactory *AccountFactory
	Templates      map[string]string // what stands behind a TemplateURL that is no bucket's
	TrustedAccess  []string          // service principals that Organizations trusts

	mu         sync.Mutex
	now        func() time.Time
	speed      float64
	due        effects
	happening  time.Time // when the effect was due that is happening; zero when none is
	seq        uint64
	changed    chan struct{}
	ids        map[string]int
	flipped    map[string]bool
	route      func(Event)
	eventFault func(string) EventFault
	targets    []func(string, []byte) bool

	accounts          []*Account // in the order in which they came into being
	byID              map[string]*Account
	formerUnits       map[string]bool // ids of units that were deleted
	creations         []*CreateAccountStatus
	elsewhere         map[string]bool // e-mail addresses of accounts outside the organization, in small letters
	operations        []*BaselineOperation
	controlOperations []*ControlOperation
	faults            []RecordFault
	sessions          map[string]Caller

	instanceFaults []InstanceFault
	placed         func(*Account)

	organizationsCalls allowance
}

// Management is the management account.
type Management struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

// Timing is how long things take in the world's own time.
type Timing struct {
	Provision  time.Duration
	Assignment time.Duration
	StackSet   time.Duration
	EventDelay time.Duration
	IndexLag   time.Duration
}

// Quotas are the limits that differ from organization to organization. Zero in a world file means AWS's default.
type Quotas struct {
	Accounts                    int `json:"accounts,omitempty"`
	ConcurrentAccountOperations int `json:"concurrentAccountOperations,omitempty"`
	OutstandingAssignments      int `json:"outstandingAssignments,omitempty"`
	ConcurrentAccountCreations  int `json:"concurrentAccountCreations,omitempty"`

	// IdentityCenterCalls is how many calls Identity Center and the identity store take together in a second of real time.
	// Zero is without limit, unlike AWS, whose limit is 20.
	IdentityCenterCalls int `json:"identityCenterCallsPerSecond,omitempty"`
}

// Refusal is an error answer of AWS: a service translates it to its wire format.
type Refusal struct {
	Code    string // "ParentNotFoundException"
	Message string
	Reason  string // member Reason, where the service has one
}

// Error returns code and message.
func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(code, format string, args ...any) error {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

// New makes a world of a world file (see [World.State] for its form); nil is the default one, samples/landing-zone.json.
// The world's own times are divided by speed; now is the clock that everything else follows.
func New(file []byte, speed float64, now func() time.Time) (*World, error) {
	if file == nil {
		file = samples.LandingZone
	}
	if speed <= 0 {
		return nil, fmt.Errorf("start world: the speed must be greater than 0, not %v", speed)
	}
	f, err := readFile(file)
	if err != nil {
		return nil, fmt.Errorf("read world: %w", err)
	}
	w := &World{
		now: now, speed: speed, changed: make(chan struct{}), ids: map[string]int{}, flipped: map[string]bool{},
		byID: map[string]*Account{}, formerUnits: map[string]bool{}, elsewhere: map[string]bool{}, sessions: map[string]Caller{},
	}
	if err := w.build(f); err != nil {
		return nil, fmt.Errorf("read world: %w", err)
	}
	return w, nil
}

// Identifier makes up an id of n characters over the alphabet: the same for the same kind and count, in every run.
func (w *World) Identifier(kind string, n int, alphabet string) string {
	w.ids[kind]++
	return spell(fmt.Sprintf("%s/%d", kind, w.ids[kind]), n, alphabet)
}

func (w *World) uuid(kind string) string {
	return dashed(w.Identifier(kind, 32, hexadecimal))
}

// UUID makes up a UUID-shaped id: the same for the same kind and count, in every run.
func (w *World) UUID(kind string) string { return w.uuid(kind) }

// Hexadecimal spells an id of n hexadecimal digits for a thing by its name: the same each time.
func Hexadecimal(name string, n int) string { return spell(name, n, hexadecimal) }

const (
	digits      = "0123456789"
	hexadecimal = "0123456789abcdef"
	alphabetLow = "abcdefghijklmnopqrstuvwxyz0123456789"
	alphabetUp  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

func dashed(s string) string {
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// made spells an id for a thing by its name, so that it does not depend on what else there is; it goes on to the next
// one while the id is taken.
func made(kind, name string, n int, alphabet string, taken func(string) bool) string {
	for round := 0; ; round++ {
		if id := spell(fmt.Sprintf("%s/%s/%d", kind, name, round), n, alphabet); !taken(id) {
			return id
		}
	}
}

func spell(seed string, n int, alphabet string) string {
	out := make([]byte, 0, n)
	for round := 0; len(out) < n; round++ {
		for _, b := range sha256.Sum256(fmt.Appendf(nil, "%s/%d", seed, round)) {
			if len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}
