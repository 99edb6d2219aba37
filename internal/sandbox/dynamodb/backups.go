package dynamodb

import (
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

const defaultRecoveryDays = 35

type updateContinuousBackupsInput struct {
	TableName                        string
	PointInTimeRecoverySpecification *struct {
		PointInTimeRecoveryEnabled *bool
		RecoveryPeriodInDays       *int64
	}
}

type continuousBackupsOutput struct {
	ContinuousBackupsDescription struct {
		ContinuousBackupsStatus        string
		PointInTimeRecoveryDescription recovery
	}
}

type recovery struct {
	PointInTimeRecoveryStatus  string
	RecoveryPeriodInDays       int64     `json:",omitempty"`
	EarliestRestorableDateTime wire.Time `json:",omitzero"`
	LatestRestorableDateTime   wire.Time `json:",omitzero"`
}

// backedUp finds the table of a request about backups, which have an error of their own.
func (r *region) backedUp(name string) (*table, error) {
	if err := controlName(name); err != nil {
		return nil, err
	}
	t, err := r.existing(name)
	if err == nil || isUnsupported(err) {
		return t, err
	}
	return nil, wire.Fail("TableNotFoundException", "Table not found: "+name)
}

// describeContinuousBackups follows DynamoDB API Reference, DescribeContinuousBackups: continuous backups are always on,
// point-in-time recovery is not until somebody switches it on.
func (r *region) describeContinuousBackups(in *tableInput) (*continuousBackupsOutput, error) {
	t, err := r.backedUp(in.TableName)
	if err != nil {
		return nil, err
	}
	return t.backups(), nil
}

// updateContinuousBackups follows DynamoDB API Reference, UpdateContinuousBackups. Nothing can be restored here.
func (r *region) updateContinuousBackups(in *updateContinuousBackupsInput) (*continuousBackupsOutput, error) {
	c := constraints{}
	spec := in.PointInTimeRecoverySpecification
	c.present("pointInTimeRecoverySpecification", spec != nil)
	if spec != nil {
		c.present("pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled", spec.PointInTimeRecoveryEnabled != nil)
		c.number("pointInTimeRecoverySpecification.recoveryPeriodInDays", spec.RecoveryPeriodInDays, 1, defaultRecoveryDays)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := r.backedUp(in.TableName)
	if err != nil {
		return nil, err
	}
	s := &t.settings
	switch {
	case !*spec.PointInTimeRecoveryEnabled:
		s.recoverySince, s.recoveryDays = time.Time{}, 0
	case s.recoverySince.IsZero():
		s.recoverySince, s.recoveryDays = r.world.Now(), defaultRecoveryDays
	}
	if *spec.PointInTimeRecoveryEnabled && spec.RecoveryPeriodInDays != nil {
		s.recoveryDays = *spec.RecoveryPeriodInDays
	}
	return t.backups(), nil
}

func (t *table) backups() *continuousBackupsOutput {
	out := &continuousBackupsOutput{}
	d := &out.ContinuousBackupsDescription
	d.ContinuousBackupsStatus = "ENABLED"
	d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus = "DISABLED"
	if s := t.settings; !s.recoverySince.IsZero() {
		now := t.world.Now()
		earliest := s.recoverySince
		if oldest := now.AddDate(0, 0, -int(s.recoveryDays)); earliest.Before(oldest) {
			earliest = oldest
		}
		latest := now.Add(-5 * time.Minute) // "typically 5 minutes before the current time"
		if latest.Before(earliest) {
			latest = earliest
		}
		d.PointInTimeRecoveryDescription = recovery{
			PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: s.recoveryDays,
			EarliestRestorableDateTime: wire.Time{Time: earliest}, LatestRestorableDateTime: wire.Time{Time: latest},
		}
	}
	return out
}
