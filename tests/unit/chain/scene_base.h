/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a scene (scene.h) has: a sensor's keys, its batches, and a judge.  Of format 1 or 2. */

#include "../vault/forge.h"
#include "base/own.h"
#include "base/text.h"
#include "chain/chain.h"
#include "unit.h"
#include "vault/note.h"
#include "vault/tree/log_tree.h"

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
