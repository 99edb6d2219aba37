package account

import "time"

// Settings are how a pipeline behaves: one record in its table that every worker and every command reads. Durations are
// written as text ("90m") in files and in the table.
type Settings struct {
	Revision        int            `json:"revision,omitempty"`        // counts what was pushed
	Concurrency     int            `json:"concurrency,omitempty"`     // account operations at once, 1..10
	Deadline        Duration       `json:"deadline,omitempty"`        // of one account operation
	PollInterval    Duration       `json:"pollInterval,omitempty"`    // first look after the start of an account operation
	Lease           Duration       `json:"lease,omitempty"`           // how long a claim holds
	OrderGrace      Duration       `json:"orderGrace,omitempty"`      // how long an order without an answer may still arrive
	ResultsInterval Duration       `json:"resultsInterval,omitempty"` // how often a batch's results are written at most
	Window          string         `json:"window,omitempty"`          // when accounts may be started; empty: always
	IdentityCenter  IdentityCenter `json:"identityCenter,omitzero"`
	RemoveUser      bool           `json:"removeAccountFactoryUser,omitempty"`
	Enrollment      Enrollment     `json:"enrollment,omitzero"`
	Defaults        Defaults       `json:"defaults,omitzero"`
	Policy          Policy         `json:"policy,omitzero"`
}

// IdentityCenter says which instance is used, and how hard.
type IdentityCenter struct {
	InstanceARN    string  `json:"instanceArn,omitempty"` // empty: discovered
	CallsPerSecond float64 `json:"callsPerSecond,omitempty"`
	Outstanding    int     `json:"outstanding,omitempty"` // creations under way at once
}

// Enrollment is what enrollments need beyond their row.
type Enrollment struct {
	User         User     `json:"ssoUser,omitzero"`
	InspectRoles []string `json:"inspectRoles,omitempty"`
}

// Defaults are assignments that accounts get without their row asking.
type Defaults struct {
	Assignments         []string                `json:"assignments,omitempty"` // for all accounts
	OrganizationalUnits map[string]UnitDefaults `json:"organizationalUnits,omitempty"`
}

// UnitDefaults are the defaults of one organizational unit, named by id, path or name.
type UnitDefaults struct {
	Assignments []string `json:"assignments,omitempty"`
}

// Policy is what rows may ask for.
type Policy struct {
	AllowedEmailDomains         []string `json:"allowedEmailDomains,omitempty"`
	AllowedOrganizationalUnits  []string `json:"allowedOrganizationalUnits,omitempty"`
	ExcludedOrganizationalUnits []string `json:"excludedOrganizationalUnits,omitempty"`
	DeniedPermissionSets        []string `json:"deniedPermissionSets,omitempty"`
}

// DefaultSettings are those of a pipeline that nobody has configured.
func DefaultSettings() Settings {
	return Settings{
		Concurrency: 1, Deadline: Duration(90 * time.Minute), PollInterval: Duration(time.Minute),
		Lease: Duration(time.Minute), OrderGrace: Duration(15 * time.Minute), ResultsInterval: Duration(30 * time.Second),
		IdentityCenter: IdentityCenter{CallsPerSecond: 20, Outstanding: 10},
		Enrollment:     Enrollment{InspectRoles: []string{"AWSControlTowerExecution", "OrganizationAccountAccessRole"}},
	}
}

// Or fills what is not set in s from the other settings.
func (s Settings) Or(other Settings) Settings {
	s.Revision = or(s.Revision, other.Revision)
	s.Concurrency = or(s.Concurrency, other.Concurrency)
	s.Deadline = or(s.Deadline, other.Deadline)
	s.PollInterval = or(s.PollInterval, other.PollInterval)
	s.Lease = or(s.Lease, other.Lease)
	s.OrderGrace = or(s.OrderGrace, other.OrderGrace)
	s.ResultsInterval = or(s.ResultsInterval, other.ResultsInterval)
	s.Window = or(s.Window, other.Window)
	s.IdentityCenter.InstanceARN = or(s.IdentityCenter.InstanceARN, other.IdentityCenter.InstanceARN)
	s.IdentityCenter.CallsPerSecond = or(s.IdentityCenter.CallsPerSecond, other.IdentityCenter.CallsPerSecond)
	s.IdentityCenter.Outstanding = or(s.IdentityCenter.Outstanding, other.IdentityCenter.Outstanding)
	s.RemoveUser = s.RemoveUser || other.RemoveUser
	s.Enrollment.User = or(s.Enrollment.User, other.Enrollment.User)
	s.Enrollment.InspectRoles = orSlice(s.Enrollment.InspectRoles, other.Enrollment.InspectRoles)
	s.Defaults.Assignments = orSlice(s.Defaults.Assignments, other.Defaults.Assignments)
	if s.Defaults.OrganizationalUnits == nil {
		s.Defaults.OrganizationalUnits = other.Defaults.OrganizationalUnits
	}
	s.Policy.AllowedEmailDomains = orSlice(s.Policy.AllowedEmailDomains, other.Policy.AllowedEmailDomains)
	s.Policy.AllowedOrganizationalUnits = orSlice(s.Policy.AllowedOrganizationalUnits, other.Policy.AllowedOrganizationalUnits)
	s.Policy.ExcludedOrganizationalUnits = orSlice(s.Policy.ExcludedOrganizationalUnits, other.Policy.ExcludedOrganizationalUnits)
	s.Policy.DeniedPermissionSets = orSlice(s.Policy.DeniedPermissionSets, other.Policy.DeniedPermissionSets)
	return s
}

func or[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}

func orSlice[T any](a, b []T) []T {
	if a != nil {
		return a
	}
	return b
}

// Duration is a time.Duration that is written as text.
type Duration time.Duration

// Std is the duration as the time package knows it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// MarshalText writes "1m30s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(v)
	return nil
}
