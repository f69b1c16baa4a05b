/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"
#include "vault/header.h"
#include "vault/seal/first.h"
#include "vault/vault_kit.h"

/** The file's bytes, and what is read of them. */
struct file
{
    struct nta_buf bytes;
    struct nta_first first;
};

static void file_done(struct file *file)
{
    nta_buf_done(&file->bytes);
}

static struct file file_of(struct vault_kit *kit)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir state = {.fd = -1};
    struct file file = {.bytes = {0}};

    assert_int_equal(nta_statedir_open(kit->state_dir, false, &state, &kit->err), 0);
    assert_int_equal(nta_first_load(&state, &file.bytes, &file.first, &kit->err), 0);
    return file;
}

static void any_changed_byte_but_the_signatures_is_found(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(file_done) struct file file = file_of(&kit);
    struct nta_first back;
    size_t n_read = 0;

    (void)state;
    for (size_t i = 0; i < file.bytes.len; i++) {
        file.bytes.ptr[i] ^= 1;
        if (nta_first_read(nta_buf_span(&file.bytes), &back)) {
            assert_false(nta_header_signed(&back.sealed, kit.public_key));
            n_read++;
        }
        file.bytes.ptr[i] ^= 1;
    }
    assert_true(n_read >= NTA_SIGNATURE_LEN); /* and some of the header, which it covers */
    assert_true(nta_first_read(nta_buf_span(&file.bytes), &back));
    assert_true(nta_header_signed(&back.sealed, kit.public_key));
}

static void one_cut_or_longer_is_none(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(file_done) struct file file = file_of(&kit);
    struct nta_first back;

    (void)state;
    for (size_t n = 0; n < file.bytes.len; n++) {
        uint8_t *exact = malloc(n ? n : 1);

        assert_non_null(exact);
        memcpy(exact, file.bytes.ptr, n);
        assert_false(nta_first_read((struct nta_span){exact, n}, &back));
        free(exact);
    }
    nta_buf_put_u8(&file.bytes, 0);
    assert_false(nta_first_read(nta_buf_span(&file.bytes), &back));
}

/** The file with another header in it, signed by the identity. */
static bool reads_with(const struct file *file, const struct nta_header *header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf made = {0};
    struct nta_first back;

    nta_header_encode(header, &made);
    nta_cbor_put_array(&bytes, 5);
    nta_cbor_put_bytes(&bytes, nta_buf_span(&made));
    nta_cbor_put_bytes(&bytes, file->first.sealed.signature);
    nta_cbor_put_bytes(&bytes, file->first.sealed.tokens);
    nta_cbor_put_bytes(&bytes, file->first.sealed.body);
    nta_cbor_put_bytes(&bytes, file->first.key.blob);
    return nta_first_read(nta_buf_span(&bytes), &back);
}

static void a_header_that_is_no_first_ones_is_refused(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(file_done) struct file file = file_of(&kit);
    const struct nta_header good = file.first.header;
    struct nta_header header = good;

    (void)state;
    assert_true(reads_with(&file, &header));
    header.number = 2;
    assert_false(reads_with(&file, &header));
    header = good;
    header.previous[0] = 1;
    assert_false(reads_with(&file, &header));
    header = good;
    header.log[0] ^= 1;
    assert_false(reads_with(&file, &header));
    header = good;
    header.class = NTA_CLASS_WHO;
    assert_false(reads_with(&file, &header));
    header = good;
    header.has_next = false;
    assert_false(reads_with(&file, &header));
    header = good;
    header.n_notes = 0;
    header.notes = (struct nta_span){0};
    assert_false(reads_with(&file, &header));
    header = good;
    header.sealed_ns += DAY_NS; /* its key is for another day */
    assert_false(reads_with(&file, &header));
    header = good;
    header.sensor[0] ^= 1;
    assert_false(reads_with(&file, &header));
}

static void one_without_a_record_or_for_nobody_is_not_made(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {.n_records = 0};
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    const struct nta_record record = {.event = NTA_RECORD_POLICY, .time_ns = 1};
    const struct nta_keys_first says = {.batch = &batch, .wall_ns = 1};
    const struct nta_auditors nobody = {.n = 0};
    static const uint8_t identity[NTA_KEY_LEN] = {1};
    const struct nta_first_make make = {
        .says = &says,
        .auditors = &nobody,
        .identity = identity,
    };
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_first_make(&make, &out, &err), -EINVAL);
    assert_non_null(strstr(err.text, "no record"));
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_int_equal(nta_first_make(&make, &out, &err), -EINVAL);
    assert_non_null(strstr(err.text, "auditors"));
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_changed_byte_but_the_signatures_is_found),
        cmocka_unit_test(one_cut_or_longer_is_none),
        cmocka_unit_test(a_header_that_is_no_first_ones_is_refused),
        cmocka_unit_test(one_without_a_record_or_for_nobody_is_not_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
