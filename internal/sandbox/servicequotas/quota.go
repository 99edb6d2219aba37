package servicequotas

import (
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// quota is one quota as it is in a Region.
type quota struct {
	service, serviceName string
	code, name           string
	value, byDefault     int
	known                bool // the applied value can be had
	global               bool
}

// organizationsRegion is where the quotas of Organizations are: the service is hosted there (AWS Organizations User Guide,
// "Quotas and service limits for AWS Organizations").
const organizationsRegion = "us-east-1"

// quotas are the quotas in a Region.
func (s *service) quotas(region string) []quota {
	operations := quota{
		service: "controltower", serviceName: "AWS Control Tower", code: "L-C0AC0955", name: "Concurrent account operations",
		value: 5, byDefault: 5, known: true,
	}
	if s.w.Otherwise("quota-code-of-account-operations") {
		operations.code = "L-C0AC0956"
	}
	if region == s.w.Region { // a higher one is asked for in the home Region (AWS Control Tower User Guide, "Request a quota increase")
		operations.value = s.w.Quotas.ConcurrentAccountOperations
	}
	if region != organizationsRegion {
		return []quota{operations}
	}
	accounts := quota{
		service: "organizations", serviceName: "AWS Organizations", code: "L-E619E033", name: "Maximum number of accounts",
		value: s.w.Quotas.Accounts, byDefault: 10, known: !s.w.Otherwise("quota-of-accounts-applied"), global: true,
	}
	if s.w.Otherwise("quota-code-of-accounts") {
		accounts.code, accounts.name = "L-29A0C5DF", "Default maximum number of accounts"
	}
	return []quota{operations, accounts}
}

// serviceQuota is a quota as the API shows it (Service Quotas API Reference, ServiceQuota).
type serviceQuota struct {
	ServiceCode string  `json:"ServiceCode"`
	ServiceName string  `json:"ServiceName"`
	ARN         string  `json:"QuotaArn"`
	Code        string  `json:"QuotaCode"`
	Name        string  `json:"QuotaName"`
	Value       float64 `json:"Value"`
	Unit        string  `json:"Unit"`
	Adjustable  bool    `json:"Adjustable"`
	Global      bool    `json:"GlobalQuota"`
	Level       string  `json:"QuotaAppliedAtLevel,omitempty"`
}

func byDefault(c *wire.Call, q quota) serviceQuota {
	return serviceQuota{
		ServiceCode: q.service, ServiceName: q.serviceName, ARN: "arn:aws:servicequotas:" + c.Region + "::" + q.service + "/" + q.code,
		Code: q.code, Name: q.name, Value: float64(q.byDefault), Unit: "None", Adjustable: true, Global: q.global,
	}
}

// applied is the quota with the value that holds for the caller; false where nobody can say which that is.
func (s *service) applied(c *wire.Call, q quota) (serviceQuota, bool) {
	shown := byDefault(c, q)
	shown.ARN = "arn:aws:servicequotas:" + c.Region + ":" + c.Caller.Account + ":" + q.service + "/" + q.code
	shown.Level = "ACCOUNT"
	if c.Caller.Account == s.w.Management.ID {
		shown.Value = float64(q.value)
	}
	return shown, q.known
}
