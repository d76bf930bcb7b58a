/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_MOCK_SERVER_H
#define TESTS_LIB_MOCK_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What is wrong with a server. */
enum mock_fault {
	MOCK_SOUND = 0,
	MOCK_LATE_WRITE = 1 << 0,     /* checks the ETag, then writes */
	MOCK_LATE_CREATE = 1 << 1,    /* looks for the name, then creates */
	MOCK_BLIND = 1 << 2,          /* does not look at If-Match */
	MOCK_NO_ETAG = 1 << 3,        /* has no versions at all */
	MOCK_ETAG_IN_BODY = 1 << 4,   /* only as meta.version */
	MOCK_BUSY = 1 << 5,           /* every third answer is 503 */
	MOCK_BROKEN_AFTER = 1 << 6,   /* 500 from the 50th request on */
	MOCK_SILENT_AFTER = 1 << 7,   /* hangs up from the 50th on */
	MOCK_FORGETS_VALUE = 1 << 8,  /* keeps no nickName */
	MOCK_FALSE_CONFLICT = 1 << 9, /* writes and says 412 */
	MOCK_NO_FILTER = 1 << 10      /* 501 for a filter */
};

enum { MOCK_USERS = 64, MOCK_CONNECTIONS = 64 };

struct mock_user {
	bool is_there;
	char name[128], value[64];
	uint64_t version;
};

/* A SCIM server of Users, good or bad as wanted, on a port of its own. */
struct mock_server {
	unsigned faults;
	int listener;
	int port;
	char url[64];
	pthread_t acceptor;
	pthread_mutex_t lock; /* guards users */
	struct mock_user users[MOCK_USERS];
	atomic_uint requests;
	atomic_int connections;
	pthread_t threads[MOCK_CONNECTIONS];
	int sockets[MOCK_CONNECTIONS];
};

void mock_server_start(struct mock_server *server, unsigned faults);
void mock_server_stop(struct mock_server *server);

/* Users that nobody deleted. */
unsigned mock_server_users(struct mock_server *server);

#endif
