/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ship/ship_indexes.h"

#include "base/own.h"
#include "base/runtime/log.h"
#include "vault/index/index.h"
#include "vault/note.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void nta_ship_indexes_done(struct nta_ship_indexes *indexes)
{
    nta_buf_done(&indexes->bytes);
    nta_buf_done(&indexes->parts);
}

static void clear(struct nta_ship_indexes *indexes)
{
    if (indexes->bytes.size > NTA_SHIP_INDEX_KEEP_BYTES)
        nta_ship_indexes_done(indexes);
    nta_buf_clear(&indexes->bytes);
    nta_buf_clear(&indexes->parts);
}

/** True if it may be a part of an index, and there is room for it. */
static bool fits(const struct nta_ship_indexes *indexes, uint32_t part, size_t len)
{
    return len <= (part ? (size_t)NTA_INDEX_PAGE_MAX : (size_t)NTA_INDEX_LIST_MAX) &&
           indexes->bytes.len + len <= NTA_SHIP_INDEX_BYTES;
}

/** One index: 1, or 0 if it is none of ours; then nothing of it stays. */
static int take(struct nta_ship_indexes *indexes, struct nta_store *journal,
                struct nta_store_index_at *at, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf part = {0};
    const size_t n_bytes = indexes->bytes.len, n_parts = indexes->parts.len;

    for (at->part = 0; at->part <= NTA_INDEX_PAGES_MAX; at->part++) {
        struct nta_stored_index one = {.class = at->class, .day = at->day, .part = at->part};
        const int r = nta_store_get_index(journal, at, &part, err);

        if (r != 1)
            return r < 0 ? r : 1;
        if (!fits(indexes, at->part, part.len)) {
            indexes->bytes.len = n_bytes;
            indexes->parts.len = n_parts;
            return 0;
        }
        one.bytes.len = part.len;
        nta_buf_put(&indexes->parts, &one, sizeof(one));
        nta_buf_put(&indexes->bytes, part.ptr, part.len);
    }
    return 1;
}

/** The bytes do not move any more: say where each part lies. */
static void point_into(struct nta_ship_indexes *indexes, struct nta_stored *batch)
{
    /* from malloc: aligned */
    struct nta_stored_index *parts = (struct nta_stored_index *)(void *)indexes->parts.ptr;
    const uint8_t *pos = indexes->bytes.ptr;

    batch->indexes = parts;
    batch->n_indexes = indexes->parts.len / sizeof(*parts);
    for (size_t i = 0; i < batch->n_indexes; i++) {
        parts[i].bytes.ptr = pos;
        pos += parts[i].bytes.len;
    }
}

int nta_ship_indexes_take(struct nta_ship_indexes *indexes, struct nta_store *journal,
                          struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;
    struct nta_store_index_at at = {.number = header->number};
    struct nta_note note;

    clear(indexes);
    memcpy(at.sensor, header->sensor, sizeof(at.sensor));
    for (size_t i = 0; nta_header_note(header, i, &note); i++) {
        if (note.kind != NTA_HEADER_NOTE_INDEX)
            continue;
        at.class = note.class;
        at.day = note.day;
        const int r = take(indexes, journal, &at, err);

        if (r < 0)
            return r;
        if (r == 0)
            nta_log_warning("the journal's index that batch %" PRIu64 " notes is longer than any: "
                            "it is not sent, and searches do without; see \"nta verify\"",
                            header->number);
    }
    if (indexes->bytes.failed || indexes->parts.failed)
        return nta_err_set(err, -ENOMEM, "out of memory");
    point_into(indexes, batch);
    return 0;
}
