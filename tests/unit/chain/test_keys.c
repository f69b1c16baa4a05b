/* SPDX-License-Identifier: Apache-2.0 */
/* Data keys of format 2: the header names one blob, and that is for it and nothing else. */
#include "scene.h"

#define SCENE(n) NTA_AUTO(scene_done) struct scene *scene = scene_new(n)

/** The header of the last batch names this key. */
static void seal_under(struct scene *scene, const struct scene_key *key)
{
    struct piece *piece = scene_seal(scene, &(struct sealing){.second = 1000});

    memcpy(piece->header.data_key, key->key.key.id, NTA_DATA_KEY_ID_LEN);
    forge_header(&piece->header, &scene->signing, &piece->header_bytes, &piece->signature);
}

static void a_batch_names_the_key_of_its_class_day_and_sensor(void **state)
{
    NTA_AUTO(scene_done) struct scene *other = scene_of(2, 2);

    (void)state;
    for (int i = 0; i < 4; i++) {
        SCENE(3);
        const struct scene_key *key = i == 0   ? scene_key(scene, NTA_CLASS_TRAFFIC, 0)
                                      : i == 1 ? scene_key(scene, NTA_CLASS_EVIDENCE, 0)
                                      : i == 2 ? scene_key(scene, NTA_CLASS_TRAFFIC, 1)
                                               : scene_key(other, NTA_CLASS_TRAFFIC, 0);
        struct nta_trusted both = {.name = "other"};

        memcpy(both.public_key, other->identity.public_key, NTA_KEY_LEN);
        assert_int_equal(nta_trust_add(&scene->trust, &both, &scene->err), 0);
        seal_under(scene, key);
        scene_judge(scene);
        assert_true(nta_chain_key(scene->chain, &key->key)); /* the other's is a good one */
        bring_all(scene, 1, 3, true);
        struct nta_verdict verdict = bring(scene, row_at(scene, 4), true);

        assert_int_equal(verdict.shows, i == 0);
        if (i > 0)
            assert_int_equal(verdict.why, NTA_FINDING_KEY_MISSING);
        assert_int_equal(n_of(scene, NTA_FINDING_KEY_MISSING), i > 0);
        assert_int_equal(n_wrong(scene), i > 0);
    }
}

static void a_row_says_of_its_blob_what_it_is(void **state)
{
    SCENE(2);
    struct nta_stored_key key = scene->keys[0].key;

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct nta_stored_key bad = key;

        scene_judge(scene);
        bad.key.id[3] ^= i == 0;
        bad.key.class = i == 1 ? NTA_CLASS_EVIDENCE : bad.key.class;
        bad.key.day += i == 2;
        bad.key.sensor[0] ^= i == 3;
        bad.key.blob.len -= i == 4;
        assert_false(nta_chain_key(scene->chain, &bad));
        assert_int_equal(n_of(scene, NTA_FINDING_KEY_ROW), 1);
    }
}

static void a_key_that_no_header_names_is_no_fault(void **state)
{
    SCENE(2);
    const struct scene_key *idle = scene_key(scene, NTA_CLASS_WHO, 0);

    (void)state;
    assert_true(nta_chain_key(scene->chain, &idle->key));
    assert_true(nta_chain_key(scene->chain, &idle->key)); /* in the other store, too */
    bring_all(scene, 1, 2, true);
    end(scene);
    assert_int_equal(n_wrong(scene), 0);
}

/** Who seals under a key of their own needs the sensor's signature all the same. */
static void many_keys_are_found(void **state)
{
    SCENE(0);
    static uint8_t ids[500][NTA_DATA_KEY_ID_LEN];
    uint8_t auditor[NTA_KEY_LEN];

    (void)state;
    forge_auditor(auditor);
    for (unsigned i = 0; i < 500; i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
        struct nta_stored_key key = {.key = {.class = NTA_CLASS_TRAFFIC, .day = i}};

        memcpy(key.key.sensor, scene->sensor, NTA_SENSOR_ID_LEN);
        forge_key_2(&key.key, auditor, auditor, &blob);
        memcpy(ids[i], key.key.id, sizeof(ids[i]));
        assert_true(nta_chain_key(scene->chain, &key));
    }
    for (unsigned i = 0; i < 500; i++) {
        struct nta_header header = {.version = 2, .class = NTA_CLASS_TRAFFIC};

        memcpy(header.sensor, scene->sensor, sizeof(header.sensor));
        memcpy(header.data_key, ids[i], sizeof(ids[i]));
        header.sealed_ns = (int64_t)i * 86400 * SCENE_SECOND_NS;
        assert_true(nta_chain_has_key(scene->chain, &header));
        header.sealed_ns -= 1;
        assert_false(nta_chain_has_key(scene->chain, &header));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_names_the_key_of_its_class_day_and_sensor),
        cmocka_unit_test(a_row_says_of_its_blob_what_it_is),
        cmocka_unit_test(a_key_that_no_header_names_is_no_fault),
        cmocka_unit_test(many_keys_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
