// Package retry says how long we are patient.
//
// There is one layer of retries for each call: reads are retried by the SDK, mutating calls are tried once and looked at
// by whoever made them, polls in hand use [Do], and anything longer waits in the queue for [Delay]. [CauseOf] says what
// sort of trouble an AWS error code speaks of, whatever the service.
//
// It imports nothing of the project, and nobody else imports the backoff library.
package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	shortest = time.Second     // Delay(1)
	longest  = 5 * time.Minute // no Delay is longer
)

// Delay is how long a request waits in the queue after it has been tried attempts times: 1 s, 2 s, 4 s … 5 min. It holds
// no randomness: the same count gives the same delay in every process, so that a run can be repeated.
func Delay(attempts int) time.Duration {
	d := shortest
	for range attempts - 1 {
		if d *= 2; d >= longest {
			return longest
		}
	}
	return d
}

// Do tries op until it returns nil, until permanent says of its error that trying again is of no use, or until ctx ends.
// It waits 250 ms, 500 ms, 1 s … 10 s between two tries, without randomness, and has no limit of its own. The error is
// op's last one; when ctx has ended, it is ctx's too. A nil permanent means that every error may pass.
func Do(ctx context.Context, op func() error, permanent func(error) bool) error {
	patience := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(250*time.Millisecond),
		backoff.WithMultiplier(2),
		backoff.WithRandomizationFactor(0),
		backoff.WithMaxInterval(10*time.Second),
		backoff.WithMaxElapsedTime(0),
	)
	var last error
	err := backoff.Retry(func() error {
		if ctx.Err() != nil {
			return backoff.Permanent(ctx.Err())
		}
		last = op()
		if last != nil && permanent != nil && permanent(last) {
			return backoff.Permanent(last)
		}
		return last
	}, backoff.WithContext(patience, ctx))
	if ended := ctx.Err(); err != nil && ended != nil && last != nil && !errors.Is(last, ended) {
		return fmt.Errorf("%w: %w", ended, last)
	}
	return err
}
