package account_test

import (
	"testing"

	"github.com/vend-cli/vend/internal/account"
)

func TestRemedyNamesTheRequest(t *testing.T) {
	t.Parallel()
	const id = "r-000000000004"
	for what, c := range map[string]struct {
		failure account.Failure
		id      string
		want    string
	}{
		"a command in a hint":         {account.Failure{Hint: "mend it, then run vend resume"}, id, "mend it, then run `vend resume r-000000000004`"},
		"with its option":             {account.Failure{Hint: "run `vend resume --recover`: again"}, id, "run `vend resume --recover r-000000000004`: again"},
		"the place of the request":    {account.Failure{Hint: "`vend resume REQUEST --recover` or `vend cancel REQUEST`"}, id, "`vend resume --recover r-000000000004` or `vend cancel r-000000000004`"},
		"for the whole pipeline":      {account.Failure{Hint: "run `vend resume --paused`"}, id, "run `vend resume --paused`"},
		"that names another":          {account.Failure{Hint: "run `vend resume r-00000000000f`"}, id, "run `vend resume r-00000000000f`"},
		"no request to be named":      {account.Failure{Hint: "run `vend resume`"}, "", "run `vend resume`"},
		"no hint, and a known code":   {account.Failure{Code: "V3013"}, id, "Run `vend resume --paused` to go on."},
		"no hint and no known code":   {account.Failure{Code: "V0000"}, id, ""},
		"a hint before what is known": {account.Failure{Code: "V3013", Hint: "wait"}, id, "wait"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if got := c.failure.Remedy(c.id); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
