/* SPDX-License-Identifier: Apache-2.0 */
/* What the chain is as a whole: heads, holes, links. */
#include "chain/judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- heads ---- */

static struct nta_chain_part *find_part(struct nta_chain *chain,
                                        const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct nta_trusted *trusted = nta_trust_find(chain->trust, sensor);

    return trusted ? &chain->parts[trusted - chain->trust->all] : NULL;
}

/** A head of a sensor that is not looked at. */
static void report_foreign(struct nta_chain *chain, enum nta_finding_kind kind,
                           const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number)
{
    const struct nta_finding_at place = {.sensor = sensor, .number = number, .print = kind};

    if (kind == NTA_FINDING_HEAD)
        nta_findings_add(chain->findings, NTA_FINDING_SENSOR, &place,
                         "the store's chain row is of a sensor that nobody trusts");
    else
        nta_findings_add(chain->findings, kind, &place,
                         "the head that was noted is of a sensor that nobody trusts");
}

int nta_chain_expect_head(struct nta_chain *chain, enum nta_finding_kind kind,
                          const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number,
                          const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_chain_part *part = find_part(chain, sensor);

    if (!part) {
        report_foreign(chain, kind, sensor, number);
        return 0;
    }
    if (part->n_heads == part->size_heads) {
        size_t size = part->size_heads ? 2 * part->size_heads : 4;
        struct nta_head *heads = reallocarray(part->heads, size, sizeof(*heads));

        if (!heads)
            return -ENOMEM;
        part->heads = heads;
        part->size_heads = size;
    }
    part->is_sorted = false;
    part->has_head_row = part->has_head_row || kind == NTA_FINDING_HEAD;
    part->heads[part->n_heads] = (struct nta_head){.kind = kind, .number = number};
    memcpy(part->heads[part->n_heads++].hash, hash, NTA_HASH_LEN);
    return 0;
}

void nta_chain_head_after(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t number)
{
    struct nta_chain_part *part = find_part(chain, sensor);

    if (!part)
        return;
    part->has_head_row = true;
    if (number > part->head_after)
        part->head_after = number;
}

static int compare_heads(const void *a, const void *b)
{
    const struct nta_head *one = a, *two = b;

    return (one->number > two->number) - (one->number < two->number);
}

void nta_chain_meet(struct nta_chain_part *part, uint64_t number, const uint8_t hash[NTA_HASH_LEN])
{
    size_t low = 0, high = part->n_heads;

    if (!part->is_sorted && part->n_heads)
        qsort(part->heads, part->n_heads, sizeof(*part->heads), compare_heads);
    part->is_sorted = true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (part->heads[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < part->n_heads && part->heads[low].number == number; low++)
        part->heads[low].is_met =
            part->heads[low].is_met || memcmp(part->heads[low].hash, hash, NTA_HASH_LEN) == 0;
}

/* ---- the end ---- */

static uint64_t first_of(const struct nta_chain_part *part)
{
    return part->segments.n ? part->segments.all[0].first : 0;
}

static uint64_t last_of(const struct nta_chain_part *part)
{
    return part->segments.n ? part->segments.all[part->segments.n - 1].last : 0;
}

static void report(struct nta_chain *chain, enum nta_finding_kind kind,
                   const struct nta_chain_part *part, uint64_t number, uint64_t to,
                   const char *text)
{
    const struct nta_finding_at place = {
        .sensor = part->trusted->sensor, .number = number, .to = to};

    nta_findings_add(chain->findings, kind, &place, text);
}

/** Why a head was not met: its number is missing, does not hold, or is another batch's. */
static void put_unmet(const struct nta_chain_part *part, const struct nta_head *head, char *buf,
                      size_t size)
{
    const char *whose = head->kind == NTA_FINDING_HEAD ? "the store's chain row names it"
                                                       : "somebody noted it as the last";
    uint64_t last = last_of(part);

    if (last == 0)
        (void)snprintf(buf, size, "%s, but none is there", whose);
    else if (head->number > last)
        (void)snprintf(buf, size, "%s, but the last that is there is %" PRIu64, whose, last);
    else if (nta_segments_find(&part->segments, head->number, head->hash) != NTA_PUT_NEW)
        (void)snprintf(buf, size, "%s, but the one that is there is another", whose);
    else
        (void)snprintf(buf, size, "%s, but %s", whose,
                       nta_prints_has(&part->failed, head->number)
                           ? "the one that is there does not hold"
                           : "it is missing");
}

static void end_heads(struct nta_chain *chain, const struct nta_chain_part *part,
                      const struct nta_chain_end *end)
{
    uint64_t first = first_of(part), last = last_of(part);
    char text[NTA_FINDING_TEXT_SIZE];

    for (size_t i = 0; i < part->n_heads; i++) {
        const struct nta_head *head = &part->heads[i];

        if (head->is_met || head->number == 0)
            continue;
        if (end->is_partial && (first == 0 || head->number < first))
            report(chain, NTA_FINDING_UNSEEN, part, head->number, 0, NULL);
        else {
            put_unmet(part, head, text, sizeof(text));
            report(chain, head->kind, part, head->number, 0, text);
        }
    }
    if (last == 0)
        return;
    if (end->has_head_rows && !part->has_head_row)
        report(chain, NTA_FINDING_HEAD, part, last, 0, "the store has no chain row of its sensor");
    else if (part->has_head_row && last > part->head_after) {
        (void)snprintf(text, sizeof(text),
                       "it is the last, but the store's chain row names %" PRIu64,
                       part->head_after);
        report(chain, NTA_FINDING_HEAD, part, last, 0, text);
    }
}

static bool is_begin(const struct nta_segment *segment)
{
    static const uint8_t zero[NTA_HASH_LEN];

    return memcmp(segment->previous, zero, sizeof(zero)) == 0;
}

enum
{
    HOLE_MAX = 65536 ///< A longer one is not looked through for rows that are there.
};

/** What lacks from `first` to `last`, without the rows that are there and do not hold: those were said. */
static void report_hole(struct nta_chain *chain, const struct nta_chain_part *part, uint64_t first,
                        uint64_t last, enum nta_finding_kind kind)
{
    uint64_t begin = first;

    if (last - first >= HOLE_MAX || part->failed.n == 0) {
        report(chain, kind, part, first, last, NULL);
        return;
    }
    for (uint64_t number = first; number <= last; number++) {
        if (!nta_prints_has(&part->failed, number))
            continue;
        if (begin < number)
            report(chain, kind, part, begin, number - 1, NULL);
        begin = number + 1;
    }
    if (begin <= last)
        report(chain, kind, part, begin, last, NULL);
}

static void end_links(struct nta_chain *chain, const struct nta_chain_part *part,
                      const struct nta_chain_end *end)
{
    const struct nta_segment *all = part->segments.all;

    if (part->segments.n == 0)
        return;
    if (all[0].first > 1)
        report_hole(chain, part, 1, all[0].first - 1,
                    end->is_partial ? NTA_FINDING_UNSEEN : NTA_FINDING_HOLE);
    else if (!is_begin(&all[0]))
        report(chain, NTA_FINDING_LINK, part, 1, 0, NULL);
    for (size_t i = 1; i < part->segments.n; i++) {
        if (all[i].first > all[i - 1].last + 1)
            report_hole(chain, part, all[i - 1].last + 1, all[i].first - 1, NTA_FINDING_HOLE);
        else if (memcmp(all[i].previous, all[i - 1].hash, NTA_HASH_LEN) != 0)
            report(chain, NTA_FINDING_LINK, part, all[i].first, 0, NULL);
    }
}

int nta_chain_end(struct nta_chain *chain, const struct nta_chain_end *end)
{
    int r = nta_chain_settle(chain);

    for (size_t i = 0; i < chain->trust->n && r == 0; i++) {
        const struct nta_chain_part *part = &chain->parts[i];

        end_links(chain, part, end);
        end_heads(chain, part, end);
        if (end->wants_given && part->trusted->is_given && part->n_batches == 0)
            report(chain, end->is_partial ? NTA_FINDING_UNSEEN : NTA_FINDING_NONE, part, 0, 0,
                   NULL);
    }
    return r;
}

/* ---- what was proved ---- */

/** The last number up to which all are there from the first on, each linked to the one before; 0: not even the first. */
static uint64_t whole_to(const struct nta_chain_part *part)
{
    const struct nta_segment *all = part->segments.all;
    size_t i = 1;

    if (part->segments.n == 0 || all[0].first != 1 || !is_begin(&all[0]))
        return 0;
    while (i < part->segments.n && all[i].first == all[i - 1].last + 1 &&
           memcmp(all[i].previous, all[i - 1].hash, NTA_HASH_LEN) == 0)
        i++;
    return all[i - 1].last;
}

bool nta_chain_get(const struct nta_chain *chain, size_t i, struct nta_chain_sensor *ret_sensor)
{
    if (i >= chain->trust->n)
        return false;
    const struct nta_chain_part *part = &chain->parts[i];
    struct nta_chain_sensor sensor = {
        .trusted = part->trusted,
        .n_batches = part->n_batches,
        .n_records = part->n_records,
        .first_ns = part->first_ns,
        .last_ns = part->last_ns,
        .first = first_of(part),
        .last = last_of(part),
        .whole_to = whole_to(part),
    };

    if (part->segments.n)
        memcpy(sensor.head, part->segments.all[part->segments.n - 1].hash, NTA_HASH_LEN);
    for (size_t at = 0; at < part->n_heads; at++) {
        if (part->heads[at].kind != NTA_FINDING_NOTED || !part->heads[at].is_met)
            continue;
        sensor.n_noted++;
        if (part->heads[at].number > sensor.noted)
            sensor.noted = part->heads[at].number;
    }
    *ret_sensor = sensor;
    return true;
}

uint64_t nta_chain_n_proved(const struct nta_chain *chain)
{
    uint64_t n = 0;

    for (size_t i = 0; i < chain->trust->n; i++)
        n += chain->parts[i].n_batches;
    return n;
}

void nta_chain_mark(const struct nta_chain *chain, struct nta_store_marks *marks)
{
    for (size_t i = 0; i < marks->n_marks; i++) {
        const struct nta_trusted *trusted = nta_trust_find(chain->trust, marks->marks[i].sensor);

        if (trusted)
            marks->marks[i].number = last_of(&chain->parts[trusted - chain->trust->all]);
    }
}
