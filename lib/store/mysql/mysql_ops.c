/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL as a store: its calls. */
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_internal.h"

#include <errno.h>

static int mysql_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    (void)store;
    (void)sensor;
    (void)from_number;
    (void)up_to_number;
    return nta_err_set(err, -ENOTSUP, "batches in MySQL are dropped by the day, not forgotten");
}

static const struct nta_store_ops mysql_ops = {
    .close = nta_mysql_close,
    .put_key = nta_mysql_put_key,
    .put_batches = nta_mysql_put_batches,
    .newest = nta_mysql_newest,
    .last = nta_mysql_last,
    .each_run = nta_mysql_each_run,
    .each_odd = nta_mysql_each_odd,
    .fetch = nta_mysql_fetch,
    .each_key = nta_mysql_each_key,
    .find_key = nta_mysql_find_key,
    .each_chain = nta_mysql_each_chain,
    .count = nta_mysql_count,
    .forget = mysql_forget,
    .measure = nta_mysql_measure,
};

int nta_store_open_mysql(const struct nta_mysql_options *options, struct nta_store **ret_store,
                         struct nta_err *err)
{
    return nta_mysql_open(options, &mysql_ops, ret_store, err);
}
