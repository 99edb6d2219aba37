// Package sandbox is a landing zone in a box: one HTTP handler that speaks the wire protocols of AWS.
//
// A request is routed by the signing name in its SigV4 credential scope, so that one port serves all services; who asks
// follows from the access key, and the signature itself is not verified. Requests under /_sandbox/ are the sandbox's own
// door: its state, what was called, faults, and time.
//
//	request ─▶ read ─▶ Resolve ─▶ hook, age of the signature, fault ─▶ effect ─▶ hook, fault ─▶ answer
//	                                                                   (the service, inside world.Do)
//
// There are no goroutines and no timers but those of waiting requests: what is due happens when somebody looks. So the
// sandbox works inside testing/synctest, through [Sandbox.RoundTripper].
//
// It imports sandbox/wire, sandbox/world and the services beside them, and nothing of the product.
package sandbox

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/cloudformation"
	"github.com/vend-cli/vend/internal/sandbox/configservice"
	"github.com/vend-cli/vend/internal/sandbox/controltower"
	"github.com/vend-cli/vend/internal/sandbox/dynamodb"
	"github.com/vend-cli/vend/internal/sandbox/ec2"
	"github.com/vend-cli/vend/internal/sandbox/events"
	"github.com/vend-cli/vend/internal/sandbox/iam"
	"github.com/vend-cli/vend/internal/sandbox/identitystore"
	"github.com/vend-cli/vend/internal/sandbox/logs"
	"github.com/vend-cli/vend/internal/sandbox/organizations"
	"github.com/vend-cli/vend/internal/sandbox/s3"
	"github.com/vend-cli/vend/internal/sandbox/servicecatalog"
	"github.com/vend-cli/vend/internal/sandbox/servicequotas"
	"github.com/vend-cli/vend/internal/sandbox/sns"
	"github.com/vend-cli/vend/internal/sandbox/sqs"
	"github.com/vend-cli/vend/internal/sandbox/ssoadmin"
	"github.com/vend-cli/vend/internal/sandbox/sts"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// Options are what a sandbox starts with. The zero value is the default landing zone in real time.
type Options struct {
	World  []byte           // a world file; nil: samples/landing-zone.json
	Speed  float64          // the world's own times are divided by it; 0 is 1
	Now    func() time.Time // the sandbox's clock; nil is time.Now
	Faults []byte           // fault rules, as POST /_sandbox/faults takes them; nil: none
}

// Sandbox is a landing zone, and its AWS API.
type Sandbox struct {
	world    *world.World
	services map[string]wire.Service // by signing name
	keys     *sts.Service
	topics   *sns.Service
	stacks   *cloudformation.Service
	faults   faults
	calls    calls
	hook     atomic.Pointer[Hook]
}

var _ http.Handler = (*Sandbox)(nil)

// New makes a sandbox. Nothing runs until somebody calls.
func New(o Options) (*Sandbox, error) {
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	w, err := world.New(o.World, o.Speed, o.Now)
	if err != nil {
		return nil, fmt.Errorf("start sandbox: %w", err)
	}
	s := &Sandbox{world: w, keys: sts.New(w), topics: sns.New(w), services: map[string]wire.Service{}}
	s.stacks = cloudformation.New(w, s.inside)
	for _, service := range []wire.Service{
		s.keys, s.topics, sqs.New(w), events.New(w), s3.New(w), dynamodb.New(w),
		organizations.New(w), servicecatalog.New(w), controltower.New(w), ssoadmin.New(w), identitystore.New(w),
		servicequotas.New(w), s.stacks,
		configservice.New(w), iam.New(w), ec2.New(w), logs.New(w),
	} {
		s.services[service.Name()] = service
	}
	if o.Faults != nil {
		if err := s.faults.add(o.Faults); err != nil {
			return nil, fmt.Errorf("start sandbox: read fault rules: %w", err)
		}
	}
	w.OnEventFault(s.faults.event)
	return s, nil
}

// World is the landing zone behind the API. Look at it within [world.World.Do].
func (s *Sandbox) World() *world.World { return s.world }

// Operations lists what is implemented, sorted, by the signing name of the service: "sqs" to "ChangeMessageVisibility" ….
func (s *Sandbox) Operations() map[string][]string {
	operations := map[string][]string{}
	for name, service := range s.services {
		operations[name] = service.Implemented()
	}
	return operations
}

// Published returns what was published to SNS topics so far, oldest first.
func (s *Sandbox) Published() []sns.Message { return s.topics.Published() }

// Intercept sets the hook that sees every API request from now on; nil takes it away.
func (s *Sandbox) Intercept(h Hook) {
	if h == nil {
		s.hook.Store(nil)
		return
	}
	s.hook.Store(&h)
}

// Hook is asked twice about every API request: before its effect, and, if there was one, after it and before the answer.
// It is called without any lock, so it may wait (on the request's context) and may call the sandbox itself.
type Hook func(Request) Verdict

// Request is an API request as a [Hook] sees it.
type Request struct {
	Sequence  int           // which API request of this sandbox it is, from 1; the same before and after
	Operation string        // "servicecatalog.ProvisionProduct"
	Done      bool          // whether the effect has happened
	Status    int           // the HTTP status that it is about to be answered with; 0 before the effect
	HTTP      *http.Request // the request, its header and context; the body is in Body
	Body      []byte
}

// Verdict is what becomes of a request. The zero value lets it pass.
type Verdict struct {
	Code    string // answer with this error code …
	Message string // … this message …
	Status  int    // … and this HTTP status; 0 is 400
	Drop    bool   // close the connection without an answer
}
