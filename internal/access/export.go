package access

import (
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// Exported divides entries into those that a file can name and [Diff] would find as they are, and those that are left out,
// with the reason: what is Control Tower's own is its to keep, and what lost its name can't be looked up.
func Exported(entries []Entry) (kept []Entry, left []Refusal) {
	for _, e := range entries {
		reason := ""
		switch {
		case Protected(e.PrincipalType, e.Principal):
			reason = "the group belongs to Control Tower"
		case e.Principal == "":
			reason = "the group or user was deleted; `vend access revoke` takes it away by its id"
		case e.PermissionSet == "":
			reason = "the permission set was deleted"
		case e.AccountName == "" && e.Path == "":
			reason = "the account is not in the organization"
		}
		if reason == "" {
			kept = append(kept, e)
		} else {
			left = append(left, Refusal{Wish: Wish{Entry: e}, Reason: reason})
		}
	}
	return kept, left
}

// Rules says the same as entries in few rules, of the form that [Read] reads: assignments in the same accounts, to the same
// groups and users, stand together. Accounts are given by id, the rest by name. The order is that of the entries.
func Rules(entries []Entry) []Rule {
	type grant struct {
		set    string
		kind   account.PrincipalType
		holder string
	}
	accounts, grants := gathered(entries, func(e Entry) (grant, string) {
		return grant{e.PermissionSet, e.PrincipalType, e.Principal}, e.AccountID
	})
	type place struct{ accounts, set string }
	holders, places := gathered(grants, func(g grant) (place, grant) {
		return place{joined(accounts[g], func(id string) string { return id }), g.set}, grant{kind: g.kind, holder: g.holder}
	})
	type held struct{ accounts, holders string }
	sets, all := gathered(places, func(p place) (held, place) {
		return held{p.accounts, joined(holders[p], func(g grant) string { return string(g.kind) + g.holder })}, p
	})
	rules := make([]Rule, len(all))
	for i, h := range all {
		r := &rules[i]
		for id := range strings.SplitSeq(h.accounts, between) {
			r.Accounts = append(r.Accounts, Text{Text: id})
		}
		for _, p := range sets[h] {
			r.PermissionSets = append(r.PermissionSets, Text{Text: p.set})
		}
		for _, g := range holders[sets[h][0]] {
			if g.kind == account.GroupPrincipal {
				r.Groups = append(r.Groups, Text{Text: g.holder})
			} else {
				r.Users = append(r.Users, Text{Text: g.holder})
			}
		}
	}
	return rules
}

// gathered puts together the values that have the same key; both are in the order of the items.
func gathered[Item any, Key comparable, Value any](items []Item, split func(Item) (Key, Value)) (map[Key][]Value, []Key) {
	together, order := map[Key][]Value{}, []Key(nil)
	for _, item := range items {
		key, value := split(item)
		if together[key] == nil {
			order = append(order, key)
		}
		together[key] = append(together[key], value)
	}
	return together, order
}

// between stands between names in a key; no name has it.
const between = "\x00"

func joined[T any](items []T, name func(T) string) string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	return strings.Join(names, between)
}
