/* SPDX-License-Identifier: Apache-2.0 */
/* What `nta status` shows, in three forms made from the same rows. */
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "inside.h"
#include "pipeline/diagnosis.h"

#include <inttypes.h>
#include <string.h>

struct status
{
    const struct nta_daemon *daemon;
    const struct nta_policy *policy;
    struct nta_pipeline_state state;
    struct nta_health_state health[NTA_N_CAUSES];
    int64_t now_ns;
    struct nta_buf *out;
    size_t n; ///< Rows written so far in a JSON list.
};

static uint64_t n_entries(const struct nta_list_report *list)
{
    return nta_list_report_entries(list) - list->n_duplicates;
}

static uint64_t counted(const struct status *status, unsigned i)
{
    return nta_pipeline_counted(status->daemon->pipeline, (enum nta_counter)i);
}

/* ---- text ---- */

/** "5 min", "3 h", "12 days". */
static void put_age(struct nta_buf *out, int64_t age_ns)
{
    const int64_t minutes = age_ns / (60 * NTA_NS_PER_S), hours = minutes / 60;

    if (hours < 2)
        nta_buf_printf(out, "%" PRId64 " min", minutes);
    else if (hours < 48)
        nta_buf_printf(out, "%" PRId64 " h", hours);
    else
        nta_buf_printf(out, "%" PRId64 " days", hours / 24);
}

/** How old a file is, and when it was fetched or found unchanged last. */
static void text_ages(struct status *status, const char *path)
{
    const struct nta_list_ages ages = nta_daemon_list_ages(path);

    nta_buf_puts(status->out, ", ");
    put_age(status->out, ages.changed_ns);
    nta_buf_puts(status->out, " old");
    if (ages.checked_ns < 0)
        return;
    nta_buf_puts(status->out, ", last fetched well ");
    put_age(status->out, ages.checked_ns);
    nta_buf_puts(status->out, " ago");
}

static void json_ages(struct status *status, const char *path)
{
    const struct nta_list_ages ages = nta_daemon_list_ages(path);

    nta_buf_printf(status->out, ",\"age_seconds\":%" PRId64, ages.changed_ns / NTA_NS_PER_S);
    if (ages.checked_ns >= 0)
        nta_buf_printf(status->out, ",\"fetched_seconds\":%" PRId64,
                       ages.checked_ns / NTA_NS_PER_S);
}

static void text_unknown(void *owner, const char *kind, uint32_t number, uint64_t n)
{
    struct status *status = owner;

    nta_buf_printf(status->out, "unknown    %s %u (0x%04x): %" PRIu64 " packets\n", kind, number,
                   number, n);
}

static void text_lists(struct status *status)
{
    for (size_t i = 0; i < nta_blacklist_n_lists(status->policy->lists); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(status->policy->lists, i);

        if (list->internal)
            continue;
        nta_buf_puts(status->out, "list       ");
        nta_text_escape(status->out, nta_span_of(list->name));
        nta_buf_printf(status->out, ": %" PRIu64 " entries%s", n_entries(list),
                       list->allow ? " (allow)" : "");
        text_ages(status, list->path);
        nta_buf_puts(status->out, "\n");
    }
    for (size_t i = 0; i < nta_geo_n_files(status->policy->geo); i++) {
        struct nta_geo_info info;
        char built[NTA_TIME_TEXT_SIZE];

        nta_geo_get_info(status->policy->geo, i, &info);
        nta_buf_puts(status->out, "geo        ");
        nta_text_escape(status->out, nta_span_of(info.path));
        nta_buf_puts(status->out, ": ");
        nta_text_escape(status->out, nta_span_of(info.type));
        nta_buf_printf(status->out, " of %.10s", nta_clock_text(info.built_wall_ns, built));
        text_ages(status, info.path);
        nta_buf_puts(status->out, "\n");
    }
}

static uint64_t of_pipeline(const void *pipeline, enum nta_counter which)
{
    return nta_pipeline_counted(pipeline, which);
}

/** What the capture does not see, and what could be done. */
static void text_sight(struct status *status)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sentences = {0};
    size_t n = nta_diagnose(of_pipeline, status->daemon->pipeline, &sentences);
    struct nta_span rest = nta_buf_span(&sentences);
    const struct nta_worst_second *worst_second = &status->state.worst_second;
    char when[NTA_TIME_TEXT_SIZE];

    if (worst_second->wall_ns)
        nta_buf_printf(status->out,
                       "worst      %.1f %% lost in the second before %s (%" PRIu64 " of %" PRIu64
                       " packets)\n",
                       100.0 * (double)worst_second->lost /
                           (double)(worst_second->lost + worst_second->seen),
                       nta_clock_text(worst_second->wall_ns, when), worst_second->lost,
                       worst_second->lost + worst_second->seen);
    for (; n > 0 && !sentences.failed; n--) {
        struct nta_span line = nta_span_take(&rest, '\n');

        nta_buf_printf(status->out, "hint       %.*s\n", (int)line.len, (const char *)line.ptr);
    }
}

/** "good", or a line for each thing that is not; then warnings. */
static void text_health(struct status *status)
{
    char since[NTA_TIME_TEXT_SIZE];

    if (nta_health_n_bad(status->health) == 0)
        nta_buf_puts(status->out, "state      good\n");
    for (int bad = 1; bad >= 0; bad--) {
        for (size_t i = 0; i < NTA_N_CAUSES; i++) {
            if (!status->health[i].on || nta_cause_infos[i].is_bad != bad)
                continue;
            nta_buf_puts(status->out, bad ? "state      BAD: " : "warning    ");
            nta_health_put(status->out, (enum nta_cause)i, &status->health[i]);
            nta_buf_printf(status->out, ", since %.19sZ\n",
                           nta_clock_text(status->health[i].since_wall_ns, since));
        }
    }
}

static void text_canary(struct status *status)
{
    const struct nta_canary *canary = &status->daemon->canary;
    char found[NTA_TIME_TEXT_SIZE];

    if (!canary->name[0])
        nta_buf_puts(status->out, "canary     off\n");
    else if (!canary->found_wall_ns)
        nta_buf_puts(status->out, "canary     not found yet\n");
    else
        nta_buf_printf(status->out, "canary     %s, last found %s\n",
                       canary->bad ? "NOT FOUND" : "found",
                       nta_clock_text(canary->found_wall_ns, found));
}

static void text_status(struct status *status)
{
    const struct nta_daemon *daemon = status->daemon;
    char since[NTA_TIME_TEXT_SIZE], loaded[NTA_TIME_TEXT_SIZE];

    text_health(status);
    nta_buf_printf(status->out, "running    since %s, %zu worker%s\n",
                   nta_clock_text(daemon->started_wall_ns, since), status->state.n_workers,
                   status->state.n_workers == 1 ? "" : "s");
    nta_buf_printf(status->out, "policy     %" PRIu64 ", in force since %s\n",
                   status->policy->generation, nta_clock_text(daemon->policy_wall_ns, loaded));
    text_canary(status);
    text_lists(status);
    nta_buf_printf(status->out, "store      last batch %" PRIu64 "\n", status->state.last_batch);
    if (status->state.ships)
        nta_buf_printf(status->out,
                       "mysql      %s, oldest batch not shipped is %" PRId64 " s old\n",
                       status->state.connected ? "connected" : "NOT CONNECTED",
                       status->state.lag_ns / NTA_NS_PER_S);
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        if (counted(status, i))
            nta_buf_printf(status->out, "%-26s %14" PRIu64 " %-9s %s\n", nta_counter_infos[i].name,
                           counted(status, i), nta_counter_infos[i].unit,
                           nta_counter_infos[i].help);
    }
    nta_pipeline_each_unknown(daemon->pipeline, text_unknown, status);
    text_sight(status);
}

/* ---- JSON ---- */

/** What is wrong as sentences, then each cause that is on with its name. */
static void json_health(struct status *status)
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

static void json_sight(struct status *status)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sentences = {0};
    size_t n = nta_diagnose(of_pipeline, status->daemon->pipeline, &sentences);
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
    struct status *status = owner;

    nta_buf_printf(status->out, "%s{\"kind\":\"%s\",\"number\":%u,\"packets\":%" PRIu64 "}",
                   status->n++ ? "," : "", kind, number, n);
}

static void json_lists(struct status *status)
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
        nta_buf_printf(status->out, ",\"entries\":%" PRIu64 ",\"allow\":%s", n_entries(list),
                       list->allow ? "true" : "false");
        json_ages(status, list->path);
        nta_buf_puts(status->out, ",\"sha256\":\"");
        nta_buf_put_hex(status->out, list->sha256, sizeof(list->sha256));
        nta_buf_puts(status->out, "\"}");
    }
    nta_buf_puts(status->out, "]");
}

static void json_status(struct status *status)
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
                       counted(status, i));
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
    struct status *status = owner;

    nta_buf_printf(status->out,
                   "nta_unknown_packets_total{kind=\"%s\",number=\"0x%04x\"} %" PRIu64 "\n", kind,
                   number, n);
}

/** Numbers not understood, and the worst second. */
static void prometheus_sight(struct status *status)
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

static void prometheus_health(struct status *status)
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

static void prometheus_status(struct status *status)
{
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        nta_buf_puts(status->out, "# HELP ");
        prometheus_name(status->out, nta_counter_infos[i].name);
        nta_buf_printf(status->out, " %s (%s)\n# TYPE ", nta_counter_infos[i].help,
                       nta_counter_infos[i].unit);
        prometheus_name(status->out, nta_counter_infos[i].name);
        nta_buf_puts(status->out, " counter\n");
        prometheus_name(status->out, nta_counter_infos[i].name);
        nta_buf_printf(status->out, " %" PRIu64 "\n", counted(status, i));
    }
    prometheus_sight(status);
    prometheus_health(status);
    nta_daemon_put_list_gauges(status->policy, status->out);
    if (status->daemon->canary.name[0])
        nta_buf_printf(status->out,
                       "# HELP nta_canary_found 1: the canary was found by each worker\n"
                       "# TYPE nta_canary_found gauge\nnta_canary_found %d\n"
                       "# TYPE nta_canary_last_found_seconds gauge\n"
                       "nta_canary_last_found_seconds %" PRId64 "\n",
                       status->daemon->canary.found_wall_ns && !status->daemon->canary.bad,
                       status->daemon->canary.found_wall_ns / NTA_NS_PER_S);
    nta_buf_printf(status->out,
                   "# TYPE nta_policy_generation gauge\nnta_policy_generation %" PRIu64
                   "\n# TYPE nta_reload_refused_total counter\nnta_reload_refused_total %" PRIu64
                   "\n# TYPE nta_last_batch gauge\nnta_last_batch %" PRIu64 "\n",
                   status->policy->generation, status->daemon->n_reloads_refused,
                   status->state.last_batch);
    if (status->state.ships)
        nta_buf_printf(status->out,
                       "# TYPE nta_mysql_connected gauge\nnta_mysql_connected %d\n"
                       "# TYPE nta_mysql_lag_seconds gauge\nnta_mysql_lag_seconds %" PRId64 "\n",
                       status->state.connected, status->state.lag_ns / NTA_NS_PER_S);
}

bool nta_daemon_status(struct nta_daemon *daemon, enum nta_status_form form, struct nta_buf *out)
{
    struct status status = {
        .daemon = daemon,
        .policy = nta_pipeline_policy(daemon->pipeline),
        .now_ns = nta_clock_wall_ns(),
        .out = out,
    };

    nta_daemon_look(daemon);
    (void)nta_health_get(daemon->health, status.health);
    nta_pipeline_get_state(daemon->pipeline, status.now_ns, &status.state);
    switch (form) {
    case NTA_STATUS_TEXT: text_status(&status); break;
    case NTA_STATUS_JSON: json_status(&status); break;
    case NTA_STATUS_PROMETHEUS: prometheus_status(&status); break;
    }
    return nta_health_n_bad(status.health) == 0;
}
