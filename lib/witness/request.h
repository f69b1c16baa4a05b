/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is posted to a witness (c2sp.org/tlog-witness, "add-checkpoint"):
 *
 *     old SIZE
 *     base64 of a hash, a line each: the consistency proof from SIZE on, at most 63
 *
 *     the checkpoint, a signed note
 *
 * Pure; no allocation but for what is written.
 */

#include "base/buf.h"
#include "vault/tree/log_tree.h"

#include <stdbool.h>

enum
{
    NTA_WITNESS_PATH_MAX = 63 ///< Hashes of a proof.
};

struct nta_witness_request
{
    uint64_t old;
    uint8_t path[NTA_WITNESS_PATH_MAX][NTA_LOG_HASH_LEN];
    size_t n_path;
    struct nta_span note; ///< Borrows from the body.
};

/** False: it is not of that form. */
bool nta_witness_request_read(struct nta_span body, struct nta_witness_request *ret_request);

/** Append it in that form. */
void nta_witness_request_put(struct nta_buf *out, const struct nta_witness_request *request);
