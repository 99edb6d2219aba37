package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// set is a stack set.
type set struct {
	name, id, region string
	description      string
	body             string
	template         *template
	parameters       map[string]string // as they were given, without the template's defaults
	capabilities     []string
	tags             []tag
	auto             autoDeployment
	managed          bool // ManagedExecution
	token            string
	modified         bool // since it was made
	deleted          bool
	units            []string // ids of all units and roots that were ever targeted
	instances        []*instance
	operations       []*operation // the oldest first
}

func (t *set) identifier() string { return t.name + ":" + t.id }

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type autoDeployment struct {
	Enabled   bool     `json:"Enabled"`
	Retain    bool     `json:"RetainStacksOnAccountRemoval"`
	DependsOn []string `json:"DependsOn,omitempty"`
}

type managedExecution struct {
	Active bool `json:"Active"`
}

type parameter struct {
	Key           string `json:"ParameterKey"`
	Value         string `json:"ParameterValue"`
	UsePrevious   bool   `json:"UsePreviousValue,omitempty"`
	ResolvedValue string `json:"ResolvedValue,omitempty"`
}

func parameterValues(given []parameter, before map[string]string) map[string]string {
	values := map[string]string{}
	for _, p := range given {
		values[p.Key] = p.Value
		if p.UsePrevious {
			values[p.Key] = before[p.Key]
		}
	}
	return values
}

func shownParameters(values map[string]string) []parameter {
	shown := []parameter{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		shown = append(shown, parameter{Key: key, Value: values[key]})
	}
	return shown
}

// source is where a template comes from.
type source struct {
	Body     string `json:"TemplateBody"`
	URL      string `json:"TemplateURL"`
	Previous bool   `json:"UsePreviousTemplate"`
}

const (
	longestBody = 51_200
	longestFile = 1 << 20
)

// read finds the template that a request brings, or points at.
func (s *service) read(in source) (string, *template, error) {
	body := in.Body
	switch {
	case in.Body == "" && in.URL == "":
		return "", nil, invalid("Either Template URL or Template Body must be specified.")
	case in.Body != "" && in.URL != "":
		return "", nil, invalid("Template URL and Template Body cannot be specified together.")
	case len(in.Body) > longestBody:
		return "", nil, invalid(fmt.Sprintf("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", longestBody))
	case in.URL != "":
		var err error
		if body, err = s.behind(in.URL); err != nil {
			return "", nil, err
		}
		if len(body) > longestFile {
			return "", nil, invalid("Template file referenced by " + in.URL + " is too large.")
		}
	}
	t, err := readTemplate(body)
	return body, t, err
}

// capable are the capabilities that can be given.
var capable = []string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}

// acknowledged looks whether the capabilities that the template needs are given (AWS CloudFormation API Reference,
// CreateStackSet, Capabilities).
func (s *service) acknowledged(t *template, capabilities []string) error {
	var wrong wire.Invalid
	for _, c := range capabilities {
		wrong.Enum("capabilities", c, capable...)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if lacking := t.lacks(capabilities); lacking != "" && !s.w.Otherwise("stack-set-capabilities") {
		return wire.Fail("InsufficientCapabilitiesException", lacking)
	}
	return nil
}

// lacks says which capability is needed and not given; empty when none is.
func (t *template) lacks(capabilities []string) string {
	needed := t.capabilities()
	if slices.Contains(capabilities, needed) || slices.Contains(capabilities, "CAPABILITY_NAMED_IAM") {
		return ""
	}
	return "Requires capabilities : [" + needed + "]"
}

var setName = pattern.Compile(`[a-zA-Z][a-zA-Z0-9-]{0,127}`)

type createStackSetInput struct {
	callAs
	source
	Name           string            `json:"StackSetName"`
	Description    string            `json:"Description"`
	Parameters     []parameter       `json:"Parameters"`
	Capabilities   []string          `json:"Capabilities"`
	Tags           []tag             `json:"Tags"`
	Administration string            `json:"AdministrationRoleARN"`
	Execution      string            `json:"ExecutionRoleName"`
	Model          string            `json:"PermissionModel"`
	Auto           *autoDeployment   `json:"AutoDeployment"`
	Token          string            `json:"ClientRequestToken"`
	Managed        *managedExecution `json:"ManagedExecution"`
}

func (in *createStackSetInput) check() error {
	var wrong wire.Invalid
	wrong.Required("stackSetName", in.Name)
	wrong.Pattern("stackSetName", in.Name, setName)
	wrong.Enum("permissionModel", in.Model, "SERVICE_MANAGED", "SELF_MANAGED")
	wrong.Length("description", in.Description, 1, 1024)
	if err := first(wrong.Err(), in.callAs.check()); err != nil {
		return err
	}
	switch {
	case in.Model != "SERVICE_MANAGED":
		return &wire.Unsupported{What: "stack sets with self-managed permissions"}
	case in.Auto == nil:
		return invalid("AutoDeployment must be specified when creating a stack set with SERVICE_MANAGED permission model")
	case !in.Auto.Enabled && in.Auto.Retain:
		return invalid("RetainStacksOnAccountRemoval can only be set when AutoDeployment is enabled")
	case in.Administration != "" || in.Execution != "":
		return invalid("AdministrationRoleARN and ExecutionRoleName can't be specified with the SERVICE_MANAGED permission model")
	}
	return nil
}

type createStackSetOutput struct {
	ID string `json:"StackSetId"`
}

// createStackSet is CreateStackSet with the permission model SERVICE_MANAGED.
func (s *service) createStackSet(c *wire.Call, in *createStackSetInput) (*createStackSetOutput, error) {
	if err := first(in.check(), s.mayDeploy()); err != nil {
		return nil, err
	}
	if existing := s.named(c.Region, in.Name); existing != nil {
		switch {
		case in.Token == "" || existing.token != in.Token:
			return nil, fail("NameAlreadyExistsException", "StackSet "+in.Name+" already exists")
		case existing.modified:
			return nil, fail("CreatedButModifiedException", "StackSet "+in.Name+" was created and has been modified since")
		}
		return &createStackSetOutput{existing.identifier()}, nil
	}
	if err := s.dependable(c.Region, nil, in.Auto.DependsOn); err != nil {
		return nil, err
	}
	body, t, err := s.read(in.source)
	if err != nil {
		return nil, err
	}
	given := parameterValues(in.Parameters, nil)
	if _, err := t.values(given); err != nil {
		return nil, err
	}
	if err := s.acknowledged(t, in.Capabilities); err != nil {
		return nil, err
	}
	made := &set{
		name: in.Name, id: s.w.UUID("stack-set"), region: c.Region, description: in.Description, body: body, template: t,
		parameters: given, capabilities: in.Capabilities, tags: in.Tags, auto: *in.Auto, token: in.Token,
		managed: in.Managed != nil && in.Managed.Active,
	}
	s.sets = append(s.sets, made)
	return &createStackSetOutput{made.identifier()}, nil
}

// named finds a stack set of a Region that was not deleted; nil when there is none.
func (s *service) named(region, name string) *set {
	for _, t := range s.sets {
		if t.region == region && !t.deleted && (t.name == name || t.identifier() == name) {
			return t
		}
	}
	return nil
}

// find is named, with AWS's answer when there is none.
func (s *service) find(c *wire.Call, name string, as callAs) (*set, error) {
	var wrong wire.Invalid
	wrong.Required("stackSetName", name)
	if err := first(wrong.Err(), as.check()); err != nil {
		return nil, err
	}
	t := s.named(c.Region, name)
	if t == nil {
		return nil, fail("StackSetNotFoundException", "StackSet "+name+" not found")
	}
	return t, nil
}

type named struct {
	callAs
	Name string `json:"StackSetName"`
}

type shownSet struct {
	Name         string           `json:"StackSetName"`
	ID           string           `json:"StackSetId"`
	Description  string           `json:"Description,omitempty"`
	Status       string           `json:"Status"`
	Body         string           `json:"TemplateBody"`
	Parameters   []parameter      `json:"Parameters"`
	Capabilities []string         `json:"Capabilities"`
	Tags         []tag            `json:"Tags"`
	ARN          string           `json:"StackSetARN"`
	Auto         autoDeployment   `json:"AutoDeployment"`
	Model        string           `json:"PermissionModel"`
	Units        []string         `json:"OrganizationalUnitIds"`
	Managed      managedExecution `json:"ManagedExecution"`
	Regions      []string         `json:"Regions"`
}

type describeStackSetOutput struct {
	Set shownSet `json:"StackSet"`
}

// describeStackSet is DescribeStackSet; one that was deleted is found by its id.
func (s *service) describeStackSet(c *wire.Call, in *named) (*describeStackSetOutput, error) {
	t, err := s.find(c, in.Name, in.callAs)
	if err != nil {
		if t = s.buried(c.Region, in.Name); t == nil {
			return nil, err
		}
	}
	shown := shownSet{
		Name: t.name, ID: t.identifier(), Description: t.description, Status: "ACTIVE", Body: t.body,
		Parameters: shownParameters(t.parameters), Capabilities: t.capabilities, Tags: t.tags,
		ARN: s.arn(t), Auto: t.auto, Model: "SERVICE_MANAGED", Units: t.units, Managed: managedExecution{t.managed},
	}
	if t.deleted {
		shown.Status = "DELETED"
	}
	for _, i := range t.instances {
		if !slices.Contains(shown.Regions, i.region) {
			shown.Regions = append(shown.Regions, i.region)
		}
	}
	return &describeStackSetOutput{shown}, nil
}

func (s *service) buried(region, identifier string) *set {
	for _, t := range s.sets {
		if t.region == region && t.deleted && t.identifier() == identifier {
			return t
		}
	}
	return nil
}

type summary struct {
	Name        string           `json:"StackSetName"`
	ID          string           `json:"StackSetId"`
	Description string           `json:"Description,omitempty"`
	Status      string           `json:"Status"`
	Auto        autoDeployment   `json:"AutoDeployment"`
	Model       string           `json:"PermissionModel"`
	Managed     managedExecution `json:"ManagedExecution"`
}

type listStackSetsOutput struct {
	Summaries []summary `json:"Summaries"`
	NextToken string    `json:"NextToken,omitempty"`
}

// listStackSets is ListStackSets: those of the Region, deleted ones included where Status does not say otherwise.
func (s *service) listStackSets(c *wire.Call, in *struct {
	callAs
	pageInput
	Status string `json:"Status"`
},
) (*listStackSetsOutput, error) {
	var wrong wire.Invalid
	wrong.Enum("status", in.Status, "ACTIVE", "DELETED")
	if err := first(wrong.Err(), in.check()); err != nil {
		return nil, err
	}
	var all []summary
	for _, t := range s.sets {
		row := summary{
			Name: t.name, ID: t.identifier(), Description: t.description, Status: "ACTIVE", Auto: t.auto, Model: "SERVICE_MANAGED",
			Managed: managedExecution{t.managed},
		}
		if t.deleted {
			row.Status = "DELETED"
		}
		if t.region == c.Region && (in.Status == "" || in.Status == row.Status) {
			all = append(all, row)
		}
	}
	slices.SortStableFunc(all, func(a, b summary) int { return strings.Compare(a.Name, b.Name) })
	found, next, err := page(all, in.pageInput)
	return &listStackSetsOutput{found, next}, err
}

// deleteStackSet is DeleteStackSet.
func (s *service) deleteStackSet(c *wire.Call, in *named) (*nothingAtAll, error) {
	t, err := s.find(c, in.Name, in.callAs)
	if code, ok := refused(err); ok && code == "StackSetNotFoundException" && !s.w.Otherwise("delete-missing-stack-set") {
		return &nothingAtAll{}, nil
	}
	switch {
	case err != nil:
		return nil, err
	case t.unfinished() != nil:
		return nil, s.inProgress(t, t.unfinished())
	case len(t.instances) > 0:
		return nil, fail("StackSetNotEmptyException", "StackSet is not empty")
	}
	s.independent(t)
	t.deleted = true
	return &nothingAtAll{}, nil
}
