/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The key that signs batches of format 2, which evolves: a header names the key that signs from the
 * next batch on (`next`), and the secret before it is destroyed, so that whoever takes the machine
 * tomorrow cannot sign for yesterday (docs/format.md).
 *
 * A change goes in this order, each step durable before the next begins:
 *
 *     nta_signing_prepare()    the new secret is on disk, as signing.next
 *     the caller               a header that names it is committed
 *     nta_signing_finish()     the old secret is overwritten in its place, and the new one renamed
 *                              over it, as signing.key
 *
 * Both files are sealed under state.key (vault/statefile.h), for the name signing.key: a rename is
 * no new sealing.  Wherever it is cut off, nta_signing_resume() says at the next start which key
 * goes on: the one that the chain expects.  If neither file holds that (a key that was lost, or
 * came from a backup), a key is made now, and what it signs is unproved until the identity adopts
 * it (vault/note.h).
 *
 * A key that is there and cannot be read (its mode, a failing disk, no more files, another
 * state.key) is not lost: that is an error, and nothing is destroyed.  The folder is locked
 * (flock(2)) while a key of it is in use: -EBUSY for a second process, which would undo the change
 * that the first has begun.
 *
 * One thread.  Secrets lie in memory of vault/crypto/secret.h, and whoever owns this may hide them
 * between two calls.  Overwriting reaches the file's
 * blocks; what a file system, a flash drive or a backup keeps besides is beyond this
 * (docs/threat-model.md).
 */

#include "base/err.h"
#include "vault/sealed.h"

struct nta_signing; ///< Opaque.

/** What nta_signing_resume() found. */
enum nta_signing_state
{
    NTA_SIGNING_SAME,     ///< The key on disk is the expected one.
    NTA_SIGNING_FINISHED, ///< A change was cut off behind its commit, and is finished now.
    NTA_SIGNING_LOST,     ///< The expected key is not here: one was made now.
};

/**
 * The first key of a sensor, for nta_keys_init(): makes signing.key in `dir`.  -EEXIST: there is
 * one.  0 with its public half, or negative errno with a sentence.
 */
int nta_signing_make(const char *dir, const uint8_t state_key[NTA_KEY_LEN],
                     uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err);

/**
 * Hold the folder `dir`, for nta_signing_resume().  What a crash left half made is destroyed.  0,
 * or negative errno with a sentence.
 */
int nta_signing_open(const char *dir, const uint8_t state_key[NTA_KEY_LEN],
                     struct nta_signing **ret_signing, struct nta_err *err);

/**
 * To look with nta_signing_find() alone: the folder is not held, and nothing in it changes.  0, or
 * negative errno with a sentence.
 */
int nta_signing_view(const char *dir, const uint8_t state_key[NTA_KEY_LEN],
                     struct nta_signing **ret_signing, struct nta_err *err);

/** Is it the key that is looked for? */
typedef bool nta_signing_is_fn(const void *owner, const uint8_t public_key[NTA_KEY_LEN]);

/**
 * Of the keys on disk, the one that signs and the one that comes next, the first that `is` says yes
 * to.  1 with its public half; 0: there is none; or negative errno with a sentence: one of them
 * cannot be read, and may be it.
 */
int nta_signing_find(const struct nta_signing *signing, nta_signing_is_fn *is, const void *owner,
                     uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err);

/**
 * Go on with the key that the chain expects, its public half; a change that was cut off is
 * finished, or undone if its header was never committed.  Once, before all that is below.  0, or
 * negative errno with a sentence.
 */
int nta_signing_resume(struct nta_signing *signing, const uint8_t expected[NTA_KEY_LEN],
                       enum nta_signing_state *ret_state, struct nta_err *err);
/** Takes NULL too; secrets are overwritten. */
void nta_signing_free(struct nta_signing **signing);

/** Hide its secrets: until they are shown again, it can be freed and tells its public half. */
void nta_signing_hide(const struct nta_signing *signing);
/** Show them. */
void nta_signing_show(const struct nta_signing *signing);

/** The public half of the key that signs now. */
void nta_signing_public(const struct nta_signing *signing, uint8_t ret_public[NTA_KEY_LEN]);

/** Sign `domain` ‖ 0x00 ‖ message.  0 or -EIO. */
int nta_signing_sign(const struct nta_signing *signing, const char *domain, struct nta_span message,
                     uint8_t ret_signature[NTA_SIGNATURE_LEN]);

/**
 * The key that comes next, durable on disk; the same one again until it is finished.  0, or
 * negative errno with a sentence: nothing has changed (-ESTALE: another folder is in this one's
 * place, where the next start would not find the key).
 */
int nta_signing_prepare(struct nta_signing *signing, uint8_t ret_next[NTA_KEY_LEN],
                        struct nta_err *err);

/**
 * The header that names it is committed: sign with it from now on, in any case.  0; or negative
 * errno with a sentence: the old secret may still be on disk, and calling again is right.
 */
int nta_signing_finish(struct nta_signing *signing, struct nta_err *err);
