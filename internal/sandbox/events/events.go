// Package events is Amazon EventBridge: the default event bus with its rules, and queues and topics as targets.
//
// It follows the Amazon EventBridge API Reference and, for patterns, the Amazon EventBridge User Guide, "Comparison
// operators for use in event patterns". Schedules and input transformers are not implemented.
package events

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type service struct {
	*wire.RPC
	world *world.World
	rules map[string]*rule // by ARN
}

type rule struct {
	name, arn       string
	account, region string
	description     string
	role            string
	text            string // the pattern as it was put
	pattern         eventPattern
	disabled        bool
	state           string
	targets         []target // in the order in which they were put
}

// New makes the service. It routes the world's events to the targets of its rules.
func New(w *world.World) wire.Service {
	s := &service{world: w, rules: map[string]*rule{}}
	s.RPC = &wire.RPC{
		SigningName: "events",
		Target:      "AWSEvents.",
		Operations: map[string]wire.Operation{
			"PutRule":               within(w, s.putRule),
			"DescribeRule":          within(w, s.describeRule),
			"ListRules":             within(w, s.listRules),
			"DeleteRule":            within(w, s.deleteRule),
			"EnableRule":            within(w, s.enableRule),
			"DisableRule":           within(w, s.disableRule),
			"PutTargets":            within(w, s.putTargets),
			"RemoveTargets":         within(w, s.removeTargets),
			"ListTargetsByRule":     within(w, s.listTargetsByRule),
			"ListRuleNamesByTarget": within(w, s.listRuleNamesByTarget),
			"PutEvents":             within(w, s.putEvents),
			"TestEventPattern":      within(w, s.testEventPattern),
		},
	}
	w.OnEvent(s.route)
	return s
}

func within[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() { out, err = f(c, in) })
		return out, err
	})
}

// route brings an event to every target of every rule that it matches.
func (s *service) route(e world.Event) {
	raw, err := json.Marshal(e)
	if err != nil {
		panic("sandbox: event: " + err.Error()) // a programming error: events are our own structs
	}
	event, err := parse(raw)
	if err != nil {
		panic("sandbox: event: " + err.Error()) // it was written a moment ago
	}
	compared := s.compared(event)
	for _, arn := range slices.Sorted(maps.Keys(s.rules)) {
		r := s.rules[arn]
		if r.disabled || r.account != e.Account || r.region != e.Region || !r.pattern.matches(compared) {
			continue
		}
		for _, t := range r.targets {
			body, ok := t.body(raw, event)
			if ok && s.world.Deliver(t.ARN, body) {
				continue
			}
			if t.DeadLetterConfig != nil {
				s.world.Deliver(t.DeadLetterConfig.ARN, raw)
			}
		}
	}
}

var name = pattern.Compile(`[.\-_A-Za-z0-9]+`)

// onDefault refuses every bus but the default one, which may be given by name or ARN.
func onDefault(c *wire.Call, bus string) error {
	if bus == "" || bus == "default" || bus == "arn:aws:events:"+c.Region+":"+c.Caller.Account+":event-bus/default" {
		return nil
	}
	return wire.Fail("ResourceNotFoundException", fmt.Sprintf("Event bus %s does not exist.", bus))
}

func (s *service) rule(c *wire.Call, bus, named string) (*rule, error) {
	var invalid wire.Invalid
	invalid.Required("name", named)
	invalid.Length("name", named, 1, 64)
	invalid.Pattern("name", named, name)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if err := onDefault(c, bus); err != nil {
		return nil, err
	}
	if r := s.rules[arn(c, named)]; r != nil {
		return r, nil
	}
	return nil, wire.Fail("ResourceNotFoundException", fmt.Sprintf("Rule %s does not exist on EventBus default.", named))
}

func arn(c *wire.Call, rule string) string {
	return "arn:aws:events:" + c.Region + ":" + c.Caller.Account + ":rule/" + rule
}

// mine are the caller's rules in the Region, by name.
func (s *service) mine(c *wire.Call) []*rule {
	var found []*rule
	for _, r := range s.rules {
		if r.arn == arn(c, r.name) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *rule) int { return cmp.Compare(a.name, b.name) })
	return found
}

// page returns up to limit items, 100 if it is nil.
func page[T any](all []T, limit *int, token string) ([]T, string, error) {
	n, start := 100, 0
	if limit != nil {
		var invalid wire.Invalid
		invalid.Range("limit", limit, 1, 100)
		if err := invalid.Err(); err != nil {
			return nil, "", err
		}
		n = *limit
	}
	if token != "" {
		at, err := strconv.Atoi(strings.TrimPrefix(token, "from-"))
		if err != nil || at < 0 || at > len(all) {
			return nil, "", wire.Fail("ValidationException", "The given token is invalid.")
		}
		start = at
	}
	end := min(start+n, len(all))
	if end == len(all) {
		return all[start:], "", nil
	}
	return all[start:end], "from-" + strconv.Itoa(end), nil
}
