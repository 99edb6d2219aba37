package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/pattern"
)

// Invalid collects the constraints that an input breaks, and words them as AWS's own framework does: "1 validation error
// detected: Value 'x' at 'accountId' failed to satisfy constraint: Member must …". Names are written as AWS writes them
// there, with a small first letter.
type Invalid struct{ broken []string }

// Add notes a broken constraint: rule goes on after "Member must ". A nil value is told as null.
func (i *Invalid) Add(name string, value any, rule string) {
	shown := "null"
	if value != nil {
		shown = fmt.Sprintf("'%v'", value)
	}
	i.broken = append(i.broken, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: Member must %s", shown, name, rule))
}

// Required notes a member that is empty although it must be there.
func (i *Invalid) Required(name, value string) {
	if value == "" {
		i.Add(name, nil, "not be null")
	}
}

// Length notes a string whose length in characters is not within lowest and highest; an empty one passes (see [Invalid.Required]).
func (i *Invalid) Length(name, value string, lowest, highest int) {
	if value == "" {
		return
	}
	switch n := utf8.RuneCountInString(value); {
	case n < lowest:
		i.Add(name, value, "have length greater than or equal to "+strconv.Itoa(lowest))
	case n > highest:
		i.Add(name, value, "have length less than or equal to "+strconv.Itoa(highest))
	}
}

// Range notes a number that is not within lowest and highest; nil passes.
func (i *Invalid) Range(name string, value *int, lowest, highest int) {
	switch {
	case value == nil:
	case *value < lowest:
		i.Add(name, *value, "have value greater than or equal to "+strconv.Itoa(lowest))
	case *value > highest:
		i.Add(name, *value, "have value less than or equal to "+strconv.Itoa(highest))
	}
}

// Pattern notes a string that does not match, from its first to its last character; an empty one passes.
func (i *Invalid) Pattern(name, value string, p *pattern.Pattern) {
	if value == "" {
		return
	}
	if at := p.FindStringIndex(value); at == nil || at[0] != 0 || at[1] != len(value) {
		i.Add(name, value, "satisfy regular expression pattern: "+p.String())
	}
}

// Enum notes a string that is none of the allowed ones; an empty one passes.
func (i *Invalid) Enum(name, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		i.Add(name, value, "satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
	}
}

// Err is nil when nothing is broken, else a ValidationException that names all that is.
func (i *Invalid) Err() error {
	switch len(i.broken) {
	case 0:
		return nil
	case 1:
		return Fail("ValidationException", "1 validation error detected: "+i.broken[0])
	default:
		return Fail("ValidationException", fmt.Sprintf("%d validation errors detected: %s", len(i.broken), strings.Join(i.broken, "; ")))
	}
}
