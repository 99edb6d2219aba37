//go:build !race

package ingest_test

import "github.com/vend-cli/vend/internal/batch"

const (
	racing   = false
	longList = 10_000            // rows
	tooLong  = batch.MaxRows + 1 // rows
)
