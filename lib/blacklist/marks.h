/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Entries that are no names and no addresses: the SHA-256 of a file, the JA4 of a hello, the SHA-1
 * or SHA-256 of a certificate, the program that a connection shows itself to be (part of
 * blacklist.h).
 *
 * They are exact: an allow entry for the same fingerprint wins, nothing else does.  Of a set
 * without entries of a kind nothing is looked up and nothing is hashed.  No call allocates.
 */

#include "blacklist/decide.h"

/** SHA-256 (FIPS 180-4) of a file, in pieces; plain memory. */
struct nta_file_hash
{
    uint64_t state[14];
};

/** Begin. */
void nta_file_hash_begin(struct nta_file_hash *hash);
/** Append. */
void nta_file_hash_put(struct nta_file_hash *hash, struct nta_span bytes);
/** Finish. */
void nta_file_hash_end(struct nta_file_hash *hash, uint8_t ret_sha256[32]);

/** True if the set has entries of this kind: NTA_HIT_HASH, _JA4, _CERTIFICATE, _PROGRAM. */
bool nta_blacklist_has(const struct nta_blacklist *set, enum nta_hit_kind kind);

/**
 * What the lists that count (blacklist/decide.h; `filter` NULL: all) say of a fingerprint: the 32
 * bytes of a file's SHA-256, the text of a JA4 or of a program's name, the 20 or 32 bytes of a
 * certificate's.  The entry's text is in `buf`.
 */
enum nta_decision nta_blacklist_decide_mark(const struct nta_blacklist *set,
                                            const struct nta_list_filter *filter,
                                            enum nta_hit_kind kind, struct nta_span mark,
                                            char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);

/**
 * The same for a certificate's DER: its SHA-256, then its SHA-1; an exception for either decides.
 */
enum nta_decision nta_blacklist_decide_certificate(const struct nta_blacklist *set,
                                                   const struct nta_list_filter *filter,
                                                   struct nta_span der, char buf[NTA_NAME_SIZE],
                                                   struct nta_hit *ret_hit);

/** All entries for a fingerprint, the one that decides first, until `each` gives false. */
void nta_blacklist_each_mark(const struct nta_blacklist *set, enum nta_hit_kind kind,
                             struct nta_span mark,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner);

/**
 * What a text names, in the form in which it is asked for: 64 digits are the SHA-256 of a file,
 * "ja4:" and "cert:" may stand before the others, and "program:" must.  False: no fingerprint.
 * `ret_mark` lies in `buf`.
 */
bool nta_blacklist_parse_mark(struct nta_span text, uint8_t buf[NTA_NAME_SIZE],
                              enum nta_hit_kind *ret_kind, struct nta_span *ret_mark);
