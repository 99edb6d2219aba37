// Package configservice is AWS Config as far as Control Tower trips over it: recorders, delivery channels, authorizations.
//
// It follows the AWS Config API Reference. Everybody sees what is in the account and the Region that is asked; what Control
// Tower has put into an enrolled account can be seen, and not be changed.
package configservice

import (
	"errors"

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
			"PutConfigurationRecorder":            op(w, s.putConfigurationRecorder),
			"StartConfigurationRecorder":          op(w, s.startConfigurationRecorder),
			"StopConfigurationRecorder":           op(w, s.stopConfigurationRecorder),
			"DeleteConfigurationRecorder":         op(w, s.deleteConfigurationRecorder),
			"DescribeDeliveryChannels":            op(w, s.describeDeliveryChannels),
			"DescribeDeliveryChannelStatus":       op(w, s.describeDeliveryChannelStatus),
			"PutDeliveryChannel":                  op(w, s.putDeliveryChannel),
			"DeleteDeliveryChannel":               op(w, s.deleteDeliveryChannel),
			"DescribeAggregationAuthorizations":   op(w, s.describeAggregationAuthorizations),
			"PutAggregationAuthorization":         op(w, s.putAggregationAuthorization),
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
