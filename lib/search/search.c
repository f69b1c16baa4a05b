/* SPDX-License-Identifier: Apache-2.0 */
#include "search/search.h"

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/**
 * A batch's times are those at which its records began.  What was still going on later stands in a batch that may have
 * ended before: so far back is looked for such.
 */
#define GOING_ON_NS (3600 * NTA_NS_PER_S)

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

    for (size_t i = 0; i < sizeof(header->sensor); i++)
        (void)snprintf(room + 2 * i, 3, "%02x", header->sensor[i]);
    (void)snprintf(room + 2 * sizeof(header->sensor),
                   NTA_FOUND_ID_SIZE - 2 * sizeof(header->sensor), "-%" PRIu64 "-%zu",
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
    nta_found_fn *each;
    void *owner;
    struct nta_search_state state;
    uint32_t parts; ///< Decoded of every record;
    bool again;     ///< those that fit are decoded whole.
    int result;     ///< What `each` stopped with.
    uint64_t last_number;
    uint8_t last_sensor[NTA_SENSOR_ID_LEN];
};

/** Numbers between this batch and the one before hold nothing that is looked for. */
static void note_batch(struct nta_search_walk *walk, const struct nta_header *header)
{
    bool is_next = memcmp(walk->last_sensor, header->sensor, sizeof(header->sensor)) == 0 &&
                   header->number > walk->last_number;

    walk->state.n_batches += is_next ? header->number - walk->last_number : 1;
    walk->last_number = header->number;
    memcpy(walk->last_sensor, header->sensor, sizeof(walk->last_sensor));
    walk->state.at_ns = header->last_ns;
}

static void note_unreadable(struct nta_search_walk *walk, const struct nta_err *err)
{
    if (walk->state.n_unreadable++ == 0)
        memcpy(walk->state.trouble, err->text, sizeof(walk->state.trouble));
}

static int look_at(struct nta_search_walk *walk, struct nta_found *found, struct nta_err *err)
{
    struct nta_search *search = walk->search;

    walk->state.n_records++;
    if (!nta_record_decode_some(found->encoded, walk->parts, &search->room, &search->some) ||
        !nta_query_has(walk->query, &search->some))
        return 0;
    found->record = &search->some;
    if (walk->again) {
        if (!nta_record_decode(found->encoded, &search->room, &search->whole))
            return 0;
        found->record = &search->whole;
    }
    walk->state.n_found++;
    walk->result = walk->each(walk->owner, found, err);
    walk->state.stopped = walk->result == 0 && walk->state.n_found == walk->options->limit;
    return walk->result != 0 || walk->state.stopped ? STOP : 0;
}

static bool is_told_to_stop(const struct nta_search_options *options)
{
    return options->stop && *options->stop;
}

static int on_batch(void *owner, const struct nta_stored *stored, struct nta_err *err)
{
    struct nta_search_walk *walk = owner;
    struct nta_batch *batch = &walk->search->batch;
    struct nta_found found = {.header = &stored->header};
    struct nta_err trouble = {0};
    int r = 0;

    note_batch(walk, &stored->header);
    if (nta_opener_read(walk->search->opener, &stored->sealed, batch, &trouble) < 0) {
        note_unreadable(walk, &trouble);
        return 0;
    }
    for (; found.index < batch->n_records && r == 0; found.index++) {
        found.encoded = nta_batch_record(batch, found.index);
        r = look_at(walk, &found, err);
    }
    if (walk->options->progress)
        walk->options->progress(walk->options->progress_owner, &walk->state);
    if (r == 0 && is_told_to_stop(walk->options)) {
        walk->state.stopped = true;
        r = STOP;
    }
    return r;
}

/** Which batches can hold an answer. */
static struct nta_store_query batches_of(const struct nta_query *query)
{
    bool moments = query->begun || query->events == 1U << NTA_RECORD_ALERT;

    return (struct nta_store_query){
        .since_ns = query->since_ns && !moments ? query->since_ns - GOING_ON_NS : query->since_ns,
        .until_ns = query->until_ns,
        .tokens = query->tokens,
        .n_tokens = query->n_tokens,
        .any_tokens = query->any_tokens,
        .n_any_tokens = query->n_any_tokens,
    };
}

int nta_search_each(struct nta_search *search, struct nta_query *query,
                    const struct nta_search_options *options, nta_found_fn *each, void *owner,
                    struct nta_search_state *ret_state, struct nta_err *err)
{
    static const struct nta_search_options none;
    struct nta_search_walk walk = {.search = search,
                                   .query = query,
                                   .options = options ? options : &none,
                                   .each = each,
                                   .owner = owner};
    struct nta_store_query batches;
    int r;

    nta_query_make_tokens(query, search->opener);
    batches = batches_of(query);
    walk.parts = nta_query_parts(query) | walk.options->parts;
    walk.again = walk.options->parts == 0;
    r = nta_stores_count(&search->stores, &batches, &walk.state.n_all, err);
    if (r == 0)
        r = nta_stores_each(&search->stores, &batches, on_batch, &walk, err);
    if (ret_state)
        *ret_state = walk.state;
    return r < 0 ? r : walk.result < 0 ? walk.result : 0;
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

/** "SENSOR-NUMBER-INDEX" taken apart. */
static bool parse_id(const char *id, uint8_t ret_sensor[NTA_SENSOR_ID_LEN], struct one *one)
{
    int end = 0;
    unsigned byte;

    for (size_t i = 0; i < NTA_SENSOR_ID_LEN; i++) {
        // NOLINTNEXTLINE(cert-err34-c): two digits
        if (strspn(id + 2 * i, "0123456789abcdefABCDEF") < 2 ||
            sscanf(id + 2 * i, "%2x", &byte) != 1)
            return false;
        ret_sensor[i] = (uint8_t)byte;
    }
    id += 2 * NTA_SENSOR_ID_LEN;
    // NOLINTNEXTLINE(cert-err34-c): nineteen digits fit
    return sscanf(id, "-%19" SCNu64 "-%4" SCNu64 "%n", &one->number, &one->index, &end) == 2 &&
           id[end] == '\0' && one->number > 0;
}

int nta_search_one(struct nta_search *search, const char *id, nta_found_fn *each, void *owner,
                   struct nta_err *err)
{
    struct one one = {.search = search, .each = each, .owner = owner};
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    char shown[NTA_FOUND_ID_SIZE];

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
