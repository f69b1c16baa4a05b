/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that are JSON: their entries are the same in pieces, of a size that the first byte says. */
#include "base/hash.h"
#include "blacklist/format/documents.h"

#include <assert.h>

static const struct nta_hash_key key = {1, 2};
static uint64_t given;

static void on_entry(void *owner, const struct nta_list_entry *entry)
{
    (void)owner;
    assert(entry->name.len <= NTA_NAME_MAX);
    given = nta_hash_words(&key, given, entry->what | entry->flags | (uint64_t)entry->port << 16);
    given = nta_hash_words(&key, given, nta_hash_bytes(&key, entry->name.ptr, entry->name.len));
}

static void on_record(void *owner, struct nta_span record, const char *fault)
{
    assert(!fault);
    given = nta_hash_words(&key, given, nta_list_line(owner, record));
}

static uint64_t read_in(struct nta_span text, size_t step)
{
    struct nta_list_reader reader = {.entry = on_entry, .now = "2026-01-02T03:04:05"};
    struct nta_list_input input = {
        .records = {.reader = &reader, .record = on_record, .owner = &reader}};
    uint64_t line;

    given = 0;
    for (; text.len > 0; text = nta_span_from(text, nta_smaller(step, text.len)))
        nta_list_input_json(&input, nta_span_first(text, step));
    given += nta_list_input_end(&input, &line) != NULL;
    nta_list_input_done(&input);
    return given;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_span text = {.ptr = data + (len > 0), .len = len - (len > 0)};

    assert(read_in(text, SIZE_MAX) == read_in(text, len ? (size_t)data[0] + 1 : 1));
    return 0;
}
