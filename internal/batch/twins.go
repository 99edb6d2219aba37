package batch

import (
	"fmt"
	"hash/maphash"
	"math"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// twins remembers who was seen on which line, in a dozen bytes each, to find rows that speak of the same account.
type twins struct{ emails, ids, names seen }

// newTwins expects about so many rows.
func newTwins(rows int) twins {
	return twins{newSeen(rows), newSeen(0), newSeen(rows)}
}

func (t *twins) check(row *Row) []Problem {
	var problems []Problem
	if line, ok := t.emails.before(strings.ToLower(row.Email), row.Line); ok {
		problems = append(problems, row.Problem(account.CodeEmailTwice, AccountEmail,
			fmt.Sprintf("AccountEmail is the one of line %d", line), "each account needs an address of its own"))
	}
	if line, ok := t.ids.before(row.AccountID, row.Line); ok {
		problems = append(problems, row.Problem(account.CodeAccountIDTwice, AccountID,
			fmt.Sprintf("AccountId is the one of line %d", line), "delete one of the rows"))
	}
	if line, ok := t.names.before(row.Name, row.Line); ok && problems == nil {
		problems = append(problems, row.Warning(account.CodeNameTwice, AccountName,
			fmt.Sprintf("AccountName is the one of line %d", line), "AWS allows it; rename one of them if people may mix them up"))
	}
	return problems
}

// seen knows values by 64 bits under a seed of its own, which nobody can aim at. Two values of the longest list share
// them in one reading of a billion; the next reading has another seed.
type seen struct {
	seed  maphash.Seed
	lines map[uint64]int32
}

func newSeen(values int) seen {
	return seen{maphash.MakeSeed(), make(map[uint64]int32, values)}
}

// before is the line that had the value before, if one had.
func (s *seen) before(value string, line int) (int, bool) {
	if value == "" {
		return 0, false
	}
	key := maphash.String(s.seed, value)
	if before, ok := s.lines[key]; ok {
		return int(before), true
	}
	s.lines[key] = int32(min(line, math.MaxInt32))
	return 0, false
}
