/* SPDX-License-Identifier: Apache-2.0 */
#include "output/show.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "pipeline/diagnosis.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/** A line on the terminal while it runs; nothing elsewhere. */
void nta_show_progress(const struct nta_pipeline *pipeline)
{
    const struct timespec nap = {.tv_nsec = 100 * NTA_NS_PER_MS};
    bool shown = false;

    if (!isatty(STDERR_FILENO))
        return;
    (void)nanosleep(&nap, NULL);
    while (nta_pipeline_running(pipeline)) {
        uint64_t done, all;

        nta_pipeline_progress(pipeline, &done, &all);
        if (all)
            (void)fprintf(stderr, "\r\033[K%5.1f %%  %" PRIu64 " packets, %" PRIu64 " alerts",
                          100.0 * (double)done / (double)all,
                          nta_pipeline_counted(pipeline, NTA_COUNTER_RECEIVED),
                          nta_pipeline_counted(pipeline, NTA_COUNTER_ALERTS));
        shown = shown || all;
        (void)nanosleep(&nap, NULL);
    }
    if (shown)
        (void)fputs("\r\033[K", stderr);
}

static void print_unknown(void *owner, const char *kind, uint32_t number, uint64_t n)
{
    (void)owner;
    nta_prose_print(stderr,
                    "nta: %" PRIu64 " packets with a layer we do not know: %s %" PRIu32
                    " (0x%04" PRIx32 ")\n",
                    n, kind, number, number);
}

static uint64_t counted(const void *pipeline, enum nta_counter which)
{
    return nta_pipeline_counted(pipeline, which);
}

void nta_show_diagnosis(const struct nta_pipeline *pipeline)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sentences = {0};

    if (nta_diagnose(counted, pipeline, &sentences) == 0 || sentences.failed)
        return;
    nta_buf_put_u8(&sentences, '\0');
    for (char *line = (char *)sentences.ptr, *end; !sentences.failed && (end = strchr(line, '\n'));
         line = end + 1)
        nta_prose_print(stderr, "nta: %.*s\n", (int)(end - line), line);
}

void nta_show_counters(const struct nta_pipeline *pipeline)
{
    struct rusage usage;

    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        uint64_t n = nta_pipeline_counted(pipeline, (enum nta_counter)i);

        if (n)
            nta_prose_print(stderr, "%-24s %12" PRIu64 " %-9s %s\n", nta_counter_infos[i].name, n,
                            nta_counter_infos[i].unit, nta_counter_infos[i].help);
    }
    nta_pipeline_each_unknown(pipeline, print_unknown, NULL);
    (void)getrusage(RUSAGE_SELF, &usage);
    nta_prose_print(stderr, "%-24s %12ld %-9s resident at most\n", "memory.peak",
                    usage.ru_maxrss / 1024, "MiB");
}
