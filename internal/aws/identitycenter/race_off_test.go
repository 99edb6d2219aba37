//go:build !race

package identitycenter_test

// racing says whether the race detector is at work.
const racing = false
