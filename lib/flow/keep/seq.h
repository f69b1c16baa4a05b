/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the flow module: sequence numbers. */

#include <stdint.h>

/** How far `a` is ahead of `b` in sequence numbers (RFC 1982), negative if behind. */
static inline int32_t nta_seq_ahead(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}
