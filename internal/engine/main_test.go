package engine_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets garbage lie longer: the suites make thousands of landing zones, and collect a third of their time otherwise.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
