package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// Setting is one setting as it stands: a list as JSON, nothing where nothing is set.
type Setting struct {
	Path   string `json:"path"`
	Value  string `json:"value"`
	Origin string `json:"origin,omitempty"`
}

// SettingChange is a setting that the pipeline's table and a file have differently.
type SettingChange struct {
	Path     string `json:"path"`
	Pipeline string `json:"pipeline"`
	File     string `json:"file"`
}

// SettingsOptions say what of the settings is shown.
type SettingsOptions struct {
	Origin   bool
	Revision int  // of the pipeline's settings; 0: none were pushed
	Pushed   bool // the changes were made
}

type settingsDocument struct {
	SchemaVersion int       `json:"schemaVersion"`
	Revision      int       `json:"revision"`
	Settings      []Setting `json:"settings"`
}

type settingChangesDocument struct {
	SchemaVersion int             `json:"schemaVersion"`
	Revision      int             `json:"revision"`
	Changes       []SettingChange `json:"changes"`
}

// Settings writes settings, those that are not set as a dash.
func (p Printer) Settings(settings []Setting, o SettingsOptions) error {
	switch p.Format {
	case JSON:
		d := settingsDocument{SchemaVersion: 1, Revision: o.Revision, Settings: []Setting{}}
		for _, s := range settings {
			if s.Value != "" {
				d.Settings = append(d.Settings, s)
			}
		}
		return document(p.Out, d, p.indent())
	case CSV:
		w := csv.NewWriter(p.Out)
		_ = w.Write([]string{"Path", "Value", "Origin"}) // the writer keeps its error for Flush
		for _, s := range settings {
			_ = w.Write([]string{s.Path, cell(s.Value), cell(s.Origin)})
		}
		w.Flush()
		return w.Error()
	}
	t := plainTable()
	header := []string{"setting", "value"}
	if o.Origin {
		header = append(header, "origin")
	}
	t.AppendHeader(tableRow(header))
	for _, s := range settings {
		row := []string{s.Path, set(s.Value)}
		if o.Origin {
			row = append(row, Text(s.Origin))
		}
		t.AppendRow(tableRow(row))
	}
	_, err := io.WriteString(p.Out, t.Render()+"\n")
	return err
}

// SettingChanges writes what a file has differently from the pipeline's table.
func (p Printer) SettingChanges(changes []SettingChange, o SettingsOptions) error {
	switch p.Format {
	case JSON:
		return document(p.Out, settingChangesDocument{SchemaVersion: 1, Revision: o.Revision, Changes: append([]SettingChange{}, changes...)}, p.indent())
	case CSV:
		w := csv.NewWriter(p.Out)
		_ = w.Write([]string{"Path", "Pipeline", "File"}) // the writer keeps its error for Flush
		for _, c := range changes {
			_ = w.Write([]string{c.Path, cell(c.Pipeline), cell(c.File)})
		}
		w.Flush()
		return w.Error()
	}
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%s: %s → %s\n", c.Path, p.paint(red, set(c.Pipeline)), p.paint(green, set(c.File)))
	}
	switch {
	case len(changes) == 0 && o.Revision == 0:
		b.WriteString("The file leaves everything at the defaults, and nothing was pushed.\n")
	case len(changes) == 0:
		fmt.Fprintf(&b, "The pipeline has these settings already (revision %d).\n", o.Revision)
	case o.Pushed:
		fmt.Fprintf(&b, "\nPushed as revision %d. Workers that are running go by it within five minutes.\n", o.Revision)
	default:
		fmt.Fprintf(&b, "\n%s from revision %d. `vend config push` writes the file's.\n", plural(len(changes), "setting differs", "settings differ"), o.Revision)
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// set is a value as people read it.
func set(value string) string {
	if value == "" {
		return "–"
	}
	return Text(value)
}
