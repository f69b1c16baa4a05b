/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the rows of MySQL's answers say, for the files that read them: mysql_read.c, and
 * mysql_scan.c.
 */

#include "store/mysql/mysql_internal.h"

/**
 * Columns of a batch, in the order of the statements; with NTA_MYSQL_ALL, day and sensor are in
 * front.
 */
enum
{
    NTA_MYSQL_COLUMN_NUMBER,
    NTA_MYSQL_COLUMN_FIRST,
    NTA_MYSQL_COLUMN_LAST,
    NTA_MYSQL_COLUMN_RECORDS,
    NTA_MYSQL_COLUMN_BYTES,
    NTA_MYSQL_COLUMN_LENS,
    NTA_MYSQL_COLUMN_PARTS = NTA_MYSQL_COLUMN_LENS + NTA_N_PARTS,
};

enum
{
    NTA_MYSQL_DAY_FIRST = 366,    ///< TO_DAYS('0001-01-01'): FROM_DAYS() gives none before.
    NTA_MYSQL_DAY_LAST = 3652424, ///< TO_DAYS('9999-12-31').
};

/** What the columns from `at` on say, into the row. */
void nta_mysql_take_columns(const struct nta_mysql_binds *columns, unsigned at,
                            struct nta_store_row *row);

/** Append part `part`, which is column `at`. */
int nta_mysql_take_part(const struct nta_mysql_binds *columns, unsigned at,
                        enum nta_store_part part, struct nta_store_row *row, struct nta_err *err);

/** Bind the columns of a data key: its id, which goes to `id`, time, blob's length and blob. */
void nta_mysql_bind_key_columns(struct nta_mysql_binds *columns, uint8_t id[NTA_DATA_KEY_ID_LEN]);
/**
 * What those columns say; the key's blob borrows from `bytes`, and faults are said in the key.  0,
 * or negative errno.
 */
int nta_mysql_take_key(const struct nta_mysql_binds *columns, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err);

/** Every row of a table of data keys whose columns are of any type. */
int nta_mysql_scan_keys(struct nta_mysql *mysql, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err);
