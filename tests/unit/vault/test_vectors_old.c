/* SPDX-License-Identifier: Apache-2.0 */
/* The page's vectors of format 1, which is only read. */
#include "record/sample.h"
#include "vault/header.h"
#include "vault/page.h"

/** A folder with the page's keys: 32 bytes from 00, 40 and 80 on. */
static struct vault_kit page_kit(void)
{
    struct vault_kit kit = kit_empty();
    struct hex sensor = vector("v1.sensor.public");

    write_page_key(&kit, "token.key", "nta-token-secret-", 0x40);
    write_page_key(&kit, "auditor.key", "nta-auditor-secret-", 0x80);
    memcpy(kit.public_key, sensor.bytes, sizeof(kit.public_key));
    assert_int_equal(nta_opener_new(kit.dir, &kit.opener, &kit.err), 0);
    return kit;
}

static void ids_are_hashes_of_public_keys(void **state)
{
    struct hex sensor = vector("v1.sensor.public"), auditor = vector("v1.auditor.public");
    uint8_t id[NTA_SENSOR_ID_LEN];

    (void)state;
    nta_sensor_id(sensor.bytes, id);
    assert_vector("v1.sensor.id", id, sizeof(id));
    nta_sensor_id(auditor.bytes, id);
    assert_vector("v1.auditor.id", id, sizeof(id));
}

static void open_page_batch(struct vault_kit *kit, const struct nta_sealed *sealed)
{
    struct hex blob = vector("v1.key.blob"), id = vector("v1.key.id");
    struct nta_wrapped_key key = {.made_ns = INT64_C(1769860800000000000), .blob = hex_span(&blob)};

    memcpy(key.id, id.bytes, sizeof(key.id));
    assert_true(nta_wrapped_key_check(&key, kit->public_key));
    assert_int_equal(nta_opener_add_key(kit->opener, &key, &kit->err), 0);
    assert_int_equal(nta_opener_open(kit->opener, sealed, &kit->back, &kit->err), 0);
}

static void the_pages_batch_checks_opens_and_proves(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    NTA_AUTO(nta_buf_done) struct nta_buf aad = {0}, again = {0};
    struct page_batch batch;
    struct nta_header header;
    struct nta_proof proof;

    (void)state;
    read_page_batch("v1.batch1", &batch);
    const struct nta_sealed sealed = page_sealed(&batch);

    assert_int_equal(nta_sealed_check(&sealed, kit.public_key, &header), NTA_CHECK_OK);
    assert_vector("v1.batch1.root", header.root, sizeof(header.root));
    nta_header_encode(&header, &again);
    assert_vector("v1.batch1.header", again.ptr, again.len);
    nta_header_aad(sealed.header, &aad);
    assert_vector("v1.batch1.aad", aad.ptr, aad.len);
    open_page_batch(&kit, &sealed);
    assert_int_equal(nta_opener_check_records(kit.opener, &sealed, &kit.back), NTA_VALUES_OK);
    assert_int_equal(kit.back.n_records, 3);
    for (size_t i = 0; i < 3; i++) {
        static const char *const records[] = {"v1.record.0", "v1.record.1", "v1.record.2"};
        static const char *const salts[] = {"v1.proof.0.salt", "v1.proof.1.salt",
                                            "v1.proof.2.salt"};
        static const char *const paths[] = {"v1.proof.0.path", "v1.proof.1.path",
                                            "v1.proof.2.path"};
        struct nta_span record = nta_batch_record(&kit.back, i);

        assert_vector(records[i], record.ptr, record.len);
        assert_int_equal(nta_opener_prove(kit.opener, &kit.back, i, &proof), 0);
        assert_vector(salts[i], proof.salt, sizeof(proof.salt));
        assert_vector(paths[i], proof.path, proof.n_path * sizeof(proof.path[0]));
        assert_true(nta_proof_check(&proof, &header, i, record));
    }
}

static void tokens_are_the_pages(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    const struct nta_addr peer = nta_addr_v4((const uint8_t[]){192, 0, 2, 80});
    const struct nta_header header = {.version = 1};
    struct hex tokens = vector("v1.batch1.tokens");
    uint8_t token[NTA_TOKEN_LEN];

    (void)state;
    assert_int_equal(
        nta_opener_token(kit.opener, &header, NTA_VALUE_SITE, nta_span_of("example.com"), token),
        0);
    assert_vector("v1.token.site", token, sizeof(token));
    assert_true(nta_tokens_have(hex_span(&tokens), token));
    assert_int_equal(nta_opener_token(kit.opener, &header, NTA_VALUE_PEER_ADDR,
                                      (struct nta_span){peer.bytes, sizeof(peer.bytes)}, token),
                     0);
    assert_vector("v1.token.peer", token, sizeof(token));
    assert_true(nta_tokens_have(hex_span(&tokens), token));
}

static void the_pages_second_header_links_to_the_first(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    struct page_batch first;
    struct hex second = vector("v1.batch2.header"), signature = vector("v1.batch2.signature");
    const struct nta_sealed last = {.header = hex_span(&second), .signature = hex_span(&signature)};
    struct nta_header header;
    uint8_t hash[NTA_HASH_LEN];

    (void)state;
    read_page_batch("v1.batch1", &first);
    const struct nta_sealed sealed = page_sealed(&first);

    assert_true(nta_header_decode(last.header, &header));
    assert_int_equal(header.number, 2);
    nta_header_hash(&sealed, hash);
    assert_memory_equal(hash, header.previous, sizeof(hash));
    assert_true(nta_header_signed(&last, kit.public_key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_hashes_of_public_keys),
        cmocka_unit_test(the_pages_batch_checks_opens_and_proves),
        cmocka_unit_test(tokens_are_the_pages),
        cmocka_unit_test(the_pages_second_header_links_to_the_first),
    };

    return cmocka_run_group_tests(tests, read_page, free_page);
}
