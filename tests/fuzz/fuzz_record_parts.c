/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of any bytes as a stored record (the first says which): of a record that is good as a
 * whole, each is the same, whatever stood there before; and so are all of them, asked for one by
 * one.
 */
#include "base/own.h"
#include "base/text.h"
#include "record/record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_record_buf buf;
    static struct nta_record some, whole;
    NTA_AUTO(nta_buf_done) struct nta_buf by_parts = {0}, at_once = {0};

    uint32_t parts = len && data[0] & 1 ? NTA_PARTS_ALL : len ? (uint32_t)data[0] << 3 : 0;
    struct nta_span cbor = {data + (len > 0), len - (len > 0)};
    bool is_some = nta_record_decode_some(cbor, parts, &buf, &some);

    if (!nta_record_decode(cbor, &buf, &whole))
        return 0;
    assert(is_some && some.time_ns == whole.time_ns && some.event == whole.event);
    assert(!(parts & NTA_PART_SITE) || nta_span_equal(some.site, whole.site));
    memset(&some, 0xa5, sizeof(some));
    nta_record_encode(&whole, &at_once); /* its lists lie in `buf` */
    assert(nta_record_decode_some(cbor, NTA_PARTS_ALL & ~NTA_PART_EVENT, &buf, &some));
    nta_record_encode(&some, &by_parts);
    assert(nta_span_equal(nta_buf_span(&by_parts), nta_buf_span(&at_once)));
    return 0;
}
