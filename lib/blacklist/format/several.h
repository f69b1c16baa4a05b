/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Several names on one line (part of line.h): those that are names are taken; if one is not, the
 * line is passed over in part, with the reason of the worst one, aloud if that is broken.
 */

#include "blacklist/format/line.h"

/** What the names of a line came to; all zero before the first one. */
struct nta_list_several
{
    const char *reason; ///< Of the worst one that was not taken; NULL: all were.
    enum nta_line worst;
    bool any, warns;
};

/** Count what a name came to. */
static inline void nta_list_several_add(struct nta_list_several *several,
                                        struct nta_list_reader *reader, enum nta_line one)
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

/** What that makes of the line; OTHER if there was no name. */
static inline enum nta_line nta_list_several_end(const struct nta_list_several *several,
                                                 struct nta_list_reader *reader)
{
    if (!several->reason)
        return several->any ? NTA_LINE_ENTRY : NTA_LINE_OTHER;
    reader->reason = several->reason;
    reader->warns = several->warns;
    return several->any ? NTA_LINE_SKIP : several->worst;
}
