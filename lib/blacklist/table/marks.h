/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table of fingerprints: hashes of files, JA4 of hellos, fingerprints of certificates, names of
 * programs.
 *
 * A fingerprint is kept as 96 bits of its keyed hash (namehash.h) with a value: 16 bytes each, in
 * one array, sorted.  No text is kept: what was asked for is the entry.  A look-up is a binary
 * search, made once a hello, certificate or file, never for a packet; `n` says at once that there
 * is nothing of a kind.
 *
 * Of a value the two flags of names say the kind.  Filled by one thread, then read by any number.
 */

#include "blacklist/table/names.h"

enum nta_mark_kind
{
    NTA_MARK_FILE,        ///< SHA-256 of a file: 32 bytes.
    NTA_MARK_JA4,         ///< Text.
    NTA_MARK_CERTIFICATE, ///< SHA-1 or SHA-256 of its DER: 20 or 32 bytes.
    NTA_MARK_PROGRAM,     ///< Text in lower case: how what a connection speaks is called.
    NTA_MARK_N_KINDS
};

enum
{
    NTA_MARK_SIZE = 40, ///< Bytes of the longest.
};

struct nta_mark
{
    uint64_t tag;
    uint32_t where, value;
};

struct nta_marks
{
    struct nta_mark *marks; ///< Owns.
    size_t n_marks, size;
    uint64_t n[NTA_MARK_N_KINDS]; ///< Of each kind, those said twice too.
};

/** Called with each entry that was there already. */
typedef void nta_mark_twice_fn(void *owner, uint32_t value);

/** Free what it owns; it is empty afterwards. */
void nta_marks_done(struct nta_marks *marks);

/** Note an entry of at most NTA_MARK_SIZE bytes; its value gets the kind.  0, or -ENOMEM. */
int nta_marks_add(struct nta_marks *marks, const struct nta_names *names, enum nta_mark_kind kind,
                  struct nta_span mark, uint32_t value);

/**
 * Make the table; the first of two equal entries stays, and the other goes if `goes` says so (NULL:
 * always).
 */
void nta_marks_fill(struct nta_marks *marks, nta_value_goes_fn *goes, nta_mark_twice_fn *twice,
                    void *owner);

/** The value that decides, 0: none. */
uint32_t nta_marks_decide(const struct nta_marks *marks, const struct nta_names *names,
                          enum nta_mark_kind kind, struct nta_span mark);

enum
{
    NTA_MARKS_SAME_MAX = 256 ///< Entries of one fingerprint that are looked at.
};

/** All values, the one that decides first, as far as there is space; gives how many. */
size_t nta_marks_find(const struct nta_marks *marks, const struct nta_names *names,
                      enum nta_mark_kind kind, struct nta_span mark, uint32_t *values, size_t size);

/** The kind that a value has. */
static inline enum nta_mark_kind nta_mark_kind_of(uint32_t value)
{
    if (value & NTA_VALUE_SELF)
        return value & NTA_VALUE_SUBS ? NTA_MARK_PROGRAM : NTA_MARK_JA4;
    return value & NTA_VALUE_SUBS ? NTA_MARK_CERTIFICATE : NTA_MARK_FILE;
}

/** The flags of a kind. */
static inline uint32_t nta_mark_flags(enum nta_mark_kind kind)
{
    static const uint32_t flags[] = {0, NTA_VALUE_SELF, NTA_VALUE_SUBS,
                                     NTA_VALUE_SELF | NTA_VALUE_SUBS};

    return flags[kind];
}
