//go:build race

package ingest_test

// The race detector makes everything ten times slower.
const (
	racing   = true
	longList = 500
	tooLong  = 0 // no list of that many rows
)
