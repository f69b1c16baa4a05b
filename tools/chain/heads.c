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

int nta_heads_add(struct nta_heads *heads, const char *text, struct nta_err *err)
{
    struct nta_noted_head head = {.number = 0};
    const char *pos = text, *colon = strchr(text, ':');

    if (colon && colon - text == (ptrdiff_t)2 * NTA_SENSOR_ID_LEN && strchr(colon + 1, ':')) {
        head.has_sensor = take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) && *pos == ':';
        pos = colon + 1;
    }
    if (pos != text && !head.has_sensor)
        return nta_err_set(err, -EINVAL, "--head: the sensor is not 32 hexadecimal digits");
    if (!take_number(&pos, &head.number) || *pos++ != ':' ||
        !take_hex(&pos, NTA_HASH_LEN, head.hash) || *pos)
        return nta_err_set(err, -EINVAL,
                           "--head: not NUMBER:HASH, the number of a batch and 64 hexadecimal "
                           "digits, as ntad logs them and nta verify shows them");
    return add(heads, &head, err);
}

enum nta_heads_line nta_heads_find(const char *line, struct nta_noted_head *ret_head)
{
    const char *pos = strstr(line, BEFORE_SENSOR);
    struct nta_noted_head head = {.has_sensor = true};

    if (!pos)
        return NTA_HEADS_NONE;
    pos += strlen(BEFORE_SENSOR);
    if (!take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) ||
        strncmp(pos, BEFORE_NUMBER, strlen(BEFORE_NUMBER)) != 0)
        return NTA_HEADS_BAD;
    pos += strlen(BEFORE_NUMBER);
    if (!take_number(&pos, &head.number) || strncmp(pos, ", ", 2) != 0)
        return NTA_HEADS_BAD;
    pos += 2;
    if (!take_hex(&pos, NTA_HASH_LEN, head.hash))
        return NTA_HEADS_BAD;
    *ret_head = head;
    return NTA_HEADS_ONE;
}

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

static int take_line(struct nta_heads *heads, const char *line, struct nta_err *err)
{
    struct nta_noted_head head;

    switch (nta_heads_find(line, &head)) {
    case NTA_HEADS_NONE: return 0;
    case NTA_HEADS_ONE: return add(heads, &head, err);
    case NTA_HEADS_BAD: break;
    }
    return nta_err_set(err, -EBADMSG,
                       "not a head as ntad logs it (\"" BEFORE_SENSOR "S" BEFORE_NUMBER
                       "N, HASH\"): it was cut, or changed");
}

static int read_lines(struct nta_heads *heads, FILE *file, const char *path, struct nta_err *err)
{
    NTA_AUTO_FREE char *line = malloc(NTA_HEADS_LINE_MAX + 1);
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
        int taken = r > 0 ? take_line(heads, line, err) : r;

        if (taken < 0)
            return nta_err_prefix(err, taken, "--heads %.200s: line %" PRIu64, path, number);
    } while (r > 0);
    if (r == 0 && ferror(file))
        r = nta_err_sys(err, -EIO, "%.300s", path);
    if (r == 0 && heads->n == n_before)
        r = nta_err_set(
            err, -ENODATA,
            "--heads %.200s: no head in it (\"" BEFORE_SENSOR "...\", as ntad logs them)", path);
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

int nta_heads_expect(const struct nta_heads *heads, const struct nta_trust *trust,
                     struct nta_chain *chain, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < heads->n && r == 0; i++) {
        const struct nta_noted_head *head = &heads->all[i];

        if (!head->has_sensor && trust->n != 1)
            return nta_err_set(err, -EINVAL,
                               "--head: %zu sensors are trusted; of which one is it? "
                               "SENSOR:NUMBER:HASH",
                               trust->n);
        r = nta_chain_expect_head(chain, NTA_FINDING_NOTED,
                                  head->has_sensor ? head->sensor : trust->all[0].sensor,
                                  head->number, head->hash);
        if (r < 0)
            return nta_err_sys(err, r, "heads");
    }
    return r;
}
