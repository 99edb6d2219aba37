// Package configservice is AWS Config as far as Control Tower trips over it: recorders, delivery channels, authorizations.
//
// It follows the AWS Config API Reference. Everybody sees what is in the account and the Region that is asked; what Control
// Tower has put into an enrolled account can be seen, and not be changed.
package configservice

import (
	"errors"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "config",
		Target:      "StarlingDoveService.",
		Operations: map[string]wire.Operation{
			"DescribeConfigurationRecorders":      op(w, s.describeConfigurationRecorders),
			"DescribeConfigurationRecorderStatus": op(w, s.describeConfigurationRecorderStatus),
			"StopConfigurationRecorder":           op(w, s.stopConfigurationRecorder),
			"DeleteConfigurationRecorder":         op(w, s.deleteConfigurationRecorder),
			"DescribeDeliveryChannels":            op(w, s.describeDeliveryChannels),
			"DescribeDeliveryChannelStatus":       op(w, s.describeDeliveryChannelStatus),
			"DeleteDeliveryChannel":               op(w, s.deleteDeliveryChannel),
			"DescribeAggregationAuthorizations":   op(w, s.describeAggregationAuthorizations),
			"DeleteAggregationAuthorization":      op(w, s.deleteAggregationAuthorization),
		},
	}
}

type service struct{ w *world.World }

// place is where a call happens: an account and a Region of it.
type place struct {
	*world.Account
	region string
}

func op[In, Out any](w *world.World, f func(place, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() {
			var a *world.Account
			if a, err = w.Enter(world.Caller(c.Caller), c.Region, "config:"+c.Operation); err == nil {
				out, err = f(place{a, c.Region}, in)
			}
		})
		return out, answer(err)
	})
}

// answer puts a refusal of the world on the wire.
func answer(err error) error {
	var r *world.Refusal
	switch {
	case !errors.As(err, &r):
		return err
	case r.Code == world.InvalidToken:
		return wire.Fail("UnrecognizedClientException", r.Message)
	default:
		return wire.Fail("AccessDeniedException", r.Message)
	}
}

// protected says that only Control Tower itself may change something (AWS Control Tower User Guide, "Mandatory controls").
func protected() error {
	return wire.Fail("AccessDeniedException", "The action is not authorized with an explicit deny in a service control policy")
}

type recorderInput struct {
	Name string `json:"ConfigurationRecorderName"`
}

func (in recorderInput) check() error {
	var invalid wire.Invalid
	invalid.Required("configurationRecorderName", in.Name)
	invalid.Length("configurationRecorderName", in.Name, 1, 256)
	return invalid.Err()
}

func noSuchRecorder(name string) error {
	return wire.Fail("NoSuchConfigurationRecorderException", "Cannot find configuration recorder with the specified name '"+name+"'.")
}

type namesInput struct {
	Names     []string `json:"ConfigurationRecorderNames"`
	Principal string   `json:"ServicePrincipal"`
	ARN       string   `json:"Arn"`
}

// recorders are those that are asked for: there is at most one that customers make in a Region of an account.
func (s *service) recorders(p place, in *namesInput) ([]world.Recorder, error) {
	if in.Principal != "" || in.ARN != "" {
		return nil, &wire.Unsupported{What: "service-linked configuration recorders"}
	}
	r := s.w.Recorder(p.Account, p.region)
	for _, name := range in.Names {
		if name != r.Recorder {
			return nil, noSuchRecorder(name)
		}
	}
	if r.Recorder == "" {
		return nil, nil
	}
	return []world.Recorder{r}, nil
}

type recordingGroup struct {
	All           bool     `json:"allSupported"`
	Global        bool     `json:"includeGlobalResourceTypes"`
	ResourceTypes []string `json:"resourceTypes"`
}

type recorder struct {
	Name  string         `json:"name"`
	Role  string         `json:"roleARN"`
	Group recordingGroup `json:"recordingGroup"`
	Scope string         `json:"recordingScope"`
}

type recordersOutput struct {
	Recorders []recorder `json:"ConfigurationRecorders"`
}

// describeConfigurationRecorders is DescribeConfigurationRecorders.
func (s *service) describeConfigurationRecorders(p place, in *namesInput) (*recordersOutput, error) {
	found, err := s.recorders(p, in)
	if err != nil {
		return nil, err
	}
	out := &recordersOutput{Recorders: []recorder{}}
	for _, r := range found {
		role := "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
		if r.ControlTower {
			role = "aws-controltower-ConfigRecorderRole"
		}
		out.Recorders = append(out.Recorders, recorder{
			Name: r.Recorder, Role: "arn:aws:iam::" + p.ID + ":role/" + role, Scope: "PAID",
			Group: recordingGroup{All: true, Global: p.region == s.w.Region, ResourceTypes: []string{}},
		})
	}
	return out, nil
}

type recorderStatus struct {
	Name      string    `json:"name"`
	Recording bool      `json:"recording"`
	Status    string    `json:"lastStatus"`
	Started   wire.Time `json:"lastStartTime"`
	Changed   wire.Time `json:"lastStatusChangeTime"`
}

type statusOutput struct {
	Statuses []recorderStatus `json:"ConfigurationRecordersStatus"`
}

// describeConfigurationRecorderStatus is DescribeConfigurationRecorderStatus.
func (s *service) describeConfigurationRecorderStatus(p place, in *namesInput) (*statusOutput, error) {
	found, err := s.recorders(p, in)
	if err != nil {
		return nil, err
	}
	out := &statusOutput{Statuses: []recorderStatus{}}
	for _, r := range found {
		status := recorderStatus{
			Name: r.Recorder, Recording: r.Recording, Status: "SUCCESS", Started: wire.Time{Time: r.Since}, Changed: wire.Time{Time: r.Since},
		}
		out.Statuses = append(out.Statuses, status)
	}
	return out, nil
}

// own finds the recorder of that name, which must be the account's own.
func (s *service) own(p place, in *recorderInput) error {
	if err := in.check(); err != nil {
		return err
	}
	switch r := s.w.Recorder(p.Account, p.region); {
	case r.Recorder != in.Name:
		return noSuchRecorder(in.Name)
	case r.ControlTower:
		return protected()
	}
	return nil
}

// stopConfigurationRecorder is StopConfigurationRecorder.
func (s *service) stopConfigurationRecorder(p place, in *recorderInput) (*struct{}, error) {
	if err := s.own(p, in); err != nil {
		return nil, err
	}
	if !slices.Contains(p.StoppedRecorders, p.region) {
		p.StoppedRecorders = append(p.StoppedRecorders, p.region)
	}
	return nil, nil
}

// deleteConfigurationRecorder is DeleteConfigurationRecorder, which stops it, too.
func (s *service) deleteConfigurationRecorder(p place, in *recorderInput) (*struct{}, error) {
	if err := s.own(p, in); err != nil {
		return nil, err
	}
	p.ConfigRecorders = without(p.ConfigRecorders, p.region)
	p.StoppedRecorders = without(p.StoppedRecorders, p.region)
	return nil, nil
}

func without(regions []string, region string) []string {
	return slices.DeleteFunc(regions, func(r string) bool { return r == region })
}
