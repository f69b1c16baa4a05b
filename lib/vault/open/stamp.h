/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Time stamps of RFC 3161 on checkpoints: a time stamping authority signs the SHA-256 of a note's
 * text with its own time.  What it answers stands in the note as one line more,
 *
 *     — NAME base64(key id ‖ TimeStampToken, DER)
 *
 * whose key id is the first 4 bytes of SHA-256(name ‖ LF ‖ FF ‖ "RFC 3161"), as signed-note has it
 * for signatures of other kinds: whoever does not know it passes it over.
 *
 * Unlike a witness an authority keeps nothing: it stamps two pasts of one chain, too, each with its
 * time.  A token is checked with libcrypto against certificates that the caller trusts, as of the
 * time that it says, since certificates of authorities end and their stamps are to be looked at
 * later.
 */

#include "base/err.h"
#include "vault/signed_note.h"

enum
{
    NTA_STAMP_MAX = 16 * 1024, ///< Bytes of a token, with the certificates in it.
    NTA_STAMP_NONCE_LEN = 8
};

/**
 * Append the request (TimeStampReq, DER) for a note's text, with this nonce, for a token with
 * its certificates.  0, -ENOMEM or -EIO.
 */
int nta_stamp_request(struct nta_span text, const uint8_t nonce[NTA_STAMP_NONCE_LEN],
                      struct nta_buf *out);

/**
 * Append the line of an answer (TimeStampResp) of any origin to that request.  0; -EBADMSG with a
 * sentence: refused, or not about this text and nonce; -ENOMEM.  Who signed it is another question.
 */
int nta_stamp_take(struct nta_span answer, struct nta_span text,
                   const uint8_t nonce[NTA_STAMP_NONCE_LEN], const char *name, struct nta_buf *line,
                   struct nta_err *err);

/** Certificates that are trusted to stamp: opaque. */
struct nta_stamp_trust;

/** Of a file of certificates (PEM), of authorities or of who certifies them.  0, or -EINVAL. */
int nta_stamp_trust_new(struct nta_span pem, struct nta_stamp_trust **ret_trust,
                        struct nta_err *err);
/** Takes NULL too. */
void nta_stamp_trust_free(struct nta_stamp_trust **trust);

/**
 * True if the note has a line with a token over its text that these certificates vouch for; the
 * earliest time of them into `ret_time_s`.  At most NTA_NOTE_LINES_MAX lines are looked at.
 */
bool nta_stamp_check(struct nta_span note, const struct nta_stamp_trust *trust,
                     uint64_t *ret_time_s);
