package contracttest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// check is one thing that the product relies on. The checks of a suite follow each other: the scene is what the ones before
// have left.
type check struct {
	behaviour string
	holds     func(context.Context) error
}

// suite is the contract of a port, or of the verbs. Making its checks asks nothing of a server.
type suite struct {
	port   string
	checks func(*setUp) []check
}

var suites = []suite{
	{"queue", queueChecks},
	{"bucket", bucketChecks},
	{"inbox", inboxChecks},
	{"organization", organizationChecks},
	{"identitycenter", identityCenterChecks},
	{"stacksets", stackSetChecks},
	{verbsOf, verbChecks},
}

// setUp is a server, and what a suite may use there.
type setUp struct {
	cfg     aws.Config
	unique  string // part of each name that is made up
	account string // a member account in the root that may be moved and accessed; empty: one is made

	vend, folder       string // the command, and where it runs; for the verbs
	queueURL, topicARN string // what they are told of the pipeline

	patience time.Duration // for one check; 0: as long as AWS may need
	undo     []func(context.Context) error
}

// name is that of a thing which the suite makes.
func (s *setUp) name(of string) string { return "vend-contract-" + of + s.unique }

// later takes away what was made, when all checks are over; the newest first.
func (s *setUp) later(undo func(context.Context) error) { s.undo = append(s.undo, undo) }

// hold asks a server for a whole suite. What it is known to lack has to fail, what it keeps
// only at times may, all else has to hold.
func hold(t *testing.T, server string, of suite, s *setUp) {
	t.Helper()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Minute)
		defer cancel()
		for i := len(s.undo) - 1; i >= 0; i-- {
			if err := s.undo[i](ctx); err != nil && lacks[server][of.port] == nil {
				t.Errorf("%s: clear away: %v", of.port, err)
			}
		}
	}()
	for _, c := range of.checks(s) {
		why, lacking := lacks[server][of.port][c.behaviour]
		longest := s.patience
		if longest == 0 {
			longest = 20 * time.Minute
		}
		if lacking && !strings.HasPrefix(why, atTimes) && of.port != verbsOf {
			longest = 10 * time.Second // what goes on asking until it is answered would ask for ever
		}
		ctx, cancel := context.WithTimeout(t.Context(), longest)
		err := c.holds(ctx)
		cancel()
		switch {
		case errors.Is(err, errBroken):
			t.Errorf("%s: %s: %v", of.port, c.behaviour, err)
		case err == nil && lacking && !strings.HasPrefix(why, atTimes):
			t.Errorf("%s: %s: %s can do it now; take it off the list of what it lacks", of.port, c.behaviour, server)
		case err != nil && !lacking:
			t.Errorf("%s: %s: %v", of.port, c.behaviour, err)
		case err != nil:
			t.Logf("%s: %s: as known: %s (%v)", of.port, c.behaviour, why, err)
		}
	}
}

// until asks again and again, until the answer is yes.
func until(ctx context.Context, ask func() (bool, error)) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		if yes, err := ask(); err != nil || yes {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("wait for the answer to be yes: %w", err)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// want says what is otherwise than it should be; nothing when it is right or there was an error before.
func want(right bool, err error, format string, what ...any) error {
	if err != nil || right {
		return err
	}
	return fmt.Errorf(format, what...)
}
