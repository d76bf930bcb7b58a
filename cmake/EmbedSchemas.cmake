# SPDX-License-Identifier: Apache-2.0
#
# cmake -DDIR=<schemas> -DOUT=<file.c> -P EmbedSchemas.cmake
#
# Writes the bytes of every JSON file under DIR into OUT, in order of name;
# src/schema/builtin.h declares what comes out.

file(GLOB_RECURSE names RELATIVE "${DIR}" "${DIR}/*.json")
list(SORT names)
set(arrays "")
set(entries "")
set(n 0)
foreach(name IN LISTS names)
	file(READ "${DIR}/${name}" hex HEX)
	string(LENGTH "${hex}" digits)
	math(EXPR len "${digits} / 2")
	string(REGEX REPLACE "(................................)" "\\1\n\t"
		hex "${hex}")
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
	string(APPEND arrays
		"static const unsigned char file_${n}[] = {\n\t${hex}0x00\n};\n\n")
	string(APPEND entries
		"\t{ \"${name}\", (const char *)file_${n}, ${len} },\n")
	math(EXPR n "${n} + 1")
endforeach()
file(WRITE "${OUT}"
"/* Made by cmake/EmbedSchemas.cmake; edit schemas/ instead. */

#include <stddef.h>

#include \"schema/builtin.h\"

${arrays}const struct scim__builtin_schema_file scim__builtin_schema_files[] = {
${entries}\t{ NULL, NULL, 0 },
};

const size_t scim__builtin_schema_file_count = ${n};
")
