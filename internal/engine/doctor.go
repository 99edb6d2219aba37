package engine

import (
	"context"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/aws/topic"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/doctor"
)

// Examine makes the checks of the doctor for a configuration, of which nothing has to work, and calls each with what came
// out. It changes nothing.
func Examine(ctx context.Context, c config.Config, o Options, each func(doctor.Check)) error {
	o.patience = lookWithin
	e, err := prepare(ctx, c, o)
	if err != nil {
		if ctx.Err() == nil {
			doctor.NoCredentials(err, each)
		}
		return ctx.Err()
	}
	var unread error
	if c.Table != "" {
		pushed, err := e.Queue.Settings(ctx)
		if err == nil {
			e.adopt(c, pushed)
		}
		unread = err
	}
	ports := e.ports()
	if look := ports.Table; look != nil && unread != nil { // the table may be well, and yet not for this caller
		ports.Table = func(ctx context.Context) (doctor.Table, error) {
			if health, err := look(ctx); err != nil || !health.Fitting {
				return health, err
			}
			return doctor.Table{}, unread
		}
	}
	doctor.Examine(ctx, ports, e.subject(), each)
	return ctx.Err()
}

// BeforeWork makes the checks that are cheap and decide whether a worker can do anything, and calls each with what is not
// well.
func (e *Engine) BeforeWork(ctx context.Context, each func(doctor.Check)) {
	doctor.Before(ctx, e.ports(), e.subject(), each)
}

func (e *Engine) subject() doctor.Subject {
	s := doctor.Subject{
		Region: e.aws.Region, Bucket: e.Config.Bucket, Table: e.Config.Table, Queue: path.Base(e.Config.QueueURL), Topic: e.Config.TopicARN,
		EnrollmentUser: e.Config.Settings.Enrollment.User.Email,
	}
	if parsed, err := arn.Parse(e.Config.TopicARN); err == nil {
		s.Topic = parsed.Resource
	}
	return s
}

// ports are what the doctor looks at; parts of the pipeline that were not given are not there.
func (e *Engine) ports() doctor.Ports {
	v := e.view(e.options.Now)
	p := doctor.Ports{
		Caller: func(ctx context.Context) (doctor.Caller, error) {
			id, err := e.who(ctx)
			return doctor.Caller{AccountID: id.AccountID, ARN: id.ARN, Date: id.Date, Local: id.Local}, err
		},
		Organization: func(ctx context.Context) (doctor.Organization, error) {
			id, err := v.organization.Management(ctx)
			if err != nil {
				return doctor.Organization{}, err
			}
			trusted, err := v.organization.Trusted(ctx)
			if err != nil {
				e.options.Log.Warn("nobody knows which services are trusted", "error", err)
			}
			return doctor.Organization{ManagementAccountID: id, TrustedServices: trusted}, nil
		},
		LandingZone: func(ctx context.Context) (doctor.Zone, bool, error) {
			z, there, err := v.factory.LandingZone(ctx)
			return doctor.Zone{Version: z.Version, Latest: z.Latest, Status: z.Status, Drift: z.Drift, Regions: z.GovernedRegions}, there, err
		},
		Factory: func(ctx context.Context) (product, version string, err error) {
			f, err := v.factory.Factory(ctx)
			return f.ProductID, f.ArtifactID, err
		},
		IdentityCenter: func(ctx context.Context) (string, error) {
			instance, _, err := v.identity.Instance(ctx)
			return instance, err
		},
		Quota: func(ctx context.Context) (account.Quota, error) {
			q, err := e.quota(ctx, v)
			if err != nil {
				return account.Quota{}, err
			}
			return *q, nil
		},
		User: func(ctx context.Context, email string) (bool, error) {
			_, there, err := v.identity.UserWithEmail(ctx, email)
			return there, err
		},
	}
	if e.Config.Bucket != "" {
		p.Bucket = func(ctx context.Context) (doctor.Bucket, error) {
			s, err := e.bucket.Settings(ctx)
			return doctor.Bucket(s), err
		}
	}
	if e.Config.Table != "" {
		p.Table = func(ctx context.Context) (doctor.Table, error) {
			h, err := e.Queue.Health(ctx)
			return doctor.Table(h), err
		}
	}
	if e.Config.QueueURL != "" {
		p.Inbox = func(ctx context.Context) (doctor.Inbox, error) {
			h, err := inbox.New(e.aws, e.Config.QueueURL).Health(ctx)
			return doctor.Inbox(h), err
		}
	}
	if e.Config.TopicARN != "" {
		p.Topic = topic.New(e.aws, e.Config.TopicARN).Look
	}
	return p
}
