/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/labels.h"

#include "base/bytes.h"

#include <string.h>

struct nta_span nta_labels_join(struct nta_span wire, uint8_t buf[NTA_LABELS_SIZE])
{
    struct nta_reader r = nta_reader_of(wire.ptr, wire.len);
    size_t len = 0;

    for (uint8_t n = nta_read_u8(&r); n > 0 && n < 64; n = nta_read_u8(&r)) {
        const uint8_t *label = nta_reader_take(&r, n);

        if (!label || len + n + 1 > NTA_LABELS_SIZE)
            break;
        if (len > 0)
            buf[len++] = '.';
        memcpy(buf + len, label, n);
        len += n;
    }
    return (struct nta_span){.ptr = buf, .len = len};
}
