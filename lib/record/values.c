/* SPDX-License-Identifier: Apache-2.0 */
#include "record/values.h"

#include "base/hash.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum
{
    FIRST_SLOTS = 256,
    HEAD_LEN = 3 ///< Kind (1) and length (2) before each value's bytes.
};

struct slot
{
    uint32_t hash;
    uint32_t place; ///< Offset in the list, plus 1; 0: free.
};

struct nta_values
{
    struct slot *slots; ///< Owned.
    size_t n_slots;     ///< A power of two.
    size_t n;
    struct nta_buf hashes; ///< uint32_t each, in the list's order.
};

static struct nta_hash_key process_key;
static int process_key_error;
static pthread_once_t process_key_once = PTHREAD_ONCE_INIT;

static void draw_process_key(void)
{
    process_key_error = nta_hash_key_random(&process_key);
}

int nta_values_new(struct nta_values **ret_values)
{
    (void)pthread_once(&process_key_once, draw_process_key);
    if (process_key_error)
        return process_key_error;
    struct nta_values *values = calloc(1, sizeof(*values));

    if (!values)
        return -ENOMEM;
    values->slots = calloc(FIRST_SLOTS, sizeof(*values->slots));
    values->n_slots = FIRST_SLOTS;
    if (!values->slots) {
        nta_values_free(&values);
        return -ENOMEM;
    }
    *ret_values = values;
    return 0;
}

void nta_values_free(struct nta_values **values)
{
    if (!*values)
        return;
    free((*values)->slots);
    nta_buf_done(&(*values)->hashes);
    free(*values);
    *values = NULL;
}

void nta_values_clear(struct nta_values *values)
{
    if (values->n)
        memset(values->slots, 0, values->n_slots * sizeof(*values->slots));
    values->n = 0;
    nta_buf_clear(&values->hashes);
}

size_t nta_values_count(const struct nta_values *values)
{
    return values->n;
}

bool nta_values_next(const struct nta_buf *list, size_t *at, struct nta_value *ret_value)
{
    uint16_t len;

    if (*at >= list->len)
        return false;
    memcpy(&len, list->ptr + *at + 1, sizeof(len));
    *ret_value = (struct nta_value){
        .kind = (enum nta_value_kind)list->ptr[*at],
        .bytes = {.ptr = list->ptr + *at + HEAD_LEN, .len = len},
    };
    *at += HEAD_LEN + (size_t)len;
    return true;
}

static int grow(struct nta_values *values, size_t n_slots)
{
    struct slot *slots = calloc(n_slots, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    for (size_t i = 0; i < values->n_slots; i++) {
        struct slot slot = values->slots[i];
        size_t at = slot.hash & (n_slots - 1);

        if (!slot.place)
            continue;
        while (slots[at].place)
            at = (at + 1) & (n_slots - 1);
        slots[at] = slot;
    }
    free(values->slots);
    values->slots = slots;
    values->n_slots = n_slots;
    return 0;
}

int nta_values_reserve(struct nta_values *values, struct nta_buf *list, size_t n_more,
                       size_t n_bytes)
{
    size_t n_slots = values->n_slots;

    while ((values->n + n_more) * 2 > n_slots)
        n_slots *= 2;
    if (n_slots != values->n_slots && grow(values, n_slots) < 0)
        return -ENOMEM;
    (void)nta_buf_reserve(list, n_bytes + n_more * HEAD_LEN);
    (void)nta_buf_reserve(&values->hashes, n_more * sizeof(uint32_t));
    if (list->failed || values->hashes.failed) {
        list->failed = values->hashes.failed = false; /* what is in stays good */
        return -ENOMEM;
    }
    return 0;
}

static bool is_at(const struct nta_buf *list, size_t offset, const struct nta_value *value)
{
    struct nta_value there;

    return nta_values_next(list, &offset, &there) && there.kind == value->kind &&
           there.bytes.len == value->bytes.len &&
           memcmp(there.bytes.ptr, value->bytes.ptr, value->bytes.len) == 0;
}

static void add_hashed(struct nta_values *values, struct nta_buf *list,
                       const struct nta_value *value, uint32_t hash)
{
    uint16_t len = (uint16_t)value->bytes.len;
    size_t at = hash & (values->n_slots - 1);

    for (; values->slots[at].place; at = (at + 1) & (values->n_slots - 1)) {
        if (values->slots[at].hash == hash && is_at(list, values->slots[at].place - 1, value))
            return;
    }
    values->slots[at] = (struct slot){.hash = hash, .place = (uint32_t)list->len + 1};
    values->n++;
    nta_buf_put(&values->hashes, &hash, sizeof(hash));
    nta_buf_put_u8(list, (uint8_t)value->kind);
    nta_buf_put(list, &len, sizeof(len));
    nta_buf_put(list, value->bytes.ptr, value->bytes.len);
}

void nta_values_add(struct nta_values *values, struct nta_buf *list, const struct nta_value *value)
{
    uint64_t hash = nta_hash_bytes(&process_key, value->bytes.ptr, value->bytes.len);

    add_hashed(values, list, value, (uint32_t)hash ^ (uint32_t)value->kind * 0x9e3779b9U);
}

void nta_values_join(struct nta_values *values, struct nta_buf *list, const struct nta_values *from,
                     const struct nta_buf *from_list)
{
    struct nta_value value;
    size_t at = 0;

    for (size_t i = 0; nta_values_next(from_list, &at, &value); i++) {
        uint32_t hash;

        memcpy(&hash, from->hashes.ptr + i * sizeof(hash), sizeof(hash));
        add_hashed(values, list, &value, hash);
    }
}
