//go:build conformance

package conformance_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/samples"
)

// walker takes the steps of AWS's walk-through in a sandbox of its own.
type walker struct {
	t   *testing.T
	url string
	dir string            // with the sample in it, and no vend.yaml
	ids map[string]string // what the AWS CLI was answered with
}

func newWalker(t *testing.T) *walker {
	f := &findings{called: table{}, claims: map[string][]claim{}}
	url, stop := f.sandbox(t, nil)
	t.Cleanup(stop)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "walk-through.yaml"), samples.WalkThrough, 0o600); err != nil {
		t.Fatal(err)
	}
	return &walker{t: t, url: url, dir: dir, ids: map[string]string{}}
}

func (w *walker) run(name string, args ...string) string {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), name, args...)
	c.Env = append(environment(w.t.TempDir(), w.url), "AWS_ENDPOINT_URL="+w.url, "AWS_REGION=us-east-1", "VEND_IDENTITY_CENTER_CALLS_PER_SECOND=1000")
	c.Dir = w.dir
	var complaint strings.Builder
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		w.t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, complaint.String())
	}
	return strings.TrimSpace(string(out))
}

// sso runs a command of the AWS CLI and takes the text that the query finds.
func (w *walker) sso(query, command string, args ...string) string {
	w.t.Helper()
	return w.run("aws", append([]string{
		"--endpoint-url", w.url, "--output", "text", "--query", query, "sso-admin", command, "--instance-arn", w.ids["instance"],
	}, args...)...)
}

func (w *walker) permissionSet(name string, policies ...string) {
	w.t.Helper()
	w.ids[name] = w.sso("PermissionSet.PermissionSetArn", "create-permission-set", "--name", name)
	for _, policy := range policies {
		w.sso("@", "attach-managed-policy-to-permission-set", "--permission-set-arn", w.ids[name], "--managed-policy-arn", "arn:aws:iam::aws:policy/"+policy)
	}
}

// assignment makes or deletes one, and waits for its end.
func (w *walker) assignment(verb, set, user, account string) {
	w.t.Helper()
	noun := map[string]string{"create": "Creation", "delete": "Deletion"}[verb]
	id := w.sso("AccountAssignment"+noun+"Status.RequestId", verb+"-account-assignment", "--permission-set-arn", w.ids[set],
		"--principal-type", "USER", "--principal-id", w.ids[user], "--target-type", "AWS_ACCOUNT", "--target-id", account)
	for began := time.Now(); time.Since(began) < longest; time.Sleep(100 * time.Millisecond) {
		switch status := w.sso("AccountAssignment"+noun+"Status.Status", "describe-account-assignment-"+strings.ToLower(noun)+"-status",
			"--account-assignment-"+strings.ToLower(noun)+"-request-id", id); status {
		case "SUCCEEDED":
			return
		case "FAILED":
			w.t.Fatalf("%s assignment of %s: FAILED", verb, set)
		}
	}
	w.t.Fatalf("%s assignment of %s: it takes too long", verb, set)
}

// seen is what the sandbox holds of Identity Center, without what is made up anew each time.
func (w *walker) seen() map[string]any {
	w.t.Helper()
	answer, err := http.Get(w.url + "/_sandbox/state")
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	var state struct {
		IdentityCenter struct {
			PermissionSets []struct {
				Name     string   `json:"name"`
				Policies []string `json:"managedPolicies"`
				Session  string   `json:"sessionDuration"`
			} `json:"permissionSets"`
			Assignments []map[string]string `json:"assignments"`
		} `json:"identityCenter"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&state); err != nil {
		w.t.Fatal(err)
	}
	found := map[string]any{}
	for _, s := range state.IdentityCenter.PermissionSets {
		slices.Sort(s.Policies)
		if s.Name == "PowerUserAccess" || s.Name == "AuditAccess" || s.Name == "EC2-S3-FullAccess" {
			found[s.Name] = strings.Join(s.Policies, " ")
		}
	}
	for _, a := range state.IdentityCenter.Assignments {
		found[a["permissionSet"]+" in "+a["account"]+" for "+a["user"]+a["group"]] = true
	}
	return found
}

// The walk-through, step by step: what vend does with one file is what the AWS CLI does with many commands.
func TestTheWalkThroughWithVendAndWithTheAWSCLI(t *testing.T) {
	clients(t)
	vend := filepath.Join(t.TempDir(), "vend")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", vend, "../../../cmd/vend").CombinedOutput(); err != nil {
		t.Fatalf("build vend: %v\n%s", err, out)
	}
	byCLI, byVend := newWalker(t), newWalker(t)
	same := func(step string, entries int) {
		t.Helper()
		want, got := byCLI.seen(), byVend.seen()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -AWS CLI +vend\n%s", step, diff)
		}
		if len(want) != entries {
			t.Errorf("%s: the sandbox holds %d of them; want %d: %v", step, len(want), entries, want)
		}
	}
	const dev, test, file = "222222222112", "222222222111", "walk-through.yaml"
	untouched := len(byCLI.seen())
	byCLI.ids["instance"] = byCLI.run("aws", "--endpoint-url", byCLI.url, "--output", "text", "sso-admin", "list-instances", "--query", "Instances[0].InstanceArn")
	store := byCLI.run("aws", "--endpoint-url", byCLI.url, "--output", "text", "sso-admin", "list-instances", "--query", "Instances[0].IdentityStoreId")
	for who, name := range map[string]string{"lead": "auditor@example.com", "developer": "developer@example.com"} {
		byCLI.ids[who] = byCLI.run("aws", "--endpoint-url", byCLI.url, "--output", "text", "identitystore", "get-user-id", "--identity-store-id", store,
			"--alternate-identifier", `{"UniqueAttribute":{"AttributePath":"userName","AttributeValue":"`+name+`"}}`, "--query", "UserId")
	}

	byCLI.permissionSet("PowerUserAccess", "PowerUserAccess")
	byCLI.permissionSet("AuditAccess", "SecurityAudit")
	byCLI.permissionSet("EC2-S3-FullAccess", "AmazonEC2FullAccess", "AmazonS3FullAccess")
	byVend.run(vend, "access", "permission-sets", "apply", file, "--yes")
	same("permission sets", untouched+3)

	byCLI.assignment("create", "AuditAccess", "lead", dev)
	byCLI.assignment("create", "PowerUserAccess", "lead", test)
	byCLI.assignment("create", "EC2-S3-FullAccess", "developer", dev)
	byVend.run(vend, "access", "apply", file, "--yes")
	same("assignments", untouched+6)

	// By permission set, by account, by principal: the AWS CLI's answers about what vend made are what vend lists.
	for _, part := range [][]string{{"--permission-set", "AuditAccess"}, {"--account", dev}, {"--principal", "user:auditor@example.com"}} {
		want := byCLI.run(vend, append([]string{"access", "list", "-o", "csv"}, part...)...)
		if diff := cmp.Diff(lines(want), lines(byVend.run(vend, append([]string{"access", "list", "-o", "csv"}, part...)...))); diff != "" {
			t.Errorf("list %v: -made by the AWS CLI +made by vend\n%s", part, diff)
		}
	}
	accounts := byCLI.sso("AccountIds", "list-accounts-for-provisioned-permission-set", "--permission-set-arn", byCLI.ids["AuditAccess"])
	if listed := byVend.run(vend, "access", "list", "-o", "csv", "--permission-set", "AuditAccess"); accounts != dev || !strings.Contains(listed, dev) {
		t.Errorf("AuditAccess is in %s by the AWS CLI, by vend:\n%s", accounts, listed)
	}
	sets := strings.Fields(byCLI.sso("PermissionSets", "list-permission-sets-provisioned-to-account", "--account-id", test))
	listed := lines(byVend.run(vend, "access", "list", "-o", "csv", "--account", test))
	if len(sets) != len(listed)-1 { // a header; nobody has a permission set there twice
		t.Errorf("account %s has %v by the AWS CLI, by vend:\n%s", test, sets, strings.Join(listed, "\n"))
	}
	of := strings.Fields(byCLI.sso("AccountAssignments[].AccountId", "list-account-assignments-for-principal", "--principal-type", "USER", "--principal-id", byCLI.ids["lead"]))
	slices.Sort(of)
	theirs := byVend.run(vend, "access", "list", "-o", "csv", "--principal", "user:auditor@example.com")
	for _, id := range of {
		if !strings.Contains(theirs, id) {
			t.Errorf("the lead has something in %s by the AWS CLI, by vend:\n%s", id, theirs)
		}
	}

	byCLI.assignment("delete", "AuditAccess", "lead", dev)
	byCLI.assignment("delete", "PowerUserAccess", "lead", test)
	byCLI.assignment("delete", "EC2-S3-FullAccess", "developer", dev)
	byVend.run(vend, "access", "revoke", file, "--yes")
	same("without assignments", untouched+3)

	for _, name := range []string{"PowerUserAccess", "AuditAccess", "EC2-S3-FullAccess"} {
		byCLI.sso("@", "delete-permission-set", "--permission-set-arn", byCLI.ids[name])
	}
	byVend.run(vend, "access", "permission-sets", "delete", "PowerUserAccess", "AuditAccess", "EC2-S3-FullAccess", "--yes")
	same("cleaned up", untouched)
}

// lines are those of a text but for the ARNs and ids in it, which are made up anew in each sandbox.
func lines(text string) []string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		cells := strings.Split(line, ",")
		if len(cells) == 8 {
			cells[4] = ""
		}
		all[i] = strings.Join(cells, ",")
	}
	return all
}
