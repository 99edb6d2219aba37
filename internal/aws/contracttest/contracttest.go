// Package contracttest holds each adapter's contract against servers: what the product relies on, asked of the sandbox, of
// servers that nobody here wrote, and of AWS.
//
// It has no code, only tests. There is one suite for each port: the queue, the bucket, the inbox, the organization,
// Identity Center, and the stack set. A suite asks through the adapter, as the product does, and uses the SDK by itself only
// to set the scene. One suite more runs the command itself, as a process, and holds exit codes and JSON against what is documented
// and the schemas; a server that lacks a service has to be named with exit code 4, never by a crash or as a fault of vend's.
// `make test` runs the suites of the ports over the sandbox. `make conformance` runs all of them over
//
//	moto       pip install 'moto[server]'
//	dynalite   npm install --ignore-scripts dynalite@4.0.0 (in any folder; VEND_NPM names it)
//	versitygw  go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
//
// What such a server gets wrong is written down beside the behaviour (lacks_test.go), with what AWS documents; the product
// is not bent to it. A server that has learned a behaviour fails the run, until the remark is taken out. TABLE.md shows all
// of it; a test of every day keeps it current, `go test ./internal/aws/contracttest -update` writes it anew.
//
// # Against AWS
//
// With VEND_CONFORMANCE_AWS=1 the suites run against AWS, with the credentials and the Region that the AWS CLI would use.
// A table, a bucket and two queues are made, all named vend-contract-…, and deleted again; that costs less than a cent.
// VEND_CONFORMANCE_ACCOUNT names a member account that nobody uses, which has to be in the root of an organization, and
// adds the organization and Identity Center: the run makes a unit, a group and a permission set named vend-contract-…,
// moves the account into the unit and back, gives the group access to it, takes all of that away again, and leaves a tag on
// the account. It makes no account, and closes none. With VEND_CONFORMANCE_STACKSETS=1 the stack set is asked for too: the
// account gets the role AWSControlTowerExecution, which stays in it. What is not named is left out, and the run says so.
//
// The command is
//
//	VEND_CONFORMANCE_AWS=1 go test -tags conformance -count=1 -timeout 90m -v -run AWSKeepsTheContracts ./internal/aws/contracttest
//
// With AWS_ENDPOINT_URL it asks another server instead, as a rehearsal. `make conformance` rehearses it with the sandbox, and
// looks whether anything named vend-contract-… is left. AWS itself has not been asked yet.
//
// Without an account that was named, the caller needs dynamodb:* on the tables, s3:* on the buckets and sqs:* on the queues
// whose names begin with vend-contract-, and nothing else. With one, it has to be in the management account (or, for Identity
// Center, administer it from there), and needs the actions organizations:Describe*, List*, CreateOrganizationalUnit,
// DeleteOrganizationalUnit, MoveAccount, TagResource; sso:* and identitystore:* as far as permission sets, assignments and groups
// go; and for the stack set those of cloudformation:*StackSet*, *StackInstances and *OrganizationsAccess. The new unit
// has no service control policies of its own: meanwhile those of the root alone hold for the account. The stack set switches on
// trusted access of StackSets, which stays on, and is the one that vend itself plants its role with: leave it out where vend
// enrolls accounts already.
//
// Each suite clears away what it made when it ends, whether it has failed or not, and says what it could not clear away. A run
// that is interrupted clears away nothing. What remains then has a name that begins with vend-contract-: a table, which is
// protected from being deleted (aws dynamodb update-table --no-deletion-protection-enabled goes first), a bucket with versions, two
// queues, a unit with the account in it (aws organizations move-account brings it back to the root), a group, a permission set with
// one assignment; and the stack set vend-control-tower-execution-role. Table, bucket and queues cost nothing while nobody asks
// them, but for the few bytes they hold.
package contracttest
