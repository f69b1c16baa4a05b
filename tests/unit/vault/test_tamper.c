/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/curve.h"
#include "vault/header.h"
#include "vault/state_secret.h"

static enum nta_check check(const struct vault_kit *kit, const struct kept *kept)
{
    struct nta_sealed sealed = kept_sealed(kept);
    struct nta_header header;

    return nta_sealed_check(&sealed, kit->signing, &header);
}

/** Change each byte of a part in turn; the check must say one of two things. */
static void flip_each(struct vault_kit *kit, struct kept *kept, size_t part, enum nta_check one,
                      enum nta_check two)
{
    for (size_t i = 0; i < kept->parts[part].len; i++) {
        kept->parts[part].ptr[i] ^= 1;
        enum nta_check found = check(kit, kept);

        assert_true(found == one || found == two);
        kept->parts[part].ptr[i] ^= 1;
    }
    assert_int_equal(check(kit, kept), NTA_CHECK_OK);
}

static void any_changed_byte_is_found_in_its_part(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();

    (void)state;
    kit_fill(&kit, 2, 11);
    struct nta_sealed sealed = kit_seal(&kit, NULL);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    flip_each(&kit, &kept, 1, NTA_CHECK_SIGNATURE, NTA_CHECK_SIGNATURE);
    flip_each(&kit, &kept, 2, NTA_CHECK_TOKENS, NTA_CHECK_TOKENS);
    for (size_t i = 0; i < kept.parts[0].len; i++) {
        kept.parts[0].ptr[i] ^= 0x10;
        enum nta_check found = check(&kit, &kept);

        assert_true(found == NTA_CHECK_FORMAT || found == NTA_CHECK_SIGNATURE);
        kept.parts[0].ptr[i] ^= 0x10;
    }
    for (size_t i = 0; i < kept.parts[3].len; i++) {
        kept.parts[3].ptr[i] ^= 1;
        assert_int_equal(check(&kit, &kept), NTA_CHECK_BODY);
        kept.parts[3].ptr[i] ^= 1;
    }
}

static void a_part_cut_or_taken_away_is_found(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();

    static const enum nta_check expected[4] = {NTA_CHECK_FORMAT, NTA_CHECK_SIGNATURE,
                                               NTA_CHECK_TOKENS, NTA_CHECK_BODY};

    (void)state;
    kit_fill(&kit, 2, 11);
    struct nta_sealed sealed = kit_seal(&kit, NULL);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    for (size_t part = 0; part < 4; part++) {
        size_t len = kept.parts[part].len;

        kept.parts[part].len = len - 1;
        assert_int_equal(check(&kit, &kept), expected[part]);
        kept.parts[part].len = 0;
        assert_int_equal(check(&kit, &kept), expected[part]);
        kept.parts[part].len = len;
    }
}

static void a_batch_under_another_key_is_told_apart(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 1, 1);
    struct nta_sealed sealed = kit_seal(&kit, NULL);

    assert_int_equal(nta_sealed_check(&sealed, other.signing, &header), NTA_CHECK_SIGNATURE);
    /* the identity signs no batch but the first */
    assert_int_equal(nta_sealed_check(&sealed, kit.public_key, &header), NTA_CHECK_SIGNATURE);
    for (enum nta_check i = NTA_CHECK_OK; i < NTA_CHECK_BODY; i++)
        assert_string_not_equal(nta_check_text(i), nta_check_text(i + 1));
}

/** Sign a header again with the signing key, as a thief of that key alone could. */
static void sign_again(const struct vault_kit *kit, struct kept *kept,
                       const struct nta_header *header)
{
    uint8_t secret[NTA_KEY_LEN];

    kit_state_secret(kit, "signing.key", secret);
    nta_buf_clear(&kept->parts[0]);
    nta_header_encode(header, &kept->parts[0]);
    assert_int_equal(nta_ed25519_sign(secret, NTA_HEADER_DOMAIN_2, nta_buf_span(&kept->parts[0]),
                                      kept->parts[1].ptr),
                     0);
}

static void assert_shut(struct vault_kit *kit, struct kept *kept, const struct nta_header *header)
{
    sign_again(kit, kept, header);
    struct nta_sealed sealed = kept_sealed(kept);

    assert_int_equal(check(kit, kept), NTA_CHECK_OK);
    assert_int_equal(nta_opener_open(kit->opener, &sealed, &kit->back, &kit->err), -EBADMSG);
    assert_int_equal(kit->back.n_records, 0);
    /* the quick way stands on the body's tag, which covers every field but the body's hash */
    assert_int_equal(nta_opener_read(kit->opener, &sealed, &kit->back, &kit->err), -EBADMSG);
    assert_int_equal(kit->back.n_records, 0);
}

static void a_header_signed_anew_does_not_open_the_body(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 2, 11);
    struct nta_sealed sealed = kit_seal(&kit, &header);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);
    struct nta_header good = header;

    header.number++;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.first_ns--;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.n_records++;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.nonce[0] ^= 1;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.root[0] ^= 1;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.previous[0] ^= 1;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.log[0] ^= 1;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.sealed_ns++; /* of the same day */
    assert_shut(&kit, &kept, &header);
    header = good;
    header.clock++;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.has_next = true;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.notes = nta_span_of("\x84\x03\x01\x01\x01");
    header.n_notes = 1;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.tokens_hash[0] ^= 1;
    sign_again(&kit, &kept, &header);
    sealed = kept_sealed(&kept);
    assert_int_equal(check(&kit, &kept), NTA_CHECK_TOKENS);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), -EBADMSG);
}

static void a_data_key_opens_what_it_was_made_for_alone(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 2, 11);
    struct nta_sealed sealed = kit_seal(&kit, &header);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);
    const struct nta_header good = header;

    header.class = NTA_CLASS_EVIDENCE;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.sealed_ns += DAY_NS;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.sealed_ns -= DAY_NS;
    assert_shut(&kit, &kept, &header);
    header = good;
    header.sensor[0] ^= 1;
    assert_shut(&kit, &kept, &header);
    sign_again(&kit, &kept, &good);
    sealed = kept_sealed(&kept);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
}

static void a_changed_body_does_not_open(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();

    (void)state;
    kit_fill(&kit, 2, 11);
    struct nta_sealed sealed = kit_seal(&kit, NULL);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    sealed = kept_sealed(&kept);
    for (size_t i = 0; i < kept.parts[3].len; i += 7) {
        kept.parts[3].ptr[i] ^= 0x40;
        assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), -EBADMSG);
        kept.parts[3].ptr[i] ^= 0x40;
    }
    sealed.body.len = 15;
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), -EBADMSG);
    sealed.body = (struct nta_span){0};
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), -EBADMSG);
}

static void a_wrapped_key_that_was_changed_is_refused(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    struct nta_wrapped_key key;

    (void)state;
    assert_int_equal(nta_sealer_make_key(kit.sealer, NTA_CLASS_WHO, KIT_NS, &key, &kit.err), 0);
    nta_buf_put(&blob, key.blob.ptr, key.blob.len);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_look(&key), NTA_KEY_OK);
    for (size_t i = 0; i < blob.len; i++) {
        blob.ptr[i] ^= 1;
        assert_int_not_equal(nta_wrapped_key_look(&key), NTA_KEY_OK);
        assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), -EBADMSG);
        blob.ptr[i] ^= 1;
    }
    for (size_t n = 0; n < blob.len; n++) {
        key.blob.len = n;
        assert_int_equal(nta_wrapped_key_look(&key), NTA_KEY_FORMAT);
        assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), -EBADMSG);
    }
    key.blob.len = blob.len;
    key.id[0] ^= 1;
    assert_int_equal(nta_wrapped_key_look(&key), NTA_KEY_ROW);
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), -EBADMSG);
    key.id[0] ^= 1;
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
}

static void a_row_that_is_not_its_blobs_is_told(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_wrapped_key key, row;

    (void)state;
    assert_int_equal(nta_sealer_make_key(kit.sealer, NTA_CLASS_WHO, KIT_NS, &key, &kit.err), 0);
    row = key;
    row.class = NTA_CLASS_LOG;
    assert_int_equal(nta_wrapped_key_look(&row), NTA_KEY_ROW);
    row = key;
    row.day++;
    assert_int_equal(nta_wrapped_key_look(&row), NTA_KEY_ROW);
    row = key;
    row.sensor[15] ^= 1;
    assert_int_equal(nta_wrapped_key_look(&row), NTA_KEY_ROW);
    /* columns are hints: the blob says what it is for */
    row.class = NTA_CLASS_NONE;
    assert_int_equal(nta_opener_add_key(kit.opener, &row, &kit.err), 0);
    assert_true(nta_opener_has_key(kit.opener, key.id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_changed_byte_is_found_in_its_part),
        cmocka_unit_test(a_part_cut_or_taken_away_is_found),
        cmocka_unit_test(a_batch_under_another_key_is_told_apart),
        cmocka_unit_test(a_header_signed_anew_does_not_open_the_body),
        cmocka_unit_test(a_data_key_opens_what_it_was_made_for_alone),
        cmocka_unit_test(a_changed_body_does_not_open),
        cmocka_unit_test(a_wrapped_key_that_was_changed_is_refused),
        cmocka_unit_test(a_row_that_is_not_its_blobs_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
