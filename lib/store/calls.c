/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "store/store.h"
#include "store/store_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nta_store_close(struct nta_store **store)
{
    struct nta_store *dead = NTA_TAKE(*store);

    if (dead)
        dead->ops->close(dead);
}

int nta_store_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                      struct nta_err *err)
{
    return store->ops->put_key(store, key, err);
}

int nta_store_put_batches(struct nta_store *store, const struct nta_stored *batches,
                          size_t n_batches, struct nta_err *err)
{
    if (n_batches == 0)
        return 0;
    return store->ops->put_batches(store, NULL, batches, n_batches, err);
}

int nta_store_append(struct nta_store *store, const struct nta_store_head *head,
                     const struct nta_stored *batches, size_t n_batches, struct nta_err *err)
{
    if (n_batches == 0)
        return 0;
    return store->ops->put_batches(store, head, batches, n_batches, err);
}

int nta_store_newest(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to, struct nta_store_head *ret_head, struct nta_err *err)
{
    return store->ops->newest(store, sensor, up_to, ret_head, err);
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

int nta_store_last(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                   uint64_t *ret_number, uint8_t ret_hash[NTA_HASH_LEN], struct nta_err *err)
{
    return store->ops->last(store, sensor, ret_number, ret_hash, err);
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

int nta_store_each_chain(struct nta_store *store, nta_store_each_chain_fn *each, void *owner,
                         struct nta_err *err)
{
    return store->ops->each_chain(store, each, owner, err);
}

int nta_store_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t up_to_number, struct nta_err *err)
{
    return store->ops->forget(store, sensor, 0, up_to_number, err);
}

int nta_store_forget_from(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    return store->ops->forget(store, sensor, from_number, up_to_number, err);
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

int64_t nta_store_day(int64_t wall_ns)
{
    const int64_t day_ns = INT64_C(86400) * NTA_NS_PER_S;

    return wall_ns / day_ns - (wall_ns % day_ns < 0);
}

size_t nta_store_sealed_len(const struct nta_sealed *sealed)
{
    return sealed->header.len + sealed->signature.len + sealed->tokens.len + sealed->body.len;
}

bool nta_store_same(const struct nta_sealed *sealed, struct nta_span header,
                    struct nta_span signature)
{
    return nta_span_equal(sealed->header, header) && nta_span_equal(sealed->signature, signature);
}

const char *nta_store_sensor_text(const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                  char text[NTA_SENSOR_TEXT_SIZE])
{
    return nta_hex_text(sensor, NTA_SENSOR_ID_LEN, text);
}

bool nta_store_head_is(const struct nta_store_head *a, const struct nta_store_head *b)
{
    return a->number == b->number && memcmp(a->hash, b->hash, NTA_HASH_LEN) == 0;
}

int nta_store_compare(const struct nta_store_head *row, const struct nta_store_head *head,
                      const struct nta_stored *batches, size_t n_batches, size_t *ret_n_there,
                      struct nta_err *err)
{
    char text[NTA_SENSOR_TEXT_SIZE];

    *ret_n_there = 0;
    if (nta_store_head_is(row, head))
        return 0;
    for (size_t i = 0; i < n_batches; i++) {
        struct nta_store_head own = {.number = batches[i].header.number};

        nta_header_hash(&batches[i].sealed, own.hash);
        if (nta_store_head_is(row, &own)) {
            *ret_n_there = i + 1;
            return 0;
        }
    }
    return nta_err_set(err, -EEXIST,
                       "the store's chain of sensor %s is at another batch %" PRIu64
                       ", not at %" PRIu64 ", behind which batch %" PRIu64
                       " goes: another program writes with this sensor's key, or an old copy was "
                       "put back",
                       nta_store_sensor_text(batches[0].header.sensor, text), row->number,
                       head->number, batches[0].header.number);
}

int nta_store_refuse(const struct nta_stored *batch, struct nta_err *err)
{
    char text[NTA_SENSOR_TEXT_SIZE];

    return nta_err_set(err, -EEXIST,
                       "the store holds another batch %" PRIu64
                       " of sensor %s: two programs write with one sensor key, or an old copy of "
                       "the journal was put back",
                       batch->header.number, nta_store_sensor_text(batch->header.sensor, text));
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
    *row = (struct nta_store_row){.bytes = bytes};
}
