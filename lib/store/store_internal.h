/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a store has to be able to do, and what store.c makes of it.
 *
 * A *run* is what one sensor stored under one day: a range of the primary key.  Every read goes through runs, so that
 * order by (sensor, number) needs neither a sort nor a secondary index nor a long-lived snapshot: each batch is fetched
 * by a short search that starts in the key, and no lock or transaction is held while the caller looks at it.
 */

#include "base/buf.h"
#include "store/writer.h"

#define NTA_STORE_SCHEMA 1 ///< Version of the tables; a higher one is refused.

/** Bounds of one (sensor, day). */
struct nta_store_run
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    int64_t day; ///< Days since 1970-01-01 UTC.
    uint64_t first, last;
    uint64_t covered; ///< The walk's: `last` as it was at the beginning.
};

/** What to fetch from a run: the lowest number in [from, to] that fits. */
struct nta_store_search
{
    const struct nta_store_query *query;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    int64_t day;
    uint64_t from, to;
};

/** One batch as it lies in the store; the bytes live in `bytes`, in the order of nta_sealed. */
struct nta_store_row
{
    uint64_t number;
    int64_t first_ns, last_ns;
    uint32_t n_records;
    size_t lens[4];
    struct nta_buf bytes;
};

/** Called with each run. */
typedef int nta_store_run_fn(void *owner, const struct nta_store_run *run);

struct nta_store_ops
{
    void (*close)(struct nta_store *store);
    int (*put_key)(struct nta_store *store, const struct nta_wrapped_key *key, struct nta_err *err);
    int (*get_key)(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                   struct nta_buf *blob, struct nta_wrapped_key *ret_key,
                   struct nta_err *err); ///< NULL: cannot.
    /** `head` NULL: nta_store_put_batches(), else nta_store_append(). */
    int (*put_batches)(struct nta_store *store, const struct nta_store_head *head,
                       const struct nta_stored *batches, size_t n_batches, struct nta_err *err);
    int (*newest)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                  struct nta_store_head *ret_head, struct nta_err *err);
    bool (*has_moved)(struct nta_store *store); ///< NULL: cannot.
    int (*last)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                uint64_t *ret_number, uint8_t ret_hash[NTA_HASH_LEN], struct nta_err *err);
    int (*each_run)(struct nta_store *store, nta_store_run_fn *each, void *owner,
                    struct nta_err *err);
    /** 1: found, 0: nothing fits, negative errno. */
    int (*fetch)(struct nta_store *store, const struct nta_store_search *search,
                 struct nta_store_row *row, struct nta_err *err);
    int (*each_key)(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                    struct nta_err *err);
    int (*forget)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                  uint64_t from_number, uint64_t up_to_number, struct nta_err *err);
    int (*freeze)(struct nta_store *store, struct nta_err *err); ///< NULL, with thaw: cannot.
    void (*thaw)(struct nta_store *store);
    int (*measure)(struct nta_store *store, struct nta_store_size *ret_size, struct nta_err *err);
};

/** The first member of each kind of store. */
struct nta_store
{
    const struct nta_store_ops *ops;
};

/** UTC day of a time, rounded down (also before 1970). */
int64_t nta_store_day(int64_t wall_ns);

/** Bytes of a sealed batch. */
size_t nta_store_sealed_len(const struct nta_sealed *sealed);

/** The two headers and signatures are the same bytes. */
bool nta_store_same(const struct nta_sealed *sealed, struct nta_span header,
                    struct nta_span signature);

/** The sentence for a key that holds another batch; gives -EEXIST. */
int nta_store_refuse(const struct nta_stored *batch, struct nta_err *err);

bool nta_store_head_is(const struct nta_store_head *a, const struct nta_store_head *b);

/**
 * What the chain's row says to who appends: 0 with how many of the batches are there already, or -EEXIST with the
 * sentence.
 */
int nta_store_compare(const struct nta_store_head *row, const struct nta_store_head *head,
                      const struct nta_stored *batches, size_t n_batches, size_t *ret_n_there,
                      struct nta_err *err);

/** Shown form of a sensor's id. */
enum
{
    NTA_SENSOR_TEXT_SIZE = 2 * NTA_SENSOR_ID_LEN + 1
};

const char *nta_store_sensor_text(const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                  char text[NTA_SENSOR_TEXT_SIZE]);

/** A batch was looked at.  True: the walk is to end. */
static inline bool nta_store_watched(const struct nta_store_query *query, uint64_t n_batches)
{
    if (!query->watch)
        return false;
    (void)atomic_fetch_add_explicit(&query->watch->n_batches, n_batches, memory_order_relaxed);
    return atomic_load_explicit(&query->watch->stop, memory_order_relaxed);
}

/** True if a batch's tokens matter to the query. */
static inline bool nta_store_wants_tokens(const struct nta_store_query *query)
{
    return query->n_tokens + query->n_any_tokens > 0;
}

/** True if the sorted tokens have what the query wants of them. */
bool nta_store_tokens_fit(const struct nta_store_query *query, struct nta_span tokens);
