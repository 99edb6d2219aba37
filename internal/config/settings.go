package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/pattern"
)

// signatureAge is how long AWS accepts a request after it was signed.
const signatureAge = 5 * time.Minute

// tableName is what a table may be called (DynamoDB API Reference, CreateTable).
var tableName = pattern.Compile(`^[A-Za-z0-9_.-]{3,255}$`)

// setting is one value of vend.yaml.
type setting struct {
	path  string             // as in vend.yaml, levels joined by dots
	at    func(*Config) any  // the field it is kept in
	takes string             // what may be given, for the error
	check func(*Config) bool // nil: all values of its type
}

// settings is the table of all that vend.yaml may hold, in its order.
var settings = []setting{
	{path: "bucket", at: func(c *Config) any { return &c.Bucket }, takes: "the name of an S3 bucket", check: func(c *Config) bool {
		return !strings.ContainsAny(c.Bucket, "/: ")
	}},
	{path: "prefix", at: func(c *Config) any { return &c.Prefix }, takes: "a folder of the bucket that ends with a slash, not within results/", check: func(c *Config) bool {
		return len(c.Prefix) > 1 && strings.HasSuffix(c.Prefix, "/") && !strings.HasPrefix(c.Prefix, "/") &&
			!strings.HasPrefix(c.Prefix, "results/")
	}},
	{path: "table", at: func(c *Config) any { return &c.Table }, takes: "the name of a DynamoDB table: 3 to 255 letters, digits, dots, dashes and underscores", check: func(c *Config) bool {
		return c.Table == "" || strings.HasPrefix(c.Table, "arn:") || tableName.MatchString(c.Table)
	}},
	{path: "queueUrl", at: func(c *Config) any { return &c.QueueURL }, takes: "the https:// address of an SQS queue", check: func(c *Config) bool {
		return c.QueueURL == "" || strings.HasPrefix(c.QueueURL, "https://") || strings.HasPrefix(c.QueueURL, "http://")
	}},
	{path: "topicArn", at: func(c *Config) any { return &c.TopicARN }, takes: "the ARN of an SNS topic", check: func(c *Config) bool {
		return c.TopicARN == "" || strings.HasPrefix(c.TopicARN, "arn:")
	}},

	{path: "concurrency", at: func(c *Config) any { return &c.Settings.Concurrency }, takes: "a whole number from 1 to 10", check: func(c *Config) bool {
		return c.Settings.Concurrency >= 1 && c.Settings.Concurrency <= 10
	}},
	duration("deadline", func(s *account.Settings) *account.Duration { return &s.Deadline }, time.Second, 48*time.Hour),
	duration("pollInterval", func(s *account.Settings) *account.Duration { return &s.PollInterval }, 250*time.Millisecond, time.Hour),
	duration("lease", func(s *account.Settings) *account.Duration { return &s.Lease }, 2*time.Second, 15*time.Minute),
	duration("orderGrace", func(s *account.Settings) *account.Duration { return &s.OrderGrace }, time.Second, 24*time.Hour),
	duration("resultsInterval", func(s *account.Settings) *account.Duration { return &s.ResultsInterval }, 250*time.Millisecond, time.Hour),
	{path: "window", at: func(c *Config) any { return &c.Settings.Window }, takes: `days, hours and a time zone, like "Mon-Fri 19:00-07:00 Europe/Berlin"`, check: func(c *Config) bool {
		_, err := account.ParseWindow(c.Settings.Window)
		return err == nil
	}},
	{path: "identityCenter.instanceArn", at: func(c *Config) any { return &c.Settings.IdentityCenter.InstanceARN }, takes: "the ARN of an Identity Center instance", check: func(c *Config) bool {
		arn := c.Settings.IdentityCenter.InstanceARN
		return arn == "" || strings.HasPrefix(arn, "arn:")
	}},
	{path: "identityCenter.callsPerSecond", at: func(c *Config) any { return &c.Settings.IdentityCenter.CallsPerSecond }, takes: "a number above 0, up to 1000", check: func(c *Config) bool {
		return c.Settings.IdentityCenter.CallsPerSecond > 0 && c.Settings.IdentityCenter.CallsPerSecond <= 1000
	}},
	{path: "identityCenter.outstanding", at: func(c *Config) any { return &c.Settings.IdentityCenter.Outstanding }, takes: "a whole number from 1 to 100", check: func(c *Config) bool {
		return c.Settings.IdentityCenter.Outstanding >= 1 && c.Settings.IdentityCenter.Outstanding <= 100
	}},
	{path: "removeAccountFactoryUser", at: func(c *Config) any { return &c.Settings.RemoveUser }, takes: "true or false"},
	{path: "enrollment.ssoUser.email", at: func(c *Config) any { return &c.Settings.Enrollment.User.Email }, takes: "an e-mail address", check: func(c *Config) bool {
		email := c.Settings.Enrollment.User.Email
		return email == "" || strings.Contains(email, "@")
	}},
	{path: "enrollment.ssoUser.firstName", at: func(c *Config) any { return &c.Settings.Enrollment.User.FirstName }, takes: "a first name"},
	{path: "enrollment.ssoUser.lastName", at: func(c *Config) any { return &c.Settings.Enrollment.User.LastName }, takes: "a last name"},
	list("enrollment.inspectRoles", func(s *account.Settings) *[]string { return &s.Enrollment.InspectRoles }, "a list of role names"),
	list("defaults.assignments", func(s *account.Settings) *[]string { return &s.Defaults.Assignments }, `a list like ["AWSReadOnlyAccess/Auditors"]`),
	{path: "defaults.organizationalUnits", at: func(c *Config) any { return &c.Settings.Defaults.OrganizationalUnits }, takes: "organizational units, each with `assignments`"},
	list("policy.allowedEmailDomains", func(s *account.Settings) *[]string { return &s.Policy.AllowedEmailDomains }, "a list of domains"),
	list("policy.allowedOrganizationalUnits", func(s *account.Settings) *[]string { return &s.Policy.AllowedOrganizationalUnits }, "a list of organizational units"),
	list("policy.excludedOrganizationalUnits", func(s *account.Settings) *[]string { return &s.Policy.ExcludedOrganizationalUnits }, "a list of organizational units"),
	list("policy.deniedPermissionSets", func(s *account.Settings) *[]string { return &s.Policy.DeniedPermissionSets }, "a list of permission sets"),
}

func duration(path string, field func(*account.Settings) *account.Duration, low, high time.Duration) setting {
	return setting{
		path:  path,
		at:    func(c *Config) any { return field(&c.Settings) },
		takes: "a duration from " + brief(low) + " to " + brief(high) + ", like 90s or 15m",
		check: func(c *Config) bool { d := field(&c.Settings).Std(); return d >= low && d <= high },
	}
}

func list(path string, field func(*account.Settings) *[]string, takes string) setting {
	return setting{path: path, at: func(c *Config) any { return field(&c.Settings) }, takes: takes}
}

// brief writes a duration without the units that are zero: 1h, not 1h0m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// scalar says whether the setting is one value: only those can be given outside of a file.
func (s setting) scalar(c *Config) bool {
	switch s.at(c).(type) {
	case *string, *int, *float64, *bool, *account.Duration:
		return true
	}
	return false
}

var errNotScalar = errors.New("more than one value")

// parse puts the value that the text stands for into its field.
func (s setting) parse(c *Config, text string) (err error) {
	switch field := s.at(c).(type) {
	case *string:
		*field = text
	case *int:
		*field, err = strconv.Atoi(text)
	case *float64:
		*field, err = strconv.ParseFloat(text, 64)
	case *bool:
		*field, err = strconv.ParseBool(text)
	case *account.Duration:
		err = field.UnmarshalText([]byte(text))
	default:
		err = errNotScalar
	}
	return err
}

// variable is the setting's environment variable.
func (s setting) variable() string {
	return "VEND_" + strings.ToUpper(strings.ReplaceAll(snake(s.path, '_'), ".", "_"))
}

// flag is the setting's flag, without its dashes.
func (s setting) flag() string { return strings.ReplaceAll(snake(s.path, '-'), ".", "-") }

// snake puts a divider before each capital and lowers it: pollInterval is poll_interval.
func snake(s string, divider rune) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) {
			b.WriteRune(divider)
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// nearest is the candidate that a misspelt name most likely means, or nothing.
func nearest(name string, candidates []string) string {
	best, least := "", 3
	for _, candidate := range candidates {
		if d := distance(squeeze(name), squeeze(candidate)); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// squeeze leaves only what matters in a name: no case, no dividers.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// distance counts the letters to insert, drop or replace to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
