/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The calls every store offers: SQLite (the journal and the embedded default) and MySQL.
 *
 * A store holds sealed batches, wrapped data keys, and nothing in clear but day, sensor, number,
 * times and counts.  Only inserts; the key (day, sensor, number) makes a repeated insert harmless.
 * One thread a handle.
 */

#include "base/err.h"
#include "store/stored.h"
#include "vault/vault.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_store; ///< Opaque.

/** Where a MySQL store is.  Texts are borrowed for the open call. */
struct nta_mysql_options
{
    const char *hosts; ///< "a,b:3307" tried in order; or a socket path.
    const char *user, *password, *database;
    const char *tls_ca; ///< PEM file; NULL: no TLS.
    unsigned timeout_s; ///< Connect, read and write; default 10.
    bool read_only;     ///< Makes no tables and needs no right but SELECT.
};

/**
 * `path` is a database file (SQLite: WAL, synchronous=FULL).  With `create` it is opened for
 * writing and made if absent (mode 0640, narrowed by the umask); without, it is opened for reading
 * only, beside a running writer too, and -ENOENT says that there is none.  Reading changes no file
 * and leaves none behind.  -EPROTO: no store of ours, or a newer one, or one of whose batches
 * nothing can be read (for writing: one whose tables are not exactly ours); otherwise what the
 * system said.
 */
int nta_store_open_sqlite(const char *path, bool create, struct nta_store **ret_store,
                          struct nta_err *err);

/**
 * Connects, makes the tables if they are not there, and checks rights and limits.  A connection
 * lost later is made again by the next call.  -ENOTCONN: no server was reached; -EACCES: user,
 * password or rights; -EPROTO: the tables are not ours, or newer; -EMSGSIZE: the server takes no
 * packet as large as a batch.  The password is never in a sentence.
 */
int nta_store_open_mysql(const struct nta_mysql_options *options, struct nta_store **ret_store,
                         struct nta_err *err);
void nta_store_close(struct nta_store **store);

/**
 * Reading: what in the store's tables is not as NTA makes it and did not keep the store from being
 * opened, a sentence each: a column of another type, an index, a trigger (which no reader runs), a
 * view in place of the data keys (none is read then).
 */
typedef void nta_store_oddity_fn(void *owner, const char *text);
void nta_store_each_oddity(const struct nta_store *store, nta_store_oddity_fn *each, void *owner);

/** Write a data key; the same id again is no error. */
int nta_store_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err);

/**
 * Write batches as they are, holes and all (a copy), in one transaction; durable when it returns 0.
 * A batch that is there already with the same header is no error; with another header -EEXIST.  On
 * failure nothing of the call is stored (-ENOSPC: no space; -ENOTCONN: the server is gone, perhaps
 * in the middle of the commit, so that all or nothing is stored); repeating the call is right
 * either way.
 */
int nta_store_put_batches(struct nta_store *store, const struct nta_stored *batches,
                          size_t n_batches, struct nta_err *err);

/**
 * The last batch of a sensor: its number and the hash for the next one.  0 and number 0 if there is
 * none.
 */
int nta_store_last(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                   uint64_t *ret_number, uint8_t ret_hash[NTA_HASH_LEN], struct nta_err *err);

/** How far each sensor's numbers were looked through. */
struct nta_store_mark
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number;
};

struct nta_store_marks
{
    struct nta_store_mark *marks; ///< Owned; by sensor.
    size_t n_marks, size;
    const struct nta_store *odd[2]; ///< Stores whose malformed rows were given.
};

void nta_store_marks_done(struct nta_store_marks *marks);

/** `marks` is then as far as either was; 0, or -ENOMEM. */
int nta_store_marks_merge(struct nta_store_marks *marks, const struct nta_store_marks *from);

/** A walk watched, and stopped, from another thread. */
struct nta_store_watch
{
    atomic_bool stop;           ///< Set: the walk ends as if nothing more were there.
    _Atomic uint64_t n_batches; ///< Looked through, whether they fit or not.
};

/** Rows given, held against what the store itself counts. */
struct nta_store_tally
{
    uint64_t n_given;   ///< Rows given, and rows that the query's sensor, number or marks left out.
    uint64_t n_counted; ///< Rows of the table when the walk began.
    bool is_counted;    ///< False: the store could not count them.
};

/**
 * What to walk through.  Columns are hints: beside sensor, numbers and marks, which choose a part
 * of the key, nothing is left out here.  Who looks for times or tokens decides by the signed header
 * in `wants`.
 */
struct nta_store_query
{
    const uint8_t *sensor; ///< NULL: all.
    uint64_t from_number;  ///< With a sensor: first number.
    /**
     * Not NULL: only numbers above the marks; a walk to the end moves them to where it has looked.
     * Shared.
     */
    struct nta_store_marks *marks;
    struct nta_store_watch *watch; ///< NULL: nobody watches.
    bool with_tokens;              ///< Tokens are read for every row, before `wants` is asked.
    /**
     * Asked for each row, of which header and signature are read (and tokens, with `with_tokens`).
     * True: the rest is read too.  The row is given either way.  Must be quick and not use the
     * store.  NULL: all are wanted.
     */
    bool (*wants)(void *owner, const struct nta_stored *row);
    void *wants_owner;
    struct nta_store_tally *tally; ///< NULL: not counted.
};

/**
 * Called with EVERY row, whatever it holds, in order of (sensor, number, day) as the columns say.
 * Rows whose day, sensor or number is not of its form come last, with NTA_ROW_TYPE, unless the
 * query has a sensor; with marks, only the first walk gives them.  Spans are valid during the call,
 * which may take its time (nothing is locked) and may use the store.  Non-zero stops and is given
 * back.
 */
typedef int nta_store_each_fn(void *owner, const struct nta_stored *batch, struct nta_err *err);

/**
 * 0; what `each` gave; or negative errno.  -EIO: a part of the store cannot be read; all that can
 * be was given before.  Memory is that of one batch, and some bytes for each sensor's day.
 */
int nta_store_each(struct nta_store *store, const struct nta_store_query *query,
                   nta_store_each_fn *each, void *owner, struct nta_err *err);

/**
 * From now on, read what is there now and nothing newer (SQLite; MySQL is not frozen).  While
 * frozen, the file's write-ahead log cannot be emptied: thaw soon.  0, or negative errno.
 */
int nta_store_freeze(struct nta_store *store, struct nta_err *err);
void nta_store_thaw(struct nta_store *store);

/** A thread that used a store and did not begin the program calls this before it ends. */
void nta_store_thread_done(void);

/**
 * How many batches nta_store_each() would look through: the numbers that each sensor's days span.
 * Cheap, for showing progress.
 */
int nta_store_count(struct nta_store *store, const struct nta_store_query *query,
                    uint64_t *ret_n_batches, struct nta_err *err);

/**
 * Every row of the data keys, oldest first; those with faults too.  Results as nta_store_each().
 */
typedef int nta_store_each_key_fn(void *owner, const struct nta_stored_key *key,
                                  struct nta_err *err);
int nta_store_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err);

/**
 * The data key of this id: 1, with the blob in `bytes`; 0: there is none of that form; negative
 * errno.
 */
int nta_store_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);

/**
 * Every row of what the store itself says of chains.  A store without that table (MySQL, as long as
 * nobody made it) has none.  Results as nta_store_each().
 */
typedef int nta_store_each_chain_fn(void *owner, const struct nta_store_chain *chain,
                                    struct nta_err *err);
int nta_store_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err);

/**
 * SQLite only (else -ENOTSUP): batches up to `up_to_number` are elsewhere now; drop them, keep the
 * chain's head for nta_store_last(), and give freed space back to the file system.
 */
int nta_store_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to_number, struct nta_err *err);

/** Batches and bytes held; oldest batch's time (0: none). */
struct nta_store_size
{
    uint64_t n_batches, n_records, bytes;
    int64_t oldest_ns;
};

int nta_store_measure(struct nta_store *store, struct nta_store_size *ret_size,
                      struct nta_err *err);
