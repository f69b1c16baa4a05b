/* SPDX-License-Identifier: Apache-2.0 */
/* All about an incident, in the balloon of its placemark. */
#include "base/own.h"
#include "base/text.h"
#include "export/map/kml_parts.h"
#include "export/map/xml.h"
#include "record/counted.h"
#include "record/names.h"

#include <inttypes.h>

enum
{
    FILES_SHOWN = 64, ///< The rest is counted.
    NAMES_SHOWN = 16,
    ENTRIES_SHOWN = 8
};

static void put_words(struct nta_buf *out, const char *name, unsigned bits)
{
    if (bits)
        nta_buf_printf(out, "<tr><td>%s</td><td>%s%s%s</td></tr>", name,
                       bits & NTA_AGREES_DNS ? "dns " : "", bits & NTA_AGREES_CERT ? "cert " : "",
                       bits & NTA_AGREES_SNI ? "sni" : "");
}

static void put_files(struct nta_buf *out, const struct nta_incident *incident,
                      const struct nta_incident_detail *detail)
{
    const size_t n = nta_smaller(detail->n_files, FILES_SHOWN);
    char time[NTA_TIME_TEXT_SIZE];

    nta_kml_number(out, "files", incident->n_files);
    for (size_t i = 0; i < n; i++) {
        const struct nta_incident_file *file = &detail->files[i];

        nta_buf_printf(out, "<tr><td>%s</td><td>",
                       file->act == NTA_ACT_UPLOADED ? "file sent" : "file");
        nta_xml_text(out,
                     file->file.name.len ? file->file.name : nta_span_of("(no name was seen)"));
        nta_buf_printf(out, ", %" PRIu64 " bytes", nta_incident_file_bytes(file));
        if (file->file.type.len) {
            nta_buf_puts(out, ", ");
            nta_xml_text(out, file->file.type);
        }
        if (file->time_ns)
            nta_buf_printf(out, ", %s", nta_kml_time(file->time_ns, time));
        nta_buf_puts(out, "</td></tr>");
    }
    if (incident->n_files > n)
        nta_buf_printf(out, "<tr><td></td><td>and %" PRIu64 " more files</td></tr>",
                       incident->n_files - n);
}

static void put_names(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    const size_t n = nta_smaller(detail->n_names, NAMES_SHOWN);

    for (size_t i = 0; i < n; i++)
        nta_kml_row(out, i ? "" : "as", detail->names[i]);
    if (detail->n_names > n || detail->has_more_names)
        nta_buf_printf(out, "<tr><td></td><td>and %s%zu more names</td></tr>",
                       detail->has_more_names ? "at least " : "", detail->n_names - n);
}

static void put_entries(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    const size_t n = nta_smaller(detail->n_entries, ENTRIES_SHOWN);

    for (size_t i = 0; i < n; i++) {
        const struct nta_record_match *match = &detail->entries[i].match;

        nta_buf_puts(out, "<tr><td>forbidden by</td><td>");
        nta_xml_text(out, match->list);
        nta_buf_printf(out, ", line %" PRIu32 ": ", match->line);
        nta_xml_text(out, match->entry);
        nta_buf_puts(out, match->weak ? " (weak)</td></tr>" : "</td></tr>");
    }
    if (detail->n_entries > n || detail->has_more_entries)
        nta_buf_printf(out, "<tr><td></td><td>and %zu more entries</td></tr>",
                       detail->n_entries - n);
}

static void put_evidence(struct nta_kml *kml, const struct nta_incident *incident,
                         const struct nta_record *sample)
{
    struct nta_buf *out = &kml->text;
    const char *basis = nta_basis_name(sample->basis);

    nta_buf_printf(out, "<tr><td>evidence</td><td>%s, by %s</td></tr>",
                   nta_grade_name((enum nta_grade)incident->grade), basis[0] ? basis : "nothing");
    nta_kml_row(out, "severity", nta_span_of(nta_record_severity(incident->severity)));
    put_words(out, "agrees", sample->agrees);
    put_words(out, "disagrees", sample->disagrees);
    nta_kml_row(out, "chain", nta_span_of(incident->n_unverified ? "broken" : "holds"));
    nta_kml_row(out, "status", nta_span_of(nta_status_name(incident->status)));
    nta_kml_row(out, "note", incident->note);
}

static void put_deed(struct nta_kml *kml, const struct nta_incident *incident,
                     const struct nta_incident_detail *detail)
{
    const struct nta_record *sample = &detail->sample;
    struct nta_buf *out = &kml->text;
    char label[NTA_LABEL_SIZE], addr[NTA_ADDR_TEXT_SIZE], time[NTA_TIME_TEXT_SIZE];
    char end[NTA_TIME_TEXT_SIZE];

    nta_kml_row(out, "incident", nta_span_of(incident->id));
    nta_buf_printf(out, "<tr><td>time</td><td>%s", nta_kml_time(incident->begin_ns, time));
    if (incident->end_ns > incident->begin_ns)
        nta_buf_printf(out, " to %s", nta_kml_time(incident->end_ns, end));
    nta_buf_puts(out, "</td></tr>");
    nta_buf_puts(out, "<tr><td>user</td><td>");
    nta_xml_shown(out, nta_view_user_label(sample, label));
    nta_buf_puts(out, "</td></tr>");
    nta_kml_row(out, "did", nta_span_of(nta_act_name(incident->act)));
    nta_kml_row(out, "site", detail->site);
    put_names(out, detail);
    put_files(out, incident, detail);
    nta_kml_row(out, "address", sample->url);
    if (nta_record_is_lookup(sample))
        return;
    nta_kml_row(out, "server", nta_span_of(nta_addr_text(&sample->peer.addr, addr)));
    nta_kml_row(out, "network", sample->peer.place.as_org);
}

void nta_kml_incident_balloon(struct nta_kml *kml, const struct nta_incident *incident,
                              const struct nta_incident_detail *detail,
                              const struct nta_place *place)
{
    static const struct nta_place nowhere;
    struct nta_buf *out = &kml->text;

    nta_buf_puts(out, "<description><![CDATA[<table>");
    put_deed(kml, incident, detail);
    put_entries(out, detail);
    put_evidence(kml, incident, &detail->sample);
    nta_kml_row(out, "record", nta_span_of(detail->sample_id));
    nta_kml_place(out, place ? place : &nowhere);
    nta_kml_number(out, "records", incident->n_records);
    nta_kml_number(out, "UNVERIFIED, of these", incident->n_unverified);
    nta_kml_number(out, "alerts", incident->n_alerts);
    nta_kml_number(out, "bytes received", incident->down);
    nta_kml_number(out, "bytes sent", incident->up);
    nta_kml_number(out, "of these known weakly only", incident->up_weak + incident->down_weak);
    nta_buf_puts(out, "</table>");
    if (place)
        nta_kml_links(out, place);
    nta_buf_puts(out, "]]></description>\n");
}
