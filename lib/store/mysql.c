/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/mysql_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

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
    int result = nta_mysql_each_run(store, keep_last, &last, err);

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

    *ret_number = 0;
    memset(ret_hash, 0, NTA_HASH_LEN);
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

static int mysql_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    (void)store;
    (void)sensor;
    (void)from_number;
    (void)up_to_number;
    return nta_err_set(err, -ENOTSUP, "batches in MySQL are dropped by the day, not forgotten");
}

const struct nta_store_ops nta_mysql_ops = {
    .close = nta_mysql_close,
    .put_key = nta_mysql_put_key,
    .put_batches = nta_mysql_put_batches,
    .newest = mysql_newest,
    .last = mysql_last,
    .each_run = nta_mysql_each_run,
    .fetch = nta_mysql_fetch,
    .each_key = nta_mysql_each_key,
    .find_key = nta_mysql_find_key,
    .each_chain = nta_mysql_each_chain,
    .count = nta_mysql_count,
    .forget = mysql_forget,
    .measure = nta_mysql_measure,
};
