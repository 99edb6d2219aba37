package config

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
)

// SchemaURL is where editors find the schema of vend.yaml.
const SchemaURL = "https://raw.githubusercontent.com/vend-cli/vend/main/schemas/config.schema.json"

// line is what a written vend.yaml says of one setting.
type line struct {
	heading string // a comment above it
	example string // of a value, where none is set; written as a comment
	about   string // what it is, behind it
}

var lines = map[string]line{
	"bucket":   {"Where the pipeline is.", "my-account-lists", "account lists are dropped here"},
	"prefix":   {"", "incoming/", "in this folder"},
	"table":    {"", "vend", "the queue of record, a DynamoDB table"},
	"queueUrl": {"", "https://sqs.us-east-1.amazonaws.com/111111111111/vend", "events arrive here; without it everything is found, only later"},
	"topicArn": {"", "arn:aws:sns:us-east-1:111111111111:vend", "people are told through it; optional"},

	"concurrency":     {"How it behaves: `vend config push` writes this part into the table, where every worker reads it.", "1", "account operations at once, 1..10"},
	"deadline":        {"", "90m", "of one account operation"},
	"pollInterval":    {"", "60s", "first look after its start; later ones up to 5 times as far apart"},
	"lease":           {"", "60s", "how long a worker's claim holds"},
	"orderGrace":      {"", "15m", "how long an order whose answer was lost may still arrive"},
	"resultsInterval": {"", "30s", "how often the results of a batch are written at most"},
	"window":          {"", `"Mon-Fri 19:00-07:00 Europe/Berlin"`, "start accounts only then; leave out for always"},

	"identityCenter.instanceArn":    {"", `""`, "empty: discovered"},
	"identityCenter.callsPerSecond": {"", "20", ""},
	"identityCenter.outstanding":    {"", "10", "assignments that are being created at once"},
	"removeAccountFactoryUser":      {"", "false", "true takes away the direct assignment that Account Factory makes"},

	"enrollment.ssoUser.email":     {"", "platform@example.com", "whom Account Factory gives access to enrolled accounts"},
	"enrollment.ssoUser.firstName": {"", "Platform", ""},
	"enrollment.ssoUser.lastName":  {"", "Team", ""},
	"enrollment.inspectRoles":      {"", `["AWSControlTowerExecution", "OrganizationAccountAccessRole"]`, "tried in this order"},

	"defaults.assignments":         {"Assignments that accounts get without their row asking.", `["AWSReadOnlyAccess/Auditors"]`, ""},
	"defaults.organizationalUnits": {"", `{"Workloads/Prod": {"assignments": ["AdministratorAccess/Platform Team"]}}`, ""},

	"policy.allowedEmailDomains":         {"What rows may ask for.", `["example.com"]`, "empty: any"},
	"policy.allowedOrganizationalUnits":  {"", "[]", "empty: all registered ones"},
	"policy.excludedOrganizationalUnits": {"", `["Suspended"]`, ""},
	"policy.deniedPermissionSets":        {"", "[]", ""},
}

// Write writes c as a vend.yaml with a comment for each setting, which [Load] reads back. Settings that are not set stand
// in it as comments. Notes are put in front, a line each.
func (c Config) Write(w io.Writer, notes ...string) error {
	var b bytes.Buffer
	b.WriteString("# yaml-language-server: $schema=" + SchemaURL + "\n")
	for _, note := range notes {
		b.WriteString("# " + oneLine(note) + "\n")
	}
	var above []string
	for i, s := range settings {
		l := lines[s.path]
		if l.heading != "" {
			b.WriteString("\n# " + l.heading + "\n")
		}
		levels := strings.Split(s.path, ".")
		common := 0
		for common < len(levels)-1 && common < len(above)-1 && levels[common] == above[common] {
			common++
		}
		for depth := common; depth < len(levels)-1; depth++ {
			mark := ""
			if !c.setBelow(strings.Join(levels[:depth+1], ".") + ".") {
				mark = "# "
			}
			b.WriteString(mark + strings.Repeat("  ", depth) + levels[depth] + ":\n")
		}
		above = levels
		b.WriteString(c.line(settings[i], l, strings.Repeat("  ", len(levels)-1)+levels[len(levels)-1]) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// line is one setting's line.
func (c Config) line(s setting, l line, key string) string {
	text := s.text(&c)
	out := ""
	switch {
	case text == "":
		out = "# " + key + ": " + l.example
	case s.scalar(&c):
		out = key + ": " + quoted(text)
	default:
		out = key + ": " + text
	}
	if l.about != "" {
		out += " # " + l.about
	}
	return out
}

// setBelow says whether any setting under a heading is set.
func (c Config) setBelow(prefix string) bool {
	for _, s := range settings {
		if strings.HasPrefix(s.path, prefix) && s.text(&c) != "" {
			return true
		}
	}
	return false
}

// bare is a text that stands in YAML as it is and is read as no other kind of value there, or as the one it is.
var bare = pattern.Compile(`^([A-Za-z][A-Za-z0-9._/@+-]*|[0-9]+(\.[0-9]+)?|[0-9hms.]+|(https?|arn):[A-Za-z0-9._/:@*-]+)$`)

// words that YAML reads as something else than text.
var words = pattern.Compile(`^(?i:true|false|yes|no|on|off|null|y|n)$`)

func quoted(text string) string {
	if bare.MatchString(text) && (!words.MatchString(text) || text == "true") && !strings.HasSuffix(text, ":") {
		return text
	}
	return jsonText(text)
}

func oneLine(s string) string { return fmt.Sprint(strings.Join(strings.Fields(s), " ")) }
