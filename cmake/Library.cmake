# SPDX-License-Identifier: Apache-2.0
#
# libscimd, static and shared, out of one set of objects.  Only what a public
# header marks SCIM_EXPORT leaves the shared one; scim__* stays inside.

set(library_folders base json schema filter patch merge version policy
	store provider handler)
set(library_sources)
foreach(folder IN LISTS library_folders)
	file(GLOB_RECURSE found CONFIGURE_DEPENDS
		"${PROJECT_SOURCE_DIR}/src/${folder}/*.c")
	list(APPEND library_sources ${found})
endforeach()

# What is there of a backend whose library is not.
if(SCIMD_PQ_FOUND)
	list(FILTER library_sources EXCLUDE REGEX "/store/absent/postgres\\.c$")
else()
	list(FILTER library_sources EXCLUDE REGEX "/store/postgres/")
	message(STATUS "libpq is left out: no postgres:// store")
endif()

file(GLOB_RECURSE schema_files CONFIGURE_DEPENDS
	"${PROJECT_SOURCE_DIR}/schemas/*.json")
set(builtin_c "${PROJECT_BINARY_DIR}/generated/builtin_schemas.c")
add_custom_command(OUTPUT "${builtin_c}"
	COMMAND "${CMAKE_COMMAND}" "-DDIR=${PROJECT_SOURCE_DIR}/schemas"
		"-DOUT=${builtin_c}"
		-P "${PROJECT_SOURCE_DIR}/cmake/EmbedSchemas.cmake"
	DEPENDS ${schema_files} "${PROJECT_SOURCE_DIR}/cmake/EmbedSchemas.cmake"
	COMMENT "Embedding the shipped schemas"
	VERBATIM)

add_library(scimd_objects OBJECT ${library_sources} "${builtin_c}")
scimd_own_target(scimd_objects)
set_target_properties(scimd_objects PROPERTIES C_VISIBILITY_PRESET hidden)
set(library_needs Threads::Threads PkgConfig::SCIMD_SQLITE
	PkgConfig::SCIMD_CRYPTO PkgConfig::SCIMD_SODIUM
	PkgConfig::SCIMD_UTF8PROC PkgConfig::SCIMD_YYJSON)
set(library_packages sqlite3 libcrypto libsodium libutf8proc yyjson)
if(SCIMD_PQ_FOUND)
	list(APPEND library_needs PkgConfig::SCIMD_PQ)
	list(APPEND library_packages libpq)
endif()
list(JOIN library_packages " " library_packages)
target_link_libraries(scimd_objects PRIVATE ${library_needs})

set(export_map "${PROJECT_SOURCE_DIR}/cmake/exports.map")
add_library(scimd_static STATIC $<TARGET_OBJECTS:scimd_objects>)
add_library(scimd_shared SHARED $<TARGET_OBJECTS:scimd_objects>)
foreach(kind static shared)
	scimd_own_target(scimd_${kind})
	set_target_properties(scimd_${kind} PROPERTIES
		OUTPUT_NAME scimd
		EXPORT_NAME ${kind}
		LINKER_LANGUAGE C)
	target_include_directories(scimd_${kind} INTERFACE
		$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
		$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
	target_link_libraries(scimd_${kind} PRIVATE ${library_needs})
	add_library(scimd::${kind} ALIAS scimd_${kind})
endforeach()
set_target_properties(scimd_shared PROPERTIES
	VERSION ${PROJECT_VERSION}
	SOVERSION ${PROJECT_VERSION_MAJOR}
	LINK_DEPENDS "${export_map}")
target_link_options(scimd_shared PRIVATE
	"-Wl,--version-script=${export_map}")

if(BUILD_SHARED_LIBS)
	add_library(scimd::scimd ALIAS scimd_shared)
else()
	add_library(scimd::scimd ALIAS scimd_static)
endif()
