/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A folder with keys and a journal, as `nta read --store` makes them, for tests that look for what
 * is in it.
 */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "search/search.h"
#include "unit.h"
#include "vault/seal.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SHELF_START_NS (INT64_C(1795600000) * NTA_NS_PER_S)

struct shelf
{
    char dir[64], journal[128], keys[128], state[128];
    struct nta_sealer *sealer;
    struct nta_store *store;
    struct nta_log_tree before; ///< Over the links of all batches but the last.
    struct nta_batch batch;
    struct nta_err err;
};

static inline int shelf_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline void shelf_done(struct shelf *shelf)
{
    nta_sealer_free(&shelf->sealer);
    nta_store_close(&shelf->store);
    nta_batch_done(&shelf->batch);
    (void)nftw(shelf->dir, shelf_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void shelf_keys(struct shelf *shelf)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {.n_records = 0};
    const struct nta_keys_place place = {.keys_dir = shelf->keys, .state_dir = shelf->state};
    const struct nta_record policy = {.event = NTA_RECORD_POLICY, .time_ns = SHELF_START_NS};
    const struct nta_keys_first first = {.batch = &batch, .wall_ns = SHELF_START_NS, .clock = 1};
    bool made;

    assert_int_equal(nta_batch_add(&batch, &policy), 0);
    if (nta_keys_init(&place, &first, &made, &shelf->err) < 0 ||
        nta_sealer_new(&place, &shelf->sealer, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
}

/** The first batch, which has the policy record alone, as `nta keys init` made it. */
static inline void shelf_begin(struct shelf *shelf)
{
    struct nta_sealer_at at = {.number = 1};
    struct nta_stored first = {.faults = 0};
    struct nta_wrapped_key key;
    enum nta_signing_state state;

    nta_sealer_first(shelf->sealer, &first.sealed, &first.header, &key);
    assert_int_equal(nta_store_put_key(shelf->store, &key, &shelf->err), 0);
    if (nta_store_put_batches(shelf->store, &first, 1, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    assert_int_equal(nta_sealer_resume(shelf->sealer,
                                       &(struct nta_sealer_known){.head = &first.sealed}, &state,
                                       &shelf->err),
                     0);
    nta_header_hash(&first.sealed, at.previous);
    nta_log_add(&at.log, at.previous);
    nta_sealer_continue(shelf->sealer, &at);
}

static inline struct shelf shelf_new(void)
{
    struct shelf shelf = {.dir = "/tmp/nta-search-XXXXXX"};

    assert_non_null(mkdtemp(shelf.dir));
    (void)snprintf(shelf.journal, sizeof(shelf.journal), "%s/journal.db", shelf.dir);
    (void)snprintf(shelf.keys, sizeof(shelf.keys), "%s/keys", shelf.dir);
    (void)snprintf(shelf.state, sizeof(shelf.state), "%s/state", shelf.dir);
    shelf_keys(&shelf);
    assert_int_equal(nta_store_open_sqlite(shelf.journal, true, &shelf.store, &shelf.err), 0);
    nta_batch_init(&shelf.batch);
    shelf_begin(&shelf);
    return shelf;
}

/** Seal what is in the batch, and put it into `store`. */
static inline void shelf_seal(struct shelf *shelf, struct nta_store *store,
                              const struct nta_seal_options *options)
{
    struct nta_stored stored = {.faults = 0};
    struct nta_wrapped_key key;

    if (nta_sealer_wants_key(shelf->sealer, options->class, options->wall_ns)) {
        assert_int_equal(
            nta_sealer_make_key(shelf->sealer, options->class, options->wall_ns, &key, &shelf->err),
            0);
        assert_int_equal(nta_store_put_key(store, &key, &shelf->err), 0);
        nta_sealer_use_key(shelf->sealer, options->class);
    }
    if (nta_sealer_seal(shelf->sealer, &shelf->batch, options, &stored.sealed, &stored.header,
                        &shelf->err) < 0 ||
        nta_store_put_batches(store, &stored, 1, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    shelf->before = nta_sealer_get_at(shelf->sealer)->log;
    assert_int_equal(nta_sealer_commit(shelf->sealer, &shelf->err), 0);
    nta_batch_clear(&shelf->batch);
}

/** As traffic, when its last record ended. */
static inline void shelf_commit_to(struct shelf *shelf, struct nta_store *store)
{
    shelf_seal(shelf, store,
               &(struct nta_seal_options){
                   .class = NTA_CLASS_TRAFFIC, .wall_ns = shelf->batch.last_ns, .clock = 1});
}

/** A batch of the log with a note. */
static inline void shelf_note(struct shelf *shelf, const struct nta_note *note, int64_t wall_ns)
{
    const struct nta_record record = {.event = NTA_RECORD_START, .time_ns = wall_ns};

    assert_int_equal(nta_batch_add(&shelf->batch, &record), 0);
    shelf_seal(
        shelf, shelf->store,
        &(struct nta_seal_options){
            .class = NTA_CLASS_LOG, .wall_ns = wall_ns, .clock = 1, .notes = note, .n_notes = 1});
}

static inline void shelf_commit(struct shelf *shelf)
{
    shelf_commit_to(shelf, shelf->store);
}

/** Record `i`: of user 10.0.0.(i % 5), site host-(i % 3).example, a second after the one before. */
static inline void shelf_add(struct shelf *shelf, unsigned i)
{
    static const char *const sites[] = {"host-0.example", "host-1.example", "host-2.example"};
    struct nta_record record = {
        .event = i % 10 == 9 ? NTA_RECORD_ALERT : NTA_RECORD_FLOW,
        .time_ns = SHELF_START_NS + i * NTA_NS_PER_S,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, (uint8_t)(i % 5)}),
                 .name = nta_span_of(i % 5 == 3 ? "laptop-3" : "")},
        .site = nta_span_of(sites[i % 3]),
        .basis = NTA_BASIS_SNI,
        .down = {.bytes = i},
    };

    assert_int_equal(nta_batch_add(&shelf->batch, &record), 0);
}

/** Records `from` to `to` - 1, so many a batch. */
static inline void shelf_fill(struct shelf *shelf, unsigned from, unsigned to, unsigned each)
{
    for (unsigned i = from; i < to; i++) {
        shelf_add(shelf, i);
        if (i % each == each - 1 || i + 1 == to)
            shelf_commit(shelf);
    }
}

static inline struct nta_search *shelf_search(struct shelf *shelf)
{
    struct nta_search *search = NULL;

    const struct nta_stores_options options = {.dir = shelf->dir};

    if (nta_search_open(&options, &search, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    return search;
}
