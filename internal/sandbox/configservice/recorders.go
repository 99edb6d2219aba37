package configservice

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

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

type resourceTypes struct {
	Types []string `json:"resourceTypes"`
}

type strategy struct {
	Only string `json:"useOnly"`
}

type recordingGroup struct {
	All       bool           `json:"allSupported"`
	Global    bool           `json:"includeGlobalResourceTypes"`
	Types     []string       `json:"resourceTypes"`
	Exclusion *resourceTypes `json:"exclusionByResourceTypes,omitempty"`
	Strategy  *strategy      `json:"recordingStrategy,omitempty"`
}

type recordingMode struct {
	Frequency string `json:"recordingFrequency"`
	Overrides []any  `json:"recordingModeOverrides,omitempty"`
}

type recorder struct {
	Name      string          `json:"name"`
	Role      string          `json:"roleARN"`
	Group     *recordingGroup `json:"recordingGroup"`
	Mode      *recordingMode  `json:"recordingMode,omitempty"`
	Scope     string          `json:"recordingScope"`
	Principal string          `json:"servicePrincipal,omitempty"`
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
		shown := recorder{Name: r.Recorder, Scope: "PAID", Group: &recordingGroup{All: true, Global: p.region == s.w.Region, Types: []string{}}}
		role := "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
		if r.ControlTower {
			role = "aws-controltower-ConfigRecorderRole"
		}
		shown.Role = "arn:aws:iam::" + p.ID + ":role/" + role
		if r.RecorderShown != nil {
			if err := json.Unmarshal(r.RecorderShown, &shown); err != nil {
				return nil, err
			}
		}
		out.Recorders = append(out.Recorders, shown)
	}
	return out, nil
}

// putConfigurationRecorder is PutConfigurationRecorder: one in a Region of an account, which begins to record when it is started.
func (s *service) putConfigurationRecorder(p place, in *struct {
	Recorder *recorder `json:"ConfigurationRecorder"`
	Tags     []any     `json:"Tags"`
},
) (*struct{}, error) {
	var invalid wire.Invalid
	if in.Recorder == nil {
		invalid.Add("configurationRecorder", nil, "not be null")
		return nil, invalid.Err()
	}
	r := *in.Recorder
	r.Name = cmp.Or(r.Name, "default")
	invalid.Length("configurationRecorder.name", r.Name, 1, 256)
	invalid.Enum("configurationRecorder.recordingScope", r.Scope, "INTERNAL", "PAID")
	if r.Mode != nil {
		invalid.Required("configurationRecorder.recordingMode.recordingFrequency", r.Mode.Frequency)
		invalid.Enum("configurationRecorder.recordingMode.recordingFrequency", r.Mode.Frequency, "CONTINUOUS", "DAILY")
	}
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	switch {
	case r.Principal != "" || r.Scope == "INTERNAL":
		return nil, &wire.Unsupported{What: "service-linked configuration recorders"}
	case len(in.Tags) > 0:
		return nil, &wire.Unsupported{What: "tags of AWS Config"}
	case r.Mode != nil && len(r.Mode.Overrides) > 0:
		return nil, &wire.Unsupported{What: "recordingModeOverrides"}
	}
	switch there := s.w.Recorder(p.Account, p.region); {
	case there.ControlTower:
		return nil, protected()
	case there.Recorder != "" && there.Recorder != r.Name:
		return nil, wire.Fail("MaxNumberOfConfigurationRecordersExceededException",
			"Failed to put configuration recorder '"+r.Name+"' because the maximum number of customer managed configuration recorders: 1 is reached.")
	case strings.HasPrefix(r.Name, "AWSConfigurationRecorderFor"):
		return nil, wire.Fail("InvalidConfigurationRecorderNameException",
			"The configuration recorder name '"+r.Name+"' is not valid: its prefix is reserved for service-linked recorders.")
	case !roleARN.MatchString(r.Role):
		return nil, wire.Fail("InvalidRoleException", "You must provide the ARN of an IAM role for the configuration recorder.")
	}
	r.Scope = "PAID"
	if r.Group == nil {
		r.Group = &recordingGroup{All: true}
	}
	if err := r.Group.complete(); err != nil {
		return nil, err
	}
	shown, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	p.PutRecorder(world.ConfigSetting{Region: p.region, Name: r.Name, Shown: shown})
	return nil, nil
}

var (
	roleARN      = pattern.Compile(`^arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
	resourceType = pattern.Compile(`^AWS::\w+::\w+$`)
)

// The three ways to say what is recorded (AWS Config API Reference, RecordingStrategy).
const (
	allSupported = "ALL_SUPPORTED_RESOURCE_TYPES"
	inclusion    = "INCLUSION_BY_RESOURCE_TYPES"
	exclusion    = "EXCLUSION_BY_RESOURCE_TYPES"
)

// complete refuses a group that says two things at once, or nothing, and adds the strategy that follows from the rest (AWS
// Config API Reference, RecordingGroup, InvalidRecordingGroupException). Of resource types the form alone is looked at.
func (g *recordingGroup) complete() error {
	var excluded []string
	if g.Exclusion != nil {
		excluded = g.Exclusion.Types
	}
	meant := ""
	switch {
	case g.All:
		meant = allSupported
	case len(g.Types) > 0:
		meant = inclusion
	case len(excluded) > 0:
		meant = exclusion
	}
	only := meant
	if g.Strategy != nil && g.Strategy.Only != "" {
		only = g.Strategy.Only
	}
	if only == allSupported && len(g.Types)+len(excluded) == 0 {
		g.All, meant = true, allSupported // the strategy says it alone
	}
	wrong := func(why string) error {
		return wire.Fail("InvalidRecordingGroupException", "The recording group provided is not valid: "+why)
	}
	switch {
	case meant == "":
		return wrong("it names no resource types.")
	case only != meant:
		return wrong("the recording strategy " + only + " does not go with the other values.")
	case g.All && len(g.Types)+len(excluded) > 0, len(g.Types) > 0 && len(excluded) > 0:
		return wrong("it names resource types in two ways.")
	case g.Global && meant == inclusion:
		return wrong("includeGlobalResourceTypes does not go with a list of resource types.")
	}
	for _, t := range append(slices.Clone(g.Types), excluded...) {
		if !resourceType.MatchString(t) {
			return wrong("'" + t + "' is no resource type.")
		}
	}
	if g.Types == nil {
		g.Types = []string{}
	}
	g.Strategy = &strategy{only}
	return nil
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

// startConfigurationRecorder is StartConfigurationRecorder: not before there is a delivery channel.
func (s *service) startConfigurationRecorder(p place, in *recorderInput) (*struct{}, error) {
	if err := s.own(p, in); err != nil {
		return nil, err
	}
	if s.w.Recorder(p.Account, p.region).Channel == "" {
		return nil, wire.Fail("NoAvailableDeliveryChannelException", "Delivery channel is not available to start configuration recorder.")
	}
	p.StartRecorder(p.region)
	return nil, nil
}

// stopConfigurationRecorder is StopConfigurationRecorder.
func (s *service) stopConfigurationRecorder(p place, in *recorderInput) (*struct{}, error) {
	if err := s.own(p, in); err != nil {
		return nil, err
	}
	p.StopRecorder(p.region)
	return nil, nil
}

// deleteConfigurationRecorder is DeleteConfigurationRecorder, which stops it, too.
func (s *service) deleteConfigurationRecorder(p place, in *recorderInput) (*struct{}, error) {
	if err := s.own(p, in); err != nil {
		return nil, err
	}
	p.DeleteRecorder(p.region)
	return nil, nil
}
