# Everything a person or CI does with this repository is a target here: `make help` lists them.
# Only Go is needed for build, test, cluster and demo; git for lint; a container engine for up.

MODULES  := detector disseminator internal proto swimctl tests
PACKAGES := $(MODULES:%=./%/...)
DAEMONS  := detector disseminator

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X github.com/swimpair/swim/internal/daemon.version=$(VERSION)
# The version comes in through LDFLAGS, so a build needs no git and works in an exported tree.
GO_BUILD := CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "$(LDFLAGS)"

FUZZTIME ?= 20s
SERVICE  ?=
SEEDS    ?= 1..200
N        ?= 5
MODE     ?=
HEADS    ?=
TRACE    ?=
NODES    ?= 1000
DEATHS   ?= 5
BENCH    ?=

export MODULES

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build test lint fuzz proto proto-check tools cluster demo bench bench-smoke bench-demo bench-build \
	bench-broadcast sim sim-check sim-scale sim-paper images up join any-up logs down test-containers clean ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## static binaries: bin/detector, bin/disseminator, bin/swimctl
	@for name in $(DAEMONS) swimctl; do $(GO_BUILD) -o bin/$$name ./$$name || exit 1; done
	@echo "built bin/detector, bin/disseminator and bin/swimctl, version $(VERSION)"

test: ## all tests of all modules, with the race detector where cgo works (needs only Go)
	@scripts/test.sh $(PACKAGES)

lint: tools ## formatting, vet, staticcheck, buf, tidy modules, shell scripts
	@scripts/lint.sh

fuzz: ## every fuzz target for FUZZTIME (20s) each
	@scripts/fuzz.sh $(FUZZTIME)

proto: tools ## generate proto/swimpb from swim.proto
	PATH="$(CURDIR)/.tools:$$PATH" buf generate

proto-check: tools ## fail if proto/swimpb is not what swim.proto generates
	@scripts/proto-check.sh

tools: .tools/stamp ## build the pinned tools (scripts/tools/go.mod) into .tools, once

.tools/stamp: scripts/tools/go.mod scripts/tools/go.sum
	@echo "building buf, protoc-gen-go, protoc-gen-go-grpc and staticcheck into .tools (minutes, once)"
	cd scripts/tools && GOWORK=off GOBIN="$(CURDIR)/.tools" go install -buildvcs=false tool
	@touch $@

cluster: build ## five nodes on this machine with a live member table; Ctrl-C stops all
	@go build -buildvcs=false -o bin/cluster ./tests/cmd/cluster
	@bin/cluster

demo: build ## the whole story without hands: start five, kill one, join a sixth, leave one
	@go build -buildvcs=false -o bin/demo ./tests/cmd/demo
	@bin/demo

bench-demo: build ## the figures of the demo: median, minimum and maximum of five runs
	@go build -buildvcs=false -o bin/demo ./tests/cmd/demo
	@bin/demo -runs 5 -csv run/bench-demo.csv

bench: bench-build bin/serf ## real processes beside memberlist and serf, hours; BENCH="-n 50 -faults kill", BENCH=-help
	@bin/bench $(BENCH)

bench-smoke: bench-build ## the same in small: five nodes, ours and memberlist, two minutes
	@bin/bench -n 5 -systems ours,memberlist -faults kill,half,stop,term,join -kills 2 -joins 1 -together 16 -rest 10s $(BENCH)

bench-build: build
	@go build -buildvcs=false -o bin/bench ./tests/cmd/bench
	@CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w" -o bin/memberlist ./tests/cmd/memberlist

# Without it the benchmark says so, and goes on with the others.
bin/serf: tests/peers/go.mod tests/peers/go.sum
	@echo "building the serf agent into bin (once)"
	-@cd tests/peers && CGO_ENABLED=0 GOWORK=off GOBIN="$(CURDIR)/bin" go install -buildvcs=false -trimpath -ldflags "-s -w" tool
	-@touch -c $@

bench-broadcast: ## what telling all members costs: one push on sockets, messages and time in virtual time (a quarter of an hour)
	@go test ./tests/bcast -count=1 -v -timeout 60m -bcast -bcast.docs "$(CURDIR)/docs/BENCHMARKS.md"

sim: ## drawn schedules of faults, audited; SEEDS=1..200 or fresh:50, N=5, HEADS=2, MODE=safety|liveness, TRACE=1
	@go build -buildvcs=false -o bin/sim ./tests/cmd/sim
	@bin/sim -seeds $(SEEDS) -n $(N) $(if $(HEADS),-heads $(HEADS)) $(if $(MODE),-mode $(MODE)) $(if $(TRACE),-trace)

sim-scale: ## a large cluster at rest in virtual time: how fast, how much memory; NODES=1000, DEATHS=5
	@go build -buildvcs=false -o bin/sim ./tests/cmd/sim
	@GOMAXPROCS=1 bin/sim -formed $(NODES) -for 10m -deaths $(DEATHS)

sim-paper: ## experiments of the literature beside memberlist, in virtual time (twenty minutes)
	@mkdir -p run/paper docs/benchmarks
	@go test ./tests/paper -count=1 -v -timeout 60m -paper -paper.out "$(CURDIR)/run/paper" \
		-paper.docs "$(CURDIR)/docs/BENCHMARKS.md" -paper.pictures "$(CURDIR)/docs/benchmarks"

sim-check: ## a fixed set of seeds, and fresh ones that nobody has run before
	@go build -buildvcs=false -o bin/sim ./tests/cmd/sim
	@for run in "1..300 2" "1..300 3" "1..1000 5" "fresh:200 3" "fresh:400 5" "fresh:100 8" "fresh:20 20" "1..300 5 2" "fresh:100 8 2"; do \
		set -- $$run; bin/sim -seeds $$1 -n $$2 -heads $${3:-0} || exit 1; \
	done

images: build ## the container images swim-detector and swim-disseminator, from bin/
	@for name in $(DAEMONS); do \
		docker build --quiet --tag swim-$$name --file deploy/docker/$$name.Dockerfile . || exit 1; \
	done

up: images ## five nodes as containers, until all are healthy and agree
	@scripts/up.sh
	@bin/swimctl members
	@echo
	@echo "make logs                           all logs, as they come"
	@echo "make logs SERVICE=node3             those of one node; node3-detector for one half"
	@echo "bin/swimctl watch                   every change; --addr 127.0.0.1:50062 asks node 2"
	@echo "make join                           a sixth node"
	@echo "make down                           remove everything"

join: any-up images ## a sixth container node, which joins the five of `make up` through node 1
	@scripts/join.sh

any-up: # says so at once, when there is no container node to join
	@scripts/nodes.sh >/dev/null

logs: ## follow the containers' logs; SERVICE=node3 for one node, node3-detector for a half
	@scripts/nodes.sh --all >/dev/null
	@scripts/logs.sh $(SERVICE)

down: ## stop and remove the containers and the network of `make up`
	@scripts/compose.sh down --remove-orphans

test-containers: images ## kill, restart and join container nodes, and see the others notice
	@scripts/test-containers.sh

clean: ## remove what the targets made: bin, run, .tools
	rm -rf bin run .tools

ci: lint proto-check test sim-check build demo ## what CI runs; container tests where an engine runs
	@if docker info >/dev/null 2>&1; then \
		$(MAKE) --no-print-directory test-containers; \
	else \
		echo "!!! SKIPPED: test-containers. No container engine answers 'docker info' here."; \
	fi
