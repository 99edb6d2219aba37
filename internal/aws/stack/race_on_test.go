//go:build race

package stack_test

// racing says whether the race detector is at work.
const racing = true
