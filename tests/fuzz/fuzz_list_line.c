/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a list, each through all formats. */
#include "blacklist/line.h"

static void take(void *owner, const struct nta_list_entry *entry)
{
    (void)owner;
    if (entry->what == NTA_ENTRY_RANGE || entry->what == NTA_ENTRY_PORT)
        return;
    if (entry->name.len == 0 || entry->name.len > NTA_NAME_MAX)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_list_reader reader = {.entry = take};

    for (struct nta_span rest = {.ptr = data, .len = len}; rest.len > 0;) {
        size_t n = nta_span_find(rest, "\n");
        (void)nta_list_line(&reader, (struct nta_span){.ptr = rest.ptr, .len = n});
        rest = nta_span_from(rest, n < rest.len ? n + 1 : n);
    }
    return 0;
}
