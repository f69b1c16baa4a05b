/* SPDX-License-Identifier: Apache-2.0 */
/* What the chain is as a whole: heads that were not met, holes, links. */
#include "base/runtime/clock.h"
#include "chain/chain.h"
#include "chain/judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- the end ---- */

/**
 * Somebody noted it, and the sensor says that it lost that number: what is lost ends before what
 * anybody noted, be it there or not.
 */
static bool is_noted_lost(const struct nta_chain_part *part, const struct nta_head *head)
{
    return (head->kind == NTA_FINDING_NOTED || head->kind == NTA_FINDING_SEEN) &&
           nta_timeline_lost_at(&part->timeline, head->number);
}

/** It lies in the chain.  A tree that is another somewhere is not met anywhere else. */
static bool is_met(const struct nta_chain_part *part, const struct nta_head *head)
{
    return (!head->has_link || head->is_link_met) && (!head->has_root || head->is_root_met) &&
           !head->is_other && !is_noted_lost(part, head);
}

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
    const char *whose = head->kind == NTA_FINDING_HEAD    ? "the store's chain row names it"
                        : head->kind == NTA_FINDING_STATE ? "the file of the chain's state names it"
                        : head->kind == NTA_FINDING_SEEN  ? "nta has seen it"
                                                          : "somebody noted it";
    uint64_t last = last_of(part);

    if (is_noted_lost(part, head))
        (void)snprintf(buf, size, "%s, but a batch behind it notes that it was lost", whose);
    else if (head->is_other)
        (void)snprintf(buf, size, "%s, but the tree up to it is another", whose);
    else if (last == 0)
        (void)snprintf(buf, size, "%s, but none is there", whose);
    else if (head->number > last)
        (void)snprintf(buf, size, "%s, but the last that is there is %" PRIu64, whose, last);
    else if (nta_segments_find(&part->segments, head->number, head->link) != NTA_PUT_NEW)
        (void)snprintf(buf, size, "%s, but the one that is there is another", whose);
    else
        (void)snprintf(buf, size, "%s, but %s", whose,
                       nta_prints_has(&part->failed, head->number)
                           ? "the one that is there does not hold"
                           : "it is missing");
}

/** A head that may lie in what was not seen: behind the last that is there nothing was. */
static bool is_unseen(const struct nta_chain_part *part, const struct nta_head *head)
{
    const uint64_t last = last_of(part);

    if (last == 0)
        return true;
    return head->number < last && !head->is_other && !nta_prints_has(&part->failed, head->number) &&
           nta_segments_find(&part->segments, head->number, head->link) == NTA_PUT_NEW;
}

static void end_heads(struct nta_chain *chain, const struct nta_chain_part *part,
                      const struct nta_chain_end *end)
{
    const uint64_t last = last_of(part);
    char text[NTA_FINDING_TEXT_SIZE];

    for (size_t i = 0; i < part->n_heads; i++) {
        const struct nta_head *head = &part->heads[i];

        const bool is_lost = is_noted_lost(part, head);
        const bool lacks_tree_only = !head->has_link || head->is_link_met;

        if (is_met(part, head) || head->number == 0)
            continue;
        if (lacks_tree_only && !is_lost && !head->is_other && head->number <= last)
            report(chain, NTA_FINDING_UNSEEN, part, head->number, 0,
                   "its tree is not known, since batches before it were not seen in their order");
        else if (end->is_partial && !is_lost && is_unseen(part, head))
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

/** The first number from `first` to `last` that no note excuses, and up to where; false: none. */
static bool next_gap(const struct nta_chain_part *part, uint64_t first, uint64_t last,
                     uint64_t *ret_first, uint64_t *ret_last)
{
    const struct nta_lost *lost;

    while (first <= last && (lost = nta_timeline_lost_at(&part->timeline, first))) {
        if (lost->to >= last)
            return false;
        first = lost->to + 1;
    }
    if (first > last)
        return false;
    lost = nta_timeline_lost_from(&part->timeline, first);
    *ret_first = first;
    *ret_last = lost && lost->from <= last ? lost->from - 1 : last;
    return true;
}

/** True if the link of `number` (0: nothing) is that, as far as it is known. */
static bool link_is(const struct nta_chain_part *part, uint64_t number,
                    const uint8_t link[NTA_HASH_LEN])
{
    static const uint8_t zeros[NTA_HASH_LEN];

    return number == 0 ? memcmp(link, zeros, NTA_HASH_LEN) == 0
                       : nta_segments_find(&part->segments, number, link) != NTA_PUT_OTHER;
}

/** What is before a segment: up to which number, and whether it follows that. */
static bool follows(const struct nta_chain_part *part, size_t i)
{
    const struct nta_segment *segment = &part->segments.all[i];
    const struct nta_lost *lost =
        segment->first > 1 ? nta_timeline_lost_at(&part->timeline, segment->first - 1) : NULL;

    /* behind what is lost it names the last that is not, be the others there or not */
    if (lost && lost->to == segment->first - 1)
        return link_is(part, lost->from - 1, segment->previous);
    return link_is(part, segment->first - 1, segment->previous);
}

static uint64_t last_before(const struct nta_chain_part *part, size_t i)
{
    return i ? part->segments.all[i - 1].last : 0;
}

static void end_links(struct nta_chain *chain, const struct nta_chain_part *part,
                      const struct nta_chain_end *end)
{
    for (size_t i = 0; i < part->segments.n; i++) {
        uint64_t first = last_before(part, i) + 1, last = part->segments.all[i].first - 1;
        enum nta_finding_kind kind = end->is_partial && (i == 0 || part->version == 2)
                                         ? NTA_FINDING_UNSEEN
                                         : NTA_FINDING_HOLE;
        uint64_t begin, until;

        for (; first <= last && next_gap(part, first, last, &begin, &until); first = until + 1)
            report_hole(chain, part, begin, until, kind);
        if (!follows(part, i))
            report(chain, NTA_FINDING_LINK, part, part->segments.all[i].first, 0, NULL);
    }
}

/** What its own notes say of it. */
static void end_notes(struct nta_chain *chain, const struct nta_chain_part *part)
{
    const struct nta_timeline *timeline = &part->timeline;
    struct nta_change_faults faults;
    char text[NTA_FINDING_TEXT_SIZE], noted[NTA_TIME_TEXT_SIZE];

    for (size_t i = 0; i < timeline->n_lost; i++) {
        const struct nta_lost *lost = &timeline->lost[i];

        (void)snprintf(text, sizeof(text),
                       "lost to its sensor (%s), as batch %" PRIu64 " notes at %.19sZ",
                       nta_lost_reason_name(lost->reason), lost->to + 1,
                       nta_clock_text(lost->noted_ns, noted));
        report(chain, NTA_FINDING_LOST, part, lost->from, lost->to, text);
    }
    for (size_t i = 0; nta_timeline_faults(timeline, i, &faults); i++) {
        if (faults.bad_next)
            report(chain, NTA_FINDING_NEXT, part, faults.number, 0, NULL);
        if (faults.bad_note)
            report(chain, NTA_FINDING_NOTE, part, faults.number, 0, NULL);
    }
    if (timeline->is_full)
        report(chain, NTA_FINDING_CHANGES, part, 0, 0, NULL);
}

int nta_chain_end(struct nta_chain *chain, const struct nta_chain_end *end)
{
    int r = nta_chain_settle(chain);

    for (size_t i = 0; i < chain->trust->n && r == 0; i++)
        r = nta_timeline_settle(&chain->parts[i].timeline);
    nta_chain_end_strays(chain);
    nta_chain_end_absent(chain, end->is_partial);
    for (size_t i = 0; i < chain->trust->n && r == 0; i++) {
        const struct nta_chain_part *part = &chain->parts[i];

        end_links(chain, part, end);
        end_heads(chain, part, end);
        end_notes(chain, part);
        if (end->wants_given && part->trusted->is_given && part->n_batches == 0)
            report(chain, end->is_partial ? NTA_FINDING_UNSEEN : NTA_FINDING_NONE, part, 0, 0,
                   NULL);
    }
    return r == 0 && nta_chain_is_failed(chain) ? -ENOMEM : r;
}

/* ---- what was proved ---- */

/**
 * The last number up to which all are there from the first on, or lost as a note says, each linked
 * to the one before; 0: not even the first.
 */
static uint64_t whole_to(const struct nta_chain_part *part)
{
    uint64_t first, last, whole = 0;

    for (size_t i = 0; i < part->segments.n; i++) {
        const struct nta_segment *segment = &part->segments.all[i];

        if ((whole + 1 < segment->first &&
             next_gap(part, whole + 1, segment->first - 1, &first, &last)) ||
            !follows(part, i))
            return whole;
        whole = segment->last;
    }
    return whole;
}

static void get_notes(const struct nta_chain_part *part, struct nta_chain_sensor *sensor)
{
    const struct nta_timeline *timeline = &part->timeline;
    const struct nta_stretch *stretch = nta_timeline_key(timeline, UINT64_MAX);

    sensor->has_checkpoint_key = timeline->has_checkpoint_key;
    memcpy(sensor->checkpoint_key, timeline->checkpoint_key, NTA_KEY_LEN);
    memcpy(sensor->identity, nta_timeline_identity(timeline), NTA_KEY_LEN);
    sensor->revoked = timeline->revoked;
    sensor->has_signing = stretch->is_known && !timeline->revoked;
    if (sensor->has_signing)
        memcpy(sensor->signing, stretch->key, NTA_KEY_LEN);
    for (size_t i = 0; i < timeline->n_lost; i++) {
        sensor->n_lost += timeline->lost[i].to - timeline->lost[i].from + 1;
        sensor->lost_last_ns = timeline->lost[i].noted_ns;
    }
    if (timeline->n_lost)
        sensor->lost_first_ns = timeline->lost[0].noted_ns;
    sensor->has_root = part->version == 2 && !part->has_other_tree && sensor->whole_to > 0 &&
                       part->tree.n == sensor->whole_to;
    if (sensor->has_root)
        nta_log_root(&part->tree, sensor->root);
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
        .n_deleted = part->n_deleted,
        .n_unadopted = part->n_unadopted,
        .n_recalled = part->n_recalled,
    };

    get_notes(part, &sensor);

    if (part->segments.n)
        memcpy(sensor.head, part->segments.all[part->segments.n - 1].hash, NTA_HASH_LEN);
    for (size_t at = 0; at < part->n_heads; at++) {
        if (part->heads[at].kind != NTA_FINDING_NOTED || !is_met(part, &part->heads[at]))
            continue;
        if (sensor.n_noted && part->heads[at].number == sensor.noted)
            continue; /* noted again; they are in order of numbers */
        sensor.n_noted++;
        if (part->heads[at].number > sensor.noted)
            sensor.noted = part->heads[at].number;
    }
    sensor.is_noted_whole =
        sensor.whole_to >= sensor.noted &&
        (part->timeline.n_lost == 0 || part->timeline.lost[0].from > sensor.noted);
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
