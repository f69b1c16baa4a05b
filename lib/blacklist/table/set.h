/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inside of a set (internal to blacklist/). */

#include "base/buf.h"
#include "blacklist/table/addrs.h"
#include "blacklist/table/list.h"
#include "blacklist/table/marks.h"
#include "blacklist/table/names.h"
#include "blacklist/table/patterns.h"
#include "blacklist/table/urls.h"

/** A file of a list that is a folder. */
struct nta_list_section
{
    struct nta_list_report report; ///< Its path, category and hash; no counts.
    uint32_t start;                ///< Lines of the list before it.
    char *path, *category;         ///< Owns.
};

/** One list of a set. */
struct nta_list
{
    struct nta_list_report report;
    char *path, *name, *category, *text; ///< Owns; the report's texts.
    struct nta_buf fingerprint,
        complaints;        ///< Owns; what it was made from (fingerprint.h), what was said.
    struct nta_buf beside; ///< Owns; names of files that it names, each with its NUL.
    struct nta_list_section *sections; ///< Owns; of a folder, in the order of their lines.
    size_t n_sections;
    bool young; ///< Its file had just been changed.
};

struct nta_blacklist
{
    struct nta_names names;
    struct nta_addrs addrs;
    struct nta_urls urls;
    struct nta_marks marks;
    struct nta_patterns patterns; ///< Owns, in a compiled set too.
    struct nta_list *lists;       ///< Owns.
    uint32_t *starts;             ///< Owns; of each list the lines of all lists before it.
    size_t n_lists;
    /** Owns (mapped); a compiled set, in which all of the tables lie; NULL: they are owned each. */
    void *image;
    size_t image_bytes;
};

/** A new section at the end of a list, or NULL if memory ran out. */
struct nta_list_section *nta_list_add_section(struct nta_list *list, const char *path,
                                              const char *category, uint32_t start);

/** Whoever is given a section's report sees what is said of its list, too. */
void nta_list_number_sections(struct nta_list *list);

/** Where a line of a list stands: the report of its file, and the line in there. */
const struct nta_list_report *nta_list_place_of(const struct nta_list *list, uint32_t line,
                                                uint32_t *ret_line);

/** Destructor. */
void nta_set_free(struct nta_blacklist **set);

/** Of a list the count of entries of a kind of fingerprint. */
uint64_t *nta_list_n_marks(struct nta_list_report *report, enum nta_mark_kind kind);

/** The list that has the line of a value. */
struct nta_list *nta_blacklist_list_of(const struct nta_blacklist *set, uint32_t value);
