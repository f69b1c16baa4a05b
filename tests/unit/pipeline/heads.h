/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests: what lies in a sensor's store, and a small judge of it that shares no code with
 * lib/chain.
 */

#include "sensor.h"
#include "store/walk.h"

enum
{
    SENSOR_HEADS = 512
};

struct sensor_head
{
    struct nta_header header;
    struct nta_note note; ///< The first; its kind is 0: none.
    uint8_t link[NTA_HASH_LEN], signature[NTA_SIGNATURE_LEN];
    size_t n_bytes;
    uint8_t bytes[NTA_STORE_HEADER_MAX];
    bool is_proved; ///< By the key that the batches before it name.
};

/** Judged in the order of their numbers, with notes of lost ones believed. */
struct sensor_heads
{
    size_t n;
    struct sensor_head heads[SENSOR_HEADS];
    uint8_t key[NTA_KEY_LEN]; ///< That signs the next one.
    struct nta_log_tree log;
    uint8_t link[NTA_HASH_LEN];
    bool follows; ///< Numbers, links and trees are as they should be.
};

static inline int sensor_on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct sensor_heads *heads = owner;
    struct sensor_head *head = &heads->heads[heads->n];
    uint8_t root[NTA_HASH_LEN];

    (void)err;
    assert_true(heads->n < SENSOR_HEADS && row->faults == 0);
    heads->n++;
    head->header = row->header;
    head->n_bytes = row->sealed.header.len;
    memcpy(head->bytes, row->sealed.header.ptr, head->n_bytes);
    memcpy(head->signature, row->sealed.signature.ptr, sizeof(head->signature));
    if (!nta_header_note(&row->header, 0, &head->note))
        head->note = (struct nta_note){.n_batches = 0};
    if (head->note.kind == NTA_HEADER_NOTE_LOST) {
        heads->follows &=
            head->note.from == heads->log.n + 1 && head->note.to + 1 == row->header.number;
        (void)nta_log_add_lost(&heads->log, head->note.to - heads->log.n);
    }
    nta_log_root(&heads->log, root);
    head->is_proved = nta_header_signed(&row->sealed, heads->key);
    heads->follows &= row->header.number == heads->log.n + 1 &&
                      memcmp(row->header.previous, heads->link, NTA_HASH_LEN) == 0 &&
                      memcmp(row->header.log, root, NTA_HASH_LEN) == 0;
    if (head->is_proved && row->header.has_next)
        memcpy(heads->key, row->header.next, NTA_KEY_LEN);
    nta_header_hash(&row->sealed, head->link);
    memcpy(heads->link, head->link, NTA_HASH_LEN);
    nta_log_add(&heads->log, head->link);
    return 0;
}

static inline void sensor_look(const struct sensor *sensor, struct sensor_heads *ret_heads)
{
    const struct nta_store_query query = {.sensor = NULL};
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_err err = {0};

    *ret_heads = (struct sensor_heads){.follows = true};
    assert_int_equal(nta_keys_sensor_public(sensor->keys, ret_heads->key, &err), 0);
    if (nta_store_open_sqlite(sensor->store, false, &store, &err) < 0 ||
        nta_store_each(store, &query, sensor_on_head, ret_heads, &err) < 0)
        fail_msg("%s", err.text);
}

/** All of them follow, each is proved, and there are so many. */
static inline void sensor_holds(const struct sensor *sensor, size_t n)
{
    static struct sensor_heads heads;

    sensor_look(sensor, &heads);
    assert_int_equal(heads.n, n);
    assert_true(heads.follows);
    for (size_t i = 0; i < n; i++)
        if (!heads.heads[i].is_proved)
            fail_msg("batch %llu is not proved", (unsigned long long)heads.heads[i].header.number);
}
