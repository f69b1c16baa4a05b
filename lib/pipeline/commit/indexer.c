/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/indexer.h"

#include <assert.h>
#include <string.h>

static_assert(NTA_INDEXER_TOKENS + NTA_STORE_TOKENS_MAX / NTA_TOKEN_LEN <= NTA_INDEX_TOKENS_MAX,
              "an index that is noted can be made again");

void nta_indexer_forget(struct nta_indexer *indexer)
{
    for (size_t class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++) {
        nta_index_builder_clear(&indexer->builders[class]);
        nta_index_table_done(&indexer->tables[class]);
    }
}

void nta_indexer_done(struct nta_indexer *indexer)
{
    nta_indexer_forget(indexer);
    nta_buf_done(&indexer->parts);
}

/** The class that has most of what is held, if that is too much; else none. */
static enum nta_class too_large(const struct nta_indexer *indexer)
{
    enum nta_class largest = NTA_CLASS_EVIDENCE;
    size_t n = 0;

    for (size_t class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++) {
        n += indexer->builders[class].n_tokens;
        if (indexer->builders[class].n_tokens > indexer->builders[largest].n_tokens)
            largest = (enum nta_class) class;
    }
    return n > NTA_INDEXER_TOKENS ? largest : NTA_CLASS_NONE;
}

/** It has its table, or one was made now; without memory its batches have none. */
static bool make(struct nta_indexer *indexer, size_t class)
{
    struct nta_index_table *table = &indexer->tables[class];

    if (table->n_parts == 0 && nta_index_build(&indexer->builders[class], table) < 0)
        nta_index_builder_clear(&indexer->builders[class]);
    return table->n_parts > 0;
}

size_t nta_indexer_note(struct nta_indexer *indexer, bool changes_key, struct nta_note *ret_notes,
                        size_t n_max)
{
    const enum nta_class large = too_large(indexer);
    size_t n = 0;

    for (size_t class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && n < n_max; class ++) {
        const struct nta_index_builder *builder = &indexer->builders[class];
        const struct nta_index_table *table = &indexer->tables[class];
        const bool is_due = builder->n_batches == NTA_INDEX_BATCHES_MAX || large == class ||
                            table->n_parts > 0 ||
                            (changes_key && builder->n_batches >= NTA_INDEXER_MIN);

        if (!is_due || !make(indexer, class))
            continue;
        ret_notes[n] = (struct nta_note){
            .kind = NTA_HEADER_NOTE_INDEX, .class = table->class, .day = table->day};
        memcpy(ret_notes[n++].key, table->hash, NTA_HASH_LEN);
    }
    return n;
}

void nta_indexer_make_again(struct nta_indexer *indexer, const struct nta_header *header)
{
    struct nta_note note;

    for (size_t at = 0; nta_header_note(header, at, &note); at++) {
        if (note.kind != NTA_HEADER_NOTE_INDEX || indexer->builders[note.class].n_batches == 0)
            continue;
        struct nta_index_table *table = &indexer->tables[note.class];

        /* what was taken may be less than was there: without a part, or from another run */
        if (nta_index_build(&indexer->builders[note.class], table) == 0 &&
            memcmp(table->hash, note.key, sizeof(table->hash)) != 0)
            nta_index_table_done(table);
    }
}

void nta_indexer_put(struct nta_indexer *indexer, struct nta_stored *stored)
{
    struct nta_note note;

    nta_buf_clear(&indexer->parts);
    for (size_t at = 0; nta_header_note(&stored->header, at, &note); at++) {
        const struct nta_index_table *table =
            note.kind == NTA_HEADER_NOTE_INDEX ? &indexer->tables[note.class] : NULL;

        for (size_t i = 0; table && i < table->n_parts; i++) {
            const struct nta_stored_index part = {.class = table->class,
                                                  .day = table->day,
                                                  .part = (uint32_t)i,
                                                  .bytes = nta_index_table_part(table, i)};

            nta_buf_put(&indexer->parts, &part, sizeof(part));
        }
    }
    /* without memory it is noted and not there: its batches are searched one by one */
    stored->indexes = (const struct nta_stored_index *)(const void *)indexer->parts.ptr;
    stored->n_indexes =
        indexer->parts.failed ? 0 : indexer->parts.len / sizeof(struct nta_stored_index);
}

void nta_indexer_take(struct nta_indexer *indexer, bool changes_key,
                      const struct nta_stored *stored)
{
    struct nta_index_builder *builder = &indexer->builders[stored->header.class];
    struct nta_note note;

    for (size_t at = 0; nta_header_note(&stored->header, at, &note); at++) {
        if (note.kind != NTA_HEADER_NOTE_INDEX)
            continue;
        nta_index_builder_clear(&indexer->builders[note.class]);
        nta_index_table_done(&indexer->tables[note.class]);
    }
    if (changes_key) { /* the next key signs for none of them */
        nta_indexer_forget(indexer);
        return;
    }
    if (indexer->tables[stored->header.class].n_parts > 0)
        return; /* there was no room for its note: it is as it was made */
    if (builder->n_batches > 0 &&
        memcmp(builder->data_key, stored->header.data_key, NTA_DATA_KEY_ID_LEN) != 0)
        nta_index_builder_clear(builder);
    if (builder->n_batches < NTA_INDEX_BATCHES_MAX)
        (void)nta_index_builder_add(builder, &stored->sealed, &stored->header);
}
