/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/mysql_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum
{
    SCAN_SLICE =
        4096, ///< Batches whose tokens one statement looks through: well within a read timeout.
};

int nta_mysql_get_held(struct nta_mysql *mysql, const struct nta_store_run *run, uint64_t number,
                       struct nta_buf *bytes, struct nta_sealed *ret_sealed, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_key(&params, run->day, run->sensor, number);
    nta_mysql_bind_any(&columns);
    nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_HELD, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    for (unsigned i = 0; i < 2; i++) {
        result = nta_mysql_bytes(mysql, statement, &columns, i, bytes, err);
        if (result < 0)
            return result;
    }
    ret_sealed->header = (struct nta_span){bytes->ptr, columns.lens[0]};
    ret_sealed->signature = (struct nta_span){bytes->ptr + columns.lens[0], columns.lens[1]};
    return 1;
}

static int mysql_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                          struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds columns = {0};
    struct nta_store_run run;
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    nta_mysql_bind_number(&columns, 0, false);
    nta_mysql_bind_bytes(&columns, run.sensor, sizeof(run.sensor));
    nta_mysql_bind_number(&columns, 0, true);
    nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_RUNS, NULL, &columns, &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(mysql, statement, err)) > 0) {
        run.day = (int64_t)columns.numbers[0] - NTA_MYSQL_DAYS;
        run.first = columns.numbers[2];
        run.last = columns.numbers[3];
        result = each(owner, &run);
        if (result != 0)
            return result;
    }
    return result;
}

/** The run that holds a sensor's highest number. */
struct nta_mysql_last
{
    const uint8_t *sensor;
    struct nta_store_run run;
};

static int keep_last(void *owner, const struct nta_store_run *run)
{
    struct nta_mysql_last *last = owner;

    if (memcmp(run->sensor, last->sensor, NTA_SENSOR_ID_LEN) == 0 && run->last > last->run.last)
        last->run = *run;
    return 0;
}

static int mysql_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        struct nta_store_head *ret_head, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_mysql_last last = {.sensor = sensor};
    struct nta_sealed sealed = {0};
    int result = mysql_each_run(store, keep_last, &last, err);

    if (result == 0 && last.run.last > 0)
        result =
            nta_mysql_get_held(nta_mysql_of(store), &last.run, last.run.last, &bytes, &sealed, err);
    if (result < 0)
        return result;
    *ret_head = (struct nta_store_head){.number = result > 0 ? last.run.last : 0};
    if (result > 0)
        nta_header_hash(&sealed, ret_head->hash);
    return 0;
}

/** The chain's row; a store that was made before there were such rows has none, and then the last batch says it. */
static int mysql_last(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      uint64_t *ret_number, uint8_t ret_hash[NTA_HASH_LEN], struct nta_err *err)
{
    struct nta_store_head head = {0};
    struct nta_err one = {0};
    int result = nta_mysql_ready(nta_mysql_of(store), err);

    if (result == 0) {
        result = nta_mysql_get_row(nta_mysql_of(store), sensor, &head, &one);
        if (result == 0 || result == -ENOENT)
            result = mysql_newest(store, sensor, &head, err);
        else if (result < 0)
            (void)nta_err_set(err, result, "%s", one.text);
    }
    if (result < 0)
        return result;
    *ret_number = head.number;
    memcpy(ret_hash, head.hash, NTA_HASH_LEN);
    return 0;
}

static int fetch_slice(struct nta_mysql *mysql, const struct nta_store_search *search,
                       struct nta_store_row *row, struct nta_err *err)
{
    const struct nta_store_query *query = search->query;
    size_t n_tokens = query->n_tokens < NTA_MYSQL_TOKENS ? query->n_tokens : NTA_MYSQL_TOKENS;
    struct nta_mysql_binds params = {0}, columns = {0};
    unsigned shape = (unsigned)(2 * n_tokens + query->no_body);
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_key(&params, search->day, search->sensor, search->from);
    nta_mysql_bind_number(&params, search->to, true);
    nta_mysql_bind_number(&params, (uint64_t)(query->since_ns ? query->since_ns : INT64_MIN),
                          false);
    nta_mysql_bind_number(&params, (uint64_t)(query->until_ns ? query->until_ns : INT64_MAX),
                          false);
    for (size_t i = 0; i < n_tokens; i++)
        nta_mysql_bind_bytes(&params, query->tokens[i], NTA_TOKEN_LEN);
    for (unsigned i = 0; i < 4; i++)
        nta_mysql_bind_number(&columns, 0, i == 0);
    for (unsigned i = 0; i < 4; i++)
        nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_SEARCH + shape, &params, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result <= 0)
        return result;
    nta_buf_clear(&row->bytes);
    row->number = columns.numbers[0];
    row->first_ns = (int64_t)columns.numbers[1];
    row->last_ns = (int64_t)columns.numbers[2];
    row->n_records = (uint32_t)columns.numbers[3];
    for (unsigned i = 0; i < 4; i++) {
        row->lens[i] = columns.lens[4 + i];
        result = nta_mysql_bytes(mysql, statement, &columns, 4 + i, &row->bytes, err);
        if (result < 0)
            return result;
    }
    return 1;
}

/** The lowest number of the run from `from` on: 1, 0 if there is none, negative errno. */
static int seek(struct nta_mysql *mysql, const struct nta_store_search *search, uint64_t from,
                uint64_t *ret_number, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_key(&params, search->day, search->sensor, from);
    nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_SEEK, &params, &columns, &result, err);
    if (statement)
        result = nta_mysql_next(mysql, statement, err);
    if (result > 0)
        *ret_number = columns.numbers[0];
    return result;
}

/** What the server found may lie across two tokens, or lack those it was not told of. */
static bool row_fits(const struct nta_store_query *query, const struct nta_store_row *row)
{
    struct nta_span tokens = {row->bytes.ptr + row->lens[0] + row->lens[1], row->lens[2]};

    return nta_store_tokens_fit(query, tokens);
}

/** Move on to where the next slice begins: 1, 0: there is nothing more, negative errno. */
static int next_slice(struct nta_mysql *mysql, const struct nta_store_search *search,
                      struct nta_store_search *slice, struct nta_err *err)
{
    if (slice->to == search->to)
        return 0;
    return seek(mysql, search, slice->to + 1, &slice->from, err);
}

static int mysql_fetch(struct nta_store *store, const struct nta_store_search *search,
                       struct nta_store_row *row, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    const struct nta_store_query *query = search->query;
    struct nta_store_search slice = *search;
    int result = nta_mysql_ready(mysql, err);

    if (result < 0)
        return result;
    while (slice.from <= search->to) {
        slice.to = search->to;
        if (slice.to - slice.from >= SCAN_SLICE)
            slice.to = slice.from + SCAN_SLICE - 1;
        result = fetch_slice(mysql, &slice, row, err);
        if (result < 0)
            return result;
        if (nta_store_watched(query, (result ? row->number : slice.to) - slice.from + 1))
            return 0;
        if (result > 0 && row_fits(query, row))
            return 1;
        if (result > 0) {
            slice.from = row->number + 1;
            continue;
        }
        result = next_slice(mysql, search, &slice, err);
        if (result <= 0)
            return result;
    }
    return 0;
}

static int mysql_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                          struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_mysql_binds columns = {0};
    struct nta_wrapped_key key;
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    nta_mysql_bind_bytes(&columns, key.id, sizeof(key.id));
    nta_mysql_bind_number(&columns, 0, false);
    nta_mysql_bind_any(&columns);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_EACH_KEY, NULL, &columns, &result, err);
    if (!statement)
        return result;
    while ((result = nta_mysql_next(mysql, statement, err)) > 0) {
        nta_buf_clear(&bytes);
        result = nta_mysql_bytes(mysql, statement, &columns, 2, &bytes, err);
        if (result < 0)
            return result;
        key.made_ns = (int64_t)columns.numbers[1];
        key.blob = nta_buf_span(&bytes);
        result = each(owner, &key, err);
        if (result != 0)
            return result;
    }
    return result;
}

static int mysql_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    (void)store;
    (void)sensor;
    (void)from_number;
    (void)up_to_number;
    return nta_err_set(err, -ENOTSUP, "batches in MySQL are dropped by the day, not forgotten");
}

static int mysql_measure(struct nta_store *store, struct nta_store_size *ret_size,
                         struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds columns = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    for (unsigned i = 0; i < 4; i++)
        nta_mysql_bind_number(&columns, 0, i < 3);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_MEASURE, NULL, &columns, &result, err);
    if (!statement)
        return result;
    result = nta_mysql_next(mysql, statement, err);
    if (result < 0)
        return result;
    *ret_size = (struct nta_store_size){
        .n_batches = columns.numbers[0],
        .n_records = columns.numbers[1],
        .bytes = columns.numbers[2],
        .oldest_ns = (int64_t)columns.numbers[3],
    };
    return 0;
}

const struct nta_store_ops nta_mysql_ops = {
    .close = nta_mysql_close,
    .put_key = nta_mysql_put_key,
    .put_batches = nta_mysql_put_batches,
    .newest = mysql_newest,
    .last = mysql_last,
    .each_run = mysql_each_run,
    .fetch = mysql_fetch,
    .each_key = mysql_each_key,
    .forget = mysql_forget,
    .measure = mysql_measure,
};
