/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/heads.h"

#include "base/hex.h"
#include "base/own.h"

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
#define ORIGIN        "nta/" /* of a checkpoint's first line */

enum
{
    ROOT_TEXT_LEN = 44 ///< A hash in base64.
};

void nta_heads_done(struct nta_heads *heads)
{
    free(heads->all);
    *heads = (struct nta_heads){.n = 0};
}

static int add(struct nta_heads *heads, const struct nta_noted_head *head, struct nta_err *err)
{
    if (heads->n == NTA_HEADS_MAX)
        return nta_err_set(err, -E2BIG, "more than %d heads", NTA_HEADS_MAX);
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

enum nta_heads_line nta_heads_find(const char *line, struct nta_noted_head *ret_head)
{
    const char *pos = strstr(line, BEFORE_SENSOR);
    struct nta_noted_head head = {.has_sensor = true, .has_link = true};

    if (!pos)
        return NTA_HEADS_NONE;
    pos += strlen(BEFORE_SENSOR);
    if (!take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) || !take_word(&pos, BEFORE_NUMBER) ||
        !take_number(&pos, &head.number) || !take_word(&pos, BEFORE_LINK) ||
        !take_hex(&pos, NTA_HASH_LEN, head.link))
        return NTA_HEADS_BAD;
    head.has_root = take_word(&pos, BEFORE_ROOT);
    if (head.has_root && !take_hex(&pos, NTA_HASH_LEN, head.root))
        return NTA_HEADS_BAD;
    *ret_head = head;
    return NTA_HEADS_ONE;
}

/* ---- checkpoints ---- */

/** The value of a digit of base64 (RFC 4648 section 4); -1: none. */
static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

/** A line of 44 digits, of which the last one is the end's. */
static bool take_root(const char *line, uint8_t ret_root[NTA_HASH_LEN])
{
    uint8_t bytes[NTA_HASH_LEN + 1] = {0};
    uint32_t bits = 0;

    if (strlen(line) != ROOT_TEXT_LEN || line[ROOT_TEXT_LEN - 1] != '=')
        return false;
    for (size_t i = 0; i < ROOT_TEXT_LEN; i++) {
        const int digit = i < ROOT_TEXT_LEN - 1 ? digit_of(line[i]) : 0;

        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 == 3) {
            bytes[i / 4 * 3] = (uint8_t)(bits >> 16);
            bytes[i / 4 * 3 + 1] = (uint8_t)(bits >> 8);
            bytes[i / 4 * 3 + 2] = (uint8_t)bits;
        }
    }
    memcpy(ret_root, bytes, NTA_HASH_LEN);
    return bytes[NTA_HASH_LEN] == 0; /* what the last digit has too much */
}

/** A checkpoint in several lines of a file: which one comes next. */
struct checkpoint
{
    enum
    {
        AT_ORIGIN,
        AT_SIZE,
        AT_ROOT
    } at;

    struct nta_noted_head head;
};

static bool is_origin(const char *line, uint8_t ret_sensor[NTA_SENSOR_ID_LEN])
{
    const char *pos = line;

    return take_word(&pos, ORIGIN) && take_hex(&pos, NTA_SENSOR_ID_LEN, ret_sensor) && !*pos;
}

/** One line: NTA_HEADS_ONE with the last one of a checkpoint. */
static enum nta_heads_line find_checkpoint(struct checkpoint *checkpoint, const char *line)
{
    struct nta_noted_head *head = &checkpoint->head;
    const char *pos = line;

    switch (checkpoint->at) {
    case AT_ORIGIN:
        *head = (struct nta_noted_head){.has_sensor = true, .has_root = true};
        if (is_origin(line, head->sensor))
            checkpoint->at = AT_SIZE;
        return NTA_HEADS_NONE;
    case AT_SIZE:
        if (!take_number(&pos, &head->number) || *pos)
            return NTA_HEADS_BAD;
        checkpoint->at = AT_ROOT;
        return NTA_HEADS_NONE;
    case AT_ROOT:
        checkpoint->at = AT_ORIGIN;
        return take_root(line, head->root) ? NTA_HEADS_ONE : NTA_HEADS_BAD;
    }
    return NTA_HEADS_BAD;
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

    switch (find_checkpoint(checkpoint, line)) {
    case NTA_HEADS_ONE: return add(heads, &checkpoint->head, err);
    case NTA_HEADS_BAD:
        return nta_err_set(err, -EBADMSG,
                           "not a checkpoint as it began (\"" ORIGIN
                           "SENSOR\", its size, its hash, "
                           "a line each): it was cut, or changed");
    case NTA_HEADS_NONE: break;
    }
    switch (nta_heads_find(line, &head)) {
    case NTA_HEADS_NONE: return 0;
    case NTA_HEADS_ONE: return add(heads, &head, err);
    case NTA_HEADS_BAD: break;
    }
    return nta_err_set(err, -EBADMSG,
                       "not a head as ntad logs it (\"" BEFORE_SENSOR "S" BEFORE_NUMBER
                       "N, LINK" BEFORE_ROOT "ROOT\"): it was cut, or changed");
}

static int read_lines(struct nta_heads *heads, FILE *file, const char *path, struct nta_err *err)
{
    NTA_AUTO_FREE char *line = malloc(NTA_HEADS_LINE_MAX + 1);
    struct checkpoint checkpoint = {.at = AT_ORIGIN};
    const size_t n_before = heads->n;
    uint64_t number = 0;
    int r;

    if (!line)
        return nta_err_sys(err, -ENOMEM, "heads");
    do {
        r = read_line(file, line);
        number++;
        if (r == -EMSGSIZE)
            (void)nta_err_set(err, r, "longer than %d bytes", NTA_HEADS_LINE_MAX);
        int taken = r > 0 ? take_line(heads, &checkpoint, line, err) : r;

        if (taken < 0)
            return nta_err_prefix(err, taken, "--heads %.200s: line %" PRIu64, path, number);
    } while (r > 0);
    if (r == 0 && ferror(file))
        r = nta_err_sys(err, -EIO, "%.300s", path);
    if (r == 0 && checkpoint.at != AT_ORIGIN)
        r = nta_err_set(err, -EBADMSG, "--heads %.200s: it ends within a checkpoint", path);
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

static int expect(const struct nta_noted_head *head, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                  struct nta_chain *chain)
{
    int r = 0;

    if (head->has_link)
        r = nta_chain_expect_head(chain, NTA_FINDING_NOTED, sensor, head->number, head->link);
    if (r == 0 && head->has_root)
        r = nta_chain_expect_tree(chain, NTA_FINDING_NOTED, sensor, head->number, head->root);
    return r;
}

int nta_heads_expect(const struct nta_heads *heads, const struct nta_trust *trust,
                     struct nta_chain *chain, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < heads->n && r == 0; i++) {
        const struct nta_noted_head *head = &heads->all[i];

        if (!head->has_sensor && trust->n != 1)
            return nta_err_set(err, -EINVAL,
                               "--head: %zu sensors are trusted; of which one is it? "
                               "SENSOR:NUMBER:LINK",
                               trust->n);
        r = expect(head, head->has_sensor ? head->sensor : trust->all[0].sensor, chain);
        if (r < 0)
            return nta_err_sys(err, r, "heads");
    }
    return r;
}
