/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_FORMS_H
#define SCIM_STORE_FORMS_H

/* The canonical form that versions are made of; what stores write down, to
 * refuse what was written with another. */
#define SCIM__CANONICAL_FORM "1"

#endif
