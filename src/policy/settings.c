/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a tenant, by name and as text.
 *
 * A profile is a bundle of choices, not a mode: nothing else in the program
 * has to ask which profile made one.  What was set by hand stands whatever
 * the profile says, in either order, so that the stored form of a tenant can
 * be a set of pairs.  The table of the profiles is docs/interop.md's.
 */
#include "scimd/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

enum by_hand {
	ETAG_BY_HAND = 1 << 0,
	DANGLING_BY_HAND = 1 << 1,
	UNIQUE_BY_HAND = 1 << 2,
	MOST_BY_HAND = 1 << 3
};

static const struct {
	scim_etag_form etag;
	scim_dangling dangling;
	int unique_group_names;
} profiles[] = {
	[SCIM_PROFILE_DEFAULT] = { SCIM_ETAG_WEAK, SCIM_DANGLING_REFUSE, 0 },
	[SCIM_PROFILE_STRICT] = { SCIM_ETAG_STRONG, SCIM_DANGLING_REFUSE, 0 },
	[SCIM_PROFILE_ENTRA] = { SCIM_ETAG_WEAK, SCIM_DANGLING_KEEP, 1 },
	[SCIM_PROFILE_OKTA] = { SCIM_ETAG_WEAK, SCIM_DANGLING_DROP, 0 },
};

static void
set_profile(scim_settings *s, unsigned choice)
{
	s->profile = (scim_profile)choice;
	if ((s->set_by_hand & ETAG_BY_HAND) == 0)
		s->etag = profiles[choice].etag;
	if ((s->set_by_hand & DANGLING_BY_HAND) == 0)
		s->dangling_members = profiles[choice].dangling;
	if ((s->set_by_hand & UNIQUE_BY_HAND) == 0)
		s->unique_group_names = profiles[choice].unique_group_names;
}

static void
set_etag(scim_settings *s, unsigned choice)
{
	s->etag = (scim_etag_form)choice;
	s->set_by_hand |= ETAG_BY_HAND;
}

/* Who must have seen what he writes over does not let ours win unseen. */
static void
set_preconditions(scim_settings *s, unsigned choice)
{
	s->require_preconditions = (int)choice;
	if ((s->set_by_hand & MOST_BY_HAND) == 0)
		s->on_conflict_most =
		    choice == 0 ? SCIM_MERGE_OURS : SCIM_MERGE_THEIRS;
}

static void
set_merge(scim_settings *s, unsigned choice)
{
	s->merge_on_if_match = (int)choice;
}

static void
set_on_conflict(scim_settings *s, unsigned choice)
{
	s->on_conflict = (scim_merge_use)choice;
}

static void
set_on_conflict_most(scim_settings *s, unsigned choice)
{
	s->on_conflict_most = (scim_merge_use)choice;
	s->set_by_hand |= MOST_BY_HAND;
}

static void
set_dangling(scim_settings *s, unsigned choice)
{
	s->dangling_members = (scim_dangling)choice;
	s->set_by_hand |= DANGLING_BY_HAND;
}

static void
set_unique(scim_settings *s, unsigned choice)
{
	s->unique_group_names = (int)choice;
	s->set_by_hand |= UNIQUE_BY_HAND;
}

/* Words stand in the order of the enum they become. */
static const struct choice {
	const char *key;
	const char *words[4];
	void (*set)(scim_settings *s, unsigned choice);
	const char *listed;
} choices[] = {
	{ "profile", { "default", "strict", "entra", "okta" }, set_profile,
	    "default, strict, entra or okta" },
	{ "etag", { "weak", "strong" }, set_etag, "weak or strong" },
	{ "preconditions", { "off", "required" }, set_preconditions,
	    "off or required" },
	{ "dangling_members", { "refuse", "drop", "keep" }, set_dangling,
	    "refuse, drop or keep" },
	{ "unique_group_names", { "no", "yes" }, set_unique, "no or yes" },
	{ "merge", { "off", "on-if-match" }, set_merge, "off or on-if-match" },
	{ "on_conflict", { "fail", "ours", "theirs" }, set_on_conflict,
	    "fail, ours or theirs" },
	{ "on_conflict_most", { "fail", "ours", "theirs" },
	    set_on_conflict_most, "fail, ours or theirs" },
};

#define DAY_S (24 * 60 * 60)
#define DAY_MS (DAY_S * 1000)
#define AT(member) offsetof(scim_settings, member)

static const struct number {
	const char *key;
	size_t offset;
	uint64_t at_first, least, most;
} numbers[] = {
	{ "history_count", AT(history_count), 100, 0, 1000000 },
	{ "history_days", AT(history_days), 30, 0, 36500 },
	{ "body_bytes", AT(limits.body_bytes), 4 << 20, 1, 1 << 30 },
	{ "bulk_operations", AT(limits.bulk_operations), 1000, 1, 100000 },
	{ "members", AT(limits.members), 10000, 1, 1000000 },
	{ "depth", AT(limits.depth), 32, 1, 1000 },
	{ "filter_bytes", AT(limits.filter_bytes), 8 << 10, 1, 1 << 20 },
	{ "filter_nodes", AT(limits.filter_nodes), 100, 1, 10000 },
	{ "page_default", AT(limits.page_default), 100, 1, 10000 },
	{ "page_most", AT(limits.page_most), 1000, 1, 10000 },
	{ "cursor_s", AT(limits.cursor_s), 3600, 1, 30 * DAY_S },
	{ "header_bytes", AT(limits.header_bytes), 32 << 10, 1, 1 << 20 },
	{ "idle_ms", AT(limits.idle_ms), 60000, 1, DAY_MS },
	{ "request_ms", AT(limits.request_ms), 30000, 1, DAY_MS },
};

static uint64_t *
field_of(scim_settings *s, const struct number *n)
{
	return (uint64_t *)(void *)((char *)s + n->offset);
}

void
scim_settings_init(scim_settings *settings)
{
	if (settings == NULL)
		return;
	*settings = (scim_settings){ 0 };
	set_profile(settings, SCIM_PROFILE_DEFAULT);
	set_preconditions(settings, 0);
	for (size_t i = 0; i < scim__countof(numbers); i++)
		*field_of(settings, &numbers[i]) = numbers[i].at_first;
}

static scim_status
set_choice(
    scim_settings *s, const struct choice *c, scim_str value, scim_error *err)
{
	for (unsigned i = 0; i < scim__countof(c->words); i++) {
		if (c->words[i] != NULL &&
		    scim__str_equal(value, scim__str(c->words[i]))) {
			c->set(s, i);
			return SCIM_OK;
		}
	}
	return scim__fail(
	    err, SCIM_ERR_INVALID, "The setting %s is %s.", c->key, c->listed);
}

/* No more digits than the largest bound has, so nothing overflows. */
static bool
read_number(scim_str s, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0 || s.len > 10)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.ptr[i] - '0');
	}
	*out = n;
	return true;
}

static scim_status
set_number(
    scim_settings *s, const struct number *n, scim_str value, scim_error *err)
{
	uint64_t given = 0;

	if (!read_number(value, &given) || given < n->least || given > n->most)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "The setting %s is a whole number from %llu to %llu.",
		    n->key, (unsigned long long)n->least,
		    (unsigned long long)n->most);
	*field_of(s, n) = given;
	return SCIM_OK;
}

/* A path, as far as can be told without schemas. */
static bool
is_path(scim_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') && memchr("._:$-", c, 5) == NULL)
			return false;
	}
	return s.len > 0;
}

static bool
are_paths(scim_str list)
{
	scim_str path;

	while (list.len > 0) {
		path = scim__str_cut(&list, ',');
		if (!is_path(path))
			return false;
	}
	return true;
}

static scim_status
set_guards(scim_settings *s, scim_str value, scim_error *err)
{
	bool is_marked = scim__str_equal(value, SCIM_STR("marked"));

	if (is_marked || scim__str_equal(value, SCIM_STR("none")))
		value = SCIM_STR("");
	else if (value.len == 0 || value.len > SCIM_GUARDS_MOST ||
	    value.ptr[value.len - 1] == ',' || !are_paths(value))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "The setting guards is marked, none, or paths of "
		    "attributes separated by commas, at most %d octets.",
		    SCIM_GUARDS_MOST);
	memset(s->guards, 0, sizeof(s->guards));
	memcpy(s->guards, value.ptr, value.len);
	s->own_guards = !is_marked;
	return SCIM_OK;
}

static scim_status
fail_key(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_INVALID,
	    "Settings are: profile, etag, preconditions, dangling_members,"
	    " unique_group_names, merge, guards, on_conflict,"
	    " on_conflict_most, history_count, history_days, and the limits"
	    " that scimd.conf(5) lists.");
}

scim_status
scim_settings_set(
    scim_settings *settings, scim_str key, scim_str value, scim_error *err)
{
	SCIM__REQUIRE(err, settings != NULL);
	for (size_t i = 0; i < scim__countof(choices); i++)
		if (scim__str_equal(key, scim__str(choices[i].key)))
			return set_choice(settings, &choices[i], value, err);
	for (size_t i = 0; i < scim__countof(numbers); i++)
		if (scim__str_equal(key, scim__str(numbers[i].key)))
			return set_number(settings, &numbers[i], value, err);
	if (scim__str_equal(key, SCIM_STR("guards")))
		return set_guards(settings, value, err);
	return fail_key(err);
}
