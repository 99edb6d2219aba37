//go:build race

package batch_test

// racing says whether the race detector is at work. It makes the lists of 200,000 rows take minutes, and they have nothing
// to race: `make test` runs them without it.
const racing = true
