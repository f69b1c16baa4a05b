/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tables that somebody changed or exchanged, for mysql_store.c.
 */

#include "store/store.h"

#include <string.h>

/**
 * What is said, how many of six batches a reader gets (none: it does not open), what faults they
 * have.
 */
static const struct changed_table
{
    const char *change, *part;
    uint64_t n, n_faulty;
    unsigned faults;
} changed_tables[] = {
    {"ALTER TABLE nta.head MODIFY bytes TEXT", "has a \"bytes\" that is no int unsigned", 6, 0, 0},
    {"ALTER TABLE nta.head MODIFY bytes TEXT; UPDATE nta.head SET bytes = CONCAT(bytes, ' ') WHERE "
     "number = 3",
     "has a \"bytes\"", 6, 1, NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.head MODIFY records DOUBLE; UPDATE nta.head SET records = records + 0.25 "
     "WHERE number = 3",
     "has a \"records\"", 6, 1, NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.head MODIFY sensor VARBINARY(32)", "has a \"sensor\"", 6, 0, 0},
    {"ALTER TABLE nta.head MODIFY day VARCHAR(30), DROP PRIMARY KEY; UPDATE nta.head SET day = "
     "CONCAT(day, ' ') WHERE number = 3",
     "has a \"day\"", 6, 1, NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.head MODIFY signature TEXT CHARACTER SET latin1 NULL; UPDATE nta.head SET "
     "signature = NULL WHERE number = 3",
     "has a \"signature\"", 6, 1, NTA_ROW_CONTENT | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.content_2 MODIFY body MEDIUMTEXT CHARACTER SET latin1 NULL; UPDATE "
     "nta.content_2 SET body = NULL WHERE number = 3",
     "has a \"body\"", 6, 1, NTA_ROW_CONTENT | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.content_2 REMOVE PARTITIONING; ALTER TABLE nta.content_2 MODIFY day "
     "VARCHAR(30), DROP PRIMARY KEY",
     "has a \"day\"", 6, 0, 0},
    {"ALTER TABLE nta.head DROP PRIMARY KEY; INSERT INTO nta.head SELECT * FROM nta.head WHERE "
     "number = 3",
     "\"head\" has another primary key", 7, 0, 0},
    {"ALTER TABLE nta.head DROP COLUMN header", "has no \"header\"", 0, 0, 0},
    {"ALTER TABLE nta.content_2 DROP COLUMN tokens", "has no \"tokens\"", 6, 6, NTA_ROW_ABSENT},
    {"ALTER TABLE nta.head DROP COLUMN bytes, ADD COLUMN bytes INT UNSIGNED AS (sleep(9)) VIRTUAL",
     "\"bytes\"", 0, 0, 0},
    {"RENAME TABLE nta.head TO nta.kept", "\"head\" is missing", 0, 0, 0},
    {"RENAME TABLE nta.head TO nta.kept; CREATE VIEW nta.head AS WITH RECURSIVE r AS (SELECT 1 "
     "AS n UNION ALL SELECT n + 1 FROM r)"
     " SELECT * FROM r",
     "\"head\" is a view", 0, 0, 0},
    {"DROP TABLE nta.content_2; CREATE VIEW nta.content_2 AS SELECT sleep(9) AS day",
     "\"content_2\" is a view", 6, 6, NTA_ROW_ABSENT},
    {"DROP TABLE nta.data_key; CREATE VIEW nta.data_key AS SELECT sleep(9) AS id",
     "\"data_key\" is a view", 6, 0, 0},
    {"DROP TABLE nta.chain; CREATE VIEW nta.chain AS SELECT sleep(9) AS sensor",
     "\"chain\" is a view", 6, 0, 0},
};

static const char *const drop_changed[] = {
    "DROP VIEW IF EXISTS nta.head, nta.content_2, nta.data_key, nta.chain",
    "DROP TABLE IF EXISTS nta.head, nta.content_1, nta.content_2, nta.content_3, nta.content_4,"
    " nta.data_key, nta.chain, nta.kept, nta.meta",
};

static void note_part(void *owner, const char *text)
{
    const char **part = owner;

    if (*part && strstr(text, *part))
        *part = NULL;
}

/** One row changed, what faults it has then, and how many rows there are. */
static const struct
{
    const char *sql;
    unsigned faults;
    uint64_t n;
} changed_rows[] = {
    {"UPDATE nta.head SET first_ns = 0, last_ns = 0 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET number = 0 WHERE number = 3", NTA_ROW_TYPE | NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET number = 18446744073709551615 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET day = 2147483647 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET day = -2147483648 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET class = 1 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET class = 9 WHERE number = 3", NTA_ROW_TYPE | NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET marks = 1 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET marks = 200 WHERE number = 3", NTA_ROW_TYPE, 6},
    {"UPDATE nta.head SET data_key = 'x' WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET sensor = 'x' WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.head SET header = '' WHERE number = 3", NTA_ROW_HEADER, 6},
    {"UPDATE nta.content_2 SET body = REPEAT('x', 3000000) WHERE number = 3",
     NTA_ROW_SIZE | NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.content_2 SET tokens = REPEAT('x', 9000000) WHERE number = 3",
     NTA_ROW_SIZE | NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.content_2 SET body = 'short' WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"DELETE FROM nta.content_2 WHERE number = 3", NTA_ROW_ABSENT, 6},
    {"UPDATE nta.content_2 SET day = day + 1 WHERE number = 3", NTA_ROW_ABSENT, 6},
    {"INSERT INTO nta.head SELECT sensor, 99, class, day, first_ns, last_ns, records, bytes, "
     "data_key, header, signature, marks FROM nta.head WHERE number = 3",
     NTA_ROW_COLUMNS, 7},
};
