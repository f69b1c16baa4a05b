/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A form that the tables have in MySQL: what is made, what is to be found, and how it is read.
 * There are two of them: format 2 (mysql_ops.c), and format 1, which is only read (store/format1).
 */

#include <stdbool.h>
#include <stddef.h>

struct nta_store_ops;

enum
{
    NTA_MYSQL_TABLES_MAX = 12,
    NTA_MYSQL_STATEMENTS_MAX = 64,
};

struct nta_mysql_plan
{
    const char *name, *key; ///< Its primary key, as information_schema has it.
    const char *sql;        ///< As it is made; NULL: it is only read.
    bool is_needed;         ///< Nothing can be read without it.
    bool may_lack;          ///< A store may be older than the table.
};

/** A column, as information_schema has it. */
struct nta_mysql_column
{
    unsigned table;
    const char *name, *type;
};

struct nta_mysql_form
{
    unsigned version; ///< `schema` in `meta`.
    const struct nta_store_ops *ops;
    const struct nta_mysql_plan *tables;
    size_t n_tables;
    const struct nta_mysql_column *columns;
    size_t n_columns;
    const char *const *rights; ///< What needs the rights that writing needs, and writes nothing.
    size_t n_rights;
    const char *const *statements;
    size_t n_statements;
};
