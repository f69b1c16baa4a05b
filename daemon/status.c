/* SPDX-License-Identifier: Apache-2.0 */
/* What `nta status` shows: for programs. */
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "memory.h"
#include "seen.h"
#include "status_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- JSON ---- */

static void json_ages(struct nta_status_seen *status, const char *path)
{
    const struct nta_list_ages ages = nta_daemon_list_ages(path);

    nta_buf_printf(status->out, ",\"age_seconds\":%" PRId64, ages.changed_ns / NTA_NS_PER_S);
    if (ages.checked_ns >= 0)
        nta_buf_printf(status->out, ",\"fetched_seconds\":%" PRId64,
                       ages.checked_ns / NTA_NS_PER_S);
}

/** What is wrong as sentences, then each cause that is on with its name. */
static void json_health(struct nta_status_seen *status)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const char *comma = "";
    char since[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(status->out, ",\"state\":\"%s\",\"reasons\":[",
                   nta_health_n_bad(status->health) ? "bad" : "good");
    for (size_t i = 0; i < NTA_N_CAUSES; i++) {
        if (!status->health[i].on || !nta_cause_infos[i].is_bad)
            continue;
        nta_buf_clear(&text);
        nta_health_put(&text, (enum nta_cause)i, &status->health[i]);
        nta_buf_puts(status->out, comma);
        nta_text_json_shown(status->out, nta_buf_span(&text));
        comma = ",";
    }
    nta_buf_puts(status->out, "],\"causes\":[");
    comma = "";
    for (size_t i = 0; i < NTA_N_CAUSES; i++) {
        if (!status->health[i].on)
            continue;
        nta_buf_printf(status->out,
                       "%s{\"name\":\"%s\",\"level\":\"%s\",\"since\":\"%s\",\"detail\":", comma,
                       nta_cause_infos[i].name, nta_cause_infos[i].is_bad ? "bad" : "warning",
                       nta_clock_text(status->health[i].since_wall_ns, since));
        nta_text_json_shown(status->out, nta_span_of(status->health[i].detail));
        nta_buf_puts(status->out, "}");
        comma = ",";
    }
    nta_buf_puts(status->out, "]");
}

static void json_sight(struct nta_status_seen *status)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sentences = {0};
    size_t n = nta_seen_hints(status, &sentences);
    struct nta_span rest = nta_buf_span(&sentences);
    const struct nta_worst_second *worst_second = &status->state.worst_second;
    char when[NTA_TIME_TEXT_SIZE];

    if (worst_second->wall_ns)
        nta_buf_printf(
            status->out,
            ",\"worst_second\":{\"time\":\"%s\",\"lost\":%" PRIu64 ",\"received\":%" PRIu64 "}",
            nta_clock_text(worst_second->wall_ns, when), worst_second->lost, worst_second->seen);
    nta_buf_puts(status->out, ",\"hints\":[");
    for (size_t i = 0; i < n && !sentences.failed; i++) {
        nta_buf_puts(status->out, i ? "," : "");
        nta_text_json(status->out, nta_span_take(&rest, '\n'));
    }
    nta_buf_puts(status->out, "]");
}

static void json_unknown(void *owner, const char *kind, uint32_t number, uint64_t n)
{
    struct nta_status_seen *status = owner;

    nta_buf_printf(status->out, "%s{\"kind\":\"%s\",\"number\":%u,\"packets\":%" PRIu64 "}",
                   status->n++ ? "," : "", kind, number, n);
}

static void json_lists(struct nta_status_seen *status)
{
    bool any = false;

    nta_buf_puts(status->out, ",\"lists\":[");
    for (size_t i = 0; i < nta_blacklist_n_lists(status->policy->lists); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(status->policy->lists, i);

        if (list->internal)
            continue;
        nta_buf_puts(status->out, any ? ",{\"name\":" : "{\"name\":");
        any = true;
        nta_text_json(status->out, nta_span_of(list->name));
        nta_buf_printf(status->out, ",\"entries\":%" PRIu64 ",\"allow\":%s", nta_seen_entries(list),
                       list->allow ? "true" : "false");
        json_ages(status, list->path);
        nta_buf_puts(status->out, ",\"sha256\":\"");
        nta_buf_put_hex(status->out, list->sha256, sizeof(list->sha256));
        nta_buf_puts(status->out, "\"}");
    }
    nta_buf_puts(status->out, "]");
}

/** How the packets of an interface are parted among the threads that read it. */
static void json_threads(struct nta_status_seen *status, size_t interface)
{
    const size_t n = status->state.n_sources / status->state.n_interfaces;

    nta_buf_puts(status->out, ",\"threads\":[");
    for (size_t i = 0; i < n; i++)
        nta_buf_printf(status->out, "%s%" PRIu64, i ? "," : "",
                       nta_pipeline_received(status->daemon->pipeline, interface * n + i));
    nta_buf_puts(status->out, "]}");
}

/** Each interface, and what was lost by place. */
static void json_losses(struct nta_status_seen *status)
{
    char when[NTA_TIME_TEXT_SIZE];
    size_t n = 0;

    nta_buf_puts(status->out, ",\"interfaces\":[");
    for (size_t i = 0; i < status->n_sources; i++) {
        const struct nta_rate *rate = &status->daemon->rates[i];
        const struct nta_source_state *source = &rate->last;

        nta_buf_puts(status->out, i ? ",{\"name\":" : "{\"name\":");
        nta_text_json(status->out, nta_span_of(status->daemon->sources[i].interface));
        nta_buf_printf(
            status->out,
            ",\"sight\":\"%s\",\"blind_seconds\":%.3f,\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64
            ",\"lost\":%" PRIu64 ",\"packets_per_second\":%.1f,\"bits_per_second\":%.0f",
            nta_seen_sight(source->sight), (double)source->blind_ns / NTA_NS_PER_S,
            source->received, source->bytes, nta_rate_lost(source), rate->packets_s, rate->bits_s);
        json_threads(status, i);
    }
    nta_buf_puts(status->out, "],\"lost\":[");
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        const struct nta_counter_info *info = &nta_counter_infos[i];
        const struct nta_worst_loss *worst = &status->state.worst_losses[i];

        if (info->place == NTA_LOST_NONE || !nta_seen_counted(status, i))
            continue;
        nta_buf_printf(status->out,
                       "%s{\"place\":\"%s\",\"counter\":\"%s\",\"unit\":\"%s\",\"n\":%" PRIu64,
                       n++ ? "," : "", nta_loss_place_infos[info->place].name, info->name,
                       info->unit, nta_seen_counted(status, i));
        if (worst->n)
            nta_buf_printf(status->out, ",\"worst_second\":{\"time\":\"%s\",\"n\":%" PRIu64 "}",
                           nta_clock_text(worst->wall_ns, when), worst->n);
        nta_buf_puts(status->out, "}");
    }
    nta_buf_puts(status->out, "]");
}

/** What memory may come to, by what takes it. */
static void json_bounds(struct nta_status_seen *status)
{
    const struct nta_bounds *bounds = nta_pipeline_bounds(status->daemon->pipeline);

    nta_buf_printf(status->out,
                   ",\"memory\":{\"limit\":%" PRIu64 ",\"bounds\":%" PRIu64
                   ",\"share\":%.3f,\"parts\":{",
                   bounds->limit, bounds->sum, bounds->share);
    for (unsigned i = 0; i < NTA_N_BOUNDS_ROWS; i++)
        nta_buf_printf(status->out, "%s\"%s\":%" PRIu64, i ? "," : "",
                       nta_bounds_row_name((enum nta_bounds_row)i), bounds->bytes[i]);
    nta_buf_puts(status->out, "}}");
}

/** Packets of each worker. */
static void json_workers(struct nta_status_seen *status)
{
    nta_buf_puts(status->out, ",\"worked\":[");
    for (size_t i = 0; i < status->state.n_workers; i++)
        nta_buf_printf(status->out, "%s%" PRIu64, i ? "," : "",
                       nta_pipeline_worked(status->daemon->pipeline, i));
    nta_buf_puts(status->out, "]");
}

/** Flows, memory, and when the last alert was raised. */
static void json_now(struct nta_status_seen *status)
{
    const int64_t alert_ns = status->daemon->alert_wall_ns;
    char when[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(status->out, ",\"flows\":%" PRIu64 ",\"memory_bytes\":%" PRIu64,
                   nta_seen_flows(status), status->memory_bytes);
    json_workers(status);
    json_bounds(status);
    if (alert_ns)
        nta_buf_printf(status->out, ",\"last_alert\":\"%s\"", nta_clock_text(alert_ns, when));
}

static void json_status(struct nta_status_seen *status)
{
    const struct nta_daemon *daemon = status->daemon;
    char since[NTA_TIME_TEXT_SIZE], loaded[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(status->out,
                   "{\"started\":\"%s\",\"workers\":%zu,\"policy\":{\"generation\":%" PRIu64
                   ",\"since\":\"%s\",\"reloads\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"error\":",
                   nta_clock_text(daemon->started_wall_ns, since), status->state.n_workers,
                   status->policy->generation, nta_clock_text(daemon->policy_wall_ns, loaded),
                   daemon->n_reloads, daemon->n_reloads_refused);
    nta_text_json(status->out, nta_span_of(daemon->reload_err.text));
    nta_buf_puts(status->out, "}");
    json_health(status);
    json_losses(status);
    json_now(status);
    if (daemon->canary.name[0])
        nta_buf_printf(status->out, ",\"canary\":{\"found\":%s,\"last\":%s%s%s}",
                       daemon->canary.found_wall_ns && !daemon->canary.bad ? "true" : "false",
                       daemon->canary.found_wall_ns ? "\"" : "",
                       daemon->canary.found_wall_ns
                           ? nta_clock_text(daemon->canary.found_wall_ns, since)
                           : "null",
                       daemon->canary.found_wall_ns ? "\"" : "");
    json_lists(status);
    nta_buf_printf(status->out, ",\"last_batch\":%" PRIu64, status->state.last_batch);
    if (status->state.ships)
        nta_buf_printf(status->out, ",\"mysql\":{\"connected\":%s,\"lag_s\":%" PRId64 "}",
                       status->state.connected ? "true" : "false",
                       status->state.lag_ns / NTA_NS_PER_S);
    nta_buf_puts(status->out, ",\"counters\":{");
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++)
        nta_buf_printf(status->out, "%s\"%s\":%" PRIu64, i ? "," : "", nta_counter_infos[i].name,
                       nta_seen_counted(status, i));
    nta_buf_puts(status->out, "},\"unknown\":[");
    nta_pipeline_each_unknown(daemon->pipeline, json_unknown, status);
    nta_buf_puts(status->out, "]");
    json_sight(status);
    nta_buf_puts(status->out, "}\n");
}

/* ---- Prometheus' text format ---- */

static void prometheus_name(struct nta_buf *out, const char *name)
{
    nta_buf_puts(out, "nta_");
    for (; *name; name++)
        nta_buf_put_u8(out, *name == '.' ? '_' : (uint8_t)*name);
    nta_buf_puts(out, "_total");
}

static void prometheus_unknown(void *owner, const char *kind, uint32_t number, uint64_t n)
{
    struct nta_status_seen *status = owner;

    nta_buf_printf(status->out,
                   "nta_unknown_packets_total{kind=\"%s\",number=\"0x%04x\"} %" PRIu64 "\n", kind,
                   number, n);
}

/** Numbers not understood, and the worst second. */
static void prometheus_sight(struct nta_status_seen *status)
{
    const struct nta_worst_second *worst_second = &status->state.worst_second;

    nta_buf_puts(status->out,
                 "# HELP nta_unknown_packets_total packets with a layer we do not know, by number\n"
                 "# TYPE nta_unknown_packets_total counter\n");
    nta_pipeline_each_unknown(status->daemon->pipeline, prometheus_unknown, status);
    nta_buf_printf(
        status->out,
        "# HELP nta_worst_second_lost_ratio largest share of packets lost in one second\n"
        "# TYPE nta_worst_second_lost_ratio gauge\nnta_worst_second_lost_ratio %.4f\n",
        worst_second->wall_ns
            ? (double)worst_second->lost / (double)(worst_second->lost + worst_second->seen)
            : 0.0);
}

static void prometheus_health(struct nta_status_seen *status)
{
    nta_buf_printf(status->out,
                   "# HELP nta_healthy 1: nothing is wrong that ntad knows of\n"
                   "# TYPE nta_healthy gauge\nnta_healthy %d\n"
                   "# HELP nta_cause 1: this is wrong now\n# TYPE nta_cause gauge\n",
                   nta_health_n_bad(status->health) == 0);
    for (size_t i = 0; i < NTA_N_CAUSES; i++)
        nta_buf_printf(status->out, "nta_cause{name=\"%s\"} %d\n", nta_cause_infos[i].name,
                       status->health[i].on);
    nta_buf_puts(status->out,
                 "# HELP nta_cause_since_seconds since when it is as it is; 0: since the start\n"
                 "# TYPE nta_cause_since_seconds gauge\n");
    for (size_t i = 0; i < NTA_N_CAUSES; i++)
        nta_buf_printf(status->out, "nta_cause_since_seconds{name=\"%s\"} %" PRId64 "\n",
                       nta_cause_infos[i].name, status->health[i].since_wall_ns / NTA_NS_PER_S);
}

static void prometheus_workers(struct nta_status_seen *status)
{
    nta_buf_puts(status->out, "# HELP nta_worked_packets_total packets given to each worker\n"
                              "# TYPE nta_worked_packets_total counter\n");
    for (size_t i = 0; i < status->state.n_workers; i++)
        nta_buf_printf(status->out, "nta_worked_packets_total{worker=\"%zu\"} %" PRIu64 "\n", i,
                       nta_pipeline_worked(status->daemon->pipeline, i));
}

static void prometheus_status(struct nta_status_seen *status)
{
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        nta_buf_puts(status->out, "# HELP ");
        prometheus_name(status->out, nta_counter_infos[i].name);
        nta_buf_printf(status->out, " %s (%s)\n# TYPE ", nta_counter_infos[i].help,
                       nta_counter_infos[i].unit);
        prometheus_name(status->out, nta_counter_infos[i].name);
        nta_buf_puts(status->out, " counter\n");
        prometheus_name(status->out, nta_counter_infos[i].name);
        nta_buf_printf(status->out, " %" PRIu64 "\n", nta_seen_counted(status, i));
    }
    prometheus_workers(status);
    prometheus_sight(status);
    prometheus_health(status);
    nta_daemon_put_list_gauges(status->policy, status->out);
    if (status->daemon->canary.name[0])
        nta_buf_printf(status->out,
                       "# HELP nta_canary_found 1: the canary was found by each worker\n"
                       "# TYPE nta_canary_found gauge\nnta_canary_found %d\n"
                       "# HELP nta_canary_last_found_seconds when, since 1970\n"
                       "# TYPE nta_canary_last_found_seconds gauge\n"
                       "nta_canary_last_found_seconds %" PRId64 "\n",
                       status->daemon->canary.found_wall_ns && !status->daemon->canary.bad,
                       status->daemon->canary.found_wall_ns / NTA_NS_PER_S);
    nta_buf_printf(status->out,
                   "# HELP nta_policy_generation number of the policy in force\n"
                   "# TYPE nta_policy_generation gauge\nnta_policy_generation %" PRIu64
                   "\n# HELP nta_reload_refused_total reloads that were refused\n"
                   "# TYPE nta_reload_refused_total counter\nnta_reload_refused_total %" PRIu64
                   "\n# HELP nta_last_batch number of the newest batch\n"
                   "# TYPE nta_last_batch gauge\nnta_last_batch %" PRIu64 "\n",
                   status->policy->generation, status->daemon->n_reloads_refused,
                   status->state.last_batch);
    if (status->state.ships)
        nta_buf_printf(status->out,
                       "# HELP nta_mysql_connected 1: MySQL takes batches\n"
                       "# TYPE nta_mysql_connected gauge\nnta_mysql_connected %d\n"
                       "# HELP nta_mysql_lag_seconds age of the oldest batch not there\n"
                       "# TYPE nta_mysql_lag_seconds gauge\nnta_mysql_lag_seconds %" PRId64 "\n",
                       status->state.connected, status->state.lag_ns / NTA_NS_PER_S);
}

bool nta_daemon_status(struct nta_daemon *daemon, struct nta_buf forms[NTA_N_STATUS_FORMS])
{
    static void (*const put[NTA_N_STATUS_FORMS])(struct nta_status_seen * status) = {
        [NTA_STATUS_TEXT] = nta_status_text,
        [NTA_STATUS_COUNTERS] = nta_status_counters,
        [NTA_STATUS_JSON] = json_status,
        [NTA_STATUS_PROMETHEUS] = prometheus_status,
    };
    struct nta_status_seen status = {
        .daemon = daemon,
        .policy = nta_pipeline_policy(daemon->pipeline),
        .memory_bytes = nta_memory_resident(),
    };

    nta_daemon_look(daemon);
    (void)nta_health_get(daemon->health, status.health);
    nta_pipeline_get_state(daemon->pipeline, nta_clock_wall_ns(), &status.state);
    status.n_sources = status.state.n_interfaces;
    for (size_t form = 0; form < NTA_N_STATUS_FORMS; form++) {
        status.out = &forms[form];
        status.n = 0;
        put[form](&status);
    }
    return nta_health_n_bad(status.health) == 0;
}
