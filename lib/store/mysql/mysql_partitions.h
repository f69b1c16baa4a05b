/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The partitions of one table of contents: by ranges of days, the last without a bound.  A day's
 * partition is cut off that one before it comes, when it is empty, so that nothing is copied; one
 * that came too late is cut off with what is in it.
 *
 * A number is the only thing that is put into a statement here, since DDL takes no parameters.
 */

#include "store/mysql/mysql_internal.h"

enum
{
    NTA_MYSQL_PARTITIONS_MAX = 8192 ///< Of a table; the server's own bound.
};

/** Days [from, below) of the contents. */
struct nta_mysql_partition
{
    int64_t from, below; ///< INT64_MIN, INT64_MAX: no bound.
    bool is_done;        ///< Nobody needs it.
    char name[32];       ///< Ours: "p" and the last day, "pm" and a day before 1970, or "pmax".
};

struct nta_mysql_partitions
{
    const char *table;               ///< Static.
    struct nta_mysql_partition *all; ///< Owned; in order.
    size_t n, size;
};

/** Frees what it owns. */
void nta_mysql_partitions_done(struct nta_mysql_partitions *partitions);

/**
 * Those of a table of contents, or of indexes (an enum nta_mysql_table).  0; -EPROTO: it is not
 * partitioned by its days, with the statement that does it; or negative errno.
 */
int nta_mysql_partitions_read(struct nta_mysql *mysql, unsigned table,
                              struct nta_mysql_partitions *ret_partitions, struct nta_err *err);

/**
 * Cut off partitions, so that each day from `today` for so many days has one of its own.  0;
 * -EACCES, with the statement; or negative errno.
 */
int nta_mysql_partitions_cut(struct nta_mysql *mysql, struct nta_mysql_partitions *partitions,
                             int64_t today, unsigned n_days, struct nta_err *err);

/** Drop those marked `is_done`, in one statement.  0, also if none is; or negative errno. */
int nta_mysql_partitions_drop(struct nta_mysql *mysql,
                              const struct nta_mysql_partitions *partitions, struct nta_err *err);

/** True if this user may cut and drop partitions of that table; nothing is changed. */
bool nta_mysql_partitions_may(struct nta_mysql *mysql, const char *table);
