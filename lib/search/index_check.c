/* SPDX-License-Identifier: Apache-2.0 */
#include "search/index_check.h"

#include "base/own.h"
#include "vault/index/builder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** One of them, as far as its batches came. */
struct making
{
    const struct nta_noted_index *noted; ///< NULL: none yet.
    bool is_whole;                       ///< None of them is missing so far.
    struct nta_index_builder builder;
};

struct nta_index_check
{
    struct nta_stores *stores;
    struct nta_indexes *indexes; ///< Owned.
    struct making making[NTA_N_CLASSES];
    struct nta_index_table table;
};

void nta_index_check_free(struct nta_index_check **check)
{
    struct nta_index_check *dead = NTA_TAKE(*check);

    if (!dead)
        return;
    for (size_t class = 0; class < NTA_N_CLASSES; class ++)
        nta_index_builder_done(&dead->making[class].builder);
    nta_index_table_done(&dead->table);
    nta_indexes_free(&dead->indexes);
    free(dead);
}

int nta_index_check_new(struct nta_stores *stores, struct nta_chain *chain,
                        struct nta_index_check **ret_check)
{
    NTA_AUTO(nta_index_check_free) struct nta_index_check *check = calloc(1, sizeof(*check));

    if (!check || nta_indexes_new(stores, chain, &check->indexes) < 0)
        return -ENOMEM;
    check->stores = stores;
    *ret_check = NTA_TAKE(check);
    return 0;
}

static void report(struct nta_index_check *check, enum nta_finding_kind kind,
                   const struct nta_noted_index *noted, const char *text)
{
    const struct nta_finding_at at = {.sensor = noted->sensor, .number = noted->number};

    nta_findings_add(check->stores->findings, kind, &at, text);
}

/** All its batches came: is it what is noted, and are its pages there? */
static int compare(struct nta_index_check *check, const struct nta_listed_index *listed,
                   const struct nta_index_builder *builder)
{
    enum nta_index_part is = NTA_INDEX_PART_HOLDS;

    if (nta_index_build(builder, &check->table) < 0)
        return -ENOMEM;
    if (memcmp(check->table.hash, listed->noted->hash, NTA_HASH_LEN) != 0) {
        report(check, NTA_FINDING_INDEX, listed->noted,
               "the index that it notes is not that of its batches: searches would miss records");
        return 0;
    }
    for (size_t i = 0; i < listed->index.n_pages && is == NTA_INDEX_PART_HOLDS; i++)
        is = nta_indexes_page(check->indexes, listed, i);
    if (is == NTA_INDEX_PART_GONE)
        report(check, NTA_FINDING_INDEX_GONE, listed->noted, NULL);
    return 0;
}

/** Another index than the one before. */
static void begin(struct nta_index_check *check, struct making *making,
                  const struct nta_listed_index *listed)
{
    nta_index_builder_clear(&making->builder);
    making->noted = listed->noted;
    making->is_whole = listed->is_there;
    if (listed->is_gone)
        report(check, NTA_FINDING_INDEX_GONE, listed->noted, NULL);
}

int nta_index_check_take(struct nta_index_check *check, const struct nta_stored *row)
{
    struct making *making = &check->making[row->header.class];
    struct nta_listed_index *listed =
        row->header.version == 1 ? NULL : nta_indexes_of(check->indexes, &row->header);
    size_t at;

    if (!listed)
        return 0;
    if (making->noted != listed->noted)
        begin(check, making, listed);
    if (!making->is_whole || !nta_indexes_place(check->indexes, listed, row, &at))
        return 0;
    making->is_whole = at == making->builder.n_batches;
    if (!making->is_whole)
        return 0;
    int r = nta_index_builder_add(&making->builder, &row->sealed, &row->header);

    if (r == 0 && making->builder.n_batches == listed->index.n_batches) {
        r = compare(check, listed, &making->builder);
        making->is_whole = false;
    }
    return r;
}
