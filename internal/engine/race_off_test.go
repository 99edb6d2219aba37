//go:build !race

package engine_test

// everyCall is which calls of the crash suite go wrong: all of them.
const everyCall = 1

// simulated is how many seeds of the simulation are run.
const simulated = 200
