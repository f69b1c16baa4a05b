/* SPDX-License-Identifier: Apache-2.0 */
/* Plain names and values: the normal form of one, with its sign, is the same entry. */
#include "list_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum nta_line parse(struct nta_list_reader *reader, struct nta_span line)
{
    return nta_list_value(reader, line, NTA_VALUE_SELF | NTA_VALUE_SUBS);
}

static void check(const struct list_seen *seen)
{
    static struct list_seen again;
    char text[NTA_NAME_SIZE + 4];
    const uint32_t flags = seen->entry.flags;

    if (seen->entry.what != NTA_ENTRY_NAME)
        return;
    (void)snprintf(text, sizeof(text), "%s%.*s",
                   !(flags & NTA_VALUE_SUBS)   ? "="
                   : !(flags & NTA_VALUE_SELF) ? "*."
                                               : "",
                   (int)seen->entry.name.len, seen->name);
    assert(list_once(parse, text, &again) && list_same(seen, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    list_each(parse, data, len, check);
    return 0;
}
