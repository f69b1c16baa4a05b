/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a period: what is taken ends after its begin, and holds times of its own. */
#include "search/period.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const int64_t now_ns = INT64_C(1795613415000000000);
    int64_t window_ns[2];
    int minutes[2];
    struct nta_err err = {0};
    char text[128];

    if (len >= sizeof(text))
        len = sizeof(text) - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    if (nta_period(text, now_ns, window_ns, &err) == 0)
        assert(window_ns[0] < window_ns[1]);
    if (nta_period_last(text, now_ns, window_ns, &err) == 0)
        assert(window_ns[0] <= now_ns && window_ns[1] == now_ns);
    if (nta_period_daily(text, minutes, &err) == 0)
        assert(minutes[0] != minutes[1]);
    return 0;
}
