/* SPDX-License-Identifier: Apache-2.0 */
/* What the chain is as a whole: heads that were not met, holes, links. */
#include "chain/chain.h"
#include "chain/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/**
 * What lacks from `first` to `last`, without the rows that are there and do not hold: those were
 * said.
 */
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

/**
 * The last number up to which all are there from the first on, each linked to the one before; 0:
 * not even the first.
 */
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
