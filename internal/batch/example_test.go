package batch_test

import (
	"fmt"
	"strings"

	"github.com/vend-cli/vend/internal/batch"
)

func ExampleRead() {
	file := strings.NewReader(`AccountName;SSOUserEmail;AccountEmail;SSOUserFirstName;SSOUserLastName;OrgUnit;Assignments
payments-dev;dana@example.com;payments-dev@example.com;Dana;Jones;Workloads/Dev;"AWSReadOnlyAccess/Auditors; AdministratorAccess/user:dana@example.com"
ledger;dana@example.com;ledger.example.com;Dana;Jones;Workloads/Prod;
`)
	list := batch.Read(file, file.Size())
	for row, problems := range list.Rows() {
		fmt.Println(row.Name, "goes to", row.Unit, row.Assignments)
		for _, p := range problems {
			fmt.Println(p)
		}
	}
	fmt.Println(list.Problems(), list.Err())
	// Output:
	// payments-dev goes to Workloads/Dev [AWSReadOnlyAccess/Auditors AdministratorAccess/user:dana@example.com]
	// ledger goes to Workloads/Prod []
	// 3:25: error[V1203]: AccountEmail has no @
	// [] <nil>
}
