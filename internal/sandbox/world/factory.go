package world

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// AccountFactory is the product "AWS Control Tower Account Factory" in Service Catalog, and what was ordered of it.
type AccountFactory struct {
	ProductID, ViewID, PortfolioID, PathID string
	Created                                time.Time
	Artifacts                              []*Artifact // the oldest first
	Principals                             []Principal // who may use the portfolio
	Products                               []*Product  // provisioned products, the oldest first
	Records                                []*Record   // the oldest first
}

// What Account Factory is called (AWS Control Tower User Guide, "Automate account provisioning in AWS Control Tower by
// Service Catalog APIs").
const (
	FactoryProduct   = "AWS Control Tower Account Factory"
	FactoryPortfolio = "AWS Control Tower Account Factory Portfolio"
	FactoryOwner     = "AWS Control Tower"
	FactoryType      = "CONTROL_TOWER_ACCOUNT"
)

// Artifact is a version of the product. A new one becomes active whenever the list of registered units changes.
type Artifact struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Active  bool      `json:"active"`
	Created time.Time `json:"created,omitzero"`
}

// Principal may provision from the portfolio.
type Principal struct {
	ARN  string `json:"arn"`
	Type string `json:"type"` // IAM or IAM_PATTERN
}

// Product is a provisioned product: one account, or the remains of an attempt at one.
type Product struct {
	ID, Name              string
	Status, StatusMessage string // UNDER_CHANGE, AVAILABLE, TAINTED, ERROR
	Created               time.Time
	Token                 string // IdempotencyToken
	Artifact              string
	PhysicalID            string // id of the account
	LastRecord            string
	LastProvisioning      string
	LastSuccessful        string
	Parameters            map[string]string
	Tags                  map[string]string
	User                  Caller
}

// Record is one operation on a provisioned product.
type Record struct {
	ID               string
	Type             string // PROVISION_PRODUCT, UPDATE_PROVISIONED_PRODUCT, TERMINATE_PROVISIONED_PRODUCT
	Status           string // CREATED, IN_PROGRESS, IN_PROGRESS_IN_ERROR, SUCCEEDED, FAILED
	Created, Updated time.Time
	ProductID        string // of the provisioned product
	ProductName      string
	Artifact         string
	Token            string
	Parameters       map[string]string
	Errors           []RecordError
	Outputs          []Output
	User             Caller

	step    int      // what is done next, of steps[Type]
	account *Account // once it is known
	event   string   // the lifecycle event that its end publishes
	fault   *RecordFault
}

// Ended says whether AWS has spoken its last word on the operation.
func (r *Record) Ended() bool { return r.Status == "SUCCEEDED" || r.Status == "FAILED" }

// RecordError says why a record failed.
type RecordError struct {
	Code        string `json:"code"`
	Description string `json:"description"`
}

// Output is what a record hands out: AccountId and so on.
type Output struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// RecordFault lets an Account Factory operation fail.
type RecordFault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Account string `json:"account,omitempty"` // none (or empty): it fails before there is an account; created: afterwards
}

// FailRecord lets the next Account Factory operation that is ordered end FAILED: its record bears the code and the
// message, its product is left in ERROR and holds its name.
func (w *World) FailRecord(f RecordFault) { w.faults = append(w.faults, f) }

// Product finds a provisioned product by its id or its name; nil when there is none.
func (f *AccountFactory) Product(id, name string) *Product {
	for _, p := range f.Products {
		if (id != "" && p.ID == id) || (id == "" && p.Name == name) {
			return p
		}
	}
	return nil
}

// Record finds a record by its id; nil when there is none.
func (f *AccountFactory) Record(id string) *Record {
	for _, r := range f.Records {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Artifact finds a version of the product by its id or its name, the newest of that name; nil when there is none.
func (f *AccountFactory) Artifact(id, name string) *Artifact {
	for _, a := range slices.Backward(f.Artifacts) {
		if (id != "" && a.ID == id) || (id == "" && a.Name == name) {
			return a
		}
	}
	return nil
}

// Allows says whether the caller is associated with the portfolio, by name or by pattern.
func (f *AccountFactory) Allows(c Caller) bool {
	who := c.Principal()
	return slices.ContainsFunc(f.Principals, func(p Principal) bool {
		if p.Type == "IAM_PATTERN" {
			return matches(strings.Replace(p.ARN, ":::", "::"+c.Account+":", 1), who)
		}
		return p.ARN == who
	})
}

// matches compares with a pattern in which * is any text and ? any character.
func matches(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		return matches(pattern[1:], text) || (text != "" && matches(pattern, text[1:]))
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && matches(pattern[1:], text[1:])
}

// Parameters of the product's template.
const (
	accountName  = "AccountName"
	accountEmail = "AccountEmail"
	managedUnit  = "ManagedOrganizationalUnit"
	userEmail    = "SSOUserEmail"
	userFirst    = "SSOUserFirstName"
	userLast     = "SSOUserLastName"
)

// Parameters of the product's template, in its order.
var Parameters = []string{accountEmail, accountName, managedUnit, userEmail, userFirst, userLast}

// Eligible are the values that ManagedOrganizationalUnit may have: the registered units, "Name (ou-…)".
func (w *World) Eligible() []string {
	units := []string{}
	for u := range w.Root.All() {
		if u.Registered() {
			units = append(units, u.NameAndID())
		}
	}
	return units
}

// ProductARN is the ARN of a provisioned product.
func (w *World) ProductARN(p *Product) string {
	return "arn:aws:servicecatalog:" + w.Region + ":" + w.Management.ID + ":stack/" + p.Name + "/" + p.ID
}

// Portal is the address of the access portal.
func (w *World) Portal() string { return "https://" + w.IdentityCenter.StoreID + ".awsapps.com/start" }

// renew makes a new active version of the product, as happens when the list of registered units changes.
func (f *AccountFactory) renew(w *World) {
	for _, a := range f.Artifacts {
		a.Active = false
	}
	f.Artifacts = append(f.Artifacts, &Artifact{
		ID: "pa-" + w.Identifier("pa", 13, alphabetLow), Name: "AWS Control Tower Account Factory", Active: true, Created: w.stamp(),
	})
}

func (w *World) order(p *Product, kind string, c Caller, token string, parameters map[string]string) *Record {
	f := w.AccountFactory
	r := &Record{
		ID:   "rec-" + w.fresh("rec", func(id string) bool { return f.Record("rec-"+id) != nil }),
		Type: kind, Status: "CREATED", Created: w.stamp(), Updated: w.stamp(), ProductID: p.ID, ProductName: p.Name,
		Artifact: p.Artifact, Token: token, Parameters: maps.Clone(parameters), User: c,
	}
	if len(w.faults) > 0 {
		r.fault = &w.faults[0]
		w.faults = w.faults[1:]
	}
	f.Records = append(f.Records, r)
	p.Status, p.StatusMessage, p.LastRecord = "UNDER_CHANGE", "", r.ID
	if kind != terminates {
		p.LastProvisioning = r.ID
	}
	w.schedule(r)
	return r
}

func (w *World) fresh(kind string, taken func(string) bool) string {
	for {
		if id := w.Identifier(kind, 13, alphabetLow); !taken(id) {
			return id
		}
	}
}

// running counts the account operations that AWS is working on.
func (w *World) running() int {
	n := 0
	for _, r := range w.AccountFactory.Records {
		if r.Status == "IN_PROGRESS" || r.Status == "IN_PROGRESS_IN_ERROR" {
			n++
		}
	}
	return n
}
