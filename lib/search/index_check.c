/* SPDX-License-Identifier: Apache-2.0 */
#include "search/index_check.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "chain/recall.h"
#include "vault/index/builder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** One of them, as far as its batches came. */
struct making
{
    struct nta_noted_index *noted; ///< NULL: none yet.
    bool is_whole;                 ///< None of them is missing so far.
    struct nta_index_builder builder;
};

struct nta_index_check
{
    struct nta_stores *stores;
    struct nta_chain *chain;
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
    nta_indexes_look_at_all(check->indexes);
    check->stores = stores;
    check->chain = chain;
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
    struct nta_noted_index *noted = listed->noted;

    nta_index_builder_clear(&making->builder);
    making->noted = noted;
    making->is_whole = listed->is_there && !noted->is_done;
    if (listed->is_gone && !noted->is_done)
        report(check, NTA_FINDING_INDEX_GONE, noted, NULL);
    noted->is_done |= !listed->is_there; /* one that is another was said of itself */
}

bool nta_index_check_needs(struct nta_index_check *check, const struct nta_header *header)
{
    const uint64_t passed = nta_chain_recalled(check->chain, header->sensor);
    const struct nta_listed_index *listed = header->version == 1 || header->number > passed
                                                ? NULL
                                                : nta_indexes_of(check->indexes, header);

    return listed && listed->is_there && listed->noted->number > passed;
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
    if (listed->noted->is_done || !nta_indexes_place(check->indexes, listed, row, &at))
        return 0;
    nta_index_set_put(&listed->noted->came, at);
    if (at < making->builder.n_batches) /* it comes again */
        return 0;
    making->is_whole = making->is_whole && at == making->builder.n_batches;
    if (!making->is_whole)
        return 0;
    int r = nta_index_builder_add(&making->builder, &row->sealed, &row->header);

    if (r == -E2BIG) {
        report(check, NTA_FINDING_INDEX, listed->noted,
               "the index that it notes is of batches with more tokens than one is made of: it is "
               "not made again, and searches may miss records");
        making->is_whole = false;
        listed->noted->is_done = true;
        return 0;
    }
    if (r == 0 && making->builder.n_batches == listed->index.n_batches) {
        r = compare(check, listed, &making->builder);
        making->is_whole = false;
        listed->noted->is_done = true;
    }
    return r;
}

/** Did all come that it names, but those whose contents were deleted since? */
static bool is_complete(struct nta_index_check *check, const struct nta_noted_index *noted)
{
    struct nta_header header = {.version = 2,
                                .number = noted->number - 1, /* which may belong to it */
                                .class = noted->class,
                                .sealed_ns = noted->day * 24 * 3600 * NTA_NS_PER_S};

    memcpy(header.sensor, noted->sensor, NTA_SENSOR_ID_LEN);
    const struct nta_listed_index *listed = nta_indexes_of(check->indexes, &header);

    for (size_t i = 0; listed && listed->is_there && i < listed->index.n_batches; i++) {
        header.number = nta_index_number(&listed->index, i);
        if (!nta_index_set_has(&noted->came, i) && !nta_chain_deletes(check->chain, &header))
            return false;
    }
    return true;
}

void nta_index_check_end(struct nta_index_check *check)
{
    const struct nta_noted_index *noted;

    for (size_t i = 0; (noted = nta_indexes_noted(check->indexes, i)); i++)
        if (!noted->is_done && !is_complete(check, noted))
            report(check, NTA_FINDING_INDEX, noted,
                   "the index that it notes names a batch that is not there as it is named: it "
                   "cannot be made again, and searches may miss records");
}
