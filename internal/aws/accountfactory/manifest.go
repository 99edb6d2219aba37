package accountfactory

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/controltower/document"
)

// manifest is what we read of a landing zone's manifest. Which members there are depends on the landing zone's version:
// config came with 4.0, which also made all of them optional (AWS Control Tower User Guide, "Landing zone schemas").
type manifest struct {
	GovernedRegions    []string      `json:"governedRegions"`
	CentralizedLogging sharedAccount `json:"centralizedLogging"`
	SecurityRoles      sharedAccount `json:"securityRoles"`
	Config             sharedAccount `json:"config"`
}

// sharedAccount is the id of an account that a part of the landing zone lives in; empty where the manifest names none.
type sharedAccount string

// UnmarshalJSON reads the id where it stands, and takes anything else for a part without an account: nothing depends on
// these accounts so much that a manifest of a new shape may stop the pipeline.
func (a *sharedAccount) UnmarshalJSON(raw []byte) error {
	var part struct {
		AccountID string `json:"accountId"`
	}
	if json.Unmarshal(raw, &part) == nil {
		*a = sharedAccount(part.AccountID)
	}
	return nil
}

func readManifest(d document.Interface) (m manifest, err error) {
	if d == nil {
		return m, nil
	}
	raw, err := d.MarshalSmithyDocument()
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(raw, &m)
}

// sharedAccounts lists the accounts that the landing zone itself lives in, each once: with 4.0 one account may be several.
func (m manifest) sharedAccounts() []string {
	var ids []string
	for _, id := range []sharedAccount{m.CentralizedLogging, m.SecurityRoles, m.Config} {
		if id != "" && !slices.Contains(ids, string(id)) {
			ids = append(ids, string(id))
		}
	}
	return ids
}
