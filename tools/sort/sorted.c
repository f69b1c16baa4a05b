/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/sorted.h"

#include "base/own.h"
#include "export/sum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct item
{
    struct nta_weight weight;
    struct nta_header header;
    uint64_t index, number; ///< `number`: in the order in which they came.
    const char *unverified;
    uint8_t *cbor; ///< Owned.
    size_t len;
};

struct nta_sorted
{
    enum nta_order by;
    size_t n_max, n, size;
    size_t n_bytes, n_bytes_max; ///< Of the records that are held.
    uint64_t n_all;
    struct item *items; ///< Owned.
    struct nta_record_buf buf;
};

struct nta_sorted *nta_sorted_new(enum nta_order by, size_t n_max, size_t n_bytes)
{
    struct nta_sorted *sorted = calloc(1, sizeof(*sorted));

    if (sorted) {
        sorted->by = by;
        sorted->n_max = n_max;
        sorted->n_bytes_max = n_bytes;
    }
    return sorted;
}

static void drop_from(struct nta_sorted *sorted, size_t n)
{
    while (sorted->n > n) {
        struct item *item = &sorted->items[--sorted->n];

        sorted->n_bytes -= sizeof(*item) + item->len;
        free(item->cbor);
    }
}

void nta_sorted_free(struct nta_sorted **sorted)
{
    struct nta_sorted *dead = NTA_TAKE(*sorted);

    if (!dead)
        return;
    drop_from(dead, 0);
    free(dead->items);
    free(dead);
}

static int order(const void *left, const void *right, void *by)
{
    const struct item *a = left, *b = right;
    const int first = nta_weight_order(*(const enum nta_order *)by, &a->weight, &b->weight);

    return first ? first : a->number < b->number ? -1 : 1;
}

static void settle(struct nta_sorted *sorted)
{
    if (sorted->n)
        qsort_r(sorted->items, sorted->n, sizeof(*sorted->items), order, &sorted->by);
    drop_from(sorted, sorted->n_max);
}

/** Too much: half of it stays, one at least, and never more than these. */
static void keep_half(struct nta_sorted *sorted)
{
    settle(sorted);
    while (sorted->n > 1 && sorted->n_bytes > sorted->n_bytes_max / 2)
        drop_from(sorted, sorted->n - 1);
    sorted->n_max = sorted->n;
}

static int make_space(struct nta_sorted *sorted)
{
    if (sorted->n < sorted->size)
        return 0;
    if (sorted->n / 2 >= sorted->n_max) {
        settle(sorted);
        return 0;
    }
    const size_t size = sorted->size ? 2 * sorted->size : 64;
    struct item *items = reallocarray(sorted->items, size, sizeof(*items));

    if (!items)
        return -ENOMEM;
    sorted->items = items;
    sorted->size = size;
    return 0;
}

static struct nta_weight weight_of(const struct nta_record *record)
{
    struct nta_sum sum = {
        .n = 1,
        .up = record->up.bytes,
        .down = record->down.bytes,
        .last_ns = record->time_ns,
    };

    nta_sum_did(&sum, record);
    return nta_sum_weight(&sum);
}

int nta_sorted_add(struct nta_sorted *sorted, const struct nta_found *found)
{
    if (make_space(sorted) < 0)
        return -ENOMEM;
    struct item item = {
        .weight = weight_of(found->record),
        .header = *found->header,
        .index = found->index,
        .number = sorted->n_all++,
        .unverified = found->unverified,
        .cbor = malloc(found->encoded.len ? found->encoded.len : 1),
        .len = found->encoded.len,
    };

    if (!item.cbor)
        return -ENOMEM;
    if (item.len)
        memcpy(item.cbor, found->encoded.ptr, item.len);
    sorted->items[sorted->n++] = item;
    sorted->n_bytes += sizeof(item) + item.len;
    if (sorted->n_bytes > sorted->n_bytes_max)
        keep_half(sorted);
    return 0;
}

int nta_sorted_each(struct nta_sorted *sorted, bool turned, nta_found_fn *each, void *owner,
                    struct nta_err *err)
{
    int r = 0;

    settle(sorted);
    for (size_t i = 0; i < sorted->n && r == 0; i++) {
        const struct item *item = &sorted->items[turned ? sorted->n - 1 - i : i];
        struct nta_record record;
        const struct nta_found found = {
            .record = &record,
            .encoded = {.ptr = item->cbor, .len = item->len},
            .header = &item->header,
            .index = item->index,
            .unverified = item->unverified,
        };

        if (nta_record_decode(found.encoded, &sorted->buf, &record))
            r = each(owner, &found, err);
    }
    return r;
}

uint64_t nta_sorted_left_out(const struct nta_sorted *sorted)
{
    return sorted->n_all - (sorted->n < sorted->n_max ? sorted->n : sorted->n_max);
}
