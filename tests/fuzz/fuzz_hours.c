/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as hours: taken or refused; what is taken has spans of a week, and some time in it. */
#include "base/runtime/hours.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_hours hours = {.n = 77};
    struct nta_err err = {0};
    size_t n_minutes = 0;
    char text[512];

    len = len < sizeof(text) - 1 ? len : sizeof(text) - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    if (nta_hours_parse(text, &hours, &err) < 0) {
        assert(hours.n == 77 && err.text[0]);
        return 0;
    }
    assert(hours.n > 0 && hours.n <= NTA_HOURS_MAX);
    for (unsigned i = 0; i < 7 * NTA_DAY_MINUTES; i++)
        n_minutes += nta_hours_have(&hours, i / NTA_DAY_MINUTES, i % NTA_DAY_MINUTES);
    assert(n_minutes > 0);
    return 0;
}
