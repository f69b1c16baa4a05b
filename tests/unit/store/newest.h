/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What nta_store_newest() promises, of a store of either kind, for tests: the last batch up to a
 * number, whatever day it lies in and whatever lies above.
 */

#include "base/own.h"
#include "store/fixture.h"
#include "store/writer.h"
#include "unit.h"

/** One batch of an empty store, and what is to be found up to its number. */
struct newest_row
{
    uint64_t number;
    int64_t day;
};

static const struct newest_row newest_rows[] = {
    {1, 0}, {2, 0}, {3, 1}, {4, 1}, {5, 0}, {6, 2}, {7, 2}, {UINT64_C(1) << 61, 1},
};

static inline void newest_expect(struct nta_store *store, uint64_t up_to,
                                 const struct nta_store_head *expected)
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_store_last newest;
    struct nta_err error = {0};

    memset(sensor, 1, sizeof(sensor));
    assert_int_equal(nta_store_newest(store, sensor, up_to, &newest, &error), 0);
    assert_memory_equal(&newest.head, expected, sizeof(newest.head));
    sensor[0] = 2;
    assert_int_equal(nta_store_newest(store, sensor, up_to, &newest, &error), 0);
    assert_int_equal(newest.head.number, 0);
}

static inline void newest_check(struct nta_store *store, struct sample *made)
{
    struct nta_store_head heads[NTA_N_ELEMENTS(newest_rows)];
    const struct nta_store_head none = {0};
    struct nta_err error = {0};

    for (size_t i = 0; i < NTA_N_ELEMENTS(newest_rows); i++) {
        const struct newest_row *row = &newest_rows[i];
        const struct sample_plan plan = {.sensor = 1,
                                         .number = row->number,
                                         .first_ns = SAMPLE_START_NS + row->day * SAMPLE_DAY_NS,
                                         .body_len = 500};

        sample_make(made, &plan, i ? made->hash : NULL);
        assert_int_equal(sample_append(store, &made->stored, 1, &error), 0);
        heads[i].number = row->number;
        memcpy(heads[i].hash, made->hash, sizeof(heads[i].hash));
    }
    newest_expect(store, 0, &none);
    for (size_t i = 0; i < NTA_N_ELEMENTS(newest_rows); i++)
        newest_expect(store, newest_rows[i].number, &heads[i]);
    newest_expect(store, UINT64_C(1) << 60, &heads[6]);
    newest_expect(store, UINT64_MAX, &heads[7]);
}
