//go:build conformance

package main

import "testing"

// TestVerbsBesideTheCLI runs the scenes in which the AWS CLI does its part. It has to be there.
func TestVerbsBesideTheCLI(t *testing.T) {
	t.Parallel()
	verbs(t, "testdata/conformance")
}
