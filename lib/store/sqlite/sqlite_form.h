/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A form that a store's tables have: what is made, what is to be found, and how it is read.  There
 * are two of them: format 2 (sqlite_ops.c), and format 1, which is only read (store/format1).
 */

#include <stdbool.h>
#include <stddef.h>

struct nta_store_ops;

enum
{
    NTA_SQLITE_TABLES_MAX = 12,
    NTA_SQLITE_COLUMNS_MAX = 16,
    NTA_SQLITE_STATEMENTS_MAX = 80,
};

/** A table as it is made, and as it is to be found: SQLite keeps the text. */
struct nta_sqlite_plan
{
    const char *name, *sql;
    const char *by_key, *whole; ///< SQL that says how to go through the table: by its key, or all.
    bool is_needed;             ///< Without it no batch can be read.
    const char *columns[NTA_SQLITE_COLUMNS_MAX];
};

struct nta_sqlite_form
{
    unsigned version; ///< The file's user_version.
    const struct nta_store_ops *ops;
    const struct nta_sqlite_plan *tables;
    size_t n_tables;
    size_t
        n_first; ///< So many every store has; those behind an older one lacks: a writer makes them.
    /** An index of ours, beside those that SQLite makes for keys, and its table; NULL: none. */
    const char *index_name, *index_sql, *index_table;
    /**
     * Statements; in them "{name}" stands for a table by its key, "{name*}" for all of it, and
     * "{INDEX}" for our index's table by that index.
     */
    const char *const *statements;
    size_t n_statements;
};
