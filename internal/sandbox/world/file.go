package world

import "time"

// file is the world file: what --world reads and what [World.State] hands out.
type file struct {
	Management        Management         `json:"managementAccount"`
	OrganizationID    string             `json:"organizationId,omitempty"`
	Region            string             `json:"region"`
	LandingZone       *LandingZone       `json:"landingZone,omitempty"`
	Quotas            Quotas             `json:"quotas"`
	Timing            timingInFile       `json:"timing"`
	Assumptions       map[string]bool    `json:"assumptions"`
	Elsewhere         []string           `json:"emailsElsewhere,omitempty"`
	TrustedAccess     *[]string          `json:"trustedAccess,omitempty"`
	Root              unitInFile         `json:"root"`
	IdentityCenter    identityInFile     `json:"identityCenter"`
	AccountFactory    *factoryInFile     `json:"accountFactory,omitempty"`
	Creations         []creationInFile   `json:"accountCreations,omitempty"`
	ControlOperations []ControlOperation `json:"controlOperations,omitempty"`
	Templates         map[string]string  `json:"templates,omitempty"`
}

type timingInFile struct {
	Provision  string `json:"provision,omitempty"`
	Assignment string `json:"assignment,omitempty"`
	StackSet   string `json:"stackSet,omitempty"`
	EventDelay string `json:"eventDelay,omitempty"`
	IndexLag   string `json:"indexLag,omitempty"`
}

// unitInFile is the root, which has no name, or an organizational unit.
type unitInFile struct {
	Name       string            `json:"name,omitempty"`
	ID         string            `json:"id,omitempty"`
	Registered *bool             `json:"registered,omitempty"`
	Baseline   *baselineInFile   `json:"baseline,omitempty"` // only where it is not as it should be
	Controls   []controlInFile   `json:"controls,omitempty"` // but for mandatory ones
	Tags       map[string]string `json:"tags,omitempty"`
	Accounts   []accountInFile   `json:"accounts"`
	Units      []unitInFile      `json:"organizationalUnits"`
}

type accountInFile struct {
	ID               string            `json:"id,omitempty"`
	Name             string            `json:"name"`
	Email            string            `json:"email"`
	State            string            `json:"state,omitempty"`
	JoinedMethod     string            `json:"joinedMethod,omitempty"`
	Joined           time.Time         `json:"joined,omitzero"`
	Roles            *[]roleInFile     `json:"roles,omitempty"` // left out: AWSControlTowerExecution, if enrolled
	Stacks           []stackInFile     `json:"stacks,omitempty"`
	ConfigRecorders  []string          `json:"configRecorders,omitempty"`
	DeliveryChannels []string          `json:"deliveryChannels,omitempty"`
	DefaultVPCInUse  bool              `json:"defaultVpcInUse,omitempty"`
	Policies         []string          `json:"policies,omitempty"` // its own IAM policies: "/path/Name"
	Tags             map[string]string `json:"tags,omitempty"`
	Enrolled         *bool             `json:"enrolled,omitempty"` // left out: as the unit is registered
	Baseline         *baselineInFile   `json:"baseline,omitempty"` // only where it is not as it should be
	Known            bool              `json:"knownToControlTower,omitempty"`

	insideInFile
}

// baselineInFile is a baseline that is not simply there and well.
type baselineInFile struct {
	Status  string `json:"status,omitempty"`
	Drift   string `json:"drift,omitempty"`
	Version string `json:"version,omitempty"`
	From    string `json:"organizationalUnit,omitempty"` // id, or noUnit
}

// noUnit says of an account that the unit which its baseline came from was deleted.
const noUnit = "none"

type identityInFile struct {
	InstanceARN    string                `json:"instanceArn,omitempty"`
	StoreID        string                `json:"identityStoreId,omitempty"`
	Management     bool                  `json:"managementAccountAllowed,omitempty"`
	Administrator  string                `json:"delegatedAdministrator,omitempty"` // account id
	Groups         []groupInFile         `json:"groups"`
	Users          []userInFile          `json:"users"`
	PermissionSets []permissionSetInFile `json:"permissionSets"`
	Assignments    []assignmentInFile    `json:"assignments"`
}

type groupInFile struct {
	Name         string `json:"name"`
	ID           string `json:"id,omitempty"`
	Description  string `json:"description,omitempty"`
	VisibleAfter string `json:"visibleAfter,omitempty"` // of the world's own time; left out: at once
}

type userInFile struct {
	UserName     string   `json:"userName"`
	ID           string   `json:"id,omitempty"`
	Email        string   `json:"email,omitempty"` // left out: the name, where it is an address
	First        string   `json:"firstName,omitempty"`
	Last         string   `json:"lastName,omitempty"`
	Display      string   `json:"displayName,omitempty"`
	Groups       []string `json:"groups,omitempty"`       // names
	VisibleAfter string   `json:"visibleAfter,omitempty"` // as of a group
}

type permissionSetInFile struct {
	Name             string            `json:"name"`
	ARN              string            `json:"arn,omitempty"`
	Description      string            `json:"description,omitempty"`
	SessionDuration  string            `json:"sessionDuration,omitempty"`
	RelayState       string            `json:"relayState,omitempty"`
	ManagedPolicies  []string          `json:"managedPolicies,omitempty"`
	CustomerPolicies []PolicyReference `json:"customerManagedPolicies,omitempty"`
	InlinePolicy     string            `json:"inlinePolicy,omitempty"`
	Boundary         *Boundary         `json:"permissionsBoundary,omitempty"`
	Tags             map[string]string `json:"tags,omitempty"`
	Created          time.Time         `json:"created,omitzero"`
	Outdated         []string          `json:"outdated,omitempty"`
}

type assignmentInFile struct {
	Account       string `json:"account"`
	PermissionSet string `json:"permissionSet"`              // name
	Group         string `json:"group,omitempty"`            // name; one of group and user
	User          string `json:"user,omitempty"`             // name
	Deleted       string `json:"deletedPrincipal,omitempty"` // "GROUP id" or "USER id" of one that there is no more
}

type factoryInFile struct {
	Artifacts  []Artifact      `json:"artifacts,omitempty"`
	Principals []Principal     `json:"principals,omitempty"` // left out: the management account's administrator
	Products   []productInFile `json:"products,omitempty"`
	Records    []recordInFile  `json:"records,omitempty"`
}

type productInFile struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Status         string            `json:"status"`
	StatusMessage  string            `json:"statusMessage,omitempty"`
	Created        time.Time         `json:"created,omitzero"`
	Token          string            `json:"token,omitempty"`
	Artifact       string            `json:"artifact,omitempty"`
	Account        string            `json:"account,omitempty"`
	LastRecord     string            `json:"lastRecord,omitempty"`
	LastProvision  string            `json:"lastProvisioningRecord,omitempty"`
	LastSuccessful string            `json:"lastSuccessfulProvisioningRecord,omitempty"`
	Parameters     map[string]string `json:"parameters,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`
	User           Caller            `json:"user,omitzero"`
}

type recordInFile struct {
	ID          string            `json:"id"`
	Type        string            `json:"type"`
	Status      string            `json:"status"`
	Created     time.Time         `json:"created,omitzero"`
	Updated     time.Time         `json:"updated,omitzero"`
	Product     string            `json:"product"`
	ProductName string            `json:"productName"`
	Artifact    string            `json:"artifact,omitempty"`
	Token       string            `json:"token,omitempty"`
	Account     string            `json:"account,omitempty"`
	Event       string            `json:"event,omitempty"`
	Step        int               `json:"step,omitempty"`
	Fault       *RecordFault      `json:"fault,omitempty"`
	Parameters  map[string]string `json:"parameters,omitempty"`
	Errors      []RecordError     `json:"errors,omitempty"`
	Outputs     []Output          `json:"outputs,omitempty"`
	User        Caller            `json:"user,omitzero"`
}

type creationInFile struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	State     string    `json:"state"`
	Requested time.Time `json:"requested,omitzero"`
	Completed time.Time `json:"completed,omitzero"`
	Account   string    `json:"account,omitempty"`
	Failure   string    `json:"failureReason,omitempty"`
}
