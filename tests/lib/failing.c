/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An allocator that fails on cue and counts what it gave.
 */
#include "lib/failing.h"

#include <stdlib.h>

#include "base/cleanup.h"

static void *
failing_alloc(scim_allocator *self, size_t size)
{
	struct failing *f = scim__container_of(self, struct failing, base);

	if (f->asked++ == f->nth) {
		f->has_failed = true;
		return NULL;
	}
	void *p = malloc(size);
	if (p != NULL)
		f->live++;
	return p;
}

static void
failing_release(scim_allocator *self, void *p)
{
	struct failing *f = scim__container_of(self, struct failing, base);

	if (p != NULL)
		f->live--;
	free(p);
}

void
failing_init(struct failing *failing, size_t nth)
{
	*failing = (struct failing){
		.base = { failing_alloc, failing_release },
		.nth = nth,
	};
}
