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
package contracttest
