/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/heads.h"

#include "base/own.h"
#include "chain/heads_word.h"
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
#define MEANT         "chain head" /* where these words are, one was meant */

enum
{
    LINK_DIGITS = 16 ///< So many behind a number make a link that was meant as one.
};

void nta_heads_done(struct nta_heads *heads)
{
    for (size_t i = 0; i < heads->n; i++)
        free(heads->all[i].note);
    free(heads->all);
    *heads = (struct nta_heads){.n = 0};
}

int nta_heads_put(struct nta_heads *heads, const struct nta_noted_head *head, struct nta_err *err)
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

/** ":" and hexadecimal digits of a hash. */
static bool take_hash(const char **pos, uint8_t ret_hash[NTA_HASH_LEN])
{
    return *(*pos)++ == ':' && nta_heads_take_hex(pos, NTA_HASH_LEN, ret_hash);
}

int nta_heads_add(struct nta_heads *heads, const char *text, struct nta_err *err)
{
    struct nta_noted_head head = {.has_link = true};
    const char *pos = text, *colon = strchr(text, ':');

    /* a number has 20 digits at most */
    if (colon && colon - text == (ptrdiff_t)2 * NTA_SENSOR_ID_LEN) {
        head.has_sensor = nta_heads_take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) && *pos == ':';
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
    return nta_heads_put(heads, &head, err);
}

/** Its beginning is gone: a number and the digits of a link are there. */
static bool is_rest(const char *line)
{
    const char *pos = strstr(line, BEFORE_NUMBER);
    uint64_t number;

    return pos && nta_heads_take_word(&pos, BEFORE_NUMBER) && take_number(&pos, &number) &&
           nta_heads_take_word(&pos, BEFORE_LINK) &&
           strspn(pos, "0123456789abcdefABCDEF") >= LINK_DIGITS;
}

enum nta_heads_line nta_heads_find(const char *line, struct nta_noted_head *ret_head)
{
    const char *pos = strstr(line, MEANT);
    struct nta_noted_head head = {.has_sensor = true, .has_link = true};

    if (!pos)
        return is_rest(line) ? NTA_HEADS_BAD : NTA_HEADS_NONE;
    if (!nta_heads_take_word(&pos, BEFORE_SENSOR) ||
        !nta_heads_take_hex(&pos, NTA_SENSOR_ID_LEN, head.sensor) ||
        !nta_heads_take_word(&pos, BEFORE_NUMBER) || !take_number(&pos, &head.number) ||
        !nta_heads_take_word(&pos, BEFORE_LINK) ||
        !nta_heads_take_hex(&pos, NTA_HASH_LEN, head.link))
        return NTA_HEADS_BAD;
    head.has_root = nta_heads_take_word(&pos, BEFORE_ROOT);
    if (head.has_root ? !nta_heads_take_hex(&pos, NTA_HASH_LEN, head.root) : *pos == ',')
        return NTA_HEADS_BAD; /* behind a comma the tree stood, as much of it as there is */
    if (strstr(pos, MEANT))
        return NTA_HEADS_BAD; /* another one behind it: the lines were joined */
    *ret_head = head;
    return NTA_HEADS_ONE;
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
