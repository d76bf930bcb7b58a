/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_CLI_ARGS_H
#define SCIM_CLI_ARGS_H

#include <stddef.h>
#include <stdint.h>

/* An option with a value: "--store URL" or "--store=URL". */
struct scim__cli_option {
	const char *name;  /* "--store" */
	const char *value; /* NULL: not given */
};

/*
 * Takes the options out of argv[1..] and moves the words that are left to
 * argv[1..]; returns how many.  -1: an unknown option, one without its value
 * or one given twice; said on stderr.  After "--" all are words.
 */
int scim__cli_read_args(
    int argc, char **argv, struct scim__cli_option *options, size_t count);

/* "90d", "12h", "30m", "60s" in milliseconds, at most 100 years; -1 if it is
 * not. */
int64_t scim__cli_read_span(const char *text);

/* A whole number from `least` to `most`; -1 if it is not. */
int64_t scim__cli_read_number(const char *text, int64_t least, int64_t most);

/* Whether "--help" or "-h" stands among the arguments. */
int scim__cli_wants_help(int argc, char **argv);

#endif
