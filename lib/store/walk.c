/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk behind nta_store_each().
 *
 * It moves on whatever a store gives: in a run from number to greater number, and a number that is
 * not in the range that was asked for counts as damage.  Where the store answers -EIO, it goes on
 * behind: the next place that can be read is found by doubling the step and then halving it.
 */
#include "store/walk.h"

#include "base/own.h"
#include "store/store_internal.h"
#include "store/walk_ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** The runs that a query touches, each with the lowest number not yet looked at in `first`. */
struct nta_store_walk
{
    struct nta_store *store;
    const struct nta_store_query *query;
    nta_store_each_fn *each;
    void *owner;
    struct nta_err *err; ///< For what is called back.
    struct nta_store_run *runs;
    size_t n_runs, size;
    uint64_t n_batches; ///< Numbers that the runs span.
    bool counts_only;   ///< The runs themselves are not needed.
    struct nta_store_row row;
    struct nta_stored stored;     ///< The row, decoded: its spans borrow from it.
    struct nta_walk_ahead *ahead; ///< Owned; NULL: each row is looked at before the next one.
    bool is_damaged;              ///< A part could not be read,
    struct nta_err damage;        ///< and this is the first.
};

static void walk_done(struct nta_store_walk *walk)
{
    free(walk->runs);
    nta_walk_ahead_free(&walk->ahead);
    nta_buf_done(&walk->row.bytes);
}

/** True: the walk can go on behind what happened. */
static bool bear(struct nta_store_walk *walk, int result, const struct nta_err *err)
{
    if (result != -EIO)
        return false;
    if (!walk->is_damaged && err)
        walk->damage = *err;
    walk->is_damaged = true;
    return true;
}

/* ---- runs ---- */

static int note_left_out(struct nta_store_walk *walk, const struct nta_store_run *run,
                         uint64_t below)
{
    struct nta_store_tally *tally = walk->query->tally;
    uint64_t n = 0;

    if (!tally || below <= run->first)
        return 0;
    int result = walk->store->ops->count(walk->store, run, below, &n, walk->err);

    tally->n_given += n;
    if (result < 0 && bear(walk, result, walk->err)) {
        tally->is_counted = false;
        result = 0;
    }
    return result;
}

static int keep_run(struct nta_store_walk *walk, const struct nta_store_run *run)
{
    uint64_t n = run->last - run->first;

    walk->n_batches += n < UINT64_MAX - walk->n_batches ? n + 1 : 0;
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
    walk->runs[walk->n_runs] = *run;
    walk->runs[walk->n_runs++].covered = run->last;
    return 0;
}

static int walk_add(void *owner, const struct nta_store_run *run)
{
    struct nta_store_walk *walk = owner;
    const struct nta_store_query *query = walk->query;
    struct nta_store_run copy = *run;
    uint64_t mark = query->marks ? nta_store_mark_of(query->marks, run->sensor) : 0;

    if (query->sensor && memcmp(query->sensor, run->sensor, NTA_SENSOR_ID_LEN) != 0)
        return note_left_out(walk, run, UINT64_MAX);
    if (query->sensor && copy.first < query->from_number)
        copy.first = query->from_number;
    if (mark > 0 && copy.first <= mark)
        copy.first = mark + (mark < UINT64_MAX);
    int result = note_left_out(walk, run, copy.first);

    return result < 0 || copy.first > copy.last ? result : keep_run(walk, &copy);
}

/**
 * The walk came to its end: the marks move to the last number of each sensor as it was when the
 * walk began.
 */
static int move_marks(const struct nta_store_walk *walk)
{
    int result = 0;

    for (size_t i = 0; i < walk->n_runs && result == 0; i++)
        result =
            nta_store_mark_raise(walk->query->marks, walk->runs[i].sensor, walk->runs[i].covered);
    return result;
}

/** The runs, and how many rows there are, in one state of the store. */
static int find_runs_once(struct nta_store_walk *walk)
{
    struct nta_store *store = walk->store;
    struct nta_store_tally *tally = walk->query->tally;
    bool freezes = tally && store->ops->freeze && !store->is_frozen;
    int result = freezes ? nta_store_freeze(store, walk->err) : 0;

    if (result < 0)
        return result;
    if (tally) {
        *tally = (struct nta_store_tally){0};
        result = store->ops->count(store, NULL, UINT64_MAX, &tally->n_counted, walk->err);
        tally->is_counted = result == 0 && !walk->query->marked_only;
        if (result < 0 && bear(walk, result, walk->err))
            result = 0;
    }
    if (result == 0)
        result = store->ops->each_run(store, walk_add, walk, walk->err);
    if (result < 0 && bear(walk, result, walk->err))
        result = 0;
    if (freezes)
        nta_store_thaw(store);
    return result == -ENOMEM ? nta_err_set(walk->err, -ENOMEM, "out of memory") : result;
}

/**
 * A store that nobody wrote to may be opened by its writer in the middle of that: -EAGAIN, and it
 * is begun again.
 */
static int find_runs(struct nta_store_walk *walk)
{
    int result = find_runs_once(walk);

    for (int i = 0; i < 3 && result == -EAGAIN && !walk->store->is_frozen; i++) {
        walk->n_runs = 0;
        walk->n_batches = 0;
        result = find_runs_once(walk);
    }
    return result;
}

/* ---- one row ---- */

/** Make a header out of what the row says, for one whose own bytes cannot be read. */
static void header_from_row(const struct nta_store_row *row, struct nta_header *ret_header)
{
    *ret_header = (struct nta_header){
        .number = row->number,
        .first_ns = row->first_ns,
        .last_ns = row->last_ns,
        .n_records = row->n_records,
        .class = row->class,
    };
    memcpy(ret_header->sensor, row->key.sensor, NTA_SENSOR_ID_LEN);
    memcpy(ret_header->data_key, row->data_key, NTA_DATA_KEY_ID_LEN);
}

/** The columns that both formats have. */
static bool row_is_like(const struct nta_store_row *row, const struct nta_header *header)
{
    uint64_t len = 0;

    for (size_t i = 0; i < NTA_N_PARTS; i++)
        len += row->lens[i];
    return memcmp(header->sensor, row->key.sensor, NTA_SENSOR_ID_LEN) == 0 &&
           header->number == row->number && header->first_ns == row->first_ns &&
           header->last_ns == row->last_ns && header->n_records == row->n_records &&
           (row->lacks_lens || row->n_bytes == len);
}

static bool row_is_headers(const struct nta_store_row *row, const struct nta_header *header)
{
    if (!row_is_like(row, header))
        return false;
    if (row->format == 1)
        return nta_day_of(header->first_ns) == row->key.day;
    return nta_day_of(header->sealed_ns) == row->key.day && header->class == row->class &&
           memcmp(header->data_key, row->data_key, NTA_DATA_KEY_ID_LEN) == 0 &&
           nta_store_marks_of(header) == row->marks;
}

bool nta_store_row_header(const struct nta_store_row *row, struct nta_header *ret_header)
{
    const struct nta_span bytes = {.ptr = row->bytes.ptr, .len = row->lens[NTA_PART_HEADER]};
    struct nta_header header;

    if (!row->has[NTA_PART_HEADER] || bytes.len == 0 || !nta_header_decode(bytes, &header) ||
        header.version != row->format)
        return false;
    *ret_header = header;
    return true;
}

bool nta_store_row_is_own(const struct nta_store_row *row)
{
    struct nta_header header;

    return nta_store_row_header(row, &header) && row_is_headers(row, &header);
}

/** Decode what was read of the row by now. */
static void decode(struct nta_store_row *row, struct nta_stored *ret_stored)
{
    struct nta_stored stored = {
        .bytes = &row->bytes, .faults = row->faults, .is_whole = row->is_whole};
    struct nta_span *spans[NTA_N_PARTS] = {&stored.sealed.header, &stored.sealed.signature,
                                           &stored.sealed.tokens, &stored.sealed.body};
    size_t offset = 0;

    for (size_t i = 0; i < NTA_N_PARTS; i++) {
        if (!row->has[i] || row->lens[i] == 0)
            continue;
        *spans[i] = (struct nta_span){.ptr = row->bytes.ptr + offset, .len = row->lens[i]};
        offset += row->lens[i];
    }
    if (!nta_store_row_header(row, &stored.header)) {
        header_from_row(row, &stored.header);
        stored.faults |= NTA_ROW_HEADER;
    } else if (!row_is_headers(row, &stored.header)) {
        stored.faults |= NTA_ROW_COLUMNS;
    }
    *ret_stored = stored;
}

static bool walk_wants(void *owner, struct nta_store_row *row)
{
    struct nta_store_walk *walk = owner;
    const struct nta_store_query *query = walk->query;

    decode(row, &walk->stored);
    return query->wants(query->wants_owner, &walk->stored);
}

static bool walk_narrows(void *owner, struct nta_store_row *row)
{
    struct nta_store_walk *walk = owner;
    const struct nta_store_query *query = walk->query;

    decode(row, &walk->stored);
    return query->narrows(query->wants_owner, &walk->stored);
}

/** A row was looked at.  True: the walk is to end. */
static bool is_watched(const struct nta_store_query *query)
{
    if (!query->watch)
        return false;
    (void)atomic_fetch_add_explicit(&query->watch->n_batches, 1, memory_order_relaxed);
    return atomic_load_explicit(&query->watch->stop, memory_order_relaxed);
}

static bool is_stopped(const struct nta_store_query *query)
{
    return query->watch && atomic_load_explicit(&query->watch->stop, memory_order_relaxed);
}

/** A row, and what was found out of it; `facts` NULL: nobody looked. */
static int give_known(struct nta_store_walk *walk, struct nta_store_row *row,
                      const struct nta_stored_facts *facts)
{
    const struct nta_err damage = {.text = "a batch is there, but its bytes cannot be read: the "
                                           "file is damaged"};

    if (row->faults & NTA_ROW_UNREAD)
        (void)bear(walk, -EIO, &damage);
    decode(row, &walk->stored);
    walk->stored.facts = facts;
    if (walk->query->tally)
        walk->query->tally->n_given++;
    if (is_watched(walk->query))
        return 1;
    return walk->each(walk->owner, &walk->stored, walk->err);
}

static int give(void *owner, struct nta_store_row *row)
{
    return give_known(owner, row, NULL);
}

/* ---- a run ---- */

/** As the store's fetch, but a number that was not asked for is damage. */
static int fetch(struct nta_store_walk *walk, const struct nta_store_search *search,
                 struct nta_err *err)
{
    struct nta_store_row *row = &walk->row;
    int result;

    nta_store_row_clear(row);
    row->key.day = search->day;
    memcpy(row->key.sensor, search->sensor, NTA_SENSOR_ID_LEN);
    result = walk->store->ops->fetch(walk->store, search, row, err);
    if (result > 0 && (row->number < search->from || row->number > search->to))
        return nta_err_set(err, -EIO, "the store's batches are out of order");
    return result;
}

/**
 * The lowest `from` behind `bad` at which the run can be read: by doubling the step, then by
 * halving what was stepped over.
 */
static int find_readable(struct nta_store_walk *walk, struct nta_store_search *search,
                         struct nta_err *err)
{
    uint64_t bad = search->from, step = 1, good;
    int result;

    for (;; step += step < UINT64_MAX / 4 ? step : 0) {
        if (bad == search->to || is_stopped(walk->query))
            return 0;
        search->from = search->to - bad > step ? bad + step : search->to;
        result = fetch(walk, search, err);
        if (result != -EIO)
            break;
        bad = search->from;
    }
    for (good = search->from; good - bad > 1;) {
        search->from = bad + (good - bad) / 2;
        result = fetch(walk, search, err);
        if (result == -EIO)
            bad = search->from;
        else
            good = search->from;
    }
    if (search->from == good)
        return result;
    search->from = good;
    return fetch(walk, search, err);
}

/** Fetch at `from`, or at the lowest number behind it where the store can be read again. */
static int fetch_past_damage(struct nta_store_walk *walk, struct nta_store_search *search)
{
    struct nta_err err = {0};
    int result = fetch(walk, search, &err);

    if (bear(walk, result, &err))
        result = find_readable(walk, search, &err);
    if (result < 0)
        *walk->err = err;
    return result;
}

bool nta_store_wants_none(void *owner, const struct nta_stored *row)
{
    (void)owner;
    (void)row;
    return false;
}

static bool wants_none(void *owner, struct nta_store_row *row)
{
    (void)owner;
    (void)row;
    return false;
}

/**
 * All up to `to` was given: the run's first number becomes that of the row that is next, so that
 * runs which take turns do so by rows, however far their numbers lie apart.
 */
static int move_on(struct nta_store_walk *walk, struct nta_store_run *run, uint64_t to)
{
    struct nta_store_search search = {.day = run->day,
                                      .from = to + 1,
                                      .to = run->last,
                                      .marked_only = walk->query->marked_only,
                                      .wants = wants_none};
    int result = 0;

    if (to < run->last) {
        memcpy(search.sensor, run->sensor, NTA_SENSOR_ID_LEN);
        result = fetch_past_damage(walk, &search);
    }
    run->first = result > 0 ? walk->row.number : UINT64_MAX;
    if (result <= 0)
        run->last = 0;
    return result < 0 ? result : is_stopped(walk->query);
}

/** One after the other: 0, or what ends the walk. */
static int give_each(struct nta_store_walk *walk, struct nta_store_search *search,
                     struct nta_store_run *run)
{
    while (run->first <= search->to) {
        search->from = run->first;
        int result = fetch_past_damage(walk, search);

        if (result <= 0)
            return result;
        uint64_t number = walk->row.number;

        result = give(walk, &walk->row);
        if (result != 0)
            return result;
        if (number >= search->to)
            break;
        run->first = number + 1;
    }
    return 0;
}

/** Put the row that was fetched into a place. */
static void put_ahead(struct nta_store_walk *walk, struct nta_walk_slot *slot)
{
    const struct nta_store_query *query = walk->query;
    struct nta_store_row free_row = slot->row;

    free_row.format = walk->row.format;
    slot->row = walk->row;
    walk->row = free_row;
    slot->facts = (struct nta_stored_facts){.has_key = false};
    decode(&slot->row, &slot->stored);
    slot->facts.has_key =
        query->signer && query->signer(query->wants_owner, &slot->stored, slot->facts.key);
    nta_walk_ahead_put(walk->ahead);
}

/**
 * As many as may be, as `search` wants them, from `search->from` on.  1: there are more, 0: no
 * more, or negative errno.
 */
static int fetch_ahead(struct nta_store_walk *walk, struct nta_store_search *search)
{
    struct nta_walk_slot *place;

    while ((place = nta_walk_ahead_place(walk->ahead))) {
        int result = fetch_past_damage(walk, search);

        if (result <= 0)
            return result;
        const uint64_t number = walk->row.number;

        put_ahead(walk, place);
        if (number >= search->to)
            return 0;
        search->from = number + 1;
    }
    return 1;
}

/** A row that was fetched before: as it is wanted, if it is still there. */
static int give_ahead(struct nta_store_walk *walk, struct nta_walk_slot *slot,
                      struct nta_store_search *search)
{
    const struct nta_store_query *query = walk->query;
    const bool is_wanted = query->wants(query->wants_owner, &slot->stored);

    if (is_wanted != slot->row.is_whole) {
        search->from = search->to = slot->row.number;
        search->wants = is_wanted ? walk_wants : wants_none;
        int result = fetch_past_damage(walk, search);

        if (result < 0)
            return result;
        if (result > 0)
            return give(walk, &walk->row);
    }
    return give_known(walk, &slot->row, &slot->facts);
}

/** As give_each(), but others look at what comes while one is judged. */
static int give_each_ahead(struct nta_store_walk *walk, const struct nta_store_search *search,
                           struct nta_store_run *run)
{
    struct nta_store_search near = *search, one = *search;
    struct nta_walk_slot *slot;
    int more = 1;

    near.from = run->first;
    near.wants = walk->query->goes_through ? search->narrows : wants_none;
    for (;;) {
        if (more > 0)
            more = fetch_ahead(walk, &near);
        slot = nta_walk_ahead_front(walk->ahead);
        if (!slot)
            return more;
        run->first = slot->row.number + 1;
        int result = give_ahead(walk, slot, &one);

        nta_walk_ahead_drop(walk->ahead);
        if (result != 0)
            return result;
    }
}

/** Give what the run has up to `to`; leaves the run's first number behind it. */
static int walk_run(struct nta_store_walk *walk, struct nta_store_run *run, uint64_t to)
{
    struct nta_store_search search = {
        .day = run->day,
        .to = to,
        .with_tokens = walk->query->with_tokens,
        .narrows = walk->query->narrows ? walk_narrows : NULL,
        .marked_only = walk->query->marked_only,
        .wants = walk->query->wants ? walk_wants : NULL,
        .owner = walk,
    };

    memcpy(search.sensor, run->sensor, NTA_SENSOR_ID_LEN);
    int result = walk->ahead ? give_each_ahead(walk, &search, run) : give_each(walk, &search, run);

    return result != 0 ? result : move_on(walk, run, to);
}

/* ---- the runs of a sensor, merged ---- */

static int compare_runs(const void *a, const void *b)
{
    const struct nta_store_run *one = a, *two = b;
    int by_sensor = memcmp(one->sensor, two->sensor, NTA_SENSOR_ID_LEN);

    if (by_sensor != 0)
        return by_sensor;
    if (one->first != two->first)
        return one->first > two->first ? 1 : -1;
    return (one->day > two->day) - (one->day < two->day);
}

static void swap_runs(struct nta_store_run *a, struct nta_store_run *b)
{
    struct nta_store_run keep = *a;

    *a = *b;
    *b = keep;
}

/** Let the first of a heap sink to its place. */
static void sink(struct nta_store_run *runs, size_t n_runs)
{
    for (size_t at = 0, child; (child = 2 * at + 1) < n_runs; at = child) {
        if (child + 1 < n_runs && compare_runs(&runs[child + 1], &runs[child]) < 0)
            child++;
        if (compare_runs(&runs[at], &runs[child]) <= 0)
            return;
        swap_runs(&runs[at], &runs[child]);
    }
}

/**
 * One sensor's runs, merged by number.  Days follow each other as numbers do when a sensor listens;
 * capture files read in any order make days that interleave, and somebody may have put one number
 * under many days.  Sorted runs are a heap, with the lowest number first.
 */
static int walk_sensor(struct nta_store_walk *walk, struct nta_store_run *runs, size_t n_runs)
{
    while (n_runs > 0) {
        const struct nta_store_run *next = n_runs > 1 ? &runs[1] : NULL;
        uint64_t to = runs[0].last;
        int result;

        if (n_runs > 2 && compare_runs(&runs[2], next) < 0)
            next = &runs[2];
        if (next && next->first <= to)
            to = next->first > runs[0].first ? next->first - 1 : next->first;
        result = walk_run(walk, &runs[0], to);
        if (result != 0)
            return result;
        if (runs[0].first > runs[0].last)
            swap_runs(&runs[0], &runs[--n_runs]);
        sink(runs, n_runs);
    }
    return 0;
}

/* ---- all of it ---- */

static int walk_odd(struct nta_store_walk *walk)
{
    const struct nta_store_query *query = walk->query;
    const struct nta_store_search search = {
        .with_tokens = query->with_tokens,
        .narrows = query->narrows ? walk_narrows : NULL,
        .wants = query->wants ? walk_wants : NULL,
        .owner = walk,
    };

    if (!walk->store->ops->each_odd || query->marked_only)
        return 0;
    if (query->sensor || (query->marks && !nta_store_mark_odd(query->marks, walk->store))) {
        if (query->tally) /* nobody knows how many those are */
            query->tally->is_counted = false;
        return 0;
    }
    int result =
        walk->store->ops->each_odd(walk->store, &search, &walk->row, give, walk, walk->err);

    return bear(walk, result, walk->err) ? 0 : result;
}

/** Every sensor's runs, which are sorted. */
static int walk_runs(struct nta_store_walk *walk)
{
    int result = 0;

    for (size_t i = 0, end; i < walk->n_runs && result == 0; i = end) {
        end = i + 1;
        while (end < walk->n_runs &&
               memcmp(walk->runs[i].sensor, walk->runs[end].sensor, NTA_SENSOR_ID_LEN) == 0)
            end++;
        result = walk_sensor(walk, walk->runs + i, end - i);
    }
    return result;
}

static int finish(struct nta_store_walk *walk, int result)
{
    if (is_stopped(walk->query))
        return result < 0 ? result : 0;
    if (result != 0)
        return result;
    if (walk->is_damaged) /* the marks stay: nobody knows how far this was */
        return nta_err_set(walk->err, -EIO, "%s", walk->damage.text);
    if (walk->query->marks && move_marks(walk) < 0)
        return nta_err_set(walk->err, -ENOMEM, "out of memory");
    return 0;
}

/** Contents that were left when their batch was taken away. */
static void count_strays(struct nta_store_walk *walk, struct nta_store_tally *tally)
{
    struct nta_err ignored = {0};

    if (!walk->store->ops->count_strays || walk->query->sensor ||
        walk->store->ops->count_strays(walk->store, &tally->n_strays, &ignored) < 0)
        tally->n_strays = 0;
}

/**
 * A store that does not freeze may have got or lost rows between its count and the walk: then that
 * count says nothing.
 */
static void settle_tally(struct nta_store_walk *walk)
{
    struct nta_store_tally *tally = walk->query->tally;
    struct nta_err ignored = {0};
    uint64_t n = 0;

    if (tally)
        count_strays(walk, tally);
    if (!tally || !tally->is_counted || tally->n_given == tally->n_counted ||
        walk->store->ops->freeze)
        return;
    if (walk->store->ops->count(walk->store, NULL, UINT64_MAX, &n, &ignored) < 0 ||
        n != tally->n_counted)
        tally->is_counted = false;
}

int nta_store_each(struct nta_store *store, const struct nta_store_query *query,
                   nta_store_each_fn *each, void *owner, struct nta_err *err)
{
    struct nta_err ignored = {0};
    NTA_AUTO(walk_done)
    struct nta_store_walk walk = {
        .store = store,
        .query = query,
        .each = each,
        .owner = owner,
        .err = err ? err : &ignored,
        .row = {.format = store->format},
    };
    int result = find_runs(&walk);

    if (result == 0 && query->wants && (query->with_tokens || query->goes_through) &&
        store->format > 1 && nta_walk_ahead_start(&walk.ahead) < 0)
        result = nta_err_set(walk.err, -ENOMEM, "out of memory");
    if (result < 0)
        return result;
    if (walk.n_runs > 0)
        qsort(walk.runs, walk.n_runs, sizeof(*walk.runs), compare_runs);
    result = walk_runs(&walk);
    if (result == 0)
        result = walk_odd(&walk);
    if (result == 0)
        settle_tally(&walk);
    return finish(&walk, result);
}

int nta_store_count(struct nta_store *store, const struct nta_store_query *query,
                    uint64_t *ret_n_batches, struct nta_err *err)
{
    struct nta_store_query alike = {
        .sensor = query->sensor, .from_number = query->from_number, .marks = query->marks};
    struct nta_err ignored = {0};
    struct nta_store_walk walk = {
        .store = store, .query = &alike, .counts_only = true, .err = err ? err : &ignored};
    int result = store->ops->each_run(store, walk_add, &walk, walk.err);

    *ret_n_batches = walk.n_batches;
    return bear(&walk, result, walk.err) ? 0 : result;
}
