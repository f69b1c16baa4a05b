/* SPDX-License-Identifier: Apache-2.0 */
/* nta audit: who read, handed out, held or deleted what. */
#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/filters.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/listing.h"
#include "output/term.h"
#include "record/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: nta audit [OPTIONS]\n\n"
    "Who read, handed out, held or deleted what, and when: what the sensors have\n"
    "noted of it in their chains, so that nobody can take it back.  Noted are: each\n"
    "reading of a store that ntad writes, as it was asked and with the number of\n"
    "records read, unless it was broken off (with --trace also where no ntad runs);\n"
    "cases that were made and sealed (nta evidence), days that were deleted or held\n"
    "(nta prune, nta hold, retention), and changes of keys (nta keys).  Needs the\n"
    "auditor's key; what it reads is of nobody, and leaves no trace.\n\n"
    "  -S, --since TIME      what was noted after then; times as in nta records\n"
    "  -U, --until TIME      and before then\n"
    "      --on WHEN         all of a day, week, month or year: yesterday,\n"
    "                        \"last week\", 2026-10\n"
    "      --last LENGTH     up to now: 90m, 2h, 7d\n"
    "      --sensor NAME     of this sensor, as sensors.pub names it\n"
    "  -j, --json            one JSON object a line, as nta records prints them\n"
    "      --utc             times in UTC, in what you say and what is shown\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; can be\n"
    "                        said again\n"
    "      --unverified      take what does not hold, too\n"
    "      --quiet           do not say how far the chain was checked, if all holds\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, and what was read holds; 1 something does not hold; 2\n"
    "wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta audit --on \"last month\"\n"
    "  nta audit --json | jq -r '.log.actor' | sort | uniq -c\n";

static const struct option known_options[] = {
    NTA_WHEN_OPTIONS,
    {"sensor", required_argument, NULL, NTA_OPT_SENSOR},
    {"json", no_argument, NULL, 'j'},
    {"utc", no_argument, NULL, NTA_OPT_UTC},
    NTA_STORE_OPTIONS,
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/** A line to be shown: in two parts of `texts`, between which the number of records stands. */
struct deed
{
    int64_t time_ns;
    size_t from, middle, to; ///< Where the parts begin and end.
    uint64_t n_records;
    bool is_over;
};

struct auditing
{
    struct nta_filters filters;
    struct nta_search *search; ///< Owned.
    struct nta_buf texts;      ///< Owned.
    struct deed *deeds;        ///< Owned.
    size_t n_deeds, room;
    size_t n_found;
    bool json;
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct auditing *auditing = owner;

    (void)err;
    if (option != 'j')
        return 1;
    auditing->json = true;
    return 0;
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    struct auditing *auditing = owner;

    (void)arguments;
    (void)n_arguments;
    (void)err;
    auditing->filters.query.events = 1U << NTA_RECORD_AUDIT;
    return 0;
}

static const struct nta_options options = {
    .command = "audit",
    .known = known_options,
    .letters = "S:U:jd:c:k:h",
    .help = help,
    .take = take_option,
    .check = check_options,
};

/** Which sensor noted it, where there are several. */
static void put_sensor(const struct nta_trust *trust, struct nta_buf *line,
                       const struct nta_found *found)
{
    const struct nta_trusted *trusted = nta_trust_find(trust, found->header->sensor);

    if (trust->n < 2 || !trusted)
        return;
    nta_buf_puts(line, "  ");
    if (trusted->name[0])
        nta_text_escape(line, nta_span_of(trusted->name));
    else
        nta_buf_put_hex(line, trusted->sensor, NTA_SENSOR_ID_LEN);
}

/** When, at which sensor, who, what. */
static void put_head(const struct nta_trust *trust, struct nta_buf *line,
                     const struct nta_found *found)
{
    const struct nta_record_log *log = found->record->log;

    if (found->unverified)
        nta_buf_printf(line, "UNVERIFIED (%s) ", found->unverified);
    nta_put_local_time(line, found->record->time_ns);
    put_sensor(trust, line, found);
    if (!log)
        return;
    nta_buf_puts(line, "  ");
    nta_text_escape(line, log->actor.len ? log->actor : nta_span_of("-"));
    nta_buf_puts(line, "  ");
    nta_text_escape(line, log->question);
}

/** Of which incident, with which words. */
static void put_rest(struct nta_buf *line, const struct nta_record_log *log)
{
    if (log && log->incident.len) {
        nta_buf_puts(line, ", incident ");
        nta_text_escape(line, log->incident);
    }
    if (log && log->note.len) {
        nta_buf_puts(line, ": ");
        nta_text_escape(line, log->note);
    }
}

static struct nta_span text_of(const struct auditing *auditing, size_t from, size_t to)
{
    return nta_span_first(nta_span_from(nta_buf_span(&auditing->texts), from), to - from);
}

/** The end of a reading (ask/reading.h) is shown in the line of its begin. */
static bool join_begin(struct auditing *auditing, const struct deed *deed)
{
    const struct nta_span text = text_of(auditing, deed->from, deed->to);

    for (size_t i = auditing->n_deeds; deed->is_over && i-- > 0;) {
        struct deed *begin = &auditing->deeds[i];

        if (begin->time_ns != deed->time_ns || begin->is_over ||
            !nta_span_equal(text_of(auditing, begin->from, begin->to), text))
            continue;
        begin->n_records = deed->n_records;
        begin->is_over = true;
        return true;
    }
    return false;
}

static int add_deed(struct auditing *auditing, const struct nta_found *found)
{
    const struct nta_record *record = found->record;
    struct deed deed = {
        .time_ns = record->time_ns,
        .from = auditing->texts.len,
        .n_records = record->log ? record->log->n_records : 0,
        .is_over = record->end_ns != 0,
    };

    put_head(&nta_search_stores(auditing->search)->trust, &auditing->texts, found);
    deed.middle = auditing->texts.len;
    put_rest(&auditing->texts, record->log);
    deed.to = auditing->texts.len;
    if (auditing->texts.failed)
        return -ENOMEM;
    if (record->end_ns > record->time_ns && join_begin(auditing, &deed)) {
        auditing->texts.len = deed.from;
        return 0;
    }
    if (auditing->n_deeds == auditing->room) {
        const size_t room = auditing->room ? 2 * auditing->room : 64;
        struct deed *more = reallocarray(auditing->deeds, room, sizeof(*more));

        if (!more)
            return -ENOMEM;
        auditing->deeds = more;
        auditing->room = room;
    }
    auditing->deeds[auditing->n_deeds++] = deed;
    return 0;
}

static int show_deeds(const struct auditing *auditing)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};

    for (size_t i = 0; i < auditing->n_deeds && !line.failed; i++) {
        const struct deed *deed = &auditing->deeds[i];
        const struct nta_span head = text_of(auditing, deed->from, deed->middle);
        const struct nta_span rest = text_of(auditing, deed->middle, deed->to);

        nta_buf_clear(&line);
        nta_buf_put(&line, head.ptr, head.len);
        if (deed->is_over || deed->n_records)
            nta_buf_printf(&line, ", %" PRIu64 " record%s", deed->n_records,
                           deed->n_records == 1 ? "" : "s");
        nta_buf_put(&line, rest.ptr, rest.len);
        nta_buf_puts(&line, "\n");
        if (!line.failed)
            (void)nta_prose_write(stdout, nta_buf_span(&line));
    }
    return line.failed ? -ENOMEM : 0;
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct auditing *auditing = owner;
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    char id[NTA_FOUND_ID_SIZE];

    auditing->n_found++;
    if (!auditing->json) {
        const int r = add_deed(auditing, found);

        return r < 0 ? nta_err_sys(err, r, "audit") : 0;
    }
    nta_record_json(&line, found->record, nta_found_id(found, id));
    nta_put_json_mark(&line, found);
    nta_buf_puts(&line, "\n");
    if (line.failed)
        return nta_err_sys(err, -ENOMEM, "audit");
    nta_progress_wipe();
    (void)fwrite(line.ptr, 1, line.len, stdout);
    return ferror(stdout) ? nta_err_sys(err, -EIO, "standard output") : 0;
}

static int run(struct auditing *auditing)
{
    struct nta_proof_shown shown = {.n = 0};
    struct nta_err err = {0};
    int r = nta_filters_open(&auditing->filters, &auditing->search, &err);
    const struct nta_search_options search = {.each = on_found, .owner = auditing};

    if (r == 0)
        r = nta_search_each(auditing->search, &auditing->filters.query, &search, NULL, &err);
    nta_progress_wipe();
    if (show_deeds(auditing) < 0 && r == 0)
        r = nta_err_sys(&err, -ENOMEM, "audit");
    if (r == 0 && fflush(stdout) != 0)
        r = nta_err_sys(&err, -EIO, "standard output");
    if (r < 0)
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    if (auditing->n_found == 0 && !auditing->json)
        (void)fprintf(stderr, "%s\n", nta_proof_nothing(auditing->search));
    return nta_proof_conclude(auditing->search, auditing->filters.quiet, &shown);
}

int nta_cmd_audit(int argc, char **argv)
{
    struct auditing auditing = {.json = false};
    int status = nta_options_parse(&options, &auditing.filters, &auditing, argc, argv);

    if (status < 0)
        status = run(&auditing);
    nta_search_close(&auditing.search);
    nta_buf_done(&auditing.texts);
    free(auditing.deeds);
    nta_filters_done(&auditing.filters);
    return status;
}
