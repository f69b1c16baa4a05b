/* SPDX-License-Identifier: Apache-2.0 */
/* Contents and data keys that are not there: destroyed as a note says, or removed. */
#include "scene.h"

#define SCENE(n) NTA_AUTO(scene_done) struct scene *scene = scene_new(n)

/** As a store has it whose content is gone. */
static struct nta_stored without_content(const struct scene *scene, size_t number)
{
    struct nta_stored row = row_at(scene, number);

    row.faults |= NTA_ROW_ABSENT;
    row.sealed.tokens = row.sealed.body = (struct nta_span){0};
    row.is_whole = false;
    return row;
}

static struct nta_note deletes(enum nta_class class, int64_t day)
{
    return (struct nta_note){.kind = NTA_HEADER_NOTE_DELETED,
                             .class = class,
                             .day = day,
                             .n_batches = 3,
                             .reason = NTA_DELETE_COMMAND};
}

static struct nta_note holds(unsigned state, int64_t day)
{
    return (struct nta_note){.kind = NTA_HEADER_NOTE_HOLD,
                             .batch = 2,
                             .record = 1,
                             .day = day,
                             .last_day = day,
                             .reason = state};
}

/** Batches 2 to 4 are of class traffic; holds keep evidence and the log, or who. */
static void what_is_held_is_not_deleted_by_any_note(void **state)
{
    static const struct
    {
        enum nta_class class;
        int64_t held;
        bool is_released, is_good;
        enum nta_hold_state how;
    } rows[] = {
        {NTA_CLASS_EVIDENCE, 0, false, false, NTA_HOLD_HELD},
        {NTA_CLASS_LOG, 0, false, false, NTA_HOLD_HELD},
        {NTA_CLASS_EVIDENCE, 0, true, true, NTA_HOLD_HELD},
        {NTA_CLASS_EVIDENCE, 1, false, true, NTA_HOLD_HELD},
        {NTA_CLASS_TRAFFIC, 0, false, true, NTA_HOLD_HELD},
        {NTA_CLASS_WHO, 0, false, true, NTA_HOLD_HELD},
        {NTA_CLASS_WHO, 0, false, false, NTA_HOLD_WHO},
        {NTA_CLASS_WHO, 1, false, true, NTA_HOLD_WHO},
        {NTA_CLASS_WHO, 0, true, true, NTA_HOLD_WHO},
        {NTA_CLASS_EVIDENCE, 0, false, true, NTA_HOLD_WHO},
        {NTA_CLASS_TRAFFIC, 0, false, true, NTA_HOLD_WHO},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        SCENE(4);
        const struct nta_note held = holds(rows[i].how, rows[i].held);
        const struct nta_note released = holds(NTA_HOLD_RELEASED, 0);
        const struct nta_note deleted = deletes(rows[i].class, 0);

        (void)scene_note(scene, &held);                                   /* 5 */
        (void)scene_note(scene, rows[i].is_released ? &released : &held); /* 6 */
        (void)scene_note(scene, &deleted);                                /* 7 */
        scene_judge(scene);
        learn(scene, 1, 7);
        bring_all(scene, 1, 7, true);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_NOTE), rows[i].class == NTA_CLASS_TRAFFIC ? 1
                                                        : rows[i].is_good                  ? 0
                                                                                           : 1);
        assert_int_equal(n_wrong(scene), n_of(scene, NTA_FINDING_NOTE));
    }
}

static void what_a_later_note_names_is_deleted_and_told(void **state)
{
    SCENE(4);
    const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);
    struct nta_chain_sensor sensor;
    struct nta_finding finding;

    (void)state;
    (void)scene_note(scene, &note); /* 5 */
    for (int learnt = 0; learnt < 2;
         learnt++) { /* the note comes before the rows, or in its place */
        scene_judge(scene);
        if (learnt)
            learn(scene, 1, 5);
        assert_int_equal(nta_chain_deletes(scene->chain, &scene->pieces[2].header), learnt);
        assert_false(nta_chain_deletes(scene->chain, &scene->pieces[5].header));
        bring_all(scene, 1, 1, true);
        for (size_t i = 2; i <= 4; i++) {
            struct nta_verdict verdict = bring(scene, without_content(scene, i), true);

            assert_false(verdict.shows);
            assert_int_equal(verdict.why, learnt ? NTA_FINDING_DELETED : NTA_FINDING_CONTENT);
        }
        bring_all(scene, 5, 5, true);
        end(scene);
        assert_int_equal(n_wrong(scene), 0);
        assert_int_equal(n_of(scene, NTA_FINDING_DELETED), 1); /* once for a class and day */
        assert_true(nta_findings_get(scene->findings, 0, &finding));
        assert_string_equal(finding.text, "contents of class traffic of 1970-01-01 were deleted "
                                          "(command), as batch 5 notes");
        assert_true(nta_chain_get(scene->chain, 0, &sensor));
        assert_int_equal(sensor.n_deleted, 3);
        assert_int_equal(sensor.whole_to, 5);
        assert_int_equal(sensor.n_batches, 5);
    }
}

static void what_no_note_names_was_removed(void **state)
{
    SCENE(4);
    const struct nta_note notes[] = {
        deletes(NTA_CLASS_WHO, 0),     /* another class, */
        deletes(NTA_CLASS_TRAFFIC, 1), /* another day */
    };
    const struct nta_chain_end partial = {.is_partial = true};

    (void)state;
    (void)scene_note(scene, &notes[0]);
    (void)scene_note(scene, &notes[1]); /* 6 */
    scene_judge(scene);
    learn(scene, 1, 6);
    for (size_t i = 1; i <= 6; i++)
        (void)bring(scene, i == 3 ? without_content(scene, i) : row_at(scene, i), true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_CONTENT), 1);
    assert_int_equal(n_wrong(scene), 1);

    /* a store that could not be asked may have it */
    scene_judge(scene);
    learn(scene, 1, 6);
    for (size_t i = 1; i <= 6; i++)
        (void)bring(scene, i == 3 ? without_content(scene, i) : row_at(scene, i), true);
    assert_int_equal(nta_chain_end(scene->chain, &partial), 0);
    assert_int_equal(n_wrong(scene), 0);
    assert_int_equal(n_of(scene, NTA_FINDING_UNSEEN), 1);
}

static void a_note_excuses_nothing_that_comes_later(void **state)
{
    SCENE(3);
    const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);

    (void)state;
    (void)scene_note(scene, &note); /* 4 */
    scene_seal_many(scene, 1);      /* 5, of that class and day */
    scene_judge(scene);
    learn(scene, 1, 5);
    for (size_t i = 1; i <= 5; i++)
        (void)bring(scene, i == 5 ? without_content(scene, i) : row_at(scene, i), true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_CONTENT), 1);
    assert_int_equal(n_told(scene), 0);
}

static void a_note_that_nobody_signed_excuses_nothing(void **state)
{
    SCENE(4);
    const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);

    (void)state;
    scene->pieces[0] = (struct piece){.header = {.number = 0}};
    scene_make(
        scene, &scene->pieces[0],
        &(struct sealing){.second = 50, .by = &scene->checkpoint, .notes = &note, .n_notes = 1});
    scene_judge(scene);
    learn(scene, 0, 4);
    for (size_t i = 1; i <= 4; i++)
        (void)bring(scene, i == 2 ? without_content(scene, i) : row_at(scene, i), true);
    (void)bring(scene, row_at(scene, 0), true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_CONTENT), 1);
    assert_int_equal(n_told(scene), 0);
}

/** A judge for which the data key of traffic is destroyed. */
static void judge_without_traffic(struct scene *scene)
{
    static const uint8_t zeros[200];

    nta_chain_free(&scene->chain);
    nta_findings_free(&scene->findings);
    scene->findings = nta_findings_new();
    scene->chain = nta_chain_new(&scene->trust, scene->findings);
    for (size_t i = 0; i < scene->n_keys; i++) {
        struct nta_stored_key key = scene->keys[i].key;

        if (scene->keys[i].class == NTA_CLASS_TRAFFIC)
            key.key.blob = (struct nta_span){.ptr = zeros, .len = sizeof(zeros)};
        assert_int_equal(nta_chain_key(scene->chain, &key),
                         scene->keys[i].class != NTA_CLASS_TRAFFIC);
    }
}

static void a_destroyed_data_key_is_that_of_what_is_deleted(void **state)
{
    SCENE(4);
    const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);

    (void)state;
    (void)scene_note(scene, &note); /* 5 */
    for (int noted = 1; noted >= 0; noted--) {
        judge_without_traffic(scene);
        learn(scene, 1, noted ? 5 : 4);
        for (size_t i = 1; i <= (noted ? 5 : 4); i++)
            assert_int_equal(bring(scene, row_at(scene, i), true).shows, i == 1 || i == 5);
        end(scene);
        assert_int_equal(n_wrong(scene), noted ? 0 : 3);
        assert_int_equal(n_of(scene, NTA_FINDING_KEY_MISSING), noted ? 0 : 3);
        assert_int_equal(n_of(scene, NTA_FINDING_DELETED), noted);
    }
}

/** The journal keeps heads that matter; what was in them is in the other store. */
static void what_one_store_keeps_as_a_head_is_no_loss(void **state)
{
    SCENE(5);

    (void)state;
    bring_all(scene, 1, 5, true);
    nta_chain_turn(scene->chain);
    for (size_t i = 1; i <= 5; i++)
        assert_true(bring(scene, without_content(scene, i), true).is_again);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);

    /* and the other way round: whole where it is looked at last, but somebody removed the other */
    scene_judge(scene);
    bring_all(scene, 1, 1, true);
    assert_false(bring(scene, without_content(scene, 2), true).shows);
    nta_chain_turn(scene->chain);
    assert_true(bring(scene, row_at(scene, 1), true).is_again);
    assert_true(bring(scene, row_at(scene, 2), true).shows);
    bring_all(scene, 3, 5, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_CONTENT), 1);
}

/** More than the notes of a class and day name together: nobody can tell which. */
static void notes_excuse_no_more_than_they_count(void **state)
{
    (void)state;
    for (uint64_t n_noted = 0; n_noted <= 4; n_noted++) {
        SCENE(4);
        struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);

        note.n_batches = n_noted > 2 ? 2 : n_noted;
        (void)scene_note(scene, &note); /* 5 */
        note.n_batches = n_noted - note.n_batches;
        (void)scene_note(scene, &note); /* 6 */
        scene_judge(scene);
        learn(scene, 1, 6);
        for (size_t i = 1; i <= 6; i++)
            (void)bring(scene, i >= 2 && i <= 4 ? without_content(scene, i) : row_at(scene, i),
                        true);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_CONTENT), n_noted < 3);
        assert_int_equal(n_wrong(scene), n_noted < 3);
        assert_int_equal(n_of(scene, NTA_FINDING_DELETED), 1);
    }
}

/** By age or size goes what is of days before; today's only if somebody wants that. */
static void of_a_day_that_is_not_over_only_a_command_deletes(void **state)
{
    (void)state;
    for (unsigned reason = NTA_DELETE_AGE; reason < NTA_DELETE_REASONS_END; reason++) {
        for (int64_t day = 0; day < 2; day++) { /* of the header with the note */
            SCENE(4);
            struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);
            const bool is_good =
                day > 0 || reason == NTA_DELETE_COMMAND || reason == NTA_DELETE_LAW;

            note.reason = reason;
            (void)scene_seal(scene, &(struct sealing){.second = day ? 86400 : 86399,
                                                      .class = NTA_CLASS_LOG,
                                                      .notes = &note,
                                                      .n_notes = 1});
            scene_judge(scene);
            learn(scene, 1, 5);
            for (size_t i = 1; i <= 5; i++)
                (void)bring(scene, i >= 2 && i <= 4 ? without_content(scene, i) : row_at(scene, i),
                            true);
            end(scene);
            assert_int_equal(n_of(scene, NTA_FINDING_NOTE), !is_good);
            assert_int_equal(n_of(scene, NTA_FINDING_CONTENT), is_good ? 0 : 3);
            assert_int_equal(n_of(scene, NTA_FINDING_DELETED), is_good);
        }
    }
}

/** What was sealed behind the note is no part of what it says. */
static void what_is_deleted_is_not_there(void **state)
{
    (void)state;
    for (size_t there = 1; there <= 6; there++) {
        SCENE(4);
        const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);
        struct nta_finding finding;

        (void)scene_note(scene, &note); /* 5 */
        scene_seal_many(scene, 1);
        scene_judge(scene);
        learn(scene, 1, 6);
        for (size_t i = 1; i <= 6; i++)
            (void)bring(scene,
                        i >= 2 && i <= 4 && i != there ? without_content(scene, i)
                                                       : row_at(scene, i),
                        true);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_NOTE), there >= 2 && there <= 4);
        assert_int_equal(n_wrong(scene), there >= 2 && there <= 4);
        for (size_t i = 0; nta_findings_get(scene->findings, i, &finding); i++)
            if (finding.kind == NTA_FINDING_NOTE)
                assert_string_equal(finding.text,
                                    "contents of class traffic of 1970-01-01 are there, but a "
                                    "later batch notes that they were deleted");
    }
}

/** Who asks for other classes reads heads alone, and a data key may have been put back. */
static void contents_that_nobody_asked_for_are_not_said_to_be_there(void **state)
{
    SCENE(4);
    const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);

    (void)state;
    (void)scene_note(scene, &note); /* 5 */
    scene_judge(scene);
    learn(scene, 1, 5);
    bring_all(scene, 1, 5, false);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
}

/** Anybody can put a head without contents there, of a class and day that were deleted. */
static void a_head_that_nobody_signed_is_not_deleted_but_missing(void **state)
{
    SCENE(4);
    const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);
    static uint8_t zeros[NTA_SIGNATURE_LEN];
    struct nta_chain_sensor sensor;

    (void)state;
    (void)scene_note(scene, &note); /* 5 */
    scene_judge(scene);
    learn(scene, 1, 5);
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 1; i <= 5; i++) {
            struct nta_stored row = i >= 2 && i <= 4 ? without_content(scene, i) : row_at(scene, i);

            if (i == 3)
                row.sealed.signature = (struct nta_span){.ptr = zeros, .len = sizeof(zeros)};
            (void)bring(scene, row, true);
        }
        nta_chain_turn(scene->chain);
    }
    end(scene);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_int_equal(sensor.n_deleted, 2);
    assert_int_equal(n_of(scene, NTA_FINDING_CONTENT), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 1);
}

/** In one store its contents are gone, in the other its data key; or a note comes late. */
static void what_is_deleted_counts_once(void **state)
{
    (void)state;
    for (int learnt = 0; learnt < 2; learnt++) {
        SCENE(4);
        const struct nta_note note = deletes(NTA_CLASS_TRAFFIC, 0);
        struct nta_chain_sensor sensor;

        (void)scene_note(scene, &note); /* 5 */
        judge_without_traffic(scene);
        if (learnt)
            learn(scene, 1, 5);
        for (int turn = 0; turn < 3; turn++) {
            for (size_t i = 1; i <= (turn || learnt ? 5 : 4); i++)
                (void)bring(scene,
                            i >= 2 && i <= 4 && turn < 2 ? without_content(scene, i)
                                                         : row_at(scene, i),
                            true);
            nta_chain_turn(scene->chain);
        }
        end(scene);
        assert_int_equal(n_wrong(scene), 0);
        assert_true(nta_chain_get(scene->chain, 0, &sensor));
        assert_int_equal(sensor.n_deleted, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_is_not_deleted_by_any_note),
        cmocka_unit_test(what_a_later_note_names_is_deleted_and_told),
        cmocka_unit_test(what_no_note_names_was_removed),
        cmocka_unit_test(a_note_excuses_nothing_that_comes_later),
        cmocka_unit_test(a_note_that_nobody_signed_excuses_nothing),
        cmocka_unit_test(a_destroyed_data_key_is_that_of_what_is_deleted),
        cmocka_unit_test(what_one_store_keeps_as_a_head_is_no_loss),
        cmocka_unit_test(notes_excuse_no_more_than_they_count),
        cmocka_unit_test(of_a_day_that_is_not_over_only_a_command_deletes),
        cmocka_unit_test(what_is_deleted_is_not_there),
        cmocka_unit_test(contents_that_nobody_asked_for_are_not_said_to_be_there),
        cmocka_unit_test(a_head_that_nobody_signed_is_not_deleted_but_missing),
        cmocka_unit_test(what_is_deleted_counts_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
