// Package floorplan holds the import law of the project: which package may know which other one.
//
// It has no code, only a test. The law itself stands in the test, one line a package; .golangci.yml says the same to
// editors. A new package gets one sentence of its own, a line of the law, and a line in the README's floor plan.
package floorplan
