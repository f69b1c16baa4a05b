/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a line of the state folder: it opens only as what was sealed, for its name. */
#include "vault/statefile.h"

#include <assert.h>
#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* docs/format.md section 14: state.sealing */
    static const uint8_t key[NTA_KEY_LEN] = {0x3c, 0x1a, 0xaa, 0xa7, 0x2d, 0xac, 0xd5, 0x97,
                                             0x05, 0xee, 0x12, 0xda, 0xf4, 0x66, 0x5a, 0x92,
                                             0x77, 0xb6, 0x64, 0x21, 0xbf, 0x7e, 0x9c, 0x8e,
                                             0x12, 0xf2, 0x5b, 0x25, 0x9a, 0x86, 0x43, 0xfe};
    uint8_t secret[NTA_KEY_LEN];
    const struct nta_span text = {data, len};
    const int r = nta_state_open(text, "signing.key", key, secret);

    assert(r == 0 || r == -EINVAL || r == -EBADMSG);
    if (r == 0)
        assert(nta_state_open(text, "checkpoint.key", key, secret) == -EBADMSG);
    return 0;
}
