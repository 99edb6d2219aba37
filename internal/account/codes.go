package account

import "slices"

// Explanation is what a code means: the page that `vend explain` shows.
type Explanation struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`
}

// Explain looks a code up; false when there is no such code.
func Explain(code string) (Explanation, bool) {
	i := slices.IndexFunc(Codes, func(e Explanation) bool { return e.Code == code })
	if i < 0 {
		return Explanation{}, false
	}
	return Codes[i], true
}

// Codes lists every code the product can print, in order: V1xxx input, V2xxx one request, V3xxx the organization or the
// environment, V9xxx our own.
var Codes = slices.Concat(inputCodes, uploadCodes, requestCodes, environmentCodes, ownCodes)

// Codes of files as a whole, before and after they are read.
const (
	CodeUnreadable = "V1100" // a file that can't be opened
	CodeGone       = "V1501" // an upload that was deleted while it was read
	// CodePlanOutdated is of a list whose plan does not hold any more.
	CodePlanOutdated = "V1502"
	CodePlanBroken   = "V1503" // a plan file that was changed
	// CodePermissionSetFile is of a file of permission sets with something wrong in it.
	CodePermissionSetFile = "V1504"

	CodeAccessFile     = "V1505" // a file of assignments that can't be read at all
	CodeAccessRule     = "V1506" // one that says too little, or something unknown
	CodeAccessConflict = "V1507" // one that wants an assignment to be there and not to be there
)

// Codes of the pipeline's CloudFormation stack.
const (
	CodeStackForeign = "V3018" // somebody else's stack has the name
	CodeStackFailed  = "V3019" // a change could not be made
	CodeStackStuck   = "V3020" // a failed change could not be taken back, or the stack not be deleted
	CodeStackKeeps   = "V3021" // its bucket and its table
	CodeNoProgram    = "V3022" // for the function
)

// Codes of accounts that are enrolled.
const (
	CodeEnrollmentFailed   = "V2018" // by a move into a registered unit
	CodeUnfit              = "V2050"
	CodeUnseen             = "V2051"
	CodeStackSetRefused    = "V2053"
	CodeRegistrationFailed = "V2054" // of an organizational unit
)

// Codes of permission sets that are changed from a file.
const (
	CodePermissionSetRefused   = "V2040"
	CodePermissionSetOutdated  = "V2041" // in some account
	CodePermissionSetInUse     = "V2042"
	CodePermissionSetForbidden = "V2043" // Control Tower's own
	CodeGroupForbidden         = "V2044" // likewise
	CodeDelegated              = "V2045" // only the management account may change it
)

// Codes of accounts in which nothing is assigned.
const (
	CodeAccountNotActive  = "V2010"
	CodeManagementRefused = "V2024"
)

var uploadCodes = []Explanation{
	{CodeGone, "the upload is gone", "The object version was deleted before the worker had read it to its end.", "Upload the file again. Rows that were read before go on."},
	{CodePlanOutdated, "the plan does not hold", "The list was handed in with a plan (`vend submit PLAN`), and a worker would now do something else than the plan says: the organization, Identity Center, the settings or other requests have changed since. Nothing of the list was acted on.", "Run `vend plan FILE --out PLAN` again, look at what it says now, and submit that plan."},
	{CodePlanBroken, "not the plan that was written", "The plan file was changed since `vend plan --out` wrote it, or another release of vend wrote it.", "Run `vend plan FILE --out PLAN` again."},
	{CodePermissionSetFile, "the file of permission sets can't be used", "Something in the file is not what Identity Center takes, or is not YAML. Nothing was done.", "The message names each line and column; `vend schema permission-sets` says what the file may hold."},
	{CodeAccessFile, "the file of assignments can't be read", "The file is neither YAML with a list of assignments nor a CSV with the columns of `vend access list -o csv`. Nothing was done.", "The message names line and column; samples/access.yaml shows how such a file looks, and `vend access export` writes one."},
	{CodeAccessRule, "an assignment in the file is not whole", "An assignment says too little, contradicts itself, or has a member or a value that is not known. Nothing was done.", "The message names each line and column; `vend schema access-file` says what the file may hold."},
	{CodeAccessConflict, "the file contradicts itself", "The file wants an assignment to be there, and another part of it wants the same one not to be there. What stands first counts.", "Take one of the two out of the file."},
}

var requestCodes = []Explanation{
	{"V2001", "the account e-mail is in use", "Another AWS account, perhaps closed or in another organization, has this root e-mail address. AWS lets each address be used once.", "Choose another address (a plus-address works) and hand the row in with it: `vend submit FILE`. Then give this request up: `vend cancel REQUEST`."},
	{"V2002", "the organizational unit is not registered", "Control Tower only vends into organizational units that are registered with it.", "Register the organizational unit (`vend enroll --ou OU --register`), or name another one, then run `vend resume`."},
	{"V2003", "somebody else made this account", "An account with this e-mail exists that this pipeline did not make: it was made by hand, or by another tool, around the time of the order.", "If the account is the one that is wanted, upload a row with its AccountId to enroll it. Otherwise choose another e-mail."},
	{"V2004", "a dead product holds the account", "Account Factory failed after the account had been made or while it was enrolled. Its provisioned product is in ERROR or TAINTED and keeps its name.", "Run `vend resume REQUEST --recover`: it terminates the product, which moves the account to the root and removes its AWSControlTowerExecution role, and orders a new product for the same account. Create the role in the account again meanwhile, unless Control Tower enrolls accounts by itself."},
	{"V2005", "AWS is still working", "The account operation has passed its deadline, and AWS has not said how it ended.", "Nothing is lost: the request goes on by itself when AWS ends. After hours, look at the provisioned product in Service Catalog, then run `vend resume`."},
	{"V2006", "the execution role can't be assumed", "Control Tower could not assume AWSControlTowerExecution in the account: it is missing, or does not trust the management account.", "Create the role with AdministratorAccess and trust in the management account, then run `vend resume --recover`."},
	{"V2007", "the account has AWS Config of its own", "A configuration recorder or delivery channel exists in a governed Region, and Control Tower can't create its own beside it.", "Delete the recorder and the delivery channel in every governed Region, then run `vend resume --recover`."},
	{"V2008", "the default VPC is in use", "Control Tower could not remove the default VPC because resources depend on it.", "Remove what lives in the default VPC, then run `vend resume --recover`."},
	{"V2009", "another account came out", "The account that Account Factory reports is not the account that was to be enrolled.", "Do not use either account before a human has looked at both; name and e-mail in Organizations tell which is which."},
	{"V2010", "the account is not active", "The account is suspended, being closed, or not yet activated, so nothing can be enrolled or assigned.", "Reopen the account or take the row out."},
	{"V2011", "Account Factory failed", "The record of the account operation ended FAILED; AWS's own words say why.", "Mend the cause that AWS names, then run `vend resume`."},
	{"V2012", "Account Factory refused the order", "Service Catalog rejected the parameters of the order.", "Correct the row as AWS's message says and upload it again."},
	{"V2013", "the account is not in the organization", "No account with this id is a member of the organization.", "Check the AccountId; accounts of other organizations must be invited first."},
	{"V2014", "the account moved", "The account was moved to another organizational unit outside Control Tower.", "Move it back or register it again in Control Tower, then run `vend resume`."},
	{"V2015", "the product is gone", "The account exists, but its provisioned product does not, so nothing says what state it is in.", "Run `vend resume --recover`: it orders a new product for the same account."},
	{"V2016", "the role can't be put into place", "The account has no role that Control Tower can assume, and the stack set that puts AWSControlTowerExecution into place did not bring it about; AWS's own words say why.", "Mend the cause that AWS names (often a service control policy, or a role of that name which a stack can't make again), or create the role by hand; then run `vend resume`."},
	{"V2017", "the account is enrolled elsewhere", "Control Tower governs the account already, in another organizational unit than the row names.", "Move the account in Control Tower (Account Factory, update account), or correct the row's OrgUnit; then upload it again."},
	{CodeEnrollmentFailed, "Control Tower could not enroll the account", "The landing zone enrolls accounts that are moved into a registered organizational unit. The account was moved, and Control Tower says that its enrollment FAILED, or does not begin it.", "Mend the cause that Control Tower shows for the account, then register its organizational unit again: `vend enroll --ou OU --register`. `vend resume` looks again."},
	{"V2020", "no such permission set", "Identity Center has no permission set of this name or ARN.", "Create it or correct the row; then run `vend resume`."},
	{"V2021", "no such group or user", "The identity store has no group or user of this name or id. Directories that synchronise may be behind.", "Create it, wait for the directory, or correct the row; then run `vend resume`."},
	{"V2022", "an assignment failed", "Identity Center ended the creation of the assignment with FAILED; its own words say why.", "Mend the cause and run `vend resume`; what exists already is left alone."},
	{"V2023", "some assignments failed", "The account exists and every assignment was tried; some did not come about.", "Look at the assignments of the request, mend each, and run `vend resume`."},
	{"V2024", "the management account is refused", "Assignments and enrollments of the management account are not made by this pipeline.", "Use the Identity Center console for the management account."},
	{"V2025", "a tag was refused", "Organizations refused the tags of the account.", "Correct the tags (a tag policy may apply) and upload the row again, or run `vend resume`."},
	{"V2026", "the user of Account Factory keeps its access", "The settings ask for removeAccountFactoryUser, and Identity Center ended the deletion of that user's direct assignment with FAILED. Everything else is done.", "Mend the cause that AWS names and run `vend resume`, or take the assignment away by hand."},
	{"V2030", "AWS is working on it", "The request holds a place for account operations: AWS may be making the account right now.", "Wait until AWS has said its last word, then cancel or upload again."},
	{"V2031", "changed, not applied", "A newer upload differs from a request that is in flight.", "Wait until the account is done, then upload the file again."},
	{"V2032", "differs from the account as it was made", "The account exists; its name, user or organizational unit are not changed by an upload.", "Change it in Control Tower (Account Factory, update account), or restore the row."},
	{"V2033", "a newer upload has taken over", "A newer file asks for the same account.", "Nothing: the newer row is followed."},
	{"V2034", "nothing to cancel", "The request is done: its account exists and keeps existing.", "To close an account, use Control Tower and Organizations."},
	{CodePermissionSetRefused, "a permission set was refused", "Identity Center refused to make, change or delete the permission set: a policy that AWS does not have, a quota, or a permission set that only the management account may change.", "Mend the cause that AWS names, then run the command again: it does what is left."},
	{CodePermissionSetOutdated, "a permission set did not reach an account", "The permission set is changed, and an account still has it as it was before: it is suspended, lacks a customer managed policy, or is the management account.", "Mend the cause that AWS names for the account, then run the command again: it provisions what is left."},
	{CodePermissionSetInUse, "a permission set is still assigned", "A permission set can only be deleted when nobody has it anywhere.", "Take the assignments away first; the message says where they are."},
	{CodePermissionSetForbidden, "a permission set of Control Tower's own", "Control Tower makes and keeps this permission set; changing it would be drift.", "Make a permission set of another name."},
	{CodeGroupForbidden, "the group belongs to Control Tower", "Control Tower makes and keeps the assignments of its own groups (AWSControlTowerAdmins, AWSAccountFactory and others). They are never made, deleted or pruned here.", "Use a group of your own."},
	{CodeDelegated, "only the management account may", "The credentials are of a delegated administrator of IAM Identity Center. It has no say about the management account, nor about permission sets that are provisioned there. The rest was or can be done.", "Run the command with credentials of the management account, or use a permission set that the management account does not have."},
	{CodeUnfit, "the account is not fit to be enrolled", "Something in the account, or around it, is what Control Tower refuses or stumbles over: AWS Config of its own, things that an earlier landing zone has left, an execution role that trusts somebody else. It was found before anything was changed.", "Run the commands that the message names, with credentials of the account; then `vend resume`, or `vend enroll` again. `vend enroll --check` shows every check."},
	{CodeUnseen, "the account could not be looked at", "A Region did not answer, or AWS took no more calls, several times in a row. Enrolling an account that nobody has looked at may leave it half enrolled.", "Wait until the Region answers again, then run `vend resume`."},
	{CodeStackSetRefused, "the stack set was refused", "CloudFormation refuses what vend asks of its stack set, or somebody has changed the stack set so that it would do more than to put one role into one account.", "Mend the cause that the message names, or delete the stack set, which vend makes again; then run `vend resume`."},
	{CodeRegistrationFailed, "the organizational unit could not be registered", "Control Tower ended the registration of the organizational unit with FAILED; its own words say why. An account in it that is not fit fails the whole unit.", "Mend the cause that AWS names, then run the command again."},
}

// AskForAccounts is the command that asks AWS to let the organization have more accounts. Quotas of Organizations are kept
// in us-east-1 (AWS Organizations User Guide, "Quotas and service limits for AWS Organizations").
const AskForAccounts = "aws service-quotas request-service-quota-increase --region us-east-1 --service-code organizations --quota-code L-E619E033 --desired-value NUMBER"

var environmentCodes = []Explanation{
	{"V3001", "no credentials", "No usable AWS credentials were found, or they have expired.", "Run `aws sso login`, or set AWS_PROFILE; `aws sts get-caller-identity` shows who you are."},
	{"V3002", "access denied", "AWS refused the call for want of permission.", "Use a role that has the policies of the pipeline; the message names the action."},
	{"V3003", "no such bucket", "The bucket of the pipeline does not exist or belongs to somebody else.", "Check `bucket` (VEND_BUCKET) and the Region."},
	{"V3004", "no such table", "The table of the pipeline does not exist in this account and Region.", "Check `table` (VEND_TABLE) and the Region."},
	{"V3005", "no such queue", "The queue of the pipeline does not exist in this account and Region.", "Check `queueUrl` (VEND_QUEUE_URL) and the Region."},
	{"V3006", "Account Factory can't be reached", "The product \"AWS Control Tower Account Factory\" was not found, has no active version, or has no launch path for this principal.", "Use the home Region of Control Tower, and associate this principal with the Account Factory portfolio."},
	{"V3007", "the account quota is reached", "The organization may not have more accounts. `aws service-quotas list-service-quotas --region us-east-1 --service-code organizations` tells how many it may have, and the code of that quota.", "Ask AWS for NUMBER accounts in all: `" + AskForAccounts + "`. When that is granted, run `vend resume --paused`."},
	{"V3008", "the landing zone has drifted", "Control Tower makes no accounts while its landing zone has drifted.", "Repair the landing zone in Control Tower, then run `vend resume --paused`."},
	{"V3009", "no Identity Center", "No IAM Identity Center instance of the management account was found in this Region.", "Use the home Region, or set identityCenter.instanceArn."},
	{"V3010", "not the management account", "Organizations answered that this account may not ask: it is neither the management account nor a delegated administrator.", "Use a role of the management account."},
	{"V3011", "a setting is wrong", "A flag, an environment variable or vend.yaml holds what can't be used.", "The message names the setting, its place and what it takes."},
	{"V3012", "a setting is missing", "Something that this command needs was not given.", "Give it as a flag, as an environment variable or in vend.yaml; the message names all three."},
	{"V3013", "paused by an operator", "Somebody ran `vend pause`.", "Run `vend resume --paused` to go on."},
	{"V3014", "the stack sets can't be used", "CloudFormation StackSets has no trusted access to the organization.", "Activate trusted access for StackSets in CloudFormation."},
	{"V3015", "AWS can't be reached", "No answer came from AWS: no network, a wrong endpoint, or a wrong Region; or what answered does not speak as AWS does: a server that does not offer the service, a proxy, a login page.", "Check the network, its proxies, AWS_REGION and AWS_ENDPOINT_URL."},
	{"V3016", "messages were put aside", "Messages of the inbox came so often without being handled that SQS moved them to its dead-letter queue. Nothing is lost by that: uploads are found by the sweep, and account operations are asked about; but something kept the messages from being handled.", "Look at the workers' log for \"the inbox did not answer\" and \"a message could not be handled\"; when the cause is mended, run `aws sqs start-message-move-task --source-arn ARN-OF-THE-DEAD-LETTER-QUEUE`, or purge that queue."},
	{"V3017", "the settings were pushed meanwhile", "Between reading the pipeline's settings and writing them, somebody else has pushed others.", "Look at `vend config diff`, then run `vend config push` again."},
	{CodeStackForeign, "the stack is another's", "A CloudFormation stack of that name is there, and vend has not made it. Vend changes and deletes no other stack.", "Give another name with --stack."},
	{CodeStackFailed, "the stack could not be changed", "CloudFormation could not make the change. What it had begun it has taken back, so that the stack is as it was before; bucket and table stay, with all that is in them. The message says which resource has failed, in AWS's words.", "Mend what the message names, then run `vend deploy apply` again."},
	{CodeStackStuck, "the stack is stuck", "CloudFormation could neither make a change nor take it back, or it could not delete a resource. The message says which, in AWS's words.", "Mend what the message names, then run the same command again: it goes on where CloudFormation has stopped. `aws cloudformation continue-update-rollback --resources-to-skip` leaves out what cannot be mended."},
	{CodeStackKeeps, "a stack keeps its bucket and its table", "Another bucket or table was asked for than the stack has. CloudFormation would make new, empty ones, and the pipeline would go on without its lists and requests.", "Leave the setting as the stack has it, or deploy a second pipeline under another name: `vend deploy apply --stack NAME --table NAME --bucket NAME`."},
	{CodeNoProgram, "no program for the function", "The function of the stack runs a static vend for linux/arm64, and this one is another; or the file that was named is none.", "Give the program with --binary FILE: that of a release for linux/arm64, or `CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -o vend-arm64 ./cmd/vend`. With --no-function there is none, and `vend work` runs elsewhere."},
}

var ownCodes = []Explanation{
	{"V9001", "an error of our own", "Something happened that should not be possible.", "Report it with the output of the same command under --log-level debug."},
	{"V9002", "wrong usage", "The command was not understood.", "See `vend help`."},
	{"V9003", "not found", "There is no such batch, request or code.", "`vend status --all` lists what there is."},
	{"V9004", "still pending", "The time is up and work is left.", "Nothing is lost; `vend status` shows where it stands."},
	{"V9005", "interrupted", "The command was stopped.", "Run it again: it goes on where it was."},
	{"V9006", "the file is there already", "A command that writes a file writes over none.", "Name another file, or move that one away first."},
}
