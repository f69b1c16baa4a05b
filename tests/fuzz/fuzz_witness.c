/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what is posted to a witness: what is read is written again as it was. */
#include "base/own.h"
#include "vault/cosign.h"
#include "witness/request.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_witness_request request;
    struct nta_note_key key;
    uint64_t time_s;

    if (nta_note_key_parse((struct nta_span){data, len}, &key))
        nta_note_put_key(&again, &key);
    else if (nta_witness_request_read((struct nta_span){data, len}, &request))
        nta_witness_request_put(&again, &request);
    assert(again.len == 0 || nta_span_equal(nta_buf_span(&again), (struct nta_span){data, len}));
    if (nta_note_key_init(&key, nta_span_of("w"), NTA_NOTE_COSIGNATURE, (const uint8_t[32]){1}))
        (void)nta_cosign_check((struct nta_span){data, len}, &key, &time_s);
    return 0;
}
