/* SPDX-License-Identifier: Apache-2.0 */
#include "record/batch.h"
#include "record/helper.h"
#include "record/sample_random.h"

#include <errno.h>

static const uint8_t salt_key[32] = "0123456789abcdefghijklmnopqrstu";

/** A batch of random records, packed. */
static void make(struct nta_batch *batch, struct nta_body **body, struct nta_buf *out, int n)
{
    struct sample_random random = {.state = 3};
    struct nta_record_buf buf;

    nta_batch_init(batch);
    assert_int_equal(nta_body_new(body), 0);
    for (int i = 0; i < n; i++) {
        struct nta_record record = sample_record(&random, &buf);

        assert_int_equal(nta_batch_add(batch, &record), 0);
    }
    assert_int_equal(nta_body_pack(*body, batch, salt_key, out), 0);
}

static void packed_records_come_back(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch, back;
    NTA_AUTO(nta_body_free) struct nta_body *body = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    uint8_t key[32];

    (void)state;
    nta_batch_init(&back);
    make(&batch, &body, &out, 500);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(nta_body_unpack(body, nta_buf_span(&out), &back, key), 0);
        assert_memory_equal(key, salt_key, sizeof(key));
        assert_int_equal(back.n_records, 500);
        assert_int_equal(back.records.len, batch.records.len);
        assert_memory_equal(back.records.ptr, batch.records.ptr, batch.records.len);
        assert_memory_equal(back.ends.ptr, batch.ends.ptr, batch.ends.len);
    }
}

static void a_full_batch_fits(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch, back;
    NTA_AUTO(nta_body_free) struct nta_body *body = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    NTA_AUTO_FREE uint8_t *big = calloc(1, NTA_BATCH_BYTES);
    struct nta_record small = {.event = NTA_RECORD_FLOW}, large = {.event = NTA_RECORD_PACKETS};
    uint8_t key[32];

    (void)state;
    nta_batch_init(&back);
    nta_batch_init(&batch);
    assert_int_equal(nta_body_new(&body), 0);
    for (int i = 1; i < NTA_BATCH_RECORDS; i++)
        assert_int_equal(nta_batch_add(&batch, &small), 0);
    large.packets = (struct nta_span){big, NTA_BATCH_BYTES - 5 * (NTA_BATCH_RECORDS - 1) - 11};
    assert_int_equal(nta_batch_add(&batch, &large), 0);
    assert_int_equal(batch.records.len, NTA_BATCH_BYTES);
    assert_int_equal(nta_body_pack(body, &batch, salt_key, &out), 0);
    assert_int_equal(nta_body_unpack(body, nta_buf_span(&out), &back, key), 0);
    assert_int_equal(back.n_records, NTA_BATCH_RECORDS);
}

static void every_prefix_is_refused(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch, back;
    NTA_AUTO(nta_body_free) struct nta_body *body = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    uint8_t key[32];

    (void)state;
    nta_batch_init(&back);
    make(&batch, &body, &out, 5);
    for (size_t n = 0; n < out.len; n++) {
        NTA_AUTO_FREE uint8_t *exact = unit_copy(out.ptr, n);

        assert_int_equal(nta_body_unpack(body, (struct nta_span){exact, n}, &back, key), -EBADMSG);
        assert_int_equal(back.n_records, 0);
    }
    nta_buf_put_u8(&out, 0);
    assert_int_equal(nta_body_unpack(body, nta_buf_span(&out), &back, key), -EBADMSG);
}

static void flipped_bytes_give_a_bounded_answer(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch, back;
    NTA_AUTO(nta_body_free) struct nta_body *body = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    uint8_t key[32];

    (void)state;
    nta_batch_init(&back);
    make(&batch, &body, &out, 5);
    NTA_AUTO_FREE uint8_t *exact = unit_copy(out.ptr, out.len);

    for (size_t n = 0; n < out.len; n++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            exact[n] ^= (uint8_t)(1U << bit);
            int r = nta_body_unpack(body, (struct nta_span){exact, out.len}, &back, key);

            assert_true(r == 0 || r == -EBADMSG);
            assert_true(back.records.len <= NTA_BATCH_BYTES);
            exact[n] ^= (uint8_t)(1U << bit);
        }
    }
}

static void a_bomb_is_refused_before_it_opens(void **state)
{
    /* a frame header that claims 1 TiB, and one that claims no size */
    static const uint8_t huge[] =
        "\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00";
    static const uint8_t unknown[] = "\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00";
    NTA_AUTO(nta_batch_done) struct nta_batch back;
    NTA_AUTO(nta_body_free) struct nta_body *body = NULL;
    uint8_t key[32];

    (void)state;
    nta_batch_init(&back);
    assert_int_equal(nta_body_new(&body), 0);
    assert_int_equal(nta_body_unpack(body, (struct nta_span){huge, sizeof(huge) - 1}, &back, key),
                     -EBADMSG);
    assert_int_equal(
        nta_body_unpack(body, (struct nta_span){unknown, sizeof(unknown) - 1}, &back, key),
        -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_records_come_back),
        cmocka_unit_test(a_full_batch_fits),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(flipped_bytes_give_a_bounded_answer),
        cmocka_unit_test(a_bomb_is_refused_before_it_opens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
