/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keys of a sensor, with its first batch, for tests that need any. */

#include "base/own.h"
#include "record/batch.h"
#include "vault/vault.h"

#include <errno.h>

/** Keys that are not there yet, with the first batch in state/first.batch. */
static inline int sealed_store_make_keys(const struct nta_keys_place *place, int64_t wall_ns,
                                         struct nta_err *err)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {.n_records = 0};
    const struct nta_record record = {.event = NTA_RECORD_POLICY, .time_ns = wall_ns};
    const struct nta_keys_first first = {.batch = &batch, .wall_ns = wall_ns, .clock = 1};
    bool made;

    if (nta_batch_add(&batch, &record) < 0)
        return nta_err_set(err, -ENOMEM, "out of memory");
    return nta_keys_init(place, &first, &made, err);
}
