/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is all well?  What main looks at itself; what the recorder, the alerter and the shipper see, they
 * set themselves.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "inside.h"
#include "policy/lists.h"
#include "signs/look.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

enum
{
    SHOWN_SIZE = 256,
    CLOCK_TRIES = 5
};

#define BEHIND_NS (300 * NTA_NS_PER_S)
#define APART_NS  (10 * NTA_NS_PER_MS)

/** Several things under one cause: "a, b". */
struct items
{
    char text[NTA_HEALTH_DETAIL_SIZE];
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct items *items, const char *format, ...)
{
    va_list args;
    size_t space;
    int n;

    if (items->len > 0 && items->len < sizeof(items->text) - 2)
        items->len += (size_t)snprintf(items->text + items->len, 3, ", ");
    space = sizeof(items->text) - items->len;
    va_start(args, format);
    n = vsnprintf(items->text + items->len, space, format, args);
    va_end(args);
    items->len += n < 0 ? 0 : (size_t)n < space ? (size_t)n : space - 1;
}

static void set(const struct nta_daemon *daemon, enum nta_cause cause, const struct items *items)
{
    nta_health_set(daemon->health, cause, items->len ? items->text : NULL);
}

/* ---- lists ---- */

/** How long ago a file was changed last; -1 if it is not there. */
static int64_t changed_ns(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return -1;
    int64_t age = nta_clock_wall_ns() - (st.st_mtim.tv_sec * NTA_NS_PER_S + st.st_mtim.tv_nsec);

    return age > 0 ? age : 0;
}

/** Of a list's file; 0 if it is not there (a reload will say so). */
static int64_t age_ns(const struct nta_list_report *list)
{
    const int64_t age = changed_ns(list->path);

    return age > 0 ? age : 0;
}

struct nta_list_ages nta_daemon_list_ages(const char *path)
{
    struct nta_list_ages ages = {.changed_ns = changed_ns(path), .checked_ns = -1};
    char state[NTAD_PATH_SIZE];
    int n = snprintf(state, sizeof(state), "%s%s", path, NTA_FETCH_ENDING);

    if (n > 0 && (size_t)n < sizeof(state))
        ages.checked_ns = changed_ns(state);
    if (ages.changed_ns < 0)
        ages.changed_ns = 0;
    return ages;
}

/** Lists that nobody renews any more: their feed, or who fetches it, may be dead. */
static void look_at_lists(const struct nta_daemon *daemon)
{
    const struct nta_policy *policy = nta_pipeline_policy(daemon->pipeline);
    char shown[SHOWN_SIZE], since[NTA_TIME_TEXT_SIZE];
    struct items old = {0};

    for (size_t i = 0; policy->max_age_ns && i < nta_blacklist_n_lists(policy->lists); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(policy->lists, i);
        const struct nta_list_ages ages = nta_daemon_list_ages(list->path);
        const bool is_fetched = ages.checked_ns >= 0 && ages.checked_ns < ages.changed_ns;
        const int64_t age = is_fetched ? ages.checked_ns : ages.changed_ns;

        if (!list->internal && !list->allow && age > policy->max_age_ns)
            add(&old, "%s %s since %.10s",
                nta_text_escape_to(shown, sizeof(shown), nta_span_of(list->name)),
                is_fetched ? "was not fetched well" : "has not changed",
                nta_clock_text(nta_clock_wall_ns() - age, since));
    }
    set(daemon, NTA_CAUSE_LIST_OLD, &old);
    nta_health_set(daemon->health, NTA_CAUSE_LIST,
                   policy->trouble.text[0] ? policy->trouble.text : NULL);
}

/** One row of a gauge that each list has. */
static void put_gauge(struct nta_buf *out, const char *name, const struct nta_list_report *list,
                      uint64_t value)
{
    nta_buf_printf(out, "%s{list=", name);
    nta_text_json(out, nta_span_of(list->name));
    nta_buf_printf(out, "} %" PRIu64 "\n", value);
}

void nta_daemon_put_list_gauges(const struct nta_policy *policy, struct nta_buf *out)
{
    static const char *const names[] = {"nta_list_entries", "nta_list_age_seconds"};
    static const char *const help[] = {"entries of a list, without repeats",
                                       "since a list was changed or found unchanged"};

    for (size_t k = 0; k < 2; k++) {
        nta_buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", names[k], help[k], names[k]);
        for (size_t i = 0; i < nta_blacklist_n_lists(policy->lists); i++) {
            const struct nta_list_report *list = nta_blacklist_get_list(policy->lists, i);

            if (!list->internal)
                put_gauge(out, names[k], list,
                          k == 0 ? nta_list_report_entries(list) - list->n_duplicates
                                 : (uint64_t)(age_ns(list) / NTA_NS_PER_S));
        }
    }
}

/* ---- interfaces, disks, MySQL, the clock ---- */

static void look_at_interfaces(struct nta_daemon *daemon)
{
    const int64_t mono_ns = nta_clock_mono_ns();
    struct items blind = {0}, idle = {0};
    char shown[SHOWN_SIZE];

    if (daemon->is_stopping) /* an interface that nobody reads any more is not well again */
        return;
    for (size_t i = 0; i < daemon->config->capture.n_interfaces; i++) {
        struct nta_source_state state;

        (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(daemon->interfaces[i]));
        nta_pipeline_get_source(daemon->pipeline, i, mono_ns, &state);
        nta_rate_take(&daemon->rates[i], &state, mono_ns);
        switch (state.sight) {
        case NTA_SIGHT_FINE: break;
        case NTA_SIGHT_GONE: add(&blind, "%s is lost", shown); break;
        case NTA_SIGHT_RENAMED: add(&blind, "%s is lost (it was renamed)", shown); break;
        case NTA_SIGHT_DOWN: add(&blind, "%s is down", shown); break;
        case NTA_SIGHT_NO_CARRIER: add(&idle, "%s", shown); break;
        }
    }
    set(daemon, NTA_CAUSE_INTERFACE, &blind);
    set(daemon, NTA_CAUSE_CARRIER, &idle);
}

static void look_at_disks(const struct nta_daemon *daemon)
{
    const struct nta_config *config = daemon->config;
    char folder[NTAD_PATH_SIZE], text[SHOWN_SIZE + 128];
    struct items low = {0};

    if (nta_look_disk_low(config->store.dir, config->store.disk_low, text, sizeof(text)))
        add(&low, "%s", text);
    if (config->alert.json && config->alert.json[0]) {
        nta_look_folder(config->alert.json, folder, sizeof(folder));
        if (strcmp(folder, config->store.dir) != 0 &&
            nta_look_disk_low(folder, config->store.disk_low, text, sizeof(text)))
            add(&low, "%s", text);
    }
    set(daemon, NTA_CAUSE_DISK, &low);
}

static void look_at_mysql(const struct nta_daemon *daemon)
{
    struct nta_pipeline_state state;
    struct items behind = {0};

    nta_pipeline_get_state(daemon->pipeline, nta_clock_wall_ns(), &state);
    if (state.ships && state.lag_ns >= BEHIND_NS)
        add(&behind, "the oldest is %" PRId64 " min old", state.lag_ns / (60 * NTA_NS_PER_S));
    set(daemon, NTA_CAUSE_MYSQL_BEHIND, &behind);
}

/**
 * Two clocks cannot be read at once: what comes between makes them differ, so they are read again
 * if it took long.
 */
static void look_at_clock(struct nta_daemon *daemon)
{
    int64_t before_ns, wall_ns, after_ns;
    int n = 0;

    do {
        before_ns = nta_clock_boot_ns();
        wall_ns = nta_clock_wall_ns();
        after_ns = nta_clock_boot_ns();
    } while (after_ns - before_ns > APART_NS && ++n < CLOCK_TRIES);
    if (after_ns - before_ns <= APART_NS)
        nta_clock_watch_take(&daemon->clock, wall_ns, after_ns, daemon->health);
}

/** Nobody here needs it, and whoever gets it signs for this sensor. */
static void look_at_identity(const struct nta_daemon *daemon)
{
    char path[NTAD_PATH_SIZE], shown[SHOWN_SIZE];
    struct items here = {0};

    if (nta_daemon_find_identity(daemon, path))
        add(&here, "%s: keep it elsewhere, and remove it here",
            nta_text_escape_to(shown, sizeof(shown), nta_span_of(path)));
    set(daemon, NTA_CAUSE_IDENTITY, &here);
}

/* ---- the canary ---- */

/**
 * A cause that was on while the canary was looked for, and by which none could be found; NULL:
 * there is none.  Those that stay on until somebody has looked, though the work goes on, explain no
 * more than the round they came in.
 */
static const char *explain_canary(struct nta_daemon *daemon)
{
    static const struct
    {
        enum nta_cause cause;
        bool stays;
    } explaining[] = {
        {NTA_CAUSE_STORE, false},          {NTA_CAUSE_INTERFACE, false},
        {NTA_CAUSE_ALERTS_WAITING, false}, {NTA_CAUSE_JOURNAL_GONE, true},
        {NTA_CAUSE_STORE_CONFLICT, true},
    };
    struct nta_health_state states[NTA_N_CAUSES];
    int64_t asked_ns = daemon->canary.asked_mono_ns;

    (void)nta_health_get(daemon->health, states);
    for (size_t i = 0; i < NTA_N_ELEMENTS(explaining); i++) {
        const struct nta_health_state *state = &states[explaining[i].cause];
        int64_t from_ns = state->until_mono_ns - state->lasted_ns;

        if (state->n_times > 0 && state->until_mono_ns >= asked_ns &&
            (!explaining[i].stays || from_ns >= asked_ns))
            return nta_cause_infos[explaining[i].cause].sentence;
    }
    return NULL;
}

void nta_daemon_canary_missed(struct nta_daemon *daemon)
{
    nta_daemon_look(daemon);
    daemon->canary.why = explain_canary(daemon);
    nta_daemon_look(daemon);
    nta_daemon_log_health(daemon);
    if (daemon->config->blacklist.canary_restart && !daemon->canary.why)
        (void)sd_notify(0, "WATCHDOG=trigger");
}

static void look_at_canary(const struct nta_daemon *daemon)
{
    const struct nta_canary *canary = &daemon->canary;
    struct items missing = {0};

    if (canary->bad)
        add(&missing, "no canary from %s%s%s%s", canary->missing,
            canary->why ? " (no wonder: " : "", canary->why ? canary->why : "",
            canary->why ? ")" : "");
    set(daemon, NTA_CAUSE_CANARY, &missing);
}

static uint64_t counted(const void *pipeline, enum nta_counter which)
{
    return nta_pipeline_counted(pipeline, which);
}

static void look_at_alerts(struct nta_daemon *daemon)
{
    const uint64_t n = nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_ALERTS);

    if (n > daemon->n_alerts)
        daemon->alert_wall_ns = nta_clock_wall_ns();
    daemon->n_alerts = n;
}

void nta_daemon_look(struct nta_daemon *daemon)
{
    look_at_alerts(daemon);
    look_at_lists(daemon);
    look_at_interfaces(daemon);
    look_at_disks(daemon);
    look_at_mysql(daemon);
    look_at_identity(daemon);
    look_at_clock(daemon);
    look_at_canary(daemon);
    nta_losses_take(&daemon->losses, nta_clock_mono_ns(), counted, daemon->pipeline,
                    daemon->health);
}
