// Package schemas holds the schemas of every file and JSON output that users meet, byte for byte.
package schemas

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// FS holds the JSON Schemas as NAME.schema.json, and the Frictionless Table Schema of the account list as
// accounts.tableschema.json.
//
//go:embed *.json
var FS embed.FS

// suffixes are what follows the name of a schema.
var suffixes = []string{".schema.json", ".tableschema.json"}

// Get is the schema of a name such as "validate"; the error is fs.ErrNotExist when there is none.
func Get(name string) ([]byte, error) {
	for _, suffix := range suffixes {
		content, err := FS.ReadFile(name + suffix)
		if !errors.Is(err, fs.ErrNotExist) {
			return content, err
		}
	}
	return nil, fmt.Errorf("schema %q: %w", name, fs.ErrNotExist)
}

// Names are the schemas that there are, in the order of the alphabet.
func Names() ([]string, error) {
	entries, err := FS.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("list schemas: %w", err)
	}
	var names []string
	for _, entry := range entries {
		for _, suffix := range suffixes {
			if name, ok := strings.CutSuffix(entry.Name(), suffix); ok {
				names = append(names, name)
			}
		}
	}
	return names, nil
}
