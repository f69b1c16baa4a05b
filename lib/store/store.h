/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The calls every store offers: SQLite (the journal and the embedded default) and MySQL.  Its
 * batches are read by walking through them: store/walk.h.
 *
 * A store holds sealed batches, wrapped data keys, and nothing in clear but what headers say.  Only
 * inserts, but for the chain's row; the key (sensor, number) makes a repeated insert harmless.  A
 * batch's content (tokens and body) lies in the table of its class, so that it can go while its
 * head stays.  One thread a handle.
 */

#include "base/err.h"
#include "store/mysql_options.h"
#include "store/stored.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_store; ///< Opaque.

/**
 * `path` is a database file (SQLite: WAL, synchronous=FULL).  With `create` it is opened for
 * writing and made if absent (mode 0640, narrowed by the umask); without, it is opened for reading
 * only, beside a running writer too, and -ENOENT says that there is none.  A file of format 1 is
 * only read: for writing it is -EPROTO, with a sentence that says so.  Reading changes no file
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
/** Close the file or the connection, and free; takes NULL too, and clears. */
void nta_store_close(struct nta_store **store);

/** Called with one sentence, valid during the call. */
typedef void nta_store_oddity_fn(void *owner, const char *text);
/**
 * Reading: what in the store's tables is not as NTA makes it and did not keep the store from being
 * opened, a sentence each: a column of another type, an index, a trigger (which no reader runs), a
 * view in place of the data keys (none is read then).  The 17th says how many more.
 */
void nta_store_each_oddity(const struct nta_store *store, nta_store_oddity_fn *each, void *owner);

/** Write a data key; the same id again is no error. */
int nta_store_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err);

/**
 * The data keys of this sensor, class and UTC day are overwritten in their place with zeros, as
 * many as they had, and what still has them beside the table is emptied: SQLite's log.  What
 * MySQL's logs and backups keep is not reached.  0, also if there is none; -EBUSY (SQLite):
 * overwritten, but a reader holds the log, which still has them: again is right; or negative errno.
 */
int nta_store_destroy_key(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          enum nta_class class, int64_t day, struct nta_err *err);

/**
 * SQLite only (else -ENOTSUP; store/writer.h): write batches as they are, holes and all, in one
 * transaction; durable when it returns 0.  A batch that is there already with the same header is no
 * error: its contents are those of the call then; with another header -EEXIST.  On failure nothing
 * of the call is stored (-ENOSPC: no space), and repeating it is right.  Of a batch with
 * NTA_ROW_ABSENT the head alone is written; -EINVAL: one is of format 1, or has other faults.  A
 * chain's row that rises to such a copy has no frontier.
 */
int nta_store_put_batches(struct nta_store *store, const struct nta_stored *batches,
                          size_t n_batches, struct nta_err *err);

/** Which form a store has: 2, or 1, which is only read. */
unsigned nta_store_format(const struct nta_store *store);

/**
 * From now on, read what is there now and nothing newer (SQLite; MySQL is not frozen).  While
 * frozen, the file's write-ahead log cannot be emptied: thaw soon.  0, or negative errno.
 */
int nta_store_freeze(struct nta_store *store, struct nta_err *err);
/** Read what is newest again; nothing happens if it was not frozen. */
void nta_store_thaw(struct nta_store *store);

/** A thread that used a store and did not begin the program calls this before it ends. */
void nta_store_thread_done(void);

/** Called with one row, valid during the call; non-zero stops and is given back. */
typedef int nta_store_each_key_fn(void *owner, const struct nta_stored_key *key,
                                  struct nta_err *err);
/**
 * Every row of the data keys, oldest first; those with faults too.  Results as nta_store_each().
 */
int nta_store_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err);

/**
 * The data key of this id: 1, with the blob in `bytes`; 0: there is none of that form; negative
 * errno.
 */
int nta_store_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);

/**
 * A part of an index, which its hash alone proves: 1, with it in `bytes`; 0: it is not there; or
 * negative errno.  Also while a walk's row is looked at.
 */
int nta_store_get_index(struct nta_store *store, const struct nta_store_index_at *at,
                        struct nta_buf *bytes, struct nta_err *err);

/** Called with one row, valid during the call; non-zero stops and is given back. */
typedef int nta_store_each_chain_fn(void *owner, const struct nta_store_chain *chain,
                                    struct nta_err *err);
/**
 * Every row of what the store itself says of chains.  A store without that table (MySQL, as long as
 * nobody made it) has none.  Results as nta_store_each().
 */
int nta_store_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err);

/**
 * SQLite only (else -ENOTSUP): batches up to `up_to_number` are elsewhere now; drop their
 * contents, the indexes that they note, and heads, but keep heads that name a key or have other
 * notes, the data keys and the chain's row; and give freed space back to the file system.
 */
int nta_store_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to_number, struct nta_err *err);

/** What a sensor has of one class and one UTC day (of sealing) whose contents are still there. */
struct nta_store_day
{
    enum nta_class class;
    int64_t day;          ///< Days since 1970-01-01.
    uint64_t n_batches;   ///< With contents.
    uint64_t first, last; ///< Lowest and highest number of these.
};

/**
 * The first day behind `after` that has contents of this class that can be read; 1; 0: none; or
 * negative errno.
 */
int nta_store_next_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       enum nta_class class, int64_t after, struct nta_store_day *ret_day,
                       struct nta_err *err);

/**
 * What nta_store_next_day() gave of one store, and `there` (NULL: nothing) of another: the first of
 * both in `day`, together where both have it.  1, or 0: neither has any.
 */
int nta_store_join_days(int r, const struct nta_store_day *there, struct nta_store_day *day);

/** SQLite only (else -ENOTSUP): bytes of these batches, by their columns.  0 or negative errno. */
int nta_store_weigh_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        const struct nta_store_day *day, uint64_t *ret_bytes, struct nta_err *err);

/**
 * MySQL has contents in partitions by day, of all sensors: make those of the days that come, and
 * with `destroys` see whether this user may destroy keys and drop partitions at all.  0, also for a
 * store that has none; -EACCES: the user may not, -EPROTO: a table has no partitions; the sentence
 * names the statement that puts it right.
 */
int nta_store_prepare_days(struct nta_store *store, int64_t today, bool destroys,
                           struct nta_err *err);

/**
 * Drop some of the day's contents up to number `day->last`, so many as a writer can wait for; their
 * heads stay.  1: there may be more; 0: all of them are gone, and space was given back to the file
 * system; or negative errno.  Whoever calls this has noted it in the chain and destroyed the keys.
 * MySQL drops the partition of the day, and each older one, that nobody has a key for; one that
 * another sensor can still read waits for that sensor.
 */
int nta_store_drop_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       const struct nta_store_day *day, struct nta_err *err);

/**
 * SQLite only (else -ENOTSUP): bytes of the file that are in use, without what the next batches use
 * again, and what its log has above its usual size; 0 or negative errno.  `bound` bytes is all that
 * the store is to take, 0: any number.  From now on the log is usually not larger than a sixteenth
 * of that, nor is what is kept for the next batches, with 2 MiB at least and 64 MiB at most.
 */
int nta_store_used(struct nta_store *store, uint64_t bound, uint64_t *ret_bytes,
                   struct nta_err *err);

/** Batches and bytes held; oldest batch's time (0: none). */
struct nta_store_size
{
    uint64_t n_batches, n_records, bytes;
    int64_t oldest_ns;
};

/** Summed up by the store, from its columns: nothing of it is proved.  0, or negative errno. */
int nta_store_measure(struct nta_store *store, struct nta_store_size *ret_size,
                      struct nta_err *err);
