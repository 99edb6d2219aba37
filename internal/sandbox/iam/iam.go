// Package iam is AWS IAM as far as roles of accounts go: what they are, whom they trust, what is attached to them.
//
// It follows the IAM API Reference. Of policies only managed ones can be attached to a role, and whether there is a policy of
// that ARN is not looked at. Control Tower's own roles in an enrolled account can be seen, and not be changed.
package iam

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "iam",
		XMLNS:       "https://iam.amazonaws.com/doc/2010-05-08/",
		Operations: map[string]wire.Operation{
			"GetRole":                  op(w, s.getRole),
			"ListRoles":                op(w, s.listRoles),
			"ListAttachedRolePolicies": op(w, s.listAttachedRolePolicies),
			"CreateRole":               op(w, s.createRole),
			"UpdateAssumeRolePolicy":   op(w, s.updateAssumeRolePolicy),
			"AttachRolePolicy":         op(w, s.attachRolePolicy),
			"DetachRolePolicy":         op(w, s.detachRolePolicy),
			"DeleteRole":               op(w, s.deleteRole),
		},
	}
}

type service struct{ w *world.World }

func op[In, Out any](w *world.World, f func(*world.Account, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() {
			var a *world.Account
			if a, err = w.Enter(world.Caller(c.Caller), c.Region, "iam:"+c.Operation); err == nil {
				out, err = f(a, in)
			}
		})
		var r *world.Refusal
		if errors.As(err, &r) {
			return nil, fail("AccessDenied", r.Message)
		}
		return out, err
	})
}

// fail is an error with the HTTP status that the API Reference gives it.
func fail(code, message string) error {
	statuses := map[string]int{
		"AccessDenied": http.StatusForbidden, "NoSuchEntity": http.StatusNotFound,
		"EntityAlreadyExists": http.StatusConflict, "DeleteConflict": http.StatusConflict,
	}
	return &wire.Error{Code: code, Message: message, Status: statuses[code]}
}

var (
	roleName   = pattern.Compile(`[\w+=,.@-]+`)
	rolePath   = pattern.Compile(`/([!-~]+/)?`)
	policyName = pattern.Compile(`arn:aws:iam::(aws|\d{12}):policy/.+`)
)

type roleInput struct {
	Name string `json:"RoleName"`
}

func (in roleInput) check() error {
	var invalid wire.Invalid
	invalid.Required("roleName", in.Name)
	invalid.Length("roleName", in.Name, 1, 64)
	invalid.Pattern("roleName", in.Name, roleName)
	return invalid.Err()
}

// find is the role of that name, Control Tower's included.
func (s *service) find(a *world.Account, in roleInput) (*world.Role, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	for _, r := range s.w.AllRoles(a) {
		if r.Name == in.Name {
			return r, nil
		}
	}
	return nil, fail("NoSuchEntity", "The role with name "+in.Name+" cannot be found.")
}

// change is find for a role that is to be changed: Control Tower's are protected.
func (s *service) change(a *world.Account, in roleInput) (*world.Role, error) {
	r, err := s.find(a, in)
	if err != nil {
		return nil, err
	}
	if world.ControlTowerRole(r.Name) && a.Enrolled() {
		return nil, fail("AccessDenied", "The role "+r.Name+" is protected with an explicit deny in a service control policy")
	}
	return r, nil
}

type role struct {
	Path        string       `json:"Path"`
	Name        string       `json:"RoleName"`
	ID          string       `json:"RoleId"`
	ARN         string       `json:"Arn"`
	Created     wire.ISOTime `json:"CreateDate"`
	Trust       string       `json:"AssumeRolePolicyDocument"` // encoded as in a URL
	Description string       `json:"Description,omitempty"`
	Duration    int          `json:"MaxSessionDuration"`
}

func (s *service) show(a *world.Account, r *world.Role) role {
	created := r.Created
	if created.IsZero() {
		created = a.Joined
	}
	return role{
		Path: r.Path, Name: r.Name, ID: world.RoleID(a, r), ARN: world.RoleARN(a, r), Created: wire.ISOTime{Time: created.Truncate(1e9)},
		Trust: strings.ReplaceAll(url.QueryEscape(s.w.TrustPolicy(r)), "+", "%20"), Description: r.Description, Duration: 3600,
	}
}

type roleOutput struct {
	Role role `json:"Role"`
}

// getRole is GetRole.
func (s *service) getRole(a *world.Account, in *roleInput) (*roleOutput, error) {
	r, err := s.find(a, *in)
	if err != nil {
		return nil, err
	}
	return &roleOutput{s.show(a, r)}, nil
}

type pageInput struct {
	Prefix string `json:"PathPrefix"`
	Marker string `json:"Marker"`
	Most   *int   `json:"MaxItems"`
}

func page[T any](all []T, in pageInput) (found []T, truncated bool, next string, err error) {
	var invalid wire.Invalid
	invalid.Range("maxItems", in.Most, 1, 1000)
	if err := invalid.Err(); err != nil {
		return nil, false, "", err
	}
	size, from := 100, 0
	if in.Most != nil {
		size = *in.Most
	}
	if in.Marker != "" {
		n, err := strconv.ParseInt(in.Marker, 36, 32)
		if err != nil || n < 0 || int(n) > len(all) {
			return nil, false, "", fail("ValidationError", "Invalid Marker.")
		}
		from = int(n)
	}
	to := min(from+size, len(all))
	if to < len(all) {
		next = strconv.FormatInt(int64(to), 36)
	}
	return append([]T{}, all[from:to]...), next != "", next, nil
}

type rolesOutput struct {
	Roles     []role `json:"Roles"`
	Truncated bool   `json:"IsTruncated"`
	Marker    string `json:"Marker,omitempty"`
}

// listRoles is ListRoles.
func (s *service) listRoles(a *world.Account, in *pageInput) (*rolesOutput, error) {
	var all []role
	for _, r := range s.w.AllRoles(a) {
		if strings.HasPrefix(r.Path, in.Prefix) {
			all = append(all, s.show(a, r))
		}
	}
	found, truncated, next, err := page(all, *in)
	return &rolesOutput{found, truncated, next}, err
}

type attached struct {
	Name string `json:"PolicyName"`
	ARN  string `json:"PolicyArn"`
}

type attachedOutput struct {
	Policies  []attached `json:"AttachedPolicies"`
	Truncated bool       `json:"IsTruncated"`
	Marker    string     `json:"Marker,omitempty"`
}

// listAttachedRolePolicies is ListAttachedRolePolicies.
func (s *service) listAttachedRolePolicies(a *world.Account, in *struct {
	roleInput
	pageInput
},
) (*attachedOutput, error) {
	r, err := s.find(a, in.roleInput)
	if err != nil {
		return nil, err
	}
	var all []attached
	for _, arn := range r.Policies {
		if _, path, _ := strings.Cut(arn, ":policy"); strings.HasPrefix(path, in.Prefix) {
			all = append(all, attached{arn[strings.LastIndex(arn, "/")+1:], arn})
		}
	}
	found, truncated, next, err := page(all, in.pageInput)
	return &attachedOutput{found, truncated, next}, err
}

// createRole is CreateRole.
func (s *service) createRole(a *world.Account, in *struct {
	roleInput
	Path        string `json:"Path"`
	Trust       string `json:"AssumeRolePolicyDocument"`
	Description string `json:"Description"`
},
) (*roleOutput, error) {
	var invalid wire.Invalid
	invalid.Pattern("path", in.Path, rolePath)
	invalid.Required("assumeRolePolicyDocument", in.Trust)
	if err := errors.Join(in.check(), invalid.Err()); err != nil {
		return nil, err
	}
	if !json.Valid([]byte(in.Trust)) {
		return nil, fail("MalformedPolicyDocument", "This policy contains invalid Json")
	}
	if slices.ContainsFunc(s.w.AllRoles(a), func(r *world.Role) bool { return strings.EqualFold(r.Name, in.Name) }) {
		return nil, fail("EntityAlreadyExists", "Role with name "+in.Name+" already exists.")
	}
	r := &world.Role{Name: in.Name, Path: in.Path, Description: in.Description, Trust: in.Trust, Created: s.w.Stamp()}
	if r.Path == "" {
		r.Path = "/"
	}
	a.Roles = append(a.Roles, r)
	return &roleOutput{s.show(a, r)}, nil
}

// updateAssumeRolePolicy is UpdateAssumeRolePolicy.
func (s *service) updateAssumeRolePolicy(a *world.Account, in *struct {
	roleInput
	Trust string `json:"PolicyDocument"`
},
) (*struct{}, error) {
	r, err := s.change(a, in.roleInput)
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(in.Trust)) {
		return nil, fail("MalformedPolicyDocument", "This policy contains invalid Json")
	}
	r.Trust = in.Trust
	return nil, nil
}

type policyInput struct {
	roleInput
	ARN string `json:"PolicyArn"`
}

func (s *service) changePolicy(a *world.Account, in *policyInput) (*world.Role, error) {
	var invalid wire.Invalid
	invalid.Required("policyArn", in.ARN)
	invalid.Length("policyArn", in.ARN, 20, 2048)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	if !policyName.MatchString(in.ARN) {
		return nil, fail("InvalidInput", "ARN "+in.ARN+" is not valid.")
	}
	return s.change(a, in.roleInput)
}

// attachRolePolicy is AttachRolePolicy; what is attached already stays.
func (s *service) attachRolePolicy(a *world.Account, in *policyInput) (*struct{}, error) {
	r, err := s.changePolicy(a, in)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(r.Policies, in.ARN) {
		r.Policies = append(r.Policies, in.ARN)
	}
	return nil, nil
}

// detachRolePolicy is DetachRolePolicy.
func (s *service) detachRolePolicy(a *world.Account, in *policyInput) (*struct{}, error) {
	r, err := s.changePolicy(a, in)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(r.Policies, in.ARN) {
		return nil, fail("NoSuchEntity", "Policy "+in.ARN+" was not found.")
	}
	r.Policies = slices.DeleteFunc(r.Policies, func(p string) bool { return p == in.ARN })
	return nil, nil
}

// deleteRole is DeleteRole: what is attached must be detached first.
func (s *service) deleteRole(a *world.Account, in *roleInput) (*struct{}, error) {
	r, err := s.change(a, *in)
	if err != nil {
		return nil, err
	}
	if len(r.Policies) > 0 {
		return nil, fail("DeleteConflict", "Cannot delete entity, must detach all policies first.")
	}
	a.RemoveRole(r.Name)
	return nil, nil
}
