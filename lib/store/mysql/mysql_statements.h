/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tables of format 2, and the statements that use them (their texts are in mysql_texts.c).
 */

#include "record/class.h"
#include "store/mysql/mysql_form.h"

#include <assert.h>

/** That of a class's content is NTA_MYSQL_CONTENT and the class; of its indexes likewise. */
enum nta_mysql_table
{
    NTA_MYSQL_HEAD,
    NTA_MYSQL_CONTENT = NTA_MYSQL_HEAD,
    NTA_MYSQL_DATA_KEY = NTA_MYSQL_CONTENT + NTA_N_CLASSES, ///< Classes begin with 1.
    NTA_MYSQL_CHAIN,
    NTA_MYSQL_INDEX = NTA_MYSQL_CHAIN,
    NTA_MYSQL_META = NTA_MYSQL_INDEX + NTA_N_CLASSES,
    NTA_MYSQL_N_TABLES
};

/** Behind a table of contents: its days are cut off this partition (mysql_partitions.h). */
#define NTA_MYSQL_PARTITIONED " PARTITION BY RANGE (day) (PARTITION pmax VALUES LESS THAN MAXVALUE)"
/** Behind all tables: what their form is. */
#define NTA_MYSQL_SAY_FORM "INSERT IGNORE INTO meta VALUES ('schema', '2')"

/** One row a statement; each is prepared when first used on a connection and kept. */
enum nta_mysql_statement
{
    NTA_MYSQL_PUT_KEY,
    NTA_MYSQL_DESTROY_KEY,
    NTA_MYSQL_LIVE_DAY, ///< The next one of which a key is not destroyed.
    NTA_MYSQL_KEY_IDS,
    NTA_MYSQL_EACH_KEY,
    NTA_MYSQL_FIND_KEY,
    NTA_MYSQL_PUT_HEAD,
    NTA_MYSQL_HELD,
    NTA_MYSQL_NEWEST,
    NTA_MYSQL_GET_CHAIN,
    NTA_MYSQL_EACH_CHAIN,
    NTA_MYSQL_SWAP_CHAIN,
    NTA_MYSQL_FIRST_CHAIN,
    NTA_MYSQL_RUNS,
    NTA_MYSQL_SEARCH, ///< The next head;
    NTA_MYSQL_SEARCH_MARKED,
    NTA_MYSQL_ALL, ///< every row of a table whose columns are of any type.
    NTA_MYSQL_COUNT,
    NTA_MYSQL_COUNT_RUN,
    NTA_MYSQL_MEASURE,
    /* of each class: the one named here and the class */
    NTA_MYSQL_PUT_CONTENT = NTA_MYSQL_MEASURE,
    NTA_MYSQL_HELD_CONTENT = NTA_MYSQL_PUT_CONTENT + NTA_N_CLASSES - 1,
    NTA_MYSQL_COUNT_DAY = NTA_MYSQL_HELD_CONTENT + NTA_N_CLASSES - 1,
    /** How many sensors' days in a range have a key that is not destroyed, or none at all; */
    NTA_MYSQL_NEEDED = NTA_MYSQL_COUNT_DAY + NTA_N_CLASSES - 1,
    NTA_MYSQL_TOKENS = NTA_MYSQL_NEEDED + NTA_N_CLASSES - 1, ///< lengths and tokens;
    NTA_MYSQL_BODY = NTA_MYSQL_TOKENS + NTA_N_CLASSES - 1,
    NTA_MYSQL_BOTH = NTA_MYSQL_BODY + NTA_N_CLASSES - 1, ///< lengths, tokens and body.
    NTA_MYSQL_STRAYS = NTA_MYSQL_BOTH + NTA_N_CLASSES - 1,
    NTA_MYSQL_PUT_INDEX = NTA_MYSQL_STRAYS + NTA_N_CLASSES - 1,
    NTA_MYSQL_GET_INDEX = NTA_MYSQL_PUT_INDEX + NTA_N_CLASSES - 1,
    NTA_MYSQL_N_STATEMENTS = NTA_MYSQL_GET_INDEX + NTA_N_CLASSES
};

static_assert((int)NTA_MYSQL_N_STATEMENTS <= (int)NTA_MYSQL_STATEMENTS_MAX &&
                  (int)NTA_MYSQL_N_TABLES <= (int)NTA_MYSQL_TABLES_MAX,
              "a handle has room for them");

extern const struct nta_mysql_plan nta_mysql_plans[NTA_MYSQL_N_TABLES];

enum
{
    NTA_MYSQL_N_COLUMNS = 12 + 4 * 5 + 5 + 4 + 4 * 5,
    NTA_MYSQL_N_RIGHTS = 8
};

extern const struct nta_mysql_column nta_mysql_columns[NTA_MYSQL_N_COLUMNS];
extern const char *const nta_mysql_rights[NTA_MYSQL_N_RIGHTS];
/** The same of each class's indexes, which batches go without. */
extern const char *const nta_mysql_index_rights[NTA_N_CLASSES];
extern const char *const nta_mysql_texts[NTA_MYSQL_N_STATEMENTS];
