/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the rows of format 2 say, for the files that read them: mysql_read.c, mysql_put.c and
 * mysql_scan.c.
 */

#include "store/mysql/mysql_internal.h"

/** Columns of a head, in the order of the statements; with NTA_MYSQL_ALL, sensor is in front. */
enum
{
    NTA_MYSQL_COLUMN_NUMBER,
    NTA_MYSQL_COLUMN_CLASS,
    NTA_MYSQL_COLUMN_DAY,
    NTA_MYSQL_COLUMN_FIRST,
    NTA_MYSQL_COLUMN_LAST,
    NTA_MYSQL_COLUMN_RECORDS,
    NTA_MYSQL_COLUMN_BYTES,
    NTA_MYSQL_COLUMN_MARKS,
    NTA_MYSQL_COLUMN_LENS, ///< Of header and signature.
    NTA_MYSQL_COLUMN_DATA_KEY = NTA_MYSQL_COLUMN_LENS + 2,
    NTA_MYSQL_COLUMN_PARTS,
};

/** What a row is read into; `data_key` is the columns' buffer. */
struct nta_mysql_head
{
    struct nta_mysql_binds columns;
    uint8_t data_key[NTA_DATA_KEY_ID_LEN];
};

/** Bind the columns of a head; those bound before stay in front. */
void nta_mysql_bind_head(struct nta_mysql_head *head);

/** What they say, from column `at` on.  0, or negative errno. */
int nta_mysql_take_head(const struct nta_mysql_head *head, unsigned at, struct nta_store_row *row,
                        struct nta_err *err);

/** Tokens and body of a head's row, as far as `search` wants them; asks that.  0 or negative. */
int nta_mysql_take_content(struct nta_mysql *mysql, const struct nta_store_search *search,
                           struct nta_store_row *row, struct nta_err *err);

/** Columns of a data key: its id, sensor, class, day, and blob. */
struct nta_mysql_key
{
    struct nta_mysql_binds columns;
    uint8_t id[NTA_DATA_KEY_ID_LEN], sensor[NTA_SENSOR_ID_LEN];
};

/** Bind them. */
void nta_mysql_bind_key(struct nta_mysql_key *key);
/**
 * What they say; the key's blob borrows from `bytes`, and faults are said in the key.  0, or
 * negative errno.
 */
int nta_mysql_take_key(const struct nta_mysql_key *key, struct nta_buf *bytes,
                       struct nta_stored_key *ret_key, struct nta_err *err);

/** Every row of a table of data keys whose columns are of any type. */
int nta_mysql_scan_keys(struct nta_mysql *mysql, nta_store_each_key_fn *each, void *owner,
                        struct nta_err *err);

/**
 * The sensor's row of the chain: 1, 0 if there is none, negative errno (-EBADMSG: it is damaged).
 */
int nta_mysql_get_chain(struct nta_mysql *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        struct nta_store_place *ret_place, struct nta_err *err);

/**
 * The head with this number (HELD), or (NEWEST) the last up to it: 1, 0 if there is none, or
 * negative errno.
 */
int nta_mysql_get_last(struct nta_mysql *mysql, unsigned which,
                       const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number,
                       struct nta_store_last *ret_last, struct nta_err *err);
