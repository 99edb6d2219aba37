package world

// aboutAccountFactory is what is assumed of orders of accounts, their records and their events.
var aboutAccountFactory = []Assumption{
	{
		Name: "repeated-token-other-parameters",
		We:   "ProvisionProduct with a ProvisionToken that was used before returns the record of then, whatever else the request says.",
		Else: "It is refused with InvalidParametersException when the name or the parameters differ.",
		Why:  "The Service Catalog API Reference only says that a repeated request returns the same response.",
	},
	{
		Name: "repeated-token-first-answer",
		We:   "A repeated token returns the record as it stands now.",
		Else: "It returns the record as it was first answered: CREATED.",
		Why:  "\"The same response\" can be read both ways.",
	},
	{
		Name: "token-remembered",
		We:   "Service Catalog remembers a ProvisionToken for ever, also when its provisioned product has been terminated.",
		Else: "It remembers the token only while the provisioned product exists.",
		Why:  "The token is kept on the provisioned product as IdempotencyToken; how long it counts is not documented.",
	},
	{
		Name: "duplicate-resource-trigger",
		We:   "A provisioned product name in use is refused with InvalidParametersException, \"A stack named X already exists.\"",
		Else: "It is refused with DuplicateResourceException.",
		Why:  "Users report the former; the API Reference lists the latter for ProvisionProduct without saying when.",
	},
	{
		Name: "template-rules-asynchronous",
		We:   "A parameter that breaks a pattern of the product's template is refused at once with InvalidParametersException.",
		Else: "The order is taken, and its record ends FAILED.",
		Why:  "The template's patterns are known, where they are enforced is not.",
	},
	{
		Name: "concurrency-limit-synchronous",
		We:   "An order beyond the concurrent account operations is taken; its record ends FAILED with ResourceInUseException.",
		Else: "The call itself is refused with ResourceInUseException.",
		Why:  "Users show failed records; the guide does not say that it is never refused at once.",
	},
	{
		Name: "failing-record-in-error",
		We:   "A record goes from IN_PROGRESS straight to FAILED.",
		Else: "It is IN_PROGRESS_IN_ERROR for a while first.",
		Why:  "The status exists in the API Reference; whether Account Factory uses it is not documented.",
	},
	{
		Name: "record-error-without-code",
		We:   "Failures of which only the text is known bear the code InternalFailure.",
		Else: "They bear no code.",
		Why:  "The troubleshooting page of the AWS Control Tower User Guide prints texts without codes.",
	},
	{
		Name: "failed-product-physical-id",
		We:   "A provisioned product whose provisioning failed after the account was there has the account's id as PhysicalId.",
		Else: "It has no PhysicalId.",
		Why:  "PhysicalId is documented for the search as a whole, not for products in ERROR.",
	},
	{
		Name: "terminate-under-change",
		We:   "A provisioned product under change cannot be terminated: InvalidParametersException.",
		Else: "Terminating it ends its operation as FAILED and goes on.",
		Why:  "The guide advises to terminate a provisioning that takes longer than an hour, not how the API answers.",
	},
	{
		Name: "bare-ou-name",
		We:   "ManagedOrganizationalUnit must be \"Name (ou-…)\"; a bare name fails: the parent unit is not enrolled.",
		Else: "A bare name of a registered unit is taken too, the first one that bears it.",
		Why:  "The bare name was the first form; whether the service still takes it is not documented.",
	},
	{
		Name: "ou-name-mismatch",
		We:   "In \"Name (ou-…)\" the name must be the unit's name.",
		Else: "Only the id counts.",
		Why:  "The allowed values hold both; how they are compared is not documented.",
	},
	{
		Name: "enroll-email-case",
		We:   "Account Factory finds an existing account by its address without regard to case.",
		Else: "An address in other case counts as new, and the order fails: the address is associated with another account.",
		Why:  "Addresses of accounts are unique without regard to case; how Account Factory looks them up is not documented.",
	},
	{
		Name: "enroll-name-mismatch",
		We:   "Enrolling an account under another name than its own works; the account keeps its name.",
		Else: "The record ends FAILED.",
		Why:  "The guide asks for the account's name and e-mail, and only says what another e-mail leads to.",
	},
	{
		Name: "enroll-enrolled",
		We:   "An account that a live provisioned product holds cannot be ordered under another name: its address is in use.",
		Else: "It is enrolled again, and two provisioned products hold it.",
		Why:  "Not documented.",
	},
	{
		Name: "enroll-over-leftover",
		We:   "An account that the remains of a failed order hold cannot be ordered under another name: what was deployed is in the way.",
		Else: "It can.",
		Why:  "The guide says to terminate the failed product first, and users print a role that exists already.",
	},
	{
		Name: "enroll-event-name",
		We:   "Enrolling an existing account publishes CreateManagedAccount, and UpdateManagedAccount if Control Tower knew it before.",
		Else: "It always publishes UpdateManagedAccount.",
		Why:  "There is no enroll event; other tools subscribe to both and disagree which one comes.",
	},
	{
		Name: "failed-event",
		We:   "A failed account operation publishes an event with state FAILED.",
		Else: "It publishes nothing.",
		Why:  "Users report accounts that fail without any event; events from CloudTrail are best effort.",
	},
	{
		Name: "failed-event-not-available",
		We:   "In a FAILED event, ids that there are not read \"Not Available\".",
		Else: "The members are absent.",
		Why:  "Users report the text for account ids; a complete FAILED event is not documented.",
	},
	{
		Name: "access-user-required",
		We:   "An order of an account must say the SSOUser parameters.",
		Else: "They may be left out; nobody is given access to the account then.",
		Why:  "The Control Tower User Guide does not say whether they are needed where Identity Center is managed by its owner.",
	},
}

// aboutControlTower is what is assumed of units, of how they are registered, and of what stands in the way of accounts there.
var aboutControlTower = []Assumption{
	{
		Name: "auto-enroll-event",
		We:   "Auto-enrollment after MoveAccount publishes CreateManagedAccount or UpdateManagedAccount.",
		Else: "It publishes nothing.",
		Why:  "The guide does not say which events auto-enrollment emits.",
	},
	{
		Name: "baseline-event",
		We:   "Baseline operations on a unit publish RegisterOrganizationalUnit or DeregisterOrganizationalUnit.",
		Else: "They publish nothing.",
		Why:  "The events are documented for the console's registration, not for the baseline API.",
	},
	{
		Name: "baseline-already-enabled-code",
		We:   "EnableBaseline on a unit that has it is refused with ConflictException.",
		Else: "It is refused with ValidationException.",
		Why:  "The text is known from users, the code is not.",
	},
	{
		Name: "register-suspended",
		We:   "Registering a unit passes over accounts in it that are not active.",
		Else: "It fails because of them.",
		Why:  "The guide lists suspended accounts among failures, but not for which way of enrolling.",
	},
	{
		Name: "landing-zone-4-baseline",
		We:   "With a landing zone 4.x the baseline's version is 4.0.",
		Else: "It is 5.0.",
		Why:  "The compatibility table that is known ends with landing zone 3.x.",
	},
	{
		Name: "default-vpc-in-use",
		We:   "An account whose default VPC is in use cannot be enrolled: the VPC cannot be baselined; the product is TAINTED.",
		Else: "It is enrolled and keeps its VPC.",
		Why:  "The guide says that existing accounts keep their VPCs, and prints the failure on its troubleshooting page.",
	},
	{
		Name: "quota-code-of-account-operations",
		We:   "The quota of concurrent account operations is L-C0AC0955.",
		Else: "It is another one.",
		Why:  "The Control Tower User Guide has the quota's name and values, and no code. This one is made up: look by name.",
	},
	{
		Name: "register-fit-accounts",
		We:   "An account that cannot be enrolled stops the registration of its unit before any account is enrolled.",
		Else: "The others are enrolled, its own enabled baseline is FAILED, and so are the operation and that of the unit.",
		Why:  "The guide says that prechecks come first for the console's registration; for the baseline API it does not say what becomes of the rest.",
	},
	{
		Name: "sts-inactive-enrolls",
		We:   "An account whose STS is not active in a governed Region cannot be enrolled: the role can't be assumed.",
		Else: "It can.",
		Why:  "The guide lists active endpoints among the prerequisites; what happens without is not documented.",
	},
	{
		Name: "remnants-are-adopted",
		We:   "What Control Tower has left in an account that it governed once stops an enrollment: it exists already.",
		Else: "It is taken over.",
		Why:  "The guide's troubleshooting page tells so of roles and of Config; users say it of log groups, topics and stacks, too.",
	},
	{
		Name: "accounts-of-a-registered-unit",
		We:   "A unit of up to 1,000 accounts can be registered.",
		Else: "It may have 300.",
		Why:  "The Control Tower User Guide and its page of quotas differ.",
	},
}
