package identitystore_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

func start(t *testing.T) (*world.IdentityCenter, *identitystore.Client) {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s.World().IdentityCenter, identitystore.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sandbox.test"), HTTPClient: &http.Client{Transport: s.RoundTripper()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	})
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func by(path, value string) types.AlternateIdentifier {
	return &types.AlternateIdentifierMemberUniqueAttribute{Value: types.UniqueAttribute{
		AttributePath: &path, AttributeValue: document.NewLazyDocument(value),
	}}
}

func TestNothingIsKnownOfANameThatNobodyHas(t *testing.T) {
	t.Parallel()
	ic, client := start(t)
	_, err := client.GetGroupId(t.Context(), &identitystore.GetGroupIdInput{IdentityStoreId: &ic.StoreID, AlternateIdentifier: by("displayName", "Nobody")})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) || missing.ResourceType != types.ResourceTypeGroup || missing.ResourceId != nil {
		t.Fatalf("got %v, %+v; a name is no ResourceId", err, missing)
	}
	if missing.ErrorMessage() != "GROUP not found." || missing.RequestId == nil {
		t.Errorf("message %q, request %v", missing.ErrorMessage(), missing.RequestId)
	}
}

func TestIDsAreFoundByName(t *testing.T) {
	t.Parallel()
	ic, client := start(t)
	auditors, auditor := ic.GroupNamed("Auditors").ID, ic.UserNamed("auditor@example.com").ID
	for name, test := range map[string]struct {
		kind string
		by   types.AlternateIdentifier
		want string
	}{
		"a group by its name":               {"group", by("displayName", "Auditors"), auditors},
		"a group by its name in other case": {"group", by("displayName", "auditors"), auditors},
		"a group that there is not":         {"group", by("displayName", "Nobody"), "ResourceNotFoundException"},
		"a group by something else":         {"group", by("description", "x"), "ValidationException"},
		"a user by its name":                {"user", by("userName", "auditor@example.com"), auditor},
		"a user by its address":             {"user", by("emails.value", "auditor@example.com"), auditor},
		"a user that there is not":          {"user", by("userName", "nobody"), "ResourceNotFoundException"},
		"a group by another directory's id": {"group", &types.AlternateIdentifierMemberExternalId{Value: types.ExternalId{Id: aws.String("1"), Issuer: aws.String("x")}}, "ResourceNotFoundException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			var err error
			if test.kind == "group" {
				out, e := client.GetGroupId(t.Context(), &identitystore.GetGroupIdInput{IdentityStoreId: &ic.StoreID, AlternateIdentifier: test.by})
				if err = e; err == nil {
					got = *out.GroupId
				}
			} else {
				out, e := client.GetUserId(t.Context(), &identitystore.GetUserIdInput{IdentityStoreId: &ic.StoreID, AlternateIdentifier: test.by})
				if err = e; err == nil {
					got = *out.UserId
				}
			}
			if err != nil {
				got = code(err)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	ic, client := start(t)
	created, err := client.CreateGroup(t.Context(), &identitystore.CreateGroupInput{IdentityStoreId: &ic.StoreID, DisplayName: aws.String("Late")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateGroup(t.Context(), &identitystore.CreateGroupInput{IdentityStoreId: &ic.StoreID, DisplayName: aws.String("LATE")})
	var conflict *types.ConflictException
	if !errors.As(err, &conflict) || conflict.Reason != types.ConflictExceptionReasonUniquenessConstraintViolation {
		t.Errorf("a name given twice: %v", err)
	}
	listed, err := client.ListGroups(t.Context(), &identitystore.ListGroupsInput{
		IdentityStoreId: &ic.StoreID,
		Filters:         []types.Filter{{AttributePath: aws.String("DisplayName"), AttributeValue: aws.String("Late")}}, //nolint:staticcheck // deprecated, and served
	})
	if err != nil || len(listed.Groups) != 1 || *listed.Groups[0].GroupId != *created.GroupId {
		t.Errorf("the group is listed as %+v, %v", listed, err)
	}
	shown, err := client.DescribeGroup(t.Context(), &identitystore.DescribeGroupInput{IdentityStoreId: &ic.StoreID, GroupId: created.GroupId})
	if err != nil || *shown.DisplayName != "Late" {
		t.Errorf("the group is %+v, %v", shown, err)
	}
	user := ic.UserNamed("auditor@example.com").ID
	_, err = client.CreateGroupMembership(t.Context(), &identitystore.CreateGroupMembershipInput{
		IdentityStoreId: &ic.StoreID, GroupId: created.GroupId, MemberId: &types.MemberIdMemberUserId{Value: user},
	})
	if err != nil {
		t.Fatal(err)
	}
	members, err := client.ListGroupMemberships(t.Context(), &identitystore.ListGroupMembershipsInput{
		IdentityStoreId: &ic.StoreID, GroupId: created.GroupId,
	})
	if err != nil || len(members.GroupMemberships) != 1 {
		t.Errorf("members: %+v, %v", members, err)
	}
	if _, err := client.DeleteGroup(t.Context(), &identitystore.DeleteGroupInput{IdentityStoreId: &ic.StoreID, GroupId: created.GroupId}); err != nil {
		t.Fatal(err)
	}
	again, err := client.CreateGroup(t.Context(), &identitystore.CreateGroupInput{IdentityStoreId: &ic.StoreID, DisplayName: aws.String("Late")})
	if err != nil || *again.GroupId == *created.GroupId {
		t.Errorf("a group that was deleted and made again is the same: %v, %v", again, err)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	ic, client := start(t)
	in := &identitystore.CreateUserInput{
		IdentityStoreId: &ic.StoreID, UserName: aws.String("new@example.com"), DisplayName: aws.String("New User"),
		Name:   &types.Name{GivenName: aws.String("New"), FamilyName: aws.String("User")},
		Emails: []types.Email{{Value: aws.String("new@example.com"), Primary: true}},
	}
	created, err := client.CreateUser(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateUser(t.Context(), in); code(err) != "ConflictException" {
		t.Errorf("a name given twice: %v", err)
	}
	shown, err := client.DescribeUser(t.Context(), &identitystore.DescribeUserInput{IdentityStoreId: &ic.StoreID, UserId: created.UserId})
	if err != nil || *shown.Emails[0].Value != "new@example.com" || *shown.Name.FamilyName != "User" {
		t.Errorf("the user is %+v, %v", shown, err)
	}
	listed, err := client.ListUsers(t.Context(), &identitystore.ListUsersInput{IdentityStoreId: &ic.StoreID, MaxResults: aws.Int32(3)})
	if err != nil || len(listed.Users) != 3 || listed.NextToken == nil {
		t.Errorf("the first page of users is %+v, %v", listed, err)
	}
	question := &identitystore.IsMemberInGroupsInput{
		IdentityStoreId: &ic.StoreID, GroupIds: []string{ic.GroupNamed("Auditors").ID, ic.GroupNamed("Platform Team").ID},
		MemberId: &types.MemberIdMemberUserId{Value: ic.UserNamed("auditor@example.com").ID},
	}
	member, err := client.IsMemberInGroups(t.Context(), question)
	if err != nil || !member.Results[0].MembershipExists || member.Results[1].MembershipExists {
		t.Errorf("memberships: %+v, %v", member, err)
	}
	if _, err := client.DeleteUser(t.Context(), &identitystore.DeleteUserInput{IdentityStoreId: &ic.StoreID, UserId: created.UserId}); err != nil {
		t.Error(err)
	}
	if _, err := client.DescribeUser(t.Context(), &identitystore.DescribeUserInput{IdentityStoreId: aws.String("d-0000000000"), UserId: created.UserId}); code(err) != "ResourceNotFoundException" {
		t.Errorf("another store: %v", err)
	}
}
