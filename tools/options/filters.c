/* SPDX-License-Identifier: Apache-2.0 */
#include "options/filters.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "chain/proof.h"
#include "output/term.h"
#include "search/period.h"
#include "search/when.h"
#include "trace/reading.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/** From here on, local time is UTC: in words that are read and in what is shown. */
static int take_utc(void)
{
    (void)setenv("TZ", "UTC0", 1); // NOLINT(concurrency-mt-unsafe): one thread yet
    tzset();
    return 0;
}

/** The rows of search/query_rows.h. */
static int take_word(struct nta_query *query, int option, const char *text, struct nta_err *err)
{
    switch (option) {
#define TAKE(symbol, word, ...)                                                                    \
    case NTA_OPT_##symbol: return nta_query_##word(query, text, err);
        NTA_FILTERS(TAKE, TAKE)
    default: return 1;
    }
}

static int take_key(struct nta_filters *filters, const char *text, struct nta_err *err)
{
    uint8_t ignored[NTA_KEY_LEN];
    int r = nta_keys_parse_sensor(text, ignored, err);

    if (r < 0)
        return nta_err_prefix(err, r, "--key");
    if (filters->n_keys == NTA_FILTERS_KEYS)
        return nta_err_set(err, -EINVAL, "--key: more than %d sensors", NTA_FILTERS_KEYS);
    filters->keys[filters->n_keys++] = text;
    return 0;
}

int nta_filters_open(const struct nta_filters *filters, struct nta_search **ret_search,
                     struct nta_err *err)
{
    const struct nta_stores_options options = {
        .dir = filters->dir,
        .config = filters->config,
        .keys = filters->keys,
        .n_keys = filters->n_keys,
        .unverified = filters->unverified,
    };

    const struct nta_search_gate gate = nta_trace_gate(
        &(struct nta_trace_place){filters->dir, filters->config, filters->leaves_trace});
    const int r = nta_search_open(&options, ret_search, err);

    if (r == 0)
        nta_search_set_gate(*ret_search, &gate);
    return r;
}

int nta_filters_take(struct nta_filters *filters, int option, char *argument, struct nta_err *err)
{
    switch (option) {
    case 'S': filters->since = argument; return 0;
    case 'U': filters->until = argument; return 0;
    case 'd': filters->dir = argument; return 0;
    case 'c': filters->config = argument; return 0;
    case NTA_OPT_ON: filters->on = argument; return 0;
    case NTA_OPT_LAST: filters->last = argument; return 0;
    case NTA_OPT_UTC: return take_utc();
    case NTA_OPT_UNVERIFIED: filters->unverified = true; return 0;
    case NTA_OPT_QUIET: filters->quiet = true; return 0;
    case NTA_OPT_TRACE: filters->leaves_trace = true; return 0;
    case 'k': return take_key(filters, argument, err);
    default: return take_word(&filters->query, option, argument, err);
    }
}

int nta_options_time(const char *option, const char *text, int64_t now_ns,
                     struct nta_moment *ret_moment, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf taken = {0};
    int r = text ? nta_when(text, now_ns, ret_moment, err) : 0;

    if (r < 0)
        return nta_err_prefix(err, r, "%s", option);
    if (!ret_moment->is_missing)
        return 0;
    nta_put_local_time(&taken, ret_moment->earlier_ns);
    nta_buf_put_u8(&taken, 0);
    nta_prose_print(stderr,
                    "nta: %s: there was no such time, the clocks were set forward; taken as %s\n",
                    option, taken.failed ? "" : (const char *)taken.ptr);
    return 0;
}

/** --on and --last say begin and end by themselves. */
static int take_period(struct nta_filters *filters, int64_t now_ns, struct nta_err *err)
{
    int64_t window_ns[2];
    int r;

    if ((filters->on && filters->last) || filters->since || filters->until)
        return nta_err_set(err, -EINVAL, "%s says from when to when: not with --since, --until%s",
                           filters->on ? "--on" : "--last", filters->on ? " or --last" : "");
    r = filters->on ? nta_period(filters->on, now_ns, window_ns, err)
                    : nta_period_last(filters->last, now_ns, window_ns, err);
    if (r < 0)
        return nta_err_prefix(err, r, filters->on ? "--on" : "--last");
    filters->query.since_ns = window_ns[0];
    filters->query.until_ns = window_ns[1];
    return 0;
}

int nta_filters_finish(struct nta_filters *filters, int64_t now_ns, struct nta_err *err)
{
    struct nta_query *query = &filters->query;

    if (filters->on || filters->last)
        return take_period(filters, now_ns, err);
    struct nta_moment since = {.earlier_ns = query->since_ns},
                      until = {.later_ns = query->until_ns};
    int r = nta_options_time("--since", filters->since, now_ns, &since, err);

    if (r == 0)
        r = nta_options_time("--until", filters->until, now_ns, &until, err);
    if (r < 0)
        return r;
    query->since_ns = since.earlier_ns;
    query->until_ns = until.later_ns;
    if (query->since_ns && query->until_ns && query->since_ns >= query->until_ns)
        return nta_err_set(err, -EINVAL, "--until %.80s is not after --since %.80s", filters->until,
                           filters->since);
    return 0;
}

static double percent_of(const struct nta_search_state *state)
{
    double share = state->n_all ? (double)state->n_batches / (double)state->n_all : 0;

    return 100 * (share > 1 ? 1 : share);
}

void nta_filters_progress(const struct nta_search_state *state)
{
    nta_progress_show("%3.0f %%  %" PRIu64 " record%s looked at, %" PRIu64 " found",
                      percent_of(state), state->n_records, state->n_records == 1 ? "" : "s",
                      state->n_found);
}

int nta_filters_conclude(const struct nta_filters *filters, struct nta_search *search,
                         const struct nta_search_state *state, bool ends_so)
{
    NTA_AUTO(nta_buf_done) struct nta_buf up_to = {0};
    struct nta_proof_shown shown = {.n = 0};

    nta_progress_wipe();
    int status = nta_proof_conclude(search, filters->quiet, &shown);

    if (state->is_stopped && !ends_so) {
        if (state->at_ns)
            nta_put_local_time(&up_to, state->at_ns);
        nta_buf_put_u8(&up_to, 0);
        nta_prose_print(stderr,
                        "nta: stopped after %.0f %%%s%s: %" PRIu64 " records found so far\n",
                        percent_of(state), state->at_ns ? ", at " : "",
                        up_to.failed ? "" : (const char *)up_to.ptr, state->n_found);
        (void)fflush(NULL);
        (void)signal(SIGINT, SIG_DFL);
        nta_trace_end();
        (void)raise(SIGINT); /* so that a shell's loop ends, too */
    }
    return status;
}

void nta_filters_hint(const struct nta_filters *filters)
{
    const struct nta_query *query = &filters->query;
    char user[128];

    if (!query->user || query->user_is_addr || query->user_is_mac)
        return;
    (void)nta_text_escape_to(user, sizeof(user), nta_span_of(query->user));
    nta_prose_print(stdout,
                    "As records name users; by leases and logins that were told later: nta "
                    "incidents --user %s.  Who had which address: nta who %s.\n",
                    user, user);
}

void nta_filters_done(struct nta_filters *filters)
{
    nta_query_done(&filters->query);
}
