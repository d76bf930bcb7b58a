# SPDX-License-Identifier: Apache-2.0
#
# The program.  All of it but main.c is also a library, scimd_app, so that the
# unit tests of http, mcp, daemon and cli can link what they test.

pkg_check_modules(SCIMD_UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(SCIMD_LLHTTP REQUIRED IMPORTED_TARGET libllhttp)
pkg_check_modules(SCIMD_SSL REQUIRED IMPORTED_TARGET libssl>=3.0)
pkg_check_modules(SCIMD_CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(SCIMD_INIH REQUIRED IMPORTED_TARGET inih)

set(app_sources)
foreach(folder http mcp transfer daemon cli)
	file(GLOB_RECURSE found CONFIGURE_DEPENDS
		"${PROJECT_SOURCE_DIR}/src/${folder}/*.c")
	list(APPEND app_sources ${found})
endforeach()
set(main_source ${app_sources})
list(FILTER main_source INCLUDE REGEX "/main\\.c$")
list(FILTER app_sources EXCLUDE REGEX "/main\\.c$")

add_library(scimd_app STATIC ${app_sources} "${nothing_c}")
scimd_own_target(scimd_app)
target_link_libraries(scimd_app
	PUBLIC scimd_static ${library_needs} PkgConfig::SCIMD_UV
		PkgConfig::SCIMD_LLHTTP PkgConfig::SCIMD_SSL
		PkgConfig::SCIMD_CURL PkgConfig::SCIMD_INIH)

if(main_source)
	add_executable(scimd_program ${main_source})
	scimd_own_target(scimd_program)
	set_target_properties(scimd_program PROPERTIES OUTPUT_NAME scimd)
	target_link_libraries(scimd_program PRIVATE scimd_app)
endif()
