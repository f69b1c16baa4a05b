/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A list that is a folder of categories, as the University of Toulouse (UT1), Shalla and squidGuard
 * have them: CATEGORY/domains and CATEGORY/urls (internal to blacklist/).
 *
 * The folder and those in it must be folders, not links, of whoever may own a list, and not for
 * everybody to write.  Categories may lie in one another (recreation/sports).  Bounds: 4,096 files,
 * three levels.
 */

#include "blacklist/file/file.h"

enum nta_list_folder_kind
{
    NTA_FOLDER_LINES,       ///< "domains" or "urls".
    NTA_FOLDER_EXPRESSIONS, ///< "expressions": not read.
    NTA_FOLDER_LINK         ///< Another category by another name: not read.
};

struct nta_list_folder_file
{
    enum nta_list_folder_kind kind;
    char *path, *category; ///< Owns.
};

struct nta_list_folder
{
    struct nta_list_folder_file *files; ///< Owns; in the order of their paths.
    size_t n_files;
};

/** True if the list is a folder. */
bool nta_list_is_folder(const struct nta_list_source *source);

/** Look for its files.  0, or negative errno with a sentence. */
int nta_list_folder_read(const struct nta_list_source *source, struct nta_list_folder *ret_folder,
                         struct nta_err *err);
/** Free what it owns. */
void nta_list_folder_done(struct nta_list_folder *folder);

/** The list's source for one of its files. */
struct nta_list_source nta_list_folder_source(const struct nta_list_source *source,
                                              const struct nta_list_folder_file *file);

/** One identity for all of its files.  0, or negative errno with a sentence. */
int nta_list_folder_identify(const struct nta_list_source *source,
                             struct nta_list_identity *ret_identity, struct nta_err *err);
