/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Arrays that grow, for this module alone. */

#include <errno.h>
#include <stdlib.h>

/** Space for one more of `size` bytes each: 0 or -ENOMEM. */
static inline int nta_room_grow(void **items, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return 0;
    const size_t more = *room ? 2 * *room : 64;
    void *grown = reallocarray(*items, more, size);

    if (!grown)
        return -ENOMEM;
    *items = grown;
    *room = more;
    return 0;
}
