SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench crash-free

BUILD := swift build --explicit-target-dependency-import-check error
SWIFT_SOURCES := Package.swift $(wildcard Sources Tests Benchmarks/Package.swift Benchmarks/Sources)
SCRIPTS := $(shell grep -lE '^\#!.*\bbash' scripts/* .ci/run 2>/dev/null)
# Swift Testing's last line; a run of nothing is no run.
RAN := Test run with [1-9][0-9]* test

help:
	@echo 'make run         sets up, builds and starts the sandbox on http://127.0.0.1:8080'
	@echo 'make test        builds and runs all tests'
	@echo 'make check       format, layering, manifests, definitions, scripts'
	@echo 'make crash-free  only the tests that kill the bot and start it again'
	@echo 'make bench       the benchmarks'
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
	swift test --skip-build 2>&1 | tee .build/test.log
	@grep -qE '$(RAN)' .build/test.log || { echo 'test: no test ran' >&2; exit 1; }

check:
	scripts/setup
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	scripts/check-layering
	scripts/check-manifests
	shellcheck $(SCRIPTS)
	$(BUILD) --product defimon
	.build/debug/defimon check

crash-free:
	scripts/setup
	$(BUILD) --build-tests
	swift test --skip-build --filter Crash 2>&1 | tee .build/crash-free.log
	@grep -qE '$(RAN)' .build/crash-free.log || { echo 'crash-free: no test ran' >&2; exit 1; }

bench:
	@[ -f Benchmarks/Package.swift ] || { echo 'bench: there is no package in Benchmarks/' >&2; exit 1; }
	cd Benchmarks && swift run -c release
