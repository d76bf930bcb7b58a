/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_TRANSFER_TRANSFERRING_H
#define TESTS_UNIT_TRANSFER_TRANSFERRING_H

#include "base/str.h"
#include "lib/directory.h"
#include "transfer/export.h"
#include "transfer/import.h"

/* A directory, and another tenant of it that comes from its export. */
struct transfer {
	struct directory d;
	scim__policy *policy;
	char text[400000]; /* what was exported */
	struct scim__import_result result;
	uint64_t lines[8]; /* that were reported */
	char why[256];     /* of the last of them */
};

static inline void
transfer_open(struct transfer *t)
{
	memset(t, 0, sizeof(*t));
	directory_open(&t->d);
	assert_int_equal(SCIM_OK,
	    scim__policy_new(
		t->d.store, NULL, t->d.registry, &t->policy, &t->d.err));
	assert_int_equal(SCIM_OK,
	    scim__tenant_create(
		t->policy, t->d.context.tenant, NULL, 0, &t->d.err));
}

static inline void
transfer_close(struct transfer *t)
{
	scim__policy_free(t->policy);
	directory_close(&t->d);
}

static inline scim_status
transfer_export(struct transfer *t, const char *tenant)
{
	FILE *file = tmpfile();
	const struct scim__export job = { .store = t->d.store,
		.policy = t->policy,
		.tenant = scim__str(tenant),
		.file = file };
	uint64_t count = 0;

	assert_non_null(file);
	scim_status rc = scim__export(&job, &count, &t->d.err);
	rewind(file);
	size_t len = fread(t->text, 1, sizeof(t->text) - 1, file);
	t->text[len] = '\0';
	(void)fclose(file);
	return rc;
}

static inline void
transfer_note(void *context, uint64_t line, const char *why)
{
	struct transfer *t = context;

	for (size_t i = 0; i < scim__countof(t->lines); i++)
		if (t->lines[i] == 0) {
			t->lines[i] = line;
			break;
		}
	(void)snprintf(t->why, sizeof(t->why), "%s", why);
}

static inline scim_status
transfer_import(struct transfer *t, const char *tenant, const char *text)
{
	FILE *file = tmpfile();
	const struct scim__import job = { .store = t->d.store,
		.policy = t->policy,
		.tenant = scim__str(tenant),
		.file = file,
		.report = transfer_note,
		.context = t };

	memset(t->lines, 0, sizeof(t->lines));
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	rewind(file);
	scim_status rc = scim__import(&job, &t->result, &t->d.err);
	(void)fclose(file);
	return rc;
}

#endif
