/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/known.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "vault/seal/statebox.h"
#include "who/beside/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_WORD "file "

/** What a crash loses at most of what was learnt; the records have it, too. */
#define SAVE_NS (300 * NTA_NS_PER_S)

static struct nta_statebox box_of(const struct nta_known *known)
{
    return (struct nta_statebox){
        .keys_dir = known->keys_dir, .state_dir = known->state_dir, .name = "who.state"};
}

static bool has_space(void *owner)
{
    const struct nta_known *known = owner;

    return nta_who_board_has_space(nta_pipeline_board(known->pipeline));
}

static void post(void *owner, const struct nta_who_fact *fact)
{
    const struct nta_known *known = owner;

    (void)nta_who_board_add(nta_pipeline_board(known->pipeline), fact, true);
}

static void read_files(struct nta_known *known)
{
    const struct nta_follow_calls calls = {has_space, post, known};
    struct nta_err err;

    for (size_t i = 0; i < known->n_files; i++) {
        uint64_t *n_bad = &known->files[i].lines.n_bad;

        if (nta_follow_read(&known->files[i], nta_clock_wall_ns(), &calls, &err) < 0)
            nta_log_warning("who.files: %s", err.text);
        nta_pipeline_count(known->pipeline, NTA_COUNTER_WHO_BAD_LINES, *n_bad);
        *n_bad = 0;
    }
    nta_who_board_flush(nta_pipeline_board(known->pipeline));
}

/** "file DEV INODE AT PATH": how far a file was read. */
static bool resume(struct nta_known *known, struct nta_span line)
{
    uint64_t dev, ino, at;
    char text[512];
    int len = 0;

    if (!nta_span_begins(line, nta_span_of(FILE_WORD)))
        return false;
    nta_text_copy(text, sizeof(text), line);
    // NOLINTNEXTLINE(cert-err34-c): our own line, which was sealed
    if (sscanf(text, FILE_WORD "%" SCNu64 " %" SCNu64 " %" SCNu64 " %n", &dev, &ino, &at, &len) < 3)
        return true;
    for (size_t i = 0; i < known->n_files; i++) {
        if (strcmp(known->files[i].path, text + len) == 0)
            nta_follow_resume(&known->files[i], dev, ino, at);
    }
    return true;
}

static void put_places(const struct nta_known *known, struct nta_buf *out)
{
    uint64_t dev, ino, at;

    for (size_t i = 0; i < known->n_files; i++) {
        const struct nta_follow *file = &known->files[i];

        if (nta_follow_place(file, &dev, &ino, &at))
            nta_buf_printf(out, FILE_WORD "%" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", dev, ino, at,
                           file->path);
    }
}

/** What was known when it ended, or a few minutes before. */
static void load(struct nta_known *known)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    NTA_AUTO_FREE struct nta_who_lines *lines = calloc(1, sizeof(*lines));
    const struct nta_statebox box = box_of(known);
    const int64_t now_ns = nta_clock_wall_ns();
    struct nta_who_fact fact;
    struct nta_err err;
    size_t n = 0;
    int r = lines ? nta_statebox_read(&box, &text, &err) : -ENOMEM;

    if (r < 0) {
        if (r != -ENOENT)
            nta_log_warning("who had which address before is not known: %s", err.text);
        return;
    }
    lines->is_trusted = true;
    for (struct nta_span rest = nta_buf_span(&text); rest.len > 0;) {
        const struct nta_span line = nta_span_take(&rest, '\n');

        if (resume(known, line) || !nta_who_line(lines, line, now_ns, &fact))
            continue;
        (void)nta_who_board_add(nta_pipeline_board(known->pipeline), &fact, false);
        n++;
    }
    nta_who_board_flush(nta_pipeline_board(known->pipeline));
    nta_log_info("%zu bindings of addresses are known from before", n);
}

static void save(const struct nta_known *known, struct nta_span lines)
{
    NTA_AUTO(nta_buf_done) struct nta_buf all = {0};
    const struct nta_statebox box = box_of(known);
    struct nta_err err;

    put_places(known, &all);
    nta_buf_put(&all, lines.ptr, lines.len);
    const int r = all.failed ? nta_err_sys(&err, -ENOMEM, "who.state")
                             : nta_statebox_write(&box, nta_buf_span(&all), &err);

    if (r < 0)
        nta_log_error("who has which address will not be known after a restart: %s", err.text);
}

int nta_known_start(struct nta_known *known, const struct nta_config *config, struct nta_err *err)
{
    for (size_t i = 0; i < config->who.n_files; i++) {
        int r = nta_follow_init(&known->files[known->n_files++], config->who.files[i]);

        if (r < 0)
            return nta_err_sys(err, r, "who.files");
    }
    load(known);
    read_files(known);
    known->saved_mono_ns = nta_clock_mono_ns();
    return 0;
}

void nta_known_stop(struct nta_known *known)
{
    for (size_t i = 0; i < known->n_files; i++)
        nta_follow_done(&known->files[i]);
    known->n_files = 0;
}

void nta_known_tend(struct nta_known *known)
{
    const int64_t now_ns = nta_clock_mono_ns();
    const struct nta_span lines = nta_pipeline_saved_who(known->pipeline);

    read_files(known);
    if (lines.len > 0)
        save(known, lines);
    if (now_ns - known->saved_mono_ns < SAVE_NS)
        return;
    known->saved_mono_ns = now_ns;
    nta_pipeline_save_who(known->pipeline);
}

void nta_known_keep(const struct nta_known *known)
{
    NTA_AUTO(nta_buf_done) struct nta_buf lines = {0};

    nta_pipeline_put_who(known->pipeline, nta_clock_wall_ns(), &lines);
    if (!lines.failed)
        save(known, nta_buf_span(&lines));
}
