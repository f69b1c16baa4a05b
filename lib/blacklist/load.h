/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The lines of one list -> entries of a set that is being built (internal to blacklist/).
 */

#include "blacklist/rules.h"
#include "blacklist/table/set.h"

struct nta_list_load
{
    struct nta_blacklist *set;    ///< Gets addresses and URLs.
    struct nta_name_items *items; ///< Get names.
    struct nta_rules *rules;      ///< Get the rules that others may take back.
    struct nta_list *list;        ///< Gets its report, and what it was made from.
    uint32_t n_lines;             ///< Of the lists before it.
    struct nta_buf *complaints;   ///< May be NULL.
};

/**
 * Read a list.  0, or negative errno with a sentence: not a safe file, unreadable, empty, mostly
 * not understood; the set must then be given up.
 */
int nta_list_load(const struct nta_list_load *load, const struct nta_list_source *source,
                  struct nta_err *err);

/** One more line for a reason; reasons are static texts, few in a list. */
void nta_list_count_reason(struct nta_list_report *report, const char *reason);
