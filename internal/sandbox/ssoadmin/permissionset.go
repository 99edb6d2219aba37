package ssoadmin

import (
	"strconv"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type setsOutput struct {
	Sets      []string `json:"PermissionSets"`
	NextToken string   `json:"NextToken,omitempty"`
}

// listPermissionSets is ListPermissionSets: ARNs only.
func (s *service) listPermissionSets(_ *wire.Call, in *struct {
	inInstance
	pageInput
},
) (*setsOutput, error) {
	if err := s.instance(in.inInstance, new(wire.Invalid)); err != nil {
		return nil, err
	}
	var all []string
	for _, p := range s.w.IdentityCenter.PermissionSets {
		all = append(all, p.ARN)
	}
	found, next, err := page(all, in.pageInput, 100)
	if err != nil {
		return nil, err
	}
	return &setsOutput{Sets: found, NextToken: next}, nil
}

// changing finds a permission set that is to be changed.
func (s *service) changing(in inSet, i *wire.Invalid) (*world.PermissionSet, error) {
	p, err := s.set(in, i)
	if err != nil {
		return nil, err
	}
	return p, s.w.Changeable(p)
}

type permissionSet struct {
	ARN         string    `json:"PermissionSetArn"`
	Name        string    `json:"Name"`
	Description string    `json:"Description,omitempty"`
	Created     wire.Time `json:"CreatedDate"`
	Session     string    `json:"SessionDuration"`
	RelayState  string    `json:"RelayState,omitempty"`
}

type setOutput struct {
	Set permissionSet `json:"PermissionSet"`
}

func showSet(p *world.PermissionSet) *setOutput {
	return &setOutput{Set: permissionSet{
		ARN: p.ARN, Name: p.Name, Description: p.Description, Created: wire.Time{Time: p.Created}, Session: p.SessionDuration,
		RelayState: p.RelayState,
	}}
}

// describePermissionSet is DescribePermissionSet.
func (s *service) describePermissionSet(_ *wire.Call, in *inSet) (*setOutput, error) {
	p, err := s.set(*in, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	return showSet(p), nil
}

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

const mostPermissionSets = 3500

var (
	latin1     = pattern.Compile(`[\t\n\r\x20-\x7E\x{A1}-\x{FF}]*`)
	session    = pattern.Compile(`(-?)P((\d+)Y)?((\d+)M)?((\d+)([DW]))?(T((\d+)H)?((\d+)M)?((\d+(\.\d+)?)S)?)?`)
	relayState = pattern.Compile(`[a-zA-Z0-9&$@#\\/%?=~\-_'"|!:,.;*+\[\] (){}]+`)
)

// checkSet looks at what a permission set is made or changed with; nil is not given. An empty text is too short, where it
// is given for a change.
func checkSet(i *wire.Invalid, description, duration, relay *string) {
	for _, member := range []struct {
		name    string
		value   *string
		longest int
		pattern *pattern.Pattern
	}{
		{"description", description, 700, latin1},
		{"sessionDuration", duration, 100, session},
		{"relayState", relay, 240, relayState},
	} {
		if member.value != nil {
			i.Length(member.name, *member.value, 1, member.longest)
			i.Pattern(member.name, *member.value, member.pattern)
		}
	}
	if duration != nil && *duration != "" && !sessionFits(*duration) {
		i.Add("sessionDuration", *duration, "be a duration from one hour to twelve hours")
	}
}

// sessionFits says whether a session may be that long: one to twelve hours (IAM Identity Center User Guide, "Set session
// duration for AWS accounts").
func sessionFits(duration string) bool {
	m := session.FindStringSubmatch(duration)
	if m == nil || m[1] != "" || m[2] != "" || m[4] != "" || m[8] == "W" {
		return false
	}
	minutes := 0.0
	for group, factor := range map[int]float64{7: 24 * 60, 11: 60, 13: 1, 15: 1.0 / 60} {
		if n, err := strconv.ParseFloat(m[group], 64); err == nil { // a part that is not there is empty
			minutes += n * factor
		}
	}
	return minutes >= 60 && minutes <= 720
}

// createPermissionSet is CreatePermissionSet: names are unique.
func (s *service) createPermissionSet(_ *wire.Call, in *struct {
	inInstance
	Name        string `json:"Name"`
	Description string `json:"Description"`
	Session     string `json:"SessionDuration"`
	RelayState  string `json:"RelayState"`
	Tags        []tag  `json:"Tags"`
},
) (*setOutput, error) {
	invalid := new(wire.Invalid)
	invalid.Required("name", in.Name)
	invalid.Length("name", in.Name, 1, 32)
	invalid.Pattern("name", in.Name, setName)
	checkSet(invalid, &in.Description, &in.Session, &in.RelayState)
	checkTags(invalid, in.Tags)
	if err := s.instance(in.inInstance, invalid); err != nil {
		return nil, err
	}
	ic := s.w.IdentityCenter
	switch {
	case ic.PermissionSetNamed(in.Name) != nil:
		return nil, wire.Fail("ConflictException", "PermissionSet with name "+in.Name+" already exists.")
	case len(in.Tags) > mostTags:
		return nil, tooManyTags()
	case len(ic.PermissionSets) >= mostPermissionSets:
		return nil, wire.Fail("ServiceQuotaExceededException", "You have exceeded the number of permission sets.")
	}
	p := ic.AddPermissionSet(s.w, &world.PermissionSet{
		Name: in.Name, Description: in.Description, SessionDuration: in.Session, RelayState: in.RelayState, Tags: map[string]string{},
	})
	for _, t := range in.Tags {
		p.Tags[t.Key] = t.Value
	}
	return showSet(p), nil
}

// updatePermissionSet is UpdatePermissionSet: what is not given stays, but for the relay state.
func (s *service) updatePermissionSet(_ *wire.Call, in *struct {
	inSet
	Description *string `json:"Description"`
	Session     *string `json:"SessionDuration"`
	RelayState  *string `json:"RelayState"`
},
) (*nothing, error) {
	invalid := new(wire.Invalid)
	for name, value := range map[string]*string{"description": in.Description, "sessionDuration": in.Session, "relayState": in.RelayState} {
		if value != nil && *value == "" {
			invalid.Add(name, "", "have length greater than or equal to 1")
		}
	}
	checkSet(invalid, in.Description, in.Session, in.RelayState)
	p, err := s.changing(in.inSet, invalid)
	if err != nil {
		return nil, err
	}
	if !s.w.Otherwise("update-keeps-relay-state") {
		p.RelayState = ""
	}
	for _, change := range []struct{ into, from *string }{
		{&p.Description, in.Description},
		{&p.SessionDuration, in.Session},
		{&p.RelayState, in.RelayState},
	} {
		if change.from != nil {
			*change.into = *change.from
		}
	}
	s.w.IdentityCenter.Change(p)
	return &nothing{}, nil
}

// deletePermissionSet is DeletePermissionSet.
func (s *service) deletePermissionSet(_ *wire.Call, in *inSet) (*nothing, error) {
	p, err := s.changing(*in, new(wire.Invalid))
	if err != nil {
		return nil, err
	}
	if err := s.w.IdentityCenter.DeletePermissionSet(p); err != nil {
		return nil, err
	}
	return &nothing{}, nil
}
