/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A journal written through the real sealer, with DIR/keys and DIR/state; records go by class.
 */

#include "sealed_keys.h"
#include "store/writer.h"
#include "vault/seal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct sealed_store
{
    struct nta_sealer *sealer;
    struct nta_store *store;
    struct nta_store_head head; ///< The chain's.
    struct nta_batch open[NTA_N_CLASSES];
    size_t n_each;                            ///< Records of a batch; 0: as many as fit.
    uint64_t n_header_bytes, n_content_bytes; ///< Of what was committed.
    struct nta_err err;
};

static inline void sealed_store_close(struct sealed_store *sealed)
{
    for (size_t i = 0; i < NTA_N_CLASSES; i++)
        nta_batch_done(&sealed->open[i]);
    nta_sealer_free(&sealed->sealer);
    nta_store_close(&sealed->store);
}

/** Append what was sealed, and be behind it. */
static inline int sealed_store_append(struct sealed_store *sealed, const struct nta_stored *stored,
                                      const struct nta_log_tree *before)
{
    uint8_t bytes[NTA_LOG_FRONTIER_MAX];
    const struct nta_span frontier = {bytes, nta_log_frontier(before, bytes)};
    int r = nta_store_append(sealed->store, &sealed->head, stored, 1, frontier, &sealed->err);

    if (r < 0)
        return r;
    sealed->head.number = stored->header.number;
    nta_header_hash(&stored->sealed, sealed->head.hash);
    sealed->n_header_bytes += stored->sealed.header.len + stored->sealed.signature.len;
    sealed->n_content_bytes += stored->sealed.tokens.len + stored->sealed.body.len;
    return 0;
}

/** The first batch, into a store that has none. */
static inline int sealed_store_begin(struct sealed_store *sealed)
{
    const struct nta_log_tree none = {0};
    struct nta_stored stored = {.faults = 0};
    struct nta_wrapped_key key;

    nta_sealer_first(sealed->sealer, &stored.sealed, &stored.header, &key);
    int r = nta_store_put_key(sealed->store, &key, &sealed->err);
    return r < 0 ? r : sealed_store_append(sealed, &stored, &none);
}

/** Go on behind the store's last batch. */
static inline int sealed_store_resume(struct sealed_store *sealed,
                                      const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    struct nta_store_place place;
    struct nta_store_last last;
    enum nta_signing_state state;
    struct nta_sealer_at at;
    int r = nta_store_get_place(sealed->store, sensor, &place, &sealed->err);

    if (r == 0)
        r = nta_store_newest(sealed->store, sensor, place.head.number, &last, &sealed->err);
    if (r < 0)
        return r;
    const struct nta_sealed head = {.header = {last.header, last.n_header},
                                    .signature = {last.signature, sizeof(last.signature)}};
    const struct nta_sealer_known known = {.head = &head};

    at.number = place.head.number;
    memcpy(at.previous, place.head.hash, sizeof(at.previous));
    if (!nta_log_from_frontier(place.head.number - 1,
                               (struct nta_span){place.frontier, place.n_frontier}, &at.log))
        return nta_err_set(&sealed->err, -EBADMSG, "the chain's row has no frontier");
    nta_log_add(&at.log, place.head.hash);
    r = nta_sealer_resume(sealed->sealer, &known, &state, &sealed->err);
    if (r == 0)
        nta_sealer_continue(sealed->sealer, &at);
    return r;
}

/** Open the store in DIR, and make what is not there.  0, or negative errno with the sentence. */
static inline int sealed_store_open(struct sealed_store *sealed, const char *dir, int64_t wall_ns)
{
    char keys[4096], state[4096], path[4096];
    const struct nta_keys_place place = {.keys_dir = keys, .state_dir = state};
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_store_place at;

    for (size_t i = 0; i < NTA_N_CLASSES; i++)
        nta_batch_init(&sealed->open[i]);
    (void)mkdir(dir, 0700);
    (void)snprintf(keys, sizeof(keys), "%s/keys", dir);
    (void)snprintf(state, sizeof(state), "%s/state", dir);
    (void)snprintf(path, sizeof(path), "%s/journal.db", dir);
    int r = sealed_store_make_keys(&place, wall_ns, &sealed->err);

    if (r == 0)
        r = nta_sealer_new(&place, &sealed->sealer, &sealed->err);
    if (r == 0)
        r = nta_store_open_sqlite(path, true, &sealed->store, &sealed->err);
    if (r < 0)
        return r;
    nta_sealer_get_sensor(sealed->sealer, sensor);
    r = nta_store_get_place(sealed->store, sensor, &at, &sealed->err);
    sealed->head = at.head;
    if (r == 0 && at.head.number == 0)
        r = sealed_store_begin(sealed);
    return r < 0 ? r : sealed_store_resume(sealed, sensor);
}

/** Seal and commit a batch at this time, which is the record's where a test says so. */
static inline int sealed_store_commit(struct sealed_store *sealed, const struct nta_batch *batch,
                                      enum nta_class class, int64_t wall_ns)
{
    const struct nta_log_tree before = nta_sealer_get_at(sealed->sealer)->log;
    const struct nta_seal_options options = {.class = class, .wall_ns = wall_ns, .clock = 1};
    struct nta_stored stored = {.faults = 0};
    struct nta_wrapped_key key;
    int r = 0;

    if (nta_sealer_wants_key(sealed->sealer, class, wall_ns)) {
        r = nta_sealer_make_key(sealed->sealer, class, wall_ns, &key, &sealed->err);
        if (r == 0)
            r = nta_store_put_key(sealed->store, &key, &sealed->err);
        if (r == 0)
            nta_sealer_use_key(sealed->sealer, class);
    }
    if (r == 0)
        r = nta_sealer_seal(sealed->sealer, batch, &options, &stored.sealed, &stored.header,
                            &sealed->err);
    if (r == 0)
        r = sealed_store_append(sealed, &stored, &before);
    return r < 0 ? r : nta_sealer_commit(sealed->sealer, &sealed->err);
}

/** Commit what is open of a class. */
static inline int sealed_store_flush(struct sealed_store *sealed, enum nta_class class)
{
    struct nta_batch *batch = &sealed->open[class];
    int r = batch->n_records ? sealed_store_commit(sealed, batch, class, batch->last_ns) : 0;

    nta_batch_clear(batch);
    return r;
}

/** Commit all that is open. */
static inline int sealed_store_flush_all(struct sealed_store *sealed)
{
    bool failed = false;

    for (enum nta_class class = NTA_CLASS_EVIDENCE; class <= NTA_CLASS_LOG; class ++)
        failed = failed || sealed_store_flush(sealed, class) < 0;
    return failed ? -1 : 0;
}

/** Add a record to the open batch of its class; a full one is committed. */
static inline int sealed_store_add(struct sealed_store *sealed, const struct nta_record *record)
{
    enum nta_class class = nta_record_class(record);
    struct nta_batch *batch = &sealed->open[class];
    int r = nta_batch_add(batch, record);

    if (r == -E2BIG) {
        r = sealed_store_flush(sealed, class);
        if (r == 0)
            r = nta_batch_add(batch, record);
    }
    if (r == 0 && sealed->n_each && batch->n_records >= sealed->n_each)
        r = sealed_store_flush(sealed, class);
    return r;
}
