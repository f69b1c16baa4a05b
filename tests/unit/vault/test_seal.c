/* SPDX-License-Identifier: Apache-2.0 */
#include "record/sample.h"
#include "vault/crypto/curve.h"
#include "vault/vault_kit.h"

static void sealed_batches_open_to_the_same_records(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_header header, checked;

    (void)state;
    for (int n = 1; n < 70; n += 17) {
        kit_fill(&kit, n, (uint64_t)n);
        struct nta_sealed sealed = kit_seal(&kit, &header);

        assert_int_equal(nta_sealed_check(&sealed, kit.signing, &checked), NTA_CHECK_OK);
        assert_memory_equal(&checked.root, header.root, sizeof(header.root));
        assert_int_equal(checked.n_records, n);
        assert_int_equal(checked.first_ns, kit.batch.first_ns);
        assert_int_equal(checked.last_ns, kit.batch.last_ns);
        assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
        assert_int_equal(kit.back.n_records, n);
        assert_int_equal(kit.back.class, NTA_CLASS_TRAFFIC);
        assert_int_equal(checked.class, NTA_CLASS_TRAFFIC);
        assert_int_equal(checked.sealed_ns, KIT_NS);
        assert_int_equal(kit.back.first_ns, kit.batch.first_ns);
        assert_true(
            nta_span_equal(nta_buf_span(&kit.back.records), nta_buf_span(&kit.batch.records)));
        assert_int_equal(nta_sealer_commit(kit.sealer, &kit.err), 0);
    }
}

static void a_chain_links_each_batch_to_the_one_before_and_logs_all(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_sealer_at at = *nta_sealer_get_at(kit.sealer);
    uint8_t root[NTA_HASH_LEN];
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 3, 5);
    for (uint64_t number = 2; number < 7; number++) {
        struct nta_sealed sealed = kit_seal(&kit, &header);

        assert_int_equal(header.number, number);
        assert_memory_equal(header.previous, at.previous, sizeof(at.previous));
        nta_log_root(&at.log, root);
        assert_memory_equal(header.log, root, sizeof(root));
        nta_header_hash(&sealed, at.previous);
        nta_log_add(&at.log, at.previous);
        at.number = number;
        assert_int_equal(nta_sealer_commit(kit.sealer, &kit.err), 0);
        assert_memory_equal(nta_sealer_get_at(kit.sealer), &at, sizeof(at));
    }
    /* after a restart the store says where to go on; what was lost is in the tree as zeros */
    at.number += 10;
    assert_true(nta_log_add_lost(&at.log, 10));
    nta_sealer_continue(kit.sealer, &at);
    (void)kit_seal(&kit, &header);
    assert_int_equal(header.number, 17);
    assert_memory_equal(header.previous, at.previous, sizeof(at.previous));
    nta_log_root(&at.log, root);
    assert_memory_equal(header.log, root, sizeof(root));
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

static int seal_as(struct vault_kit *kit, struct nta_sealer *sealer, enum nta_class class,
                   int64_t wall_ns, struct nta_sealed *ret_sealed, struct nta_header *ret_header)
{
    const struct nta_seal_options options = {.class = class, .wall_ns = wall_ns};

    return nta_sealer_seal(sealer, &kit->batch, &options, ret_sealed, ret_header, &kit->err);
}

static void each_class_has_a_key_for_each_day(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const int64_t day = KIT_NS - KIT_NS % DAY_NS;
    struct nta_sealer *sealer = kit.sealer;
    struct nta_wrapped_key key;
    struct nta_sealed sealed;

    (void)state;
    kit_fill(&kit, 1, 1);
    assert_false(nta_sealer_wants_key(sealer, NTA_CLASS_TRAFFIC, day));
    assert_false(nta_sealer_wants_key(sealer, NTA_CLASS_TRAFFIC, day + DAY_NS - 1));
    assert_true(nta_sealer_wants_key(sealer, NTA_CLASS_TRAFFIC, day + DAY_NS));
    assert_true(nta_sealer_wants_key(sealer, NTA_CLASS_TRAFFIC, day - 1)); /* clock set back */
    for (enum nta_class class = NTA_CLASS_EVIDENCE; class <= NTA_CLASS_LOG; class ++)
        assert_int_equal(nta_sealer_wants_key(sealer, class, day), class != NTA_CLASS_TRAFFIC);
    assert_int_equal(seal_as(&kit, sealer, NTA_CLASS_WHO, day, &sealed, NULL), -ENOKEY);
    assert_int_equal(seal_as(&kit, sealer, NTA_CLASS_TRAFFIC, day + DAY_NS, &sealed, NULL),
                     -ENOKEY);
    assert_int_equal(nta_sealer_make_key(sealer, NTA_CLASS_WHO, day + DAY_NS, &key, &kit.err), 0);
    assert_int_equal(key.class, NTA_CLASS_WHO);
    assert_int_equal(key.day, nta_day_of(day) + 1);
    /* with the first key of a new day those of the day before are gone, of all classes */
    assert_true(nta_sealer_wants_key(sealer, NTA_CLASS_TRAFFIC, day));
}

static void a_key_is_used_only_when_it_is_stored(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_wrapped_key first, again;
    struct nta_sealed sealed;
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 1, 1);
    assert_int_equal(nta_sealer_make_key(kit.sealer, NTA_CLASS_EVIDENCE, KIT_NS, &first, &kit.err),
                     0);
    assert_int_equal(nta_wrapped_key_look(&first), NTA_KEY_OK);
    assert_true(nta_sealer_wants_key(kit.sealer, NTA_CLASS_EVIDENCE, KIT_NS));
    assert_int_equal(seal_as(&kit, kit.sealer, NTA_CLASS_EVIDENCE, KIT_NS, &sealed, NULL), -ENOKEY);
    assert_int_equal(
        nta_sealer_make_key(kit.sealer, NTA_CLASS_EVIDENCE, KIT_NS + 5, &again, &kit.err), 0);
    assert_memory_equal(again.id, first.id, sizeof(first.id)); /* perhaps it was stored after all */
    nta_sealer_use_key(kit.sealer, NTA_CLASS_EVIDENCE);
    assert_int_equal(seal_as(&kit, kit.sealer, NTA_CLASS_EVIDENCE, KIT_NS, &sealed, &header), 0);
    assert_memory_equal(header.data_key, first.id, sizeof(first.id));
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), -ENOKEY);
    assert_int_equal(nta_opener_add_key(kit.opener, &first, &kit.err), 0);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
    nta_sealer_drop_keys(kit.sealer);
    assert_int_equal(seal_as(&kit, kit.sealer, NTA_CLASS_EVIDENCE, KIT_NS, &sealed, NULL), -ENOKEY);
    assert_int_equal(seal_as(&kit, kit.sealer, NTA_CLASS_TRAFFIC, KIT_NS, &sealed, NULL), -ENOKEY);
}

static void a_header_names_the_key_that_signs_from_then_on(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const struct nta_seal_options changes = {
        .class = NTA_CLASS_TRAFFIC,
        .wall_ns = KIT_NS,
        .changes_key = true,
    };
    struct nta_sealed sealed;
    struct nta_header header, again;
    uint8_t now[NTA_KEY_LEN];

    (void)state;
    kit_fill(&kit, 3, 3);
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &changes, &sealed, &header, &kit.err),
                     0);
    assert_true(header.has_next);
    /* not committed: the same key signs, and sealing again names the same one */
    assert_int_equal(nta_sealed_check(&sealed, kit.signing, NULL), NTA_CHECK_OK);
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &changes, &sealed, &again, &kit.err),
                     0);
    assert_memory_equal(again.next, header.next, sizeof(header.next));
    assert_int_equal(nta_sealed_check(&sealed, kit.signing, NULL), NTA_CHECK_OK);
    assert_int_equal(nta_sealer_commit(kit.sealer, &kit.err), 0);
    nta_sealer_get_signing(kit.sealer, now);
    assert_memory_equal(now, header.next, sizeof(now));
    sealed = kit_seal(&kit, &again);
    assert_false(again.has_next);
    assert_int_equal(nta_sealed_check(&sealed, header.next, NULL), NTA_CHECK_OK);
    assert_int_equal(nta_sealed_check(&sealed, kit.signing, NULL), NTA_CHECK_SIGNATURE);
}

static void a_header_has_the_notes_that_it_can_say(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const struct nta_note notes[] = {
        {.kind = NTA_HEADER_NOTE_LOST, .from = 1, .to = 1, .reason = NTA_LOST_CHAIN_ROW},
        {.kind = NTA_HEADER_NOTE_DELETED, .class = 2, .day = 7, .reason = NTA_DELETE_AGE},
    };
    struct nta_seal_options options = {
        .class = NTA_CLASS_TRAFFIC,
        .wall_ns = KIT_NS,
        .clock = 17,
        .notes = notes,
        .n_notes = 2,
    };
    struct nta_note late = {.kind = NTA_HEADER_NOTE_LOST, .from = 1, .to = 2, .reason = 1}, note;
    struct nta_sealed sealed;
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 1, 1);
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &options, &sealed, &header, &kit.err),
                     0);
    assert_int_equal(nta_sealed_check(&sealed, kit.signing, &header), NTA_CHECK_OK);
    assert_int_equal(header.n_notes, 2);
    assert_int_equal(header.clock, 17);
    for (size_t i = 0; i < 2; i++) {
        assert_true(nta_header_note(&header, i, &note));
        assert_memory_equal(&note, &notes[i], sizeof(note));
    }
    options.notes = &late; /* what is lost is not this header's own number */
    options.n_notes = 1;
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &options, &sealed, &header, &kit.err),
                     -EINVAL);
    options.n_notes = NTA_NOTES_MAX + 1;
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &options, &sealed, &header, &kit.err),
                     -EINVAL);
}

static void each_of_two_auditors_opens_and_a_third_does_not(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), second = kit_new(), third = kit_new();
    char text[600];
    struct nta_wrapped_key key;

    (void)state;
    kit_read(&kit, "auditors.pub", text, sizeof(text));
    kit_read(&second, "auditors.pub", text + strlen(text), sizeof(text) - strlen(text));
    kit_write(&kit, "auditors.pub", text, 0600);
    nta_sealer_free(&kit.sealer);
    assert_int_equal(kit_sealer(&kit, &kit.sealer), 0);
    kit_go_on(&kit, kit.sealer);
    assert_int_equal(nta_sealer_make_key(kit.sealer, NTA_CLASS_TRAFFIC, KIT_NS, &key, &kit.err), 0);
    nta_sealer_use_key(kit.sealer, NTA_CLASS_TRAFFIC);
    kit_fill(&kit, 9, 2);
    struct nta_sealed sealed = kit_seal(&kit, NULL);

    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), -ENOKEY);
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    assert_int_equal(nta_opener_add_key(second.opener, &key, &second.err), 0);
    assert_int_equal(nta_opener_add_key(third.opener, &key, &third.err), -ENOKEY);
    assert_true(nta_opener_has_key(second.opener, key.id));
    assert_false(nta_opener_has_key(third.opener, key.id));
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
    assert_int_equal(nta_opener_open(second.opener, &sealed, &second.back, &second.err), 0);
    assert_int_equal(nta_opener_open(third.opener, &sealed, &third.back, &third.err), -ENOKEY);
}

static void many_data_keys_are_held(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();

    (void)state;
    kit_fill(&kit, 2, 2);
    struct nta_sealed sealed = kit_seal(&kit, NULL);
    NTA_AUTO(kept_done) struct kept kept = keep(&sealed);

    for (int i = 1; i < 40; i++)
        kit_key(&kit, kit.sealer, (enum nta_class)(NTA_CLASS_EVIDENCE + i % 4), KIT_NS + i * DAY_NS,
                kit.opener);
    sealed = kept_sealed(&kept);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
}

static void the_first_batch_is_the_identitys_and_opens(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    uint8_t sensor[NTA_SENSOR_ID_LEN], id[NTA_SENSOR_ID_LEN];
    struct nta_wrapped_key key;
    struct nta_sealed first;
    struct nta_header header;
    struct nta_note note;

    (void)state;
    nta_sealer_first(kit.sealer, &first, &header, &key);
    assert_int_equal(nta_sealed_check(&first, kit.public_key, &header), NTA_CHECK_OK);
    assert_int_equal(header.number, 1);
    assert_int_equal(header.class, NTA_CLASS_LOG);
    assert_memory_equal(header.next, kit.signing, sizeof(kit.signing));
    assert_true(nta_header_note(&header, 0, &note));
    assert_int_equal(note.kind, NTA_HEADER_NOTE_CHECKPOINT_KEY);
    nta_sealer_get_sensor(kit.sealer, sensor);
    nta_sensor_id(kit.public_key, id);
    assert_memory_equal(sensor, id, sizeof(id));
    assert_memory_equal(header.sensor, id, sizeof(id));
    assert_int_equal(nta_wrapped_key_look(&key), NTA_KEY_OK);
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    assert_int_equal(nta_opener_open(kit.opener, &first, &kit.back, &kit.err), 0);
    assert_int_equal(kit.back.n_records, 1);
    assert_int_equal(nta_opener_check_records(kit.opener, &first, &kit.back), NTA_VALUES_OK);
}

static void tree_heads_are_signed_by_the_checkpoint_key(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    const struct nta_sealer_at *at = nta_sealer_get_at(kit.sealer);
    struct nta_checkpoint checkpoint;
    uint8_t root[NTA_HASH_LEN];

    (void)state;
    assert_int_equal(
        nta_sealer_put_checkpoint(kit.sealer, &at->log, nta_span_of("link 00\n"), &note), 0);
    assert_true(nta_sealer_read_checkpoint(kit.sealer, nta_buf_span(&note), &checkpoint));
    assert_int_equal(checkpoint.n, 1);
    nta_log_root(&at->log, root);
    assert_memory_equal(checkpoint.root, root, sizeof(root));
    assert_true(nta_span_equal(checkpoint.extra, nta_span_of("link 00\n")));
    assert_false(nta_sealer_read_checkpoint(other.sealer, nta_buf_span(&note), &checkpoint));
    note.ptr[note.len - 9] ^= 1;
    assert_false(nta_sealer_read_checkpoint(kit.sealer, nta_buf_span(&note), &checkpoint));
}

static void tokens_find_what_is_in_the_batch(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_record record = sample_flow();
    uint8_t token[NTA_TOKEN_LEN];
    struct nta_sealed sealed;
    struct nta_header header;

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
    sealed = kit_seal(&kit, &header);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        assert_int_equal(
            nta_opener_token(kit.opener, &header, rows[i].kind, nta_span_of(rows[i].text), token),
            0);
        assert_int_equal(nta_tokens_have(sealed.tokens, token), rows[i].found);
    }
    assert_int_equal(sealed.tokens.len % NTA_TOKEN_LEN, 0);
    for (size_t at = NTA_TOKEN_LEN; at < sealed.tokens.len; at += NTA_TOKEN_LEN)
        assert_true(memcmp(sealed.tokens.ptr + at - NTA_TOKEN_LEN, sealed.tokens.ptr + at,
                           NTA_TOKEN_LEN) < 0);
}

/** The token of one value in a batch of this class and day, sealed with a record that has it. */
static void seal_token(struct vault_kit *kit, enum nta_class class, int64_t wall_ns,
                       struct nta_header *ret_header, uint8_t ret_token[NTA_TOKEN_LEN])
{
    struct nta_sealed sealed;

    kit_key(kit, kit->sealer, class, wall_ns, kit->opener);
    assert_int_equal(seal_as(kit, kit->sealer, class, wall_ns, &sealed, ret_header), 0);
    assert_int_equal(nta_opener_token(kit->opener, ret_header, NTA_VALUE_SITE,
                                      nta_span_of("example.com"), ret_token),
                     0);
    assert_true(nta_tokens_have(sealed.tokens, ret_token));
}

static void tokens_of_another_class_or_day_are_others(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const struct nta_record record = sample_flow();
    uint8_t traffic[NTA_TOKEN_LEN], evidence[NTA_TOKEN_LEN], next_day[NTA_TOKEN_LEN];
    uint8_t token[NTA_TOKEN_LEN];
    struct nta_header header, ignored;

    (void)state;
    assert_int_equal(nta_batch_add(&kit.batch, &record), 0);
    seal_token(&kit, NTA_CLASS_TRAFFIC, KIT_NS, &header, traffic);
    seal_token(&kit, NTA_CLASS_EVIDENCE, KIT_NS, &ignored, evidence);
    assert_memory_not_equal(traffic, evidence, sizeof(traffic));
    seal_token(&kit, NTA_CLASS_TRAFFIC, KIT_NS + DAY_NS, &ignored, next_day);
    assert_memory_not_equal(traffic, next_day, sizeof(traffic));
    /* the auditor finds the day before by its own key */
    assert_int_equal(
        nta_opener_token(kit.opener, &header, NTA_VALUE_SITE, nta_span_of("example.com"), token),
        0);
    assert_memory_equal(token, traffic, sizeof(token));
    header.data_key[3] ^= 1;
    assert_int_equal(
        nta_opener_token(kit.opener, &header, NTA_VALUE_SITE, nta_span_of("example.com"), token),
        -ENOKEY);
}

/** The table of tokens is one for all keys: what it knows of one is not said of another. */
static void the_same_values_sealed_under_two_keys_have_their_own_tokens(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_sealed sealed;
    struct nta_header header;

    (void)state;
    kit_fill(&kit, 40, 4);
    for (int day = 0; day < 4; day++) {
        kit_key(&kit, kit.sealer, NTA_CLASS_TRAFFIC, KIT_NS + day * DAY_NS, kit.opener);
        assert_int_equal(
            seal_as(&kit, kit.sealer, NTA_CLASS_TRAFFIC, KIT_NS + day * DAY_NS, &sealed, &header),
            0);
        assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
        assert_int_equal(nta_opener_check_records(kit.opener, &sealed, &kit.back), NTA_VALUES_OK);
    }
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
        cmocka_unit_test(a_chain_links_each_batch_to_the_one_before_and_logs_all),
        cmocka_unit_test(without_a_commit_the_number_stays_and_the_nonce_is_new),
        cmocka_unit_test(each_class_has_a_key_for_each_day),
        cmocka_unit_test(a_key_is_used_only_when_it_is_stored),
        cmocka_unit_test(a_header_names_the_key_that_signs_from_then_on),
        cmocka_unit_test(a_header_has_the_notes_that_it_can_say),
        cmocka_unit_test(each_of_two_auditors_opens_and_a_third_does_not),
        cmocka_unit_test(many_data_keys_are_held),
        cmocka_unit_test(the_first_batch_is_the_identitys_and_opens),
        cmocka_unit_test(tree_heads_are_signed_by_the_checkpoint_key),
        cmocka_unit_test(tokens_find_what_is_in_the_batch),
        cmocka_unit_test(tokens_of_another_class_or_day_are_others),
        cmocka_unit_test(the_same_values_sealed_under_two_keys_have_their_own_tokens),
        cmocka_unit_test(a_proof_shows_one_record_of_a_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
