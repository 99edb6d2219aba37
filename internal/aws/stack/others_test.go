package stack_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/vend-cli/vend/internal/account"
)

// Two people want something else of one stack at once: the second one is told, and finds what the first one has made.
func TestSomebodyElseWasFaster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := at(t, 1, "")
		now, _ := p.must(p.apply(t.Context(), wish("60")))("CREATE_COMPLETE")
		mine, err := p.Plan(t.Context(), now, wish("120"))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := p.Plan(t.Context(), now, wish("240"))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Execute(t.Context(), theirs); err != nil {
			t.Fatal(err)
		}
		if err := p.Execute(t.Context(), mine); refusal(err) != account.CodeStackFailed || !strings.Contains(err.Error(), "somebody has changed the stack meanwhile") {
			t.Errorf("%v", err)
		}
		now, _ = p.must(p.apply(t.Context(), wish("120")))("UPDATE_COMPLETE")
		if now.Parameters["Seconds"] != "120" {
			t.Errorf("%+v", now)
		}
	})
}

func TestWhatNobodyHasVerified(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"change-set-without-changes", "executed-change-set-gone"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := at(t, 1, "", name)
				p.must(p.apply(t.Context(), wish("60")))("CREATE_COMPLETE")
				now, _ := p.must(p.apply(t.Context(), wish("720")))("UPDATE_COMPLETE")
				plan, err := p.Plan(t.Context(), now, wish("720"))
				if err != nil || !plan.Nothing {
					t.Errorf("nothing changes: %+v, %v", plan, err)
				}
				if err := p.Discard(t.Context(), plan); err != nil {
					t.Error(err)
				}
				p.must(p.remove(t.Context()))("DELETE_COMPLETE")
			})
		})
	}
}
