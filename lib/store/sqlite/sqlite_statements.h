/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tables of format 2, and the statements that use them (their texts are in sqlite_texts.c).
 */

#include "record/class.h"
#include "store/sqlite/sqlite_form.h"

#include <assert.h>

/** That of a class's content is NTA_SQLITE_CONTENT and the class; of its indexes likewise. */
enum nta_sqlite_table_name
{
    NTA_SQLITE_HEAD,
    NTA_SQLITE_CONTENT = NTA_SQLITE_HEAD,
    NTA_SQLITE_DATA_KEY = NTA_SQLITE_CONTENT + NTA_N_CLASSES, ///< Classes begin with 1.
    NTA_SQLITE_CHAIN,
    NTA_SQLITE_INDEX = NTA_SQLITE_CHAIN,
    NTA_SQLITE_N_TABLES = NTA_SQLITE_INDEX + NTA_N_CLASSES
};

/** One row a statement; each is prepared when first used and kept. */
enum nta_sqlite_statement
{
    NTA_SQLITE_BEGIN,
    NTA_SQLITE_COMMIT,
    NTA_SQLITE_PUT_KEY,
    NTA_SQLITE_DESTROY_KEY,
    NTA_SQLITE_KEY_ROWS,
    NTA_SQLITE_KEY_ROWS_BACK,
    NTA_SQLITE_KEY_AT,
    NTA_SQLITE_KEY_ALL,
    NTA_SQLITE_FIND_KEY,
    NTA_SQLITE_SCAN_KEY,
    NTA_SQLITE_HELD,
    NTA_SQLITE_PUT_HEAD,
    NTA_SQLITE_RAISE_CHAIN,
    NTA_SQLITE_SET_CHAIN,
    NTA_SQLITE_GET_CHAIN,
    NTA_SQLITE_EACH_CHAIN,
    NTA_SQLITE_NEWEST,
    NTA_SQLITE_NEXT_RUN,
    NTA_SQLITE_PREVIOUS_RUN,
    NTA_SQLITE_RUN_FIRST,
    NTA_SQLITE_RUN_LAST,
    NTA_SQLITE_SEARCH,
    NTA_SQLITE_SEARCH_MARKED,
    NTA_SQLITE_ODD,
    NTA_SQLITE_ALL,
    NTA_SQLITE_COUNT,
    NTA_SQLITE_COUNT_RUN,
    NTA_SQLITE_FORGET_UP_TO,
    NTA_SQLITE_FORGET_HEAD,
    NTA_SQLITE_MEASURE,
    NTA_SQLITE_WEIGH,
    /* of each class: the one named here and the class */
    NTA_SQLITE_PUT_CONTENT = NTA_SQLITE_WEIGH,
    NTA_SQLITE_LENS = NTA_SQLITE_PUT_CONTENT + NTA_N_CLASSES - 1,
    NTA_SQLITE_TOKENS = NTA_SQLITE_LENS + NTA_N_CLASSES - 1,
    NTA_SQLITE_BODY = NTA_SQLITE_TOKENS + NTA_N_CLASSES - 1,
    NTA_SQLITE_STRAYS = NTA_SQLITE_BODY + NTA_N_CLASSES - 1,
    NTA_SQLITE_FORGET_CONTENT = NTA_SQLITE_STRAYS + NTA_N_CLASSES - 1,
    NTA_SQLITE_NEXT_DAY = NTA_SQLITE_FORGET_CONTENT + NTA_N_CLASSES - 1,
    NTA_SQLITE_DROP_DAY = NTA_SQLITE_NEXT_DAY + NTA_N_CLASSES - 1,
    NTA_SQLITE_PUT_INDEX = NTA_SQLITE_DROP_DAY + NTA_N_CLASSES - 1,
    NTA_SQLITE_GET_INDEX = NTA_SQLITE_PUT_INDEX + NTA_N_CLASSES - 1,
    NTA_SQLITE_FORGET_INDEX = NTA_SQLITE_GET_INDEX + NTA_N_CLASSES - 1,
    NTA_SQLITE_DROP_INDEX = NTA_SQLITE_FORGET_INDEX + NTA_N_CLASSES - 1,
    NTA_SQLITE_N_STATEMENTS = NTA_SQLITE_DROP_INDEX + NTA_N_CLASSES
};

static_assert((int)NTA_SQLITE_N_STATEMENTS <= (int)NTA_SQLITE_STATEMENTS_MAX &&
                  (int)NTA_SQLITE_N_TABLES <= (int)NTA_SQLITE_TABLES_MAX,
              "a handle has room for them");

extern const struct nta_sqlite_plan nta_sqlite_plans[NTA_SQLITE_N_TABLES];
extern const char *const nta_sqlite_texts[NTA_SQLITE_N_STATEMENTS];

/** Our index of heads with marks, and what it is of. */
#define NTA_SQLITE_MARKS "head_marks"
extern const char nta_sqlite_index_sql[];
