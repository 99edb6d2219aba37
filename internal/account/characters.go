package account

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/runenames"
)

// controls are the characters that have no name in the Unicode tables.
var controls = map[rune]string{
	0x00: "NUL", 0x07: "BELL", 0x08: "BACKSPACE", '\t': "TAB", '\n': "LINE FEED", '\r': "CARRIAGE RETURN", 0x1A: "SUBSTITUTE",
	0x1B: "ESCAPE", 0x7F: "DELETE", 0x85: "NEXT LINE",
}

// lookalikes are characters that pass for an ASCII character: letters of other alphabets, and what word processors make of
// quotes, dashes and blanks. Compatibility forms ("ａ", "ﬁ") are left to Unicode's own tables.
var lookalikes = map[rune]string{
	'а': "a", 'е': "e", 'һ': "h", 'і': "i", 'ј': "j", 'к': "k", 'м': "m", 'о': "o", 'р': "p", 'с': "c", 'т': "t", 'у': "y",
	'х': "x", 'ѕ': "s", 'ԁ': "d", 'ԛ': "q", 'ԝ': "w", 'ӏ': "l", 'А': "A", 'В': "B", 'Е': "E", 'Н': "H", 'І': "I", 'Ј': "J", 'К': "K",
	'М': "M", 'О': "O", 'Р': "P", 'С': "C", 'Т': "T", 'Х': "X", 'Ѕ': "S",
	'α': "a", 'ε': "e", 'ι': "i", 'κ': "k", 'ν': "v", 'ο': "o", 'ρ': "p", 'υ': "u", 'χ': "x", 'ѵ': "v",
	'Α': "A", 'Β': "B", 'Ε': "E", 'Η': "H", 'Ι': "I", 'Κ': "K", 'Μ': "M", 'Ν': "N", 'Ο': "O", 'Ρ': "P", 'Τ': "T", 'Χ': "X", 'Ζ': "Z",
	'ı': "i", 'ɡ': "g", 'ℓ': "l",
	'‘': "'", '’': "'", '‚': "'", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`,
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '−': "-", '․': ".", '。': ".", '\u00A0': " ", '\u202F': " ",
}

const typographicQuotes = "“”„«»"

// CodePoint names a character beyond doubt: "U+0430 CYRILLIC SMALL LETTER A".
func CodePoint(r rune) string {
	name := controls[r]
	if name == "" {
		name = runenames.Name(r)
	}
	switch {
	case r > ' ' && r < 0x7F:
		return fmt.Sprintf("%q", string(r))
	case name == "" || name[0] == '<':
		return fmt.Sprintf("U+%04X", r)
	}
	return fmt.Sprintf("U+%04X %s", r, name)
}

// firstOutside is the offset of the first character that is not printable ASCII, or -1.
func firstOutside(s string) int {
	for i, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return i
		}
	}
	return -1
}

// outside names the first character that is not printable ASCII, what it passes for, and the value that was likely meant:
// spell says what to write for a character, "" when nobody knows.
func outside(s, rule string, spell func(rune) string) []Flaw {
	r, size := utf8.DecodeRuneInString(s[firstOutside(s):])
	if r == utf8.RuneError && size == 1 {
		return flaw("is not valid UTF-8", "")
	}
	message := "holds " + CodePoint(r)
	switch twin := twin(r); {
	case invisible(r):
		message += ", which can't be seen"
	case twin == " ":
		message += ", which is not the blank of the space bar"
	case twin != "":
		message += fmt.Sprintf(", which looks like %q", twin)
	default:
		message += "; " + rule
	}
	if inside := strings.Trim(s, typographicQuotes); inside != "" {
		s = inside // around a value they are left over from a text
	}
	if meant, ok := ascii(s, spell); ok {
		return flaw(message, write(meant))
	}
	return flaw(message, "")
}

// ascii writes a value without the characters that crept in, false when some have no obvious counterpart.
func ascii(s string, spell func(rune) string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		meant := string(r)
		if r < ' ' || r > '~' {
			meant = spell(r)
		}
		if meant == "" && !invisible(r) {
			return "", false
		}
		b.WriteString(meant)
	}
	meant := strings.TrimSpace(b.String())
	return meant, meant != ""
}

// twin is the ASCII that a character passes for.
func twin(r rune) string {
	if t := lookalikes[r]; t != "" {
		return t
	}
	if t := norm.NFKC.String(string(r)); firstOutside(t) < 0 {
		return t
	}
	return ""
}

// plain is [twin], or the letter without its accents. That is good for a name; an address would be somebody else's.
func plain(r rune) string {
	if t := twin(r); t != "" {
		return t
	}
	t := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(string(r)))
	if firstOutside(t) >= 0 {
		return ""
	}
	return t
}

func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }
