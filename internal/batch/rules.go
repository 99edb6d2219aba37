package batch

import (
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

// tagOf is the rule of each column.
var tagOf = map[string]string{
	AccountName: "account_name", SSOUserEmail: "user_email", AccountEmail: "account_email", SSOUserFirstName: "first_name",
	SSOUserLastName: "last_name", OrgUnit: "org_unit", AccountID: "account_id", Assignments: "assignments", Tags: "tags",
}

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

// rulebook is the validator with the rules under their tags, and the columns' names instead of the fields'. It remembers
// what it said of a value: the same users, units and assignments stand in most rows of a list, and the validator asks for
// each cell before its problems are told. It belongs to one list.
type rulebook struct {
	validate    *validator.Validate
	cells       cells                              // that are validated
	said        map[string]*memory[[]account.Flaw] // by tag
	assignments memory[[]account.Assignment]
	tags        memory[[]account.Tag]
}

func newRulebook() *rulebook {
	b := &rulebook{validate: validator.New(validator.WithRequiredStructEnabled()), said: make(map[string]*memory[[]account.Flaw], len(rules))}
	b.validate.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("csv") })
	for tag := range rules {
		b.said[tag] = &memory[[]account.Flaw]{once: tag == "account_name" || tag == "account_email" || tag == "account_id"}
		keeps := func(f validator.FieldLevel) bool { return !broken(b.flaws(tag, f.Field().String())) }
		if err := b.validate.RegisterValidation(tag, keeps); err != nil {
			panic(fmt.Sprintf("batch: rule %s: %v", tag, err)) // only a tag without a name or a function is refused
		}
	}
	return b
}

// flaws is what the rule of a tag says of a value.
func (b *rulebook) flaws(tag, value string) []account.Flaw {
	return b.said[tag].recall(value, func(value string) []account.Flaw { return leftover(value, rules[tag].check) })
}

// memory is what a function has said of the last values; what it says of one is nobody's to change.
type memory[T any] struct {
	once  bool // each value stands once in a list: it is enough to know the last one
	value string
	last  T
	known map[string]T
}

// remembered is how many values a memory holds: enough for what repeats, and nothing beside the bound of a list's memory.
const remembered = 1024

func (m *memory[T]) recall(value string, say func(string) T) T {
	if m.once {
		if m.value != value || value == "" {
			m.value, m.last = value, say(value)
		}
		return m.last
	}
	said, ok := m.known[value]
	if ok {
		return said
	}
	switch len(m.known) {
	case 0:
		m.known = make(map[string]T, remembered)
	case remembered:
		clear(m.known)
	}
	said = say(value)
	m.known[strings.Clone(value)] = said
	return said
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

func broken(flaws []account.Flaw) bool {
	for _, f := range flaws {
		if !f.Warning {
			return true
		}
	}
	return false
}

// check holds a row against the rules. Columns in told have had their say already.
func (r Row) check(book *rulebook, told columnSet) []Problem {
	var wrong map[string]bool
	var failed validator.ValidationErrors
	book.cells = r.cells // the row itself stays where it is
	if err := book.validate.Struct(&book.cells); errors.As(err, &failed) {
		wrong = make(map[string]bool)
		for _, f := range failed {
			wrong[f.Field()] = true
		}
	}
	var problems []Problem
	for _, column := range columns {
		tag, ruled := tagOf[column]
		value := r.cells.value(column)
		switch {
		case !ruled || told[column]:
		case r.cells.lack(column):
			problems = append(problems, r.Problem(account.CodeRequired, column, column+" is empty"+r.absent(column), r.remedy(column)))
		case value != "":
			for _, f := range book.flaws(tag, value) {
				if f.Warning && wrong[column] {
					continue // beside an error, a warning about the same cell is noise
				}
				problems = append(problems, r.flawed(rules[tag].code, column, f))
			}
		}
	}
	return problems
}

// lack says whether a cell is empty that must not be: a row with an account id takes name and e-mail from the account, and
// needs no user; but a user that is named is named whole.
func (c *cells) lack(column string) bool {
	if *c.cell(column) != "" {
		return false
	}
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

func (r Row) flawed(code, column string, f account.Flaw) Problem {
	if f.Code != "" {
		code = f.Code
	}
	if f.Warning {
		return r.Warning(code, column, column+" "+f.Message, f.Suggestion)
	}
	return r.Problem(code, column, column+" "+f.Message, f.Suggestion)
}

// absent says so where the list has no such column at all.
func (r Row) absent(column string) string {
	if slices.ContainsFunc(r.places, func(p place) bool { return p.column == column }) {
		return ""
	}
	return ": the list has no such column"
}

func (r Row) remedy(column string) string {
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
