/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/overlap.h"

#include "base/hash.h"
#include "base/own.h"
#include "blacklist/file/folder.h"
#include "blacklist/format/documents.h"

#include <errno.h>
#include <stdlib.h>

/** An entry of a list. */
struct claim
{
    uint64_t hash;
    uint32_t list;
};

struct nta_overlap
{
    struct nta_hash_key key;
    struct claim *claims; ///< Owns.
    size_t n_claims, size;
    size_t n_lists;
    bool failed; ///< Memory ran out.
    struct nta_list_reader reader;
    struct nta_list_input input;
    const struct nta_list_file *file;
    uint64_t n[NTA_OVERLAP_LISTS], others[NTA_OVERLAP_LISTS];
    uint64_t pairs[NTA_OVERLAP_LISTS][NTA_OVERLAP_LISTS];
};

int nta_overlap_new(struct nta_overlap **ret_overlap, struct nta_err *err)
{
    NTA_AUTO(nta_overlap_free) struct nta_overlap *overlap = calloc(1, sizeof(*overlap));

    if (!overlap)
        return nta_err_set(err, -ENOMEM, "no memory to compare lists");
    int r = nta_hash_key_random(&overlap->key);

    if (r < 0)
        return nta_err_sys(err, r, "random numbers");
    *ret_overlap = NTA_TAKE(overlap);
    return 0;
}

void nta_overlap_free(struct nta_overlap **overlap)
{
    if (!*overlap)
        return;
    free((*overlap)->claims);
    free(*overlap);
    *overlap = NULL;
}

/** What makes an entry the same as another one, allow or deny. */
static uint64_t hash_of(const struct nta_overlap *overlap, const struct nta_list_entry *entry)
{
    const struct nta_hash_key *key = &overlap->key;
    uint32_t flags = entry->flags & (NTA_VALUE_SELF | NTA_VALUE_SUBS);
    uint64_t hash = (uint64_t)entry->what << 32 | flags | (uint64_t)entry->mark << 40;

    if (entry->what == NTA_ENTRY_RANGE || entry->what == NTA_ENTRY_PORT) {
        hash = (uint64_t)entry->what << 32 | entry->port;
        hash = nta_hash_words(key, hash,
                              nta_hash_bytes(key, entry->first.bytes, sizeof(entry->first.bytes)));
        return nta_hash_words(key, hash,
                              nta_hash_bytes(key, entry->last.bytes, sizeof(entry->last.bytes)));
    }
    hash = nta_hash_words(key, hash, nta_hash_bytes(key, entry->name.ptr, entry->name.len));
    if (entry->what == NTA_ENTRY_URL)
        hash = nta_hash_words(key, hash, nta_hash_bytes(key, entry->path.ptr, entry->path.len));
    return hash;
}

static void take_entry(void *owner, const struct nta_list_entry *entry)
{
    struct nta_overlap *overlap = owner;

    if (entry->what == NTA_ENTRY_BACK || entry->what == NTA_ENTRY_BESIDE)
        return;
    if (overlap->n_claims == overlap->size) {
        size_t size = overlap->size ? 2 * overlap->size : 4096;
        struct claim *larger = reallocarray(overlap->claims, size, sizeof(*larger));

        overlap->failed = overlap->failed || !larger;
        if (overlap->failed)
            return;
        overlap->claims = larger;
        overlap->size = size;
    }
    overlap->claims[overlap->n_claims++] =
        (struct claim){.hash = hash_of(overlap, entry), .list = (uint32_t)overlap->n_lists};
}

static void take_record(void *owner, struct nta_span record, const char *fault)
{
    struct nta_overlap *overlap = owner;

    if (!fault && !overlap->failed)
        (void)nta_list_line(&overlap->reader, record);
}

static void take_line(void *owner, struct nta_span line, bool is_cut)
{
    struct nta_overlap *overlap = owner;

    if (overlap->file->json)
        nta_list_input_json(&overlap->input, line);
    else
        nta_list_records_line(&overlap->input.records, line, is_cut);
    overlap->failed = overlap->failed || overlap->input.records.failed;
}

/** Read a file of a list, or all of it. */
static int read_file(struct nta_overlap *overlap, const struct nta_list_source *source,
                     struct nta_err *err)
{
    struct nta_list_file file = {0};
    uint64_t line;

    nta_list_reader_init(&overlap->reader);
    overlap->reader.entry = take_entry;
    overlap->reader.owner = overlap;
    overlap->reader.column = source->column;
    overlap->reader.allow = source->allow;
    overlap->reader.force = source->force;
    overlap->file = &file;
    overlap->input = (struct nta_list_input){
        .records = {.reader = &overlap->reader, .record = take_record, .owner = overlap}};
    int r = nta_list_file_read(source, take_line, overlap, &file, err);

    (void)nta_list_input_end(&overlap->input, &line); /* whoever loaded it has said so */
    nta_list_input_done(&overlap->input);
    return r;
}

static int read_folder(struct nta_overlap *overlap, const struct nta_list_source *source,
                       struct nta_err *err)
{
    NTA_AUTO(nta_list_folder_done) struct nta_list_folder folder = {.files = NULL};
    int r = nta_list_folder_read(source, &folder, err);

    for (size_t i = 0; r == 0 && i < folder.n_files; i++) {
        struct nta_list_source one = nta_list_folder_source(source, &folder.files[i]);

        if (folder.files[i].kind == NTA_FOLDER_LINES)
            r = read_file(overlap, &one, err);
    }
    return r;
}

int nta_overlap_add(struct nta_overlap *overlap, const struct nta_list_source *source,
                    struct nta_err *err)
{
    if (overlap->n_lists == NTA_OVERLAP_LISTS)
        return nta_err_set(err, -E2BIG, "more than %d lists", (int)NTA_OVERLAP_LISTS);
    int r = nta_list_is_folder(source) ? read_folder(overlap, source, err)
                                       : read_file(overlap, source, err);

    overlap->n_lists++;
    if (r == 0 && overlap->failed)
        return nta_err_set(err, -ENOMEM, "no memory to compare lists");
    return r;
}

static int compare(const void *a, const void *b)
{
    const struct claim *one = a, *two = b;

    if (one->hash != two->hash)
        return one->hash < two->hash ? -1 : 1;
    return (one->list > two->list) - (one->list < two->list);
}

/** All lists that have one entry, each as often as it says it, in order. */
static void count_same(struct nta_overlap *overlap, const struct claim *claims, size_t n)
{
    uint32_t lists[NTA_OVERLAP_LISTS];
    size_t n_lists = 0;

    for (size_t i = 0; i < n; i++) {
        if (n_lists > 0 && lists[n_lists - 1] == claims[i].list)
            overlap->pairs[claims[i].list][claims[i].list]++; /* once more */
        else
            lists[n_lists++] = claims[i].list;
    }
    for (size_t i = 0; i < n_lists; i++) {
        overlap->n[lists[i]]++;
        overlap->others[lists[i]] += n_lists > 1;
        for (size_t j = i + 1; j < n_lists; j++)
            overlap->pairs[lists[i]][lists[j]]++;
    }
}

void nta_overlap_count(struct nta_overlap *overlap)
{
    size_t end;

    if (overlap->n_claims > 0)
        qsort(overlap->claims, overlap->n_claims, sizeof(*overlap->claims), compare);
    for (size_t i = 0; i < overlap->n_claims; i = end) {
        for (end = i + 1; end < overlap->n_claims; end++) {
            if (overlap->claims[end].hash != overlap->claims[i].hash)
                break;
        }
        count_same(overlap, &overlap->claims[i], end - i);
    }
}

uint64_t nta_overlap_n(const struct nta_overlap *overlap, size_t list)
{
    return overlap->n[list];
}

uint64_t nta_overlap_pair(const struct nta_overlap *overlap, size_t one, size_t other)
{
    return one < other ? overlap->pairs[one][other] : overlap->pairs[other][one];
}

uint64_t nta_overlap_others(const struct nta_overlap *overlap, size_t list)
{
    return overlap->others[list];
}
