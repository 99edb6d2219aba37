package s3

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// notifications say who hears of what happens in a bucket.
type notifications struct {
	queues []queueConfiguration
	bridge bool  // configured: EventBridge
	live   *bool // in effect: EventBridge; nil where nothing is configured
}

// queueConfiguration is one QueueConfiguration.
type queueConfiguration struct {
	ID     string   `xml:"Id"`
	Queue  string   `xml:"Queue"`
	Events []string `xml:"Event"`
	Filter *filter  `xml:"Filter"`
	Rest   *rest    `xml:",any"`
}

type filter struct {
	Rules []filterRule `xml:"S3Key>FilterRule"`
	Rest  *rest        `xml:",any"`
}

type filterRule struct {
	Name  string
	Value string
}

// notificationConfiguration is NotificationConfiguration; topics and functions are refused as elements it does not have.
type notificationConfiguration struct {
	Queues      []queueConfiguration `xml:"QueueConfiguration"`
	EventBridge *struct{}            `xml:"EventBridgeConfiguration"`
	Rest        *rest                `xml:",any"`
}

// getNotification follows GetBucketNotificationConfiguration: without a configuration the answer is empty.
func (s *service) getNotification(r *request) (any, error) {
	out := notificationConfiguration{Queues: r.bucket.notifications.queues}
	if r.bucket.notifications.bridge {
		out.EventBridge = &struct{}{}
	}
	return document{"NotificationConfiguration", out}, nil
}

// putNotification follows PutBucketNotificationConfiguration: it replaces what was, and proves each queue by a test
// message unless x-amz-skip-destination-validation says not to.
func (s *service) putNotification(r *request) (any, error) {
	var in notificationConfiguration
	if err := r.decode("NotificationConfiguration", &in); err != nil {
		return nil, err
	}
	for i := range in.Queues {
		q := &in.Queues[i]
		if err := q.check(); err != nil {
			return nil, err
		}
		if q.ID == "" {
			q.ID = s.w.UUID("s3-notification")
		}
		for _, other := range in.Queues[:i] {
			if q.ID == other.ID {
				return nil, invalidArgument("Same ID used for multiple configurations. IDs must be unique", "Id", q.ID)
			}
			if q.overlaps(other) {
				return nil, invalidArgument("Configurations overlap. Configurations on the same bucket cannot share a "+
					"common event type.", "Id", q.ID)
			}
		}
	}
	if !strings.EqualFold(r.sent.Get("x-amz-skip-destination-validation"), "true") {
		for _, q := range in.Queues {
			if !s.w.Deliver(q.Queue, s.testMessage(r)) {
				return nil, invalidArgument("Unable to validate the following destination configurations", q.Queue,
					"The destination queue does not exist")
			}
		}
	}
	s.configure(r.bucket, in)
	return nil, nil
}

func (s *service) configure(b *bucket, in notificationConfiguration) {
	was := b.notifications
	b.notifications = notifications{queues: in.Queues, bridge: in.EventBridge != nil}
	switch {
	case in.EventBridge == nil:
	case was.live != nil:
		b.notifications.live = was.live
	default:
		live := new(bool)
		b.notifications.live = live
		// "After you enable EventBridge, it takes around five minutes for the changes to take effect" (User Guide,
		// "Enabling Amazon EventBridge"): nobody says that events are lost meanwhile.
		if s.w.Otherwise("s3-eventbridge-enabling-delay") {
			s.w.After(5*time.Minute, func() { *live = true })
		} else {
			*live = true
		}
	}
}

// testMessage is what S3 sends to a queue when it is configured (User Guide, "Event notification types and
// destinations": the s3:TestEvent message). It has no Records.
func (s *service) testMessage(r *request) []byte {
	body, err := json.Marshal(struct {
		Service, Event, Time, Bucket string
		RequestID                    string `json:"RequestId"`
		HostID                       string `json:"HostId"`
	}{"Amazon S3", "s3:TestEvent", stamp(s.w.Now()), r.bucketName, r.RequestID, r.hostID()})
	if err != nil {
		panic("sandbox: s3 test message: " + err.Error()) // a programming error: it is strings only
	}
	return body
}

// eventTypes are those of the User Guide, "Supported event types for SQS, SNS, and Lambda".
var eventTypes = []string{
	"s3:ReducedRedundancyLostObject",
	"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy",
	"s3:ObjectCreated:CompleteMultipartUpload",
	"s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated",
	"s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete",
	"s3:Replication:*", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked",
	"s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
	"s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated",
	"s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ObjectAcl:Put",
	"s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete",
}

// check holds a configuration against the page "Configuring event notifications using object key name filtering".
func (q *queueConfiguration) check() error {
	malformed := refuse(http.StatusBadRequest, "MalformedXML",
		"The XML you provided was not well-formed or did not validate against our published schema")
	if q.Queue == "" || len(q.Events) == 0 {
		return malformed
	}
	if strings.HasSuffix(q.Queue, ".fifo") {
		return invalidArgument("Unable to validate the following destination configurations", q.Queue,
			"Invalid destination type, FIFO SQS queues are not supported")
	}
	if !strings.HasPrefix(q.Queue, "arn:aws:sqs:") {
		return invalidArgument("The ARN could not be parsed", "Queue", q.Queue)
	}
	for _, e := range q.Events {
		if !slices.Contains(eventTypes, e) {
			return malformed
		}
	}
	if q.Filter == nil {
		return nil
	}
	seen := map[string]bool{}
	for i, rule := range q.Filter.Rules {
		name := strings.ToLower(rule.Name)
		if name != "prefix" && name != "suffix" {
			return invalidArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", rule.Name)
		}
		if seen[name] {
			return invalidArgument("Cannot specify more than one "+name+" rule in a filter.", "FilterRule.Name", rule.Name)
		}
		if len(rule.Value) > 1024 {
			return invalidArgument("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
				"FilterRule.Value", rule.Value)
		}
		seen[name] = true
		q.Filter.Rules[i].Name = strings.ToUpper(name[:1]) + name[1:] // as S3 returns it
	}
	return nil
}

func (q *queueConfiguration) part(name string) string {
	if q.Filter != nil {
		for _, rule := range q.Filter.Rules {
			if strings.EqualFold(rule.Name, name) {
				return rule.Value
			}
		}
	}
	return ""
}

// overlaps says whether one object event could match both: they share a type, and neither prefix nor suffix keeps them
// apart.
func (q *queueConfiguration) overlaps(other queueConfiguration) bool {
	shares := slices.ContainsFunc(q.Events, func(a string) bool {
		return slices.ContainsFunc(other.Events, func(b string) bool { return covers(a, b) || covers(b, a) })
	})
	a, b := q.part("prefix"), other.part("prefix")
	c, d := q.part("suffix"), other.part("suffix")
	return shares && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) && (strings.HasSuffix(c, d) || strings.HasSuffix(d, c))
}

// covers says whether the type, with a star perhaps, stands for that name.
func covers(eventType, name string) bool {
	family, star := strings.CutSuffix(eventType, "*")
	return eventType == name || star && strings.HasPrefix(name, family)
}

// wants says whether the queue is told of an event, by name without s3:, on that key.
func (q *queueConfiguration) wants(name, key string) bool {
	return slices.ContainsFunc(q.Events, func(e string) bool { return covers(e, "s3:"+name) }) &&
		strings.HasPrefix(key, q.part("prefix")) && strings.HasSuffix(key, q.part("suffix"))
}
