/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fields of a table's row (internal to blacklist/). */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/** A field of a table's row. */
struct nta_list_field
{
    struct nta_span text; ///< Without quotes around it.
    bool doubled;         ///< Quotes in it stand twice.

    enum
    {
        NTA_FIELD_FINE,
        NTA_FIELD_OPEN, ///< Its quote is not closed here.
        NTA_FIELD_ODD   ///< Something follows its quote.
    } fault;
};

/** Takes the next field (RFC 4180; spaces around it do not count); false: there is none. */
bool nta_list_next_field(struct nta_span *row, uint8_t separator, struct nta_list_field *ret_field);
