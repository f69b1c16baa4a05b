/* SPDX-License-Identifier: Apache-2.0 */
#include "record/sample.h"
#include "vault/seal.h"
#include "vault/vault_kit.h"

static void sealed_batches_open_to_the_same_records(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_header header, checked;

    (void)state;
    for (int n = 1; n < 70; n += 17) {
        kit_fill(&kit, n, (uint64_t)n);
        struct nta_sealed sealed = kit_seal(&kit, &header);

        assert_int_equal(nta_sealed_check(&sealed, kit.public_key, &checked), NTA_CHECK_OK);
        assert_memory_equal(&checked.root, header.root, sizeof(header.root));
        assert_int_equal(checked.n_records, n);
        assert_int_equal(checked.first_ns, kit.batch.first_ns);
        assert_int_equal(checked.last_ns, kit.batch.last_ns);
        assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
        assert_int_equal(kit.back.n_records, n);
        assert_int_equal(kit.back.first_ns, kit.batch.first_ns);
        assert_true(
            nta_span_equal(nta_buf_span(&kit.back.records), nta_buf_span(&kit.batch.records)));
        nta_sealer_commit(kit.sealer);
    }
}

static void a_chain_links_each_batch_to_the_one_before(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    uint8_t previous[NTA_HASH_LEN] = {0};
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 3, 5);
    for (uint64_t number = 1; number < 5; number++) {
        struct nta_sealed sealed = kit_seal(&kit, &header);

        assert_int_equal(header.number, number);
        assert_memory_equal(header.previous, previous, sizeof(previous));
        nta_header_hash(&sealed, previous);
        nta_sealer_commit(kit.sealer);
    }
    /* after a restart the store says where to go on */
    nta_sealer_continue(kit.sealer, 5, previous);
    (void)kit_seal(&kit, &header);
    assert_int_equal(header.number, 5);
    assert_memory_equal(header.previous, previous, sizeof(previous));
}

static void without_a_commit_the_number_stays_and_the_nonce_is_new(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_header first, second;

    (void)state;
    kit_fill(&kit, 3, 5);
    struct nta_sealed sealed = kit_seal(&kit, &first);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    sealed = kit_seal(&kit, &second);
    assert_int_equal(second.number, first.number);
    assert_memory_equal(second.previous, first.previous, sizeof(first.previous));
    assert_memory_not_equal(second.nonce, first.nonce, sizeof(first.nonce));
    assert_memory_not_equal(second.root, first.root, sizeof(first.root)); /* new salts */
    assert_memory_equal(second.tokens_hash, first.tokens_hash, sizeof(first.tokens_hash));
    sealed = kept_sealed(&kept);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
}

static void a_key_is_wanted_at_first_and_after_a_day(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    struct nta_wrapped_key key;
    struct nta_sealed sealed;

    (void)state;
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), 0);
    assert_true(nta_sealer_wants_key(sealer, 0));
    kit_fill(&kit, 1, 1);
    assert_int_equal(nta_sealer_seal(sealer, &kit.batch, &sealed, NULL, &kit.err), -ENOKEY);
    assert_int_equal(nta_sealer_new_key(sealer, DAY_NS, &key, &kit.err), 0);
    assert_false(nta_sealer_wants_key(sealer, DAY_NS));
    assert_false(nta_sealer_wants_key(sealer, 2 * DAY_NS - 1));
    assert_true(nta_sealer_wants_key(sealer, 2 * DAY_NS));
    assert_true(nta_sealer_wants_key(sealer, 0)); /* the clock was set back */
}

static void a_key_is_used_only_when_it_is_stored(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    struct nta_wrapped_key first, again, other;
    struct nta_sealed sealed;
    struct nta_header header;

    (void)state;
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), 0);
    kit_fill(&kit, 1, 1);
    assert_int_equal(nta_sealer_make_key(sealer, DAY_NS, &first, &kit.err), 0);
    assert_true(nta_sealer_wants_key(sealer, DAY_NS));
    assert_int_equal(nta_sealer_seal(sealer, &kit.batch, &sealed, NULL, &kit.err), -ENOKEY);
    assert_int_equal(nta_sealer_make_key(sealer, DAY_NS + 5, &again, &kit.err), 0);
    assert_memory_equal(again.id, first.id, sizeof(first.id)); /* perhaps it was stored after all */
    nta_sealer_use_key(sealer);
    assert_int_equal(nta_sealer_seal(sealer, &kit.batch, &sealed, &header, &kit.err), 0);
    assert_memory_equal(header.data_key, first.id, sizeof(first.id));
    assert_int_equal(nta_opener_add_key(kit.opener, &first, &kit.err), 0);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
    /* a day later: the old one stays until the new one is stored */
    assert_int_equal(nta_sealer_make_key(sealer, 3 * DAY_NS, &other, &kit.err), 0);
    assert_memory_not_equal(other.id, first.id, sizeof(first.id));
    assert_int_equal(nta_sealer_seal(sealer, &kit.batch, &sealed, &header, &kit.err), 0);
    assert_memory_equal(header.data_key, first.id, sizeof(first.id));
    nta_sealer_drop_key(sealer);
    assert_int_equal(nta_sealer_seal(sealer, &kit.batch, &sealed, NULL, &kit.err), -ENOKEY);
}

static void what_is_no_batch_is_signed_under_a_domain_of_its_own(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    struct nta_span text = nta_span_of("state");
    uint8_t signature[NTA_SIGNATURE_LEN];

    (void)state;
    assert_int_equal(nta_sealer_sign(kit.sealer, "domain a", text, signature), 0);
    assert_true(nta_sealer_signed(kit.sealer, "domain a", text, signature));
    assert_false(nta_sealer_signed(kit.sealer, "domain b", text, signature));
    assert_false(nta_sealer_signed(other.sealer, "domain a", text, signature));
    signature[9] ^= 1;
    assert_false(nta_sealer_signed(kit.sealer, "domain a", text, signature));
}

static void each_of_two_auditors_opens_and_a_third_does_not(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), second = kit_new(), third = kit_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    char text[600];
    struct nta_wrapped_key key;
    struct nta_sealed sealed;

    (void)state;
    kit_read(&kit, "auditors.pub", text, sizeof(text));
    kit_read(&second, "auditors.pub", text + strlen(text), sizeof(text) - strlen(text));
    kit_write(&kit, "auditors.pub", text, 0600);
    assert_int_equal(nta_sealer_new(kit.dir, &sealer, &kit.err), 0);
    assert_int_equal(nta_sealer_new_key(sealer, 7, &key, &kit.err), 0);
    assert_true(nta_wrapped_key_check(&key, kit.public_key));
    assert_false(nta_wrapped_key_check(&key, second.public_key));
    kit_fill(&kit, 9, 2);
    assert_int_equal(nta_sealer_seal(sealer, &kit.batch, &sealed, NULL, &kit.err), 0);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), -ENOKEY);
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    assert_int_equal(nta_opener_add_key(second.opener, &key, &second.err), 0);
    assert_int_equal(nta_opener_add_key(third.opener, &key, &third.err), -ENOKEY);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
    assert_int_equal(nta_opener_open(second.opener, &sealed, &second.back, &second.err), 0);
    assert_int_equal(nta_opener_open(third.opener, &sealed, &third.back, &third.err), -ENOKEY);
}

static void many_data_keys_are_held(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_wrapped_key key;

    (void)state;
    kit_fill(&kit, 2, 2);
    struct nta_sealed sealed = kit_seal(&kit, NULL);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    for (int i = 0; i < 40; i++) {
        assert_int_equal(nta_sealer_new_key(kit.sealer, i, &key, &kit.err), 0);
        assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    }
    sealed = kept_sealed(&kept);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
}

static void tokens_find_what_is_in_the_batch(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_record record = sample_flow();
    uint8_t token[NTA_TOKEN_LEN], from_opener[NTA_TOKEN_LEN];
    struct nta_sealed sealed;

    static const struct
    {
        const char *text;
        enum nta_value_kind kind;
        bool found;
    } rows[] = {
        {"www.example.com", NTA_VALUE_SITE, true},
        {"example.com", NTA_VALUE_SITE, true},
        {"com", NTA_VALUE_SITE, false},
        {"www.Example.com", NTA_VALUE_SITE, false},
        {"ann", NTA_VALUE_USER_LOGIN, true},
        {"ann", NTA_VALUE_USER_NAME, false},
        {"be", NTA_VALUE_COUNTRY, true},
        {"nl", NTA_VALUE_COUNTRY, false},
    };

    (void)state;
    assert_int_equal(nta_batch_add(&kit.batch, &record), 0);
    sealed = kit_seal(&kit, NULL);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        nta_sealer_token(kit.sealer, rows[i].kind, nta_span_of(rows[i].text), token);
        assert_int_equal(
            nta_opener_token(kit.opener, rows[i].kind, nta_span_of(rows[i].text), from_opener), 0);
        assert_memory_equal(token, from_opener, sizeof(token));
        assert_int_equal(nta_tokens_have(sealed.tokens, token), rows[i].found);
    }
    assert_int_equal(sealed.tokens.len % NTA_TOKEN_LEN, 0);
    for (size_t at = NTA_TOKEN_LEN; at < sealed.tokens.len; at += NTA_TOKEN_LEN)
        assert_true(memcmp(sealed.tokens.ptr + at - NTA_TOKEN_LEN, sealed.tokens.ptr + at,
                           NTA_TOKEN_LEN) < 0);
}

static void an_auditor_without_the_token_key_opens_but_does_not_search(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_opener_free) struct nta_opener *opener = NULL;
    uint8_t token[NTA_TOKEN_LEN];
    char path[300];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/token.key", kit.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nta_opener_new(kit.dir, &opener, &kit.err), 0);
    assert_int_equal(nta_opener_token(opener, NTA_VALUE_SITE, nta_span_of("a"), token), -ENOKEY);
}

static void a_proof_shows_one_record_of_a_batch(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_header header;
    struct nta_proof proof;

    (void)state;
    kit_fill(&kit, 37, 3);
    struct nta_sealed sealed = kit_seal(&kit, &header);

    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
    for (size_t i = 0; i < 37; i++) {
        struct nta_span record = nta_batch_record(&kit.back, i);

        assert_int_equal(nta_opener_prove(kit.opener, &kit.back, i, &proof), 0);
        assert_true(nta_proof_check(&proof, &header, i, record));
        assert_false(nta_proof_check(&proof, &header, i + 1, record));
        assert_false(
            nta_proof_check(&proof, &header, i, nta_batch_record(&kit.back, (i + 1) % 37)));
        proof.salt[3] ^= 1;
        assert_false(nta_proof_check(&proof, &header, i, record));
    }
    assert_int_equal(nta_opener_prove(kit.opener, &kit.back, 37, &proof), -EINVAL);
    proof.n_path = 1000;
    assert_false(nta_proof_check(&proof, &header, 0, nta_batch_record(&kit.back, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_batches_open_to_the_same_records),
        cmocka_unit_test(a_chain_links_each_batch_to_the_one_before),
        cmocka_unit_test(without_a_commit_the_number_stays_and_the_nonce_is_new),
        cmocka_unit_test(a_key_is_wanted_at_first_and_after_a_day),
        cmocka_unit_test(a_key_is_used_only_when_it_is_stored),
        cmocka_unit_test(what_is_no_batch_is_signed_under_a_domain_of_its_own),
        cmocka_unit_test(each_of_two_auditors_opens_and_a_third_does_not),
        cmocka_unit_test(many_data_keys_are_held),
        cmocka_unit_test(tokens_find_what_is_in_the_batch),
        cmocka_unit_test(an_auditor_without_the_token_key_opens_but_does_not_search),
        cmocka_unit_test(a_proof_shows_one_record_of_a_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
