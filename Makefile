# SPDX-License-Identifier: Apache-2.0
#
# Verbs only; CMake does the work, scripts/setup installs what is missing.

JOBS ?= $(shell nproc)
export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)
export CTEST_PARALLEL_LEVEL = $(JOBS)
export ASAN_OPTIONS = abort_on_error=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS = print_stacktrace=1
export TSAN_OPTIONS = halt_on_error=1:second_deadlock_stack=1

# $(call build,PRESET,FOLDER,TARGET): configure when that was not done yet,
# build.
build = [ -e $2/build.ninja ] || cmake --preset $1; \
	cmake --build $2 $(if $3,--target $3)

.PHONY: all run test asan tsan clang check bench bench-peers fuzz soak \
	histories nodes postgres mixed million laws differential fmt format \
	lint docs cover controls clean

all:
	@scripts/setup build
	@$(call build,dev,build,program)

run: all
	@mkdir -p var
	build/scimd serve --listen 127.0.0.1:8080 --store sqlite:var/scimd.db

test:
	@scripts/setup test
	@cmake --preset dev >/dev/null
	@$(call build,dev,build)
	@tools/run-tests build

asan tsan clang:
	@scripts/setup check
	@$(call build,$@,build/$@)
	@$(if $(filter tsan,$@),setarch -R) tools/run-tests build/$@

# Everything a commit must pass.
check: test asan tsan clang lint format controls
	tools/check-symbols --complete
	tools/check-spec
	@$(call build,release,build/release)
	tools/check-package build/release

fmt:
	@scripts/setup check
	clang-format -i $$(find src include tests bench examples -name '*.[ch]')

format:
	@scripts/setup check
	tools/check-format

lint:
	@scripts/setup check
	@$(call build,clang,build/clang)
	run-clang-tidy -quiet -j $(JOBS) -p build/clang '/(src|examples)/'

docs:
	@scripts/setup build
	tools/check-spec --write
	tools/check-docs

cover:
	@scripts/setup check
	@$(call build,coverage,build/coverage)
	@tools/run-coverage build/coverage

fuzz: T ?= 600
fuzz:
	@scripts/setup check
	@$(call build,fuzz,build/fuzz,fuzzers)
	@tools/run-fuzzers build/fuzz $(T)

# Merges by the hundred million, each asked for the laws of docs/merging.md.
laws: N ?= 100000000
laws:
	@scripts/setup test
	@$(call build,dev,build,merge_laws)
	@tools/run-laws build $(N) $(SEED)

soak: T ?= 1800
soak: all
	@tools/run-soak build $(T)

# The protocol suite on PostgreSQL; make test has a part of it.
postgres: all
	@scripts/setup test
	SCIMD_TEST_STORE=postgres SCIMD_BIN=$$PWD/build/scimd \
		tests/lib/with-postgres .venv/bin/python -m pytest -q \
		tests/conformance

histories: T ?= 600
histories:
	@scripts/setup test
	@$(call build,dev,build)
	.venv/bin/python tests/history/run.py --seconds $(T)

# The same of three nodes with one PostgreSQL, its standby and their faults.
nodes: T ?= 600
nodes:
	@scripts/setup test
	@$(call build,dev,build)
	.venv/bin/python tests/history/nodes.py --seconds $(T)

# An hour on a million users: what grows, and is anything lost?
mixed: T ?= 3600
mixed: USERS ?= 1000000
mixed:
	@scripts/setup test
	@$(call build,dev,build)
	@$(call build,dev,build,bench_programs)
	.venv/bin/python tests/history/mixed.py --users $(USERS) --seconds $(T)

# A group of a million members, through all that clients do with groups.
million: N ?= 1000000
million:
	@scripts/setup test
	@$(call build,dev,build,program bench_fill)
	SCIMD_BIN=$$PWD/build/scimd .venv/bin/python tests/million/run.py \
		--size $(N) --fill build/bench/fill

bench:
	@scripts/setup bench
	@$(call build,dev,build)
	@bench/run

# Other servers of SCIM beside scimd, installed from their registries.
bench-peers:
	@scripts/setup bench-peers
	@$(call build,dev,build)
	@bench/peers/install
	@bench/peers/run

# 10,000 random filters and patches through scimd and libraries of others.
differential: export SCIMD_DIFFERENTIAL ?= 10000
differential: all
	@scripts/setup test
	SCIMD_BIN=$$PWD/build/scimd .venv/bin/python -m pytest -q \
		tests/interop/test_differential.py

# Servers with a bug in them: the self-test and the checker of histories must
# find it.  Six ways to merge wrongly: the laws must.
controls: all
	@scripts/setup test
	@$(call build,dev,build,merge_controls check-history)
	@tools/run-laws --controls build
	@$(call build,seeded,build/seeded)
	SCIMD_BIN=$$PWD/build/scimd SCIMD_SEEDED_BIN=$$PWD/build/seeded/scimd \
		.venv/bin/python -m pytest -q -rP -k is_found \
		tests/interop/test_selftest.py
	.venv/bin/python tests/history/controls.py build/seeded/scimd \
		build/tests/check-history

clean:
	rm -rf build
