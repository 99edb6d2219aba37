package cloudformation

import (
	"cmp"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// operation is an operation on a stack set and its instances.
type operation struct {
	id             string
	action         string // CREATE, UPDATE, DELETE
	status         string // QUEUED, RUNNING, STOPPING, STOPPED, SUCCEEDED, FAILED
	preferences    preferences
	targets        deploymentTargets
	retain         bool
	automatic      bool // nobody asked for it but a move
	created, ended time.Time
	results        []*result // Region by Region, by account
	faults         []world.InstanceFault
	before         func()       // what changes on the set when the operation begins
	after          []*operation // of other sets, which have to end before it begins
}

// result is how an operation went in one account and Region.
type result struct {
	account, region, unit string
	status                string // PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED
	reason                string
}

var operationID = pattern.Compile(`[a-zA-Z0-9][-a-zA-Z0-9]{0,127}`)

// over lets the operation be about instances that are there.
func (o *operation) over(found []*instance) {
	for _, i := range found {
		o.results = append(o.results, &result{account: i.account, region: i.region, unit: i.unit})
	}
}

// preferences are how an operation goes about its work (AWS CloudFormation API Reference, StackSetOperationPreferences).
type preferences struct {
	Parallel            string   `json:"RegionConcurrencyType,omitempty"`
	RegionOrder         []string `json:"RegionOrder"`
	Tolerance           *int     `json:"FailureToleranceCount"`
	TolerancePercentage *int     `json:"FailureTolerancePercentage"`
	AtOnce              *int     `json:"MaxConcurrentCount"`
	AtOncePercentage    *int     `json:"MaxConcurrentPercentage"`
	Mode                string   `json:"ConcurrencyMode,omitempty"`
}

func (p preferences) check(regions []string) error {
	var wrong wire.Invalid
	wrong.Enum("regionConcurrencyType", p.Parallel, "SEQUENTIAL", "PARALLEL")
	wrong.Enum("concurrencyMode", p.Mode, "STRICT_FAILURE_TOLERANCE", "SOFT_FAILURE_TOLERANCE")
	const many = 1 << 30
	wrong.Range("failureToleranceCount", p.Tolerance, 0, many)
	wrong.Range("failureTolerancePercentage", p.TolerancePercentage, 0, 100)
	wrong.Range("maxConcurrentCount", p.AtOnce, 1, many)
	wrong.Range("maxConcurrentPercentage", p.AtOncePercentage, 1, 100)
	if err := wrong.Err(); err != nil {
		return err
	}
	switch {
	case p.Tolerance != nil && p.TolerancePercentage != nil:
		return invalid("FailureToleranceCount and FailureTolerancePercentage can't both be specified")
	case p.AtOnce != nil && p.AtOncePercentage != nil:
		return invalid("MaxConcurrentCount and MaxConcurrentPercentage can't both be specified")
	case slices.ContainsFunc(p.RegionOrder, func(r string) bool { return !slices.Contains(regions, r) }):
		return invalid("RegionOrder must only contain Regions of the operation")
	}
	return nil
}

// tolerance is how many of so many accounts may fail in a Region.
func (p preferences) tolerance(accounts int) int {
	if p.TolerancePercentage != nil {
		return accounts * *p.TolerancePercentage / 100
	}
	return count(p.Tolerance, 0)
}

// atOnce is in how many of so many accounts of a Region the operation works at once.
func (p preferences) atOnce(accounts int) int {
	n := count(p.AtOnce, 1)
	if p.AtOncePercentage != nil {
		n = max(1, accounts**p.AtOncePercentage/100)
	}
	if p.Mode != "SOFT_FAILURE_TOLERANCE" {
		n = min(n, p.tolerance(accounts)+1)
	}
	return n
}

func count(n *int, byDefault int) int {
	if n == nil {
		return byDefault
	}
	return *n
}

// waves are the results in the order in which they are worked on, those together that are worked on at once.
func (o *operation) waves() [][]*result {
	byRegion, regions := map[string][]*result{}, []string{}
	for _, r := range o.results {
		if byRegion[r.region] == nil {
			regions = append(regions, r.region)
		}
		byRegion[r.region] = append(byRegion[r.region], r)
	}
	place := func(region string) int {
		at := slices.Index(o.preferences.RegionOrder, region)
		if at < 0 {
			return len(o.preferences.RegionOrder)
		}
		return at
	}
	slices.SortStableFunc(regions, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	var all [][]*result
	for _, region := range regions {
		step := 0
		for chunk := range slices.Chunk(byRegion[region], o.preferences.atOnce(len(byRegion[region]))) {
			if o.preferences.Parallel == "PARALLEL" && step < len(all) {
				all[step] = append(all[step], chunk...)
			} else {
				all = append(all, chunk)
			}
			step++
		}
	}
	return all
}

// exceeded says whether more accounts of a Region have failed than may.
func (o *operation) exceeded() bool {
	failed, all := map[string]int{}, map[string]int{}
	for _, r := range o.results {
		all[r.region]++
		if r.status == "FAILED" {
			failed[r.region]++
		}
	}
	for region, n := range failed {
		if n > o.preferences.tolerance(all[region]) {
			return true
		}
	}
	return false
}

// running is the operation that is at work; nil when none is.
func (t *set) running() *operation {
	for _, o := range t.operations {
		if o.status == "RUNNING" || o.status == "STOPPING" {
			return o
		}
	}
	return nil
}

// unfinished is the oldest operation that has not ended, be it that it waits; nil when all have.
func (t *set) unfinished() *operation {
	for _, o := range t.operations {
		if o.ended.IsZero() {
			return o
		}
	}
	return nil
}

func (s *service) inProgress(t *set, o *operation) error {
	return fail("OperationInProgressException", "Another Operation on StackSet "+s.arn(t)+" is in progress: "+o.id)
}

func (t *set) operation(id string) *operation {
	for _, o := range t.operations {
		if o.id == id {
			return o
		}
	}
	return nil
}

// begin takes an operation on: at once, or when its turn comes where execution is managed. One at a time works on a set
// (AWS CloudFormation API Reference, CreateStackInstances, OperationId and OperationInProgressException).
func (s *service) begin(t *set, o *operation) (*operationOutput, error) {
	if known := t.operation(o.id); o.id != "" && known != nil {
		if s.w.Otherwise("stack-set-operation-id-repeated") && known.action == o.action {
			return &operationOutput{o.id}, nil
		}
		return nil, fail("OperationIdAlreadyExistsException", "Operation ID "+o.id+" already exists")
	}
	if t.running() != nil && !t.managed {
		return nil, s.inProgress(t, t.running())
	}
	s.enqueue(t, o)
	return &operationOutput{o.id}, nil
}

func (s *service) enqueue(t *set, o *operation) {
	s.line(t, o)
	s.next(t)
}

// line puts an operation behind those of its set.
func (s *service) line(t *set, o *operation) {
	if o.id == "" {
		o.id = s.w.UUID("stack-set-operation")
	}
	t.modified = true
	o.status, o.created = "QUEUED", s.w.Stamp()
	for _, r := range o.results {
		r.status = "PENDING"
	}
	t.operations = append(t.operations, o)
}

// next starts the operation whose turn it is; one that waits for other sets lets those behind it pass.
func (s *service) next(t *set) {
	if t.running() != nil {
		return
	}
	for _, o := range t.operations {
		if o.status != "QUEUED" || o.waits() {
			continue
		}
		if s.hopeless(o) {
			s.end(t, o, "FAILED", dependencyFailed)
			return
		}
		o.status = "RUNNING"
		if o.before != nil {
			o.before()
		}
		for _, r := range o.results {
			if i := t.instance(r.account, r.region); i != nil {
				i.status, i.detailed, i.reason, i.operation = "OUTDATED", "PENDING", "", o.id
			}
		}
		s.work(t, o, o.waves())
		return
	}
}

// work does what is left of an operation, one wave each timing.stackSet.
func (s *service) work(t *set, o *operation, waves [][]*result) {
	switch {
	case o.status == "STOPPING":
		s.end(t, o, "STOPPED", "Cancelled since the operation was stopped")
	case o.exceeded():
		s.end(t, o, "FAILED", "Cancelled since failure tolerance has exceeded")
	case len(waves) == 0:
		s.w.After(0, func() { s.end(t, o, "SUCCEEDED", "") })
	default:
		for _, r := range waves[0] {
			r.status = "RUNNING"
			if i := t.instance(r.account, r.region); i != nil {
				i.detailed = "RUNNING"
			}
		}
		s.w.After(s.w.Timing.StackSet, func() {
			for _, r := range waves[0] {
				s.apply(t, o, r)
			}
			s.work(t, o, waves[1:])
		})
	}
}

func (s *service) end(t *set, o *operation, status, why string) {
	for _, r := range o.results {
		if r.status != "PENDING" {
			continue
		}
		r.status, r.reason = "CANCELLED", why
		if i := t.instance(r.account, r.region); i != nil {
			i.detailed, i.reason = "CANCELLED", why
		}
	}
	if status == "SUCCEEDED" && o.status == "STOPPING" {
		status = "STOPPED"
	}
	o.status, o.ended = status, s.w.Stamp()
	for _, other := range s.sets {
		s.next(other)
	}
}
