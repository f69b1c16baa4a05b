/* SPDX-License-Identifier: Apache-2.0 */
/* nta who: who had an address, or which addresses somebody had, with what says so. */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/term.h"
#include "who/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char help[] =
    "usage: nta who ADDRESS|MAC|NAME|LOGIN|PERSON [--at TIME] [OPTIONS]\n\n"
    "Who had an address, from when to when, or which addresses a device, a login or\n"
    "a person had, and which record says so.  Made of records, so it is proved like\n"
    "all others.  Needs the auditor's key.\n\n"
    "  -a, --at TIME         only who it was at this moment\n"
    "  -S, --since TIME      what was so after then; times as in nta records\n"
    "  -U, --until TIME      and before then\n"
    "  -j, --json            one JSON object a line\n"
    "      --utc             times in UTC, in what you say and what is shown\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; can be\n"
    "                        said again\n"
    "      --unverified      take what does not hold, too\n"
    "      --quiet           do not say how far the chain was checked, if all holds\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, and what was read holds; 1 something does not hold, or\n"
    "nothing is known; 2 wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta who 10.9.0.5 --at \"yesterday 14:05\"\n"
    "  nta who ann --since monday\n";

static const struct option known_options[] = {
    {"at", required_argument, NULL, 'a'},
    {"since", required_argument, NULL, 'S'},
    {"until", required_argument, NULL, 'U'},
    {"json", no_argument, NULL, 'j'},
    {"utc", no_argument, NULL, NTA_OPT_UTC},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"unverified", no_argument, NULL, NTA_OPT_UNVERIFIED},
    {"quiet", no_argument, NULL, NTA_OPT_QUIET},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct asking
{
    struct nta_filters filters;
    struct nta_ledger ledger; ///< Owned.
    const char *at;
    struct nta_moment moment; ///< With `at`.
    bool json;
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct asking *asking = owner;

    (void)err;
    switch (option) {
    case 'a': asking->at = optarg; return 0;
    case 'j': asking->json = true; return 0;
    default: return 1;
    }
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    struct asking *asking = owner;
    struct nta_query *query = &asking->filters.query;
    struct nta_moment moment = {0};

    if (n_arguments == 0)
        return nta_err_set(err, -EINVAL, "who is asked about?");
    int r = nta_query_user(query, arguments[0], err);

    if (r == 0)
        r = nta_options_time("--at", asking->at, nta_clock_wall_ns(), &moment, err);
    if (r < 0 || !asking->at)
        return r;
    if (query->since_ns || query->until_ns)
        return nta_err_set(err, -EINVAL, "--at is a moment: neither --since nor --until");
    asking->moment = moment;
    query->since_ns = moment.earlier_ns;
    query->until_ns = moment.later_ns + 1;
    return 0;
}

static const struct nta_options options = {
    .command = "who",
    .known = known_options,
    .letters = "a:S:U:jd:c:k:h",
    .help = help,
    .n_arguments = 1,
    .take = take_option,
    .check = check_options,
};

static int on_user(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct asking *asking = owner;
    char id[NTA_FOUND_ID_SIZE];
    int r = nta_ledger_add(&asking->ledger, found->record, nta_found_id(found, id));

    return r < 0 ? nta_err_sys(err, r, "who") : 0;
}

static int on_lease(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct asking *asking = owner;

    (void)err;
    nta_ledger_end(&asking->ledger, found->record);
    return 0;
}

/** When the first of the stays began, and the last may have ended; 0: not known. */
static void window_of(const struct nta_ledger *ledger, int64_t *ret_from_ns, int64_t *ret_to_ns)
{
    *ret_from_ns = INT64_MAX;
    *ret_to_ns = 1;
    for (size_t i = 0; i < ledger->n; i++) {
        const struct nta_stay *stay = &ledger->stays[i];

        if (stay->from_ns < *ret_from_ns)
            *ret_from_ns = stay->from_ns;
        if (!stay->to_ns || !*ret_to_ns)
            *ret_to_ns = 0;
        else if (stay->to_ns > *ret_to_ns)
            *ret_to_ns = stay->to_ns;
    }
}

/** What anybody says of the same addresses meanwhile may end what was said before. */
static int look_for_ends(struct asking *asking, struct nta_search *search, struct nta_err *err)
{
    NTA_AUTO(nta_query_done) struct nta_query query = {.events = 1U << NTA_RECORD_LEASE};
    const struct nta_search_options take = {.each = on_lease, .owner = asking};

    if (asking->ledger.n == 0)
        return 0;
    window_of(&asking->ledger, &query.since_ns, &query.until_ns);
    return nta_search_each(search, &query, &take, NULL, err);
}

/* ---- shown ---- */

static void put_json_text(struct nta_buf *out, const char *name, const char *text)
{
    if (!text[0])
        return;
    nta_buf_printf(out, ",\"%s\":", name);
    nta_text_json(out, nta_span_of(text));
}

static void put_json_time(struct nta_buf *out, const char *name, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    if (wall_ns)
        nta_buf_printf(out, ",\"%s\":\"%s\"", name, nta_clock_text(wall_ns, text));
}

static bool has_addr(const struct nta_stay *stay)
{
    static const struct nta_addr none = {0};

    return !nta_addr_equal(&stay->addr, &none);
}

static void put_json(struct nta_buf *out, const struct nta_stay *stay)
{
    char text[NTA_ADDR_TEXT_SIZE];

    nta_buf_printf(out, "{\"records\":%" PRIu64, stay->n_records);
    if (has_addr(stay))
        nta_buf_printf(out, ",\"ip\":\"%s\"", nta_addr_text(&stay->addr, text));
    for (size_t i = 0; i < stay->vlan.n && i < 2; i++)
        nta_buf_printf(out, "%s%u", i ? "," : ",\"vlan\":[", stay->vlan.ids[i]);
    nta_buf_puts(out, stay->vlan.n ? "]" : "");
    if (stay->network.kind)
        nta_buf_printf(out, ",\"network\":{\"kind\":\"%s\",\"id\":%" PRIu64 "}",
                       nta_network_kind_name(stay->network.kind), stay->network.id);
    put_json_text(out, "device", stay->device);
    put_json_text(out, "name", stay->name);
    put_json_text(out, "login", stay->login);
    put_json_text(out, "person", stay->person);
    put_json_text(out, "department", stay->department);
    put_json_text(out, "source", stay->source);
    put_json_text(out, "strength", nta_strength_name(stay->strength));
    put_json_time(out, "since", stay->from_ns);
    put_json_time(out, "until", stay->to_ns);
    nta_buf_printf(out, ",\"ended\":%s", stay->is_over ? "true" : "false");
    put_json_text(out, "record", stay->id);
    nta_buf_puts(out, "}\n");
}

static void put_part(struct nta_buf *out, const char *before, const char *text)
{
    if (!text[0])
        return;
    nta_buf_puts(out, before);
    nta_text_escape(out, nta_span_of(text));
}

/** From when to when; what nobody ended is said to go on. */
static void put_times(struct nta_buf *out, const struct nta_stay *stay)
{
    nta_put_local_time(out, stay->from_ns);
    nta_buf_puts(out, stay->is_over ? " to " : stay->by_lease ? ", good until " : " to ");
    if (stay->to_ns)
        nta_put_local_time(out, stay->to_ns);
    else
        nta_buf_puts(out, "further notice");
}

static void put_line(struct nta_buf *out, const struct nta_stay *stay)
{
    char text[NTA_ADDR_TEXT_SIZE];

    nta_buf_puts(out, has_addr(stay) ? nta_addr_text(&stay->addr, text) : "any address");
    for (size_t i = 0; i < stay->vlan.n && i < 2; i++)
        nta_buf_printf(out, " (VLAN %u)", stay->vlan.ids[i]);
    put_part(out, ": device ", stay->device);
    put_part(out, stay->device[0] ? ", name " : ": name ", stay->name);
    put_part(out, stay->device[0] || stay->name[0] ? ", login " : ": login ", stay->login);
    put_part(out, ", ", stay->person);
    put_part(out, ", ", stay->department);
    nta_buf_puts(out, "; ");
    put_times(out, stay);
    put_part(out, "; says ", stay->source);
    put_part(out, ", ", nta_strength_name(stay->strength));
    nta_buf_printf(out, " (record %s)\n", stay->id);
}

static int show(const struct asking *asking, struct nta_search *search)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    for (size_t i = 0; i < asking->ledger.n; i++) {
        nta_buf_clear(&out);
        if (asking->json)
            put_json(&out, &asking->ledger.stays[i]);
        else
            put_line(&out, &asking->ledger.stays[i]);
        if (out.failed)
            return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
        if (asking->json)
            (void)fwrite(out.ptr, 1, out.len, stdout);
        else
            (void)nta_prose_write(stdout, nta_buf_span(&out));
    }
    if (asking->ledger.n == 0 && !asking->json)
        (void)puts(nta_proof_nothing(search));
    if (asking->ledger.is_full)
        return nta_cmd_fail(NTA_EXIT_INPUT, "only the first %d are shown: say --since, --until",
                            NTA_LEDGER_MAX);
    if (fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno));
    return asking->ledger.n ? NTA_EXIT_OK : NTA_EXIT_INPUT;
}

static int answer(struct asking *asking)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    const struct nta_search_options take = {.each = on_user, .owner = asking};
    struct nta_proof_shown shown = {.n = 0};
    struct nta_err err = {0};
    int r = nta_filters_open(&asking->filters, &search, &err);

    if (r == 0)
        r = nta_search_each(search, &asking->filters.query, &take, NULL, &err);
    if (r == 0)
        r = look_for_ends(asking, search, &err);
    if (r < 0)
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    nta_ledger_sort(&asking->ledger, asking->at ? &asking->moment : NULL);
    int status = show(asking, search);
    int proof = nta_proof_conclude(search, asking->filters.quiet, &shown);

    return status ? status : proof;
}

int nta_cmd_who(int argc, char **argv)
{
    struct asking asking = {.at = NULL};
    int status = nta_options_parse(&options, &asking.filters, &asking, argc, argv);

    if (status < 0)
        status = answer(&asking);
    nta_ledger_done(&asking.ledger);
    nta_filters_done(&asking.filters);
    return status;
}
