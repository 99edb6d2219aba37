package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	values := map[string]string{"bucket": "lists", "queueUrl": "https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox"}
	for name, test := range map[string]struct{ before, after string }{
		"values in their place, comments beside them": {
			"# ours\nbucket: old # the first one\nqueueUrl: \"http://a#b\"   # quoted\nconcurrency: 2\n",
			"# ours\nbucket: lists # the first one\nqueueUrl: https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox   # quoted\nconcurrency: 2\n",
		},
		"where a comment shows how": {
			"bucket: old\n# queueUrl: https://sqs.us-east-1.amazonaws.com/111111111111/vend # events arrive here\nprefix: in/\n",
			"bucket: lists\nqueueUrl: https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox # events arrive here\nprefix: in/\n",
		},
		"that are not there, behind the first comments": {
			"# yaml-language-server: $schema=x\n\nconcurrency: 2\n",
			"# yaml-language-server: $schema=x\nbucket: lists\nqueueUrl: https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox\n\nconcurrency: 2\n",
		},
		"of an empty file": {"", "bucket: lists\nqueueUrl: https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox\n"},
		"that are there already": {
			"bucket: lists\nqueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox'\n",
			"bucket: lists\nqueueUrl: https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox\n",
		},
		"of which a comment tells, too": {
			"# bucket: is where lists go\nbucket: old\nqueueUrl:\n",
			"# bucket: is where lists go\nbucket: lists\nqueueUrl: https://sqs.eu-west-1.amazonaws.com/111111111111/vend-inbox\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Update("vend.yaml", []byte(test.before), values)
			if err != nil || string(got) != test.after {
				t.Errorf("%v\n%s\nwant\n%s", err, got, test.after)
			}
		})
	}
}

func TestUpdateOfWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"flow style":     "{bucket: old, table: vend}\n",
		"a block scalar": "bucket: |\n  old\n",
		"a tab":          "bucket:\told\n\tx: y\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Update("vend.yaml", []byte(text), map[string]string{"bucket": "lists"})
			var refused account.Refused
			if !errors.As(err, &refused) || !strings.Contains(refused.Hint, "bucket: lists") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	text, changed := config.Assign([]byte("bucket: lists\n"), []string{`AdministratorAccess/Platform "Team"`})
	file := filepath.Join(t.TempDir(), "vend.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Source{File: file})
	if err != nil || !changed || c.Bucket != "lists" || len(c.Settings.Defaults.Assignments) != 1 || c.Settings.Defaults.Assignments[0] != `AdministratorAccess/Platform "Team"` {
		t.Errorf("%v %v %+v", changed, err, c)
	}
	if _, changed := config.Assign([]byte("defaults:\n  organizationalUnits: {}\n"), []string{"a/b"}); changed {
		t.Error("defaults that are there are written over")
	}
}
