.DEFAULT_GOAL := help
.PHONY: help demo test build lint fmt

GO ?= go
GOLANGCI ?= golangci-lint

# The race detector needs a C compiler; where there is none the tests run without it.
RACE := $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null 2>&1 && echo -race)

help: ## list what there is to run
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## three accounts, from the CSV to the last assignment, without AWS
	@$(GO) run ./cmd/vend demo

test: ## every test, with the race detector, in random order
	$(GO) test $(RACE) -shuffle=on -timeout 10m ./...

build: ## bin/vend
	$(GO) build -trimpath -o bin/vend ./cmd/vend

lint: ## what golangci-lint has to say
	$(GOLANGCI) run ./...

fmt: ## format all Go files
	$(GOLANGCI) fmt ./...
