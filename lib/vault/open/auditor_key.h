/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The auditor's key at rest.  auditor.key is one line of digits, or a PKCS#8 key under a passphrase
 * (RFC 5958, RFC 8018 with scrypt, RFC 7914): PEM, as `openssl pkey` reads it.  Scrypt takes
 * 16 MiB and the fifth part of a second or so for each guess.
 *
 * Whoever runs as root while a passphrase is entered has it, and the key.
 */

#include "vault/vault.h"

enum
{
    NTA_PASSPHRASE_SIZE = 256
};

/**
 * Gives the passphrase of that file, NUL-terminated; whoever asked wipes it.  0, or negative errno
 * with a sentence.
 */
typedef int nta_passphrase_fn(void *owner, const char *file,
                              char ret_passphrase[NTA_PASSPHRASE_SIZE], struct nta_err *err);

/**
 * Whom to ask when a protected key is read, from now on, in this process; before there are other
 * threads.  NULL: nobody, and such a key cannot be read.
 */
void nta_auditor_key_ask(nta_passphrase_fn *ask, void *owner);

/**
 * Put the folder's auditor.key under this passphrase, in the place of what is there; one that is
 * protected is asked for.  0; -EKEYREJECTED: what was given is not its passphrase; or negative
 * errno; with the sentence.
 */
int nta_auditor_key_protect(const char *keys_dir, const char *passphrase, struct nta_err *err);

/**
 * Make another auditor's key, into a new file under this passphrase, and add its public half to the
 * folder's auditors.pub: data keys that are made from then on are for him, too.  0; -EEXIST: the
 * file is there; or negative errno; with the sentence.
 */
int nta_auditor_key_make(const char *keys_dir, const char *path, const char *passphrase,
                         char ret_public[NTA_KEY_TEXT_SIZE], struct nta_err *err);
