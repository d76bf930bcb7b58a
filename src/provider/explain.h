/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_EXPLAIN_H
#define SCIM_PROVIDER_EXPLAIN_H

/* What a conflict is about: docs/merging.md, "In a 412". */

#include "provider/sides.h"

struct scim__explanation {
	const scim_context *context;
	const scim__resource_type *type;
	const scim_conflict *conflict; /* versions and location */
	const struct scim__merge_rules *rules;
	const struct scim__sides *sides;         /* NULL: no base */
	const struct scim__differences *changed; /* NULL: not asked for */
	const struct scim__merged *merged;       /* NULL: nothing to merge */
	bool is_mergeable;
};

/* The value of the extension of an Error; ptr NULL: out of memory. */
scim_str scim__explanation_write(
    scim_arena *arena, const struct scim__explanation *explanation);

/* Says in which paths the changes collide; false: out of memory. */
bool scim__explain_paths(scim_arena *arena, const struct scim__merged *merged,
    scim_conflict *conflict);

#endif
