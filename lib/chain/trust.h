/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The sensors whose signatures count, as `sensors.pub` in the key folder names them: a line each,
 *
 *     KEY NAME FROM TO TEXT
 *
 * KEY is the sensor's public key (nta-sensor-...), NAME a word, FROM and TO times in UTC
 * (2026-11-20T14:00:00Z) or "-", and TEXT anything, or nothing.  "#" begins a comment line.  What
 * lies outside of FROM and TO is not trusted: a key that was lost has an end.  A value; no I/O.
 */

#include "base/err.h"
#include "vault/vault.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_TRUST_MAX = 16384, ///< Sensors.
    NTA_TRUST_NAME_SIZE = 64
};

struct nta_trusted
{
    uint8_t public_key[NTA_KEY_LEN], sensor[NTA_SENSOR_ID_LEN];
    char name[NTA_TRUST_NAME_SIZE]; ///< Empty: none.
    int64_t from_ns, to_ns;         ///< Both ends included; 0: open.
    bool is_given;                  ///< Named with --key: batches of it are expected.
};

struct nta_trust
{
    struct nta_trusted *all; ///< Owned.
    uint16_t *by_sensor;     ///< Owned: their places in `all`, in order of their ids.
    size_t n, size;
};

static_assert(NTA_TRUST_MAX <= UINT16_MAX, "a place fits");

/** Free what it owns; it is empty afterwards. */
void nta_trust_done(struct nta_trust *trust);

/** Trust this key.  0; -E2BIG, -ENOMEM; -EEXIST if it is there already. */
int nta_trust_add(struct nta_trust *trust, const struct nta_trusted *trusted, struct nta_err *err);

/**
 * Add what the text of a sensors.pub says; `shown` is the file's name for sentences.  0, or -EINVAL
 * with file:line.
 */
int nta_trust_parse(struct nta_trust *trust, struct nta_span text, const char *shown,
                    struct nta_err *err);

/**
 * One line of such a file, with its end.  -EINVAL: the name is no word, or the text has more than
 * one line.
 */
int nta_trust_line(const struct nta_trusted *trusted, const char *text, struct nta_buf *out,
                   struct nta_err *err);

/** The first key trusted for this sensor, or NULL.  Borrows until a key is added. */
const struct nta_trusted *nta_trust_find(const struct nta_trust *trust,
                                         const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** True if a batch with these times may be of that key. */
bool nta_trust_covers(const struct nta_trusted *trusted, int64_t first_ns, int64_t last_ns);
