# Shortcuts for the scripts in harness/ and for `cargo xtask`, which has all commands.
IMAGE ?= org/poetry-frontend:0.1

.PHONY: help check engine engine-down engine-env image demo test test-matrix bench fuzz lint generate

help:
	@echo 'make check               run everything that CI runs: lint, generated files, tests'
	@echo 'make lint                check formatting, lints and dependencies'
	@echo 'make generate            update the generated documents and snapshots'
	@echo 'make site                build the documentation into target/site'
	@echo 'make test                run all tests'
	@echo 'make test-matrix         compare installs with every supported Poetry'
	@echo 'make fuzz                fuzz each parser for a minute'
	@echo 'make bench               compare rebuilds with Dockerfiles, and write docs/rebuild.md'
	@echo 'make demo                build the frontend and an example with it'
	@echo 'make image [IMAGE=REF]   build the frontend image ($(IMAGE)); push it if REF is in a local registry'
	@echo 'make engine              start an engine unless one is running'
	@echo 'make engine-down         stop the engine and keep its data'
	@echo 'eval "$$(make -s engine-env)"   use the engine in this shell'

check:
	@cargo xtask check

lint:
	@harness/lint

generate:
	@cargo xtask generate

site:
	@harness/site

test:
	@harness/test

test-matrix:
	@harness/test-matrix

fuzz:
	@cargo xtask fuzz

bench:
	@harness/bench

demo:
	@harness/demo

image:
	@harness/image '$(IMAGE)'

engine:
	@harness/engine up

engine-down:
	@harness/engine down

engine-env:
	@harness/engine env
