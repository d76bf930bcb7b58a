# SPDX-License-Identifier: Apache-2.0
#
# Also read by the installed scimdConfig.cmake, whose users of the static
# library need the same imported targets.

find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
pkg_check_modules(SCIMD_SQLITE REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(SCIMD_CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(SCIMD_SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SCIMD_UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(SCIMD_YYJSON REQUIRED IMPORTED_TARGET yyjson>=0.10)

# Without libpq there is no postgres:// store, and all the rest is as it is.
option(SCIMD_POSTGRES "Build the PostgreSQL store where libpq is found" ON)
if(SCIMD_POSTGRES)
	pkg_check_modules(SCIMD_PQ IMPORTED_TARGET libpq>=14)
endif()
