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
void nta_list_several_add(struct nta_list_several *several, struct nta_list_reader *reader,
                          enum nta_line one);

/** What that makes of the line; OTHER if there was no name. */
enum nta_line nta_list_several_end(const struct nta_list_several *several,
                                   struct nta_list_reader *reader);
