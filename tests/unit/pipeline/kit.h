/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests: a capture (wire.h) read by the whole pipeline; the records that come out, as JSON
 * lines.
 */

#include "base/own.h"
#include "base/text.h"
#include "config/config.h"
#include "pipeline/pipeline.h"
#include "record/json.h"
#include "unit.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kit
{
    struct nta_config *config;
    char dir[64]; ///< Scratch folder.
    char capture[96];
    struct wire wire; ///< The capture while it is written.
    unsigned n_lists;
    struct nta_buf lines; ///< One record a line.
    uint64_t n_bad;
    uint64_t counters[NTA_N_COUNTERS]; ///< After the run.
};

static inline void kit_init(struct kit *kit)
{
    *kit = (struct kit){0};
    (void)snprintf(kit->dir, sizeof(kit->dir), "/tmp/nta-pipeline-XXXXXX");
    assert_non_null(mkdtemp(kit->dir));
    assert_int_equal(nta_config_new(&kit->config, NULL), 0);
    kit->config->capture.workers = 1;
    (void)snprintf(kit->capture, sizeof(kit->capture), "%s/capture.pcap", kit->dir);
    wire_open(&kit->wire, kit->capture);
}

static inline void kit_done(struct kit *kit)
{
    char command[128];

    wire_close(&kit->wire);
    nta_config_free(&kit->config);
    nta_buf_done(&kit->lines);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", kit->dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

/** Name a list that holds `text` in the configuration. */
static inline void kit_list(struct kit *kit, const char *text, bool allow)
{
    struct nta_config_list *list = &kit->config->blacklist.files[kit->config->blacklist.n_files++];
    char path[96];

    (void)snprintf(path, sizeof(path), "%s/list%u.txt", kit->dir, kit->n_lists++);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    list->path = strdup(path);
    list->allow = allow;
    list->any_owner = true;
}

static inline void kit_each(void *owner, const char *id, struct nta_span cbor)
{
    struct kit *kit = owner;
    struct nta_record_buf buf;
    struct nta_record record;

    if (!nta_record_decode(cbor, &buf, &record)) {
        kit->n_bad++;
        return;
    }
    nta_record_json(&kit->lines, &record, id);
    nta_buf_put_u8(&kit->lines, '\n');
}

static inline struct nta_policy *kit_policy(const struct kit *kit, const struct nta_policy *old)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_policy *policy = NULL;
    struct nta_err err = {0};

    if (nta_policy_new(kit->config, old, &policy, &complaints, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(complaints.len, 0);
    return policy;
}

/**
 * The pipeline over `n` files; what happens between start and end is `meanwhile`'s (NULL: nothing);
 * each record goes to `each`.
 */
static inline void
kit_run_files_each(struct kit *kit, const char *const *files, size_t n,
                   void (*meanwhile)(struct kit *kit, struct nta_pipeline *pipeline),
                   void (*each)(void *owner, const char *id, struct nta_span cbor))
{
    const struct nta_capture_options source = {.files = files, .n_files = n, .snap_len = 262144};
    const struct nta_pipeline_options options = {
        .config = kit->config,
        .sources = &source,
        .n_sources = 1,
        .outlet = {.each = each, .owner = kit},
        .files = true,
    };
    NTA_AUTO(nta_pipeline_free) struct nta_pipeline *pipeline = NULL;
    struct nta_err err = {0};

    if (nta_pipeline_new(&options, kit_policy(kit, NULL), &pipeline, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(nta_pipeline_start(pipeline, &err), 0);
    if (meanwhile)
        meanwhile(kit, pipeline);
    if (nta_pipeline_join(pipeline, &err) < 0)
        fail_msg("%s", err.text);
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++)
        kit->counters[i] = nta_pipeline_counted(pipeline, (enum nta_counter)i);
    nta_buf_put_u8(&kit->lines, '\0');
    assert_false(kit->lines.failed);
    assert_int_equal(kit->n_bad, 0);
}

/** The same, into kit->lines. */
static inline void kit_run_files(struct kit *kit, const char *const *files, size_t n,
                                 void (*meanwhile)(struct kit *kit, struct nta_pipeline *pipeline))
{
    kit_run_files_each(kit, files, n, meanwhile, kit_each);
}

/** The pipeline over the capture that was written. */
static inline void kit_run(struct kit *kit)
{
    const char *const files[] = {kit->capture};

    wire_close(&kit->wire);
    kit_run_files(kit, files, 1, NULL);
}

/** How many records hold both texts; the last of them into `line` (NULL: not wanted). */
static inline size_t kit_find(const struct kit *kit, const char *one, const char *two, char *line,
                              size_t size)
{
    const char *const all = (const char *)kit->lines.ptr + kit->lines.len;
    size_t n = 0;

    /* not strchr(), which a sanitizer lets run through all lines each time */
    for (char *at = (char *)kit->lines.ptr, *end;
         at && (end = memchr(at, '\n', (size_t)(all - at))); at = end + 1) {
        *end = '\0';
        if (strstr(at, one) && strstr(at, two)) {
            n++;
            if (line)
                (void)snprintf(line, size, "%s", at);
        }
        *end = '\n';
    }
    return n;
}

/** The only record with both texts, which `line` then holds, has this one too. */
static inline void kit_says(const struct kit *kit, const char *one, const char *two,
                            const char *expected, char *line, size_t size)
{
    size_t n = kit_find(kit, one, two, line, size);

    if (n != 1)
        fail_msg("%zu records have %s and %s:\n%s", n, one, two, (const char *)kit->lines.ptr);
    if (!strstr(line, expected))
        fail_msg("%s is not in %s", expected, line);
}
