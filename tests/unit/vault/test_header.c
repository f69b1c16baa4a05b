/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "names.h"
#include "vault/crypto/curve.h"
#include "vault/header.h"
#include "vault/hex.h"
#include "vault/note.h"

static struct nta_header sample(void)
{
    struct nta_header header = {
        .version = 1,
        .number = 300,
        .first_ns = -5,
        .last_ns = INT64_C(1769860800123456789),
        .n_records = 4096,
    };

    memset(header.sensor, 0x11, sizeof(header.sensor));
    memset(header.nonce, 0x22, sizeof(header.nonce));
    return header;
}

/** Of format 2, with `notes`, encoded in a row. */
static struct nta_header sample_2(struct nta_span notes, size_t n_notes)
{
    struct nta_header header = sample();

    header.version = 2;
    memset(header.log, 0x33, sizeof(header.log));
    header.sealed_ns = INT64_C(1769860801000000000);
    header.clock = 3;
    header.class = NTA_CLASS_LOG;
    header.has_next = true;
    memset(header.next, 0x44, sizeof(header.next));
    header.notes = notes;
    header.n_notes = n_notes;
    return header;
}

/** One of each kind. */
static const struct nta_note all_notes[] = {
    {.kind = NTA_HEADER_NOTE_DELETED,
     .class = NTA_CLASS_TRAFFIC,
     .day = 20484,
     .n_batches = 17280,
     .reason = NTA_DELETE_AGE},
    {.kind = NTA_HEADER_NOTE_LOST, .from = 5, .to = 299, .reason = NTA_LOST_CHAIN_ROW},
    {.kind = NTA_HEADER_NOTE_CHECKPOINT_KEY, .key = {1, 2, 3}},
    {.kind = NTA_HEADER_NOTE_IDENTITY, .key = {4}, .signature = {5}},
    {.kind = NTA_HEADER_NOTE_ADOPTED, .from = 7, .key = {6}, .signature = {7}},
    {.kind = NTA_HEADER_NOTE_HOLD,
     .batch = 12,
     .record = 3,
     .day = 20484,
     .last_day = 20485,
     .reason = NTA_HOLD_HELD},
};

enum
{
    N_NOTES = sizeof(all_notes) / sizeof(all_notes[0])
};

static void put_all_notes(struct nta_buf *out)
{
    for (size_t i = 0; i < N_NOTES; i++)
        nta_note_encode(&all_notes[i], out);
}

static void a_header_comes_back_the_same(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_header header = sample(), back;

    (void)state;
    nta_header_encode(&header, &out);
    assert_true(nta_header_decode(nta_buf_span(&out), &back));
    assert_int_equal(back.number, 300);
    assert_int_equal(back.first_ns, -5);
    assert_int_equal(back.last_ns, header.last_ns);
    assert_int_equal(back.n_records, 4096);
    assert_memory_equal(back.sensor, header.sensor, sizeof(back.sensor));
    assert_memory_equal(back.nonce, header.nonce, sizeof(back.nonce));
}

static void one_of_format_2_comes_back_with_its_notes(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0}, out = {0};

    (void)state;
    put_all_notes(&notes);
    struct nta_header header = sample_2(nta_buf_span(&notes), N_NOTES), back;
    struct nta_note note;

    nta_header_encode(&header, &out);
    assert_true(nta_header_decode(nta_buf_span(&out), &back));
    assert_int_equal(back.version, 2);
    assert_int_equal(back.sealed_ns, header.sealed_ns);
    assert_int_equal(back.clock, 3);
    assert_int_equal(back.class, NTA_CLASS_LOG);
    assert_true(back.has_next);
    assert_memory_equal(back.next, header.next, sizeof(back.next));
    assert_memory_equal(back.log, header.log, sizeof(back.log));
    assert_int_equal(back.n_notes, N_NOTES);
    for (size_t i = 0; i < N_NOTES; i++) {
        assert_true(nta_header_note(&back, i, &note));
        assert_memory_equal(&note, &all_notes[i], sizeof(note));
    }
    assert_false(nta_header_note(&back, N_NOTES, &note));
    header = sample_2((struct nta_span){0}, 0);
    header.has_next = false;
    nta_buf_clear(&out);
    nta_header_encode(&header, &out);
    assert_true(nta_header_decode(nta_buf_span(&out), &back));
    assert_false(back.has_next);
    assert_int_equal(back.n_notes, 0);
}

static void a_note_out_of_its_bounds_is_refused(void **state)
{
    static const struct nta_note bad[] = {
        {.kind = NTA_HEADER_NOTE_DELETED, .class = NTA_CLASS_NONE, .reason = NTA_DELETE_AGE},
        {.kind = NTA_HEADER_NOTE_DELETED, .class = NTA_CLASS_LOG, .reason = 0},
        {.kind = NTA_HEADER_NOTE_DELETED, .class = NTA_CLASS_LOG, .reason = NTA_DELETE_REASONS_END},
        {.kind = NTA_HEADER_NOTE_LOST, .from = 0, .to = 1, .reason = NTA_LOST_RECOVERED},
        {.kind = NTA_HEADER_NOTE_LOST, .from = 2, .to = 1, .reason = NTA_LOST_RECOVERED},
        {.kind = NTA_HEADER_NOTE_LOST, .from = 1, .to = 1, .reason = NTA_LOST_REASONS_END},
        {.kind = NTA_HEADER_NOTE_ADOPTED, .from = 0},
        {.kind = NTA_HEADER_NOTE_DELETED,
         .class = NTA_CLASS_LOG,
         .day = INT64_C(1) + INT32_MAX,
         .reason = NTA_DELETE_AGE},
        {.kind = NTA_HEADER_NOTE_DELETED,
         .class = NTA_CLASS_LOG,
         .day = INT64_C(-1) + INT32_MIN,
         .reason = NTA_DELETE_AGE},
        /* of this header, which is number 300, and of what comes */
        {.kind = NTA_HEADER_NOTE_LOST, .from = 1, .to = 300, .reason = NTA_LOST_RECOVERED},
        {.kind = NTA_HEADER_NOTE_LOST, .from = 301, .to = UINT64_MAX, .reason = NTA_LOST_RECOVERED},
        {.kind = NTA_HEADER_NOTE_ADOPTED, .from = 301},
        {.kind = (enum nta_note_kind)2},
        {.kind = (enum nta_note_kind)9},
        {.kind = NTA_HEADER_NOTE_INDEX, .class = NTA_CLASS_NONE},
        {.kind = NTA_HEADER_NOTE_INDEX, .class = NTA_CLASS_LOG, .day = INT64_C(1) + INT32_MAX},
        {.kind = NTA_HEADER_NOTE_HOLD, .batch = 0, .reason = NTA_HOLD_HELD},
        {.kind = NTA_HEADER_NOTE_HOLD, .batch = 300, .reason = NTA_HOLD_HELD},
        {.kind = NTA_HEADER_NOTE_HOLD, .batch = 1, .reason = 0},
        {.kind = NTA_HEADER_NOTE_HOLD, .batch = 1, .reason = NTA_HOLD_STATES_END},
        {.kind = NTA_HEADER_NOTE_HOLD,
         .batch = 1,
         .day = 9,
         .last_day = 8,
         .reason = NTA_HOLD_HELD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf notes = {0}, out = {0};
        struct nta_header header, back;

        nta_note_encode(&bad[i], &notes);
        header = sample_2(nta_buf_span(&notes), 1);
        nta_header_encode(&header, &out);
        if (nta_header_decode(nta_buf_span(&out), &back))
            fail_msg("note %zu is taken", i);
    }
}

static void more_notes_than_a_header_has_are_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0}, out = {0};
    struct nta_header header, back;

    (void)state;
    for (size_t n = 1; n <= NTA_NOTES_MAX + 1; n++) {
        nta_note_encode(&all_notes[1], &notes);
        header = sample_2(nta_buf_span(&notes), n);
        nta_buf_clear(&out);
        nta_header_encode(&header, &out);
        assert_int_equal(nta_header_decode(nta_buf_span(&out), &back), n <= NTA_NOTES_MAX);
    }
}

static void a_note_is_signed_for_one_header_of_one_sensor(void **state)
{
    static const uint8_t secret[NTA_KEY_LEN] = {9};
    uint8_t identity[NTA_KEY_LEN], sensor[NTA_SENSOR_ID_LEN] = {1};
    struct nta_note note = all_notes[4];

    (void)state;
    assert_int_equal(nta_ed25519_public(secret, identity), 0);
    assert_int_equal(nta_note_sign(&note, sensor, 70000, secret), 0);
    assert_true(nta_note_signed(&note, sensor, 70000, identity));
    assert_false(nta_note_signed(&note, sensor, 70001, identity));
    assert_false(nta_note_signed(&note, (const uint8_t[NTA_SENSOR_ID_LEN]){2}, 70000, identity));
    note.from++;
    assert_false(nta_note_signed(&note, sensor, 70000, identity));
    note = all_notes[1];
    assert_true(nta_note_sign(&note, sensor, 1, secret) < 0);
    assert_false(nta_note_signed(&note, sensor, 1, identity));
}

static void assert_bad(const struct nta_header *header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_header back;

    nta_header_encode(header, &out);
    assert_false(nta_header_decode(nta_buf_span(&out), &back));
}

static void numbers_no_batch_has_are_refused(void **state)
{
    struct nta_header header = sample();

    (void)state;
    header.n_records = 0;
    assert_bad(&header);
    header.n_records = NTA_BATCH_RECORDS + 1;
    assert_bad(&header);
    header = sample();
    header.number = 0;
    assert_bad(&header);
}

static void a_longer_way_to_write_the_same_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, longer = {0};
    struct nta_header header = sample(), back;

    (void)state;
    nta_header_encode(&header, &out);
    nta_buf_put(&longer, out.ptr, 1);
    nta_buf_put(&longer, "\x18\x01", 2); /* version 1 in two bytes */
    nta_buf_put(&longer, out.ptr + 2, out.len - 2);
    assert_false(nta_header_decode(nta_buf_span(&longer), &back));
}

static void check_prefixes(const struct nta_header *header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_header back;

    nta_header_encode(header, &out);
    for (size_t n = 0; n < out.len; n++) {
        NTA_AUTO_FREE uint8_t *exact = malloc(n ? n : 1);

        assert_non_null(exact);
        memcpy(exact, out.ptr, n);
        assert_false(nta_header_decode((struct nta_span){exact, n}, &back));
    }
    nta_buf_put_u8(&out, 0);
    assert_false(nta_header_decode(nta_buf_span(&out), &back));
}

/** Field by field as large and as small as it can be. */
static void numbers_at_their_ends_come_back(void **state)
{
    const struct nta_note ends[] = {
        {.kind = NTA_HEADER_NOTE_DELETED,
         .class = NTA_CLASS_LOG,
         .day = INT32_MIN,
         .n_batches = UINT64_MAX,
         .reason = NTA_DELETE_LAW},
        {.kind = NTA_HEADER_NOTE_LOST,
         .from = UINT64_MAX - 1,
         .to = UINT64_MAX - 1,
         .reason = NTA_LOST_RECOVERED},
        {.kind = NTA_HEADER_NOTE_ADOPTED, .from = UINT64_MAX},
        {.kind = NTA_HEADER_NOTE_HOLD,
         .batch = UINT64_MAX - 1,
         .record = UINT64_MAX,
         .day = INT32_MIN,
         .last_day = INT32_MAX,
         .reason = NTA_HOLD_RELEASED},
    };
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0}, out = {0};
    struct nta_note note;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        nta_note_encode(&ends[i], &notes);
    struct nta_header header = sample_2(nta_buf_span(&notes), 3), back;

    header.number = header.clock = UINT64_MAX;
    header.sealed_ns = header.first_ns = INT64_MIN;
    nta_header_encode(&header, &out);
    assert_true(nta_header_decode(nta_buf_span(&out), &back));
    assert_true(back.number == UINT64_MAX && back.clock == UINT64_MAX);
    assert_true(back.sealed_ns == INT64_MIN && back.first_ns == INT64_MIN);
    for (size_t i = 0; i < 3; i++) {
        assert_true(nta_header_note(&back, i, &note));
        assert_memory_equal(&note, &ends[i], sizeof(note));
    }
}

/** With another version in the place of its own it is nothing, and no signature is for both. */
static void a_header_of_one_version_is_none_of_the_other(void **state)
{
    static const char *const domains[] = {NTA_HEADER_DOMAIN, NTA_HEADER_DOMAIN_2};
    static const uint8_t secret[NTA_KEY_LEN] = {9};
    const struct nta_header headers[] = {sample(), sample_2((struct nta_span){0}, 0)};
    uint8_t public_key[NTA_KEY_LEN], signature[NTA_SIGNATURE_LEN];

    (void)state;
    assert_int_equal(nta_ed25519_public(secret, public_key), 0);
    for (size_t i = 0; i < 2; i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
        struct nta_header back;

        nta_header_encode(&headers[i], &out);
        for (size_t domain = 0; domain < 2; domain++) {
            const struct nta_sealed sealed = {.header = nta_buf_span(&out),
                                              .signature = {signature, sizeof(signature)}};

            assert_int_equal(nta_ed25519_sign(secret, domains[domain], sealed.header, signature),
                             0);
            assert_int_equal(nta_header_signed(&sealed, public_key), domain == i);
        }
        for (unsigned version = 0; version < 24; version++) {
            out.ptr[1] = (uint8_t)version;
            assert_int_equal(nta_header_decode(nta_buf_span(&out), &back), version == i + 1);
        }
    }
}

static void every_prefix_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0};
    struct nta_header header = sample();

    (void)state;
    check_prefixes(&header);
    put_all_notes(&notes);
    header = sample_2(nta_buf_span(&notes), N_NOTES);
    check_prefixes(&header);
}

static void check_flips(const struct nta_header *header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, again = {0};
    struct nta_header back;

    nta_header_encode(header, &out);
    for (size_t i = 0; i < out.len; i++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            out.ptr[i] ^= (uint8_t)flip;
            if (nta_header_decode(nta_buf_span(&out), &back)) {
                nta_buf_clear(&again);
                nta_header_encode(&back, &again);
                assert_true(nta_span_equal(nta_buf_span(&again), nta_buf_span(&out)));
            }
            out.ptr[i] ^= (uint8_t)flip;
        }
    }
}

static void a_flipped_byte_is_refused_or_read_as_it_stands(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0};
    struct nta_header header = sample();

    (void)state;
    check_flips(&header);
    put_all_notes(&notes);
    header = sample_2(nta_buf_span(&notes), N_NOTES);
    check_flips(&header);
}

static void check_aad(const struct nta_header *header, uint8_t head)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, aad = {0};

    nta_header_encode(header, &out);
    nta_header_aad(nta_buf_span(&out), &aad);
    assert_int_equal(aad.len, out.len - 34);
    assert_int_equal(aad.ptr[0], head);
    assert_memory_equal(aad.ptr + 1, out.ptr + 1, aad.len - 1);
}

static void associated_data_is_all_but_the_body_hash(void **state)
{
    struct nta_header header = sample();

    (void)state;
    check_aad(&header, 0x8b);
    header = sample_2((struct nta_span){0}, 0);
    check_aad(&header, 0x91);
}

static void each_verdict_has_a_text_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_check_text, NTA_CHECK_OK, NTA_CHECK_BODY + 1);
    NAMES_ARE_TOTAL(nta_key_check_text, NTA_KEY_OK, NTA_KEY_ROW + 1);
    NAMES_ARE_TOTAL(nta_values_check_text, NTA_VALUES_OK, NTA_VALUES_TOKENS + 1);
    NAMES_ARE_TOTAL(nta_delete_reason_name, NTA_DELETE_AGE, NTA_DELETE_REASONS_END);
    NAMES_ARE_TOTAL(nta_lost_reason_name, NTA_LOST_STORE_OLDER, NTA_LOST_REASONS_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verdict_has_a_text_of_its_own),
        cmocka_unit_test(a_header_comes_back_the_same),
        cmocka_unit_test(one_of_format_2_comes_back_with_its_notes),
        cmocka_unit_test(a_note_out_of_its_bounds_is_refused),
        cmocka_unit_test(more_notes_than_a_header_has_are_refused),
        cmocka_unit_test(a_note_is_signed_for_one_header_of_one_sensor),
        cmocka_unit_test(numbers_no_batch_has_are_refused),
        cmocka_unit_test(a_longer_way_to_write_the_same_is_refused),
        cmocka_unit_test(numbers_at_their_ends_come_back),
        cmocka_unit_test(a_header_of_one_version_is_none_of_the_other),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(a_flipped_byte_is_refused_or_read_as_it_stands),
        cmocka_unit_test(associated_data_is_all_but_the_body_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
