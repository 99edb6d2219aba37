package engine_test

const (
	here  = "./internal/engine"
	quick = "-crash.every=16" // of the calls of the crash suite: each of these bugs shows at many of them
)

// mutants is the table of planted bugs. Most of them were once written, or proposed, by somebody.
var mutants = []mutant{
	// Orders
	{"an order with a token that nobody saved", []edit{
		{"internal/pipeline/provision.go", "Token: r.Order.Token, Name:", "Token: fmt.Sprint(now.UnixNano()), Name:"},
	}, here, "TestEveryCallOfABatchMayFail", quick},
	{"an order before its token is saved", []edit{
		{"internal/pipeline/pipeline.go", "\t\tr.Order.Token = r.OrderToken()\n", ""},
		{"internal/pipeline/provision.go", "Token: r.Order.Token, Name:", "Token: r.OrderToken(), Name:"},
	}, here, "TestEveryCallOfABatchMayFail", quick},
	{"no look for the product's name before the order", []edit{
		{"internal/pipeline/provision.go", "\tcase found:\n\t\tr.Order.RecordID", "\tcase found && r.ID == \"\":\n\t\tr.Order.RecordID"},
	}, here, "TestAnOrderWithoutAnAnswerIsAdoptedHoursLater", ""},
	{"a fence that lets everything leave", []edit{
		{"internal/engine/fence.go", "err := fence.Leave(); err != nil {", "err := fence.Leave(); err != nil && ctx == nil {"},
	}, here, "TestAFrozenProcessOrdersNothing", ""},
	{"orderUntil not kept after a lost answer", []edit{
		{"internal/worker/step.go", "if fence.Unknown() {", "if fence.Unknown() && ctx == nil {"},
	}, here, "TestALateOrderFindsItsNameTaken", ""},
	{"orderUntil not written before the order", []edit{
		{"internal/aws/queue/save.go", "if rel.Order && lease.Until.After(next.OrderUntil) {", "if rel.Order && rel.Rest && lease.Until.After(next.OrderUntil) {"},
	}, here, "TestALateOrderFindsItsNameTaken", ""},
	{"an event believed instead of asked about", []edit{
		{"internal/account/account.go", "// Kind says what", "// Believed is what events said, by name.\nvar Believed sync.Map\n\n// Kind says what"},
		{"internal/account/account.go", "\t\"strings\"\n", "\t\"strings\"\n\t\"sync\"\n"},
		{"internal/lifecycle/listener.go", "\tfor _, t := range timers {\n", "\tif e.State == \"SUCCEEDED\" {\n\t\taccount.Believed.Store(e.AccountName, e.AccountID)\n\t}\n\tfor _, t := range timers {\n"},
		{"internal/pipeline/provision.go", "\tswitch record.Status {\n", "\tif id, ok := account.Believed.Load(r.Name); ok {\n\t\trecord.Status, record.AccountID = account.RecordSucceeded, id.(string)\n\t}\n\tswitch record.Status {\n"},
	}, here, "TestAnEventIsNeverBelieved", ""},
	{"nobody asks unless an event comes", []edit{
		{"internal/pipeline/pipeline.go", "\treturn 5 * interval\n", "\treturn 24 * time.Hour\n"},
	}, here, "TestEventsMayBeLostDoubledOrLate", ""},

	// Records
	{"a FAILED record taken for one at work", []edit{
		{"internal/pipeline/provision.go", "return p.fail(ctx, r, record, now)", "return p.pending(r, now)"},
	}, here, "TestAFailedEmptyProductIsClearedAndOrderedAgain", ""},
	{"a leftover never cleared", []edit{
		{"internal/pipeline/recover.go", "\treturn p.terminate(ctx, r, product, now)\n}\n\n// recover", "\treturn p.nextGeneration(r, now)\n}\n\n// recover"},
	}, here, "TestAFailedEmptyProductIsClearedAndOrderedAgain", ""},
	{"a generation that is not counted up", []edit{
		{"internal/pipeline/recover.go", "\tr.Generation++\n", ""},
	}, here, "TestAFailedEmptyProductIsClearedAndOrderedAgain", ""},
	{"the account of an enrollment not compared", []edit{
		{"internal/pipeline/provision.go", "if r.AccountID != \"\" && r.AccountID != record.AccountID {", "if r.AccountID != \"\" && record.AccountID == \"\" {"},
	}, here, "TestAnEnrollmentThatMakesAnotherAccountFails", ""},
	{"somebody else's account taken for a new one", []edit{
		{"internal/pipeline/provision.go", "made.JoinedAt.Before(r.Order.At)", "made.JoinedAt.After(r.Order.At)"},
	}, here, "TestAnAccountMadeByHandMeanwhileIsNotTaken", ""},
	{"a healthy product terminated by resume --recover", []edit{
		{"internal/engine/mend.go", " && !underWay(r) {", " {"},
		{"internal/pipeline/recover.go", "\tcase dead:\n", "\tcase dead || found:\n"},
	}, here, "TestALateSuccessIsTakenAndNeverTerminated", ""},
	{"the lost answer of a termination not looked for", []edit{
		{"internal/pipeline/recover.go", "if found && product.Status == account.ProductUnderChange {", "if found && product.ID == \"\" {"},
	}, here, "TestADeadProductIsRecoveredWithItsAccount", ""},
	{"a request cancelled while AWS is at work on it", []edit{
		{"internal/engine/mend.go", "case r.Slot || r.Stage != account.Queued", "case r.Stage != account.Queued"},
	}, here, "TestALateSuccessIsTakenAndNeverTerminated", ""},
	{"a termination that failed tried again with its old token", []edit{
		{"internal/account/account.go", "if n := r.Clearing.Tries; n > 0 {", "if n := r.Clearing.Tries; n < 0 {"},
	}, here, "TestATerminationThatFailedIsTriedAnew", ""},
	{"tags noted before they are on the account", []edit{
		{"internal/pipeline/assign.go", "\tif err := p.Organization.Tag(", "\tr.Tagged = true\n\tif err := p.Organization.Tag("},
	}, here, "TestTagsThatWereRefusedAreTriedAgain", ""},
	{"an idle worker that does not look for what was woken last", []edit{
		{"internal/worker/idle.go", "if err != nil || len(due)+len(ahead) > 0 {", "if err != nil || len(due)+len(ahead) > 99 {"},
	}, "./internal/worker", "TestUntilIdleGoesOnWithABatchThatIsWokenAtTheEnd", ""},
	{"what was woken put off", []edit{
		{"internal/aws/queue/claim.go", `"#v = :v AND #o = :o AND wakes = :w AND #q = :timer`, `"#v = :v AND #o = :o AND wakes >= :w AND #q = :timer`},
	}, "./internal/aws/queue", "TestPutOff", ""},
	{"a look without a claim that may cause something", []edit{
		{"internal/worker/own.go", "return errWatching", "return nil"},
	}, "./internal/worker", "TestWhatAWatchedOrderHasComeToIsSaved", ""},
	{"what a look without a claim finds not saved", []edit{
		{"internal/worker/own.go", "\t\tw.save(ctx, s.Claim, next, account.Release{In: wait.For})\n", ""},
	}, "./internal/worker", "TestWhatAWatchedOrderHasComeToIsSaved", ""},
	{"a request kept in hand by a worker that has stopped", []edit{
		{"internal/worker/step.go", "\t\tw.save(ctx, claim, claim.Request, account.Release{})\n", ""},
	}, "./internal/worker", "TestAnAssignmentIsWaitedForWithTheRequestInHand", ""},
	{"a wake of what is in hand forgotten", []edit{
		{"internal/worker/inhand.go", "\t\t\tw.comeAgain(id, 0, nil)\n", ""},
	}, "./internal/worker", "TestAWakeOfWhatIsInHandIsTriedRightAfter", ""},
	{"a batch that has changed put off", []edit{
		{"internal/ingest/quiet.go", " || changes != saved.Results.Changes", " || changes < 0"},
	}, "./internal/ingest", "TestABatchThatHasNotChangedIsPutOff", ""},
	{"news that puts off what is due sooner", []edit{
		{"internal/aws/queue/claim.go", " AND (attribute_not_exists(#q) OR dueAt > :at)", ""},
	}, "./internal/aws/queue", "TestWakeWithin", ""},
	{"the end of a request told as late as other news", []edit{
		{"internal/worker/step.go", "\tif !next.Stage.Open() {\n\t\twithin = 0\n\t}\n", ""},
	}, "./internal/worker", "TestABatchHearsOfItsRequests", ""},
	{"what the index goes on showing left alone for ever longer", []edit{
		{"internal/worker/lag.go", "wait := min(max(indexLag, 2*w.behind[id].wait), longestLag)", "wait := max(indexLag, 2*w.behind[id].wait)"},
	}, "./internal/worker", "TestWhatTheIndexGoesOnShowingIsTriedLessOften", ""},
	{"an upload that nobody has read kept from who asks", []edit{
		{"internal/engine/forecast.go", "len(waiting) > 0 {\n\t\t\tmissing = nil", "f.Batch == \"\" {\n\t\t\tmissing = nil"},
	}, here, "TestAnOutlookShowsWhatNobodyHasRead", ""},
	{"a slot that comes back during a look forgotten", []edit{
		{"internal/worker/rounds.go", "\tif w.lineAt.Equal(w.lineNext) {", "\tif !w.lineAt.After(w.lineNext) {"},
	}, "./internal/worker", "TestASlotThatComesBackDuringALookIsFilled", ""},

	// Enrollments
	{"an instance that FAILED taken for a role", []edit{
		{"internal/pipeline/plant.go", "if !r.Planting.Release && found && there.InPlace() {", "if !r.Planting.Release && found {"},
		{"internal/pipeline/plant.go", "	case err != nil || assumable:", "	case err != nil || assumable || !now.IsZero():"},
	}, here, "TestAnInstanceThatFailedIsNoRole", ""},
	{"an account ordered without a look at it", []edit{
		{"internal/pipeline/prepare.go", "if n := len(found.Failed); n > 0 {", "if n := len(found.Failed); n > 99 {"},
	}, here, "TestAnAccountThatHasBecomeUnfitIsNotOrdered", ""},
	{"an account that has left taken for a member", []edit{
		{"internal/pipeline/provision.go", "if err != nil || member {", "if err != nil || member || !member {"},
	}, here, "TestAnAccountThatLeavesWhileItIsEnrolled", ""},
	{"a stale instance taken for a role", []edit{
		{"internal/pipeline/plant.go", "next.Release, next.Parent = true, there.ParentID", "next.Parent = parent"},
	}, here, "TestARoleThatRecoveringTookAwayIsPlantedAgain", ""},

	// The table
	{"a save without its condition", []edit{
		{"internal/aws/queue/save.go", `ptr("#v = :v AND #o = :o AND wakes = :w")`, `ptr("#v = :v OR #o = :o OR wakes = :w OR attribute_exists(pk)")`},
	}, here, "TestAFormerOwnerSavesNothing", ""},
	{"a wake in hand not noticed by the save", []edit{
		{"internal/aws/queue/save.go", `AND wakes = :w")`, `AND wakes >= :w")`},
	}, here, "TestAWakeInHandIsKept", ""},
	{"one's own lost save taken for a conflict", []edit{
		{"internal/aws/queue/save.go", "\tcase textOf(it, \"owner\") == w.owner:\n\t\treturn it, nil\n", ""},
	}, here, "TestALostAnswerIsNoConflict", ""},
	{"one's own lost claim taken for a conflict", []edit{
		{"internal/aws/queue/claim.go", "err == nil && textOf(it, \"owner\") == owner:", "err == nil && cause == nil:"},
	}, here, "TestALostAnswerIsNoConflict", ""},
	{"a slot outside the transaction", []edit{
		{"internal/aws/queue/save.go", "\t\t\tactions = append(actions, c.slotAction(slot))\n", "\t\t\treasons, err := c.transact(ctx, []types.TransactWriteItem{c.slotAction(slot)})\n\t\t\tif len(reasons) > 0 {\n\t\t\t\treturn account.ErrNoSlot\n\t\t\t}\n\t\t\tif err != nil {\n\t\t\t\treturn err\n\t\t\t}\n"},
	}, here, "TestEveryTransactionMayBeTheLast", ""},
	{"no slot at all", []edit{
		{"internal/aws/queue/save.go", "\t\t\tactions = append(actions, c.slotAction(slot))\n", ""},
	}, here, "TestEveryCallOfABatchMayFail", quick},
	{"counters outside the transaction", []edit{
		{"internal/aws/queue/save.go", "\t\tactions = append(actions, c.countActions(moves(&claim.Request, &next))...)\n", "\t\tif counts := c.countActions(moves(&claim.Request, &next)); len(counts) > 0 {\n\t\t\tif _, err := c.transact(ctx, counts); err != nil {\n\t\t\t\treturn err\n\t\t\t}\n\t\t}\n"},
	}, here, "TestEveryTransactionMayBeTheLast", ""},
	{"a request added over another", []edit{
		{"internal/aws/queue/add.go", "put := &types.Put{TableName: &c.Table, ConditionExpression: ptr(\"attribute_not_exists(pk)\")}", "put := &types.Put{TableName: &c.Table}"},
	}, here, "TestTwoReadersAddOneRequest", ""},
	{"a lease as a moment of the local clock", []edit{
		{"internal/account/claim.go", "return l.For - max(now.Sub(l.Sent), now.Round(0).Sub(l.Sent.Round(0)))", "return l.Until.Sub(now)"},
	}, here, "TestClocksADayApart", ""},
	{"other people's leases judged by the local clock", []edit{
		{"internal/aws/queue/clock.go", "return c.date.Add(elapsed(c.seen, local)).Truncate(time.Millisecond).UTC()", "return local.UTC()"},
	}, here, "TestClocksADayApart", ""},

	// Input
	{"a sweep that finds nothing", []edit{
		{"internal/ingest/uploads.go", "return known[g.batchID(o)] })", "return known[g.batchID(o)] || o.Key != \"\" })"},
	}, here, "TestEventsMayBeLostDoubledOrLate", ""},
	{"an older version that replaces a newer", []edit{
		{"internal/ingest/meet.go", "\tcase older:\n", "\tcase older && was.ID == \"\":\n"},
	}, here, "TestAnOlderVersionNeverReplacesANewer", ""},
	{"a corrected upload that begins again at the first generation", []edit{
		{"internal/ingest/meet.go", "next.Kind, next.Generation, next.Order, next.Clearing = was.Kind, was.Generation, was.Order, was.Clearing", "next.Kind = was.Kind"},
	}, here, "TestACorrectedUploadGoesOnWithTheNextGeneration", ""},
	{"results that a spreadsheet runs", []edit{
		{"internal/batch/write.go", "\tif runs(cell) {\n\t\treturn \"'\" + cell\n\t}\n\treturn cell\n}\n", "\treturn cell\n}\n"},
	}, "./internal/batch", "TestResultsAreTheListWithWhatCameOfIt", ""},

	// AWS
	{"\"Not Available\" taken for an account id", []edit{
		{"internal/lifecycle/controltower.go", "matching(accountID, s.Account.ID),", "s.Account.ID,"},
	}, "./internal/lifecycle", "TestSamples", ""},
	{"only the first page of the accounts", []edit{
		{"internal/aws/organization/read.go", "&organizations.ListAccountsInput{MaxResults: aws.Int32(pageSize)})\n\t\tfor pages.HasMorePages() {", "&organizations.ListAccountsInput{MaxResults: aws.Int32(pageSize)})\n\t\tfor first := true; first; first = false {"},
	}, "./internal/aws/organization", "TestAccountByEmail|TestOrganizationOfManyPages", ""},
	{"only the first page of the assignments", []edit{
		{"internal/aws/identitycenter/assign.go", "\tfor pages.HasMorePages() {", "\tfor first := true; first; first = false {"},
	}, "./internal/aws/identitycenter", "TestAssignmentsOfManyPages", ""},
	{"only the first page of the table", []edit{
		{"internal/aws/queue/queue.go", "if len(out.LastEvaluatedKey) == 0 {", "if len(out.LastEvaluatedKey) >= 0 {"},
	}, here, "TestALongListIsReadToItsEnd", ""},
	{"a ConflictException that ends the row", []edit{
		{"internal/aws/identitycenter/errors.go", "return account.Wait{For: throttled, Why: \"Identity Center is working on another assignment\", Answer: answer}", "return account.Refused{Code: \"V2022\", Reason: \"Identity Center is working on another assignment\", Answer: answer}"},
	}, "./internal/aws/identitycenter", "TestErrorsAreJudged", ""},
}
