# SPDX-License-Identifier: Apache-2.0
#
# What ctest runs.  The pytest suites are run beside it by tools/run-tests.

# Who only wants the program need not have what tests want; make test installs
# it and configures anew.
pkg_check_modules(SCIMD_CMOCKA IMPORTED_TARGET cmocka)
if(NOT SCIMD_CMOCKA_FOUND)
	message(STATUS "cmocka is missing: the tests are left out")
	return()
endif()
set(tests_dir "${PROJECT_SOURCE_DIR}/tests")

# All that tests share: tests/lib, and what they test.
file(GLOB test_lib CONFIGURE_DEPENDS "${tests_dir}/lib/*.c")
if(NOT SCIMD_PQ_FOUND)
	list(FILTER test_lib EXCLUDE REGEX "/postgres\\.c$")
	list(APPEND test_lib "${tests_dir}/lib/absent/postgres.c")
endif()
add_library(scimd_test_lib STATIC ${test_lib} "${nothing_c}")
scimd_own_target(scimd_test_lib)
# cmocka hands every test a state, and few have a use for it.
target_compile_options(scimd_test_lib INTERFACE -Wno-unused-parameter)
target_include_directories(scimd_test_lib PUBLIC "${tests_dir}")
target_link_libraries(scimd_test_lib
	PUBLIC scimd_static ${library_needs} PkgConfig::SCIMD_CMOCKA)
if(TARGET scimd_app)
	target_link_libraries(scimd_test_lib PUBLIC scimd_app)
endif()

function(scimd_test_program target)
	add_executable(${target} ${ARGN})
	scimd_own_target(${target})
	target_link_libraries(${target} PRIVATE scimd_test_lib)
	set_target_properties(${target} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
endfunction()

function(scimd_add_test name)
	add_test(NAME "${name}" COMMAND ${ARGN}
		WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
	set_tests_properties("${name}" PROPERTIES TIMEOUT 300)
endfunction()

# Unit tests mirror src; contract tests are one program each, and share the
# files of tests/contract that are not named test_*.
file(GLOB_RECURSE unit_tests CONFIGURE_DEPENDS
	"${tests_dir}/unit/test_*.c")
file(GLOB contract_tests CONFIGURE_DEPENDS "${tests_dir}/contract/test_*.c")
file(GLOB contract_common CONFIGURE_DEPENDS "${tests_dir}/contract/*.c")
list(FILTER contract_common EXCLUDE REGEX "/test_[^/]*$")
foreach(source IN LISTS unit_tests contract_tests)
	cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${tests_dir}"
		OUTPUT_VARIABLE name)
	string(REGEX REPLACE "test_([^/]*)\\.c$" "\\1" name "${name}")
	string(REPLACE "/" "_" target "${name}")
	if(source IN_LIST contract_tests)
		scimd_test_program(${target} "${source}" ${contract_common})
	else()
		scimd_test_program(${target} "${source}")
	endif()
	if(SCIMD_PQ_FOUND AND (source IN_LIST contract_tests
		OR name MATCHES "/store/postgres/"))
		scimd_add_test("${name}" "${tests_dir}/lib/with-postgres"
			"$<TARGET_FILE:${target}>")
	else()
		scimd_add_test("${name}" ${target})
	endif()
endforeach()

# What says of a recorded history whether anything was lost.
set(checker "${tests_dir}/history/checker.c" "${tests_dir}/history/members.c")
scimd_test_program(check-history "${tests_dir}/history/main.c" ${checker})
scimd_test_program(history_checker
	"${tests_dir}/history/test_checker.c" ${checker})
scimd_add_test(history/checker history_checker)

# The laws of merging: a few merges with every test run, very many by
# make laws; and once for each bug that they have to find, by make controls.
file(GLOB law_sources CONFIGURE_DEPENDS "${tests_dir}/property/*.c")
file(GLOB merge_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/merge/*.c")
scimd_test_program(merge_laws ${law_sources})
scimd_add_test("property/merge_laws" merge_laws 300000)
add_custom_target(merge_controls)
foreach(bug SLOT_RULE SILENT_DELETE LAST_WRITER PRIMARY_EACH REMOVED_RETURNS
	IDENTITY_TYPE)
	string(TOLOWER "merge_laws_${bug}" target)
	scimd_test_program(${target} ${law_sources} ${merge_sources})
	set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
	target_compile_definitions(${target} PRIVATE
		SCIMD_SEEDED_BUG_MERGE_${bug})
	add_dependencies(merge_controls ${target})
endforeach()

# Every public header stands alone, in the oldest C and C++ we promise.
file(GLOB_RECURSE public_headers CONFIGURE_DEPENDS
	"${PROJECT_SOURCE_DIR}/include/*.h")
foreach(header IN LISTS public_headers)
	cmake_path(RELATIVE_PATH header
		BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/include"
		OUTPUT_VARIABLE name)
	foreach(language c99 c++11)
		string(REGEX REPLACE "[0-9]+" "" kind "${language}")
		scimd_add_test("headers/${language}/${name}"
			"${CMAKE_C_COMPILER}" -x ${kind} -std=${language}
			-pedantic -Wall -Wextra -Werror -fsyntax-only
			-I "${PROJECT_SOURCE_DIR}/include"
			-include "${name}" /dev/null)
	endforeach()
endforeach()

# Programs of a host, which see nothing but the public headers and the .so.
file(GLOB hosts CONFIGURE_DEPENDS "${tests_dir}/embed/*.c"
	"${PROJECT_SOURCE_DIR}/examples/*.c")
foreach(source IN LISTS hosts)
	cmake_path(GET source STEM name)
	cmake_path(GET source PARENT_PATH folder)
	cmake_path(GET folder FILENAME folder)
	add_executable(${folder}_${name} "${source}")
	target_link_libraries(${folder}_${name} PRIVATE scimd_shared)
	target_link_options(${folder}_${name} PRIVATE
		$<TARGET_PROPERTY:scimd_flags,INTERFACE_LINK_OPTIONS>)
	set_target_properties(${folder}_${name} PROPERTIES
		C_STANDARD 99 C_EXTENSIONS OFF
		RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${folder}")
	scimd_add_test("${folder}/${name}"
		"${PROJECT_SOURCE_DIR}/tools/run-example"
		"$<TARGET_FILE:${folder}_${name}>")
endforeach()

# Fuzzers: under libFuzzer in the fuzz preset; everywhere else their corpora
# are replayed through standalone.c.
add_custom_target(fuzzers)
file(GLOB fuzzers CONFIGURE_DEPENDS "${tests_dir}/fuzz/fuzz_*.c")
foreach(source IN LISTS fuzzers)
	cmake_path(GET source STEM target)
	string(REGEX REPLACE "^fuzz_" "" name "${target}")
	set(corpus "${tests_dir}/fuzz/corpus/${name}")
	if(SCIMD_FUZZ)
		scimd_test_program(${target} "${source}")
		target_link_options(${target} PRIVATE -fsanitize=fuzzer)
		add_dependencies(fuzzers ${target})
	else()
		scimd_test_program(${target} "${source}"
			"${tests_dir}/fuzz/standalone.c")
		scimd_add_test("fuzz/${name}" ${target} "${corpus}")
	endif()
endforeach()

# The gates, and the documents' own commands.  A sanitizer adds nothing there.
if(NOT SCIMD_SANITIZE)
	foreach(gate layers sizes docs format statements)
		scimd_add_test("gate/${gate}"
			"${PROJECT_SOURCE_DIR}/tools/check-${gate}")
	endforeach()
	scimd_add_test("gate/symbols"
		"${PROJECT_SOURCE_DIR}/tools/check-symbols"
		"${PROJECT_BINARY_DIR}")
	file(GLOB pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/*.md"
		"${PROJECT_SOURCE_DIR}/docs/*.md")
	foreach(page IN LISTS pages)
		file(STRINGS "${page}" commands REGEX "^```sh$")
		if(commands)
			cmake_path(GET page STEM name)
			scimd_add_test("examples/${name}"
				"${PROJECT_SOURCE_DIR}/tools/run-doc-examples"
				"${page}" "${PROJECT_BINARY_DIR}")
			set_property(DIRECTORY APPEND PROPERTY
				CMAKE_CONFIGURE_DEPENDS "${page}")
		endif()
	endforeach()
endif()
