/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/confine.h"
#include "base/runtime/log.h"
#include "inside.h"
#include "memory.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum
{
    EXTEND_USEC = 15 * 1000 * 1000 ///< Each second anew while it waits.
};

/** One part of the service.  Started in order, stopped backwards. */
struct step
{
    const char *name;
    int (*start)(struct nta_daemon *daemon, struct nta_err *err);
    void (*stop)(struct nta_daemon *daemon);
};

/**
 * Before anything else: one of two that were started ends here, and has touched nothing of the
 * other's.
 */
static int take_store(struct nta_daemon *daemon, struct nta_err *err)
{
    return nta_store_lock_take(daemon->store_path, false, &daemon->store_lock, err);
}

static void give_store_back(struct nta_daemon *daemon)
{
    nta_store_lock_free(&daemon->store_lock);
}

static int start_signals(struct nta_daemon *daemon, struct nta_err *err)
{
    const struct itimerspec second = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_sec = 1}};
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    daemon->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    daemon->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (daemon->signal_fd < 0 || daemon->timer_fd < 0 ||
        timerfd_settime(daemon->timer_fd, 0, &second, NULL) < 0)
        return nta_err_sys(err, -errno, "signals");
    return 0;
}

static void stop_signals(struct nta_daemon *daemon)
{
    nta_own_close(&daemon->signal_fd);
    nta_own_close(&daemon->timer_fd);
    daemon->signal_fd = daemon->timer_fd = -1;
}

static int start_health(struct nta_daemon *daemon, struct nta_err *err)
{
    daemon->health = nta_health_new();
    if (!daemon->health)
        return nta_err_sys(err, -ENOMEM, "health");
    daemon->mysql.health = daemon->health;
    return 0;
}

static void stop_health(struct nta_daemon *daemon)
{
    nta_daemon_log_health(daemon); /* what changed while all was stopped */
    nta_health_free(&daemon->health);
}

static int start_policy(struct nta_daemon *daemon, struct nta_err *err)
{
    int r = nta_canary_init(&daemon->canary, daemon->config->blacklist.canary_ns,
                            daemon->config->blacklist.canary_wait_ns);

    if (r < 0)
        return nta_err_sys(err, r, "random numbers for the canary");
    r = nta_daemon_make_policy(daemon, daemon->config, NULL, &daemon->policy, err);
    if (r == 0) /* compiled lists bring the one they were made with */
        memcpy(daemon->canary.name, daemon->policy->canary, sizeof(daemon->canary.name));
    daemon->policy_wall_ns = nta_clock_wall_ns();
    return r;
}

static void stop_policy(struct nta_daemon *daemon)
{
    nta_policy_free(&daemon->policy);
}

static int start_alerter(struct nta_daemon *daemon, struct nta_err *err)
{
    const char *json = daemon->config->alert.json;
    const struct nta_alert_options options = {
        .journal = daemon->under_systemd && !daemon->foreground,
        .syslog = daemon->config->alert.syslog || (!daemon->under_systemd && !daemon->foreground),
        .json_path = json && json[0] ? json : NULL,
        .eve = strcmp(daemon->config->alert.format, "eve") == 0,
        .terminal = daemon->foreground ? stdout : NULL,
        .colour = daemon->foreground && isatty(STDOUT_FILENO),
        .window_ns = daemon->config->alert.window_ns,
        .per_minute = (unsigned)daemon->config->alert.per_minute,
        .canary = nta_canary_found,
        .owner = &daemon->canary,
        .health = daemon->health,
    };

    return nta_alerter_start(&options, &daemon->alerter, err);
}

static void stop_alerter(struct nta_daemon *daemon)
{
    nta_alerter_stop(&daemon->alerter);
}

/** The store may take its time at the end: systemd is told that we are at it. */
static void on_waiting(void *owner)
{
    nta_daemon_serve_desk(owner);
    (void)sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%d\nSTATUS=stopping: what is open is being recorded",
                     EXTEND_USEC);
}

static int start_pipeline(struct nta_daemon *daemon, struct nta_err *err)
{
    const struct nta_pipeline_options options = {
        .config = daemon->config,
        .sources = daemon->sources,
        .n_sources = daemon->config->capture.n_interfaces,
        .canary = daemon->canary.name[0] ? daemon->canary.name : NULL,
        .health = daemon->health,
        .waiting = on_waiting,
        .waiting_owner = daemon,
        .outlet =
            {
                .store_path = daemon->store_path,
                .keys_dir = daemon->keys_dir,
                .state_dir = daemon->state_dir,
                .lock = daemon->store_lock,
                .alerter = daemon->alerter,
                .mysql = daemon->config->mysql.enabled ? &daemon->mysql : NULL,
                .retention = &daemon->retention,
            },
    };
    const uint64_t policy_bytes = nta_memory_resident(); /* little else is there yet */

    nta_memory_page_in(); /* lists and databases are read in whole as they are loaded */
    int r = nta_pipeline_new(&options, daemon->policy, &daemon->pipeline, err);

    if (r < 0)
        return r;
    daemon->policy = NULL; /* taken */
    nta_memory_log(nta_pipeline_bounds(daemon->pipeline), policy_bytes);
    struct nta_pipeline_state state;

    nta_pipeline_get_state(daemon->pipeline, 0, &state);
    daemon->canary.n_workers = state.n_workers;
    daemon->canary.n_sources = state.n_sources;
    daemon->known.pipeline = daemon->pipeline;
    daemon->known.keys_dir = daemon->keys_dir;
    daemon->known.state_dir = daemon->state_dir;
    r = nta_known_start(&daemon->known, daemon->config, err);
    if (r == 0)
        r = nta_pipeline_start(daemon->pipeline, err);
    if (r < 0) {
        nta_pipeline_stop(daemon->pipeline);
        (void)nta_pipeline_join(daemon->pipeline, &(struct nta_err){0});
        nta_known_stop(&daemon->known);
        nta_pipeline_free(&daemon->pipeline);
    }
    return r;
}

/** Everything that was captured is analysed, sealed and committed before this is done. */
static void stop_pipeline(struct nta_daemon *daemon)
{
    struct nta_err err = {0};

    nta_pipeline_stop(daemon->pipeline);
    if (nta_pipeline_join(daemon->pipeline, &err) < 0)
        nta_log_error("%s", err.text);
    nta_daemon_end_gaps(daemon);
    nta_known_keep(&daemon->known);
    nta_known_stop(&daemon->known);
    daemon->n_lost = nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECORD_LOST) +
                     nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECORD_DROP);
    nta_log_info("seen %" PRIu64 " packets, lost %" PRIu64 "; wrote %" PRIu64 " records",
                 nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECEIVED),
                 nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_DROP_KERNEL) +
                     nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_DROP_INTERFACE) +
                     nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_DROP_RING),
                 nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECORD_STORED));
    daemon->n_refused = nta_pipeline_counted(daemon->pipeline, NTA_COUNTER_RECORD_FULL);
    if (daemon->n_lost)
        nta_log_error("%" PRIu64 " records could not be stored and are lost", daemon->n_lost);
    if (daemon->n_refused)
        nta_log_error("%" PRIu64 " records were not stored, since the store was at its bound "
                      "(store.size, store.free)",
                      daemon->n_refused);
    nta_pipeline_free(&daemon->pipeline);
}

/** From here on each thread is there. */
static int start_watchdog(struct nta_daemon *daemon, struct nta_err *err)
{
    nta_thread_watch("ntad");
    return nta_watchdog_start(&daemon->watchdog, err);
}

static void stop_watchdog(struct nta_daemon *daemon)
{
    nta_watchdog_stop(&daemon->watchdog);
    nta_thread_unwatch();
}

static const struct step steps[] = {
    {"store", take_store, give_store_back},
    {"signals", start_signals, stop_signals},
    {"health", start_health, stop_health},
    {"control socket", nta_daemon_open_control, nta_daemon_close_control},
    {"policy", start_policy, stop_policy},
    {"alerts", start_alerter, stop_alerter},
    {"pipeline", start_pipeline, stop_pipeline},
    {"gaps", nta_daemon_start_gaps, nta_daemon_stop_gaps},
    {"reloads", nta_daemon_start_loading, nta_daemon_stop_loading},
    {"watchdog", start_watchdog, stop_watchdog},
};

static void stop_from(struct nta_daemon *daemon, size_t n_started)
{
    while (n_started > 0)
        steps[--n_started].stop(daemon);
}

static int start_all(struct nta_daemon *daemon, struct nta_err *err)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(steps); i++) {
        int r = steps[i].start(daemon, err);

        if (r < 0) {
            stop_from(daemon, i);
            return r;
        }
    }
    return 0;
}

/** systemd's status line: what one looks at first. */
static void send_status(const struct nta_daemon *daemon)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};

    nta_daemon_put_line(daemon, &line);
    if (!line.failed)
        (void)sd_notifyf(0, "STATUS=%.*s", (int)line.len, (const char *)line.ptr);
}

/** True: end. */
static bool on_signal(struct nta_daemon *daemon)
{
    struct signalfd_siginfo info;

    while (read(daemon->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo != SIGHUP)
            return true;
        (void)nta_daemon_reload(daemon);
    }
    return false;
}

static void tend_canary(struct nta_daemon *daemon)
{
    switch (nta_canary_tick(&daemon->canary, nta_clock_mono_ns(), nta_clock_wall_ns())) {
    case NTA_CANARY_SAME:
    case NTA_CANARY_BACK: break;
    case NTA_CANARY_ASK: nta_pipeline_ask(daemon->pipeline, daemon->canary.ticket); break;
    case NTA_CANARY_LOST:
    case NTA_CANARY_STILL: nta_daemon_canary_missed(daemon); break;
    }
}

/** The timer.  False: capture ended by itself. */
static bool on_tick(struct nta_daemon *daemon)
{
    uint64_t ticks;

    if (read(daemon->timer_fd, &ticks, sizeof(ticks)) <= 0)
        return true;
    if (!nta_pipeline_running(daemon->pipeline))
        return false;
    nta_thread_wait(); /* what follows looks at files and writes some: a disk may be slow */
    tend_canary(daemon);
    nta_known_tend(&daemon->known);
    nta_daemon_look_for_gaps(daemon);
    nta_daemon_look(daemon);
    nta_daemon_log_health(daemon);
    send_status(daemon);
    nta_daemon_write_status(daemon);
    return true;
}

/**
 * Wait for signals, questions, new policies, files and the timer.  True: ended as asked; false:
 * capture ended by itself.
 */
static bool loop(struct nta_daemon *daemon)
{
    for (;;) {
        nta_thread_beat();
        int64_t now_ns = nta_clock_mono_ns();

        if (nta_daemon_watch_settled(daemon, now_ns)) {
            nta_log_info("list files changed: loading them anew");
            (void)nta_daemon_reload(daemon);
        }
        int wait_ms = nta_daemon_watch_wait(daemon, now_ns);
        struct pollfd fds[] = {
            {.fd = daemon->signal_fd, .events = POLLIN},
            {.fd = daemon->desk.main_fd, .events = POLLIN},
            {.fd = daemon->timer_fd, .events = POLLIN},
            {.fd = daemon->loading.done_fd, .events = POLLIN},
            {.fd = daemon->watch.fd, .events = POLLIN}, /* -1: passed over */
        };

        if (poll(fds, NTA_N_ELEMENTS(fds), wait_ms) < 0 && errno != EINTR)
            return false;
        if ((fds[0].revents & POLLIN) && on_signal(daemon))
            return true;
        nta_thread_wait(); /* a directory of users, or a disk, may be slow */
        if (fds[1].revents & POLLIN)
            nta_daemon_serve_desk(daemon);
        if ((fds[2].revents & POLLIN) && !on_tick(daemon))
            return false;
        if (fds[4].revents & POLLIN)
            nta_daemon_watch_read(daemon);
        if (fds[3].revents & POLLIN)
            nta_daemon_loaded(daemon);
    }
}

enum
{
    EXIT_WRONG = 1,
    EXIT_NOT_RUN = 3
};

int nta_daemon_run(struct nta_daemon *daemon)
{
    struct nta_err err = {0};
    int r = nta_daemon_prepare(daemon, &err);

    if (r == 0 && daemon->config->capture.n_interfaces == 0)
        r = nta_err_set(&err, -EINVAL, "%s: capture.interfaces names no interface",
                        daemon->config_path);
    daemon->started_wall_ns = nta_clock_wall_ns();
    daemon->started_boot_ms = (uint64_t)(nta_clock_boot_ns() / NTA_NS_PER_MS);
    if (r == 0)
        r = start_all(daemon, &err);
    if (r < 0) {
        nta_log_error("ntad: %s", err.text);
        (void)sd_notifyf(0, "STATUS=%s\nERRNO=%d", err.text, -r);
        return EXIT_NOT_RUN;
    }
    nta_daemon_look(daemon);
    nta_daemon_log_health(daemon); /* what the start found */
    nta_desk_set_phase(&daemon->desk, NULL);
    nta_daemon_write_status(daemon);
    (void)sd_notify(0, "READY=1");
    if (!nta_confine_is_possible())
        nta_log_warning("threads that read packets keep all rights of the service: this kernel has "
                        "no seccomp filters");
    nta_log_notice("ntad listens on %zu interface%s", daemon->config->capture.n_interfaces,
                   daemon->config->capture.n_interfaces == 1 ? "" : "s");
    bool asked = loop(daemon);

    daemon->is_stopping = true;
    (void)sd_notify(0, "STOPPING=1");
    nta_desk_set_phase(&daemon->desk, "ntad is stopping, and");
    if (!asked)
        nta_log_error("ntad: capture ended by itself");
    stop_from(daemon, NTA_N_ELEMENTS(steps));
    return asked && daemon->n_lost == 0 && daemon->n_refused == 0 ? 0 : EXIT_WRONG;
}
