# MemoryProbe. `make` prints what there is; the longer recipes live beside what they build.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ROOT := $(CURDIR)
# Long builds are kept here, outside the tree, and shared by every checkout.
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/memoryprobe
# Node's own version, as an npm package: the machine's Node only has to be able to run npm.
NODE_VERSION := 24.21.0
NODE_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
NODE_BIN := $(ROOT)/.tools/node_modules/node-linux-$(NODE_ARCH)/bin
export PATH := $(NODE_BIN):$(ROOT)/node_modules/.bin:$(PATH)
export CACHE

NODE := $(NODE_BIN)/node
MODULES := node_modules/.package-lock.json

##@ Set-up
$(NODE):
	@echo "installing Node $(NODE_VERSION) into .tools"
	@npm install --silent --no-audit --no-fund --prefix .tools node-linux-$(NODE_ARCH)@$(NODE_VERSION)

$(MODULES): package.json package-lock.json | $(NODE)
	@echo "installing npm packages"
	@npm ci --silent --no-audit --no-fund
	@touch $@

setup: $(MODULES) ## Install Node and the npm packages into this folder

include images/arch.mk images/balloon/balloon.mk images/images.mk test/traps/trap.mk test/cluster/cluster.mk scripts/deploy.mk scripts/release.mk
include test/kernels/kernels.mk test/runtimes/runtimes.mk test/latency/latency.mk

##@ Checks
lint: $(MODULES) ## Formatting, lint rules and types
	@biome check --error-on-warnings .
	@tsc

generate: $(MODULES) ## Make what is generated from crds/ and from the metrics
	@node scripts/generate.ts
	@node scripts/metrics-page.ts

verify: generate ## Regenerate, then nothing may differ
	@git diff --exit-code -- src/api/memory-probe.ts charts/memoryprobe/templates docs/api.md docs/metrics.md

##@ Tests
test: lint verify images balloon cli ## Unit tests, guests, then the four verdicts, the faults and the limits on a new cluster (one that is up is taken down)
	@$(MAKE) --no-print-directory cluster-down
	@node scripts/test.ts unit api guest lifecycle cluster $(ALSO)

test-unit: $(MODULES) balloon ## The quick part: no guest, no cluster
	@node scripts/test.ts unit api

test-rounds: $(MODULES) balloon ## Leaks under a sawtooth, and what only looks like one, here and in guests with cgroup v2: how many are found (build/rounds.md)
	@node scripts/test.ts rounds

bench: $(MODULES) balloon kernels-build kernels-root ## What is promised in figures, as medians and ratios of one run (RUNS=10, NODES as for cluster-up)
	@CROSSINGS=40 PAIRS=9 ava --config test/cluster/guest.config.js test/balloon/rate.e2e.ts test/latency/*.e2e.ts
	@PAIRS=9 ava --config test/kernels/served.config.js
	@$(MAKE) --no-print-directory cluster-up deploy
	@node scripts/bench.ts

records: $(MODULES) balloon ## Record the corpus of runs anew (test/fixtures/records), on this kernel and in a guest
	@node scripts/record.ts make
	@test/cluster/guest-run -m 2G -w test/fixtures/records 'node scripts/record.ts make'

test-failover: $(MODULES) ## Kill the leading operator RUNS=20 times at random moments of probes (SEED=N, NODES as for cluster-up)
	@$(MAKE) --no-print-directory cluster-up deploy
	@node scripts/failover.ts

soak: $(MODULES) balloon workload ## Kill parts of RUNS=200 probes at random moments, here and in a guest; nothing may be left (SEED=N)
	@node scripts/soak.ts native guest

ci: ## What decides: `make test` with CI=true, and the longest (ALSO="kernels runtimes rounds-few")
	@.ci/run

##@ Help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
	  /^[a-z][a-zA-Z0-9_-]*:.*## / {printf "  \033[36m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

clean: ## Remove what was built in this folder (the cache outside stays)
	rm -rf build

.PHONY: setup lint generate verify test test-unit test-rounds bench records test-failover soak ci help clean
