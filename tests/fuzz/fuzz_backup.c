/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a backup.  A file that is whole is not whole without its last byte, and gives the
 * same items until then; no part of an item is longer than a store takes.
 */
#include "store/backup/backup_item.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static ssize_t pull(void *owner, void *bytes, size_t size)
{
    struct nta_span *left = owner;
    const size_t n = left->len < size ? left->len : size;

    memcpy(bytes, left->ptr, n);
    *left = (struct nta_span){left->ptr + n, left->len - n};
    return (ssize_t)n;
}

static int read_all(struct nta_span left, uint64_t *ret_n)
{
    struct nta_backup_reader reader = {.pull = pull, .owner = &left};
    struct nta_backup_item item;
    struct nta_stored row;
    struct nta_err err;
    int r;

    while ((r = nta_backup_next(&reader, &item, &err)) == 1) {
        assert(item.kind != NTA_BACKUP_BEGIN && item.kind != NTA_BACKUP_END);
        nta_backup_row(&item, &row);
        assert(row.sealed.header.len <= NTA_STORE_HEADER_MAX);
    }
    *ret_n = reader.place.n_items;
    nta_backup_reader_done(&reader);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint64_t n = 0, n_cut = 0;

    if (read_all((struct nta_span){data, len}, &n) != 0)
        return 0;
    assert(n > 0 && read_all((struct nta_span){data, len - 1}, &n_cut) < 0);
    assert(n_cut == n);
    return 0;
}
