/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One format's parser on each line, as nta_list_line() calls it: trimmed and not empty. */

#include "blacklist/format/line.h"

static void list_entry(void *owner, const struct nta_list_entry *entry)
{
    (void)owner;
    if (entry->what == NTA_ENTRY_BESIDE && nta_list_is_beside(entry->name))
        return;
    if (entry->what == NTA_ENTRY_RANGE || entry->what == NTA_ENTRY_PORT ||
        entry->what == NTA_ENTRY_BACK)
        return;
    if (entry->name.len == 0 || entry->name.len > NTA_NAME_MAX || entry->what == NTA_ENTRY_BESIDE ||
        (entry->what == NTA_ENTRY_MARK && entry->name.len > NTA_MARK_SIZE))
        __builtin_trap();
}

static inline void list_fuzz(enum nta_line (*parse)(struct nta_list_reader *, struct nta_span),
                             const uint8_t *data, size_t len)
{
    struct nta_list_reader reader = {.entry = list_entry};

    for (struct nta_span rest = {.ptr = data, .len = len}; rest.len > 0;) {
        size_t n = nta_span_find(rest, "\n");
        struct nta_span line = nta_span_trim((struct nta_span){.ptr = rest.ptr, .len = n});

        if (line.len > 0)
            (void)parse(&reader, line);
        rest = nta_span_from(rest, n < rest.len ? n + 1 : n);
    }
}
