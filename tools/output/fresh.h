/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A file that a command makes for its user: whole or not at all, and for its owner only, since what
 * was sealed is in the clear in it.  A link is replaced, not followed; what is no
 * regular file (a pipe, /dev/stdout) is written as it is.
 */

#include "base/bytes.h"
#include "base/err.h"
#include "base/file/newfile.h"

#include <stdbool.h>
#include <stdio.h>

struct nta_fresh_file
{
    const char *path; ///< Borrowed.
    FILE *file;       ///< To write to; NULL: not open.
    struct nta_newfile whole;
};

/** What a command makes of its own accord anew, known by how it begins. */
enum nta_fresh_kind
{
    NTA_FRESH_PAGE,
    NTA_FRESH_PDF,
    NTA_FRESH_KML,
    NTA_FRESH_KMZ,
    NTA_FRESH_GEOJSON,
    NTA_FRESH_CHECKPOINTS,
    NTA_N_FRESH_KINDS
};

#define NTA_FRESH_NONE                                                                             \
    {                                                                                              \
        .whole = NTA_NEWFILE_NONE                                                                  \
    }

/**
 * Nothing that a command makes goes to where a store has a file of its own (journal.db and what
 * lies beside it): the store would be lost; nor into a file that is called "-", which others take
 * for standard output.  0, or -EINVAL with `err`.  nta_fresh_open() asks
 * that, too.
 */
int nta_fresh_check(const char *path, struct nta_err *err);

/** Does a file that begins so look like one of this kind? */
bool nta_fresh_begins(enum nta_fresh_kind kind, struct nta_span start);

/**
 * May it be replaced, or written to, although nobody said --force?  0: nothing is there, an empty
 * file, or one that begins as this kind does, or no regular file; -EEXIST with `err`: something
 * else is, which is nobody's wish to lose.
 */
int nta_fresh_is_ours(const char *path, enum nta_fresh_kind kind, struct nta_err *err);

/** `path` lives as long as `fresh`.  0, or negative errno with `err`. */
int nta_fresh_open(struct nta_fresh_file *fresh, const char *path, struct nta_err *err);

/**
 * Put it in place.  0; or negative errno with `err`, and nothing is left; -EEXIST: there is one,
 * and it must stay.
 */
int nta_fresh_commit(struct nta_fresh_file *fresh, bool replaces, struct nta_err *err);

/** Give it up; nothing is left.  After a commit this does nothing. */
void nta_fresh_drop(struct nta_fresh_file *fresh);
