/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd selftest race: whether a server loses updates.
 *
 * It goes through the front door of any SCIM server, so it can be pointed
 * at a competitor, at a proxy in front, or at scimd itself.
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/selftest.h"
#include "scimd/types.h"

enum { ROUNDS = 2000, ROUNDS_MOST = 1000000, URL_MOST = 2048 };

static const char usage[] =
    "usage: scimd selftest race --url BASE --token TOKEN [--rounds N]"
    " [--seed N]\n"
    "\n"
    "Races eight clients against the SCIM server at BASE, for example\n"
    "http://127.0.0.1:8080/scim/v2, and compares what it acknowledged with\n"
    "what it then holds.  What it makes is deleted again.\n"
    "\n"
    "  --rounds N  of eight writers on one ETag; 2000.  Twice as many are\n"
    "              counted together; a tenth create one name, add members\n"
    "              to a group, add addresses to a user, send in bulk;\n"
    "              in a two hundredth 100 clients merge, where a server can\n"
    "  --seed N    makes names and delays those of an earlier run\n"
    "\n"
    "The token may also come as $SCIMD_TOKEN.  Exits 1 when anything was\n"
    "lost or could not be tested.\n";

/* For the signal handler alone, which can't be handed anything. */
static struct scim__selftest *interruptible;

static void
interrupt(int signal_number)
{
	(void)signal_number;
	atomic_store(&interruptible->stop, true);
}

static void
listen_for_interrupts(struct scim__selftest *test)
{
	struct sigaction action = { .sa_handler = interrupt };

	interruptible = test;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static void
stop_listening(void)
{
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	interruptible = NULL;
}

static void
print_winners(const struct scim__race *race, char *out, size_t size)
{
	size_t at = 0;

	(void)snprintf(out, size, "-");
	if (race->is_count)
		return;
	for (unsigned i = 0; i <= SCIM__RACERS_MOST && at < size; i++) {
		if (race->winners[i] == 0)
			continue;
		int n = snprintf(out + at, size - at, "%s%u in %" PRIu64,
		    at == 0 ? "" : ", ", i, race->winners[i]);
		at += n < 0 ? size : (size_t)n;
	}
}

static void
print_race(const struct scim__race *race)
{
	char winners[128];
	uint64_t lost = race->acknowledged > race->stored
	    ? race->acknowledged - race->stored
	    : 0;

	print_winners(race, winners, sizeof(winners));
	(void)printf("%-34s %12" PRIu64 " %8" PRIu64 " %6" PRIu64 " %8" PRIu64
		     " %7.1f s  %s\n",
	    race->title, race->acknowledged, race->stored, lost,
	    race->conflicts, race->seconds, winners);
	(void)fflush(stdout);
}

static void (*const races[])(
    const struct scim__selftest *test, struct scim__race *race) = {
	scim__race_count,
	scim__race_stale,
	scim__race_create,
	scim__race_members,
	scim__race_emails,
	scim__race_bulk,
	scim__race_merge,
};

static int
run_races(struct scim__selftest *test)
{
	int code = SCIM__CLI_DONE;

	(void)printf("%-34s %12s %8s %6s %8s %9s  %s\n", "race", "acknowledged",
	    "stored", "lost", "refused", "time", "winners in rounds");
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
		struct scim__race race;

		if (atomic_load(&test->stop))
			break;
		scim__race_init(&race);
		races[i](test, &race);
		print_race(&race);
		if (race.evidence[0] != '\0') {
			(void)fprintf(stderr, "scimd selftest: %s: %s.\n",
			    race.title, race.evidence);
			code = SCIM__CLI_FAILED;
		}
	}
	if (atomic_load(&test->stop)) {
		(void)fputs("scimd selftest: interrupted.\n", stderr);
		return SCIM__CLI_FAILED;
	}
	if (code == SCIM__CLI_DONE)
		(void)puts("Nothing was lost.");
	else
		(void)fprintf(stderr,
		    "scimd selftest: failed; --seed %" PRIu64
		    " repeats names and delays.\n",
		    test->seed);
	return code;
}

static int
complain(const char *sentence)
{
	(void)fprintf(stderr, "scimd selftest: %s\n", sentence);
	return SCIM__CLI_USAGE;
}

static uint64_t
make_seed(void)
{
	const scim_env *env = scim_env_system();
	uint32_t seed = 0;

	env->random(env->context, &seed, sizeof(seed));
	return seed;
}

enum { URL, TOKEN, COUNT, SEED, OPTION_COUNT };

static int
read_test(const struct scim__cli_option *options, char url[URL_MOST],
    struct scim__selftest *out)
{
	struct scim__selftest test = { .rounds = ROUNDS, .base = url };

	if (options[URL].value == NULL ||
	    strlen(options[URL].value) >= URL_MOST)
		return complain("say --url BASE, for example"
				" http://127.0.0.1:8080/scim/v2.");
	(void)snprintf(url, URL_MOST, "%s", options[URL].value);
	for (size_t n = strlen(url); n > 0 && url[n - 1] == '/'; n--)
		url[n - 1] = '\0';
	test.token = options[TOKEN].value != NULL ? options[TOKEN].value
						  : getenv("SCIMD_TOKEN");
	if (options[COUNT].value != NULL) {
		int64_t n =
		    scim__cli_read_number(options[COUNT].value, 1, ROUNDS_MOST);
		if (n < 0)
			return complain(
			    "--rounds is a number from 1 to 1000000.");
		test.rounds = (uint64_t)n;
	}
	test.seed = make_seed();
	if (options[SEED].value != NULL) {
		int64_t n =
		    scim__cli_read_number(options[SEED].value, 0, UINT32_MAX);
		if (n < 0)
			return complain(
			    "--seed is a number from 0 to 4294967295.");
		test.seed = (uint64_t)n;
	}
	test.shows_progress = isatty(STDERR_FILENO) == 1;
	*out = test;
	return SCIM__CLI_DONE;
}

int
scim__cli_selftest(int argc, char **argv)
{
	struct scim__cli_option options[OPTION_COUNT] = {
		[URL] = { "--url", NULL },
		[TOKEN] = { "--token", NULL },
		[COUNT] = { "--rounds", NULL },
		[SEED] = { "--seed", NULL },
	};
	struct scim__selftest test;
	char url[URL_MOST];

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, OPTION_COUNT);
	if (words < 0)
		return SCIM__CLI_USAGE;
	if (words != 1 || strcmp(argv[1], "race") != 0) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	int code = read_test(options, url, &test);
	if (code != SCIM__CLI_DONE)
		return code;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return complain("libcurl can't be used.");
	listen_for_interrupts(&test);
	code = run_races(&test);
	stop_listening();
	curl_global_cleanup();
	return code;
}
