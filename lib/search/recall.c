/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of all stores, held against what this user's nta saw before. */
#include "chain/recall.h"

#include "base/own.h"
#include "search/stores.h"

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
    return nta_chain_recall_seen(chain) ? nta_stores_recall_chosen(stores, chain, stop, err) : 0;
}
