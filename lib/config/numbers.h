/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whole numbers with units, as people write them: "64M", "5m", "300". */

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

enum nta_number
{
    NTA_NUMBER_COUNT, ///< No unit.
    NTA_NUMBER_SIZE,  ///< Bytes: K, M, G.
    NTA_NUMBER_TIME,  ///< Nanoseconds: ms, s, m, h, d; none: seconds.
};

/** 0, or -EINVAL with a sentence. */
int nta_number_parse(enum nta_number kind, const char *text, uint64_t *ret_value,
                     struct nta_err *err);

/** Append it, in the largest unit that divides it. */
void nta_number_show(enum nta_number kind, uint64_t value, struct nta_buf *out);
