package account

import "time"

// Product is a provisioned product of Account Factory, as AWS sees it now.
type Product struct {
	ID                     string
	Name                   string
	Status                 ProductStatus
	StatusMessage          string
	AccountID              string // empty while no account is known
	LastRecordID           string
	LastSuccessfulRecordID string // empty: it never succeeded
	Token                  string // of the order that made it
	CreatedAt              time.Time
}

// ProductStatus is the status of a provisioned product (Service Catalog API Reference, ProvisionedProductDetail).
type ProductStatus string

// The statuses of a provisioned product.
const (
	ProductAvailable   ProductStatus = "AVAILABLE"
	ProductUnderChange ProductStatus = "UNDER_CHANGE"
	ProductTainted     ProductStatus = "TAINTED"
	ProductError       ProductStatus = "ERROR"
	ProductPlanning    ProductStatus = "PLAN_IN_PROGRESS"
)

// Record is one operation on a provisioned product.
type Record struct {
	ID          string
	ProductID   string
	ProductName string
	Type        RecordType
	Status      RecordStatus
	AccountID   string        // from the outputs of a record that SUCCEEDED
	Errors      []RecordError // of a record that FAILED
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// RecordError is one reason why a record failed, in AWS's words.
type RecordError struct{ Code, Description string }

// RecordType is what a record is about.
type RecordType string

// The types of a record that matter here.
const (
	RecordProvision RecordType = "PROVISION_PRODUCT"
	RecordUpdate    RecordType = "UPDATE_PROVISIONED_PRODUCT"
	RecordTerminate RecordType = "TERMINATE_PROVISIONED_PRODUCT"
)

// RecordStatus is how far a record is.
type RecordStatus string

// The statuses of a record (Service Catalog API Reference, RecordDetail). The last two are final.
const (
	RecordCreated           RecordStatus = "CREATED"
	RecordInProgress        RecordStatus = "IN_PROGRESS"
	RecordInProgressInError RecordStatus = "IN_PROGRESS_IN_ERROR"
	RecordSucceeded         RecordStatus = "SUCCEEDED"
	RecordFailed            RecordStatus = "FAILED"
)

// OrderInput is what Account Factory is asked for.
type OrderInput struct {
	Product string // name of the provisioned product
	Token   string // idempotency token
	Name    string // of the account
	Email   string // of the account
	Unit    OrganizationalUnit
	User    User
}
