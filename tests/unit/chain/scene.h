/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Batches of a sensor, sealed from primitives so that each can be made wrong, and a judge before
 * which they are brought.  Of format 1 or 2, as `scene_format` says.
 */

#include "scene_seal.h"

/* ---- before the judge ---- */

static inline struct nta_stored row_of(const struct piece *piece)
{
    return (struct nta_stored){
        .header = piece->header,
        .sealed = {.header = nta_buf_span(&piece->header_bytes),
                   .signature = nta_buf_span(&piece->signature),
                   .tokens = nta_buf_span(&piece->tokens),
                   .body = nta_buf_span(&piece->body)},
        .is_whole = true,
    };
}

static inline struct nta_stored row_at(const struct scene *scene, size_t number)
{
    return row_of(&scene->pieces[number]);
}

/** The link of a batch. */
static inline void link_of(const struct piece *piece, uint8_t ret_hash[NTA_HASH_LEN])
{
    const struct nta_stored row = row_of(piece);

    nta_header_hash(&row.sealed, ret_hash);
}

/** The three steps. */
static inline struct nta_verdict bring(struct scene *scene, struct nta_stored row, bool wanted)
{
    struct nta_verdict verdict;

    row.is_whole = row.is_whole && wanted;
    nta_chain_look(scene->chain, &row, false, &verdict);
    assert_int_equal(
        nta_chain_prove(scene->chain, &row, wanted ? NTA_CHAIN_NOW : NTA_CHAIN_PASS, &verdict), 0);
    nta_chain_complete(scene->chain, &row, &verdict);
    return verdict;
}

static inline void bring_all(struct scene *scene, size_t from, size_t to, bool wanted)
{
    for (size_t i = from; i <= to; i++)
        assert_true(bring(scene, row_at(scene, i), wanted).shows);
}

/** Key changes first, as a walk does it. */
static inline void learn(struct scene *scene, size_t from, size_t to)
{
    for (size_t i = from; i <= to; i++) {
        const struct nta_stored row = row_at(scene, i);

        assert_int_equal(nta_chain_learn(scene->chain, &row), 0);
    }
}

/** All of it in its order, `wanted` or not: how many are shown. */
static inline size_t bring_learnt(struct scene *scene, size_t from, size_t to, bool wanted)
{
    size_t n = 0;

    learn(scene, from, to);
    for (size_t i = from; i <= to; i++)
        n += bring(scene, row_at(scene, i), wanted).shows;
    return n;
}

static inline void end(struct scene *scene)
{
    const struct nta_chain_end all = {.wants_given = true};

    assert_int_equal(nta_chain_end(scene->chain, &all), 0);
}

static inline uint64_t n_of(const struct scene *scene, enum nta_finding_kind kind)
{
    return nta_findings_of_kind(scene->findings, kind);
}

static inline uint64_t n_wrong(const struct scene *scene)
{
    return nta_findings_of(scene->findings, NTA_WRONG);
}

static inline uint64_t n_told(const struct scene *scene)
{
    return nta_findings_of(scene->findings, NTA_TOLD);
}
