/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A witness (c2sp.org/tlog-witness) of sensors' logs.  Of each log whose key it was given it keeps
 * the newest checkpoint, "SENSOR.checkpoint" in its folder, and nothing else; it cosigns one that
 * the log signed and that continues what it keeps, so it never signs two pasts of one log, nor one
 * that was cut.  The checkpoint is on the disk before the signature leaves: a crash between the two
 * loses an answer, and no memory.
 *
 * Its folder belongs to one witness: a second one of the same folder is refused.
 *
 * Any thread: requests go one after the other.
 */

#include "vault/cosign.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_WITNESS_LOGS = 4096,
    NTA_WITNESS_BODY_MAX = 128 * 1024 ///< Bytes of a request: a note of 64 KiB, a proof.
};

struct nta_witness_options
{
    const char *dir;         ///< Where it keeps its key and what it knows; made if it is not there.
    const char *name;        ///< By which others know it.
    const char *const *logs; ///< Keys of logs, as `nta keys show` tells them (nta/…+…+…).
    size_t n_logs;
};

struct nta_witness; ///< Opaque.

/**
 * 0; -EINVAL: what was given is no name, or no log's key; -EBUSY: another witness is at that
 * folder; -EBADMSG: what it kept is not what it cosigned; or negative errno; with the sentence.
 */
int nta_witness_open(const struct nta_witness_options *options, struct nta_witness **ret_witness,
                     struct nta_err *err);
/** Takes NULL too. */
void nta_witness_close(struct nta_witness **witness);

/** By which its cosignatures are checked. */
const struct nta_note_key *nta_witness_key(const struct nta_witness *witness);

/**
 * A request of any origin, at this time.  Gives the HTTP status, and appends the answer: of 200 its
 * signature line, of 409 the size that it keeps, else a sentence.
 *
 * 400: not of its form, or `old` is larger than the checkpoint; 403: not signed by its log; 404: a
 * log that it does not know; 409: `old` is not what it keeps, or another tree of that size; 422:
 * the proof is none; 500: it could not be kept.
 */
unsigned nta_witness_add(struct nta_witness *witness, struct nta_span body, uint64_t time_s,
                         struct nta_buf *answer);
