package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/retry"
)

func TestDelay(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 9: 256 * time.Second,
		10: 5 * time.Minute, 100: 5 * time.Minute, 1 << 40: 5 * time.Minute,
	} {
		if got := retry.Delay(attempts); got != want {
			t.Errorf("Delay(%d) = %v, want %v", attempts, got, want)
		}
	}
}

var errBusy, errBroken = errors.New("busy"), errors.New("broken")

func TestDoTriesUntilItWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, tries := time.Now(), 0
		err := retry.Do(t.Context(), func() error {
			if tries++; tries < 200 {
				return errBusy
			}
			return nil
		}, nil)
		if err != nil || tries != 200 {
			t.Errorf("Do = %v after %d tries, want nil after 200", err, tries)
		}
		if took := time.Since(start); took < 30*time.Minute {
			t.Errorf("Do took %v: it is to wait between tries, and to have no limit of its own", took)
		}
	})
}

func TestDoStops(t *testing.T) {
	t.Parallel()
	t.Run("at a permanent error", func(t *testing.T) {
		t.Parallel()
		tries := 0
		err := retry.Do(t.Context(), func() error { tries++; return errBroken }, func(err error) bool { return errors.Is(err, errBroken) })
		if !errors.Is(err, errBroken) || tries != 1 {
			t.Errorf("Do = %v after %d tries, want broken after 1", err, tries)
		}
	})
	t.Run("when the context ends, and says what was in the way", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := retry.Do(ctx, func() error { return errBusy }, nil)
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errBusy) {
				t.Errorf("Do = %v, want both the deadline and busy", err)
			}
		})
	})
	t.Run("before the first try when the context has ended", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := retry.Do(ctx, func() error { t.Error("tried"); return nil }, nil)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Do = %v, want canceled", err)
		}
	})
}

func TestCauseOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]retry.Cause{
		"ThrottlingException": retry.Throttled, "InternalServerException": retry.Broken, "ExpiredTokenException": retry.Expired,
		"AccessDeniedException": retry.Denied, "ValidationException": retry.Invalid, "SomethingElse": retry.Unknown, "": retry.Unknown,
	} {
		if got := retry.CauseOf(code); got != want {
			t.Errorf("CauseOf(%q) = %d, want %d", code, got, want)
		}
	}
}
