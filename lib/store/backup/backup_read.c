/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/backup/backup_item.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum
{
    BYTE_STRING = 2 << 5, ///< The major type of a CBOR byte string.
    LENGTH_1 = 24,        ///< Its length is in the 1, 2 or 4 bytes behind;
    LENGTH_4 = 26,        ///< 8 no item needs.
    PIECE = 1 << 20       ///< A file's word for a length takes no more memory before it has that.
};

/** 0: all of it; -ENODATA: the file ends before it begins; -EBADMSG: within; or negative errno. */
static int pull_all(struct nta_backup_reader *reader, uint8_t *bytes, size_t len)
{
    size_t n = 0;

    while (n < len) {
        const ssize_t got = reader->pull(reader->owner, bytes + n, len - n);

        if (got < 0)
            return (int)got;
        if (got == 0)
            return n ? -EBADMSG : -ENODATA;
        n += (size_t)got;
    }
    reader->place.n_bytes += len;
    return 0;
}

/** How long the next item is, in the shortest form that says so.  As pull_all(). */
static int pull_len(struct nta_backup_reader *reader, size_t *ret_len)
{
    uint8_t head[4];
    int r = pull_all(reader, head, 1);

    if (r < 0)
        return r;
    const unsigned kind = head[0] & 0xe0U, low = head[0] & 0x1fU;

    if (kind != BYTE_STRING || low > LENGTH_4)
        return -EBADMSG;
    *ret_len = low;
    if (low < LENGTH_1)
        return 0;
    const size_t n = (size_t)1 << (low - LENGTH_1);
    size_t len = 0;

    r = pull_all(reader, head, n);
    if (r < 0)
        return r == -ENODATA ? -EBADMSG : r;
    for (size_t i = 0; i < n; i++)
        len = len << 8 | head[i];
    *ret_len = len;
    const size_t least = n == 1 ? LENGTH_1 : (size_t)1 << (4 * n);

    return len < least || len > NTA_BACKUP_ITEM_MAX ? -EBADMSG : 0;
}

static int pull_item(struct nta_backup_reader *reader)
{
    size_t len = 0;
    int r = pull_len(reader, &len);

    nta_buf_clear(&reader->item);
    while (r == 0 && reader->item.len < len) {
        const size_t left = len - reader->item.len, n = left < PIECE ? left : PIECE;
        uint8_t *space = nta_buf_reserve(&reader->item, n);

        if (!space)
            return -ENOMEM;
        r = pull_all(reader, space, n);
        if (r == 0)
            reader->item.len += n;
        if (r == -ENODATA)
            r = -EBADMSG;
    }
    return r;
}

/** What the first item is told by, whatever its version. */
static int check_begin(const struct nta_backup_reader *reader, struct nta_span bytes,
                       struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf ours = {0};

    nta_backup_encode(&(struct nta_backup_item){.kind = NTA_BACKUP_BEGIN}, &ours);
    if (ours.failed)
        return nta_err_sys(err, -ENOMEM, "backup");
    if (reader->place.n_items > 0 || nta_span_equal(nta_buf_span(&ours), bytes))
        return 0;
    return nta_err_set(err, -EBADMSG,
                       bytes.len >= ours.len && memcmp(bytes.ptr, ours.ptr, ours.len - 1) == 0
                           ? "a newer nta made it: read it with that"
                           : "not a backup of nta");
}

/** 0: it is the end of exactly this. */
static int check_end(struct nta_backup_reader *reader, const struct nta_backup_item *end,
                     struct nta_err *err)
{
    uint8_t more;

    if (end->n_items != reader->place.n_items ||
        memcmp(end->hash, reader->place.hash, sizeof(end->hash)) != 0)
        return nta_err_set(err, -EBADMSG, "it is damaged: its end is that of another file");
    int r = pull_all(reader, &more, 1);

    if (r != -ENODATA)
        return r < 0 ? nta_err_sys(err, r, "backup")
                     : nta_err_set(err, -EBADMSG, "there is something behind its end");
    reader->is_done = true;
    return 0;
}

/** One whole item into `reader->item`.  0, or negative errno with the sentence. */
static int fetch(struct nta_backup_reader *reader, struct nta_err *err)
{
    const bool is_first = reader->place.n_items == 0;
    int r = pull_item(reader);

    if (r == 0 || (r != -ENODATA && r != -EBADMSG))
        return r < 0 ? nta_err_sys(err, r, "backup") : 0;
    if (is_first)
        return nta_err_set(err, -EBADMSG, "not a backup of nta");
    return nta_err_set(err, -EBADMSG, "it is %s behind item %" PRIu64,
                       r == -ENODATA ? "cut short" : "cut short or damaged", reader->place.n_items);
}

int nta_backup_next(struct nta_backup_reader *reader, struct nta_backup_item *ret_item,
                    struct nta_err *err)
{
    for (; !reader->is_done;) {
        struct nta_backup_item item;
        int r = fetch(reader, err);
        const struct nta_span bytes = nta_buf_span(&reader->item);

        if (r == 0)
            r = check_begin(reader, bytes, err);
        if (r < 0)
            return r;
        if (!nta_backup_decode(bytes, &item) ||
            (item.kind == NTA_BACKUP_BEGIN) != (reader->place.n_items == 0))
            return nta_err_set(err, -EBADMSG, "item %" PRIu64 " is not of its form",
                               reader->place.n_items + 1);
        if (item.kind == NTA_BACKUP_END)
            return check_end(reader, &item, err);
        r = nta_backup_hash(reader->place.hash, bytes);
        if (r < 0)
            return nta_err_sys(err, r, "backup");
        if (reader->place.n_items++ == 0)
            continue;
        *ret_item = item;
        return 1;
    }
    return 0;
}

void nta_backup_reader_done(struct nta_backup_reader *reader)
{
    nta_buf_done(&reader->item);
}
