package organizations_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

const root, legacy, dev = "r-ab12", "ou-ab12-14444444", "ou-ab12-11111113"

func start(t *testing.T, changes ...string) (*world.World, *organizations.Client) {
	t.Helper()
	file := strings.NewReplacer(changes...).Replace(string(samples.LandingZone))
	s, err := sandbox.New(sandbox.Options{World: []byte(file)})
	if err != nil {
		t.Fatal(err)
	}
	return s.World(), organizations.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})
}

// judged is the code of an error and its reason, if it has one.
func judged(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Sprint(err)
	}
	text := api.ErrorCode()
	if reason := reflect.Indirect(reflect.ValueOf(api)).FieldByName("Reason"); reason.IsValid() && reason.String() != "" {
		text += " " + reason.String()
	}
	return text
}

func TestPagesMayBeEmptyAndStillGoOn(t *testing.T) {
	t.Parallel()
	w, client := start(t)
	w.Do(func() {
		for i := range 50 {
			if _, err := w.CreateUnit(w.Root, fmt.Sprint("unit ", i), nil); err != nil {
				t.Fatal(err)
			}
		}
	})
	for _, size := range []int32{1, 7, 20} {
		pages := organizations.NewListOrganizationalUnitsForParentPaginator(client, &organizations.ListOrganizationalUnitsForParentInput{
			ParentId: aws.String(root), MaxResults: &size,
		})
		seen, empty := map[string]bool{}, 0
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(page.OrganizationalUnits) == 0 {
				empty++
			}
			for _, u := range page.OrganizationalUnits {
				seen[*u.Name] = true
			}
		}
		if len(seen) != 56 || empty != 1 {
			t.Errorf("pages of %d: saw %d units and %d empty pages, want 56 and 1", size, len(seen), empty)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	for name, test := range map[string]struct {
		call func() error
		want string
	}{
		"a parent that there is not": {func() error {
			_, err := client.ListAccountsForParent(t.Context(), &organizations.ListAccountsForParentInput{ParentId: aws.String("ou-ab12-99999999")})
			return err
		}, "ParentNotFoundException"},
		"a text for an account id": {func() error {
			_, err := client.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String("Not Available")})
			return err
		}, "InvalidInputException INVALID_PATTERN"},
		"an account that there is not": {func() error {
			_, err := client.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String("999999999999")})
			return err
		}, "AccountNotFoundException"},
		"a child that there is not": {func() error {
			_, err := client.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: aws.String("999999999999")})
			return err
		}, "ChildNotFoundException"},
		"pages of more than twenty": {func() error {
			_, err := client.ListAccounts(t.Context(), &organizations.ListAccountsInput{MaxResults: aws.Int32(21)})
			return err
		}, "InvalidInputException MAX_LIMIT_EXCEEDED_FILTER"},
		"another list's token": {func() error {
			_, err := client.ListAccounts(t.Context(), &organizations.ListAccountsInput{NextToken: aws.String("bm9uc2Vuc2U=")})
			return err
		}, "InvalidInputException INVALID_NEXT_TOKEN"},
		"a unit of the same name": {func() error {
			_, err := client.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{
				ParentId: aws.String(root), Name: aws.String("Legacy"),
			})
			return err
		}, "DuplicateOrganizationalUnitException"},
		"a unit's name that its sibling has": {rename(t, client, dev, "Prod"), "DuplicateOrganizationalUnitException"},
		"a unit without a name":              {rename(t, client, dev, ""), "InvalidInputException MIN_LENGTH_EXCEEDED"},
		"a name of 129 characters":           {rename(t, client, dev, strings.Repeat("é", 129)), "InvalidInputException MAX_LENGTH_EXCEEDED"},
		"a name for the root":                {rename(t, client, root, "Top"), "InvalidInputException INVALID_PATTERN"},
		"a name for a unit that there is not": {
			rename(t, client, "ou-ab12-99999999", "New"), "OrganizationalUnitNotFoundException",
		},
		"deleting the root":                    {remove(t, client, root), "InvalidInputException INVALID_PATTERN"},
		"deleting a unit that there is not":    {remove(t, client, "ou-ab12-99999999"), "OrganizationalUnitNotFoundException"},
		"deleting a unit with accounts in it":  {remove(t, client, legacy), "OrganizationalUnitNotEmptyException"},
		"deleting a unit with units in it":     {remove(t, client, "ou-ab12-11111111"), "OrganizationalUnitNotEmptyException"},
		"a move from where the account is not": {move(t, client, "222222222201", dev, root), "SourceParentNotFoundException"},
		"a move to where the account is":       {move(t, client, "222222222201", legacy, legacy), "DuplicateAccountException"},
		"a move to nowhere":                    {move(t, client, "222222222201", legacy, "ou-ab12-99999999"), "DestinationParentNotFoundException"},
		"tags on nothing": {func() error {
			_, err := client.TagResource(t.Context(), &organizations.TagResourceInput{
				ResourceId: aws.String("999999999999"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
			})
			return err
		}, "TargetNotFoundException"},
		"closing the management account": {func() error {
			_, err := client.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: aws.String("111111111111")})
			return err
		}, "ConstraintViolationException CANNOT_CLOSE_MANAGEMENT_ACCOUNT"},
		"closing a closed account": {func() error {
			_, err := client.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: aws.String("222222222301")})
			return err
		}, "AccountAlreadyClosedException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := judged(test.call()); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func move(t *testing.T, client *organizations.Client, account, from, to string) func() error {
	t.Helper()
	return func() error {
		_, err := client.MoveAccount(t.Context(), &organizations.MoveAccountInput{
			AccountId: &account, SourceParentId: &from, DestinationParentId: &to,
		})
		return err
	}
}

func rename(t *testing.T, client *organizations.Client, unit, name string) func() error {
	t.Helper()
	return func() error {
		_, err := client.UpdateOrganizationalUnit(t.Context(), &organizations.UpdateOrganizationalUnitInput{
			OrganizationalUnitId: &unit, Name: &name,
		})
		return err
	}
}

func remove(t *testing.T, client *organizations.Client, unit string) func() error {
	t.Helper()
	return func() error {
		_, err := client.DeleteOrganizationalUnit(t.Context(), &organizations.DeleteOrganizationalUnitInput{OrganizationalUnitId: &unit})
		return err
	}
}

func TestUnitsAreRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	made := func() string {
		out, err := client.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{
			ParentId: aws.String(root), Name: aws.String("New"),
		})
		if err != nil {
			t.Fatal(err)
		}
		return *out.OrganizationalUnit.Id
	}
	first := made()
	for _, name := range []string{"Newer", "Newer"} { // to what it is called already, too
		if err := rename(t, client, first, name)(); err != nil {
			t.Fatal(err)
		}
	}
	out, err := client.UpdateOrganizationalUnit(t.Context(), &organizations.UpdateOrganizationalUnitInput{OrganizationalUnitId: &first})
	if err != nil {
		t.Fatal(err)
	}
	if *out.OrganizationalUnit.Name != "Newer" || *out.OrganizationalUnit.Id != first {
		t.Errorf("without a name the answer is %s, %s", *out.OrganizationalUnit.Name, *out.OrganizationalUnit.Id)
	}
	second := made() // the name is free again
	if err := remove(t, client, second)(); err != nil {
		t.Fatal(err)
	}
	if got := judged(remove(t, client, second)()); got != "OrganizationalUnitNotFoundException" {
		t.Errorf("deleting it again: %s", got)
	}
	if third := made(); third == first || third == second {
		t.Errorf("an id was given twice: %s", third)
	}
}

func TestAnAccountOutlivesTheUnitThatItWasEnrolledThrough(t *testing.T) {
	t.Parallel()
	w, client := start(t)
	w.Do(func() {
		for _, a := range slices.Clone(w.Unit(dev).Accounts) {
			if err := w.Move(a, a.Parent, w.Root); err != nil {
				t.Error(err)
			}
		}
	})
	if err := remove(t, client, dev)(); err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(w.State())
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.New(sandbox.Options{World: file})
	if err != nil {
		t.Fatal(err)
	}
	for what, w := range map[string]*world.World{"the world": w, "the world made of its state": s.World()} {
		w.Do(func() {
			if a := w.Account("222222222112"); w.Unit(dev) != nil || a.Baseline.From != nil || a.Baseline.Drift != "DRIFTED" {
				t.Errorf("%s: the account's baseline is %+v", what, a.Baseline)
			}
		})
	}
}

func TestCreateAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ email, state, reason string }{
		"a free address":                         {"free@example.com", "SUCCEEDED", ""},
		"an address of another account":          {"LEGACY-1@example.com", "FAILED", "EMAIL_ALREADY_EXISTS"},
		"an address of a closed account":         {"closed-1@example.com", "FAILED", "EMAIL_ALREADY_EXISTS"},
		"an address that somebody has outside":   {"taken@example.com", "FAILED", "EMAIL_ALREADY_EXISTS"},
		"an address of the management account":   {"aws-management@example.com", "FAILED", "EMAIL_ALREADY_EXISTS"},
		"a free address that is like a used one": {"legacy-10@example.com", "SUCCEEDED", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, client := start(t)
				out, err := client.CreateAccount(t.Context(), &organizations.CreateAccountInput{
					Email: &test.email, AccountName: aws.String("new"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}},
				})
				if err != nil {
					t.Fatal(err)
				}
				if out.CreateAccountStatus.State != types.CreateAccountStateInProgress {
					t.Errorf("the first answer is %s", out.CreateAccountStatus.State)
				}
				time.Sleep(2 * time.Minute)
				end, err := client.DescribeCreateAccountStatus(t.Context(), &organizations.DescribeCreateAccountStatusInput{
					CreateAccountRequestId: out.CreateAccountStatus.Id,
				})
				if err != nil {
					t.Fatal(err)
				}
				s := end.CreateAccountStatus
				if diff := cmp.Diff([]string{test.state, test.reason}, []string{string(s.State), string(s.FailureReason)}); diff != "" {
					t.Errorf("state and reason (-want +got):\n%s", diff)
				}
				if test.state == "SUCCEEDED" {
					a := w.Account(*s.AccountId)
					if a.Parent != w.Root || !a.HasRole("OrganizationAccountAccessRole") || a.Tags["team"] != "a" {
						t.Errorf("the account is %+v", a)
					}
				}
			})
		})
	}
}

func TestAtMostFiveCreationsAtOnce(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	var last error
	for i := range 6 {
		_, last = client.CreateAccount(t.Context(), &organizations.CreateAccountInput{
			Email: aws.String(fmt.Sprintf("a%d@example.com", i)), AccountName: aws.String("new"),
		})
	}
	if got := judged(last); got != "ConstraintViolationException ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED" {
		t.Errorf("the sixth creation: %s", got)
	}
}

func TestCloseAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, client := start(t)
		id := aws.String("222222222201")
		if _, err := client.CloseAccount(t.Context(), &organizations.CloseAccountInput{AccountId: id}); err != nil {
			t.Fatal(err)
		}
		var states []types.AccountState
		for range 2 {
			out, err := client.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: id})
			if err != nil {
				t.Fatal(err)
			}
			states = append(states, out.Account.State)
			time.Sleep(time.Hour)
		}
		if diff := cmp.Diff([]types.AccountState{types.AccountStatePendingClosure, types.AccountStateSuspended}, states); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

func TestAccountsHaveAStateAndMaybeAStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ changes, want []string }{
		"both":       {nil, []string{"SUSPENDED", "SUSPENDED"}},
		"state only": {[]string{`"assumptions": {}`, `"assumptions": {"account-status-member": true}`}, []string{"SUSPENDED", ""}},
		"a closed one, which the older member does not know": {
			[]string{`"state": "SUSPENDED"`, `"state": "CLOSED"`}, []string{"CLOSED", "SUSPENDED"},
		},
	} {
		_, client := start(t, test.changes...)
		out, err := client.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String("222222222301")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, []string{string(out.Account.State), string(out.Account.Status)}); diff != "" {
			t.Errorf("%s: state and status (-want +got):\n%s", name, diff)
		}
	}
}

func TestMovedAccountsStandElsewhere(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	if err := move(t, client, "222222222201", legacy, dev)(); err != nil {
		t.Fatal(err)
	}
	out, err := client.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String("222222222201")})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(out.Account.Paths[0]); out.Account.Paths[0][n-len(dev)-14:] != dev+"/222222222201/" {
		t.Errorf("the account's paths are %v", out.Account.Paths)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	id := aws.String("222222222201")
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	_, err := client.TagResource(t.Context(), &organizations.TagResourceInput{ResourceId: id, Tags: []types.Tag{tag("a", "1"), tag("b", "2")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.UntagResource(t.Context(), &organizations.UntagResourceInput{ResourceId: id, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	pages := organizations.NewListTagsForResourcePaginator(client, &organizations.ListTagsForResourceInput{ResourceId: id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range page.Tags {
			got[*tag.Key] = *tag.Value
		}
	}
	if diff := cmp.Diff(map[string]string{"b": "2"}, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestCallsAreCountedWhereTheWorldSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for flipped, want := range map[string]int{"false": 20, "true": 5} {
			_, client := start(t, `"assumptions": {}`, `"assumptions": {"organizations-call-rate": `+flipped+`}`)
			taken := func() (n int) {
				for range 20 {
					_, err := client.ListRoots(t.Context(), nil)
					if err == nil {
						n++
					} else if judged(err) != "TooManyRequestsException" {
						t.Fatal(err)
					}
				}
				return n
			}
			if got := taken(); got != want {
				t.Errorf("%s: %d calls at once are taken, want %d", flipped, got, want)
			}
			time.Sleep(time.Second)
			if got := taken(); got != want {
				t.Errorf("%s: a second later %d calls are taken, want %d", flipped, got, want)
			}
		}
	})
}
