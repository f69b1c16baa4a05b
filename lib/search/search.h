/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From a question to records, one after the other: the stores that hold them (stores.h), the
 * auditor's key, the walk over sealed batches, each of them judged (chain/chain.h), opening those
 * that can hold an answer (by the times and tokens that are signed), decoding, and the filter.
 * What does not hold is not given, unless the stores were opened `unverified`: then it is marked.
 * nta_search_stores()->findings says what it was.
 *
 * Records come in the order in which they were recorded, sensor by sensor.  Memory is that of a few
 * batches, however many there are.  One thread a handle; the callback runs on the caller's thread,
 * and must not use the search's stores or opener meanwhile: a thread of the search fetches and
 * opens ahead.
 */

#include "base/err.h"
#include "record/record.h"
#include "search/query.h"
#include "search/stores.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_search; ///< Opaque.

/**
 * Open the stores (as nta_stores_open()) and the auditor's key.  0, or negative errno with `err`.
 */
int nta_search_open(const struct nta_stores_options *options, struct nta_search **ret_search,
                    struct nta_err *err);
/** Takes NULL too. */
void nta_search_close(struct nta_search **search);

/**
 * Who is asked before records are opened, and told how many were given.  Searches of what the
 * sensor says of itself alone (class 4) ask nobody, and count nothing.
 */
struct nta_search_gate
{
    /** Before each search.  0, or negative errno with `err`, and nothing is opened. */
    int (*ask)(void *owner, const struct nta_stores *stores, struct nta_err *err);
    void *owner;       ///< Borrows, as the next, as long as the search is there.
    uint64_t *n_given; ///< Grows.
};

/** From the next search on. */
void nta_search_set_gate(struct nta_search *search, const struct nta_search_gate *gate);

/** One record that fits.  All of it borrows until the callback returns. */
struct nta_found
{
    const struct nta_record *record;
    struct nta_span encoded; ///< The same as it is stored.
    const struct nta_header *header;
    size_t index;           ///< In the batch, from 0.
    const char *unverified; ///< NULL: proved.  Else why not, as the finding's kind is named.
};

enum
{
    NTA_FOUND_ID_SIZE = 96
};

/** The record's id, "SENSOR-NUMBER-INDEX", into `buf`; gives `buf`. */
const char *nta_found_id(const struct nta_found *found, char buf[NTA_FOUND_ID_SIZE]);

/** Non-zero stops: negative errno with `err` is a failure, positive is not. */
typedef int nta_found_fn(void *owner, const struct nta_found *found, struct nta_err *err);

/** How far a search is. */
struct nta_search_state
{
    uint64_t n_batches; ///< Looked at or known to hold nothing,
    uint64_t n_all;     ///< of so many, about.
    uint64_t n_records; ///< Looked at.
    uint64_t n_found;
    int64_t at_ns;   ///< Last time of the batch that was looked at last; 0: none.
    bool is_limited; ///< The limit ended it,
    bool is_stopped; ///< or `stop` did.
};

/** What becomes of what is found. */
struct nta_search_options
{
    nta_found_fn *each; ///< Called with every record that fits.
    void *owner;        ///< For `each`, `progress` and `idle`.
    uint32_t parts;     ///< NTA_PART_... bits that `each` looks at; 0: all of a record.
    uint64_t limit;     ///< Stop after so many; 0: none.
    const volatile sig_atomic_t *stop; ///< Ends the search cleanly once it is not 0; NULL: none.
    void (*progress)(void *owner,
                     const struct nta_search_state *state); ///< After each batch; NULL: none.
    void (*idle)(void *owner); ///< Following only: all that is there by now was given; NULL: none.
    /**
     * Following only: a store failed, not `each`.  True: go on behind what was given, after a
     * while; it may pass.  NULL: end with it.
     */
    bool (*trouble)(void *owner, const struct nta_err *err);
};

/**
 * Call `options->each` for every record that fits.  The query's tokens are made here, and its
 * sensors found (-EDOM: there is none of that name, or too many).  0, also when stopped or nothing
 * is found; what a store fails with; or what `each` gave if negative.
 */
int nta_search_each(struct nta_search *search, struct nta_query *query,
                    const struct nta_search_options *options, struct nta_search_state *ret_state,
                    struct nta_err *err);

/**
 * The same, and then go on with what is recorded, within half a second or so, until `stop` or the
 * limit.  What was there before is given too, from the query's `since_ns` on.
 */
int nta_search_follow(struct nta_search *search, struct nta_query *query,
                      const struct nta_search_options *options, struct nta_search_state *ret_state,
                      struct nta_err *err);

/**
 * Call `each` with the one record of this id.  0; -ENOENT: there is none; -EINVAL: not an id; or as
 * above.
 */
int nta_search_one(struct nta_search *search, const char *id, nta_found_fn *each, void *owner,
                   struct nta_err *err);

/** The stores behind it, with what was found not to hold. */
struct nta_stores *nta_search_stores(struct nta_search *search);

/** The opener with its keys: for what needs whole batches. */
struct nta_opener *nta_search_opener(struct nta_search *search);

/** How far the chain was looked at by the last search. */
struct nta_search_proof
{
    /** Proved: in their sensors' name, by signature or by links to what is signed. */
    uint64_t n_batches;
    /** Of them, those whose records were read: of others nobody looked at the body. */
    uint64_t n_opened;
    size_t n_sensors;   ///< Of so many sensors.
    bool is_whole;      ///< All there was, to the end: links, holes and heads were looked at.
    uint64_t n_wrong;   ///< Things that do not hold.
    uint64_t n_deleted; ///< Batches whose contents were deleted, as notes say.
    bool is_partial;    ///< A store could not be asked,
    bool is_refused;    ///< and somebody must mend that.
};

/** Not while a search runs (but in its `idle`). */
void nta_search_get_proof(struct nta_search *search, struct nta_search_proof *ret_proof);

/**
 * Append how far the chains went that the last search saw whole, a line each as ntad logs its
 * heads: "chain head of sensor S: batch N, LINK, tree ROOT".
 */
void nta_search_put_heads(const struct nta_search *search, struct nta_buf *out);
