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
    struct nta_made *made;
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

int nta_index_check_new(struct nta_stores *stores, struct nta_chain *chain, struct nta_made *made,
                        struct nta_index_check **ret_check)
{
    NTA_AUTO(nta_index_check_free) struct nta_index_check *check = calloc(1, sizeof(*check));

    if (!check || nta_indexes_new(stores, chain, &check->indexes) < 0)
        return -ENOMEM;
    nta_indexes_look_at_all(check->indexes);
    check->stores = stores;
    check->chain = chain;
    check->made = made;
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
    listed->noted->is_made = is == NTA_INDEX_PART_HOLDS;
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

/** An index that this header notes is not looked at: it was made again before. */
static bool is_passed(const struct nta_index_check *check, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      uint64_t number)
{
    const struct nta_made_of *made = nta_made_find(check->made, sensor);

    return made && number <= made->before;
}

bool nta_index_check_needs(struct nta_index_check *check, const struct nta_header *header)
{
    const struct nta_listed_index *listed =
        header->version == 1 || header->number > nta_chain_recalled(check->chain, header->sensor)
            ? NULL
            : nta_indexes_of(check->indexes, header);

    return listed && listed->is_there && !is_passed(check, header->sensor, listed->noted->number);
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

/** What is known in the end of an index that was not made again. */
enum unmade
{
    UNMADE_GONE,    ///< It is not there, or it is another one, which was said.
    UNMADE_DELETED, ///< Nor are the contents of its batches, by a note: it need not be.
    UNMADE_LACKS,   ///< A batch that it names did not come, for no reason.
    UNMADE_ORDER,   ///< All came, but not in their order.
};

static enum unmade why_unmade(struct nta_index_check *check, const struct nta_noted_index *noted)
{
    struct nta_header header = {.version = 2,
                                .number = noted->number - 1, /* which may belong to it */
                                .class = noted->class,
                                .sealed_ns = noted->day * 24 * 3600 * NTA_NS_PER_S};

    memcpy(header.sensor, noted->sensor, NTA_SENSOR_ID_LEN);
    const struct nta_listed_index *listed = nta_indexes_of(check->indexes, &header);
    bool is_deleted = false;

    if (nta_chain_deletes(check->chain, &header))
        return UNMADE_DELETED;
    if (noted->is_done || !listed || !listed->is_there)
        return UNMADE_GONE;
    for (size_t i = 0; i < listed->index.n_batches; i++) {
        header.number = nta_index_number(&listed->index, i);
        if (nta_index_set_has(&noted->came, i))
            continue;
        if (!nta_chain_deletes(check->chain, &header))
            return UNMADE_LACKS;
        is_deleted = true;
    }
    return is_deleted ? UNMADE_DELETED : UNMADE_ORDER;
}

static void tell_unmade(struct nta_index_check *check, const struct nta_noted_index *noted)
{
    const enum unmade why = why_unmade(check, noted);

    if (why != UNMADE_DELETED)
        nta_made_leave(check->made, noted->sensor, noted->number);
    if (why == UNMADE_LACKS)
        report(check, NTA_FINDING_INDEX, noted,
               "the index that it notes names a batch that is not there as it is named: it "
               "cannot be made again, and searches may miss records");
    if (why == UNMADE_ORDER)
        report(check, NTA_FINDING_UNSEEN, noted,
               "the index that it notes was not made again: of its batches, one store lacks some "
               "in the midst of others, which are in the other store");
}

void nta_index_check_end(struct nta_index_check *check)
{
    const struct nta_noted_index *noted;

    for (size_t i = 0; (noted = nta_indexes_noted(check->indexes, i)); i++) {
        if (!noted->is_made && !is_passed(check, noted->sensor, noted->number))
            tell_unmade(check, noted);
    }
}
