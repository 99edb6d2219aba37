package world

// aboutIdentityCenter is what is assumed of permission sets and assignments.
var aboutIdentityCenter = []Assumption{
	{
		Name: "assignment-limit-code",
		We:   "Beyond the outstanding creations of assignments, the answer is ThrottlingException.",
		Else: "It is ServiceQuotaExceededException.",
		Why:  "The limit is documented, its error code is not; users report several.",
	},
	{
		Name: "assignment-limit-conflict",
		We:   "The same limit is no ConflictException.",
		Else: "It is a ConflictException.",
		Why:  "The limit is documented, its error code is not; users report several.",
	},
	{
		Name: "assignment-deletions-share-pool",
		We:   "Outstanding deletions of assignments do not count against the limit of outstanding creations.",
		Else: "They count, and are limited together with them.",
		Why:  "The limit is documented for creations only.",
	},
	{
		Name: "assignment-conflict-scope",
		We:   "Only an operation on the same account, permission set and principal conflicts.",
		Else: "Any operation in the same account conflicts.",
		Why:  "One IAM role of an account changes at a time; whether others wait inside or are refused is not documented.",
	},
	{
		Name: "identity-center-burst",
		We:   "Of the calls that Identity Center takes in a second, all may come at once; they come back evenly.",
		Else: "They have to come evenly: two at once are one too many.",
		Why:  "The quota is documented as a number a second, not how it is measured; it is off unless the world file sets it.",
	},
	{
		Name: "provision-all-succeeds-in-part",
		We:   "Provisioning to all accounts ends FAILED, with the reason of the first account that it fails in; the others have it.",
		Else: "It ends SUCCEEDED, and the account keeps the old one.",
		Why:  "The status has one reason and no account; what becomes of the other accounts is not documented.",
	},
	{
		Name: "change-while-provisioning",
		We:   "A permission set may be changed while it is provisioned; the change is not provisioned by that.",
		Else: "It is refused with ConflictException.",
		Why:  "Each operation that changes one lists the exception, for conflicts with earlier writes; for which is not documented.",
	},
	{
		Name: "update-keeps-relay-state",
		We:   "UpdatePermissionSet without RelayState takes the relay state away; what else is not given stays.",
		Else: "It stays, too.",
		Why:  "Users of infrastructure tools report that it goes (terraform-provider-aws 17411); the API Reference does not say.",
	},
	{
		Name: "unknown-target-account",
		We:   "An assignment in an account outside the organization is refused at once with ResourceNotFoundException.",
		Else: "The request is taken and ends FAILED.",
		Why:  "Not documented.",
	},
	{
		Name: "delete-missing-assignment",
		We:   "Deleting an assignment that there is not is taken and ends SUCCEEDED.",
		Else: "It is refused with ResourceNotFoundException.",
		Why:  "Not documented.",
	},
	{
		Name: "outstanding-assignments",
		We:   "Ten creations of assignments may be outstanding, where the world file says nothing else.",
		Else: "Fifteen may.",
		Why:  "The IAM Identity Center User Guide had the former; other sources have the latter.",
	},
}
