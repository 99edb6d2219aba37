// Package samples holds the example files that users meet first, byte for byte.
//
// Tests, the demo and the sandbox read these very bytes, so the examples cannot go stale.
package samples

import _ "embed"

// LandingZone is landing-zone.json: the world of the sandbox when no other is given.
//
//go:embed landing-zone.json
var LandingZone []byte

// Accounts is accounts.csv: three new accounts in two organizational units, with their assignments.
//
//go:embed accounts.csv
var Accounts []byte

// AccountsWithProblems is accounts-with-problems.csv: three good rows, and beside them the mistakes that people make.
//
//go:embed accounts-with-problems.csv
var AccountsWithProblems []byte

// Enroll is enroll.csv: three accounts that exist and are to be brought under Control Tower.
//
//go:embed enroll.csv
var Enroll []byte

// EnrollByID is enroll-by-id.csv: the shortest list that enrolls, for a pipeline whose settings name the user.
//
//go:embed enroll-by-id.csv
var EnrollByID []byte

// Assignments is assignments.csv: new accounts with each way to say who gets which permission set.
//
//go:embed assignments.csv
var Assignments []byte

// Tags is tags.csv: new accounts with tags, each way to name a unit by its id, and a column of one's own.
//
//go:embed tags.csv
var Tags []byte

// PermissionSets is permission-sets.yaml: the three permission sets of AWS's own walk-through.
//
//go:embed permission-sets.yaml
var PermissionSets []byte

// Access is access.yaml: who is to have which permission set where, for vend access apply.
//
//go:embed access.yaml
var Access []byte

// WalkThrough is walk-through.yaml: AWS's own walk-through, permission sets and assignments in one file.
//
//go:embed walk-through.yaml
var WalkThrough []byte
