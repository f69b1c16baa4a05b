/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records of a test's own into a folder as `nta read --store` fills one: through the real sealer
 * and commit, a batch of each class.
 */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/commit/commit.h"
#include "policy/facts.h"
#include "store/lock.h"
#include "vault/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum
{
    PATH_SIZE = 4096
};

struct put
{
    char store[PATH_SIZE], keys[PATH_SIZE], state[PATH_SIZE];
    struct nta_store_lock *lock;
    struct nta_outlet outlet;
    struct nta_commit *commit;
    struct nta_batch open[NTA_N_CLASSES];
    size_t n_batch; ///< Records of a batch, at most.
    struct nta_err err;
};

static inline void put_die(const struct put *put)
{
    (void)fprintf(stderr, "put_records: %s\n", put->err.text);
    exit(3);
}

/** Keys that are not there are made. */
static inline void put_make_keys(struct put *put)
{
    const struct nta_keys_place place = {put->keys, put->state};
    struct nta_batch batch;
    const struct nta_keys_first first = {.batch = &batch, .wall_ns = nta_clock_wall_ns()};
    bool made;

    nta_batch_init(&batch);
    if (nta_policy_first(first.wall_ns, &batch) < 0 ||
        nta_keys_init(&place, &first, &made, &put->err) < 0)
        put_die(put);
    nta_batch_done(&batch);
}

static inline void put_open(struct put *put, const char *dir, size_t n_batch)
{
    *put = (struct put){.n_batch = n_batch};
    (void)mkdir(dir, 0700);
    (void)snprintf(put->store, sizeof(put->store), "%s/journal.db", dir);
    (void)snprintf(put->keys, sizeof(put->keys), "%s/keys", dir);
    (void)snprintf(put->state, sizeof(put->state), "%s/state", dir);
    if (nta_store_lock_take(put->store, false, &put->lock, &put->err) < 0)
        put_die(put);
    put_make_keys(put);
    put->outlet = (struct nta_outlet){.store_path = put->store,
                                      .keys_dir = put->keys,
                                      .state_dir = put->state,
                                      .lock = put->lock};
    const struct nta_commit_options options = {.outlet = &put->outlet};

    if (nta_commit_open(&options, &put->commit, &put->err) < 0)
        put_die(put);
    for (unsigned class = 0; class < NTA_N_CLASSES; class ++) {
        nta_batch_init(&put->open[class]);
        put->open[class].class = (enum nta_class) class;
    }
}

static inline void put_commit(struct put *put, enum nta_class class, bool is_last)
{
    struct nta_batch *batch = &put->open[class];
    struct nta_committed committed;

    if (batch->n_records == 0)
        return;
    if (nta_commit_try(put->commit, batch, is_last, &committed, &put->err) < 0)
        put_die(put);
    nta_batch_clear(batch);
    batch->class = class;
}

static inline void put_record(struct put *put, const struct nta_record *record)
{
    const enum nta_class class = nta_record_class(record);
    struct nta_batch *batch = &put->open[class];

    if (batch->n_records == put->n_batch || nta_batch_add(batch, record) < 0) {
        put_commit(put, class, false);
        if (nta_batch_add(batch, record) < 0)
            put_die(put);
    }
}

static inline void put_close(struct put *put)
{
    for (unsigned class = 0; class < NTA_N_CLASSES; class ++) {
        put_commit(put, (enum nta_class) class, false);
        nta_batch_done(&put->open[class]);
    }
    nta_commit_end(put->commit);
    nta_commit_close(&put->commit);
    nta_store_lock_free(&put->lock);
}
