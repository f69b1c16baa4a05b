/* SPDX-License-Identifier: Apache-2.0 */
/* What all formats read lines with. */
#include "blacklist/format/line.h"

#include "blacklist/format/several.h"

void nta_list_reader_init(struct nta_list_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
}

enum nta_line nta_list_refuse(struct nta_list_reader *reader, const char *reason)
{
    (void)nta_list_skip(reader, reason);
    reader->warns = true;
    return NTA_LINE_SKIP;
}

bool nta_list_is_beside(struct nta_span name)
{
    return name.len > 0 && name.len <= NTA_FILE_NAME_MAX && name.ptr[0] != '.' &&
           !memchr(name.ptr, '/', name.len) && !memchr(name.ptr, '\0', name.len);
}

struct nta_span nta_span_trim(struct nta_span text)
{
    return nta_span_trim_of(text, nta_list_is_space);
}

struct nta_span nta_span_word(struct nta_span *rest)
{
    *rest = nta_span_trim(*rest);
    return nta_span_word_of(rest, nta_list_is_space);
}

void nta_list_several_add(struct nta_list_several *several, struct nta_list_reader *reader,
                          enum nta_line one)
{
    bool warns = one == NTA_LINE_BAD || reader->warns;

    several->any = several->any || one == NTA_LINE_ENTRY;
    if (one == NTA_LINE_SKIP || one == NTA_LINE_BAD) {
        if (!several->reason || (one == NTA_LINE_BAD && several->worst != NTA_LINE_BAD) ||
            (warns && !several->warns)) {
            several->worst = one;
            several->reason = reader->reason;
            several->warns = warns;
        }
    }
    reader->warns = false;
}

enum nta_line nta_list_several_end(const struct nta_list_several *several,
                                   struct nta_list_reader *reader)
{
    if (!several->reason)
        return several->any ? NTA_LINE_ENTRY : NTA_LINE_OTHER;
    reader->reason = several->reason;
    reader->warns = several->warns;
    return several->any ? NTA_LINE_SKIP : several->worst;
}
