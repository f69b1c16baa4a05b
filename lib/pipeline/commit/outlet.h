/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where the records of a pipeline go; nothing here belongs to it. */

#include "base/bytes.h"

#include <stdbool.h>

struct nta_alerter;
struct nta_mysql_options;
struct nta_ship_options;
struct nta_store_lock;

struct nta_outlet
{
    const char *store_path; ///< SQLite file; NULL: records are not kept.
    const char *keys_dir;   ///< Needed with a store, as is
    const char *state_dir;  ///< the folder of its signing keys (vault/vault.h).
    struct nta_store_lock
        *lock; ///< Borrows: the store's, looked after by whoever writes; NULL: none.
    struct nta_alerter *alerter;          ///< Borrows; NULL: none.
    const struct nta_ship_options *mysql; ///< Borrows; NULL: the store is where they stay.
    /** Borrows: the account by which MySQL's days are deleted; NULL: that of `mysql`. */
    const struct nta_mysql_options *retention;
    /**
     * Recorder thread, each record in order after it is durable (or at once, without a store);
     * NULL: none.
     */
    void (*each)(void *owner, const char *id, struct nta_span cbor);
    void *owner;
    bool matches_only; ///< `each` wants records that a list matched, and no others.
};
