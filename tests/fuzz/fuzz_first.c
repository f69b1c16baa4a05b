/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a sensor's first.batch: what is read is one form, and holds together. */
#include "vault/seal/first.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_first first;

    if (!nta_first_read((struct nta_span){data, len}, &first))
        return 0;
    assert(first.header.number == 1 && first.header.has_next);
    assert(nta_hash_is(first.sealed.body, first.header.body_hash));
    assert(nta_wrapped_key_look(&first.key) == NTA_KEY_OK);
    assert(!nta_first_read((struct nta_span){data, len - 1}, &first));
    return 0;
}
