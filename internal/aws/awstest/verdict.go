package awstest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/account"
)

// Verdict writes an error as the verdict that a pipeline takes it for, short enough for a table: "wait", "V3002", "V3002
// pause", "V2001 terminal", "again" for any other error, "fine" for none.
func Verdict(err error) string {
	var wait account.Wait
	var refused account.Refused
	switch {
	case err == nil:
		return "fine"
	case errors.As(err, &wait):
		if wait.For <= 0 || wait.Why == "" {
			return fmt.Sprintf("wait without time or reason: %+v", wait)
		}
		return "wait"
	case errors.As(err, &refused):
		return describe(refused)
	}
	return "again"
}

func describe(r account.Refused) string {
	switch _, known := account.Explain(r.Code); {
	case !known:
		return fmt.Sprintf("refused with the code %q, which nobody explains", r.Code)
	case r.Reason == "":
		return r.Code + " without a reason"
	case r.Pause:
		return r.Code + " pause"
	case r.Class != "":
		return r.Code + " " + string(r.Class)
	}
	return r.Code
}

// Judged holds that the table names every exception that the SDK's module of the service models ("ssoadmin"), and that
// call, whose every answer is the error of that code, comes to the table's [Verdict]. The table may name further codes.
// An answer that is lost is to be tried again, whatever the table says.
func Judged(t *testing.T, service string, table map[string]string, call func(*testing.T, *Transport) error) {
	t.Helper()
	for _, code := range exceptions(t, service) {
		if _, ok := table[code]; !ok {
			t.Errorf("%s models the exception %s, and the table does not say what it means to us", service, code)
		}
	}
	for code, want := range table {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			if got := Verdict(call(t, Always(&Error{Code: code, Message: "in AWS's words"}))); got != want {
				t.Errorf("%s is judged %q, want %q", code, got, want)
			}
		})
	}
	t.Run("an answer that is lost", func(t *testing.T) {
		t.Parallel()
		if err := call(t, Always(ErrLost)); Verdict(err) != "again" || !errors.Is(err, ErrLost) {
			t.Errorf("it is judged %q: %v; want to try again", Verdict(err), err)
		}
	})
}

func exceptions(t *testing.T, service string) []string {
	t.Helper()
	find := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}")
	find.Args = append(find.Args, "github.com/aws/aws-sdk-go-v2/service/"+service+"/types")
	out, err := find.Output()
	if err != nil {
		t.Fatalf("find the SDK's module of %s: %v", service, err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "errors.go"), nil, 0)
	if err != nil {
		t.Fatalf("read the exceptions of %s: %v", service, err)
	}
	var codes []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "ErrorCode" {
			codes = append(codes, literals(f.Body)...)
		}
	}
	if len(codes) == 0 {
		t.Fatalf("the SDK's module of %s models no exception: has its source changed its shape?", service)
	}
	slices.Sort(codes)
	return codes
}

func literals(body *ast.BlockStmt) (found []string) {
	ast.Inspect(body, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if code, err := strconv.Unquote(l.Value); err == nil && code != "" {
				found = append(found, code)
			}
		}
		return true
	})
	return found
}
