/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "store/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void nta_store_close(struct nta_store **store)
{
    struct nta_store *dead = NTA_TAKE(*store);

    if (dead)
        dead->ops->close(dead);
}

int nta_store_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err)
{
    return store->ops->put_key(store, key, err);
}

int nta_store_get_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                      struct nta_buf *blob, struct nta_wrapped_key *ret_key, struct nta_err *err)
{
    if (!store->ops->get_key)
        return nta_err_set(err, -ENOTSUP, "this store gives no single key");
    return store->ops->get_key(store, id, blob, ret_key, err);
}

int nta_store_put_batches(struct nta_store *store, const struct nta_stored *batches,
                          size_t n_batches, struct nta_err *err)
{
    if (n_batches == 0)
        return 0;
    return store->ops->put_batches(store, NULL, batches, n_batches, err);
}

int nta_store_append(struct nta_store *store, const struct nta_store_head *head,
                     const struct nta_stored *batches, size_t n_batches, struct nta_err *err)
{
    if (n_batches == 0)
        return 0;
    assert(head->number < batches[0].header.number);
    return store->ops->put_batches(store, head, batches, n_batches, err);
}

int nta_store_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     struct nta_store_head *ret_head, struct nta_err *err)
{
    return store->ops->newest(store, sensor, ret_head, err);
}

bool nta_store_has_moved(struct nta_store *store)
{
    return store->ops->has_moved && store->ops->has_moved(store);
}

int nta_store_last(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                   uint64_t *ret_number, uint8_t ret_hash[NTA_HASH_LEN], struct nta_err *err)
{
    return store->ops->last(store, sensor, ret_number, ret_hash, err);
}

int nta_store_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err)
{
    return store->ops->each_key(store, each, owner, err);
}

int nta_store_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to_number, struct nta_err *err)
{
    return store->ops->forget(store, sensor, 0, up_to_number, err);
}

int nta_store_forget_from(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    return store->ops->forget(store, sensor, from_number, up_to_number, err);
}

int nta_store_measure(struct nta_store *store, struct nta_store_size *ret_size, struct nta_err *err)
{
    return store->ops->measure(store, ret_size, err);
}

int nta_store_freeze(struct nta_store *store, struct nta_err *err)
{
    return store->ops->freeze ? store->ops->freeze(store, err) : 0;
}

void nta_store_thaw(struct nta_store *store)
{
    if (store->ops->thaw)
        store->ops->thaw(store);
}

/* ---- marks ---- */

void nta_store_marks_done(struct nta_store_marks *marks)
{
    free(marks->marks);
    *marks = (struct nta_store_marks){0};
}

static struct nta_store_mark *find_mark(const struct nta_store_marks *marks,
                                        const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < marks->n_marks; i++) {
        if (memcmp(marks->marks[i].sensor, sensor, NTA_SENSOR_ID_LEN) == 0)
            return &marks->marks[i];
    }
    return NULL;
}

static int raise_mark(struct nta_store_marks *marks, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      uint64_t number)
{
    struct nta_store_mark *mark = find_mark(marks, sensor);

    if (!mark) {
        if (marks->n_marks == marks->size) {
            size_t size = marks->size ? 2 * marks->size : 8;
            struct nta_store_mark *more = reallocarray(marks->marks, size, sizeof(*more));

            if (!more)
                return -ENOMEM;
            marks->marks = more;
            marks->size = size;
        }
        mark = &marks->marks[marks->n_marks++];
        *mark = (struct nta_store_mark){.number = 0};
        memcpy(mark->sensor, sensor, NTA_SENSOR_ID_LEN);
    }
    if (mark->number < number)
        mark->number = number;
    return 0;
}

/* ---- walking ---- */

/** The runs that a query touches, each with the lowest number not yet looked at in `first`. */
struct nta_store_walk
{
    struct nta_store *store;
    const struct nta_store_query *query;
    nta_store_each_fn *each;
    void *owner;
    struct nta_store_run *runs;
    size_t n_runs, size;
    uint64_t n_batches; ///< Numbers that the runs span.
    bool counts_only;   ///< The runs themselves are not needed.
    struct nta_store_row row;
};

static void walk_done(struct nta_store_walk *walk)
{
    free(walk->runs);
    nta_buf_done(&walk->row.bytes);
}

static int walk_add(void *owner, const struct nta_store_run *run)
{
    struct nta_store_walk *walk = owner;
    const struct nta_store_query *query = walk->query;
    struct nta_store_run copy = *run;

    if (query->sensor) {
        if (memcmp(query->sensor, run->sensor, NTA_SENSOR_ID_LEN) != 0)
            return 0;
        if (copy.first < query->from_number)
            copy.first = query->from_number;
    }
    const struct nta_store_mark *mark = query->marks ? find_mark(query->marks, run->sensor) : NULL;

    if (mark && copy.first <= mark->number)
        copy.first = mark->number + 1;
    if (copy.first > copy.last || (query->until_ns && copy.day > nta_store_day(query->until_ns)))
        return 0;
    walk->n_batches += copy.last - copy.first + 1;
    if (walk->counts_only)
        return 0;
    if (walk->n_runs == walk->size) {
        size_t size = walk->size ? 2 * walk->size : 64;
        struct nta_store_run *runs = reallocarray(walk->runs, size, sizeof(*runs));

        if (!runs)
            return -ENOMEM;
        walk->runs = runs;
        walk->size = size;
    }
    copy.covered = copy.last;
    walk->runs[walk->n_runs++] = copy;
    return 0;
}

/** The walk came to its end: the marks move to the last number of each sensor as it was when the walk began. */
static int move_marks(const struct nta_store_walk *walk)
{
    int result = 0;

    for (size_t i = 0; i < walk->n_runs && result == 0; i++)
        result = raise_mark(walk->query->marks, walk->runs[i].sensor, walk->runs[i].covered);
    return result;
}

static int compare_runs(const void *a, const void *b)
{
    const struct nta_store_run *one = a, *two = b;
    int by_sensor = memcmp(one->sensor, two->sensor, NTA_SENSOR_ID_LEN);

    if (by_sensor != 0)
        return by_sensor;
    return (one->first > two->first) - (one->first < two->first);
}

/** Make a header out of what the row says, for one whose own bytes cannot be read. */
static void header_from_row(const struct nta_store_run *run, const struct nta_store_row *row,
                            struct nta_header *ret_header)
{
    *ret_header = (struct nta_header){
        .number = row->number,
        .first_ns = row->first_ns,
        .last_ns = row->last_ns,
        .n_records = row->n_records,
    };
    memcpy(ret_header->sensor, run->sensor, NTA_SENSOR_ID_LEN);
}

static bool row_is_headers(const struct nta_store_run *run, const struct nta_store_row *row,
                           const struct nta_header *header)
{
    return memcmp(header->sensor, run->sensor, NTA_SENSOR_ID_LEN) == 0 &&
           header->number == row->number && header->first_ns == row->first_ns &&
           header->last_ns == row->last_ns && header->n_records == row->n_records &&
           nta_store_day(header->first_ns) == run->day;
}

static int walk_give(struct nta_store_walk *walk, const struct nta_store_run *run,
                     struct nta_err *err)
{
    const struct nta_store_row *row = &walk->row;
    struct nta_stored stored = {0};
    struct nta_span *spans[] = {&stored.sealed.header, &stored.sealed.signature,
                                &stored.sealed.tokens, &stored.sealed.body};
    size_t offset = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(spans); i++) {
        if (row->lens[i] == 0)
            continue;
        *spans[i] = (struct nta_span){.ptr = row->bytes.ptr + offset, .len = row->lens[i]};
        offset += row->lens[i];
    }
    if (!nta_header_decode(stored.sealed.header, &stored.header)) {
        header_from_row(run, row, &stored.header);
        stored.altered = true;
    } else {
        stored.altered = !row_is_headers(run, row, &stored.header);
    }
    return walk->each(walk->owner, &stored, err);
}

/** Give what the run has up to `to`; leaves the run's first number behind it. */
static int walk_run(struct nta_store_walk *walk, struct nta_store_run *run, uint64_t to,
                    struct nta_err *err)
{
    struct nta_store_search search = {.query = walk->query, .day = run->day, .to = to};
    int result = 0;

    memcpy(search.sensor, run->sensor, NTA_SENSOR_ID_LEN);
    while (run->first <= to) {
        search.from = run->first;
        result = walk->store->ops->fetch(walk->store, &search, &walk->row, err);
        if (result <= 0)
            break;
        result = walk_give(walk, run, err);
        if (result != 0)
            return result;
        if (walk->row.number >= to)
            break;
        run->first = walk->row.number + 1;
    }
    if (result < 0)
        return result;
    if (to >= run->last)
        run->last = 0;
    run->first = to + (to < UINT64_MAX);
    return 0;
}

/**
 * One sensor's runs, merged by number.  Days follow each other as numbers do when a sensor listens; capture files
 * read in any order make days that interleave.
 */
static int walk_sensor(struct nta_store_walk *walk, struct nta_store_run *runs, size_t n_runs,
                       struct nta_err *err)
{
    for (;;) {
        struct nta_store_run *lowest = NULL;
        uint64_t to;
        int result;

        for (size_t i = 0; i < n_runs; i++) {
            if (runs[i].first <= runs[i].last && (!lowest || runs[i].first < lowest->first))
                lowest = &runs[i];
        }
        if (!lowest)
            return 0;
        to = lowest->last;
        for (size_t i = 0; i < n_runs; i++) {
            if (&runs[i] != lowest && runs[i].first <= runs[i].last && runs[i].first < to)
                to = runs[i].first;
        }
        result = walk_run(walk, lowest, to, err);
        if (result != 0)
            return result;
    }
}

int nta_store_each(struct nta_store *store, const struct nta_store_query *query,
                   nta_store_each_fn *each, void *owner, struct nta_err *err)
{
    NTA_AUTO(walk_done)
    struct nta_store_walk walk = {.store = store, .query = query, .each = each, .owner = owner};
    int result = store->ops->each_run(store, walk_add, &walk, err);

    if (result == -ENOMEM)
        return nta_err_set(err, -ENOMEM, "out of memory");
    if (result < 0)
        return result;
    if (walk.n_runs > 0)
        qsort(walk.runs, walk.n_runs, sizeof(*walk.runs), compare_runs);
    for (size_t i = 0, end; i < walk.n_runs; i = end) {
        end = i + 1;
        while (end < walk.n_runs &&
               memcmp(walk.runs[i].sensor, walk.runs[end].sensor, NTA_SENSOR_ID_LEN) == 0)
            end++;
        result = walk_sensor(&walk, walk.runs + i, end - i, err);
        if (result != 0)
            return result;
    }
    if (query->watch && atomic_load_explicit(&query->watch->stop, memory_order_relaxed))
        return 0;
    if (query->marks && move_marks(&walk) < 0)
        return nta_err_set(err, -ENOMEM, "out of memory");
    return 0;
}

int nta_store_count(struct nta_store *store, const struct nta_store_query *query,
                    uint64_t *ret_n_batches, struct nta_err *err)
{
    struct nta_store_walk walk = {.query = query, .counts_only = true};
    int result = store->ops->each_run(store, walk_add, &walk, err);

    if (result == 0)
        *ret_n_batches = walk.n_batches;
    return result;
}

/* ---- shared by the kinds of store ---- */

int64_t nta_store_day(int64_t wall_ns)
{
    const int64_t day_ns = INT64_C(86400) * NTA_NS_PER_S;

    return wall_ns / day_ns - (wall_ns % day_ns < 0);
}

size_t nta_store_sealed_len(const struct nta_sealed *sealed)
{
    return sealed->header.len + sealed->signature.len + sealed->tokens.len + sealed->body.len;
}

bool nta_store_same(const struct nta_sealed *sealed, struct nta_span header,
                    struct nta_span signature)
{
    return nta_span_equal(sealed->header, header) && nta_span_equal(sealed->signature, signature);
}

const char *nta_store_sensor_text(const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                  char text[NTA_SENSOR_TEXT_SIZE])
{
    return nta_hex_text(sensor, NTA_SENSOR_ID_LEN, text);
}

bool nta_store_head_is(const struct nta_store_head *a, const struct nta_store_head *b)
{
    return a->number == b->number && memcmp(a->hash, b->hash, NTA_HASH_LEN) == 0;
}

int nta_store_compare(const struct nta_store_head *row, const struct nta_store_head *head,
                      const struct nta_stored *batches, size_t n_batches, size_t *ret_n_there,
                      struct nta_err *err)
{
    char text[NTA_SENSOR_TEXT_SIZE];

    *ret_n_there = 0;
    if (nta_store_head_is(row, head))
        return 0;
    for (size_t i = 0; i < n_batches; i++) {
        struct nta_store_head own = {.number = batches[i].header.number};

        nta_header_hash(&batches[i].sealed, own.hash);
        if (nta_store_head_is(row, &own)) {
            *ret_n_there = i + 1;
            return 0;
        }
    }
    return nta_err_set(err, -EEXIST,
                       "the store's chain of sensor %s is at another batch %" PRIu64
                       ", not at %" PRIu64 ", behind which batch %" PRIu64
                       " goes: another program writes with this sensor's key, or an old copy was "
                       "put back",
                       nta_store_sensor_text(batches[0].header.sensor, text), row->number,
                       head->number, batches[0].header.number);
}

int nta_store_refuse(const struct nta_stored *batch, struct nta_err *err)
{
    char text[NTA_SENSOR_TEXT_SIZE];

    return nta_err_set(err, -EEXIST,
                       "the store holds another batch %" PRIu64
                       " of sensor %s: two programs write with one sensor key, or an old copy of "
                       "the journal was put back",
                       batch->header.number, nta_store_sensor_text(batch->header.sensor, text));
}

bool nta_store_tokens_fit(const struct nta_store_query *query, struct nta_span tokens)
{
    for (size_t i = 0; i < query->n_tokens; i++) {
        if (!nta_tokens_have(tokens, query->tokens[i]))
            return false;
    }
    for (size_t i = 0; i < query->n_any_tokens; i++) {
        if (nta_tokens_have(tokens, query->any_tokens[i]))
            return true;
    }
    return query->n_any_tokens == 0;
}
