/* SPDX-License-Identifier: Apache-2.0 */
/* A list file: its lines put together to records, each through all formats. */
#include "blacklist/format/record.h"

static void take(void *owner, const struct nta_list_entry *entry)
{
    (void)owner;
    if (entry->what != NTA_ENTRY_NAME && entry->what != NTA_ENTRY_URL)
        return;
    if (entry->name.len == 0 || entry->name.len > NTA_NAME_MAX)
        __builtin_trap();
}

static void on_record(void *owner, struct nta_span record, const char *fault)
{
    if (!fault)
        (void)nta_list_line(owner, record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct nta_hash_key key = {1, 2};
    struct nta_list_reader reader = {.entry = take, .rule_key = &key};
    struct nta_list_records records = {.reader = &reader, .record = on_record, .owner = &reader};

    for (struct nta_span rest = {.ptr = data, .len = len}; rest.len > 0;) {
        size_t n = nta_span_find(rest, "\n");

        nta_list_records_line(&records, (struct nta_span){.ptr = rest.ptr, .len = n}, false);
        rest = nta_span_from(rest, n < rest.len ? n + 1 : n);
    }
    nta_list_records_end(&records);
    nta_list_records_done(&records);
    return 0;
}
