/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_OUTPUT_H
#define TESTS_LIB_OUTPUT_H

#include <stdio.h>

/* What a verb writes while its output is taken. */
struct output {
	char out[16384], err[16384];
	int saved_out, saved_err;
	FILE *file_out, *file_err;
};

void output_take(struct output *output);

/* Stops taking; what was written is in `out` and `err`. */
void output_give_back(struct output *output);

#endif
