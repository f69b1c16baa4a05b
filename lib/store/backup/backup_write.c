/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/newfile.h"
#include "base/own.h"
#include "record/cbor/cbor.h"
#include "store/backup/backup_item.h"

#include <errno.h>
#include <string.h>

/** Its head, then itself. */
static int write_item(int fd, struct nta_span item)
{
    NTA_AUTO(nta_buf_done) struct nta_buf framed = {0};

    nta_cbor_put_bytes(&framed, item);
    return framed.failed ? -ENOMEM : nta_write_all(fd, framed.ptr, framed.len);
}

static int put(struct nta_backup_writer *writer, const struct nta_backup_item *item,
               struct nta_err *err)
{
    nta_buf_clear(&writer->item);
    nta_backup_encode(item, &writer->item);
    const struct nta_span bytes = nta_buf_span(&writer->item);
    int r = writer->item.failed ? -ENOMEM : write_item(writer->fd, bytes);

    if (r == 0)
        r = nta_backup_hash(writer->place.hash, bytes);
    if (r < 0)
        return nta_err_sys(err, r, "the backup cannot be written");
    writer->place.n_items++;
    writer->place.n_bytes += bytes.len;
    return 0;
}

int nta_backup_begin(struct nta_backup_writer *writer, int fd, struct nta_err *err)
{
    *writer = (struct nta_backup_writer){.fd = fd};
    return put(writer, &(struct nta_backup_item){.kind = NTA_BACKUP_BEGIN}, err);
}

int nta_backup_put(struct nta_backup_writer *writer, const struct nta_backup_item *item,
                   struct nta_err *err)
{
    assert(item->kind != NTA_BACKUP_BEGIN && item->kind != NTA_BACKUP_END);
    return put(writer, item, err);
}

int nta_backup_end(struct nta_backup_writer *writer, struct nta_err *err)
{
    struct nta_backup_item end = {.kind = NTA_BACKUP_END, .n_items = writer->place.n_items};

    memcpy(end.hash, writer->place.hash, sizeof(end.hash));
    return put(writer, &end, err);
}

void nta_backup_writer_done(struct nta_backup_writer *writer)
{
    nta_buf_done(&writer->item);
}
