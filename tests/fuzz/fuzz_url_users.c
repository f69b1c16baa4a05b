/* SPDX-License-Identifier: Apache-2.0 */
/* Whether it is cut, then a text: what is left of it are bytes of it, and nothing more goes. */
#include "base/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const size_t n = len > 0 ? len - 1 : 0;
    uint8_t *text = malloc(n + 1), *again = malloc(n + 1);
    size_t at = 0;

    if (n > 0)
        memcpy(text, data + 1, n);
    const size_t kept = nta_url_drop_users(text, n, len > 0 && data[0] & 1);

    for (size_t i = 0; i < n && at < kept; i++)
        at += data[1 + i] == text[at];
    if (kept > n || at < kept)
        __builtin_trap();
    memcpy(again, text, kept);
    if (nta_url_drop_users(again, kept, false) != kept || memcmp(again, text, kept) != 0)
        __builtin_trap();
    free(text);
    free(again);
    return 0;
}
