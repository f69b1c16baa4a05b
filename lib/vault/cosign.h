/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Cosignatures of witnesses (c2sp.org/tlog-cosignature, version 1): somebody who keeps nothing but
 * the newest checkpoint of a log signs it with the time at which he saw it, after he was shown that
 * it continues the one he kept.  Signed is
 *
 *     cosignature/v1
 *     time SECONDS
 *     the checkpoint's text
 *
 * and in the note's line stand time (8 bytes, big-endian) and Ed25519 signature.  Such a key signs
 * nothing else.
 */

#include "base/err.h"
#include "vault/signed_note.h"

/** Who cosigns: a secret key and its name.  Opaque. */
struct nta_cosigner;

/**
 * The one whose key is DIR/witness.key, which is made the first time (with the folder, mode 0700).
 * 0, or negative errno with the sentence: -EINVAL: `name` is none of a key.
 */
int nta_cosigner_open(const char *dir, const char *name, struct nta_cosigner **ret_cosigner,
                      struct nta_err *err);
/** Wipe the secret; takes NULL too. */
void nta_cosigner_free(struct nta_cosigner **cosigner);

/** The public half, with its name. */
const struct nta_note_key *nta_cosigner_key(const struct nta_cosigner *cosigner);

/** Append the line that cosigns a checkpoint's text at this time.  0, -EIO or -ENOMEM. */
int nta_cosigner_sign(const struct nta_cosigner *cosigner, struct nta_span text, uint64_t time_s,
                      struct nta_buf *out);

/** Read the key of a witness, as it prints it.  False: it is none. */
bool nta_cosign_key_parse(struct nta_span text, struct nta_note_key *ret_key);

/**
 * When a line says that it was cosigned, whether it holds or not.  False: it is no cosignature, or
 * of no time that there is.
 */
bool nta_cosign_claim(const struct nta_note_line *line, int64_t *ret_wall_ns);

/** True if a line of the note says so. */
bool nta_cosign_is_claimed(struct nta_span note);

/**
 * True if the note has a line of this key that holds; when it was cosigned into `ret_time_s`, a
 * time that there is.
 */
bool nta_cosign_check(struct nta_span note, const struct nta_note_key *key, uint64_t *ret_time_s);
