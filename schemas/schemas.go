// Package schemas holds the JSON Schemas of every file and JSON output that users meet, byte for byte.
package schemas

import "embed"

// FS holds the schemas as NAME.schema.json.
//
//go:embed *.json
var FS embed.FS

// Get is the schema of a name such as "validate"; the error is fs.ErrNotExist when there is none.
func Get(name string) ([]byte, error) { return FS.ReadFile(name + ".schema.json") }
