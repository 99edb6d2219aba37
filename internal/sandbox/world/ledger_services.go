package world

// aboutOrganization is what is assumed of the organization, its quotas and the roles in its accounts.
var aboutOrganization = []Assumption{
	{
		Name: "account-status-member",
		We:   "Organizations answers accounts with both Status and State.",
		Else: "It answers State only.",
		Why:  "AWS announced that Status retires on 2026-09-09; whether it has disappeared is not known.",
	},
	{
		Name: "unit-name-case",
		We:   "Names of organizational units below one parent that differ only in the case of letters are two names.",
		Else: "The second one is refused with DuplicateOrganizationalUnitException.",
		Why:  "The Organizations API Reference says \"the same name\", and not whether case counts.",
	},
	{
		Name: "remove-management-account-code",
		We:   "Removing the management account is refused with MasterCannotLeaveOrganizationException.",
		Else: "It is refused with ConstraintViolationException, ACCOUNT_CANNOT_LEAVE_ORGANIZATION.",
		Why:  "The Organizations API Reference has both for it, and does not say which comes.",
	},
	{
		Name: "leave-wait-or-payment",
		We:   "An account that was created less than four days ago cannot leave for that reason: WAIT_PERIOD_ACTIVE.",
		Else: "It cannot leave for want of a payment method: MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED.",
		Why:  "Both hold for it; the Organizations API Reference does not say which is told first. Users print the latter of older accounts.",
	},
	{
		Name: "leave-closed-account",
		We:   "An account that was invited and is closed can be removed from the organization.",
		Else: "It is refused with ConstraintViolationException, ACCOUNT_CREATION_NOT_COMPLETE.",
		Why:  "The Organizations API Reference speaks of accounts that are not fully active, and does not say whether closed ones are among them.",
	},
	{
		Name: "quota-code-of-accounts",
		We:   "The quota of accounts in an organization is L-E619E033, \"Maximum number of accounts\".",
		Else: "It is L-29A0C5DF, \"Default maximum number of accounts\".",
		Why:  "Users print both, the latter until about 2025; the Organizations User Guide says that quota codes may change over time.",
	},
	{
		Name: "quota-of-accounts-applied",
		We:   "Service Quotas tells how many accounts the organization may have.",
		Else: "It tells AWS's default only; there is no such applied quota.",
		Why:  "The API Reference says that of some quotas only the default can be had. Users said so of this one in 2023; later ones read it.",
	},
	{
		Name: "sts-inactive-for-callers-only",
		We:   "In a Region where an account's STS is not active, no role of the account can be assumed, by whomever.",
		Else: "It only stops who calls from that account; its roles can be assumed there by others.",
		Why:  "The IAM User Guide speaks of the account that asks for the credentials; Control Tower asks members for active endpoints.",
	},
	{
		Name: "organizations-call-rate",
		We:   "Organizations takes any number of calls a second.",
		Else: "It takes five at once and five a second, and refuses what is beyond with TooManyRequestsException.",
		Why:  "The Organizations API Reference has the exception; the rates of its operations are not known.",
	},
}

// aboutCloudFormation is what is assumed of stacks and stack sets.
var aboutCloudFormation = []Assumption{
	{
		Name: "change-set-without-changes",
		We:   "A change set without changes ends FAILED: \"The submitted information didn't contain changes. Submit different information to create a change set.\"",
		Else: "It ends FAILED: \"No updates are to be performed.\"",
		Why:  "Tools that deploy with change sets look for either text; the API Reference has none.",
	},
	{
		Name: "queue-name-taken-for-a-minute",
		We:   "CloudFormation waits with a queue whose name was deleted less than 60 seconds ago.",
		Else: "The resource fails with what SQS answers then, QueueDeletedRecently.",
		Why:  "SQS documents the minute; how CloudFormation's handler takes it is not documented.",
	},
	{
		Name: "executed-change-set-gone",
		We:   "A change set that was executed can still be described.",
		Else: "It is deleted with all others of its stack when it is executed.",
		Why:  "ExecuteChangeSet deletes the change sets of the stack that are no longer valid; whether the executed one is among them is not said.",
	},
	{
		Name: "stack-set-capabilities",
		We:   "A stack set without a capability that its template needs is refused with InsufficientCapabilitiesException.",
		Else: "It is made, and its instances fail with that text.",
		Why:  "The API Reference names the error under Capabilities, and does not list it; a user saw instances fail (aws-cloudformation/rain, issue 455).",
	},
	{
		Name: "stack-set-operation-id-repeated",
		We:   "An operation on a stack set whose OperationId was used before is refused with OperationIdAlreadyExistsException.",
		Else: "It is answered with that OperationId, and nothing happens twice.",
		Why:  "The CloudFormation API Reference lists the exception, and calls the id an idempotency token that may be retried.",
	},
	{
		Name: "stack-set-no-target",
		We:   "CreateStackInstances whose targets leave no account is taken, and its operation SUCCEEDED without an instance.",
		Else: "It is refused with ValidationError.",
		Why:  "Not documented. An account that has moved out of the unit meanwhile looks like success.",
	},
	{
		Name: "stack-set-moved-account",
		We:   "A stack instance is found through the unit that its account was in when it was deployed, and through the one that it is in now.",
		Else: "It is found only through the unit that its account is in now.",
		Why:  "OrganizationalUnitId of an instance is documented as the unit that was specified for it; what a move does is not.",
	},
	{
		Name: "stack-set-suspended-result",
		We:   "A suspended account that an operation skips has the result SUCCEEDED and no failure.",
		Else: "It has the result CANCELLED.",
		Why:  "The instance's SKIPPED_SUSPENDED_ACCOUNT is documented, the result beside it is not.",
	},
	{
		Name: "delete-missing-stack-set",
		We:   "Deleting a stack set that there is not succeeds.",
		Else: "It is refused with StackSetNotFoundException.",
		Why:  "The CloudFormation API Reference lists no such error for DeleteStackSet, and does not say what happens.",
	},
	{
		Name: "stack-set-left-organization",
		We:   "Automatic deployment lets go of the stack instances of an account that has left the organization; so does a deletion that retains stacks.",
		Else: "Such operations fail, and the instances stay INOPERABLE.",
		Why:  "The API Reference says that instances are deleted when an account is removed from a target organization; whether StackSets can reach it then is not said.",
	},
	{
		Name: "stack-set-dependency-failed",
		We:   "Where a stack set that another depends on was not deployed, the operation of the other ends FAILED, CANCELLED in the account.",
		Else: "It begins all the same.",
		Why:  "The CloudFormation API Reference says that dependencies complete successfully first, and not what happens when they do not.",
	},
	{
		Name: "stack-set-dependency-deletion",
		We:   "Automatic deletions come in the order of automatic deployments: first from the stack set that others depend on.",
		Else: "They come the other way round.",
		Why:  "The CloudFormation API Reference says that operations wait for those of dependencies, and makes no difference.",
	},
	{
		Name: "stack-set-dependency-limit-code",
		We:   "More dependencies than a stack set or an account may have are refused with LimitExceededException.",
		Else: "They are refused with ValidationError.",
		Why:  "The CloudFormation User Guide has the limits; the API Reference lists that exception for CreateStackSet, not for what.",
	},
	{
		Name: "stack-set-dependency-cycle-code",
		We:   "A dependency that would make a circle is refused with ValidationError.",
		Else: "It is refused with InvalidOperationException.",
		Why:  "Users say that circles are refused; neither the code nor the text is documented.",
	},
	{
		Name: "stack-set-dependency-unknown",
		We:   "A dependency on a stack set that the Region does not have is refused with ValidationError.",
		Else: "It is refused with StackSetNotFoundException.",
		Why:  "Not documented.",
	},
}

// aboutServices is what is assumed of tables, buckets, events, and of how services answer.
var aboutServices = []Assumption{
	{
		Name: "dynamodb-eventual-reads-current",
		We:   "An eventually consistent read of a table sees every write that was answered before it.",
		Else: "It sees the table as it was timing.indexLag ago, as reads of a global secondary index always do.",
		Why:  "The DynamoDB Developer Guide says that such a read might not see a recent write, not how often.",
	},
	{
		Name: "dynamodb-cancelled-token-forgotten",
		We:   "A transaction that was cancelled is tried anew when its ClientRequestToken is repeated.",
		Else: "The token is remembered for ten minutes, and repeats the cancellation.",
		Why:  "The DynamoDB API Reference speaks of the token of a request that was completed; it does not say whether a cancelled one is.",
	},
	{
		Name: "dynamodb-wrong-key-cancels",
		We:   "A key in a transaction that does not fit the table cancels the transaction, with ValidationError as that item's reason.",
		Else: "The whole request is refused with ValidationException.",
		Why:  "The DynamoDB API Reference lists ValidationError among the reasons, not for which mistakes.",
	},
	{
		Name: "s3-eventbridge-key-encoding",
		We:   "In S3's events on EventBridge the object key stands as it is.",
		Else: "It is URL-encoded, as in S3's own notifications.",
		Why:  "Samples in the S3 User Guide show plain keys; none has a character that would tell.",
	},
	{
		Name: "event-numbers-by-value",
		We:   "A number in an event pattern equals a number that is written in the same way: 300, 300.0 and 3.0e2 are three.",
		Else: "It equals every number of the same value.",
		Why:  "The EventBridge User Guide says so of plain numbers; its operator numeric compares by value, and no sample has a number that would tell.",
	},
	{
		Name: "s3-eventbridge-enabling-delay",
		We:   "A bucket tells EventBridge of its objects from the moment that it is told to.",
		Else: "It begins to do so five minutes later.",
		Why:  "The S3 User Guide says that enabling takes about five minutes, not whether events are lost meanwhile.",
	},
	{
		Name: "s3-event-for-deleting-nothing",
		We:   "Deleting an object version that there is not publishes no event.",
		Else: "It publishes ObjectRemoved:Delete all the same.",
		Why:  "Not documented.",
	},
	{
		Name: "signature-age",
		We:   "A request whose signature is older than five minutes is refused; S3 takes fifteen.",
		Else: "All services take fifteen minutes.",
		Why:  "The IAM User Guide says that requests must arrive within five minutes for most services; S3 allows fifteen.",
	},
	{
		Name: "json-error-status",
		We:   "Errors of the services that speak awsJson have the HTTP status 400, but for those of which another is documented.",
		Else: "They have the status of their kind: 403 for what is denied, 404 for what is not there, 409 for conflicts, 429 for throttling.",
		Why:  "The service models name a status for some; clients read the code, and not all of them have been seen.",
	},
}
