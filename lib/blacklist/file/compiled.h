/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A compiled set: the tables of a set as they lie in memory, in one file, for the next start.
 *
 * A header page (magic, sizes, keys, where each table lies, SHA-256 of all behind it, SHA-256 of
 * the page itself), then the tables, each from a page's start on, then what is known of each list,
 * with its fingerprint (fingerprint.h).  The file is this machine's and this program's own: another
 * version, library or layout does not take it.
 *
 * Up to NTA_COMPILED_CHECKED bytes are read into memory of the set's own and held against their
 * SHA-256.  A larger file is mapped as it is and is there at once; its bytes are trusted by its
 * owner (this user or root, writable by nobody else, no link), as nta_blacklist_check_saved() would
 * take longer than all the rest.  Either way each number that says where something lies is checked
 * before the set is given out, and those in the table of names are bounded where they are used: a
 * broken file can give wrong answers, but no access outside the set.
 *
 * Written beside and renamed, never changed in place.  It holds the set's secret key: mode 0600.
 */

#include "base/err.h"

#include <stddef.h>

struct nta_blacklist;

enum
{
    NTA_COMPILED_CHECKED = 64 << 20
};

/**
 * Open the set in the file, whatever its lists are by now.  0; -ENOENT; -ESTALE: of another
 * version; -EBADMSG: broken; -EPERM and others: not a safe file; with a sentence.
 */
int nta_compiled_open(const char *path, struct nta_blacklist **ret_set, struct nta_err *err);

/** nta_blacklist_save(). */
int nta_compiled_save(const struct nta_blacklist *set, const char *path, struct nta_err *err);
/** nta_blacklist_check_saved(): reads all of the file, however large. */
int nta_compiled_check(const char *path, size_t *ret_n_lists, struct nta_err *err);
