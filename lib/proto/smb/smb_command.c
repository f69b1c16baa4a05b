/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/smb_command.h"

#include "proto/smb/smb_emit.h"
#include "proto/smb/smb_opens.h"

#include <string.h>

enum
{
    STATUS_PENDING = 0x103
};

static struct nta_smb_file *open_file(struct nta_smb_table *table, struct nta_proto_io *io,
                                      uint32_t tree)
{
    struct nta_smb_file *file = nta_smb_file_place(table);

    nta_smb_emit_end(table, file, io, false);
    nta_smb_file_open(table, file);
    file->tree = tree;
    file->begin_wall_ns = io->wall_ns;
    return file;
}

static bool read_ends(const struct nta_proto_io *io, struct nta_smb_ends *ret_ends)
{
    if (!io->shared || !io->ends[0].addr || !io->ends[1].addr)
        return false;
    *ret_ends =
        (struct nta_smb_ends){.addrs = {*io->ends[0].addr, *io->ends[1].addr}, .link = io->link};
    return true;
}

/* What another connection of the session says of the file; nothing, if that is not known. */
static void learn_file(struct nta_smb_table *table, const struct nta_proto_io *io,
                       const struct nta_smb_header *header, struct nta_smb_file *file)
{
    struct nta_smb_ends ends = {.link = 0};
    const struct nta_smb_open *open =
        read_ends(io, &ends) ? nta_smb_opens_find(io->shared, &ends, header->session, file->id)
                             : NULL;

    file->key = open ? open->key : nta_smb_open_key(&ends, header->session, file->id);
    if (!open)
        return;
    file->is_learnt = true;
    file->size = open->size;
    file->len = open->path_len;
    memcpy(file->path, open->path, open->path_len);
    if (nta_smb_tree_find(table, header->tree))
        return;
    struct nta_smb_tree *tree = nta_smb_tree_put(table, header->tree);

    tree->is_pipe = open->is_pipe;
    tree->len = open->share_len;
    memcpy(tree->text, open->share, open->share_len);
}

/*
 * The file that a request is about: the one just opened, or the one with its id, which may have
 * been opened before us, or over another connection of the same session (multichannel).
 */
static struct nta_smb_file *file_of_request(struct nta_smb_state *state, struct nta_proto_io *io,
                                            const struct nta_smb_header *header,
                                            struct nta_span bytes)
{
    static const uint8_t last_opened[NTA_SMB_ID_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                        0xff, 0xff, 0xff, 0xff};
    const uint8_t *id = nta_smb_file_id(header, bytes);

    if (!id)
        return NULL;
    if (header->is_related && memcmp(id, last_opened, sizeof(last_opened)) == 0)
        return nta_smb_file_of(&state->table, state->sides[NTA_FROM_CLIENT].opened);
    struct nta_smb_file *file = nta_smb_file_find(&state->table, id);

    if (!file && header->command != NTA_SMB_CLOSE) {
        file = open_file(&state->table, io, header->tree);
        memcpy(file->id, id, sizeof(file->id));
        learn_file(&state->table, io, header, file);
    }
    return file;
}

static void ask_file(struct nta_smb_state *state, struct nta_proto_io *io,
                     const struct nta_smb_header *header, struct nta_span bytes)
{
    struct nta_smb_file *file = open_file(&state->table, io, header->tree);

    file->requested = true;
    file->message = header->id;
    file->len = (uint8_t)nta_smb_utf8(nta_smb_text(header, bytes), file->path, sizeof(file->path));
    state->sides[NTA_FROM_CLIENT].opened = nta_smb_ref_of(&state->table, file);
}

/* READ, WRITE and CLOSE. */
static void take_file_request(struct nta_smb_state *state, struct nta_proto_io *io,
                              const struct nta_smb_header *header, struct nta_span bytes)
{
    struct nta_smb_side *side = &state->sides[NTA_FROM_CLIENT];
    struct nta_smb_file *file = file_of_request(state, io, header, bytes);

    side->file = (struct nta_smb_ref){0};
    if (!file || !nta_smb_is_moved(&state->table, file))
        return;
    const struct nta_smb_ref ref = nta_smb_ref_of(&state->table, file);
    const uint64_t offset = nta_smb_file_offset(bytes);

    if (header->command == NTA_SMB_WRITE) {
        side->file = ref;
        side->offset = offset;
    } else {
        nta_smb_pending_put(&state->table, (struct nta_smb_pending){header->id, ref, offset});
    }
    if (header->command != NTA_SMB_CLOSE)
        nta_smb_emit_begin(&state->table, file, io, header->command == NTA_SMB_WRITE);
}

static void ask_session(struct nta_smb_state *state, const struct nta_smb_header *header,
                        struct nta_span bytes)
{
    struct nta_ntlm login = {.message = header->id};

    login.waits = state->is_challenged && nta_ntlm_read(nta_smb_token(header, bytes), &login);
    if (!login.waits)
        return;
    state->login = login;
    state->is_challenged = false;
}

/* The server's last word on a login: it took the account for what it says, or not. */
static void take_session(struct nta_smb_state *state, const struct nta_proto_io *io,
                         const struct nta_smb_header *header, struct nta_span bytes)
{
    state->is_challenged |= header->status == NTA_SMB_STATUS_MORE;
    if (!state->login.waits || state->login.message != header->id)
        return;
    state->login.waits = false;
    if (nta_smb_is_account(header, bytes))
        nta_ntlm_tell(io, &state->login, NTA_APP_SMB);
}

void nta_smb_take_request(struct nta_smb_state *state, struct nta_proto_io *io,
                          const struct nta_smb_header *header, struct nta_span bytes)
{
    switch (header->command) {
    case NTA_SMB_SESSION_SETUP: ask_session(state, header, bytes); break;
    case NTA_SMB_TREE_CONNECT:
        nta_smb_tree_request(&state->table, header->id, nta_smb_text(header, bytes));
        break;
    case NTA_SMB_CREATE: ask_file(state, io, header, bytes); break;
    case NTA_SMB_READ:
    case NTA_SMB_WRITE:
    case NTA_SMB_CLOSE: take_file_request(state, io, header, bytes); break;
    default: break;
    }
}

static void take_tree(struct nta_smb_table *table, const struct nta_smb_header *header,
                      struct nta_span bytes)
{
    struct nta_smb_tree *tree = nta_smb_tree_answer(table, header->id);

    if (!tree)
        return;
    tree->id = header->tree;
    tree->is_pipe = nta_smb_is_pipe(bytes);
    if (header->status != 0)
        *tree = (struct nta_smb_tree){0};
}

static void take_opened(struct nta_smb_table *table, const struct nta_proto_io *io,
                        const struct nta_smb_header *header, struct nta_span bytes)
{
    struct nta_smb_file *file = nta_smb_file_requested(table, header->id);
    const uint8_t *id = nta_smb_file_id(header, bytes);

    if (!file)
        return;
    file->requested = false;
    if (header->status != 0 || !id) {
        *file = (struct nta_smb_file){0};
        return;
    }
    memcpy(file->id, id, sizeof(file->id));
    file->is_folder = nta_smb_is_folder(bytes);
    file->size = nta_smb_file_size(bytes);
    const struct nta_smb_tree *tree = nta_smb_tree_find(table, file->tree);

    struct nta_smb_ends ends = {.link = 0};
    const bool is_known = read_ends(io, &ends);

    file->key = nta_smb_open_key(&ends, header->session, file->id);
    if (tree && !file->is_folder && is_known)
        nta_smb_opens_note(io->shared, &ends, header->session, file, tree);
}

void nta_smb_take_response(struct nta_smb_state *state, struct nta_proto_io *io,
                           const struct nta_smb_header *header, struct nta_span bytes)
{
    struct nta_smb_side *side = &state->sides[NTA_FROM_SERVER];
    struct nta_smb_pending pending;

    if (header->status == STATUS_PENDING)
        return; /* the answer is still to come */
    switch (header->command) {
    case NTA_SMB_SESSION_SETUP: take_session(state, io, header, bytes); break;
    case NTA_SMB_TREE_CONNECT: take_tree(&state->table, header, bytes); break;
    case NTA_SMB_CREATE: take_opened(&state->table, io, header, bytes); break;
    case NTA_SMB_READ:
        pending = nta_smb_pending_take(&state->table, header->id);
        side->file = pending.file;
        side->offset = pending.offset;
        break;
    case NTA_SMB_CLOSE:
        pending = nta_smb_pending_take(&state->table, header->id);
        if (nta_smb_file_of(&state->table, pending.file))
            nta_smb_emit_end(&state->table, nta_smb_file_of(&state->table, pending.file), io,
                             header->status == 0);
        break;
    default: break;
    }
}
