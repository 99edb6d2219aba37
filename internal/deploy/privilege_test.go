package deploy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	worker   = "WorkerRole"
	operator = "OperatorRole"
	auditor  = "AuditorRole"
	uploader = "UploaderRole"
	ci       = "CIRole"
)

var (
	everyReader = []string{worker, operator, auditor, ci}
	writers     = []string{worker, operator}
)

const (
	table    = "arn:aws:dynamodb:eu-west-1:111111111111:table/vend"
	bucket   = "arn:aws:s3:::my-account-lists"
	inbox    = "arn:aws:sqs:eu-west-1:111111111111:vend-inbox"
	topic    = "arn:aws:sns:eu-west-1:111111111111:vend"
	instance = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
	member   = "arn:aws:sso:::account/222222222222"
	set      = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
	stackSet = "arn:aws:cloudformation:eu-west-1:111111111111:stackset/vend-control-tower-execution-role:1"
	oneOU    = "arn:aws:organizations::111111111111:ou/o-a/ou-a-b"
	anOrg    = "o-a"
)

// use says which roles make a call, on what. Where IAM's action is called otherwise, actions has its name.
type use struct {
	roles, on, actions []string
}

// uses are the operations that the code calls. TestEveryOperationOfTheCodeHasItsRole holds it to the code.
var uses = withLists(map[string]use{
	"dynamodb.BatchGetItem":       {roles: everyReader, on: []string{table}},
	"dynamodb.DescribeTable":      {roles: everyReader, on: []string{table}},
	"dynamodb.GetItem":            {roles: everyReader, on: []string{table}},
	"dynamodb.Query":              {roles: everyReader, on: []string{table, table + "/index/due"}},
	"dynamodb.ListTables":         {roles: everyReader, on: []string{"*"}},
	"dynamodb.DeleteItem":         {roles: writers, on: []string{table}},
	"dynamodb.PutItem":            {roles: writers, on: []string{table}},
	"dynamodb.UpdateItem":         {roles: writers, on: []string{table}},
	"dynamodb.TransactWriteItems": {roles: writers, on: []string{table}, actions: []string{"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}},

	"s3.GetBucketNotificationConfiguration": {roles: everyReader, on: []string{bucket}, actions: []string{"s3:GetBucketNotification"}},
	"s3.GetBucketVersioning":                {roles: everyReader, on: []string{bucket}},
	"s3.ListObjectVersions":                 {roles: everyReader, on: []string{bucket}, actions: []string{"s3:ListBucketVersions"}},
	"s3.GetObject":                          {roles: everyReader, on: []string{bucket + "/incoming/x.csv", bucket + "/results/x.csv"}, actions: []string{"s3:GetObject", "s3:GetObjectVersion"}},

	"sqs.GetQueueAttributes":      {roles: everyReader, on: []string{inbox, inbox[:len(inbox)-len("inbox")] + "dead-letters"}},
	"sqs.GetQueueUrl":             {roles: everyReader, on: []string{inbox, inbox[:len(inbox)-len("inbox")] + "dead-letters"}},
	"sqs.ChangeMessageVisibility": {roles: []string{worker}, on: []string{inbox}},
	"sqs.DeleteMessageBatch":      {roles: []string{worker}, on: []string{inbox}, actions: []string{"sqs:DeleteMessage"}},
	"sqs.ReceiveMessage":          {roles: []string{worker}, on: []string{inbox}},
	"sns.GetTopicAttributes":      {roles: everyReader, on: []string{topic}},
	"sns.Publish":                 {roles: []string{worker}, on: []string{topic}},
	"eventbridge.DescribeRule":    {roles: everyReader, on: []string{"arn:aws:events:eu-west-1:111111111111:rule/vend-uploads"}, actions: []string{"events:DescribeRule"}},

	"servicecatalog.ProvisionProduct":            {roles: []string{worker}, on: []string{"arn:aws:catalog:eu-west-1:111111111111:product/prod-a"}},
	"servicecatalog.TerminateProvisionedProduct": {roles: []string{worker}, on: []string{"*"}},

	"organizations.MoveAccount":              {roles: []string{worker}, on: []string{"arn:aws:organizations::111111111111:account/o-a/222222222222", oneOU, "arn:aws:organizations::111111111111:root/o-a/r-a"}},
	"organizations.TagResource":              {roles: []string{worker}, on: []string{"arn:aws:organizations::111111111111:account/o-a/222222222222"}},
	"organizations.CreateOrganizationalUnit": {roles: []string{operator}, on: []string{oneOU, "arn:aws:organizations::111111111111:root/o-a/r-a"}},

	"cloudformation.ActivateOrganizationsAccess": {roles: []string{operator}, on: []string{"*"}, actions: []string{"cloudformation:ActivateOrganizationsAccess", "organizations:EnableAWSServiceAccess"}},
	"sts.AssumeRole":        {roles: writers, on: []string{"arn:aws:iam::222222222222:role/AWSControlTowerExecution", "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"}},
	"sts.GetCallerIdentity": {}, // needs no permission (AWS STS API Reference)
})

// withLists adds the operations that many roles make on the same things.
func withLists(uses map[string]use) map[string]use {
	list := func(service string, roles, on []string, operations string) {
		for op := range strings.FieldsSeq(operations) {
			uses[service+"."+op] = use{roles: roles, on: on}
		}
	}
	anything := []string{"*"}
	list("organizations", everyReader, anything, `DescribeAccount DescribeOrganization ListAWSServiceAccessForOrganization ListAccounts
		ListAccountsForParent ListOrganizationalUnitsForParent ListParents ListPoliciesForTarget ListRoots ListTagsForResource`)
	list("controltower", everyReader, anything, "GetLandingZone ListBaselines ListEnabledBaselines ListLandingZones")
	list("controltower", []string{operator}, anything, "EnableBaseline GetBaselineOperation ResetEnabledBaseline")
	list("servicecatalog", everyReader, anything, "DescribeProduct DescribeProvisionedProduct DescribeRecord ListProvisioningArtifacts SearchProvisionedProducts")
	list("servicequotas", everyReader, anything, "ListAWSDefaultServiceQuotas ListServiceQuotas")
	list("cloudformation", everyReader, anything, "DescribeOrganizationsAccess")
	list("cloudformation", []string{worker}, []string{stackSet}, `CreateStackInstances CreateStackSet DeleteStackInstances DeleteStackSet DescribeStackSet
		DescribeStackSetOperation ListStackInstances ListStackSetOperationResults`)
	list("identitystore", everyReader, []string{
		"arn:aws:identitystore::111111111111:identitystore/d-1", "arn:aws:identitystore:::user/1", "arn:aws:identitystore:::group/1",
	}, "DescribeGroup DescribeUser GetGroupId GetUserId ListGroups ListUsers")
	identityCenter := []string{instance, set, member}
	list("ssoadmin", everyReader, anything, "ListInstances")
	list("ssoadmin", everyReader, identityCenter, `DescribePermissionSet GetInlinePolicyForPermissionSet GetPermissionsBoundaryForPermissionSet
		ListAccountAssignments ListAccountAssignmentsForPrincipal ListAccountsForProvisionedPermissionSet
		ListCustomerManagedPolicyReferencesInPermissionSet ListManagedPoliciesInPermissionSet ListPermissionSets
		ListPermissionSetsProvisionedToAccount ListTagsForResource`)
	list("ssoadmin", writers, identityCenter, `CreateAccountAssignment DeleteAccountAssignment
		DescribeAccountAssignmentCreationStatus DescribeAccountAssignmentDeletionStatus`)
	list("ssoadmin", []string{operator}, identityCenter, `AttachCustomerManagedPolicyReferenceToPermissionSet AttachManagedPolicyToPermissionSet
		CreatePermissionSet DeleteInlinePolicyFromPermissionSet DeletePermissionSet DeletePermissionsBoundaryFromPermissionSet
		DescribePermissionSetProvisioningStatus DetachCustomerManagedPolicyReferenceFromPermissionSet
		DetachManagedPolicyFromPermissionSet ProvisionPermissionSet PutInlinePolicyToPermissionSet
		PutPermissionsBoundaryToPermissionSet TagResource UntagResource UpdatePermissionSet`)
	return uses
}

// places are the operations on different resources in different roles: results are the worker's, uploads are people's.
var places = map[string][]use{
	"s3.PutObject": {
		{roles: []string{worker}, on: []string{bucket + "/results/x.csv"}},
		{roles: []string{uploader, operator, ci}, on: []string{bucket + "/incoming/x.csv"}},
	},
}

// elsewhere are the files whose calls none of the roles makes, each with its reason.
var elsewhere = map[string]string{
	"internal/engine/resources.go":  "makes the resources of a rehearsal; in AWS the stack does",
	"internal/aws/stack/stack.go":   "makes and changes the stack itself: an administrator does that, in whose name CloudFormation makes all roles",
	"internal/aws/stack/follow.go":  "follows what becomes of the stack: the same administrator",
	"servicecatalog.ListPortfolios": "finds the portfolio for the stack's parameter: the same administrator",
	"internal/aws/member/look.go":   "looks inside a member account, with the role it has assumed there",
	"dynamodb.CreateTable":          "makes the table of a rehearsal; in AWS the stack does",
	"ec2.DescribeRegions":           "asks inside a member account, with the role it has assumed there",
	"iam.GetRole":                   "asks inside a member account, with the role it has assumed there",
	"iam.ListAttachedRolePolicies":  "asks inside a member account, with the role it has assumed there",
}

// explained are the actions that no operation of the code needs, each with its reason. What Account Factory does in the
// worker's name stands in a policy of its own, which only the worker has.
var explained = map[string]string{
	"s3:ListBucket":        "so that a missing object is answered as missing, and aws s3 ls shows what was dropped and what came of it",
	"logs:CreateLogStream": "Lambda writes the function's log in the role's name",
	"logs:PutLogEvents":    "Lambda writes the function's log in the role's name",
	"s3:GetObject":         "the uploader fetches results with whatever tool is at hand",
}

func TestEveryOperationOfTheCodeHasItsRole(t *testing.T) {
	t.Parallel()
	called := operations(t)
	if len(called) < 80 {
		t.Fatalf("found %d operations; the test looks in the wrong place", len(called))
	}
	for _, op := range slices.Sorted(maps.Keys(called)) {
		_, used := uses[op]
		if _, placed := places[op]; !used && !placed && elsewhere[op] == "" {
			t.Errorf("%s calls %s: which role does that, on what?", called[op], op)
		}
	}
	for _, op := range slices.Concat(slices.Sorted(maps.Keys(uses)), slices.Sorted(maps.Keys(places))) {
		if called[op] == "" {
			t.Errorf("nobody calls %s any more", op)
		}
	}
}

func TestRolesMayDoWhatTheyDo(t *testing.T) {
	t.Parallel()
	s := parsed(t).deployed(parameters)
	for op, u := range every() {
		for _, role := range u.roles {
			for _, resource := range u.on {
				for _, action := range actions(op, u) {
					if !allows(s.policies(role), action, resource, home()) {
						t.Errorf("%s may not %s on %s", role, action, resource)
					}
				}
			}
		}
	}
}

func TestRolesMayDoNothingElse(t *testing.T) {
	t.Parallel()
	s := parsed(t).deployed(parameters)
	needed := map[string][]string{}
	for op, u := range every() {
		for _, role := range u.roles {
			needed[role] = append(needed[role], actions(op, u)...)
		}
	}
	inItsName := map[string]bool{}
	for _, st := range statements(s.properties("FactoryPolicy")["PolicyDocument"]) {
		for _, action := range st.Actions {
			inItsName[action] = true
		}
	}
	if roles := texts(s.properties("FactoryPolicy")["Roles"]); !slices.Equal(roles, []string{worker}) {
		t.Errorf("what Account Factory needs is given to %q", roles)
	}
	for _, role := range s.resources("AWS::IAM::Role") {
		for _, st := range s.policies(role) {
			for _, action := range st.Actions {
				switch {
				case strings.ContainsAny(action, "*?"):
					t.Errorf("%s.%s: %s names no action", role, st.Sid, action)
				case st.Effect == "Deny", slices.Contains(needed[role], action), explained[action] != "":
				case role == worker && inItsName[action]:
				default:
					t.Errorf("%s.%s: nothing that the role does needs %s", role, st.Sid, action)
				}
			}
		}
	}
}

func TestRolesStayWithinTheirBounds(t *testing.T) {
	t.Parallel()
	s := parsed(t).deployed(parameters)
	for name, test := range map[string]struct {
		role, action, resource string
		context                map[string]string
	}{
		"somebody else's table":                   {worker, "dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111111111111:table/other", nil},
		"somebody else's bucket in the account":   {worker, "s3:GetObject", "arn:aws:s3:::other/x", map[string]string{"aws:ResourceAccount": account}},
		"results are not the uploader's to write": {uploader, "s3:PutObject", bucket + "/results/x.csv", nil},
		"uploads are not the worker's to write":   {worker, "s3:PutObject", bucket + "/incoming/x.csv", nil},
		"the function's code is nobody's":         {operator, "s3:PutObject", bucket + "/code/vend.zip", nil},
		"an uploader sees no code":                {uploader, "s3:ListBucket", bucket, map[string]string{"s3:prefix": "code/"}},
		"access to the management account":        {worker, "sso:CreateAccountAssignment", "arn:aws:sso:::account/" + account, nil},
		"another instance of Identity Center":     {operator, "sso:UpdatePermissionSet", "arn:aws:sso:::permissionSet/ssoins-other/ps-a", nil},
		"a role of another organization":          {worker, "sts:AssumeRole", "arn:aws:iam::333333333333:role/AWSControlTowerExecution", map[string]string{"aws:ResourceOrgID": "o-other"}},
		"a role of another name":                  {worker, "sts:AssumeRole", "arn:aws:iam::222222222222:role/Admin", nil},
		"another stack set":                       {worker, "cloudformation:CreateStackInstances", "arn:aws:cloudformation:eu-west-1:111111111111:stackset/other:1", nil},
		"an auditor changes nothing":              {auditor, "dynamodb:UpdateItem", table, nil},
		"an operator does not order":              {operator, "servicecatalog:ProvisionProduct", "arn:aws:catalog:eu-west-1:111111111111:product/prod-a", nil},
		"CI resumes nothing":                      {ci, "dynamodb:UpdateItem", table, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			context := home()
			maps.Copy(context, test.context)
			if allows(s.policies(test.role), test.action, test.resource, context) {
				t.Errorf("%s may %s on %s", test.role, test.action, test.resource)
			}
		})
	}
}

// home is the context of a request within the organization.
func home() map[string]string {
	return map[string]string{"aws:PrincipalOrgID": anOrg, "aws:ResourceOrgID": anOrg, "aws:ResourceAccount": account}
}

func every() func(yield func(string, use) bool) {
	return func(yield func(string, use) bool) {
		for op, u := range uses {
			if !yield(op, u) {
				return
			}
		}
		for op, all := range places {
			for _, u := range all {
				if !yield(op, u) {
					return
				}
			}
		}
	}
}

func actions(op string, u use) []string {
	if u.actions != nil {
		return u.actions
	}
	service, name, _ := strings.Cut(op, ".")
	if service == "ssoadmin" {
		service = "sso"
	}
	return []string{service + ":" + name}
}

// operations are the calls of the SDK that the code makes, by the input it writes for each, and where.
func operations(t *testing.T) map[string]string {
	t.Helper()
	const root, sdk = "../..", "github.com/aws/aws-sdk-go-v2/service/"
	found := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil || elsewhere[filepath.ToSlash(rel)] != "" || strings.HasSuffix(filepath.Dir(rel), "test") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		services := map[string]string{}
		for _, i := range file.Imports {
			if service, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), sdk); ok && i.Name == nil {
				services[service] = service
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if selector, ok := literal.Type.(*ast.SelectorExpr); ok {
				pkg, _ := selector.X.(*ast.Ident)
				operation, is := strings.CutSuffix(selector.Sel.Name, "Input")
				if pkg != nil && is && services[pkg.Name] != "" {
					found[pkg.Name+"."+operation] = filepath.ToSlash(rel)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
