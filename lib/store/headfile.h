/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the sensor remembers of its own chain outside of the store: "journal.state" beside
 * "journal.db", one line signed by the sensor's key:
 *
 *     nta-state 1 SENSOR NUMBER HASH ACKNOWLEDGED KEPT SIGNATURE
 *
 * NUMBER and HASH are those of the highest committed batch, ACKNOWLEDGED is the highest number that
 * MySQL has, and what is numbered up to KEPT never leaves the journal for MySQL's sake (a part that
 * forked).  Hex in lower case, numbers decimal; SIGNATURE is Ed25519 over "NTA chain state v1" 0x00
 * and the bytes before its space.  It is replaced whole, now and then, so it may be behind the
 * store but is never before it: a store that is behind it was put back.
 */

#include "base/err.h"
#include "store/writer.h"
#include "vault/vault.h"

struct nta_headfile
{
    struct nta_store_head head;
    uint64_t acked, kept;
};

/**
 * Of the store at `store_path`.  0; -ENOENT: there is none; -EBADMSG: not of this form, or not this
 * sensor's; -errno.
 */
int nta_headfile_read(const char *store_path, const struct nta_sealer *sealer,
                      struct nta_headfile *ret_file, struct nta_err *err);

/** The public key of a sensor that is trusted; NULL: it is not. */
typedef const uint8_t *nta_headfile_key_fn(const void *owner,
                                           const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** As nta_headfile_read(), for who has public keys alone: is it what a trusted sensor wrote? */
int nta_headfile_check(const char *store_path, nta_headfile_key_fn *find_key, const void *owner,
                       struct nta_err *err);

/**
 * Write it anew, signed by the sealer's key.  0, or negative errno with `err`; then the old one is
 * there still.
 */
int nta_headfile_write(const char *store_path, const struct nta_sealer *sealer,
                       const struct nta_headfile *file, struct nta_err *err);
