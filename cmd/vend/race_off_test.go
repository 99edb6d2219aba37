//go:build !race

package main

// racing says whether the race detector is on. Processes of the command are built without it, and their landing zone is
// slow under it.
const racing = false
