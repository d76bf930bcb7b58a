# SPDX-License-Identifier: Apache-2.0
#
# The C programs of bench/, each one file; bench/run builds and calls them.

file(GLOB bench_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.c")
add_custom_target(bench_programs)
foreach(source IN LISTS bench_sources)
	cmake_path(GET source STEM name)
	add_executable(bench_${name} EXCLUDE_FROM_ALL "${source}")
	scimd_own_target(bench_${name})
	target_include_directories(bench_${name} PRIVATE
		"${PROJECT_SOURCE_DIR}/bench")
	target_link_libraries(bench_${name} PRIVATE scimd_static
		${library_needs})
	set_target_properties(bench_${name} PROPERTIES
		OUTPUT_NAME ${name}
		RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
	add_dependencies(bench_programs bench_${name})
endforeach()
