/* SPDX-License-Identifier: Apache-2.0 */
/* nta who: who had an address, or which addresses somebody had, with what says so. */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "options/options.h"
#include "output/fail.h"
#include "who/ledger.h"
#include "who/stay_show.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char help[] =
    "usage: nta who ADDRESS|MAC|NAME|LOGIN|PERSON|PSEUDONYM [--at TIME] [OPTIONS]\n\n"
    "Who had an address, from when to when, or which addresses a device, a login or\n"
    "a person had, and which record says so.  Made of records, so it is proved like\n"
    "all others.  Needs the auditor's key.  A pseudonym (record.who) is opened only\n"
    "where a trace of that can be left: an audit record in the sensor's chain.\n\n"
    "  -a, --at TIME         only who it was at this moment\n"
    "  -S, --since TIME      what was so after then; times as in nta records\n"
    "  -U, --until TIME      and before then\n"
    "      --pseudonyms      under which pseudonyms records have him; leaves a\n"
    "                        trace, too, and reads all of that time\n"
    "  -j, --json            one JSON object a line\n"
    "      --utc             times in UTC, in what you say and what is shown\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; can be\n"
    "                        said again\n"
    "      --unverified      take what does not hold, too\n"
    "      --trace           open nothing without a trace (nta audit)\n"
    "      --quiet           do not say how far the chain was checked, if all holds\n"
    "  -h, --help            this text\n\n"
    "Exit status: 0 done, and what was read holds; 1 something does not hold, or\n"
    "nothing is known; 2 wrong usage; 3 could not run.\n\n"
    "examples:\n"
    "  nta who 10.9.0.5 --at \"yesterday 14:05\"\n"
    "  nta who ann --since monday\n"
    "  nta who p-0123456789abcdef\n";

enum
{
    OPT_PSEUDONYMS = NTA_OPT_OWN,
    PSEUDONYM_DIGITS = 16
};

#define DAY_NS (86400 * NTA_NS_PER_S)

static const struct option known_options[] = {
    {"at", required_argument, NULL, 'a'},
    {"since", required_argument, NULL, 'S'},
    {"until", required_argument, NULL, 'U'},
    {"pseudonyms", no_argument, NULL, OPT_PSEUDONYMS},
    {"json", no_argument, NULL, 'j'},
    {"utc", no_argument, NULL, NTA_OPT_UTC},
    NTA_STORE_OPTIONS,
    NTA_TRACE_OPTION,
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct asking
{
    struct nta_filters filters;
    struct nta_ledger ledger; ///< Owned.
    const char *at;
    struct nta_moment moment; ///< With `at`.
    int64_t since_ns;         ///< 0: whenever.
    bool json;
    bool opens;              ///< Pseudonyms, which leaves a trace:
    bool by_who;             ///< those of somebody,
    struct nta_query wanted; ///< who is this.  Owned.
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct asking *asking = owner;

    (void)err;
    switch (option) {
    case 'a': asking->at = optarg; return 0;
    case 'j': asking->json = true; return 0;
    case OPT_PSEUDONYMS: asking->by_who = true; return 0;
    default: return 1;
    }
}

/** "p-" and 16 digits, or an address in 100::/64 (pipeline/privacy/hide.h). */
static bool is_pseudonym(const struct nta_query *query)
{
    static const uint8_t discards[8] = {1};
    const char *digits = query->user + 2;

    if (query->user_is_addr)
        return query->user_prefix.len == 8 * NTA_ADDR_LEN &&
               memcmp(query->user_prefix.addr.bytes, discards, sizeof(discards)) == 0;
    return strncmp(query->user, "p-", 2) == 0 && strlen(digits) == PSEUDONYM_DIGITS &&
           strspn(digits, "0123456789abcdef") == PSEUDONYM_DIGITS;
}

/** Records that say who a pseudonym is, from the begin of the day on whose it is. */
static void ask_openings(struct asking *asking)
{
    struct nta_query *query = &asking->filters.query;

    asking->opens = true;
    asking->filters.leaves_trace = true;
    query->events = 1U << NTA_RECORD_PSEUDONYM;
    if (query->since_ns > 0)
        query->since_ns -= query->since_ns % DAY_NS;
    if (!asking->by_who)
        return;
    asking->wanted = *query; /* takes `user` */
    asking->wanted.events = 0;
    asking->wanted.since_ns = asking->wanted.until_ns = 0;
    query->user = NULL;
    query->user_is_addr = query->user_is_mac = false;
}

/**
 * What was told before may still hold then: for as long as a source's word does, unless it says
 * until when, which records are found by.
 */
static void look_back(struct asking *asking)
{
    struct nta_query *query = &asking->filters.query;
    int64_t holds_ns = 0;

    for (int source = 0; source < NTA_N_WHO_SOURCES; source++) {
        const int64_t one_ns = nta_who_holds_ns((enum nta_who_source)source);

        if (one_ns > holds_ns && one_ns < INT64_MAX)
            holds_ns = one_ns;
    }
    asking->since_ns = query->since_ns;
    if (query->since_ns)
        query->since_ns = query->since_ns > holds_ns ? query->since_ns - holds_ns : 1;
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
    if (r < 0)
        return r;
    if (asking->at && (query->since_ns || query->until_ns))
        return nta_err_set(err, -EINVAL, "--at is a moment: neither --since nor --until");
    if (asking->at) {
        asking->moment = moment;
        query->since_ns = moment.earlier_ns;
        query->until_ns = moment.later_ns + 1;
    }
    if (asking->by_who || is_pseudonym(query))
        ask_openings(asking);
    else
        look_back(asking);
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

    if (asking->by_who) {
        struct nta_record as_he_is = *found->record;

        as_he_is.event = NTA_RECORD_FLOW;
        as_he_is.user = found->record->peer;
        if (!nta_query_has(&asking->wanted, &as_he_is))
            return 0;
    }
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

    if (asking->ledger.n == 0 || asking->opens)
        return 0;
    window_of(&asking->ledger, &query.since_ns, &query.until_ns);
    return nta_search_each(search, &query, &take, NULL, err);
}

static int show(const struct asking *asking, struct nta_search *search)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    for (size_t i = 0; i < asking->ledger.n; i++) {
        nta_buf_clear(&out);
        if (asking->json)
            nta_stay_put_json(&out, &asking->ledger.stays[i]);
        else
            nta_stay_put_line(&out, &asking->ledger.stays[i]);
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
    if (asking->since_ns)
        nta_ledger_since(&asking->ledger, asking->since_ns);
    nta_ledger_sort(&asking->ledger, asking->at ? &asking->moment : NULL);
    int status = show(asking, search);
    int proof = nta_proof_conclude(search, asking->filters.quiet, &shown);

    return status ? status : proof;
}

int nta_cmd_who(int argc, char **argv)
{
    struct asking asking = {.at = NULL};
    const int r = nta_ledger_init(&asking.ledger);
    int status = nta_options_parse(&options, &asking.filters, &asking, argc, argv);

    if (status < 0)
        status = r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "random numbers: %s", strerror(-r))
                       : answer(&asking);
    nta_ledger_done(&asking.ledger);
    nta_query_done(&asking.wanted);
    nta_filters_done(&asking.filters);
    return status;
}
