/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When ntad did not watch: what signs/gaps.h is to know of the pipeline, and what of that is kept
 * for the next start, sealed under state.key.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "inside.h"
#include "vault/seal/statebox.h"

#include <errno.h>
#include <string.h>

/** What points into it is borrowed from here. */
struct sight
{
    struct nta_gaps_look look;
    struct nta_gap blind[NTA_CONFIG_MAX];
    struct nta_losses_told losses;
    struct nta_record_log log;
    struct nta_record record;
};

static struct nta_statebox box_of(const struct nta_daemon *daemon)
{
    return (struct nta_statebox){
        .keys_dir = daemon->keys_dir, .state_dir = daemon->state_dir, .name = "untold.state"};
}

static uint64_t emit(void *owner, const struct nta_record *record)
{
    const struct nta_daemon *daemon = owner;

    return nta_pipeline_emit(daemon->pipeline, record);
}

static bool keep(void *owner, struct nta_span bytes)
{
    struct nta_daemon *daemon = owner;
    const struct nta_statebox box = box_of(daemon);
    struct nta_err err;
    const int r = nta_statebox_write(&box, bytes, &err);

    if (r < 0 && !daemon->is_untold_lost) /* once, not each second */
        nta_log_error("what is still to be told of losses and gaps is lost if ntad is killed: %s",
                      err.text);
    daemon->is_untold_lost = r < 0;
    return r == 0;
}

int nta_daemon_start_gaps(struct nta_daemon *daemon, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf kept = {0};
    const struct nta_statebox box = box_of(daemon);
    struct nta_err why;
    int r = nta_statebox_read(&box, &kept, &why);

    (void)err;
    if (r < 0 && r != -ENOENT)
        nta_log_warning("what the last run had still to tell of losses and gaps is lost: %s",
                        why.text);
    daemon->gaps.calls = (struct nta_gaps_calls){emit, keep, daemon};
    daemon->gaps.sealed_ns = nta_pipeline_sealed_before(daemon->pipeline);
    /* now: the interfaces are open, and not before was anything seen */
    r = nta_gaps_start(&daemon->gaps, daemon->store_path, nta_buf_span(&kept), nta_clock_wall_ns());
    if (r < 0)
        nta_log_error("%s/watch.state cannot be written: the next start will not know when this "
                      "one ended (%s)",
                      daemon->config->store.dir, strerror(-r));
    return 0;
}

/** Interfaces of which nothing can be seen now. */
static size_t find_blind(const struct nta_daemon *daemon, int64_t mono_ns,
                         struct nta_gap blind[NTA_CONFIG_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < daemon->config->capture.n_interfaces; i++) {
        const char *name = daemon->interfaces[i];
        struct nta_source_state state;

        nta_pipeline_get_source(daemon->pipeline, i, mono_ns, &state);
        if (state.sight == NTA_SIGHT_FINE || strlen(name) >= NTA_GAP_NAME_SIZE)
            continue;
        blind[n] = (struct nta_gap){.reason = nta_pipeline_gap_reason(state.sight),
                                    .from_ns = state.blind_since_ns};
        memcpy(blind[n++].interface, name, strlen(name));
    }
    return n;
}

/** The record that would be made of losses now; NULL: there are none. */
static const struct nta_record *find_losses(const struct nta_daemon *daemon, struct sight *sight)
{
    const struct nta_losses_told *losses = &sight->losses;

    nta_pipeline_peek_losses(daemon->pipeline, sight->look.wall_ns, &sight->losses);
    if (losses->n_losses + losses->n_blind == 0)
        return NULL;
    nta_losses_record(losses, &sight->log, &sight->record);
    return &sight->record;
}

static void look(const struct nta_daemon *daemon, struct sight *sight)
{
    struct nta_pipeline_stored stored;

    sight->look = (struct nta_gaps_look){
        .wall_ns = nta_clock_wall_ns(),
        .mono_ns = nta_clock_mono_ns(),
        .store_fails = nta_health_is(daemon->health, NTA_CAUSE_STORE),
        .n_unstored = nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECORD_DROP) +
                      nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECORD_LOST),
        .blind = sight->blind,
    };
    sight->look.n_blind = find_blind(daemon, sight->look.mono_ns, sight->blind);
    sight->look.losses = find_losses(daemon, sight);
    nta_pipeline_get_stored(daemon->pipeline, &stored); /* last: what is over was told by now */
    sight->look.stored_ns = stored.until_ns;
    sight->look.n_told = stored.n_emitted;
    sight->look.n_stored = stored.n_emitted_stored;
    sight->look.lost_from = stored.lost_from;
    sight->look.lost_to = stored.lost_to;
}

void nta_daemon_look_for_gaps(struct nta_daemon *daemon)
{
    struct sight sight;

    look(daemon, &sight);
    nta_gaps_look(&daemon->gaps, &sight.look);
}

void nta_daemon_stop_gaps(struct nta_daemon *daemon)
{
    struct sight sight;

    look(daemon, &sight);
    nta_gaps_stop(&daemon->gaps, &sight.look);
}

void nta_daemon_end_gaps(struct nta_daemon *daemon)
{
    struct sight sight;

    look(daemon, &sight);
    nta_gaps_end(&daemon->gaps, &sight.look);
}
