/* SPDX-License-Identifier: Apache-2.0 */
/* nta read: the whole pipeline over capture files. */
#include "alert/alert.h"
#include "base/file/path.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/runtime/thread.h"
#include "base/text.h"
#include "blacklist/file/sha256.h"
#include "cmd/cmd.h"
#include "incidents/said.h"
#include "keys/subcommands.h"
#include "options/read_options.h"
#include "output/fail.h"
#include "output/read_report.h"
#include "output/show.h"
#include "output/summary.h"
#include "output/term.h"
#include "pipeline/pipeline.h"
#include "policy/facts.h"
#include "record/json.h"
#include "search/stores.h"
#include "store/lock.h"
#include "vault/vault.h"

#include <errno.h>
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

struct reading
{
    struct nta_read_options options;
    struct nta_policy *policy;
    struct nta_alerter *alerter;
    struct nta_summary *summary;
    struct nta_looked_for looked_for;
    char store_path[NTA_PATH_SIZE], keys_dir[NTA_PATH_SIZE], state_dir[NTA_PATH_SIZE];
    struct nta_buf wrong; ///< Of files, a line each; of the capture's thread until it is joined.
    struct nta_store_lock *store_lock;
    /* recorder thread */
    struct nta_buf line;
    struct nta_record_buf buf;
    uint64_t n_bad;
    int64_t began_wall_ns; ///< When it began, for the record of that.
};

static struct nta_pipeline *_Atomic running;
static _Atomic bool interrupted; ///< Before all was read.

static void on_interrupt(int signal_number)
{
    struct nta_pipeline *pipeline = atomic_load(&running);

    (void)signal_number;
    /* both are safe here: they touch atomics only */
    // NOLINTBEGIN(bugprone-signal-handler,cert-sig30-c)
    if (pipeline && !nta_pipeline_running(pipeline))
        return; /* all was read, and is being told */
    atomic_store(&interrupted, true);
    if (pipeline)
        nta_pipeline_stop(pipeline);
    // NOLINTEND(bugprone-signal-handler,cert-sig30-c)
}

/** Capture thread: a file that is not read whole. */
static void on_wrong(void *owner, const char *sentence)
{
    struct reading *reading = owner;

    nta_buf_put(&reading->wrong, sentence, strlen(sentence));
    nta_buf_put_u8(&reading->wrong, '\n');
}

/** Recorder thread: one record, stored (with a store) or as it is made. */
static void on_record(void *owner, const char *id, struct nta_span cbor)
{
    struct reading *reading = owner;
    struct nta_record record;

    if (!nta_record_decode(cbor, &reading->buf, &record)) {
        reading->n_bad++;
        return;
    }
    if (!reading->options.json) {
        struct nta_err ignored;

        if (nta_summary_add(reading->summary, &record, cbor, id ? id : "", &ignored) < 0)
            reading->n_bad++;
        return;
    }
    nta_buf_clear(&reading->line);
    nta_record_json(&reading->line, &record, id);
    nta_buf_put_u8(&reading->line, '\n');
    if (!reading->line.failed)
        (void)fwrite(reading->line.ptr, 1, reading->line.len, stdout);
}

/* ---- what is needed before the first packet ---- */

static int prepare_store(struct reading *reading)
{
    const char *dir = reading->options.store_dir;
    const struct nta_keys_place place = {reading->keys_dir, reading->state_dir};
    struct nta_err err;
    bool made = false;

    if (!dir)
        return 0;
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", dir, strerror(errno));
    if (!nta_path_join(dir, "state", reading->state_dir, sizeof(reading->state_dir)))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", dir, strerror(ENAMETOOLONG));
    /* the lock first: before any key is made or read, and before the chain's head is */
    if (nta_stores_paths(dir, reading->store_path, reading->keys_dir, &err) < 0 ||
        nta_store_lock_take(reading->store_path, reading->options.wait, &reading->store_lock,
                            &err) < 0 ||
        nta_keys_make(&place, &made, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (made)
        nta_prose_print(
            stderr,
            "nta: made keys in %s and %s; whoever has auditor.key there can read the "
            "records, and sensor.key, the sensor's identity, is not needed here any more: "
            "keep it elsewhere\n",
            reading->keys_dir, reading->state_dir);
    return 0;
}

/** What is stored has a record of the policy it was made under. */
static int gather(struct reading *reading)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    char dir[NTA_PATH_SIZE];
    int n = snprintf(dir, sizeof(dir), "%s/lists", reading->options.store_dir);

    if (n < 0 || n >= (int)sizeof(dir) || (mkdir(dir, 0700) < 0 && errno != EEXIST))
        dir[0] = '\0'; /* then each list says that it cannot be kept */
    else
        (void)strncat(dir, "/history", sizeof(dir) - strlen(dir) - 1);
    int r = nta_policy_gather(reading->policy, reading->options.config, dir, &complaints);

    if (complaints.len)
        (void)fwrite(complaints.ptr, 1, complaints.len, stderr);
    return r;
}

static int prepare_policy(struct reading *reading)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err;
    int r = nta_policy_new(reading->options.config, NULL, &reading->policy, &complaints, &err);

    if (complaints.len)
        (void)fwrite(complaints.ptr, 1, complaints.len, stderr);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (reading->options.store_dir)
        r = gather(reading);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    nta_looked_for_fill(reading->policy->lists, &reading->looked_for);
    return 0;
}

static int prepare_alerter(struct reading *reading)
{
    const struct nta_alert_options alert = {
        .terminal = stdout,
        .colour = nta_cmd_colour(stdout),
        .window_ns = reading->options.config->alert.window_ns,
    };
    struct nta_err err;

    if (reading->options.json)
        return 0;
    if (nta_alerter_start(&alert, &reading->alerter, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return 0;
}

/* ---- the run ---- */

enum
{
    INPUTS = NTA_LOG_INPUTS ///< Files that one record tells of.
};

/** What is read: a record for each INPUTS files. */
static void tell_start(struct reading *reading, struct nta_pipeline *pipeline, int64_t wall_ns)
{
    static struct nta_log_input inputs[INPUTS];
    static uint8_t hashes[INPUTS][NTA_SHA256_LEN];
    const struct nta_read_options *options = &reading->options;

    for (size_t at = 0; at < options->n_files; at += INPUTS) {
        struct nta_record_log log = {.inputs = inputs};
        const struct nta_record record = {
            .event = NTA_RECORD_START, .time_ns = wall_ns, .log = &log};

        for (size_t i = at; i < options->n_files && log.n_inputs < INPUTS; i++) {
            const size_t k = log.n_inputs++;
            struct nta_err ignored;

            inputs[k] = (struct nta_log_input){.name = nta_span_of(options->files[i])};
            if (nta_sha256_of_file(options->files[i], hashes[k], &inputs[k].size, &ignored) == 0)
                inputs[k].sha256 = (struct nta_span){hashes[k], NTA_SHA256_LEN};
        }
        (void)nta_pipeline_emit(pipeline, &record);
    }
}

/** Beside the reading: it takes the disk's time only once. */
static void *tell_start_aside(void *arg)
{
    struct reading *reading = arg;

    tell_start(reading, atomic_load(&running), reading->began_wall_ns);
    return NULL;
}

/** What happened, in sentences, and then in a table. */
static void print_found(struct nta_summary *summary)
{
    NTA_AUTO(nta_buf_done) struct nta_buf said = {0};

    nta_incidents_put_said(&said, nta_summary_incidents(summary), nta_prose_columns(stdout));
    if (said.len && !said.failed)
        (void)fwrite(said.ptr, 1, said.len, stdout);
    nta_summary_print(summary, stdout, nta_cmd_colour(stdout));
}

static void print_end(const struct reading *reading, const struct nta_read_run *run,
                      int64_t took_ns)
{
    const struct nta_pipeline *pipeline = run->pipeline;
    double seconds = (double)took_ns / (double)NTA_NS_PER_S;
    uint64_t n = nta_pipeline_counted(pipeline, NTA_COUNTER_RECEIVED);

    if (reading->options.stats) {
        nta_show_counters(pipeline);
        nta_prose_print(stderr, "%-24s %12.0f %-9s %.3f s in all\n", "packets.per_second",
                        seconds > 0 ? (double)n / seconds : 0, "packets/s", seconds);
    }
    if (reading->options.json)
        return;
    (void)putchar('\n');
    if (nta_summary_settle(reading->summary))
        print_found(reading->summary);
    else
        nta_read_report_nothing(run);
    (void)printf("\n%" PRIu64 " packets, %" PRIu64 " connections, %" PRIu64 " records, %" PRIu64
                 " alerts in %.2f s.\n",
                 n, nta_pipeline_counted(pipeline, NTA_COUNTER_FLOWS),
                 nta_pipeline_counted(pipeline, reading->options.store_dir
                                                    ? NTA_COUNTER_RECORD_STORED
                                                    : NTA_COUNTER_RECORDS),
                 nta_pipeline_counted(pipeline, NTA_COUNTER_ALERTS), seconds);
}

/**
 * Threads that hand work to each other shall not push each other off a core at each wake-up; all
 * that is made inherits it.
 */
static void be_batch_work(void)
{
    const struct sched_param none = {0};

    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

/** The pipeline ends with the first sentence of a file, if nothing worse happened. */
static bool has_line(const struct nta_buf *lines, const char *line)
{
    return lines->len > strlen(line) && nta_span_find(nta_buf_span(lines), line) < lines->len;
}

static int no_packet(const struct reading *reading)
{
    const struct nta_read_options *options = &reading->options;
    char shown[256];

    return nta_cmd_fail(NTA_EXIT_INPUT, "%s%s: not one packet was read: %s",
                        nta_text_escape_to(shown, sizeof(shown), nta_span_of(options->files[0])),
                        options->n_files > 1 ? " and the others" : "",
                        options->filter ? "the filter lets none through, or there are none"
                                        : "there are none");
}

/** All is joined; `trouble`: what the pipeline ended with, or NULL. */
static int report_end(struct reading *reading, const struct nta_pipeline *pipeline, int64_t took_ns,
                      const char *trouble)
{
    const struct nta_read_run run = {
        .pipeline = pipeline,
        .looked_for = &reading->looked_for,
        .wrong = &reading->wrong,
        .interrupted = atomic_load(&interrupted),
        .json = reading->options.json,
    };

    print_end(reading, &run, took_ns);
    nta_show_diagnosis(pipeline);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno ? errno : EIO));
    int status = nta_read_report_missing(&run);
    uint64_t n_lost = nta_pipeline_counted(pipeline, NTA_COUNTER_RECORD_LOST) +
                      nta_pipeline_counted(pipeline, NTA_COUNTER_RECORD_DROP);

    if (n_lost)
        status = nta_cmd_fail(NTA_EXIT_INPUT,
                              "%" PRIu64 " records could not be stored and are lost", n_lost);
    if (reading->n_bad)
        status = nta_cmd_fail(NTA_EXIT_INPUT, "%" PRIu64 " records could not be read again",
                              reading->n_bad);
    if (trouble && !has_line(&reading->wrong, trouble))
        status = nta_cmd_fail(NTA_EXIT_INPUT, "%s", trouble);
    if (status == NTA_EXIT_OK && nta_pipeline_counted(pipeline, NTA_COUNTER_RECEIVED) == 0)
        status = no_packet(reading);
    return status;
}

static int run(struct reading *reading)
{
    const struct nta_read_options *options = &reading->options;
    const struct nta_capture_options source = {
        .files = options->files,
        .n_files = options->n_files,
        .filter = options->filter,
        .snap_len = (uint32_t)options->config->capture.snap_len,
        .pace = options->pace,
        .complain = on_wrong,
        .owner = reading,
    };
    const struct nta_pipeline_options pipeline_options = {
        .config = options->config,
        .sources = &source,
        .n_sources = 1,
        .outlet =
            {
                .store_path = options->store_dir ? reading->store_path : NULL,
                .keys_dir = reading->keys_dir,
                .state_dir = reading->state_dir,
                .lock = reading->store_lock,
                .alerter = reading->alerter,
                .each = on_record,
                .owner = reading,
                .matches_only = !options->json,
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
    if (nta_pipeline_start(pipeline, &err) < 0) {
        nta_pipeline_stop(pipeline);
        (void)nta_pipeline_join(pipeline, &(struct nta_err){0});
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    }
    atomic_store(&running, pipeline);
    if (atomic_load(&interrupted)) /* before there was anything to stop */
        nta_pipeline_stop(pipeline);
    struct nta_thread hashing = {0};

    reading->began_wall_ns = nta_clock_wall_ns();
    if (options->store_dir && nta_thread_start(&(struct nta_thread_options){.name = "nta-hash"},
                                               tell_start_aside, reading, &hashing) < 0)
        (void)tell_start_aside(reading);
    nta_show_progress(pipeline);
    nta_thread_join(&hashing);
    int r = nta_pipeline_join(pipeline, &err);

    atomic_store(&running, NULL);
    nta_alerter_stop(&reading->alerter);
    return report_end(reading, pipeline, nta_clock_mono_ns() - began_ns, r < 0 ? err.text : NULL);
}

static int prepare_and_run(struct reading *reading)
{
    int status = prepare_store(reading);

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

    if (!isatty(STDOUT_FILENO))
        (void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    int status = nta_read_options_take(&reading.options, argc, argv);

    if (status < 0) {
        reading.summary = nta_summary_new();
        status = reading.summary ? prepare_and_run(&reading)
                                 : nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    }
    nta_alerter_stop(&reading.alerter);
    nta_store_lock_free(&reading.store_lock);
    nta_summary_free(&reading.summary);
    nta_policy_free(&reading.policy);
    nta_read_options_done(&reading.options);
    nta_buf_done(&reading.line);
    nta_buf_done(&reading.wrong);
    return status;
}
