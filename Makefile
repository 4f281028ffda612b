SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run test test-release check bench crash

BUILD := swift build --explicit-target-dependency-import-check error
SWIFT_SOURCES := Package.swift $(wildcard Sources Tests Benchmarks/Package.swift Benchmarks/Sources)
SCRIPTS := $(shell grep -lE '^\#!.*\bbash' scripts/* .ci/run deploy/*/*/*.sh deploy/*/*/*/*.sh 2>/dev/null)
# More tests side by side than this only wait for each other. Seconds after which a run that hangs is a failed one: the
# tests take two minutes.
TEST := SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=12 timeout --kill-after=30 1500 swift test --skip-build
# Swift Testing's last line; a run of nothing is no run.
RAN := Test run with [1-9][0-9]* test
# Runs the tests that $(1) selects, with what failed once more at the end, where one looks first.
RUN = $(TEST) $(1) 2>&1 | tee .build/$(2).log || { echo; echo '$(2): what failed (all of it is in .build/$(2).log):'; \
	grep -a '✘.* recorded an issue' .build/$(2).log | cut -c 1-600 | tail -20; exit 1; }

help:
	@echo 'make run         sets up, builds and starts the sandbox on http://127.0.0.1:8080'
	@echo 'make test        builds and runs all tests'
	@echo 'make test-release  builds release and drives that program from outside'
	@echo 'make check       format, layering, manifests, definitions, scripts'
	@echo 'make crash       kills the bot at random moments and counts; ROUNDS=200, SEED=… repeats a run'
	@echo 'make bench       builds release, measures it, writes the tables of docs/performance.md'
	@echo 'make setup       installs what builds and tests need'

setup:
	scripts/setup

# The debug build: it is ready in a fraction of the time that a release build takes.
run:
	scripts/setup build
	$(BUILD) --product defimon
	exec .build/debug/defimon sandbox --port 8080

test:
	scripts/setup
	$(BUILD) --build-tests
	$(call RUN,,test)
	@grep -qE '$(RAN)' .build/test.log || { echo 'test: no test ran' >&2; exit 1; }

check:
	scripts/setup
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	scripts/check-layering
	scripts/check-manifests
	scripts/check-cloud-init
	shellcheck $(SCRIPTS)
	$(BUILD) --product defimon
	.build/debug/defimon check
	.build/debug/defimon schema reference | diff -u docs/definitions.md - \
		|| { echo 'check: docs/definitions.md is old; write it anew with: defimon schema reference' >&2; exit 1; }
	.build/debug/defimon schema google-cloud-role | diff -u deploy/infrastructure-pool/iam/role.json - \
		|| { echo 'check: role.json is old; write it anew with: defimon schema google-cloud-role' >&2; exit 1; }

# The program as it is shipped, driven from outside.
test-release:
	scripts/setup
	swift build -c release --product defimon
	$(BUILD) --build-tests
	export DEFIMON_BINARY=$(CURDIR)/.build/release/defimon; $(call RUN,--filter AppTests,test-release)
	@grep -qE '$(RAN)' .build/test-release.log || { echo 'test-release: no test ran' >&2; exit 1; }

# The debug build, killed ROUNDS times; about a second each, and the time until all is told.
ROUNDS ?= 200
SEED ?=
crash:
	scripts/setup
	$(BUILD) --build-tests
	export DEFIMON_CRASH_ROUNDS=$(ROUNDS) $(if $(SEED),DEFIMON_CRASH_SEED=$(SEED)); \
	timeout --kill-after=30 $$((600 + 8 * $(ROUNDS))) swift test --skip-build --filter CrashTests 2>&1 \
		| tee .build/crash.log | grep -aE --line-buffered '^crash:|✘|↳|error:' \
		|| { echo 'crash: failed (all of it is in .build/crash.log)' >&2; exit 1; }
	@grep -qE '$(RAN)' .build/crash.log || { echo 'crash: no test ran' >&2; exit 1; }

# Loads and measures; needs the machine for itself, and about ten minutes after the builds.
bench:
	scripts/setup bench
	swift build -c release --product defimon
	swift build -c release --package-path Benchmarks
	cd Benchmarks && python3 -m bench
