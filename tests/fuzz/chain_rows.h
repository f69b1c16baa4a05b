/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rows out of a fuzzer's bytes, brought before the judge one after the other. */

#include "base/own.h"
#include "chain/chain.h"

#include <assert.h>

enum
{
    WANT = 3,
    LEARN = 1 << 2,
    TURN = 1 << 3,
    END = 1 << 4,
    KEY = 1 << 5
};

/** The identity whose chains the corpus has. */
static const uint8_t identity[NTA_KEY_LEN] = {
    0x8b, 0x4e, 0x53, 0xe7, 0xf6, 0xdf, 0x61, 0x5b, 0x7f, 0x28, 0xde, 0xb9, 0xc3, 0x2c, 0xce, 0x0a,
    0x74, 0x35, 0x7b, 0x14, 0x46, 0xe0, 0x5d, 0x48, 0x0e, 0xc0, 0x00, 0x6d, 0x31, 0x2c, 0xed, 0xf8};

static inline struct nta_span take(struct nta_reader *r, size_t max)
{
    size_t len = nta_read_be16(r);

    return nta_read_span(r, len < max ? len : max);
}

static inline void bring_key(struct nta_chain *chain, const struct nta_sealed *sealed,
                             unsigned faults)
{
    struct nta_stored_key key = {.key = {.blob = sealed->header, .class = NTA_CLASS_TRAFFIC}};

    key.faults = faults;
    if (sealed->signature.len >= sizeof(key.key.id))
        memcpy(key.key.id, sealed->signature.ptr, sizeof(key.key.id));
    nta_sensor_id(identity, key.key.sensor);
    (void)nta_chain_key(chain, &key);
}

/** True if it was proved, as far as that is known by now. */
static inline void bring(struct nta_chain *chain, struct nta_stored *row, unsigned how)
{
    const enum nta_chain_want wants[] = {NTA_CHAIN_PASS, NTA_CHAIN_HOLD, NTA_CHAIN_NOW,
                                         NTA_CHAIN_NOW};
    struct nta_verdict verdict;

    if (!nta_header_decode(row->sealed.header, &row->header))
        row->faults |= NTA_ROW_HEADER;
    if (how & LEARN)
        assert(nta_chain_learn(chain, row) == 0);
    nta_chain_look(chain, row, false, &verdict);
    assert(nta_chain_prove(chain, row, wants[how & WANT], &verdict) == 0);
    nta_chain_complete(chain, row, &verdict);
    assert(!verdict.shows || !(row->faults & NTA_ROW_HEADER));
    assert(!verdict.shows || !verdict.is_again);
}

static inline void judge(struct nta_chain *chain, struct nta_reader *r)
{
    const struct nta_chain_end end = {.has_head_rows = true};
    struct nta_chain_sensor sensor;
    uint64_t n_rows = 0;

    while (nta_reader_left(r) > 0) {
        unsigned how = nta_read_u8(r);
        struct nta_stored row = {.faults = nta_read_u8(r) & 0x7fU, .is_whole = true};

        row.sealed.header = take(r, NTA_STORE_HEADER_MAX);
        row.sealed.signature = take(r, NTA_SIGNATURE_LEN);
        row.sealed.tokens = take(r, 64);
        row.sealed.body = take(r, 64);
        if (how & KEY)
            bring_key(chain, &row.sealed, row.faults);
        else
            bring(chain, &row, how);
        n_rows++;
        if (how & TURN)
            nta_chain_turn(chain);
        if (how & END)
            assert(nta_chain_end(chain, &end) == 0);
    }
    assert(nta_chain_end(chain, &end) == 0);
    assert(nta_chain_get(chain, 0, &sensor));
    assert(sensor.n_batches <= n_rows && sensor.n_batches == nta_chain_n_proved(chain));
    assert(sensor.whole_to <= sensor.last && (sensor.n_batches > 0 || sensor.last == 0));
}
