package permissionset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// SameDocument says whether two policies mean the same: blanks, the order of members and of values that IAM takes as a set,
// and a value beside a list of that one value make no difference (IAM User Guide, "IAM JSON policy elements reference").
// What is no JSON is the same only as itself.
func SameDocument(a, b string) bool {
	if a == b {
		return true
	}
	meantA, errA := meaning(a)
	meantB, errB := meaning(b)
	return errA == nil && errB == nil && meantA == meantB
}

// meaning is the same text for documents that mean the same.
func meaning(document string) (string, error) {
	value, err := parsed(document)
	if err != nil {
		return "", err
	}
	policy, ok := value.(map[string]any)
	if !ok {
		return text(value), nil
	}
	var statements []any
	for _, s := range list(policy["Statement"]) {
		statements = append(statements, settled(s))
	}
	if statements != nil {
		policy["Statement"] = statements
	}
	return text(policy), nil
}

// settled is a statement, or a part of one, whose lists are in order and hold texts only.
func settled(value any) any {
	switch v := value.(type) {
	case map[string]any:
		all := map[string]any{}
		for name, member := range v {
			if name != "Sid" && name != "Effect" {
				member = settled(member)
			}
			all[name] = member
		}
		return all
	case []any:
		all := make([]string, len(v))
		for i, member := range v {
			all[i] = fmt.Sprint(member)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	return []string{fmt.Sprint(value)}
}

func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

func parsed(document string) (any, error) {
	d := json.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("read policy: something follows after its end")
	}
	return value, nil
}

// text writes a value as JSON, with its members in the order of the alphabet, and < and & as they are.
func text(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return "" // values that were read from JSON or YAML can be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}
