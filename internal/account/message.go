package account

import "time"

// Message is one delivery of a message from the inbox.
type Message struct {
	ID       string
	Body     string
	Receipt  string    // of this delivery: the next one has another
	Receives int       // deliveries so far, about; 0 where SQS does not say
	SentAt   time.Time // when it came into the queue; zero where SQS does not say
}

// Heard is what came out of messages that were taken from the inbox.
type Heard struct {
	Messages int
	Uploads  int      // that they announced: they may have brought somebody into the line
	Woken    []string // requests that they made due; the index may show that only later
}

// Object is one version of an object in the bucket.
type Object struct {
	Key          string
	Version      string // empty in a bucket without versions
	ETag         string // without quotes; not always a hash of the content
	Size         int64
	LastModified time.Time
	Plan         string // digest of the plan that a list was handed in with; empty where there is none
	AtRoot       bool   // whoever handed the list in agreed to enroll accounts out of the root
	Uploader     string // who says to have uploaded it: an ARN, unless somebody has made it up; empty where nobody does
}

// Upload is an object version that was announced, or found.
type Upload struct {
	Bucket         string
	Key            string
	AlternativeKey string // another reading of a key that may have been encoded; empty where there is none
	Version        string
	Sequencer      string // orders writes of one key; empty where it is not known
	ETag           string
	Size           int64
}
