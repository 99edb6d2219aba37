package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Inside is what is found inside a member account beside its roles and stacks, and how it can be reached.
type Inside struct {
	StoppedRecorders []string        // Regions whose AWS Config recorder of its own does not record
	Aggregations     []string        // Regions in which the account lets others aggregate its Config data
	RecorderSettings []ConfigSetting // how its own recorders were made, where it was not by the world file
	ChannelSettings  []ConfigSetting // and its own delivery channels
	Authorizations   []Authorization // those beside Aggregations
	LogGroups        []Regional      // log groups of CloudWatch Logs
	Topics           []Regional      // Amazon SNS topics
	EnabledRegions   []string        // Regions that must be opted in to, and are
	DeniedRegions    []string        // Regions in which a service control policy denies everything but IAM and STS
	InactiveSTS      []string        // Regions in which AWS STS is not active
	ControlPolicies  []string        // names of the service control policies attached to it, beside FullAWSAccess
}

// Regional is something with a name in a Region.
type Regional struct{ Name, Region string }

// optional are the Regions that an account has to opt in to (AWS Account Management User Guide, "Enable or disable AWS
// Regions in your account"); always are those that it has anyway.
var (
	optional = []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ca-west-1",
		"eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
	}
	always = []string{
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
		"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}
)

// Regions are all Regions, and whether an account must opt in to them.
func Regions() map[string]bool {
	all := map[string]bool{}
	for _, r := range always {
		all[r] = false
	}
	for _, r := range optional {
		all[r] = true
	}
	return all
}

// RegionEnabled says whether an account can be used in a Region. The management account can everywhere.
func (w *World) RegionEnabled(a *Account, region string) bool {
	return a.ID == w.Management.ID || !slices.Contains(optional, region) || slices.Contains(a.EnabledRegions, region)
}

// STSActive says whether AWS STS gives out sessions of the account in a Region (IAM User Guide, "Manage AWS STS in an AWS
// Region").
func (w *World) STSActive(a *Account, region string) bool {
	return !slices.Contains(a.InactiveSTS, region)
}

// Refusals of [World.Enter]; services put them in their own words.
const (
	AccessDenied = "AccessDenied"
	InvalidToken = "InvalidToken"
)

// Enter says which account a caller acts in, and whether it may do that there: "config:DeleteDeliveryChannel". The Region
// must be enabled in the account and not be denied, the role must still be there, and its managed policies must allow the
// action. Who has no session of a role is the management account's administrator, and may do everything.
func (w *World) Enter(c Caller, region, action string) (*Account, error) {
	a := w.byID[c.Account]
	denied := func(why string) error {
		return refuse(AccessDenied, "User: %s is not authorized to perform: %s%s", c.ARN, action, why)
	}
	service, _, _ := strings.Cut(action, ":")
	global := service == "iam" || service == "sts"
	switch {
	case a == nil || !a.Active():
		return nil, denied("")
	case !w.RegionEnabled(a, region) && !global:
		return nil, refuse(InvalidToken, "The security token included in the request is invalid.")
	case slices.Contains(a.DeniedRegions, region) && !global:
		return nil, denied(" with an explicit deny in a service control policy")
	case !w.allows(a, c, action):
		return nil, denied(" because no identity-based policy allows the " + action + " action")
	}
	return a, nil
}

// readers are the managed policies that allow to look and nothing else.
var readers = []string{
	"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
}

func (w *World) allows(a *Account, c Caller, action string) bool {
	name, ok := strings.CutPrefix(c.Principal(), "arn:aws:iam::"+a.ID+":role/")
	if !ok {
		return true
	}
	role := a.Role(name)
	if role == nil {
		return false
	}
	_, operation, _ := strings.Cut(action, ":")
	looks := strings.HasPrefix(operation, "Describe") || strings.HasPrefix(operation, "List") || strings.HasPrefix(operation, "Get")
	return slices.ContainsFunc(role.Policies, func(p string) bool {
		return p == AdministratorAccess || (looks && slices.Contains(readers, p))
	})
}

// controlTowerRoles are the roles that Control Tower has in an enrolled account, beside AWSControlTowerExecution.
var controlTowerRoles = []string{
	"aws-controltower-AdministratorExecutionRole", "aws-controltower-ConfigRecorderRole",
	"aws-controltower-ForwardSnsNotificationRole", "aws-controltower-ReadOnlyExecutionRole",
}

// AllRoles are the account's roles and those of Control Tower in it, by name.
func (w *World) AllRoles(a *Account) []*Role {
	all := slices.Clone(a.Roles)
	if a.Enrolled() && a.ID != w.Management.ID {
		for _, name := range controlTowerRoles {
			if a.Role(name) == nil {
				all = append(all, &Role{Name: name, Path: "/", Policies: []string{}, Created: a.Joined})
			}
		}
	}
	slices.SortFunc(all, func(a, b *Role) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// ControlTowerRole says whether a role is one that Control Tower protects.
func ControlTowerRole(name string) bool { return strings.HasPrefix(name, "aws-controltower-") }

// AllStacks are the account's stacks in a Region, and those of Control Tower in it.
func (w *World) AllStacks(a *Account, region string) []*Stack {
	var all []*Stack
	for _, s := range a.Stacks {
		if s.Region == region {
			all = append(all, s)
		}
	}
	if w.governedIn(a, region) {
		for _, kind := range []string{"BASELINE-CLOUDWATCH", "BASELINE-CONFIG", "BASELINE-ROLES", "BASELINE-SERVICE-ROLES"} {
			id := spell("stack/"+a.ID+"/"+region+"/"+kind, 32, hexadecimal)
			name := "StackSet-AWSControlTowerBP-" + kind + "-" + dashed(id)
			all = append(all, &Stack{
				ID: "arn:aws:cloudformation:" + region + ":" + a.ID + ":stack/" + name + "/" + dashed(id), Name: name, Region: region,
				Status: "CREATE_COMPLETE", Created: a.Joined,
			})
		}
	}
	return all
}

// AllLogGroups are the names of the account's log groups in a Region, and of those of Control Tower in it.
func (w *World) AllLogGroups(a *Account, region string) []string {
	return w.within(a, a.LogGroups, region, "/aws/lambda/aws-controltower-NotificationForwarder")
}

// AllTopics are the names of the account's topics in a Region, and of those of Control Tower in it.
func (w *World) AllTopics(a *Account, region string) []string {
	return w.within(a, a.Topics, region, "aws-controltower-SecurityNotifications")
}

func (w *World) within(a *Account, own []Regional, region, controlTower string) []string {
	var names []string
	for _, r := range own {
		if r.Region == region {
			names = append(names, r.Name)
		}
	}
	if w.governedIn(a, region) && !slices.Contains(names, controlTower) {
		names = append(names, controlTower)
	}
	slices.Sort(names)
	return names
}

func (w *World) governedIn(a *Account, region string) bool {
	return a.ID != w.Management.ID && a.Enrolled() && slices.Contains(w.LandingZone.GovernedRegions, region)
}

// remnant is a thing that an earlier life under Control Tower has left in an account that is not enrolled; empty when there is
// none in a governed Region.
func (w *World) remnant(a *Account) string {
	if p := w.AccountFactory.owner(a); a.Enrolled() || (p != nil && p.LastSuccessful != "") {
		return ""
	}
	for _, r := range a.Roles {
		if ControlTowerRole(r.Name) {
			return "the IAM role " + r.Name + " because the role"
		}
	}
	for _, s := range a.Stacks {
		if strings.HasPrefix(s.Name, "StackSet-AWSControlTowerBP-") && w.governs([]string{s.Region}) {
			return "the stack " + s.Name + " because the stack"
		}
	}
	for _, r := range a.LogGroups {
		if strings.Contains(r.Name, "aws-controltower-") && w.governs([]string{r.Region}) {
			return "the log group " + r.Name + " because the log group"
		}
	}
	for _, r := range a.Topics {
		if strings.Contains(r.Name, "aws-controltower-") && w.governs([]string{r.Region}) {
			return "the Amazon SNS topic " + r.Name + " because the topic"
		}
	}
	return ""
}

// regionalInFile is a thing in a Region of the world file: its name, if it is in the home Region, or an object.
type regionalInFile struct {
	Name   string `json:"name"`
	Region string `json:"region,omitempty"`
}

// UnmarshalJSON reads a name or an object.
func (f *regionalInFile) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(string(b), `"`) {
		return json.Unmarshal(b, &f.Name)
	}
	type plain regionalInFile
	return json.Unmarshal(b, (*plain)(f))
}

// insideInFile is [Inside] in the world file, as members of the account.
type insideInFile struct {
	StoppedRecorders []string         `json:"stoppedConfigRecorders,omitempty"`
	Aggregations     []string         `json:"aggregationAuthorizations,omitempty"`
	RecorderSettings []ConfigSetting  `json:"configRecorderSettings,omitempty"`
	ChannelSettings  []ConfigSetting  `json:"deliveryChannelSettings,omitempty"`
	Authorizations   []Authorization  `json:"authorizations,omitempty"`
	LogGroups        []regionalInFile `json:"logGroups,omitempty"`
	Topics           []regionalInFile `json:"topics,omitempty"`
	EnabledRegions   []string         `json:"enabledRegions,omitempty"`
	DeniedRegions    []string         `json:"deniedRegions,omitempty"`
	InactiveSTS      []string         `json:"stsInactiveRegions,omitempty"`
	ControlPolicies  []string         `json:"serviceControlPolicies,omitempty"`
}

func (w *World) buildInside(place string, f insideInFile) (Inside, error) {
	in := Inside{
		RecorderSettings: f.RecorderSettings, ChannelSettings: f.ChannelSettings, Authorizations: f.Authorizations,
		StoppedRecorders: f.StoppedRecorders, Aggregations: f.Aggregations, EnabledRegions: f.EnabledRegions,
		DeniedRegions: f.DeniedRegions, InactiveSTS: f.InactiveSTS, ControlPolicies: f.ControlPolicies,
	}
	for _, region := range f.EnabledRegions {
		if !slices.Contains(optional, region) {
			return in, fmt.Errorf("%s.enabledRegions: %q needs no opting in; use some of %s", place, region, strings.Join(optional, ", "))
		}
	}
	if len(f.ControlPolicies) >= mostControlPolicies {
		return in, fmt.Errorf("%s.serviceControlPolicies: an account has at most %d, FullAWSAccess included", place, mostControlPolicies)
	}
	for _, list := range []struct {
		name string
		from []regionalInFile
		into *[]Regional
	}{{"logGroups", f.LogGroups, &in.LogGroups}, {"topics", f.Topics, &in.Topics}} {
		for i, r := range list.from {
			if r.Name == "" {
				return in, fmt.Errorf("%s.%s[%d].name: it needs a name", place, list.name, i)
			}
			*list.into = append(*list.into, Regional{r.Name, cmp.Or(r.Region, w.Region)})
		}
	}
	return in, nil
}

const mostControlPolicies = 5

func insideState(in Inside) insideInFile {
	show := func(all []Regional) []regionalInFile {
		var files []regionalInFile
		for _, r := range all {
			files = append(files, regionalInFile(r))
		}
		return files
	}
	return insideInFile{
		RecorderSettings: slices.Clone(in.RecorderSettings), ChannelSettings: slices.Clone(in.ChannelSettings),
		Authorizations:   slices.Clone(in.Authorizations),
		StoppedRecorders: slices.Clone(in.StoppedRecorders), Aggregations: slices.Clone(in.Aggregations), LogGroups: show(in.LogGroups),
		Topics: show(in.Topics), EnabledRegions: slices.Clone(in.EnabledRegions), DeniedRegions: slices.Clone(in.DeniedRegions),
		InactiveSTS: slices.Clone(in.InactiveSTS), ControlPolicies: slices.Clone(in.ControlPolicies),
	}
}

// RemoveLogGroup takes a log group of the account's own away; false when there is none.
func (a *Account) RemoveLogGroup(name, region string) bool {
	before := len(a.LogGroups)
	a.LogGroups = slices.DeleteFunc(a.LogGroups, func(r Regional) bool { return r == Regional{name, region} })
	return len(a.LogGroups) < before
}
