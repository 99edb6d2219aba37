package batch

import (
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// Severity says whether a problem keeps a row out.
type Severity string

// The severities. Only an error keeps a row, or the whole list, from being worked on.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is what is wrong at one place of an account list.
type Problem struct {
	Line       int      `json:"line"`   // from 1; a sep= line counts
	Column     int      `json:"column"` // from 1, in bytes of the line as UTF-8, without byte order mark
	Field      string   `json:"field,omitempty"`
	Code       string   `json:"code"`
	Severity   Severity `json:"severity"`
	Message    string   `json:"message"`
	Value      string   `json:"value,omitempty"`
	Suggestion string   `json:"suggestion,omitempty"`
	Excerpt    Excerpt  `json:"-"`
}

// Excerpt is the part of a line around a problem; From and To, in bytes, are what the problem is about.
type Excerpt struct {
	Text     string
	From, To int
}

// Report is what there is to say about one account list: what `vend validate -o json` prints.
type Report struct {
	File      string    `json:"file"`
	Rows      int       `json:"rows"`                // records that are not blank, good or bad
	BlankRows int       `json:"blankRows,omitempty"` // records that were skipped
	Problems  []Problem `json:"problems"`            // in the order of the file
	Omitted   int       `json:"omitted,omitempty"`   // problems beyond the first 10,000
}

// MarshalJSON adds the schema version.
func (r Report) MarshalJSON() ([]byte, error) {
	type report Report
	if r.Problems == nil {
		r.Problems = []Problem{}
	}
	return json.Marshal(struct {
		SchemaVersion int `json:"schemaVersion"`
		report
	}{1, report(r)})
}

// Refused says whether one of the problems is an error.
func Refused(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Error })
}

const (
	excerptBefore = 32  // bytes of context on the left
	excerptLength = 100 // bytes in all
	valueLength   = 200
)

// excerpt cuts the surroundings of column (from 1) out of one line. What is cut off is marked by an ellipsis.
func excerpt(line string, column, width int) Excerpt {
	from := min(column-1, len(line))
	to := min(from+max(width, 1), len(line))
	start := whole(line, max(0, from-excerptBefore))
	end := max(from, whole(line, min(len(line), start+excerptLength)))
	text, left := line[start:end], 0
	if start > 0 {
		text, left = "…"+text, len("…")
	}
	to = min(to, end)
	if end < len(line) {
		text += "…"
	}
	return Excerpt{Text: text, From: from - start + left, To: to - start + left}
}

// short keeps a value readable in a message; the whole of it stands in the file.
func short(value string) string {
	if len(value) <= valueLength {
		return value
	}
	return value[:whole(value, valueLength)] + "…"
}

// whole is the offset, at i or just before it, that cuts no character in two.
func whole(s string, i int) int {
	for back := range utf8.UTFMax {
		if i-back >= 0 && (i-back == len(s) || utf8.RuneStart(s[i-back])) {
			return i - back
		}
	}
	return i
}
