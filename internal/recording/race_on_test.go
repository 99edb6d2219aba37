//go:build race

package recording_test

// racing says whether the race detector is at work.
const racing = true
