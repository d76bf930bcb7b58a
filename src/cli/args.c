/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments of the verbs that do one thing and end.
 *
 * Options may stand anywhere among the words and always have a value, which
 * leaves no case in which `--store x` can be read two ways.  getopt_long()
 * would keep its place in globals and take abbreviations, which scripts then
 * rely on.
 */
#include "cli/args.h"

#include <stdio.h>
#include <string.h>

static struct scim__cli_option *
find_option(
    struct scim__cli_option *options, size_t count, const char *arg, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(options[i].name) == len &&
		    memcmp(options[i].name, arg, len) == 0)
			return &options[i];
	return NULL;
}

static int
complain(const char *verb, const char *what, size_t len, const char *why)
{
	(void)fprintf(stderr, "scimd %s: %.*s %s; see `scimd %s --help`.\n",
	    verb, (int)len, what, why, verb);
	return -1;
}

int
scim__cli_read_args(
    int argc, char **argv, struct scim__cli_option *options, size_t count)
{
	int words = 0;

	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];

		if (strcmp(arg, "--") == 0) {
			while (++i < argc)
				argv[++words] = argv[i];
			break;
		}
		if (strncmp(arg, "--", 2) != 0) {
			argv[++words] = argv[i];
			continue;
		}
		size_t len = strcspn(arg, "=");
		struct scim__cli_option *option =
		    find_option(options, count, arg, len);
		if (option == NULL)
			return complain(
			    argv[0], arg, len, "is no option of this verb");
		if (option->value != NULL)
			return complain(argv[0], arg, len, "was given twice");
		if (arg[len] == '\0' && i + 1 == argc)
			return complain(argv[0], arg, len, "needs a value");
		option->value = arg[len] == '=' ? arg + len + 1 : argv[++i];
	}
	return words;
}

int64_t
scim__cli_read_number(const char *text, int64_t least, int64_t most)
{
	int64_t n = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 15)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	return n < least || n > most ? -1 : n;
}

int64_t
scim__cli_read_span(const char *text)
{
	static const char units[] = "smhd";
	static const int64_t unit_ms[] = { 1000, 60000, 3600000, 86400000 };
	size_t len = strlen(text);
	char digits[16];

	if (len < 2 || len > sizeof(digits))
		return -1;
	const char *unit = strchr(units, text[len - 1]);
	if (unit == NULL)
		return -1;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	int64_t ms = unit_ms[unit - units];
	int64_t n = scim__cli_read_number(digits, 1, 36500 * unit_ms[3] / ms);
	return n < 0 ? -1 : n * ms;
}

int
scim__cli_wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return 1;
	return 0;
}
