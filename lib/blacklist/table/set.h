/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inside of a set (internal to blacklist/). */

#include "base/buf.h"
#include "blacklist/table/addrs.h"
#include "blacklist/table/list.h"
#include "blacklist/table/names.h"
#include "blacklist/table/patterns.h"
#include "blacklist/table/urls.h"

/** One list of a set. */
struct nta_list
{
    struct nta_list_report report;
    char *path, *name, *category, *text; ///< Owns; the report's texts.
    struct nta_buf fingerprint,
        complaints; ///< Owns; what it was made from (fingerprint.h), what was said.
    bool young;     ///< Its file had just been changed.
};

struct nta_blacklist
{
    struct nta_names names;
    struct nta_addrs addrs;
    struct nta_urls urls;
    struct nta_patterns patterns; ///< Owns, in a compiled set too.
    struct nta_list *lists;       ///< Owns.
    uint32_t *starts;             ///< Owns; of each list the lines of all lists before it.
    size_t n_lists;
    /** Owns (mapped); a compiled set, in which all of the tables lie; NULL: they are owned each. */
    void *image;
    size_t image_bytes;
};

/** Destructor. */
void nta_set_free(struct nta_blacklist **set);

/** The list that has the line of a value. */
struct nta_list *nta_blacklist_list_of(const struct nta_blacklist *set, uint32_t value);
