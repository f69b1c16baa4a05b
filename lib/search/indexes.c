/* SPDX-License-Identifier: Apache-2.0 */
#include "search/indexes.h"

#include "base/own.h"
#include "chain/notes.h"
#include "chain/recall.h"
#include "vault/index/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    LISTS = 2 ///< Of a class: rows are looked at ahead, into the next one.
};

struct nta_indexes
{
    struct nta_stores *stores;
    struct nta_chain *chain;
    struct nta_noted_index *all; ///< Owned; by sensor, class, day and number.
    size_t n, size;
    uint8_t sensor[NTA_SENSOR_ID_LEN]; ///< Whose notes are being taken.
    struct nta_listed_index lists[NTA_N_CLASSES][LISTS];
    size_t next[NTA_N_CLASSES]; ///< The list that gives way.
    struct nta_buf page, copy;
    bool looks_at_all;
};

void nta_indexes_free(struct nta_indexes **indexes)
{
    struct nta_indexes *dead = NTA_TAKE(*indexes);

    if (!dead)
        return;
    for (size_t class = 0; class < NTA_N_CLASSES; class ++)
        for (size_t i = 0; i < LISTS; i++)
            nta_buf_done(&dead->lists[class][i].list);
    nta_buf_done(&dead->page);
    nta_buf_done(&dead->copy);
    free(dead->all);
    free(dead);
}

/* ---- what is noted ---- */

static int compare(const void *a, const void *b)
{
    const struct nta_noted_index *one = a, *other = b;
    const int by_sensor = memcmp(one->sensor, other->sensor, NTA_SENSOR_ID_LEN);

    if (by_sensor != 0)
        return by_sensor;
    if (one->class != other->class)
        return one->class < other->class ? -1 : 1;
    if (one->day != other->day)
        return one->day < other->day ? -1 : 1;
    return (one->number > other->number) - (one->number < other->number);
}

static int take_note(void *owner, uint64_t number, const struct nta_note *note, struct nta_err *err)
{
    struct nta_indexes *indexes = owner;

    if (note->kind != NTA_HEADER_NOTE_INDEX)
        return 0;
    if (indexes->n == indexes->size) {
        const size_t size = indexes->size ? 2 * indexes->size : 64;
        struct nta_noted_index *more = reallocarray(indexes->all, size, sizeof(*more));

        if (!more)
            return nta_err_sys(err, -ENOMEM, "search");
        indexes->all = more;
        indexes->size = size;
    }
    struct nta_noted_index *noted = &indexes->all[indexes->n++];

    *noted = (struct nta_noted_index){.class = note->class, .day = note->day, .number = number};
    memcpy(noted->sensor, indexes->sensor, NTA_SENSOR_ID_LEN);
    memcpy(noted->hash, note->key, NTA_HASH_LEN);
    return 0;
}

int nta_indexes_new(struct nta_stores *stores, struct nta_chain *chain,
                    struct nta_indexes **ret_indexes)
{
    NTA_AUTO(nta_indexes_free) struct nta_indexes *indexes = calloc(1, sizeof(*indexes));
    struct nta_chain_sensor sensor;
    struct nta_err ignored;
    int r = indexes ? 0 : -ENOMEM;

    if (indexes) {
        indexes->stores = stores;
        indexes->chain = chain;
    }
    for (size_t i = 0; r == 0 && nta_chain_get(chain, i, &sensor); i++) {
        memcpy(indexes->sensor, sensor.trusted->sensor, NTA_SENSOR_ID_LEN);
        r = nta_chain_each_note(chain, indexes->sensor, take_note, indexes, &ignored);
    }
    if (r == 0 && indexes->n > 0)
        qsort(indexes->all, indexes->n, sizeof(*indexes->all), compare);
    if (r == 0)
        *ret_indexes = NTA_TAKE(indexes);
    return r;
}

/** The first one of the header's class and day that is noted behind it; NULL: there is none. */
static struct nta_noted_index *find(const struct nta_indexes *indexes,
                                    const struct nta_header *header, uint64_t *ret_behind)
{
    struct nta_noted_index wanted = {
        .class = header->class, .day = nta_day_of(header->sealed_ns), .number = header->number};
    size_t low = 0, high = indexes->n;

    memcpy(wanted.sensor, header->sensor, NTA_SENSOR_ID_LEN);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (compare(&indexes->all[middle], &wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct nta_noted_index *found = low < indexes->n ? &indexes->all[low] : NULL;
    const struct nta_noted_index *before = low > 0 ? found - 1 : NULL;

    if (!found || found->class != wanted.class || found->day != wanted.day ||
        memcmp(found->sensor, wanted.sensor, NTA_SENSOR_ID_LEN) != 0)
        return NULL;
    *ret_behind = before && before->class == wanted.class && before->day == wanted.day &&
                          memcmp(before->sensor, wanted.sensor, NTA_SENSOR_ID_LEN) == 0
                      ? before->number
                      : 0;
    return found;
}

void nta_indexes_look_at_all(struct nta_indexes *indexes)
{
    indexes->looks_at_all = true;
}

struct nta_noted_index *nta_indexes_noted(struct nta_indexes *indexes, size_t i)
{
    return i < indexes->n ? &indexes->all[i] : NULL;
}

/* ---- lists and pages ---- */

static void report(const struct nta_indexes *indexes, const struct nta_noted_index *noted)
{
    const struct nta_finding_at at = {.sensor = noted->sensor, .number = noted->number};

    nta_findings_add(indexes->stores->findings, NTA_FINDING_INDEX, &at, NULL);
}

/** True if these bytes are what was noted. */
typedef bool is_right_fn(const struct nta_listed_index *listed, uint32_t part,
                         struct nta_span bytes);

/** Out of whichever store has it as it was noted: into `bytes`. */
static enum nta_index_part read_part(struct nta_indexes *indexes,
                                     const struct nta_listed_index *listed, uint32_t part,
                                     is_right_fn *is_right, struct nta_buf *bytes)
{
    struct nta_store *all[] = {indexes->stores->journal, indexes->stores->mysql};
    struct nta_store_index_at at = {.number = listed->noted->number,
                                    .class = listed->noted->class,
                                    .day = listed->noted->day,
                                    .part = part};
    struct nta_err ignored;
    bool holds = false, is_other = false;

    memcpy(at.sensor, listed->noted->sensor, NTA_SENSOR_ID_LEN);
    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && (!holds || indexes->looks_at_all); i++) {
        struct nta_buf *read = holds ? &indexes->copy : bytes;

        if (!all[i] || nta_store_get_index(all[i], &at, read, &ignored) != 1)
            continue;
        if (is_right(listed, part, nta_buf_span(read)))
            holds = true;
        else
            is_other = true;
    }
    if (is_other && (!holds || indexes->looks_at_all))
        report(indexes, listed->noted);
    return holds ? NTA_INDEX_PART_HOLDS : is_other ? NTA_INDEX_PART_OTHER : NTA_INDEX_PART_GONE;
}

static bool is_list(const struct nta_listed_index *listed, uint32_t part, struct nta_span bytes)
{
    (void)part;
    return nta_hash_is(bytes, listed->noted->hash);
}

static bool is_page(const struct nta_listed_index *listed, uint32_t part, struct nta_span bytes)
{
    return nta_index_page_is(&listed->index, part - 1, bytes);
}

enum nta_index_part nta_indexes_page(struct nta_indexes *indexes,
                                     const struct nta_listed_index *listed, size_t page)
{
    return read_part(indexes, listed, (uint32_t)page + 1, is_page, &indexes->page);
}

/** The one that is at hand already; NULL: none is. */
static struct nta_listed_index *at_hand(struct nta_listed_index *lists,
                                        const struct nta_header *header)
{
    for (size_t i = 0; i < LISTS; i++) {
        const struct nta_noted_index *noted = lists[i].noted;

        if (noted && header->number > lists[i].behind && header->number < noted->number &&
            noted->day == nta_day_of(header->sealed_ns) &&
            memcmp(noted->sensor, header->sensor, NTA_SENSOR_ID_LEN) == 0)
            return &lists[i];
    }
    return NULL;
}

struct nta_listed_index *nta_indexes_of(struct nta_indexes *indexes,
                                        const struct nta_header *header)
{
    struct nta_listed_index *lists = indexes->lists[header->class];
    struct nta_listed_index *listed = at_hand(lists, header);
    uint64_t behind = 0;
    struct nta_noted_index *noted = listed ? NULL : find(indexes, header, &behind);

    if (listed || !noted)
        return listed;
    listed = &lists[indexes->next[header->class]];
    indexes->next[header->class] = (indexes->next[header->class] + 1) % LISTS;
    *listed = (struct nta_listed_index){.noted = noted, .behind = behind, .list = listed->list};
    const enum nta_index_part is = read_part(indexes, listed, 0, is_list, &listed->list);

    listed->is_gone = is == NTA_INDEX_PART_GONE;
    listed->is_there = is == NTA_INDEX_PART_HOLDS &&
                       nta_index_read(nta_buf_span(&listed->list), &listed->index) &&
                       listed->index.class == noted->class && listed->index.day == noted->day;
    return listed;
}

/** Which of an index's batches may have a token; false: its page is not there, or not as noted. */
static bool look_up(struct nta_indexes *indexes, const struct nta_listed_index *listed,
                    const uint8_t token[NTA_TOKEN_LEN], struct nta_index_set *ret_set)
{
    const uint32_t prefix = nta_index_prefix(token);
    size_t page;

    *ret_set = (struct nta_index_set){{0}};
    if (!nta_index_page_of(&listed->index, prefix, &page))
        return true;
    return nta_indexes_page(indexes, listed, page) == NTA_INDEX_PART_HOLDS &&
           nta_index_look_up(nta_buf_span(&indexes->page), prefix, ret_set);
}

/** Those that have all of the ones and any of the others, as nta_query_tokens_fit() has it. */
static bool look_for(struct nta_indexes *indexes, const struct nta_listed_index *listed,
                     const struct nta_query_tokens *wanted, struct nta_index_set *ret_set)
{
    struct nta_index_set one, any = {{0}};
    bool is_known = true;

    memset(ret_set, 0xff, sizeof(*ret_set));
    for (size_t i = 0; i < wanted->n_all && is_known; i++) {
        is_known = look_up(indexes, listed, wanted->all[i], &one);
        for (size_t k = 0; k < sizeof(one.bits); k++)
            ret_set->bits[k] &= one.bits[k];
    }
    for (size_t i = 0; i < wanted->n_any && is_known; i++) {
        is_known = look_up(indexes, listed, wanted->any[i], &one);
        for (size_t k = 0; k < sizeof(one.bits); k++)
            any.bits[k] |= one.bits[k];
    }
    for (size_t k = 0; k < sizeof(any.bits) && wanted->n_any > 0; k++)
        ret_set->bits[k] &= any.bits[k];
    return is_known;
}

/* ---- rows ---- */

bool nta_indexes_place(struct nta_indexes *indexes, const struct nta_listed_index *listed,
                       const struct nta_stored *row, size_t *ret_i)
{
    const struct nta_header *header = &row->header;
    uint8_t link[NTA_HASH_LEN];

    nta_header_hash(&row->sealed, link);
    return memcmp(listed->index.data_key, header->data_key, NTA_DATA_KEY_ID_LEN) == 0 &&
           nta_index_find(&listed->index, header->number, link, ret_i) &&
           nta_chain_signs_both(indexes->chain, header->sensor, header->number,
                                listed->noted->number);
}

/** The index that names the row, and its place there; NULL: none does. */
static struct nta_listed_index *place_of(struct nta_indexes *indexes, const struct nta_stored *row,
                                         size_t *ret_i)
{
    if (indexes->n == 0 || row->faults & NTA_ROW_HEADER || row->header.version == 1)
        return NULL;
    struct nta_listed_index *listed = nta_indexes_of(indexes, &row->header);

    return listed && listed->is_there && nta_indexes_place(indexes, listed, row, ret_i) ? listed
                                                                                        : NULL;
}

bool nta_indexes_name(struct nta_indexes *indexes, const struct nta_stored *row)
{
    size_t i;

    return place_of(indexes, row, &i) != NULL;
}

bool nta_indexes_exclude(struct nta_indexes *indexes, const struct nta_stored *row,
                         const struct nta_query_tokens *wanted)
{
    size_t i;
    struct nta_listed_index *listed = place_of(indexes, row, &i);

    if (!listed)
        return false;
    if (!listed->is_asked) {
        listed->is_asked = true;
        listed->has_set = look_for(indexes, listed, wanted, &listed->set);
    }
    return listed->has_set && !nta_index_set_has(&listed->set, i);
}
