/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "chain/heads.h"
#include "chain/heads_word.h"
#include "vault/checkpoint.h"
#include "vault/signed_note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOM "\xef\xbb\xbf" /* what some editors put in front of UTF-8 */

enum
{
    ORIGIN_DIGITS = 8, ///< So many make an origin that was meant as one.
    TEXT_LINES = 3     ///< That each checkpoint has.
};

/* ---- checkpoints ---- */

/** A checkpoint in several lines of a file, as far as it was read. */
struct checkpoint
{
    enum
    {
        AT_ORIGIN,    ///< None was begun.
        AT_TEXT,      ///< Its size, its hash, and others up to a blank line.
        AT_SIGNATURES ///< What begins as they do.
    } at;

    unsigned n_lines; ///< Of the text, then of signatures.
    struct nta_buf note;
};

static void checkpoint_done(struct checkpoint *checkpoint)
{
    nta_buf_done(&checkpoint->note);
}

/** It was meant as one: a path has no such row of digits. */
static bool begins_as_origin(const char *line)
{
    return strncmp(line, NTA_LOG_NAME, strlen(NTA_LOG_NAME)) == 0 &&
           strspn(line + strlen(NTA_LOG_NAME), "0123456789abcdefABCDEF") >= ORIGIN_DIGITS;
}

static void put_line(struct checkpoint *checkpoint, const char *line)
{
    nta_buf_puts(&checkpoint->note, line);
    nta_buf_puts(&checkpoint->note, "\n");
    checkpoint->n_lines++;
}

/** One line more of its text. */
static enum nta_heads_line take_text(struct checkpoint *checkpoint, const char *line)
{
    struct nta_checkpoint read;

    if (!*line && checkpoint->n_lines < TEXT_LINES)
        return NTA_HEADS_BAD;
    put_line(checkpoint, line);
    if (!*line) {
        checkpoint->at = AT_SIGNATURES;
        checkpoint->n_lines = 0;
    } else if (checkpoint->note.len > NTA_CHECKPOINT_MAX ||
               (checkpoint->n_lines == TEXT_LINES &&
                !nta_checkpoint_text(nta_buf_span(&checkpoint->note), &read))) {
        return NTA_HEADS_BAD;
    }
    return NTA_HEADS_ONE;
}

/** Whether a line is one of a checkpoint. */
static enum nta_heads_line take_part(struct checkpoint *checkpoint, const char *line)
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    switch (checkpoint->at) {
    case AT_ORIGIN:
        if (!begins_as_origin(line))
            return NTA_HEADS_NONE;
        if (!nta_log_name_parse(nta_span_of(line), sensor))
            return NTA_HEADS_BAD;
        nta_buf_clear(&checkpoint->note);
        checkpoint->n_lines = 0;
        checkpoint->at = AT_TEXT;
        put_line(checkpoint, line);
        return NTA_HEADS_ONE;
    case AT_TEXT: return take_text(checkpoint, line);
    case AT_SIGNATURES: put_line(checkpoint, line); return NTA_HEADS_ONE;
    }
    return NTA_HEADS_BAD;
}

static int fail_checkpoint(struct nta_err *err)
{
    return nta_err_set(err, -EBADMSG,
                       "not a checkpoint as it began (\"" NTA_LOG_NAME
                       "SENSOR\", its size, its hash, a "
                       "line each; a blank line, signatures): it was cut, or changed; take it "
                       "from where it was noted once more");
}

/** Its last line was read. */
static int end_checkpoint(struct nta_heads *heads, struct checkpoint *checkpoint,
                          struct nta_err *err)
{
    const struct nta_span note = nta_buf_span(&checkpoint->note);
    struct nta_checkpoint read;
    struct nta_noted_head head = {.has_sensor = true, .has_root = true};

    if (checkpoint->note.failed)
        return nta_err_sys(err, -ENOMEM, "heads");
    if (checkpoint->at != AT_SIGNATURES || checkpoint->n_lines == 0 ||
        note.len > NTA_CHECKPOINT_MAX ||
        !nta_checkpoint_text(nta_span_first(note, nta_span_find(note, "\n\n") + 1), &read) ||
        read.n == 0)
        return fail_checkpoint(err);
    checkpoint->at = AT_ORIGIN;
    memcpy(head.sensor, read.sensor, sizeof(head.sensor));
    memcpy(head.root, read.root, sizeof(head.root));
    head.number = read.n;
    head.note = malloc(note.len);
    if (!head.note)
        return nta_err_sys(err, -ENOMEM, "heads");
    memcpy(head.note, note.ptr, note.len);
    head.note_len = note.len;
    int r = nta_heads_put(heads, &head, err);

    if (r < 0)
        free(head.note);
    return r;
}

/* ---- files ---- */

/** Bytes with which a packed file begins: heads in it would be passed over. */
static bool is_packed(const char *line, size_t len)
{
    static const char *const magic[] = {"\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd\x37zXZ", "BZh"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(magic); i++)
        if (len > strlen(magic[i]) && memcmp(line, magic[i], strlen(magic[i])) == 0)
            return true;
    return false;
}

/**
 * Whether a line is of UTF-16: letters with a zero beside each.  A log that a crash cut holds zeros
 * in one run.
 */
static bool is_wide(const char *line, size_t len)
{
    size_t n = 0;

    for (size_t i = 1; i + 1 < len; i++)
        n += !line[i] && line[i - 1] && line[i + 1];
    return n > 4 && n > len / 4;
}

static int refuse_line(int why, struct nta_err *err)
{
    if (why == -EMSGSIZE)
        return nta_err_set(err, why, "longer than %d bytes: is it a log?", NTA_HEADS_LINE_MAX);
    return nta_err_set(err, why,
                       "not text (packed, or UTF-16): give it as plain text, lest heads "
                       "be passed over");
}

/**
 * The next line, without its end; what a crashed log holds of zeros becomes spaces, behind which
 * there may be a head.  1; 0: no more; -EMSGSIZE: longer than a log's line; -EILSEQ: no text.
 */
static int read_line(FILE *file, char line[NTA_HEADS_LINE_MAX + 1], struct nta_err *err)
{
    size_t len = 0;
    int c;

    while ((c = getc(file)) != EOF && c != '\n') {
        if (len == NTA_HEADS_LINE_MAX)
            return refuse_line(-EMSGSIZE, err);
        line[len++] = (char)c;
    }
    if (is_packed(line, len) || is_wide(line, len))
        return refuse_line(-EILSEQ, err);
    for (size_t i = 0; i < len; i++)
        if (!line[i])
            line[i] = ' ';
    line[len] = '\0';
    return c != EOF || len > 0;
}

/** Without the mark of UTF-8 in front. */
static const char *without_mark(const char *line)
{
    (void)nta_heads_take_word(&line, BOM);
    return line;
}

static int take_line(struct nta_heads *heads, struct checkpoint *checkpoint, const char *line,
                     struct nta_err *err)
{
    struct nta_noted_head head;

    if (checkpoint->at == AT_SIGNATURES &&
        strncmp(line, NTA_NOTE_DASH, strlen(NTA_NOTE_DASH)) != 0) {
        int r = end_checkpoint(heads, checkpoint, err);

        if (r < 0)
            return r;
    }
    switch (take_part(checkpoint, line)) {
    case NTA_HEADS_ONE: return 0;
    case NTA_HEADS_BAD: return fail_checkpoint(err);
    case NTA_HEADS_NONE: break;
    }
    switch (nta_heads_find(line, &head)) {
    case NTA_HEADS_NONE: return 0;
    case NTA_HEADS_ONE: return nta_heads_put(heads, &head, err);
    case NTA_HEADS_BAD: break;
    }
    return nta_err_set(err, -EBADMSG,
                       "not a head as ntad logs it (\"chain head of sensor S: batch N, LINK, tree "
                       "ROOT\"): it was cut, or changed; take it from "
                       "where it was noted once more");
}

static int read_lines(struct nta_heads *heads, FILE *file, const char *path, struct nta_err *err)
{
    NTA_AUTO_FREE char *line = malloc(NTA_HEADS_LINE_MAX + 1);
    NTA_AUTO(checkpoint_done) struct checkpoint checkpoint = {.at = AT_ORIGIN};
    const size_t n_before = heads->n;
    uint64_t number = 0;
    int r;

    if (!line)
        return nta_err_sys(err, -ENOMEM, "heads");
    do {
        r = read_line(file, line, err);
        number++;
        int taken = r > 0 ? take_line(heads, &checkpoint, without_mark(line), err) : r;

        if (taken < 0)
            return nta_err_prefix(err, taken, "--heads %.200s: line %" PRIu64, path, number);
    } while (r > 0);
    if (r == 0 && ferror(file))
        r = nta_err_sys(err, -EIO, "%.300s", path);
    if (r == 0 && checkpoint.at != AT_ORIGIN) {
        r = end_checkpoint(heads, &checkpoint, err);
        if (r < 0)
            return nta_err_prefix(err, r, "--heads %.200s: it ends in line %" PRIu64, path,
                                  number - 1);
    }
    if (r == 0 && heads->n == n_before)
        heads->empty = path;
    return r;
}

int nta_heads_read(struct nta_heads *heads, const char *path, struct nta_err *err)
{
    NTA_AUTO_FILE FILE *file = NULL;

    if (strcmp(path, "-") == 0)
        return read_lines(heads, stdin, "standard input", err);
    file = fopen(path, "re");
    if (!file) {
        int r = nta_err_sys(err, -errno, "--heads %.300s", path);

        return r == -EINVAL ? -EIO : r;
    }
    return read_lines(heads, file, path, err);
}
