package organization

import (
	"context"
	"time"
)

// snapshot keeps what was read last, and lets one caller read at a time. Those who come meanwhile wait, and mostly find
// that it was read for them, too. Each reads under its own context: nobody's cancellation ends what others wait for.
type snapshot[T any] struct {
	turn  chan struct{} // holds one token while somebody looks or reads
	value T
	taken time.Time // zero: nothing was read
}

func newSnapshot[T any]() *snapshot[T] { return &snapshot[T]{turn: make(chan struct{}, 1)} }

func (s *snapshot[T]) get(ctx context.Context, notBefore time.Time, read func() (T, time.Time, error)) (T, error) {
	var none T
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return none, ctx.Err()
	}
	if !s.taken.IsZero() && !s.taken.Before(notBefore) {
		return s.value, nil
	}
	value, taken, err := read()
	if err != nil {
		return none, err
	}
	s.value, s.taken = value, taken
	return value, nil
}
