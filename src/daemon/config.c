/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Flags, environment and file, in this order, into one struct.
 *
 * One table has every flag; its name in the environment and in the file
 * follows from it, so that the three can't drift apart.  What is checked
 * here is what can be known without touching a socket or a file.
 */

#include "daemon/config.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "scimd/settings.h"

#define SETTINGS_MOST 64

enum option {
	LISTEN,
	STORE,
	CONFIG,
	PUBLIC_URL,
	TLS_CERT,
	TLS_KEY,
	LOOPS,
	BATCH,
	SCHEMAS,
	BOOTSTRAP_TOKEN,
	INSECURE_HTTP,
	SET,
	OPTION_COUNT
};

static const char *const names[OPTION_COUNT] = {
	[LISTEN] = "listen",
	[STORE] = "store",
	[CONFIG] = "config",
	[PUBLIC_URL] = "public-url",
	[TLS_CERT] = "tls-cert",
	[TLS_KEY] = "tls-key",
	[LOOPS] = "loops",
	[BATCH] = "batch",
	[SCHEMAS] = "schemas",
	[BOOTSTRAP_TOKEN] = "bootstrap-token",
	[INSECURE_HTTP] = "insecure-http",
	[SET] = "set",
};

/* What was said so far. */
struct reader {
	scim_arena *arena;
	const char *values[OPTION_COUNT];
	const char *from_file[OPTION_COUNT];
	const char *settings[SETTINGS_MOST]; /* in the order of reading */
	size_t setting_count;
	scim_status status;
	scim_error *err;
};

static int
find_option(const char *name, size_t len)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return i;
	return -1;
}

static scim_status
add_setting(struct reader *r, const char *value)
{
	if (r->setting_count == SETTINGS_MOST)
		return scim__fail(r->err, SCIM_ERR_INVALID,
		    "--set was given more than %d times.", SETTINGS_MOST);
	if (strchr(value, '=') == NULL)
		return scim__fail(r->err, SCIM_ERR_INVALID,
		    "--set wants KEY=VALUE, not `%.60s`.", value);
	r->settings[r->setting_count++] = value;
	return SCIM_OK;
}

/* Takes argv[*at] and, where it has one, its value. */
static scim_status
read_flag(struct reader *r, int argc, char **argv, int *at)
{
	const char *flag = argv[*at];
	const char *equals = strchr(flag, '=');
	size_t len = equals == NULL ? strlen(flag) : (size_t)(equals - flag);
	int option = len > 2 && flag[0] == '-' && flag[1] == '-'
	    ? find_option(flag + 2, len - 2)
	    : -1;
	const char *value = equals == NULL ? NULL : equals + 1;

	if (option < 0)
		return scim__fail(r->err, SCIM_ERR_INVALID,
		    "There is no `%.60s`; --help lists what is.", flag);
	if (option == INSECURE_HTTP && value == NULL)
		value = "yes";
	if (value == NULL && *at + 1 < argc)
		value = argv[++*at];
	if (value == NULL)
		return scim__fail(r->err, SCIM_ERR_INVALID,
		    "--%s wants a value.", names[option]);
	if (option == SET)
		return add_setting(r, value);
	if (r->values[option] != NULL)
		return scim__fail(r->err, SCIM_ERR_INVALID,
		    "--%s was given twice.", names[option]);
	r->values[option] = value;
	return SCIM_OK;
}

/* "tls-cert" as SCIMD_TLS_CERT. */
static const char *
variable_of(scim_arena *arena, int option)
{
	scim_str name = scim__str_format(arena, "SCIMD_%s", names[option]);
	char *z = scim__str_copy_z(arena, name);

	for (char *p = z; p != NULL && *p != '\0'; p++) {
		if (*p == '-')
			*p = '_';
		else if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
	return z;
}

static scim_status
read_environment(struct reader *r, const char *(*environment)(const char *name))
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		const char *variable = variable_of(r->arena, i);

		if (variable == NULL)
			return scim__fail_memory(r->err);
		const char *value = environment(variable);
		if (value == NULL || *value == '\0')
			continue;
		if (i == SET) {
			scim_status rc = add_setting(r, value);

			if (rc != SCIM_OK)
				return rc;
		} else if (r->values[i] == NULL) {
			r->values[i] = value;
		}
	}
	return SCIM_OK;
}

/* One line of the file; 0 ends the reading. */
static int
read_line(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	int option = find_option(name, strlen(name));

	if (*section != '\0' || option < 0 || option == CONFIG) {
		r->status = scim__fail(r->err, SCIM_ERR_INVALID,
		    "The configuration file has `%.60s`, which is no long "
		    "flag.",
		    *section != '\0' ? section : name);
		return 0;
	}
	const char *copy = scim__str_copy_z(r->arena, scim__str(value));
	if (copy == NULL)
		r->status = scim__fail_memory(r->err);
	else if (option == SET)
		r->status = add_setting(r, copy);
	else
		r->from_file[option] = copy;
	return r->status == SCIM_OK;
}

static scim_status
read_file(struct reader *r, const char *path)
{
	int line = ini_parse(path, read_line, r);

	if (r->status != SCIM_OK)
		return r->status;
	if (line < 0)
		return scim__fail(r->err, SCIM_ERR_INVALID, "%.120s: %s.", path,
		    strerror(errno));
	if (line > 0)
		return scim__fail(r->err, SCIM_ERR_INVALID,
		    "%.120s: line %d is not `key = value`.", path, line);
	for (int i = 0; i < OPTION_COUNT; i++)
		if (r->values[i] == NULL)
			r->values[i] = r->from_file[i];
	return SCIM_OK;
}

/* Lists settings so that the strongest word comes last. */
static void
list_settings(
    const struct reader *r, size_t flags, size_t variables, scim_str *out)
{
	size_t n = 0;

	for (size_t i = flags + variables; i < r->setting_count; i++)
		out[n++] = scim__str(r->settings[i]);
	for (size_t i = flags; i < flags + variables; i++)
		out[n++] = scim__str(r->settings[i]);
	for (size_t i = 0; i < flags; i++)
		out[n++] = scim__str(r->settings[i]);
}

static bool
is_yes(const char *value)
{
	return value != NULL &&
	    (strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 ||
		strcmp(value, "1") == 0);
}

/* @spec 7644-1.3-01 */
static scim_status
check_public_url(const char *url, scim_error *err)
{
	scim_str s = scim__str(url);

	if (!scim__str_starts_with(s, SCIM_STR("http://")) &&
	    !scim__str_starts_with(s, SCIM_STR("https://")))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "--public-url wants http:// or https:// in front.");
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '?' ||
		    s.ptr[i] == '#' || (unsigned char)s.ptr[i] > '~' ||
		    s.ptr[i] == '"' || s.ptr[i] == '\\')
			return scim__fail(err, SCIM_ERR_INVALID,
			    "--public-url has a query, a fragment or a "
			    "character that no URL has.");
	return SCIM_OK;
}

/* Those that scim_store_open() may know; the rest is its to say. */
static scim_status
check_store(const char *url, scim_error *err)
{
	static const char *const schemes[] = {
		"sqlite:", "memory:", "postgres://", "postgresql://"
	};

	for (size_t i = 0; i < scim__countof(schemes); i++)
		if (scim__str_starts_with(
			scim__str(url), scim__str(schemes[i])) &&
		    (i != 0 || url[strlen(schemes[0])] != '\0'))
			return SCIM_OK;
	return scim__fail(err, SCIM_ERR_INVALID,
	    "--store wants sqlite:PATH or memory:, not `%.60s`.", url);
}

/* All of them, before anything is made for the sake of the others. */
static scim_status
check_settings(const struct scim__config *config, scim_error *err)
{
	scim_settings settings;
	scim_status rc = SCIM_OK;

	scim_settings_init(&settings);
	for (size_t i = 0; rc == SCIM_OK && i < config->setting_count; i++) {
		scim_str key = config->settings[i], value;

		key.len = strcspn(key.ptr, "=");
		value = scim__str(key.ptr + key.len + 1);
		rc = scim_settings_set(&settings, key, value, err);
	}
	return rc;
}

static scim_status
read_count(const struct reader *r, enum option option, unsigned most,
    unsigned *count, scim_error *err)
{
	const char *value = r->values[option];
	char *end;

	if (value == NULL)
		return SCIM_OK;
	unsigned long n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' || n == 0 || n > most)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "--%s wants a number from 1 to %u.", names[option], most);
	*count = (unsigned)n;
	return SCIM_OK;
}

static scim_status
fill(const struct reader *r, unsigned cores, struct scim__config *out,
    scim_error *err)
{
	const char *const *v = r->values;

	out->listen = v[LISTEN] == NULL ? "127.0.0.1:8080" : v[LISTEN];
	out->store = v[STORE] == NULL ? "sqlite:scimd.db" : v[STORE];
	out->public_url = v[PUBLIC_URL];
	out->tls_cert = v[TLS_CERT];
	out->tls_key = v[TLS_KEY];
	out->schemas = v[SCHEMAS];
	out->bootstrap_token = v[BOOTSTRAP_TOKEN];
	out->insecure_http = is_yes(v[INSECURE_HTTP]);
	if ((out->tls_cert == NULL) != (out->tls_key == NULL))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "--tls-cert and --tls-key go together.");
	out->loops = cores == 0 ? 1 : cores;
	if (out->loops > SCIM__LOOPS_MOST)
		out->loops = SCIM__LOOPS_MOST;
	out->batch = SCIM__BATCH_MOST;
	scim_status rc = check_store(out->store, err);
	if (rc == SCIM_OK && out->public_url != NULL)
		rc = check_public_url(out->public_url, err);
	if (rc == SCIM_OK)
		rc = read_count(r, LOOPS, SCIM__LOOPS_MOST, &out->loops, err);
	if (rc == SCIM_OK)
		rc = read_count(r, BATCH, SCIM__BATCH_MOST, &out->batch, err);
	return rc;
}

scim_status
scim__config_read(scim_arena *arena, const struct scim__config_source *source,
    struct scim__config *out, scim_error *err)
{
	struct reader r = { .arena = arena, .err = err };
	struct scim__config config = { .listen = NULL };
	scim_status rc = SCIM_OK;

	for (int i = 1; rc == SCIM_OK && i < source->argc; i++)
		rc = read_flag(&r, source->argc, source->argv, &i);
	size_t flags = r.setting_count;
	if (rc == SCIM_OK)
		rc = read_environment(&r, source->environment);
	size_t variables = r.setting_count - flags;
	if (rc == SCIM_OK && r.values[CONFIG] != NULL)
		rc = read_file(&r, r.values[CONFIG]);
	if (rc == SCIM_OK)
		rc = fill(&r, source->cores, &config, err);
	if (rc != SCIM_OK)
		return rc;
	config.setting_count = r.setting_count;
	config.settings =
	    scim__arena_array(arena, r.setting_count, sizeof(scim_str));
	if (config.settings == NULL)
		return scim__fail_memory(err);
	list_settings(&r, flags, variables, config.settings);
	rc = check_settings(&config, err);
	if (rc == SCIM_OK)
		*out = config;
	return rc;
}
