package configservice

import (
	"strconv"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type authorization struct {
	ARN     string    `json:"AggregationAuthorizationArn"`
	Account string    `json:"AuthorizedAccountId"`
	Region  string    `json:"AuthorizedAwsRegion"`
	Created wire.Time `json:"CreationTime"`
}

type authorizationsOutput struct {
	Authorizations []authorization `json:"AggregationAuthorizations"`
	NextToken      string          `json:"NextToken,omitempty"`
}

func (s *service) show(p place, z world.Authorization) authorization {
	return authorization{
		ARN:     "arn:aws:config:" + p.region + ":" + p.ID + ":aggregation-authorization/" + z.Account + "/" + z.AuthorizedRegion,
		Account: z.Account, Region: z.AuthorizedRegion, Created: wire.Time{Time: z.Created},
	}
}

// describeAggregationAuthorizations is DescribeAggregationAuthorizations, in pages of as many as are asked for, else of a hundred.
func (s *service) describeAggregationAuthorizations(p place, in *struct {
	Limit     *int   `json:"Limit"`
	NextToken string `json:"NextToken"`
},
) (*authorizationsOutput, error) {
	var invalid wire.Invalid
	invalid.Range("limit", in.Limit, 0, 100)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	size := 100
	if in.Limit != nil && *in.Limit > 0 {
		size = *in.Limit
	}
	all, from := s.w.AuthorizationsIn(p.Account, p.region), 0
	if in.NextToken != "" {
		at, err := strconv.Atoi(in.NextToken)
		if err != nil || at < 1 || at > len(all) {
			return nil, wire.Fail("InvalidNextTokenException", "The specified nextToken for pagination is not valid.")
		}
		from = at
	}
	out := &authorizationsOutput{Authorizations: []authorization{}}
	to := min(from+size, len(all))
	for _, z := range all[from:to] {
		out.Authorizations = append(out.Authorizations, s.show(p, z))
	}
	if to < len(all) {
		out.NextToken = strconv.Itoa(to)
	}
	return out, nil
}

var accountID = pattern.Compile(`\d{12}`)

type authorizedInput struct {
	Account string `json:"AuthorizedAccountId"`
	Region  string `json:"AuthorizedAwsRegion"`
	Tags    []any  `json:"Tags"`
}

func (in authorizedInput) check() error {
	var invalid wire.Invalid
	invalid.Required("authorizedAccountId", in.Account)
	invalid.Pattern("authorizedAccountId", in.Account, accountID)
	invalid.Required("authorizedAwsRegion", in.Region)
	invalid.Length("authorizedAwsRegion", in.Region, 1, 64)
	return invalid.Err()
}

type authorizationOutput struct {
	Authorization authorization `json:"AggregationAuthorization"`
}

// putAggregationAuthorization is PutAggregationAuthorization; one that there is already is answered as it is.
func (s *service) putAggregationAuthorization(p place, in *authorizedInput) (*authorizationOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if _, known := world.Regions()[in.Region]; !known {
		return nil, wire.Fail("InvalidParameterValueException", "The Region "+in.Region+" is not valid.")
	}
	if len(in.Tags) > 0 {
		return nil, &wire.Unsupported{What: "tags of AWS Config"}
	}
	return &authorizationOutput{s.show(p, s.w.Authorize(p.Account, p.region, in.Account, in.Region))}, nil
}

// deleteAggregationAuthorization is DeleteAggregationAuthorization; of one that there is not it says nothing.
func (s *service) deleteAggregationAuthorization(p place, in *authorizedInput) (*struct{}, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.w.Unauthorize(p.Account, p.region, in.Account, in.Region)
	return nil, nil
}
