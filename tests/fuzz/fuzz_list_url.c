/* SPDX-License-Identifier: Apache-2.0 */
/* URLs: the normal form of one is the normal form of itself. */
#include "base/hex.h"
#include "list_again.h"

#include <ctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum nta_line parse(struct nta_list_reader *reader, struct nta_span line)
{
    return nta_list_url(reader, line, NTA_VALUE_SELF | NTA_VALUE_SUBS);
}

/** "%6%61" gives "%6a": what was cut off and what was escaped are one escape then, by chance. */
static bool has_new_escape(const struct list_seen *seen)
{
    for (size_t i = 0; i + 2 < seen->entry.path.len; i++) {
        int high = nta_hex_digit(seen->path[i + 1]), low = nta_hex_digit(seen->path[i + 2]);
        int byte = high < 0 || low < 0 ? 0 : high << 4 | low;

        if (seen->path[i] == '%' && high >= 0 && low >= 0 &&
            ((byte < 0x7f && isalnum(byte)) || (byte && strchr("-._~", byte)) ||
             islower(seen->path[i + 1]) || islower(seen->path[i + 2])))
            return true;
    }
    return false;
}

static void check(const struct list_seen *seen)
{
    static struct list_seen again;
    static char text[NTA_NAME_SIZE + NTA_FIELD_SIZE + 16];
    const bool v6 = memchr(seen->name, ':', seen->entry.name.len);

    if (seen->entry.what != NTA_ENTRY_URL || has_new_escape(seen))
        return;
    assert(seen->entry.path.len > 1 && seen->path[0] == '/');
    (void)snprintf(text, sizeof(text), "http://%s%.*s%s%.*s", v6 ? "[" : "",
                   (int)seen->entry.name.len, seen->name, v6 ? "]" : "", (int)seen->entry.path.len,
                   (const char *)seen->path);
    assert(list_once(parse, text, &again) && list_same(seen, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    list_each(parse, data, len, check);
    return 0;
}
