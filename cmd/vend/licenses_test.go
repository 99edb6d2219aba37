package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updateLicenses = flag.Bool("licenses.update", false, "write licenses.txt anew")

// permitted are the licenses under which a part of vend may be: those that let a program under Apache-2.0 be given away with
// them, as long as their texts go along (Apache Software Foundation, "ASF 3rd Party License Policy", category A).
var permitted = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

// words are what each license says and no other does, the longer ones first.
var words = []struct{ license, says string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MPL-2.0", "Mozilla Public License"},
	{"GPL", "GNU GENERAL PUBLIC LICENSE"},
	{"BSD-3-Clause", "promote products derived from this software without specific prior written permission"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
}

// module is a part of the command, out of `go list`.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// TestLicenses holds licenses.txt, which vend version --licenses prints, against the modules that the command is built from
// on the systems that it is released for, and their licenses against those that are permitted.
func TestLicenses(t *testing.T) {
	t.Parallel()
	modules := map[string]module{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Module", ".")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatalf("list the packages of the command: %v", err)
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p struct{ Module *module }
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if p.Module != nil && !p.Module.Main {
				modules[p.Module.Path] = *p.Module
			}
		}
	}
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules["Go"] = module{Path: "the Go standard library", Dir: strings.TrimSpace(string(root))}

	texts := map[string][]string{} // who is under each text
	var index strings.Builder
	for _, m := range slices.SortedFunc(maps.Values(modules), func(a, b module) int { return strings.Compare(a.Path, b.Path) }) {
		license := ""
		for _, name := range licenseFiles(t, m) {
			content, err := os.ReadFile(filepath.Join(m.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(content), "\r", ""))
			texts[text] = append(texts[text], m.Path)
			if license == "" {
				license = licenseOf(text)
			}
		}
		if !slices.Contains(permitted, license) {
			t.Errorf("%s is under %q, which is not permitted: %v are", m.Path, license, permitted)
		}
		fmt.Fprintf(&index, "%-70s %-20s %s\n", m.Path, m.Version, license)
	}
	var want strings.Builder
	want.WriteString("vend is under the Apache License, Version 2.0. It is built from these modules, whose texts follow:\n\n" + index.String())
	for _, text := range slices.SortedFunc(maps.Keys(texts), func(a, b string) int {
		return cmp.Or(slices.Compare(texts[a], texts[b]), strings.Compare(a, b))
	}) {
		fmt.Fprintf(&want, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 80), strings.Join(texts[text], "\n"), text)
	}
	if *updateLicenses {
		if err := os.WriteFile("licenses.txt", []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want.String() != licenses {
		t.Error("licenses.txt is not that of the modules in go.mod: go test ./cmd/vend -run TestLicenses -licenses.update")
	}
}

var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)(\.(txt|md))?$`)

// licenseFiles are the texts that go along with a module, its license first.
func licenseFiles(t *testing.T, m module) (names []string) {
	t.Helper()
	files, err := os.ReadDir(m.Dir)
	if err != nil {
		t.Fatalf("read module %s: %v", m.Path, err)
	}
	for _, f := range files {
		if licenseFile.MatchString(f.Name()) {
			names = append(names, f.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b)) // NOTICE comes last
	})
	return names
}

func licenseOf(text string) string {
	one := strings.Join(strings.Fields(strings.ReplaceAll(text, "\n> ", "\n")), " ") // some quote it
	for _, w := range words {
		if strings.Contains(one, w.says) {
			return w.license
		}
	}
	return "unknown"
}
