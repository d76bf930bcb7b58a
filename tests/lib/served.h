/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_SERVED_H
#define TESTS_LIB_SERVED_H

/*
 * A server in this process, all but its acceptor: a test opens connections
 * by socketpair() and speaks HTTP over them.
 */

#include "daemon/loop.h"
#include "daemon/server.h"
#include "lib/test.h"

#define SERVED_TOKEN "served-0123456789"
#define SERVED_AUTH "Authorization: Bearer " SERVED_TOKEN "\r\n"

struct served {
	struct scim__config config;
	struct scim__server server;
	struct scim__loop loop;
	scim_registry *registry;
	scim_store *store;
	bool is_stopped;
};

/* Settings of tenant `default`, "key=value", up to a NULL. */
void served_open(struct served *s, const char *const *settings);

/* The same over a store that the test made, which then belongs to it. */
void served_open_on(
    struct served *s, scim_store *store, const char *const *settings);
void served_close(struct served *s);

/* Stops the loop and waits until it ended. */
void served_stop(struct served *s);

/* A client's end of a new connection. */
int served_connect(struct served *s);

void served_send(int fd, const char *text);

/* Reads until the peer closes; the text is the caller's to free(). */
char *served_read_all(int fd);

/* Reads one response with a Content-Length, or without content, into `out`;
 * returns its status. */
int served_read(int fd, char *out, size_t room);

/* All of it: connect, send, read a response, close; returns its status. */
int served_ask(struct served *s, const char *text, char *out, size_t room);

#endif
