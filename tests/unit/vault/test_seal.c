/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/room.h"
#include "vault/seal.h"

static void sealed_batches_open_to_the_same_records(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
    struct nta_header header, checked;

    (void)state;
    for (int n = 1; n < 70; n += 17) {
        room_fill(&room, n, (uint64_t)n);
        struct nta_sealed sealed = room_seal(&room, &header);

        assert_int_equal(nta_sealed_check(&sealed, room.public_key, &checked), NTA_CHECK_OK);
        assert_memory_equal(&checked.root, header.root, sizeof(header.root));
        assert_int_equal(checked.n_records, n);
        assert_int_equal(checked.first_ns, room.batch.first_ns);
        assert_int_equal(checked.last_ns, room.batch.last_ns);
        assert_int_equal(nta_opener_open(room.opener, &sealed, &room.back, &room.err), 0);
        assert_int_equal(room.back.n_records, n);
        assert_int_equal(room.back.first_ns, room.batch.first_ns);
        assert_true(
            nta_span_equal(nta_buf_span(&room.back.records), nta_buf_span(&room.batch.records)));
        nta_sealer_commit(room.sealer);
    }
}

static void a_chain_links_each_batch_to_the_one_before(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
    uint8_t previous[NTA_HASH_LEN] = {0};
    struct nta_header header;

    (void)state;
    room_fill(&room, 3, 5);
    for (uint64_t number = 1; number < 5; number++) {
        struct nta_sealed sealed = room_seal(&room, &header);

        assert_int_equal(header.number, number);
        assert_memory_equal(header.previous, previous, sizeof(previous));
        nta_header_hash(&sealed, previous);
        nta_sealer_commit(room.sealer);
    }
    /* after a restart the store says where to go on */
    nta_sealer_continue(room.sealer, 5, previous);
    (void)room_seal(&room, &header);
    assert_int_equal(header.number, 5);
    assert_memory_equal(header.previous, previous, sizeof(previous));
}

static void without_a_commit_the_number_stays_and_the_nonce_is_new(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
    struct nta_header first, second;

    (void)state;
    room_fill(&room, 3, 5);
    struct nta_sealed sealed = room_seal(&room, &first);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    sealed = room_seal(&room, &second);
    assert_int_equal(second.number, first.number);
    assert_memory_equal(second.previous, first.previous, sizeof(first.previous));
    assert_memory_not_equal(second.nonce, first.nonce, sizeof(first.nonce));
    assert_memory_not_equal(second.root, first.root, sizeof(first.root)); /* new salts */
    assert_memory_equal(second.tokens_hash, first.tokens_hash, sizeof(first.tokens_hash));
    sealed = kept_sealed(&kept);
    assert_int_equal(nta_opener_open(room.opener, &sealed, &room.back, &room.err), 0);
}

static void a_key_is_wanted_at_first_and_after_a_day(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    struct nta_wrapped_key key;
    struct nta_sealed sealed;

    (void)state;
    assert_int_equal(nta_sealer_new(room.dir, &sealer, &room.err), 0);
    assert_true(nta_sealer_wants_key(sealer, 0));
    room_fill(&room, 1, 1);
    assert_int_equal(nta_sealer_seal(sealer, &room.batch, &sealed, NULL, &room.err), -ENOKEY);
    assert_int_equal(nta_sealer_new_key(sealer, DAY_NS, &key, &room.err), 0);
    assert_false(nta_sealer_wants_key(sealer, DAY_NS));
    assert_false(nta_sealer_wants_key(sealer, 2 * DAY_NS - 1));
    assert_true(nta_sealer_wants_key(sealer, 2 * DAY_NS));
    assert_true(nta_sealer_wants_key(sealer, 0)); /* the clock was set back */
}

static void a_key_is_used_only_when_it_is_stored(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    struct nta_wrapped_key first, again, other;
    struct nta_sealed sealed;
    struct nta_header header;

    (void)state;
    assert_int_equal(nta_sealer_new(room.dir, &sealer, &room.err), 0);
    room_fill(&room, 1, 1);
    assert_int_equal(nta_sealer_make_key(sealer, DAY_NS, &first, &room.err), 0);
    assert_true(nta_sealer_wants_key(sealer, DAY_NS));
    assert_int_equal(nta_sealer_seal(sealer, &room.batch, &sealed, NULL, &room.err), -ENOKEY);
    assert_int_equal(nta_sealer_make_key(sealer, DAY_NS + 5, &again, &room.err), 0);
    assert_memory_equal(again.id, first.id, sizeof(first.id)); /* perhaps it was stored after all */
    nta_sealer_use_key(sealer);
    assert_int_equal(nta_sealer_seal(sealer, &room.batch, &sealed, &header, &room.err), 0);
    assert_memory_equal(header.data_key, first.id, sizeof(first.id));
    assert_int_equal(nta_opener_add_key(room.opener, &first, &room.err), 0);
    assert_int_equal(nta_opener_open(room.opener, &sealed, &room.back, &room.err), 0);
    /* a day later: the old one stays until the new one is stored */
    assert_int_equal(nta_sealer_make_key(sealer, 3 * DAY_NS, &other, &room.err), 0);
    assert_memory_not_equal(other.id, first.id, sizeof(first.id));
    assert_int_equal(nta_sealer_seal(sealer, &room.batch, &sealed, &header, &room.err), 0);
    assert_memory_equal(header.data_key, first.id, sizeof(first.id));
    nta_sealer_drop_key(sealer);
    assert_int_equal(nta_sealer_seal(sealer, &room.batch, &sealed, NULL, &room.err), -ENOKEY);
}

static void what_is_no_batch_is_signed_under_a_domain_of_its_own(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new(), other = room_new();
    struct nta_span text = nta_span_of("state");
    uint8_t signature[NTA_SIGNATURE_LEN];

    (void)state;
    assert_int_equal(nta_sealer_sign(room.sealer, "domain a", text, signature), 0);
    assert_true(nta_sealer_signed(room.sealer, "domain a", text, signature));
    assert_false(nta_sealer_signed(room.sealer, "domain b", text, signature));
    assert_false(nta_sealer_signed(other.sealer, "domain a", text, signature));
    signature[9] ^= 1;
    assert_false(nta_sealer_signed(room.sealer, "domain a", text, signature));
}

static void each_of_two_auditors_opens_and_a_third_does_not(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new(), second = room_new(), third = room_new();
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    char text[600];
    struct nta_wrapped_key key;
    struct nta_sealed sealed;

    (void)state;
    room_read(&room, "auditors.pub", text, sizeof(text));
    room_read(&second, "auditors.pub", text + strlen(text), sizeof(text) - strlen(text));
    room_write(&room, "auditors.pub", text, 0600);
    assert_int_equal(nta_sealer_new(room.dir, &sealer, &room.err), 0);
    assert_int_equal(nta_sealer_new_key(sealer, 7, &key, &room.err), 0);
    assert_true(nta_wrapped_key_check(&key, room.public_key));
    assert_false(nta_wrapped_key_check(&key, second.public_key));
    room_fill(&room, 9, 2);
    assert_int_equal(nta_sealer_seal(sealer, &room.batch, &sealed, NULL, &room.err), 0);
    assert_int_equal(nta_opener_open(room.opener, &sealed, &room.back, &room.err), -ENOKEY);
    assert_int_equal(nta_opener_add_key(room.opener, &key, &room.err), 0);
    assert_int_equal(nta_opener_add_key(room.opener, &key, &room.err), 0);
    assert_int_equal(nta_opener_add_key(second.opener, &key, &second.err), 0);
    assert_int_equal(nta_opener_add_key(third.opener, &key, &third.err), -ENOKEY);
    assert_int_equal(nta_opener_open(room.opener, &sealed, &room.back, &room.err), 0);
    assert_int_equal(nta_opener_open(second.opener, &sealed, &second.back, &second.err), 0);
    assert_int_equal(nta_opener_open(third.opener, &sealed, &third.back, &third.err), -ENOKEY);
}

static void many_data_keys_are_held(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
    struct nta_wrapped_key key;

    (void)state;
    room_fill(&room, 2, 2);
    struct nta_sealed sealed = room_seal(&room, NULL);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    for (int i = 0; i < 40; i++) {
        assert_int_equal(nta_sealer_new_key(room.sealer, i, &key, &room.err), 0);
        assert_int_equal(nta_opener_add_key(room.opener, &key, &room.err), 0);
    }
    sealed = kept_sealed(&kept);
    assert_int_equal(nta_opener_open(room.opener, &sealed, &room.back, &room.err), 0);
}

static void tokens_find_what_is_in_the_batch(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
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
    assert_int_equal(nta_batch_add(&room.batch, &record), 0);
    sealed = room_seal(&room, NULL);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        nta_sealer_token(room.sealer, rows[i].kind, nta_span_of(rows[i].text), token);
        assert_int_equal(
            nta_opener_token(room.opener, rows[i].kind, nta_span_of(rows[i].text), from_opener), 0);
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
    NTA_AUTO(room_done) struct room room = room_new();
    NTA_AUTO(nta_opener_free) struct nta_opener *opener = NULL;
    uint8_t token[NTA_TOKEN_LEN];
    char path[300];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/token.key", room.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nta_opener_new(room.dir, &opener, &room.err), 0);
    assert_int_equal(nta_opener_token(opener, NTA_VALUE_SITE, nta_span_of("a"), token), -ENOKEY);
}

static void a_proof_shows_one_record_of_a_batch(void **state)
{
    NTA_AUTO(room_done) struct room room = room_new();
    struct nta_header header;
    struct nta_proof proof;

    (void)state;
    room_fill(&room, 37, 3);
    struct nta_sealed sealed = room_seal(&room, &header);

    assert_int_equal(nta_opener_open(room.opener, &sealed, &room.back, &room.err), 0);
    for (size_t i = 0; i < 37; i++) {
        struct nta_span record = nta_batch_record(&room.back, i);

        assert_int_equal(nta_opener_prove(room.opener, &room.back, i, &proof), 0);
        assert_true(nta_proof_check(&proof, &header, i, record));
        assert_false(nta_proof_check(&proof, &header, i + 1, record));
        assert_false(
            nta_proof_check(&proof, &header, i, nta_batch_record(&room.back, (i + 1) % 37)));
        proof.salt[3] ^= 1;
        assert_false(nta_proof_check(&proof, &header, i, record));
    }
    assert_int_equal(nta_opener_prove(room.opener, &room.back, 37, &proof), -EINVAL);
    proof.n_path = 1000;
    assert_false(nta_proof_check(&proof, &header, 0, nta_batch_record(&room.back, 0)));
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
