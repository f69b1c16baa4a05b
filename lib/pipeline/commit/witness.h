/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a sensor's chain was, by all who know: pure, so that every case can be tried.
 *
 * Legitimate states: the store's last batch is its chain row's (the shipper leaves the last one
 * there), and nobody knows a higher number.  Anything else is a store that was put back from a
 * copy, was cut, or was removed.
 */

#include "store/writer.h"
#include "vault/note.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_witnesses
{
    struct nta_store_head row,
        newest;                 ///< The store's chain row, and its last batch; number 0: none.
    struct nta_store_head file; ///< The signed state file.
    /** MySQL's chain row, and its last batch; number 0: none, or nobody answers. */
    struct nta_store_head mysql, mysql_newest;
    bool mysql_answers; ///< So its last batch is what it has.
    uint64_t acked;     ///< Up to which MySQL has, says the state file; if it does not answer.
};

struct nta_verdict
{
    struct nta_store_head head; ///< What to go on behind: the highest that anybody knows.
    /** Numbers that are not where they should be; `last` 0: none, and then none is lost. */
    uint64_t first, last;
    const char *witness;         ///< Who knows of them.
    enum nta_lost_reason reason; ///< Why no store is seen to hold some of them; 0: one holds all.
};

/**
 * Numbers above nta_store_number_max() are nobody's.  Of two
 * that differ at one number, MySQL counts more than the file, and that more than the store.
 */
void nta_witnesses_judge(const struct nta_witnesses *known, struct nta_verdict *ret_verdict);
