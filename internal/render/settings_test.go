package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/render"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	settings := []render.Setting{
		{Path: "table", Value: "vend", Origin: "environment VEND_TABLE"},
		{Path: "window"},
		{Path: "defaults.assignments", Value: `["A/B"]`, Origin: "pipeline (revision 4)"},
		{Path: "enrollment.ssoUser.lastName", Value: "=x\x1b[31m", Origin: "vend.yaml:3:9"},
	}
	changes := []render.SettingChange{{Path: "concurrency", Pipeline: "1", File: "3"}, {Path: "window", Pipeline: "Mon-Fri 19:00-07:00 UTC"}}
	for name, test := range map[string]struct {
		format render.Format
		write  func(p render.Printer) error
		want   string
		schema string
	}{
		"a table": {
			write: func(p render.Printer) error { return p.Settings(settings, render.SettingsOptions{Origin: true}) },
			want: "SETTING                      VALUE    ORIGIN\n" +
				"table                        vend     environment VEND_TABLE\n" +
				"window                       –\n" +
				"defaults.assignments         [\"A/B\"]  pipeline (revision 4)\n" +
				"enrollment.ssoUser.lastName  =x�[31m  vend.yaml:3:9\n",
		},
		"JSON": {
			format: render.JSON, schema: "settings",
			write: func(p render.Printer) error { return p.Settings(settings[:2], render.SettingsOptions{Revision: 4}) },
			want: "{\n  \"schemaVersion\": 1,\n  \"revision\": 4,\n  \"settings\": [\n    {\n      \"path\": \"table\",\n      \"value\": \"vend\",\n" +
				"      \"origin\": \"environment VEND_TABLE\"\n    }\n  ]\n}\n",
		},
		"CSV": {
			format: render.CSV,
			write:  func(p render.Printer) error { return p.Settings(settings[3:], render.SettingsOptions{}) },
			want:   "Path,Value,Origin\nenrollment.ssoUser.lastName,'=x�[31m,vend.yaml:3:9\n",
		},
		"changes": {
			write: func(p render.Printer) error { return p.SettingChanges(changes, render.SettingsOptions{Revision: 4}) },
			want:  "concurrency: 1 → 3\nwindow: Mon-Fri 19:00-07:00 UTC → –\n\n2 settings differ from revision 4. `vend config push` writes the file's.\n",
		},
		"changes that were made": {
			write: func(p render.Printer) error {
				return p.SettingChanges(changes[:1], render.SettingsOptions{Revision: 5, Pushed: true})
			},
			want: "concurrency: 1 → 3\n\nPushed as revision 5. Workers that are running go by it within five minutes.\n",
		},
		"no changes": {
			write: func(p render.Printer) error { return p.SettingChanges(nil, render.SettingsOptions{Revision: 5}) },
			want:  "The pipeline has these settings already (revision 5).\n",
		},
		"no changes as JSON": {
			format: render.JSON, schema: "setting-changes",
			write: func(p render.Printer) error { return p.SettingChanges(nil, render.SettingsOptions{}) },
			want:  "{\n  \"schemaVersion\": 1,\n  \"revision\": 0,\n  \"changes\": []\n}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := test.write(printer(test.format, &out)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if test.schema != "" {
				describes(t, test.schema, out.String())
			}
		})
	}
}
