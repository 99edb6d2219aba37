// Package ingest turns an uploaded object version into a plan, what to add, change, reject and why, and into the queue.
//
// An upload is announced by an event, or found by the sweep; its batch is begun once, by whoever is first, and claimed
// while it is read. Each row is judged against one snapshot of the organization and the request that is there already
// (plan.go), and written with that request and the counters in one transaction. A reader that dies leaves a batch that
// comes due again; rows that are in the table are not written twice.
//
// When a batch's requests change, its results are written beside the upload (results.go), and it is finished when nothing
// of it is open.
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
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
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

// Ports is everybody an ingester talks to.
type Ports struct {
	Bucket       Bucket
	Batches      Batches
	Requests     Requests
	Organization Organization
	Identity     directory.Identity
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
}

// New makes an ingester.
func New(ports Ports, options Options) *Ingester { return &Ingester{Ports: ports, Options: options} }

// chunk is how many rows are looked up and written at a time: two full transactions.
const chunk = 98

// Announce takes an upload that an event told of. One that is known already, gone again or not an account list's is
// nothing to do.
func (g *Ingester) Announce(ctx context.Context, u account.Upload) error {
	if u.Bucket != g.Options.Bucket || !strings.HasPrefix(u.Key, g.Prefix) || strings.HasSuffix(u.Key, "/") {
		return nil
	}
	body, object, err := g.open(ctx, &u)
	if errors.Is(err, fs.ErrNotExist) {
		g.Log.Info("an upload is gone again", "key", u.Key, "version", u.Version)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	object.Version, object.ETag = u.Version, or(object.ETag, u.ETag)
	_, err = g.begin(ctx, object, u.Sequencer, body)
	return err
}

// open opens the upload; a key that may have been encoded is tried both ways.
func (g *Ingester) open(ctx context.Context, u *account.Upload) (io.ReadCloser, account.Object, error) {
	body, object, err := g.Ports.Bucket.Open(ctx, u.Key, u.Version)
	if errors.Is(err, fs.ErrNotExist) && u.AlternativeKey != "" {
		u.Key = u.AlternativeKey
		body, object, err = g.Ports.Bucket.Open(ctx, u.Key, u.Version)
	}
	return body, object, err
}

// Sweep takes the current versions of all uploads that no batch knows, the oldest first, and says how many there were.
func (g *Ingester) Sweep(ctx context.Context) (int, error) {
	var objects []account.Object
	var ids []string
	for o, err := range g.Ports.Bucket.List(ctx, g.Prefix) {
		if err != nil {
			return 0, err
		}
		if strings.HasSuffix(o.Key, "/") {
			continue
		}
		objects = append(objects, o)
		ids = append(ids, g.batchID(o))
	}
	known, err := g.Batches.Known(ctx, ids)
	if err != nil {
		return 0, err
	}
	objects = slices.DeleteFunc(objects, func(o account.Object) bool { return known[g.batchID(o)] })
	slices.SortStableFunc(objects, func(a, b account.Object) int { return a.LastModified.Compare(b.LastModified) })
	found := 0
	for _, o := range objects {
		body, _, err := g.Ports.Bucket.Open(ctx, o.Key, o.Version)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return found, err
		}
		begun, err := g.begin(ctx, o, "", body)
		_ = body.Close() // it was only read
		if err != nil {
			return found, err
		}
		if begun {
			found++
		}
	}
	return found, nil
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

// begin reads an object version as a new batch. It reports false when the batch is known.
func (g *Ingester) begin(ctx context.Context, o account.Object, sequencer string, body io.Reader) (bool, error) {
	b := account.Batch{
		ID: g.batchID(o), Bucket: g.Options.Bucket, Key: o.Key, Version: o.Version,
		Sequence: sequence(o, sequencer), Revision: g.Settings.Revision, SubmittedAt: o.LastModified,
	}
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
	return true, g.letGo(ctx, &claim, g.read(ctx, &claim, body, o.Size, nil))
}

// sequence orders uploads as text: by time, writes of the same key within a second by S3's sequencer, which is padded with
// zeros at its end (Amazon S3 User Guide, event message structure), else by version id.
func sequence(o account.Object, sequencer string) string {
	if n := 32 - len(sequencer); n > 0 {
		sequencer += strings.Repeat("0", n)
	}
	return o.LastModified.UTC().Format("2006-01-02T15:04:05Z") + "#" + strings.ToUpper(sequencer) + "#" + o.Version
}

// Continue goes on with a batch that has come due. It returns [account.ErrStale] when somebody else has it.
func (g *Ingester) Continue(ctx context.Context, id string) error {
	claim, err := g.Batches.ClaimBatch(ctx, id)
	if err != nil {
		return err
	}
	return g.letGo(ctx, &claim, g.proceed(ctx, &claim))
}

// lastGrace is what the release of a claim gets when its holder is told to stop.
const lastGrace = time.Second

// letGo releases the claim when the work on it was broken off because the process is told to stop: somebody else goes on
// at once. After any other error the end of the claim is when it is tried again.
func (g *Ingester) letGo(ctx context.Context, claim *account.BatchClaim, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
	defer cancel()
	_, unsaved := g.Batches.SaveBatch(last, *claim, claim.Batch, claim.Results, account.Release{})
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

// proceed does what is next for a claimed batch.
func (g *Ingester) proceed(ctx context.Context, claim *account.BatchClaim) error {
	if claim.Batch.State != account.BatchReading {
		return g.conclude(ctx, *claim)
	}
	id := claim.Batch.ID
	rows, err := g.Requests.Rows(ctx, id)
	if err != nil {
		return err
	}
	written := make(map[int]bool, len(rows))
	for _, r := range rows {
		written[r.Line] = true
	}
	body, object, err := g.Ports.Bucket.Open(ctx, claim.Batch.Key, claim.Batch.Version)
	if errors.Is(err, fs.ErrNotExist) {
		return g.finishReading(ctx, *claim, len(rows), &account.Failure{
			Code: account.CodeGone, Class: account.ClassTerminal,
			Message: fmt.Sprintf("s3://%s/%s was deleted before it had been read to its end", claim.Batch.Bucket, claim.Batch.Key),
			Hint:    "upload the file again",
		})
	}
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	return g.read(ctx, claim, body, object.Size, written)
}

// read judges and writes all rows of a batch but those that are written, and ends the reading.
func (g *Ingester) read(ctx context.Context, claim *account.BatchClaim, body io.Reader, size int64, written map[int]bool) error {
	list := batch.Read(body, size)
	if failure := wholeFailure(claim.Batch, list.Problems()); failure != nil {
		rows, _ := list.Count()
		return g.finishReading(ctx, *claim, rows, failure)
	}
	j, err := g.judge(ctx)
	if err != nil {
		return err
	}
	judged := make([]verdict, 0, chunk)
	flush := func() error {
		defer func() { judged = judged[:0] }()
		if *claim, err = g.renew(ctx, *claim); err != nil {
			return err
		}
		return g.write(ctx, j, claim.Batch, judged)
	}
	for row, problems := range list.Rows() {
		if written[row.Line] {
			continue
		}
		v, err := j.row(ctx, row, problems)
		if err != nil {
			return err
		}
		if judged = append(judged, v); len(judged) == chunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := list.Err(); err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	rows, _ := list.Count()
	return g.finishReading(ctx, *claim, rows, wholeFailure(claim.Batch, list.Problems()))
}

// renew keeps the claim when half of it has passed: a long list takes longer to read than a lease lasts.
func (g *Ingester) renew(ctx context.Context, claim account.BatchClaim) (account.BatchClaim, error) {
	if claim.Left(g.Now()) > claim.For/2 {
		return claim, nil
	}
	return g.Batches.SaveBatch(ctx, claim, claim.Batch, claim.Results, account.Release{Keep: true})
}

// write decides what the rows do to the requests that are there, and writes it. What was decided on something that has
// changed meanwhile is decided again.
func (g *Ingester) write(ctx context.Context, j *judge, b account.Batch, judged []verdict) error {
	for len(judged) > 0 {
		entries, err := g.entries(ctx, j, b, judged)
		if err != nil {
			return err
		}
		n, err := g.Requests.Add(ctx, entries)
		judged = judged[n:]
		if errors.Is(err, account.ErrStale) {
			if judged, err = g.unwritten(ctx, b, judged); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unwritten leaves out rows that are in the table: a write whose answer was lost, or another reader.
func (g *Ingester) unwritten(ctx context.Context, b account.Batch, judged []verdict) ([]verdict, error) {
	rows, err := g.Requests.Rows(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	there := make(map[int]bool, len(rows))
	for _, r := range rows {
		there[r.Line] = true
	}
	return slices.DeleteFunc(slices.Clone(judged), func(v verdict) bool { return there[v.row.Line] }), nil
}

// finishReading ends the reading of a batch; its results come due at once.
func (g *Ingester) finishReading(ctx context.Context, claim account.BatchClaim, rows int, failure *account.Failure) error {
	next := claim.Batch
	next.State, next.Rows, next.Failure = account.BatchOpen, rows, failure
	_, err := g.Batches.SaveBatch(ctx, claim, next, claim.Results, account.Release{})
	return err
}

// wholeFailure is why a list can't be acted on at all, nil when it can.
func wholeFailure(b account.Batch, problems []batch.Problem) *account.Failure {
	i := slices.IndexFunc(problems, func(p batch.Problem) bool { return p.Severity == batch.Error })
	if i < 0 {
		return nil
	}
	p := problems[i]
	return &account.Failure{
		Code: p.Code, Class: account.ClassTerminal, Hint: p.Suggestion,
		Message: fmt.Sprintf("%s:%d:%d: %s", path.Base(b.Key), p.Line, p.Column, p.Message),
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
