/* SPDX-License-Identifier: Apache-2.0 */
/* nta-notify: mail and webhooks of alerts.  A thread a receiver; this one waits for the end. */
#include "base/file/path.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/log.h"
#include "base/version.h"
#include "notify/runner.h"
#include "notify/settings.h"
#include "notify/template.h"
#include "output/fail.h"
#include "transfer/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <systemd/sd-daemon.h>
#include <time.h>

enum
{
    OPT_CHECK = 256,
    OPT_TRY,
    OPT_REPORT,
    OPT_SAMPLE,
    OPT_VERSION,
    PATH_SIZE = 4096,
    HOST_SIZE = 256,
    LOCK_MODE = 0600
};

static const char help[] =
    "usage: nta-notify [OPTIONS]\n\n"
    "Tell people of alerts, by mail and webhooks (Slack, Teams, Matrix, JSON).  It reads\n"
    "what ntad logs, and has neither records nor keys.  Who is told what stands in\n"
    "nta-notify.conf.  One message for each incident and window; by default there is no\n"
    "user, no site and no file in it.\n\n"
    "What could not be sent is tried again, also after a restart: nothing is lost as long\n"
    "as the log has it, and what was sent in the moment before a crash is sent again under\n"
    "the same Message-ID, transaction or Idempotency-Key.\n\n"
    "  -c, --config FILE   default: nta-notify.conf among the service's credentials, else\n"
    "                      /etc/nta/nta-notify.conf\n"
    "      --check         read the configuration, say what is wrong with it, and end\n"
    "      --test NAME     send this receiver a made-up incident, and end\n"
    "      --report FILE   send this page to the receivers that want the weekly report,\n"
    "                      and end\n"
    "      --sample        print a configuration that has all options\n"
    "      --version       which version and build this is\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 it was ended, or done; 1 a message was not taken; 2 wrong usage; 3 could\n"
    "not run.\n";

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},   {"check", no_argument, NULL, OPT_CHECK},
    {"test", required_argument, NULL, OPT_TRY}, {"report", required_argument, NULL, OPT_REPORT},
    {"sample", no_argument, NULL, OPT_SAMPLE},  {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
};

/** What was asked. */
struct asked
{
    const char *config, *receiver, *page;
    bool check;
};

static int fail(int status, const char *text)
{
    nta_prose_print(stderr, "nta-notify: %s\n", text);
    return status;
}

/** systemd takes a level in front of each line of a service. */
static void log_line(enum nta_log_level level, const char *text)
{
    (void)fprintf(stderr, "<%d>%s\n", (int)level, text);
}

// NOLINTBEGIN(concurrency-mt-unsafe): before threads start
static const char *find_config(const struct asked *asked, char path[PATH_SIZE])
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    if (asked->config)
        return asked->config;
    if (folder && nta_path_join(folder, "nta-notify.conf", path, PATH_SIZE) &&
        access(path, F_OK) == 0)
        return path;
    return "/etc/nta/nta-notify.conf";
}

/** The service's own folder, if it has one. */
static const char *find_state(const struct nta_notify_settings *settings)
{
    const char *folder = getenv("STATE_DIRECTORY");

    return folder && folder[0] == '/' ? folder : settings->state;
}

// NOLINTEND(concurrency-mt-unsafe)

/** Ours in message ids: letters, digits, dots and hyphens. */
static void find_host(const struct nta_notify_settings *settings, char host[HOST_SIZE])
{
    host[0] = '\0';
    if (settings->host && settings->host[0])
        (void)snprintf(host, HOST_SIZE, "%s", settings->host);
    else if (gethostname(host, HOST_SIZE) < 0)
        host[0] = '\0';
    host[HOST_SIZE - 1] = '\0';
    for (char *c = host; *c; c++) {
        const bool is_good = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                             (*c >= '0' && *c <= '9') || *c == '.' || *c == '-';

        *c = is_good ? *c : '-';
    }
    if (!host[0])
        (void)snprintf(host, HOST_SIZE, "localhost");
}

/** Templates are only known to be good here: the settings do not know what a message has. */
static int check_templates(const struct nta_notify_settings *settings, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < settings->n_receivers && r == 0; i++) {
        const struct nta_notify_receiver *receiver = &settings->receivers[i];

        r = nta_notify_template_check(receiver->subject, err);
        if (r == 0 && receiver->text)
            r = nta_notify_template_check(receiver->text, err);
        if (r < 0)
            r = nta_err_prefix(err, r, "receiver %s", receiver->name);
    }
    return r;
}

/** Only one of them at a time: it holds the lock as long as it lives. */
static int lock(const char *state, struct nta_err *err)
{
    char path[PATH_SIZE];
    NTA_AUTO_FD int fd = -1;

    if (!nta_path_join(state, "lock", path, sizeof(path)))
        return nta_err_sys(err, -ENAMETOOLONG, "state");
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);
    if (fd < 0)
        return nta_err_sys(err, -errno, "%.200s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return nta_err_set(err, -EBUSY, "%.200s: another nta-notify runs", path);
    const int taken = fd;

    fd = -1;
    return taken;
}

static atomic_bool is_over;

/** Wait for the end; meanwhile systemd is told how many messages wait. */
static void wait_for_end(const sigset_t *signals, const struct nta_notify_runner *runners, size_t n)
{
    const struct timespec second = {.tv_sec = 1};
    unsigned said = 0;

    (void)sd_notify(0, "READY=1\nSTATUS=no message waits");
    while (sigtimedwait(signals, NULL, &second) < 0) {
        unsigned n_waiting = 0;

        for (size_t i = 0; i < n; i++)
            n_waiting += atomic_load(&runners[i].n_waiting);
        if (n_waiting != said)
            (void)sd_notifyf(0, "STATUS=%u messages wait", n_waiting);
        said = n_waiting;
    }
    (void)sd_notify(0, "STOPPING=1");
    atomic_store(&is_over, true);
}

static int serve(struct nta_notify_runner *runners, size_t n)
{
    pthread_t threads[NTA_NOTIFY_RECEIVERS];
    size_t n_started = 0;
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    while (n_started < n &&
           pthread_create(&threads[n_started], NULL, nta_notify_run, &runners[n_started]) == 0)
        n_started++;
    if (n_started == n)
        wait_for_end(&signals, runners, n);
    atomic_store(&is_over, true);
    for (size_t i = 0; i < n_started; i++)
        (void)pthread_join(threads[i], NULL);
    return n_started == n ? NTA_EXIT_OK : fail(NTA_EXIT_FAILURE, "threads do not start");
}

/** A made-up incident to one, or a page to who wants it. */
static int send_now(const struct asked *asked, const struct nta_notify_runner *runners, size_t n)
{
    int status = asked->receiver ? NTA_EXIT_USAGE : NTA_EXIT_OK;
    struct nta_err err = {0};

    for (size_t i = 0; i < n; i++) {
        const char *name = runners[i].receiver->name;

        if (asked->receiver && strcmp(name, asked->receiver) != 0)
            continue;
        const int r = asked->receiver ? nta_notify_try(&runners[i], &err)
                                      : nta_notify_send_page(&runners[i], asked->page, &err);

        if (r < 0)
            nta_prose_print(stderr, "nta-notify: %s: %s\n", name, err.text);
        else if (asked->receiver)
            nta_prose_print(stdout, "sent to %s\n", name);
        if (r < 0 || status == NTA_EXIT_USAGE)
            status = r < 0 ? NTA_EXIT_INPUT : NTA_EXIT_OK;
    }
    return status == NTA_EXIT_USAGE ? fail(status, "no receiver is called so") : status;
}

static int run(const struct asked *asked)
{
    static struct nta_notify_runner runners[NTA_NOTIFY_RECEIVERS];
    NTA_AUTO(nta_notify_settings_free) struct nta_notify_settings *settings = NULL;
    char path[PATH_SIZE], host[HOST_SIZE];
    struct nta_err err = {0};

    if (nta_notify_settings_load(find_config(asked, path), &settings, &err) < 0 ||
        check_templates(settings, &err) < 0)
        return fail(asked->check ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE, err.text);
    if (asked->check) {
        nta_prose_print(stdout, "%zu receivers; nothing is wrong\n", settings->n_receivers);
        return NTA_EXIT_OK;
    }
    if (nta_transfer_init(&err) < 0)
        return fail(NTA_EXIT_FAILURE, err.text);
    find_host(settings, host);
    for (size_t i = 0; i < settings->n_receivers; i++)
        runners[i] = (struct nta_notify_runner){.settings = settings,
                                                .receiver = &settings->receivers[i],
                                                .state = find_state(settings),
                                                .host = host,
                                                .is_over = &is_over};
    if (asked->receiver || asked->page)
        return send_now(asked, runners, settings->n_receivers);
    NTA_AUTO_FD int fd = lock(find_state(settings), &err);

    return fd < 0 ? fail(NTA_EXIT_FAILURE, err.text) : serve(runners, settings->n_receivers);
}

int main(int argc, char **argv)
{
    struct asked asked = {0};
    int c;

    if (getenv("JOURNAL_STREAM")) // NOLINT(concurrency-mt-unsafe): before threads start
        nta_log_to(log_line);
    (void)signal(SIGPIPE, SIG_IGN);
    while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (c) {
        case 'c': asked.config = optarg; break;
        case OPT_CHECK: asked.check = true; break;
        case OPT_TRY: asked.receiver = optarg; break;
        case OPT_REPORT: asked.page = optarg; break;
        case OPT_SAMPLE: nta_notify_settings_print_sample(stdout); return NTA_EXIT_OK;
        case OPT_VERSION: nta_version_print("nta-notify"); return NTA_EXIT_OK;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return fail(NTA_EXIT_USAGE, "'nta-notify --help' tells more");
        }
    }
    if (optind < argc)
        return fail(NTA_EXIT_USAGE, "takes no arguments but options");
    return run(&asked);
}
