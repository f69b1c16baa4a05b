/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/fact.h"

#include "base/own.h"
#include "incident/site.h"
#include "incident/weight.h"
#include "record/counted.h"
#include "record/grade.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- ids ---- */

static bool take_number(struct nta_span *text, uint64_t *ret_number)
{
    const size_t dash = nta_span_find_last(*text, '-');
    uint64_t number = 0;

    if (dash + 1 >= text->len)
        return false;
    for (size_t i = dash + 1; i < text->len; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9' ||
            __builtin_mul_overflow(number, 10U, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text->ptr[i] - '0'), &number))
            return false;
    }
    *text = nta_span_first(*text, dash);
    *ret_number = number;
    return true;
}

bool nta_fact_id_parse(struct nta_span text, struct nta_fact_id *ret_id)
{
    struct nta_fact_id id = {.number = 0};

    if (nta_span_starts(text, "I-"))
        text = nta_span_from(text, 2);
    if (!take_number(&text, &id.index) || !take_number(&text, &id.number) || text.len == 0 ||
        text.len >= sizeof(id.sensor))
        return false;
    memcpy(id.sensor, text.ptr, text.len);
    *ret_id = id;
    return true;
}

int nta_fact_id_order(const struct nta_fact_id *a, const struct nta_fact_id *b)
{
    const int order = memcmp(a->sensor, b->sensor, sizeof(a->sensor));

    if (order)
        return order;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* ---- what is known of a record ---- */

static uint64_t hash_text(const struct nta_hash_key *key, struct nta_span text)
{
    return nta_hash_bytes(key, text.ptr, text.len);
}

static void set_user(const struct nta_record *record, const struct nta_hash_key *key,
                     struct nta_fact *fact)
{
    const struct nta_record_side *user = &record->user;
    struct nta_user_key who, address, anywhere;

    nta_record_address_key(record, &address);
    nta_record_anywhere_key(record, &anywhere);
    fact->anywhere = hash_text(key, nta_user_key_span(&anywhere));
    fact->user_rank = (uint8_t)nta_record_user_rank(record);
    fact->known = (uint8_t)nta_record_user_key(record, &who);
    fact->address = hash_text(key, nta_user_key_span(&address));
    fact->user = hash_text(key, nta_user_key_span(&who));
    fact->since_ns =
        user->since_ns && user->since_ns < fact->time_ns ? user->since_ns : fact->time_ns;
}

/** It moved content that no other record tells of. */
static bool is_file(const struct nta_record *record, uint8_t act)
{
    const bool moved = act == NTA_ACT_DOWNLOADED || act == NTA_ACT_UPLOADED;

    if (record->event == NTA_RECORD_FLOW)
        return moved && !record->told && !nta_app_has(record->app, NTA_TRAIT_PER_REQUEST);
    return moved && (record->event == NTA_RECORD_DOWNLOAD || record->event == NTA_RECORD_REQUEST);
}

static uint32_t rank_of(const struct nta_record *record, const struct nta_fact *fact)
{
    const uint64_t bytes = record->down.bytes | record->up.bytes;
    const unsigned size = bytes ? 64U - (unsigned)__builtin_clzll(bytes) : 0; /* below 128 */
    const unsigned kind = record->event == NTA_RECORD_DOWNLOAD  ? 3U
                          : record->event == NTA_RECORD_REQUEST ? 2U
                          : record->event == NTA_RECORD_ALERT   ? 1U
                                                                : 0;

    return nta_act_weight(fact->act) << 16 | (unsigned)fact->grade << 12 |
           (fact->is_file ? 1U << 11 : 0) | kind << 8 | size;
}

bool nta_fact_is(const struct nta_record *record)
{
    enum
    {
        EVENTS = 1U << NTA_RECORD_FLOW | 1U << NTA_RECORD_LOOKUP | 1U << NTA_RECORD_REQUEST |
                 1U << NTA_RECORD_ALERT | 1U << NTA_RECORD_PACKETS | 1U << NTA_RECORD_DOWNLOAD
    };

    return record->match.list.len > 0 && (EVENTS >> (unsigned)record->event & 1);
}

struct nta_fact nta_fact_of(const struct nta_record *record, const char *id, unsigned marks,
                            const struct nta_hash_key *key)
{
    const struct nta_counted counted = nta_record_counted(record, NTA_COUNTING_FILES);
    const bool is_packets = record->event == NTA_RECORD_PACKETS;
    struct nta_fact fact = {
        .time_ns = record->time_ns,
        .end_ns = record->end_ns > record->time_ns ? record->end_ns : record->time_ns,
        .site = hash_text(key, nta_incident_site(record)),
        .entry = nta_hash_words(key, hash_text(key, record->match.list),
                                hash_text(key, record->match.entry)),
        .about = record->about,
        .up = counted.up,
        .down = counted.down,
        .n = is_packets ? 0 : 1,
        .n_alerts = record->event == NTA_RECORD_ALERT,
        .n_unverified = (marks & NTA_INCIDENT_UNVERIFIED) && !is_packets,
        .event = (uint8_t)record->event,
        .act = (uint8_t)nta_record_did(record),
        .seen = record->seen,
        .grade = (uint8_t)nta_record_grade(record),
        .severity = record->match.severity,
        .fits = marks & NTA_INCIDENT_FITS,
    };

    if (record->event == NTA_RECORD_FLOW && !record->told &&
        nta_app_has(record->app, NTA_TRAIT_PER_REQUEST)) {
        fact.flow_up = record->up.bytes;
        fact.flow_down = record->down.bytes;
        fact.has_gaps = record->gaps;
    }
    set_user(record, key, &fact);
    fact.is_file = is_file(record, fact.act);
    fact.is_program = fact.is_file && record->file.kind == NTA_FILE_KIND_PROGRAM;
    fact.hides = record->match.kind == NTA_MATCH_PROGRAM &&
                 nta_span_equal(record->match.category, nta_span_of("evasion"));
    fact.bytes = record->file.bytes ? record->file.bytes : record->up.bytes + record->down.bytes;
    fact.rank = is_packets ? 0 : rank_of(record, &fact) + 1;
    if (!nta_fact_id_parse(nta_span_of(id), &fact.id))
        fact.id = (struct nta_fact_id){.number = 0};
    return fact;
}

int nta_fact_keep(struct nta_fact *fact, struct nta_span cbor)
{
    fact->cbor = malloc(cbor.len ? cbor.len : 1);
    if (!fact->cbor)
        return -ENOMEM;
    memcpy(fact->cbor, cbor.ptr, cbor.len);
    fact->cbor_len = (uint32_t)cbor.len;
    return 0;
}

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

void nta_fact_join(struct nta_fact *into, struct nta_fact *from)
{
    if (from->rank > into->rank) { /* what is shown */
        uint8_t *cbor = into->cbor;

        into->cbor = from->cbor;
        into->cbor_len = from->cbor_len;
        into->rank = from->rank;
        from->cbor = cbor;
    }
    if (nta_fact_id_order(&from->id, &into->id) < 0)
        into->id = from->id;
    if (from->time_ns < into->time_ns)
        into->time_ns = from->time_ns;
    if (from->end_ns > into->end_ns)
        into->end_ns = from->end_ns;
    if (into->about != from->about)
        into->about = 0;
    into->user = into->who; /* who cannot be learnt anew */
    into->known = into->known_now;
    into->up += from->up;
    into->down += from->down;
    into->flow_up += from->flow_up;
    into->flow_down += from->flow_down;
    into->bytes += from->bytes;
    into->n += from->n;
    into->n_alerts += from->n_alerts;
    into->n_unverified += from->n_unverified;
    into->seen = larger(into->seen, from->seen);
    into->grade = larger(into->grade, from->grade);
    into->severity = larger(into->severity, from->severity);
    into->fits |= from->fits;
    if (from->is_disputed && !into->is_disputed)
        memcpy(into->disputing, from->disputing, sizeof(into->disputing));
    into->is_disputed |= from->is_disputed;
    free(from->cbor);
    from->cbor = NULL;
}
