/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a batch's header and as a wrapped key: only the one deterministic form is read. */
#include "base/own.h"
#include "base/text.h"
#include "vault/header.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    const struct nta_wrapped_key key = {.blob = {data, len}};
    static const uint8_t public_key[NTA_KEY_LEN];
    struct nta_header header;

    assert(!nta_wrapped_key_check(&key, public_key));
    if (!nta_header_decode((struct nta_span){data, len}, &header))
        return 0;
    nta_header_encode(&header, &again);
    assert(nta_span_equal(nta_buf_span(&again), (struct nta_span){data, len}));
    return 0;
}
