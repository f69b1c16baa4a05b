/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/smb_emit.h"

#include "base/addr.h"
#include "base/text.h"
#include "proto/smb/smb_opens.h"

static void emit(struct nta_proto_io *io, enum nta_event_kind kind,
                 const struct nta_transfer *transfer)
{
    const struct nta_event event = {.kind = kind, .app = NTA_APP_SMB, .transfer = transfer};

    io->emit(io->owner, &event);
}

/* The server's name in "//server/share/..."; empty if it is an address, which says nothing new. */
static struct nta_span host_of(struct nta_span unc)
{
    struct nta_addr addr;
    struct nta_span host = {0};

    if (unc.len < 3 || !nta_span_begins(unc, nta_span_of("//")))
        return host;
    host = nta_span_before(nta_span_from(unc, 2), '/');
    if (nta_addr_parse((const char *)host.ptr, host.len, &addr) == 0)
        host.len = 0;
    return host;
}

/* Where the path begins in "//server/share/...". */
static size_t path_offset(struct nta_span unc)
{
    const size_t end = unc.len > 2 && nta_span_begins(unc, nta_span_of("//"))
                           ? 2 + nta_span_find_byte(nta_span_from(unc, 2), '/')
                           : unc.len;

    return end < unc.len ? end : 0;
}

/* Share and path of a file as one text. */
static struct nta_span full_path(struct nta_smb_table *table, const struct nta_smb_file *file,
                                 uint8_t buf[NTA_SMB_SHARE_SIZE + 1 + NTA_SMB_PATH_SIZE])
{
    const struct nta_smb_tree *tree = nta_smb_tree_find(table, file->tree);
    size_t len = tree ? tree->len : 0;

    if (tree)
        memcpy(buf, tree->text, len);
    if (file->len == 0 || file->path[0] != '/')
        buf[len++] = '/';
    memcpy(buf + len, file->path, file->len);
    return (struct nta_span){.ptr = buf, .len = len + file->len};
}

/* As many bytes as it has were shown; which ones, whoever puts them together knows. */
static bool may_be_whole(const struct nta_smb_file *file)
{
    return file->size > 0 && file->bytes_read == file->size && file->shown == file->size;
}

/* All that was read is known by its place, so far as it was captured. */
static bool is_placed(const struct nta_smb_file *file)
{
    return file->shown > 0 && file->shown == file->bytes_read - file->lost_read;
}

/* Who closes a file tells of it, else who opened it. */
static bool is_told_elsewhere(const struct nta_smb_file *file, const struct nta_proto_io *io,
                              bool is_closed)
{
    return !is_closed &&
           (file->is_learnt || (io->shared && nta_smb_opens_are_closed(io->shared, file->key)));
}

static void emit_transfer(struct nta_smb_table *table, const struct nta_smb_file *file,
                          struct nta_proto_io *io, enum nta_event_kind kind, bool is_write,
                          bool is_closed)
{
    uint8_t buf[NTA_SMB_SHARE_SIZE + 1 + NTA_SMB_PATH_SIZE];
    const struct nta_span unc = full_path(table, file, buf);
    const size_t at = path_offset(unc);
    struct nta_transfer transfer = {
        .method = nta_span_of(is_write ? "WRITE" : "READ"),
        .host = host_of(unc),
        .path = {unc.ptr + at, unc.len - at},
        .to_server = is_write,
        .begin_wall_ns = file->begin_wall_ns,
    };

    if (kind == NTA_EVENT_TRANSFER_END) {
        transfer.bytes_up = is_write ? file->bytes_written : 0;
        transfer.lost_up = is_write ? file->lost_written : 0;
        transfer.bytes_down = is_write ? 0 : file->bytes_read;
        transfer.lost_down = is_write ? 0 : file->lost_read;
        transfer.expected = is_write ? 0 : file->size;
        transfer.type = file->type;
        transfer.complete = !is_write && may_be_whole(file);
        transfer.is_altered = !transfer.complete; /* no bytes that were shown are its */
        transfer.file = !is_write && is_placed(file) ? file->key : 0;
        transfer.is_channel = transfer.file && is_told_elsewhere(file, io, is_closed);
    }
    emit(io, kind, &transfer);
}

void nta_smb_emit_end(struct nta_smb_table *table, struct nta_smb_file *file,
                      struct nta_proto_io *io, bool is_closed)
{
    if (file->serial != 0 && file->bytes_read > 0)
        emit_transfer(table, file, io, NTA_EVENT_TRANSFER_END, false, is_closed);
    if (file->serial != 0 && file->bytes_written > 0)
        emit_transfer(table, file, io, NTA_EVENT_TRANSFER_END, true, is_closed);
    if (is_closed && io->shared)
        nta_smb_opens_close(io->shared, file->key);
    *file = (struct nta_smb_file){0};
}

bool nta_smb_is_moved(struct nta_smb_table *table, const struct nta_smb_file *file)
{
    const struct nta_smb_tree *tree = nta_smb_tree_find(table, file->tree);

    return !file->is_folder && !(tree && tree->is_pipe);
}

void nta_smb_emit_begin(struct nta_smb_table *table, struct nta_smb_file *file,
                        struct nta_proto_io *io, bool is_write)
{
    bool *emitted = is_write ? &file->write_emitted : &file->read_emitted;

    if (!*emitted)
        emit_transfer(table, file, io, NTA_EVENT_TRANSFER_BEGIN, is_write, false);
    *emitted = true;
}
