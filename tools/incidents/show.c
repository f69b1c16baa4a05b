/* SPDX-License-Identifier: Apache-2.0 */
#include "incidents/show.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "export/view/view.h"
#include "incident/json.h"
#include "output/colour.h"
#include "output/term.h"
#include "record/json.h"
#include "record/names.h"

#include <inttypes.h>
#include <string.h>

enum
{
    ID_WIDTH = 9,
    TIME_WIDTH = 16, ///< To the minute.
    ACT_WIDTH = 10,
    BYTES_WIDTH = 10,
    FILES_NAMED = 3
};

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define RED   "\033[31m"
#define PLAIN NTA_STYLE_PLAIN

bool nta_incident_one_sensor(const struct nta_incidents *incidents)
{
    const size_t n = nta_incidents_count(incidents);
    const char *first = n ? nta_incidents_get(incidents, 0)->id : "";
    const char *dash = strchr(first + nta_smaller(strlen(first), 2), '-');
    const size_t len = dash ? (size_t)(dash - first) : strlen(first);

    for (size_t i = 1; i < n; i++)
        if (strncmp(nta_incidents_get(incidents, i)->id, first, len) != 0)
            return false;
    return true;
}

const char *nta_incident_short_id(const struct nta_incident_show *show,
                                  const struct nta_incident *incident,
                                  char buf[NTA_INCIDENT_ID_SIZE])
{
    const char *id = incident->id[0] ? incident->id + 2 : "";
    const char *dash = strchr(id, '-');

    if (!dash)
        (void)snprintf(buf, NTA_INCIDENT_ID_SIZE, "%s", id);
    else if (show->one_sensor)
        (void)snprintf(buf, NTA_INCIDENT_ID_SIZE, "%s", dash + 1);
    else
        (void)snprintf(buf, NTA_INCIDENT_ID_SIZE, "%.4s%s", id, dash);
    return buf;
}

static void put_file_name(struct nta_buf *out, const struct nta_incident_file *file)
{
    const char *kind = nta_file_kind_name(file->file.kind);

    if (file->file.name.len)
        nta_text_escape(out, file->file.name);
    else if (file->url.len)
        nta_text_escape(out, file->url);
    else
        nta_buf_puts(out, kind[0] ? kind : "content without a name");
}

void nta_incident_put_files(struct nta_buf *out, const struct nta_incident *incident,
                            const struct nta_incident_detail *detail, size_t n_named)
{
    const size_t n = nta_smaller(detail->n_files, n_named);
    const uint64_t n_more = incident->n_files > n ? incident->n_files - n : 0;

    for (size_t i = 0; i < n; i++) {
        nta_buf_puts(out, i ? ", " : "");
        put_file_name(out, &detail->files[i]);
        nta_buf_puts(out, detail->files[i].act == NTA_ACT_UPLOADED ? " (sent)" : "");
        nta_buf_puts(out, nta_record_is_broken_off(&detail->files[i].file) ? " (not whole)" : "");
    }
    if (n_more)
        nta_buf_printf(out, " and %" PRIu64 " more file%s", n_more, n_more == 1 ? "" : "s");
}

/** What went the way that the act is about. */
static uint64_t bytes_of(const struct nta_incident *incident)
{
    return incident->up > incident->down ? incident->up : incident->down;
}

static void put_time(struct nta_buf *out, int64_t wall_ns, size_t width)
{
    NTA_AUTO(nta_buf_done) struct nta_buf time = {0};

    nta_put_local_time(&time, wall_ns);
    nta_put_cell(out, nta_span_first(nta_buf_span(&time), width), width, false);
}

static const char *style_of(const struct nta_incident *incident)
{
    if (incident->status == NTA_STATUS_CLOSED || incident->status == NTA_STATUS_FALSE ||
        incident->act == NTA_ACT_ASKED)
        return DIM;
    return nta_colour_of_severity(
        incident->severity, incident->grade == NTA_GRADE_WEAK,
        nta_act_weight(incident->act) >= nta_act_weight(NTA_ACT_UPLOADED) ? RED : "");
}

void nta_incident_put_head(struct nta_buf *out, const struct nta_incident_show *show)
{
    if (show->columns == 0) {
        nta_buf_puts(out, "ID\tBEGAN\tUSER\tDID\tDOWN\tUP\tSEVERITY\tEVIDENCE\tSITE\tFILES\tNAMES\t"
                          "STATUS\n");
        return;
    }
    nta_buf_puts(out, show->colour ? BOLD : "");
    nta_buf_printf(out, "%-*s  %-*s  %-*s  %*s  USER\n", ID_WIDTH, "ID", TIME_WIDTH, "BEGAN",
                   ACT_WIDTH, "DID", BYTES_WIDTH, "BYTES");
    nta_buf_printf(out, "%-*s  SITE: FILES; SEVERITY, EVIDENCE, STATUS", ID_WIDTH, "");
    nta_buf_puts(out, show->colour ? PLAIN "\n" : "\n");
}

/** For a program that reads lines. */
static void put_tabs(struct nta_buf *out, const struct nta_incident *incident,
                     const struct nta_incident_detail *detail)
{
    char label[NTA_LABEL_SIZE], time[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, "%s\t%s", incident->id, nta_clock_text_local(incident->begin_ns, time));
    nta_buf_printf(out, "\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%s\t%s\t",
                   nta_view_user_label(&detail->sample, label), nta_act_name(incident->act),
                   incident->down, incident->up, nta_record_severity(incident->severity),
                   nta_grade_name((enum nta_grade)incident->grade));
    nta_text_escape(out, detail->site);
    nta_buf_printf(out, "\t%" PRIu64 "\t", incident->n_files);
    nta_incident_put_files(out, incident, detail, NTA_INCIDENT_FILES);
    nta_buf_printf(out, "\t%s\n", nta_status_name(incident->status));
}

/** What stands below the first line, broken where the terminal ends. */
static void put_below(struct nta_buf *out, const struct nta_incident_show *show,
                      const struct nta_incident *incident, const struct nta_incident_detail *detail)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const char *severity = nta_record_severity(incident->severity);

    nta_buf_printf(&text, "%-*s  ", ID_WIDTH, incident->n_unverified ? "BROKEN" : "");
    nta_text_escape(&text, detail->site);
    if (incident->n_files) {
        nta_buf_puts(&text, ": ");
        nta_incident_put_files(&text, incident, detail, FILES_NAMED);
    }
    nta_buf_printf(&text, "; %s%s%s", severity, severity[0] ? ", " : "",
                   nta_grade_name((enum nta_grade)incident->grade));
    if (incident->status != NTA_STATUS_NEW)
        nta_buf_printf(&text, ", %s", nta_status_name(incident->status));
    nta_buf_puts(&text, "\n");
    nta_prose_put(out, nta_buf_span(&text), show->columns);
}

void nta_incident_put_row(struct nta_buf *out, const struct nta_incident_show *show,
                          const struct nta_incident *incident,
                          const struct nta_incident_detail *detail)
{
    NTA_AUTO(nta_buf_done) struct nta_buf size = {0};
    char id[NTA_INCIDENT_ID_SIZE], label[NTA_LABEL_SIZE];
    const char *style = show->colour ? style_of(incident) : "";

    if (show->columns == 0) {
        put_tabs(out, incident, detail);
        return;
    }
    nta_put_size(&size, bytes_of(incident));
    nta_buf_puts(out, style);
    nta_buf_printf(out, "%-*s  ", ID_WIDTH, nta_incident_short_id(show, incident, id));
    put_time(out, incident->begin_ns, TIME_WIDTH);
    nta_buf_printf(out, "  %-*s  %*.*s  ", ACT_WIDTH, nta_act_name(incident->act), BYTES_WIDTH,
                   (int)size.len, (const char *)size.ptr);
    nta_buf_printf(out, "%s\n", nta_view_user_label(&detail->sample, label));
    put_below(out, show, incident, detail);
    nta_buf_puts(out, style[0] ? PLAIN : "");
}
