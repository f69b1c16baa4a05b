/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/json.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/grade.h"
#include "record/json.h"
#include "record/names.h"

#include <inttypes.h>

/** A comma unless it is the first of its object or array. */
static void separate(struct nta_buf *out)
{
    if (out->len && out->ptr[out->len - 1] != '{' && out->ptr[out->len - 1] != '[')
        nta_buf_put_u8(out, ',');
}

static void put_name(struct nta_buf *out, const char *name)
{
    separate(out);
    nta_buf_printf(out, "\"%s\":", name);
}

static void put_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    put_name(out, name);
    nta_text_json(out, text);
}

/** One that is empty leaves no trace. */
static void put_known(struct nta_buf *out, const char *name, const char *word)
{
    if (word[0])
        put_text(out, name, nta_span_of(word));
}

static void put_uint(struct nta_buf *out, const char *name, uint64_t value)
{
    put_name(out, name);
    nta_buf_printf(out, "%" PRIu64, value);
}

static void put_time(struct nta_buf *out, const char *name, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    put_text(out, name, nta_span_of(nta_clock_text(wall_ns, text)));
}

const char *nta_incident_proof(const struct nta_incident *incident, bool checked)
{
    if (!checked)
        return "unchecked";
    return incident->n_unverified ? "broken" : "holds";
}

static void put_entries(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    put_name(out, "lists");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < detail->n_entries; i++) {
        const struct nta_record_match *match = &detail->entries[i].match;

        separate(out);
        nta_buf_put_u8(out, '{');
        put_text(out, "list", match->list);
        if (match->category.len)
            put_text(out, "category", match->category);
        put_text(out, "entry", match->entry);
        put_uint(out, "line", match->line);
        put_known(out, "kind", nta_record_match_kind(match->kind));
        if (match->list_sha256.len) {
            put_name(out, "list_sha256");
            nta_buf_put_u8(out, '"');
            nta_buf_put_hex(out, match->list_sha256.ptr, match->list_sha256.len);
            nta_buf_put_u8(out, '"');
        }
        nta_buf_put_u8(out, '}');
    }
    nta_buf_put_u8(out, ']');
}

void nta_incident_json_files(struct nta_buf *out, const struct nta_incidents *incidents,
                             const struct nta_incident_detail *detail)
{
    char id[NTA_INCIDENT_ID_SIZE];

    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < detail->n_files; i++) {
        const struct nta_incident_file *file = &detail->files[i];

        separate(out);
        nta_buf_put_u8(out, '{');
        nta_record_json_file(out, &file->file);
        put_known(out, "act", nta_act_name(file->act));
        put_uint(out, "up", file->up);
        put_uint(out, "down", file->down);
        if (file->weak)
            nta_buf_puts(out, ",\"weak\":true");
        if (file->url.len)
            put_text(out, "url", file->url);
        put_time(out, "time", file->time_ns);
        put_known(out, "record", nta_incident_file_id(incidents, file, id));
        nta_buf_put_u8(out, '}');
    }
    nta_buf_put_u8(out, ']');
}

static void put_id(void *owner, const char *id)
{
    struct nta_buf *out = owner;

    separate(out);
    nta_text_json(out, nta_span_of(id));
}

static void put_ids(struct nta_buf *out, const char *name, const struct nta_incidents *incidents,
                    const struct nta_incident *incident, bool packets)
{
    put_name(out, name);
    nta_buf_put_u8(out, '[');
    nta_incident_each_id(incidents, incident, packets, put_id, out);
    nta_buf_put_u8(out, ']');
}

typedef int each_fn(const struct nta_incidents *set, const struct nta_incident *incident,
                    void (*each)(void *owner, const char *id), void *owner);

/** Nothing where its own records say who it was. */
static void put_bindings(struct nta_buf *out, const char *name, each_fn *each,
                         const struct nta_incidents *incidents, const struct nta_incident *incident)
{
    const size_t before = out->len;

    put_name(out, name);
    nta_buf_put_u8(out, '[');
    const size_t begun = out->len;

    if (each(incidents, incident, put_id, out) < 0)
        out->failed = true;
    if (out->len == begun)
        out->len = before;
    else
        nta_buf_put_u8(out, ']');
}

static void put_names(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    put_name(out, "names");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < detail->n_names; i++) {
        separate(out);
        nta_text_json(out, detail->names[i]);
    }
    nta_buf_put_u8(out, ']');
}

/** What is not there by itself: memory was short, or a list is full. */
static void put_more(struct nta_buf *out, const struct nta_incident *incident,
                     const struct nta_incident_detail *detail)
{
    if (incident->n_joined)
        put_uint(out, "records_joined", incident->n_joined);
    if (detail->n_more_files)
        put_uint(out, "files_more", detail->n_more_files);
    if (detail->has_more_names)
        nta_buf_puts(out, ",\"names_more\":true");
    if (detail->has_more_entries)
        nta_buf_puts(out, ",\"lists_more\":true");
}

void nta_incident_json(struct nta_buf *out, const struct nta_incidents *incidents,
                       const struct nta_incident *incident,
                       const struct nta_incident_detail *detail, bool checked)
{
    nta_buf_put_u8(out, '{');
    put_known(out, "id", incident->id);
    put_time(out, "begin", incident->begin_ns);
    put_time(out, "end", incident->end_ns);
    nta_record_json_side(out, "user", &detail->sample.user);
    put_text(out, "site", detail->site);
    put_names(out, detail);
    put_known(out, "act", nta_act_name(incident->act));
    put_known(out, "seen", nta_seen_name(incident->seen));
    put_known(out, "grade", nta_grade_name((enum nta_grade)incident->grade));
    put_known(out, "severity", nta_record_severity(incident->severity));
    put_entries(out, detail);
    put_name(out, "files");
    nta_incident_json_files(out, incidents, detail);
    put_uint(out, "up", incident->up);
    put_uint(out, "down", incident->down);
    if (incident->up_weak || incident->down_weak) {
        put_uint(out, "up_weak", incident->up_weak);
        put_uint(out, "down_weak", incident->down_weak);
    }
    put_uint(out, "alerts", incident->n_alerts);
    put_uint(out, "n_records", incident->n_records);
    put_uint(out, "n_files", incident->n_files);
    put_ids(out, "records", incidents, incident, false);
    put_ids(out, "packets", incidents, incident, true);
    put_bindings(out, "bindings", nta_incident_each_binding, incidents, incident);
    put_bindings(out, "disputing", nta_incident_each_disputing, incidents, incident);
    if (incident->n_disputed)
        put_uint(out, "disputed", incident->n_disputed);
    put_more(out, incident, detail);
    put_known(out, "proof", nta_incident_proof(incident, checked));
    put_known(out, "status", nta_status_name(incident->status));
    put_text(out, "note", incident->note);
    nta_buf_put_u8(out, '}');
}
