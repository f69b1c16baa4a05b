/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inside of a set (internal to blacklist/). */

#include "blacklist/addrs.h"
#include "blacklist/blacklist.h"
#include "blacklist/names.h"
#include "blacklist/urls.h"

/** One list of a set. */
struct nta_list
{
    struct nta_list_report report;
    char *path, *name, *category; ///< Owns; the report's texts.
};

struct nta_blacklist
{
    struct nta_names names;
    struct nta_addrs addrs;
    struct nta_urls urls;
    struct nta_list *lists; ///< Owns.
    uint32_t *starts;       ///< Owns; of each list the lines of all lists before it.
    size_t n_lists;
};

/** The list that has the line of a value. */
struct nta_list *nta_blacklist_list_of(const struct nta_blacklist *set, uint32_t value);
