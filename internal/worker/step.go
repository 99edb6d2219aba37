package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/retry"
)

// take claims an item that has come due and works on it until it has to wait. It reports false when somebody else has it,
// or it is not due: then there is nothing to do.
func (w *Worker) take(ctx context.Context, id string) bool {
	if strings.HasPrefix(id, "b-") {
		rel, err := w.Uploads.Continue(ctx, id)
		if err == nil && !rel.Rest {
			w.comeAgain(id, max(indexLag, rel.In), nil)
		}
		return w.taken(ctx, id, err)
	}
	claim, err := w.Claims.Claim(ctx, id)
	if err != nil {
		return w.taken(ctx, id, err)
	}
	w.work(ctx, claim, true)
	return true
}

// work takes a claimed request step by step, as long as the claim is kept.
func (w *Worker) work(ctx context.Context, claim account.Claim, again bool) {
	for again {
		claim, again = w.step(ctx, claim)
	}
}

// taken judges an attempt to take an item.
func (w *Worker) taken(ctx context.Context, id string, err error) bool {
	if err != nil && !errors.Is(err, account.ErrStale) && ctx.Err() == nil {
		w.Log.Warn("an item could not be taken", "item", id, "error", err)
	}
	return err == nil
}

// step takes a claimed request one step further and saves it. It says whether the claim is kept for another step.
func (w *Worker) step(ctx context.Context, claim account.Claim) (account.Claim, bool) {
	before := claim.Request.OrderUntil
	if claim.Request.Orders() {
		begun, err := w.begin(ctx, claim)
		if err != nil {
			w.unsaved(ctx, claim, err)
			return claim, false
		}
		if !begun.Request.Slot {
			w.lookAtLine(indexLag)
			return begun, false // it waits in the line
		}
		claim = begun
	}
	raised := claim.Request.OrderUntil
	r := claim.Request
	r.OrderUntil = before
	r.Waiting = ""

	fence := account.NewFence(func() error {
		if claim.Left(w.Now()) <= 0 {
			return fmt.Errorf("the claim on request %s has ended", r.ID)
		}
		return nil
	})
	held, end := context.WithTimeout(account.WithFence(ctx, fence), claim.Left(w.Now()))
	next, verdict := w.Pipeline.Advance(held, r, w.Claims.Now())
	end()
	if fence.Unknown() {
		next.OrderUntil = raised
	}
	next, rel := w.judge(ctx, claim.Request, next, verdict)
	if !w.holds(next, verdict, rel) {
		return w.save(ctx, claim, next, rel)
	}
	claim, kept := w.save(ctx, claim, next, account.Release{Keep: true})
	return claim, kept && w.hold(ctx, claim, rel.In)
}

// holds says whether the request stays in hand until it is due again: an assignment takes Identity Center a few seconds.
func (w *Worker) holds(next account.Request, verdict error, rel account.Release) bool {
	return errors.As(verdict, new(account.Wait)) && next.Stage == account.Assigning && rel.In <= holdAtMost && !w.Once && !w.Brought
}

// hold waits with a request in hand, and takes no place meanwhile. It lets go when the worker is told to stop, and reports
// false when the request is no longer to be worked on.
func (w *Worker) hold(ctx context.Context, claim account.Claim, wait time.Duration) bool {
	<-w.places
	defer func() { w.places <- struct{}{} }()
	<-w.after(ctx, wait)
	if w.stop.Load() {
		w.save(ctx, claim, claim.Request, account.Release{})
		return false
	}
	return true
}

// begin gives the request what it needs before it may order: a slot, its tokens, and until when an order may leave. Where
// no slot is free, the request goes back into the line.
func (w *Worker) begin(ctx context.Context, claim account.Claim) (account.Claim, error) {
	if !claim.Request.Slot && !w.Window(w.Claims.Now()) {
		return w.Claims.Save(ctx, claim, claim.Request, account.Release{Slot: true})
	}
	next := w.Pipeline.Begin(claim.Request, w.Claims.Now())
	saved, err := w.Claims.Save(ctx, claim, next, account.Release{Keep: true, Order: true}, w.events(claim.Request, next)...)
	if errors.Is(err, account.ErrNoSlot) {
		return w.Claims.Save(ctx, claim, claim.Request, account.Release{Slot: true})
	}
	if err == nil && claim.Request.Stage != next.Stage {
		w.moved(ctx, claim.Request, next)
	}
	return saved, err
}

// judge turns a verdict into what is saved.
func (w *Worker) judge(ctx context.Context, was, next account.Request, verdict error) (account.Request, account.Release) {
	var wait account.Wait
	var refused account.Refused
	switch {
	case verdict == nil:
		return w.progress(was, next)
	case errors.As(verdict, &wait):
		next.Waiting = waitingFor(wait)
		return next, account.Release{In: wait.For, Slot: next.Orders() && !next.Slot}
	case errors.As(verdict, &refused):
		return w.refuse(ctx, next, refused)
	case ctx.Err() != nil:
		return next, account.Release{Slot: next.Orders() && !next.Slot} // told to stop: somebody goes on at once
	}
	next.Attempts++
	next.Waiting = verdict.Error()
	w.Log.Warn("a step will be tried again", "request", next, "attempts", next.Attempts, "error", verdict)
	return next, account.Release{In: retry.Delay(next.Attempts), Slot: next.Orders() && !next.Slot}
}

// progress releases a request that moved: it rests, waits in the line for a slot, or goes on at once.
func (w *Worker) progress(was, next account.Request) (account.Request, account.Release) {
	moved := was.Stage != next.Stage || was.Generation != next.Generation || was.Order != next.Order || was.Clearing != next.Clearing ||
		was.Planting != next.Planting || was.Move != next.Move
	switch {
	case next.Slot && !next.Stage.Open():
		return next, account.Release{In: 10 * w.Poll}
	case !next.Stage.Open():
		return next, account.Release{Rest: true}
	case next.Orders() && !next.Slot:
		return next, account.Release{Slot: true}
	case !moved:
		return next, account.Release{In: time.Second}
	}
	return next, account.Release{Keep: true}
}

// refuse fails a request. What AWS is still working on keeps its slot and is asked about from time to time. A cause that
// holds for everybody pauses the pipeline, so that no other row is burnt on it.
func (w *Worker) refuse(ctx context.Context, next account.Request, refused account.Refused) (account.Request, account.Release) {
	if refused.Pause {
		if err := w.Desk.Pause(ctx, account.Pause{Code: refused.Code, Reason: refused.Error()}); err != nil {
			w.Log.Error("the pipeline could not be paused", "code", refused.Code, "error", err)
		}
	}
	if next.Stage != account.Failed {
		next.FailedStage = next.Stage
	}
	next.Stage, next.Failure, next.Waiting = account.Failed, refused.Failure(), ""
	w.Log.Error("a request failed", "request", next, "code", refused.Code, "reason", refused.Reason, "aws", refused.Answer.Code, "awsRequestId", refused.Answer.RequestID)
	if next.Slot && next.UnderWay() {
		return next, account.Release{In: 10 * w.Poll}
	}
	next.Slot = false
	return next, account.Release{Rest: true}
}

// save writes what came out of a step, and lets the batch know when a stage changed. A worker that is told to stop still
// saves.
func (w *Worker) save(ctx context.Context, claim account.Claim, next account.Request, rel account.Release) (account.Claim, bool) {
	if w.stop.Load() {
		rel.Keep = false // somebody else goes on
	}
	if ctx.Err() != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
		defer cancel()
		ctx = last
	}
	kept, err := w.Claims.Save(ctx, claim, next, rel, w.events(claim.Request, next)...)
	if err != nil {
		w.unsaved(ctx, claim, err)
		return claim, false
	}
	if claim.Request.Stage != next.Stage {
		w.moved(ctx, claim.Request, next)
	}
	switch {
	case claim.Request.Slot && !next.Slot:
		w.giveBack()
	case rel.Slot:
		w.lookAtLine(indexLag)
	case !rel.Rest && !rel.Keep && next.Watched():
		w.comeAgain(next.ID, rel.In, &saved{kept, w.Now().Add(rel.In)})
	case !rel.Rest && !rel.Keep:
		w.comeAgain(next.ID, rel.In, nil)
	}
	return kept, rel.Keep
}

// moved tells of a change of stage: in the log, and to the batch whose results change. That a request goes on can wait for a
// while, since it seldom comes alone: where one account gets its access another one has been ordered.
func (w *Worker) moved(ctx context.Context, was, next account.Request) {
	w.Log.Info("a request moved", "request", next, "from", string(was.Stage), "to", string(next.Stage))
	within := w.News
	if !next.Stage.Open() {
		within = 0
	}
	if err := w.Claims.WakeWithin(ctx, next.Batch, within); err != nil && ctx.Err() == nil {
		w.Log.Warn("a batch could not be told", "batch", next.Batch, "error", err)
	}
	w.comeAgain(next.Batch, max(indexLag, within), nil)
}

// unsaved tells of a save that did not arrive. The claim comes due again by itself, and the step looks before it acts.
func (w *Worker) unsaved(ctx context.Context, claim account.Claim, err error) {
	switch {
	case errors.Is(err, account.ErrStale):
		w.Log.Info("somebody else has taken a request over", "request", claim.Request)
		w.lookAtLine(0) // and may have given its slot back
	case ctx.Err() == nil:
		w.Log.Warn("a request could not be saved", "request", claim.Request, "error", err)
	}
}

// events is the history of a change.
func (w *Worker) events(was, next account.Request) []account.Event {
	now := w.Claims.Now()
	var out []account.Event
	add := func(what string, e account.Event) {
		e.At, e.Stage, e.What = now, next.Stage, what
		out = append(out, e)
	}
	if next.Order.Failed && !was.Order.Failed && next.Stage != account.Failed {
		add(because("AWS ended the order of "+was.ProductName()+" with FAILED", next.Waiting), account.Event{RecordID: next.Order.RecordID})
	}
	if next.Clearing.Tries > was.Clearing.Tries && next.Stage != account.Failed {
		add(because("AWS ended the termination of "+was.ProductName()+" with FAILED", next.Waiting), account.Event{RecordID: was.Clearing.RecordID})
	}
	if was.Generation != next.Generation && was.Generation > 0 {
		add(because("begins again as "+next.ProductName()+"; "+was.ProductName()+" is over", was.Waiting), account.Event{})
	}
	if next.Order.RecordID != "" && was.Order.RecordID != next.Order.RecordID {
		add("ordered "+next.ProductName(), account.Event{RecordID: next.Order.RecordID})
	}
	if next.Clearing.RecordID != "" && was.Clearing.RecordID != next.Clearing.RecordID {
		add("terminates "+next.ProductName(), account.Event{RecordID: next.Clearing.RecordID})
	}
	if next.Planting.Operation != "" && was.Planting.Operation != next.Planting.Operation {
		add("puts the execution role into place: operation "+next.Planting.Operation, account.Event{})
	}
	if !next.Planting.EndedAt.IsZero() && was.Planting.EndedAt.IsZero() {
		add("the execution role is in place", account.Event{})
	}
	if next.Move.Done && !was.Move.Done {
		add("moved into "+next.Unit.String(), account.Event{})
	}
	for i, a := range next.Assignments {
		if (i >= len(was.Assignments) || was.Assignments[i].State != a.State) && a.State != account.AssignmentPending {
			add(fmt.Sprintf("assignment of %s: %s", a, a.State), account.Event{Failure: a.Failure, AWSRequestID: a.RequestID})
		}
	}
	if was.Stage != next.Stage {
		e := account.Event{}
		if next.Stage == account.Failed {
			e.Failure = next.Failure
		}
		add(fmt.Sprintf("%s → %s", was.Stage, next.Stage), e)
	}
	return slices.Clip(out)
}

// because adds what a request waited for, or waits for now, where it has said so.
func because(what, waiting string) string {
	if waiting == "" {
		return what
	}
	return what + " (" + waiting + ")"
}
