package dynamodb

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// settings are what is said about a table, and changes nothing about its items.
type settings struct {
	protected  bool
	billing    string
	billedAt   time.Time // since when it is PAY_PER_REQUEST
	throughput *throughputInput
	class      string
	encryption *encryption
	tags       map[string]string

	ttlAttribute string
	ttlStatus    string // ENABLING, ENABLED, DISABLING, DISABLED

	recoverySince time.Time // zero: no point-in-time recovery
	recoveryDays  int64
}

type tag struct{ Key, Value string }

type encryption struct{ Status, SSEType, KMSMasterKeyArn string }

func newSettings(r *region, in *createTableInput) settings {
	s := settings{
		protected: in.DeletionProtectionEnabled, class: in.TableClass, tags: map[string]string{}, ttlStatus: "DISABLED",
	}
	s.bill(in.BillingMode, in.ProvisionedThroughput, r.world.Now())
	for _, t := range in.Tags {
		s.tags[t.Key] = t.Value
	}
	if e := in.SSESpecification; e != nil && e.Enabled {
		key := e.KMSMasterKeyID
		if key == "" {
			key = r.world.UUID("kms key")
		}
		if !strings.HasPrefix(key, "arn:") {
			key = fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", r.region, r.account, key)
		}
		s.encryption = &encryption{Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: key}
	}
	return s
}

func (s *settings) bill(mode string, t *throughputInput, now time.Time) {
	s.billing, s.throughput = mode, t
	if mode == "PAY_PER_REQUEST" {
		s.billedAt = now
	}
}

type timeToLive struct {
	AttributeName string
	Enabled       *bool
}

type updateTimeToLiveInput struct {
	TableName               string
	TimeToLiveSpecification *timeToLive
}

type updateTimeToLiveOutput struct{ TimeToLiveSpecification timeToLive }

// updateTimeToLive follows DynamoDB API Reference, UpdateTimeToLive; no second change is taken while one is under way.
// Expired items stay: AWS deletes them "within a few days".
func (r *region) updateTimeToLive(in *updateTimeToLiveInput) (*updateTimeToLiveOutput, error) {
	c := constraints{}
	c.tableName(in.TableName)
	c.present("timeToLiveSpecification", in.TimeToLiveSpecification != nil)
	if spec := in.TimeToLiveSpecification; spec != nil {
		c.present("timeToLiveSpecification.attributeName", spec.AttributeName != "")
		c.present("timeToLiveSpecification.enabled", spec.Enabled != nil)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := r.described(in.TableName)
	if err != nil {
		return nil, err
	}
	s, enable := &t.settings, *in.TimeToLiveSpecification.Enabled
	switch {
	case t.status == "CREATING" || t.status == "DELETING":
		return nil, t.idle()
	case s.ttlStatus == "ENABLING" || s.ttlStatus == "DISABLING":
		return nil, invalid("Time to live has been modified multiple times within a fixed interval")
	case enable && s.ttlStatus == "ENABLED" && s.ttlAttribute == in.TimeToLiveSpecification.AttributeName:
		return nil, invalid("TimeToLive is already enabled")
	case enable && s.ttlStatus == "ENABLED":
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", s.ttlAttribute)
	case !enable && s.ttlStatus == "DISABLED":
		return nil, invalid("TimeToLive is already disabled")
	case !enable && s.ttlAttribute != in.TimeToLiveSpecification.AttributeName:
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", s.ttlAttribute)
	}
	s.ttlAttribute = in.TimeToLiveSpecification.AttributeName
	during, then := "ENABLING", "ENABLED"
	if !enable {
		during, then = "DISABLING", "DISABLED"
	}
	s.ttlStatus = during
	r.world.After(settling, func() { s.ttlStatus = then })
	return &updateTimeToLiveOutput{*in.TimeToLiveSpecification}, nil
}

type describeTimeToLiveOutput struct {
	TimeToLiveDescription struct {
		TimeToLiveStatus string
		AttributeName    string `json:",omitempty"`
	}
}

// describeTimeToLive follows DynamoDB API Reference, DescribeTimeToLive.
func (r *region) describeTimeToLive(in *tableInput) (*describeTimeToLiveOutput, error) {
	t, err := r.controlled(in.TableName)
	if err != nil {
		return nil, err
	}
	out := &describeTimeToLiveOutput{}
	out.TimeToLiveDescription.TimeToLiveStatus = t.settings.ttlStatus
	if t.settings.ttlStatus != "DISABLED" {
		out.TimeToLiveDescription.AttributeName = t.settings.ttlAttribute
	}
	return out, nil
}

type tagResourceInput struct {
	ResourceArn string
	Tags        []tag
}

type untagResourceInput struct {
	ResourceArn string
	TagKeys     []string
}

type listTagsInput struct{ ResourceArn, NextToken string }

type listTagsOutput struct{ Tags []tag }

type nothing struct{}

// tagged finds the table of a request about tags.
func (r *region) tagged(arn string) (*table, error) {
	if arn == "" {
		return nil, invalid("Value null at 'resourceArn' failed to satisfy constraint: Member must not be null")
	}
	name, ok := strings.CutPrefix(arn, r.tableARN(""))
	if !ok {
		return nil, invalid("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	if t := r.tables[name]; t != nil {
		return t, nil
	}
	return nil, notFound("Requested resource not found: ResourcArn: %s not found", arn) // spelt as AWS spells it
}

func checkTags(tags []tag) error {
	c := constraints{}
	seen := map[string]bool{}
	for i, t := range tags {
		at := fmt.Sprintf("tags.%d.member", i+1)
		c.Required(at+".key", t.Key)
		c.Length(at+".key", t.Key, 1, 128)
		c.Length(at+".value", t.Value, 0, 256)
		if seen[t.Key] {
			return invalidParameter("Duplicate tag key: %s", t.Key)
		}
		seen[t.Key] = true
	}
	if len(tags) > maxTags {
		return invalidParameter("Too many tags: a table has at most %d", maxTags)
	}
	return c.err()
}

// tagResource follows DynamoDB API Reference, TagResource.
func (r *region) tagResource(in *tagResourceInput) (*nothing, error) {
	t, err := r.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, invalid("Atleast one Tag needs to be provided as Input.")
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	merged := maps.Clone(t.settings.tags)
	for _, g := range in.Tags {
		merged[g.Key] = g.Value
	}
	if len(merged) > maxTags {
		return nil, invalidParameter("Too many tags: a table has at most %d", maxTags)
	}
	t.settings.tags = merged
	return &nothing{}, nil
}

// untagResource follows DynamoDB API Reference, UntagResource.
func (r *region) untagResource(in *untagResourceInput) (*nothing, error) {
	t, err := r.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 {
		return nil, invalid("Atleast one Tag Key needs to be provided as Input.")
	}
	for _, key := range in.TagKeys {
		delete(t.settings.tags, key)
	}
	return &nothing{}, nil
}

// listTagsOfResource follows DynamoDB API Reference, ListTagsOfResource; all tags fit in one page.
func (r *region) listTagsOfResource(in *listTagsInput) (*listTagsOutput, error) {
	t, err := r.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if in.NextToken != "" {
		return nil, &wire.Unsupported{What: "a NextToken of ListTagsOfResource, which never gives one"}
	}
	out := &listTagsOutput{Tags: []tag{}}
	for _, key := range slices.Sorted(maps.Keys(t.settings.tags)) {
		out.Tags = append(out.Tags, tag{Key: key, Value: t.settings.tags[key]})
	}
	return out, nil
}
