/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors in docs/format.md, read from there: the page and the code cannot part. */
#include "record/sample.h"
#include "vault/crypto/curve.h"
#include "vault/header.h"
#include "vault/hex.h"
#include "vault/vault_kit.h"

static char *page; ///< The whole text.

static int read_page(void **state)
{
    NTA_AUTO_FILE FILE *file = fopen(NTA_TEST_SOURCE_DIR "/docs/format.md", "rb");

    (void)state;
    page = calloc(1, 65536);
    return file && page && fread(page, 1, 65535, file) > 0 ? 0 : -1;
}

static int free_page(void **state)
{
    (void)state;
    free(page);
    return 0;
}

/** The bytes behind "\nname =\n": indented lines of hexadecimal digits. */
static struct hex vector(const char *name)
{
    char title[64], digits[8193];
    size_t n = 0;

    (void)snprintf(title, sizeof(title), "\n%s =\n", name);
    const char *at = strstr(page, title);

    assert_non_null(at);
    at += strlen(title);
    while (strncmp(at, "    ", 4) == 0) {
        size_t len = strspn(at + 4, "0123456789abcdef");

        assert_true(n + len < sizeof(digits));
        memcpy(digits + n, at + 4, len);
        n += len;
        at += 4 + len + 1;
    }
    digits[n] = 0;
    return hex_of(digits);
}

static void assert_vector(const char *name, const void *bytes, size_t len)
{
    struct hex expected = vector(name);

    assert_int_equal(len, expected.len);
    assert_memory_equal(bytes, expected.bytes, len);
}

/** A folder with the page's three secret keys: 32 bytes from 00, 40 and 80 on. */
static struct vault_kit page_kit(void)
{
    static const struct
    {
        const char *name, *prefix;
        unsigned first;
    } rows[] = {{"sensor.key", "nta-sensor-secret-", 0x00},
                {"token.key", "nta-token-secret-", 0x40},
                {"auditor.key", "nta-auditor-secret-", 0x80}};
    struct vault_kit kit = kit_empty();

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

        nta_buf_puts(&text, rows[i].prefix);
        for (unsigned byte = 0; byte < 32; byte++)
            nta_buf_printf(&text, "%02x", rows[i].first + byte);
        nta_buf_put(&text, "\n", 2);
        kit_write(&kit, rows[i].name, (const char *)text.ptr, 0600);
    }
    assert_int_equal(nta_keys_init(kit.dir, NULL, &kit.err), 0);
    assert_int_equal(nta_sealer_new(kit.dir, &kit.sealer, &kit.err), 0);
    assert_int_equal(nta_opener_new(kit.dir, &kit.opener, &kit.err), 0);
    assert_int_equal(nta_keys_sensor_public(kit.dir, kit.public_key, &kit.err), 0);
    return kit;
}

static void keys_have_the_pages_public_halves(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    struct hex auditor = vector("auditor.public");
    uint8_t id[NTA_SENSOR_ID_LEN];

    (void)state;
    assert_vector("sensor.public", kit.public_key, sizeof(kit.public_key));
    nta_sealer_get_sensor(kit.sealer, id);
    assert_vector("sensor.id", id, sizeof(id));
    nta_sensor_id(auditor.bytes, id);
    assert_vector("auditor.id", id, sizeof(id));
}

/** The records of the page's first batch. */
static void make_records(struct nta_batch *batch)
{
    struct nta_record flow = sample_flow();

    /* the page's records are of before these fields */
    flow.opened_by = flow.seen = flow.act = 0;
    flow.policy = 0;
    const struct nta_record_answer answer = {.type = 1, .ttl_s = 300, .addr = flow.peer.addr};
    const struct nta_record lookup = {
        .event = NTA_RECORD_LOOKUP,
        .time_ns = INT64_C(1769860799900000000),
        .user = flow.user,
        .app = NTA_APP_DNS,
        .ip_proto = 17,
        .site = TEXT("www.example.com"),
        .query_type = 1,
        .answered = true,
        .answers = &answer,
        .n_answers = 1,
    };
    const struct nta_record alert = {
        .event = NTA_RECORD_ALERT,
        .time_ns = INT64_C(1769860800200000000),
        .user = {.addr = flow.user.addr},
        .peer = {.addr = flow.peer.addr},
        .site = TEXT("www.example.com"),
        .basis = NTA_BASIS_SNI,
        .match = {.list = TEXT("malware"), .entry = TEXT("example.com"), .line = 17},
        .about = 1,
    };

    assert_int_equal(nta_batch_add(batch, &lookup), 0);
    assert_int_equal(nta_batch_add(batch, &flow), 0);
    assert_int_equal(nta_batch_add(batch, &alert), 0);
}

static void records_and_tokens_are_the_pages(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    struct nta_wrapped_key key;
    uint8_t token[NTA_TOKEN_LEN];
    static const char *const names[] = {"record.0", "record.1", "record.2"};

    (void)state;
    make_records(&kit.batch);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        struct nta_span record = nta_batch_record(&kit.batch, i);

        assert_vector(names[i], record.ptr, record.len);
    }
    assert_int_equal(nta_sealer_new_key(kit.sealer, 1, &key, &kit.err), 0);
    struct nta_sealed sealed = kit_seal(&kit, NULL);

    assert_vector("batch1.tokens", sealed.tokens.ptr, sealed.tokens.len);
    nta_sealer_token(kit.sealer, NTA_VALUE_SITE, nta_span_of("example.com"), token);
    assert_vector("token.site", token, sizeof(token));
    assert_true(nta_tokens_have(sealed.tokens, token));
    struct nta_addr peer = nta_addr_v4((const uint8_t[]){192, 0, 2, 80});

    nta_sealer_token(kit.sealer, NTA_VALUE_PEER_ADDR,
                     (struct nta_span){peer.bytes, sizeof(peer.bytes)}, token);
    assert_vector("token.peer", token, sizeof(token));
}

static void the_pages_batch_checks_opens_and_proves(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    NTA_AUTO(nta_buf_done) struct nta_buf aad = {0}, again = {0};
    struct hex head = vector("batch1.header"), signature = vector("batch1.signature");
    struct hex tokens = vector("batch1.tokens"), body = vector("batch1.body");
    struct hex blob = vector("key.blob"), id = vector("key.id");
    const struct nta_sealed sealed = {hex_span(&head), hex_span(&signature), hex_span(&tokens),
                                      hex_span(&body)};
    struct nta_wrapped_key key = {.made_ns = INT64_C(1769860800000000000), .blob = hex_span(&blob)};
    struct nta_header header;
    struct nta_proof proof;

    (void)state;
    memcpy(key.id, id.bytes, sizeof(key.id));
    assert_int_equal(nta_sealed_check(&sealed, kit.public_key, &header), NTA_CHECK_OK);
    assert_vector("batch1.root", header.root, sizeof(header.root));
    nta_header_encode(&header, &again);
    assert_vector("batch1.header", again.ptr, again.len);
    nta_header_aad(sealed.header, &aad);
    assert_vector("batch1.aad", aad.ptr, aad.len);
    assert_true(nta_wrapped_key_check(&key, kit.public_key));
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), 0);
    assert_int_equal(nta_opener_open(kit.opener, &sealed, &kit.back, &kit.err), 0);
    assert_int_equal(kit.back.n_records, 3);
    for (size_t i = 0; i < 3; i++) {
        static const char *const records[] = {"record.0", "record.1", "record.2"};
        static const char *const salts[] = {"proof.0.salt", "proof.1.salt", "proof.2.salt"};
        static const char *const paths[] = {"proof.0.path", "proof.1.path", "proof.2.path"};
        struct nta_span record = nta_batch_record(&kit.back, i);

        assert_vector(records[i], record.ptr, record.len);
        assert_int_equal(nta_opener_prove(kit.opener, &kit.back, i, &proof), 0);
        assert_vector(salts[i], proof.salt, sizeof(proof.salt));
        assert_vector(paths[i], proof.path, proof.n_path * sizeof(proof.path[0]));
        assert_true(nta_proof_check(&proof, &header, i, record));
    }
}

static void the_pages_second_header_links_to_the_first(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = page_kit();
    struct hex first = vector("batch1.header"), first_signature = vector("batch1.signature");
    struct hex second = vector("batch2.header"), signature = vector("batch2.signature");
    const struct nta_sealed sealed = {.header = hex_span(&first),
                                      .signature = hex_span(&first_signature)};
    struct nta_header header;
    uint8_t hash[NTA_HASH_LEN];

    (void)state;
    assert_true(nta_header_decode(hex_span(&second), &header));
    assert_int_equal(header.number, 2);
    nta_header_hash(&sealed, hash);
    assert_memory_equal(hash, header.previous, sizeof(hash));
    assert_true(nta_ed25519_verify(kit.public_key, NTA_HEADER_DOMAIN, hex_span(&second),
                                   hex_span(&signature)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_the_pages_public_halves),
        cmocka_unit_test(records_and_tokens_are_the_pages),
        cmocka_unit_test(the_pages_batch_checks_opens_and_proves),
        cmocka_unit_test(the_pages_second_header_links_to_the_first),
    };

    return cmocka_run_group_tests(tests, read_page, free_page);
}
