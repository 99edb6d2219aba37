// Package conformance drives the sandbox with clients that nobody here wrote: the AWS CLI, boto3, and the AWS SDK for JavaScript.
//
// It has no code, only tests. `make conformance` starts a sandbox for each script, and drives it with
//
//	testdata/boto3/NAME.py    boto3: paginators, waiters, exception classes; every answer is judged by botocore's own
//	                          model of the service, member by member (see judge.py)
//	testdata/cli/NAME.txtar   the AWS CLI, as somebody types it, all commands of a script in one process (see typist.py)
//	testdata/js/NAME.mjs      the AWS SDK for JavaScript, from npm; where that cannot be had its column stays as it was
//
// where NAME begins with the signing name of a service. A script says which behaviours it checks, in a line such as
//
//	ReceiveMessage, DeleteMessage: a message that was deleted does not come back
//
// in a test's docstring or in a comment. What a script of the AWS CLI does between "# page: URL" and "# page: none" are the commands
// that a page of AWS prints. The run fails when an operation that the sandbox implements was answered to no
// client, or when nothing that AWS documents was checked of it. TABLE.md is what the run found, and a test of every day
// keeps it complete; `make conformance ARGS=-update` writes it anew.
//
// Clients and the sandbox meet on the loopback interface only.
package conformance
