/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What whoever may write to a store's file can do to it, for tests. */

#include "store/scene.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

/** Run SQL on the store's file as nobody's store: all is allowed. */
static inline void hostile_sql(const struct scene *scene, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    int off = 0;

    (void)sqlite3_hard_heap_limit64(0); /* a reader set them */
    (void)sqlite3_soft_heap_limit64(0);
    assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, &off);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/** Close the store, change it, and open it for reading. */
static inline int hostile_reopen(struct scene *scene, const char *sql)
{
    nta_store_close(&scene->store);
    hostile_sql(scene, sql);
    return nta_store_open_sqlite(scene->path, false, &scene->store, &scene->err);
}

/** All bytes of a file, which are the caller's to free. */
static inline uint8_t *hostile_read(const char *path, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status = {0};
    uint8_t *bytes;

    assert_true(fd >= 0 && fstat(fd, &status) == 0);
    bytes = malloc((size_t)status.st_size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, (size_t)status.st_size), status.st_size);
    (void)close(fd);
    *ret_len = (size_t)status.st_size;
    return bytes;
}

static inline void hostile_write(const char *path, const uint8_t *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    (void)close(fd);
}
