/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a note of a witness: what is read as a checkpoint is written again as its text. */
#include "base/own.h"
#include "vault/checkpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* that of the secret key 00 01 … 1f, which the corpus is signed with */
    static const uint8_t key[NTA_KEY_LEN] = {0x03, 0xa1, 0x07, 0xbf, 0xf3, 0xce, 0x10, 0xbe,
                                             0x1d, 0x70, 0xdd, 0x18, 0xe7, 0x4b, 0xc0, 0x99,
                                             0x67, 0xe4, 0xd6, 0x30, 0x9b, 0xa5, 0x0d, 0x5f,
                                             0x1d, 0xdc, 0x86, 0x64, 0x12, 0x55, 0x31, 0xb8};
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_checkpoint checkpoint;

    if (!nta_checkpoint_read((struct nta_span){data, len}, key, &checkpoint))
        return 0;
    assert(nta_checkpoint_put(&again, &checkpoint, key) == 0); /* whatever key: the text is it */
    again.len = nta_span_find(nta_buf_span(&again), "\n\n");
    assert(nta_span_begins((struct nta_span){data, len}, nta_buf_span(&again)));
    return 0;
}
