/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#define SCENE(n) NTA_AUTO(scene_done) struct scene *scene = scene_new(n)

static void what_is_signed_and_linked_holds(void **state)
{
    SCENE(5);
    struct nta_chain_sensor sensor;

    (void)state;
    bring_all(scene, 1, 5, true);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    assert_true(nta_chain_get(scene->chain, 0, &sensor));
    assert_int_equal(sensor.n_batches, 5);
    assert_int_equal(sensor.n_records, 5);
    assert_int_equal(sensor.first, 1);
    assert_int_equal(sensor.last, 5);
    assert_int_equal(sensor.first_ns, INT64_C(10000000000));
    assert_int_equal(sensor.last_ns, INT64_C(50000000000));
    assert_false(nta_chain_get(scene->chain, 1, &sensor));
}

static void what_is_not_wanted_is_proved_too(void **state)
{
    SCENE(600);

    (void)state;
    bring_all(scene, 1, 600, false);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
    assert_int_equal(nta_chain_n_proved(scene->chain), 600);
}

/** Of format 1 its successor's link is broken by it, so each that waits is looked at by itself. */
static void one_forged_header_among_many_is_found(void **state)
{
    static const size_t places[] = {1, 2, 255, 256, 257, 300, 599, 600};

    (void)state;
    for (size_t p = 0; p < NTA_N_ELEMENTS(places); p++) {
        SCENE(600);

        if (scene_format == 2 && places[p] == 1)
            continue; /* it names who signs the others: unit.chain.keys */
        scene->pieces[places[p]].signature.ptr[3] ^= 1;
        for (size_t i = 1; i <= 600; i++)
            (void)bring(scene, row_at(scene, i), false);
        end(scene);
        assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 1);
        assert_int_equal(n_wrong(scene), 1);
        assert_int_equal(nta_chain_n_proved(scene->chain), 599);
    }
}

struct notified
{
    uint64_t next;
    size_t n_signed, n_unsigned;
};

static void on_settled(void *owner, uint64_t ticket, bool is_signed)
{
    struct notified *notified = owner;

    assert_int_equal(ticket, ++notified->next);
    notified->n_signed += is_signed;
    notified->n_unsigned += !is_signed;
}

static void who_holds_a_batch_back_is_told_whether_it_was_proved(void **state)
{
    SCENE(20);
    struct notified notified = {.next = 0};

    (void)state;
    if (scene_format == 2) /* each by its own signature, at once */
        return;
    scene->pieces[7].signature.ptr[3] ^= 1;
    scene->pieces[20].signature.ptr[3] ^= 1;
    nta_chain_notify(scene->chain, on_settled, &notified);
    for (size_t i = 1; i <= 20; i++) {
        struct nta_stored row = row_at(scene, i);
        struct nta_verdict verdict;

        nta_chain_look(scene->chain, &row, false, &verdict);
        assert_int_equal(nta_chain_prove(scene->chain, &row, NTA_CHAIN_HOLD, &verdict), 0);
        assert_int_equal(verdict.ticket, i);
        nta_chain_complete(scene->chain, &row, &verdict);
        assert_true(verdict.shows);
        if (i == 5) {
            assert_int_equal(nta_chain_settle(scene->chain), 0);
            assert_int_equal(notified.n_signed, 5);
        }
    }
    end(scene);
    assert_int_equal(notified.n_signed, 18);
    assert_int_equal(notified.n_unsigned, 2);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 2);
    /* a copy that is signed is no repetition of what was refused */
    scene->pieces[7].signature.ptr[3] ^= 1;
    nta_chain_turn(scene->chain);
    assert_true(bring(scene, row_at(scene, 7), true).shows);
    assert_true(bring(scene, row_at(scene, 8), true).is_again);
}

static void what_nobody_signed_is_not_shown(void **state)
{
    SCENE(3);

    (void)state;
    scene->pieces[2].signature.ptr[0] ^= 1;
    assert_true(bring(scene, row_at(scene, 1), true).shows);
    struct nta_verdict verdict = bring(scene, row_at(scene, 2), true);

    assert_false(verdict.shows);
    assert_int_equal(verdict.why, NTA_FINDING_SIGNATURE);
    assert_true(bring(scene, row_at(scene, 3), true).shows);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_HOLE), 0); /* a row is there */
}

static void a_sensor_that_nobody_trusts_is_not_shown(void **state)
{
    SCENE(1);
    NTA_AUTO(scene_done) struct scene *other = scene_of(2, 2);
    /* of format 2 nobody signs a data key, and what none of ours names is none of ours */
    const unsigned n_keys = scene_format == 1;

    (void)state;
    assert_false(nta_chain_key(scene->chain, &other->keys[0].key));
    assert_int_equal(n_of(scene, NTA_FINDING_KEY_SIGNATURE), n_keys);
    assert_true(bring(scene, row_at(scene, 1), true).shows);
    assert_false(bring(scene, row_at(other, 1), true).shows);
    assert_false(bring(scene, row_at(other, 2), false).shows);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_SENSOR), 2);
    assert_int_equal(n_wrong(scene), 2 + n_keys);
}

static void a_key_has_its_time(void **state)
{
    SCENE(4);

    (void)state;
    scene->trust.all[0].from_ns = INT64_C(15000000000);
    scene->trust.all[0].to_ns = INT64_C(35000000000);
    assert_false(bring(scene, row_at(scene, 1), true).shows);
    assert_true(bring(scene, row_at(scene, 2), true).shows);
    assert_true(bring(scene, row_at(scene, 3), true).shows);
    assert_false(bring(scene, row_at(scene, 4), true).shows);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_SENSOR), 2);
    assert_int_equal(n_wrong(scene), 2);
}

static void each_fault_of_a_row_is_said_and_what_is_no_hint_hides(void **state)
{
    static const struct
    {
        unsigned faults;
        enum nta_finding_kind kind;
        bool shows;
    } rows[] = {
        {NTA_ROW_COLUMNS, NTA_FINDING_COLUMNS, true}, {NTA_ROW_TYPE, NTA_FINDING_ROW, true},
        {NTA_ROW_HEADER, NTA_FINDING_HEADER, false},  {NTA_ROW_CONTENT, NTA_FINDING_CONTENT, false},
        {NTA_ROW_SIZE, NTA_FINDING_SIZE, false},      {NTA_ROW_UNREAD, NTA_FINDING_UNREAD, false},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        SCENE(3);
        struct nta_stored row = row_at(scene, 2);

        row.faults = rows[i].faults;
        assert_true(bring(scene, row_at(scene, 1), true).shows);
        assert_int_equal(bring(scene, row, true).shows, rows[i].shows);
        assert_true(bring(scene, row_at(scene, 3), true).shows);
        end(scene);
        assert_int_equal(n_of(scene, rows[i].kind), 1);
        assert_int_equal(n_wrong(scene), 1);
    }
}

static void parts_are_the_signed_ones(void **state)
{
    SCENE(2);
    struct nta_verdict verdict;

    (void)state;
    nta_buf_put_u8(&scene->pieces[1].tokens, 0);
    scene->pieces[2].body.ptr[0] ^= 1;
    verdict = bring(scene, row_at(scene, 1), true);
    assert_false(verdict.shows);
    assert_int_equal(verdict.why, NTA_FINDING_TOKENS);
    verdict = bring(scene, row_at(scene, 2), true);
    assert_false(verdict.shows);
    assert_int_equal(verdict.why, NTA_FINDING_BODY);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_TOKENS), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_BODY), 1);
    assert_int_equal(n_wrong(scene), 2);
}

static void tokens_are_held_against_their_hash_before_they_decide(void **state)
{
    SCENE(1);
    struct nta_stored row = row_at(scene, 1);
    struct nta_verdict verdict;

    (void)state;
    nta_chain_look(scene->chain, &row, true, &verdict);
    assert_true(verdict.shows);
    row.sealed.tokens.len = 0;
    nta_chain_look(scene->chain, &row, true, &verdict);
    assert_false(verdict.shows);
    assert_int_equal(verdict.why, NTA_FINDING_TOKENS);
}

static void a_data_key_of_format_1_is_there_and_signed(void **state)
{
    SCENE(1);
    struct nta_stored_key bad = scene->keys[0].key;

    (void)state;
    nta_chain_free(&scene->chain);
    scene->chain = nta_chain_new(&scene->trust, scene->findings);
    assert_false(bring(scene, row_at(scene, 1), true).shows);
    assert_int_equal(n_of(scene, NTA_FINDING_KEY_MISSING), 1);

    scene_judge(scene);
    bad.key.made_ns++; /* signed, but in another's row */
    assert_false(nta_chain_key(scene->chain, &bad));
    assert_int_equal(n_of(scene, NTA_FINDING_KEY_ROW), 1);
    bad = scene->keys[0].key;
    bad.faults = NTA_ROW_TYPE;
    assert_false(nta_chain_key(scene->chain, &bad));
    assert_int_equal(n_of(scene, NTA_FINDING_KEY_ROW), 1); /* the same row */

    nta_chain_free(&scene->chain);
    scene->chain = nta_chain_new(&scene->trust, scene->findings);
    scene->keys[0].blob.ptr[scene->keys[0].blob.len - 1] ^= 1;
    assert_false(nta_chain_key(scene->chain, &scene->keys[0].key));
    struct nta_verdict verdict = bring(scene, row_at(scene, 1), true);

    assert_false(verdict.shows);
    assert_int_equal(verdict.why, NTA_FINDING_KEY_SIGNATURE);
}

static void who_removes_a_batch_does_not_hide_the_next(void **state)
{
    SCENE(6);
    struct nta_finding finding;

    (void)state;
    bring_all(scene, 1, 2, true);
    bring_all(scene, 5, 6, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_HOLE), 2);
    assert_int_equal(n_wrong(scene), 2);
    assert_true(nta_findings_get(scene->findings, 0, &finding));
    assert_int_equal(finding.number, 3);
    assert_int_equal(finding.to, 4);
}

static void what_lacks_at_the_beginning_is_a_hole(void **state)
{
    SCENE(3);
    const struct nta_chain_end partial = {.is_partial = true};

    (void)state;
    bring_all(scene, 2, 3, false);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_HOLE), 1);
    scene_judge(scene);
    bring_all(scene, 2, 3, false);
    assert_int_equal(nta_chain_end(scene->chain, &partial), 0);
    assert_int_equal(n_wrong(scene), 0);
    assert_int_equal(n_of(scene, NTA_FINDING_UNSEEN), 1);
}

static void another_store_fills_what_one_lacks(void **state)
{
    SCENE(6);

    (void)state;
    bring_all(scene, 1, 2, false);
    bring_all(scene, 5, 6, false);
    nta_chain_turn(scene->chain);
    for (size_t i = 2; i <= 5; i++) {
        struct nta_verdict verdict = bring(scene, row_at(scene, i), true);

        assert_int_equal(verdict.is_again, i == 2 || i == 5);
        assert_int_equal(verdict.shows, i == 3 || i == 4);
    }
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
}

static void a_huge_number_that_nobody_signed_hides_nothing(void **state)
{
    SCENE(3);
    struct nta_stored forged = row_at(scene, 2);
    uint8_t mark_sensor[NTA_SENSOR_ID_LEN];
    struct nta_store_mark mark = {.number = 9000000};
    struct nta_store_marks marks = {.marks = &mark, .n_marks = 1};

    (void)state;
    forged.header.number = 9000000;
    forged.sealed.signature.len = 0;
    bring_all(scene, 1, 2, false);
    (void)bring(scene, forged, false);
    nta_chain_turn(scene->chain);
    bring_all(scene, 3, 3, true);
    end(scene);
    assert_int_equal(n_wrong(scene), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_SIGNATURE), 1);
    memcpy(mark_sensor, scene->trust.all[0].sensor, sizeof(mark_sensor));
    memcpy(mark.sensor, mark_sensor, sizeof(mark_sensor));
    nta_chain_mark(scene->chain, &marks);
    assert_int_equal(mark.number, 3);
}

static void a_spoiled_copy_does_not_hide_the_whole_one(void **state)
{
    SCENE(2);
    struct nta_stored spoiled = row_at(scene, 1);

    (void)state;
    spoiled.sealed.body.len--;
    assert_false(bring(scene, spoiled, true).shows);
    nta_chain_turn(scene->chain);
    assert_true(bring(scene, row_at(scene, 1), true).shows);
    nta_chain_turn(scene->chain);
    assert_true(bring(scene, row_at(scene, 1), true).is_again);
    assert_int_equal(n_wrong(scene), 1);
}

static void the_same_batch_twice_is_shown_once_and_said(void **state)
{
    SCENE(2);
    struct nta_stored again = row_at(scene, 1);

    (void)state;
    again.faults = NTA_ROW_COLUMNS; /* under another day */
    assert_true(bring(scene, row_at(scene, 1), true).shows);
    assert_false(bring(scene, again, true).shows);
    bring_all(scene, 2, 2, true);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_REPEAT), 1);
}

/** Of format 2 a sensor has one batch of a number: of another one nobody knows whose it is. */
static void two_batches_with_one_number_are_said(void **state)
{
    SCENE(2);
    struct piece fork = {.header = {.number = 0}};

    (void)state;
    scene_make(scene, &fork, &(struct sealing){.second = 77});
    scene_seal_many(scene, 1);
    bring_all(scene, 1, 3, true);
    assert_int_equal(bring(scene, row_of(&fork), true).shows, scene_format == 1);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_REPEAT), 1);
    assert_int_equal(n_wrong(scene), 1);
    piece_done(&fork);
}

static void what_does_not_follow_is_said(void **state)
{
    SCENE(2);
    struct piece stranger = {.header = {.number = 0}};
    const uint8_t other[NTA_HASH_LEN] = {7};

    (void)state;
    memcpy(scene->previous, other, sizeof(other));
    scene_make(scene, &stranger, &(struct sealing){.second = 30});
    bring_all(scene, 1, 2, true);
    assert_true(bring(scene, row_of(&stranger), true).shows);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_LINK), 1);
    assert_int_equal(n_wrong(scene), 1);
    piece_done(&stranger);
}

/* ---- heads ---- */

struct head_case
{
    uint64_t before, after; ///< Numbers of the chain row; 0: there is none.
    bool is_other;          ///< Its hash is another's.
    uint64_t n;             ///< Findings.
};

static void the_chain_row_and_the_last_batch_are_one(void **state)
{
    static const struct head_case cases[] = {
        {3, 3, false, 0}, {2, 3, false, 0}, {77, 77, false, 1},
        {3, 3, true, 1},  {2, 2, false, 1}, {0, 0, false, 1},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(cases); i++) {
        SCENE(3);
        const struct head_case *c = &cases[i];
        const struct nta_chain_end all = {.has_head_rows = true};
        const uint8_t *sensor = scene->trust.all[0].sensor;
        struct nta_stored last = row_at(scene, c->before && c->before <= 3 ? c->before : 3);
        uint8_t hash[NTA_HASH_LEN];

        nta_header_hash(&last.sealed, hash);
        hash[5] ^= c->is_other;
        if (c->before)
            assert_int_equal(
                nta_chain_expect(scene->chain, NTA_FINDING_HEAD, sensor,
                                 &(struct nta_expected){.number = c->before, .link = hash}),
                0);
        bring_all(scene, 1, 3, false);
        if (c->after)
            nta_chain_head_after(scene->chain, sensor, c->after);
        assert_int_equal(nta_chain_end(scene->chain, &all), 0);
        assert_int_equal(n_of(scene, NTA_FINDING_HEAD), c->n);
        assert_int_equal(n_wrong(scene), c->n);
    }
}

static void noted_heads_lie_in_the_chain_or_are_said(void **state)
{
    SCENE(4);
    const uint8_t *sensor = scene->trust.all[0].sensor;
    struct nta_chain_sensor proved;
    uint8_t hash[NTA_HASH_LEN];
    struct nta_stored row = row_at(scene, 2);

    (void)state;
    nta_header_hash(&row.sealed, hash);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                      &(struct nta_expected){.number = 2, .link = hash}),
                     0);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                      &(struct nta_expected){.number = 3, .link = hash}),
                     0);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                      &(struct nta_expected){.number = 9, .link = hash}),
                     0);
    bring_all(scene, 1, 4, false);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NOTED), 2);
    assert_true(nta_chain_get(scene->chain, 0, &proved));
    assert_int_equal(proved.n_noted, 1);
    assert_int_equal(proved.noted, 2);
    assert_int_equal(proved.whole_to, 4);
}

/** Whichever of the two does not hold, and if both do not. */
static void a_link_and_its_tree_are_one_head(void **state)
{
    (void)state;
    if (scene_format == 1) /* it has no tree */
        return;
    for (unsigned bad = 0; bad < 4; bad++) {
        SCENE(4);
        const uint8_t other[NTA_HASH_LEN] = {1};
        const uint8_t *sensor = scene->trust.all[0].sensor;
        struct nta_log_tree log = {.n = 0};
        struct nta_chain_sensor proved;
        uint8_t link[NTA_HASH_LEN], root[NTA_HASH_LEN];

        for (size_t i = 1; i <= 3; i++) {
            link_of(&scene->pieces[i], link);
            nta_log_add(&log, link);
        }
        nta_log_root(&log, root);
        assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                          &(struct nta_expected){3, bad & 1 ? other : link,
                                                                 bad & 2 ? other : root}),
                         0);
        bring_all(scene, 1, 4, false);
        end(scene);
        assert_true(nta_chain_get(scene->chain, 0, &proved));
        assert_int_equal(proved.n_noted, bad == 0);
        assert_int_equal(n_wrong(scene), bad != 0);
    }
    SCENE(4);
    const uint8_t *sensor = scene->trust.all[0].sensor;
    const uint8_t other[NTA_HASH_LEN] = {1};

    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                      &(struct nta_expected){3, other, other}),
                     0);
    bring_all(scene, 1, 2, false);
    bring_all(scene, 4, 4, false);
    end(scene); /* it is missing, and no second time because its tree is not known */
    assert_int_equal(n_of(scene, NTA_FINDING_NOTED), 1);
    assert_int_equal(n_of(scene, NTA_FINDING_UNSEEN), 0);
}

/**
 * A head that lies in it says nothing of what is missing before it; one whose batch is missing is
 * no other batch.
 */
static void noted_heads_behind_a_hole_do_not_fill_it(void **state)
{
    SCENE(4);
    const uint8_t *sensor = scene->trust.all[0].sensor;
    struct nta_chain_sensor proved;
    struct nta_finding finding;
    uint8_t hash[NTA_HASH_LEN];
    struct nta_stored row = row_at(scene, 4);
    bool is_missing = false;

    (void)state;
    nta_header_hash(&row.sealed, hash);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                      &(struct nta_expected){.number = 4, .link = hash}),
                     0);
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                      &(struct nta_expected){.number = 2, .link = hash}),
                     0);
    bring_all(scene, 1, 1, false);
    bring_all(scene, 3, 4, false);
    end(scene);
    assert_true(nta_chain_get(scene->chain, 0, &proved));
    assert_int_equal(proved.n_noted, 1);
    assert_int_equal(proved.noted, 4);
    assert_int_equal(proved.whole_to, 1);
    for (size_t i = 0; nta_findings_get(scene->findings, i, &finding); i++)
        is_missing =
            is_missing || (finding.kind == NTA_FINDING_NOTED &&
                           strcmp(finding.text, "somebody noted it, but it is missing") == 0);
    assert_true(is_missing);
}

static void heads_of_what_was_not_seen_are_not_wrong(void **state)
{
    SCENE(4);
    const struct nta_chain_end partial = {.is_partial = true};
    const uint8_t *sensor = scene->trust.all[0].sensor;
    uint8_t hash[NTA_HASH_LEN] = {1};

    (void)state;
    assert_int_equal(nta_chain_expect(scene->chain, NTA_FINDING_NOTED, sensor,
                                      &(struct nta_expected){.number = 2, .link = hash}),
                     0);
    bring_all(scene, 3, 4, false);
    assert_int_equal(nta_chain_end(scene->chain, &partial), 0);
    assert_int_equal(n_wrong(scene), 0);
    assert_true(n_of(scene, NTA_FINDING_UNSEEN) > 0);
}

static void a_key_that_was_given_has_batches(void **state)
{
    SCENE(1);

    (void)state;
    scene->trust.all[0].is_given = true;
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NONE), 1);
    scene_judge(scene);
    bring_all(scene, 1, 1, false);
    end(scene);
    assert_int_equal(n_of(scene, NTA_FINDING_NONE), 0);
}

static void rows_are_counted(void **state)
{
    SCENE(1);
    struct nta_store_tally tally = {.n_given = 3, .n_counted = 3, .is_counted = true};

    (void)state;
    nta_chain_tally(scene->chain, &tally);
    assert_int_equal(n_of(scene, NTA_FINDING_COUNT), 0);
    tally.n_counted = 4;
    tally.is_counted = false;
    nta_chain_tally(scene->chain, &tally);
    assert_int_equal(n_of(scene, NTA_FINDING_COUNT), 0);
    tally.is_counted = true;
    nta_chain_tally(scene->chain, &tally);
    assert_int_equal(n_of(scene, NTA_FINDING_COUNT), 1);
    tally = (struct nta_store_tally){.n_strays = 2};
    nta_chain_tally(scene->chain, &tally);
    assert_int_equal(n_of(scene, NTA_FINDING_COUNT), 2);
}

int main(void)
{
    const struct CMUnitTest both[] = {
        cmocka_unit_test(what_is_signed_and_linked_holds),
        cmocka_unit_test(what_is_not_wanted_is_proved_too),
        cmocka_unit_test(one_forged_header_among_many_is_found),
        cmocka_unit_test(who_holds_a_batch_back_is_told_whether_it_was_proved),
        cmocka_unit_test(what_nobody_signed_is_not_shown),
        cmocka_unit_test(a_sensor_that_nobody_trusts_is_not_shown),
        cmocka_unit_test(a_key_has_its_time),
        cmocka_unit_test(each_fault_of_a_row_is_said_and_what_is_no_hint_hides),
        cmocka_unit_test(parts_are_the_signed_ones),
        cmocka_unit_test(tokens_are_held_against_their_hash_before_they_decide),
        cmocka_unit_test(who_removes_a_batch_does_not_hide_the_next),
        cmocka_unit_test(another_store_fills_what_one_lacks),
        cmocka_unit_test(a_huge_number_that_nobody_signed_hides_nothing),
        cmocka_unit_test(a_spoiled_copy_does_not_hide_the_whole_one),
        cmocka_unit_test(the_same_batch_twice_is_shown_once_and_said),
        cmocka_unit_test(two_batches_with_one_number_are_said),
        cmocka_unit_test(what_does_not_follow_is_said),
        cmocka_unit_test(the_chain_row_and_the_last_batch_are_one),
        cmocka_unit_test(noted_heads_lie_in_the_chain_or_are_said),
        cmocka_unit_test(a_link_and_its_tree_are_one_head),
        cmocka_unit_test(noted_heads_behind_a_hole_do_not_fill_it),
        cmocka_unit_test(a_key_that_was_given_has_batches),
        cmocka_unit_test(rows_are_counted),
    };
    const struct CMUnitTest format_1[] = {
        cmocka_unit_test(a_data_key_of_format_1_is_there_and_signed),
        cmocka_unit_test(what_lacks_at_the_beginning_is_a_hole),
        cmocka_unit_test(heads_of_what_was_not_seen_are_not_wrong),
    };
    int n_failed = cmocka_run_group_tests_name("format 2", both, NULL, NULL);

    scene_format = 1;
    n_failed += cmocka_run_group_tests_name("format 1", both, NULL, NULL);
    return n_failed + cmocka_run_group_tests_name("format 1 alone", format_1, NULL, NULL);
}
