package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/deploy"
)

// These hold the samples that carry vend into other homes against the command as it is: a flag that is gone, a setting that
// has another name, a parameter that the template does not know.

func sample(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// understood says that the command takes these arguments. Nothing is run.
func understood(t *testing.T, args []string) {
	t.Helper()
	app := newApp(newSession(process{}))
	arranged, err := arrange(app, args)
	if err != nil {
		t.Errorf("vend %s: %v", strings.Join(args, " "), err)
		return
	}
	if !slices.ContainsFunc(arranged, func(arg string) bool { return app.Command(arg) != nil }) {
		t.Errorf("vend %s: there is no such verb", strings.Join(args, " "))
	}
}

// settings says that these variables mean something.
func settings(t *testing.T, environ map[string]string) {
	t.Helper()
	var pairs []string
	for name, value := range environ {
		pairs = append(pairs, name+"="+value)
	}
	c, err := config.Load(config.Source{Environ: pairs})
	if err != nil || len(c.Warnings) > 0 {
		t.Errorf("the environment %v: %v %v", environ, err, c.Warnings)
	}
	if c.Bucket == "" || c.Table == "" {
		t.Errorf("the environment %v names no pipeline", environ)
	}
}

var commandInScript = regexp.MustCompile(`(?m)^\s*vend +([^|;&<>\n]+)`)

func TestWorkflowsAreUnderstood(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../samples/github/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d workflows, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var workflow struct {
				Permissions map[string]string
				Jobs        map[string]struct {
					Env   map[string]string
					Steps []struct {
						Uses, Run string
						With      map[string]any
					}
				}
			}
			if err := yaml.Unmarshal([]byte(sample(t, "samples/github/"+filepath.Base(file))), &workflow); err != nil {
				t.Fatal(err)
			}
			commands := 0
			for name, job := range workflow.Jobs {
				for _, step := range job.Steps {
					if step.Uses != "" && !strings.Contains(step.Uses, "@v") {
						t.Errorf("%s uses %s in whatever version", name, step.Uses)
					}
					if strings.Contains(step.Run, "${{") {
						t.Errorf("%s writes what people type into a script: %s", name, step.Run)
					}
					for _, found := range commandInScript.FindAllStringSubmatch(step.Run, -1) {
						commands++
						understood(t, strings.Fields(strings.ReplaceAll(found[1], `"`, "")))
					}
				}
				if job.Env["VEND_BUCKET"] != "" {
					settings(t, job.Env)
				}
			}
			if commands == 0 {
				t.Error("it runs no vend")
			}
		})
	}
}

func TestTheTaskIsUnderstood(t *testing.T) {
	t.Parallel()
	var task struct {
		ContainerDefinitions []struct {
			Image                  string
			Command                []string
			User                   string
			ReadonlyRootFilesystem bool
			Environment            []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal([]byte(sample(t, "samples/ecs-task.json")), &task); err != nil || len(task.ContainerDefinitions) != 1 {
		t.Fatalf("%+v, %v", task, err)
	}
	c := task.ContainerDefinitions[0]
	understood(t, c.Command)
	environ := map[string]string{}
	for _, v := range c.Environment {
		environ[v.Name] = v.Value
	}
	settings(t, environ)
	if user, _, _ := strings.Cut(c.User, ":"); user == "" || user == "0" || user == "root" || !c.ReadonlyRootFilesystem {
		t.Errorf("the container runs as %q, with a file system to write into: %v", c.User, !c.ReadonlyRootFilesystem)
	}
}

func TestTheServiceIsUnderstood(t *testing.T) {
	t.Parallel()
	unit := sample(t, "samples/vend.service")
	_, start, ok := strings.Cut(unit, "\nExecStart=/usr/local/bin/vend ")
	if !ok {
		t.Fatal("it does not start vend")
	}
	line, _, _ := strings.Cut(start, "\n")
	understood(t, strings.Fields(line))
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // a machine without systemd can't say how exposed it is
	}
	const most = "15" // tenths; systemd calls it OK up to 5
	out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold="+most, "../../samples/vend.service").CombinedOutput()
	if err != nil && strings.Contains(string(out), "exposure level") {
		t.Errorf("it is more exposed than %s tenths:\n%s", most, out[max(0, len(out)-200):])
	}
}

// Terraform hands its parameters to the very template that vend deploys.
func TestTheTerraformWrapperKnowsTheTemplate(t *testing.T) {
	t.Parallel()
	var template struct {
		Parameters map[string]struct {
			Default any `yaml:"Default"`
		} `yaml:"Parameters"`
		Outputs map[string]any `yaml:"Outputs"`
	}
	if err := yaml.Unmarshal(deploy.Template, &template); err != nil {
		t.Fatal(err)
	}
	text := sample(t, "samples/terraform/main.tf")
	_, block, _ := strings.Cut(text, "\n  parameters = {\n")
	block, _, _ = strings.Cut(block, "\n  }\n")
	given := map[string]bool{}
	for line := range strings.Lines(block) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		given[name] = true
		if _, ok := template.Parameters[name]; !ok {
			t.Errorf("the template has no parameter %q", name)
		}
	}
	for name, p := range template.Parameters {
		if p.Default == nil && !given[name] {
			t.Errorf("parameter %s is not given", name)
		}
	}
	for _, found := range regexp.MustCompile(`outputs\["(\w+)"\]`).FindAllStringSubmatch(text, -1) {
		if template.Outputs[found[1]] == nil {
			t.Errorf("the template has no output %q, it has %v", found[1], slices.Sorted(maps.Keys(template.Outputs)))
		}
	}
}

// The image is made in two ways: of the same base, whose user is not root, and with the flags of every release.
func TestTheImageIsTheSame(t *testing.T) {
	t.Parallel()
	var ko struct {
		DefaultBaseImage string `yaml:"defaultBaseImage"`
		Builds           []struct{ Env, Flags, Ldflags []string }
	}
	var release struct {
		Builds []struct{ Env, Flags, Ldflags []string }
		Kos    []struct {
			BaseImage string `yaml:"base_image"`
		}
	}
	for name, into := range map[string]any{".ko.yaml": &ko, ".goreleaser.yaml": &release} {
		if err := yaml.Unmarshal([]byte(sample(t, name)), into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for _, b := range append(slices.Clone(ko.Builds), release.Builds...) {
		if !slices.Contains(b.Env, "CGO_ENABLED=0") || !slices.Contains(b.Flags, "-trimpath") || strings.Join(b.Ldflags, " ") != "-s -w" {
			t.Errorf("a build is %+v", b)
		}
	}
	if len(ko.Builds) != 1 || len(release.Builds) != 2 || len(release.Kos) != 1 || release.Kos[0].BaseImage != ko.DefaultBaseImage ||
		!strings.HasSuffix(ko.DefaultBaseImage, ":nonroot") {
		t.Errorf("the images are of %s and of %+v", ko.DefaultBaseImage, release.Kos)
	}
}
