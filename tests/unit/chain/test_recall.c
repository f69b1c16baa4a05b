/* SPDX-License-Identifier: Apache-2.0 */
/* What was proved before is found again by its tree, and counts as signed where nobody looks. */
#include "chain/recall.h"
#include "scene.h"

enum
{
    N = 12,
    UNSIGNED = 7, ///< Nobody signed it, and those behind it go on from it.
    SEEN = 10
};

/** 1 to `n`, of which one is not signed: only who looks at its signature knows. */
static struct scene *scene_with(size_t n, size_t unsigned_one)
{
    struct scene *scene = scene_new(unsigned_one - 1);
    struct piece *piece = &scene->pieces[unsigned_one];

    scene_make(scene, piece, &(struct sealing){.second = (int64_t)unsigned_one * 10});
    piece->signature.ptr[5] ^= 1;
    scene_go_on(scene, piece);
    scene_seal_many(scene, n - unsigned_one);
    scene_judge(scene);
    return scene;
}

#define SCENE(unsigned_one) NTA_AUTO(scene_done) struct scene *scene = scene_with(N, (unsigned_one))

static void root_at(const struct scene *scene, size_t n, uint8_t ret_root[NTA_HASH_LEN])
{
    struct nta_log_tree log = {.n = 0};
    uint8_t link[NTA_HASH_LEN];

    for (size_t i = 1; i <= n; i++) {
        link_of(&scene->pieces[i], link);
        nta_log_add(&log, link);
    }
    nta_log_root(&log, ret_root);
}

/** Somebody's nta saw the tree up to there. */
static void see(struct scene *scene, size_t n, uint8_t root[NTA_HASH_LEN])
{
    assert_false(nta_chain_recall_seen(scene->chain));
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_SEEN, scene->sensor,
                                      &(struct nta_expected){.number = n, .root = root}),
                     0);
    assert_true(nta_chain_recall_seen(scene->chain));
}

static void see_as_it_is(struct scene *scene, size_t n)
{
    uint8_t root[NTA_HASH_LEN];

    root_at(scene, n, root);
    see(scene, n, root);
}

static void recall_some(struct scene *scene, size_t from, size_t to)
{
    for (size_t i = from; i <= to; i++) {
        const struct nta_stored row = row_at(scene, i);

        nta_chain_recall(scene->chain, &row);
    }
}

static void recall(struct scene *scene, size_t from, size_t to)
{
    learn(scene, from, to);
    recall_some(scene, from, to);
    nta_chain_recall_end(scene->chain);
}

static void bring_some(struct scene *scene, size_t from, size_t to)
{
    for (size_t i = from; i <= to; i++)
        (void)bring(scene, row_at(scene, i), false);
    end(scene);
}

/** How many headers are said not to be signed, or to be changed. */
static uint64_t n_unsigned(const struct scene *scene)
{
    return n_of(scene, NTA_FINDING_SIGNATURE) + n_of(scene, NTA_FINDING_UNPROVED);
}

static void what_was_seen_counts_as_signed(void **state)
{
    SCENE(UNSIGNED);
    struct nta_chain_sensor sensor;
    uint8_t root[NTA_HASH_LEN];

    (void)state;
    see_as_it_is(scene, SEEN);
    recall(scene, 1, N);
    bring_all(scene, 1, N, false);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    /* and the walk's own tree is that of all */
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    nta_log_root(&scene->log, root);
    assert_true(sensor.has_root);
    assert_memory_equal(sensor.root, root, NTA_HASH_LEN);
}

/** Nobody is shown anything because of what a file in his home says. */
static void what_is_wanted_has_its_own_signature_looked_at(void **state)
{
    SCENE(UNSIGNED);

    (void)state;
    see_as_it_is(scene, SEEN);
    recall(scene, 1, N);
    for (size_t i = 1; i <= N; i++)
        assert_int_equal(bring(scene, row_at(scene, i), true).shows, i != UNSIGNED);
    end(scene);
    assert_true(n_wrong(scene) > 0);
}

static void without_it_each_signature_is_looked_at(void **state)
{
    SCENE(UNSIGNED);

    (void)state;
    recall(scene, 1, N); /* nothing was seen */
    bring_some(scene, 1, N);
    assert_int_equal(n_unsigned(scene), 1);
}

static void what_comes_behind_it_is_looked_at(void **state)
{
    SCENE(SEEN + 1);

    (void)state;
    see_as_it_is(scene, SEEN);
    recall(scene, 1, N);
    bring_some(scene, 1, N);
    assert_int_equal(n_unsigned(scene), 1);
}

static void another_tree_is_not_recalled(void **state)
{
    SCENE(UNSIGNED);
    uint8_t root[NTA_HASH_LEN];

    (void)state;
    root_at(scene, SEEN, root);
    root[9] ^= 1;
    see(scene, SEEN, root);
    recall(scene, 1, N);
    bring_some(scene, 1, N);
    assert_int_equal(n_unsigned(scene), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_SEEN), 1);
}

/** One header was changed since: each signature is looked at again, and it is found. */
static void one_that_was_changed_since_is_found(void **state)
{
    (void)state;
    for (size_t changed = 1; changed <= SEEN; changed++) {
        NTA_AUTO(scene_done) struct scene *scene = scene_new(N);

        see_as_it_is(scene, SEEN);
        scene->pieces[changed].signature.ptr[5] ^= 1;
        recall(scene, 1, N);
        bring_some(scene, 1, N);
        assert_true(n_unsigned(scene) > 0);
    }
}

/** Changed between the look at all headers and the walk: the walk comes upon another tree. */
static void one_that_is_changed_behind_it_is_said(void **state)
{
    (void)state;
    for (size_t changed = 2; changed <= SEEN; changed++) {
        NTA_AUTO(scene_done) struct scene *scene = scene_new(N);

        see_as_it_is(scene, SEEN);
        recall(scene, 1, N);
        scene->pieces[changed].signature.ptr[5] ^= 1;
        bring_some(scene, 1, N);
        assert_int_equal(n_of(scene, NTA_FINDING_SEEN), 1);
    }
}

static void one_that_is_missing_or_out_of_order_recalls_nothing(void **state)
{
    static const size_t orders[][N] = {
        {1, 2, 3, 4, 6, 5, 7, 8, 9, 10, 11, 12},
        {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12},
        {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12},
        {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 12},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(orders); i++) {
        SCENE(UNSIGNED);

        see_as_it_is(scene, SEEN);
        for (size_t at = 0; at < N; at++)
            recall_some(scene, orders[i][at], orders[i][at]);
        nta_chain_recall_end(scene->chain);
        bring_some(scene, 1, N);
        assert_int_equal(n_unsigned(scene), 1);
    }
}

/** MySQL has the first ones, the journal the last ones, and some are in both. */
static void two_stores_have_it_together(void **state)
{
    SCENE(UNSIGNED);

    (void)state;
    see_as_it_is(scene, SEEN);
    recall_some(scene, 1, 8);
    recall_some(scene, 6, N);
    nta_chain_recall_end(scene->chain);
    bring_some(scene, 1, N);
    assert_int_equal(n_wrong(scene), 0);
}

/** The journal has another one of a number than MySQL: it is nobody's, and not the sensor's. */
static void another_one_of_a_number_is_looked_at(void **state)
{
    NTA_AUTO(scene_done) struct scene *scene = scene_new(N);

    (void)state;
    see_as_it_is(scene, SEEN);
    recall(scene, 1, N);
    bring_all(scene, 1, N, false);
    nta_chain_turn(scene->chain);
    scene->pieces[UNSIGNED].signature.ptr[5] ^= 1;
    bring_some(scene, UNSIGNED, UNSIGNED);
    assert_int_equal(n_unsigned(scene), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_REPEAT), 0);
}

/** A tree has zeros for what is lost to its sensor: it proves nothing of such a row. */
static void what_is_lost_is_looked_at(void **state)
{
    NTA_AUTO(scene_done) struct scene *scene = scene_new(5);
    struct nta_log_tree log = scene->log;
    uint8_t previous[NTA_HASH_LEN], root[NTA_HASH_LEN];
    const struct nta_note note = {
        .kind = NTA_HEADER_NOTE_LOST, .from = 6, .to = 8, .reason = NTA_LOST_FILE_REMOVED};

    (void)state;
    memcpy(previous, scene->previous, sizeof(previous));
    scene_seal_many(scene, 3);
    scene->log = log;
    assert_true(nta_log_add_lost(&scene->log, 3));
    memcpy(scene->previous, previous, sizeof(previous));
    (void)scene_note(scene, &note);
    scene_seal_many(scene, 3);
    scene_judge(scene);
    nta_log_root(&scene->log, root);
    see(scene, N, root);
    scene->pieces[7].signature.ptr[5] ^= 1; /* lost, and no leaf */
    recall(scene, 1, N);
    bring_some(scene, 1, N);
    assert_int_equal(n_unsigned(scene), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_SEEN), 0);
}

/** The identity says of old batches who signed them, or that it counts no more. */
static void what_the_identity_says_since_then_recalls_nothing(void **state)
{
    (void)state;
    for (int renews = 0; renews < 2; renews++) {
        NTA_AUTO(scene_done) struct scene *scene = scene_with(SEEN, UNSIGNED);
        struct nta_note note = {.kind = renews ? NTA_HEADER_NOTE_IDENTITY : NTA_HEADER_NOTE_ADOPTED,
                                .from = renews ? 0 : SEEN};

        memcpy(note.key, renews ? scene_pair(scene).public_key : scene->signing.public_key,
               NTA_KEY_LEN);
        note = scene_signed_note(scene, note);
        (void)scene_note(scene, &note);
        scene_seal_many(scene, 1);
        scene_judge(scene);
        see_as_it_is(scene, SEEN);
        recall(scene, 1, N);
        bring_some(scene, 1, N);
        assert_int_equal(n_unsigned(scene), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_seen_counts_as_signed),
        cmocka_unit_test(what_is_wanted_has_its_own_signature_looked_at),
        cmocka_unit_test(without_it_each_signature_is_looked_at),
        cmocka_unit_test(what_comes_behind_it_is_looked_at),
        cmocka_unit_test(another_tree_is_not_recalled),
        cmocka_unit_test(one_that_was_changed_since_is_found),
        cmocka_unit_test(one_that_is_changed_behind_it_is_said),
        cmocka_unit_test(one_that_is_missing_or_out_of_order_recalls_nothing),
        cmocka_unit_test(two_stores_have_it_together),
        cmocka_unit_test(another_one_of_a_number_is_looked_at),
        cmocka_unit_test(what_is_lost_is_looked_at),
        cmocka_unit_test(what_the_identity_says_since_then_recalls_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
