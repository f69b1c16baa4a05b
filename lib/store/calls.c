/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/store.h"
#include "store/store_internal.h"
#include "store/tables.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void nta_store_close(struct nta_store **store)
{
    struct nta_store *dead = NTA_TAKE(*store);

    if (dead)
        dead->ops->close(dead);
}

unsigned nta_store_format(const struct nta_store *store)
{
    return store->format;
}

/** A call that a store of format 1 does not have. */
static int refuse_call(struct nta_err *err)
{
    return nta_err_set(err, -EROFS, "the store holds records of format 1, which is only read");
}

int nta_store_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err)
{
    if (!store->ops->put_key)
        return refuse_call(err);
    return store->ops->put_key(store, key, err);
}

static int put_batches(struct nta_store *store, const struct nta_store_put *put,
                       struct nta_err *err)
{
    if (!store->ops->put_batches)
        return refuse_call(err);
    for (size_t i = 0; i < put->n_batches; i++) {
        if (!nta_store_can_put(&put->batches[i], err))
            return -EINVAL;
    }
    return put->n_batches == 0 ? 0 : store->ops->put_batches(store, put, err);
}

int nta_store_put_batches(struct nta_store *store, const struct nta_stored *batches,
                          size_t n_batches, struct nta_err *err)
{
    const struct nta_store_put put = {.batches = batches, .n_batches = n_batches};

    return put_batches(store, &put, err);
}

int nta_store_append(struct nta_store *store, const struct nta_store_head *head,
                     const struct nta_stored *batches, size_t n_batches, struct nta_span frontier,
                     struct nta_err *err)
{
    const struct nta_store_put put = {
        .head = head, .batches = batches, .n_batches = n_batches, .frontier = frontier};

    return put_batches(store, &put, err);
}

int nta_store_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to, struct nta_store_last *ret_last, struct nta_err *err)
{
    if (!store->ops->newest)
        return refuse_call(err);
    return store->ops->newest(store, sensor, up_to, ret_last, err);
}

uint64_t nta_store_number_max(uint64_t known)
{
    const uint64_t far = UINT64_C(1) << 62, space = UINT64_C(1) << 40;

    if (known < far)
        return far;
    return known < INT64_MAX - 2 * space ? known + space : INT64_MAX - space;
}

bool nta_store_has_moved(struct nta_store *store)
{
    return store->ops->has_moved && store->ops->has_moved(store);
}

int nta_store_get_place(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        struct nta_store_place *ret_place, struct nta_err *err)
{
    *ret_place = (struct nta_store_place){.n_frontier = 0};
    if (!store->ops->get_place)
        return refuse_call(err);
    return store->ops->get_place(store, sensor, ret_place, err);
}

int nta_store_destroy_key(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          enum nta_class class, int64_t day, struct nta_err *err)
{
    if (!store->ops->destroy_key)
        return refuse_call(err);
    return store->ops->destroy_key(store, sensor, class, day, err);
}

int nta_store_each_key(struct nta_store *store, nta_store_each_key_fn *each, void *owner,
                       struct nta_err *err)
{
    return store->ops->each_key(store, each, owner, err);
}

int nta_store_find_key(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                       struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err)
{
    nta_buf_clear(bytes);
    *ret_key = (struct nta_stored_key){.faults = 0};
    return store->ops->find_key(store, id, bytes, ret_key, err);
}

int nta_store_keeps_indexes(struct nta_store *store, struct nta_err *err)
{
    return store->ops->keeps_indexes ? store->ops->keeps_indexes(store, err) : 0;
}

int nta_store_get_index(struct nta_store *store, const struct nta_store_index_at *at,
                        struct nta_buf *bytes, struct nta_err *err)
{
    nta_buf_clear(bytes);
    return store->ops->get_index ? store->ops->get_index(store, at, bytes, err) : 0;
}

int nta_store_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err)
{
    return store->ops->each_chain(store, each, owner, err);
}

int nta_store_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to_number, struct nta_err *err)
{
    return nta_store_forget_from(store, sensor, 0, up_to_number, err);
}

int nta_store_forget_from(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    if (!store->ops->forget)
        return refuse_call(err);
    return store->ops->forget(store, sensor, from_number, up_to_number, err);
}

/** What a store of format 1 does not do, nor MySQL all of it. */
static int refuse_days(const struct nta_store *store, struct nta_err *err)
{
    return store->format == 1 ? refuse_call(err)
                              : nta_err_set(err, -ENOTSUP, "MySQL's contents go by partitions");
}

int nta_store_next_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       enum nta_class class, int64_t after, struct nta_store_day *ret_day,
                       struct nta_err *err)
{
    *ret_day = (struct nta_store_day){.class = class};
    return store->ops->next_day ? store->ops->next_day(store, sensor, class, after, ret_day, err)
                                : refuse_days(store, err);
}

int nta_store_join_days(int r, const struct nta_store_day *there, struct nta_store_day *day)
{
    if (!there || (r == 1 && day->day < there->day))
        return r;
    if (r == 0 || there->day < day->day) {
        *day = *there;
        return 1;
    }
    /* batches that MySQL has and the journal has not forgotten count twice: notes may say more */
    day->n_batches += there->n_batches;
    day->first = day->first < there->first ? day->first : there->first;
    day->last = day->last > there->last ? day->last : there->last;
    return 1;
}

int nta_store_weigh_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        const struct nta_store_day *day, uint64_t *ret_bytes, struct nta_err *err)
{
    *ret_bytes = 0;
    return store->ops->weigh_day ? store->ops->weigh_day(store, sensor, day, ret_bytes, err)
                                 : refuse_days(store, err);
}

int nta_store_drop_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       const struct nta_store_day *day, struct nta_err *err)
{
    return store->ops->drop_day ? store->ops->drop_day(store, sensor, day, err)
                                : refuse_days(store, err);
}

int nta_store_prepare_days(struct nta_store *store, int64_t today, bool destroys,
                           struct nta_err *err)
{
    return store->ops->prepare_days ? store->ops->prepare_days(store, today, destroys, err) : 0;
}

int nta_store_describe(struct nta_store *store, int64_t today, char *buf, size_t size,
                       struct nta_err *err)
{
    return store->ops->describe ? store->ops->describe(store, today, buf, size, err)
                                : refuse_days(store, err);
}

int nta_store_used(struct nta_store *store, uint64_t bound, uint64_t *ret_bytes,
                   struct nta_err *err)
{
    *ret_bytes = 0;
    return store->ops->used ? store->ops->used(store, bound, ret_bytes, err)
                            : refuse_days(store, err);
}

int nta_store_measure(struct nta_store *store, struct nta_store_size *ret_size, struct nta_err *err)
{
    return store->ops->measure(store, ret_size, err);
}

int nta_store_freeze(struct nta_store *store, struct nta_err *err)
{
    int result = store->ops->freeze ? store->ops->freeze(store, err) : 0;

    store->is_frozen = result == 0;
    return result;
}

void nta_store_thaw(struct nta_store *store)
{
    store->is_frozen = false;
    if (store->ops->thaw)
        store->ops->thaw(store);
}

void nta_store_each_oddity(const struct nta_store *store, nta_store_oddity_fn *each, void *owner)
{
    char more[64];

    for (size_t i = 0; i < store->n_oddities && i < NTA_ODDITIES_MAX; i++)
        each(owner, store->oddities[i]);
    if (store->n_oddities <= NTA_ODDITIES_MAX)
        return;
    (void)snprintf(more, sizeof(more), "%zu more things in its tables are not ours",
                   store->n_oddities - NTA_ODDITIES_MAX);
    each(owner, more);
}

/* ---- shared by the kinds of store ---- */

void nta_store_note_oddity(struct nta_store *store, const char *format, ...)
{
    va_list arguments;

    if (store->n_oddities < NTA_ODDITIES_MAX) {
        va_start(arguments, format);
        (void)vsnprintf(store->oddities[store->n_oddities], NTA_ODDITY_SIZE, format, arguments);
        va_end(arguments);
    }
    store->n_oddities++;
}

const uint32_t nta_store_part_max[NTA_N_PARTS] = {
    [NTA_PART_HEADER] = NTA_STORE_HEADER_MAX,
    [NTA_PART_SIGNATURE] = NTA_SIGNATURE_LEN,
    [NTA_PART_TOKENS] = NTA_STORE_TOKENS_MAX,
    [NTA_PART_BODY] = NTA_STORE_BODY_MAX,
};

void nta_store_row_clear(struct nta_store_row *row)
{
    struct nta_buf bytes = row->bytes;

    nta_buf_clear(&bytes);
    *row = (struct nta_store_row){.bytes = bytes, .format = row->format};
}
