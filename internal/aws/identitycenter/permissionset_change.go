package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/permissionset"
	"github.com/vend-cli/vend/internal/retry"
)

// once is for calls that change something: the SDK tries them once, and whether they had an effect is looked up.
func once(o *ssoadmin.Options) { o.Retryer = aws.NopRetryer{} }

// Bring makes a permission set what is wanted, or makes a new one where have has no ARN; see [permissionset.Center]. It calls
// only for what differs. After a call that did not work it looks what the permission set is like by now, and goes on
// from there. The verdict is V2040 where AWS refuses.
func (c *Client) Bring(ctx context.Context, have, want permissionset.Set) (arn string, err error) {
	in, err := c.inside(ctx)
	if err != nil {
		return have.ARN, err
	}
	known := true // have is how the permission set is now
	err = patiently(ctx, mostWaits, func() error {
		if !known {
			found, err := c.again(ctx, in, have.ARN, want.Name)
			if err != nil {
				return err
			}
			have = found
		}
		known = false
		if have.ARN == "" {
			if have, err = in.create(ctx, want); err != nil {
				return err
			}
		}
		return in.change(ctx, have, want)
	})
	if err != nil {
		return have.ARN, fmt.Errorf("bring about permission set %s: %w", want.Name, err)
	}
	return have.ARN, nil
}

// again reads a permission set anew: by its ARN, where that is known, else by its name.
func (c *Client) again(ctx context.Context, in inside, arn, name string) (permissionset.Set, error) {
	if arn != "" {
		return in.whole(ctx, arn, nil)
	}
	found, err := c.PermissionSets(ctx, name)
	if err != nil || len(found) == 0 {
		return permissionset.Set{}, err
	}
	return found[0], nil
}

// create makes a permission set with all that one call takes.
func (in inside) create(ctx context.Context, want permissionset.Set) (permissionset.Set, error) {
	input := &ssoadmin.CreatePermissionSetInput{
		InstanceArn: in.instance, Name: &want.Name, Description: given(want.Description), RelayState: given(want.RelayState),
		SessionDuration: aws.String(permissionset.Spoken(want.Session)), Tags: tagged(want.Tags),
	}
	out, err := in.sso.CreatePermissionSet(ctx, input, once)
	switch {
	case err != nil:
		return permissionset.Set{}, judge("sso.CreatePermissionSet", err)
	case out.PermissionSet == nil:
		return permissionset.Set{}, errors.New("create permission set: AWS's answer has no permission set in it")
	}
	return permissionset.Set{
		ARN: aws.ToString(out.PermissionSet.PermissionSetArn), Name: want.Name, Description: want.Description,
		Session: want.Session, RelayState: want.RelayState, Tags: want.Tags,
	}, nil
}

// change makes one call for each difference; those that go into one call together are made together.
func (in inside) change(ctx context.Context, have, want permissionset.Set) error {
	differences := have.Differences(want)
	if slices.ContainsFunc(differences, ofTheSetItself) {
		if err := in.update(ctx, have, want); err != nil {
			return err
		}
	}
	for _, d := range differences {
		var err error
		switch d.Member {
		case permissionset.Managed:
			err = in.changeManaged(ctx, have.ARN, d)
		case permissionset.Customer:
			err = in.changeCustomer(ctx, have.ARN, d)
		case permissionset.Inline:
			err = in.changeInline(ctx, have.ARN, d)
		case permissionset.Limit:
			err = in.changeBoundary(ctx, have.ARN, want.Boundary)
		}
		if err != nil {
			return err
		}
	}
	return in.changeTags(ctx, have, want)
}

func ofTheSetItself(d permissionset.Difference) bool {
	return slices.Contains([]string{permissionset.Description, permissionset.Session, permissionset.RelayState}, d.Member)
}

// update sends all three members, also those that stay: users report that a relay state which is not sent goes. A
// description that is not wanted is sent as it is.
func (in inside) update(ctx context.Context, have, want permissionset.Set) error {
	description := want.Description
	if description == "" {
		description = have.Description
	}
	_, err := in.sso.UpdatePermissionSet(ctx, &ssoadmin.UpdatePermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &have.ARN, Description: given(description), RelayState: given(want.RelayState),
		SessionDuration: aws.String(permissionset.Spoken(want.Session)),
	}, once)
	return judge("sso.UpdatePermissionSet", err)
}

func (in inside) changeManaged(ctx context.Context, arn string, d permissionset.Difference) error {
	if d.To == "" {
		_, err := in.sso.DetachManagedPolicyFromPermissionSet(ctx, &ssoadmin.DetachManagedPolicyFromPermissionSetInput{
			InstanceArn: in.instance, PermissionSetArn: &arn, ManagedPolicyArn: in.managed(d.From),
		}, once)
		return judge("sso.DetachManagedPolicyFromPermissionSet", err)
	}
	_, err := in.sso.AttachManagedPolicyToPermissionSet(ctx, &ssoadmin.AttachManagedPolicyToPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &arn, ManagedPolicyArn: in.managed(d.To),
	}, once)
	return judge("sso.AttachManagedPolicyToPermissionSet", err)
}

// managed is the ARN of a policy of AWS, in the partition that the instance is in.
func (in inside) managed(name string) *string {
	partition, _, _ := strings.Cut(strings.TrimPrefix(*in.instance, "arn:"), ":")
	return aws.String("arn:" + partition + ":iam::aws:policy/" + name)
}

func (in inside) changeCustomer(ctx context.Context, arn string, d permissionset.Difference) error {
	if d.To == "" {
		_, err := in.sso.DetachCustomerManagedPolicyReferenceFromPermissionSet(ctx, &ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetInput{
			InstanceArn: in.instance, PermissionSetArn: &arn, CustomerManagedPolicyReference: reference(permissionset.Cut(d.From)),
		}, once)
		return judge("sso.DetachCustomerManagedPolicyReferenceFromPermissionSet", err)
	}
	_, err := in.sso.AttachCustomerManagedPolicyReferenceToPermissionSet(ctx, &ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &arn, CustomerManagedPolicyReference: reference(permissionset.Cut(d.To)),
	}, once)
	return judge("sso.AttachCustomerManagedPolicyReferenceToPermissionSet", err)
}

func reference(p permissionset.Policy) *types.CustomerManagedPolicyReference {
	return &types.CustomerManagedPolicyReference{Name: &p.Name, Path: &p.Path}
}

func (in inside) changeInline(ctx context.Context, arn string, d permissionset.Difference) error {
	if d.To == "" {
		_, err := in.sso.DeleteInlinePolicyFromPermissionSet(ctx, &ssoadmin.DeleteInlinePolicyFromPermissionSetInput{
			InstanceArn: in.instance, PermissionSetArn: &arn,
		}, once)
		return judge("sso.DeleteInlinePolicyFromPermissionSet", err)
	}
	_, err := in.sso.PutInlinePolicyToPermissionSet(ctx, &ssoadmin.PutInlinePolicyToPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &arn, InlinePolicy: &d.To,
	}, once)
	return judge("sso.PutInlinePolicyToPermissionSet", err)
}

func (in inside) changeBoundary(ctx context.Context, arn string, want permissionset.Boundary) error {
	if want == (permissionset.Boundary{}) {
		_, err := in.sso.DeletePermissionsBoundaryFromPermissionSet(ctx, &ssoadmin.DeletePermissionsBoundaryFromPermissionSetInput{
			InstanceArn: in.instance, PermissionSetArn: &arn,
		}, once)
		return judge("sso.DeletePermissionsBoundaryFromPermissionSet", err)
	}
	boundary := &types.PermissionsBoundary{}
	if want.Customer.Name != "" {
		boundary.CustomerManagedPolicyReference = reference(want.Customer)
	} else {
		boundary.ManagedPolicyArn = in.managed(want.Managed)
	}
	_, err := in.sso.PutPermissionsBoundaryToPermissionSet(ctx, &ssoadmin.PutPermissionsBoundaryToPermissionSetInput{
		InstanceArn: in.instance, PermissionSetArn: &arn, PermissionsBoundary: boundary,
	}, once)
	return judge("sso.PutPermissionsBoundaryToPermissionSet", err)
}

// changeTags takes tags away before it sets others, since their number is limited.
func (in inside) changeTags(ctx context.Context, have, want permissionset.Set) error {
	var gone []string
	set := map[string]string{}
	for key := range have.Tags {
		if _, wanted := want.Tags[key]; !wanted {
			gone = append(gone, key)
		}
	}
	slices.Sort(gone)
	for key, value := range want.Tags {
		if is, there := have.Tags[key]; is != value || !there {
			set[key] = value
		}
	}
	if len(gone) > 0 {
		_, err := in.sso.UntagResource(ctx, &ssoadmin.UntagResourceInput{InstanceArn: in.instance, ResourceArn: &have.ARN, TagKeys: gone}, once)
		if err != nil {
			return judge("sso.UntagResource", err)
		}
	}
	if len(set) > 0 {
		_, err := in.sso.TagResource(ctx, &ssoadmin.TagResourceInput{InstanceArn: in.instance, ResourceArn: &have.ARN, Tags: tagged(set)}, once)
		return judge("sso.TagResource", err)
	}
	return nil
}

func tagged(tags map[string]string) []types.Tag {
	var all []types.Tag
	for key, value := range tags {
		all = append(all, types.Tag{Key: &key, Value: &value})
	}
	slices.SortFunc(all, func(a, b types.Tag) int { return strings.Compare(*a.Key, *b.Key) })
	return all
}

// given is nil for a member that is not sent.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// How often is tried again: a wait for about ten minutes, what goes on in thousands of accounts for about five hours, and
// what does not work a few times.
const (
	mostWaits  = 60
	mostPolls  = 1800
	mostErrors = 5
)

// patiently tries until op has nothing left to do, or it is of no use to go on. op looks before it acts.
func patiently(ctx context.Context, waits int, op func() error) error {
	failures := 0
	return retry.Do(ctx, op, func(err error) bool {
		refused, wait := account.Refused{}, account.Wait{}
		switch {
		case errors.As(err, &refused):
			return true
		case errors.As(err, &wait):
			waits--
			return waits <= 0
		}
		failures++
		return failures >= mostErrors
	})
}
