/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check-history FILE...: was anything lost?
 *
 * Each file is an array of struct history_op, as tests/history/recorder.py
 * writes it.  Exit 0 when an order explains all of it, 1 when none does, 2
 * when a file can't be read.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history/checker.h"

struct record {
	struct history_op *ops;
	size_t count;
};

static bool
read_file(const char *path, struct record *out)
{
	FILE *file = fopen(path, "rb");
	long size = -1;

	if (file == NULL)
		return false;
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	rewind(file);
	bool whole = size > 0 && (size_t)size % sizeof(*out->ops) == 0;
	out->ops = whole ? malloc((size_t)size) : NULL;
	out->count = whole ? (size_t)size / sizeof(*out->ops) : 0;
	bool fine = out->ops != NULL &&
	    fread(out->ops, sizeof(*out->ops), out->count, file) == out->count;
	(void)fclose(file);
	if (!fine)
		free(out->ops);
	return fine;
}

/* Members first, the rest behind them; returns how many are members. */
static size_t
part(struct history_op *ops, size_t count)
{
	size_t members = 0;

	for (size_t i = 0; i < count; i++) {
		struct history_op op = ops[i];

		if (op.kind < HISTORY_ADD)
			continue;
		ops[i] = ops[members];
		ops[members++] = op;
	}
	return members;
}

static bool
check(const char *path, struct record *record)
{
	clock_t began = clock();
	size_t members = part(record->ops, record->count);
	struct history_finding found =
	    history_check_members(record->ops, members);

	if (found.verdict == HISTORY_FINE)
		found = history_check(
		    record->ops + members, record->count - members);
	double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
	if (found.verdict == HISTORY_FINE) {
		printf("%s: %zu operations, %s (%.2f s)\n", path, record->count,
		    history_verdict_text(found.verdict), seconds);
		return true;
	}
	printf("%s: %s: resource %u, state %llu, other %llu (%.2f s)\n", path,
	    history_verdict_text(found.verdict), found.resource,
	    (unsigned long long)found.state, (unsigned long long)found.other,
	    seconds);
	return false;
}

int
main(int argc, char **argv)
{
	int code = argc < 2 ? 2 : 0;

	if (argc < 2)
		(void)fprintf(stderr, "usage: check-history FILE...\n");
	for (int i = 1; i < argc && code < 2; i++) {
		struct record record;

		if (!read_file(argv[i], &record)) {
			(void)fprintf(stderr,
			    "check-history: %s: can't be read, or is not a "
			    "whole number of records\n",
			    argv[i]);
			return 2;
		}
		if (!check(argv[i], &record))
			code = 1;
		free(record.ops);
	}
	return code;
}
