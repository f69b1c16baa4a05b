/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "store/store.h"
#include "store/store_internal.h"

#include <assert.h>
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

uint32_t nta_store_marks_of(const struct nta_header *header)
{
    return (header->has_next ? NTA_MARK_NEXT : 0U) | (header->n_notes > 0 ? NTA_MARK_NOTES : 0U);
}

bool nta_store_can_put(const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;

    if (header->version == 2 && header->class > NTA_CLASS_NONE &&
        (unsigned)header->class < NTA_N_CLASSES && header->number > 0 &&
        header->number <= INT64_MAX && (batch->faults & ~(unsigned)NTA_ROW_ABSENT) == 0)
        return true;
    (void)nta_err_set(err, -EINVAL, "batch %" PRIu64 " is not of format 2 and is not kept",
                      header->number);
    return false;
}

int nta_store_refuse_old(const char *where, struct nta_err *err)
{
    return nta_err_set(err, -EPROTO,
                       "%s holds records of format 1, which is only read: move it away, and a new "
                       "one is made in its place; \"nta records\" reads the old one as before",
                       where);
}

void nta_store_take_last(struct nta_store_last *last, uint64_t number,
                         const struct nta_sealed *sealed)
{
    assert(sealed->header.len <= sizeof(last->header) &&
           sealed->signature.len == sizeof(last->signature));
    last->head.number = number;
    nta_header_hash(sealed, last->head.hash);
    last->n_header = sealed->header.len;
    if (sealed->header.len > 0)
        memcpy(last->header, sealed->header.ptr, sealed->header.len);
    memcpy(last->signature, sealed->signature.ptr, sealed->signature.len);
}

void nta_store_place_frontier(struct nta_store_place *place, struct nta_span frontier)
{
    struct nta_log_tree tree;

    place->n_frontier = 0;
    if (place->head.number == 0 || frontier.len > sizeof(place->frontier) ||
        !nta_log_from_frontier(place->head.number - 1, frontier, &tree))
        return;
    if (frontier.len > 0)
        memcpy(place->frontier, frontier.ptr, frontier.len);
    place->n_frontier = frontier.len;
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

int nta_store_compare(const struct nta_store_head *row, const struct nta_store_put *put,
                      size_t *ret_n_there, struct nta_err *err)
{
    const struct nta_stored *batches = put->batches;
    char text[NTA_SENSOR_TEXT_SIZE];

    *ret_n_there = 0;
    if (nta_store_head_is(row, put->head))
        return 0;
    for (size_t i = 0; i < put->n_batches; i++) {
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
                       put->head->number, batches[0].header.number);
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
    *row = (struct nta_store_row){.bytes = bytes, .format = row->format};
}
