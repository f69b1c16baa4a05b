/* SPDX-License-Identifier: Apache-2.0 */
/* Values out of documents, each of a kind that is known. */
#include "blacklist/format/range.h"

#include <stdio.h>

enum
{
    PORT_TEXT_SIZE = 80
};

/** What is no value of its kind is broken, not another format's. */
static enum nta_line known(struct nta_list_reader *reader, enum nta_line outcome)
{
    return outcome == NTA_LINE_OTHER ? nta_list_bad(reader, "not a value of its kind") : outcome;
}

/** "192.0.2.66|8080", as the plain form is written. */
static enum nta_line give_port(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    size_t bar = nta_span_find(text, "|");
    struct nta_span addr = {.ptr = text.ptr, .len = bar};
    struct nta_span port = nta_span_from(text, bar < text.len ? bar + 1 : bar);
    bool v6 = memchr(addr.ptr, ':', addr.len) != NULL;
    char buf[PORT_TEXT_SIZE];
    int n = snprintf(buf, sizeof(buf), v6 ? "[%.*s]:%.*s" : "%.*s:%.*s", (int)addr.len,
                     (const char *)addr.ptr, (int)port.len, (const char *)port.ptr);

    if (memchr(text.ptr, '\0', text.len) || port.len == 0 || n < 0 || (size_t)n >= sizeof(buf))
        return NTA_LINE_OTHER;
    return nta_list_value(reader, nta_span_of(buf), flags);
}

/** "bad.example|192.0.2.66": both. */
static enum nta_line give_pair(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    size_t bar = nta_span_find(text, "|");
    struct nta_span name = {.ptr = text.ptr, .len = bar};
    struct nta_list_range range;
    enum nta_line outcome = NTA_LINE_OTHER;

    if (bar < text.len)
        outcome = nta_list_range(reader, nta_span_trim(nta_span_from(text, bar + 1)), &range);
    if (outcome != NTA_LINE_ENTRY)
        return outcome;
    outcome = nta_list_name(reader, nta_span_trim(name), flags);
    return outcome == NTA_LINE_ENTRY ? nta_list_put_range(reader, &range, flags) : outcome;
}

enum nta_line nta_list_given(struct nta_list_reader *reader, struct nta_span text)
{
    const struct nta_list_how *how = &reader->how;
    size_t bar;

    text = nta_span_trim(text);
    reader->note = how->note;
    if (how->given == NTA_GIVEN_SKIP)
        return nta_list_skip(reader, how->why);
    if (how->given == NTA_GIVEN_BAD || text.len == 0)
        return nta_list_bad(reader, how->why ? how->why : "nothing where a value should be");
    switch (how->given) {
    case NTA_GIVEN_NAME: return known(reader, nta_list_name(reader, text, how->flags));
    case NTA_GIVEN_ADDR: return known(reader, nta_list_addr(reader, text, how->flags));
    case NTA_GIVEN_PORT: return known(reader, give_port(reader, text, how->flags));
    case NTA_GIVEN_PAIR: return known(reader, give_pair(reader, text, how->flags));
    case NTA_GIVEN_URL: return known(reader, nta_list_url(reader, text, how->flags));
    case NTA_GIVEN_STIX: return nta_list_stix(reader, text, nta_list_given);
    case NTA_GIVEN_NAMED:
        bar = nta_span_find(text, "|");
        if (bar == text.len)
            return known(reader, NTA_LINE_OTHER);
        text = nta_span_from(text, bar + 1);
        break;
    case NTA_GIVEN_LINE:
    case NTA_GIVEN_VALUE:
    case NTA_GIVEN_SKIP:
    case NTA_GIVEN_BAD: break;
    }
    return known(reader, nta_list_value_as(reader, text, how->as, how->flags));
}
