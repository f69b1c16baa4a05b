/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents as CSV: a line each, with the names of all files in one cell. */
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "incident/json.h"
#include "incidents/show.h"
#include "record/grade.h"
#include "record/json.h"
#include "record/names.h"

#include <inttypes.h>

static const char head[] =
    "id,begin,end,user,mac,device,name,login,person,department,site,names,act,seen,grade,severity,"
    "list,entry,line,files,file_names,files_not_whole,file_bytes,sha256,up,down,alerts,records,"
    "server,country,city,proof,status,note\n";

static void put_cell(struct nta_buf *out, struct nta_span text)
{
    nta_buf_puts(out, ",");
    nta_text_csv(out, text);
}

static void put_word(struct nta_buf *out, const char *word)
{
    put_cell(out, nta_span_of(word));
}

static void put_number(struct nta_buf *out, uint64_t number)
{
    nta_buf_printf(out, ",%" PRIu64, number);
}

static void put_time(struct nta_buf *out, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    put_word(out, nta_clock_text_local(wall_ns, text));
}

static void put_user(struct nta_buf *out, const struct nta_record_side *user)
{
    char addr[NTA_ADDR_TEXT_SIZE], mac[18] = "";
    const uint8_t *byte = user->mac;

    if (user->has_mac)
        (void)snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2],
                       byte[3], byte[4], byte[5]);
    put_word(out, nta_addr_text(&user->addr, addr));
    put_word(out, mac);
    put_cell(out, user->device);
    put_cell(out, user->name);
    put_cell(out, user->login);
    put_cell(out, user->person);
    put_cell(out, user->department);
}

/** One cell of several texts. */
struct joined
{
    struct nta_buf text;
    size_t n;
};

static void join(struct joined *joined, struct nta_span text)
{
    nta_buf_puts(&joined->text, joined->n++ ? "; " : "");
    nta_buf_put(&joined->text, text.ptr, text.len);
}

static void put_joined(struct nta_buf *out, struct joined *joined)
{
    put_cell(out, nta_buf_span(&joined->text));
    nta_buf_done(&joined->text);
    *joined = (struct joined){.n = 0};
}

static void put_lists(struct nta_buf *out, const struct nta_incident_detail *detail)
{
    struct joined lists = {.n = 0}, entries = {.n = 0}, lines = {.n = 0};
    char line[16];

    for (size_t i = 0; i < detail->n_entries; i++) {
        const struct nta_record_match *match = &detail->entries[i].match;

        (void)snprintf(line, sizeof(line), "%" PRIu32, match->line);
        join(&lists, match->list);
        join(&entries, match->entry);
        join(&lines, nta_span_of(line));
    }
    put_joined(out, &lists);
    put_joined(out, &entries);
    put_joined(out, &lines);
}

static void put_files(struct nta_buf *out, const struct nta_incident *incident,
                      const struct nta_incident_detail *detail)
{
    struct joined names = {.n = 0}, hashes = {.n = 0}, broken = {.n = 0};

    for (size_t i = 0; i < detail->n_files; i++) {
        const struct nta_record_file *file = &detail->files[i].file;
        NTA_AUTO(nta_buf_done) struct nta_buf hash = {0};

        const struct nta_span name = file->name.len ? file->name : nta_span_of("?");

        join(&names, name);
        if (nta_record_is_broken_off(file))
            join(&broken, name);
        nta_buf_put_hex(&hash, file->sha256.ptr, file->sha256.len);
        if (hash.len)
            join(&hashes, nta_buf_span(&hash));
    }
    put_number(out, incident->n_files);
    put_joined(out, &names);
    put_joined(out, &broken);
    put_number(out, detail->file_bytes);
    put_joined(out, &hashes);
}

void nta_incident_csv_head(struct nta_buf *out)
{
    nta_buf_puts(out, head);
}

void nta_incident_csv(struct nta_buf *out, const struct nta_incident_show *show,
                      const struct nta_incident *incident, const struct nta_incident_detail *detail)
{
    const struct nta_record *sample = &detail->sample;
    struct joined names = {.n = 0};
    char addr[NTA_ADDR_TEXT_SIZE];
    const bool is_asked = incident->act == NTA_ACT_ASKED;

    nta_text_csv(out, nta_span_of(incident->id));
    put_time(out, incident->begin_ns);
    put_time(out, incident->end_ns);
    put_user(out, &sample->user);
    put_cell(out, detail->site);
    for (size_t i = 0; i < detail->n_names; i++)
        join(&names, detail->names[i]);
    put_joined(out, &names);
    put_word(out, nta_act_name(incident->act));
    put_word(out, nta_seen_name(incident->seen));
    put_word(out, nta_grade_name((enum nta_grade)incident->grade));
    put_word(out, nta_record_severity(incident->severity));
    put_lists(out, detail);
    put_files(out, incident, detail);
    put_number(out, incident->up);
    put_number(out, incident->down);
    put_number(out, incident->n_alerts);
    put_number(out, incident->n_records);
    put_word(out, is_asked ? "" : nta_addr_text(&sample->peer.addr, addr));
    put_word(out, is_asked ? "" : sample->peer.place.country_code);
    put_cell(out, is_asked ? (struct nta_span){0} : sample->peer.place.city);
    put_word(out, nta_incident_proof(incident, show->checked));
    put_word(out, nta_status_name(incident->status));
    put_cell(out, incident->note);
    nta_buf_puts(out, "\n");
}
