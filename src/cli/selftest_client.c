/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client for the races: one connection, one request at a time.
 *
 * A refusal for load (429, 503) says that nothing happened and is waited
 * out; any other answer is for the race to judge.  No answer at all is never
 * repeated here, since the request may have been carried out.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/selftest.h"
#include "json/json.h"

enum { BODY_MOST = 4 << 20, WAITS_MOST = 60 };

static const scim__json_limits limits = { .bytes = BODY_MOST, .depth = 64 };

static size_t
take_body(char *bytes, size_t one, size_t len, void *context)
{
	struct scim__client *c = context;

	(void)one;
	if (len > BODY_MOST - c->len)
		return 0;
	if (c->len + len > c->capacity) {
		size_t capacity = 2 * (c->len + len);
		char *text = realloc(c->text, capacity);

		if (text == NULL)
			return 0;
		c->text = text;
		c->capacity = capacity;
	}
	if (len > 0)
		memcpy(c->text + c->len, bytes, len);
	c->len += len;
	return len;
}

static size_t
take_header(char *bytes, size_t one, size_t len, void *context)
{
	static const char name[] = "etag:";
	struct scim__client *c = context;
	size_t at = sizeof(name) - 1;
	size_t end = len;

	(void)one;
	if (len < at || strncasecmp(bytes, name, at) != 0)
		return len;
	while (at < end && (bytes[at] == ' ' || bytes[at] == '\t'))
		at++;
	while (end > at && strchr(" \t\r\n", bytes[end - 1]) != NULL)
		end--;
	if (end - at < sizeof(c->etag)) {
		memcpy(c->etag, bytes + at, end - at);
		c->etag[end - at] = '\0';
	}
	return len;
}

bool
scim__client_open(
    struct scim__client *client, const struct scim__selftest *test)
{
	*client = (struct scim__client){ .test = test };
	client->easy = curl_easy_init();
	client->arena = scim_arena_new(NULL);
	if (client->easy == NULL || client->arena == NULL) {
		scim__client_close(client);
		return false;
	}
	(void)curl_easy_setopt(client->easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(client->easy, CURLOPT_TIMEOUT_MS, 60000L);
	(void)curl_easy_setopt(
	    client->easy, CURLOPT_ERRORBUFFER, client->trouble);
	(void)curl_easy_setopt(client->easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(client->easy, CURLOPT_WRITEDATA, client);
	(void)curl_easy_setopt(
	    client->easy, CURLOPT_HEADERFUNCTION, take_header);
	(void)curl_easy_setopt(client->easy, CURLOPT_HEADERDATA, client);
	return true;
}

void
scim__client_close(struct scim__client *client)
{
	if (client->easy != NULL)
		curl_easy_cleanup(client->easy);
	scim_arena_free(client->arena);
	free(client->text);
	*client = (struct scim__client){ .test = NULL };
}

static bool
add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer =
	    line == NULL ? NULL : curl_slist_append(*list, line);

	if (longer != NULL)
		*list = longer;
	return longer != NULL;
}

static bool
make_headers(struct scim__client *c, const struct scim__ask *ask,
    struct curl_slist **out)
{
	const char *token = c->test->token;
	bool ok = add_header(out, "Accept: application/scim+json") &&
	    add_header(out, "Expect:");

	if (ok && ask->body.len > 0)
		ok = add_header(out,
		    scim__str_format(c->arena, "Content-Type: %s",
			ask->media == NULL ? "application/scim+json"
					   : ask->media)
			.ptr);
	if (ok && token != NULL)
		ok = add_header(out,
		    scim__str_format(
			c->arena, "Authorization: Bearer %s", token)
			.ptr);
	if (ok && ask->if_match != NULL)
		ok = add_header(out,
		    scim__str_format(c->arena, "If-Match: %s", ask->if_match)
			.ptr);
	return ok;
}

static const char *
make_url(struct scim__client *c, const struct scim__ask *ask)
{
	char *id = ask->id == NULL
	    ? NULL
	    : curl_easy_escape(c->easy, ask->id, (int)strlen(ask->id));
	scim_str url = scim__str_format(c->arena, "%s%s%s%s%s%s", c->test->base,
	    ask->collection, id == NULL ? "" : "/", id == NULL ? "" : id,
	    ask->query == NULL ? "" : "?",
	    ask->query == NULL ? "" : ask->query);

	curl_free(id);
	return url.ptr;
}

static void
perform(struct scim__client *c, const struct scim__ask *ask, const char *url,
    struct curl_slist *headers)
{
	bool has_body = ask->body.len > 0;

	c->len = 0;
	c->status = 0;
	c->etag[0] = '\0';
	c->trouble[0] = '\0';
	(void)curl_easy_setopt(c->easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, headers);
	/* the order matters: HTTPGET takes back what a body had set */
	(void)curl_easy_setopt(c->easy, CURLOPT_HTTPGET, 1L);
	if (has_body) {
		(void)curl_easy_setopt(
		    c->easy, CURLOPT_POSTFIELDS, ask->body.ptr);
		(void)curl_easy_setopt(
		    c->easy, CURLOPT_POSTFIELDSIZE, (long)ask->body.len);
	}
	(void)curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, ask->method);
	if (curl_easy_perform(c->easy) == CURLE_OK)
		(void)curl_easy_getinfo(
		    c->easy, CURLINFO_RESPONSE_CODE, &c->status);
}

static void
wait_out(struct scim__client *c)
{
	const struct timespec moment = { .tv_nsec = 200 * 1000 * 1000 };
	curl_off_t seconds = 0;

	(void)curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds > 10)
		seconds = 10;
	struct timespec span = { .tv_sec = (time_t)seconds };
	(void)nanosleep(seconds > 0 ? &span : &moment, NULL);
}

void
scim__client_send(struct scim__client *client, const struct scim__ask *ask)
{
	struct curl_slist *headers = NULL;
	const char *url = make_url(client, ask);

	client->status = 0;
	client->body = (scim__value){ .kind = SCIM__NULL };
	if (url == NULL || !make_headers(client, ask, &headers)) {
		(void)snprintf(
		    client->trouble, sizeof(client->trouble), "out of memory");
		curl_slist_free_all(headers);
		return;
	}
	for (int waits = 0; waits < WAITS_MOST; waits++) {
		perform(client, ask, url, headers);
		if (client->status != 429 && client->status != 503)
			break;
		wait_out(client);
	}
	curl_slist_free_all(headers);
	if (client->len > 0 &&
	    scim__json_parse(client->arena,
		(scim_str){ client->text, client->len }, &limits, &client->body,
		NULL) != SCIM_OK)
		client->body = (scim__value){ .kind = SCIM__NULL };
}

bool
scim__client_offers(struct scim__client *client, const char *feature)
{
	scim_arena_reset(client->arena);
	scim__client_send(client,
	    &(struct scim__ask){
		.method = "GET", .collection = "/ServiceProviderConfig" });
	const scim__value *part =
	    scim__object_find(&client->body, scim__str(feature));
	const scim__value *is_on = part == NULL
	    ? NULL
	    : scim__object_find(part, SCIM_STR("supported"));
	return client->status == 200 && is_on != NULL &&
	    is_on->kind == SCIM__BOOL && is_on->boolean;
}

void
scim__client_complain(const struct scim__client *client,
    struct scim__race *race, const char *doing)
{
	scim_str detail =
	    scim__object_get_string(&client->body, SCIM_STR("detail"));

	if (client->status == 0)
		scim__race_evidence(
		    race, "no answer while %s: %s", doing, client->trouble);
	else
		scim__race_evidence(race, "answer %ld while %s%s%.*s",
		    client->status, doing, detail.len == 0 ? "" : ": ",
		    detail.len > 200 ? 200 : (int)detail.len,
		    detail.ptr == NULL ? "" : detail.ptr);
}
