//go:build !race

package batch_test

// racing says whether the race detector is at work.
const racing = false
