package permissionset

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/vend-cli/vend/internal/pattern"
)

// What AWS takes (IAM Identity Center API Reference, CreatePermissionSet and its data types).
var (
	setName    = pattern.Compile(`^[\w+=,.@-]{1,32}$`)
	latin1     = pattern.Compile(`^[\t\n\r\x20-\x7E\x{A1}-\x{FF}]*$`)
	relayState = pattern.Compile(`^[a-zA-Z0-9&$@#\\/%?=~\-_'"|!:,.;*+\[\] (){}]{1,240}$`)
	managedARN = pattern.Compile(`^arn:aws(?:-[a-z]{1,5}){0,3}:iam::aws:policy/`)
	managed    = pattern.Compile(`^(?:[A-Za-z0-9.,+@=_-]+/)*[A-Za-z0-9.,+@=_-]+$`)
	policyName = pattern.Compile(`^[\w+=,.@-]{1,128}$`)
	policyPath = pattern.Compile(`^(?:/[A-Za-z0-9.,+@=_-]+)*/$`)
	tagText    = pattern.Compile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
	document   = pattern.Compile(`^[\t\n\r\x20-\x{FF}]+$`)
)

// How many there may be (IAM Identity Center User Guide, "IAM Identity Center quotas"). Of policies an IAM role takes ten,
// unless the account has asked for more.
const (
	mostPolicies    = 10
	mostTags        = 50
	mostDescription = 700
	mostInline      = 10240 // characters without blanks
)

func (r *reader) set(node ast.Node) {
	s, named := Set{Session: DefaultSession}, false
	before := len(r.problems.All)
	r.members(node, "a permission set", map[string]func(ast.Node){
		"name": func(n ast.Node) { named = true; s.Name = r.name(n) },
		Description: func(n ast.Node) {
			s.Description = r.matching(n, Description, "write up to 700 characters of Latin-1", func(text string) bool {
				return text != "" && utf8.RuneCountInString(text) <= mostDescription && latin1.MatchString(text)
			})
		},
		Session: func(n ast.Node) { s.Session = r.session(n) },
		RelayState: func(n ast.Node) {
			s.RelayState = r.matching(n, RelayState, "write the address of a console page, up to 240 characters", relayState.MatchString)
		},
		Managed:  func(n ast.Node) { s.Managed = r.managedPolicies(n) },
		Customer: func(n ast.Node) { s.Customer = r.customerPolicies(n) },
		Inline:   func(n ast.Node) { s.Inline = r.inline(n) },
		Limit:    func(n ast.Node) { s.Boundary = r.boundary(n) },
		Tags:     func(n ast.Node) { s.Tags = r.tags(n) },
	})
	switch {
	case named && s.Name != "":
		r.sets = append(r.sets, s)
	case !named && len(r.problems.All) == before:
		r.wrong(node, "give it one: `- name: AuditAccess`", "a permission set has no name")
	}
}

// matching is a text that fits; empty where it does not, or is none.
func (r *reader) matching(node ast.Node, member, remedy string, fits func(string) bool) string {
	text, ok := r.text(node, member)
	if !ok {
		return ""
	}
	if !fits(text) {
		r.wrong(node, remedy, "%s is %q", member, shown(text))
		return ""
	}
	return text
}

func shown(text string) string {
	if utf8.RuneCountInString(text) > 40 {
		return string([]rune(text)[:40]) + "…"
	}
	return text
}

func (r *reader) name(node ast.Node) string {
	name := r.matching(node, "name", "write 1 to 32 letters, digits and +=,.@-_", setName.MatchString)
	switch {
	case ControlTowers(name):
		r.wrong(node, "take another name, or leave it out: Control Tower keeps it", "%s is one of Control Tower's own", name)
		return ""
	case slices.ContainsFunc(r.sets, func(s Set) bool { return s.Name == name }):
		r.wrong(node, "keep one of the two", "the permission set %s stands twice", name)
		return ""
	}
	return name
}

func (r *reader) session(node ast.Node) time.Duration {
	text, ok := r.text(node, Session)
	if !ok {
		return DefaultSession
	}
	d, err := Duration(text)
	if err != nil || d < shortestSession || d > longestSession || Spoken(d) == "" {
		r.wrong(node, "write PT1H to PT12H, or 1h to 12h", "%s is %q", Session, shown(text))
		return DefaultSession
	}
	return d
}

func (r *reader) managedPolicies(node ast.Node) []string {
	var all []string
	values := r.list(node, Managed, "policies")
	for _, value := range values {
		name := r.managedPolicy(value, Managed)
		if name != "" && slices.Contains(all, name) {
			r.wrong(value, "keep one of the two", "the policy %s stands twice", name)
		} else if name != "" {
			all = append(all, name)
		}
	}
	if len(values) > mostPolicies {
		r.wrong(values[mostPolicies], "keep ten, or write a policy of your own", "%s has %d policies", Managed, len(values))
	}
	slices.Sort(all)
	return all
}

// managedPolicy is a policy of AWS, given by its name, with its path where it has one, or by its ARN.
func (r *reader) managedPolicy(node ast.Node, member string) string {
	text, ok := r.text(node, member)
	name := managedARN.ReplaceAllString(text, "")
	switch {
	case !ok:
		return ""
	case strings.Contains(text, ":iam::") && name == text:
		r.wrong(node, "list it by its name under customerManagedPolicies", "%q is no policy of AWS", shown(text))
		return ""
	case !managed.MatchString(name):
		r.wrong(node, "write the name of a policy of AWS, as SecurityAudit or job-function/Billing, or its ARN", "%s has %q", member, shown(text))
		return ""
	}
	return name
}

func (r *reader) customerPolicies(node ast.Node) []Policy {
	var all []Policy
	values := r.list(node, Customer, "policies")
	for _, value := range values {
		p := r.customerPolicy(value)
		if p.Name != "" && slices.Contains(all, p) {
			r.wrong(value, "keep one of the two", "the policy %s stands twice", p)
		} else if p.Name != "" {
			all = append(all, p)
		}
	}
	if len(values) > mostPolicies {
		r.wrong(values[mostPolicies], "keep ten", "%s has %d policies", Customer, len(values))
	}
	slices.SortFunc(all, func(a, b Policy) int { return cmp.Compare(a.String(), b.String()) })
	return all
}

func (r *reader) customerPolicy(node ast.Node) Policy {
	p, named := Policy{Path: "/"}, false
	r.members(node, "a customer managed policy", map[string]func(ast.Node){
		"name": func(n ast.Node) {
			named = true
			p.Name = r.matching(n, "name", "write 1 to 128 letters, digits and +=,.@-_", policyName.MatchString)
		},
		"path": func(n ast.Node) {
			p.Path = r.matching(n, "path", "write it like /team/", func(text string) bool {
				return len(text) <= 512 && policyPath.MatchString(text)
			})
		},
	})
	if _, mapping := entries(node); mapping && !named {
		r.wrong(node, "give it one: `- name: TeamPolicy`", "a customer managed policy has no name")
	}
	return p
}

func (r *reader) boundary(node ast.Node) Boundary {
	if _, mapping := entries(node); mapping {
		if p := r.customerPolicy(node); p.Name != "" {
			return Boundary{Customer: p}
		}
		return Boundary{}
	}
	return Boundary{Managed: r.managedPolicy(node, Limit)}
}

// inline is a policy that stands in the file as YAML, or as the text of its JSON.
func (r *reader) inline(node ast.Node) string {
	const remedy = "write it as AWS documents it: Version, and Statement with Effect, Action and Resource"
	var found string
	if _, mapping := entries(node); mapping {
		before := len(r.problems.All)
		value := r.value(node)
		if len(r.problems.All) > before {
			return ""
		}
		found = text(value)
	} else {
		given, ok := r.text(node, Inline)
		if !ok {
			return ""
		}
		value, err := parsed(given)
		if err != nil {
			r.wrong(node, remedy, "%s is no JSON: %v", Inline, err)
			return ""
		}
		found = text(value)
	}
	value, err := parsed(found)
	policy, isObject := value.(map[string]any)
	switch {
	case err != nil || !isObject || policy["Statement"] == nil:
		r.wrong(node, remedy, "%s has no Statement", Inline)
	case !document.MatchString(found):
		r.wrong(node, "write characters beyond Latin-1 as \\u escapes, or leave them out", "%s has characters that AWS does not take", Inline)
	case len(strings.Join(strings.Fields(found), "")) > mostInline:
		r.wrong(node, "move a part into a customer managed policy", "%s is longer than %d characters", Inline, mostInline)
	default:
		return found
	}
	return ""
}

// value is what a part of a policy says. Numbers are taken as they are written: account ids may begin with a nought.
func (r *reader) value(node ast.Node) any {
	switch n := node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		all := map[string]any{}
		pairs, _ := entries(n)
		for _, pair := range pairs {
			key := pair.Key.GetToken().Value
			if _, twice := all[key]; twice {
				r.wrong(pair.Key, "keep one of the two", "%s stands twice", key)
			}
			all[key] = r.value(pair.Value)
		}
		return all
	case *ast.SequenceNode:
		all := make([]any, len(n.Values))
		for i, value := range n.Values {
			all[i] = r.value(value)
		}
		return all
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode, *ast.FloatNode:
		if written := node.GetToken().Value; json.Valid([]byte(written)) {
			return json.Number(written)
		}
		return node.GetToken().Value
	}
	text, _ := r.text(node, "a value of "+Inline)
	return text
}

func (r *reader) tags(node ast.Node) map[string]string {
	all := map[string]string{}
	pairs, ok := entries(node)
	if !ok {
		r.wrong(node, "write it as lines of `key: value`", "%s is no mapping", Tags)
		return nil
	}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		value, ok := r.text(pair.Value, "tag "+key)
		_, twice := all[key]
		switch {
		case !ok:
		case twice:
			r.wrong(pair.Key, "keep one of the two", "the tag %s stands twice", key)
		case key == "" || utf8.RuneCountInString(key) > 128 || !tagText.MatchString(key) || strings.HasPrefix(strings.ToLower(key), "aws:"):
			r.wrong(pair.Key, "write up to 128 letters, digits, blanks and _.:/=+-@, and do not begin with aws:", "a tag has the key %q", shown(key))
		case utf8.RuneCountInString(value) > 256 || !tagText.MatchString(value):
			r.wrong(pair.Value, "write up to 256 letters, digits, blanks and _.:/=+-@", "the tag %s has the value %q", key, shown(value))
		default:
			all[key] = value
		}
	}
	if len(all) > mostTags {
		r.wrong(node, "keep fifty", "%s has %d tags", Tags, len(all))
	}
	return all
}
