package configservice

import (
	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type channelInput struct {
	Name string `json:"DeliveryChannelName"`
}

func noSuchChannel(name string) error {
	return wire.Fail("NoSuchDeliveryChannelException", "Cannot find delivery channel with specified name '"+name+"'.")
}

type channel struct {
	Name   string `json:"name"`
	Bucket string `json:"s3BucketName"`
}

type channelsOutput struct {
	Channels []channel `json:"DeliveryChannels"`
}

type channelNames struct {
	Names []string `json:"DeliveryChannelNames"`
}

// channel finds the one that there may be in a Region of an account, and refuses to speak of others.
func (s *service) channel(p place, in *channelNames) (world.Recorder, error) {
	r := s.w.Recorder(p.Account, p.region)
	for _, name := range in.Names {
		if name != r.Channel {
			return r, noSuchChannel(name)
		}
	}
	return r, nil
}

// describeDeliveryChannels is DescribeDeliveryChannels.
func (s *service) describeDeliveryChannels(p place, in *channelNames) (*channelsOutput, error) {
	r, err := s.channel(p, in)
	if err != nil {
		return nil, err
	}
	out := &channelsOutput{Channels: []channel{}}
	if r.Channel != "" {
		bucket := "config-bucket-" + p.ID
		if r.ControlTower {
			bucket = "aws-controltower-logs-" + s.logArchive() + "-" + s.w.Region
		}
		out.Channels = append(out.Channels, channel{r.Channel, bucket})
	}
	return out, nil
}

type delivery struct {
	Status string `json:"lastStatus"`
}

type stream struct {
	Status  string    `json:"lastStatus"`
	Changed wire.Time `json:"lastStatusChangeTime"`
}

type channelStatus struct {
	Name     string   `json:"name"`
	Snapshot struct{} `json:"configSnapshotDeliveryInfo"` // nobody asked for one
	History  delivery `json:"configHistoryDeliveryInfo"`
	Stream   stream   `json:"configStreamDeliveryInfo"`
}

type channelStatusOutput struct {
	Statuses []channelStatus `json:"DeliveryChannelsStatus"`
}

// describeDeliveryChannelStatus is DescribeDeliveryChannelStatus: the history has been delivered, and no channel has a topic.
func (s *service) describeDeliveryChannelStatus(p place, in *channelNames) (*channelStatusOutput, error) {
	r, err := s.channel(p, in)
	if err != nil {
		return nil, err
	}
	out := &channelStatusOutput{Statuses: []channelStatus{}}
	if r.Channel != "" {
		out.Statuses = append(out.Statuses, channelStatus{
			Name: r.Channel, History: delivery{"Success"}, Stream: stream{"Not_Applicable", wire.Time{Time: r.Since}},
		})
	}
	return out, nil
}

// logArchive is the id of the account where Control Tower keeps its logs.
func (s *service) logArchive() string {
	for _, a := range s.w.Accounts() {
		if a.Name == "Log Archive" {
			return a.ID
		}
	}
	return s.w.Management.ID
}

// deleteDeliveryChannel is DeleteDeliveryChannel: not while its recorder is running.
func (s *service) deleteDeliveryChannel(p place, in *channelInput) (*struct{}, error) {
	var invalid wire.Invalid
	invalid.Required("deliveryChannelName", in.Name)
	invalid.Length("deliveryChannelName", in.Name, 1, 256)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	switch r := s.w.Recorder(p.Account, p.region); {
	case r.Channel != in.Name:
		return nil, noSuchChannel(in.Name)
	case r.ControlTower:
		return nil, protected()
	case r.Recording:
		return nil, wire.Fail("LastDeliveryChannelDeleteFailedException",
			"Failed to delete last specified delivery channel with name '"+in.Name+"', because there is a running configuration recorder.")
	}
	p.DeliveryChannels = without(p.DeliveryChannels, p.region)
	return nil, nil
}

type authorization struct {
	ARN     string    `json:"AggregationAuthorizationArn"`
	Account string    `json:"AuthorizedAccountId"`
	Region  string    `json:"AuthorizedAwsRegion"`
	Created wire.Time `json:"CreationTime"`
}

type authorizationsOutput struct {
	Authorizations []authorization `json:"AggregationAuthorizations"`
	NextToken      string          `json:"NextToken,omitempty"`
}

// describeAggregationAuthorizations is DescribeAggregationAuthorizations: there is at most one, of the management account.
func (s *service) describeAggregationAuthorizations(p place, in *struct {
	Limit     *int   `json:"Limit"`
	NextToken string `json:"NextToken"`
},
) (*authorizationsOutput, error) {
	var invalid wire.Invalid
	invalid.Range("limit", in.Limit, 0, 100)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if in.NextToken != "" {
		return nil, wire.Fail("InvalidNextTokenException", "The specified nextToken for pagination is not valid.")
	}
	out := &authorizationsOutput{Authorizations: []authorization{}}
	if s.authorized(p) {
		out.Authorizations = append(out.Authorizations, authorization{
			ARN:     "arn:aws:config:" + p.region + ":" + p.ID + ":aggregation-authorization/" + s.w.Management.ID + "/" + s.w.Region,
			Account: s.w.Management.ID, Region: s.w.Region, Created: wire.Time{Time: p.Joined},
		})
	}
	return out, nil
}

func (s *service) authorized(p place) bool {
	return len(without(append([]string{}, p.Aggregations...), p.region)) < len(p.Aggregations)
}

var accountID = pattern.Compile(`\d{12}`)

// deleteAggregationAuthorization is DeleteAggregationAuthorization; of one that there is not it says nothing.
func (s *service) deleteAggregationAuthorization(p place, in *struct {
	Account string `json:"AuthorizedAccountId"`
	Region  string `json:"AuthorizedAwsRegion"`
},
) (*struct{}, error) {
	var invalid wire.Invalid
	invalid.Required("authorizedAccountId", in.Account)
	invalid.Pattern("authorizedAccountId", in.Account, accountID)
	invalid.Required("authorizedAwsRegion", in.Region)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if in.Account == s.w.Management.ID && in.Region == s.w.Region {
		p.Aggregations = without(p.Aggregations, p.region)
	}
	return nil, nil
}
