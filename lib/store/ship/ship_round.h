/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One round of the shipper, apart from its thread (ship.c): take a parcel of batches out of the
 * journal, put it into MySQL, let the journal forget it.  A round may be cut anywhere and run
 * again: what MySQL has already is compared, not stored twice.
 */

#include "store/ship/ship_indexes.h"
#include "store/ship/ship_options.h"
#include "store/store_internal.h"

#include <stdatomic.h>

enum
{
    NTA_PARCEL_BATCHES = 32,                 ///< In one transaction; or
    NTA_PARCEL_BYTES = 16 * 1024 * 1024,     ///< as many as go into this, and one more;
    NTA_PARCEL_KEEP_BYTES = 2 * 1024 * 1024, ///< memory kept between parcels.
};

/** What a parcel holds: its batches borrow from `bytes`. */
struct nta_parcel
{
    struct nta_stored batches[NTA_PARCEL_BATCHES];
    size_t n_batches;
    struct nta_buf bytes;
    struct nta_ship_indexes indexes; ///< Of its last batch.
};

/** The thread's own; the counters may be read by anyone. */
struct nta_shipment
{
    const struct nta_ship_options *options; ///< Borrows.
    struct nta_store *journal, *mysql;      ///< Owned; `mysql` NULL until it was reached once.
    struct nta_parcel parcel;
    bool is_agreed;                      ///< Compared where both stand, since the last failure;
    bool was_agreed;                     ///< or at all.
    struct nta_store_head there;         ///< MySQL's chain, as we left it,
    struct nta_log_tree log;             ///< and the tree over its links; n 0: not known.
    uint64_t acked;                      ///< What is numbered up to this one is not sent any more;
    uint64_t had;                        ///< The highest that MySQL ever acknowledged.
    int64_t older_mono_ns;               ///< When it was found to have less; 0: nothing is said.
    bool forget_failed;                  ///< It could not, which was said.
    uint64_t forgotten;                  ///< the journal has forgotten all up to this one,
    uint64_t kept;                       ///< but for those up to this one: a part that forked.
    uint8_t key_id[NTA_DATA_KEY_ID_LEN]; ///< The data key that MySQL was sent last.
    bool has_key;
    bool lacks_indexes;        ///< MySQL keeps none, or not all, which was said.
    _Atomic int64_t oldest_ns; ///< First time of the oldest batch not shipped, 0: none.
    struct nta_counters counters;
};

/**
 * Ship one parcel.  1: one was shipped, there may be more; 0: nothing is left; or negative errno.
 */
int nta_ship_round(struct nta_shipment *shipment, struct nta_err *err);

/** Closes both stores and frees the parcel; the options are borrowed, and stay. */
void nta_shipment_done(struct nta_shipment *shipment);
