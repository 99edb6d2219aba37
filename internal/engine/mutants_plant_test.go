package engine_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// edit replaces a text that a file of the repository holds exactly once.
type edit struct{ file, old, new string }

// mutant is a bug that somebody might write, and the test that has to notice it.
type mutant struct {
	name  string
	edits []edit
	pkg   string // of the test
	test  string // what -run takes
	flags string
}

// root is the repository, seen from this package.
const root = "../.."

// A bug that no longer fits the source would be planted by nobody, and missed only where make mutants runs.
func TestMutantsFit(t *testing.T) {
	t.Parallel()
	for _, m := range mutants {
		if _, err := m.plant(t.TempDir()); err != nil {
			t.Errorf("%s (%s in %s): %v", m.name, m.test, m.pkg, err)
		}
	}
}

// plant writes the changed files and the overlay that puts them in place of the originals.
func (m mutant) plant(dir string) (overlay string, err error) {
	replace := map[string]string{}
	changed := map[string]string{}
	for _, e := range m.edits {
		path, err := filepath.Abs(filepath.Join(root, e.file))
		if err != nil {
			return "", err
		}
		if changed[path] == "" {
			source, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("the file to plant it in is gone, renew the table: %w", err)
			}
			changed[path] = string(source)
		}
		if n := strings.Count(changed[path], e.old); n != 1 {
			return "", fmt.Errorf("%s holds the text to change %d times, renew the table: %q", e.file, n, e.old)
		}
		changed[path] = strings.Replace(changed[path], e.old, e.new, 1)
	}
	for path, source := range changed {
		replace[path] = filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(replace[path], []byte(source), 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
