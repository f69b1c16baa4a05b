/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Batches of a sensor, sealed from primitives so that each can be made wrong, and a judge before
 * which they are brought.  Of format 1 or 2, as `scene_format` says.
 */

#include "../vault/forge.h"
#include "base/own.h"
#include "base/text.h"
#include "chain/chain.h"
#include "unit.h"
#include "vault/log_tree.h"
#include "vault/note.h"

#include <stdlib.h>

enum
{
    SCENE_BATCHES = 700,
    SCENE_KEYS = 8
};

#define SCENE_SECOND_NS INT64_C(1000000000)

static unsigned scene_format = 2;

/** A batch by itself. */
struct piece
{
    struct nta_header header;
    struct nta_buf header_bytes, signature, tokens, body;
};

struct scene_key
{
    enum nta_class class;
    int64_t day;
    struct nta_stored_key key;
    struct nta_buf blob;
};

struct scene
{
    struct pair identity, signing; ///< Who signs batch 1 (or all of format 1), who signs next.
    struct pair checkpoint;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t n_pairs;
    struct nta_log_tree log;
    uint8_t previous[NTA_HASH_LEN];
    uint64_t number;                        ///< Of the next batch.
    struct piece pieces[SCENE_BATCHES + 1]; ///< By number.
    size_t n;
    struct scene_key keys[SCENE_KEYS];
    size_t n_keys;
    struct nta_trust trust;
    struct nta_findings *findings;
    struct nta_chain *chain;
    struct nta_err err;
};

static inline void piece_done(struct piece *piece)
{
    nta_buf_done(&piece->header_bytes);
    nta_buf_done(&piece->signature);
    nta_buf_done(&piece->tokens);
    nta_buf_done(&piece->body);
}

static inline void scene_done(struct scene **scene)
{
    struct scene *dead = *scene;

    for (size_t i = 0; i <= SCENE_BATCHES; i++)
        piece_done(&dead->pieces[i]);
    for (size_t i = 0; i < dead->n_keys; i++)
        nta_buf_done(&dead->keys[i].blob);
    nta_chain_free(&dead->chain);
    nta_findings_free(&dead->findings);
    nta_trust_done(&dead->trust);
    free(dead);
    *scene = NULL;
}

static inline struct pair scene_pair(struct scene *scene)
{
    return pair_new(((uint64_t)scene->identity.secret[0] << 32) + ++scene->n_pairs);
}

/* ---- data keys ---- */

static inline void scene_key_make(struct scene *scene, struct scene_key *key)
{
    uint8_t auditor[NTA_KEY_LEN];

    forge_auditor(auditor);
    if (scene_format == 1) {
        key->key.key.made_ns = SCENE_SECOND_NS;
        memset(key->key.key.id, 7, NTA_DATA_KEY_ID_LEN);
        forge_key_1(scene->sensor, &scene->identity, &key->key.key, &key->blob);
        return;
    }
    memcpy(key->key.key.sensor, scene->sensor, NTA_SENSOR_ID_LEN);
    key->key.key.class = key->class;
    key->key.key.day = key->day;
    forge_key_2(&key->key.key, auditor, auditor, &key->blob);
}

/** The data key of a class and day, made when it is first needed. */
static inline struct scene_key *scene_key(struct scene *scene, enum nta_class class, int64_t day)
{
    if (scene_format == 1) {
        class = NTA_CLASS_NONE;
        day = 0;
    }
    for (size_t i = 0; i < scene->n_keys; i++) {
        if (scene->keys[i].class == class && scene->keys[i].day == day)
            return &scene->keys[i];
    }
    assert_true(scene->n_keys < SCENE_KEYS);
    struct scene_key *key = &scene->keys[scene->n_keys++];

    key->class = class;
    key->day = day;
    scene_key_make(scene, key);
    return key;
}

/* ---- batches ---- */

/** What is not as usual. */
struct sealing
{
    int64_t second;        ///< Of its record, and when it was sealed.
    enum nta_class class;  ///< 0: traffic.
    const struct pair *by; ///< Who signs; NULL: whose turn it is.
    const struct pair *next;
    const struct nta_note *notes;
    size_t n_notes;
    uint64_t clock;
    const uint8_t *log; ///< NULL: as it is.
};

/** What the sensor would seal next, but it does not go on behind it. */
static inline void scene_make(struct scene *scene, struct piece *piece,
                              const struct sealing *sealing)
{
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0};
    struct nta_header *header = &piece->header;
    const enum nta_class class = sealing->class ? sealing->class : NTA_CLASS_TRAFFIC;
    const int64_t ns = sealing->second * SCENE_SECOND_NS;
    const struct pair *by = sealing->by                               ? sealing->by
                            : scene_format == 1 || scene->number == 1 ? &scene->identity
                                                                      : &scene->signing;

    *header = (struct nta_header){.version = scene_format, .number = scene->number};
    header->first_ns = header->last_ns = ns;
    header->n_records = 1;
    memcpy(header->sensor, scene->sensor, sizeof(header->sensor));
    memcpy(header->previous, scene->previous, NTA_HASH_LEN);
    memcpy(header->data_key, scene_key(scene, class, nta_day_of(ns))->key.key.id,
           NTA_DATA_KEY_ID_LEN);
    nta_buf_clear(&piece->tokens);
    nta_buf_clear(&piece->body);
    nta_buf_printf(&piece->tokens, "tokens %u", (unsigned)scene->number);
    nta_buf_printf(&piece->body, "body %u of second %d", (unsigned)scene->number,
                   (int)sealing->second);
    forge_hash(nta_buf_span(&piece->tokens), header->tokens_hash);
    forge_hash(nta_buf_span(&piece->body), header->body_hash);
    if (scene_format == 2) {
        header->class = class;
        header->sealed_ns = ns;
        header->clock = sealing->clock;
        nta_log_root(&scene->log, header->log);
        if (sealing->log)
            memcpy(header->log, sealing->log, NTA_HASH_LEN);
        header->has_next = sealing->next != NULL;
        if (sealing->next)
            memcpy(header->next, sealing->next->public_key, NTA_KEY_LEN);
        for (size_t i = 0; i < sealing->n_notes; i++)
            nta_note_encode(&sealing->notes[i], &notes);
        header->notes = nta_buf_span(&notes);
        header->n_notes = sealing->n_notes;
    }
    forge_header(header, by, &piece->header_bytes, &piece->signature);
    if (!nta_header_decode(nta_buf_span(&piece->header_bytes), header))
        fail_msg("the header of batch %u is not one of ours", (unsigned)scene->number);
}

/** Go on behind a piece, as if it were the last. */
static inline void scene_go_on(struct scene *scene, const struct piece *piece)
{
    const struct nta_sealed sealed = {.header = nta_buf_span(&piece->header_bytes),
                                      .signature = nta_buf_span(&piece->signature)};

    nta_header_hash(&sealed, scene->previous);
    nta_log_add(&scene->log, scene->previous);
    scene->number = piece->header.number + 1;
}

/** The next batch. */
static inline struct piece *scene_seal(struct scene *scene, const struct sealing *sealing)
{
    struct piece *piece = &scene->pieces[scene->number];

    assert_true(scene->number <= SCENE_BATCHES);
    scene_make(scene, piece, sealing);
    scene_go_on(scene, piece);
    scene->n = scene->number - 1;
    if (sealing->next)
        scene->signing = *sealing->next;
    return piece;
}

/** So many ordinary ones. */
static inline void scene_seal_many(struct scene *scene, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)scene_seal(scene, &(struct sealing){.second = (int64_t)scene->number * 10});
}

/** An ordinary one that names the next key. */
static inline struct piece *scene_change_key(struct scene *scene)
{
    const struct pair next = scene_pair(scene);

    return scene_seal(scene, &(struct sealing){.second = (int64_t)scene->number * 10,
                                               .class = NTA_CLASS_LOG,
                                               .next = &next});
}

/** One with a note. */
static inline struct piece *scene_note(struct scene *scene, const struct nta_note *note)
{
    return scene_seal(scene, &(struct sealing){.second = (int64_t)scene->number * 10,
                                               .class = NTA_CLASS_LOG,
                                               .notes = note,
                                               .n_notes = 1});
}

/** A note of the identity for the batch that comes next. */
static inline struct nta_note scene_signed_note(const struct scene *scene, struct nta_note note)
{
    assert_int_equal(nta_note_sign(&note, scene->sensor, scene->number, scene->identity.secret), 0);
    return note;
}

/** The key after the last head is lost: the sensor goes on under a new one. */
static inline void scene_lose_key(struct scene *scene)
{
    scene->signing = scene_pair(scene);
}

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
