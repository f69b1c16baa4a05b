/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a store has to be able to do, and what calls.c makes of it.
 *
 * A *run* is a range of the primary key: a sensor's numbers, or (format 1) what one sensor stored
 * under one day.  Every read goes through runs, so that order by (sensor, number) needs neither a
 * sort nor a secondary index nor a long-lived snapshot: each batch is fetched by a short search
 * that starts in the key, and no lock or transaction is held while the caller looks at it.
 */

#include "base/buf.h"
#include "store/share.h"
#include "store/writer.h"

#define NTA_STORE_SCHEMA 2 ///< Version of the tables; a higher one is refused.

/** Bounds of one sensor's numbers, in format 1 of one (sensor, day). */
struct nta_store_run
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    int64_t day; ///< Format 1: days since 1970-01-01 UTC.
    uint64_t first, last;
    uint64_t covered; ///< The walk's: up to where its marks may move.
};

struct nta_store_row;

/** What to fetch from a run: the lowest number in [from, to]. */
struct nta_store_search
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    int64_t day;
    uint64_t from, to;
    bool with_tokens;
    /** Format 2: asked whether tokens are read, when header and signature are; NULL: they are. */
    bool (*narrows)(void *owner, struct nta_store_row *row);
    bool marked_only; ///< Format 2: only what the column `marks` says to have any.
    /** Asked when all but the rest is in the row; NULL: all is wanted. */
    bool (*wants)(void *owner, struct nta_store_row *row);
    void *owner;
};

/** Whether tokens are read of a row before `wants` is asked. */
static inline bool nta_store_search_narrows(const struct nta_store_search *search,
                                            struct nta_store_row *row)
{
    return search->with_tokens && (!search->narrows || search->narrows(search->owner, row));
}

/** The parts of a batch, in the order of nta_sealed. */
enum nta_store_part
{
    NTA_PART_HEADER,
    NTA_PART_SIGNATURE,
    NTA_PART_TOKENS,
    NTA_PART_BODY,
    NTA_N_PARTS
};

extern const uint32_t nta_store_part_max[NTA_N_PARTS];

/**
 * One batch as it lies in the store; the bytes of its parts live in `bytes`, one behind the other.
 */
struct nta_store_row
{
    unsigned format;          ///< Of the store; the walk sets it.
    struct nta_store_run key; ///< `day`, and `sensor`.
    uint64_t number;
    int64_t first_ns, last_ns;
    uint32_t n_records, n_bytes;
    enum nta_class class;                  ///< This and the next two: format 2.
    uint8_t data_key[NTA_DATA_KEY_ID_LEN]; ///< Id.
    uint32_t marks;                        ///< NTA_MARK_... bits.
    bool lacks_lens;                       ///< Only those of header and signature are known.
    unsigned faults;
    bool is_whole;
    uint64_t lens[NTA_N_PARTS]; ///< As the store says.
    bool has[NTA_N_PARTS];      ///< The part was read.
    struct nta_buf bytes;
};

/** Called with each run. */
typedef int nta_store_run_fn(void *owner, const struct nta_store_run *run);

/** Called with each row whose key is malformed. */
typedef int nta_store_odd_fn(void *owner, struct nta_store_row *row);

/** A store of format 1 has those that read, and no others. */
struct nta_store_ops
{
    void (*close)(struct nta_store *store);
    int (*put_key)(struct nta_store *store, const struct nta_wrapped_key *key, struct nta_err *err);
    int (*put_batches)(struct nta_store *store, const struct nta_store_put *put,
                       struct nta_err *err);
    int (*newest)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t up_to,
                  struct nta_store_last *ret_last, struct nta_err *err);
    bool (*has_moved)(struct nta_store *store); ///< NULL: cannot.
    int (*get_place)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     struct nta_store_place *ret_place, struct nta_err *err);
    int (*destroy_key)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       enum nta_class class, int64_t day, struct nta_err *err);
    int (*each_run)(struct nta_store *store, nta_store_run_fn *each, void *owner,
                    struct nta_err *err);
    /**
     * The rows whose key is malformed, which no run has: `search` says what to read of them.  NULL:
     * there are none.
     */
    int (*each_odd)(struct nta_store *store, const struct nta_store_search *search,
                    struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                    struct nta_err *err);
    /**
     * 1: found, 0: nothing there, -EIO: damaged between `from` and the next number, negative errno.
     */
    int (*fetch)(struct nta_store *store, const struct nta_store_search *search,
                 struct nta_store_row *row, struct nta_err *err);
    int (*each_key)(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                    struct nta_err *err);
    int (*find_key)(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                    struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);
    int (*get_index)(struct nta_store *store, const struct nta_store_index_at *at,
                     struct nta_buf *bytes, struct nta_err *err); ///< NULL: has none.
    /** nta_store_keeps_indexes(); NULL: they are. */
    int (*keeps_indexes)(struct nta_store *store, struct nta_err *err);
    int (*each_chain)(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                      struct nta_err *err);
    /** Rows of the table; with `run`, those of the run with a number below. */
    int (*count)(struct nta_store *store, const struct nta_store_run *run, uint64_t below,
                 uint64_t *ret_n_rows, struct nta_err *err);
    /** Contents that no batch has; NULL: there can be none. */
    int (*count_strays)(struct nta_store *store, uint64_t *ret_n_strays, struct nta_err *err);
    int (*forget)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                  uint64_t from_number, uint64_t up_to_number, struct nta_err *err);
    /* as the calls of store.h; NULL: cannot */
    int (*next_day)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                    enum nta_class class, int64_t after, struct nta_store_day *ret_day,
                    struct nta_err *err);
    int (*weigh_day)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     const struct nta_store_day *day, uint64_t *ret_bytes, struct nta_err *err);
    int (*drop_day)(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                    const struct nta_store_day *day, struct nta_err *err);
    int (*prepare_days)(struct nta_store *store, int64_t today, bool destroys, struct nta_err *err);
    int (*describe)(struct nta_store *store, int64_t today, char *buf, size_t size,
                    struct nta_err *err);
    int (*used)(struct nta_store *store, uint64_t bound, uint64_t *ret_bytes, struct nta_err *err);
    int (*freeze)(struct nta_store *store, struct nta_err *err); ///< NULL, with thaw: cannot.
    void (*thaw)(struct nta_store *store);
    int (*measure)(struct nta_store *store, struct nta_store_size *ret_size, struct nta_err *err);
};

enum
{
    NTA_ODDITIES_MAX = 16,
    NTA_ODDITY_SIZE = 200
};

/** The first member of each kind of store. */
struct nta_store
{
    const struct nta_store_ops *ops;
    unsigned format; ///< 1 or 2.
    bool is_frozen;
    size_t n_oddities; ///< Also those that are not kept.
    char oddities[NTA_ODDITIES_MAX][NTA_ODDITY_SIZE];
};

/** Something about the tables that is not as we make it, and does not keep from reading. */
void nta_store_note_oddity(struct nta_store *store, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Forget the row before; keeps its memory, and the format. */
void nta_store_row_clear(struct nta_store_row *row);

/** Decode the header of a row, if it was read and is of the row's format. */
bool nta_store_row_header(const struct nta_store_row *row, struct nta_header *ret_header);

/**
 * True if its columns are what its header says, as far as that was read: no other row can have
 * them, too.
 */
bool nta_store_row_is_own(const struct nta_store_row *row);
