package config

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// Value is one setting as it stands, in words.
type Value struct {
	Path     string // in vend.yaml
	Variable string // of the environment; empty for what is more than one value
	Text     string // a list as JSON; empty where nothing is set
	Origin   string // see [Config.Origin]
	Shared   bool   // it is about how the pipeline behaves: `vend config push` writes it into the table
}

// Values are all settings, in the order of vend.yaml.
func (c Config) Values() []Value {
	all := make([]Value, len(settings))
	for i, s := range settings {
		all[i] = Value{Path: s.path, Text: s.text(&c), Origin: c.origin[s.path], Shared: s.shared()}
		if s.scalar(&c) {
			all[i].Variable = s.variable()
		}
	}
	return all
}

// Under fills what was not given from settings that rank below, and notes that it came from there. The three parts of
// enrollment.ssoUser are one: they are one person's.
//
// How many account operations run at once is what the pipeline says, where it says so: no worker can run more than the
// others have agreed to.
func (c Config) Under(below account.Settings, origin string) Config {
	from := Config{Settings: below}
	merged := c
	merged.origin = make(map[string]string, len(c.origin))
	for path, where := range c.origin {
		merged.origin[path] = where
	}
	for _, s := range settings {
		if !s.shared() || s.text(&from) == "" {
			continue
		}
		agreed := s.path == "concurrency" && below.Revision > 0
		if !agreed && c.has(s) {
			continue
		}
		reflect.ValueOf(s.at(&merged)).Elem().Set(reflect.ValueOf(s.at(&from)).Elem())
		merged.origin[s.path] = origin
	}
	if merged.Settings.Revision == 0 {
		merged.Settings.Revision = below.Revision
	}
	return merged
}

// has says whether a setting, or what belongs to it, was given. Settings that did not come from Load have no origin.
func (c Config) has(s setting) bool {
	if c.origin[s.path] != "" || s.text(&c) != "" {
		return true
	}
	return strings.HasPrefix(s.path, ssoUser) && c.Settings.Enrollment.User != account.User{}
}

const ssoUser = "enrollment.ssoUser."

// Change is a setting that two sides have differently; an empty text is one that is not set.
type Change struct{ Path, From, To string }

// Changes are the differences between the settings of a pipeline, in the order of vend.yaml. A list that is empty is one
// that is not set.
func Changes(from, to account.Settings) []Change {
	a, b := Config{Settings: from}, Config{Settings: to}
	var changes []Change
	for _, s := range settings {
		if before, after := s.text(&a), s.text(&b); s.shared() && before != after {
			changes = append(changes, Change{Path: s.path, From: before, To: after})
		}
	}
	return changes
}

// shared says whether the setting is the pipeline's, not where the pipeline is.
func (s setting) shared() bool {
	return !slices.Contains([]string{"bucket", "prefix", "table", "queueUrl", "topicArn"}, s.path)
}

// text is the setting's value in words that parse takes; nothing when it is not set.
func (s setting) text(c *Config) string {
	switch field := s.at(c).(type) {
	case *string:
		return *field
	case *account.Duration:
		if *field == 0 {
			return ""
		}
		return brief(field.Std())
	default:
		v := reflect.ValueOf(field).Elem()
		if v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
			return ""
		}
		return jsonText(v.Interface())
	}
}

// jsonText is a value as JSON on one line, which is YAML, too.
func jsonText(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "" // texts and numbers can always be written
	}
	return strings.TrimSpace(b.String())
}
