/* SPDX-License-Identifier: Apache-2.0 */
#include "export/view/incidents_json.h"

#include "base/own.h"
#include "base/text.h"
#include "export/view/put.h"
#include "incident/json.h"
#include "record/json.h"
#include "record/names.h"

static void put_sums(struct nta_buf *out, const struct nta_incident *incident)
{
    nta_put_word(out, "id", incident->id);
    nta_put_uint(out, "n", incident->n_records);
    nta_put_uint(out, "alerts", incident->n_alerts);
    nta_put_uint(out, "n_files", incident->n_files);
    nta_put_uint(out, "packets", incident->n_packets);
    nta_put_uint(out, "up", incident->up);
    nta_put_uint(out, "down", incident->down);
    if (incident->n_unverified)
        nta_put_uint(out, "unverified", incident->n_unverified);
    nta_put_time(out, "first", incident->begin_ns);
    nta_put_time(out, "last", incident->end_ns);
    nta_put_word(out, "act", nta_act_name(incident->act));
    nta_put_word(out, "seen", nta_seen_name(incident->seen));
    nta_put_word(out, "grade", nta_grade_name((enum nta_grade)incident->grade));
    nta_put_word(out, "severity", nta_record_severity(incident->severity));
    nta_put_word(out, "proof", nta_incident_proof(incident, true));
    nta_put_word(out, "status", nta_status_name(incident->status));
    nta_put_text(out, "note", incident->note);
}

static void put_names(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    nta_put_name(out, "names");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < detail->n_names; i++) {
        nta_buf_puts(out, i ? "," : "");
        nta_text_json(out, detail->names[i]);
    }
    nta_buf_put_u8(out, ']');
    nta_put_uint(out, "names_more", detail->has_more_names);
}

static void put_lists(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    size_t n = 0;

    nta_put_name(out, "lists");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < detail->n_entries; i++) {
        const struct nta_span list = detail->entries[i].match.list;
        bool is_new = true;

        for (size_t k = 0; k < i && is_new; k++)
            is_new = !nta_span_equal(detail->entries[k].match.list, list);
        if (!is_new)
            continue;
        nta_buf_puts(out, n++ ? "," : "");
        nta_text_json(out, list);
    }
    nta_buf_put_u8(out, ']');
}

static void put_one(struct nta_buf *out, const struct nta_view *view,
                    const struct nta_incident *incident, const struct nta_incident_detail *detail)
{
    const struct nta_record *sample = &detail->sample;
    const bool is_lookup = nta_record_is_lookup(sample);
    char label[NTA_LABEL_SIZE];

    put_sums(out, incident);
    nta_put_shown(out, "who", nta_view_user_label(sample, label));
    nta_put_text(out, "site", detail->site);
    put_names(out, detail);
    put_lists(out, detail);
    nta_put_name(out, "files");
    nta_incident_json_files(out, view->incidents, detail);
    nta_put_name(out, "asked_only");
    nta_buf_puts(out, is_lookup ? "true" : "false");
    if (!is_lookup) {
        nta_put_shown(out, "where", nta_view_place_label(&sample->peer.place, label));
        nta_put_spot(out, "at", &sample->peer.place);
    }
    if (nta_spot_kind(&sample->user.place) == NTA_SPOT_POINT)
        nta_put_spot(out, "home", &sample->user.place);
    nta_put_name(out, "record");
    nta_record_json(out, sample, detail->sample_id);
}

void nta_view_put_incidents(struct nta_buf *out, struct nta_view *view, size_t n_max)
{
    const struct nta_view_incidents sum = nta_view_count_incidents(view);
    size_t n = 0;

    nta_put_name(out, "incidents");
    nta_buf_puts(out, "{\"rows\":[");
    for (size_t i = 0; n < n_max && n < sum.n; i++) {
        const struct nta_incident *incident = nta_incidents_get(view->incidents, i);
        NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;

        if (!incident->fits)
            continue;
        if (nta_incident_detail_new(view->incidents, incident, &detail) < 0) {
            out->failed = true;
            return;
        }
        nta_buf_puts(out, n++ ? ",{" : "{");
        put_one(out, view, incident, detail);
        nta_buf_put_u8(out, '}');
    }
    nta_buf_put_u8(out, ']');
    nta_put_uint(out, "all", sum.n);
    nta_put_uint(out, "folded", sum.n_left_out);
    nta_buf_put_u8(out, '}');
}
