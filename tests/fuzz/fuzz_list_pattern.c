/* SPDX-License-Identifier: Apache-2.0 */
/* Names with wildcards: what a pattern stands for, with any text for its `*`, is found by it. */
#include "blacklist/table/patterns.h"
#include "list_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum nta_line parse(struct nta_list_reader *reader, struct nta_span line)
{
    return nta_list_has_wildcard(line)
               ? nta_list_pattern(reader, line, NTA_VALUE_SELF | NTA_VALUE_SUBS)
               : NTA_LINE_OTHER;
}

static void check(const struct list_seen *seen)
{
    struct nta_patterns patterns = {0};
    const char *from = seen->name;
    char name[2 * NTA_NAME_SIZE + 1];
    size_t n = 0;

    if (seen->entry.what != NTA_ENTRY_PATTERN)
        return;
    for (size_t i = from[0] == '='; i < seen->entry.name.len; i++) /* nothing or a label for it */
        n += (size_t)snprintf(name + n, sizeof(name) - n, "%.*s", from[i] == '*' ? (int)(i % 2) : 1,
                              from[i] == '*' ? "x" : &from[i]);
    assert(nta_patterns_add(&patterns, seen->entry.name, 1) == 0);
    assert(nta_patterns_fill(&patterns, NULL, NULL, NULL) == 0);
    if (n <= NTA_NAME_MAX && name[0] != '.')
        assert(nta_patterns_decide(&patterns, name, n));
    nta_patterns_done(&patterns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    list_each(parse, data, len, check);
    return 0;
}
