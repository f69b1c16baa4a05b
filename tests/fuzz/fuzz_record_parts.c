/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of any bytes as a stored record (the first says which): of a record that is good as a
 * whole, each is the same.
 */
#include "base/text.h"
#include "record/record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_record_buf buf;
    static struct nta_record some, whole;

    uint32_t parts = len && data[0] & 1 ? NTA_PARTS_ALL : len ? (uint32_t)data[0] << 3 : 0;
    struct nta_span cbor = {data + (len > 0), len - (len > 0)};
    bool is_some = nta_record_decode_some(cbor, parts, &buf, &some);

    if (!nta_record_decode(cbor, &buf, &whole))
        return 0;
    assert(is_some && some.time_ns == whole.time_ns && some.event == whole.event);
    assert(!(parts & NTA_PART_SITE) || nta_span_equal(some.site, whole.site));
    return 0;
}
