/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Batches of a sensor (pieces.h), and a judge before which they are brought, changed or not. */

#include "pieces.h"

/** A judge that knows the keys, and nothing else. */
static inline void scene_judge(struct scene *scene)
{
    nta_chain_free(&scene->chain);
    nta_findings_free(&scene->findings);
    scene->findings = nta_findings_new();
    scene->chain = nta_chain_new(&scene->trust, scene->findings);
    assert_non_null(scene->chain);
    for (size_t i = 0; i < scene->n_keys; i++)
        assert_true(nta_chain_key(scene->chain, &scene->keys[i].key));
}

/** `n` batches of one trusted sensor, which is another one for each `seed`. */
static inline struct scene *scene_of(uint64_t seed, size_t n)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct nta_trusted trusted = {.name = "here"};

    assert_non_null(scene);
    scene->identity = pair_new(seed);
    scene->signing = scene_pair(scene);
    scene->checkpoint = scene_pair(scene);
    nta_sensor_id(scene->identity.public_key, scene->sensor);
    scene->number = 1;
    struct nta_note note = {.kind = NTA_HEADER_NOTE_CHECKPOINT_KEY};
    struct sealing first = {.second = 10};

    memcpy(note.key, scene->checkpoint.public_key, NTA_KEY_LEN);
    if (scene_format == 2)
        first = (struct sealing){.second = 10,
                                 .class = NTA_CLASS_LOG,
                                 .next = &scene->signing,
                                 .notes = &note,
                                 .n_notes = 1};
    if (n > 0) {
        (void)scene_seal(scene, &first);
        scene_seal_many(scene, n - 1);
    }
    memcpy(trusted.public_key, scene->identity.public_key, NTA_KEY_LEN);
    assert_int_equal(nta_trust_add(&scene->trust, &trusted, &scene->err), 0);
    scene_judge(scene);
    return scene;
}

static inline struct scene *scene_new(size_t n)
{
    return scene_of(1, n);
}

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
