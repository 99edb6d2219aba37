package world

import (
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
)

// The types of records.
const (
	provisions = "PROVISION_PRODUCT"
	updates    = "UPDATE_PROVISIONED_PRODUCT"
	terminates = "TERMINATE_PROVISIONED_PRODUCT"
)

// Order is what somebody asks of Account Factory. The services have checked its shape.
type Order struct {
	Name       string // of the provisioned product
	Token      string
	Artifact   *Artifact
	Parameters map[string]string
	Tags       map[string]string
	User       Caller
	Extras     bool // notifications were asked for, which Account Factory cannot stand
}

// Provision orders an account, or the enrollment of one (Service Catalog API Reference, ProvisionProduct). An order whose
// token is known returns the record that it had.
func (w *World) Provision(o Order) (*Record, error) {
	f := w.AccountFactory
	if r, err := w.repeated(provisions, o); r != nil || err != nil {
		return r, err
	}
	if !o.Artifact.Active {
		return nil, refuse("InvalidParametersException", "The provisioning artifact %s is not active.", o.Artifact.ID)
	}
	if f.Product("", o.Name) != nil {
		if w.Otherwise("duplicate-resource-trigger") {
			return nil, refuse("DuplicateResourceException", "A provisioned product named %s already exists.", o.Name)
		}
		return nil, refuse("InvalidParametersException", "A stack named %s already exists.", o.Name)
	}
	if err := w.orderable(o.Parameters); err != nil {
		return nil, err
	}
	p := &Product{
		ID:   "pp-" + w.fresh("pp", func(id string) bool { return f.Product("pp-"+id, "") != nil }),
		Name: o.Name, Created: w.stamp(), Token: o.Token, Artifact: o.Artifact.ID, Parameters: o.Parameters, Tags: o.Tags, User: o.User,
	}
	f.Products = append(f.Products, p)
	r := w.order(p, provisions, o.User, o.Token, o.Parameters)
	if o.Extras && r.fault == nil {
		r.fault = &RecordFault{Code: "InvalidParametersException", Message: "New Account Provisioning Failed"}
	}
	return r, nil
}

// Update orders a change of an account: another unit, another access user (Service Catalog API Reference,
// UpdateProvisionedProduct; AWS Control Tower User Guide, "Update and move Account Factory accounts"). A parameter that
// is missing in the order keeps its value.
func (w *World) Update(p *Product, o Order) (*Record, error) {
	if r, err := w.repeated(updates, o); r != nil || err != nil {
		return r, err
	}
	switch {
	case p.Status == "UNDER_CHANGE" || p.Status == "ERROR":
		return nil, refuse("InvalidParametersException", "Provisioned product %s can't be updated in status %s.", p.ID, p.Status)
	case !o.Artifact.Active:
		return nil, refuse("InvalidParametersException", "The provisioning artifact %s is not active.", o.Artifact.ID)
	}
	parameters := map[string]string{}
	maps.Copy(parameters, p.Parameters)
	maps.Copy(parameters, o.Parameters)
	if err := w.orderable(parameters); err != nil {
		return nil, err
	}
	p.Artifact = o.Artifact.ID
	return w.order(p, updates, o.User, o.Token, parameters), nil
}

// Terminate orders that an account be unmanaged and its provisioned product removed (Service Catalog API Reference,
// TerminateProvisionedProduct; AWS Control Tower User Guide, "Unmanage an account"). The account itself stays open.
func (w *World) Terminate(p *Product, token string, c Caller) (*Record, error) {
	if r, err := w.repeated(terminates, Order{Name: p.Name, Token: token}); r != nil || err != nil {
		return r, err
	}
	if p.Status == "UNDER_CHANGE" {
		last := w.AccountFactory.Record(p.LastRecord)
		if !w.Otherwise("terminate-under-change") || last.Type == terminates {
			return nil, refuse("InvalidParametersException", "Provisioned product %s can't be terminated in status %s.", p.ID, p.Status)
		}
		w.failed(last, w.undocumented("The provisioned product is being terminated."))
	}
	return w.order(p, terminates, c, token, p.Parameters), nil
}

// repeated finds what an earlier order with the same token came to.
func (w *World) repeated(kind string, o Order) (*Record, error) {
	for _, r := range w.AccountFactory.Records {
		if r.Type != kind || r.Token != o.Token {
			continue
		}
		gone := w.AccountFactory.Product(r.ProductID, "") == nil
		if gone && (kind != provisions || w.Otherwise("token-remembered")) {
			continue
		}
		same := r.ProductName == o.Name && (kind == terminates || maps.Equal(r.Parameters, o.Parameters))
		if !same && w.Otherwise("repeated-token-other-parameters") {
			return nil, refuse("InvalidParametersException", "The idempotency token %s was used with other parameters.", o.Token)
		}
		if w.Otherwise("repeated-token-first-answer") {
			first := *r
			first.Status, first.Errors, first.Outputs, first.Updated = "CREATED", nil, nil, r.Created
			return &first, nil
		}
		return r, nil
	}
	return nil, nil
}

var templateEmail = pattern.Compile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)

// orderable holds the parameters against the product's template and, where the world says so, what can be refused at once.
func (w *World) orderable(parameters map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(parameters)) {
		if !slices.Contains(Parameters, key) {
			return refuse("InvalidParametersException", "Parameters: [%s] do not exist in the template", key)
		}
	}
	if keys := w.missing(parameters); len(keys) > 0 {
		return refuse("InvalidParametersException", "Parameters: [%s] must have values", strings.Join(keys, ", "))
	}
	if e := w.brokenTemplate(parameters); e != nil && !w.Otherwise("template-rules-asynchronous") {
		return refuse(e.Code, "%s", e.Description)
	}
	if w.Otherwise("concurrency-limit-synchronous") && w.running() >= w.Quotas.ConcurrentAccountOperations {
		return refuse("ResourceInUseException", "%s", w.tooMany())
	}
	return nil
}

// missing are the parameters without a value.
func (w *World) missing(parameters map[string]string) []string {
	return slices.DeleteFunc(slices.Clone(Parameters), func(key string) bool {
		return parameters[key] != "" || strings.HasPrefix(key, "SSOUser") && w.Otherwise("access-user-required")
	})
}

func (w *World) brokenTemplate(parameters map[string]string) *RecordError {
	for _, key := range []string{accountEmail, userEmail} {
		if parameters[key] != "" && !templateEmail.MatchString(parameters[key]) {
			return &RecordError{
				Code:        "InvalidParametersException",
				Description: "Parameter '" + key + "' must match pattern [^\\s@]+@[^\\s@]+\\.[^\\s@]+",
			}
		}
	}
	return nil
}
