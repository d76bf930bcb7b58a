/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The address to listen at.  Whether it can be reached from other machines
 * decides if TLS is asked for, so that is told from the address in use and
 * not from its text.
 */

#include "daemon/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define HOST_MAX 256
#define PORT_MOST 65535
#define BACKLOG 1024

static scim_status
fail_text(const char *text, scim_error *err)
{
	return scim__fail(err, SCIM_ERR_INVALID,
	    "`%.100s` is no HOST:PORT to listen at; an IPv6 host stands in "
	    "brackets.",
	    text);
}

/* Cuts "host:port" or "[host]:port"; false if it is neither. */
static bool
split(const char *text, char host[HOST_MAX], const char **port)
{
	const char *colon = strrchr(text, ':');
	const char *from = text;

	if (colon == NULL || colon[1] == '\0')
		return false;
	size_t len = (size_t)(colon - text);
	if (*text == '[') {
		if (len < 3 || text[len - 1] != ']')
			return false;
		from = text + 1;
		len -= 2;
	} else if (memchr(text, ':', len) != NULL) {
		return false;
	}
	if (len == 0 || len >= HOST_MAX)
		return false;
	memcpy(host, from, len);
	host[len] = '\0';
	*port = colon + 1;
	return strspn(*port, "0123456789") == strlen(*port) &&
	    strtoul(*port, NULL, 10) <= PORT_MOST;
}

scim_status
scim__address_parse(
    const char *text, struct scim__address *out, scim_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char host[HOST_MAX];
	const char *port;

	if (!split(text, host, &port))
		return fail_text(text, err);
	int rc = getaddrinfo(host, port, &hints, &found);
	if (rc != 0)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "Can't listen at `%.100s`: %s.", text, gai_strerror(rc));
	memset(out, 0, sizeof(*out));
	memcpy(&out->storage, found->ai_addr, found->ai_addrlen);
	out->len = found->ai_addrlen;
	freeaddrinfo(found);
	return SCIM_OK;
}

bool
scim__address_is_loopback(const struct scim__address *address)
{
	const void *raw = &address->storage;

	if (address->storage.ss_family == AF_INET) {
		const struct sockaddr_in *v4 = raw;

		return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
	}
	if (address->storage.ss_family != AF_INET6)
		return false;
	const struct in6_addr *v6 =
	    &((const struct sockaddr_in6 *)raw)->sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(v6) ||
	    (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
}

void
scim__address_format(
    const struct scim__address *address, char out[SCIM__ADDRESS_TEXT_MAX])
{
	const void *raw = &address->storage;
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->storage.ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = raw;

		(void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		(void)snprintf(out, SCIM__ADDRESS_TEXT_MAX, "[%s]:%u", host,
		    ntohs(v6->sin6_port));
		return;
	}
	const struct sockaddr_in *v4 = raw;
	(void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
	(void)snprintf(
	    out, SCIM__ADDRESS_TEXT_MAX, "%s:%u", host, ntohs(v4->sin_port));
}

static scim_status
fail_listen(const struct scim__address *address, int fd, scim_error *err)
{
	char text[SCIM__ADDRESS_TEXT_MAX];
	int why = errno;

	scim__address_format(address, text);
	if (fd >= 0)
		(void)close(fd);
	return scim__fail(
	    err, SCIM_ERR_BUSY, "Can't listen at %s: %s.", text, strerror(why));
}

scim_status
scim__address_listen(
    struct scim__address *address, int *out_fd, scim_error *err)
{
	int one = 1;
	int fd = socket(address->storage.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr *raw = (void *)&address->storage;

	if (fd < 0)
		return fail_listen(address, fd, err);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, raw, address->len) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, raw, &address->len) != 0)
		return fail_listen(address, fd, err);
	*out_fd = fd;
	return SCIM_OK;
}
