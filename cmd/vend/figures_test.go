//go:build unix

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// figuresIn holds that a function has told CloudWatch of its pipeline what is worth an alarm, and nothing of anybody.
func figuresIn(t *testing.T, log, pipeline string) {
	t.Helper()
	last := map[string]any{}
	for line := range strings.Lines(log) {
		var root map[string]any
		if json.Unmarshal([]byte(line), &root) != nil || root["_aws"] == nil {
			continue
		}
		if strings.Contains(line, "@") || strings.Contains(line, "kill-") {
			t.Errorf("a figure tells of somebody: %s", line)
		}
		if root["Pipeline"] != pipeline {
			t.Errorf("a figure is of no pipeline: %s", line)
		}
		for name, value := range root {
			last[name] = value
		}
	}
	for _, name := range []string{
		"RequestsDone", "VendDuration", "AccountOperationDuration", "AccountsDone", "AWSCalls", "Operation",
		"AWSDenied", "TableUp",
	} {
		if last[name] == nil {
			t.Errorf("CloudWatch is not told of %s", name)
		}
	}
}
