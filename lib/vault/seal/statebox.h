/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sensor knows and is to know again after a restart, in a file of the state folder, sealed
 * under state.key (docs/format.md section 8):
 *
 *     nonce (12) ‖ ciphertext ‖ tag (16)
 *
 * AES-256-GCM with the key that state files have; the associated data is "NTA box v2", a zero byte
 * and the file's name.  Cold path, any thread.
 */

#include "base/buf.h"
#include "base/err.h"

enum
{
    NTA_STATEBOX_MAX = 256 << 20 ///< Bytes.
};

/** Where they are. */
struct nta_statebox
{
    const char *keys_dir, *state_dir, *name;
};

/** Write it whole, or not at all.  0, or negative errno with a sentence. */
int nta_statebox_write(const struct nta_statebox *box, struct nta_span bytes, struct nta_err *err);

/**
 * Append what was written.  0; negative errno with a sentence: -ENOENT: nothing was, -EBADMSG: it
 * was sealed under another key, or changed.
 */
int nta_statebox_read(const struct nta_statebox *box, struct nta_buf *out, struct nta_err *err);
