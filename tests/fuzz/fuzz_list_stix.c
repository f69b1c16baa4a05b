/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of STIX: one is taken just if it gives entries, and none that narrows is taken. */
#include "blacklist/format/line.h"

#include <assert.h>
#include <stdio.h>

static void on_entry(void *owner, const struct nta_list_entry *entry)
{
    assert(entry->name.len <= NTA_NAME_MAX);
    ++*(size_t *)owner;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_list_reader reader;
    static char text[1 << 16];
    size_t n = 0, m = 0;

    if (len > sizeof(text) / 2)
        return 0;
    nta_list_reader_init(&reader);
    reader.entry = on_entry;
    reader.owner = &n;
    enum nta_line outcome =
        nta_list_stix(&reader, (struct nta_span){.ptr = data, .len = len}, nta_list_given);

    assert((outcome == NTA_LINE_ENTRY) == (n > 0));
    assert(outcome == NTA_LINE_ENTRY || reader.reason);
    int size = snprintf(text, sizeof(text), "%.*s FOLLOWEDBY [url:value = 'http://a.example/']",
                        (int)len, (const char *)data);

    reader.owner = &m;
    outcome = nta_list_stix(&reader, (struct nta_span){(const uint8_t *)text, (size_t)size},
                            nta_list_given);
    assert(outcome != NTA_LINE_ENTRY && m == 0);
    return 0;
}
