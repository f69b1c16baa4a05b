/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/file/start.h"

/** Append to what is kept from `at` on what continues it; never more than `size`. */
static size_t keep(uint8_t *kept, size_t len, size_t size, uint64_t at, uint64_t offset,
                   struct nta_span bytes)
{
    const uint64_t next = at + len;

    if (len >= size || next < offset || next - offset >= bytes.len)
        return len;
    const struct nta_span more =
        nta_span_first(nta_span_from(bytes, (size_t)(next - offset)), size - len);

    memcpy(kept + len, more.ptr, more.len);
    return len + more.len;
}

static void keep_far(struct nta_file_start *start, uint64_t offset, struct nta_span bytes)
{
    start->far_len =
        (uint8_t)keep(start->far, start->far_len, start->at.len, start->at.at, offset, bytes);
}

/** Where its last 512 bytes begin; 0: not known, or among the first ones. */
static uint64_t tail_at(const struct nta_file_start *start)
{
    const bool is_known = start->total != UINT64_MAX;

    return is_known && start->total > NTA_MAGIC_BYTES + NTA_MAGIC_TAIL
               ? start->total - NTA_MAGIC_TAIL
               : 0;
}

void nta_file_start_take(struct nta_file_start *start, uint64_t offset, struct nta_span bytes)
{
    const bool was_full = start->len == sizeof(start->first);

    start->len = (uint16_t)keep(start->first, start->len, sizeof(start->first), 0, offset, bytes);
    if (start->len < sizeof(start->first))
        return;
    if (!was_full) {
        start->at = nta_magic_far(nta_file_start_first(start));
        keep_far(start, 0, nta_file_start_first(start));
    }
    keep_far(start, offset, bytes);
    if (tail_at(start))
        start->tail_len = (uint8_t)keep(start->tail, start->tail_len, sizeof(start->tail),
                                        tail_at(start), offset, bytes);
}

/** From `offset` to the rest of what is looked for from `at` on; UINT64_MAX: it has gone by. */
static uint64_t idle(uint64_t at, size_t len, size_t size, uint64_t offset)
{
    return len < size && at + len >= offset ? at + len - offset : UINT64_MAX;
}

uint64_t nta_file_start_idle(const struct nta_file_start *start, uint64_t offset)
{
    if (start->len < sizeof(start->first))
        return idle(0, start->len, sizeof(start->first), offset);
    const uint64_t far = idle(start->at.at, start->far_len, start->at.len, offset);
    const uint64_t tail = tail_at(start)
                              ? idle(tail_at(start), start->tail_len, sizeof(start->tail), offset)
                              : UINT64_MAX;

    return far < tail ? far : tail;
}

struct nta_span nta_file_start_first(const struct nta_file_start *start)
{
    return (struct nta_span){start->first, start->len};
}

struct nta_span nta_file_start_far(const struct nta_file_start *start)
{
    const struct nta_span tail = {start->tail, start->tail_len};

    return nta_magic_is_tail(tail) ? tail : (struct nta_span){start->far, start->far_len};
}

const char *nta_file_start_type(const struct nta_file_start *start)
{
    return nta_magic_type_with(nta_file_start_first(start), nta_file_start_far(start));
}
