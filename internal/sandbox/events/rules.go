package events

import (
	"fmt"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type putRuleInput struct {
	Name               string `json:"Name"`
	EventBusName       string `json:"EventBusName"`
	EventPattern       string `json:"EventPattern"`
	ScheduleExpression string `json:"ScheduleExpression"`
	State              string `json:"State"`
	Description        string `json:"Description"`
	RoleARN            string `json:"RoleArn"`

	Tags []struct { // not kept: no operation of the sandbox shows them
		Key   string `json:"Key"`
		Value string `json:"Value"`
	} `json:"Tags"`
}

type putRuleOutput struct {
	RuleARN string `json:"RuleArn"`
}

const (
	enabled     = "ENABLED"
	disabled    = "DISABLED"
	enabledMore = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
)

func (s *service) putRule(c *wire.Call, in *putRuleInput) (*putRuleOutput, error) {
	var invalid wire.Invalid
	invalid.Required("name", in.Name)
	invalid.Length("name", in.Name, 1, 64)
	invalid.Pattern("name", in.Name, name)
	invalid.Length("eventPattern", in.EventPattern, 0, 4096)
	invalid.Length("description", in.Description, 0, 512)
	invalid.Enum("state", in.State, enabled, disabled, enabledMore)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if err := onDefault(c, in.EventBusName); err != nil {
		return nil, err
	}
	switch {
	case in.ScheduleExpression != "":
		return nil, &wire.Unsupported{What: "rules with a ScheduleExpression"}
	case in.EventPattern == "":
		return nil, wire.Fail("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	p, err := s.compile(in.EventPattern)
	if err != nil {
		return nil, err
	}
	id := arn(c, in.Name)
	r := s.rules[id]
	if r == nil {
		if len(s.mine(c)) >= 300 {
			return nil, wire.Fail("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		r = &rule{name: in.Name, arn: id, account: c.Caller.Account, region: c.Region}
		s.rules[id] = r
	}
	r.text, r.pattern, r.description, r.role = in.EventPattern, p, in.Description, in.RoleARN
	r.switchTo(in.State)
	return &putRuleOutput{id}, nil
}

func (r *rule) switchTo(state string) {
	if state == "" {
		state = enabled
	}
	r.state, r.disabled = state, state == disabled
}

type ruleInput struct {
	Name         string `json:"Name"`
	EventBusName string `json:"EventBusName"`
}

type ruleOutput struct {
	Name         string `json:"Name"`
	ARN          string `json:"Arn"`
	EventPattern string `json:"EventPattern"`
	State        string `json:"State"`
	Description  string `json:"Description,omitempty"`
	RoleARN      string `json:"RoleArn,omitempty"`
	EventBusName string `json:"EventBusName"`
	CreatedBy    string `json:"CreatedBy,omitempty"`
}

func (r *rule) output() ruleOutput {
	return ruleOutput{
		Name: r.name, ARN: r.arn, EventPattern: r.text, State: r.state, Description: r.description,
		RoleARN: r.role, EventBusName: "default",
	}
}

func (s *service) describeRule(c *wire.Call, in *ruleInput) (*ruleOutput, error) {
	r, err := s.rule(c, in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	out := r.output()
	out.CreatedBy = r.account
	return &out, nil
}

type listRulesInput struct {
	NamePrefix   string `json:"NamePrefix"`
	EventBusName string `json:"EventBusName"`
	NextToken    string `json:"NextToken"`
	Limit        *int   `json:"Limit"`
}

type listRulesOutput struct {
	Rules     []ruleOutput `json:"Rules"`
	NextToken string       `json:"NextToken,omitempty"`
}

func (s *service) listRules(c *wire.Call, in *listRulesInput) (*listRulesOutput, error) {
	if err := onDefault(c, in.EventBusName); err != nil {
		return nil, err
	}
	found := []ruleOutput{}
	for _, r := range s.mine(c) {
		if strings.HasPrefix(r.name, in.NamePrefix) {
			found = append(found, r.output())
		}
	}
	shown, next, err := page(found, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &listRulesOutput{shown, next}, nil
}

type deleteRuleInput struct {
	Name         string `json:"Name"`
	EventBusName string `json:"EventBusName"`
	Force        bool   `json:"Force"` // for rules that AWS services manage: there are none
}

func (s *service) deleteRule(c *wire.Call, in *deleteRuleInput) (*struct{}, error) {
	if err := onDefault(c, in.EventBusName); err != nil {
		return nil, err
	}
	r := s.rules[arn(c, in.Name)]
	switch {
	case r == nil:
		return nil, nil // deleting what is not there is fine
	case len(r.targets) > 0:
		return nil, wire.Fail("ValidationException", "Rule can't be deleted since it has targets.")
	}
	delete(s.rules, r.arn)
	return nil, nil
}

func (s *service) enableRule(c *wire.Call, in *ruleInput) (*struct{}, error) {
	r, err := s.rule(c, in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	r.switchTo(enabled)
	return nil, nil
}

func (s *service) disableRule(c *wire.Call, in *ruleInput) (*struct{}, error) {
	r, err := s.rule(c, in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	r.switchTo(disabled)
	return nil, nil
}

type testEventPatternInput struct {
	EventPattern string `json:"EventPattern"`
	Event        string `json:"Event"`
}

type testEventPatternOutput struct {
	Result bool `json:"Result"`
}

func (s *service) testEventPattern(_ *wire.Call, in *testEventPatternInput) (*testEventPatternOutput, error) {
	p, err := s.compile(in.EventPattern)
	if err != nil {
		return nil, err
	}
	event, err := parse([]byte(in.Event))
	if err != nil {
		return nil, wire.Fail("ValidationException", fmt.Sprintf("Parameter Event is not valid. Reason: %v.", err))
	}
	for _, member := range []string{"id", "account", "source", "time", "region", "resources", "detail-type"} {
		if _, ok := event[member]; !ok {
			return nil, wire.Fail("ValidationException", fmt.Sprintf("Parameter Event is not valid. Reason: the member %s is missing.", member))
		}
	}
	return &testEventPatternOutput{p.matches(s.compared(event))}, nil
}
