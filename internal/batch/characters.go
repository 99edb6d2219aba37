package batch

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/vend-cli/vend/internal/account"
)

// stray is a character that can't be meant, and where it stands.
type stray struct {
	at         at
	cell       int
	width      int
	code       string
	message    string
	suggestion string
}

// strays finds, in a record, what is no UTF-8, steers a terminal or turns the direction of text: the first one of each cell.
func strays(rec record, comma byte) []stray {
	if rec.plain {
		return nil
	}
	var places []place
	var found []stray
	line, begin := rec.line, 0
	for i := 0; i < len(rec.text); {
		if c := rec.text[i]; c >= ' ' && c < 0x7F || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(rec.text[i:])
		s := stray{at: at{line, i - begin + 1}, width: size}
		if s.judge(rec.text[i:], r); s.code != "" {
			if places == nil {
				places = placesIn(rec.text, comma, rec.line)
			}
			s.cell = cellAt(places, s.at)
			if len(found) == 0 || found[len(found)-1].cell != s.cell {
				found = append(found, s)
			}
		}
		i += size
		if r == '\n' {
			line, begin = line+1, i
		}
	}
	return found
}

func cellAt(places []place, where at) int {
	cell := 0
	for i, p := range places {
		if p.at.line < where.line || p.at.line == where.line && p.at.column <= where.column {
			cell = i
		}
	}
	return cell
}

func (s *stray) judge(rest string, r rune) {
	switch {
	case r == utf8.RuneError && s.width == 1:
		s.code, s.suggestion = account.CodeNotUTF8, `save the file as "CSV UTF-8"`
		s.message = fmt.Sprintf("The byte 0x%02X is not UTF-8", rest[0])
		if meant := charmap.Windows1252.DecodeByte(rest[0]); meant != utf8.RuneError && unicode.IsGraphic(meant) {
			s.message += fmt.Sprintf("; in Windows-1252 it would be %q", string(meant))
		}
	case r == utf8.RuneError:
		s.code, s.suggestion = account.CodeNotUTF8, "look the letter up where the list came from"
		s.message = account.CodePoint(r) + " stands where a letter was lost in an earlier conversion"
	case r == '\n' || r == '\r' && len(rest) > 1 && rest[1] == '\n':
	case unicode.Is(unicode.Bidi_Control, r):
		s.code, s.suggestion = account.CodeDirection, "type the cell again"
		s.message = account.CodePoint(r) + " turns the direction of text"
	case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
		s.code, s.suggestion = account.CodeControl, "type the cell again"
		s.message = account.CodePoint(r) + " is a control character"
	}
}

// isBlank says whether a character is nothing to see at the end of a cell.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' || r == '\u200C' || r == '\u200D' || r == '\u2060' || r == '\u00AD'
}

// remark is a flaw that a cell was rid of, that AWS takes, or that only the cell as it was written shows.
type remark struct {
	column string
	flaw   account.Flaw
}

// tidy takes blanks off the cells' ends, the mark that keeps a spreadsheet from running them, and the prefix of mail links.
// The remarks name what a human would not have seen. plain says that all of the cells is printable ASCII.
func (c *cells) tidy(plain bool) []remark {
	var remarks []remark
	warn := func(column, code, message, suggestion string) {
		remarks = append(remarks, remark{column, account.Flaw{Code: code, Message: message, Suggestion: suggestion, Warning: true}})
	}
	for i, cell := range c.all() {
		column := columns[i]
		if *cell == "" || ordinary(*cell, plain) && strings.IndexByte(*cell, ':') < 0 { // mail links have a colon
			continue
		}
		value := strings.TrimFunc(*cell, isBlank)
		if value != *cell && value != "" && strings.IndexFunc(strings.Replace(*cell, value, "", 1), unusual) >= 0 {
			warn(column, account.CodeInvisible, "has blanks around it that can't be told from ordinary ones; they are taken away", "")
		}
		if text, ok := textFormula(value); ok && codes[column] != "" {
			remarks = append(remarks, remark{column, account.Flaw{
				Code: codes[column], Message: "is a spreadsheet's formula for text", Suggestion: fmt.Sprintf("write %q", text),
			}})
		}
		value = strings.TrimFunc(spoken(value), isBlank)
		if mail := "mailto:"; (column == AccountEmail || column == SSOUserEmail) && len(value) >= len(mail) && strings.EqualFold(value[:len(mail)], mail) {
			value = strings.TrimSpace(value[len(mail):])
			warn(column, account.CodeMailto, "begins with mailto:, which is taken away", fmt.Sprintf("write %q", value))
		}
		if anyScript(column) {
			if i := strings.IndexFunc(value, easilyMissed); i >= 0 {
				r, _ := utf8.DecodeRuneInString(value[i:])
				warn(column, account.CodeInvisible, "holds "+account.CodePoint(r)+"; names that look the same are not the same then", "type the cell again if it is not wanted")
			}
		}
		*cell = value
	}
	return remarks
}

// ordinary says that there is nothing to tidy in a cell: it is printable ASCII, which plain says already, between a letter or
// digit and what is no blank.
func ordinary(cell string, plain bool) bool {
	begin, end := cell[0], cell[len(cell)-1]
	if (begin < '0' || begin > '9') && (begin|0x20 < 'a' || begin|0x20 > 'z') || end == ' ' {
		return false
	}
	return plain || printable([]byte(cell))
}

// printable says whether a text is printable ASCII, eight characters at a time.
func printable(text []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		// A byte below the blank borrows, one from DEL on has its highest bit then, or has it already.
		if w := binary.LittleEndian.Uint64(text); ((w-' '*ones)|(w+ones)|w)&high != 0 {
			return false
		}
	}
	for _, c := range text {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// textFormula is the text in a cell such as ="012345678901", by which people keep a spreadsheet from taking it for a number.
func textFormula(cell string) (text string, ok bool) {
	text, begins := strings.CutPrefix(cell, `="`)
	text, ends := strings.CutSuffix(text, `"`)
	return text, begins && ends && text != ""
}

// anyScript says whether AWS takes more than ASCII in a column; the rules of the others name what is outside.
func anyScript(column string) bool {
	switch column {
	case SSOUserFirstName, SSOUserLastName, OrgUnit, Assignments, Tags:
		return true
	}
	return false
}

func unusual(r rune) bool { return r > 0x7F }

func easilyMissed(r rune) bool {
	return unusual(r) && (isBlank(r) || strings.ContainsRune("“”„«»", r))
}

// silent is a value as a cell that a spreadsheet does not run as a formula; spoken is the value of such a cell.
func silent(value string) string {
	if runs(strings.TrimLeft(value, "'")) {
		return "'" + value
	}
	return value
}

func spoken(cell string) string {
	if strings.HasPrefix(cell, "'") && runs(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}

// runs says whether spreadsheets take a cell for a formula (OWASP, CSV Injection). Blanks in front do not stop all of them.
func runs(cell string) bool {
	if cell != "" && strings.IndexByte("\t\r\n", cell[0]) >= 0 {
		return true
	}
	r, _ := utf8.DecodeRuneInString(strings.TrimFunc(cell, isBlank))
	return r == '=' || r == '+' || r == '-' || r == '@' || r == '＝' || r == '＋' || r == '－' || r == '＠'
}
