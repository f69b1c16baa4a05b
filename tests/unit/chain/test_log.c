/* SPDX-License-Identifier: Apache-2.0 */
/* The tree over links: of each header, noted ones, and what is lost. */
#include "scene.h"

#define SCENE(n) NTA_AUTO(scene_done) struct scene *scene = scene_new(n)

static void the_tree_is_that_over_all_links(void **state)
{
    SCENE(300);
    struct nta_chain_sensor sensor;
    uint8_t root[NTA_HASH_LEN];

    (void)state;
    bring_all(scene, 1, 300, false);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    nta_log_root(&scene->log, root);
    assert_true(sensor.has_root);
    assert_memory_equal(sensor.root, root, NTA_HASH_LEN);
    assert_true(sensor.has_checkpoint_key);
    assert_memory_equal(sensor.checkpoint_key, scene->checkpoint.public_key, NTA_KEY_LEN);
    assert_memory_equal(nta_chain_checkpoint_key(scene->chain, scene->sensor),
                        scene->checkpoint.public_key, NTA_KEY_LEN);
}

/** A sensor whose tree is of other batches by one says so, be it linked or not. */
static void a_tree_that_is_wrong_by_one_leaf_is_said(void **state)
{
    (void)state;
    for (size_t wrong = 1; wrong <= 9; wrong++) {
        SCENE(9);
        struct nta_log_tree log = {.n = 0};
        uint8_t root[NTA_HASH_LEN], link[NTA_HASH_LEN];

        for (size_t i = 1; i <= 9; i++) {
            link_of(&scene->pieces[i], link);
            link[9] ^= i == wrong;
            nta_log_add(&log, link);
        }
        nta_log_root(&log, root);
        (void)scene_seal(scene, &(struct sealing){.second = 100, .log = root});
        scene_seal_many(scene, 2);
        scene_judge(scene);
        bring_all(scene, 1, 12, false);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_LOG), 1);
        assert_int_equal(n_wrong(scene), 1);
    }
}

/** Its successor names its link, and the tree that it signs says that it was that one. */
static void the_tree_goes_on_over_one_that_is_missing(void **state)
{
    SCENE(20);
    struct nta_chain_sensor sensor;
    uint8_t root[NTA_HASH_LEN];

    (void)state;
    nta_log_root(&scene->log, root);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                                      &(struct nta_expected){.number = 20, .root = root}),
                     0);
    for (size_t i = 1; i <= 20; i++) {
        if (i != 7)
            (void)bring(scene, row_at(scene, i), false);
    }
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_HOLE), 1);
    assert_int_equal(n_wrong(scene), 1); /* the tree that was noted is this one's */
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_int_equal(sensor.whole_to, 6);
    assert_false(sensor.has_root);
}

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

static void noted_trees_are_met_or_said(void **state)
{
    static const struct
    {
        uint64_t number;
        bool is_other;
        size_t hole, hole_to; ///< Numbers that do not come; 0: all do.
        uint64_t n_noted, n_unseen;
    } cases[] = {
        {1, false, 0, 0, 0, 0}, {5, false, 0, 0, 0, 0},  {12, false, 0, 0, 0, 0},
        {5, true, 0, 0, 1, 0},  {12, true, 0, 0, 1, 0},  {13, true, 0, 0, 1, 0},
        {9, false, 3, 6, 0, 1}, {12, false, 3, 6, 0, 1}, /* nobody can tell, */
        {9, true, 3, 6, 1, 0}, /* but the next header signs that it is another */
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        SCENE(12);
        uint8_t root[NTA_HASH_LEN];

        root_at(scene, cases[i].number > 12 ? 12 : cases[i].number, root);
        root[3] ^= cases[i].is_other;
        assert_int_equal(
            nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                             &(struct nta_expected){.number = cases[i].number, .root = root}),
            0);
        for (size_t at = 1; at <= 12; at++) {
            if (at < cases[i].hole || at > cases[i].hole_to)
                (void)bring(scene, row_at(scene, at), false);
        }
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_NOTED), cases[i].n_noted);
        assert_int_equal(n_of(scene, NTA_FINDING_UNSEEN), cases[i].n_unseen);
    }
}

/* ---- lost numbers ---- */

enum
{
    LOST_FROM = 6,
    LOST_TO = 9
};

/** 1 to 12, of which LOST_FROM to LOST_TO are lost to the sensor, as the one behind them notes. */
static struct scene *lost_scene(void)
{
    struct scene *scene = scene_new(LOST_FROM - 1);
    struct nta_log_tree log = scene->log;
    uint8_t previous[NTA_HASH_LEN];
    const struct nta_note note = {.kind = NTA_HEADER_NOTE_LOST,
                                  .from = LOST_FROM,
                                  .to = LOST_TO,
                                  .reason = NTA_LOST_FILE_REMOVED};

    memcpy(previous, scene->previous, sizeof(previous));
    scene_seal_many(scene, LOST_TO - LOST_FROM + 1);
    scene->log = log;
    assert_true(nta_log_add_lost(&scene->log, LOST_TO - LOST_FROM + 1));
    memcpy(scene->previous, previous, sizeof(previous));
    (void)scene_note(scene, &note);
    scene_seal_many(scene, 2);
    scene_judge(scene);
    return scene;
}

#define LOST() NTA_AUTO(scene_done) struct scene *scene = lost_scene()

static void what_is_lost_as_a_note_says_is_told(void **state)
{
    (void)state;
    for (int learnt = 0; learnt < 2; learnt++) {
        LOST();
        struct nta_chain_sensor sensor;
        struct nta_finding finding;
        uint8_t root[NTA_HASH_LEN];

        if (learnt)
            learn(scene, 1, 12);
        bring_all(scene, 1, LOST_FROM - 1, true);
        bring_all(scene, LOST_TO + 1, 12, true);
        end(scene);
        assert_int_equal(n_wrong(scene), 0);
        assert_int_equal(n_of(scene, NTA_FINDING_LOST), LOST_TO - LOST_FROM + 1);
        assert_true(nta_findings_get(scene->findings, 0, &finding));
        assert_non_null(
            strstr(finding.text, "lost to its sensor (file_removed), as batch 10 notes at "));
        assert_true(nta_chain_get(scene->chain, 0, &sensor));
        assert_int_equal(sensor.n_lost, LOST_TO - LOST_FROM + 1);
        assert_true(sensor.lost_first_ns > 0 && sensor.lost_first_ns == sensor.lost_last_ns);
        assert_int_equal(sensor.whole_to, 12);
        assert_true(sensor.has_root);
        nta_log_root(&scene->log, root);
        assert_memory_equal(sensor.root, root, NTA_HASH_LEN);
    }
}

/** Lost to the sensor, which went on behind an older store; another store has them. */
static void what_is_lost_to_the_sensor_may_be_there(void **state)
{
    (void)state;
    for (int learnt = 0; learnt < 2; learnt++) {
        LOST();
        struct nta_chain_sensor sensor;

        if (learnt)
            learn(scene, 1, 12);
        bring_all(scene, 1, 12, true);
        end(scene);
        assert_int_equal(n_wrong(scene), 0);
        assert_true(nta_chain_get(scene->chain, 0, &sensor));
        assert_int_equal(sensor.n_batches, 12);
        assert_int_equal(sensor.whole_to, 12);
        assert_int_equal(sensor.has_root, learnt);
    }
}

static void a_note_of_what_is_lost_excuses_nothing_else(void **state)
{
    LOST();

    (void)state;
    learn(scene, 1, 12);
    bring_all(scene, 1, LOST_FROM - 3, true); /* two more are missing before it, */
    bring_all(scene, LOST_TO + 1, 10, true);
    bring_all(scene, 12, 12, true); /* and one behind it */
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_HOLE), 3);
    assert_int_equal(n_wrong(scene), 3);
}

static void a_head_that_was_noted_is_not_lost(void **state)
{
    LOST();
    uint8_t link[NTA_HASH_LEN];

    (void)state;
    link_of(&scene->pieces[7], link);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                                      &(struct nta_expected){.number = 7, .link = link}),
                     0);
    bring_all(scene, 1, LOST_FROM - 1, true);
    bring_all(scene, LOST_TO + 1, 12, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTED), 1);
    assert_int_equal(n_wrong(scene), 1);
}

/** Lost, as the sensor says, and noted by somebody before: be it there or not. */
static void what_was_noted_is_not_lost_even_if_it_is_there(void **state)
{
    (void)state;
    for (uint64_t number = LOST_FROM - 1; number <= LOST_TO + 1; number++) {
        for (int is_tree = 0; is_tree < 2; is_tree++) {
            LOST();
            bool is_lost = number >= LOST_FROM && number <= LOST_TO;
            uint8_t hash[NTA_HASH_LEN];
            struct nta_chain_sensor sensor;
            struct nta_log_tree log = {.n = 0};

            for (size_t i = 1; i <= number && i < LOST_FROM; i++) {
                link_of(&scene->pieces[i], hash);
                nta_log_add(&log, hash);
            }
            if (number >= LOST_FROM)
                assert_true(
                    nta_log_add_lost(&log, (number < LOST_TO ? number : LOST_TO) - LOST_FROM + 1));
            link_of(&scene->pieces[number], hash);
            if (number > LOST_TO)
                nta_log_add(&log, hash);
            if (is_tree)
                nta_log_root(&log, hash);
            assert_int_equal(
                is_tree ? nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                                           &(struct nta_expected){.number = number, .root = hash})
                        : nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                                           &(struct nta_expected){.number = number, .link = hash}),
                0);
            learn(scene, 1, 12);
            bring_all(scene, 1, 12, true);
            end(scene);
            assert_int_equal(n_of(scene, NTA_FINDING_NOTED), is_lost);
            assert_int_equal(n_wrong(scene), is_lost);
            assert_true(nta_chain_get(scene->chain, 0, &sensor));
            assert_int_equal(sensor.n_noted, !is_lost);
            if (!is_lost) /* none up to there is missing, unless some are lost */
                assert_int_equal(sensor.is_noted_whole, number < LOST_FROM);
        }
    }
}

/** Who has the signing key can claim any tree, in a header that he then says is lost, or not. */
static void a_tree_that_is_only_claimed_meets_nothing(void **state)
{
    (void)state;
    for (int is_lost = 0; is_lost < 2; is_lost++) {
        SCENE(6);
        const struct nta_note note = {
            .kind = NTA_HEADER_NOTE_LOST, .from = 9, .to = 9, .reason = NTA_LOST_FILE_REMOVED};
        const struct nta_log_tree log = scene->log;
        uint8_t previous[NTA_HASH_LEN], noted[NTA_HASH_LEN];
        struct nta_log_tree tree;

        memcpy(previous, scene->previous, sizeof(previous));
        scene_seal_many(scene, 2);
        nta_log_root(&scene->log, noted);
        scene->log = log; /* 7 and 8 are replaced */
        scene->number = 7;
        memcpy(scene->previous, previous, sizeof(previous));
        (void)scene_seal(scene, &(struct sealing){.second = 71});
        (void)scene_seal(scene, &(struct sealing){.second = 81});
        tree = scene->log;
        memcpy(previous, scene->previous, sizeof(previous));
        (void)scene_seal(scene, &(struct sealing){.second = 91, .log = noted});
        if (is_lost) {
            scene->log = tree;
            assert_true(nta_log_add_lost(&scene->log, 1));
            memcpy(scene->previous, previous, sizeof(previous));
            (void)scene_note(scene, &note); /* 10 */
        }
        scene_judge(scene);
        assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                                          &(struct nta_expected){.number = 8, .root = noted}),
                         0);
        learn(scene, 1, scene->n);
        bring_all(scene, 1, scene->n, true);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_NOTED), 1);
        assert_int_equal(n_of(scene, NTA_FINDING_LOG), !is_lost);
    }
}

/** Met by the batches that are there, but the sensor had another past when it sealed the next. */
static void a_tree_that_the_next_header_denies_is_not_met(void **state)
{
    SCENE(9);
    uint8_t root[NTA_HASH_LEN], other[NTA_HASH_LEN] = {7};

    (void)state;
    nta_log_root(&scene->log, root);
    (void)scene_seal(scene, &(struct sealing){.second = 100, .log = other});
    scene_judge(scene);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                                      &(struct nta_expected){.number = 9, .root = root}),
                     0);
    bring_all(scene, 1, 10, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTED), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_LOG), 1);
}

/** What it names as the one before must be the last that is not lost. */
static void behind_what_is_lost_the_link_is_looked_at(void **state)
{
    SCENE(5);
    struct nta_note note = {.kind = NTA_HEADER_NOTE_LOST, .from = 6, .to = 7, .reason = 1};

    (void)state;
    assert_true(nta_log_add_lost(&scene->log, 2));
    scene->number = 8;
    scene->previous[4] ^= 1;
    (void)scene_note(scene, &note);
    scene_judge(scene);
    bring_all(scene, 1, 5, true);
    bring_all(scene, 8, 8, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_LINK), 1);
    assert_int_equal(n_wrong(scene), 1);
}

/** Only the header behind the range says it. */
static void a_note_of_what_is_lost_stands_behind_it(void **state)
{
    SCENE(5);
    struct nta_note note = {.kind = NTA_HEADER_NOTE_LOST, .from = 2, .to = 3, .reason = 1};

    (void)state;
    (void)scene_note(scene, &note); /* 6 */
    scene_judge(scene);
    bring_all(scene, 1, 1, true);
    bring_all(scene, 4, 6, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_HOLE), 2);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTE), 1);
    assert_int_equal(n_told(scene), 0);
}

/* ---- the clock ---- */

static void a_clock_that_goes_back_is_told(void **state)
{
    static const struct
    {
        int64_t second;
        uint64_t clock; ///< Error in ms and 1; 0: not known.
        uint64_t n;
    } cases[] = {{49, 0, 1}, {49, 1, 1}, {49, 1001, 0}, {48, 1001, 1}, {50, 0, 0}, {60, 1, 0}};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        SCENE(5); /* sealed in second 50 */

        (void)scene_seal(scene,
                         &(struct sealing){.second = cases[i].second, .clock = cases[i].clock});
        scene_judge(scene);
        bring_all(scene, 1, 6, true);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_CLOCK), cases[i].n);
        assert_int_equal(n_wrong(scene), 0);
    }
}

/** Its own word, which excuses a minute and no more. */
static void a_clock_that_nobody_knows_excuses_a_minute(void **state)
{
    (void)state;
    for (int64_t second = 439; second <= 441; second++) {
        SCENE(5);

        (void)scene_seal(scene, &(struct sealing){.second = 500});
        (void)scene_seal(scene, &(struct sealing){.second = second, .clock = UINT64_C(1) << 62});
        scene_judge(scene);
        bring_all(scene, 1, 7, true);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_CLOCK), second < 440);
        assert_int_equal(n_wrong(scene), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_is_that_over_all_links),
        cmocka_unit_test(a_tree_that_is_wrong_by_one_leaf_is_said),
        cmocka_unit_test(the_tree_goes_on_over_one_that_is_missing),
        cmocka_unit_test(noted_trees_are_met_or_said),
        cmocka_unit_test(what_is_lost_as_a_note_says_is_told),
        cmocka_unit_test(what_is_lost_to_the_sensor_may_be_there),
        cmocka_unit_test(a_note_of_what_is_lost_excuses_nothing_else),
        cmocka_unit_test(a_head_that_was_noted_is_not_lost),
        cmocka_unit_test(what_was_noted_is_not_lost_even_if_it_is_there),
        cmocka_unit_test(a_tree_that_is_only_claimed_meets_nothing),
        cmocka_unit_test(a_tree_that_the_next_header_denies_is_not_met),
        cmocka_unit_test(behind_what_is_lost_the_link_is_looked_at),
        cmocka_unit_test(a_note_of_what_is_lost_stands_behind_it),
        cmocka_unit_test(a_clock_that_goes_back_is_told),
        cmocka_unit_test(a_clock_that_nobody_knows_excuses_a_minute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
