/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is read in the same way of both formats, which hand the store's calls on. */

#include "store/mysql/mysql_internal.h"

/** How data keys are taken. */
struct nta_mysql_keys
{
    unsigned table, ids; ///< The table, and the statement that lists the ids.
    /** The call find_key. */
    int (*find)(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);
    /** Every row of a table whose columns are of any type. */
    int (*scan)(struct nta_mysql *mysql, nta_store_each_key_fn *each, void *owner,
                struct nta_err *err);
};

/** The call each_key: all ids first, then a key by each, so that nothing is held meanwhile. */
int nta_mysql_each_key_alike(struct nta_store *store, const struct nta_mysql_keys *keys,
                             nta_store_each_key_fn *each, void *owner, struct nta_err *err);

/** The call measure, by the statement of its sums. */
int nta_mysql_measure_alike(struct nta_store *store, unsigned which,
                            struct nta_store_size *ret_size, struct nta_err *err);
