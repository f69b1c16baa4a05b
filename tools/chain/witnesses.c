/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/witnesses.h"

#include "base/file/plainfile.h"
#include "base/own.h"
#include "vault/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    LINE_SIZE = 2048,
    FILE_MAX = 1 << 20
};

static int add_key(struct nta_witnesses *witnesses, struct nta_span text, struct nta_err *err)
{
    struct nta_note_key key;

    if (!nta_cosign_key_parse(text, &key))
        return nta_err_set(err, -EINVAL, "no key of a witness (NAME+ID+KEY, as it prints it)");
    for (size_t i = 0; i < witnesses->n; i++)
        if (!witnesses->all[i].stamps &&
            memcmp(witnesses->all[i].key.public_key, key.public_key, NTA_KEY_LEN) == 0)
            return 0; /* said twice, be it by another name */
    if (witnesses->n == NTA_WITNESSES_MAX)
        return nta_err_set(err, -E2BIG, "more than %d witnesses", NTA_WITNESSES_MAX);
    witnesses->all[witnesses->n++].key = key;
    return 0;
}

static int read_lines(struct nta_witnesses *witnesses, FILE *file, const char *path,
                      struct nta_err *err)
{
    const size_t n_before = witnesses->n;
    char line[LINE_SIZE];
    unsigned number = 0;

    while (fgets(line, sizeof(line), file)) {
        const size_t len = strcspn(line, "\r\n");

        number++;
        if (len == 0 || line[0] == '#' || strncmp(line, "tsa ", 4) == 0)
            continue;
        const size_t key_len = nta_smaller(len, strcspn(line, " ")); /* its URL may follow */
        const int r = add_key(witnesses, nta_span_first(nta_span_of(line), key_len), err);

        if (r < 0)
            return nta_err_prefix(err, r, "--witness %.200s: line %u", path, number);
    }
    if (ferror(file))
        return nta_err_sys(err, -EIO, "--witness %.200s", path);
    return witnesses->n > n_before
               ? 0
               : nta_err_set(err, -EINVAL, "--witness %.200s: there is no key in it", path);
}

int nta_witnesses_add(struct nta_witnesses *witnesses, const char *text, struct nta_err *err)
{
    struct nta_note_key key;
    int r = 0;

    if (nta_note_key_parse(nta_span_of(text), &key))
        return nta_err_prefix(err, add_key(witnesses, nta_span_of(text), err), "--witness");
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(text, FILE_MAX, 0, &r, err);

    if (!file)
        return nta_err_prefix(err, r == -ENOENT ? -EINVAL : r, "--witness");
    return read_lines(witnesses, file, text, err);
}

int nta_witnesses_add_stamps(struct nta_witnesses *witnesses, const char *path, struct nta_err *err)
{
    NTA_AUTO_FREE char *pem = malloc(FILE_MAX);
    const char *slash = strrchr(path, '/');
    int r = 0;

    if (!pem)
        return nta_err_sys(err, -ENOMEM, "--tsa");
    if (witnesses->n == NTA_WITNESSES_MAX)
        return nta_err_set(err, -E2BIG, "--tsa: more than %d witnesses", NTA_WITNESSES_MAX);
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, FILE_MAX, 0, &r, err);

    if (!file)
        return nta_err_prefix(err, r == -ENOENT ? -EINVAL : r, "--tsa");
    const size_t len = fread(pem, 1, FILE_MAX, file);

    r = nta_stamp_trust_new((struct nta_span){(const uint8_t *)pem, len},
                            &witnesses->all[witnesses->n].stamps, err);
    if (r < 0)
        return nta_err_prefix(err, r, "--tsa %.200s", path);
    (void)snprintf(witnesses->all[witnesses->n].key.name,
                   sizeof(witnesses->all[witnesses->n].key.name), "%.100s",
                   slash ? slash + 1 : path);
    witnesses->n++;
    return 0;
}

void nta_witnesses_done(struct nta_witnesses *witnesses)
{
    for (size_t i = 0; i < witnesses->n; i++)
        nta_stamp_trust_free(&witnesses->all[i].stamps);
    free(witnesses->cosigned);
    witnesses->cosigned = NULL;
    witnesses->n_cosigned = witnesses->size = 0;
}

static struct nta_cosigned *find(const struct nta_witnesses *witnesses, size_t witness,
                                 const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < witnesses->n_cosigned; i++)
        if (witnesses->cosigned[i].witness == witness &&
            memcmp(witnesses->cosigned[i].sensor, sensor, NTA_SENSOR_ID_LEN) == 0)
            return &witnesses->cosigned[i];
    return NULL;
}

static struct nta_cosigned *add(struct nta_witnesses *witnesses, size_t witness,
                                const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    if (witnesses->n_cosigned == witnesses->size) {
        const size_t size = witnesses->size ? 2 * witnesses->size : 16;
        struct nta_cosigned *grown = reallocarray(witnesses->cosigned, size, sizeof(*grown));

        if (!grown)
            return NULL;
        witnesses->cosigned = grown;
        witnesses->size = size;
    }
    struct nta_cosigned *one = &witnesses->cosigned[witnesses->n_cosigned++];

    *one = (struct nta_cosigned){.witness = witness};
    memcpy(one->sensor, sensor, NTA_SENSOR_ID_LEN);
    return one;
}

static bool has_signed(const struct nta_witnesses *witnesses, size_t i, struct nta_span note,
                       uint64_t *ret_time_s)
{
    return witnesses->all[i].stamps ? nta_stamp_check(note, witnesses->all[i].stamps, ret_time_s)
                                    : nta_cosign_check(note, &witnesses->all[i].key, ret_time_s);
}

static int look_at(struct nta_witnesses *witnesses, size_t i, const struct nta_noted_head *head)
{
    struct nta_cosigned *one = find(witnesses, i, head->sensor);
    uint64_t time_s;

    if (!head->note || (one && head->number < one->number) ||
        !has_signed(witnesses, i, (struct nta_span){head->note, head->note_len}, &time_s))
        return 0;
    if (!one)
        one = add(witnesses, i, head->sensor);
    if (!one)
        return -ENOMEM;
    one->number = head->number;
    one->time_s = time_s;
    witnesses->all[i].has_cosigned = true;
    return 0;
}

/** Who cosigned the heads of one sensor said nothing of another's. */
static void look_for_sensors(const struct nta_witnesses *witnesses, size_t i,
                             const struct nta_chain *chain, struct nta_findings *findings)
{
    struct nta_chain_sensor sensor;

    for (size_t j = 0; nta_chain_get(chain, j, &sensor); j++) {
        const struct nta_finding_at at = {.sensor = sensor.trusted->sensor};
        char text[NTA_FINDING_TEXT_SIZE];

        if (sensor.n_batches == 0 || find(witnesses, i, sensor.trusted->sensor))
            continue;
        (void)snprintf(text, sizeof(text), "no head of this sensor is cosigned by %.100s",
                       witnesses->all[i].key.name);
        nta_findings_add(findings, NTA_FINDING_UNSEEN, &at, text);
    }
}

int nta_witnesses_look(struct nta_witnesses *witnesses, const struct nta_heads *heads,
                       const struct nta_chain *chain, struct nta_findings *findings)
{
    const struct nta_finding_at nowhere = {.number = 0};
    char text[NTA_FINDING_TEXT_SIZE];

    for (size_t i = 0; i < witnesses->n; i++) {
        for (size_t j = 0; j < heads->n; j++)
            if (look_at(witnesses, i, &heads->all[j]) < 0)
                return -ENOMEM;
        if (witnesses->all[i].has_cosigned) {
            look_for_sensors(witnesses, i, chain, findings);
            continue;
        }
        (void)snprintf(text, sizeof(text), "no head that was given is cosigned by %.100s",
                       witnesses->all[i].key.name);
        nta_findings_add(findings, NTA_FINDING_UNSEEN, &nowhere, text);
    }
    return 0;
}

/** "witness.example.org" of "witness.example.org/one". */
static struct nta_span operator_of(const struct nta_witnesses *witnesses, size_t i)
{
    struct nta_span name = nta_span_of(witnesses->all[i].key.name);

    return nta_span_take(&name, '/');
}

size_t nta_witnesses_operators(const struct nta_witnesses *witnesses)
{
    size_t n = 0;

    for (size_t i = 0; i < witnesses->n; i++) {
        bool is_new = witnesses->all[i].has_cosigned && !witnesses->all[i].stamps;

        for (size_t j = 0; j < i && is_new; j++)
            is_new = !witnesses->all[j].has_cosigned || witnesses->all[j].stamps ||
                     !nta_span_equal(operator_of(witnesses, i), operator_of(witnesses, j));
        n += is_new;
    }
    return n;
}
