package world

import (
	"encoding/json"
	"time"
)

// Event is what EventBridge puts on the default bus of the management account in the home Region.
type Event struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// EventFault says what becomes of an event on its way: nothing, or it is lost, comes twice, comes late.
type EventFault struct {
	Lose, Duplicate bool
	Delay           time.Duration // real time, on top of timing.eventDelay
}

// OnEvent sets who routes events to targets (package events). It is called within [World.Do].
func (w *World) OnEvent(route func(Event)) { w.route = route }

// OnEventFault sets who decides about faults of events; operation is "events.aws.s3" or "events.aws.controltower".
func (w *World) OnEventFault(decide func(operation string) EventFault) { w.eventFault = decide }

// Publish puts an event of an AWS service on the bus; it arrives timing.eventDelay later. Call it within [World.Do].
func (w *World) Publish(source, detailType string, resources []string, detail any) {
	raw, err := json.Marshal(detail)
	if err != nil {
		panic("sandbox: event detail: " + err.Error()) // a programming error: details are our own structs
	}
	if resources == nil {
		resources = []string{}
	}
	event := Event{
		Version: "0", ID: w.uuid("event"), DetailType: detailType, Source: source, Account: w.Management.ID,
		Time: w.stamp().UTC().Format(time.RFC3339), Region: w.Region, Resources: resources, Detail: raw,
	}
	fault := EventFault{}
	if w.eventFault != nil {
		fault = w.eventFault("events." + source)
	}
	if fault.Lose {
		return
	}
	times := 1
	if fault.Duplicate {
		times = 2
	}
	for range times {
		w.After(w.Timing.EventDelay+time.Duration(float64(fault.Delay)*w.speed), func() {
			if w.route != nil {
				w.route(event)
			}
		})
	}
}

// Deliver hands a body to the target with that ARN; false when nobody answers for it. Call it within [World.Do].
func (w *World) Deliver(arn string, body []byte) bool {
	for _, t := range w.targets {
		if t(arn, body) {
			return true
		}
	}
	return false
}

// AddTarget registers somebody who takes deliveries: it returns false for an ARN that is not its own.
func (w *World) AddTarget(deliver func(arn string, body []byte) bool) {
	w.targets = append(w.targets, deliver)
}
