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
    {"ALTER TABLE nta.batch MODIFY n_bytes TEXT", "has a \"n_bytes\" that is no int unsigned", 6, 0,
     0},
    {"ALTER TABLE nta.batch MODIFY n_bytes TEXT; UPDATE nta.batch SET n_bytes = CONCAT(n_bytes, ' "
     "') WHERE number = 3",
     "has a \"n_bytes\"", 6, 1, NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.batch MODIFY n_records DOUBLE; UPDATE nta.batch SET n_records = n_records + "
     "0.25 WHERE number = 3",
     "has a \"n_records\"", 6, 1, NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.batch MODIFY sensor VARBINARY(32)", "has a \"sensor\"", 6, 0, 0},
    {"ALTER TABLE nta.batch MODIFY day VARCHAR(30), DROP PRIMARY KEY; UPDATE nta.batch SET day = "
     "CONCAT(day, ' ') WHERE number = 3",
     "has a \"day\"", 6, 1, NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.batch MODIFY body MEDIUMTEXT CHARACTER SET latin1 NULL; UPDATE nta.batch SET "
     "body = NULL WHERE number = 3",
     "has a \"body\"", 6, 1, NTA_ROW_CONTENT | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.batch DROP PRIMARY KEY; INSERT INTO nta.batch SELECT * FROM nta.batch WHERE "
     "number = 3",
     "\"batch\" has another primary key", 7, 0, 0},
    {"UPDATE nta.batch SET day = '0000-00-00' WHERE number = 3", NULL, 6, 1,
     NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"UPDATE nta.batch SET day = '0000-05-07' WHERE number = 3", NULL, 6, 1,
     NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"UPDATE nta.batch SET day = '2026-00-00' WHERE number = 3", NULL, 6, 1,
     NTA_ROW_TYPE | NTA_ROW_COLUMNS},
    {"ALTER TABLE nta.batch DROP COLUMN tokens", "has no \"tokens\"", 0, 0, 0},
    {"ALTER TABLE nta.batch DROP COLUMN n_bytes, ADD COLUMN n_bytes INT UNSIGNED AS (sleep(9)) "
     "VIRTUAL",
     "\"n_bytes\"", 0, 0, 0},
    {"RENAME TABLE nta.batch TO nta.kept", "\"batch\" is missing", 0, 0, 0},
    {"RENAME TABLE nta.batch TO nta.kept; CREATE VIEW nta.batch AS WITH RECURSIVE r AS (SELECT 1 "
     "AS n UNION ALL SELECT n + 1 FROM r)"
     " SELECT * FROM r",
     "\"batch\" is a view", 0, 0, 0},
    {"DROP TABLE nta.data_key; CREATE VIEW nta.data_key AS SELECT sleep(9) AS id",
     "\"data_key\" is a view", 6, 0, 0},
    {"DROP TABLE nta.chain; CREATE VIEW nta.chain AS SELECT sleep(9) AS sensor",
     "\"chain\" is a view", 6, 0, 0},
};

static const char *const drop_changed[] = {
    "DROP VIEW IF EXISTS nta.batch, nta.data_key, nta.chain",
    "DROP TABLE IF EXISTS nta.batch, nta.data_key, nta.chain, nta.kept, nta.meta",
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
    {"UPDATE nta.batch SET first_ns = 0, last_ns = 0 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.batch SET number = 0 WHERE number = 3", NTA_ROW_TYPE | NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.batch SET number = 18446744073709551615 WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.batch SET day = '9999-12-31' WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.batch SET day = '0001-01-01' WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.batch SET sensor = 'x' WHERE number = 3", NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.batch SET header = '' WHERE number = 3", NTA_ROW_HEADER, 6},
    {"UPDATE nta.batch SET body = REPEAT('x', 3000000) WHERE number = 3",
     NTA_ROW_SIZE | NTA_ROW_COLUMNS, 6},
    {"UPDATE nta.batch SET tokens = REPEAT('x', 9000000) WHERE number = 3",
     NTA_ROW_SIZE | NTA_ROW_COLUMNS, 6},
    {"INSERT INTO nta.batch SELECT DATE_ADD(day, INTERVAL 1 DAY), sensor, number, first_ns,"
     " last_ns, n_records, n_bytes, header, signature, tokens, body FROM nta.batch"
     " WHERE number = 3",
     NTA_ROW_COLUMNS, 7},
};
