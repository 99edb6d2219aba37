package sqs

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

var queueName = pattern.Compile(`^[A-Za-z0-9_-]{1,80}$`)

type createQueueInput struct {
	QueueName  string            `json:"QueueName"`
	Attributes map[string]string `json:"Attributes" query:"Attribute,flat,key=Name,value=Value"`
	Tags       map[string]string `json:"tags" query:"Tag,flat,key=Key,value=Value"`
}

type queueURLOutput struct {
	QueueURL string `json:"QueueUrl"`
}

type queueInput struct {
	QueueURL string `json:"QueueUrl"`
}

func (s *service) createQueue(c *wire.Call, in *createQueueInput) (*queueURLOutput, error) {
	switch {
	case in.QueueName == "":
		return nil, missing("QueueName")
	case strings.HasSuffix(in.QueueName, ".fifo"):
		return nil, &wire.Unsupported{What: "FIFO queues"}
	case !queueName.MatchString(in.QueueName):
		return nil, invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	settings, err := s.check(in.Attributes)
	if err != nil {
		return nil, err
	}
	now, id := s.world.Now(), arn(c, in.QueueName)
	if q := s.queues[id]; q != nil {
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			if q.settings[name] != settings[name] {
				return nil, failure("QueueNameExists",
					"A queue already exists with the same name and a different value for attribute "+name)
			}
		}
		return &queueURLOutput{address(c, q)}, nil
	}
	if at, ok := s.deleted[id]; ok && now.Sub(at) < time.Minute {
		return nil, failure("QueueDeletedRecently",
			"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	q := &queue{
		name: in.QueueName, account: c.Caller.Account, arn: id, created: now, modified: now,
		settings: defaults(), tags: map[string]string{},
	}
	q.set(settings)
	maps.Copy(q.tags, in.Tags)
	s.queues[id] = q
	return &queueURLOutput{address(c, q)}, nil
}

func (q *queue) set(settings map[string]string) {
	for name, value := range settings {
		if value == "" {
			delete(q.settings, name)
			continue
		}
		q.settings[name] = value
	}
}

func (s *service) deleteQueue(c *wire.Call, in *queueInput) (*struct{}, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	delete(s.queues, q.arn)
	s.deleted[q.arn] = s.world.Now()
	s.world.Notify()
	return nil, nil
}

type getQueueURLInput struct {
	QueueName string `json:"QueueName"`
	Owner     string `json:"QueueOwnerAWSAccountId"`
}

func (s *service) getQueueURL(c *wire.Call, in *getQueueURLInput) (*queueURLOutput, error) {
	if in.QueueName == "" {
		return nil, missing("QueueName")
	}
	q := s.queues[arn(c, in.QueueName)]
	if q == nil || in.Owner != "" && in.Owner != q.account {
		return nil, errNoQueue
	}
	return &queueURLOutput{address(c, q)}, nil
}

type getQueueAttributesInput struct {
	QueueURL       string   `json:"QueueUrl"`
	AttributeNames []string `json:"AttributeNames" query:"AttributeName,flat"`
}

type getQueueAttributesOutput struct {
	Attributes map[string]string `json:"Attributes,omitempty" query:"Attribute,flat,key=Name,value=Value"`
}

func (s *service) getQueueAttributes(c *wire.Call, in *getQueueAttributesInput) (*getQueueAttributesOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	chosen, err := s.attributes(q, in.AttributeNames)
	if err != nil {
		return nil, err
	}
	return &getQueueAttributesOutput{chosen}, nil
}

type setQueueAttributesInput struct {
	QueueURL   string            `json:"QueueUrl"`
	Attributes map[string]string `json:"Attributes" query:"Attribute,flat,key=Name,value=Value"`
}

func (s *service) setQueueAttributes(c *wire.Call, in *setQueueAttributesInput) (*struct{}, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	settings, err := s.check(in.Attributes)
	if err != nil {
		return nil, err
	}
	q.set(settings)
	q.modified = s.world.Now()
	s.world.Notify()
	return nil, nil
}

type listQueuesInput struct {
	Prefix     string `json:"QueueNamePrefix"`
	MaxResults *int   `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

type listQueuesOutput struct {
	QueueURLs []string `json:"QueueUrls,omitempty" query:"QueueUrl,flat"`
	NextToken string   `json:"NextToken,omitempty"`
}

func (s *service) listQueues(c *wire.Call, in *listQueuesInput) (*listQueuesOutput, error) {
	found := s.where(func(q *queue) bool {
		return q.arn == arn(c, q.name) && strings.HasPrefix(q.name, in.Prefix)
	})
	urls, next, err := page(c, found, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &listQueuesOutput{urls, next}, nil
}

type listDeadLetterSourceQueuesInput struct {
	QueueURL   string `json:"QueueUrl"`
	MaxResults *int   `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

type listDeadLetterSourceQueuesOutput struct {
	QueueURLs []string `json:"queueUrls" query:"QueueUrl,flat"` // a small q, unlike in ListQueues
	NextToken string   `json:"NextToken,omitempty"`
}

func (s *service) listDeadLetterSourceQueues(c *wire.Call, in *listDeadLetterSourceQueuesInput) (*listDeadLetterSourceQueuesOutput, error) {
	dead, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	sources := s.where(func(q *queue) bool { return q.redrive().Target == dead.arn })
	urls, next, err := page(c, sources, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &listDeadLetterSourceQueuesOutput{urls, next}, nil
}

func (s *service) where(keep func(*queue) bool) []*queue {
	var found []*queue
	for _, q := range s.queues {
		if keep(q) {
			found = append(found, q)
		}
	}
	slices.SortFunc(found, byName)
	return found
}

// page returns the addresses of up to 1,000 queues, and a token only where MaxResults was given.
func page(c *wire.Call, queues []*queue, size *int, token string) ([]string, string, error) {
	start, n := 0, 1_000
	if size != nil {
		if n = *size; n < 1 || n > 1_000 {
			return nil, "", outOfRange("MaxResults", n, 1, 1_000)
		}
	}
	if token != "" {
		var err error
		if start, err = strconv.Atoi(token); err != nil || start < 0 {
			return nil, "", invalid("Invalid or expired next token.")
		}
	}
	start = min(start, len(queues))
	end := min(start+n, len(queues))
	urls := []string{}
	for _, q := range queues[start:end] {
		urls = append(urls, address(c, q))
	}
	if end == len(queues) || size == nil {
		return urls, "", nil
	}
	return urls, strconv.Itoa(end), nil
}

func (s *service) purgeQueue(c *wire.Call, in *queueInput) (*struct{}, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	now := s.world.Now()
	if !q.purged.IsZero() && now.Sub(q.purged) < time.Minute {
		return nil, failure("PurgeQueueInProgress", "Only one PurgeQueue operation on "+q.name+" is allowed every 60 seconds.")
	}
	q.purged, q.messages = now, nil
	return nil, nil
}

type tagQueueInput struct {
	QueueURL string            `json:"QueueUrl"`
	Tags     map[string]string `json:"Tags" query:"Tag,flat,key=Key,value=Value"`
}

func (s *service) tagQueue(c *wire.Call, in *tagQueueInput) (*struct{}, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, missing("Tags")
	}
	maps.Copy(q.tags, in.Tags)
	return nil, nil
}

type untagQueueInput struct {
	QueueURL string   `json:"QueueUrl"`
	TagKeys  []string `json:"TagKeys" query:"TagKey,flat"`
}

func (s *service) untagQueue(c *wire.Call, in *untagQueueInput) (*struct{}, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(q.tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	return nil, nil
}

type listQueueTagsOutput struct {
	Tags map[string]string `json:"Tags,omitempty" query:"Tag,flat,key=Key,value=Value"`
}

func (s *service) listQueueTags(c *wire.Call, in *queueInput) (*listQueueTagsOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	return &listQueueTagsOutput{maps.Clone(q.tags)}, nil
}
