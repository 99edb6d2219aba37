package batch_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/schemas"
)

// bounds are what both schemas say of a cell that is not empty.
type bounds struct {
	MinLength int    `json:"minLength"`
	MaxLength int    `json:"maxLength"`
	Pattern   string `json:"pattern"`
}

type rowSchema struct {
	Required   []string `json:"required"`
	Properties map[string]struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		bounds
		Filled bounds `json:"then"`
	} `json:"properties"`
	New struct {
		Required []string `json:"required"`
	} `json:"else"`
}

type tableSchema struct {
	Fields []struct {
		Name        string `json:"name"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Type        string `json:"type"`
		Constraints struct {
			Required bool `json:"required"`
			bounds
		} `json:"constraints"`
	} `json:"fields"`
}

func TestTheSchemasHaveTheColumnsOfTheList(t *testing.T) {
	t.Parallel()
	var row rowSchema
	var table tableSchema
	for name, into := range map[string]any{"row": &row, "accounts": &table} {
		text, err := schemas.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(batch.Columns())), slices.Sorted(maps.Keys(row.Properties))); diff != "" {
		t.Errorf("columns of a row: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(batch.Required(), row.New.Required); diff != "" {
		t.Errorf("what a new account needs: -want +got\n%s", diff)
	}
	var names, always []string
	for _, f := range table.Fields {
		names = append(names, f.Name)
		if f.Constraints.Required {
			always = append(always, f.Name)
		}
		p := row.Properties[f.Name]
		filled := p.Filled
		if p.Pattern != "" {
			filled = p.bounds
		}
		if f.Type != "string" || f.Title == "" || f.Title != p.Title || f.Description == "" || f.Description != p.Description {
			t.Errorf("%s: %+v in one schema, %+v in the other", f.Name, f, p)
		}
		if diff := cmp.Diff(filled, f.Constraints.bounds); diff != "" {
			t.Errorf("%s: -row +table\n%s", f.Name, diff)
		}
	}
	if diff := cmp.Diff(batch.Columns(), names); diff != "" {
		t.Errorf("columns of the table: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{batch.OrgUnit}, always); diff != "" {
		t.Errorf("what each row needs: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(always, row.Required); diff != "" {
		t.Errorf("what each row needs: -table +row\n%s", diff)
	}
}

func rowsSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := schemas.Get("row")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("row.schema.json", document); err != nil {
		t.Fatal(err)
	}
	valid, err := compiler.Compile("row.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return valid
}

// lists are the samples and the corpus.
func lists(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{filepath.Join("..", "..", "samples", "*.csv"), filepath.Join("testdata", "corpus", "*.csv")} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// What the reader finds good is good by the schema, in every sample and every file of the corpus.
func TestGoodRowsKeepTheSchema(t *testing.T) {
	t.Parallel()
	valid, n := rowsSchema(t), 0
	for _, name := range lists(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list := batch.Read(bytes.NewReader(text), -1)
		for row, problems := range list.Rows() {
			if batch.Refused(problems) || batch.Refused(list.Problems()) {
				continue
			}
			n++
			if err := valid.Validate(object(row)); err != nil {
				t.Errorf("%s:%d: %v", name, row.Line, err)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d good rows; the test looks in the wrong place", n)
	}
}

// object is a row as it was understood, by the names of its columns.
func object(r batch.Row) map[string]any {
	assignments, tags := make([]string, len(r.Assignments)), make([]string, len(r.Tags))
	for i, a := range r.Assignments {
		assignments[i] = a.String()
	}
	for i, tag := range r.Tags {
		tags[i] = tag.String()
	}
	return map[string]any{
		batch.AccountName: r.Name, batch.SSOUserEmail: r.User.Email, batch.AccountEmail: r.Email, batch.SSOUserFirstName: r.User.FirstName,
		batch.SSOUserLastName: r.User.LastName, batch.OrgUnit: r.Unit, batch.Status: r.Status, batch.AccountID: r.AccountID,
		batch.Assignments: strings.Join(assignments, "; "), batch.Tags: strings.Join(tags, "; "),
	}
}

// beyond are refusals for which a pattern has no words.
var beyond = []string{"is no id of a group or user", "twice"}

// What the reader refuses for what stands in one row, the schema refuses too.
func TestRefusedRowsBreakTheSchema(t *testing.T) {
	t.Parallel()
	valid, n := rowsSchema(t), 0
	for _, name := range lists(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		list := batch.Read(bytes.NewReader(text), -1)
		cells := cellsOf(text)
		for row, problems := range list.Rows() {
			i := slices.IndexFunc(problems, func(p batch.Problem) bool {
				ofACell := p.Code >= account.CodeRequired && p.Code <= account.CodeTags && p.Severity == batch.Error
				return ofACell && !slices.ContainsFunc(beyond, func(s string) bool { return strings.Contains(p.Message, s) })
			})
			object, parted := cells[row.Line]
			if i < 0 || !parted || batch.Refused(list.Problems()) {
				continue
			}
			n++
			if valid.Validate(object) == nil {
				t.Errorf("%s: the schema takes the row of %v", name, problems[i])
			}
		}
	}
	if n < 60 {
		t.Errorf("%d refused rows; the test looks in the wrong place", n)
	}
}

// cellsOf are the rows of a list in UTF-8, by their lines, as encoding/csv parts them; none where it does not.
func cellsOf(text []byte) map[int]map[string]any {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	names, err := r.Read()
	if err != nil {
		return nil
	}
	if !slices.Contains(names, batch.OrgUnit) {
		return nil
	}
	rows := make(map[int]map[string]any)
	for {
		cells, err := r.Read()
		if err != nil {
			return rows
		}
		line, _ := r.FieldPos(0)
		rows[line] = make(map[string]any)
		for i, cell := range cells {
			if i < len(names) {
				rows[line][names[i]] = strings.TrimSpace(cell)
			}
		}
	}
}

// The bounds of the plain cells are the rules of AWS, neither more nor less.
func FuzzTheSchemaIsTheRule(f *testing.F) {
	valid := rowsSchema(f)
	checks := map[string]func(string) []account.Flaw{
		batch.AccountName: account.CheckName, batch.SSOUserEmail: account.CheckUserEmail, batch.AccountEmail: account.CheckAccountEmail,
		batch.SSOUserFirstName: account.CheckPersonName, batch.SSOUserLastName: account.CheckPersonName, batch.AccountID: account.CheckAccountID,
	}
	for _, s := range []string{
		"dev", "123456789012", "12345678901", "a@b.c", "a@b.co", ".a@b.co", "a.@b.co", "a@-b.co", "a@b-.-c.co", "a@b.co-", "a@b..co", "a@b",
		"a b@c.de", "a'@c.de", "a+b=c@d-e.fg", "é@c.de", "a@é.de", "a@b@c.de", "Žižek\u200e", "a\nb", "a\u0085b", "a\u2028", "a~ b", strings.Repeat("n", 51),
		strings.Repeat("李", 128), strings.Repeat("李", 129), strings.Repeat("a", 52) + "@example.com", strings.Repeat("a", 53) + "@example.com",
		strings.Repeat("a", 116) + "@example.com", strings.Repeat("a", 117) + "@example.com", "a\x1f", "\u202e", "a\ufffd", "{a}@b.co", "a,b@c.de", "a@b.co\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		if cell == "" || strings.ToValidUTF8(cell, "") != cell {
			return
		}
		for column, check := range checks {
			row := map[string]any{
				batch.AccountName: "dev", batch.SSOUserEmail: "dana@example.com", batch.AccountEmail: "dev@example.com", batch.SSOUserFirstName: "Dana",
				batch.SSOUserLastName: "Jones", batch.OrgUnit: "Dev", column: cell,
			}
			keeps := !slices.ContainsFunc(check(cell), func(f account.Flaw) bool { return !f.Warning })
			if err := valid.Validate(row); (err == nil) != keeps {
				t.Errorf("%s %s: by the rule %t, by the schema %v", column, fmt.Sprintf("%+q", cell), keeps, err)
			}
		}
	})
}
