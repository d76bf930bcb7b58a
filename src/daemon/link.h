/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_LINK_H
#define SCIM_DAEMON_LINK_H

#include <stdbool.h>

/* A ring through the things that are in it; its head is a link too. */
struct scim__link {
	struct scim__link *next, *before;
};

static inline void
scim__link_init(struct scim__link *link)
{
	link->next = link->before = link;
}

static inline bool
scim__link_is_alone(const struct scim__link *link)
{
	return link->next == link;
}

/* Takes `link` out of the ring it is in, if any. */
static inline void
scim__link_leave(struct scim__link *link)
{
	link->before->next = link->next;
	link->next->before = link->before;
	scim__link_init(link);
}

/* Puts `link`, which is alone, last in the ring of `head`. */
static inline void
scim__link_join(struct scim__link *link, struct scim__link *head)
{
	link->next = head;
	link->before = head->before;
	head->before->next = link;
	head->before = link;
}

#endif
