/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mysql/mysql_rows.h"

#include "base/own.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>
#include <string.h>

void nta_mysql_bind_head(struct nta_mysql_head *head)
{
    struct nta_mysql_binds *columns = &head->columns;

    for (unsigned i = 0; i < NTA_MYSQL_COLUMN_DATA_KEY; i++)
        nta_mysql_bind_number(columns, 0,
                              i != NTA_MYSQL_COLUMN_DAY && i != NTA_MYSQL_COLUMN_FIRST &&
                                  i != NTA_MYSQL_COLUMN_LAST);
    nta_mysql_bind_bytes(columns, head->data_key, sizeof(head->data_key));
    nta_mysql_bind_any(columns);
    nta_mysql_bind_any(columns);
}

int nta_mysql_take_head(const struct nta_mysql_head *head, unsigned at, struct nta_store_row *row,
                        struct nta_err *err)
{
    const struct nta_mysql_binds *columns = &head->columns;
    const unsigned key = at + NTA_MYSQL_COLUMN_DATA_KEY, parts = at + NTA_MYSQL_COLUMN_PARTS;
    int result;

    row->number = nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_NUMBER, UINT64_MAX, row);
    row->class = (enum nta_class)nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_CLASS,
                                                       NTA_N_CLASSES - 1, row);
    if (row->number == 0 || row->class == NTA_CLASS_NONE)
        row->faults |= NTA_ROW_TYPE;
    row->key.day =
        (int64_t)nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_DAY, UINT64_MAX, row);
    row->first_ns =
        (int64_t)nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_FIRST, UINT64_MAX, row);
    row->last_ns =
        (int64_t)nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_LAST, UINT64_MAX, row);
    row->n_records =
        (uint32_t)nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_RECORDS, UINT32_MAX, row);
    row->n_bytes =
        (uint32_t)nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_BYTES, UINT32_MAX, row);
    row->marks =
        (uint32_t)nta_mysql_take_number(columns, at + NTA_MYSQL_COLUMN_MARKS, NTA_MARKS_MAX, row);
    if (columns->nulls[key] || columns->lens[key] != NTA_DATA_KEY_ID_LEN)
        row->faults |= NTA_ROW_TYPE;
    else
        memcpy(row->data_key, head->data_key, sizeof(row->data_key));
    nta_mysql_take_lens(columns, at + NTA_MYSQL_COLUMN_LENS, NTA_PART_HEADER, 2, row);
    result = nta_mysql_take_part(columns, parts, NTA_PART_HEADER, row, err);
    if (result == 0)
        result = nta_mysql_take_part(columns, parts + 1, NTA_PART_SIGNATURE, row, err);
    return result;
}

/* ---- content ---- */

/** Where a row's content is: as the signed header says, and only without one as the columns do. */
static bool bind_place(const struct nta_store_row *row, struct nta_mysql_binds *params,
                       struct nta_header *header, unsigned *ret_class)
{
    bool has_header = nta_store_row_header(row, header);

    if (!has_header) {
        header->number = row->number;
        memcpy(header->sensor, row->key.sensor, NTA_SENSOR_ID_LEN);
    }
    nta_mysql_bind_number(
        params, (uint64_t)(has_header ? nta_day_of(header->sealed_ns) : row->key.day), false);
    nta_mysql_bind_bytes(params, header->sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(params, header->number, true);
    *ret_class = has_header ? header->class : row->class;
    return *ret_class > NTA_CLASS_NONE && *ret_class < NTA_N_CLASSES;
}

/**
 * Read what the statement of the row's class gives: lengths unless it is BODY, tokens unless it is,
 * and the body unless it is TOKENS.
 */
static int read_content(struct nta_mysql *mysql, unsigned of_class, struct nta_store_row *row,
                        struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    bool has_lens = of_class != NTA_MYSQL_BODY;
    struct nta_header header;
    unsigned class, at = has_lens ? 2 : 0;
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    row->faults |= has_lens ? NTA_ROW_ABSENT : 0U;
    if (!bind_place(row, &params, &header, &class) ||
        mysql->found[NTA_MYSQL_CONTENT + class].is_lacking)
        return 0;
    for (unsigned i = 0; has_lens && i < 2; i++)
        nta_mysql_bind_number(&columns, 0, true);
    for (unsigned i = of_class == NTA_MYSQL_BOTH ? 0 : 1; i < 2; i++)
        nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(mysql, of_class + class, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0) {
        /* gone in between, or so the server says: it was there, so that must be told */
        row->faults |= result == 0 && !has_lens ? NTA_ROW_CONTENT : 0U;
        return result;
    }
    row->faults &= ~(unsigned)NTA_ROW_ABSENT;
    if (has_lens)
        nta_mysql_take_lens(&columns, 0, NTA_PART_TOKENS, 2, row);
    row->lacks_lens = false;
    result = 0;
    if (of_class != NTA_MYSQL_BODY)
        result = nta_mysql_take_part(&columns, at++, NTA_PART_TOKENS, row, err);
    if (result == 0 && of_class != NTA_MYSQL_TOKENS)
        result = nta_mysql_take_part(&columns, at, NTA_PART_BODY, row, err);
    return result;
}

int nta_mysql_take_content(struct nta_mysql *mysql, const struct nta_store_search *search,
                           struct nta_store_row *row, struct nta_err *err)
{
    bool has_tokens = search->wants && nta_store_search_narrows(search, row);
    int result = 0;

    row->lacks_lens = true;
    if (has_tokens)
        result = read_content(mysql, NTA_MYSQL_TOKENS, row, err);
    if (result < 0)
        return result;
    row->is_whole = !search->wants || search->wants(search->owner, row);
    if (!row->is_whole || (has_tokens && (row->faults & NTA_ROW_ABSENT)))
        return 0;
    return read_content(mysql, has_tokens ? NTA_MYSQL_BODY : NTA_MYSQL_BOTH, row, err);
}

/* ---- data keys ---- */

void nta_mysql_bind_key(struct nta_mysql_key *key)
{
    nta_mysql_bind_bytes(&key->columns, key->id, sizeof(key->id));
    nta_mysql_bind_bytes(&key->columns, key->sensor, sizeof(key->sensor));
    nta_mysql_bind_number(&key->columns, 0, true);
    nta_mysql_bind_number(&key->columns, 0, false);
    nta_mysql_bind_number(&key->columns, 0, true);
    nta_mysql_bind_any(&key->columns);
}

int nta_mysql_take_key(const struct nta_mysql_key *key, struct nta_buf *bytes,
                       struct nta_stored_key *ret_key, struct nta_err *err)
{
    const struct nta_mysql_binds *columns = &key->columns;
    struct nta_stored_key stored = {.faults = 0};
    uint64_t class = 0, day = 0, len = 0;
    int result = 0;

    nta_buf_clear(bytes);
    if (columns->nulls[0] || columns->lens[0] != sizeof(key->id) || columns->nulls[1] ||
        columns->lens[1] != sizeof(key->sensor) || !nta_mysql_number_of(columns, 2, &class) ||
        class == NTA_CLASS_NONE || class >= NTA_N_CLASSES || !nta_mysql_number_of(columns, 3, &day))
        stored.faults |= NTA_ROW_TYPE;
    if (!columns->nulls[0] && columns->lens[0] == sizeof(key->id))
        memcpy(stored.key.id, key->id, sizeof(key->id));
    if (!(stored.faults & NTA_ROW_TYPE)) {
        memcpy(stored.key.sensor, key->sensor, sizeof(key->sensor));
        stored.key.class = (enum nta_class) class;
        stored.key.day = (int64_t)day;
    }
    if (!nta_mysql_number_of(columns, 4, &len))
        stored.faults |= NTA_ROW_CONTENT;
    else if (len > NTA_STORE_KEY_MAX)
        stored.faults |= NTA_ROW_SIZE;
    else
        result = nta_mysql_bytes(columns, 5, NTA_STORE_KEY_MAX, bytes, err);
    stored.key.blob = nta_buf_span(bytes);
    *ret_key = stored;
    return result;
}

/* ---- a sensor's last batch ---- */

int nta_mysql_get_chain(struct nta_mysql *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        struct nta_store_place *ret_place, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf frontier = {0};
    struct nta_mysql_binds params = {0}, columns = {0};
    struct nta_store_place place = {.n_frontier = 0};
    uint8_t found[NTA_SENSOR_ID_LEN];
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_bytes(&columns, found, sizeof(found));
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_bytes(&columns, place.head.hash, sizeof(place.head.hash));
    nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_GET_CHAIN, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    if (!nta_mysql_number_of(&columns, 1, &place.head.number) || place.head.number == 0 ||
        columns.nulls[2] || columns.lens[2] != sizeof(place.head.hash))
        return nta_err_set(err, -EBADMSG, "MySQL at %s: the chain's row of this sensor is damaged",
                           mysql->where);
    result = nta_mysql_bytes(&columns, 3, NTA_LOG_FRONTIER_MAX, &frontier, err);
    if (result < 0)
        return result;
    nta_store_place_frontier(&place, nta_buf_span(&frontier));
    *ret_place = place;
    return 1;
}

int nta_mysql_get_last(struct nta_mysql *mysql, unsigned which,
                       const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number,
                       struct nta_store_last *ret_last, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf header = {0};
    struct nta_mysql_binds params = {0}, columns = {0};
    uint8_t signature[NTA_SIGNATURE_LEN];
    struct nta_sealed sealed;
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&params, number, true);
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_any(&columns);
    nta_mysql_bind_bytes(&columns, signature, sizeof(signature));
    statement = nta_mysql_execute(mysql, which, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    if (columns.nulls[2] || columns.lens[2] != sizeof(signature))
        return 0;
    result = nta_mysql_bytes(&columns, 1, NTA_STORE_HEADER_MAX, &header, err);
    if (result < 0)
        return result;
    sealed = (struct nta_sealed){.header = nta_buf_span(&header),
                                 .signature = {signature, sizeof(signature)}};
    nta_store_take_last(ret_last, columns.numbers[0], &sealed);
    return 1;
}
