package cloudformation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// changeSet is what would be done to a stack.
type changeSet struct {
	stack          *stack
	id, name, kind string // kind: CREATE, UPDATE
	description    string
	token          string
	status         string // CREATE_PENDING, CREATE_IN_PROGRESS, CREATE_COMPLETE, FAILED
	reason         string
	execution      string // UNAVAILABLE, AVAILABLE, EXECUTE_IN_PROGRESS, EXECUTE_COMPLETE, EXECUTE_FAILED, OBSOLETE
	created        time.Time
	blueprint      *blueprint
	parameters     map[string]string
	capabilities   []string
	tags           []tag
	importExisting bool
	changes        []change
}

type change struct {
	Type     string         `json:"Type"`
	Resource resourceChange `json:"ResourceChange"`
}

type resourceChange struct {
	Action      string         `json:"Action"` // Add, Modify, Remove, Import
	LogicalID   string         `json:"LogicalResourceId"`
	PhysicalID  string         `json:"PhysicalResourceId,omitempty"`
	Kind        string         `json:"ResourceType"`
	Replacement string         `json:"Replacement,omitempty"` // True, False
	Policy      string         `json:"PolicyAction,omitempty"`
	Scope       []string       `json:"Scope"`
	Details     []changeDetail `json:"Details"`
}

type changeDetail struct {
	Target     changeTarget `json:"Target"`
	Evaluation string       `json:"Evaluation"`
	Source     string       `json:"ChangeSource"`
}

type changeTarget struct {
	Attribute string `json:"Attribute"`
	Name      string `json:"Name,omitempty"`
	Recreate  string `json:"RequiresRecreation"`
}

var (
	changeSetName = pattern.Compile(`[a-zA-Z][-a-zA-Z0-9]*`)
	stackName     = pattern.Compile(`[a-zA-Z][-a-zA-Z0-9]*`)
)

// Why a change set fails that changes nothing.
const (
	noUpdates = "No updates are to be performed."
	noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."
)

type createChangeSetInput struct {
	source
	StackName      string      `json:"StackName"`
	Name           string      `json:"ChangeSetName"`
	Kind           string      `json:"ChangeSetType"`
	Description    string      `json:"Description"`
	Token          string      `json:"ClientToken"`
	Parameters     []parameter `json:"Parameters"`
	Capabilities   []string    `json:"Capabilities"`
	Tags           []tag       `json:"Tags"`
	ImportExisting bool        `json:"ImportExistingResources"`
	OnFailure      string      `json:"OnStackFailure"`
	Nested         bool        `json:"IncludeNestedStacks"` // there are none
	Topics         []string    `json:"NotificationARNs"`
}

type createChangeSetOutput struct {
	ID      string `json:"Id"`
	StackID string `json:"StackId"`
}

// createChangeSet is CreateChangeSet: of the type CREATE for a stack that is not there yet, which then is in review.
func (s *service) createChangeSet(c *wire.Call, in *createChangeSetInput) (*createChangeSetOutput, error) {
	var wrong wire.Invalid
	wrong.Required("stackName", in.StackName)
	wrong.Required("changeSetName", in.Name)
	wrong.Length("changeSetName", in.Name, 1, 128)
	wrong.Pattern("changeSetName", in.Name, changeSetName)
	wrong.Enum("changeSetType", in.Kind, "CREATE", "UPDATE", "IMPORT")
	wrong.Enum("onStackFailure", in.OnFailure, "DO_NOTHING", "ROLLBACK", "DELETE")
	switch err := wrong.Err(); {
	case err != nil:
		return nil, err
	case in.Kind == "IMPORT":
		return nil, &wire.Unsupported{What: "change sets of type IMPORT"}
	case in.OnFailure != "" && in.OnFailure != "ROLLBACK":
		return nil, &wire.Unsupported{What: "OnStackFailure " + in.OnFailure}
	case len(in.Topics) > 0:
		return nil, &wire.Unsupported{What: "NotificationARNs of change sets"}
	}
	k := s.known(c, in.StackName)
	if k != nil && !k.deleted.IsZero() {
		return nil, invalid("Stack [" + in.StackName + "] does not exist")
	}
	if err := s.fitting(c, in, k); err != nil {
		return nil, err
	}
	if k != nil {
		for _, x := range k.sets {
			if x.name == in.Name && in.Token != "" && x.token == in.Token {
				return &createChangeSetOutput{x.id, k.ID}, nil
			}
			if x.name == in.Name {
				return nil, &wire.Error{Code: "AlreadyExistsException", Message: "ChangeSet " + in.Name + " cannot be created due to a mismatch with existing attribute Template"}
			}
		}
	}
	b, before, err := s.asked(k, in)
	if err != nil {
		return nil, err
	}
	given := map[string]string{}
	for _, p := range in.Parameters {
		if value, ok := before[p.Key]; p.UsePrevious && !ok {
			return nil, invalid("Invalid input for parameter key " + p.Key + ". Cannot specify usePreviousValue as true for a parameter key not in the previous template")
		} else if p.UsePrevious {
			given[p.Key] = value
			continue
		}
		given[p.Key] = p.Value
	}
	parameters, err := b.values(given)
	if err != nil {
		return nil, err
	}
	if need := b.needs(); need != "" && !slices.Contains(in.Capabilities, need) && !slices.Contains(in.Capabilities, "CAPABILITY_NAMED_IAM") {
		return nil, &wire.Error{Code: "InsufficientCapabilitiesException", Message: "Requires capabilities : [" + need + "]"}
	}
	if k == nil {
		if k, err = s.review(c, in.StackName); err != nil {
			return nil, err
		}
	}
	x := &changeSet{
		stack: k, name: in.Name, kind: cmpOr(in.Kind, "UPDATE"), description: in.Description, token: in.Token, created: s.w.Stamp(),
		id:     "arn:aws:cloudformation:" + k.Region + ":" + k.account + ":changeSet/" + in.Name + "/" + s.w.UUID("change-set"),
		status: "CREATE_PENDING", execution: "UNAVAILABLE", blueprint: b, parameters: parameters, capabilities: in.Capabilities, tags: in.Tags,
		importExisting: in.ImportExisting,
	}
	k.sets = append(k.sets, x)
	key, host := c.AccessKey, c.Request.Host
	s.start(func(time.Time) progress { s.compare(x, key, host); return ended })
	return &createChangeSetOutput{x.id, k.ID}, nil
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// fitting says whether a change set of that type can be for the stack as it is.
func (s *service) fitting(c *wire.Call, in *createChangeSetInput, k *stack) error {
	creates := in.Kind == "CREATE"
	if k == nil {
		elsewhere := slices.ContainsFunc(s.w.AllStacks(s.w.Account(c.Caller.Account), c.Region), func(o *world.Stack) bool { return o.Name == in.StackName || o.ID == in.StackName })
		switch {
		case elsewhere && creates:
			return &wire.Error{Code: "AlreadyExistsException", Message: "Stack [" + in.StackName + "] already exists"}
		case elsewhere:
			return &wire.Unsupported{What: "change sets of stacks that stack sets or the world's file made"}
		case !creates:
			return invalid("Stack [" + in.StackName + "] does not exist")
		}
		var wrong wire.Invalid
		wrong.Length("stackName", in.StackName, 1, 128)
		wrong.Pattern("stackName", in.StackName, stackName)
		return wrong.Err()
	}
	switch {
	case creates && k.Status != "REVIEW_IN_PROGRESS":
		return invalid("Stack [" + k.Name + "] already exists and cannot be created again with the changeSet [" + in.Name + "].")
	case creates:
		return nil
	case !slices.Contains([]string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}, k.Status):
		return k.refuse("updated")
	}
	return nil
}

// review makes a stack that is there for its change set only.
func (s *service) review(c *wire.Call, name string) (*stack, error) {
	a := s.w.Account(c.Caller.Account)
	if a == nil {
		return nil, &wire.Error{Code: "AccessDenied", Message: "Account " + c.Caller.Account + " is not there", Status: 403}
	}
	k := &stack{
		Stack:   &world.Stack{ID: s.w.StackID(a.ID, c.Region, name), Name: name, Region: c.Region, Created: s.w.Stamp()},
		account: a.ID, things: map[string]*thing{},
	}
	a.Stacks = append(a.Stacks, k.Stack)
	s.stacks = append(s.stacks, k)
	s.moves(k, s.w.Stamp(), "REVIEW_IN_PROGRESS", "User Initiated")
	return k, nil
}

// asked is the template that is asked for, and the parameters from which previous values come.
func (s *service) asked(k *stack, in *createChangeSetInput) (*blueprint, map[string]string, error) {
	var before map[string]string
	if k != nil {
		before = k.parameters
	}
	if !in.Previous {
		b, err := s.blueprint(in.source)
		return b, before, err
	}
	if k == nil || k.blueprint == nil {
		return nil, nil, invalid("UsePreviousTemplate cannot be used: the stack has no template yet")
	}
	return k.blueprint, before, nil
}

// findChangeSet finds a change set by its ARN, or by its name and its stack's.
func (s *service) findChangeSet(c *wire.Call, stackName, name string) (*changeSet, error) {
	var wrong wire.Invalid
	wrong.Required("changeSetName", name)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	gone := &wire.Error{Code: "ChangeSetNotFound", Status: 404, Message: "ChangeSet [" + name + "] does not exist"}
	if strings.HasPrefix(name, "arn:") {
		for _, k := range s.stacks {
			for _, x := range k.sets {
				if x.id == name && k.account == c.Caller.Account && k.Region == c.Region {
					return x, nil
				}
			}
		}
		return nil, gone
	}
	if stackName == "" {
		return nil, invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	k, err := s.findStack(c, stackName)
	if err != nil {
		return nil, err
	}
	for _, x := range k.sets {
		if x.name == name {
			return x, nil
		}
	}
	return nil, gone
}

type namedChangeSet struct {
	StackName string `json:"StackName"`
	Name      string `json:"ChangeSetName"`
}

type changeSetSummary struct {
	StackID        string       `json:"StackId"`
	StackName      string       `json:"StackName"`
	ID             string       `json:"ChangeSetId"`
	Name           string       `json:"ChangeSetName"`
	Execution      string       `json:"ExecutionStatus"`
	Status         string       `json:"Status"`
	Reason         string       `json:"StatusReason,omitempty"`
	Created        wire.ISOTime `json:"CreationTime"`
	Description    string       `json:"Description,omitempty"`
	ImportExisting bool         `json:"ImportExistingResources,omitempty"`
}

func (x *changeSet) summary() changeSetSummary {
	return changeSetSummary{
		x.stack.ID, x.stack.Name, x.id, x.name, x.execution, x.status, x.reason, wire.ISOTime{Time: x.created}, x.description, x.importExisting,
	}
}

type describeChangeSetOutput struct {
	changeSetSummary
	Parameters   []parameter `json:"Parameters"`
	Capabilities []string    `json:"Capabilities"`
	Tags         []tag       `json:"Tags"`
	Changes      []change    `json:"Changes"`
	NextToken    string      `json:"NextToken,omitempty"`
}

// describeChangeSet is DescribeChangeSet.
func (s *service) describeChangeSet(c *wire.Call, in *struct {
	namedChangeSet
	NextToken string `json:"NextToken"`
	Values    bool   `json:"IncludePropertyValues"`
},
) (*describeChangeSetOutput, error) {
	if in.Values {
		return nil, &wire.Unsupported{What: "IncludePropertyValues"}
	}
	x, err := s.findChangeSet(c, in.StackName, in.Name)
	if err != nil {
		return nil, err
	}
	changes, next, err := page(x.changes, pageInput{NextToken: in.NextToken})
	if err != nil {
		return nil, err
	}
	return &describeChangeSetOutput{x.summary(), shownParameters(x.parameters), x.capabilities, x.tags, changes, next}, nil
}

type listChangeSetsOutput struct {
	Summaries []changeSetSummary `json:"Summaries"`
	NextToken string             `json:"NextToken,omitempty"`
}

// listChangeSets is ListChangeSets.
func (s *service) listChangeSets(c *wire.Call, in *struct {
	StackName string `json:"StackName"`
	NextToken string `json:"NextToken"`
},
) (*listChangeSetsOutput, error) {
	k, err := s.findStack(c, in.StackName)
	if err != nil {
		return nil, err
	}
	var all []changeSetSummary
	for _, x := range k.sets {
		all = append(all, x.summary())
	}
	found, next, err := page(all, pageInput{NextToken: in.NextToken})
	return &listChangeSetsOutput{found, next}, err
}

// deleteChangeSet is DeleteChangeSet: one that there is not is no error, and the stack in review stays.
func (s *service) deleteChangeSet(c *wire.Call, in *namedChangeSet) (*struct{}, error) {
	x, err := s.findChangeSet(c, in.StackName, in.Name)
	if code, answered := refused(err); answered && code == "ChangeSetNotFound" {
		return &struct{}{}, nil
	}
	if err != nil {
		return nil, err
	}
	if x.execution == "EXECUTE_IN_PROGRESS" {
		return nil, &wire.Error{Code: "InvalidChangeSetStatus", Message: "ChangeSet [" + x.id + "] is in EXECUTE_IN_PROGRESS status"}
	}
	x.stack.sets = slices.DeleteFunc(x.stack.sets, func(o *changeSet) bool { return o == x })
	return &struct{}{}, nil
}

// executeChangeSet is ExecuteChangeSet: the others of its stack are deleted.
func (s *service) executeChangeSet(c *wire.Call, in *struct {
	namedChangeSet
	Token           string `json:"ClientRequestToken"`
	DisableRollback bool   `json:"DisableRollback"`
},
) (*struct{}, error) {
	if in.DisableRollback {
		return nil, &wire.Unsupported{What: "DisableRollback"}
	}
	x, err := s.findChangeSet(c, in.StackName, in.Name)
	if err != nil {
		return nil, err
	}
	k := x.stack
	if x.execution != "AVAILABLE" {
		return nil, &wire.Error{
			Code:    "InvalidChangeSetStatus",
			Message: fmt.Sprintf("ChangeSet [%s] cannot be executed in its current execution status of [%s] and status of [%s]", x.id, x.execution, x.status),
		}
	}
	if k.going() {
		return nil, k.refuse("updated")
	}
	k.sets, k.key, k.host, k.token = []*changeSet{x}, c.AccessKey, c.Request.Host, in.Token
	if s.w.Otherwise("executed-change-set-gone") {
		k.sets = nil
	}
	x.execution = "EXECUTE_IN_PROGRESS"
	s.execute(k, x)
	return &struct{}{}, nil
}
