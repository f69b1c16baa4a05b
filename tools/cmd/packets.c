/* SPDX-License-Identifier: Apache-2.0 */
/* nta packets: the packets that prove an alert, as a capture file. */
#include "alert/alert.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "capture/pcapng_write.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "incident/detail.h"
#include "incidents/find.h"
#include "options/filters.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/fresh.h"
#include "output/term.h"
#include "record/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nta packets ID -o FILE.pcapng [--force]\n"
    "       nta packets --incident ID -o FILE.pcapng [--force]\n"
    "       nta packets [OPTIONS] -o FILE.pcapng [--force]\n"
    "       nta packets [OPTIONS]            shows what packets are kept\n\n"
    "Write the packets that prove an alert into a capture file, which Wireshark and\n"
    "tshark open.  Needs the auditor's key.  ID is that of the alert, of the flow,\n"
    "request or lookup it is about, or of the packets' own record, as `nta alerts\n"
    "--json` shows it; without one it is all packets that the options select.\n"
    "Comments in the file name list, line, entry and record.\n"
    "Credentials were masked before anything was stored: each of their bytes is an\n"
    "x.\n\n"
    "  -o, --output FILE     where to; - is standard output\n"
    "      --incident ID     all packets that are kept of an incident\n"
    "  -f, --force           replace FILE if it is there\n"
    "  -h, --help            this text\n\n" NTA_FILTER_HELP "\n"
    "examples:\n"
    "  nta alerts --since today --fields id,user,site     each alert's ID\n"
    "  nta packets ID -o proof.pcapng\n"
    "  nta packets --user 10.9.0.5 --since today          packets kept of this user\n"
    "  nta packets --user 10.9.0.5 -o user.pcapng         the same, as a file\n";

enum
{
    SLACK_S = 2
};

enum
{
    OPT_INCIDENT = NTA_OPT_OWN
};

static const struct option known_options[] = {
    NTA_FILTER_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    {"incident", required_argument, NULL, OPT_INCIDENT},
    {"force", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct packets
{
    struct nta_filters filters;
    const char *id, *output;
    const char *incident; ///< As given; NULL: it is about a record.
    bool force;
    uint64_t about;         ///< What is looked for; 0: the record has none.
    bool is_packets;        ///< The id is that of packets.
    int64_t from_ns, to_ns; ///< When it was.
    char user[NTA_ADDR_TEXT_SIZE];
    struct nta_buf asked; ///< Comment about the record that was asked for.
    struct nta_buf file, comment;
    size_t n_sections, n_packets, n_bad;
};

/* ---- which packets ---- */

static void describe_match(struct nta_buf *out, const struct nta_record *record)
{
    char user[NTA_ADDR_TEXT_SIZE];

    nta_buf_printf(out, ": user %s", nta_addr_text(&record->user.addr, user));
    if (nta_record_called(&record->user).len) {
        nta_buf_puts(out, " ");
        nta_text_escape(out, nta_record_called(&record->user));
    }
    nta_buf_puts(out, ", site ");
    nta_text_escape(out, record->site);
    if (record->match.list.len == 0)
        return;
    nta_buf_puts(out, ", list ");
    nta_text_escape(out, record->match.list);
    nta_buf_printf(out, ", line %" PRIu32 ", entry ", record->match.line);
    nta_text_escape(out, record->match.entry);
    if (record->match.list_sha256.len == 0)
        return;
    nta_buf_puts(out, ", SHA-256 of the list ");
    nta_buf_put_hex(out, record->match.list_sha256.ptr, record->match.list_sha256.len);
}

static void describe(struct nta_buf *out, const struct nta_record *record, const char *id,
                     const char *unverified)
{
    char time[NTA_TIME_TEXT_SIZE];

    nta_buf_clear(out);
    if (unverified)
        nta_buf_printf(out, "UNVERIFIED (%s): ", unverified);
    nta_buf_printf(out, "%s %s of %s", nta_record_event_name(record->event), id,
                   nta_clock_text(record->time_ns, time));
    describe_match(out, record);
}

static int take_section(struct packets *packets, const struct nta_found *found, const char *id)
{
    const struct nta_record *record = found->record;
    struct nta_pcapng_counts counts;
    struct nta_span comments[2];
    size_t n = 0;

    describe(&packets->comment, record, id, found->unverified);
    comments[n++] = nta_buf_span(&packets->comment);
    if (packets->asked.len)
        comments[n++] = nta_buf_span(&packets->asked);
    if (!nta_pcapng_annotate(record->packets, comments, n, &packets->file, &counts)) {
        packets->n_bad++;
        return 0;
    }
    packets->n_sections++;
    packets->n_packets += counts.n_packets;
    return 0;
}

/** The record that was asked for. */
static int on_asked(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct packets *packets = owner;
    const struct nta_record *record = found->record;
    char id[NTA_FOUND_ID_SIZE];

    (void)err;
    (void)nta_found_id(found, id);
    packets->is_packets = record->event == NTA_RECORD_PACKETS;
    if (packets->is_packets)
        return take_section(packets, found, id);
    packets->about = record->about;
    packets->from_ns = record->time_ns;
    packets->to_ns = record->end_ns ? record->end_ns : record->time_ns;
    (void)nta_addr_text(&record->user.addr, packets->user);
    describe(&packets->asked, record, id, found->unverified);
    return 0;
}

static int on_packets(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct packets *packets = owner;
    char id[NTA_FOUND_ID_SIZE];

    (void)err;
    if (found->record->about != packets->about)
        return 0;
    return take_section(packets, found, nta_found_id(found, id));
}

/** All packets with the number of the record that was asked for, of its user, about its time. */
static int find_packets(struct packets *packets, struct nta_search *search, struct nta_err *err)
{
    NTA_AUTO(nta_query_done)
    struct nta_query query = {
        .since_ns = packets->from_ns - SLACK_S * NTA_NS_PER_S,
        .until_ns = packets->to_ns + SLACK_S * NTA_NS_PER_S,
        .events = 1U << NTA_RECORD_PACKETS,
    };
    const struct nta_search_options take = {.each = on_packets, .owner = packets};
    int r = nta_query_user(&query, packets->user, err);

    return r < 0 ? r : nta_search_each(search, &query, &take, NULL, err);
}

/* ---- packets of an incident ---- */

/** Ids of its packets, each behind a NUL. */
struct wanted
{
    struct packets *packets;
    struct nta_buf ids;
};

static void add_id(void *owner, const char *id)
{
    struct nta_buf *ids = owner;

    nta_buf_put(ids, id, strlen(id) + 1);
}

static int on_of_incident(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct wanted *wanted = owner;
    char id[NTA_FOUND_ID_SIZE];

    (void)err;
    (void)nta_found_id(found, id);
    if (!memmem(wanted->ids.ptr, wanted->ids.len, id, strlen(id) + 1))
        return 0;
    return take_section(wanted->packets, found, id);
}

static int find_of_incident(struct packets *packets, struct nta_search *search, struct nta_err *err)
{
    const struct nta_find_options find = {.stop = NULL};
    struct nta_found_incident found = {.incident = NULL};
    NTA_AUTO(nta_incidents_free) struct nta_incidents *incidents = NULL;
    struct wanted wanted = {.packets = packets};
    int r = nta_find_incident(&packets->filters, search, packets->incident, &find, &found, err);

    incidents = found.incidents;
    nta_progress_wipe();
    if (r < 0)
        return r;
    nta_buf_printf(&packets->asked, "incident %s", found.incident->id);
    nta_incident_each_id(incidents, found.incident, true, add_id, &wanted.ids);
    struct nta_query query = {
        .since_ns = found.incident->begin_ns - SLACK_S * NTA_NS_PER_S,
        .until_ns = found.incident->end_ns + SLACK_S * NTA_NS_PER_S,
        .events = 1U << NTA_RECORD_PACKETS,
    };
    const struct nta_search_options take = {.each = on_of_incident, .owner = &wanted};

    if (wanted.ids.failed)
        r = nta_err_sys(err, -ENOMEM, "packets");
    else if (wanted.ids.len)
        r = nta_search_each(search, &query, &take, NULL, err);
    nta_buf_done(&wanted.ids);
    return r;
}

/* ---- the file ---- */

static int write_file(const struct packets *packets)
{
    NTA_AUTO(nta_fresh_drop) struct nta_fresh_file fresh = NTA_FRESH_NONE;
    const struct nta_span bytes = nta_buf_span(&packets->file);
    struct nta_err err = {0};

    if (strcmp(packets->output, "-") == 0) {
        int r = nta_write_all(STDOUT_FILENO, bytes.ptr, bytes.len);

        return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(-r))
                     : NTA_EXIT_OK;
    }
    int r = nta_fresh_open(&fresh, packets->output, &err);

    if (r == 0) {
        (void)fwrite(bytes.ptr, 1, bytes.len, fresh.file);
        r = nta_fresh_commit(&fresh, packets->force, &err);
    }
    return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s%s", err.text,
                                r == -EEXIST ? "; --force replaces it" : "")
                 : NTA_EXIT_OK;
}

static int finish(const struct packets *packets)
{
    if (packets->file.failed)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    if (packets->n_bad)
        return nta_cmd_fail(NTA_EXIT_INPUT, "packets of %s are not in a form that we know",
                            packets->id ? packets->id : "some records");
    if (packets->n_sections == 0)
        return nta_cmd_fail(
            NTA_EXIT_INPUT,
            "no packets are kept for %s: it has no match, or it repeats one of a moment before "
            "(alert.window), or ntad does not keep packets (record.packets)",
            packets->id);
    int status = write_file(packets);

    if (status == NTA_EXIT_OK && strcmp(packets->output, "-") != 0)
        (void)printf("%zu packets in %s\n", packets->n_packets, packets->output);
    return status;
}

static int extract(struct packets *packets)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    struct nta_proof_shown shown = {.n = 0};
    struct nta_err err = {0};
    int r = nta_filters_open(&packets->filters, &search, &err);

    if (r == 0 && packets->incident)
        r = find_of_incident(packets, search, &err);
    else if (r == 0)
        r = nta_search_one(search, packets->id, on_asked, packets, &err);
    if (r == -EINVAL)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    if (r == 0 && packets->about)
        r = find_packets(packets, search, &err);
    int status = r == 0                   ? finish(packets)
                 : r == -ENOENT && search ? nta_cmd_fail(NTA_EXIT_INPUT, "%s", err.text)
                                          : nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    int proof = nta_proof_conclude(search, packets->filters.quiet, &shown);

    return status ? status : proof;
}

/* ---- all that are selected: as a file, or as a list ---- */

static int on_selected(void *owner, const struct nta_found *found, struct nta_err *err)
{
    char id[NTA_FOUND_ID_SIZE];

    (void)err;
    return take_section(owner, found, nta_found_id(found, id));
}

static int on_listed(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct packets *packets = owner;
    struct nta_buf *line = &packets->comment;
    struct nta_pcapng_counts counts = {0};
    char id[NTA_FOUND_ID_SIZE];

    (void)err;
    bool fine = nta_pcapng_annotate(found->record->packets, NULL, 0, NULL, &counts);

    packets->n_sections++;
    packets->n_bad += !fine;
    describe(line, found->record, nta_found_id(found, id), found->unverified);
    nta_prose_print(stdout, "%.*s, %zu packet%s, %zu bytes\n", (int)line->len,
                    (const char *)line->ptr, counts.n_packets, counts.n_packets == 1 ? "" : "s",
                    found->record->packets.len);
    return 0;
}

/** A list of nothing is an answer; a file of nothing is none. */
static int nothing(const struct packets *packets, const char *text)
{
    if (packets->output)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%s", text);
    (void)puts(text);
    return NTA_EXIT_OK;
}

static int all_selected(struct packets *packets)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    const struct nta_search_options take = {.each = packets->output ? on_selected : on_listed,
                                            .owner = packets};
    struct nta_proof_shown shown = {.n = 0};
    struct nta_err err = {0};
    int status = NTA_EXIT_OK, r = nta_filters_open(&packets->filters, &search, &err);

    packets->filters.query.events = 1U << NTA_RECORD_PACKETS;
    if (r == 0)
        r = nta_search_each(search, &packets->filters.query, &take, NULL, &err);
    if (r < 0)
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    if (packets->n_sections == 0 && packets->n_bad == 0)
        status = nothing(packets, nta_proof_nothing(search));
    else if (packets->output)
        status = finish(packets);
    if (fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno));
    int proof = nta_proof_conclude(search, packets->filters.quiet, &shown);

    return status ? status : proof;
}

/* ---- the command line ---- */

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct packets *packets = owner;

    (void)err;
    switch (option) {
    case OPT_INCIDENT: packets->incident = optarg; return 0;
    case 'o': packets->output = optarg; return 0;
    case 'f': packets->force = true; return 0;
    default: return 1;
    }
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    struct packets *packets = owner;

    packets->id = n_arguments ? arguments[0] : NULL;
    if (packets->id && packets->incident)
        return nta_err_set(err, -EINVAL, "either a record's ID or --incident");
    if (packets->id && strncasecmp(packets->id, "I-", 2) == 0)
        packets->incident = packets->id;
    packets->id = packets->incident ? packets->incident : packets->id;
    if (!packets->id && !packets->output)
        return 0; /* the list */
    if (!packets->output)
        return nta_err_set(err, -EINVAL, "where to? -o FILE.pcapng, or -o - for standard output");
    if (strcmp(packets->output, "-") == 0 && isatty(STDOUT_FILENO))
        return nta_err_set(err, -EINVAL, "a capture file is nothing for a terminal; use -o FILE");
    return 0;
}

static const struct nta_options options = {
    .command = "packets",
    .known = known_options,
    .letters = NTA_FILTER_LETTERS "o:fh",
    .help = help,
    .n_arguments = 1,
    .take = take_option,
    .check = check_options,
};

int nta_cmd_packets(int argc, char **argv)
{
    struct packets packets = {0};
    int status = nta_options_parse(&options, &packets.filters, &packets, argc, argv);

    if (status < 0)
        status = packets.id ? extract(&packets) : all_selected(&packets);
    nta_filters_done(&packets.filters);
    nta_buf_done(&packets.asked);
    nta_buf_done(&packets.file);
    nta_buf_done(&packets.comment);
    return status;
}
