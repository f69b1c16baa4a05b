/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of all stores, held against what this user's nta saw before. */
#include "chain/recall.h"

#include "base/own.h"
#include "chain/notes.h"
#include "search/stores.h"
#include "vault/index/index.h"

#include <errno.h>

struct recalling
{
    struct nta_chain *chain;
    const volatile sig_atomic_t *stop;
};

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    const struct recalling *recalling = owner;

    (void)err;
    nta_chain_recall(recalling->chain, row);
    return recalling->stop && *recalling->stop ? 1 : 0;
}

static int count_index(void *owner, uint64_t number, const struct nta_note *note,
                       struct nta_err *err)
{
    (void)number;
    (void)err;
    if (note->kind == NTA_HEADER_NOTE_INDEX)
        ++*(uint64_t *)owner;
    return 0;
}

/** Reading all headers takes longer than the signatures of a quarter that no index names. */
static bool is_worth_it(struct nta_stores *stores, struct nta_chain *chain)
{
    const struct nta_store_query all = {.sensor = NULL};
    struct nta_chain_sensor sensor;
    struct nta_err ignored;
    uint64_t n_batches = 0, n_indexes = 0;

    if (nta_stores_count(stores, &all, &n_batches, &ignored) < 0)
        return true;
    for (size_t i = 0; nta_chain_get(chain, i, &sensor); i++)
        (void)nta_chain_each_note(chain, sensor.trusted->sensor, count_index, &n_indexes, &ignored);
    return n_indexes * NTA_INDEX_BATCHES_MAX < n_batches - n_batches / 4;
}

int nta_stores_recall_chosen(struct nta_stores *stores, struct nta_chain *chain,
                             const volatile sig_atomic_t *stop, struct nta_err *err)
{
    const struct nta_store_query heads = {.wants = nta_store_wants_none};
    struct recalling recalling = {.chain = chain, .stop = stop};
    struct nta_store *all[] = {stores->mysql, stores->journal};
    int r = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && r != 1 && r != -ENOMEM; i++) {
        if (all[i]) /* what cannot be read is not recalled, and the walk says it */
            r = nta_store_each(all[i], &heads, on_head, &recalling, err);
    }
    nta_chain_recall_end(chain);
    return r == -ENOMEM ? r : 0;
}

int nta_stores_recall(struct nta_stores *stores, struct nta_chain *chain,
                      const volatile sig_atomic_t *stop, struct nta_err *err)
{
    return nta_chain_recall_seen(chain) && is_worth_it(stores, chain)
               ? nta_stores_recall_chosen(stores, chain, stop, err)
               : 0;
}
