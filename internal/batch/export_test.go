package batch

import (
	"io"
	"slices"
)

// Piece is one record as the reader cuts it off.
type Piece struct {
	Line  int
	Text  string
	Fault bool
}

// Pieces divides text at a delimiter, for tests of what becomes of each byte.
func Pieces(src io.Reader, comma byte) []Piece {
	r := newRecords(src)
	r.comma = comma
	r.peekLine(true) // decides on the line ends
	var pieces []Piece
	for {
		rec, ok := r.next()
		if !ok {
			return pieces
		}
		pieces = append(pieces, Piece{rec.line, rec.text, rec.fault != nil})
	}
}

// Places are the lines and columns at which the cells of a record begin.
func Places(text string, comma byte) [][2]int {
	var begins [][2]int
	for _, p := range placesIn(text, comma, 1) {
		begins = append(begins, [2]int{p.at.line, p.at.column})
	}
	return begins
}

// Columns are those of an account list in the documented order.
func Columns() []string { return slices.Clone(columns) }

// Required are the columns that a new account needs.
func Required() []string { return slices.Clone(required) }
