/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd token: who may come in.
 *
 * `create` prints the token alone on stdout, so that a script can take it;
 * what a person wants to know beside it goes to stderr.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"

static const char usage[] =
    "usage: scimd token create --tenant T --scope read,write,admin,metrics\n"
    "                          [--expires 90d] [--subject USER-ID]\n"
    "       scimd token list          id, tenant, scopes, made, expires,"
    " subject\n"
    "       scimd token revoke ID     at once, for every process\n"
    "\n"
    "  --store URL     where they are kept; else $SCIMD_STORE, else"
    " sqlite:scimd.db\n"
    "  --expires SPAN  a number and s, m, h or d; without it a token lasts"
    " until revoked\n"
    "  --subject ID    the user whom the token stands for at /Me\n"
    "\n"
    "A token is printed once, when it is made; what is kept can't be turned"
    " back into it.\n";

enum { STORE, TENANT, SCOPE, EXPIRES, SUBJECT, OPTION_COUNT };

static const struct {
	const char *name;
	unsigned bit;
} scopes[] = {
	{ "read", SCIM__SCOPE_READ },
	{ "write", SCIM__SCOPE_WRITE },
	{ "admin", SCIM__SCOPE_ADMIN },
	{ "metrics", SCIM__SCOPE_METRICS },
};

static unsigned
scope_bit(const char *name, size_t len)
{
	for (size_t i = 0; i < scim__countof(scopes); i++)
		if (strlen(scopes[i].name) == len &&
		    memcmp(scopes[i].name, name, len) == 0)
			return scopes[i].bit;
	return 0;
}

/* "read,write"; 0 when one of them is none. */
static unsigned
read_scopes(const char *text)
{
	unsigned bits = 0;

	for (;;) {
		size_t len = strcspn(text, ",");
		unsigned bit = scope_bit(text, len);

		if (bit == 0)
			return 0;
		bits |= bit;
		if (text[len] == '\0')
			return bits;
		text += len + 1;
	}
}

static int
complain(const char *sentence)
{
	(void)fprintf(stderr, "scimd token: %s\n", sentence);
	return SCIM__CLI_USAGE;
}

static int
read_request(
    const struct scim__cli_option *options, struct scim__token_request *out)
{
	if (options[TENANT].value == NULL || options[SCOPE].value == NULL)
		return complain("say --tenant NAME and --scope read,write,….");
	struct scim__token_request request = {
		.tenant = scim__str(options[TENANT].value),
		.scopes = read_scopes(options[SCOPE].value),
		.subject = scim__str(options[SUBJECT].value),
		.expires_ms = INT64_MAX,
	};
	if (request.scopes == 0)
		return complain("the scopes are read, write, admin and"
				" metrics, with commas between them.");
	if (options[EXPIRES].value != NULL) {
		int64_t span = scim__cli_read_span(options[EXPIRES].value);
		const scim_env *env = scim_env_system();

		if (span < 0)
			return complain("--expires is a number and s, m, h or"
					" d, as in 90d.");
		request.expires_ms = env->now_ms(env->context) + span;
	}
	*out = request;
	return SCIM__CLI_DONE;
}

static const char *
time_text(int64_t ms, char buf[SCIM__TIME_RFC3339_LEN + 1])
{
	if (ms == INT64_MAX)
		return "never";
	scim__time_format(ms, buf);
	return buf;
}

static scim_status
create(struct scim__admin *admin, const struct scim__token_request *request,
    scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_str id = { NULL, 0 }, token = { NULL, 0 };
	char expires[SCIM__TIME_RFC3339_LEN + 1];

	if (arena == NULL)
		return SCIM_ERR_NO_MEMORY;
	scim_status rc =
	    scim__token_create(admin->policy, arena, request, &id, &token, err);
	if (rc != SCIM_OK)
		return rc;
	(void)printf("%.*s\n", (int)token.len, token.ptr);
	(void)fprintf(stderr,
	    "This token is shown this once. Its id is %.*s, it expires: %s.\n",
	    (int)id.len, id.ptr, time_text(request->expires_ms, expires));
	return SCIM_OK;
}

static void
print_token(void *context, scim_str id, const struct scim__token_request *token,
    int64_t created_ms)
{
	char created[SCIM__TIME_RFC3339_LEN + 1];
	char expires[SCIM__TIME_RFC3339_LEN + 1];
	const char *comma = "";

	(void)context;
	(void)printf("%.*s\t%.*s\t", (int)id.len, id.ptr,
	    (int)token->tenant.len, token->tenant.ptr);
	for (size_t i = 0; i < scim__countof(scopes); i++) {
		if ((token->scopes & scopes[i].bit) == 0)
			continue;
		(void)printf("%s%s", comma, scopes[i].name);
		comma = ",";
	}
	(void)printf("\t%s\t%s\t%.*s\n", time_text(created_ms, created),
	    time_text(token->expires_ms, expires), (int)token->subject.len,
	    token->subject.ptr == NULL ? "" : token->subject.ptr);
}

/* Carries out what was read; `request` is NULL but for create. */
static int
run(struct scim__admin *admin, const char *id,
    const struct scim__token_request *request)
{
	scim_error err = { .detail = "out of memory" };
	scim_status rc = SCIM_OK;

	if (request != NULL)
		rc = create(admin, request, &err);
	else if (id != NULL)
		rc = scim__token_revoke(admin->policy, scim__str(id), &err);
	else
		rc = scim__token_each(admin->policy, print_token, NULL, &err);
	return scim__admin_exit("token", id, rc, &err);
}

int
scim__cli_token(int argc, char **argv)
{
	struct scim__cli_option options[OPTION_COUNT] = {
		[STORE] = { "--store", NULL },
		[TENANT] = { "--tenant", NULL },
		[SCOPE] = { "--scope", NULL },
		[EXPIRES] = { "--expires", NULL },
		[SUBJECT] = { "--subject", NULL },
	};
	struct scim__admin admin;
	struct scim__token_request request;

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, OPTION_COUNT);
	if (words < 0)
		return SCIM__CLI_USAGE;
	bool creates = words == 1 && strcmp(argv[1], "create") == 0;
	bool revokes = words == 2 && strcmp(argv[1], "revoke") == 0;
	bool lists = words == 1 && strcmp(argv[1], "list") == 0;
	if (!creates && !revokes && !lists) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	int code = creates ? read_request(options, &request) : SCIM__CLI_DONE;
	if (code == SCIM__CLI_DONE)
		code = scim__admin_open(&admin, "token", options[STORE].value);
	if (code != SCIM__CLI_DONE)
		return code;
	code = run(&admin, revokes ? argv[2] : NULL, creates ? &request : NULL);
	scim__admin_close(&admin);
	return code;
}
