//go:build race

package ingest_test

// The race detector makes everything ten times slower.
const (
	longList = 500
	tooLong  = 0 // no list of that many rows
	every    = 1 // a reader dies at some of its calls
)
