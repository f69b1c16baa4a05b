/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SQL for tables that somebody changed: a value counts only if it reads as what we would have
 * written, whatever its type, and what is longer than it can be is not sent.
 */

#define NTA_SQL_EXACT(column, as)                                                                  \
    " IF(CAST(" column " AS BINARY) = CAST(CAST(" column " AS " as ") AS BINARY), CAST(" column    \
    " AS " as "), NULL)"
#define NTA_SQL_BYTES(column, test)                                                                \
    " IF(LENGTH(CAST(" column " AS BINARY)) " test ", CAST(" column " AS BINARY), NULL)"
#define NTA_SQL_LEN(column) " LENGTH(CAST(" column " AS BINARY))"
