//go:build !race

package ingest_test

import "github.com/vend-cli/vend/internal/batch"

const (
	longList = 10_000            // rows
	tooLong  = batch.MaxRows + 1 // rows
	every    = 1000              // a reader dies at each of its calls
)
