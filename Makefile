# SPDX-License-Identifier: Apache-2.0
#
# Verbs only; CMake does the work, scripts/setup installs what is missing.

T ?= 600
JOBS ?= $(shell nproc)
export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)
export CTEST_PARALLEL_LEVEL = $(JOBS)
export ASAN_OPTIONS = abort_on_error=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS = print_stacktrace=1
export TSAN_OPTIONS = halt_on_error=1:second_deadlock_stack=1

# $(call build,PRESET,FOLDER): configure when that was not done yet, build.
build = [ -e $2/build.ninja ] || cmake --preset $1; cmake --build $2

.PHONY: all run test asan tsan clang check bench fuzz soak fmt format lint \
	docs cover clean

all:
	@scripts/setup build
	@$(call build,dev,build)

run: all
	@mkdir -p var
	build/scimd serve --listen 127.0.0.1:8080 --store sqlite:var/scimd.db

test:
	@scripts/setup test
	@$(call build,dev,build)
	@tools/run-tests build

asan tsan clang:
	@scripts/setup check
	@$(call build,$@,build/$@)
	@$(if $(filter tsan,$@),setarch -R) tools/run-tests build/$@

clean:
	rm -rf build
