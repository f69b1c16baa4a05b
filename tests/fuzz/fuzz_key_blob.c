/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a wrapped key's blob: what is read of it is its one form, so that one byte more or
 * less is none.
 */
#include "base/bytes.h"
#include "vault/data_key.h"
#include "vault/vault.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t public_key[NTA_KEY_LEN] = {0x58, 0x66};
    struct nta_wrapped_key key = {.blob = {data, len}};
    struct nta_wrapped_list list;

    struct nta_key_blob blob; /* format 2 */

    if (nta_key_blob_read(key.blob, &blob))
        assert(!nta_key_blob_read((struct nta_span){data, len - 1}, &blob));
    assert(!nta_wrapped_key_check(&key, public_key));
    if (!nta_wrapped_key_list(&key, &list)) {
        assert(list.n_auditors == 0);
        return 0;
    }
    assert(list.n_auditors > 0 && list.n_auditors <= NTA_AUDITORS_MAX);
    key.blob.len--;
    assert(!nta_wrapped_key_list(&key, &list));
    return 0;
}
