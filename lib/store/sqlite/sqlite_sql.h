/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SQL that looks at a value by type and length before it reads it: a store may hold anything
 * (length() of a blob reads none).
 */

/**
 * SQL of a column of numbers, NULL if it is of another type; of a blob of this many bytes; of one
 * of at most so many.
 */
#define NTA_SQL_NUMBER(column) "CASE typeof(" column ") WHEN 'integer' THEN " column " END"
#define NTA_SQL_EXACT(column, len)                                                                 \
    "CASE WHEN typeof(" column ")='blob' AND length(" column ")=" #len " THEN " column " END"
#define NTA_SQL_AT_MOST(column, max)                                                               \
    "CASE WHEN typeof(" column ")='blob' AND length(" column ")<=" #max " THEN " column " END"
#define NTA_SQL_LEN(column) "CASE typeof(" column ") WHEN 'blob' THEN length(" column ") END"
