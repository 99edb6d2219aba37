package batch

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-playground/validator/v10"

	"github.com/vend-cli/vend/internal/account"
)

// rules are the tags of [cells]: AWS's rule for each, and the code of a cell that breaks it.
var rules = map[string]struct {
	code  string
	check func(string) []account.Flaw
}{
	"account_name":  {account.CodeName, account.CheckName},
	"user_email":    {account.CodeUserEmail, account.CheckUserEmail},
	"account_email": {account.CodeEmail, account.CheckAccountEmail},
	"first_name":    {account.CodeFirstName, account.CheckPersonName},
	"last_name":     {account.CodeLastName, account.CheckPersonName},
	"org_unit":      {account.CodeUnit, account.CheckUnit},
	"account_id":    {account.CodeAccountID, account.CheckAccountID},
	"assignments":   {account.CodeAssignments, checkAssignments},
	"tags":          {account.CodeTags, checkTags},
}

// tags are those of [cells], in their order: which rule each keeps that is filled in, empty where it keeps none.
var tags = func() []string {
	var tags []string
	for _, cell := range reflect.VisibleFields(reflect.TypeFor[cells]()) {
		_, rule, _ := strings.Cut(cell.Tag.Get("validate"), ",") // behind omitempty: rules are asked of what is filled in
		tags = append(tags, rule)
	}
	return tags
}()

// codes are those of the columns that have a rule.
var codes = func() map[string]string {
	codes := make(map[string]string)
	for i, tag := range tags {
		if tag != "" {
			codes[columns[i]] = rules[tag].code
		}
	}
	return codes
}()

func checkAssignments(text string) []account.Flaw {
	assignments, err := account.ParseAssignments(text)
	if flaws := listFlaws(err); flaws != nil {
		return flaws
	}
	for i, a := range assignments {
		if asked(assignments[:i], a) {
			return []account.Flaw{{
				Code: account.CodeAssignmentTwice, Warning: true,
				Message: fmt.Sprintf("has %q twice", a), Suggestion: "delete one of them",
			}}
		}
		if behind, ok := afterComma(a.Principal); ok && !a.PrincipalByID {
			return []account.Flaw{{
				Warning: true, Message: fmt.Sprintf("is read as one principal, %q, with a comma in its name", a.Principal),
				Suggestion: fmt.Sprintf("if %q is an assignment of its own, put a semicolon before it", behind),
			}}
		}
	}
	return nil
}

// afterComma is what stands behind the first comma of a principal, if that could be an assignment itself.
func afterComma(principal string) (behind string, ok bool) {
	_, behind, _ = strings.Cut(principal, ",")
	behind = strings.TrimSpace(behind)
	set, _, found := strings.Cut(behind, "/")
	return behind, found && account.CheckPermissionSet(strings.TrimSpace(set)) == nil
}

func checkTags(text string) []account.Flaw {
	tags, err := account.ParseTags(text)
	if flaws := listFlaws(err); flaws != nil {
		return flaws
	}
	return account.CheckTags(tags)
}

func listFlaws(err error) []account.Flaw {
	var wrong *account.TextError
	if !errors.As(err, &wrong) {
		return nil
	}
	return []account.Flaw{{Message: fmt.Sprintf("can't be read at byte %d: %s", wrong.Offset+1, wrong.Message), Suggestion: wrong.Suggestion}}
}

// rulebook is the validator with the rules under their tags. It remembers what was said of a value: the same users, units
// and assignments stand in most rows of a list. It belongs to one list.
type rulebook struct {
	validate    *validator.Validate
	said        []memory[[]account.Flaw] // by column
	found       []account.Flaw           // by the rule that was asked last
	assignments memory[[]account.Assignment]
	tags        memory[[]account.Tag]
}

func newRulebook() *rulebook {
	b := &rulebook{validate: validator.New(), said: make([]memory[[]account.Flaw], len(columns))}
	for i, column := range columns {
		b.said[i].once = column == AccountName || column == AccountEmail || column == AccountID
	}
	for tag, rule := range rules {
		keeps := func(f validator.FieldLevel) bool {
			b.found = nil
			for _, flaw := range leftover(f.Field().String(), rule.check) {
				flaw.Code = cmp.Or(flaw.Code, rule.code)
				b.found = append(b.found, flaw)
			}
			return !slices.ContainsFunc(b.found, isError)
		}
		if err := b.validate.RegisterValidation(tag, keeps); err != nil {
			panic(fmt.Sprintf("batch: rule %s: %v", tag, err)) // only a tag without a name or a function is refused
		}
	}
	return b
}

// flaws is what the rule of the nth column says of a value. Beside an error, a warning about the same cell is noise.
func (b *rulebook) flaws(n int, value string) []account.Flaw {
	return b.said[n].recall(value, func(value string) []account.Flaw {
		if err := b.validate.Var(value, tags[n]); err != nil {
			return slices.DeleteFunc(b.found, func(f account.Flaw) bool { return f.Warning })
		}
		return b.found
	})
}

// memory is what a function has said of the last values; what it says of one is nobody's to change.
type memory[T any] struct {
	once  bool // each value stands once in a list: it is enough to know the last one
	asked bool
	value string // that was asked about last
	last  T
	known map[string]T
}

// remembered is how many values a memory holds: enough for what repeats, and nothing beside the bound of a list's memory.
const remembered = 1024

func (m *memory[T]) recall(value string, say func(string) T) T {
	if m.asked && m.value == value {
		return m.last
	}
	said, ok := m.known[value]
	if !ok {
		said = say(value)
		m.keep(value, said)
	}
	m.asked, m.value, m.last = true, value, said
	return said
}

func (m *memory[T]) keep(value string, said T) {
	switch {
	case m.once:
		return
	case m.known == nil:
		m.known = make(map[string]T)
	case len(m.known) == remembered:
		clear(m.known)
	}
	m.known[strings.Clone(value)] = said
}

// formulaErrors are what a spreadsheet shows where a formula has no value.
var formulaErrors = []string{"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#ERROR!"}

// leftover finds what a spreadsheet has left in a cell, which AWS might even take; all else is for the rule to judge.
func leftover(value string, rule func(string) []account.Flaw) []account.Flaw {
	if strings.HasPrefix(value, "#") && slices.Contains(formulaErrors, strings.ToUpper(value)) {
		return []account.Flaw{{Message: "holds " + value + ", which a spreadsheet shows where a formula failed", Suggestion: "write the value itself"}}
	}
	return rule(value)
}

func isError(f account.Flaw) bool { return !f.Warning }

// check holds a row against the rules. Columns in told have had their say already.
func (r *Row) check(book *rulebook, told columnSet) []Problem {
	var problems []Problem
	for i, cell := range r.cells.all() {
		column := columns[i]
		switch {
		case tags[i] == "" || told[column]:
		case *cell != "":
			for _, f := range book.flaws(i, *cell) {
				problems = append(problems, r.flawed(column, f))
			}
		case r.cells.lack(column):
			problems = append(problems, r.Problem(account.CodeRequired, column, column+" is empty"+r.absent(column), r.remedy(column)))
		}
	}
	return problems
}

// lack says whether a cell that is empty must not be: a row with an account id takes name and e-mail from the account, and
// needs no user; but a user that is named is named whole.
func (c *cells) lack(column string) bool {
	switch column {
	case OrgUnit:
		return true
	case AccountName, AccountEmail:
		return c.AccountID == ""
	case SSOUserEmail:
		return c.AccountID == "" || c.SSOUserFirstName != "" || c.SSOUserLastName != ""
	case SSOUserFirstName, SSOUserLastName:
		return c.AccountID == "" || c.SSOUserEmail != ""
	}
	return false
}

func (r *Row) flawed(column string, f account.Flaw) Problem {
	if f.Warning {
		return r.Warning(f.Code, column, column+" "+f.Message, f.Suggestion)
	}
	return r.Problem(f.Code, column, column+" "+f.Message, f.Suggestion)
}

// absent says so where the list has no such column at all.
func (r *Row) absent(column string) string {
	if slices.Contains(r.columns, column) {
		return ""
	}
	return ": the list has no such column"
}

func (r *Row) remedy(column string) string {
	switch {
	case r.AccountID == "" && r.absent(column) != "":
		return "add the column, or fill AccountId to enroll an account that exists"
	case column == OrgUnit:
		return `fill in where the account goes, for example "Workloads/Dev"`
	case r.AccountID != "":
		return "give the user's e-mail, first and last name, or none of the three"
	}
	return "fill it in; only a row with an AccountId may leave it empty"
}
