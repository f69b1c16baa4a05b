/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one form of ZIP (APPNOTE 6.3.10) that a case has: members stored as they are, in order of
 * their names, all of the same time, without any extra field, comment or gap.  So the same members
 * make the same bytes, and there is no place in an archive for a byte that nobody asked for.
 *
 * The reader takes what the writer writes and nothing else: it goes through the local headers, and
 * then writes the archive again and compares.  What other programs would see (they read the central
 * directory) is thereby the same.
 *
 * Pure: no I/O.
 */

#include "base/buf.h"
#include "base/err.h"

enum
{
    NTA_ZIP_MEMBERS = 64,
    NTA_ZIP_NAME_MAX = 64,   ///< Bytes: letters and digits, and behind the first '.', '-', '_'.
    NTA_ZIP_MAX = 256 << 20, ///< Bytes of an archive.
};

struct nta_zip_member
{
    struct nta_span name, data; ///< Borrowed.
};

/**
 * Append the archive of `n` members with names of our form, in growing order.  0; -EINVAL: they are
 * not, or too many; -EFBIG: too large; memory as of nta_buf.
 */
int nta_zip_write(struct nta_buf *out, const struct nta_zip_member *members, size_t n);

/**
 * Take an archive of any origin apart; members borrow from it.  0; -EBADMSG with the sentence: it
 * is not byte for byte what nta_zip_write() makes of its members; -ENOMEM.
 */
int nta_zip_read(struct nta_span archive, struct nta_zip_member ret_members[NTA_ZIP_MEMBERS],
                 size_t *ret_n, struct nta_err *err);
