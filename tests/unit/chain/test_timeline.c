/* SPDX-License-Identifier: Apache-2.0 */
/* Who signs what: keys that evolve, keys that are lost and adopted, identities, and who tries. */
#include "scene.h"

#define SCENE(n) NTA_AUTO(scene_done) struct scene *scene = scene_new(n)

/** 12 batches under 4 keys: 1 by the identity, changes at 1, 4, 8 and 11. */
static struct scene *changing_scene(void)
{
    struct scene *scene = scene_new(3);

    (void)scene_change_key(scene); /* 4 */
    scene_seal_many(scene, 3);
    (void)scene_change_key(scene); /* 8 */
    scene_seal_many(scene, 2);
    (void)scene_change_key(scene); /* 11 */
    scene_seal_many(scene, 1);
    scene_judge(scene);
    return scene;
}

#define CHANGING() NTA_AUTO(scene_done) struct scene *scene = changing_scene()

static void each_key_signs_up_to_the_one_that_it_names(void **state)
{
    (void)state;
    for (int wanted = 0; wanted < 2; wanted++) {
        CHANGING();
        struct nta_chain_sensor sensor;

        bring_all(scene, 1, 12, wanted);
        end(scene);
        assert_int_equal(n_wrong(scene), 0);
        assert_int_equal(n_told(scene), 0);
        assert_int_equal(nta_chain_n_proved(scene->chain), 12);
        assert_true(nta_chain_get(scene->chain, 0, &sensor));
        assert_int_equal(sensor.whole_to, 12);
        assert_memory_equal(sensor.identity, scene->identity.public_key, NTA_KEY_LEN);
    }
}

static void key_changes_in_a_window_of_links_end_it(void **state)
{
    SCENE(250);

    (void)state;
    for (int i = 0; i < 20; i++) {
        (void)scene_change_key(scene);
        scene_seal_many(scene, (size_t)i);
    }
    scene_judge(scene);
    bring_all(scene, 1, scene->n, false);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    assert_int_equal(nta_chain_n_proved(scene->chain), scene->n);
}

static void the_order_in_which_they_come_decides_nothing(void **state)
{
    CHANGING();
    struct nta_chain_sensor sensor;

    (void)state;
    for (size_t i = 12; i >= 1; i--)
        learn(scene, i, i);
    for (size_t i = 12; i >= 1; i--)
        assert_true(bring(scene, row_at(scene, i), true).shows);
    for (size_t i = 1; i <= 12; i++) /* and all again: there twice, but once of another store */
        learn(scene, i, i);
    nta_chain_turn(scene->chain);
    for (size_t i = 1; i <= 12; i++)
        assert_true(bring(scene, row_at(scene, i), true).is_again);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_int_equal(sensor.n_batches, 12);
    assert_int_equal(sensor.whole_to, 12);
}

/** A stolen key of yesterday: it cannot sign for today. */
static void an_old_key_signs_nothing_behind_its_change(void **state)
{
    SCENE(3);
    const struct pair old = scene->signing;
    struct piece forged = {.header = {.number = 0}};

    (void)state;
    (void)scene_change_key(scene); /* 4 */
    scene_make(scene, &forged, &(struct sealing){.second = 50, .by = &old});
    scene_judge(scene);
    bring_all(scene, 1, 4, true);
    struct nta_verdict verdict = bring(scene, row_of(&forged), true);

    assert_false(verdict.shows);
    assert_int_equal(verdict.why, NTA_FINDING_SIGNATURE);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 1);
    assert_int_equal(n_wrong(scene), 1);
    piece_done(&forged);
}

static void a_later_key_signs_nothing_before_its_change(void **state)
{
    SCENE(3);
    struct piece forged = {.header = {.number = 0}};

    (void)state;
    scene_make(scene, &forged, &(struct sealing){.second = 40, .by = &scene->checkpoint});
    (void)scene_change_key(scene); /* 4 */
    const struct pair later = scene->signing;

    const struct nta_header header = forged.header;

    forge_header(&header, &later, &forged.header_bytes, &forged.signature);
    scene_judge(scene);
    learn(scene, 1, 4);
    bring_all(scene, 1, 3, true);
    assert_false(bring(scene, row_of(&forged), true).shows);
    bring_all(scene, 4, 4, true);
    end(scene);
    assert_int_equal(n_wrong(scene), 1);
    piece_done(&forged);
}

/** The identity signs batch 1, and notes: with it alone nobody goes on. */
static void the_identity_signs_no_other_batch(void **state)
{
    SCENE(3);
    struct piece forged = {.header = {.number = 0}};

    (void)state;
    scene_make(scene, &forged, &(struct sealing){.second = 40, .by = &scene->identity});
    bring_all(scene, 1, 3, true);
    assert_false(bring(scene, row_of(&forged), true).shows);
    end(scene);
    assert_int_equal(n_wrong(scene), 1);

    /* nor where batch 1 is missing, or names no key */
    scene_judge(scene);
    assert_false(bring(scene, row_of(&forged), true).shows);
    end(scene);
    assert_int_equal(nta_chain_n_proved(scene->chain), 0);
    piece_done(&forged);

    NTA_AUTO(scene_done) struct scene *mute = scene_new(0);

    (void)scene_seal(mute, &(struct sealing){.second = 10, .class = NTA_CLASS_LOG});
    (void)scene_seal(mute, &(struct sealing){.second = 20, .by = &mute->identity});
    scene_judge(mute);
    assert_true(bring(mute, row_at(mute, 1), true).shows);
    assert_false(bring(mute, row_at(mute, 2), true).shows);
    assert_int_equal(nta_chain_n_proved(mute->chain), 1);
}

/** Batch 1 is the identity's: the first signing key cannot make another one. */
static void the_first_batch_is_the_identitys(void **state)
{
    SCENE(0);
    const struct pair next = scene->checkpoint;

    (void)state;
    (void)scene_seal(
        scene, &(struct sealing){
                   .second = 10, .class = NTA_CLASS_LOG, .by = &scene->signing, .next = &next});
    scene_seal_many(scene, 2);
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 3, true), 0);
    end(scene);
    assert_int_equal(nta_chain_n_proved(scene->chain), 0);
    assert_true(n_wrong(scene) > 0);
}

static void a_batch_of_another_sensor_is_none_of_this_one(void **state)
{
    CHANGING();
    NTA_AUTO(scene_done) struct scene *other = scene_of(2, 5);
    struct piece replayed = {.header = {.number = 0}};
    struct nta_trusted both = {.name = "other"};

    (void)state;
    memcpy(both.public_key, other->identity.public_key, NTA_KEY_LEN);
    assert_int_equal(nta_trust_add(&scene->trust, &both, &scene->err), 0);
    scene_judge(scene);
    /* its bytes with our id: as it is, it is the other's, and here it was signed by nobody */
    replayed.header = other->pieces[5].header;
    memcpy(replayed.header.sensor, scene->sensor, NTA_SENSOR_ID_LEN);
    nta_header_encode(&replayed.header, &replayed.header_bytes);
    forge_set(&replayed.signature, nta_buf_span(&other->pieces[5].signature));
    forge_set(&replayed.tokens, nta_buf_span(&other->pieces[5].tokens));
    forge_set(&replayed.body, nta_buf_span(&other->pieces[5].body));
    learn(scene, 1, 12);
    bring_all(scene, 1, 12, true);
    assert_false(bring(scene, row_of(&replayed), true).shows);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 1);
    assert_int_equal(n_wrong(scene), 1);
    piece_done(&replayed);
}

/** Its signature is over what it names: another key in it is signed by nobody. */
static void who_swaps_the_next_key_gains_nothing(void **state)
{
    CHANGING();
    struct piece *change = &scene->pieces[4];
    const struct pair thief = scene->checkpoint;

    (void)state;
    memcpy(change->header.next, thief.public_key, NTA_KEY_LEN);
    nta_buf_clear(&change->header_bytes);
    nta_header_encode(&change->header, &change->header_bytes);
    scene->number = 5;
    struct piece forged = {.header = {.number = 0}};

    link_of(change, scene->previous);
    scene_make(scene, &forged, &(struct sealing){.second = 50, .by = &thief});
    learn(scene, 1, 12);
    bring_all(scene, 1, 3, true);
    assert_false(bring(scene, row_at(scene, 4), true).shows);
    assert_false(bring(scene, row_of(&forged), true).shows);
    end(scene);
    assert_int_equal(nta_chain_n_proved(scene->chain), 3);
    assert_true(n_wrong(scene) > 0);
    piece_done(&forged);
}

/** What a key change hides when it is missing is said; another store may have it. */
static void nothing_passes_behind_a_key_change_that_is_missing(void **state)
{
    CHANGING();

    (void)state;
    for (size_t i = 1; i <= 12; i++) {
        if (i != 8)
            assert_int_equal(bring(scene, row_at(scene, i), true).shows, i < 8);
    }
    end(scene);
    assert_int_equal(nta_chain_n_proved(scene->chain), 7);
    assert_int_equal(n_of(scene, NTA_FINDING_UNPROVED), 4);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 0);

    scene_judge(scene);
    learn(scene, 8, 8);
    for (size_t i = 1; i <= 12; i++) {
        if (i != 8)
            assert_true(bring(scene, row_at(scene, i), true).shows);
    }
    nta_chain_turn(scene->chain);
    assert_true(bring(scene, row_at(scene, 8), true).shows);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
}

static void a_hole_over_a_key_change_hides_what_is_behind(void **state)
{
    CHANGING();

    (void)state;
    bring_all(scene, 1, 6, false);
    for (size_t i = 10; i <= 12; i++)
        (void)bring(scene, row_at(scene, i), false);
    end(scene);
    assert_int_equal(nta_chain_n_proved(scene->chain), 6);
    assert_int_equal(n_of(scene, NTA_FINDING_UNPROVED), 3);
    assert_int_equal(n_wrong(scene), 3);
}

static void a_key_that_comes_again_is_said(void **state)
{
    SCENE(2);
    const struct pair first = scene->signing;

    (void)state;
    (void)scene_change_key(scene);                                            /* 3 */
    (void)scene_seal(scene, &(struct sealing){.second = 40, .next = &first}); /* 4 */
    scene_seal_many(scene, 1);
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 5, true), 5);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NEXT), 1);
    assert_int_equal(n_wrong(scene), 1);
}

/** Of a fork at a key change the first is the chain: the other's key signs nothing. */
static void a_fork_at_a_key_change_leads_nowhere(void **state)
{
    SCENE(3);
    struct piece fork = {.header = {.number = 0}}, behind = {.header = {.number = 0}};
    const struct pair other = scene->checkpoint;
    uint8_t link[NTA_HASH_LEN], kept[NTA_HASH_LEN];

    (void)state;
    scene_make(scene, &fork, &(struct sealing){.second = 41, .next = &other});
    link_of(&fork, link);
    (void)scene_change_key(scene); /* 4 */
    memcpy(kept, scene->previous, sizeof(kept));
    memcpy(scene->previous, link, sizeof(link));
    scene_make(scene, &behind, &(struct sealing){.second = 51, .by = &other});
    memcpy(scene->previous, kept, sizeof(kept));
    scene_seal_many(scene, 2);
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 6, true), 6);
    nta_chain_turn(scene->chain);
    struct nta_verdict verdict = bring(scene, row_of(&fork), true);

    assert_false(verdict.shows);
    assert_int_equal(verdict.why, NTA_FINDING_REPEAT);
    assert_false(bring(scene, row_of(&behind), true).shows);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_REPEAT), 1);
    assert_int_equal(n_wrong(scene), 2);
    piece_done(&fork);
    piece_done(&behind);
}

static void what_is_cut_off_is_said_by_whoever_noted_it(void **state)
{
    CHANGING();
    uint8_t link[NTA_HASH_LEN];

    (void)state;
    link_of(&scene->pieces[12], link);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, scene->sensor,
                                      &(struct nta_expected){.number = 12, .link = link}),
                     0);
    bring_all(scene, 1, 9, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTED), 1);
    assert_int_equal(n_wrong(scene), 1);
}

/* ---- a lost key ---- */

/** 1 to 4, then the key is lost: 5 to 9 under others, of which 7 names the second. */
static struct scene *lost_scene(void)
{
    struct scene *scene = scene_new(4);

    scene_lose_key(scene);
    scene_seal_many(scene, 2);
    (void)scene_change_key(scene); /* 7 */
    scene_seal_many(scene, 2);
    return scene;
}

static struct nta_note adopting(const struct scene *scene, uint64_t from, const struct pair *key)
{
    struct nta_note note = {.kind = NTA_HEADER_NOTE_ADOPTED, .from = from};

    memcpy(note.key, key->public_key, NTA_KEY_LEN);
    return scene_signed_note(scene, note);
}

static void what_a_key_signs_that_nobody_adopted_is_unproved(void **state)
{
    NTA_AUTO(scene_done) struct scene *scene = lost_scene();
    struct nta_chain_sensor sensor;

    (void)state;
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 9, true), 4);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_UNPROVED), 5);
    assert_int_equal(n_wrong(scene), 5);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_int_equal(sensor.n_unadopted, 5);
    assert_int_equal(sensor.last, 4);
}

static void an_adopted_key_is_one_of_the_chain(void **state)
{
    SCENE(4);
    struct nta_chain_sensor sensor;

    (void)state;
    scene_lose_key(scene);
    const struct pair lost = scene->signing;

    scene_seal_many(scene, 2);     /* 5, 6 */
    (void)scene_change_key(scene); /* 7 */
    scene_seal_many(scene, 1);     /* 8 */
    const struct nta_note note = adopting(scene, 5, &lost);

    (void)scene_note(scene, &note); /* 9, by the key that 7 names */
    scene_seal_many(scene, 2);
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 11, true), 11);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_int_equal(sensor.whole_to, 11);
    assert_int_equal(sensor.n_unadopted, 0);
    assert_true(sensor.has_root);
}

static void a_key_is_adopted_from_its_number_on(void **state)
{
    static const struct
    {
        uint64_t from;
        size_t n_shown; ///< Of 1 to 7: 5 and 6 are under the key, 7 adopts it.
    } cases[] = {{5, 7}, {6, 6}, {7, 5}, {4, 6}, {1, 4}};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        SCENE(4);

        scene_lose_key(scene);
        scene_seal_many(scene, 2);
        const struct nta_note note = adopting(scene, cases[i].from, &scene->signing);

        (void)scene_note(scene, &note);
        scene_judge(scene);
        assert_int_equal(bring_learnt(scene, 1, 7, true), cases[i].n_shown);
        end(scene);
        assert_int_equal(n_wrong(scene) > 0, cases[i].n_shown < 7);
    }
}

static void a_note_says_nothing_in_another_header(void **state)
{
    SCENE(4);

    (void)state;
    scene_lose_key(scene);
    const struct nta_note note = adopting(scene, 5, &scene->signing); /* for batch 5 */

    scene_seal_many(scene, 1);
    (void)scene_note(scene, &note); /* in 6 */
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 6, true), 4);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_UNPROVED), 2);

    /* signed by the key that it is to adopt, or for another sensor */
    NTA_AUTO(scene_done) struct scene *own = scene_of(3, 4);
    struct nta_note by_itself = {.kind = NTA_HEADER_NOTE_ADOPTED, .from = 5};

    scene_lose_key(own);
    memcpy(by_itself.key, own->signing.public_key, NTA_KEY_LEN);
    assert_int_equal(nta_note_sign(&by_itself, own->sensor, 5, own->signing.secret), 0);
    (void)scene_note(own, &by_itself);
    assert_int_equal(nta_note_sign(&by_itself, scene->sensor, 6, own->identity.secret), 0);
    (void)scene_note(own, &by_itself);
    scene_judge(own);
    assert_int_equal(bring_learnt(own, 1, 6, true), 4);
}

/** In a header that is proved, a note that the identity did not sign is said. */
static void a_note_that_is_not_the_identitys_is_said(void **state)
{
    SCENE(3);
    struct nta_note note = adopting(scene, 2, &scene->checkpoint);

    (void)state;
    note.signature[7] ^= 1;
    (void)scene_note(scene, &note); /* 4 */
    scene_seal_many(scene, 1);
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 5, true), 5);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTE), 1);
    assert_int_equal(n_wrong(scene), 1);
}

/* ---- the identity ---- */

static struct nta_note renewing(const struct scene *scene, const uint8_t *key)
{
    struct nta_note note = {.kind = NTA_HEADER_NOTE_IDENTITY};

    if (key)
        memcpy(note.key, key, NTA_KEY_LEN);
    return scene_signed_note(scene, note);
}

static void an_identity_hands_over_to_another(void **state)
{
    SCENE(3);
    const struct pair old = scene->identity, new = scene_pair(scene);
    struct nta_note note = renewing(scene, new.public_key);
    struct nta_chain_sensor sensor;

    (void)state;
    (void)scene_note(scene, &note); /* 4 */
    scene_lose_key(scene);
    scene_seal_many(scene, 1); /* 5 */
    const struct nta_note by_old = adopting(scene, 5, &scene->signing);

    (void)scene_note(scene, &by_old); /* 6: too late */
    scene->identity = new;
    const struct nta_note by_new = adopting(scene, 5, &scene->signing);

    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 6, true), 4);
    (void)scene_note(scene, &by_new); /* 7 */
    scene->identity = old;
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 7, true), 7);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTE), 1); /* in 6 */
    assert_int_equal(n_wrong(scene), 1);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_memory_equal(sensor.identity, new.public_key, NTA_KEY_LEN);
}

static void behind_a_revoked_identity_nothing_is_shown(void **state)
{
    SCENE(3);
    struct nta_note note = renewing(scene, NULL);
    struct nta_chain_sensor sensor;

    (void)state;
    (void)scene_note(scene, &note); /* 4 */
    scene_seal_many(scene, 2);
    scene_judge(scene);
    for (size_t i = 1; i <= 6; i++) {
        struct nta_verdict verdict = bring(scene, row_at(scene, i), true);

        assert_int_equal(verdict.shows, i <= 4);
        if (i > 4)
            assert_int_equal(verdict.why, NTA_FINDING_REVOKED);
    }
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_REVOKED), 2);
    assert_int_equal(n_wrong(scene), 2);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_memory_equal(sensor.identity, scene->identity.public_key, NTA_KEY_LEN);
    assert_int_equal(sensor.revoked, 4);
    assert_false(sensor.has_signing);

    /* it counts though somebody spoiled the signature of the header that holds it */
    scene->pieces[4].signature.ptr[5] ^= 1;
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 6, true), 3);
}

/* ---- bounds ---- */

/** Heads that somebody made up: they are looked at, and what is kept of them has an end. */
static void heads_that_nobody_signed_crowd_out_none_that_is(void **state)
{
    CHANGING();
    const struct pair thief = pair_new(99);
    struct piece forged = {.header = {.number = 0}};
    const uint64_t number = scene->number;

    (void)state;
    learn(scene, 1, 2);
    for (uint64_t i = 0; i < 3000; i++) {
        scene->number = 3 + i % 9;
        scene_make(scene, &forged,
                   &(struct sealing){.second = (int64_t)i + 1, .by = &thief, .next = &thief});
        const struct nta_stored row = row_of(&forged);

        assert_int_equal(nta_chain_learn(scene->chain, &row), 0);
    }
    scene->number = number;
    learn(scene, 3, 12);
    bring_all(scene, 1, 12, true);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    piece_done(&forged);
}

/** Anybody can copy a note of the identity into headers of the same number. */
static void copies_of_a_note_are_one(void **state)
{
    SCENE(4);
    const struct pair thief = pair_new(99);
    struct piece forged = {.header = {.number = 0}};

    (void)state;
    scene_lose_key(scene);
    const struct nta_note note = adopting(scene, 5, &scene->signing);

    for (int i = 0; i < 1500; i++) {
        scene_make(scene, &forged,
                   &(struct sealing){.second = i + 1, .by = &thief, .notes = &note, .n_notes = 1});
        const struct nta_stored row = row_of(&forged);

        assert_int_equal(nta_chain_learn(scene->chain, &row), 0);
    }
    (void)scene_note(scene, &note);
    scene_seal_many(scene, 2);
    scene_judge(scene);
    const struct nta_stored row = row_of(&forged);

    assert_int_equal(nta_chain_learn(scene->chain, &row), 0);
    assert_int_equal(bring_learnt(scene, 1, 7, true), 7);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    piece_done(&forged);
}

/** Who has the identity of format 1 signs for no chain of format 2, and the other way round. */
static void a_chain_has_one_format(void **state)
{
    SCENE(3);
    NTA_AUTO(scene_done) struct scene *old = NULL;

    (void)state;
    scene_format = 1;
    old = scene_new(5);
    scene_format = 2;
    bring_all(scene, 1, 3, true);
    for (size_t i = 1; i <= 5; i++) {
        struct nta_stored row = row_at(old, i);

        assert_false(bring(scene, row, true).shows);
    }
    end(scene);
    assert_int_equal(nta_chain_n_proved(scene->chain), 3);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 5);
}

/** The next one, which notes that all from `from` on were lost. */
static void seal_lost(struct scene *scene, uint64_t from)
{
    const struct nta_note note = {.kind = NTA_HEADER_NOTE_LOST,
                                  .from = from,
                                  .to = scene->number - 1,
                                  .reason = NTA_LOST_STORE_OLDER};

    scene->log = (struct nta_log_tree){.n = 0};
    for (uint64_t i = 1; i < from; i++) {
        link_of(&scene->pieces[i], scene->previous);
        nta_log_add(&scene->log, scene->previous);
    }
    assert_true(nta_log_add_lost(&scene->log, scene->number - from));
    (void)scene_note(scene, &note);
}

/** What earlier keys signed is not excused by who has today's. */
static void what_is_lost_begins_behind_the_head_that_names_the_key(void **state)
{
    (void)state;
    for (uint64_t from = 2; from <= 12; from++) {
        for (int is_adopted = 0; is_adopted < 2; is_adopted++) {
            CHANGING(); /* 11 names the key of 12 and 13 */
            const bool is_good = is_adopted || from == 12;

            if (is_adopted)
                scene_lose_key(scene);
            seal_lost(scene, from); /* 13 */
            if (is_adopted) {
                const struct nta_note note = adopting(scene, 13, &scene->signing);

                (void)scene_note(scene, &note); /* 14 */
            }
            scene_judge(scene);
            learn(scene, 1, scene->n); /* the heads that name keys are there */
            bring_all(scene, 1, from - 1, true);
            bring_all(scene, 13, scene->n, true);
            end(scene);
            assert_int_equal(n_of(scene, NTA_FINDING_NOTE), !is_good);
            assert_int_equal(n_of(scene, NTA_FINDING_LOST), is_good ? 13 - from : 0);
            assert_int_equal(n_wrong(scene) > 0, !is_good);
        }
    }
}

/** What is before an adopted key only the header may excuse from which on it was adopted. */
static void an_adopted_key_excuses_what_is_before_it_once(void **state)
{
    (void)state;
    for (uint64_t from = 12; from <= 14; from++) {
        CHANGING();

        scene_lose_key(scene);
        scene_seal_many(scene, 1); /* 13 */
        const struct nta_note note = adopting(scene, 13, &scene->signing);

        (void)scene_note(scene, &note); /* 14 */
        scene_seal_many(scene, 1);
        seal_lost(scene, from); /* 16 */
        scene_judge(scene);
        learn(scene, 1, 16);
        bring_all(scene, 1, from - 1, true);
        bring_all(scene, 16, 16, true);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_NOTE), from < 13);
        assert_int_equal(n_of(scene, NTA_FINDING_LOST), from < 13 ? 0 : 16 - from);
    }
}

/** The identity names it, and nobody else can put another in its place. */
static void only_batch_1_names_the_checkpoint_key(void **state)
{
    SCENE(5);
    const struct pair other = scene_pair(scene);
    struct nta_note note = {.kind = NTA_HEADER_NOTE_CHECKPOINT_KEY};

    (void)state;
    memcpy(note.key, other.public_key, NTA_KEY_LEN);
    (void)scene_note(scene, &note); /* 6 */
    scene_judge(scene);
    assert_int_equal(bring_learnt(scene, 1, 6, true), 6);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTE), 1);
    assert_int_equal(n_wrong(scene), 1);
    assert_memory_equal(nta_chain_checkpoint_key(scene->chain, scene->sensor),
                        scene->checkpoint.public_key, NTA_KEY_LEN);
}

/** A sensor starts behind what somebody without a key put at the end: it links to that. */
static void a_link_vouches_for_nobody(void **state)
{
    static const enum nta_chain_want wants[] = {NTA_CHAIN_PASS, NTA_CHAIN_HOLD, NTA_CHAIN_NOW};

    (void)state;
    for (size_t w = 0; w < NTA_N_ELEMENTS(wants); w++) {
        SCENE(5);
        struct piece *forged = &scene->pieces[6];

        scene_make(scene, forged, &(struct sealing){.second = 60});
        memset(forged->signature.ptr, 0, forged->signature.len);
        scene_go_on(scene, forged);
        scene_seal_many(scene, 3);
        scene_judge(scene);
        learn(scene, 1, 9);
        for (size_t i = 1; i <= 9; i++) {
            const struct nta_stored row = row_at(scene, i);
            struct nta_verdict verdict;

            nta_chain_look(scene->chain, &row, false, &verdict);
            assert_int_equal(nta_chain_prove(scene->chain, &row, wants[w], &verdict), 0);
            nta_chain_complete(scene->chain, &row, &verdict);
            assert_int_equal(verdict.shows, i != 6);
            assert_int_equal(verdict.ticket, 0);
        }
        end(scene);
        assert_int_equal(nta_chain_n_proved(scene->chain), 8);
        assert_int_equal(n_of(scene, NTA_FINDING_UNPROVED), 1); /* somebody goes on behind it */
        assert_int_equal(n_wrong(scene), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_signs_up_to_the_one_that_it_names),
        cmocka_unit_test(key_changes_in_a_window_of_links_end_it),
        cmocka_unit_test(the_order_in_which_they_come_decides_nothing),
        cmocka_unit_test(an_old_key_signs_nothing_behind_its_change),
        cmocka_unit_test(a_later_key_signs_nothing_before_its_change),
        cmocka_unit_test(the_identity_signs_no_other_batch),
        cmocka_unit_test(the_first_batch_is_the_identitys),
        cmocka_unit_test(a_batch_of_another_sensor_is_none_of_this_one),
        cmocka_unit_test(who_swaps_the_next_key_gains_nothing),
        cmocka_unit_test(nothing_passes_behind_a_key_change_that_is_missing),
        cmocka_unit_test(a_hole_over_a_key_change_hides_what_is_behind),
        cmocka_unit_test(a_key_that_comes_again_is_said),
        cmocka_unit_test(a_fork_at_a_key_change_leads_nowhere),
        cmocka_unit_test(what_is_cut_off_is_said_by_whoever_noted_it),
        cmocka_unit_test(what_a_key_signs_that_nobody_adopted_is_unproved),
        cmocka_unit_test(an_adopted_key_is_one_of_the_chain),
        cmocka_unit_test(a_key_is_adopted_from_its_number_on),
        cmocka_unit_test(a_note_says_nothing_in_another_header),
        cmocka_unit_test(a_note_that_is_not_the_identitys_is_said),
        cmocka_unit_test(an_identity_hands_over_to_another),
        cmocka_unit_test(behind_a_revoked_identity_nothing_is_shown),
        cmocka_unit_test(heads_that_nobody_signed_crowd_out_none_that_is),
        cmocka_unit_test(copies_of_a_note_are_one),
        cmocka_unit_test(a_chain_has_one_format),
        cmocka_unit_test(what_is_lost_begins_behind_the_head_that_names_the_key),
        cmocka_unit_test(an_adopted_key_excuses_what_is_before_it_once),
        cmocka_unit_test(only_batch_1_names_the_checkpoint_key),
        cmocka_unit_test(a_link_vouches_for_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
