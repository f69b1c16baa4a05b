/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the shipper is told at its start (part of ship.h). */

#include "base/runtime/health.h"
#include "store/writer.h"

#include <stdint.h>

struct nta_ship_options
{
    const char *journal_path; ///< Borrows until stop, as the texts in mysql.
    struct nta_mysql_options mysql;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    /** Batches up to this number never leave the journal: a part that forked from MySQL's chain. */
    uint64_t kept;
    uint64_t acked; ///< Up to which MySQL has acknowledged before this start, as far as is known.
    /**
     * The thread's: MySQL's chain is at `head` (at its first answer, and after each commit); NULL:
     * nobody asks.
     */
    void (*acknowledged)(void *owner, const struct nta_store_head *head, uint64_t kept);
    void *owner;
    struct nta_health *health; ///< Borrows until stop; NULL: nobody asks.
};
