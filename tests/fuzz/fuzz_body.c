/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a batch's body; what opens stays within a batch's bounds. */
#include "base/own.h"
#include "record/batch.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_body *body;
    static struct nta_batch batch;
    uint8_t salt_key[32];

    if (!body && nta_body_new(&body) < 0)
        return 0;
    if (nta_body_unpack(body, (struct nta_span){data, len}, &batch, salt_key) == 0)
        assert(batch.n_records <= NTA_BATCH_RECORDS && batch.records.len <= NTA_BATCH_BYTES);
    return 0;
}
