package organizations_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

const invited = "222222222205"

// as lets calls come from a principal of another account.
func as(w *world.World, account, principal string) func(*organizations.Options) {
	key := "ASIA" + account
	w.Do(func() { w.Grant(key, world.Caller{Account: account, ARN: principal, UserID: "AROAEXAMPLE"}) })
	return func(o *organizations.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(key, "secret", "token")
	}
}

func TestRemoveAccountFromOrganization(t *testing.T) {
	t.Parallel()
	w, client := start(t)
	remove := func(id string, options ...func(*organizations.Options)) string {
		_, err := client.RemoveAccountFromOrganization(t.Context(), &organizations.RemoveAccountFromOrganizationInput{AccountId: &id}, options...)
		if err == nil {
			return ""
		}
		return judged(err)
	}
	there := func(id string) string {
		_, err := client.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: &id})
		if err == nil {
			return ""
		}
		return judged(err)
	}
	member := as(w, "222222222201", "arn:aws:iam::222222222201:user/somebody")
	for _, test := range []struct {
		asked, got, want string
	}{
		{"no account", remove("999999999999"), "AccountNotFoundException"},
		{"no id", remove("Legacy"), "InvalidInputException INVALID_PATTERN"},
		{"the management account", remove("111111111111"), "MasterCannotLeaveOrganizationException"},
		{"an account that was created", remove("222222222201"), "ConstraintViolationException MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{"by another member", remove(invited, member), "AccessDeniedException"},
		{"before that it is there", there(invited), ""},
		{"an account that was invited", remove(invited), ""},
		{"then it is not", there(invited), "ChildNotFoundException"},
		{"once more", remove(invited), "AccountNotFoundException"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.asked, test.got, test.want)
		}
	}
	accounts, err := client.ListAccountsForParent(t.Context(), &organizations.ListAccountsForParentInput{ParentId: aws.String(legacy)})
	if err != nil || len(accounts.Accounts) != 4 {
		t.Errorf("its unit has %+v, %v", accounts, err)
	}
}

func TestLeaveOrganization(t *testing.T) {
	t.Parallel()
	w, client := start(t)
	leave := func(options ...func(*organizations.Options)) string {
		_, err := client.LeaveOrganization(t.Context(), nil, options...)
		if err == nil {
			return ""
		}
		return judged(err)
	}
	w.Do(func() { w.Account(invited).Roles = append(w.Account(invited).Roles, &world.Role{Name: "Reader"}) })
	somebody := as(w, invited, "arn:aws:iam::"+invited+":user/somebody")
	for _, test := range []struct {
		who, got, want string
	}{
		{"the management account", leave(), "MasterCannotLeaveOrganizationException"},
		{"an account that was created", leave(as(w, "222222222201", "arn:aws:iam::222222222201:user/somebody")), "ConstraintViolationException MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		{"a role that may not", leave(as(w, invited, "arn:aws:sts::"+invited+":assumed-role/Reader/session")), "AccessDeniedException"},
		{"an account that was invited", leave(as(w, invited, "arn:aws:iam::"+invited+":user/somebody")), ""},
		{"once more", leave(somebody), "AWSOrganizationsNotInUseException"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.who, test.got, test.want)
		}
	}
	if _, err := client.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String(invited)}); err == nil || judged(err) != "AccountNotFoundException" {
		t.Errorf("an account that has left: %v", err)
	}
}
