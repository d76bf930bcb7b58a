# SPDX-License-Identifier: Apache-2.0
#
# The flags of every target of ours, gathered in scimd_flags.

include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(scimd_flags INTERFACE)
target_compile_features(scimd_flags INTERFACE c_std_11)
target_compile_definitions(scimd_flags INTERFACE
	_POSIX_C_SOURCE=200809L _DEFAULT_SOURCE
	SCIMD_VERSION="${PROJECT_VERSION}")
target_compile_options(scimd_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wswitch-enum
	-Wformat=2 -fno-omit-frame-pointer)
target_include_directories(scimd_flags INTERFACE
	"${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")

# A compiler of tomorrow warns of more, and that must not stop a user's build:
# warnings are errors where these sources are known to have none.
set(tried_compilers "GNU 12" "Clang 14")
string(REGEX MATCH "^[0-9]+" compiler "${CMAKE_C_COMPILER_VERSION}")
set(compiler "${CMAKE_C_COMPILER_ID} ${compiler}")
if(SCIMD_WERROR AND compiler IN_LIST tried_compilers)
	target_compile_options(scimd_flags INTERFACE -Werror)
endif()

# Bugs on purpose; see src/base/seeded.h.
if(SCIMD_SEEDED)
	target_compile_definitions(scimd_flags INTERFACE SCIMD_SEEDED)
endif()

if(SCIMD_SANITIZE)
	target_compile_options(scimd_flags INTERFACE
		-fsanitize=${SCIMD_SANITIZE} -fno-sanitize-recover=all)
	target_link_options(scimd_flags INTERFACE
		-fsanitize=${SCIMD_SANITIZE})
elseif(SCIMD_HARDEN)
	target_compile_options(scimd_flags INTERFACE
		-fstack-protector-strong -fstack-clash-protection
		$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
		$<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
	target_link_options(scimd_flags INTERFACE
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

if(SCIMD_FUZZ)
	target_compile_options(scimd_flags INTERFACE
		-fsanitize=fuzzer-no-link)
endif()

# For a library whose folders hold no source: a library needs one.
set(nothing_c "${PROJECT_BINARY_DIR}/generated/nothing.c")
file(CONFIGURE OUTPUT "${nothing_c}"
	CONTENT "typedef int scim__nothing;\n")

function(scimd_own_target target)
	set_target_properties(${target} PROPERTIES
		C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
	target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:scimd_flags>)
endfunction()
