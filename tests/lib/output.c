/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/output.h"

#include <unistd.h>

#include "lib/test.h"

void
output_take(struct output *output)
{
	(void)fflush(stdout);
	(void)fflush(stderr);
	output->file_out = tmpfile();
	output->file_err = tmpfile();
	assert_non_null(output->file_out);
	assert_non_null(output->file_err);
	output->saved_out = dup(STDOUT_FILENO);
	output->saved_err = dup(STDERR_FILENO);
	assert_int_equal(
	    dup2(fileno(output->file_out), STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(
	    dup2(fileno(output->file_err), STDERR_FILENO), STDERR_FILENO);
}

static void
read_all(FILE *file, char *text, size_t size)
{
	rewind(file);
	size_t len = fread(text, 1, size - 1, file);

	text[len] = '\0';
	(void)fclose(file);
}

void
output_give_back(struct output *output)
{
	(void)fflush(stdout);
	(void)fflush(stderr);
	(void)dup2(output->saved_out, STDOUT_FILENO);
	(void)dup2(output->saved_err, STDERR_FILENO);
	(void)close(output->saved_out);
	(void)close(output->saved_err);
	read_all(output->file_out, output->out, sizeof(output->out));
	read_all(output->file_err, output->err, sizeof(output->err));
}
