package dynamodb

import "strings"

type class int

const (
	endToken      class = iota
	nameToken           // an attribute's name, a function's name or a keyword
	nameRefToken        // #name
	valueRefToken       // :value
	numberToken
	punctuationToken
)

// token is one word of an expression, with where it stands.
type token struct {
	class    class
	text     string
	from, to int
}

// is says whether the token is this punctuation, or this keyword in whatever case.
func (t token) is(text string) bool {
	return t.class == punctuationToken && t.text == text || t.class == nameToken && strings.EqualFold(t.text, text)
}

// keyword says whether the token is a word of the grammar, which is no attribute's name.
func (t token) keyword() bool {
	switch strings.ToUpper(t.text) {
	case "AND", "OR", "NOT", "BETWEEN", "IN":
		return true
	default:
		return false
	}
}

// scan cuts an expression into tokens; an end token is always the last one. A character of no use becomes a punctuation
// that no rule expects.
func scan(text string) []token {
	var tokens []token
	for at := 0; at < len(text); {
		c := text[at]
		if strings.IndexByte(" \t\r\n", c) >= 0 {
			at++
			continue
		}
		t := token{class: punctuationToken, from: at, to: at + 1}
		switch {
		case letter(c) || c == '_':
			t.class, t.to = nameToken, wordEnd(text, at+1)
		case digit(c):
			t.class = numberToken
			for t.to < len(text) && digit(text[t.to]) {
				t.to++
			}
		case (c == '#' || c == ':') && wordEnd(text, at+1) > at+1:
			t.class, t.to = nameRefToken, wordEnd(text, at+1)
			if c == ':' {
				t.class = valueRefToken
			}
		case strings.HasPrefix(text[at:], "<>"), strings.HasPrefix(text[at:], "<="), strings.HasPrefix(text[at:], ">="):
			t.to = at + 2
		}
		t.text = text[t.from:t.to]
		tokens = append(tokens, t)
		at = t.to
	}
	return append(tokens, token{from: len(text), to: len(text)})
}

func wordEnd(text string, at int) int {
	for at < len(text) && (letter(text[at]) || digit(text[at]) || text[at] == '_') {
		at++
	}
	return at
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
