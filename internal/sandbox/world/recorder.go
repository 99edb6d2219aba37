package world

import (
	"encoding/json"
	"slices"
	"time"
)

// ConfigSetting is what an account has told AWS Config in a Region: a recorder of its own, or a delivery channel.
type ConfigSetting struct {
	Region string          `json:"region"`
	Name   string          `json:"name"`
	Shown  json.RawMessage `json:"shown"` // as AWS Config describes it
}

// Authorization lets another account aggregate the AWS Config data that an account has in a Region.
type Authorization struct {
	Region           string    `json:"region"`
	Account          string    `json:"authorizedAccount"`
	AuthorizedRegion string    `json:"authorizedRegion"`
	Created          time.Time `json:"created"`
}

// Recorder is an AWS Config recorder with its delivery channel, or one of the two.
type Recorder struct {
	Recorder, Channel           string // their names; empty where there is none
	RecorderShown, ChannelShown json.RawMessage
	Recording                   bool
	ControlTower                bool // it is Control Tower's
	Since                       time.Time
}

// Recorder is what AWS Config has in a Region of the account: the account's own, or what Control Tower puts into every governed
// Region of an enrolled account (AWS Control Tower User Guide, "Resources created in managed accounts").
func (w *World) Recorder(a *Account, region string) Recorder {
	r := Recorder{Since: a.Joined}
	if slices.Contains(a.ConfigRecorders, region) {
		set := setting(a.RecorderSettings, region)
		r.Recorder, r.RecorderShown, r.Recording = set.Name, set.Shown, !slices.Contains(a.StoppedRecorders, region)
	}
	if slices.Contains(a.DeliveryChannels, region) {
		set := setting(a.ChannelSettings, region)
		r.Channel, r.ChannelShown = set.Name, set.Shown
	}
	if r.Recorder == "" && r.Channel == "" && a.Enrolled() && slices.Contains(w.LandingZone.GovernedRegions, region) {
		r = Recorder{
			Recorder: "aws-controltower-BaselineConfigRecorder", Channel: "aws-controltower-BaselineConfigDeliveryChannel",
			Recording: true, ControlTower: true, Since: a.Joined,
		}
	}
	return r
}

// setting is that of a Region; where nobody has set anything it has the name that AWS gives.
func setting(all []ConfigSetting, region string) ConfigSetting {
	for _, s := range all {
		if s.Region == region {
			return s
		}
	}
	return ConfigSetting{Region: region, Name: "default"}
}

// PutRecorder makes the account's own recorder in a Region, which does not record yet, or changes it.
func (a *Account) PutRecorder(s ConfigSetting) {
	if !slices.Contains(a.ConfigRecorders, s.Region) {
		a.ConfigRecorders = append(a.ConfigRecorders, s.Region)
		a.StopRecorder(s.Region)
	}
	a.RecorderSettings = put(a.RecorderSettings, s)
}

// StopRecorder lets the recorder of a Region rest.
func (a *Account) StopRecorder(region string) {
	if !slices.Contains(a.StoppedRecorders, region) {
		a.StoppedRecorders = append(a.StoppedRecorders, region)
	}
}

// StartRecorder lets the recorder of a Region record.
func (a *Account) StartRecorder(region string) {
	a.StoppedRecorders = without(a.StoppedRecorders, region)
}

// DeleteRecorder takes away the recorder of a Region.
func (a *Account) DeleteRecorder(region string) {
	a.ConfigRecorders, a.StoppedRecorders = without(a.ConfigRecorders, region), without(a.StoppedRecorders, region)
	a.RecorderSettings = forget(a.RecorderSettings, region)
}

// PutChannel makes the account's own delivery channel in a Region, or changes it.
func (a *Account) PutChannel(s ConfigSetting) {
	if !slices.Contains(a.DeliveryChannels, s.Region) {
		a.DeliveryChannels = append(a.DeliveryChannels, s.Region)
	}
	a.ChannelSettings = put(a.ChannelSettings, s)
}

// DeleteChannel takes away the delivery channel of a Region.
func (a *Account) DeleteChannel(region string) {
	a.DeliveryChannels, a.ChannelSettings = without(a.DeliveryChannels, region), forget(a.ChannelSettings, region)
}

func put(all []ConfigSetting, s ConfigSetting) []ConfigSetting {
	return append(forget(all, s.Region), s)
}

func forget(all []ConfigSetting, region string) []ConfigSetting {
	return slices.DeleteFunc(all, func(s ConfigSetting) bool { return s.Region == region })
}

func without(regions []string, region string) []string {
	return slices.DeleteFunc(regions, func(r string) bool { return r == region })
}

// AuthorizationsIn are those of a Region; the world file's own are of the management account in the home Region.
func (w *World) AuthorizationsIn(a *Account, region string) []Authorization {
	var found []Authorization
	if slices.Contains(a.Aggregations, region) {
		found = append(found, Authorization{region, w.Management.ID, w.Region, a.Joined})
	}
	for _, z := range a.Authorizations {
		if z.Region == region {
			found = append(found, z)
		}
	}
	return found
}

// Authorize lets an account aggregate; of one that may already it changes nothing. The time of the one that there is comes back.
func (w *World) Authorize(a *Account, region, account, authorizedRegion string) Authorization {
	for _, z := range w.AuthorizationsIn(a, region) {
		if z.Account == account && z.AuthorizedRegion == authorizedRegion {
			return z
		}
	}
	z := Authorization{region, account, authorizedRegion, w.stamp()}
	a.Authorizations = append(a.Authorizations, z)
	return z
}

// Unauthorize takes an authorization back, if there is one.
func (w *World) Unauthorize(a *Account, region, account, authorizedRegion string) {
	if account == w.Management.ID && authorizedRegion == w.Region {
		a.Aggregations = without(a.Aggregations, region)
	}
	a.Authorizations = slices.DeleteFunc(a.Authorizations, func(z Authorization) bool {
		return z.Region == region && z.Account == account && z.AuthorizedRegion == authorizedRegion
	})
}

// authorizes says whether the account lets somebody aggregate in a governed Region.
func (w *World) authorizes(a *Account) bool {
	return w.governs(a.Aggregations) || slices.ContainsFunc(a.Authorizations, func(z Authorization) bool {
		return w.governs([]string{z.Region})
	})
}
