/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/heads.h"

#include "base/hex.h"
#include "base/own.h"
#include "vault/checkpoint.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE_SENSOR "chain head of sensor "
#define BEFORE_NUMBER ": batch "
#define BEFORE_LINK   ", "
#define BEFORE_ROOT   ", tree "
#define MEANT         "chain head"    /* where these words are, one was meant */
#define ORIGIN        "nta/"          /* of a checkpoint's first line */
#define DASH          "\xe2\x80\x94 " /* of its signatures */

enum
{
    ORIGIN_DIGITS = 8, ///< So many make an origin that was meant as one.
    TEXT_LINES = 3,    ///< That each checkpoint has.
    LINK_DIGITS = 16   ///< So many behind a number make a link that was meant as one.
};

void nta_heads_done(struct nta_heads *heads)
{
    for (size_t i = 0; i < heads->n; i++)
        free(heads->all[i].note);
    free(heads->all);
    *heads = (struct nta_heads){.n = 0};
}

static int add(struct nta_heads *heads, const struct nta_noted_head *head, struct nta_err *err)
{
    if (heads->n == NTA_HEADS_MAX)
        return nta_err_set(err, -E2BIG, "more than %d heads: give them in parts", NTA_HEADS_MAX);
    if (heads->n == heads->size) {
        size_t size = heads->size ? 2 * heads->size : 16;
        struct nta_noted_head *all = reallocarray(heads->all, size, sizeof(*all));

        if (!all)
            return nta_err_sys(err, -ENOMEM, "heads");
        heads->all = all;
        heads->size = size;
    }
    heads->all[heads->n++] = *head;
    return 0;
}

static bool take_number(const char **pos, uint64_t *ret_number)
{
    char *end = NULL;

    if (!isdigit((unsigned char)**pos))
        return false;
    errno = 0;
    *ret_number = strtoull(*pos, &end, 10);
    *pos = end;
    return errno == 0 && *ret_number > 0;
}

/** Digits, and no more of them behind. */
static bool take_hex(const char **pos, size_t len, uint8_t *ret_bytes)
{
    if (!nta_hex_parse(*pos, len, ret_bytes))
        return false;
    *pos += 2 * len;
    return !isxdigit((unsigned char)**pos);
}

/** ":" and hexadecimal digits of a hash. */
static bool take_hash(const char **pos, uint8_t ret_hash[NTA_HASH_LEN])
{
    return *(*pos)++ == ':' && take_hex(pos, NTA_HASH_LEN, ret_hash);
}

int nta_heads_add(struct nta_heads *heads, const char *text, struct nta_err *err)
{
    struct nta_noted_head head = {.has_link = true};
    const char *pos = text, *colon = strchr(text, ':');

    /* a number has 20 digits at most */
    if (colon && colon - text == (ptrdiff_t)2 * NTA_SENSOR_ID_LEN) {
        head.has_sensor = take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) && *pos == ':';
        if (!head.has_sensor)
            return nta_err_set(err, -EINVAL, "--head: the sensor is not 32 hexadecimal digits");
        pos++;
    }
    bool is_head = take_number(&pos, &head.number) && take_hash(&pos, head.link);

    head.has_root = is_head && *pos == ':';
    if (!is_head || (head.has_root && !take_hash(&pos, head.root)) || *pos)
        return nta_err_set(err, -EINVAL,
                           "--head: not NUMBER:LINK or NUMBER:LINK:ROOT, the number of a batch and "
                           "64 hexadecimal digits each, as ntad logs them and nta verify shows "
                           "them");
    return add(heads, &head, err);
}

/** What stands behind a word, which must be there. */
static bool take_word(const char **pos, const char *word)
{
    if (strncmp(*pos, word, strlen(word)) != 0)
        return false;
    *pos += strlen(word);
    return true;
}

/** Its beginning is gone: a number and the digits of a link are there. */
static bool is_rest(const char *line)
{
    const char *pos = strstr(line, BEFORE_NUMBER);
    uint64_t number;

    return pos && take_word(&pos, BEFORE_NUMBER) && take_number(&pos, &number) &&
           take_word(&pos, BEFORE_LINK) && strspn(pos, "0123456789abcdefABCDEF") >= LINK_DIGITS;
}

enum nta_heads_line nta_heads_find(const char *line, struct nta_noted_head *ret_head)
{
    const char *pos = strstr(line, MEANT);
    struct nta_noted_head head = {.has_sensor = true, .has_link = true};

    if (!pos)
        return is_rest(line) ? NTA_HEADS_BAD : NTA_HEADS_NONE;
    if (!take_word(&pos, BEFORE_SENSOR) || !take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) ||
        !take_word(&pos, BEFORE_NUMBER) || !take_number(&pos, &head.number) ||
        !take_word(&pos, BEFORE_LINK) || !take_hex(&pos, NTA_HASH_LEN, head.link))
        return NTA_HEADS_BAD;
    head.has_root = take_word(&pos, BEFORE_ROOT);
    if (head.has_root ? !take_hex(&pos, NTA_HASH_LEN, head.root) : *pos == ',')
        return NTA_HEADS_BAD; /* behind a comma the tree stood, as much of it as there is */
    if (strstr(pos, MEANT))
        return NTA_HEADS_BAD; /* another one behind it: the lines were joined */
    *ret_head = head;
    return NTA_HEADS_ONE;
}

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

static bool is_origin(const char *line, uint8_t ret_sensor[NTA_SENSOR_ID_LEN])
{
    const char *pos = line;

    return take_word(&pos, ORIGIN) && take_hex(&pos, NTA_SENSOR_ID_LEN, ret_sensor) && !*pos;
}

/** It was meant as one: a path has no such row of digits. */
static bool begins_as_origin(const char *line)
{
    return strncmp(line, ORIGIN, strlen(ORIGIN)) == 0 &&
           strspn(line + strlen(ORIGIN), "0123456789abcdefABCDEF") >= ORIGIN_DIGITS;
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
        if (!is_origin(line, sensor))
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
                       "not a checkpoint as it began (\"" ORIGIN "SENSOR\", its size, its hash, a "
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
    int r = add(heads, &head, err);

    if (r < 0)
        free(head.note);
    return r;
}

/* ---- files ---- */

/**
 * The next line, without its end; what a crashed log holds of zeros becomes spaces, behind which
 * there may be a head.  1; 0: no more; -EMSGSIZE: longer than a log's line.
 */
static int read_line(FILE *file, char line[NTA_HEADS_LINE_MAX + 1])
{
    size_t len = 0;
    int c;

    while ((c = getc(file)) != EOF && c != '\n') {
        if (len == NTA_HEADS_LINE_MAX)
            return -EMSGSIZE;
        line[len++] = (char)(c ? c : ' ');
    }
    line[len] = '\0';
    return c != EOF || len > 0;
}

static int take_line(struct nta_heads *heads, struct checkpoint *checkpoint, const char *line,
                     struct nta_err *err)
{
    struct nta_noted_head head;

    if (checkpoint->at == AT_SIGNATURES && strncmp(line, DASH, strlen(DASH)) != 0) {
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
    case NTA_HEADS_ONE: return add(heads, &head, err);
    case NTA_HEADS_BAD: break;
    }
    return nta_err_set(err, -EBADMSG,
                       "not a head as ntad logs it (\"" BEFORE_SENSOR "S" BEFORE_NUMBER
                       "N, LINK" BEFORE_ROOT "ROOT\"): it was cut, or changed; take it from "
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
        r = read_line(file, line);
        number++;
        if (r == -EMSGSIZE)
            (void)nta_err_set(err, r, "longer than %d bytes: is it a log?", NTA_HEADS_LINE_MAX);
        int taken = r > 0 ? take_line(heads, &checkpoint, line, err) : r;

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

void nta_heads_check_empty(const struct nta_heads *heads, const struct nta_chain *chain,
                           struct nta_findings *findings)
{
    struct nta_chain_sensor sensor;
    char text[NTA_FINDING_TEXT_SIZE];

    for (size_t i = 0; heads->empty && nta_chain_get(chain, i, &sensor); i++) {
        const struct nta_finding_at at = {.sensor = sensor.trusted->sensor, .number = sensor.last};

        if (sensor.last <= 1)
            continue;
        (void)snprintf(text, sizeof(text),
                       "no head is noted in %.80s: that list was emptied, or is not one; whether "
                       "something was cut off was not seen",
                       heads->empty);
        nta_findings_add(findings, NTA_FINDING_UNSEEN, &at, text);
    }
}

/**
 * A checkpoint is its sensor's word, so its signature must hold where the chain proves the key.
 * One that is not signed says nothing of the chain.
 */
static bool is_forged(const struct nta_noted_head *head, const struct nta_chain *chain)
{
    const uint8_t *key = head->note ? nta_chain_checkpoint_key(chain, head->sensor) : NULL;
    struct nta_checkpoint read;

    return key && !nta_checkpoint_read((struct nta_span){head->note, head->note_len}, key, &read);
}

static int expect(const struct nta_noted_head *head, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                  struct nta_chain *chain)
{
    struct nta_header place = {.number = head->number};

    if (!is_forged(head, chain))
        return nta_chain_expect(chain, NTA_FINDING_NOTED, sensor,
                                &(struct nta_expected){
                                    .number = head->number,
                                    .link = head->has_link ? head->link : NULL,
                                    .root = head->has_root ? head->root : NULL,
                                });
    memcpy(place.sensor, sensor, sizeof(place.sensor));
    nta_chain_report(chain, NTA_FINDING_NOTED, &place,
                     "the checkpoint that was noted is not signed by its sensor's checkpoint key: "
                     "it was changed or made up; take it from the witness once more");
    return 0;
}

int nta_heads_expect(const struct nta_heads *heads, const struct nta_trust *trust,
                     struct nta_chain *chain, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < heads->n && r == 0; i++) {
        const struct nta_noted_head *head = &heads->all[i];

        if (!head->has_sensor && trust->n != 1)
            return nta_err_set(err, -EINVAL,
                               "--head: %zu sensors are trusted; of which one is it? Say "
                               "SENSOR:NUMBER:LINK",
                               trust->n);
        r = expect(head, head->has_sensor ? head->sensor : trust->all[0].sensor, chain);
        if (r < 0)
            return nta_err_sys(err, r, "heads");
    }
    return r;
}
