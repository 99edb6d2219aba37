package contracttest_test

// atTimes begins the reason why a server keeps a behaviour only most of the time: it may hold, and it may not.
const atTimes = "at times "

// What keeps several behaviours from being shown.
const (
	noTransactions  = "it has no TransactWriteItems (DynamoDB API Reference, TransactWriteItems)"
	noNotifications = "it answers NotImplemented to the notification configuration of a bucket (S3 API Reference, GetBucketNotificationConfiguration, PutBucketNotificationConfiguration)"
	noOperationID   = "it makes up the id of an operation, and answers ValidationError for one that it does not know (CloudFormation API Reference: OperationId of CreateStackInstances is the caller's; DescribeStackSetOperation has OperationNotFoundException)"
	noProvisioned   = "it lists no permission set of an account, and no account of a permission set (IAM Identity Center API Reference, ListPermissionSetsProvisionedToAccount, ListAccountsForProvisionedPermissionSet)"
	noControlTower  = "it has no Control Tower, which the command says with exit code 4 and V3015 (Control Tower API Reference, ListLandingZones)"
	storedTwice     = "it stores an assignment that exists already a second time, and takes only one of them away (IAM Identity Center API Reference, CreateAccountAssignment: a successful response when it was made before)"
)

// lacks is what each server is known to get wrong, by port and behaviour, and what AWS documents instead.
var lacks = map[string]map[string]map[string]string{
	"moto": {
		"queue": {
			"of many claims one is granted": atTimes + "it grants the same condition to two writers at once; in a race of plain UpdateItem calls by boto3 twice in 300 (DynamoDB Developer Guide, conditional writes)",
		},
		"bucket": {
			"a list spells keys with characters that XML does not have": "it takes no key with a line break, and lists control characters as they are although EncodingType asks otherwise (S3 API Reference, ListObjectVersions)",

			"the bucket says that it sends events to EventBridge": "it does not keep the configuration (S3 API Reference, PutBucketNotificationConfiguration)",
		},
		"organization": {
			"a move from where the account is not is refused": "it moves the account all the same (Organizations API Reference, MoveAccount: SourceParentNotFoundException)",

			"a unit that is there already is not made a second time": "it makes a second unit of the same name (Organizations API Reference, CreateOrganizationalUnit: DuplicateOrganizationalUnitException)",
		},
		"identitycenter": {
			"an assignment is under way first": "it answers SUCCEEDED at once (IAM Identity Center API Reference, CreateAccountAssignment: an asynchronous call, whose status is to be asked for)",

			"an assignment that is there is made again without complaint, and is there once": storedTwice,

			"an assignment is taken away": storedTwice,

			"an assignment is listed among all there are": "it lists no account (IAM Identity Center API Reference, ListAccountsForProvisionedPermissionSet)",
		},
		"stacksets": {
			"trusted access of StackSets is switched on, and is so": "it has no ActivateOrganizationsAccess, and the suite answers DescribeOrganizationsAccess in its place (CloudFormation API Reference)",

			"of an operation that nobody began nothing is known": noOperationID,

			"an operation is known by the id that we gave it, and tells when it has ended": noOperationID,

			"the instance is let go": "it keeps the instance (CloudFormation API Reference, DeleteStackInstances: DeploymentTargets with INTERSECTION)",

			"the stack set goes, and may go twice": noOperationID,
		},
		verbsOf: {
			"access list says who has what": noProvisioned,

			"access export writes it as a file": noProvisioned,

			"access permission-sets list reads each": "it has no GetPermissionsBoundaryForPermissionSet, which the command says with exit code 4 and V3015 (IAM Identity Center API Reference)",

			"doctor finds the landing zone": noControlTower,

			"doctor finds Account Factory": "it has no product of Control Tower's (Control Tower User Guide, Account Factory in AWS Service Catalog)",

			"validate --online looks at what Control Tower governs": noControlTower,

			"plan says what would be done": noControlTower,

			"enroll --check looks into the account": noControlTower,
		},
	},
	"dynalite": {
		"queue": {
			"the table is protected from being deleted": "it knows no DeletionProtectionEnabled (DynamoDB API Reference, CreateTable)",

			"a batch begins once": noTransactions,

			"nobody claims what somebody holds": noTransactions,

			"settings are pushed once for each revision": noTransactions,

			"rows, requests and counters are written together, and once": noTransactions,

			"the index shows the line in the order of the rows": noTransactions,

			"of many claims one is granted": noTransactions,

			"what nobody has touched is put off, and what was woken is not": noTransactions,

			"what is saved is read, with its time line": noTransactions,

			"no more account operations are begun than may be": noTransactions,

			"what a dead owner held is taken over, and the dead save nothing": noTransactions,
		},
	},
	"versitygw": {
		"bucket": {
			"a list spells keys with characters that XML does not have": "it lists control characters as others although EncodingType asks for them encoded (S3 API Reference, ListObjectVersions)",

			"the bucket says that it keeps versions": noNotifications,

			"the bucket says that it sends events to EventBridge": noNotifications,
		},
	},
}
