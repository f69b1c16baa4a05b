/* SPDX-License-Identifier: Apache-2.0 */
#include "search/search.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "search/ahead.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/**
 * A batch's times are those at which its records began.  What was still going on later stands in a batch that may have
 * ended before: so far back is looked for such.
 */
#define GOING_ON_NS (3600 * NTA_NS_PER_S)

/** How often the stores are asked for more. */
#define FOLLOW_NS       (250 * NTA_NS_PER_MS)
#define FOLLOW_MYSQL_NS (500 * NTA_NS_PER_MS)

struct nta_search
{
    struct nta_stores stores;
    struct nta_opener *opener; ///< Owned.
    struct nta_batch batch;
    struct nta_record_room room;
    struct nta_record some, whole; ///< As the filter needs it; one that fits.
};

void nta_search_close(struct nta_search **search)
{
    struct nta_search *dead = NTA_TAKE(*search);

    if (!dead)
        return;
    nta_opener_free(&dead->opener);
    nta_stores_close(&dead->stores);
    nta_batch_done(&dead->batch);
    free(dead);
}

int nta_search_open(const char *dir, const char *config_path, struct nta_search **ret_search,
                    struct nta_err *err)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = calloc(1, sizeof(*search));
    size_t n_foreign;
    int r;

    if (!search)
        return nta_err_sys(err, -ENOMEM, "search");
    nta_batch_init(&search->batch);
    r = nta_stores_open(dir, config_path, &search->stores, err);
    if (r == 0)
        r = nta_opener_new(search->stores.keys_dir, &search->opener, err);
    if (r == 0)
        r = nta_stores_unlock(&search->stores, search->opener, &n_foreign, err);
    if (r == 0)
        *ret_search = NTA_TAKE(search);
    return r;
}

struct nta_stores *nta_search_stores(struct nta_search *search)
{
    return &search->stores;
}

struct nta_opener *nta_search_opener(struct nta_search *search)
{
    return search->opener;
}

const char *nta_found_id(const struct nta_found *found, char room[NTA_FOUND_ID_SIZE])
{
    const struct nta_header *header = found->header;

    char *pos = nta_hex_put(header->sensor, sizeof(header->sensor), room);

    (void)snprintf(pos, NTA_FOUND_ID_SIZE - (size_t)(pos - room), "-%" PRIu64 "-%zu",
                   header->number, found->index);
    return room;
}

/* ---- the walk ---- */

enum
{
    STOP = 1
};

struct nta_search_walk
{
    struct nta_search *search;
    const struct nta_query *query;
    const struct nta_search_options *options;
    struct nta_search_state *state;
    uint32_t parts; ///< Decoded of every record;
    bool again;     ///< those that fit are decoded whole.
};

static int look_at(struct nta_search_walk *walk, struct nta_found *found, struct nta_err *err)
{
    struct nta_search *search = walk->search;

    if (!nta_record_decode_some(found->encoded, walk->parts, &search->room, &search->some) ||
        !nta_query_has(walk->query, &search->some))
        return 0;
    found->record = &search->some;
    if (walk->again) {
        if (!nta_record_decode(found->encoded, &search->room, &search->whole))
            return 0;
        found->record = &search->whole;
    }
    walk->state->n_found++;
    int r = walk->options->each(walk->options->owner, found, err);

    if (r == 0 && walk->state->n_found == walk->options->limit) {
        walk->state->is_limited = true;
        return STOP;
    }
    return r;
}

static int look_through(struct nta_search_walk *walk, const struct nta_ahead_batch *batch,
                        struct nta_err *err)
{
    struct nta_search_state *state = walk->state;
    struct nta_found found = {.header = &batch->header};
    int r = 0;

    state->at_ns = batch->header.last_ns;
    if (batch->trouble.text[0] && state->n_unreadable++ == 0)
        memcpy(state->trouble, batch->trouble.text, sizeof(state->trouble));
    for (; found.index < batch->batch.n_records && r == 0; found.index++) {
        found.encoded = nta_batch_record(&batch->batch, found.index);
        r = look_at(walk, &found, err);
    }
    state->n_records += found.index;
    return r;
}

static int look_through_all(struct nta_search_walk *walk, struct nta_ahead *ahead,
                            struct nta_err *err)
{
    const struct nta_search_options *options = walk->options;
    const struct nta_ahead_batch *batch;
    uint64_t n_before = walk->state->n_batches;
    bool is_waiting = false;
    int r = 0;

    while (r == 0 && ((batch = nta_ahead_next(ahead, &is_waiting)) || is_waiting)) {
        if (batch)
            r = look_through(walk, batch, err);
        walk->state->n_batches = n_before + nta_ahead_passed(ahead);
        if (options->progress)
            options->progress(options->owner, walk->state);
        if (options->stop && *options->stop) {
            walk->state->is_stopped = true;
            r = r == 0 ? STOP : r;
        }
    }
    return r;
}

/** What a batch must have to hold an answer. */
struct wanted
{
    const struct nta_query *query;
    int64_t since_ns, until_ns; ///< 0: open.
};

static struct wanted wanted_of(const struct nta_query *query)
{
    bool moments = query->begun || query->events == 1U << NTA_RECORD_ALERT;

    return (struct wanted){
        .query = query,
        .since_ns = query->since_ns && !moments ? query->since_ns - GOING_ON_NS : query->since_ns,
        .until_ns = query->until_ns,
    };
}

static bool tokens_fit(const struct nta_query *query, struct nta_span tokens)
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

/** By the signed header; one that cannot be read may hold anything. */
static bool can_hold(void *owner, const struct nta_stored *row)
{
    const struct wanted *wanted = owner;
    const struct nta_header *header = &row->header;

    if (row->faults & NTA_ROW_HEADER)
        return true;
    return (!wanted->since_ns || header->last_ns >= wanted->since_ns) &&
           (!wanted->until_ns || header->first_ns <= wanted->until_ns) &&
           tokens_fit(wanted->query, row->sealed.tokens);
}

static struct nta_store_query batches_of(struct wanted *wanted)
{
    return (struct nta_store_query){
        .with_tokens = wanted->query->n_tokens + wanted->query->n_any_tokens > 0,
        .wants = can_hold,
        .wants_owner = wanted,
    };
}

/** One walk over `batches`: 0, STOP, or negative errno. */
static int run_walk(struct nta_search_walk *walk, const struct nta_store_query *batches,
                    struct nta_err *err)
{
    struct nta_err trouble = {0};
    struct nta_ahead *ahead = NULL;
    int r = nta_ahead_start(&walk->search->stores, walk->search->opener, batches, &ahead, err);

    if (r < 0)
        return r;
    r = look_through_all(walk, ahead, err);
    int walked = nta_ahead_stop(&ahead, &trouble);

    if (r == 0 && walked < 0) {
        *err = trouble;
        return walked;
    }
    return r;
}

static struct nta_search_walk walk_of(struct nta_search *search, struct nta_query *query,
                                      const struct nta_search_options *options,
                                      struct nta_search_state *state)
{
    nta_query_make_tokens(query, search->opener);
    *state = (struct nta_search_state){.n_batches = 0};
    return (struct nta_search_walk){
        .search = search,
        .query = query,
        .options = options,
        .state = state,
        .parts = nta_query_parts(query) | options->parts,
        .again = options->parts == 0,
    };
}

int nta_search_each(struct nta_search *search, struct nta_query *query,
                    const struct nta_search_options *options, struct nta_search_state *ret_state,
                    struct nta_err *err)
{
    struct nta_search_state ignored;
    struct nta_search_walk walk = walk_of(search, query, options, ret_state ? ret_state : &ignored);
    struct wanted wanted = wanted_of(query);
    const struct nta_store_query batches = batches_of(&wanted);
    int r = nta_stores_count(&search->stores, &batches, &walk.state->n_all, err);

    if (r == 0)
        r = run_walk(&walk, &batches, err);
    return r < 0 ? r : 0;
}

/* ---- following ---- */

/** Until `stop`, or so long. */
static void nap(const struct nta_search_options *options, int64_t ns)
{
    const struct timespec slice = {.tv_nsec = 50 * NTA_NS_PER_MS};

    for (; ns > 0 && !(options->stop && *options->stop); ns -= slice.tv_nsec)
        (void)nanosleep(&slice, NULL);
}

int nta_search_follow(struct nta_search *search, struct nta_query *query,
                      const struct nta_search_options *options, struct nta_search_state *ret_state,
                      struct nta_err *err)
{
    NTA_AUTO(nta_store_marks_done) struct nta_store_marks marks = {0};
    struct nta_search_walk walk = walk_of(search, query, options, ret_state);
    struct wanted wanted = wanted_of(query);
    struct nta_store_query batches = batches_of(&wanted);
    size_t n_foreign;
    int r;

    batches.marks = &marks;
    do {
        /* a new data key comes before the first batch that needs it */
        r = nta_stores_unlock(&search->stores, search->opener, &n_foreign, err);
        if (r == 0)
            r = run_walk(&walk, &batches, err);
        if (r == 0 && options->idle)
            options->idle(options->owner);
        if (r == 0)
            nap(options, search->stores.mysql ? FOLLOW_MYSQL_NS : FOLLOW_NS);
    } while (r == 0 && !(options->stop && *options->stop));
    return r < 0 ? r : 0;
}

/* ---- one record ---- */

struct one
{
    struct nta_search *search;
    uint64_t number, index;
    nta_found_fn *each;
    void *owner;
    bool is_there;
};

static int on_one(void *owner, const struct nta_stored *stored, struct nta_err *err)
{
    struct one *one = owner;
    struct nta_batch *batch = &one->search->batch;
    struct nta_found found = {.header = &stored->header, .index = (size_t)one->index};
    struct nta_record record;
    int r;

    if (stored->header.number != one->number)
        return STOP;
    r = nta_opener_read(one->search->opener, &stored->sealed, batch, err);
    if (r < 0)
        return r;
    found.encoded = nta_batch_record(batch, found.index);
    if (!nta_record_decode(found.encoded, &one->search->room, &record))
        return STOP;
    one->is_there = true;
    found.record = &record;
    r = one->each(one->owner, &found, err);
    return r < 0 ? r : STOP;
}

/** "-" and digits, which fit. */
static bool take_part(const char **pos, uint64_t *ret_number)
{
    char *end = NULL;

    if ((*pos)[0] != '-' || !isdigit((unsigned char)(*pos)[1]))
        return false;
    errno = 0;
    *ret_number = strtoull(*pos + 1, &end, 10);
    *pos = end;
    return errno == 0;
}

/** "SENSOR-NUMBER-INDEX" taken apart. */
static bool parse_id(const char *id, uint8_t ret_sensor[NTA_SENSOR_ID_LEN], struct one *one)
{
    if (!nta_hex_parse(id, NTA_SENSOR_ID_LEN, ret_sensor))
        return false;
    id += (size_t)2 * NTA_SENSOR_ID_LEN;
    return take_part(&id, &one->number) && take_part(&id, &one->index) && *id == '\0' &&
           one->number > 0;
}

int nta_search_one(struct nta_search *search, const char *id, nta_found_fn *each, void *owner,
                   struct nta_err *err)
{
    struct one one = {.search = search, .each = each, .owner = owner};
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    char shown[NTA_FOUND_ID_SIZE];

    assert(id);
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(id));
    if (!parse_id(id, sensor, &one))
        return nta_err_set(
            err, -EINVAL,
            "\"%s\" is not the id of a record: SENSOR-NUMBER-INDEX, as --json shows it", shown);
    const struct nta_store_query batches = {.sensor = sensor, .from_number = one.number};
    int r = nta_stores_each(&search->stores, &batches, on_one, &one, err);

    if (r < 0)
        return r;
    return one.is_there ? 0 : nta_err_set(err, -ENOENT, "there is no record %s", shown);
}
