package account

import (
	"fmt"
	"strings"
	"unicode"
)

// TextError says where a list in a cell can't be understood.
type TextError struct {
	Offset     int // in bytes, of the item that is wrong
	Message    string
	Suggestion string // what to write; may be empty
}

// Error gives the message with its place.
func (e *TextError) Error() string {
	return fmt.Sprintf("at byte %d: %s", e.Offset, e.Message)
}

// principalKeywords are what may stand before a principal. Without one it is the name of a group.
var principalKeywords = []struct {
	word string
	kind PrincipalType
	byID bool
}{
	{"group:", GroupPrincipal, false},
	{"user:", UserPrincipal, false},
	{"group-id:", GroupPrincipal, true},
	{"user-id:", UserPrincipal, true},
}

// ParseAssignments reads the assignments of one cell, in their order:
//
//	PermissionSet/Group name; PermissionSet/group:Name; PermissionSet/user:name@example.com
//	arn:aws:sso:::permissionSet/ssoins-…/ps-…/group-id:…; PermissionSet/user-id:…
//
// The first slash divides; in an ARN it is the one behind the id of the permission set. A semicolon inside a name is
// doubled. Empty items and blanks around names are ignored. The error is a [*TextError].
func ParseAssignments(text string) ([]Assignment, error) {
	var assignments []Assignment
	for _, item := range splitItems(text) {
		a, err := parseAssignment(item.text)
		if err != nil {
			err.Offset = item.offset
			return nil, err
		}
		assignments = append(assignments, a)
	}
	return assignments, nil
}

// String is the assignment as [ParseAssignments] reads it.
func (a Assignment) String() string {
	who := a.Principal
	for _, k := range principalKeywords {
		if k.kind == a.PrincipalType && k.byID == a.PrincipalByID {
			if k.word == "group:" && !hasKeyword(who) {
				break
			}
			who = k.word + who
			break
		}
	}
	return double(a.PermissionSet) + "/" + double(who)
}

// ParseTags reads the tags of one cell, "key=value; key=value". The first equals sign divides; a semicolon inside a key or
// a value is doubled. The error is a [*TextError].
func ParseTags(text string) ([]Tag, error) {
	var tags []Tag
	for _, item := range splitItems(text) {
		key, value, found := strings.Cut(item.text, "=")
		if !found {
			return nil, &TextError{item.offset, fmt.Sprintf("%q has no =", item.text), "tags look like \"CostCenter=1234; Owner=Platform\""}
		}
		tags = append(tags, Tag{Key: strings.TrimSpace(key), Value: strings.TrimSpace(value)})
	}
	return tags, nil
}

// String is the tag as [ParseTags] reads it.
func (t Tag) String() string { return double(t.Key) + "=" + double(t.Value) }

func parseAssignment(item string) (Assignment, *TextError) {
	set, who, found := cutPermissionSet(item)
	if !found {
		if strings.HasPrefix(item, "arn:") {
			return Assignment{}, &TextError{
				Message:    fmt.Sprintf("%q does not begin with the ARN of a permission set and a slash", item),
				Suggestion: "they look like arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef/Group",
			}
		}
		example := item
		if CheckPermissionSet(item) != nil {
			example = "PermissionSet"
		}
		return Assignment{}, &TextError{
			Message:    fmt.Sprintf("%q names no group or user: it has no slash", item),
			Suggestion: fmt.Sprintf("write \"%s/Group name\" or \"%s/user:name@example.com\"", example, example),
		}
	}
	if set == "" {
		return Assignment{}, &TextError{Message: fmt.Sprintf("%q names no permission set before the slash", item)}
	}
	for _, f := range CheckPermissionSet(set) {
		return Assignment{}, &TextError{Message: fmt.Sprintf("%q %s", set, f.Message), Suggestion: f.Suggestion}
	}
	a := Assignment{PermissionSet: set, PrincipalType: GroupPrincipal, Principal: who}
	for _, k := range principalKeywords {
		if name, ok := cutKeyword(who, k.word); ok {
			a.PrincipalType, a.PrincipalByID, a.Principal = k.kind, k.byID, name
			break
		}
	}
	if err := checkPrincipal(a); err != nil {
		return Assignment{}, err
	}
	return a, nil
}

// cutPermissionSet parts the permission set from the principal. The id in an ARN may itself hold slashes, so it is measured.
func cutPermissionSet(item string) (set, who string, found bool) {
	if strings.HasPrefix(item, "arn:") {
		set = permissionSetID().FindString(item)
		who, found = strings.CutPrefix(item[len(set):], "/")
		found = found && set != ""
	} else {
		set, who, found = strings.Cut(item, "/")
	}
	return strings.TrimSpace(set), strings.TrimSpace(who), found
}

func checkPrincipal(a Assignment) *TextError {
	limit := 1024 // Identity Store API Reference, Group, DisplayName
	if a.PrincipalType == UserPrincipal {
		limit = 128 // Identity Store API Reference, User, UserName
	}
	switch {
	case a.Principal == "":
		return &TextError{Message: fmt.Sprintf("%q names no group or user behind the slash", a.PermissionSet+"/")}
	case a.PrincipalByID:
		for _, f := range CheckPrincipalID(a.Principal) {
			return &TextError{Message: fmt.Sprintf("%q %s", a.Principal, f.Message), Suggestion: f.Suggestion}
		}
	default:
		flaws := checkText(a.Principal, limit)
		if flaws == nil {
			return nil
		}
		suggestion := flaws[0].Suggestion
		if strings.Contains(a.Principal, "\n") {
			suggestion = "end each assignment but the last with a semicolon"
		}
		return &TextError{Message: fmt.Sprintf("%q %s", a.Principal, flaws[0].Message), Suggestion: suggestion}
	}
	return nil
}

func cutKeyword(who, word string) (name string, ok bool) {
	if len(who) < len(word) || !strings.EqualFold(who[:len(word)], word) {
		return who, false
	}
	return strings.TrimSpace(who[len(word):]), true
}

func hasKeyword(who string) bool {
	for _, k := range principalKeywords {
		if _, ok := cutKeyword(who, k.word); ok {
			return true
		}
	}
	return false
}

type item struct {
	text   string
	offset int
}

// splitItems divides a cell at its single semicolons, reads a doubled one as one of the text, and leaves out empty items.
func splitItems(text string) []item {
	var items []item
	var b strings.Builder
	start := 0
	end := func(next int) {
		raw := b.String()
		if trimmed := strings.TrimSpace(raw); trimmed != "" {
			lead := text[start:]
			items = append(items, item{trimmed, start + strings.IndexFunc(lead, isText)})
		}
		b.Reset()
		start = next
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != ';':
			b.WriteByte(text[i])
		case i+1 < len(text) && text[i+1] == ';':
			b.WriteByte(';')
			i++
		default:
			end(i + 1)
		}
	}
	end(len(text))
	return items
}

func isText(r rune) bool { return !unicode.IsSpace(r) }

func double(s string) string { return strings.ReplaceAll(s, ";", ";;") }
