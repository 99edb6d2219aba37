package configservice

import (
	"cmp"
	"encoding/json"

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

type frequency struct {
	Delivery string `json:"deliveryFrequency,omitempty"`
}

type channel struct {
	Name     string     `json:"name"`
	Bucket   string     `json:"s3BucketName"`
	Prefix   string     `json:"s3KeyPrefix,omitempty"`
	Key      string     `json:"s3KmsKeyArn,omitempty"`
	Topic    string     `json:"snsTopicARN,omitempty"`
	Snapshot *frequency `json:"configSnapshotDeliveryProperties,omitempty"`
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
	if r.Channel == "" {
		return out, nil
	}
	shown := channel{Name: r.Channel, Bucket: "config-bucket-" + p.ID}
	switch {
	case r.ControlTower:
		shown.Bucket = "aws-controltower-logs-" + s.logArchive() + "-" + s.w.Region
	case r.ChannelShown != nil:
		if err := json.Unmarshal(r.ChannelShown, &shown); err != nil {
			return nil, err
		}
	}
	out.Channels = append(out.Channels, shown)
	return out, nil
}

var (
	keyARN   = pattern.Compile(`^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+$`)
	topicARN = pattern.Compile(`^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+$`)
	bucket   = pattern.Compile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

// putDeliveryChannel is PutDeliveryChannel: one in a Region of an account, and only beside a recorder. Bucket, key and topic are
// often in other accounts: whether they are there, and let AWS Config in, is not looked at.
func (s *service) putDeliveryChannel(p place, in *struct {
	Channel *channel `json:"DeliveryChannel"`
},
) (*struct{}, error) {
	var invalid wire.Invalid
	if in.Channel == nil {
		invalid.Add("deliveryChannel", nil, "not be null")
		return nil, invalid.Err()
	}
	c := *in.Channel
	c.Name = cmp.Or(c.Name, "default")
	invalid.Length("deliveryChannel.name", c.Name, 1, 256)
	if c.Snapshot != nil {
		invalid.Enum("deliveryChannel.configSnapshotDeliveryProperties.deliveryFrequency", c.Snapshot.Delivery,
			"One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours")
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	switch r := s.w.Recorder(p.Account, p.region); {
	case r.ControlTower:
		return nil, protected()
	case r.Recorder == "":
		return nil, wire.Fail("NoAvailableConfigurationRecorderException", "Configuration recorder is not available to put delivery channel.")
	case r.Channel != "" && r.Channel != c.Name:
		return nil, wire.Fail("MaxNumberOfDeliveryChannelsExceededException",
			"Failed to put delivery channel '"+c.Name+"' because the maximum number of delivery channels: 1 is reached.")
	case !bucket.MatchString(c.Bucket):
		return nil, wire.Fail("NoSuchBucketException", "Cannot find a S3 bucket with an empty bucket name or one that is not valid.")
	case c.Key != "" && !keyARN.MatchString(c.Key):
		return nil, wire.Fail("InvalidS3KmsKeyArnException", "The ARN '"+c.Key+"' is not that of a key of AWS KMS.")
	case c.Topic != "" && !topicARN.MatchString(c.Topic):
		return nil, wire.Fail("InvalidSNSTopicARNException", "The sns topic arn '"+c.Topic+"' is not valid.")
	}
	shown, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	p.PutChannel(world.ConfigSetting{Region: p.region, Name: c.Name, Shown: shown})
	return nil, nil
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
	p.DeleteChannel(p.region)
	return nil, nil
}
