package world

import "slices"

// Assumptions is the ledger of what nobody has verified. Every entry is asked for by at least one call of
// [World.Otherwise], with its name written out; a test holds both together and prints the page.
var Assumptions = slices.Concat(
	aboutAccountFactory, aboutControlTower, aboutControls, aboutIdentityCenter, aboutOrganization, aboutCloudFormation, aboutServices,
)
