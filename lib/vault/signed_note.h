/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signed notes (c2sp.org/signed-note): a text, a blank line, and a line for each signature,
 *
 *     — NAME base64(key id ‖ signature)
 *
 * and the keys of those who sign them, as they are told on one line: NAME+HEX OF THE KEY
 * ID+base64(algorithm ‖ public key).  The key id is the first 4 bytes of SHA-256(name ‖ LF ‖
 * algorithm ‖ public key).  A note holds of what is signed by a key that one knows; other lines are
 * passed over, but one that is no signature line spoils it.  Pure.
 */

#include "base/buf.h"
#include "vault/sealed.h"

#include <stdbool.h>

#define NTA_NOTE_DASH "\xe2\x80\x94 " ///< U+2014 and a space: so a signature line begins.

enum
{
    NTA_NOTE_ED25519 = 0x01,     ///< Algorithm: the text is signed as it is;
    NTA_NOTE_COSIGNATURE = 0x04, ///< with a time (c2sp.org/tlog-cosignature).
    NTA_NOTE_ID_LEN = 4,
    NTA_NOTE_NAME_SIZE = 128,    ///< A key's name with its NUL.
    NTA_NOTE_SIGNATURE_MAX = 72, ///< Bytes of those that are looked at: a time and a signature.
    NTA_NOTE_LINES_MAX = 100     ///< Signatures of a note.
};

struct nta_note_key
{
    char name[NTA_NOTE_NAME_SIZE];
    uint8_t algorithm, id[NTA_NOTE_ID_LEN], public_key[NTA_KEY_LEN];
};

/** False: no name of a key: empty, too long, or with a plus sign, white space or controls. */
bool nta_note_key_init(struct nta_note_key *ret_key, struct nta_span name, uint8_t algorithm,
                       const uint8_t public_key[NTA_KEY_LEN]);

/** Read NAME+ID+KEY.  False: not of that form, or the id is of another key. */
bool nta_note_key_parse(struct nta_span text, struct nta_note_key *ret_key);

/** Append it in that form. */
void nta_note_put_key(struct nta_buf *out, const struct nta_note_key *key);

/** Append a signature line. */
void nta_note_put_line(struct nta_buf *out, const struct nta_note_key *key,
                       const uint8_t *signature, size_t len);

/**
 * Take a note apart: its text with its last line's end, and the lines of signatures.  False: it is
 * none.
 */
bool nta_note_split(struct nta_span note, struct nta_span *ret_text, struct nta_span *ret_lines);

/**
 * The signature of this key, `len` bytes of it, in the first line that it has of that length.
 * False: it has none, or a line is no signature line.  Whether it holds is another question.
 */
bool nta_note_find(struct nta_span lines, const struct nta_note_key *key, size_t len,
                   uint8_t ret_signature[NTA_NOTE_SIGNATURE_MAX]);

/** A signature line, whoever it says it is of; it borrows. */
struct nta_note_line
{
    struct nta_span name;
    uint8_t id[NTA_NOTE_ID_LEN], bytes[NTA_NOTE_SIGNATURE_MAX];
    size_t len; ///< Of `bytes`; 0: it is of another length than those that are looked at.
    struct nta_span base64; ///< Key id and signature, of whatever length.
};

/** Take the next line off.  False: there is none, or it is no signature line. */
bool nta_note_next(struct nta_span *lines, struct nta_note_line *ret_line);

/** True if the note has an Ed25519 signature of this key over its text, as a log's own is. */
bool nta_note_is_signed(struct nta_span note, const struct nta_note_key *key);

/** Append bytes as base64 (RFC 4648 section 4). */
void nta_note_put_base64(struct nta_buf *out, const uint8_t *bytes, size_t len);

/** `text` is base64 of exactly `len` bytes (at most 76), in its one form. */
bool nta_note_take_base64(struct nta_span text, uint8_t *ret_bytes, size_t len);
