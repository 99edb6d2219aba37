package render

import (
	"cmp"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// statusDocument is schemas/status.schema.json. What has nothing to say is absent.
type statusDocument struct {
	SchemaVersion int             `json:"schemaVersion"`
	Paused        *account.Pause  `json:"paused,omitempty"`
	Workers       []workerMember  `json:"workers"`
	Summary       summary         `json:"summary"`
	Batches       []batchMember   `json:"batches"`
	Requests      []requestMember `json:"requests"`
}

type workerMember = account.Worker

type summary struct {
	Queued       int `json:"queued"`
	Preparing    int `json:"preparing"`
	Provisioning int `json:"provisioning"`
	Recovering   int `json:"recovering"`
	Assigning    int `json:"assigning"`
	Done         int `json:"done"`
	Failed       int `json:"failed"`
	Cancelled    int `json:"cancelled"`
	Rejected     int `json:"rejected"`
}

type batchMember struct {
	ID          string             `json:"id"`
	Source      string             `json:"source"`
	Version     string             `json:"version,omitempty"`
	UploadedBy  string             `json:"uploadedBy,omitempty"`
	State       account.BatchState `json:"state,omitempty"`
	Rows        int                `json:"rows"`
	SubmittedAt time.Time          `json:"submittedAt,omitzero"`
	FinishedAt  time.Time          `json:"finishedAt,omitzero"`
	Summary     summary            `json:"summary"`
	Error       *account.Failure   `json:"error,omitempty"`
}

type requestMember struct {
	ID          string             `json:"id,omitempty"`
	Batch       string             `json:"batch"`
	Row         int                `json:"row"`
	Kind        account.Kind       `json:"kind,omitempty"`
	Name        string             `json:"accountName,omitempty"`
	Email       string             `json:"accountEmail,omitempty"`
	Unit        *unitMember        `json:"organizationalUnit,omitempty"`
	Stage       account.Stage      `json:"stage"`
	FailedStage account.Stage      `json:"failedStage,omitempty"`
	Waiting     string             `json:"waiting,omitempty"`
	AccountID   string             `json:"accountId,omitempty"`
	ProductID   string             `json:"provisionedProductId,omitempty"`
	Attempts    int                `json:"attempts"`
	Assignments []assignmentMember `json:"assignments,omitempty"`
	Error       *account.Failure   `json:"error,omitempty"`
	QueuedAt    time.Time          `json:"queuedAt,omitzero"`
	StartedAt   time.Time          `json:"startedAt,omitzero"`
	FinishedAt  time.Time          `json:"finishedAt,omitzero"`
	Position    int                `json:"position,omitempty"`
	ETA         *etaMember         `json:"eta,omitempty"`

	since time.Time // when what it is at now began
}

// etaMember is when the account operation of a request is expected to have ended.
type etaMember struct {
	Earliest time.Time `json:"earliest"`
	Latest   time.Time `json:"latest"`
}

type unitMember struct {
	ID   string `json:"id,omitempty"`
	Path string `json:"path,omitempty"`
}

type assignmentMember struct {
	PermissionSet string                  `json:"permissionSet"`
	PrincipalType account.PrincipalType   `json:"principalType"`
	Principal     string                  `json:"principal"`
	State         account.AssignmentState `json:"state"`
	Error         *account.Failure        `json:"error,omitempty"`
}

func newStatusDocument(o account.Overview, opts StatusOptions) statusDocument {
	o = opts.shown(o)
	d := statusDocument{
		SchemaVersion: 1, Paused: o.Paused, Workers: slices.Clone(o.Workers), Summary: newSummary(opts.Summary(o)),
		Batches: []batchMember{}, Requests: members(o),
	}
	if d.Workers == nil {
		d.Workers = []workerMember{}
	}
	for _, b := range o.Batches {
		d.Batches = append(d.Batches, batchMember{
			ID: b.ID, Source: b.Source(), Version: b.Version, UploadedBy: b.Uploader, State: b.State, Rows: b.Rows, SubmittedAt: b.SubmittedAt.UTC(),
			FinishedAt: utc(b.FinishedAt), Summary: newSummary(b.Summary), Error: b.Failure,
		})
	}
	return d
}

func newSummary(counts map[account.Stage]int) summary {
	return summary{
		Queued: counts[account.Queued], Preparing: counts[account.Preparing], Provisioning: counts[account.Provisioning],
		Recovering: counts[account.Recovering], Assigning: counts[account.Assigning], Done: counts[account.Done],
		Failed: counts[account.Failed], Cancelled: counts[account.Cancelled], Rejected: counts[account.Rejected],
	}
}

// members are the requests and the rejected rows of an overview, in the order of its batches and their rows.
func members(o account.Overview) []requestMember {
	place := map[string]int{}
	for i, b := range o.Batches {
		place[b.ID] = i
	}
	all := make([]requestMember, 0, len(o.Requests)+len(o.Rejected))
	for _, r := range o.Requests {
		m := newRequestMember(r)
		if f, known := o.Forecasts[r.ID]; known {
			m.Position = f.Position
			if !f.Latest.IsZero() {
				m.ETA = &etaMember{Earliest: f.Earliest.UTC().Truncate(time.Second), Latest: f.Latest.UTC().Truncate(time.Second)}
			}
		}
		all = append(all, m)
	}
	for _, row := range o.Rejected {
		all = append(all, newRejectedMember(row))
	}
	slices.SortStableFunc(all, func(a, b requestMember) int {
		return cmp.Or(cmp.Compare(place[a.Batch], place[b.Batch]), cmp.Compare(a.Row, b.Row))
	})
	return all
}

func newRequestMember(r account.Request) requestMember {
	m := requestMember{
		ID: r.ID, Batch: r.Batch, Row: r.Row, Kind: r.Kind, Name: r.Name, Email: r.Email, Stage: r.Stage,
		FailedStage: r.FailedStage, Waiting: r.Waiting, AccountID: r.AccountID, ProductID: r.Order.ProductID,
		Attempts: attempts(r), Error: r.Failure,
		QueuedAt: utc(r.QueuedAt), StartedAt: utc(r.StartedAt), FinishedAt: utc(r.FinishedAt),
	}
	switch r.Stage {
	case account.Queued:
		m.since = r.QueuedAt
	case account.Assigning:
		m.since = cmp.Or(r.AssigningSince, r.Since, r.StartedAt)
	default:
		m.since = cmp.Or(r.Since, r.StartedAt)
	}
	if r.Unit != (account.OrganizationalUnit{}) {
		m.Unit = &unitMember{ID: r.Unit.ID, Path: r.Unit.Path}
	}
	for _, a := range r.Assignments {
		m.Assignments = append(m.Assignments, assignmentMember{
			PermissionSet: a.PermissionSet, PrincipalType: a.PrincipalType, Principal: a.Principal,
			State: cmp.Or(a.State, account.AssignmentPending), Error: a.Failure,
		})
	}
	return m
}

// attempts is how often the account was ordered, and how often a step of it was tried again.
func attempts(r account.Request) int {
	if r.StartedAt.IsZero() {
		return r.Attempts
	}
	return max(1, r.Generation) + r.Attempts
}

func newRejectedMember(row account.Row) requestMember {
	m := requestMember{
		ID: row.RequestID, Batch: row.Batch, Row: row.Line, Name: row.Name, Email: row.Email,
		Stage: account.Rejected, Error: row.Failure,
	}
	if row.Unit != "" {
		m.Unit = &unitMember{Path: row.Unit}
	}
	return m
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
