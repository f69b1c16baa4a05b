/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Key files: one key a line, a prefix that says what it is and 64 hexadecimal digits
 * (docs/format.md section 8).
 *
 * A file is opened without following a link and refused if others than its owner could have read or
 * changed it.  A new one appears whole or not at all, and never in the place of another.  Private
 * to the vault.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define NTA_KEY_SENSOR_SECRET  "nta-sensor-secret-"
#define NTA_KEY_STATE_SECRET   "nta-state-secret-"
#define NTA_KEY_TOKEN_SECRET   "nta-token-secret-"
#define NTA_KEY_AUDITOR_SECRET "nta-auditor-secret-"
#define NTA_KEY_SENSOR         "nta-sensor-"
#define NTA_KEY_AUDITOR        "nta-auditor-"

enum
{
    NTA_SECRET_FILE_MAX = 256 ///< Bytes: prefix, digits, newline and some.
};

/** A folder of keys, open; its path for sentences. */
struct nta_keydir
{
    int fd;
    uid_t owner; ///< Whose files are trusted beside root's and our own, and whose new ones are.
    gid_t group;
    char shown[256]; ///< The path, escaped, perhaps cut.
};

/**
 * Open `dir`; with `make`, make it first if it is not there (mode 0700).  0, or negative errno with
 * a sentence: not there, no folder, or one that others may write to.
 */
int nta_keydir_open(const char *dir, bool make, struct nta_keydir *ret_dir, struct nta_err *err);
/**
 * The same for the folder of a daemon, which root looks after as well: root may open one of any
 * owner, and one that is made has its parent's.
 */
int nta_statedir_open(const char *dir, bool make, struct nta_keydir *ret_dir, struct nta_err *err);
/** Close it; fd -1 is none. */
void nta_keydir_close(struct nta_keydir *dir);

/** True if there is anything of this name, or that may not be told. */
bool nta_keydir_has(const struct nta_keydir *dir, const char *name);

/** Read a secret key of this prefix.  -ENOENT: not there.  All failures with a sentence. */
int nta_keyfile_secret(const struct nta_keydir *dir, const char *name, const char *prefix,
                       uint8_t ret_key[32], struct nta_err *err);

/** The text of a secret file without its last newline; its length, or negative errno. */
ssize_t nta_keyfile_text(const struct nta_keydir *dir, const char *name,
                         uint8_t ret_text[NTA_SECRET_FILE_MAX], struct nta_err *err);

/** A secret file of at most `size` bytes, as it is; its length, or negative errno. */
ssize_t nta_keyfile_long(const struct nta_keydir *dir, const char *name, uint8_t *ret_text,
                         size_t size, struct nta_err *err);

/** Append the text of a public file (at most 64 KiB) to `out`. */
int nta_keyfile_public(const struct nta_keydir *dir, const char *name, struct nta_buf *out,
                       struct nta_err *err);

/** The same of at most `size` bytes. */
int nta_keyfile_bytes(const struct nta_keydir *dir, const char *name, size_t size,
                      struct nta_buf *out, struct nta_err *err);

/**
 * Write these bytes as a new file, mode 0600, of the folder's owner, durable.  -EEXIST: there is
 * one.
 */
int nta_keyfile_put(const struct nta_keydir *dir, const char *name, struct nta_span bytes,
                    struct nta_err *err);

/**
 * Write prefix, hexadecimal digits and a newline as a new file, mode 0600, durable.  -EEXIST: there
 * is one.
 */
int nta_keyfile_write(const struct nta_keydir *dir, const char *name, const char *prefix,
                      const uint8_t key[32], struct nta_err *err);

/** Exactly prefix and 64 digits. */
bool nta_key_parse(struct nta_span text, const char *prefix, uint8_t ret_key[32]);

/** Prefix and digits, NUL-terminated; `size` must be enough. */
void nta_key_text(const char *prefix, const uint8_t key[32], char *ret_text, size_t size);
