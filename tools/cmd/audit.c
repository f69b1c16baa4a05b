/* SPDX-License-Identifier: Apache-2.0 */
/* nta audit: who opened, handed out, held or deleted what. */
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

static const char help[] =
    "usage: nta audit [OPTIONS]\n\n"
    "Who opened, handed out, held or deleted what, and when: what the sensors have\n"
    "noted of it in their chains, so that nobody can take it back.  Noted are: who a\n"
    "pseudonym is (nta who), cases that were made and sealed (nta evidence), days\n"
    "that were deleted or held (nta prune, nta hold, retention), and changes of keys\n"
    "(nta keys).  Needs the auditor's key.\n\n"
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

struct auditing
{
    struct nta_filters filters;
    struct nta_search *search; ///< Owned.
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

/** When, at which sensor, who, what; how many records, of which incident, with which words. */
static void put_line(const struct nta_trust *trust, struct nta_buf *line,
                     const struct nta_found *found)
{
    const struct nta_record_log *log = found->record->log;

    if (found->unverified)
        nta_buf_printf(line, "UNVERIFIED (%s) ", found->unverified);
    nta_put_local_time(line, found->record->time_ns);
    put_sensor(trust, line, found);
    if (log) {
        nta_buf_puts(line, "  ");
        nta_text_escape(line, log->actor.len ? log->actor : nta_span_of("-"));
        nta_buf_puts(line, "  ");
        nta_text_escape(line, log->question);
        if (log->n_records)
            nta_buf_printf(line, ", %" PRIu64 " record%s", log->n_records,
                           log->n_records == 1 ? "" : "s");
        if (log->incident.len) {
            nta_buf_puts(line, ", incident ");
            nta_text_escape(line, log->incident);
        }
        if (log->note.len) {
            nta_buf_puts(line, ": ");
            nta_text_escape(line, log->note);
        }
    }
    nta_buf_puts(line, "\n");
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct auditing *auditing = owner;
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    char id[NTA_FOUND_ID_SIZE];

    if (auditing->json) {
        nta_record_json(&line, found->record, nta_found_id(found, id));
        nta_put_json_mark(&line, found->unverified);
        nta_buf_puts(&line, "\n");
    } else {
        put_line(&nta_search_stores(auditing->search)->trust, &line, found);
    }
    auditing->n_found++;
    if (line.failed)
        return nta_err_sys(err, -ENOMEM, "audit");
    nta_progress_wipe();
    if (!auditing->json)
        (void)nta_prose_write(stdout, nta_buf_span(&line));
    else
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
    nta_filters_done(&auditing.filters);
    return status;
}
