// Package ingest turns an uploaded object version into a plan, what to add, change, reject and why, and into the queue.
//
// An upload is announced by an event, or found by the sweep; its batch is begun once, by whoever is first, and claimed
// while it is read. Each row is judged against one snapshot of the organization and the request that is there already
// (plan.go), and written with that request and the counters in one transaction. A reader that dies leaves a batch that
// comes due again; rows that are in the table are not written twice. A list is looked through before any row of it is
// written: one that crosses a bound is refused whole.
//
// When a batch's requests change, its results are written beside the upload (results.go), and it is finished when nothing
// of it is open. People are told of it on the same occasion (tell.go).
//
// It imports account, batch and directory, and declares the ports that it needs.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
)

// Bucket is where lists are uploaded and results are left.
type Bucket interface {
	Open(ctx context.Context, key, version string) (io.ReadCloser, account.Object, error)
	List(ctx context.Context, prefix string) iter.Seq2[account.Object, error]
	Put(ctx context.Context, key string, body io.ReadSeeker, ifNoneMatch bool) (version string, err error)
}

// Batches is what the queue keeps of uploads.
type Batches interface {
	Begin(ctx context.Context, b account.Batch) (account.BatchClaim, error)
	ClaimBatch(ctx context.Context, id string) (account.BatchClaim, error)
	SaveBatch(ctx context.Context, claim account.BatchClaim, next account.Batch, results account.ResultsState, rel account.Release) (account.BatchClaim, error)
	Known(ctx context.Context, ids []string) (map[string]bool, error)
	Tally(ctx context.Context, batch string) (map[account.Stage]int, int64, error)
	Wake(ctx context.Context, id string) error
	PutOff(ctx context.Context, id string, saved account.Lease, in time.Duration) error
	Now() time.Time
}

// Requests is what the queue keeps of rows.
type Requests interface {
	Requests(ctx context.Context, ids []string) (map[string]account.Claim, error)
	Enrolling(ctx context.Context, accounts []string) (map[string]string, error)
	Rows(ctx context.Context, batch string) ([]account.Row, error)
	Add(ctx context.Context, entries []account.Entry) (written int, err error)
}

// Organization is the organization as it was at notBefore or later.
type Organization interface {
	Fresh(ctx context.Context, notBefore time.Time) (*directory.Organization, error)
}

// LandingZone is Control Tower's.
type LandingZone interface {
	// AutoEnrolls says whether it enrolls accounts that are moved into a registered unit, without Account Factory.
	AutoEnrolls(ctx context.Context) (bool, error)
}

// Ports is everybody an ingester talks to.
type Ports struct {
	Bucket       Bucket
	Batches      Batches
	Requests     Requests
	Organization Organization
	Identity     directory.Identity
	LandingZone  LandingZone
	Teller       account.Teller // nil: nobody is told
}

// Options say where uploads are, and what they may ask for.
type Options struct {
	Bucket   string // its name
	Prefix   string // of the keys of uploads
	Settings account.Settings
	Now      func() time.Time // the local clock
	Log      *slog.Logger
}

// Ingester takes uploads in. It is safe for concurrent use.
type Ingester struct {
	Ports
	Options

	mu    sync.Mutex
	known map[string]bool // batches that the table had when their uploads were listed last
	last  keptList
	quiet map[string]quietBatch
}

// New makes an ingester.
func New(ports Ports, options Options) *Ingester { return &Ingester{Ports: ports, Options: options} }

// Announce takes an upload that an event told of. One that is known already or gone again is nothing to do; one of another
// bucket or another folder is [account.ErrForeign].
func (g *Ingester) Announce(ctx context.Context, u account.Upload) error {
	var keys []string
	for _, key := range []string{u.Key, u.AlternativeKey} { // a key that may have been encoded is tried both ways
		if u.Bucket == g.Options.Bucket && g.takes(key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return account.ErrForeign
	}
	for _, key := range keys {
		body, object, err := g.Ports.Bucket.Open(ctx, key, u.Version)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		object.Version, object.ETag = or(u.Version, object.Version), or(object.ETag, u.ETag)
		_, err = g.begin(ctx, object, u.Sequencer, body)
		_ = body.Close() // it was only read
		return err
	}
	g.Log.Info("an upload is gone again", "key", u.Key, "version", u.Version)
	return nil
}

// takes says whether a key is one of an uploaded list.
func (g *Ingester) takes(key string) bool {
	return strings.HasPrefix(key, g.Prefix) && !strings.HasSuffix(key, "/") && key != ""
}

// Sweep takes the current versions of all uploads that no batch knows, the oldest first, and says how many there were. One
// that can't be read keeps no other back.
func (g *Ingester) Sweep(ctx context.Context) (int, error) {
	objects, err := g.unknown(ctx)
	if err != nil {
		return 0, err
	}
	found := 0
	var problems []error
	for _, o := range objects {
		begun, err := g.take(ctx, o)
		if begun {
			found++
		}
		if err != nil {
			problems = append(problems, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return found, errors.Join(problems...)
}

// take begins a batch of an object that was found in the bucket.
func (g *Ingester) take(ctx context.Context, o account.Object) (bool, error) {
	body, object, err := g.Ports.Bucket.Open(ctx, o.Key, o.Version)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = body.Close() }() // it was only read
	object.Version = or(o.Version, object.Version)
	return g.begin(ctx, object, "", body)
}

func (g *Ingester) batchID(o account.Object) string {
	return account.BatchID(g.Options.Bucket, o.Key, Identity(o))
}

// Identity tells the versions of an object apart, also in a bucket that keeps none.
func Identity(o account.Object) string {
	if o.Version != "" {
		return o.Version
	}
	return "etag-" + o.ETag
}

// uploaderKept is how much is kept of what an object says of who has uploaded it. An ARN of a role's session is shorter.
const uploaderKept = 256

// batch is what an object version is to the table. Who has announced it knows its sequencer.
func (g *Ingester) batch(o account.Object, sequencer string) account.Batch {
	return account.Batch{
		ID: g.batchID(o), Bucket: g.Options.Bucket, Key: o.Key, Version: o.Version,
		Sequence: sequence(o, sequencer), Revision: g.Settings.Revision, SubmittedAt: o.LastModified,
		Uploader: o.Uploader[:min(len(o.Uploader), uploaderKept)],
	}
}

// begin reads an object version as a new batch. It reports false when the batch is known.
func (g *Ingester) begin(ctx context.Context, o account.Object, sequencer string, body io.Reader) (bool, error) {
	b := g.batch(o, sequencer)
	known, cancel := graced(ctx)
	defer cancel()
	claim, err := g.Batches.Begin(known, b)
	if errors.Is(err, account.ErrStale) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	g.Log.Info("a batch is read", "batch", b.ID, "key", b.Key, "version", b.Version)
	err = g.letGo(ctx, &claim, g.read(ctx, &claim, body, o.Size, nil))
	if errors.Is(err, account.ErrStale) {
		return true, nil // somebody else goes on with it
	}
	return true, err
}

// Continue goes on with a batch that has come due. It returns [account.ErrStale] when somebody else has it.
func (g *Ingester) Continue(ctx context.Context, id string) (account.Release, error) {
	if rel, quiet := g.stillQuiet(ctx, id); quiet {
		return rel, nil
	}
	claim, err := g.Batches.ClaimBatch(ctx, id)
	if err != nil {
		return account.Release{}, err
	}
	if claim.Batch.State == account.BatchReading {
		return account.Release{}, g.letGo(ctx, &claim, g.readOn(ctx, &claim))
	}
	rel, err := g.conclude(ctx, &claim)
	return rel, g.letGo(ctx, &claim, err)
}

// readOn reads what is left of a batch whose reading was broken off.
func (g *Ingester) readOn(ctx context.Context, claim *account.BatchClaim) error {
	rows, err := g.Requests.Rows(ctx, claim.Batch.ID)
	if err != nil {
		return err
	}
	written := make(map[int]bool, len(rows))
	for _, r := range rows {
		written[r.Line] = true
	}
	body, object, err := g.reopen(ctx, claim.Batch)
	if errors.Is(err, fs.ErrNotExist) {
		return g.finishReading(ctx, claim, len(rows), gone(claim.Batch))
	}
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	return g.read(ctx, claim, body, object.Size, written)
}

// reopen opens the object version of a batch again. Where the bucket keeps no versions, the error is fs.ErrNotExist once
// another object has its key.
func (g *Ingester) reopen(ctx context.Context, b account.Batch) (io.ReadCloser, account.Object, error) {
	body, object, err := g.Ports.Bucket.Open(ctx, b.Key, b.Version)
	if err == nil && b.Version == "" && g.batchID(object) != b.ID {
		_ = body.Close() // nobody wants to read it
		return nil, object, fmt.Errorf("open version %s: %w", b.ID, fs.ErrNotExist)
	}
	return body, object, err
}

const (
	// lastGrace is what the release of a claim gets when its holder is told to stop.
	lastGrace = time.Second
	// mending is when a batch is tried again that a human has to mend something for.
	mending = time.Minute
)

// letGo releases the claim when the work on it was broken off: somebody else goes on at once when the process is told to
// stop, and after a while when AWS says so or a human has to act, who is told why by the batch itself. After any other
// error the end of the claim is when it is tried again.
func (g *Ingester) letGo(ctx context.Context, claim *account.BatchClaim, err error) error {
	var wait account.Wait
	var refused account.Refused
	next, rel := claim.Batch, account.Release{}
	switch {
	case err == nil || errors.Is(err, account.ErrStale):
		return err
	case ctx.Err() != nil:
	case errors.As(err, &refused):
		next.Failure, rel.In = refused.Failure(), mending
	case errors.As(err, &wait):
		rel.In = wait.For
	default:
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
	defer cancel()
	_, unsaved := g.Batches.SaveBatch(last, *claim, next, claim.Results, rel)
	return errors.Join(err, unsaved)
}

// graced is a context that outlives the order to stop by a moment: whoever takes a claim has to know whether it was taken.
func graced(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		last, done := context.WithTimeout(longer, lastGrace)
		defer done()
		<-last.Done()
		cancel()
	})
	return longer, func() { stop(); cancel() }
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
