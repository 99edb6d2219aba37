package recording

import (
	_ "embed" // the words
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/vend-cli/vend/internal/pattern"
)

// redactor replaces texts by pseudonyms, the same for the same text.
type redactor struct {
	pseudonyms map[string]string // by text
	count      int
	withheld   bool // a text was left out of the body at hand
}

func newRedactor() *redactor { return &redactor{pseudonyms: map[string]string{}} }

// vocabulary are members whose values are words of AWS: enumerations, error codes, versions, quotas.
var vocabulary = members(`AccountFilterType AssignmentStatus AwsServiceName CallAs Code DetailedStatus DriftDetectionStatus
	DriftStatus ExceptionType FeatureSet FilterType Guidance HandshakeState InstanceStatus JoinedMethod Level ManagedExecution
	ParameterKey Period PermissionModel PrincipalType ProductType ProvisionedProductType ProvisioningStatus QuotaCode Reason
	RecordType RegionConcurrencyType RegionName RegionOptStatus ServiceCode ServiceName SortBy SortOrder StackSetDriftDetectionStatus
	State Status StatusFilter TargetType Type Unit UserStatus Version baselineVersion latestAvailableVersion operationType
	provisioningStatus statuses inheritanceDriftStatuses ServicePrincipal status version AttributePath ChangeType`)

// counts are members of forms whose values are numbers.
var counts = members(`DurationSeconds FailureToleranceCount FailureTolerancePercentage MaxConcurrentCount MaxConcurrentPercentage
	MaxItems MaxResults PageSize`)

// messages are members in which AWS speaks to people.
var messages = members(`message Message Description StatusMessage StatusReason FailureReason DriftStatusReason statusMessage`)

// withheld are members whose texts are documents.
var withheld = members(`TemplateBody TemplateURL Template PolicyDocument AssumeRolePolicyDocument InlinePolicy Policy Content`)

// constants are AWS's own words where others may stand.
var constants = map[string]bool{
	"Account": true, "User": true, "Role": true, "self": true, // access levels
	"displayName": true, "userName": true, "emails.value": true, // attributes of users and groups
	"AWS Control Tower": true, "AWS Control Tower Account Factory": true, "AWS Control Tower Account Factory Portfolio": true,
	"SearchQuery": true, "FullTextSearch": true, "ProductType": true, "Owner": true, "SourceProductId": true, // filters of Service Catalog
	"AWSControlTowerBaseline": true, "IdentityCenterBaseline": true, "AuditBaseline": true, "LogArchiveBaseline": true, "CONTROL_TOWER_ACCOUNT": true,
}

// speaking are members whose names are a customer's words.
var speaking = members(`Tags tags Filters parameters`)

func members(names string) map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(names) {
		all[name] = true
	}
	return all
}

var (
	ofAWS      = pattern.Compile(`^[A-Za-z0-9][A-Za-z0-9_.:#/;=-]{0,100}$`)
	memberName = pattern.Compile(`^[A-Za-z_][A-Za-z0-9_.-]{0,60}$`)
	search     = pattern.Compile(`^(name|id|accountId|status|type|lastRecordId|physicalId):(.+)$`)
	enum       = pattern.Compile(`^[A-Z]+(_[A-Z]+)*$|^[A-Z][A-Za-z]*(Exception|Error|Failure|Denied|Request|NotFound)$|^(NoSuch|Invalid)[A-Z][A-Za-z]+$|^(Throttling|SlowDown)$|^L-[0-9A-F]{8}$|^\d{1,3}(\.\d{1,3})?(-\d\d-\d\d)?$|^[a-z-]+(\.[a-z-]+){0,3}\.amazonaws\.com$`)
	few        = pattern.Compile(`^\d{1,5}$`)
	moment     = pattern.Compile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$`)
	duration   = pattern.Compile(`^PT(\d+[HMS])+$`)
	place      = pattern.Compile(`^(af|ap|ca|cn|eu|il|me|mx|sa|us)(-gov|-iso[a-z]?)?-(north|south|east|west|central|northeast|northwest|southeast|southwest)-\d$`)
	twelve     = pattern.Compile(`^\d{12}$`)
	uuid       = pattern.Compile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	id         = pattern.Compile(`^(ou|r|o|p|ps|ssoins|d|pp|prod|prodview|pa|rec|port|lpv2|car|vpc|sg|subnet)-[0-9a-z-]+$`)
	named      = pattern.Compile(`^(.*) \((ou-[0-9a-z]+-[0-9a-z]+)\)$`)
	arn        = pattern.Compile(`^(arn:aws[a-z-]*):([a-z0-9-]*):([a-z0-9-]*):([0-9a-z]*):(.+)$`)
	managed    = pattern.Compile(`^arn:aws[a-z-]*:iam::aws:policy/[A-Za-z/_-]+$`)
	email      = pattern.Compile(`^\S+@\S+$`)
	separator  = pattern.Compile(`[/:]`)
)

// segments of ARNs that tell the kind of a resource.
var kinds = members(`account baseline enabledbaseline group instance landingzone organization ou permissionSet policy portfolio
	product role assumed-role root stack stackset stackset-target user queue table topic operation`)

// parameters are the names of Account Factory's, and of outputs and attributes, that stand in texts.
var parameters = members(`AccountName AccountEmail AccountId ManagedOrganizationalUnit SSOUserEmail SSOUserFirstName SSOUserLastName
	SSOUserPortal IdentityCenterEnabledBaselineArn Action Version`)

func (d *redactor) region(text string) string {
	if place.MatchString(text) {
		return text
	}
	return ""
}

// tree redacts what stands under a name.
func (d *redactor) tree(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			said := key
			if speaking[name] && !constants[key] || !memberName.MatchString(key) {
				said = d.pseudonym(key)
			}
			out[said] = d.tree(last(key), value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = d.tree(name, value)
		}
		return out
	case json.Number:
		if whole := strings.TrimLeft(v.String(), "-"); len(whole) >= 12 && !strings.Contains(whole, ".") {
			return json.Number("0")
		}
		return v
	case string:
		return d.text(name, v)
	default:
		return v
	}
}

// last is the member that a name of a form speaks of: Value of Tags.member.1.Value.
func last(name string) string {
	parts := strings.Split(name, ".")
	for i := len(parts) - 1; i > 0; i-- {
		if part := parts[i]; part != "member" && strings.Trim(part, "0123456789") != "" {
			return part
		}
	}
	return parts[0]
}

func (d *redactor) text(name, v string) string {
	switch {
	case strings.TrimSpace(v) == "", v == "true", v == "false":
		return v
	case name == "__type" && ofAWS.MatchString(v):
		return v
	case withheld[name]:
		d.withheld = true
		return "withheld"
	case vocabulary[name] && enum.MatchString(v):
		return v
	case (name == "Key" || name == "ParameterKey" || name == "OutputKey" || name == "key") && parameters[v]:
		return v
	case counts[name] && few.MatchString(v):
		return v
	case messages[name]:
		return sentence(v)
	}
	return d.pseudonym(v)
}

// pseudonym is what stands for a text. It has the form of the text, so that it can be told what it is, and be asked for.
func (d *redactor) pseudonym(text string) string {
	if moment.MatchString(text) || duration.MatchString(text) || place.MatchString(text) || managed.MatchString(text) {
		return text
	}
	if constants[text] {
		return text
	}
	if m := search.FindStringSubmatch(text); m != nil {
		if status := m[1] == "status" || m[1] == "type"; status && enum.MatchString(m[2]) {
			return text
		}
		return m[1] + ":" + d.pseudonym(m[2])
	}
	if m := named.FindStringSubmatch(text); m != nil {
		return d.pseudonym(m[1]) + " (" + d.pseudonym(m[2]) + ")"
	}
	if m := arn.FindStringSubmatch(text); m != nil {
		return strings.Join([]string{m[1], d.service(m[2]), d.region(m[3]), d.owner(m[4]), d.resource(m[5])}, ":")
	}
	if known, found := d.pseudonyms[text]; found {
		return known
	}
	d.count++
	n := d.count
	said := fmt.Sprintf("name-%d", n)
	switch kind := id.FindStringSubmatch(text); {
	case twelve.MatchString(text):
		said = fmt.Sprintf("%012d", n)
	case uuid.MatchString(text):
		said = fmt.Sprintf("00000000-0000-0000-0000-%012d", n)
	case kind != nil && kind[1] == "ou":
		said = fmt.Sprintf("ou-0000-%08d", n)
	case kind != nil && (kind[1] == "d" || kind[1] == "o" || kind[1] == "r"):
		said = fmt.Sprintf("%s-%010d", kind[1], n)
	case kind != nil:
		said = fmt.Sprintf("%s-%016d", kind[1], n)
	case email.MatchString(text):
		said = fmt.Sprintf("person-%d@example.com", n)
	}
	d.pseudonyms[text] = said
	return said
}

func (d *redactor) service(text string) string {
	if arnServices[text] {
		return text
	}
	return "service"
}

var arnServices = members(`catalog cloudformation controltower dynamodb iam identitystore logs organizations s3 servicecatalog sns sqs sso sts`)

func (d *redactor) owner(text string) string {
	if text == "" || text == "aws" {
		return text
	}
	return d.pseudonym(text)
}

// resource replaces the parts of an ARN's last field.
func (d *redactor) resource(text string) string {
	var out strings.Builder
	for text != "" {
		part, sign := text, ""
		if at := separator.FindStringIndex(text); at != nil {
			part, sign = text[:at[0]], text[at[0]:at[1]]
		}
		text = text[len(part)+len(sign):]
		if part != "" && !kinds[part] {
			part = d.pseudonym(part)
		}
		out.WriteString(part + sign)
	}
	return out.String()
}

//go:embed words.txt
var wordList string

// words are those that AWS's messages consist of; none of them says anything about anybody.
var words = sync.OnceValue(func() map[string]bool { return members(wordList) })

// sentence keeps of a message the ordinary words, and a dot for each that is none.
func sentence(text string) string {
	said := strings.Fields(text)
	for i, word := range said {
		bare := strings.Trim(word, `.,:;!?'"()[]`)
		if bare == "" || !words()[strings.ToLower(bare)] {
			said[i] = "…"
		}
	}
	return strings.Join(said, " ")
}
