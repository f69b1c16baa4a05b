/* SPDX-License-Identifier: Apache-2.0 */
/* nta coverage: when the sensors watched, and when not. */
#include "coverage/coverage.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/file/sha256.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/filters.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/listing.h"
#include "output/term.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char help[] =
    "usage: nta coverage [OPTIONS]\n\n"
    "For each sensor: when it watched, under which policy (the first digits of its\n"
    "record's SHA-256) and with which losses, and when not, and why: it was stopped,\n"
    "killed, an interface was gone, the store took no records.  Made of what the\n"
    "sensors say of themselves in records (policy, start, stop, gap, loss), so it is\n"
    "proved like all others.  Needs the auditor's key.  LOST counts what was lost on\n"
    "the way, by all reasons together, and in how many seconds packets were.  \"...\"\n"
    "behind a time: nothing tells of an end, the sensor goes on or nobody knows.\n\n"
    "  -S, --since TIME      what goes on after then; times as in nta records\n"
    "  -U, --until TIME      and before then\n"
    "      --on WHEN         all of a day, week, month or year: yesterday,\n"
    "                        \"last week\", 2026-10\n"
    "      --last LENGTH     up to now: 90m, 2h, 7d\n"
    "      --sensor NAME     of this sensor, as sensors.pub names it\n"
    "  -j, --json            one JSON object a line\n"
    "      --utc             times in UTC, in what you say and what is shown\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; can be\n"
    "                        said again\n"
    "      --unverified      show what does not hold, too, and mark it\n"
    "      --quiet           do not say how far the chain was checked, if all holds\n"
    "      --color=WHEN      auto (on terminals, unless NO_COLOR is set), always,\n"
    "                        never\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, and what was read holds, whatever gaps there are; 1\n"
    "something does not hold; 2 wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta coverage --on \"last week\"\n"
    "  nta coverage --json | jq 'select(.state == \"gap\")'\n";

enum
{
    OPT_COLOUR = NTA_OPT_OWN,
    TIME_WIDTH = 19,
    WHAT_WIDTH = 20,
    POLICY_WIDTH = 8,
    LOST_WIDTH = 10,
};

static const struct option known_options[] = {
    NTA_WHEN_OPTIONS,
    {"sensor", required_argument, NULL, NTA_OPT_SENSOR},
    {"json", no_argument, NULL, 'j'},
    {"utc", no_argument, NULL, NTA_OPT_UTC},
    NTA_STORE_OPTIONS,
    {"color", optional_argument, NULL, OPT_COLOUR},
    {"colour", optional_argument, NULL, OPT_COLOUR},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct covering
{
    struct nta_filters filters;
    struct nta_search *search; ///< Owned.
    struct nta_search_state state;
    struct nta_coverage coverage;
    int64_t since_ns, until_ns; ///< What is shown.
    enum nta_colour colour;
    bool json, coloured;
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct covering *covering = owner;

    switch (option) {
    case 'j': covering->json = true; return 0;
    case OPT_COLOUR: return nta_colour_parse(optarg, &covering->colour, err);
    default: return 1;
    }
}

/** What began before the window may go on in it: all is read, and cut when it is shown. */
static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    struct covering *covering = owner;
    struct nta_query *query = &covering->filters.query;

    (void)arguments;
    (void)n_arguments;
    (void)err;
    covering->since_ns = query->since_ns;
    covering->until_ns = query->until_ns;
    query->since_ns = query->until_ns = 0;
    query->events = 1U << NTA_RECORD_POLICY | 1U << NTA_RECORD_START | 1U << NTA_RECORD_STOP |
                    1U << NTA_RECORD_GAP | 1U << NTA_RECORD_LOSS;
    return 0;
}

static const struct nta_options options = {
    .command = "coverage",
    .known = known_options,
    .letters = "S:U:jd:c:k:h",
    .help = help,
    .take = take_option,
    .check = check_options,
};

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct covering *covering = owner;
    uint8_t hash[NTA_SHA256_LEN];
    uint64_t stamp = 0;
    int r = 0;

    if (found->record->event == NTA_RECORD_POLICY) {
        r = nta_sha256_of(found->encoded, hash);
        for (size_t i = 0; i < sizeof(stamp); i++)
            stamp = stamp << 8 | hash[i];
    }
    if (r == 0)
        r = nta_coverage_add(&covering->coverage, found->header->sensor, found->record, stamp,
                             found->unverified);
    return r < 0 ? nta_err_sys(err, r, "coverage") : 0;
}

static void on_progress(void *owner, const struct nta_search_state *state)
{
    (void)owner;
    nta_filters_progress(state);
}

/* ---- as JSON ---- */

static void put_time(struct nta_buf *out, const char *name, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, ",\"%s\":\"%s\"", name, nta_clock_text(wall_ns, text));
}

static void put_losses(struct nta_buf *out, const struct nta_coverage_row *row)
{
    const char *before = ",\"losses\":{";

    for (size_t i = 0; i < NTA_N_COUNTERS; i++) {
        if (!row->lost[i])
            continue;
        nta_buf_printf(out, "%s\"%s\":%" PRIu64, before, nta_counter_infos[i].name, row->lost[i]);
        before = ",";
    }
    nta_buf_puts(out, *before == ',' && before[1] ? "" : "}");
    before = ",\"blind\":{";
    for (size_t i = 0; i < row->n_blind; i++) {
        nta_buf_puts(out, i ? "," : before);
        nta_text_json(out, nta_span_of(row->blind[i].interface));
        nta_buf_printf(out, ":%" PRIu64, row->blind[i].seconds);
    }
    nta_buf_puts(out, row->n_blind ? "}" : "");
}

static void put_json(struct nta_buf *out, const struct nta_coverage_row *row)
{
    static const char *const states[] = {"watched", "read", "gap"};

    nta_buf_puts(out, "{\"sensor\":\"");
    nta_buf_put_hex(out, row->sensor, sizeof(row->sensor));
    nta_buf_printf(out, "\",\"state\":\"%s\"", states[row->kind]);
    put_time(out, "from", row->from_ns);
    put_time(out, "to", row->to_ns);
    if (row->is_open)
        nta_buf_puts(out, ",\"open\":true");
    if (row->policy)
        nta_buf_printf(out, ",\"policy\":\"%016" PRIx64 "\"", row->policy);
    if (row->reason)
        nta_buf_printf(out, ",\"reason\":\"%s\"", nta_gap_reason_name(row->reason));
    if (row->interface[0]) {
        nta_buf_puts(out, ",\"interface\":");
        nta_text_json(out, nta_span_of(row->interface));
    }
    if (row->n_files)
        nta_buf_printf(out, ",\"files\":%" PRIu64, row->n_files);
    put_losses(out, row);
    nta_buf_puts(out, "}");
    nta_put_json_mark(out, row->unverified);
    nta_buf_puts(out, "\n");
}

/* ---- as a table of 80 columns ---- */

static void put_what(struct nta_buf *out, const struct nta_coverage_row *row)
{
    switch (row->kind) {
    case NTA_COVERAGE_WATCHED: nta_buf_puts(out, row->is_open ? "watched ..." : "watched"); break;
    case NTA_COVERAGE_READ:
        nta_buf_printf(out, "%" PRIu64 " file%s read", row->n_files, row->n_files == 1 ? "" : "s");
        break;
    case NTA_COVERAGE_GAP:
        if (row->interface[0]) { /* its name tells more than the word */
            nta_text_escape(out, nta_span_of(row->interface));
            nta_buf_puts(out, " gone");
        } else {
            nta_buf_puts(out, row->reason ? nta_gap_reason_name(row->reason) : "not known");
        }
        break;
    }
}

static void put_lost(struct nta_buf *out, const struct nta_coverage_row *row)
{
    uint64_t n = row->lost_otherwise, seconds = 0;

    for (size_t i = 0; i < NTA_N_COUNTERS; i++)
        n += row->lost[i];
    for (size_t i = 0; i < row->n_blind; i++)
        seconds += row->blind[i].seconds;
    if (n)
        nta_buf_printf(out, "%" PRIu64, n);
    if (seconds)
        nta_buf_printf(out, "%s%" PRIu64 " s", n ? " " : "", seconds);
}

static void put_cell(struct nta_buf *line, struct nta_buf *cell, size_t width, bool last)
{
    nta_put_cell(line, nta_buf_span(cell), width, false);
    nta_buf_puts(line, last ? "" : " ");
    nta_buf_clear(cell);
}

static bool is_lossy(const struct nta_coverage_row *row)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    put_lost(&text, row);
    return text.len > 0;
}

static void put_row(struct nta_buf *line, const struct nta_coverage_row *row, bool coloured)
{
    NTA_AUTO(nta_buf_done) struct nta_buf cell = {0};
    const char *colour = row->kind == NTA_COVERAGE_GAP ? "\x1b[31m"
                         : is_lossy(row)               ? "\x1b[33m"
                                                       : NULL;

    nta_buf_puts(line, coloured && colour ? colour : "");
    nta_put_mark(line, row->unverified);
    nta_put_local_time(&cell, row->from_ns);
    put_cell(line, &cell, TIME_WIDTH, false);
    nta_put_local_time(&cell, row->to_ns);
    put_cell(line, &cell, TIME_WIDTH, false);
    put_what(&cell, row);
    put_cell(line, &cell, WHAT_WIDTH, false);
    if (row->policy)
        nta_buf_printf(&cell, "%08" PRIx64, row->policy >> 32);
    put_cell(line, &cell, POLICY_WIDTH, false);
    put_lost(&cell, row);
    put_cell(line, &cell, LOST_WIDTH, true);
    while (line->len && line->ptr[line->len - 1] == ' ')
        line->len--;
    nta_buf_puts(line, coloured && colour ? "\x1b[0m\n" : "\n");
}

static void put_head(struct nta_buf *out, const struct nta_coverage_row *row)
{
    nta_buf_puts(out, "sensor ");
    nta_buf_put_hex(out, row->sensor, sizeof(row->sensor));
    nta_buf_printf(out, "\n%-*s %-*s %-*s %-*s LOST\n", TIME_WIDTH, "FROM", TIME_WIDTH, "TO",
                   WHAT_WIDTH, "WHAT", POLICY_WIDTH, "POLICY");
}

static int show(const struct covering *covering)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    const struct nta_coverage_row *before = NULL;

    for (size_t i = 0; i < covering->coverage.n; i++) {
        const struct nta_coverage_row *row = &covering->coverage.rows[i];

        if ((covering->since_ns && row->to_ns < covering->since_ns) ||
            (covering->until_ns && row->from_ns >= covering->until_ns))
            continue;
        if (covering->json) {
            put_json(&out, row);
            continue;
        }
        if (!before || memcmp(before->sensor, row->sensor, sizeof(row->sensor)) != 0) {
            nta_buf_puts(&out, before ? "\n" : "");
            put_head(&out, row);
        }
        put_row(&out, row, covering->coloured);
        before = row;
    }
    if (out.failed)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    if (out.len == 0 && !covering->json)
        (void)puts("no record tells when anybody watched");
    (void)fwrite(out.ptr, 1, out.len, stdout);
    errno = 0;
    if (fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno));
    return NTA_EXIT_OK;
}

static int cover(struct covering *covering)
{
    struct nta_err err = {0};
    const struct nta_search_options search = {
        .each = on_found,
        .owner = covering,
        .stop = nta_catch_stop(),
        .progress = on_progress,
    };
    int r = nta_filters_open(&covering->filters, &covering->search, &err);

    if (r == 0)
        r = nta_search_each(covering->search, &covering->filters.query, &search, &covering->state,
                            &err);
    nta_progress_wipe();
    if (r < 0)
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    covering->coloured = nta_colour_wanted(covering->colour, stdout);
    int status = show(covering);

    r = nta_filters_conclude(&covering->filters, covering->search, &covering->state, false);
    return status ? status : r;
}

int nta_cmd_coverage(int argc, char **argv)
{
    struct covering covering = {.json = false};
    int status = nta_options_parse(&options, &covering.filters, &covering, argc, argv);

    if (status < 0)
        status = cover(&covering);
    nta_search_close(&covering.search);
    nta_coverage_done(&covering.coverage);
    nta_filters_done(&covering.filters);
    return status;
}
