package events

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// maxTargets is how many targets a rule can have (Amazon EventBridge User Guide, quotas).
const maxTargets = 5

// target is where a rule sends events.
type target struct {
	ID               string      `json:"Id"`
	ARN              string      `json:"Arn"`
	RoleARN          string      `json:"RoleArn,omitempty"`
	Input            string      `json:"Input,omitempty"`     // sent instead of the event
	InputPath        string      `json:"InputPath,omitempty"` // the part of the event that is sent
	RetryPolicy      *retries    `json:"RetryPolicy,omitempty"`
	DeadLetterConfig *deadLetter `json:"DeadLetterConfig,omitempty"`
}

// retries are kept but never needed: a target answers at once or does not exist.
type retries struct {
	MaximumRetryAttempts     *int `json:"MaximumRetryAttempts,omitempty"`
	MaximumEventAgeInSeconds *int `json:"MaximumEventAgeInSeconds,omitempty"`
}

type deadLetter struct {
	ARN string `json:"Arn,omitempty"`
}

// body is what the target gets; false when the InputPath leads nowhere.
func (t target) body(raw []byte, event map[string]any) ([]byte, bool) {
	switch {
	case t.Input != "":
		return []byte(t.Input), true
	case t.InputPath != "" && t.InputPath != "$":
		steps, err := readPath(t.InputPath)
		if err != nil {
			panic("sandbox: a stored InputPath cannot be read: " + err.Error()) // it was read before it was stored
		}
		value, ok := follow(event, steps)
		if !ok {
			return nil, false
		}
		part, err := json.Marshal(value)
		if err != nil {
			panic("sandbox: part of an event: " + err.Error()) // it came out of JSON
		}
		return part, true
	default:
		return raw, true
	}
}

type putTargetsInput struct {
	Rule         string   `json:"Rule"`
	EventBusName string   `json:"EventBusName"`
	Targets      []target `json:"Targets"`
}

type entriesOutput struct {
	FailedEntryCount int        `json:"FailedEntryCount"`
	FailedEntries    []struct{} `json:"FailedEntries"`
}

func (s *service) putTargets(c *wire.Call, in *putTargetsInput) (*entriesOutput, error) {
	r, err := s.rule(c, in.EventBusName, in.Rule)
	if err != nil {
		return nil, err
	}
	if len(in.Targets) == 0 || len(in.Targets) > 100 {
		return nil, wire.Fail("ValidationException", "1 validation error detected: Value at 'targets' failed to satisfy constraint: "+
			"Member must have length between 1 and 100")
	}
	targets := slices.Clone(r.targets)
	for i, t := range in.Targets {
		if err := t.check(fmt.Sprintf("targets.%d.member", i+1)); err != nil {
			return nil, err
		}
		at := slices.IndexFunc(targets, func(other target) bool { return other.ID == t.ID })
		if at < 0 {
			targets = append(targets, t)
			continue
		}
		targets[at] = t
	}
	if len(targets) > maxTargets {
		return nil, wire.Fail("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	r.targets = targets
	return &entriesOutput{FailedEntries: []struct{}{}}, nil
}

func (t target) check(at string) error {
	var invalid wire.Invalid
	invalid.Required(at+".id", t.ID)
	invalid.Length(at+".id", t.ID, 1, 64)
	invalid.Pattern(at+".id", t.ID, name)
	invalid.Required(at+".arn", t.ARN)
	invalid.Length(at+".arn", t.ARN, 1, 1600)
	invalid.Length(at+".input", t.Input, 0, 8192)
	if p := t.RetryPolicy; p != nil {
		invalid.Range(at+".retryPolicy.maximumRetryAttempts", p.MaximumRetryAttempts, 0, 185)
		invalid.Range(at+".retryPolicy.maximumEventAgeInSeconds", p.MaximumEventAgeInSeconds, 60, 86_400)
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	parts := strings.SplitN(t.ARN, ":", 6)
	switch {
	case len(parts) != 6 || parts[0] != "arn":
		return wire.Fail("ValidationException", fmt.Sprintf("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.ARN))
	case parts[2] != "sqs" && parts[2] != "sns":
		return &wire.Unsupported{What: "targets of " + parts[2]}
	case t.Input != "" && t.InputPath != "":
		return wire.Fail("ValidationException", "Only one of Input, InputPath, or InputTransformer must be provided for target "+t.ID+".")
	case t.Input != "" && !json.Valid([]byte(t.Input)):
		return wire.Fail("ValidationException", "JSON syntax error in input for target "+t.ID+".")
	}
	if t.InputPath == "" {
		return nil
	}
	if _, err := readPath(t.InputPath); err != nil {
		return wire.Fail("ValidationException", "Invalid InputPath for target "+t.ID+".")
	}
	return nil
}

type removeTargetsInput struct {
	Rule         string   `json:"Rule"`
	EventBusName string   `json:"EventBusName"`
	IDs          []string `json:"Ids"`
	Force        bool     `json:"Force"` // for rules that AWS services manage: there are none
}

func (s *service) removeTargets(c *wire.Call, in *removeTargetsInput) (*entriesOutput, error) {
	r, err := s.rule(c, in.EventBusName, in.Rule)
	if err != nil {
		return nil, err
	}
	r.targets = slices.DeleteFunc(r.targets, func(t target) bool { return slices.Contains(in.IDs, t.ID) })
	return &entriesOutput{FailedEntries: []struct{}{}}, nil
}

type listTargetsByRuleInput struct {
	Rule         string `json:"Rule"`
	EventBusName string `json:"EventBusName"`
	NextToken    string `json:"NextToken"`
	Limit        *int   `json:"Limit"`
}

type listTargetsByRuleOutput struct {
	Targets   []target `json:"Targets"`
	NextToken string   `json:"NextToken,omitempty"`
}

func (s *service) listTargetsByRule(c *wire.Call, in *listTargetsByRuleInput) (*listTargetsByRuleOutput, error) {
	r, err := s.rule(c, in.EventBusName, in.Rule)
	if err != nil {
		return nil, err
	}
	shown, next, err := page(slices.Clone(r.targets), in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &listTargetsByRuleOutput{shown, next}, nil
}

type listRuleNamesByTargetInput struct {
	TargetARN    string `json:"TargetArn"`
	EventBusName string `json:"EventBusName"`
	NextToken    string `json:"NextToken"`
	Limit        *int   `json:"Limit"`
}

type listRuleNamesByTargetOutput struct {
	RuleNames []string `json:"RuleNames"`
	NextToken string   `json:"NextToken,omitempty"`
}

func (s *service) listRuleNamesByTarget(c *wire.Call, in *listRuleNamesByTargetInput) (*listRuleNamesByTargetOutput, error) {
	if err := onDefault(c, in.EventBusName); err != nil {
		return nil, err
	}
	names := []string{}
	for _, r := range s.mine(c) {
		if slices.ContainsFunc(r.targets, func(t target) bool { return t.ARN == in.TargetARN }) {
			names = append(names, r.name)
		}
	}
	shown, next, err := page(names, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &listRuleNamesByTargetOutput{shown, next}, nil
}

// readPath reads a JSONPath as EventBridge takes it: $, then .name, ['name'] or [0].
func readPath(path string) ([]any, error) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, fmt.Errorf("read path %q: it must begin with $", path)
	}
	var steps []any
	for rest != "" {
		switch {
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			if end == 1 {
				return nil, fmt.Errorf("read path %q: a name is missing", path)
			}
			steps, rest = append(steps, rest[1:end]), rest[end:]
		case rest[0] == '[':
			inner, after, ok := strings.Cut(rest[1:], "]")
			quoted := len(inner) > 2 && inner[0] == inner[len(inner)-1] && (inner[0] == '\'' || inner[0] == '"')
			n, err := strconv.Atoi(inner)
			switch {
			case ok && quoted:
				steps = append(steps, inner[1:len(inner)-1])
			case ok && err == nil && n >= 0:
				steps = append(steps, n)
			default:
				return nil, fmt.Errorf("read path %q: [%s cannot be followed", path, inner)
			}
			rest = after
		default:
			return nil, fmt.Errorf("read path %q: unexpected %q", path, rest)
		}
	}
	return steps, nil
}

func follow(value any, steps []any) (any, bool) {
	for _, step := range steps {
		switch at := step.(type) {
		case string:
			members, ok := value.(map[string]any)
			if !ok {
				return nil, false
			}
			if value, ok = members[at]; !ok {
				return nil, false
			}
		case int:
			items, ok := value.([]any)
			if !ok || at >= len(items) {
				return nil, false
			}
			value = items[at]
		}
	}
	return value, true
}
