//go:build conformance

package conformance_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// packages are those of the AWS SDK for JavaScript that the scripts use, in the versions that the table speaks of: of what a
// later one can do, or does not run on, the table says nothing.
var packages = strings.Fields(`cloudformation@3.1169.0 cloudwatch-logs@3.1169.0 config-service@3.1124.0 controltower@3.332.0 dynamodb@3.1169.0
	ec2@3.1169.0 eventbridge@3.1169.0 iam@3.1169.0 identitystore@3.1138.0 organizations@3.1175.0 s3@3.1175.0
	service-catalog@3.1079.0 service-quotas@3.1138.0 sns@3.1169.0 sqs@3.1175.0 sso-admin@3.1138.0 sts@3.1174.0`)

// modules is the folder node_modules with the SDK in it: that of VEND_NPM, or one of the user's cache, which npm fills. Where
// there is none the test is skipped, and says how to get it.
func modules(t *testing.T) string {
	t.Helper()
	const get = "; it is left out. It needs Node.js 20 or later, and npm or a folder VEND_NPM with @aws-sdk/client-* installed"
	if err := exec.CommandContext(t.Context(), "node", "--version").Run(); err != nil {
		t.Skipf("JavaScript can't be asked: run node: %v%s", err, get)
	}
	complete := func(folder string) bool {
		for _, wanted := range packages {
			name, version, _ := strings.Cut(wanted, "@")
			text, err := os.ReadFile(filepath.Join(folder, "node_modules", "@aws-sdk", "client-"+name, "package.json"))
			if err != nil || !strings.Contains(string(text), `"version": "`+version+`"`) {
				return false
			}
		}
		return true
	}
	if folder := os.Getenv("VEND_NPM"); folder != "" && complete(folder) {
		return filepath.Join(folder, "node_modules")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("JavaScript can't be asked: %v%s", err, get)
	}
	folder := filepath.Join(cache, "vend", "conformance-npm")
	if !complete(folder) {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Skipf("JavaScript can't be asked: %v%s", err, get)
		}
		args := []string{"install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder}
		for _, name := range packages {
			args = append(args, "@aws-sdk/client-"+name)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		if out, err := exec.CommandContext(ctx, "npm", args...).CombinedOutput(); err != nil || !complete(folder) {
			t.Skipf("JavaScript can't be asked: npm install: %v\n%s%s", err, out, get)
		}
	}
	return filepath.Join(folder, "node_modules")
}

// javaScript runs the scripts for the AWS SDK for JavaScript, and says whether it could.
func (f *findings) javaScript(t *testing.T) bool {
	installed := modules(t)
	scripts, err := filepath.Glob("testdata/js/*.mjs")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // modules are looked for beside the script
	if err := os.Symlink(installed, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(script)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, script := range scripts {
		name := filepath.Base(script)
		if name == "harness.mjs" || *only != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			url, stop := f.sandbox(t, text)
			defer stop()
			ctx, cancel := context.WithTimeout(t.Context(), longest)
			defer cancel()
			c := exec.CommandContext(ctx, "node", filepath.Join(dir, name))
			c.Env = append(environment(dir, url), "NODE_NO_WARNINGS=1")
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if len(out) > 0 {
				t.Logf("%s", out)
			}
		})
	}
	return *only == ""
}

// onlyJavaScript asks one client, and holds its column of the table against what it was answered.
func (f *findings) onlyJavaScript(t *testing.T) {
	answered := false
	t.Run(js, func(t *testing.T) { answered = f.javaScript(t) })
	if t.Failed() || !answered {
		return
	}
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	found := readTable(string(text))
	for operation, r := range found {
		called := f.called[operation]
		r.clients[js] = called != nil && called.clients[js]
	}
	if *update {
		if err := os.WriteFile(tableFile, []byte(document(t, found)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), document(t, found)); diff != "" {
		t.Errorf("renew it with `make conformance ARGS=-update` (-table +found):\n%s", diff)
	}
}
