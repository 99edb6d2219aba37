// Package ec2 is Amazon EC2 as far as the default VPC of an account goes, and the Regions that the account can be used in.
//
// It follows the Amazon EC2 API Reference. Every account has a default VPC in every Region that is enabled in it, until it is
// enrolled; where the world says that the default VPC is in use, there are an instance and its network interface in it.
package ec2

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "ec2",
		XMLNS:       "http://ec2.amazonaws.com/doc/2016-11-15/",
		EC2:         true,
		Operations: map[string]wire.Operation{
			"DescribeRegions":           op(w, s.describeRegions),
			"DescribeVpcs":              op(w, s.describeVPCs),
			"DescribeNetworkInterfaces": op(w, s.describeNetworkInterfaces),
			"DescribeInstances":         op(w, s.describeInstances),
		},
	}
}

type service struct{ w *world.World }

// place is where a call happens: an account and a Region of it.
type place struct {
	*world.Account
	region string
}

func op[In, Out any](w *world.World, f func(place, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() {
			var a *world.Account
			if a, err = w.Enter(world.Caller(c.Caller), c.Region, "ec2:"+c.Operation); err == nil {
				out, err = f(place{a, c.Region}, in)
			}
		})
		var r *world.Refusal
		switch {
		case !errors.As(err, &r):
			return out, err
		case r.Code == world.InvalidToken:
			return nil, &wire.Error{Code: "AuthFailure", Status: http.StatusUnauthorized, Message: "AWS was not able to validate the provided access credentials"}
		default:
			return nil, &wire.Error{Code: "UnauthorizedOperation", Status: http.StatusForbidden, Message: "You are not authorized to perform this operation. " + r.Message}
		}
	})
}

// filter is met by what has one of its values.
type filter struct {
	Name   string   `json:"Name"`
	Values []string `json:"Values" query:"Value,flat"`
}

// pass says whether something with these values passes all filters; one that is not among them is not supported.
func pass(filters []filter, values map[string]string) (bool, error) {
	for _, f := range filters {
		value, ok := values[f.Name]
		if !ok {
			return false, &wire.Unsupported{What: "filter " + f.Name}
		}
		if !slices.Contains(f.Values, value) {
			return false, nil
		}
	}
	return true, nil
}

// paging is taken and not needed: there is little to list.
type paging struct {
	NextToken string `json:"NextToken"`
	Most      *int   `json:"MaxResults"`
}

func (p paging) check() error {
	if p.NextToken != "" {
		return wire.Fail("InvalidNextToken", "The token '"+p.NextToken+"' is invalid")
	}
	return nil
}

type region struct {
	Name     string `json:"regionName"`
	Endpoint string `json:"regionEndpoint"`
	OptIn    string `json:"optInStatus"`
}

type regionsOutput struct {
	Regions []region `json:"regionInfo" query:",item"`
}

// describeRegions is DescribeRegions: those that are enabled in the account, or all.
func (s *service) describeRegions(p place, in *struct {
	Names   []string `json:"RegionNames" query:"RegionName,flat"`
	Filters []filter `json:"Filters" query:"Filter,flat"`
	All     bool     `json:"AllRegions"`
},
) (*regionsOutput, error) {
	all := world.Regions()
	for _, name := range in.Names {
		if _, ok := all[name]; !ok {
			return nil, wire.Fail("InvalidParameterValue", "Invalid region names: ["+name+"]")
		}
	}
	out := &regionsOutput{Regions: []region{}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		r := region{Name: name, Endpoint: "ec2." + name + ".amazonaws.com", OptIn: "opt-in-not-required"}
		switch {
		case !all[name]:
		case s.w.RegionEnabled(p.Account, name):
			r.OptIn = "opted-in"
		default:
			r.OptIn = "not-opted-in"
		}
		passes, err := pass(in.Filters, map[string]string{"region-name": name, "endpoint": r.Endpoint, "opt-in-status": r.OptIn})
		if err != nil {
			return nil, err
		}
		if passes && (in.All || r.OptIn != "not-opted-in") && (len(in.Names) == 0 || slices.Contains(in.Names, name)) {
			out.Regions = append(out.Regions, r)
		}
	}
	return out, nil
}

// id makes up an id that is the same each time.
func (p place) id(kind string) string {
	return kind + "-" + world.Hexadecimal(kind+"/"+p.ID+"/"+p.region, 17)
}

// hasVPC says whether the account has its default VPC: Control Tower takes it away from those that it governs (AWS Control
// Tower User Guide, "Overview of AWS Control Tower and VPCs").
func (s *service) hasVPC(p place) bool { return !p.Enrolled() || p.DefaultVPCInUse }

type vpc struct {
	ID      string `json:"vpcId"`
	State   string `json:"state"`
	Block   string `json:"cidrBlock"`
	Options string `json:"dhcpOptionsId"`
	Tenancy string `json:"instanceTenancy"`
	Default bool   `json:"isDefault"`
	Owner   string `json:"ownerId"`
}

type vpcsOutput struct {
	VPCs []vpc `json:"vpcSet" query:",item"`
}

// describeVPCs is DescribeVpcs.
func (s *service) describeVPCs(p place, in *struct {
	paging
	IDs     []string `json:"VpcIds" query:"VpcId,flat"`
	Filters []filter `json:"Filters" query:"Filter,flat"`
},
) (*vpcsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out := &vpcsOutput{VPCs: []vpc{}}
	v := vpc{p.id("vpc"), "available", "172.31.0.0/16", p.id("dopt"), "default", true, p.ID}
	for _, id := range in.IDs {
		if id != v.ID || !s.hasVPC(p) {
			return nil, wire.Fail("InvalidVpcID.NotFound", "The vpc ID '"+id+"' does not exist")
		}
	}
	passes, err := pass(in.Filters, map[string]string{"is-default": "true", "isDefault": "true", "vpc-id": v.ID, "state": v.State, "owner-id": v.Owner, "cidr": v.Block})
	if err != nil {
		return nil, err
	}
	if passes && s.hasVPC(p) {
		out.VPCs = append(out.VPCs, v)
	}
	return out, nil
}

// busy says whether something is in the default VPC here: the world says so of the account, and it is so in the home Region.
func (s *service) busy(p place) bool { return p.DefaultVPCInUse && p.region == s.w.Region }

type networkInterface struct {
	ID          string `json:"networkInterfaceId"`
	Subnet      string `json:"subnetId"`
	VPC         string `json:"vpcId"`
	Zone        string `json:"availabilityZone"`
	Description string `json:"description"`
	Owner       string `json:"ownerId"`
	Status      string `json:"status"`
	Address     string `json:"privateIpAddress"`
	Type        string `json:"interfaceType"`
}

type networkInterfacesOutput struct {
	Interfaces []networkInterface `json:"networkInterfaceSet" query:",item"`
}

// describeNetworkInterfaces is DescribeNetworkInterfaces.
func (s *service) describeNetworkInterfaces(p place, in *struct {
	paging
	Filters []filter `json:"Filters" query:"Filter,flat"`
},
) (*networkInterfacesOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out := &networkInterfacesOutput{Interfaces: []networkInterface{}}
	i := networkInterface{
		p.id("eni"), p.id("subnet"), p.id("vpc"), p.region + "a", "Primary network interface", p.ID, "in-use", "172.31.0.10", "interface",
	}
	passes, err := pass(in.Filters, map[string]string{"vpc-id": i.VPC, "status": i.Status, "subnet-id": i.Subnet})
	if err != nil {
		return nil, err
	}
	if passes && s.busy(p) {
		out.Interfaces = append(out.Interfaces, i)
	}
	return out, nil
}

type instanceState struct {
	Code int    `json:"code"`
	Name string `json:"name"`
}

type instance struct {
	ID     string        `json:"instanceId"`
	Image  string        `json:"imageId"`
	State  instanceState `json:"instanceState"`
	Type   string        `json:"instanceType"`
	VPC    string        `json:"vpcId"`
	Subnet string        `json:"subnetId"`
}

type reservation struct {
	ID        string     `json:"reservationId"`
	Owner     string     `json:"ownerId"`
	Instances []instance `json:"instancesSet" query:",item"`
}

type reservationsOutput struct {
	Reservations []reservation `json:"reservationSet" query:",item"`
}

// describeInstances is DescribeInstances.
func (s *service) describeInstances(p place, in *struct {
	paging
	Filters []filter `json:"Filters" query:"Filter,flat"`
},
) (*reservationsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out := &reservationsOutput{Reservations: []reservation{}}
	i := instance{p.id("i"), p.id("ami"), instanceState{16, "running"}, "t3.micro", p.id("vpc"), p.id("subnet")}
	passes, err := pass(in.Filters, map[string]string{"vpc-id": i.VPC, "instance-state-name": i.State.Name, "subnet-id": i.Subnet})
	if err != nil {
		return nil, err
	}
	if passes && s.busy(p) {
		out.Reservations = append(out.Reservations, reservation{p.id("r"), p.ID, []instance{i}})
	}
	return out, nil
}
