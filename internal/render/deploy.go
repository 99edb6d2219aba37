package render

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/vend-cli/vend/internal/deploy"
)

// DeployPlan is what would be done to the pipeline's stack.
type DeployPlan struct {
	Stack, Region, Status string // Status is empty where the stack is not there
	Changes               []deploy.Change
	Parameters            []DeployParameter // those that differ from the stack's, or all of a new one's
	Code                  string            // key of the function's code; empty where there is no function
	Steps                 int               // how many change sets it takes
}

// DeployParameter is a parameter of the template, and what it was.
type DeployParameter struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Before string `json:"before,omitempty"`
}

// deployPlanDocument is schemas/deploy-plan.schema.json.
type deployPlanDocument struct {
	SchemaVersion int               `json:"schemaVersion"`
	Stack         string            `json:"stack"`
	Region        string            `json:"region"`
	Status        string            `json:"status,omitempty"`
	Changes       []deployChange    `json:"changes"`
	Parameters    []DeployParameter `json:"parameters"`
	Code          string            `json:"code,omitempty"`
}

type deployChange struct {
	Action      string   `json:"action"`
	Resource    string   `json:"resource"`
	Type        string   `json:"type"`
	Physical    string   `json:"physicalId,omitempty"`
	Replacement string   `json:"replacement,omitempty"`
	Kept        bool     `json:"kept,omitempty"`
	Properties  []string `json:"properties,omitempty"`
}

func deployChanges(changes []deploy.Change) []deployChange {
	all := []deployChange{}
	for _, c := range changes {
		all = append(all, deployChange{c.Action, c.ID, c.Type, c.Physical, c.Replacement, c.Kept, c.Properties})
	}
	return all
}

// DeployPlan writes what would be done to the stack: what may lose something stands first.
func (p Printer) DeployPlan(d DeployPlan) error {
	if p.Format == JSON {
		return document(p.Out, deployPlanDocument{
			1, d.Stack, d.Region, d.Status, deployChanges(d.Changes), append([]DeployParameter{}, d.Parameters...), d.Code,
		}, p.indent())
	}
	var b strings.Builder
	switch {
	case len(d.Changes) == 0:
		fmt.Fprintf(&b, "The stack %s in %s is as it should be.\n", Text(d.Stack), d.Region)
	case d.Status == "":
		fmt.Fprintf(&b, "The stack %s in %s is made: %s.\n", Text(d.Stack), d.Region, tally(d.Changes))
	default:
		fmt.Fprintf(&b, "The stack %s in %s changes: %s.\n", Text(d.Stack), d.Region, tally(d.Changes))
	}
	if len(d.Changes) > 0 {
		b.WriteString("\n" + deployTable(d.Changes) + "\n")
	}
	if len(d.Parameters) > 0 {
		b.WriteString("\nParameters:\n")
		for _, one := range d.Parameters {
			before := ""
			if one.Before != "" {
				before = " (was " + Text(one.Before) + ")"
			}
			fmt.Fprintf(&b, "  %s = %s%s\n", one.Name, Text(one.Value), before)
		}
	}
	if d.Steps > 1 {
		b.WriteString("\nIn two steps: all but the function first; then its code goes into the new bucket, and the function is made of it.\n")
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// tally counts changes by what is done: "3 add, 1 replace".
func tally(changes []deploy.Change) string {
	counts := map[string]int{}
	for _, c := range changes {
		counts[verbOf(c)]++
	}
	var parts []string
	for _, verb := range deployVerbs {
		if n := counts[verb]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n, verb))
		}
	}
	return strings.Join(parts, ", ")
}

// deployVerbs are what can be done to a resource, what may lose something first.
var deployVerbs = []string{"remove", "replace", "modify", "take out", "take over", "add"}

func verbOf(c deploy.Change) string {
	switch {
	case c.Action == "remove" && c.Kept:
		return "take out" // of the stack: it stays
	case c.Replacement != "":
		return "replace"
	case c.Action == "import":
		return "take over"
	case slices.Contains(deployVerbs, c.Action):
		return c.Action
	}
	return "modify"
}

func deployTable(changes []deploy.Change) string {
	sorted := slices.Clone(changes)
	slices.SortStableFunc(sorted, func(a, b deploy.Change) int {
		return slices.Index(deployVerbs, verbOf(a)) - slices.Index(deployVerbs, verbOf(b))
	})
	t := table.NewWriter()
	t.SetStyle(table.Style{Name: "plain", Box: table.BoxStyle{PaddingRight: "  "}})
	t.SuppressTrailingSpaces()
	for _, c := range sorted {
		verb, what := verbOf(c), strings.Join(c.Properties, ", ")
		if c.Replacement == "conditional" {
			verb = "replace?"
		}
		if c.Action != "modify" {
			what = ""
		}
		if c.Action == "import" {
			what = Text(c.Physical)
		}
		t.AppendRow(table.Row{"  " + verb, c.ID, c.Type, what})
	}
	return t.Render()
}

// Deployed is what came of a deployment.
type Deployed struct {
	Stack, Region, Status string
	Changes               []deploy.Change // empty: it was so already
	Outputs               map[string]string
	Config                string // the vend.yaml that was written
	Settings              int    // how many settings of the pipeline were changed by it
}

// deployedDocument is schemas/deploy.schema.json.
type deployedDocument struct {
	SchemaVersion int               `json:"schemaVersion"`
	Stack         string            `json:"stack"`
	Region        string            `json:"region"`
	Status        string            `json:"status"`
	Changes       []deployChange    `json:"changes"`
	Outputs       map[string]string `json:"outputs"`
	Config        string            `json:"config"`
	Settings      int               `json:"settingsChanged"`
}

// Deployed writes what came of a deployment, and what comes next.
func (p Printer) Deployed(d Deployed) error {
	if p.Format == JSON {
		return document(p.Out, deployedDocument{1, d.Stack, d.Region, d.Status, deployChanges(d.Changes), d.Outputs, d.Config, d.Settings}, p.indent())
	}
	var b strings.Builder
	if len(d.Changes) == 0 {
		fmt.Fprintf(&b, "The stack %s in %s is as it should be.\n", Text(d.Stack), d.Region)
	} else {
		fmt.Fprintf(&b, "The stack %s in %s is there: %s.\n", Text(d.Stack), d.Region, tally(d.Changes))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Outputs)) {
		fmt.Fprintf(&b, "  %s = %s\n", name, Text(d.Outputs[name]))
	}
	fmt.Fprintf(&b, "%s says where it is; settings of the pipeline that changed: %d.\n", Text(d.Config), d.Settings)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// Destroyed is what came of deleting the stack.
type Destroyed struct {
	Stack, Region string
	Deleted       bool // false: there was none
	Kept          []deploy.Resource
}

// destroyedDocument is schemas/destroy.schema.json.
type destroyedDocument struct {
	SchemaVersion int            `json:"schemaVersion"`
	Stack         string         `json:"stack"`
	Region        string         `json:"region"`
	Deleted       bool           `json:"deleted"`
	Kept          []keptResource `json:"kept"`
}

type keptResource struct {
	Resource string `json:"resource"`
	Type     string `json:"type"`
	Physical string `json:"physicalId"`
}

// Destroyed writes what came of deleting the stack: what stays above all.
func (p Printer) Destroyed(d Destroyed) error {
	if p.Format == JSON {
		kept := []keptResource{}
		for _, r := range d.Kept {
			kept = append(kept, keptResource{r.ID, r.Type, r.Physical})
		}
		return document(p.Out, destroyedDocument{1, d.Stack, d.Region, d.Deleted, kept}, p.indent())
	}
	var b strings.Builder
	if d.Deleted {
		fmt.Fprintf(&b, "The stack %s in %s is deleted.\n", Text(d.Stack), d.Region)
	} else {
		fmt.Fprintf(&b, "There is no stack %s in %s.\n", Text(d.Stack), d.Region)
	}
	b.WriteString(Staying(d.Kept))
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// Staying says what outlives a stack, a line each; nothing where nothing does.
func Staying(kept []deploy.Resource) string {
	if len(kept) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("It stays, with all that is in it; the next `vend deploy apply` takes it over:\n")
	for _, r := range kept {
		fmt.Fprintf(&b, "  %s  %s\n", r.Type, Text(r.Physical))
	}
	return b.String()
}
