// Package config finds the settings of one run: flags over environment over vend.yaml.
//
// What the pipeline keeps in its own table ranks below all three; whoever opens the table merges it in with
// [Config.Under]. Every scalar of vend.yaml is also an environment variable: VEND_ and its path in upper snake
// case (pollInterval is VEND_POLL_INTERVAL, enrollment.ssoUser.email is VEND_ENROLLMENT_SSO_USER_EMAIL). An empty
// variable counts as none, as those of AWS do: what runs jobs passes on as empty what nobody has set. An empty flag counts.
//
// It also makes the configuration of the AWS SDK, so that every client of one run is patient in the same way.
//
// It imports account and the SDK, nothing else of the project.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/recording"
)

// Config is what one run was told: where the pipeline is, who asks, and how the pipeline behaves. In Settings only what
// was given is set.
type Config struct {
	Bucket   string // where account lists are dropped
	Prefix   string // of the account lists within the bucket; ends with a slash
	Table    string // the pipeline's DynamoDB table
	QueueURL string // the SQS queue that events arrive in; may be empty, then the sweep finds everything
	TopicARN string // the SNS topic that people are told through; may be empty

	Profile string // of the AWS configuration files; empty: as the AWS CLI would choose
	Region  string // empty: as the AWS CLI would choose

	Recorder *recording.Recorder // of what is said to AWS; nil: nothing is recorded

	Settings account.Settings
	Warnings []string // what was found but is not understood, and does no harm
	File     string   // the vend.yaml that was read; empty: none

	origin map[string]string
}

// Source is where settings are looked for.
type Source struct {
	Flags   map[string]string // by path ("bucket", "profile"), only those that were given
	Environ []string          // as os.Environ gives it
	File    string            // named by --config; empty: VEND_CONFIG, then vend.yaml in the folders
	Folders []string          // where vend.yaml is looked for; the first that has one counts
}

// Folders are the places where vend.yaml is looked for: the working folder, then the user's configuration folder.
func Folders() []string {
	folders := []string{"."}
	if dir, err := os.UserConfigDir(); err == nil {
		folders = append(folders, filepath.Join(dir, "vend"))
	}
	return folders
}

// Load reads all sources, the weakest first, and checks every value it meets, also those that a stronger source
// replaces. The error is an [account.Refused] that names the setting, its place and what it takes.
func Load(src Source) (Config, error) {
	c := Config{Prefix: "incoming/", origin: map[string]string{"prefix": "default"}}
	env := variables(src.Environ)
	c.Warnings = unknownVariables(env)

	name, named := src.File, src.File != ""
	if !named {
		name, named = env["VEND_CONFIG"], env["VEND_CONFIG"] != ""
	}
	if !named {
		name = search(src.Folders)
	}
	if name != "" {
		if err := c.readFile(name); err != nil {
			return Config{}, err
		}
		c.File = name
	}
	for _, s := range settings {
		if v := env[s.variable()]; v != "" && s.scalar(&c) {
			if err := c.set(s, v, "environment "+s.variable()); err != nil {
				return Config{}, err
			}
		}
	}
	for _, s := range settings {
		if v, given := src.Flags[s.path]; given {
			if err := c.set(s, v, "flag --"+s.flag()); err != nil {
				return Config{}, err
			}
		}
	}
	c.Profile, c.Region = src.Flags["profile"], src.Flags["region"]
	return c, c.checkGrace(env)
}

// Origin says where the value of a setting came from: "flag --bucket", "environment VEND_BUCKET", "vend.yaml:3:9",
// "default", or nothing when it was not given. [Config.Under] adds where it merged it in from. The setting is named by its path in vend.yaml.
func (c Config) Origin(path string) string { return c.origin[path] }

// Need returns an [account.Refused] that names all three ways to give a setting when one of those named is missing.
func (c Config) Need(paths ...string) error {
	for _, path := range paths {
		i := slices.IndexFunc(settings, func(s setting) bool { return s.path == path })
		if i < 0 {
			return fmt.Errorf("need setting %s: there is no such setting", path)
		}
		s := settings[i]
		if text, ok := s.at(&c).(*string); ok && *text == "" {
			return account.Refused{
				Code: "V3012", Reason: "no " + path + " was given",
				Hint: fmt.Sprintf("Give it as --%s, as the environment variable %s, or as `%s:` in vend.yaml.",
					s.flag(), s.variable(), path),
			}
		}
	}
	return nil
}

func (c *Config) set(s setting, text, origin string) error {
	if err := s.parse(c, text); err != nil {
		return wrong(s, text, origin)
	}
	return c.accept(s, text, origin)
}

// accept checks a value that stands in c already and notes where it came from.
func (c *Config) accept(s setting, text, origin string) error {
	if s.check != nil && !s.check(c) {
		return wrong(s, text, origin)
	}
	c.origin[s.path] = origin
	return nil
}

// checkGrace refuses a grace for late orders that is shorter than AWS accepts signed requests, unless some other
// endpoint than AWS's own is spoken to ("Signature Version 4, Date handling": five minutes).
func (c *Config) checkGrace(env map[string]string) error {
	grace := c.Settings.OrderGrace.Std()
	if grace == 0 || grace >= signatureAge || env["AWS_ENDPOINT_URL"] != "" {
		return nil
	}
	return account.Refused{
		Code:   "V3011",
		Reason: fmt.Sprintf("orderGrace is %s (%s); AWS accepts a signed order for %s", grace, c.origin["orderGrace"], signatureAge),
		Hint:   "Set it to 5m or more, or leave it out: a shorter one risks a second account.",
	}
}

func wrong(s setting, text, origin string) error {
	return account.Refused{
		Code:   "V3011",
		Reason: fmt.Sprintf("%s is %q (%s)", s.path, text, origin),
		Hint:   "It takes " + s.takes + ".",
	}
}

func variables(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}

func unknownVariables(env map[string]string) []string {
	known := append(make([]string, 0, 1+len(settings)), "VEND_CONFIG")
	for _, s := range settings {
		known = append(known, s.variable())
	}
	var warnings []string
	for name := range env {
		if !strings.HasPrefix(name, "VEND_") || slices.Contains(known, name) {
			continue
		}
		if near := nearest(name, known); near != "" {
			warnings = append(warnings, fmt.Sprintf("the environment variable %s is not a setting; did you mean %s?", name, near))
		}
	}
	slices.Sort(warnings)
	return warnings
}

func search(folders []string) string {
	for _, folder := range folders {
		name := filepath.Join(folder, "vend.yaml")
		if info, err := os.Stat(name); err == nil && !info.IsDir() {
			return name
		}
	}
	return ""
}
