//go:build race

package engine_test

// everyCall is which calls of the crash suite go wrong under the race detector, which makes them ten times slower: enough
// to race all steps against each other. `make test` runs the whole suite without it, too.
const everyCall = 150

// simulated is how many seeds of the simulation are run under the race detector: those of one take a minute of a busy machine.
const simulated = 1
