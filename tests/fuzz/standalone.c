/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Replays inputs through a fuzzer where there is no libFuzzer.
 *
 * Linked with one fuzz_*.c, it hands every file named on the command line,
 * and every file in the folders named there, to LLVMFuzzerTestOneInput().
 * What a campaign once found is so found again by every ordinary test run,
 * under every compiler and sanitizer.  A folder that is not there is no
 * error: a fuzzer may have no corpus yet.
 */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
fail(const char *path)
{
	(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return -1;
}

static int
replay_bytes(FILE *f, size_t size)
{
	/* An allocation of exactly the input's size lets ASan see overruns. */
	uint8_t *data = malloc(size > 0 ? size : 1);

	if (data == NULL)
		return -1;
	if (fread(data, 1, size, f) != size) {
		free(data);
		return -1;
	}
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static int
replay_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return fail(path);
	int replayed = replay_bytes(f, size);
	(void)fclose(f);
	return replayed < 0 ? fail(path) : replayed;
}

static int replay(const char *path);

static int
replay_folder(const char *path)
{
	char child[4096];
	int total = 0;
	DIR *dir = opendir(path);

	if (dir == NULL)
		return fail(path);
	for (struct dirent *e = readdir(dir); e != NULL && total >= 0;
	     e = readdir(dir)) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(child, sizeof(child), "%s/%s", path, e->d_name);
		int n = replay(child);
		total = n < 0 ? -1 : total + n;
	}
	(void)closedir(dir);
	return total;
}

/* Returns how many inputs were replayed, or -1. */
static int
replay(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT ? 0 : fail(path);
	if (S_ISDIR(st.st_mode))
		return replay_folder(path);
	return replay_file(path, (size_t)st.st_size);
}

int
main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = replay(argv[i]);
		if (n < 0)
			return EXIT_FAILURE;
		total += n;
	}
	(void)printf("%d inputs replayed\n", total);
	return EXIT_SUCCESS;
}
