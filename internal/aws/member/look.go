package member

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/vend-cli/vend/internal/precheck"
)

// What Control Tower's own things in an account are called (AWS Control Tower User Guide, "Guidance for creating and
// modifying AWS Control Tower resources"). The role with that ending is made by hand, on AWS's advice.
const (
	ofControlTower = "aws-controltower-"
	stacksOf       = "StackSet-AWSControlTowerBP-"
	byHand         = "-customer-created"
)

// Look finds what is there of a kind, in a Region; for roles the Region is empty.
func (a *Account) Look(ctx context.Context, region string, kind precheck.Kind) ([]precheck.Thing, error) {
	look, ok := looks[kind]
	if !ok {
		return nil, fmt.Errorf("look for %s: nobody knows how", kind)
	}
	there := a.cfg.Copy()
	if region != "" {
		there.Region = region
	}
	found, err := look.find(ctx, there)
	if err != nil {
		return nil, fmt.Errorf("look for %s in account %s: %w", kind, a.id, judge(look.operation, err))
	}
	return found, nil
}

type look struct {
	operation string
	find      func(context.Context, aws.Config) ([]precheck.Thing, error)
}

var looks = map[precheck.Kind]look{
	precheck.Reachable:   {"sts.GetCallerIdentity", reach},
	precheck.Recorders:   {"config.DescribeConfigurationRecorders", recorders},
	precheck.Channels:    {"config.DescribeDeliveryChannels", channels},
	precheck.Aggregators: {"config.DescribeAggregationAuthorizations", aggregators},
	precheck.LogGroups:   {"logs.DescribeLogGroups", logGroups},
	precheck.Topics:      {"sns.ListTopics", topics},
	precheck.Stacks:      {"cloudformation.ListStacks", stacks},
	precheck.DefaultVPC:  {"ec2.DescribeVpcs", defaultVPC},
	precheck.Roles:       {"iam.ListRoles", roles},
}

func reach(ctx context.Context, cfg aws.Config) ([]precheck.Thing, error) {
	_, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	return nil, err
}

// recorders finds customer managed recorders, whether or not they record (AWS Config API Reference,
// DescribeConfigurationRecorders).
func recorders(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	out, err := configservice.NewFromConfig(cfg).DescribeConfigurationRecorders(ctx, &configservice.DescribeConfigurationRecordersInput{})
	if err != nil {
		return nil, err
	}
	for _, r := range out.ConfigurationRecorders {
		found = append(found, precheck.Thing{Name: aws.ToString(r.Name), Detail: aws.ToString(r.RoleARN)})
	}
	return found, nil
}

func channels(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	out, err := configservice.NewFromConfig(cfg).DescribeDeliveryChannels(ctx, &configservice.DescribeDeliveryChannelsInput{})
	if err != nil {
		return nil, err
	}
	for _, c := range out.DeliveryChannels {
		found = append(found, precheck.Thing{Name: aws.ToString(c.Name)})
	}
	return found, nil
}

// aggregators finds whom the account lets aggregate its Config data: the account, and the Region in which it may (AWS Config
// API Reference, DescribeAggregationAuthorizations).
func aggregators(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	client := configservice.NewFromConfig(cfg)
	err = everyPage(func(token *string) (*string, error) {
		page, err := client.DescribeAggregationAuthorizations(ctx, &configservice.DescribeAggregationAuthorizationsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, a := range page.AggregationAuthorizations {
			found = append(found, precheck.Thing{Name: aws.ToString(a.AuthorizedAccountId), Detail: aws.ToString(a.AuthorizedAwsRegion)})
		}
		return page.NextToken, nil
	})
	return found, err
}

func logGroups(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	client := cloudwatchlogs.NewFromConfig(cfg)
	for _, prefix := range []string{"aws-controltower/", "/aws/lambda/" + ofControlTower} {
		err := everyPage(func(token *string) (*string, error) {
			page, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix, NextToken: token})
			if err != nil {
				return nil, err
			}
			for _, g := range page.LogGroups {
				found = append(found, precheck.Thing{Name: aws.ToString(g.LogGroupName)})
			}
			return page.NextToken, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func topics(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	client := sns.NewFromConfig(cfg)
	err = everyPage(func(token *string) (*string, error) {
		page, err := client.ListTopics(ctx, &sns.ListTopicsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, t := range page.Topics {
			arn := aws.ToString(t.TopicArn)
			if strings.HasPrefix(arn[strings.LastIndex(arn, ":")+1:], ofControlTower) {
				found = append(found, precheck.Thing{Name: arn})
			}
		}
		return page.NextToken, nil
	})
	return found, err
}

// stacks finds the stacks of Control Tower's stack sets that are there in whatever state; those that were deleted are
// listed for 90 days, and left out.
func stacks(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	client := cloudformation.NewFromConfig(cfg)
	err = everyPage(func(token *string) (*string, error) {
		page, err := client.ListStacks(ctx, &cloudformation.ListStacksInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, s := range page.StackSummaries {
			if name := aws.ToString(s.StackName); strings.HasPrefix(name, stacksOf) && s.StackStatus != cfntypes.StackStatusDeleteComplete {
				found = append(found, precheck.Thing{Name: name})
			}
		}
		return page.NextToken, nil
	})
	return found, err
}

// defaultVPC finds the default VPC if anything is connected to it.
func defaultVPC(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	client := ec2.NewFromConfig(cfg)
	filter := func(name, value string) []ec2types.Filter {
		return []ec2types.Filter{{Name: aws.String(name), Values: []string{value}}}
	}
	err = everyPage(func(token *string) (*string, error) {
		page, err := client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: filter("is-default", "true"), NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, v := range page.Vpcs {
			id := aws.ToString(v.VpcId)
			used, err := inUse(ctx, client, filter("vpc-id", id))
			if err != nil {
				return nil, err
			}
			if used {
				found = append(found, precheck.Thing{Name: id})
			}
		}
		return page.NextToken, nil
	})
	return found, err
}

func inUse(ctx context.Context, client *ec2.Client, inVPC []ec2types.Filter) (used bool, err error) {
	err = everyPage(func(token *string) (*string, error) {
		page, err := client.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: inVPC, MaxResults: aws.Int32(5), NextToken: token})
		switch {
		case err != nil:
			return nil, err
		case len(page.NetworkInterfaces) > 0:
			used = true
			return nil, nil // one is enough: no page after this is asked for
		}
		return page.NextToken, nil
	})
	return used, err
}

func roles(ctx context.Context, cfg aws.Config) (found []precheck.Thing, err error) {
	client := iam.NewFromConfig(cfg)
	err = everyPage(func(token *string) (*string, error) {
		page, err := client.ListRoles(ctx, &iam.ListRolesInput{Marker: token})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Roles {
			if name := aws.ToString(r.RoleName); strings.HasPrefix(name, ofControlTower) && !strings.HasSuffix(name, byHand) {
				found = append(found, precheck.Thing{Name: name})
			}
		}
		return page.Marker, nil
	})
	return found, err
}
