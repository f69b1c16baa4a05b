/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * What untrusted input says.  Never logged, always counted; a system failure is an `int`, not one
 * of these.
 */
enum nta_parse
{
    NTA_PARSE_OK,    ///< Understood; what was consumed has left the reader.
    NTA_PARSE_MORE,  ///< So far fine, but it goes on behind the last byte given.
    NTA_PARSE_OTHER, ///< Well formed perhaps, but not this protocol.
    NTA_PARSE_BAD,   ///< Breaks its own format.
};
