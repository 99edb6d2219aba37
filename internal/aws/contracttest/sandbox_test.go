package contracttest_test

import (
	"testing"
	"testing/synctest"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/sandbox"
)

// TestSandboxKeepsTheContracts asks a sandbox of its own for each port, in the time of a bubble.
func TestSandboxKeepsTheContracts(t *testing.T) {
	t.Parallel()
	for _, of := range suites {
		if of.port == verbsOf {
			continue // they need an address: make conformance starts one
		}
		t.Run(of.port, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				box, err := sandbox.New(sandbox.Options{})
				if err != nil {
					t.Fatal(err)
				}
				hold(t, "sandbox", of, &setUp{cfg: awstest.Config(box.RoundTripper()), unique: "-1"})
			})
		})
	}
}
