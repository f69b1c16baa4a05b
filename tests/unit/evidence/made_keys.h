/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a case of the tests is made with: keys in a folder, sealer and opener, and the list whose
 * tree stands in the policy record of batch 1.
 */

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "evidence/proof/each.h"
#include "evidence/seal.h"
#include "unit.h"
#include "vault/seal.h"
#include "vault/tree/log_tree.h"
#include "vault/tree/merkle.h"

#include <ftw.h>
#include <stdlib.h>

#define MADE_NS (INT64_C(1795600000) * NTA_NS_PER_S)

enum
{
    MADE_BATCHES = 6,
    MADE_WANTED = 2 ///< Records of a batch of the incident that go into the case.
};

/** SHA-256 of the list's file, as records have it. */
static const uint8_t made_list[NTA_HASH_LEN] = "thirty-two bytes of some list...";

struct made
{
    char dir[64], keys[128], state[128];
    struct nta_sealer *sealer;
    struct nta_opener *opener;
    struct nta_case *kase;
    struct nta_case_sensor *sensor;
    struct nta_batch batch, opened;
    uint8_t links[MADE_BATCHES][NTA_HASH_LEN], log[NTA_HASH_LEN];
    uint64_t stamp;
    struct nta_trust trust;
    struct nta_err err;
};

static inline int made_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline void made_done(struct made *made)
{
    nta_sealer_free(&made->sealer);
    nta_opener_free(&made->opener);
    nta_case_free(&made->kase);
    nta_trust_done(&made->trust);
    nta_batch_done(&made->batch);
    nta_batch_done(&made->opened);
    if (made->dir[0])
        (void)nftw(made->dir, made_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/** Leaves of the list's three lines: "line a" and so on. */
static inline void made_leaves(uint8_t ret_leaves[3][NTA_HASH_LEN])
{
    for (size_t i = 0; i < 3; i++)
        nta_merkle_leaf(nta_span_of("line "), (struct nta_span){(const uint8_t *)"abc" + i, 1},
                        ret_leaves[i]);
}

static inline void made_keys(struct made *made)
{
    uint8_t leaves[3][NTA_HASH_LEN], root[NTA_HASH_LEN];
    const struct nta_keys_place place = {.keys_dir = made->keys, .state_dir = made->state};
    const struct nta_log_list list = {
        .name = nta_span_of("malware"),
        .sha256 = {made_list, sizeof(made_list)},
        .tree = {root, sizeof(root)},
        .lines = 3,
    };
    const struct nta_record_log log = {.lists = &list, .n_lists = 1};
    const struct nta_record policy = {.event = NTA_RECORD_POLICY, .time_ns = MADE_NS, .log = &log};
    const struct nta_keys_first first = {.batch = &made->batch, .wall_ns = MADE_NS, .clock = 1};
    bool is_made;

    made_leaves(leaves);
    nta_merkle_root(leaves, 3, root);
    nta_batch_clear(&made->batch);
    assert_int_equal(nta_batch_add(&made->batch, &policy), 0);
    made->stamp = nta_case_stamp(nta_batch_record(&made->batch, 0));
    if (nta_keys_init(&place, &first, &is_made, &made->err) < 0 ||
        nta_sealer_new(&place, &made->sealer, &made->err) < 0 ||
        nta_opener_new(made->keys, &made->opener, &made->err) < 0)
        fail_msg("%s", made->err.text);
    nta_batch_clear(&made->batch);
}

/** Line 2 of the list, with its path. */
static inline void made_line(struct made *made)
{
    struct nta_case_line *line = nta_case_add_line(made->kase);
    uint8_t leaves[3][NTA_HASH_LEN], again[3][NTA_HASH_LEN], root[NTA_HASH_LEN];
    uint8_t path[NTA_MERKLE_PATH_MAX][NTA_HASH_LEN];

    made_leaves(leaves);
    memcpy(again, leaves, sizeof(again));
    nta_merkle_root(again, 3, root);
    *line = (struct nta_case_line){
        .tree = {root, sizeof(root)}, .n_lines = 3, .number = 2, .text = nta_span_of("line b")};
    line->path = (struct nta_span){path[0], NTA_HASH_LEN * nta_merkle_path(leaves, 3, 1, path)};
    assert_int_equal(nta_case_keep(made->kase, &line->tree), 0);
    assert_int_equal(nta_case_keep(made->kase, &line->path), 0);
}
