/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/chain.h"

#include "base/own.h"
#include "chain/change.h"
#include "chain/judge.h"
#include "chain/notes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct nta_chain *nta_chain_new(const struct nta_trust *trust, struct nta_findings *findings)
{
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = calloc(1, sizeof(*chain));

    if (!chain)
        return NULL;
    chain->trust = trust;
    chain->findings = findings;
    chain->waiting = calloc(WINDOW, sizeof(*chain->waiting));
    chain->parts = calloc(trust->n + 1, sizeof(*chain->parts));
    if (!chain->waiting || !chain->parts)
        return NULL;
    for (size_t i = 0; i < trust->n; i++) {
        const struct nta_trusted *trusted = &trust->all[i];

        chain->parts[i].trusted = trusted;
        if (nta_timeline_init(&chain->parts[i].timeline, trusted->sensor, trusted->public_key) < 0)
            return NULL;
    }
    return NTA_TAKE(chain);
}

void nta_chain_free(struct nta_chain **chain)
{
    struct nta_chain *dead = NTA_TAKE(*chain);

    if (!dead)
        return;
    for (size_t i = 0; dead->parts && i < dead->trust->n; i++) {
        nta_segments_done(&dead->parts[i].segments);
        nta_prints_done(&dead->parts[i].failed);
        nta_timeline_done(&dead->parts[i].timeline);
        free(dead->parts[i].heads);
        free(dead->parts[i].gone);
    }
    free(dead->parts);
    free(dead->waiting);
    nta_prints_done(&dead->unsigned_keys);
    nta_prints_done(&dead->spoiled);
    nta_prints_done(&dead->mended);
    nta_prints_done(&dead->missed);
    nta_prints_done(&dead->others);
    nta_prints_done(&dead->unproved);
    nta_data_keys_done(&dead->keys);
    free(dead->absent);
    free(dead);
}

bool nta_chain_is_failed_for(const struct nta_chain *chain, size_t sensor)
{
    const struct nta_chain_part *part = &chain->parts[sensor];

    return chain->is_failed || chain->unsigned_keys.has_failed || chain->spoiled.has_failed ||
           chain->mended.has_failed || chain->missed.has_failed || chain->others.has_failed ||
           chain->unproved.has_failed || part->failed.has_failed || part->timeline.is_failed;
}

bool nta_chain_is_failed(const struct nta_chain *chain)
{
    bool is_failed = nta_chain_is_failed_for(chain, 0); /* there is a part if nobody is trusted */

    for (size_t i = 1; i < chain->trust->n && !is_failed; i++)
        is_failed = nta_chain_is_failed_for(chain, i);
    return is_failed;
}

static bool find_part(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      size_t *ret_index)
{
    const struct nta_trust *trust = chain->trust;
    const bool is_latest = chain->latest < trust->n &&
                           memcmp(trust->all[chain->latest].sensor, sensor, NTA_SENSOR_ID_LEN) == 0;
    const struct nta_trusted *trusted = is_latest ? NULL : nta_trust_find(trust, sensor);

    if (trusted)
        chain->latest = (size_t)(trusted - trust->all);
    *ret_index = chain->latest;
    return is_latest || trusted;
}

int nta_chain_learn(struct nta_chain *chain, const struct nta_stored *row)
{
    uint8_t hash[NTA_HASH_LEN];
    size_t sensor;

    if (!nta_timeline_concerns(row) || !find_part(chain, row->header.sensor, &sensor))
        return 0;
    nta_header_hash(&row->sealed, hash);
    struct nta_timeline *timeline = &chain->parts[sensor].timeline;
    int r = nta_timeline_learn(timeline, row, hash);

    /* before the rows: what comes later may say who signed it */
    timeline->is_dirty = timeline->is_dirty || timeline->n_loose > 0;
    return r;
}

const uint8_t *nta_chain_checkpoint_key(const struct nta_chain *chain,
                                        const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct nta_trusted *trusted = nta_trust_find(chain->trust, sensor);
    struct nta_timeline *timeline =
        trusted ? &chain->parts[trusted - chain->trust->all].timeline : NULL;

    return timeline && nta_timeline_settle(timeline) == 0 && timeline->has_checkpoint_key
               ? timeline->checkpoint_key
               : NULL;
}

int nta_chain_each_note(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        nta_chain_each_note_fn *each, void *owner, struct nta_err *err)
{
    struct nta_timeline *timeline;
    struct nta_note note;
    size_t at;
    int r = 0;

    if (!find_part(chain, sensor, &at))
        return 0;
    timeline = &chain->parts[at].timeline;
    if (nta_timeline_settle(timeline) < 0)
        return nta_err_sys(err, -ENOMEM, "chain");
    for (size_t i = 0; i < timeline->n; i++)
        for (size_t k = 0;
             r == 0 && timeline->all[i]->counts && nta_change_note(timeline->all[i], k, &note); k++)
            r = each(owner, timeline->all[i]->number, &note, err);
    return r;
}

bool nta_chain_deletes(const struct nta_chain *chain, const struct nta_header *header)
{
    const struct nta_trusted *trusted = nta_trust_find(chain->trust, header->sensor);
    struct nta_timeline *timeline =
        trusted ? &chain->parts[trusted - chain->trust->all].timeline : NULL;

    return timeline && nta_timeline_settle(timeline) == 0 &&
           nta_timeline_deleted(timeline, header->number, header->class,
                                nta_day_of(header->sealed_ns));
}

/* ---- the form of a row ---- */

static const struct
{
    unsigned fault;
    enum nta_finding_kind kind;
    bool hides;
} forms[] = {
    {NTA_ROW_UNREAD, NTA_FINDING_UNREAD, true},    {NTA_ROW_SIZE, NTA_FINDING_SIZE, true},
    {NTA_ROW_CONTENT, NTA_FINDING_CONTENT, true},  {NTA_ROW_HEADER, NTA_FINDING_HEADER, true},
    {NTA_ROW_COLUMNS, NTA_FINDING_COLUMNS, false}, {NTA_ROW_TYPE, NTA_FINDING_ROW, false},
};

/** What tells two rows with one number apart. */
static uint64_t print_of(const struct nta_stored *row)
{
    uint8_t hash[NTA_HASH_LEN];

    nta_header_hash(&row->sealed, hash);
    return nta_print_of(hash);
}

static void report_row(struct nta_chain *chain, enum nta_finding_kind kind,
                       const struct nta_stored *row, const char *text)
{
    const struct nta_header *header = &row->header;
    const struct nta_finding_at place = {
        .sensor = nta_is_zero(header->sensor, NTA_SENSOR_ID_LEN) ? NULL : header->sensor,
        .number = header->number,
        .print = print_of(row),
    };

    nta_findings_add(chain->findings, kind, &place, text);
}

static void hide(struct nta_verdict *verdict, enum nta_finding_kind why)
{
    if (!verdict->shows)
        return;
    verdict->shows = false;
    verdict->why = why;
}

/** The faults that were not told yet. */
static void report_form(struct nta_chain *chain, const struct nta_stored *row,
                        struct nta_verdict *verdict)
{
    unsigned faults = row->faults & ~verdict->reported;

    /* what is deleted lacks nothing but its contents, and why is another question */
    if (row->faults & NTA_ROW_ABSENT)
        faults &= ~(unsigned)NTA_ROW_CONTENT;

    /* a header that is not there, or was not read, is no foreign one */
    if (row->sealed.header.len == 0 && row->faults & ~(unsigned)(NTA_ROW_HEADER | NTA_ROW_COLUMNS))
        faults &= ~(unsigned)NTA_ROW_HEADER;
    for (size_t i = 0; i < NTA_N_ELEMENTS(forms); i++) {
        if (!(faults & forms[i].fault))
            continue;
        report_row(chain, forms[i].kind, row, NULL);
        if (forms[i].hides)
            hide(verdict, forms[i].kind);
    }
    verdict->reported |= row->faults;
}

static void judge_tokens(struct nta_chain *chain, const struct nta_stored *row,
                         struct nta_verdict *verdict)
{
    if (verdict->has_tokens)
        return;
    verdict->has_tokens = true;
    if (row->facts && row->facts->has_tokens
            ? row->facts->tokens_hold
            : nta_hash_is(row->sealed.tokens, row->header.tokens_hash))
        return;
    report_row(chain, NTA_FINDING_TOKENS, row, NULL);
    hide(verdict, NTA_FINDING_TOKENS);
}

/** A batch's time: in format 2 when it was sealed, which a record cannot choose. */
static bool is_covered(const struct nta_trusted *trusted, const struct nta_header *header)
{
    return header->version == 1 ? nta_trust_covers(trusted, header->first_ns, header->last_ns)
                                : nta_trust_covers(trusted, header->sealed_ns, header->sealed_ns);
}

enum
{
    NO_PARTS = NTA_ROW_CONTENT | NTA_ROW_SIZE | NTA_ROW_UNREAD | NTA_ROW_ABSENT
};

void nta_chain_look(struct nta_chain *chain, const struct nta_stored *row, bool by_tokens,
                    struct nta_verdict *ret_verdict)
{
    struct nta_verdict verdict = {.shows = true};
    const struct nta_header *header = &row->header;
    bool has_header = !(row->faults & NTA_ROW_HEADER) && row->sealed.header.len > 0;

    report_form(chain, row, &verdict);
    verdict.is_ours = has_header && find_part(chain, header->sensor, &verdict.sensor);
    if (has_header && !verdict.is_ours) {
        report_row(chain, NTA_FINDING_SENSOR, row, NULL);
        hide(&verdict, NTA_FINDING_SENSOR);
    } else if (has_header && !is_covered(&chain->trust->all[verdict.sensor], header)) {
        report_row(chain, NTA_FINDING_SENSOR, row,
                   "outside of the times for which its sensor is trusted");
        hide(&verdict, NTA_FINDING_SENSOR);
    }
    if (!has_header && find_part(chain, header->sensor, &verdict.sensor)) /* as its columns say */
        nta_chain_fail(&chain->parts[verdict.sensor], header->number);
    if (!has_header)
        hide(&verdict, row->faults & NTA_ROW_TYPE ? NTA_FINDING_ROW : NTA_FINDING_HEADER);
    else if (by_tokens && !(row->faults & NO_PARTS))
        judge_tokens(chain, row, &verdict);
    *ret_verdict = verdict;
}

static void judge_parts(struct nta_chain *chain, const struct nta_stored *row,
                        struct nta_verdict *verdict)
{
    if (row->faults & NO_PARTS)
        return;
    judge_tokens(chain, row, verdict);
    if (row->facts && row->facts->has_body
            ? !row->facts->body_holds
            : !nta_hash_is(row->sealed.body, row->header.body_hash)) {
        report_row(chain, NTA_FINDING_BODY, row, NULL);
        hide(verdict, NTA_FINDING_BODY);
    }
}

/** A batch that is signed names its data key; one that is not could name any. */
static void judge_key(struct nta_chain *chain, const struct nta_stored *row,
                      struct nta_verdict *verdict)
{
    const struct nta_header *header = &row->header;
    bool is_there = nta_prints_has(&chain->unsigned_keys, nta_print_of(header->data_key));
    enum nta_finding_kind kind = is_there ? NTA_FINDING_KEY_SIGNATURE : NTA_FINDING_KEY_MISSING;

    if (nta_data_keys_have(&chain->keys, header))
        return;
    if (header->version == 1) {
        report_row(chain, kind, row,
                   is_there ? "its data key is signed by no trusted sensor" : NULL);
    } else if (nta_data_keys_have_id(&chain->keys, header->data_key)) {
        kind = NTA_FINDING_KEY_MISSING;
        report_row(chain, kind, row, "its data key is for another sensor, class or day");
    } else {
        kind = nta_chain_miss(chain, verdict->sensor, row, print_of(row), NTA_FINDING_KEY_MISSING);
    }
    hide(verdict, kind);
}

/** A copy of it in another store may be whole. */
static void remember(struct nta_chain *chain, const struct nta_stored *row,
                     struct nta_verdict *verdict)
{
    uint64_t print;

    if (verdict->is_again || (verdict->shows && chain->spoiled.n == 0) ||
        (!verdict->shows && verdict->why == NTA_FINDING_DELETED))
        return;
    print = print_of(row);
    if (!verdict->shows)
        verdict->is_again = !nta_prints_put(&chain->spoiled, print, SIZE_MAX);
    else if (row->is_whole && nta_prints_has(&chain->spoiled, print))
        (void)nta_prints_put(&chain->mended, print, SIZE_MAX);
}

/** Nobody is known to have signed it, so what it says is nobody's. */
static bool is_unsigned(enum nta_finding_kind why)
{
    return why == NTA_FINDING_SIGNATURE || why == NTA_FINDING_UNPROVED ||
           why == NTA_FINDING_REVOKED;
}

/** Contents or data key; of what nobody signed a note excuses nothing. */
static void judge_absence(struct nta_chain *chain, const struct nta_stored *row,
                          struct nta_verdict *verdict)
{
    const bool is_signed = verdict->shows || !is_unsigned(verdict->why);
    uint64_t print;

    if (!(row->faults & NTA_ROW_ABSENT)) {
        if (is_signed)
            judge_key(chain, row, verdict);
        return;
    }
    if (verdict->is_again)
        return;
    print = print_of(row);
    if (is_signed)
        hide(verdict, nta_chain_miss(chain, verdict->sensor, row, print, NTA_FINDING_CONTENT));
    else if (!nta_prints_has(&chain->spoiled, print)) /* of which a copy was there before */
        nta_chain_lack(chain, verdict->sensor, row, print);
}

void nta_chain_complete(struct nta_chain *chain, const struct nta_stored *row,
                        struct nta_verdict *verdict)
{
    report_form(chain, row, verdict);
    if (!verdict->is_ours) {
        remember(chain, row, verdict);
        return;
    }
    judge_absence(chain, row, verdict);
    if (row->is_whole)
        judge_parts(chain, row, verdict);
    /* of what was not asked for nobody knows whether it is there */
    if (verdict->shows && row->is_whole && row->header.version == 2 && !(row->faults & NO_PARTS))
        nta_chain_have(chain, verdict->sensor, &row->header);
    remember(chain, row, verdict);
}

void nta_chain_report(struct nta_chain *chain, enum nta_finding_kind kind,
                      const struct nta_header *header, const char *text)
{
    const struct nta_finding_at place = {.sensor = header->sensor, .number = header->number};

    nta_findings_add(chain->findings, kind, &place, text);
}

void nta_chain_tally(struct nta_chain *chain, const struct nta_store_tally *tally)
{
    const struct nta_finding_at nowhere = {.number = 0};
    char text[NTA_FINDING_TEXT_SIZE];

    if (tally->n_strays) {
        (void)snprintf(text, sizeof(text),
                       "%llu contents are there without the header of their batch",
                       (unsigned long long)tally->n_strays);
        nta_findings_add(chain->findings, NTA_FINDING_COUNT, &nowhere, text);
    }
    if (!tally->is_counted || tally->n_given == tally->n_counted)
        return;
    (void)snprintf(
        text, sizeof(text),
        "the table of batches counts %llu rows and gives %llu: some are hidden, or damaged",
        (unsigned long long)tally->n_counted, (unsigned long long)tally->n_given);
    nta_findings_add(chain->findings, NTA_FINDING_COUNT, &nowhere, text);
}
