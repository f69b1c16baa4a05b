/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sealed batches of a real sealer, and a judge before which they are brought, changed or not. */

#include "base/own.h"
#include "base/text.h"
#include "chain/chain.h"
#include "record/record.h"
#include "unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

enum
{
    SCENE_BATCHES = 600
};

/** A batch by itself. */
struct piece
{
    struct nta_header header;
    struct nta_buf header_bytes, signature, tokens, body;
};

struct scene
{
    char dir[64];
    struct nta_sealer *sealer;
    struct nta_batch batch;
    struct piece pieces[SCENE_BATCHES + 1]; ///< By number.
    size_t n;
    struct nta_stored_key key;
    struct nta_buf key_blob;
    struct nta_trust trust;
    struct nta_findings *findings;
    struct nta_chain *chain;
    struct nta_err err;
};

static inline int scene_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

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
    nta_buf_done(&dead->key_blob);
    nta_chain_free(&dead->chain);
    nta_findings_free(&dead->findings);
    nta_trust_done(&dead->trust);
    nta_sealer_free(&dead->sealer);
    nta_batch_done(&dead->batch);
    (void)nftw(dead->dir, scene_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(dead);
    *scene = NULL;
}

static inline void buf_set(struct nta_buf *buf, struct nta_span span)
{
    nta_buf_clear(buf);
    nta_buf_put(buf, span.ptr, span.len);
}

/** Seal one record as the next batch; its time is `second`. */
static inline void scene_seal(struct scene *scene, struct piece *piece, int64_t second)
{
    struct nta_record record = {.event = NTA_RECORD_FLOW,
                                .time_ns = second * 1000000000,
                                .end_ns = second * 1000000000,
                                .site = nta_span_of("example.com")};
    struct nta_sealed sealed;

    assert_int_equal(nta_addr_parse("10.9.0.5", 8, &record.user.addr), 0);
    nta_batch_clear(&scene->batch);
    assert_int_equal(nta_batch_add(&scene->batch, &record), 0);
    if (nta_sealer_seal(scene->sealer, &scene->batch, &sealed, &piece->header, &scene->err) < 0)
        fail_msg("%s", scene->err.text);
    buf_set(&piece->header_bytes, sealed.header);
    buf_set(&piece->signature, sealed.signature);
    buf_set(&piece->tokens, sealed.tokens);
    buf_set(&piece->body, sealed.body);
    nta_sealer_commit(scene->sealer);
}

/** A judge that knows the keys; `fresh` also forgets what was found. */
static inline void scene_judge(struct scene *scene)
{
    nta_chain_free(&scene->chain);
    nta_findings_free(&scene->findings);
    scene->findings = nta_findings_new();
    scene->chain = nta_chain_new(&scene->trust, scene->findings);
    assert_non_null(scene->chain);
    assert_true(nta_chain_key(scene->chain, &scene->key));
}

/** `n` batches of one trusted sensor. */
static inline struct scene *scene_new(size_t n)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct nta_trusted trusted = {.name = "here"};
    const uint8_t zeros[NTA_HASH_LEN] = {0};
    bool made;

    assert_non_null(scene);
    (void)snprintf(scene->dir, sizeof(scene->dir), "/tmp/nta-chain-XXXXXX");
    assert_non_null(mkdtemp(scene->dir));
    if (nta_keys_init(scene->dir, &made, &scene->err) < 0)
        fail_msg("%s", scene->err.text);
    assert_int_equal(nta_sealer_new(scene->dir, &scene->sealer, &scene->err), 0);
    nta_sealer_continue(scene->sealer, 1, zeros);
    nta_batch_init(&scene->batch);
    assert_int_equal(nta_sealer_new_key(scene->sealer, 1000000000, &scene->key.key, &scene->err),
                     0);
    buf_set(&scene->key_blob, scene->key.key.blob);
    scene->key.key.blob = nta_buf_span(&scene->key_blob);
    for (scene->n = 0; scene->n < n; scene->n++)
        scene_seal(scene, &scene->pieces[scene->n + 1], (int64_t)(scene->n + 1) * 10);
    assert_int_equal(nta_keys_sensor_public(scene->dir, trusted.public_key, &scene->err), 0);
    assert_int_equal(nta_trust_add(&scene->trust, &trusted, &scene->err), 0);
    scene_judge(scene);
    return scene;
}

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
