/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scene.h"
#include "store/writer.h"

#include <errno.h>
#include <sys/stat.h>

static bool wants_none(void *owner, const struct nta_stored *row)
{
    (void)owner;
    assert_int_equal(row->sealed.signature.len, NTA_SIGNATURE_LEN);
    assert_int_equal(row->sealed.body.len, 0);
    return false;
}

static void what_is_put_comes_back(void **state)
{
    struct scene *scene = *state;
    struct nta_store_query query = {0};

    scene_put_some(scene, 1, 20, 100000);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 20);
    assert_true(scene->seen.is_chain);
    assert_int_equal(scene->seen.first, 1);
    assert_int_equal(scene->seen.body_bytes, 2000000);
    query.wants = wants_none;
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 20);
    assert_int_equal(scene->seen.body_bytes, 0);
}

static int compare_with_sample(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    const struct sample *sample = owner;
    const struct nta_sealed *a = &sample->stored.sealed, *b = &batch->sealed;

    (void)err;
    assert_int_equal(batch->faults, 0);
    assert_int_equal(batch->header.number, sample->stored.header.number);
    assert_int_equal(batch->header.first_ns, sample->stored.header.first_ns);
    assert_int_equal(batch->header.last_ns, sample->stored.header.last_ns);
    assert_int_equal(batch->header.n_records, sample->stored.header.n_records);
    assert_memory_equal(batch->header.sensor, sample->stored.header.sensor, NTA_SENSOR_ID_LEN);
    assert_memory_equal(batch->header.root, sample->stored.header.root, NTA_HASH_LEN);
    assert_int_equal(a->header.len, b->header.len);
    assert_int_equal(a->signature.len, b->signature.len);
    assert_int_equal(a->tokens.len, b->tokens.len);
    assert_int_equal(a->body.len, b->body.len);
    assert_memory_equal(a->header.ptr, b->header.ptr, a->header.len);
    assert_memory_equal(a->signature.ptr, b->signature.ptr, a->signature.len);
    assert_memory_equal(a->tokens.ptr, b->tokens.ptr, a->tokens.len);
    assert_memory_equal(a->body.ptr, b->body.ptr, a->body.len);
    return 7;
}

static void every_byte_of_a_batch_comes_back(void **state)
{
    struct scene *scene = *state;
    struct nta_store_query query = {0};

    scene_put_some(scene, 1, 1, 300001);
    assert_int_equal(
        nta_store_each(scene->store, &query, compare_with_sample, &scene->sample, &scene->err), 7);
}

static void a_header_that_is_not_what_the_row_says_is_marked(void **state)
{
    struct scene *scene = *state;
    static struct sample other;

    scene_put_some(scene, 1, 4, 100);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 5, .body_len = 10},
                NULL);
    sample_make(&other, &(struct sample_plan){.sensor = 1, .number = 9, .body_len = 10}, NULL);
    scene->sample.stored.sealed.header = other.stored.sealed.header;
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 6, .body_len = 10},
                NULL);
    scene->sample.header[0] ^= 0x80; /* no CBOR array any more */
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 6);
    assert_int_equal(scene->seen.n_faulty, 2);
    assert_int_equal(scene->seen.numbers[4], 9);
    assert_int_equal(scene->seen.numbers[5], 6); /* from the row */
    assert_int_equal(scene->seen.sensors[5], 1);
}

static void the_same_batch_again_is_no_error(void **state)
{
    struct scene *scene = *state;
    struct sample_plan plan = {.sensor = 1, .number = 1, .body_len = 5000};
    struct nta_store_size size;

    assert_int_equal(scene_put(scene, &plan), 0);
    assert_int_equal(scene_put(scene, &plan), 0);
    assert_int_equal(nta_store_measure(scene->store, &size, &scene->err), 0);
    assert_int_equal(size.n_batches, 1);
    assert_int_equal(size.n_records, 4096);
    assert_int_equal(size.bytes, 5000 + scene->sample.stored.sealed.header.len + NTA_SIGNATURE_LEN +
                                     sizeof(scene->sample.tokens));
    assert_int_equal(size.oldest_ns, scene->sample.stored.header.first_ns);
}

static void a_head_that_is_there_alone_gets_its_contents_from_a_copy(void **state)
{
    struct scene *scene = *state;
    struct sample *sample = &scene->sample;
    struct nta_store_query query = {0};

    sample_make(sample, &(struct sample_plan){.sensor = 1, .number = 1, .body_len = 5000}, NULL);
    sample->stored.faults = NTA_ROW_ABSENT;
    for (int i = 0; i < 2; i++) /* and a head takes nothing away */
        assert_int_equal(nta_store_put_batches(scene->store, &sample->stored, 1, &scene->err), 0);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.body_bytes, 0);
    sample->stored.faults = 0;
    assert_int_equal(nta_store_put_batches(scene->store, &sample->stored, 1, &scene->err), 0);
    assert_int_equal(nta_store_each(scene->store, &query, compare_with_sample, sample, &scene->err),
                     7);
    sample->stored.faults = NTA_ROW_ABSENT;
    assert_int_equal(nta_store_put_batches(scene->store, &sample->stored, 1, &scene->err), 0);
    sample->stored.faults = 0;
    assert_int_equal(nta_store_each(scene->store, &query, compare_with_sample, sample, &scene->err),
                     7);
}

static void another_batch_with_the_same_key_is_refused_and_nothing_of_the_call_is_kept(void **state)
{
    struct scene *scene = *state;
    static struct sample samples[2];
    struct nta_stored both[2];
    struct nta_store_place place;

    scene_put_some(scene, 1, 1, 500);
    sample_make(&samples[0], &(struct sample_plan){.sensor = 1, .number = 2, .body_len = 10}, NULL);
    sample_make(&samples[1],
                &(struct sample_plan){.sensor = 1, .number = 1, .body_len = 10, .salt = 5}, NULL);
    both[0] = samples[0].stored;
    both[1] = samples[1].stored;
    assert_int_equal(nta_store_put_batches(scene->store, both, 2, &scene->err), -EEXIST);
    assert_non_null(strstr(scene->err.text, "another batch 1 of sensor 0101"));
    assert_int_equal(nta_store_get_place(scene->store, scene_sensor, &place, &scene->err), 0);
    assert_int_equal(place.head.number, 1);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 1);
}

static void the_last_batch_is_known_after_all_were_forgotten(void **state)
{
    struct scene *scene = *state;
    struct nta_store_size size;
    struct nta_store_place place;

    assert_int_equal(nta_store_get_place(scene->store, scene_sensor, &place, &scene->err), 0);
    assert_int_equal(place.head.number, 0);
    scene_put_some(scene, 1, 300, 3000);
    assert_int_equal(nta_store_forget(scene->store, scene_sensor, 290, &scene->err), 0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 10);
    assert_int_equal(scene->seen.first, 291);
    assert_int_equal(nta_store_forget(scene->store, scene_sensor, UINT64_MAX, &scene->err), 0);
    assert_int_equal(nta_store_measure(scene->store, &size, &scene->err), 0);
    assert_int_equal(size.n_batches, 0);
    assert_int_equal(size.oldest_ns, 0);
    assert_int_equal(nta_store_get_place(scene->store, scene_sensor, &place, &scene->err), 0);
    assert_int_equal(place.head.number, 300);
    assert_memory_equal(place.head.hash, scene->sample.hash, NTA_HASH_LEN);
}

static bool wants_all(void *owner, const struct nta_stored *row)
{
    (void)owner;
    (void)row;
    return true;
}

static void heads_that_name_a_key_stay_when_their_content_goes(void **state)
{
    struct scene *scene = *state;
    const struct nta_store_query with_tokens = {.with_tokens = true, .wants = wants_all};
    struct nta_store_tally tally = {0};
    const struct nta_store_query query = {.tally = &tally};

    for (uint64_t i = 1; i <= 400; i++) {
        const struct sample_plan plan = {.sensor = 1,
                                         .number = i,
                                         .body_len = 30,
                                         .class = NTA_CLASS_EVIDENCE + i % 4,
                                         .has_next = i % 150 == 1};

        assert_int_equal(scene_put(scene, &plan), 0);
    }
    assert_int_equal(nta_store_forget(scene->store, scene_sensor, 399, &scene->err), 0);
    assert_int_equal(nta_store_forget(scene->store, scene_sensor, 399, &scene->err), 0);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 4);
    assert_int_equal(scene->seen.numbers[0], 1);
    assert_int_equal(scene->seen.numbers[1], 151);
    assert_int_equal(scene->seen.numbers[2], 301);
    assert_int_equal(scene->seen.numbers[3], 400);
    assert_int_equal(scene->seen.n_faulty, 3);
    assert_int_equal(scene->seen.faults, NTA_ROW_ABSENT);
    assert_int_equal(tally.n_strays, 0);
    scene_collect(scene, &with_tokens);
    assert_int_equal(scene->seen.n_faulty, 3);
    assert_int_equal(scene->seen.body_bytes, 30);
}

static void a_head_goes_without_its_content(void **state)
{
    struct scene *scene = *state;

    scene_put_some(scene, 1, 1, 10);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 2, .body_len = 10},
                scene->sample.hash);
    scene->sample.stored.faults = NTA_ROW_ABSENT;
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    scene->sample.stored.faults = NTA_ROW_ABSENT | NTA_ROW_TYPE;
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err),
                     -EINVAL);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 2);
    assert_int_equal(scene->seen.n_faulty, 1);
    assert_int_equal(scene->seen.faults, NTA_ROW_ABSENT);
}

static void forgetting_gives_space_back(void **state)
{
    struct scene *scene = *state;
    struct stat before, after;

    scene_put_some(scene, 1, 500, 300000);
    nta_store_close(&scene->store);
    assert_int_equal(stat(scene->path, &before), 0);
    assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), 0);
    for (uint64_t i = 32; i <= 512; i += 32)
        assert_int_equal(nta_store_forget(scene->store, scene_sensor, i, &scene->err), 0);
    nta_store_close(&scene->store);
    assert_int_equal(stat(scene->path, &after), 0);
    assert_true(before.st_size > 140000000);
    assert_true(after.st_size < 80000000);
}

static void order_is_by_sensor_and_number_whatever_the_days(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = 1; i <= 60; i++) {
        for (uint8_t sensor = 3; sensor > 0; sensor--) {
            struct sample_plan plan = {.sensor = sensor, .number = i, .body_len = 10};

            /* capture files of three days, read in turns of different length */
            plan.first_ns = SAMPLE_START_NS -
                            (int64_t)(i / (1 + sensor * UINT64_C(2)) % 3) * SAMPLE_DAY_NS +
                            (int64_t)i;
            assert_int_equal(scene_put(scene, &plan), 0);
        }
    }
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 180);
    for (uint64_t i = 0; i < 180; i++) {
        assert_int_equal(scene->seen.numbers[i], i % 60 + 1);
        assert_int_equal(scene->seen.sensors[i], i / 60 + 1);
    }
    scene_collect(scene, &(struct nta_store_query){.sensor = scene_sensor, .from_number = 41});
    assert_int_equal(scene->seen.n, 20);
    assert_int_equal(scene->seen.first, 41);
}

static void times_before_1970_have_their_day(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(
        scene_put(scene,
                  &(struct sample_plan){.sensor = 1, .number = 1, .first_ns = -1, .body_len = 10}),
        0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 1);
}

/** Wants the batch with this number, by its token. */
static bool wants_number(void *owner, const struct nta_stored *row)
{
    uint8_t token[NTA_TOKEN_LEN];

    sample_token(*(uint64_t *)owner, token);
    assert_int_equal(row->sealed.body.len, 0);
    return nta_tokens_have(row->sealed.tokens, token);
}

static void every_row_is_given_and_those_wanted_with_their_body(void **state)
{
    struct scene *scene = *state;
    uint64_t wanted = 17;
    struct nta_store_tally tally = {0};
    struct nta_store_query query = {
        .with_tokens = true, .wants = wants_number, .wants_owner = &wanted, .tally = &tally};

    scene_put_some(scene, 1, 50, 2000);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 50);
    assert_int_equal(scene->seen.body_bytes, 2000);
    assert_true(tally.is_counted);
    assert_int_equal(tally.n_given, 50);
    assert_int_equal(tally.n_counted, 50);
    query.sensor = scene_sensor;
    query.from_number = 31;
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 20);
    assert_int_equal(tally.n_given, 50);
    assert_int_equal(tally.n_counted, 50);
}

/** Tokens of those with an odd number alone. */
static bool narrows_odd(void *owner, const struct nta_stored *row)
{
    (void)owner;
    assert_int_equal(row->sealed.tokens.len, 0);
    return row->header.number % 2;
}

static bool wants_odd(void *owner, const struct nta_stored *row)
{
    (void)owner;
    assert_int_equal(row->sealed.tokens.len > 0, row->header.number % 2);
    return row->header.number % 2;
}

static void tokens_are_read_where_they_are_asked_for(void **state)
{
    struct scene *scene = *state;
    const struct nta_store_query query = {
        .with_tokens = true, .narrows = narrows_odd, .wants = wants_odd};

    scene_put_some(scene, 1, 6, 2000);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 6);
    assert_int_equal(scene->seen.n_faulty, 0);
    assert_int_equal(scene->seen.body_bytes, 3 * 2000);
}

/** As many as are looked at ahead, several times; what was found out of each is that. */
static bool wants_by_facts(void *owner, const struct nta_stored *row)
{
    const struct nta_stored_facts *facts = row->facts;
    uint64_t *n_asked = owner;

    if (!facts) /* once more, for its body */
        return true;
    assert_int_equal(row->header.number, ++*n_asked);
    assert_true(facts->has_tokens);
    assert_int_equal(facts->tokens_hold, nta_hash_is(row->sealed.tokens, row->header.tokens_hash));
    assert_int_equal(facts->has_key, row->header.number % 3 == 0);
    assert_int_equal(facts->is_signed,
                     facts->has_key && nta_header_signed(&row->sealed, facts->key));
    return row->header.number % 10 == 7;
}

static bool signer_of_each_third(void *owner, const struct nta_stored *row,
                                 uint8_t ret_key[NTA_KEY_LEN])
{
    (void)owner;
    memset(ret_key, 9, NTA_KEY_LEN);
    return row->header.number % 3 == 0;
}

static void rows_are_looked_at_ahead_and_given_in_their_order(void **state)
{
    struct scene *scene = *state;
    uint64_t n_asked = 0;
    const struct nta_store_query query = {.with_tokens = true,
                                          .wants = wants_by_facts,
                                          .wants_owner = &n_asked,
                                          .signer = signer_of_each_third};

    scene_put_some(scene, 1, 100, 2000);
    scene_collect(scene, &query);
    assert_int_equal(n_asked, 100);
    assert_int_equal(scene->seen.n, 100);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(scene->seen.numbers[i], i + 1);
    assert_int_equal(scene->seen.body_bytes, 10 * 2000);
}

static int take_key(void *owner, const struct nta_stored_key *stored, struct nta_err *err)
{
    const struct nta_wrapped_key *key = &stored->key;
    struct sample_seen *seen = owner;

    (void)err;
    seen->numbers[seen->n] = key->id[0];
    seen->body_bytes += key->blob.len;
    seen->n++;
    return key->id[0] == 77 ? -EPIPE : 0;
}

static void keys_are_kept_once(void **state)
{
    struct scene *scene = *state;
    static const uint8_t blob[700] = {1, 2, 3};
    struct nta_wrapped_key key = {.blob = {blob, sizeof(blob)}};

    for (uint8_t i = 1; i <= 4; i++) {
        key.id[0] = (uint8_t)(9 - i / 2);
        key.class = NTA_CLASS_WHO;
        key.day = 1000 - i;
        assert_int_equal(nta_store_put_key(scene->store, &key, &scene->err), 0);
    }
    assert_int_equal(nta_store_each_key(scene->store, take_key, &scene->seen, &scene->err), 0);
    assert_int_equal(scene->seen.n, 3);
    assert_int_equal(scene->seen.body_bytes, 3 * sizeof(blob));
    assert_int_equal(scene->seen.numbers[0], 9); /* in the order they came */
    assert_int_equal(scene->seen.numbers[2], 7);
}

static void readers_see_what_the_running_writer_commits(void **state)
{
    struct scene *scene = *state;
    struct nta_store *reader = NULL, *writer = scene->store;

    scene_put_some(scene, 1, 3, 1000);
    assert_int_equal(nta_store_open_sqlite(scene->path, false, &reader, &scene->err), 0);
    scene->store = reader;
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 3);
    scene->store = writer;
    scene_put_some(scene, 4, 5, 1000);
    scene->store = reader;
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 5);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 6}, NULL);
    assert_int_equal(nta_store_put_batches(reader, &scene->sample.stored, 1, &scene->err), -EROFS);
    nta_store_close(&reader);
    scene->store = writer;
    scene_put_some(scene, 6, 6, 1000);
}

/** Put a batch while the walk stands inside the reader's call. */
static int write_beside(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct scene *scene = owner;

    (void)err;
    if (batch->header.number == 1)
        scene_put_some(scene, 3, 3, 1000);
    return nta_store_forget(scene->store, scene_sensor, batch->header.number, err);
}

static void a_walk_locks_nothing(void **state)
{
    struct scene *scene = *state;

    scene_put_some(scene, 1, 2, 1000);
    assert_int_equal(nta_store_each(scene->store, &(struct nta_store_query){0}, write_beside, scene,
                                    &scene->err),
                     0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 1);
    assert_int_equal(scene->seen.first, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(what_is_put_comes_back),
        TEST(every_byte_of_a_batch_comes_back),
        TEST(a_header_that_is_not_what_the_row_says_is_marked),
        TEST(the_same_batch_again_is_no_error),
        TEST(a_head_that_is_there_alone_gets_its_contents_from_a_copy),
        TEST(another_batch_with_the_same_key_is_refused_and_nothing_of_the_call_is_kept),
        TEST(the_last_batch_is_known_after_all_were_forgotten),
        TEST(heads_that_name_a_key_stay_when_their_content_goes),
        TEST(a_head_goes_without_its_content),
        TEST(forgetting_gives_space_back),
        TEST(order_is_by_sensor_and_number_whatever_the_days),
        TEST(times_before_1970_have_their_day),
        TEST(every_row_is_given_and_those_wanted_with_their_body),
        TEST(tokens_are_read_where_they_are_asked_for),
        TEST(rows_are_looked_at_ahead_and_given_in_their_order),
        TEST(keys_are_kept_once),
        TEST(readers_see_what_the_running_writer_commits),
        TEST(a_walk_locks_nothing),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
