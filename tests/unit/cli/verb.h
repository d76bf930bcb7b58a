/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CLI_VERB_H
#define TESTS_UNIT_CLI_VERB_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/output.h"
#include "lib/test.h"

enum { LINE_MOST = 16 };

/* A verb on a store of its own, as a shell would call it. */
struct shell {
	char folder[64];
	char url[128]; /* "sqlite:…" */
	struct output output;
};

static inline void
shell_open(struct shell *sh)
{
	(void)strcpy(sh->folder, "/tmp/scimd-cli-XXXXXX");
	assert_non_null(mkdtemp(sh->folder));
	(void)snprintf(
	    sh->url, sizeof(sh->url), "sqlite:%s/scimd.db", sh->folder);
	assert_int_equal(setenv("SCIMD_STORE", sh->url, 1), 0);
}

static inline void
shell_close(struct shell *sh)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r '%s'", sh->folder);
	assert_int_equal(system(command), 0);
	(void)unsetenv("SCIMD_STORE");
}

/* Runs it with what stands between blanks in `line`; argv[0] is the verb. */
static inline int
shell_run(
    struct shell *sh, int (*verb)(int argc, char **argv), const char *line)
{
	char words[512], *argv[LINE_MOST + 1] = { NULL };
	int argc = 0;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *at = strtok(words, " "); at != NULL && argc < LINE_MOST;
	     at = strtok(NULL, " "))
		argv[argc++] = at;
	output_take(&sh->output);
	int code = verb(argc, argv);
	output_give_back(&sh->output);
	return code;
}

/* A line that goes wrong: how it ends, and what it says on stderr. */
struct mistake {
	const char *line;
	int code;
	const char *err;
};

static inline void
shell_expect_mistakes(struct shell *sh, int (*verb)(int argc, char **argv),
    const struct mistake *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (shell_run(sh, verb, rows[i].line) != rows[i].code)
			fail_msg("\"%s\"", rows[i].line);
		assert_string_equal(sh->output.out, "");
		if (strstr(sh->output.err, rows[i].err) == NULL)
			fail_msg(
			    "\"%s\" said \"%s\"", rows[i].line, sh->output.err);
	}
}

/* `name` is the verb's; the help begins with `usage: scimd name`. */
static inline void
shell_expect_help(
    struct shell *sh, int (*verb)(int argc, char **argv), const char *name)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s --help", name);
	assert_int_equal(shell_run(sh, verb, text), SCIM__CLI_DONE);
	(void)snprintf(text, sizeof(text), "usage: scimd %s", name);
	assert_non_null(strstr(sh->output.out, text));
	assert_string_equal(sh->output.err, "");
}

#endif
