/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors in docs/format.md section 14. */
#include "record/cbor/cbor.h"
#include "record/sample.h"
#include "vault/crypto/curve.h"
#include "vault/header.h"
#include "vault/page.h"
#include "vault/seal/first.h"
#include "vault/tokens.h"

enum
{
    IDENTITY = 0x00,
    LOG_KEY = 0x10,
    SIGNING_0 = 0x20,
    TRAFFIC_KEY = 0x40,
    NEW_IDENTITY = 0x55,
    EVIDENCE_KEY = 0x60,
    AUDITOR = 0x80,
    STATE = 0xa0,
    CHECKPOINT = 0xc0,
    SIGNING_1 = 0xe0
};

/** An opener that has the page's data keys. */
static struct vault_kit page_kit(void)
{
    static const char *const names[] = {"key.log", "key.traffic", "key.evidence"};
    struct vault_kit kit = kit_empty();

    write_page_key(&kit, "auditor.key", "nta-auditor-secret-", AUDITOR);
    assert_int_equal(nta_opener_new(kit.dir, &kit.opener, &kit.err), 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        struct nta_wrapped_key key = {.made_ns = 0};
        char name[32];

        (void)snprintf(name, sizeof(name), "%s.blob", names[i]);
        struct hex blob = vector(name);

        (void)snprintf(name, sizeof(name), "%s.id", names[i]);
        struct hex id = vector(name);

        key.blob = hex_span(&blob);
        memcpy(key.id, id.bytes, sizeof(key.id));
        assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    }
    return kit;
}

static void keys_have_the_pages_public_halves(void **state)
{
    static const struct
    {
        unsigned first;
        const char *name;
    } rows[] = {{IDENTITY, "identity.public"},
                {NEW_IDENTITY, "identity.1.public"},
                {SIGNING_0, "signing.0.public"},
                {SIGNING_1, "signing.1.public"},
                {CHECKPOINT, "checkpoint.public"}};

    uint8_t secret[NTA_KEY_LEN], public_key[NTA_KEY_LEN], id[NTA_SENSOR_ID_LEN];

    (void)state;
    for (size_t i = NTA_N_ELEMENTS(rows); i-- > 0;) {
        page_secret(rows[i].first, secret);
        assert_int_equal(nta_ed25519_public(secret, public_key), 0);
        assert_vector(rows[i].name, public_key, sizeof(public_key));
    }
    nta_sensor_id(public_key, id); /* of the first row */
    assert_vector("sensor.id", id, sizeof(id));
    page_secret(AUDITOR, secret);
    assert_int_equal(nta_x25519_public(secret, public_key), 0);
    assert_vector("auditor.public", public_key, sizeof(public_key));
    nta_sensor_id(public_key, id);
    assert_vector("auditor.id", id, sizeof(id));
}

static void data_keys_open_and_are_expanded_as_the_page_says(void **state)
{
    static const struct
    {
        unsigned first;
        enum nta_class class;
        const char *id, *blob;
    } rows[] = {{LOG_KEY, NTA_CLASS_LOG, "key.log.id", "key.log.blob"},
                {TRAFFIC_KEY, NTA_CLASS_TRAFFIC, "key.traffic.id", "key.traffic.blob"},
                {EVIDENCE_KEY, NTA_CLASS_EVIDENCE, "key.evidence.id", "key.evidence.blob"}};
    const struct hex sensor = vector("sensor.id");
    uint8_t auditor[NTA_KEY_LEN], expected[NTA_KEY_LEN], secret[NTA_KEY_LEN];

    (void)state;
    page_secret(AUDITOR, auditor);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        const struct hex blob = vector(rows[i].blob);
        struct nta_key_use use = {.class = rows[i].class, .day = 20484};
        uint8_t id[NTA_DATA_KEY_ID_LEN];

        memcpy(use.sensor, sensor.bytes, sizeof(use.sensor));
        nta_key_blob_id(hex_span(&blob), id);
        assert_vector(rows[i].id, id, sizeof(id));
        assert_int_equal(nta_key_blob_open(hex_span(&blob), id, &use, auditor, secret), 0);
        page_secret(rows[i].first, expected);
        assert_memory_equal(secret, expected, sizeof(secret));
    }
}

static void tokens_of_each_kind_are_the_pages(void **state)
{
    uint8_t secret[NTA_KEY_LEN], token[NTA_TOKEN_LEN];
    struct nta_hmac_key expected, one;
    struct nta_data_key key;

    (void)state;
    page_secret(TRAFFIC_KEY, secret);
    nta_data_key_expand(secret, &key);
    assert_vector("key.traffic.body", key.body, sizeof(key.body));
    const struct hex of_sites = vector("key.traffic.token.5");

    nta_hmac_key_init(&expected, hex_span(&of_sites));
    assert_memory_equal(&key.tokens[NTA_VALUE_SITE], &expected, sizeof(expected));
    for (unsigned kind = NTA_VALUE_USER_ADDR; kind <= NTA_VALUE_NETWORK; kind++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "token.%u", kind);
        nta_token_of(&key.tokens[kind], (enum nta_value_kind)kind, nta_span_of("value"), token);
        assert_vector(name, token, sizeof(token));
        nta_data_key_token(secret, (enum nta_value_kind)kind, &one); /* asked for alone */
        assert_memory_equal(&one, &key.tokens[kind], sizeof(one));
    }
}

/** The page's batches in their order, with the key that signed each and its records. */
static const struct
{
    const char *name, *signer;
    uint64_t number;
    enum nta_class class;
    const char *records[2];
} batches[] = {
    {"batch1", "identity.public", 1, NTA_CLASS_LOG, {"record.policy"}},
    {"batch2", "signing.0.public", 2, NTA_CLASS_TRAFFIC, {"record.lookup", "record.flow"}},
    {"batch6", "signing.0.public", 6, NTA_CLASS_EVIDENCE, {"record.alert"}},
    {"batch7", "signing.1.public", 7, NTA_CLASS_LOG, {"record.stop"}},
};

static void batches_check_open_and_are_of_their_records(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(batches); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
        const struct hex signer = vector(batches[i].signer);
        struct page_batch batch;
        struct nta_header header;

        read_page_batch(batches[i].name, &batch);
        const struct nta_sealed sealed = page_sealed(&batch);

        assert_int_equal(nta_sealed_check(&sealed, signer.bytes, &header), NTA_CHECK_OK);
        assert_int_equal(header.number, batches[i].number);
        assert_int_equal(header.class, batches[i].class);
        assert_vector("sensor.id", header.sensor, sizeof(header.sensor));
        nta_header_encode(&header, &again);
        assert_true(nta_span_equal(nta_buf_span(&again), sealed.header));
        assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
        assert_int_equal(nta_opener_check_records(kit.opener, &sealed, &kit.back), NTA_VALUES_OK);
        for (size_t k = 0; k < kit.back.n_records; k++) {
            const struct nta_span record = nta_batch_record(&kit.back, k);

            assert_vector(batches[i].records[k], record.ptr, record.len);
        }
    }
}

static void associated_data_and_proofs_are_the_pages(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    static const char *const names[] = {"batch2", "batch6"};
    char name[64];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf aad = {0};
        struct page_batch batch;
        struct nta_header header;
        struct nta_proof proof;

        read_page_batch(names[i], &batch);
        const struct nta_sealed sealed = page_sealed(&batch);

        assert_true(nta_header_decode(sealed.header, &header));
        nta_header_aad(sealed.header, &aad);
        (void)snprintf(name, sizeof(name), "%s.aad", names[i]);
        assert_vector(name, aad.ptr, aad.len);
        assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
        for (size_t k = 0; k < kit.back.n_records; k++) {
            assert_int_equal(nta_opener_prove(kit.opener, &kit.back, k, &proof), 0);
            (void)snprintf(name, sizeof(name), "%s.proof.%zu.salt", names[i], k);
            assert_vector(name, proof.salt, sizeof(proof.salt));
            (void)snprintf(name, sizeof(name), "%s.proof.%zu.path", names[i], k);
            if (proof.n_path)
                assert_vector(name, proof.path, proof.n_path * sizeof(proof.path[0]));
            assert_true(nta_proof_check(&proof, &header, k, nta_batch_record(&kit.back, k)));
        }
    }
}

/** The chain's links with zeros for what is lost, and the tree over the first `n`. */
static struct nta_log_tree page_tree(uint64_t n, uint8_t links[8][NTA_HASH_LEN])
{
    struct nta_log_tree tree = {.n = 0};

    memset(links, 0, sizeof(uint8_t[8][NTA_HASH_LEN]));
    for (size_t i = 0; i < NTA_N_ELEMENTS(batches); i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "%s.link", batches[i].name);
        const struct hex link = vector(name);

        memcpy(links[batches[i].number], link.bytes, NTA_HASH_LEN);
    }
    for (uint64_t number = 1; number <= n; number++)
        nta_log_add(&tree, links[number]);
    return tree;
}

static void each_header_has_the_link_and_the_tree_before_it(void **state)
{
    uint8_t links[8][NTA_HASH_LEN], hash[NTA_HASH_LEN], previous[NTA_HASH_LEN] = {0};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(batches); i++) {
        const struct nta_log_tree before = page_tree(batches[i].number - 1, links);
        struct page_batch batch;
        struct nta_header header;

        read_page_batch(batches[i].name, &batch);
        const struct nta_sealed sealed = page_sealed(&batch);

        assert_true(nta_header_decode(sealed.header, &header));
        assert_memory_equal(header.previous, previous, sizeof(previous));
        nta_log_root(&before, hash);
        assert_memory_equal(header.log, hash, sizeof(hash));
        nta_header_hash(&sealed, previous);
        assert_memory_equal(links[batches[i].number], previous, sizeof(previous));
    }
}

static void the_logs_frontier_and_proofs_are_the_pages(void **state)
{
    uint8_t links[8][NTA_HASH_LEN], bytes[NTA_LOG_FRONTIER_MAX], root[NTA_HASH_LEN];
    const struct nta_log_tree six = page_tree(6, links), seven = page_tree(7, links);
    const struct hex inclusion = vector("log.2.7.inclusion"), first = vector("log.6.root");
    const struct hex consistency = vector("log.6.7.consistency");
    struct nta_log_proof proof;

    (void)state;
    assert_vector("log.6.frontier", bytes, nta_log_frontier(&six, bytes));
    nta_log_root(&six, root);
    assert_vector("log.6.root", root, sizeof(root));
    nta_log_root(&seven, root);
    assert_vector("log.7.root", root, sizeof(root));
    assert_true(nta_log_check_inclusion(links[2], 1, 7, hex_span(&inclusion), root));
    assert_true(nta_log_check_consistency(6, first.bytes, 7, root, hex_span(&consistency)));
    assert_true(nta_log_prove_inclusion(&proof, 1, 7));
    for (size_t i = 1; i < 8; i++)
        nta_log_proof_add(&proof, links[i]);
    assert_vector("log.2.7.inclusion", proof.hashes, proof.n * NTA_HASH_LEN);
    assert_true(nta_log_prove_consistency(&proof, 6, 7));
    for (size_t i = 1; i < 8; i++)
        nta_log_proof_add(&proof, links[i]);
    assert_vector("log.6.7.consistency", proof.hashes, proof.n * NTA_HASH_LEN);
}

static void notes_are_the_pages_and_signed_by_the_identity(void **state)
{
    static const char *const in_6[] = {"note.1", "note.3", "note.6", "note.5"};
    const struct hex identity = vector("identity.public"), sensor = vector("sensor.id");
    struct page_batch first, sixth;
    struct nta_header header;
    struct nta_note note;

    (void)state;
    read_page_batch("batch1", &first);
    assert_true(nta_header_decode(hex_span(&first.header), &header));
    assert_int_equal(header.n_notes, 1);
    assert_vector("note.4", header.notes.ptr, header.notes.len);
    assert_true(nta_header_note(&header, 0, &note));
    assert_vector("checkpoint.public", note.key, sizeof(note.key));
    assert_vector("signing.0.public", header.next, sizeof(header.next));
    read_page_batch("batch6", &sixth);
    assert_true(nta_header_decode(hex_span(&sixth.header), &header));
    assert_vector("signing.1.public", header.next, sizeof(header.next));
    assert_int_equal(header.n_notes, NTA_N_ELEMENTS(in_6));
    for (size_t i = 0; i < NTA_N_ELEMENTS(in_6); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
        const bool is_signed = i >= 2;

        assert_true(nta_header_note(&header, i, &note));
        nta_note_encode(&note, &again);
        assert_vector(in_6[i], again.ptr, again.len);
        assert_int_equal(nta_note_signed(&note, sensor.bytes, 6, identity.bytes), is_signed);
        assert_false(nta_note_signed(&note, sensor.bytes, 7, identity.bytes));
    }
}

static void the_first_batch_is_a_file_of_the_pages_parts(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf file = {0};
    const struct hex identity = vector("identity.public"), blob = vector("key.log.blob");
    struct page_batch batch;
    struct nta_first first;

    (void)state;
    read_page_batch("batch1", &batch);
    const struct nta_sealed sealed = page_sealed(&batch);

    nta_cbor_put_array(&file, 5);
    nta_cbor_put_bytes(&file, sealed.header);
    nta_cbor_put_bytes(&file, sealed.signature);
    nta_cbor_put_bytes(&file, sealed.tokens);
    nta_cbor_put_bytes(&file, sealed.body);
    nta_cbor_put_bytes(&file, hex_span(&blob));
    assert_true(nta_first_read(nta_buf_span(&file), &first));
    assert_true(nta_header_signed(&first.sealed, identity.bytes));
    assert_vector("checkpoint.public", first.checkpoint_key, sizeof(first.checkpoint_key));
}

static void the_pages_checkpoint_is_what_we_write(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    const struct hex sensor = vector("sensor.id"), root = vector("log.7.root");
    const struct hex public_key = vector("checkpoint.public");
    struct nta_checkpoint checkpoint = {.n = 7};
    uint8_t secret[NTA_KEY_LEN];

    (void)state;
    page_secret(CHECKPOINT, secret);
    memcpy(checkpoint.sensor, sensor.bytes, sizeof(checkpoint.sensor));
    memcpy(checkpoint.root, root.bytes, sizeof(checkpoint.root));
    assert_int_equal(nta_checkpoint_put(&text, &checkpoint, secret), 0);
    nta_checkpoint_put_key(&text, checkpoint.sensor, public_key.bytes);
    nta_buf_put(&text, "\n", 2);
    assert_non_null(strstr(page, (const char *)text.ptr));
}

static void the_pages_state_file_opens(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    const char *line = strstr(page, "\nnta-sealed-");
    uint8_t key[NTA_KEY_LEN], secret[NTA_KEY_LEN], expected[NTA_KEY_LEN];

    (void)state;
    assert_non_null(line);
    line++;
    write_page_key(&kit, "state.key", "nta-state-secret-", STATE);
    assert_int_equal(nta_keydir_open(kit.dir, false, &keys, &kit.err), 0);
    assert_int_equal(nta_state_key_read(&keys, key, &kit.err), 0);
    assert_vector("state.sealing", key, sizeof(key));
    assert_int_equal(nta_state_open((struct nta_span){(const uint8_t *)line, strcspn(line, "\n")},
                                    "signing.key", key, secret),
                     0);
    page_secret(SIGNING_0, expected);
    assert_memory_equal(secret, expected, sizeof(secret));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_the_pages_public_halves),
        cmocka_unit_test(data_keys_open_and_are_expanded_as_the_page_says),
        cmocka_unit_test(tokens_of_each_kind_are_the_pages),
        cmocka_unit_test(batches_check_open_and_are_of_their_records),
        cmocka_unit_test(associated_data_and_proofs_are_the_pages),
        cmocka_unit_test(each_header_has_the_link_and_the_tree_before_it),
        cmocka_unit_test(the_logs_frontier_and_proofs_are_the_pages),
        cmocka_unit_test(notes_are_the_pages_and_signed_by_the_identity),
        cmocka_unit_test(the_first_batch_is_a_file_of_the_pages_parts),
        cmocka_unit_test(the_pages_checkpoint_is_what_we_write),
        cmocka_unit_test(the_pages_state_file_opens),
    };

    return cmocka_run_group_tests(tests, read_page, free_page);
}
