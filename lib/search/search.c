/* SPDX-License-Identifier: Apache-2.0 */
#include "search/search.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "search/ahead.h"
#include "search/remember/seen.h"
#include "search/token_cache.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/**
 * In format 1 a batch's times are those at which its records began.  What was still going on later
 * stands in a batch that may have ended before: so far back is looked for such.
 */
#define LOOK_BACK_NS (3600 * NTA_NS_PER_S)

/** How often the stores are asked for more. */
#define FOLLOW_NS       (250 * NTA_NS_PER_MS)
#define TROUBLE_NS      (INT64_C(2) * NTA_NS_PER_S)
#define FOLLOW_MYSQL_NS (500 * NTA_NS_PER_MS)

struct nta_search
{
    struct nta_stores stores;
    struct nta_opener *opener; ///< Owned.
    struct nta_batch batch;
    struct nta_record_buf buf;
    struct nta_record some, whole; ///< As the filter needs it; one that fits.
    struct nta_chain *chain;       ///< Owned: of the last search.
    bool is_whole;                 ///< That came to its end.
    uint64_t n_opened;             ///< Batches that hold and whose records it read.
    struct nta_search_gate gate;   ///< `ask` NULL: none.
};

void nta_search_close(struct nta_search **search)
{
    struct nta_search *dead = NTA_TAKE(*search);

    if (!dead)
        return;
    nta_chain_free(&dead->chain);
    nta_opener_free(&dead->opener);
    nta_stores_close(&dead->stores);
    nta_batch_done(&dead->batch);
    free(dead);
}

int nta_search_open(const struct nta_stores_options *options, struct nta_search **ret_search,
                    struct nta_err *err)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = calloc(1, sizeof(*search));
    int r;

    if (!search)
        return nta_err_sys(err, -ENOMEM, "search");
    nta_batch_init(&search->batch);
    r = nta_stores_open(options, &search->stores, err);
    if (r == 0)
        r = nta_opener_new(search->stores.keys_dir, &search->opener, err);
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

void nta_search_set_gate(struct nta_search *search, const struct nta_search_gate *gate)
{
    search->gate = *gate;
}

void nta_search_get_proof(struct nta_search *search, struct nta_search_proof *ret_proof)
{
    struct nta_chain_sensor sensor;

    *ret_proof = (struct nta_search_proof){
        .n_sensors = search->stores.trust.n,
        .is_whole = search->is_whole &&
                    nta_findings_of_kind(search->stores.findings, NTA_FINDING_UNREAD) == 0,
        .n_wrong = nta_findings_of(search->stores.findings, NTA_WRONG),
        .is_partial = search->stores.is_partial,
        .is_refused = search->stores.is_refused,
        .n_opened = search->n_opened,
    };
    if (!search->chain)
        return;
    ret_proof->n_batches = nta_chain_n_proved(search->chain);
    for (size_t i = 0; nta_chain_get(search->chain, i, &sensor); i++)
        ret_proof->n_deleted += sensor.n_deleted;
}

void nta_search_put_heads(const struct nta_search *search, struct nta_buf *out)
{
    if (search->chain && search->is_whole)
        nta_seen_put(out, search->chain);
}

#define LOG_ALONE (1U << NTA_CLASS_LOG)

/**
 * A new judge, for a walk that begins at the beginning and opens records of these classes, if
 * whoever is to be asked has nothing against it.
 */
static int begin(struct nta_search *search, unsigned classes, const volatile sig_atomic_t *stop,
                 struct nta_err *err)
{
    const struct nta_search_gate *gate = &search->gate;
    int r = gate->ask && classes != LOG_ALONE ? gate->ask(gate->owner, &search->stores, err) : 0;

    if (r < 0)
        return r;
    nta_chain_free(&search->chain);
    search->is_whole = false;
    search->n_opened = 0;
    r = nta_stores_judge(&search->stores, false, &search->chain, err);
    return r < 0 ? r : nta_stores_recall(&search->stores, search->chain, stop, err);
}

/** The walk came to the end of what there is: holes, links, heads. */
static int end_proof(struct nta_search *search, bool is_whole, struct nta_err *err)
{
    search->is_whole = is_whole;
    return is_whole ? nta_stores_end(&search->stores, search->chain, false, err) : 0;
}

const char *nta_found_id(const struct nta_found *found, char buf[NTA_FOUND_ID_SIZE])
{
    const struct nta_header *header = found->header;

    char *pos = nta_hex_put(header->sensor, sizeof(header->sensor), buf);

    (void)snprintf(pos, NTA_FOUND_ID_SIZE - (size_t)(pos - buf), "-%" PRIu64 "-%zu", header->number,
                   found->index);
    return buf;
}

static void count_given(struct nta_search *search, unsigned classes)
{
    if (search->gate.ask && classes != LOG_ALONE)
        ++*search->gate.n_given;
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
    unsigned classes;             ///< Of which records that fit can be.
    bool has_tokens;              ///< Of what is asked for batches have some,
    struct nta_token_cache cache; ///< which are made on the walking thread.
    const struct nta_search_options *options;
    struct nta_search_state *state;
    uint32_t parts;            ///< Decoded of every record;
    bool again;                ///< those that fit are decoded whole.
    bool with_ends;            ///< A batch's times are also those at which its records ended.
    int64_t first_ns, last_ns; ///< Of the batch's records that were looked at.
    bool each_failed;          ///< `each` did, not a store.
};

static void report(struct nta_search *search, enum nta_finding_kind kind,
                   const struct nta_header *header, const char *text)
{
    const struct nta_finding_at at = {.sensor = header->sensor, .number = header->number};

    nta_findings_add(search->stores.findings, kind, &at, text);
}

/** A record that cannot be decoded is said; the others are not hidden by it. */
static int pass_record(struct nta_search_walk *walk, const struct nta_found *found)
{
    report(walk->search, NTA_FINDING_RECORDS, found->header, NULL);
    return 0;
}

/** Which batches a search by time opens is decided by their headers' times. */
static void check_times(struct nta_search *search, const struct nta_header *header,
                        int64_t first_ns, int64_t last_ns, bool is_all)
{
    if (first_ns < header->first_ns || last_ns > header->last_ns ||
        (is_all && (first_ns > header->first_ns || last_ns < header->last_ns)))
        report(search, NTA_FINDING_VALUES, header, nta_values_check_text(NTA_VALUES_TIMES));
}

static void cover(struct nta_search_walk *walk, int64_t ns)
{
    if (ns < walk->first_ns)
        walk->first_ns = ns;
    if (ns > walk->last_ns)
        walk->last_ns = ns;
}

static int look_at(struct nta_search_walk *walk, struct nta_found *found, struct nta_err *err)
{
    struct nta_search *search = walk->search;

    if (!nta_record_decode_some(found->encoded, walk->parts, &search->buf, &search->some))
        return pass_record(walk, found);
    cover(walk, search->some.time_ns);
    if (walk->with_ends && search->some.end_ns)
        cover(walk, search->some.end_ns);
    if (!nta_query_has(walk->query, &search->some))
        return 0;
    found->record = &search->some;
    if (walk->again) {
        if (!nta_record_decode(found->encoded, &search->buf, &search->whole))
            return pass_record(walk, found);
        found->record = &search->whole;
    }
    walk->state->n_found++;
    count_given(walk->search, walk->classes);
    int r = walk->options->each(walk->options->owner, found, err);

    walk->each_failed = r < 0;
    if (r == 0 && walk->state->n_found == walk->options->limit) {
        walk->state->is_limited = true;
        return STOP;
    }
    return r;
}

static const char *mark_of(const struct nta_verdict *verdict)
{
    return verdict->shows ? NULL : nta_finding_form(verdict->why)->name;
}

static int look_through(struct nta_search_walk *walk, const struct nta_ahead_batch *batch,
                        struct nta_err *err)
{
    struct nta_search_state *state = walk->state;
    struct nta_found found = {.header = &batch->header, .unverified = mark_of(&batch->verdict)};
    int r = 0;

    state->at_ns = batch->header.last_ns;
    walk->with_ends = batch->header.version > 1;
    walk->first_ns = INT64_MAX;
    walk->last_ns = INT64_MIN;
    for (; found.index < batch->batch.n_records && r == 0; found.index++) {
        found.encoded = nta_batch_record(&batch->batch, found.index);
        r = look_at(walk, &found, err);
    }
    state->n_records += found.index;
    if (batch->verdict.shows && walk->first_ns <= walk->last_ns)
        check_times(walk->search, &batch->header, walk->first_ns, walk->last_ns,
                    found.index == batch->batch.n_records);
    walk->search->n_opened += batch->verdict.shows;
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

static bool times_fit(const struct nta_query *query, const struct nta_header *header)
{
    bool moments = query->begun || query->events == 1U << NTA_RECORD_ALERT;
    int64_t since_ns = query->since_ns;

    if (since_ns && header->version == 1 && !moments)
        since_ns -= LOOK_BACK_NS;
    return (!query->since_ns || header->last_ns >= since_ns) &&
           (!query->until_ns || header->first_ns <= query->until_ns);
}

/** Format 1 has none, and any record anywhere. */
static bool class_fits(const struct nta_search_walk *walk, const struct nta_header *header)
{
    return header->class == NTA_CLASS_NONE || walk->classes >> header->class & 1U;
}

/** True if the batch can hold an answer, as its header says: sensor, time and class. */
static bool header_fits(void *owner, const struct nta_header *header)
{
    const struct nta_search_walk *walk = owner;

    return nta_query_has_sensor(walk->query, header->sensor) && times_fit(walk->query, header) &&
           class_fits(walk, header);
}

/**
 * And as its tokens say; those that are not the signed ones say nothing, and those of a data key
 * that is not here neither.
 */
static bool tokens_fit(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict)
{
    struct nta_search_walk *walk = owner;

    if (!walk->has_tokens || !verdict->shows)
        return true;
    const struct nta_query_tokens *wanted = nta_token_cache_get(&walk->cache, &row->header);

    return !wanted || nta_query_tokens_fit(wanted, row->sealed.tokens);
}

/** Before its tokens are read. */
static const struct nta_query_tokens *tokens_wanted(void *owner, const struct nta_header *header)
{
    struct nta_search_walk *walk = owner;

    return nta_token_cache_get(&walk->cache, header);
}

/** One walk over all batches above the marks: 0, STOP, or negative errno. */
static int run_walk(struct nta_search_walk *walk, struct nta_store_marks *marks,
                    struct nta_err *err)
{
    const struct nta_ahead_options options = {
        .stores = &walk->search->stores,
        .opener = walk->search->opener,
        .chain = walk->search->chain,
        .marks = marks,
        .with_tokens = walk->has_tokens,
        .tokens = walk->has_tokens ? tokens_wanted : NULL,
        .narrows = header_fits,
        .wants = tokens_fit,
        .owner = walk,
    };
    struct nta_err trouble = {0};
    struct nta_ahead *ahead = NULL;
    int r = nta_ahead_start(&options, &ahead, err);

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

static struct nta_search_walk walk_of(struct nta_search *search, const struct nta_query *query,
                                      const struct nta_search_options *options,
                                      struct nta_search_state *state)
{
    *state = (struct nta_search_state){.n_batches = 0};
    return (struct nta_search_walk){
        .search = search,
        .query = query,
        .has_tokens = nta_query_has_tokens(query),
        .classes = nta_query_classes(query),
        .cache = {.query = query, .stores = &search->stores, .opener = search->opener},
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
    const struct nta_store_query all = {0};
    int r = nta_query_find_sensors(query, &search->stores.trust, err);

    if (r == 0)
        r = nta_stores_count(&search->stores, &all, &walk.state->n_all, err);
    if (r == 0)
        r = begin(search, walk.classes, options->stop, err);
    if (r == 0)
        r = run_walk(&walk, NULL, err);
    return r < 0 ? r : end_proof(search, r == 0, err);
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
    int r = nta_query_find_sensors(query, &search->stores.trust, err);

    if (r == 0)
        r = begin(search, walk.classes, options->stop, err);

    while (r == 0 && !(options->stop && *options->stop)) {
        walk.each_failed = false;
        r = run_walk(&walk, &marks, err);
        if (r == 0)
            r = end_proof(search, true, err);
        if (r < 0 && !walk.each_failed && options->trouble &&
            options->trouble(options->owner, err)) {
            nap(options, TROUBLE_NS);
            r = 0;
            continue;
        }
        if (r == 0 && options->idle)
            options->idle(options->owner);
        if (r == 0)
            nap(options, search->stores.mysql ? FOLLOW_MYSQL_NS : FOLLOW_NS);
    }
    return r < 0 ? r : 0;
}

/* ---- one record ---- */

struct one
{
    struct nta_search *search;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number, index;
    nta_found_fn *each;
    void *owner;
    bool is_there;
};

/** By the signed header: a batch that only its columns name is not it. */
static bool is_one(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict)
{
    const struct one *one = owner;

    (void)verdict;
    return row->header.number == one->number && !(row->faults & NTA_ROW_HEADER) &&
           memcmp(row->header.sensor, one->sensor, sizeof(one->sensor)) == 0;
}

static int on_one(void *owner, const struct nta_stored *stored, const struct nta_verdict *verdict,
                  struct nta_err *err)
{
    struct one *one = owner;
    struct nta_batch *batch = &one->search->batch;
    struct nta_found found = {
        .header = &stored->header,
        .index = (size_t)one->index,
        .unverified = mark_of(verdict),
    };
    struct nta_record record;
    struct nta_err trouble;

    if (one->is_there)
        return 0;
    if (nta_opener_read(one->search->opener, &stored->sealed, batch, &trouble) < 0) {
        nta_chain_report(one->search->chain,
                         nta_opener_has_key(one->search->opener, stored->header.data_key)
                             ? NTA_FINDING_OPENED
                             : NTA_FINDING_KEY_CLOSED,
                         &stored->header, NULL);
        return 0;
    }
    one->search->n_opened += verdict->shows;
    found.encoded = nta_batch_record(batch, found.index);
    if (found.index >= batch->n_records)
        return 0;
    if (!nta_record_decode(found.encoded, &one->search->buf, &record)) {
        nta_chain_report(one->search->chain, NTA_FINDING_RECORDS, &stored->header, NULL);
        return 0;
    }
    if (verdict->shows)
        check_times(one->search, &stored->header, record.time_ns, record.time_ns, false);
    one->is_there = true;
    count_given(one->search, 0);
    found.record = &record;
    return one->each(one->owner, &found, err);
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
static bool parse_id(const char *id, struct one *one)
{
    if (!nta_hex_parse(id, NTA_SENSOR_ID_LEN, one->sensor))
        return false;
    id += (size_t)2 * NTA_SENSOR_ID_LEN;
    return take_part(&id, &one->number) && take_part(&id, &one->index) && *id == '\0' &&
           one->number > 0;
}

int nta_search_one(struct nta_search *search, const char *id, nta_found_fn *each, void *owner,
                   struct nta_err *err)
{
    struct one one = {.search = search, .each = each, .owner = owner};
    char shown[NTA_FOUND_ID_SIZE];

    assert(id);
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(id));
    if (!parse_id(id, &one))
        return nta_err_set(
            err, -EINVAL,
            "\"%s\" is not the id of a record: SENSOR-NUMBER-INDEX, as --json shows it", shown);
    int r = begin(search, 0, NULL, err);
    const struct nta_stores_walk walk = {
        .chain = search->chain,
        .opener = search->opener,
        .wants = is_one,
        .wants_owner = &one,
        .each = on_one,
        .owner = &one,
    };

    if (r == 0)
        r = nta_stores_each(&search->stores, &walk, err);
    if (r >= 0)
        r = end_proof(search, r == 0, err);
    if (r < 0)
        return r;
    return one.is_there ? 0 : nta_err_set(err, -ENOENT, "there is no record %s", shown);
}
