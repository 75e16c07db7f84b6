# Every recipe finds its engine by itself: no exports are needed.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
IMAGE ?= org/poetry-frontend:1
in_engine = env=$$(harness/engine env); eval "$$env";

.PHONY: help engine engine-down engine-env image demo test test-matrix bench fuzz lint

help:
	@echo 'make engine              bring up an engine, if none is there'
	@echo 'make engine-down         stop it; its data stays'
	@echo 'eval "$$(make -s engine-env)"   use it in this shell'
	@echo 'make image [IMAGE=REF]   build the frontend image ($(IMAGE)); push it when REF is on a local registry'
	@echo 'make demo                build an example with it'
	@echo 'make test                run all tests'
	@echo 'make test-matrix         prove with every Poetry that the manifest installs what the project does'
	@echo 'make bench               measure rebuilds against Dockerfiles, and write docs/rebuild.md'
	@echo 'make fuzz                feed each parser with made-up input for a minute (needs cargo-fuzz and a C++ compiler)'
	@echo 'make lint                formatting, clippy, shellcheck'

engine:
	@harness/engine up

engine-down:
	@harness/engine down

engine-env:
	@harness/engine env

image: engine
	@$(in_engine) harness/image '$(IMAGE)'

demo: engine
	@$(in_engine) harness/demo

test: engine
	@$(in_engine) harness/test

test-matrix:
	@harness/test-matrix

bench:
	@harness/bench

# Without a sanitizer, so that the stable toolchain does: no code here is unsafe.
fuzz:
	cd fuzz && for target in build_file pyproject lock ignore options; do \
		mkdir -p corpus/$$target; \
		cargo fuzz run --sanitizer none $$target corpus/$$target seeds/$$target -- \
			-max_total_time=60 -timeout=10 -rss_limit_mb=1024 -max_len=65536; \
	done

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	if type -P shellcheck >/dev/null; then shellcheck -x $$(grep -slE '^#!.*bash|shell=bash' harness/*); fi
