/* SPDX-License-Identifier: Apache-2.0 */
/* What the log and systemd are told of the causes. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "config/where.h"
#include "inside.h"
#include "seen.h"

#include <inttypes.h>
#include <stdio.h>

enum
{
    LINE_SIZE = 1024,
    SPAN_SIZE = 32,
    INTERFACE_SHOWN_SIZE = 64,
    CAUSES_SIZE = 2048 ///< systemd passes over what is longer than 4,096.
};

/** "12 s", "4 min", "3 h", "2 days". */
static const char *span_text(int64_t ns, char text[SPAN_SIZE])
{
    static const struct
    {
        int64_t s;
        const char *unit;
    } units[] = {{86400, "days"}, {3600, "h"}, {60, "min"}};

    int64_t s = ns / NTA_NS_PER_S;

    for (size_t i = 0; i < NTA_N_ELEMENTS(units); i++) {
        if (s >= 2 * units[i].s) {
            (void)snprintf(text, SPAN_SIZE, "%" PRId64 " %s", s / units[i].s, units[i].unit);
            return text;
        }
    }
    (void)snprintf(text, SPAN_SIZE, "%" PRId64 " s", s);
    return text;
}

/** Under a MESSAGE_ID of its own where there is a journal. */
static void notice(const struct nta_daemon *daemon, enum nta_notice what, enum nta_cause cause,
                   const char *text)
{
    enum nta_log_level level = what == NTA_NOTICE_WELL || what == NTA_NOTICE_CANARY_FOUND
                                   ? NTA_LOG_NOTICE
                               : what == NTA_NOTICE_WARN ? NTA_LOG_WARNING
                                                         : NTA_LOG_ERROR;

    if (daemon->under_systemd && !daemon->foreground)
        nta_alert_notice(what, nta_cause_infos[cause].name, text);
    else
        nta_log(level, "%s", text);
}

static void log_on(const struct nta_daemon *daemon, enum nta_cause cause,
                   const struct nta_health_state *state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    enum nta_notice what = cause == NTA_CAUSE_CANARY       ? NTA_NOTICE_CANARY_LOST
                           : nta_cause_infos[cause].is_bad ? NTA_NOTICE_BAD
                                                           : NTA_NOTICE_WARN;

    nta_health_put(&text, cause, state);
    nta_buf_put_u8(&text, '\0');
    if (!text.failed)
        notice(daemon, what, cause, (const char *)text.ptr);
}

static void log_off(const struct nta_daemon *daemon, enum nta_cause cause,
                    const struct nta_health_state *state)
{
    char text[LINE_SIZE], span[SPAN_SIZE];

    (void)span_text(state->lasted_ns, span);
    if (cause == NTA_CAUSE_CANARY)
        (void)snprintf(text, sizeof(text), "the canary is found again, after %s", span);
    else
        (void)snprintf(text, sizeof(text), "again well, after %s: no more \"%s\"", span,
                       nta_cause_infos[cause].sentence);
    notice(daemon, cause == NTA_CAUSE_CANARY ? NTA_NOTICE_CANARY_FOUND : NTA_NOTICE_WELL, cause,
           text);
}

void nta_daemon_log_health(struct nta_daemon *daemon)
{
    struct nta_health_state states[NTA_N_CAUSES];

    (void)nta_health_get(daemon->health, states);
    for (size_t i = 0; i < NTA_N_CAUSES; i++) {
        const struct nta_health_state *state = &states[i];
        struct nta_health_logged *logged = &daemon->logged[i];
        /* once more since, or about other things than it was */
        bool anew =
            state->n_times != logged->n_times ||
            (state->on && nta_cause_infos[i].has_items && state->n_details != logged->n_details);

        if (anew)
            log_on(daemon, (enum nta_cause)i, state);
        if (!state->on && (logged->on || anew))
            log_off(daemon, (enum nta_cause)i, state);
        *logged = (struct nta_health_logged){state->on, state->n_times, state->n_details};
    }
}

static uint64_t count_lost(const struct nta_daemon *daemon)
{
    static const enum nta_counter losses[] = {NTA_COUNTER_DROP_KERNEL, NTA_COUNTER_DROP_INTERFACE,
                                              NTA_COUNTER_DROP_RING, NTA_COUNTER_RECORD_DROP};

    uint64_t n = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(losses); i++)
        n += nta_pipeline_counted(daemon->pipeline, losses[i]);
    return n;
}

/** Where packets come from and records go: "; eth0 up, and 2 more; batch 17; MySQL connected". */
static void put_places(const struct nta_daemon *daemon, struct nta_buf *out)
{
    const size_t n_interfaces = daemon->config->capture.n_interfaces;
    struct nta_pipeline_state state;
    struct nta_source_state source;
    char name[NTA_INTERFACE_SIZE], shown[INTERFACE_SHOWN_SIZE];
    const char *filter;
    struct nta_err err;

    /* without its filter, which may be long */
    if (n_interfaces > 0 && nta_config_get_interface(daemon->config, 0, name, &filter, &err) == 0) {
        nta_pipeline_get_source(daemon->pipeline, 0, nta_clock_mono_ns(), &source);
        nta_buf_printf(out, "; %s %s", nta_text_escape_to(shown, sizeof(shown), nta_span_of(name)),
                       nta_seen_sight(source.sight));
    }
    if (n_interfaces > 1)
        nta_buf_printf(out, ", and %zu more", n_interfaces - 1);
    nta_pipeline_get_state(daemon->pipeline, nta_clock_wall_ns(), &state);
    nta_buf_printf(out, "; batch %" PRIu64, state.last_batch);
    if (state.ships)
        nta_buf_puts(out, state.connected ? "; MySQL connected" : "; MySQL NOT CONNECTED");
}

void nta_daemon_put_line(const struct nta_daemon *daemon, struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf causes = {0};
    struct nta_health_state states[NTA_N_CAUSES];
    char shown[CAUSES_SIZE];

    (void)nta_health_get(daemon->health, states);
    for (size_t i = 0; i < NTA_N_CAUSES; i++) {
        if (!states[i].on || !nta_cause_infos[i].is_bad)
            continue;
        nta_buf_puts(&causes, causes.len ? "; " : "BAD: ");
        nta_health_put(&causes, (enum nta_cause)i, &states[i]);
    }
    nta_buf_puts(out, nta_text_guard_to(shown, sizeof(shown), nta_buf_span(&causes)));
    nta_buf_printf(
        out, "%s%" PRIu64 " packets, %" PRIu64 " lost, %" PRIu64 " alerts, policy %" PRIu64,
        causes.len ? "; " : "", nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECEIVED),
        count_lost(daemon), nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_ALERTS),
        nta_pipeline_policy(daemon->pipeline)->generation);
    put_places(daemon, out);
}
