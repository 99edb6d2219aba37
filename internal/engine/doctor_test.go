package engine_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/doctor"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/samples"
)

// worldWith is the default landing zone with some of its members replaced; a nil one is left out.
func worldWith(t *testing.T, members map[string]any) []byte {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(samples.LandingZone, &file); err != nil {
		t.Fatal(err)
	}
	maps.Copy(file, members)
	out, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func zoneWith(t *testing.T, name string, value any) map[string]any {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(samples.LandingZone, &file); err != nil {
		t.Fatal(err)
	}
	zone := file["landingZone"].(map[string]any)
	zone[name] = value
	return map[string]any{"landingZone": zone}
}

// Each check finds what it is there for in a world that is broken in just that way, and says what to do.
func TestTheDoctorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	type change func(t *testing.T, z *enginetest.Zone, c *config.Config)
	for name, test := range map[string]struct {
		world  map[string]any
		faults string
		change change
		now    time.Duration
		want   []string // "result name code" of all that did not pass
		remedy string   // part of the first one's
	}{
		"nothing": {},
		"credentials that have expired": {
			faults: `[{"operation":"sts.GetCallerIdentity","nth":1,"times":99,"kind":"error","code":"ExpiredToken","status":403}]`,
			want:   []string{"fail credentials V3001"}, remedy: "aws sso login",
		},
		"another Region": {
			change: func(_ *testing.T, _ *enginetest.Zone, c *config.Config) { c.Region = "eu-west-1" },
			want: []string{
				"fail landing zone V3006", "fail account factory V3006", "fail identity center V3009", "fail bucket V3003", "fail table V3004",
				"fail queue V3005", "warn enrollment user V3009",
			}, remedy: "home Region",
		},
		"Organizations that does not answer this account": {
			faults: `[{"operation":"organizations.DescribeOrganization","nth":1,"times":99,"kind":"error","code":"AccessDeniedException","status":400}]`,
			want:   []string{"fail management account V3010", "warn stack sets", "warn account quota V3010"}, remedy: "management account",
		},
		"a landing zone that has drifted": {
			world: zoneWith(t, "drift", "DRIFTED"), want: []string{"fail landing zone V3008"}, remedy: "Repair the landing zone",
		},
		"a landing zone that is being changed": {
			world: zoneWith(t, "status", "PROCESSING"), want: []string{"warn landing zone"}, remedy: "wait by themselves",
		},
		"a landing zone whose update failed": {
			world: zoneWith(t, "status", "FAILED"), want: []string{"fail landing zone V3008"}, remedy: "repair or update",
		},
		"an Account Factory that this principal may not use": {
			faults: `[{"operation":"servicecatalog.DescribeProduct","nth":1,"times":99,"kind":"error","code":"ResourceNotFoundException","status":400}]`,
			want:   []string{"fail account factory V3006"}, remedy: "portfolio",
		},
		"no trusted access of stack sets": {
			world: map[string]any{"trustedAccess": []string{"sso.amazonaws.com"}}, want: []string{"warn stack sets"},
			remedy: "activate-organizations-access",
		},
		"a bucket that keeps no versions": {
			change: func(t *testing.T, z *enginetest.Zone, c *config.Config) {
				client := s3.NewFromConfig(*z.AWS(nil), func(o *s3.Options) { o.UsePathStyle = true })
				_, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
					Bucket: &c.Bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusSuspended},
				})
				if err != nil {
					t.Fatal(err)
				}
			},
			want: []string{"fail bucket V3003"}, remedy: "put-bucket-versioning --bucket lists",
		},
		"a bucket that tells nobody": {
			change: func(t *testing.T, z *enginetest.Zone, c *config.Config) {
				client := s3.NewFromConfig(*z.AWS(nil), func(o *s3.Options) { o.UsePathStyle = true })
				_, err := client.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
					Bucket: &c.Bucket, NotificationConfiguration: &s3types.NotificationConfiguration{},
				})
				if err != nil {
					t.Fatal(err)
				}
			},
			want: []string{"warn bucket"}, remedy: "put-bucket-notification-configuration",
		},
		"a bucket that is not there": {
			change: func(_ *testing.T, _ *enginetest.Zone, c *config.Config) { c.Bucket = "nothing" },
			want:   []string{"fail bucket V3003"}, remedy: "VEND_BUCKET",
		},
		"a table of somebody else": {
			change: func(t *testing.T, z *enginetest.Zone, c *config.Config) {
				in := &dynamodb.CreateTableInput{
					TableName: aws.String("other"), BillingMode: "PAY_PER_REQUEST",
					AttributeDefinitions: queue.Definition("other").AttributeDefinitions[:1], KeySchema: queue.Definition("other").KeySchema[:1],
				}
				if _, err := dynamodb.NewFromConfig(*z.AWS(nil)).CreateTable(t.Context(), in); err != nil {
					t.Fatal(err)
				}
				c.Table = "other"
			},
			want: []string{"fail table V3004"}, remedy: "another tool's table",
		},
		"a table that can be deleted by mistake": {
			change: func(t *testing.T, z *enginetest.Zone, c *config.Config) {
				in := &dynamodb.UpdateTableInput{TableName: &c.Table, DeletionProtectionEnabled: aws.Bool(false)}
				if _, err := dynamodb.NewFromConfig(*z.AWS(nil)).UpdateTable(t.Context(), in); err != nil {
					t.Fatal(err)
				}
				if err := queue.New(*z.AWS(nil), queue.Options{Table: c.Table, Now: time.Now}).CreateTable(t.Context()); err != nil { // it is there: this waits
					t.Fatal(err)
				}
			},
			want: []string{"warn table"}, remedy: "--deletion-protection-enabled",
		},
		"a queue without a dead-letter queue": {
			change: func(t *testing.T, z *enginetest.Zone, c *config.Config) {
				made, err := sqs.NewFromConfig(*z.AWS(nil)).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("bare")})
				if err != nil {
					t.Fatal(err)
				}
				c.QueueURL = aws.ToString(made.QueueUrl)
			},
			want: []string{"warn queue"}, remedy: "redrive policy",
		},
		"dead letters": {
			change: func(t *testing.T, z *enginetest.Zone, c *config.Config) {
				url := strings.Replace(c.QueueURL, "-inbox", "-dead-letters", 1)
				_, err := sqs.NewFromConfig(*z.AWS(nil)).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("x")})
				if err != nil {
					t.Fatal(err)
				}
			},
			want: []string{"warn queue V3016"}, remedy: "start-message-move-task",
		},
		"a topic that is not there": {
			change: func(_ *testing.T, _ *enginetest.Zone, c *config.Config) { c.TopicARN += "-gone" },
			want:   []string{"warn topic V3011"}, remedy: "names the setting",
		},
		"a pipeline of which nothing was given": {
			change: func(_ *testing.T, _ *enginetest.Zone, c *config.Config) {
				c.Bucket, c.Table, c.QueueURL, c.TopicARN = "", "", "", ""
			},
			want: []string{"warn bucket", "warn table", "warn queue", "warn topic"}, remedy: "VEND_BUCKET",
		},
		"a quota that is reached": {
			world: map[string]any{"quotas": map[string]any{"accounts": 5, "concurrentAccountOperations": 5}},
			want:  []string{"fail account quota V3007"}, remedy: "Service Quotas",
		},
		"a quota that is nearly reached": {
			world: map[string]any{"quotas": map[string]any{"accounts": 15, "concurrentAccountOperations": 5}},
			want:  []string{"warn account quota"}, remedy: "Service Quotas",
		},
		"a user that nobody knows": {
			change: func(_ *testing.T, _ *enginetest.Zone, c *config.Config) {
				c.Settings.Enrollment.User.Email = "nobody@example.com"
			},
			want: []string{"warn enrollment user"}, remedy: "Check the address",
		},
		"no user for enrollments": {
			change: func(_ *testing.T, _ *enginetest.Zone, c *config.Config) { c.Settings.Enrollment.User = account.User{} },
			want:   []string{"warn enrollment user"}, remedy: "enrollment.ssoUser",
		},
		"a clock that runs ahead":  {now: 3 * time.Minute, want: []string{"warn clock"}, remedy: "NTP"},
		"a clock that is far back": {now: -20 * time.Minute, want: []string{"fail clock V3001"}, remedy: "NTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pipeline := enginetest.Pipeline()
			z := enginetest.New(t, enginetest.Options{World: worldWith(t, test.world), Config: pipeline})
			c := z.Config
			c.Settings.Enrollment.User.Email = "developer@example.com"
			if test.change != nil {
				test.change(t, z, &c)
			}
			h := &house{t: t, sandbox: z.Sandbox, config: c}
			if test.faults != "" {
				h.plant(test.faults)
			}
			var got []string
			remedy := ""
			seen := map[string]bool{}
			mutating := &recorder{next: z.Sandbox.RoundTripper()}
			region := *z.AWS(mutating)
			region.Region = c.Region
			err := engine.Examine(t.Context(), c, engine.Options{AWS: &region, Now: func() time.Time { return time.Now().Add(test.now) }}, func(c doctor.Check) {
				if seen[c.Name] {
					t.Errorf("%s stands twice", c.Name)
				}
				seen[c.Name] = true
				if c.Message == "" || (c.Result == doctor.Pass) != (c.Remedy == "") {
					t.Errorf("check %+v: want a message, and a remedy where it is not well", c)
				}
				if c.Code != "" {
					if _, known := account.Explain(c.Code); !known {
						t.Errorf("nobody explains %s", c.Code)
					}
				}
				if c.Result != doctor.Pass {
					got = append(got, strings.TrimSpace(string(c.Result)+" "+c.Name+" "+c.Code))
					if remedy == "" {
						remedy = c.Remedy
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("not well: %q\nwant      %q", got, test.want)
			}
			if !strings.Contains(remedy, test.remedy) {
				t.Errorf("remedy %q, want %q in it", remedy, test.remedy)
			}
			if len(mutating.changed) > 0 {
				t.Errorf("the doctor has changed something: %q", mutating.changed)
			}
		})
	}
}

// recorder notes what is called that may change something.
type recorder struct {
	next    http.RoundTripper
	changed []string
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	reads := operation == "" || slices.ContainsFunc([]string{"Get", "List", "Describe", "Query", "BatchGet"}, func(p string) bool { return strings.HasPrefix(operation, p) })
	if !reads || operation == "" && request.Method != http.MethodGet && request.Method != http.MethodPost {
		r.changed = append(r.changed, request.Method+" "+operation)
	}
	return r.next.RoundTrip(request)
}
