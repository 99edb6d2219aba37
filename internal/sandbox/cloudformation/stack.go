package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// stack is what is known of a stack that change sets have made: of those of stack sets and of the world's file there is only
// the [world.Stack].
type stack struct {
	*world.Stack
	account      string
	key          string // access key of who has changed it last; a stack is changed in their name
	host         string // under which they have called
	blueprint    *blueprint
	parameters   map[string]string
	capabilities []string
	tags         []tag
	things       map[string]*thing
	outputs      []output
	events       []event // the oldest first
	sets         []*changeSet
	reason       string
	token        string // of the change that is going on
	protected    bool
	deleted      time.Time
	stuck        *run // what ContinueUpdateRollback goes on with
}

type output struct {
	Key         string `json:"OutputKey"`
	Value       string `json:"OutputValue"`
	Description string `json:"Description,omitempty"`
}

type event struct {
	StackID    string       `json:"StackId"`
	ID         string       `json:"EventId"`
	StackName  string       `json:"StackName"`
	LogicalID  string       `json:"LogicalResourceId"`
	PhysicalID string       `json:"PhysicalResourceId,omitempty"`
	Type       string       `json:"ResourceType"`
	At         wire.ISOTime `json:"Timestamp"`
	Status     string       `json:"ResourceStatus"`
	Reason     string       `json:"ResourceStatusReason,omitempty"`
	Token      string       `json:"ClientRequestToken,omitempty"`
}

const stackKind = "AWS::CloudFormation::Stack"

// moves gives the stack a status, and notes it among its events. It is called within the world's Do, as are the others here.
func (s *service) moves(k *stack, at time.Time, status, reason string) {
	k.Status, k.reason = status, reason
	if !strings.HasPrefix(status, "CREATE") && status != "REVIEW_IN_PROGRESS" {
		k.Updated = at
	}
	s.note(k, event{LogicalID: k.Name, PhysicalID: k.ID, Type: stackKind, Status: status, Reason: reason}, at)
}

// becomes gives a thing a status, and notes it among the stack's events.
func (s *service) becomes(k *stack, t *thing, at time.Time, status, reason string) {
	t.status, t.reason, t.since = status, reason, at
	physical := t.ref
	if strings.HasPrefix(status, "CREATE_IN_PROGRESS") {
		physical = ""
	}
	s.note(k, event{LogicalID: t.id, PhysicalID: physical, Type: t.kind, Status: status, Reason: reason}, at)
}

func (s *service) note(k *stack, e event, at time.Time) {
	e.StackID, e.StackName, e.At, e.Token = k.ID, k.Name, wire.ISOTime{Time: at}, k.token
	e.ID = s.w.UUID("stack-event")
	k.events = append(k.events, e)
}

// hands are who makes what the stack holds.
func (s *service) hands(k *stack) hands {
	return hands{calls: s.calls, account: k.account, region: k.Region, key: k.key, host: k.host, stack: k.Name, unique: func() (id string) {
		s.w.Do(func() { id = s.w.Identifier("stack-resource", 12, "0123456789abcdef") })
		return id
	}}
}

// reading is the blueprint as the stack has it.
func (k *stack) reading(b *blueprint, parameters map[string]string, things map[string]*thing) reading {
	return reading{b, scopeOf(k.Stack, k.account, parameters), things}
}

// known finds a stack that change sets have made: by name while it is there, by id for ever.
func (s *service) known(c *wire.Call, name string) *stack {
	for _, k := range slices.Backward(s.stacks) {
		if k.account == c.Caller.Account && k.Region == c.Region && (k.ID == name || k.Name == name && k.deleted.IsZero()) {
			return k
		}
	}
	return nil
}

// find is known, or the error that there is none.
func (s *service) findStack(c *wire.Call, name string) (*stack, error) {
	var wrong wire.Invalid
	wrong.Required("stackName", name)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	if k := s.known(c, name); k != nil {
		return k, nil
	}
	return nil, invalid("Stack [" + name + "] does not exist")
}

// describeStackEventsOutput is the newest first.
type describeStackEventsOutput struct {
	Events    []event `json:"StackEvents"`
	NextToken string  `json:"NextToken,omitempty"`
}

// describeStackEvents is DescribeStackEvents.
func (s *service) describeStackEvents(c *wire.Call, in *struct {
	Name      string `json:"StackName"`
	NextToken string `json:"NextToken"`
},
) (*describeStackEventsOutput, error) {
	k, err := s.findStack(c, in.Name)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(k.events)
	slices.Reverse(all)
	found, next, err := page(all, pageInput{NextToken: in.NextToken})
	return &describeStackEventsOutput{found, next}, err
}

type shownResource struct {
	StackName  string       `json:"StackName,omitempty"`
	StackID    string       `json:"StackId,omitempty"`
	LogicalID  string       `json:"LogicalResourceId"`
	PhysicalID string       `json:"PhysicalResourceId,omitempty"`
	Type       string       `json:"ResourceType"`
	At         wire.ISOTime `json:"Timestamp"`
	Status     string       `json:"ResourceStatus"`
	Reason     string       `json:"ResourceStatusReason,omitempty"`
}

type describeStackResourcesOutput struct {
	Resources []shownResource `json:"StackResources"`
}

// describeStackResources is DescribeStackResources: all of a stack, or one of them.
func (s *service) describeStackResources(c *wire.Call, in *struct {
	Name      string `json:"StackName"`
	LogicalID string `json:"LogicalResourceId"`
},
) (*describeStackResourcesOutput, error) {
	k, err := s.findStack(c, in.Name)
	if err != nil {
		return nil, err
	}
	out := &describeStackResourcesOutput{Resources: []shownResource{}}
	for _, id := range slices.Sorted(maps.Keys(k.things)) {
		t := k.things[id]
		if in.LogicalID == "" || in.LogicalID == id {
			out.Resources = append(out.Resources, shownResource{k.Name, k.ID, id, t.ref, t.kind, wire.ISOTime{Time: t.since}, t.status, t.reason})
		}
	}
	if in.LogicalID != "" && len(out.Resources) == 0 {
		return nil, invalid(fmt.Sprintf("Resource %s does not exist for stack %s", in.LogicalID, k.Name))
	}
	return out, nil
}

type getTemplateOutput struct {
	Body   string   `json:"TemplateBody"`
	Stages []string `json:"StagesAvailable"`
}

// getTemplate is GetTemplate: of the stack, or of one of its change sets.
func (s *service) getTemplate(c *wire.Call, in *struct {
	Name  string `json:"StackName"`
	Set   string `json:"ChangeSetName"`
	Stage string `json:"TemplateStage"`
},
) (*getTemplateOutput, error) {
	if strings.HasPrefix(in.Set, "arn:") || in.Set != "" {
		x, err := s.findChangeSet(c, in.Name, in.Set)
		if err != nil {
			return nil, err
		}
		return &getTemplateOutput{x.blueprint.body, []string{"Original", "Processed"}}, nil
	}
	k, err := s.findStack(c, in.Name)
	if err != nil {
		return nil, err
	}
	if k.blueprint == nil {
		return nil, invalid("Stack [" + k.Name + "] has no template yet")
	}
	return &getTemplateOutput{k.blueprint.body, []string{"Original", "Processed"}}, nil
}

type validateTemplateOutput struct {
	Parameters   []shownParameter `json:"Parameters"`
	Description  string           `json:"Description,omitempty"`
	Capabilities []string         `json:"Capabilities,omitempty"`
	Reason       string           `json:"CapabilitiesReason,omitempty"`
}

type shownParameter struct {
	Key       string  `json:"ParameterKey"`
	ByDefault *string `json:"DefaultValue,omitempty"`
	NoEcho    bool    `json:"NoEcho"`
	Type      string  `json:"ParameterType,omitempty"`
}

// validateTemplate is ValidateTemplate.
func (s *service) validateTemplate(_ *wire.Call, in *source) (*validateTemplateOutput, error) {
	b, err := s.blueprint(*in)
	if err != nil {
		return nil, err
	}
	out := b.validated()
	return &out, nil
}

func (b *blueprint) validated() validateTemplateOutput {
	out := validateTemplateOutput{Parameters: []shownParameter{}, Description: b.description}
	for _, name := range slices.Sorted(maps.Keys(b.parameters)) {
		out.Parameters = append(out.Parameters, shownParameter{Key: name, ByDefault: b.parameters[name].byDefault})
	}
	if need := b.needs(); need != "" {
		out.Capabilities, out.Reason = []string{need}, "The following resource(s) require capabilities: [AWS::IAM::Role]"
	}
	return out
}

type templateSummaryOutput struct {
	validateTemplateOutput
	Types []string `json:"ResourceTypes"`
}

// getTemplateSummary is GetTemplateSummary: of a template, or of a stack's.
func (s *service) getTemplateSummary(c *wire.Call, in *struct {
	source
	Name string `json:"StackName"`
},
) (*templateSummaryOutput, error) {
	var b *blueprint
	if in.Name != "" {
		k, err := s.findStack(c, in.Name)
		if err != nil {
			return nil, err
		}
		b = k.blueprint
	}
	if b == nil {
		var err error
		if b, err = s.blueprint(in.source); err != nil {
			return nil, err
		}
	}
	out := &templateSummaryOutput{validateTemplateOutput: b.validated()}
	for i := range out.Parameters {
		out.Parameters[i].Type = "String"
	}
	for _, p := range b.parts {
		out.Types = append(out.Types, p.kind)
	}
	slices.Sort(out.Types)
	out.Types = slices.Compact(out.Types)
	return out, nil
}

// blueprint reads the template that a request brings, or points at.
func (s *service) blueprint(in source) (*blueprint, error) {
	body := in.Body
	switch {
	case (in.Body == "") == (in.URL == ""):
		return nil, invalid("Either Template URL or Template Body must be specified.")
	case len(body) > longestBody:
		return nil, invalid(fmt.Sprintf("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", longestBody))
	case in.URL != "":
		var err error
		if body, err = s.behind(in.URL); err != nil {
			return nil, err
		}
		if len(body) > longestFile {
			return nil, invalid("Template file referenced by " + in.URL + " is too large.")
		}
	}
	return readBlueprint(body)
}

type protectionOutput struct {
	StackID string `json:"StackId"`
}

// updateTerminationProtection is UpdateTerminationProtection.
func (s *service) updateTerminationProtection(c *wire.Call, in *struct {
	Name    string `json:"StackName"`
	Protect bool   `json:"EnableTerminationProtection"`
},
) (*protectionOutput, error) {
	k, err := s.findStack(c, in.Name)
	if err != nil {
		return nil, err
	}
	if !k.deleted.IsZero() {
		return nil, invalid("Stack [" + k.Name + "] does not exist")
	}
	k.protected = in.Protect
	return &protectionOutput{k.ID}, nil
}

// going says whether something happens to the stack.
func (k *stack) going() bool {
	return strings.HasSuffix(k.Status, "_IN_PROGRESS") && k.Status != "REVIEW_IN_PROGRESS"
}

// refuse is how CloudFormation answers what cannot be done in the stack's state.
func (k *stack) refuse(what string) error {
	return invalid(fmt.Sprintf("Stack:%s is in %s state and can not be %s.", k.ID, k.Status, what))
}
