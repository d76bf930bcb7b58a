/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room for the index of the WAL, made before a COMMIT.
 *
 * A COMMIT writes its frames to the WAL, syncs them, and enters them into the
 * index last (the -shm file).  That file grows by 32 KiB for each 4,096
 * frames.  On a full disk it can't, while the WAL, which keeps its size when
 * it begins anew, still has room: then the frame that commits is on the disk
 * though the COMMIT failed, and nobody knows what the next who opens the file
 * will find.
 *
 * So the index is grown while nothing of the COMMIT is written, where failing
 * is harmless.  What it will have to hold is bounded by the frames that the
 * WAL has room for, which include what the transaction has spilled, and the
 * pages in the cache, which include all that are changed.
 */
#include "store/sqlite/sqlite.h"

#define REGION_BYTES 32768
#define REGION_FRAMES 4096
#define FIRST_FRAMES 4062 /* the first region has a header */
#define SPARE_FRAMES 16
#define FRAME_HEADER_BYTES 24

static sqlite3_file *
file_of(struct conn *conn, int which)
{
	sqlite3_file *file = NULL;

	if (sqlite3_file_control(conn->db, "main", which, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL)
		return NULL;
	return file;
}

static int
count_frames(struct conn *conn, sqlite3_file *wal, int64_t *out)
{
	sqlite3_int64 bytes = 0;
	int cached = 0, most = 0;
	int rc = wal->pMethods->xFileSize(wal, &bytes);

	if (rc == SQLITE_OK)
		rc = sqlite3_db_status(
		    conn->db, SQLITE_DBSTATUS_CACHE_USED, &cached, &most, 0);
	*out = bytes / (conn->page_bytes + FRAME_HEADER_BYTES) +
	    cached / conn->page_bytes + SPARE_FRAMES;
	return rc;
}

int
scim__sqlite_make_room(struct conn *conn)
{
	sqlite3_file *db = file_of(conn, SQLITE_FCNTL_FILE_POINTER);
	sqlite3_file *wal = file_of(conn, SQLITE_FCNTL_JOURNAL_POINTER);
	void volatile *region = NULL;

	if (db == NULL || db->pMethods->iVersion < 2 || wal == NULL)
		return SQLITE_OK;
	int64_t frames = 0;
	int rc = count_frames(conn, wal, &frames);
	int64_t regions = frames <= FIRST_FRAMES
	    ? 1
	    : 1 + (frames - FIRST_FRAMES + REGION_FRAMES - 1) / REGION_FRAMES;
	if (rc != SQLITE_OK || regions <= conn->regions)
		return rc;
	rc = db->pMethods->xShmMap(
	    db, (int)regions - 1, REGION_BYTES, 1, &region);
	if (rc == SQLITE_OK)
		conn->regions = regions;
	return rc;
}
