/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/chain.h"

#include "base/own.h"
#include "chain/judge.h"

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
    for (size_t i = 0; i < trust->n; i++)
        chain->parts[i].trusted = &trust->all[i];
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
        free(dead->parts[i].heads);
    }
    free(dead->parts);
    free(dead->waiting);
    nta_prints_done(&dead->unsigned_keys);
    nta_prints_done(&dead->spoiled);
    nta_prints_done(&dead->mended);
    nta_prints_done(&dead->others);
    free(dead->keys);
    free(dead);
}

static bool find_part(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      size_t *ret_index)
{
    for (size_t i = 0, at = chain->latest; i < chain->trust->n; i++, at++) {
        if (at >= chain->trust->n)
            at = 0;
        if (memcmp(chain->trust->all[at].sensor, sensor, NTA_SENSOR_ID_LEN) == 0) {
            chain->latest = *ret_index = at;
            return true;
        }
    }
    return false;
}

/* ---- data keys ---- */

static void report_key(struct nta_chain *chain, enum nta_finding_kind kind,
                       const struct nta_stored_key *key)
{
    struct nta_finding_at place = {.number = 0};
    char id[2 * NTA_DATA_KEY_ID_LEN + 1], text[NTA_FINDING_TEXT_SIZE];

    for (size_t i = 0; i < NTA_DATA_KEY_ID_LEN; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", key->key.id[i]);
    (void)snprintf(text, sizeof(text), "%s: data key %s", nta_finding_form(kind)->reason, id);
    nta_findings_add(chain->findings, kind, &place, text);
}

static int keep_key(struct nta_chain *chain, const uint8_t id[NTA_DATA_KEY_ID_LEN], size_t sensor)
{
    if (chain->n_keys == chain->size_keys) {
        size_t size = chain->size_keys ? 2 * chain->size_keys : 64;
        struct nta_data_key *keys = reallocarray(chain->keys, size, sizeof(*keys));

        if (!keys)
            return -ENOMEM;
        chain->keys = keys;
        chain->size_keys = size;
    }
    chain->keys[chain->n_keys].sensor = sensor;
    memcpy(chain->keys[chain->n_keys++].id, id, NTA_DATA_KEY_ID_LEN);
    return 0;
}

bool nta_chain_key(struct nta_chain *chain, const struct nta_stored_key *key)
{
    if (key->faults) {
        report_key(chain, NTA_FINDING_KEY_ROW, key);
        return false;
    }
    for (size_t i = 0; i < chain->trust->n; i++) {
        enum nta_key_check check =
            nta_wrapped_key_examine(&key->key, chain->trust->all[i].public_key);

        if (check == NTA_KEY_OK)
            return keep_key(chain, key->key.id, i) == 0;
        if (check == NTA_KEY_ROW) {
            report_key(chain, NTA_FINDING_KEY_ROW, key);
            return false;
        }
    }
    (void)nta_prints_put(&chain->unsigned_keys, nta_hash_print(key->key.id), SIZE_MAX);
    report_key(chain, NTA_FINDING_KEY_SIGNATURE, key);
    return false;
}

bool nta_chain_has_key(const struct nta_chain *chain, const struct nta_header *header)
{
    for (size_t i = chain->n_keys;
         i-- > 0;) { /* batches in a row share one, the last is the newest */
        const struct nta_data_key *key = &chain->keys[i];

        if (memcmp(key->id, header->data_key, NTA_DATA_KEY_ID_LEN) == 0 &&
            memcmp(chain->trust->all[key->sensor].sensor, header->sensor, NTA_SENSOR_ID_LEN) == 0)
            return true;
    }
    return false;
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

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

/** What tells two rows with one number apart. */
static uint64_t print_of(const struct nta_stored *row)
{
    uint8_t hash[NTA_HASH_LEN];

    nta_header_hash(&row->sealed, hash);
    return nta_hash_print(hash);
}

static void report_row(struct nta_chain *chain, enum nta_finding_kind kind,
                       const struct nta_stored *row, const char *text)
{
    const struct nta_header *header = &row->header;
    const struct nta_finding_at place = {
        .sensor = is_zero(header->sensor, NTA_SENSOR_ID_LEN) ? NULL : header->sensor,
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
    if (nta_hash_is(row->sealed.tokens, row->header.tokens_hash))
        return;
    report_row(chain, NTA_FINDING_TOKENS, row, NULL);
    hide(verdict, NTA_FINDING_TOKENS);
}

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
    } else if (has_header && !nta_trust_covers(&chain->trust->all[verdict.sensor], header->first_ns,
                                               header->last_ns)) {
        report_row(chain, NTA_FINDING_SENSOR, row,
                   "outside of the times for which its sensor is trusted");
        hide(&verdict, NTA_FINDING_SENSOR);
    }
    if (!has_header && find_part(chain, header->sensor, &verdict.sensor)) /* as its columns say */
        nta_chain_fail(&chain->parts[verdict.sensor], header->number);
    if (!has_header)
        hide(&verdict, row->faults & NTA_ROW_TYPE ? NTA_FINDING_ROW : NTA_FINDING_HEADER);
    else if (by_tokens && !(row->faults & (NTA_ROW_CONTENT | NTA_ROW_SIZE | NTA_ROW_UNREAD)))
        judge_tokens(chain, row, &verdict);
    *ret_verdict = verdict;
}

static void judge_parts(struct nta_chain *chain, const struct nta_stored *row,
                        struct nta_verdict *verdict)
{
    if (row->faults & (NTA_ROW_CONTENT | NTA_ROW_SIZE | NTA_ROW_UNREAD))
        return;
    judge_tokens(chain, row, verdict);
    if (!nta_hash_is(row->sealed.body, row->header.body_hash)) {
        report_row(chain, NTA_FINDING_BODY, row, NULL);
        hide(verdict, NTA_FINDING_BODY);
    }
}

/** A batch that is signed names its data key; one that is not could name any. */
static void judge_key(struct nta_chain *chain, const struct nta_stored *row,
                      struct nta_verdict *verdict)
{
    bool is_there = nta_prints_has(&chain->unsigned_keys, nta_hash_print(row->header.data_key));
    enum nta_finding_kind kind = is_there ? NTA_FINDING_KEY_SIGNATURE : NTA_FINDING_KEY_MISSING;

    if (nta_chain_has_key(chain, &row->header))
        return;
    report_row(chain, kind, row, is_there ? "its data key is signed by no trusted sensor" : NULL);
    hide(verdict, kind);
}

/** A copy of it in another store may be whole. */
static void remember(struct nta_chain *chain, const struct nta_stored *row,
                     struct nta_verdict *verdict)
{
    uint64_t print;

    if (verdict->is_again || (verdict->shows && chain->spoiled.n == 0))
        return;
    print = print_of(row);
    if (!verdict->shows)
        verdict->is_again = !nta_prints_put(&chain->spoiled, print, SIZE_MAX);
    else if (row->is_whole && nta_prints_has(&chain->spoiled, print))
        (void)nta_prints_put(&chain->mended, print, SIZE_MAX);
}

void nta_chain_complete(struct nta_chain *chain, const struct nta_stored *row,
                        struct nta_verdict *verdict)
{
    report_form(chain, row, verdict);
    if (!verdict->is_ours) {
        remember(chain, row, verdict);
        return;
    }
    if (verdict->why != NTA_FINDING_SIGNATURE || verdict->shows)
        judge_key(chain, row, verdict);
    if (row->is_whole)
        judge_parts(chain, row, verdict);
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

    if (!tally->is_counted || tally->n_given == tally->n_counted)
        return;
    (void)snprintf(
        text, sizeof(text),
        "the table of batches counts %llu rows and gives %llu: some are hidden, or damaged",
        (unsigned long long)tally->n_counted, (unsigned long long)tally->n_given);
    nta_findings_add(chain->findings, NTA_FINDING_COUNT, &nowhere, text);
}
