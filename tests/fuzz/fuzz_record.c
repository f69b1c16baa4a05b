/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a stored record: decoded, shown, encoded again, decoded to the same bytes. */
#include "base/own.h"
#include "base/text.h"
#include "record/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_buf_done) struct nta_buf json = {0}, once = {0}, twice = {0};
    static struct nta_record_buf buf;
    struct nta_record record;

    if (!nta_record_decode((struct nta_span){data, len}, &buf, &record))
        return 0;
    nta_record_json(&json, &record, "id");
    nta_record_encode(&record, &once);
    assert(nta_record_decode(nta_buf_span(&once), &buf, &record));
    nta_record_encode(&record, &twice);
    assert(nta_span_equal(nta_buf_span(&once), nta_buf_span(&twice)));
    return 0;
}
