package directory

import (
	"fmt"
	"strings"
)

// UnknownAccount says that no account is called so, or more than one.
type UnknownAccount struct {
	Text        string
	Suggestions []string // names that might have been meant; at most three
	Candidates  []string // ids of the accounts that are called so; at least two, or none
}

// Error names the text and what might have been meant.
func (e *UnknownAccount) Error() string {
	if len(e.Candidates) > 0 {
		return fmt.Sprintf("%d accounts are called %q: %s", len(e.Candidates), e.Text, strings.Join(e.Candidates, ", "))
	}
	return fmt.Sprintf("no account %q", e.Text) + meant(e.Suggestions)
}

// Account finds the account that text means: its 12 digits, its root e-mail address, or a name that only one account
// bears, in any state. The error is an [UnknownAccount].
func (o *Organization) Account(text string) (Account, error) {
	text = strings.TrimSpace(text)
	if a, ok := o.ByID(text); ok {
		return a, nil
	}
	if a, ok := o.ByEmail(text); ok {
		return a, nil
	}
	found := o.accounts(func(a Account) bool { return a.Name == text })
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		var near []suggestion
		for _, a := range o.Accounts {
			near = append(near, suggestion{a.Name, distance(text, a.Name)})
		}
		return Account{}, &UnknownAccount{Text: text, Suggestions: nearest(text, near)}
	}
	unknown := &UnknownAccount{Text: text}
	for _, a := range found {
		unknown.Candidates = append(unknown.Candidates, a.ID)
	}
	return Account{}, unknown
}
