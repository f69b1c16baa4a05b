/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/incident.h"

#include "base/own.h"
#include "incident/bindings.h"
#include "incident/room.h"
#include "incident/who.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int nta_incidents_new(struct nta_incidents **ret_incidents, struct nta_err *err)
{
    NTA_AUTO(nta_incidents_free) struct nta_incidents *set = calloc(1, sizeof(*set));

    if (!set)
        return nta_err_sys(err, -ENOMEM, "incidents");
    int r = nta_hash_key_random(&set->key);

    if (r < 0)
        return nta_err_sys(err, r, "incidents");
    *ret_incidents = NTA_TAKE(set);
    return 0;
}

void nta_incidents_free(struct nta_incidents **set_ptr)
{
    struct nta_incidents *set = NTA_TAKE(*set_ptr);

    if (!set)
        return;
    for (size_t i = 0; i < set->n_facts; i++)
        free(set->facts[i].cbor);
    for (size_t i = 0; i < set->n_notes; i++)
        free(set->notes[i].text);
    for (size_t i = 0; i < set->n_bindings; i++)
        nta_fact_binding_done(&set->bindings[i]);
    free(set->facts);
    free(set->notes);
    free(set->bindings);
    free(set->items);
    free(set);
}

/* ---- taking in ---- */

/** Packets themselves are large, and who wants them reads their record. */
static int keep_without_section(struct nta_fact *fact, const struct nta_record *record)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bare_cbor = {0};
    struct nta_record bare = *record;

    bare.packets = (struct nta_span){0};
    nta_record_encode(&bare, &bare_cbor);
    return bare_cbor.failed ? -ENOMEM : nta_fact_keep(fact, nta_buf_span(&bare_cbor));
}

static int add_fact(struct nta_incidents *set, const struct nta_record *record,
                    struct nta_span cbor, const char *id, unsigned marks)
{
    int r = 0;

    if (set->n_facts == NTA_INCIDENTS_FACTS || set->n_bytes + cbor.len > NTA_INCIDENTS_BYTES)
        r = nta_incidents_thin(set);
    if (r == 0)
        r = nta_room_grow((void **)&set->facts, set->n_facts, &set->size, sizeof(*set->facts));
    if (r < 0)
        return r;
    struct nta_fact fact = nta_fact_of(record, id, marks, &set->key);

    r = record->event == NTA_RECORD_PACKETS ? keep_without_section(&fact, record)
                                            : nta_fact_keep(&fact, cbor);
    if (r < 0)
        return r;
    set->n_bytes += fact.cbor_len;
    set->facts[set->n_facts++] = fact;
    return 0;
}

/** The oldest makes room, as they came. */
static void drop_note(struct nta_incidents *set)
{
    size_t oldest = 0;

    for (size_t i = 1; i < set->n_notes; i++)
        if (set->notes[i].time_ns < set->notes[oldest].time_ns)
            oldest = i;
    free(set->notes[oldest].text);
    set->notes[oldest] = set->notes[--set->n_notes];
}

static int add_note(struct nta_incidents *set, const struct nta_record *record, const char *id)
{
    struct nta_fact_note note = {.time_ns = record->time_ns, .status = record->log->status};

    if (!nta_fact_id_parse(record->log->incident, &note.about))
        return 0; /* about nothing that there can be */
    (void)nta_fact_id_parse(nta_span_of(id), &note.id);
    if (set->n_notes == NTA_INCIDENT_NOTES)
        drop_note(set);
    int r =
        nta_room_grow((void **)&set->notes, set->n_notes, &set->notes_size, sizeof(*set->notes));

    if (r < 0)
        return r;
    note.text_len = record->log->note.len;
    note.text = malloc(note.text_len + 1);
    if (!note.text)
        return -ENOMEM;
    if (note.text_len)
        memcpy(note.text, record->log->note.ptr, note.text_len);
    set->notes[set->n_notes++] = note;
    return 0;
}

int nta_incidents_add(struct nta_incidents *set, const struct nta_record *record,
                      struct nta_span cbor, const char *id, unsigned marks, struct nta_err *err)
{
    int r = 0;

    if (record->event == NTA_RECORD_NOTE && record->log)
        r = add_note(set, record, id);
    else if (record->event == NTA_RECORD_LEASE)
        r = nta_incidents_add_binding(set, record, cbor, id);
    else if (nta_fact_is(record))
        r = add_fact(set, record, cbor, id, marks);
    else
        return 0;
    set->is_settled = false;
    return r < 0 ? nta_err_sys(err, r, "incidents") : 0;
}

/* ---- putting together ---- */

int nta_incidents_settle(struct nta_incidents *set, struct nta_err *err)
{
    const int r = nta_set_settle(set);

    return r < 0 ? nta_err_sys(err, r, "incidents") : 0;
}

static int order_by(const void *left, const void *right, void *by)
{
    return nta_incident_order(*(const enum nta_order *)by, left, right);
}

void nta_incidents_order(struct nta_incidents *set, enum nta_order by)
{
    if (set->n_items)
        qsort_r(set->items, set->n_items, sizeof(*set->items), order_by, &by);
}

/* ---- found by it ---- */

static bool fits(const struct nta_incidents *set, const struct nta_incident *item,
                 const struct nta_fact *fact, struct nta_record_buf *buf,
                 const struct nta_incidents_filter *filter)
{
    const struct nta_span cbor = {.ptr = fact->cbor, .len = fact->cbor_len};
    struct nta_record record;

    if (!fact->cbor || fact->fits || nta_fact_knows_itself(fact) ||
        !nta_record_decode(cbor, buf, &record))
        return false;
    nta_incident_complete(set, item, buf, &record);
    return filter->has(filter->owner, &record, fact->id.sensor);
}

int nta_incidents_fit(struct nta_incidents *set, const struct nta_incidents_filter *filter,
                      struct nta_err *err)
{
    struct nta_record_buf *buf = malloc(sizeof(*buf));

    if (!buf)
        return nta_err_sys(err, -ENOMEM, "incidents");
    for (size_t i = 0; i < set->n_items; i++) {
        struct nta_incident *item = &set->items[i];

        for (size_t k = item->first; !item->fits && k < item->first + item->n_facts; k++)
            item->fits = fits(set, item, &set->facts[k], buf, filter);
    }
    free(buf);
    return 0;
}

bool nta_incidents_lack_who(const struct nta_incidents *set)
{
    for (size_t i = 0; i < set->n_facts; i++)
        if (set->facts[i].known < NTA_USER_LOGIN)
            return true;
    return false;
}

uint64_t nta_incidents_forgotten(const struct nta_incidents *set)
{
    return set->n_forgotten;
}

/* ---- what there is ---- */

size_t nta_incidents_count(const struct nta_incidents *set)
{
    return set->n_items;
}

const struct nta_incident *nta_incidents_get(const struct nta_incidents *set, size_t i)
{
    return &set->items[i];
}

/** "12-3", or "ab01-12-3" where the sensor begins so. */
static bool parse_short(const char *id, struct nta_fact_id *ret_id)
{
    char whole[NTA_INCIDENT_ID_SIZE + 2];
    const char *text = strncasecmp(id, "I-", 2) == 0 ? id + 2 : id;
    const char *dash = strchr(text, '-');

    if (dash && !strchr(dash + 1, '-')) { /* no sensor at all */
        (void)snprintf(whole, sizeof(whole), "?-%.80s", text);
        text = whole;
    }
    if (!nta_fact_id_parse(nta_span_of(text), ret_id))
        return false;
    if (ret_id->sensor[0] == '?')
        ret_id->sensor[0] = '\0';
    return true;
}

static bool has_id(const struct nta_incidents *set, const struct nta_incident *item,
                   const struct nta_fact_id *wanted)
{
    for (size_t k = item->first; k < item->first + item->n_facts; k++) {
        const struct nta_fact_id *id = &set->facts[k].id;

        if (id->number == wanted->number && id->index == wanted->index && id->sensor[0] &&
            strncasecmp(id->sensor, wanted->sensor, strlen(wanted->sensor)) == 0)
            return true;
    }
    return false;
}

const struct nta_incident *nta_incidents_find(const struct nta_incidents *set, const char *id,
                                              size_t *ret_n)
{
    const struct nta_incident *found = NULL;
    struct nta_fact_id wanted;

    *ret_n = 0;
    if (!parse_short(id, &wanted))
        return NULL;
    for (size_t i = 0; i < set->n_items; i++) {
        if (!has_id(set, &set->items[i], &wanted))
            continue;
        found = &set->items[i];
        ++*ret_n;
    }
    return *ret_n == 1 ? found : NULL;
}

uint64_t nta_incidents_left_out(const struct nta_incidents *set)
{
    return set->n_left_out;
}

bool nta_incidents_reach_back(const struct nta_incidents *set, int64_t from_ns)
{
    const int64_t pause_ns = INT64_C(60) * NTA_INCIDENT_PAUSE_MIN * 1000000000;

    for (size_t i = 0; i < set->n_items; i++) {
        const struct nta_incident *item = &set->items[i];
        int64_t ns;

        if (!__builtin_sub_overflow(item->begin_ns, from_ns, &ns) && ns <= pause_ns &&
            (item->fits || item->continued))
            return true;
    }
    return false;
}

void nta_incident_sample(const struct nta_incidents *set, const struct nta_incident *incident,
                         struct nta_record_buf *buf, struct nta_record *ret_record,
                         char ret_id[NTA_INCIDENT_ID_SIZE])
{
    const struct nta_fact *fact = &set->facts[incident->sample];
    const struct nta_span cbor = {.ptr = fact->cbor, .len = fact->cbor_len};

    if (!fact->cbor || !nta_record_decode(cbor, buf, ret_record))
        *ret_record = (struct nta_record){.time_ns = incident->begin_ns};
    nta_incident_complete(set, incident, buf, ret_record);
    ret_id[0] = '\0';
    if (fact->id.sensor[0])
        (void)snprintf(ret_id, NTA_INCIDENT_ID_SIZE, "%s-%" PRIu64 "-%" PRIu64, fact->id.sensor,
                       fact->id.number, fact->id.index);
}
