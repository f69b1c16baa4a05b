/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tree heads in the form that witnesses of transparency logs read and sign: a signed note
 * (c2sp.org/signed-note) whose text is a checkpoint (c2sp.org/tlog-checkpoint).
 *
 *     nta/SENSOR
 *     SIZE
 *     base64 of the tree's hash
 *
 *     — nta/SENSOR base64(key id ‖ Ed25519 signature over the three lines)
 *
 * The key id is the first 4 bytes of SHA-256(name ‖ LF ‖ 01 ‖ public key).  Lines of others beside
 * it (cosignatures) are passed over, but a line that is no signature line spoils the note, and of
 * several lines of one key the first decides, as signed-note has it.  The signing key is the
 * sensor's checkpoint key, which signs nothing else.
 *
 * The state file beside a journal is one, too, with lines of its own behind the hash, as
 * tlog-checkpoint lets a log add some (store/headfile.h): that is what witnesses are shown.
 */

#include "base/buf.h"
#include "vault/sealed.h"

#include <stdbool.h>

#define NTA_LOG_NAME "nta/" ///< With which the names of all logs begin.

enum
{
    NTA_CHECKPOINT_MAX = 64 * 1024, ///< Bytes of a note that is read.
    /** Of a log's name with its NUL: that, and the sensor's id in digits. */
    NTA_LOG_NAME_SIZE = sizeof(NTA_LOG_NAME) + sizeof(uint8_t[2][NTA_SENSOR_ID_LEN])
};

/** The name of a sensor's log, with which its checkpoints begin, and that of the key under them. */
const char *nta_log_name(const uint8_t sensor[NTA_SENSOR_ID_LEN], char ret_name[NTA_LOG_NAME_SIZE]);
/** Whose log has this name.  False: it is none of a sensor. */
bool nta_log_name_parse(struct nta_span name, uint8_t ret_sensor[NTA_SENSOR_ID_LEN]);

struct nta_checkpoint
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t n; ///< Leaves: the batches 1 to n.
    uint8_t root[NTA_HASH_LEN];
    /** Whole lines behind the hash, with their ends; empty: none.  Borrows, from the note read. */
    struct nta_span extra;
};

/**
 * Append the note, signed with the checkpoint key's secret.  0; -EINVAL: `extra` is no whole lines
 * of text; -ENOMEM or -EIO; memory of `out` as of nta_buf.
 */
int nta_checkpoint_put(struct nta_buf *out, const struct nta_checkpoint *checkpoint,
                       const uint8_t secret[NTA_KEY_LEN]);

/** Read the text of a note, up to its blank line, whoever signed it.  True: it is a checkpoint of
 * ours in its one form. */
bool nta_checkpoint_text(struct nta_span text, struct nta_checkpoint *ret_checkpoint);

/**
 * Read a note of any origin.  True: it is a checkpoint of ours in its one form, and the first
 * signature line of this checkpoint key holds.
 */
bool nta_checkpoint_read(struct nta_span note, const uint8_t public_key[NTA_KEY_LEN],
                         struct nta_checkpoint *ret_checkpoint);

/* ---- lines behind the hash ---- */

/**
 * Take a line off that begins with `name`: what stands behind it, up to the line's end.  False: the
 * next line is another one, or has no end.
 */
bool nta_checkpoint_take_line(struct nta_span *extra, const char *name, struct nta_span *ret_value);

/** A number in its one form: no sign, no zero in front, no more than 64 bits. */
bool nta_checkpoint_number(struct nta_span digits, uint64_t *ret_number);

/** Hex digits in lower case, of at most `size` bytes; how many into `ret_len`. */
bool nta_checkpoint_hex(struct nta_span digits, uint8_t *bytes, size_t size, size_t *ret_len);

/** Append the key as witnesses are told it: NAME+HEX OF THE KEY ID+base64(01 ‖ public key). */
void nta_checkpoint_put_key(struct nta_buf *out, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                            const uint8_t public_key[NTA_KEY_LEN]);
