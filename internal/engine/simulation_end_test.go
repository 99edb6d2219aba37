package engine_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// hold holds the promises against the world after every call.
func (s *simulation) hold() {
	observer := s.mustEngine().Queue
	var most atomic.Int64
	w := s.sandbox.World()
	s.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
		verdict := strike(r)
		arrives := !r.Done && verdict == (sandbox.Verdict{})
		switch {
		case r.Operation == "servicecatalog.ProvisionProduct" && arrives:
			if s.isNew(r) {
				s.tokenIsSaved(observer, r)
			}
			if !s.troubled() {
				s.giveRoles()
			}
		case r.Operation == "sso.CreateAccountAssignment" && arrives:
			s.accessWasAskedFor(r)
		case r.Operation == "dynamodb.TransactWriteItems" && r.Done:
			s.noRowIsLost(observer, &most)
		}
		w.Do(s.orders)
		return verdict
	})
}

// isNew says whether an order names a product that is not there yet. One that is late finds its name taken: it is refused,
// or answered with what the first one came to.
func (s *simulation) isNew(r sandbox.Request) (isNew bool) {
	var in struct{ ProvisionedProductName string }
	_ = json.Unmarshal(r.Body, &in) // the sandbox refuses it, and tokenIsSaved tells
	w := s.sandbox.World()
	w.Do(func() { isNew = w.AccountFactory.Product("", in.ProvisionedProductName) == nil })
	return isNew
}

// orders holds what was ordered against the promises: never more of ours in flight than allowed, no product name ever
// ordered twice, no account held by two products.
func (s *simulation) orders() {
	f := s.sandbox.World().AccountFactory
	if len(f.Records) == s.known.records && len(f.Products) == s.known.products {
		return // operations only end meanwhile
	}
	s.known.records, s.known.products = len(f.Records), len(f.Products)
	ours := 0
	names := map[string]int{}
	for _, r := range f.Records {
		if !account.OwnsProduct(r.ProductName) {
			continue
		}
		if !r.Ended() {
			ours++
		}
		if r.Type == "PROVISION_PRODUCT" {
			if names[r.ProductName]++; names[r.ProductName] == 2 {
				s.violated("product %s was ordered twice", r.ProductName)
			}
		}
	}
	if ours > s.plan.concurrency {
		s.violated("%d account operations of ours in flight, concurrency is %d", ours, s.plan.concurrency)
	}
	holders := map[string]string{}
	for _, p := range f.Products {
		if p.PhysicalID == "" {
			continue
		}
		if other := holders[p.PhysicalID]; other != "" && account.OwnsProduct(p.Name) {
			s.violated("account %s is held by products %s and %s", p.PhysicalID, other, p.Name)
		}
		holders[p.PhysicalID] = p.Name
	}
}

// accessWasAskedFor: no assignment is made that no list asks for.
func (s *simulation) accessWasAskedFor(r sandbox.Request) {
	var in struct{ TargetId, PermissionSetArn, PrincipalType, PrincipalId string }
	if err := json.Unmarshal(r.Body, &in); err != nil {
		s.violated("an assignment that can't be read: %v", err)
		return
	}
	w := s.sandbox.World()
	var email, asked string
	w.Do(func() {
		if a := w.Account(in.TargetId); a != nil {
			email = strings.ToLower(a.Email)
		}
		asked = s.name(world.Assignment{PermissionSet: in.PermissionSetArn, PrincipalType: in.PrincipalType, Principal: in.PrincipalId})
	})
	s.mu.Lock()
	known := slices.Contains(s.access[email], asked)
	s.mu.Unlock()
	if !known {
		s.violated("account %s of %q gets %s, which nobody asked for", in.TargetId, email, asked)
	}
}

// name is an assignment as a list asks for it. It is called within the world.
func (s *simulation) name(a world.Assignment) string {
	ic := s.sandbox.World().IdentityCenter
	set, who := a.PermissionSet, a.Principal
	if p := ic.PermissionSet(a.PermissionSet); p != nil {
		set = p.Name
	}
	if g := ic.Group(a.Principal); a.PrincipalType == "GROUP" && g != nil {
		who = g.Name
	}
	if u := ic.User(a.Principal); a.PrincipalType == "USER" && u != nil {
		who = "user:" + u.UserName
	}
	return set + "/" + who
}

// giveRoles is what a human does before an account is enrolled.
func (s *simulation) giveRoles() {
	w := s.sandbox.World()
	w.Do(func() {
		for _, r := range s.plan.rows {
			if a := w.AccountByEmail(r.email); a != nil {
				a.AddRole("AWSControlTowerExecution")
			}
		}
	})
}

// requests are all that the table has of the rows.
func (s *simulation) requests() []account.Request {
	var ids []string
	for _, r := range s.plan.rows {
		if id := account.ID(r.email); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	found, err := s.mustEngine().Queue.Requests(s.t.Context(), ids)
	if err != nil {
		s.violated("look at the requests: %v", err)
	}
	var all []account.Request
	for _, id := range ids {
		if claim, ok := found[id]; ok && claim.Request.ID != "" {
			all = append(all, claim.Request)
		}
	}
	return all
}

func (s *simulation) ofStage(stage account.Stage) []account.Request {
	return slices.DeleteFunc(s.requests(), func(r account.Request) bool { return r.Stage != stage })
}

// ended holds the end against what was asked for.
func (s *simulation) ended() {
	counts := map[account.Stage]int{}
	for _, r := range s.requests() {
		counts[r.Stage]++
		switch {
		case r.Stage == account.Done:
			s.isThere(r)
		case r.Stage == account.Cancelled && s.cancelled[r.ID]:
		case r.Stage == account.Failed && s.stolen[r.ID]:
		default:
			s.violated("%s %s ends %s in generation %d: %s %+v", r.Kind, r.Email, r.Stage, r.Generation, r.Waiting, r.Failure)
		}
		if r.Slot {
			s.violated("%s ends with a slot", r.Email)
		}
	}
	s.tableIsInOrder(counts)
	s.everyListWasRead()
	s.deadLetters()
}

// isThere: the account of a request that is done exists once, is the one that was meant, and has its access and tags.
func (s *simulation) isThere(r account.Request) {
	w := s.sandbox.World()
	w.Do(func() {
		a := w.AccountByEmail(r.Email)
		if a == nil || a.ID != r.AccountID {
			s.violated("%s is done with account %s, the organization has %+v", r.Email, r.AccountID, a)
			return
		}
		if !a.Enrolled() {
			s.violated("account %s of %s is not enrolled", a.ID, r.Email)
		}
		for _, t := range r.Tags {
			if a.Tags[t.Key] != t.Value {
				s.violated("tag %s of %s is %q, not %q", t.Key, r.Email, a.Tags[t.Key], t.Value)
			}
		}
		for _, row := range s.plan.rows {
			if strings.EqualFold(row.email, r.Email) && row.account != "" && row.account != a.ID {
				s.violated("account %s was to be enrolled, %s came out", row.account, a.ID)
			}
		}
		for _, there := range w.IdentityCenter.Assignments {
			name := s.name(there)
			if there.Account == a.ID && name != "AWSAdministratorAccess/user:owner@example.com" && !slices.Contains(s.access[strings.ToLower(a.Email)], name) {
				s.violated("account %s of %s has %s, which nobody asked for", a.ID, r.Email, name)
			}
		}
	})
	s.assigned(r)
}

// tableIsInOrder: the counters equal the items, no claim is left, and no slot is taken.
func (s *simulation) tableIsInOrder(counts map[account.Stage]int) {
	q := s.mustEngine().Queue
	open, err := q.Open(s.t.Context())
	if err != nil {
		s.violated("look at the counters: %v", err)
		return
	}
	db := dynamodb.NewFromConfig(*s.options(s.sandbox.RoundTripper()).AWS)
	pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &s.config.Table, ConsistentRead: aws.Bool(true)})
	items := map[string]int{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.violated("look at the table: %v", err)
			return
		}
		for _, it := range page.Items {
			pk, _ := it["pk"].(*types.AttributeValueMemberS)
			sk, _ := it["sk"].(*types.AttributeValueMemberS)
			if it["claimed"] != nil {
				s.violated("a claim is left on %s %s", pk.Value, sk.Value)
			}
			if place, ok := it["queue"].(*types.AttributeValueMemberS); ok && place.Value != "failed" { // where people find it
				s.violated("%s %s is still in the queue", pk.Value, sk.Value)
			}
			switch {
			case sk.Value == "request":
				items["requests"]++
			case strings.HasPrefix(sk.Value, "row#"):
				items["rows"]++
			}
		}
	}
	for _, n := range counts {
		items["requests"] -= n
	}
	if items["requests"] != 0 {
		s.violated("%d requests are in the table that no list asks for", items["requests"])
	}
	view := s.overviewOfAll()
	counts[account.Rejected] = len(view.Rejected)
	for _, stage := range append(slices.Clone(account.Stages), account.Rejected) {
		if open.Counts[stage] != counts[stage] {
			s.violated("the counter of %s is %d, there are %d", stage, open.Counts[stage], counts[stage])
		}
	}
	if open.InFlight != 0 || len(open.Batches) != 0 {
		s.violated("it ends with %d slots taken and batches %v open", open.InFlight, open.Batches)
	}
}

// everyListWasRead: the newest version of each list is finished, with all its rows; each good row has its request.
func (s *simulation) everyListWasRead() {
	view := s.overviewOfAll()
	for name, rows := range s.latest {
		at := slices.IndexFunc(view.Batches, func(b account.Batch) bool { return b.ID == s.batches[name] })
		if at < 0 {
			s.violated("%s was never read", name)
			continue
		}
		b := view.Batches[at]
		there, err := s.mustEngine().Queue.Rows(s.t.Context(), b.ID)
		if err != nil || b.State != account.BatchFinished || b.Failure != nil || b.Rows != len(rows) || len(there) != len(rows) {
			s.violated("%s is %s with %d rows, %d of %d in the table: %+v, %v", name, b.State, b.Rows, len(there), len(rows), b.Failure, err)
			continue
		}
		for i, row := range there {
			if rows[i].bad != (row.Disposition == account.RowRefused) && !s.stolen[account.ID(rows[i].email)] {
				s.violated("row %d of %s (%+v) is %s: %+v", row.Line, name, rows[i], row.Disposition, row.Failure)
			}
		}
	}
}

// deadLetters: what was put aside was done nevertheless. Lists were read, as seen above, and nothing is open that an event
// could have woken; they are counted so that people see how often it happens.
func (s *simulation) deadLetters() {
	client := sqs.NewFromConfig(*s.options(s.sandbox.RoundTripper()).AWS)
	url := strings.TrimSuffix(s.config.QueueURL, "-inbox") + "-dead-letters"
	got, err := client.GetQueueAttributes(s.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameApproximateNumberOfMessages},
	})
	if err != nil {
		s.violated("look at the dead letters: %v", err)
		return
	}
	n, err := strconv.Atoi(got.Attributes[string(sqstypes.QueueAttributeNameApproximateNumberOfMessages)])
	if err != nil {
		s.violated("look at the dead letters: %v", err)
	}
	for range n {
		s.strike("dead letter")
	}
}
