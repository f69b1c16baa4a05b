/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, JA4, certificates: what is taken is printed, and read again it is the same. */
#include "base/hex.h"
#include "blacklist/marks.h"

#include <assert.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t bytes[NTA_NAME_SIZE], again_bytes[NTA_NAME_SIZE];
    char hex[NTA_HEX_SIZE(NTA_NAME_SIZE)], text[2 * NTA_NAME_SIZE];
    enum nta_hit_kind kind, again_kind;
    struct nta_span mark, again;

    if (!nta_blacklist_parse_mark((struct nta_span){data, len}, bytes, &kind, &mark))
        return 0;
    assert(kind >= NTA_HIT_HASH && mark.ptr == bytes && mark.len > 0 && mark.len <= 40);
    if (kind == NTA_HIT_JA4)
        (void)snprintf(text, sizeof(text), "%.*s", (int)mark.len, (const char *)mark.ptr);
    else
        (void)snprintf(text, sizeof(text), "%s:%s", kind == NTA_HIT_HASH ? "sha256" : "cert",
                       nta_hex_text(mark.ptr, mark.len, hex));
    assert(nta_blacklist_parse_mark(nta_span_of(text), again_bytes, &again_kind, &again));
    assert(kind == again_kind && nta_span_equal(mark, again));
    return 0;
}
