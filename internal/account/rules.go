package account

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Flaw is what is wrong with one value, said to whoever typed it. Its message goes on from the name of the column: "has
// no @". The rules below return no flaw for a value that AWS takes, and never look at an empty one: whether a value is
// needed is the caller's to say.
type Flaw struct {
	Code       string // set only where the code is not the one of the column
	Message    string
	Suggestion string // what to write instead; may be empty
	Warning    bool   // AWS takes the value as it stands
}

// CheckAccountEmail holds AWS's rules for the e-mail address of an account (Organizations API Reference, CreateAccount,
// Email): 6 to 64 printable ASCII characters, one @, a local part without a leading dot and without any of
// " ' ( ) < > [ ] : ; , \ | % & or a blank, a domain of letters, digits, hyphens and dots. Capitals are a warning: AWS does
// not tell addresses apart by them.
func CheckAccountEmail(address string) []Flaw {
	if flaws := checkAddress(address); flaws != nil {
		return flaws
	}
	if n := len(address); n < 6 || n > 64 {
		return []Flaw{{Message: fmt.Sprintf("has %d characters; AWS takes 6 to 64", n)}}
	}
	if lower := strings.ToLower(address); lower != address {
		return []Flaw{{
			Code: CodeCapitals, Warning: true,
			Message:    "has capital letters; to AWS it is the same address as " + lower,
			Suggestion: write(lower),
		}}
	}
	return nil
}

// CheckUserEmail holds the rules for the e-mail address of an Identity Center user: those of an account's address, with
// the 128 characters of a user name (Identity Store API Reference, User).
func CheckUserEmail(address string) []Flaw {
	if flaws := checkAddress(address); flaws != nil {
		return flaws
	}
	if n := len(address); n > 128 {
		return []Flaw{{Message: fmt.Sprintf("has %d characters; AWS takes 128", n)}}
	}
	return nil
}

func checkAddress(address string) []Flaw {
	local, domain, found := strings.Cut(address, "@")
	inBrackets := between(address, '<', '>')
	switch {
	case inBrackets != "" && checkAddress(inBrackets) == nil:
		return flaw("is an address with a name around it", write(inBrackets))
	case firstOutside(address) >= 0:
		return outside(address, "AWS takes printable ASCII in an address", twin)
	case !found:
		return flaw("has no @", "")
	case strings.Contains(domain, "@") && strings.ContainsAny(address, ",;"):
		return flaw("holds more than one address", "write one address")
	case strings.Contains(domain, "@"):
		return flaw("has more than one @", "")
	case local == "":
		return flaw("has nothing before the @", "")
	case local[0] == '.':
		return flaw("begins with a dot", "")
	}
	for _, c := range []byte(local) {
		switch c {
		case ' ', '"', '\'', '(', ')', '<', '>', '[', ']', ':', ';', ',', '\\', '|', '%', '&':
			return flaw(fmt.Sprintf("has %s before the @, which AWS does not take", CodePoint(rune(c))), "")
		}
	}
	return checkDomain(domain)
}

// checkDomain judges a domain of ASCII, since whatever else an address holds has been told.
func checkDomain(domain string) []Flaw {
	for _, c := range []byte(domain) {
		if c != '-' && c != '.' && !isAlphanumeric(c) {
			return flaw(fmt.Sprintf("has %s in its domain", CodePoint(rune(c))), "")
		}
	}
	switch {
	case domain == "":
		return flaw("has nothing behind the @", "")
	case !strings.Contains(domain, "."):
		return flaw("has no dot in its domain", "")
	case strings.ContainsAny(domain[:1], ".-") || strings.ContainsAny(domain[len(domain)-1:], ".-"):
		return flaw("has a domain that begins or ends with a dot or a hyphen", "")
	case strings.Contains(domain, ".."):
		return flaw("has two dots in a row in its domain", "")
	}
	return nil
}

// CheckName holds AWS's rule for the name of a new account: 1 to 50 printable ASCII characters (Organizations API
// Reference, CreateAccount, AccountName).
func CheckName(name string) []Flaw {
	if firstOutside(name) >= 0 {
		return outside(name, "AWS takes printable ASCII in the name of a new account", plain)
	}
	if n := len(name); n > 50 {
		return flaw(fmt.Sprintf("has %d characters; AWS takes 50", n), "")
	}
	return nil
}

// CheckAccountID holds the rule for an account id, twelve digits, and recognises what spreadsheets make of one.
func CheckAccountID(id string) []Flaw {
	if isAccountID(id) {
		return nil
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.TrimSuffix(id, ".0"))
	switch {
	case scientific().MatchString(id):
		return flaw("is a number that a spreadsheet has rounded; its last digits are lost",
			"format the column as text, then write the twelve digits again")
	case digits != id && len(digits) == 12 && strings.Trim(id, "0123456789-., '\"=") == "":
		return flaw("is twelve digits with something between or around them", write(digits))
	case digits == id && len(id) < 12 && len(id) >= 8:
		zeros := strings.Repeat("0", 12-len(id))
		return flaw(fmt.Sprintf("has %d digits of 12; spreadsheets take leading zeros away", len(id)),
			fmt.Sprintf("if that is what happened, %s, with the column formatted as text", write(zeros+id)))
	case digits == id:
		return flaw(fmt.Sprintf("has %d digits; an account id has 12", len(id)), "")
	case strings.IndexFunc(id, unicode.IsDigit) < 0:
		return flaw("is no account id, which is twelve digits", "leave it empty for a new account")
	}
	return flaw("is no account id, which is twelve digits", "")
}

// CheckPersonName holds the rules for the first or last name of a user: up to 128 characters of any script, on one line.
func CheckPersonName(name string) []Flaw { return checkText(name, 128) }

// CheckUnit holds what can be said of an organizational unit's name, path or id without seeing the organization: ids are
// well formed, names have up to 128 characters (Organizations API Reference, OrganizationalUnit), and it is not the root.
func CheckUnit(unit string) []Flaw {
	id := unit
	if strings.HasSuffix(unit, ")") {
		if m := unitInBrackets().FindStringSubmatch(unit); m != nil {
			id = m[2]
		}
	}
	switch {
	case isRootID(unit) || strings.EqualFold(unit, "root"):
		return flaw("is the root; Control Tower makes no accounts there", "name an organizational unit")
	case strings.HasPrefix(id, "ou-") && !isUnitID(id) && (id != unit || strings.Count(id, "-") == 2):
		return flaw(fmt.Sprintf("has an id, %q, that no organizational unit can have", id), "ids look like ou-ab12-1a2b3c4d")
	case isUnitID(id):
		return nil
	}
	for name := range strings.SplitSeq(strings.Trim(unit, "/"), "/") {
		if strings.TrimSpace(name) == "" {
			return flaw("has an empty step in its path", `paths look like "Workloads/Prod"`)
		}
		if flaws := checkText(name, 128); flaws != nil {
			return flaws
		}
	}
	return nil
}

// CheckPermissionSet holds AWS's rules for a permission set given by name, 1 to 32 letters, digits and + = , . @ - _, or by
// ARN (IAM Identity Center API Reference, PermissionSet).
func CheckPermissionSet(set string) []Flaw {
	switch {
	case strings.HasPrefix(set, "arn:"):
		if permissionSetID().FindString(set) != set {
			return flaw("is not the ARN of a permission set", "they look like arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef")
		}
	case utf8.RuneCountInString(set) > 32:
		return flaw(fmt.Sprintf("has %d characters; the name of a permission set has up to 32", utf8.RuneCountInString(set)), "")
	case !isPermissionSetName(set):
		return flaw("is no name of a permission set, which has letters, digits and + = , . @ - _ only", "")
	}
	return nil
}

// CheckPrincipalID holds AWS's rule for the id of a user or group (Identity Store API Reference, ResourceId).
func CheckPrincipalID(id string) []Flaw {
	if len(id) > 47 || !principalID().MatchString(id) {
		return flaw("is no id of a group or user", "they look like 1234567890-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f")
	}
	return nil
}

// CheckTags holds AWS's rules for the tags of one account: up to 50, keys of 1 to 128 characters, each once and not
// beginning with "aws:", values of up to 256 (Organizations API Reference, Tag). Characters that other services do not
// take are a warning.
func CheckTags(tags []Tag) []Flaw {
	if len(tags) > 50 {
		return flaw(fmt.Sprintf("holds %d tags; an account takes 50", len(tags)), "")
	}
	var flaws []Flaw
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		switch key := utf8.RuneCountInString(t.Key); {
		case key == 0:
			flaws = append(flaws, Flaw{Message: fmt.Sprintf("has a tag without a key before %q", "="+t.Value)})
		case key > 128:
			flaws = append(flaws, Flaw{Message: fmt.Sprintf("has a key of %d characters; AWS takes 128", key)})
		case utf8.RuneCountInString(t.Value) > 256:
			flaws = append(flaws, Flaw{Message: fmt.Sprintf("has a value of %d characters for %q; AWS takes 256", utf8.RuneCountInString(t.Value), t.Key)})
		case len(t.Key) >= 4 && strings.EqualFold(t.Key[:4], "aws:"):
			flaws = append(flaws, Flaw{Message: fmt.Sprintf("has the key %q; AWS keeps the prefix aws: for itself", t.Key)})
		case seen[t.Key]:
			flaws = append(flaws, Flaw{Message: fmt.Sprintf("has the key %q twice", t.Key)})
		default:
			if i := strings.IndexFunc(t.Key+t.Value, strangeInTag); i >= 0 {
				r, _ := utf8.DecodeRuneInString((t.Key + t.Value)[i:])
				flaws = append(flaws, Flaw{Warning: true, Message: fmt.Sprintf("has %s in the tag %q, which not every service takes", CodePoint(r), t.Key)})
			}
		}
		seen[t.Key] = true
	}
	return flaws
}

func strangeInTag(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != ' ' && !strings.ContainsRune("_.:/=+-@", r)
}

// checkText is for values that AWS takes in any script: one line, nothing that steers a terminal or the direction of text.
func checkText(text string, limit int) []Flaw {
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return flaw("holds "+CodePoint(r), "take it out")
		}
	}
	if n := utf8.RuneCountInString(text); n > limit {
		return flaw(fmt.Sprintf("has %d characters; AWS takes %d", n, limit), "")
	}
	return nil
}

func flaw(message, suggestion string) []Flaw {
	return []Flaw{{Message: message, Suggestion: suggestion}}
}

func write(value string) string { return fmt.Sprintf("write %q", value) }

func between(s string, open, end byte) string {
	i, j := strings.IndexByte(s, open), strings.LastIndexByte(s, end)
	if i < 0 || j < i {
		return ""
	}
	return s[i+1 : j]
}
