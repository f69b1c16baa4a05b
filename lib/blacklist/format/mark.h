/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fingerprints in the spellings of lists (part of line.h). */

#include "blacklist/format/line.h"

/** What a text is, without being given. */
struct nta_list_mark
{
    enum nta_mark_kind kind;
    uint8_t bytes[NTA_MARK_SIZE];
    size_t len;
};

/** True for "t13d1516h2_8daaf6152771_e5627efa2ab1". */
bool nta_list_is_ja4(struct nta_span text);

/**
 * A fingerprint by its shape: 64 digits, a JA4, or one with "sha256:", "ja4:", "cert:",
 * "program:" before it.
 * ENTRY: it is in `ret_mark`; OTHER: none; SKIP, BAD: it is one that is not compared, or broken,
 * for `ret_reason`.
 */
enum nta_line nta_list_read_mark(struct nta_span text, struct nta_list_mark *ret_mark,
                                 const char **ret_reason);

/** Give a fingerprint by its shape; OTHER if it is none. */
enum nta_line nta_list_mark(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);

/** Give what is said to be the hash of a file; SKIP for MD5 and SHA-1. */
enum nta_line nta_list_file_hash(struct nta_list_reader *reader, struct nta_span text,
                                 uint32_t flags);

/** Give what is said to be the SHA-1 or SHA-256 of a certificate; colons between bytes may be. */
enum nta_line nta_list_cert_hash(struct nta_list_reader *reader, struct nta_span text,
                                 uint32_t flags);

/** Give what is said to be a JA4. */
enum nta_line nta_list_ja4(struct nta_list_reader *reader, struct nta_span text, uint32_t flags);
