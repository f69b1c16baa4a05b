/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/log.h"
#include "base/version.h"
#include "ntad.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const char help[] =
    "usage: ntad [OPTIONS]\n\n"
    "Listen on the interfaces named in the configuration, name the site behind each\n"
    "connection, match it against the lists, and keep sealed records.  Runs until\n"
    "SIGTERM; SIGHUP reloads lists, geo databases and policy.  Meant to be started\n"
    "by systemd.\n\n"
    "  -c, --config FILE   configuration; default /etc/nta/ntad.conf\n"
    "      --check         try everything that a start needs (the right to capture,\n"
    "                      filter, lists, geo, keys, store, MySQL, alerts), run\n"
    "                      nothing; names all faults\n"
    "  -f, --foreground    log and alerts as readable lines on the terminal\n"
    "      --print-config  effective values\n"
    "      --print-default the commented default configuration\n"
    "      --print-table   the table of options in Markdown\n"
    "      --version\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 done, 1 done but something was wrong, 2 wrong usage, 3 could not\n"
    "run; of --check: 1 something is wrong or could not be tried as this user, 3 the\n"
    "configuration cannot be read.\n";

enum
{
    OPT_CHECK = 256,
    OPT_CONFIG,
    OPT_DEFAULT,
    OPT_TABLE,
    OPT_VERSION
};

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, OPT_CHECK},
    {"foreground", no_argument, NULL, 'f'},
    {"print-config", no_argument, NULL, OPT_CONFIG},
    {"print-default", no_argument, NULL, OPT_DEFAULT},
    {"print-table", no_argument, NULL, OPT_TABLE},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

enum
{
    EXIT_USAGE = 2,
    EXIT_NOT_RUN = 3
};

/** What to do with the configuration. */
enum task
{
    TASK_RUN,
    TASK_CHECK,
    TASK_PRINT
};

/** Options that need no configuration.  True: done. */
static bool answer(int c)
{
    switch (c) {
    case OPT_DEFAULT: nta_config_print_default(stdout); return true;
    case OPT_TABLE: nta_config_print_table(stdout); return true;
    case OPT_VERSION: nta_version_print("ntad"); return true;
    case 'h': (void)fputs(help, stdout); return true;
    default: return false;
    }
}

/** -1: go on; else the exit status. */
static int take_options(int argc, char **argv, struct nta_daemon *daemon, enum task *task)
{
    int c;

    while ((c = getopt_long(argc, argv, "c:fh", options, NULL)) != -1) {
        if (answer(c))
            return 0;
        switch (c) {
        case 'c': daemon->config_path = optarg; break;
        case 'f': daemon->foreground = true; break;
        case OPT_CHECK: *task = TASK_CHECK; break;
        case OPT_CONFIG: *task = TASK_PRINT; break;
        default: (void)fputs("Try 'ntad --help'.\n", stderr); return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        (void)fputs("ntad: takes no arguments but options; try 'ntad --help'.\n", stderr);
        return EXIT_USAGE;
    }
    return -1;
}

/**
 * Lines of the program about itself: journal under systemd, terminal in the foreground, else
 * syslog.
 */
static void choose_log(const struct nta_daemon *daemon, enum task task)
{
    if (daemon->foreground || task != TASK_RUN)
        nta_log_to(NULL);
    else
        nta_log_to(daemon->under_systemd ? nta_alert_log_journal : nta_alert_log_syslog);
}

/**
 * Keys and records in memory are for nobody else: no core file, no debugger of the same user, no
 * /proc/PID/mem.
 */
static void be_private(void)
{
    const struct rlimit none = {0, 0};

    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
    struct nta_daemon daemon = {
        .config_path = "/etc/nta/ntad.conf",
        .signal_fd = -1,
        .control_lock_fd = -1,
        .timer_fd = -1,
        .desk.listen_fd = -1,
        .loading.done_fd = -1,
        .watch.fd = -1,
        .gaps.fd = -1,
    };
    enum task task = TASK_RUN;
    struct nta_err err;
    int status = take_options(argc, argv, &daemon, &task);

    if (status >= 0)
        return status;
    be_private();
    daemon.under_systemd = nta_alert_under_systemd();
    choose_log(&daemon, task);
    if (task == TASK_CHECK)
        return nta_daemon_check(&daemon);
    if (nta_config_load(daemon.config_path, &daemon.config, &err) < 0) {
        nta_log_error("ntad: %s", err.text);
        if (!daemon.foreground && task == TASK_RUN && !daemon.under_systemd)
            nta_prose_print(stderr, "ntad: %s\n", err.text); /* not to the system's log alone */
        return EXIT_NOT_RUN;
    }
    if (strcmp(daemon.config->alert.syslog_form, "rfc3164") == 0)
        nta_alert_syslog_use(NTA_SYSLOG_RFC3164);
    switch (task) {
    case TASK_PRINT: nta_config_print(daemon.config, stdout); break;
    case TASK_CHECK: break;
    case TASK_RUN: status = nta_daemon_run(&daemon); break;
    }
    nta_config_free(&daemon.config);
    if (status == EXIT_NOT_RUN && !daemon.foreground && !daemon.under_systemd)
        (void)fputs("ntad: could not run; the system's log says why, and so does ntad --check\n",
                    stderr);
    explicit_bzero(daemon.password, sizeof(daemon.password));
    explicit_bzero(daemon.retention_password, sizeof(daemon.retention_password));
    return status < 0 ? 0 : status;
}
