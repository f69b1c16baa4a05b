/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The auditor's key in n shares, k of which make it again and fewer say nothing of it: Shamir's
 * scheme over GF(2^8), by libgfshare.  What is split is the key itself, the 32 bytes, not its file
 * or the passphrase; so a share is a secret, though one alone opens nothing.
 *
 * A share is a text of seven lines, in one form only, that can be printed and typed:
 *
 *     nta-share 1
 *     key nta-auditor-DIGITS       which key they make
 *     needs 2 of 3
 *     number 1                     from 1
 *     split DIGITS                 8 random bytes, the same in all shares of one splitting
 *     share DIGITS                 32 bytes
 *     check DIGITS                 the first 8 bytes of the SHA-256 of the lines above
 *
 * `check` finds a slip of the hand and a bad sector; whether the shares are right says the key that
 * they make, whose public half is in each of them.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "vault/open/auditor_key.h"

enum
{
    NTA_SHARES_MAX = 16,
    NTA_SHARE_TEXT_MAX = 512,   ///< Bytes, more than any share has.
    NTA_SHARE_TYPED_MAX = 4096, ///< As people type one.
    NTA_SHARE_SPLIT_LEN = 8
};

struct nta_share
{
    uint8_t key[NTA_KEY_LEN]; ///< The auditor's public key.
    uint8_t split[NTA_SHARE_SPLIT_LEN];
    uint8_t needs, of, number;  ///< 2 <= needs <= of <= NTA_SHARES_MAX, 1 <= number <= of.
    uint8_t value[NTA_KEY_LEN]; ///< Secret.
};

/** Append its text.  `out` should be secret. */
void nta_share_put(const struct nta_share *share, struct nta_buf *out);

/**
 * Append the one form of a text that somebody typed, or another system saved: without empty lines,
 * blanks at the edges or among digits and a byte order mark, in lower case, each line ended.
 */
void nta_share_typed(struct nta_span text, struct nta_buf *out);

/** Read one.  0; -EINVAL: it is none; -EBADMSG: its check is another one; untouched then. */
int nta_share_parse(struct nta_span text, struct nta_share *ret_share);

/**
 * Split the folder's auditor.key (a passphrase is asked for) into `of` shares; the caller wipes
 * them.  0; -EINVAL: no such numbers; or negative errno; with the sentence.
 */
int nta_auditor_key_split(const char *keys_dir, unsigned needs, unsigned of,
                          struct nta_share ret_shares[NTA_SHARES_MAX], struct nta_err *err);

/** Shares that somebody brings; they borrow. */
struct nta_shares
{
    const struct nta_share *all;
    const char *const *names; ///< For sentences.
    size_t n;
};

/**
 * Do they belong together, are they enough, and do they make the key that they name?  0;
 * -EKEYREJECTED with the sentence: too few, two of one number, of two splittings, or they make
 * another key; or negative errno with the sentence.
 */
int nta_auditor_key_check(const struct nta_shares *shares, struct nta_err *err);

/**
 * Make the key of them, and write it into a new file under this passphrase.  As above; -EEXIST: the
 * file is there.
 */
int nta_auditor_key_join(const struct nta_shares *shares, const char *path, const char *passphrase,
                         char ret_public[NTA_KEY_TEXT_SIZE], struct nta_err *err);
