/* SPDX-License-Identifier: Apache-2.0 */
#include "view/gather.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "incidents/find.h"
#include "output/fail.h"
#include "output/term.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

bool nta_gather_interrupted(void)
{
    return interrupted != 0;
}

/** Progress on a terminal: not more often than an eye can follow. */
static void show_progress(void *owner, const struct nta_search_state *state)
{
    static int64_t last_ns;
    int64_t now_ns = nta_clock_mono_ns();

    (void)owner;
    if (now_ns - last_ns < NTA_NS_PER_S / 10)
        return;
    last_ns = now_ns;
    (void)fprintf(stderr, "\r\033[Kreading: %" PRIu64 " records, %.0f %%", state->n_records,
                  state->n_all ? 100.0 * (double)state->n_batches / (double)state->n_all : 0.0);
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct nta_gathered *gathered = owner;
    char id[NTA_FOUND_ID_SIZE];

    return nta_view_add(gathered->view, found->record, found->encoded, nta_found_id(found, id),
                        found->unverified != NULL, err);
}

int nta_gather(struct nta_filters *filters, struct nta_gathered *ret_gathered, struct nta_err *err)
{
    bool is_terminal = nta_prose_columns(stderr) > 0;
    const struct nta_search_options options = {
        .each = on_found,
        .owner = ret_gathered,
        .stop = &interrupted,
        .progress = is_terminal ? show_progress : NULL,
    };
    const struct nta_find_options find = {.stop = &interrupted, .quiet = !is_terminal};
    int r = nta_view_new(&ret_gathered->view, err);

    if (r == 0) {
        ret_gathered->view->outer_flows = nta_query_sums_outer_flows(&filters->query);
        ret_gathered->view->counting = nta_query_counting(&filters->query);
    }
    (void)signal(SIGINT, on_interrupt);
    (void)signal(SIGTERM, on_interrupt);
    nta_search_close(&ret_gathered->search);
    if (r == 0)
        r = nta_filters_open(filters, &ret_gathered->search, err);
    if (r == 0)
        r = nta_find_incidents(filters, ret_gathered->search, &find, &ret_gathered->view->incidents,
                               &ret_gathered->state, err);
    if (r == 0 && !ret_gathered->state.is_stopped)
        r = nta_search_each(ret_gathered->search, &filters->query, &options, &ret_gathered->state,
                            err);
    if (is_terminal)
        (void)fputs("\r\033[K", stderr);
    return r;
}

void nta_gather_print(const struct nta_gathered *gathered, const char *output)
{
    const struct nta_view_incidents sum = nta_view_count_incidents(gathered->view);

    (void)printf("%s: %" PRIu64 " records, %" PRIu64 " incidents (%" PRIu64
                 " with a download), %" PRIu64 " files\n",
                 output, gathered->view->all.base.n, sum.n, sum.n_downloads, sum.n_files);
    if (gathered->view->incidents)
        (void)nta_find_say_lacks(gathered->view->incidents);
}

void nta_gathered_done(struct nta_gathered *gathered)
{
    nta_view_free(&gathered->view);
    nta_search_close(&gathered->search);
}

int nta_gather_status(const struct nta_filters *filters, const struct nta_gathered *gathered)
{
    struct nta_proof_shown shown = {.n = 0};

    if (gathered->state.n_found == 0)
        (void)printf("%s  The file says so, too.\n", nta_proof_nothing(gathered->search));
    if (nta_view_lacks(gathered->view))
        nta_prose_print(stderr, "nta: %s\n", nta_view_lacks(gathered->view));
    (void)fflush(stdout);
    int status = nta_proof_conclude(gathered->search, filters->quiet, &shown);

    if (gathered->state.is_stopped)
        return nta_cmd_fail(NTA_EXIT_INPUT, "interrupted: later records are missing in it");
    return status;
}
