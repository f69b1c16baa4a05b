/* SPDX-License-Identifier: Apache-2.0 */
#include "search/inclusion.h"

#include "base/own.h"
#include "vault/note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum
{
    LOST_MAX = 1 << 24, ///< Lost numbers that are counted through.
    DONE = 1
};

static const uint8_t no_link[NTA_HASH_LEN];

/** Links in the order of their numbers, out of two stores. */
struct linking
{
    struct nta_store *other; ///< Which has what the one that is walked through lacks; NULL: none.
    const struct nta_tree_head *head;
    struct nta_log_proof *proofs; ///< So many that are made together.
    size_t n_proofs;
    struct nta_inclusion *wanted; ///< For each proof, whose link is asked for; NULL: none is.
    uint64_t next;                ///< The number that comes.
    uint64_t to;                  ///< While another store fills a hole: its last number.
};

static void take(struct linking *linking, const uint8_t link[NTA_HASH_LEN])
{
    for (size_t i = 0; i < linking->n_proofs; i++) {
        if (linking->wanted && linking->next == linking->wanted[i].number)
            memcpy(linking->wanted[i].link, link, NTA_HASH_LEN);
        nta_log_proof_add(&linking->proofs[i], link);
    }
    linking->next++;
}

/** Rows from the next number on, headers and signatures alone. */
static int walk(struct linking *linking, struct nta_store *store, nta_store_each_fn *each,
                struct nta_err *err)
{
    const struct nta_store_query query = {.sensor = linking->head->sensor,
                                          .from_number = linking->next,
                                          .wants = nta_store_wants_none};
    int r = nta_store_each(store, &query, each, linking, err);

    return r == DONE ? 0 : r;
}

static void take_row(struct linking *linking, const struct nta_stored *row)
{
    uint8_t link[NTA_HASH_LEN];

    nta_header_hash(&row->sealed, link);
    take(linking, link);
}

/** Neither is a row to hang on to: its header is damaged, or its number was there. */
static bool passes_over(const struct linking *linking, const struct nta_stored *row)
{
    return row->faults & NTA_ROW_HEADER || row->header.number < linking->next;
}

static int on_fill(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct linking *linking = owner;

    (void)err;
    if (passes_over(linking, row))
        return 0;
    if (row->header.number != linking->next)
        return DONE;
    take_row(linking, row);
    return linking->next > linking->to ? DONE : 0;
}

/** The numbers up to the header's are lost, as it says. */
static int take_lost(struct linking *linking, const struct nta_header *header, struct nta_err *err)
{
    const uint64_t to =
        header->number - 1 < linking->head->n ? header->number - 1 : linking->head->n;
    struct nta_note note;

    for (size_t i = 0; nta_header_note(header, i, &note); i++) {
        if (note.kind != NTA_HEADER_NOTE_LOST || note.from > linking->next ||
            note.to != header->number - 1)
            continue;
        if (to - linking->next >= LOST_MAX)
            return nta_err_set(err, -E2BIG, "batches from %" PRIu64 " on: too many are lost",
                               linking->next);
        while (linking->next <= to)
            take(linking, no_link);
        return 0;
    }
    return nta_err_set(err, -ENODATA, "batch %" PRIu64 " is missing", linking->next);
}

static int on_row(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct linking *linking = owner;
    int r = 0;

    if (passes_over(linking, row))
        return 0;
    if (row->header.number > linking->next && linking->other) {
        linking->to =
            row->header.number - 1 < linking->head->n ? row->header.number - 1 : linking->head->n;
        r = walk(linking, linking->other, on_fill, err);
    }
    if (r == 0 && linking->next <= linking->head->n && row->header.number > linking->next)
        r = take_lost(linking, &row->header, err);
    if (r < 0 || linking->next > linking->head->n)
        return r < 0 ? r : DONE;
    take_row(linking, row);
    return linking->next > linking->head->n ? DONE : 0;
}

/** All links of the tree, once. */
static int take_all(struct nta_stores *stores, struct linking *linking, struct nta_err *err)
{
    struct nta_store *first = stores->mysql ? stores->mysql : stores->journal;
    int r = 0;

    linking->next = 1;
    linking->other = first == stores->journal ? NULL : stores->journal;
    if (first)
        r = walk(linking, first, on_row, err);
    if (r == 0 && linking->other && linking->next <= linking->head->n) {
        struct nta_store *rest = linking->other;

        linking->other = NULL;
        r = walk(linking, rest, on_row, err);
    }
    if (r == 0 && linking->next <= linking->head->n)
        r = nta_err_set(err, -ENODATA, "batch %" PRIu64 " is missing", linking->next);
    return r;
}

static int give(const struct nta_log_proof *proof, bool holds, uint64_t n,
                struct nta_tree_proof *ret_proof, struct nta_err *err)
{
    if (!nta_log_proof_is_whole(proof) || !holds)
        return nta_err_set(
            err, -EBADMSG,
            "the batches that are there do not make the tree of %" PRIu64 " that is known", n);
    ret_proof->n = proof->n;
    memcpy(ret_proof->hashes, proof->hashes, sizeof(ret_proof->hashes));
    return 0;
}

static struct nta_span path_of(const struct nta_log_proof *proof)
{
    return (struct nta_span){.ptr = proof->hashes[0], .len = proof->n * NTA_HASH_LEN};
}

int nta_stores_prove_inclusions(struct nta_stores *stores, const struct nta_tree_head *head,
                                struct nta_inclusion *inclusions, size_t n, struct nta_err *err)
{
    NTA_AUTO_FREE struct nta_log_proof *proofs = calloc(n ? n : 1, sizeof(*proofs));
    struct linking linking = {.head = head, .proofs = proofs, .n_proofs = n, .wanted = inclusions};

    if (!proofs)
        return nta_err_sys(err, -ENOMEM, "proof");
    for (size_t i = 0; i < n; i++) {
        const uint64_t number = inclusions[i].number;

        if (number == 0 || !nta_log_prove_inclusion(&proofs[i], number - 1, head->n))
            return nta_err_set(err, -EINVAL, "a tree of %" PRIu64 " has no batch %" PRIu64, head->n,
                               number);
    }
    int r = take_all(stores, &linking, err);

    for (size_t i = 0; i < n && r == 0; i++)
        r = give(&proofs[i],
                 nta_log_check_inclusion(inclusions[i].link, inclusions[i].number - 1, head->n,
                                         path_of(&proofs[i]), head->root),
                 head->n, &inclusions[i].proof, err);
    return r;
}

int nta_stores_prove_inclusion(struct nta_stores *stores, const struct nta_tree_head *head,
                               uint64_t number, uint8_t ret_link[NTA_HASH_LEN],
                               struct nta_tree_proof *ret_proof, struct nta_err *err)
{
    struct nta_inclusion inclusion = {.number = number};
    int r = nta_stores_prove_inclusions(stores, head, &inclusion, 1, err);

    if (r < 0)
        return r;
    memcpy(ret_link, inclusion.link, NTA_HASH_LEN);
    *ret_proof = inclusion.proof;
    return 0;
}

int nta_stores_prove_consistency(struct nta_stores *stores, const struct nta_tree_head *old,
                                 const struct nta_tree_head *head, struct nta_tree_proof *ret_proof,
                                 struct nta_err *err)
{
    struct nta_log_proof proof;
    struct linking linking = {.head = head, .proofs = &proof, .n_proofs = 1};

    if (memcmp(old->sensor, head->sensor, NTA_SENSOR_ID_LEN) != 0 ||
        !nta_log_prove_consistency(&proof, old->n, head->n))
        return nta_err_set(err, -EINVAL,
                           "a tree of %" PRIu64 " is not the beginning of one of %" PRIu64, old->n,
                           head->n);
    int r = take_all(stores, &linking, err);

    return r < 0 ? r
                 : give(&proof,
                        nta_log_check_consistency(old->n, old->root, head->n, head->root,
                                                  path_of(&proof)),
                        head->n, ret_proof, err);
}
