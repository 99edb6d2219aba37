package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// tellTries is how often the last message of a batch is tried that SNS does not take; after that it is given up.
const tellTries = 5

// digestEvery is how many intervals of results digests of an open batch are apart.
const digestEvery = 10

// tell tells people of a batch what came about since they were told the last time: its acceptance and its end at once,
// everything between in digests. It returns what they were told then, and after how long more is to be told, 0 for not at
// all. That a message can't be sent is logged, and hurts nobody.
func (g *Ingester) tell(ctx context.Context, claim *account.BatchClaim, next account.Batch, counts map[account.Stage]int, seen *seenRows) (account.Told, time.Duration) {
	told := claim.Results.Told
	if g.Teller == nil {
		return told, 0
	}
	now, interval := g.Batches.Now(), g.Settings.ResultsInterval.Std()
	finished := next.State == account.BatchFinished
	if claim.Batch.State == account.BatchFinished && !told.Accepted && !told.Pending { // it ended before there was anybody to tell
		told.Accepted, told.Finished = true, finished
		return told, 0
	}
	if seen == nil {
		if told.Accepted && !told.Pending && told.Finished == finished {
			return told, 0
		}
		var err error
		if seen, err = g.see(ctx, claim); err != nil {
			g.Log.Warn("a batch could not be looked at to tell of it", "batch", next.ID, "error", err)
			told.Pending = true
			return told, interval
		}
	}
	news, letters := seen.news(next, told)
	news.Summary = counts
	some := len(news.Done)+len(news.Failed) > 0
	news.Accepted, news.Finished = !told.Accepted, finished && (!told.Finished || some) // a batch that was resumed ends again
	due := told.At.Add(digestEvery * interval)
	switch {
	case !news.Accepted && !news.Finished && !some:
		told.Finished, told.Pending = finished, false
		return told.WithLetters(letters), 0
	case !news.Accepted && !news.Finished && now.Before(due):
		told.Pending, told.Finished = true, finished
		return told, due.Sub(now)
	}
	if len(seen.rows) > 0 {
		news.Results = ResultsOf(next)
	}
	if err := g.Teller.Batch(ctx, news); err != nil {
		if ctx.Err() != nil {
			return told, 0
		}
		told.Tries++
		var refused account.Refused
		hopeless := errors.As(err, &refused) || told.Tries >= tellTries
		if finished && hopeless {
			g.Log.Error("people could not be told of a batch", "batch", next.ID, "tries", told.Tries, "error", err)
			return account.Told{At: now, Accepted: true, Finished: true}.WithLetters(letters), 0
		}
		g.Log.Warn("people could not be told of a batch yet", "batch", next.ID, "tries", told.Tries, "error", err)
		told.Pending = true
		if hopeless {
			return told, digestEvery * interval
		}
		return told, interval
	}
	return account.Told{At: now, Accepted: true, Finished: finished}.WithLetters(letters), 0
}

// tellPause tells of a pause that nobody was told of: whoever has paused the pipeline may have died, or was a command.
func (g *Ingester) tellPause(ctx context.Context, counts map[account.Stage]int) {
	if g.Teller == nil || counts[account.Queued] == 0 {
		return
	}
	if err := g.Teller.Paused(ctx); err != nil && ctx.Err() == nil {
		g.Log.Warn("people could not be told of the pause", "error", err)
	}
}

// seenRows are the rows of a batch with the requests that they ask for, as they were seen at one moment.
type seenRows struct {
	rows     []account.Row
	requests map[string]account.Request
}

// news is what came about that was not told, and what is told of each row once it is.
func (s *seenRows) news(b account.Batch, told account.Told) (account.News, []byte) {
	n := account.News{Batch: b}
	was, letters := told.Letters(), make([]byte, len(s.rows))
	for i, row := range s.rows {
		letters[i] = '.'
		if row.Disposition == account.RowRefused {
			letters[i] = 'r'
			n.Rejected = append(n.Rejected, row)
			continue
		}
		r, ok := s.requests[row.RequestID]
		if !ok || r.Batch != b.ID { // a newer upload has taken it over, and tells
			continue
		}
		switch r.Stage {
		case account.Done:
			letters[i] = 'd'
			if i >= len(was) || was[i] != 'd' {
				n.Done = append(n.Done, r)
			}
		case account.Failed:
			letters[i] = 'f'
			if i >= len(was) || was[i] != 'f' {
				n.Failed = append(n.Failed, r)
			}
		}
	}
	return n, letters
}
