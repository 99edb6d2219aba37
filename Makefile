.DEFAULT_GOAL := help
.PHONY: help demo test virtual processes bench soak mutants conformance replay build reproducible lint fmt

SHELL := bash
.SHELLFLAGS := -o pipefail -c

GO ?= go
GOLANGCI ?= golangci-lint

# The race detector needs a C compiler; where there is none the tests run without it.
RACE := $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null 2>&1 && echo -race)

# Neither debug information nor a heap profile is looked at by anybody here, and both take their time.
LEAN := -ldflags=-w -memprofilerate=1000000000

help: ## list what there is to run
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## three accounts, from the CSV to the last assignment, without AWS
	@$(GO) run ./cmd/vend demo

test: ## every test, with the race detector, the whole crash suite, and 200 seeds of the simulation
	GOGC=400 $(GO) test $(RACE) $(LEAN) -shuffle=on -timeout 20m ./...
	$(if $(RACE),@$(MAKE) --no-print-directory -j2 -Otarget virtual processes)

# What takes too long under the race detector. Virtual time is all computing, processes are mostly waited for: together they
# keep two cores busy.
virtual:
	@$(GO) test $(LEAN) -run 'TestEvery|TestSimulation|TestThrottled|TestALate|TestALong|TestMany|TestMemory|TestTooMany|TestThreeHundred|TestARunOf|TestATopic' -v -timeout 20m ./internal/engine ./internal/batch ./internal/aws/stack | grep -v '^=== \|^ *--- PASS'
	@$(GO) test $(LEAN) -run 'IsBegunAgain|AboutPermissionSetsAreJudged|TestAReaderDies|TestTheCostOfALongList|TestListsThatAreRefusedWhole|TestNothingLeaks|TestTheSampleNamesNobody' -timeout 20m ./internal/ingest ./internal/aws/identitycenter ./internal/recording

processes:
	@$(GO) test $(LEAN) -run 'TestWorkerProcesses|TestLambda' -v -timeout 20m ./cmd/vend | grep -v '^=== \|^ *--- PASS'
	@$(GO) test $(LEAN) -run 'TestVerbs|TestExamples|TestAnswers' -timeout 20m ./cmd/vend

mutants: ## plant bugs, and see each of them caught by a test
	GO="$(GO)" $(GO) test -tags mutants -count=1 -timeout 30m -v -run TestMutants ./internal/engine | grep -v '^=== \|^ *--- PASS'

# How long make soak simulates at most, on seeds that no run before it had; 0 is all 100,000 of them, four hours on two cores.
FOR ?= 0

soak: ## kill, stop and freeze the real command at every single request, then simulate 100,000 seeds (hours; FOR=40m), then all pairs of faults
	$(GO) test -count=1 -timeout 60m -v -run TestWorkerProcesses ./cmd/vend -kill.every=1
	$(GO) test -count=1 -timeout 0 -v -run TestSimulation ./internal/engine -sim.seeds=100000 -sim.first=$$(date +%s)00000 -sim.for=$(FOR) | grep -v '^=== \|^ *--- PASS'
	$(GO) test -count=1 -timeout 30m -v -run TestManyAccountsInARow ./internal/engine -row.accounts=1000
	$(GO) test -count=1 -timeout 90m -v -run TestEvery ./internal/engine -crash.all -pairs.all -combinations=3000 | grep -v '^=== \|^ *--- PASS'

conformance: ## drive the sandbox with the AWS CLI, boto3 and JavaScript, and our adapters and verbs against moto, dynalite, versitygw, and AWS if asked; one table in the end
	$(GO) test -tags conformance -count=1 -timeout 60m ./internal/sandbox/conformance $(ARGS)
	$(GO) test -tags conformance -count=1 -timeout 90m -v -run 'KeepsTheContracts|KeepTheContracts|KeepsTheVerbs|IsRehearsed' ./internal/aws/contracttest | grep -v '^=== '
	$(GO) test -tags conformance -count=1 -timeout 20m -run Moto ./internal/aws/stack
	$(GO) test -tags conformance -count=1 -timeout 20m -run BesideTheCLI ./cmd/vend
	$(GO) test -tags conformance -count=1 -timeout 20m -v -run InABrowser ./internal/render
	@$(GO) test -tags conformance -count=1 -v -run 'TestSummary$$' ./internal/aws/contracttest | grep -v '^===\|^---\|^PASS\|^ok'
	@sed -n '/^## Reasons/,$$p' internal/aws/contracttest/TABLE.md

replay: ## hold the sandbox against a recording of AWS, made with vend --record: TRACE=FILE, and WORLD=FILE for an organization like yours
	@test -n "$(TRACE)" || { echo 'make replay TRACE=FILE' >&2; exit 64; }
	$(GO) test -count=1 -v -run 'TestReplay$$' ./internal/recording -recording "$(abspath $(TRACE))" $(if $(WORLD),-world "$(abspath $(WORLD))") -speed $(or $(SPEED),1)

bench: ## measure what is claimed here in one table; BENCH=name runs one, FORMAT=json|markdown
	@$(GO) test -tags bench -c -o bin/bench.test ./internal/bench
	@cd internal/bench && GO="$(GO)" ../../bin/bench.test -test.timeout 15m -only '$(BENCH)' -format '$(or $(FORMAT),table)'

# As it is released: static, without the names of this machine's folders, without what only a debugger asks for,
# nor what libraries bring along that is never used: the runtime of Lambda before provided.al2, manual pages in Markdown.
RELEASE := CGO_ENABLED=0 $(GO) build -trimpath -tags=lambda.norpc,urfave_cli_no_docs -ldflags='-s -w'

build: ## bin/vend, as it is released
	$(RELEASE) -o bin/vend ./cmd/vend

reproducible: ## build it twice, in two folders, and compare; FRESH=1 also compiles everything twice, which takes minutes
	@one=$$(mktemp -d) && two=$$(mktemp -d) && trap 'rm -rf "$$one" "$$two"' EXIT && \
	for folder in "$$one" "$$two"; do git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - | tar -xf - -C "$$folder" || exit 1; done && \
	(cd "$$one" && $(RELEASE) -buildvcs=false -o vend.built ./cmd/vend) && \
	(cd "$$two" && $(if $(FRESH),GOCACHE="$$two/.cache") $(RELEASE) -buildvcs=false -o vend.built ./cmd/vend) && \
	cmp "$$one/vend.built" "$$two/vend.built" && sha256sum < "$$one/vend.built"

lint: ## what golangci-lint has to say
	$(GOLANGCI) run ./...

fmt: ## format all Go files
	$(GOLANGCI) fmt ./...
