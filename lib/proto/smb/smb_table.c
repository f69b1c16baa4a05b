/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/smb_table.h"

static struct nta_smb_tree *tree_place(struct nta_smb_table *table)
{
    struct nta_smb_tree *tree = &table->trees[0];

    for (size_t i = 1; i < NTA_SMB_TREES_MAX && tree->used != 0; i++) {
        if (table->trees[i].used < tree->used)
            tree = &table->trees[i];
    }
    return tree;
}

struct nta_smb_tree *nta_smb_tree_put(struct nta_smb_table *table, uint32_t id)
{
    struct nta_smb_tree *tree = tree_place(table);

    *tree = (struct nta_smb_tree){.id = id, .used = ++table->clock};
    return tree;
}

void nta_smb_tree_request(struct nta_smb_table *table, uint64_t message, struct nta_span path)
{
    struct nta_smb_tree *tree = tree_place(table);

    *tree = (struct nta_smb_tree){.message = message, .requested = true, .used = ++table->clock};
    tree->len = (uint8_t)nta_smb_utf8(path, tree->text, sizeof(tree->text));
}

struct nta_smb_tree *nta_smb_tree_answer(struct nta_smb_table *table, uint64_t message)
{
    for (size_t i = 0; i < NTA_SMB_TREES_MAX; i++) {
        struct nta_smb_tree *tree = &table->trees[i];

        if (tree->used != 0 && tree->requested && tree->message == message) {
            tree->requested = false;
            return tree;
        }
    }
    return NULL;
}

struct nta_smb_tree *nta_smb_tree_find(struct nta_smb_table *table, uint32_t id)
{
    for (size_t i = 0; i < NTA_SMB_TREES_MAX; i++) {
        struct nta_smb_tree *tree = &table->trees[i];

        if (tree->used != 0 && !tree->requested && tree->id == id) {
            tree->used = ++table->clock;
            return tree;
        }
    }
    return NULL;
}

struct nta_smb_file *nta_smb_file_place(struct nta_smb_table *table)
{
    struct nta_smb_file *oldest = &table->files[0];

    for (size_t i = 0; i < NTA_SMB_FILES_MAX; i++) {
        struct nta_smb_file *file = &table->files[i];

        if (file->serial == 0)
            return file;
        if (file->used < oldest->used)
            oldest = file;
    }
    return oldest;
}

void nta_smb_file_open(struct nta_smb_table *table, struct nta_smb_file *file)
{
    const uint32_t now = ++table->clock;

    *file = (struct nta_smb_file){.serial = now, .used = now};
}

struct nta_smb_file *nta_smb_file_requested(struct nta_smb_table *table, uint64_t message)
{
    for (size_t i = 0; i < NTA_SMB_FILES_MAX; i++) {
        struct nta_smb_file *file = &table->files[i];

        if (file->serial != 0 && file->requested && file->message == message)
            return file;
    }
    return NULL;
}

struct nta_smb_file *nta_smb_file_find(struct nta_smb_table *table, const uint8_t *id)
{
    for (size_t i = 0; i < NTA_SMB_FILES_MAX; i++) {
        struct nta_smb_file *file = &table->files[i];

        if (file->serial != 0 && !file->requested && memcmp(file->id, id, NTA_SMB_ID_LEN) == 0) {
            file->used = ++table->clock;
            return file;
        }
    }
    return NULL;
}

struct nta_smb_ref nta_smb_ref_of(const struct nta_smb_table *table,
                                  const struct nta_smb_file *file)
{
    return (struct nta_smb_ref){.serial = file->serial, .place = (uint8_t)(file - table->files)};
}

struct nta_smb_file *nta_smb_file_of(struct nta_smb_table *table, struct nta_smb_ref ref)
{
    struct nta_smb_file *file = &table->files[ref.place];

    return ref.serial != 0 && file->serial == ref.serial ? file : NULL;
}

void nta_smb_pending_put(struct nta_smb_table *table, struct nta_smb_pending request)
{
    table->pending[table->next_pending++ % NTA_SMB_PENDING_MAX] = request;
}

struct nta_smb_pending nta_smb_pending_take(struct nta_smb_table *table, uint64_t message)
{
    for (size_t i = 0; i < NTA_SMB_PENDING_MAX; i++) {
        struct nta_smb_pending *pending = &table->pending[i], found = *pending;

        if (pending->file.serial != 0 && pending->message == message) {
            *pending = (struct nta_smb_pending){0};
            return found;
        }
    }
    return (struct nta_smb_pending){0};
}
