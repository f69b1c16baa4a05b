/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/heads.h"

#include "base/hex.h"
#include "base/own.h"

#include <ctype.h>
#include <errno.h>
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

bool nta_heads_find(const char *line, struct nta_noted_head *ret_head)
{
    const char *pos = strstr(line, BEFORE_SENSOR);
    struct nta_noted_head head = {.has_sensor = true};

    if (!pos)
        return false;
    pos += strlen(BEFORE_SENSOR);
    if (!take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) ||
        strncmp(pos, BEFORE_NUMBER, strlen(BEFORE_NUMBER)) != 0)
        return false;
    pos += strlen(BEFORE_NUMBER);
    if (!take_number(&pos, &head.number) || strncmp(pos, ", ", 2) != 0)
        return false;
    pos += 2;
    if (!take_hex(&pos, NTA_HASH_LEN, head.hash))
        return false;
    *ret_head = head;
    return true;
}

static int read_lines(struct nta_heads *heads, FILE *file, const char *path, struct nta_err *err)
{
    NTA_AUTO_FREE char *line = NULL;
    struct nta_noted_head head;
    size_t size = 0, n_before = heads->n;
    int r = 0;

    while (r == 0 && getline(&line, &size, file) >= 0) {
        if (nta_heads_find(line, &head))
            r = add(heads, &head, err);
    }
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
    if (!file)
        return nta_err_sys(err, -errno, "--heads %.300s", path) == -EINVAL ? -EIO : -errno;
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
