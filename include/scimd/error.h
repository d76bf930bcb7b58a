/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_ERROR_H
#define SCIM_ERROR_H

/**
 * @file scimd/error.h
 * @brief One status type for the whole library, and the detail behind it.
 *
 * Every call that can fail returns a scim_status and takes a scim_error as
 * its last parameter.  There is no "last error" kept on the side: what went
 * wrong is what this call wrote, or nothing.  A failed call leaves its
 * outputs as they were.
 */

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SCIM_MUST_USE __attribute__((warn_unused_result))
#define SCIM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define SCIM_EXPORT __attribute__((visibility("default")))
#else
#define SCIM_MUST_USE
#define SCIM_PRINTF(f, a)
#define SCIM_EXPORT
#endif

/**
 * What the caller does next.  Values are fixed for ever.
 *
 * A precondition that did not hold is not in this list where it is an
 * expected answer: provider calls report it as a scim_outcome.
 */
typedef enum scim_status {
	SCIM_OK = 0,
	SCIM_ERR_NO_MEMORY = 1,    /* an allocation failed; nothing changed */
	SCIM_ERR_INVALID = 2,      /* the request breaks a rule: mend it */
	SCIM_ERR_NOT_FOUND = 3,    /* no such resource */
	SCIM_ERR_EXISTS = 4,       /* a uniqueness rule refused the write */
	SCIM_ERR_VERSION = 5,      /* the resource is at another version */
	SCIM_ERR_UNCERTAIN = 6,    /* commit sent, answer lost: read first */
	SCIM_ERR_STORE = 7,        /* the backend failed; nothing changed */
	SCIM_ERR_MISUSE = 8,       /* the caller broke the API's rules */
	SCIM_ERR_REQUIRED = 9,     /* a precondition is required, none came */
	SCIM_ERR_FORBIDDEN = 10,   /* known caller, not allowed to do this */
	SCIM_ERR_CREDENTIAL = 11,  /* no valid credential */
	SCIM_ERR_TOO_LARGE = 12,   /* over a limit of scim_limits */
	SCIM_ERR_BUSY = 13,        /* nothing changed; try again later */
	SCIM_ERR_UNSUPPORTED = 14, /* not offered by this server */
	SCIM_ERR_ROLLED_BACK = 15, /* the whole transaction is gone */
	SCIM_ERR_GONE = 16         /* it was there, and is kept no longer */
} scim_status;

/**
 * Why a call failed.
 *
 * Plain data of fixed size, so that reporting an error never allocates and
 * the struct can live on the caller's stack.
 */
typedef struct scim_error {
	scim_status status;
	const char *scim_type; /* keyword (docs/ERRORS.md) or NULL; static */
	char detail[256];      /* one sentence; never holds secrets */
} scim_error;

#ifdef __cplusplus
}
#endif
#endif
