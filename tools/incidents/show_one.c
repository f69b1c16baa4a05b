/* SPDX-License-Identifier: Apache-2.0 */
/* All about one incident on a screen. */
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "export/view/view.h"
#include "incident/json.h"
#include "incidents/show.h"
#include "output/term.h"
#include "record/counted.h"
#include "record/json.h"
#include "record/names.h"

#include <inttypes.h>

enum
{
    FILES_SHOWN = 12,
    NAMES_SHOWN = 8,
    ENTRIES_SHOWN = 4,
    BINDINGS_SHOWN = 8
};

/** A line in the making: a label, and what goes on under the text behind it. */
struct lines
{
    struct nta_buf *out;
    struct nta_buf text;
    unsigned columns;
};

static struct nta_buf *begin(struct lines *lines, const char *label)
{
    nta_buf_clear(&lines->text);
    nta_buf_printf(&lines->text, "%-10s ", label);
    return &lines->text;
}

static void end(struct lines *lines)
{
    nta_buf_puts(&lines->text, "\n");
    nta_prose_put(lines->out, nta_buf_span(&lines->text), lines->columns);
}

static void put_part(struct nta_buf *out, const char *before, struct nta_span text)
{
    if (text.len == 0)
        return;
    nta_buf_puts(out, before);
    nta_text_escape(out, text);
}

/** What a line, or what stands under it, has no space for. */
static void put_more(struct nta_buf *out, uint64_t n, bool at_least, const char *what)
{
    if (out->len && out->ptr[out->len - 1] != ' ')
        nta_buf_puts(out, " ");
    nta_put_more(out,
                 (struct nta_more){.n = n, .at_least = at_least, .what = what, .how = "--json"});
}

/** Ids that go into a line. */
struct ids
{
    struct nta_buf *out;
    const char *before;
    size_t n;
};

static void put_binding(void *owner, const char *id)
{
    struct ids *ids = owner;

    if (ids->n++ < BINDINGS_SHOWN)
        nta_buf_printf(ids->out, "%s%s", ids->n == 1 ? ids->before : ", ", id);
}

static void put_ids(struct nta_buf *out, const char *before,
                    int (*each)(const struct nta_incidents *set,
                                const struct nta_incident *incident,
                                void (*put)(void *owner, const char *id), void *owner),
                    const struct nta_incidents *set, const struct nta_incident *incident)
{
    struct ids ids = {out, before, 0};

    if (each(set, incident, put_binding, &ids) < 0)
        out->failed = true;
    if (ids.n > BINDINGS_SHOWN)
        put_more(out, ids.n - BINDINGS_SHOWN, false, "records");
}

/** Nobody is chosen of those that are said. */
static void put_dispute(struct lines *lines, const struct nta_incidents *set,
                        const struct nta_incident *incident)
{
    struct nta_buf *out;

    if (incident->n_disputed == 0)
        return;
    out = begin(lines, "DISPUTED");
    nta_buf_printf(out,
                   "of %" PRIu64 " of %" PRIu64 " records it is said in ways that contradict each "
                   "other who it was, and none was chosen",
                   incident->n_disputed, incident->n_records);
    put_ids(out, ": ", nta_incident_each_disputing, set, incident);
    end(lines);
}

static void put_who(struct lines *lines, const struct nta_incidents *set,
                    const struct nta_incident *incident, const struct nta_record_side *user)
{
    struct nta_buf *out = begin(lines, "user");
    char addr[NTA_ADDR_TEXT_SIZE], mac[18] = "";
    const uint8_t *byte = user->mac;

    nta_buf_puts(out, nta_addr_text(&user->addr, addr));
    put_part(out, ", login ", user->login);
    put_part(out, ", person ", user->person);
    put_part(out, ", ", user->department);
    put_part(out, ", machine ", user->name);
    if (user->has_mac)
        (void)snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2],
                       byte[3], byte[4], byte[5]);
    put_part(out, ", ", nta_span_of(mac));
    if (!nta_span_is(user->device, mac)) /* its frames came through a router */
        put_part(out, ", device ", user->device);
    put_part(out, ", ", user->place.site);
    put_part(out, ", known by ", user->source);
    put_ids(out, ", said by ", nta_incident_each_binding, set, incident);
    end(lines);
    put_dispute(lines, set, incident);
}

static void put_names(struct lines *lines, const struct nta_incident_detail *detail)
{
    struct nta_buf *out = begin(lines, "site");
    const size_t n = nta_smaller(detail->n_names, NAMES_SHOWN);

    nta_text_escape(out, detail->site);
    if (n == 0 || (detail->n_names == 1 && nta_span_equal(detail->names[0], detail->site))) {
        end(lines);
        return;
    }
    nta_buf_puts(out, ", as");
    for (size_t i = 0; i < n; i++)
        put_part(out, i ? ", " : " ", detail->names[i]);
    if (detail->n_names > n || detail->has_more_names)
        put_more(out, detail->n_names - n, detail->has_more_names, "names");
    end(lines);
}

static void put_deed(struct lines *lines, const struct nta_incident *incident,
                     const struct nta_incident_detail *detail)
{
    struct nta_buf *out = begin(lines, "did");
    const char *severity = nta_record_severity(incident->severity);

    nta_buf_puts(out, nta_act_name(incident->act));
    if (incident->n_files) {
        nta_buf_printf(out, " %" PRIu64 " file%s, ", incident->n_files,
                       incident->n_files == 1 ? "" : "s");
        nta_put_size(out, detail->file_bytes);
    }
    if (incident->seen)
        nta_buf_printf(out, "; %s", nta_seen_name(incident->seen));
    nta_buf_printf(out, "; %s evidence", nta_grade_name((enum nta_grade)incident->grade));
    if (nta_basis_name(detail->sample.basis)[0])
        nta_buf_printf(out, " by %s", nta_basis_name(detail->sample.basis));
    if (severity[0])
        nta_buf_printf(out, "; severity %s", severity);
    end(lines);
}

static void put_when(struct lines *lines, const struct nta_incident *incident)
{
    struct nta_buf *out = begin(lines, "when");

    nta_put_local_time(out, incident->begin_ns);
    nta_buf_puts(out, " to ");
    nta_put_local_time(out, incident->end_ns);
    nta_buf_puts(out, incident->continued ? ", and goes on as another one" : "");
    end(lines);
}

static void put_where(struct lines *lines, const struct nta_record *sample)
{
    char addr[NTA_ADDR_TEXT_SIZE], label[NTA_LABEL_SIZE];

    if (nta_record_is_lookup(sample))
        return;
    struct nta_buf *out = begin(lines, "server");

    nta_buf_printf(out, "%s port %u, %s", nta_addr_text(&sample->peer.addr, addr),
                   sample->peer.port, nta_view_place_label(&sample->peer.place, label));
    put_part(out, ", ", sample->peer.place.as_org);
    end(lines);
}

static void put_bytes(struct lines *lines, const struct nta_incident *incident)
{
    struct nta_buf *out = begin(lines, "bytes");

    nta_put_size(out, incident->down);
    nta_buf_puts(out, " received, ");
    nta_put_size(out, incident->up);
    nta_buf_puts(out, " sent");
    if (incident->grade != NTA_GRADE_WEAK && incident->up_weak + incident->down_weak) {
        nta_buf_puts(out, "; of these ");
        nta_put_size(out, incident->up_weak + incident->down_weak);
        nta_buf_puts(out, " are known weakly only");
    }
    end(lines);
}

static void put_file(struct lines *lines, const char *label, const struct nta_incident_file *file)
{
    struct nta_buf *out = begin(lines, label);

    if (file->file.name.len)
        nta_text_escape(out, file->file.name);
    else
        nta_buf_puts(out, "(no name was seen)");
    nta_buf_puts(out, ", ");
    nta_put_size(out, nta_incident_file_bytes(file));
    nta_buf_puts(out, file->act == NTA_ACT_UPLOADED ? " sent" : "");
    put_part(out, ", ",
             file->file.type.len ? file->file.type
                                 : nta_span_of(nta_file_kind_name(file->file.kind)));
    nta_buf_puts(out, file->weak ? ", weak" : "");
    nta_buf_puts(out, nta_record_is_broken_off(&file->file) ? ", not whole" : "");
    nta_buf_puts(out, ", ");
    nta_put_local_time(out, file->time_ns);
    if (file->file.sha256.len) {
        nta_buf_puts(out, ", SHA-256 ");
        nta_buf_put_hex(out, file->file.sha256.ptr, file->file.sha256.len);
    }
    end(lines);
}

static void put_files(struct lines *lines, const struct nta_incident *incident,
                      const struct nta_incident_detail *detail)
{
    const size_t n = nta_smaller(detail->n_files, FILES_SHOWN);

    for (size_t i = 0; i < n; i++)
        put_file(lines, i ? "" : "files", &detail->files[i]);
    if (incident->n_files <= n)
        return;
    put_more(begin(lines, ""), incident->n_files - n, false, "files");
    end(lines);
}

static void put_lists(struct lines *lines, const struct nta_incident_detail *detail)
{
    const size_t n = nta_smaller(detail->n_entries, ENTRIES_SHOWN);

    for (size_t i = 0; i < n; i++) {
        const struct nta_record_match *match = &detail->entries[i].match;
        struct nta_buf *out = begin(lines, i ? "" : "forbidden");

        nta_buf_puts(out, "by list ");
        nta_text_escape(out, match->list);
        put_part(out, ", ", match->category);
        nta_buf_printf(out, ", line %" PRIu32 ": ", match->line);
        nta_text_escape(out, match->entry);
        nta_buf_puts(out, match->weak ? " (weak: by address alone)" : "");
        end(lines);
    }
    if (detail->n_entries <= n && !detail->has_more_entries)
        return;
    put_more(begin(lines, ""), detail->n_entries - n, detail->has_more_entries, "entries");
    end(lines);
}

/** The innocent explanations that are left, and what disagrees. */
static void put_doubts(struct lines *lines, const struct nta_record *sample)
{
    struct nta_buf *out = begin(lines, "doubts");
    size_t n = 0;

    for (int doubt = 1; doubt < NTA_DOUBT_END; doubt++)
        if (sample->doubts >> doubt & 1)
            nta_buf_printf(out, "%s%s", n++ ? ", " : "", nta_doubt_name((uint8_t)doubt));
    if (sample->disagrees)
        nta_buf_printf(out, "%ssomething else says another site", n++ ? "; " : "");
    if (n)
        end(lines);
}

static void put_proof(struct lines *lines, const struct nta_incident_show *show,
                      const struct nta_incident *incident)
{
    struct nta_buf *out = begin(lines, "records");
    char id[NTA_INCIDENT_ID_SIZE];

    nta_buf_printf(out, "%" PRIu64 ", of them %" PRIu64 " alert%s; chain: %s", incident->n_records,
                   incident->n_alerts, incident->n_alerts == 1 ? "" : "s",
                   nta_incident_proof(incident, show->checked));
    end(lines);
    if (incident->n_packets == 0)
        return;
    nta_buf_printf(begin(lines, "packets"), "nta packets --incident %s -o proof.pcapng",
                   nta_incident_short_id(show, incident, id));
    end(lines);
}

void nta_incident_put_whole(struct nta_buf *out, const struct nta_incident_show *show,
                            const struct nta_incident *incident,
                            const struct nta_incident_detail *detail)
{
    struct lines lines = {.out = out, .columns = show->columns};

    nta_buf_puts(begin(&lines, "incident"), incident->id);
    end(&lines);
    nta_buf_puts(begin(&lines, "status"), nta_status_name(incident->status));
    put_part(&lines.text, ": ", incident->note);
    end(&lines);
    put_who(&lines, show->incidents, incident, &detail->sample.user);
    put_deed(&lines, incident, detail);
    put_names(&lines, detail);
    put_when(&lines, incident);
    put_bytes(&lines, incident);
    put_files(&lines, incident, detail);
    put_where(&lines, &detail->sample);
    put_lists(&lines, detail);
    put_doubts(&lines, &detail->sample);
    put_proof(&lines, show, incident);
    nta_buf_done(&lines.text);
}
