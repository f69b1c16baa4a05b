/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a value is to be read, where more is known of it than its text (part of line.h). */

#include <stdint.h>

/** What a value is said to be by what stands around it. */
enum nta_list_as
{
    NTA_AS_ANY, ///< Nothing is said: its shape tells.
    NTA_AS_FILE,
    NTA_AS_JA4,
    NTA_AS_CERTIFICATE,
    NTA_AS_LITERAL, ///< Its shape tells, but it has no wildcards.
};

/** What is given out of a document, where it is not a line that is read. */
enum nta_list_given
{
    NTA_GIVEN_LINE,  ///< It is a line.
    NTA_GIVEN_VALUE, ///< A value of the kind `as`.
    NTA_GIVEN_NAME,
    NTA_GIVEN_ADDR,
    NTA_GIVEN_PORT, ///< "192.0.2.66|8080".
    NTA_GIVEN_PAIR, ///< "bad.example|192.0.2.66".
    NTA_GIVEN_URL,
    NTA_GIVEN_NAMED, ///< "tool.exe|" and a value of the kind `as`.
    NTA_GIVEN_STIX,
    NTA_GIVEN_SKIP, ///< `why` says why.
    NTA_GIVEN_BAD
};

/** How a value out of a document is to be read. */
struct nta_list_how
{
    enum nta_list_given given;
    enum nta_list_as as;
    uint32_t flags;
    const char *why, *note; ///< Static.
};
