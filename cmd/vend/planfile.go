package main

import (
	"encoding/json"
	"fmt"

	"github.com/vend-cli/vend/internal/account"
)

// planFile is schemas/planfile.schema.json: a plan, and the list that it is of.
type planFile struct {
	SchemaVersion int          `json:"schemaVersion"`
	Kind          string       `json:"kind"`
	Digest        string       `json:"digest"`
	Plan          account.Plan `json:"plan"`
	List          []byte       `json:"list"` // base64 in the file
}

const planKind = "vend plan"

// writePlan writes a plan file, whole or not at all.
func writePlan(name string, plan account.Plan, list []byte) error {
	if plan.Actions == nil {
		plan.Actions = []account.Action{}
	}
	raw, err := json.MarshalIndent(planFile{1, planKind, plan.Digest(), plan, list}, "", "  ")
	if err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return writeWhole("--out", name, string(raw)+"\n")
}

// readPlan recognises a plan file; false when the content is something else, an account list most likely.
func readPlan(name string, content []byte) (planFile, bool, error) {
	var f planFile
	if !json.Valid(content) {
		return f, false, nil
	}
	if err := json.Unmarshal(content, &f); f.Kind != planKind {
		return f, false, nil
	} else if err != nil {
		return f, true, broken(name)
	}
	if f.SchemaVersion != 1 || f.Plan.Digest() != f.Digest || !f.Plan.Of(f.List) {
		return f, true, broken(name)
	}
	return f, true, nil
}

func broken(name string) error {
	return &errInput{
		code: account.CodePlanBroken, message: name + " is a plan that was changed, or that another release wrote",
		hint: "Run `vend plan FILE --out PLAN` again.",
	}
}
