/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tests of this folder share: exact copies of bytes. */

#include "base/own.h"
#include "base/text.h"
#include "unit.h"

#include <stdlib.h>

/** An exact heap copy, so that sanitizers see a read past its end. */
static inline uint8_t *unit_copy(const void *data, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    if (len)
        memcpy(copy, data, len);
    return copy;
}
