/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a time: taken or refused, and what is taken is the same each time. */
#include "search/when.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const int64_t now_ns = INT64_C(1795613415000000000), window_ns[2] = {now_ns, now_ns + 1};
    struct nta_moment one = {0}, two = {0};
    int64_t before_ns[2];
    struct nta_err err = {0};
    char text[128];

    if (len >= sizeof(text))
        len = sizeof(text) - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    if (nta_when(text, now_ns, &one, &err) == 0)
        assert(nta_when(text, now_ns, &two, &err) == 0 && one.earlier_ns == two.earlier_ns &&
               one.later_ns == two.later_ns && one.earlier_ns <= one.later_ns);
    (void)nta_when_before(text, window_ns, before_ns, &err);
    return 0;
}
