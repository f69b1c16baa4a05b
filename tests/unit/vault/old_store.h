/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A store that was written before format 2, for tests: its rows, and its keys in a scratch folder.
 */

#include "vault/vault_kit.h"

#include <sqlite3.h>

#define STORE NTA_TEST_SOURCE_DIR "/tests/data/format1"

enum
{
    OLD_MOST = 16 ///< Rows of a table.
};

/** The store's rows, and its keys in a folder of their own. */
struct old_store
{
    struct vault_kit kit;
    struct kept batches[OLD_MOST];
    size_t n_batches;

    struct
    {
        struct nta_wrapped_key key;
        struct nta_buf blob;
    } keys[OLD_MOST];

    size_t n_keys;
};

static inline void old_done(struct old_store *old)
{
    for (size_t i = 0; i < old->n_batches; i++)
        kept_done(&old->batches[i]);
    for (size_t i = 0; i < old->n_keys; i++)
        nta_buf_done(&old->keys[i].blob);
    kit_done(&old->kit);
}

static inline struct nta_span column(sqlite3_stmt *row, int i)
{
    return (struct nta_span){sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i)};
}

static inline void read_batches(struct old_store *old, sqlite3 *db)
{
    sqlite3_stmt *row = NULL;

    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT header, signature, tokens, body FROM batch JOIN "
                                        "content ON content = id ORDER BY number",
                                        -1, &row, NULL),
                     SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW && old->n_batches < OLD_MOST) {
        const struct nta_sealed sealed = {column(row, 0), column(row, 1), column(row, 2),
                                          column(row, 3)};

        old->batches[old->n_batches++] = keep(&sealed);
    }
    (void)sqlite3_finalize(row);
}

static inline void read_keys(struct old_store *old, sqlite3 *db)
{
    sqlite3_stmt *row = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT id, made_ns, wrapped FROM data_key", -1, &row, NULL),
        SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW && old->n_keys < OLD_MOST) {
        struct nta_wrapped_key *key = &old->keys[old->n_keys].key;
        struct nta_buf *blob = &old->keys[old->n_keys++].blob;

        assert_int_equal(column(row, 0).len, sizeof(key->id));
        memcpy(key->id, column(row, 0).ptr, sizeof(key->id));
        key->made_ns = sqlite3_column_int64(row, 1);
        nta_buf_put(blob, column(row, 2).ptr, column(row, 2).len);
        key->blob = nta_buf_span(blob);
    }
    (void)sqlite3_finalize(row);
}

/** git keeps no modes, and keys that others could read are refused. */
static inline void copy_key(const struct vault_kit *kit, const char *name)
{
    char path[256], text[512];

    (void)snprintf(path, sizeof(path), STORE "/keys/%s", name);
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    assert_true(len > 0);
    text[len] = 0;
    kit_write(kit, name, text, 0600);
}

static inline struct old_store old_store(void)
{
    struct old_store old = {.kit = kit_empty()};
    sqlite3 *db = NULL;

    copy_key(&old.kit, "auditor.key");
    copy_key(&old.kit, "token.key");
    copy_key(&old.kit, "sensor.pub");
    assert_int_equal(sqlite3_open_v2("file:" STORE "/journal.db?immutable=1", &db,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL),
                     SQLITE_OK);
    read_batches(&old, db);
    read_keys(&old, db);
    (void)sqlite3_close(db);
    assert_int_equal(nta_opener_new(old.kit.dir, &old.kit.opener, &old.kit.err), 0);
    assert_int_equal(nta_keys_sensor_public(old.kit.dir, old.kit.public_key, &old.kit.err), 0);
    return old;
}
