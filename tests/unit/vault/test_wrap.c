/* SPDX-License-Identifier: Apache-2.0 */
/* Format 1 is read: its data keys, and a store that was written before format 2. */
#include "base/hex.h"
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"
#include "vault/old_store.h"
#include "vault/wrap.h"

static void add_keys(struct old_store *old)
{
    for (size_t i = 0; i < old->n_keys; i++) {
        const struct nta_wrapped_key *key = &old->keys[i].key;

        assert_int_equal(nta_wrapped_key_examine(key, old->kit.public_key), NTA_KEY_OK);
        assert_int_equal(nta_opener_add_key(old->kit.opener, key, &old->kit.err), 0);
        assert_true(nta_opener_has_key(old->kit.opener, key->id));
    }
}

/** How many records were shown of the store before format 2. */
static size_t count_lines(void)
{
    NTA_AUTO_FILE FILE *file = fopen(STORE "/records.json", "re");
    size_t n = 0;

    assert_non_null(file);
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        n += c == '\n';
    return n;
}

/** Events that `nta records` shows unasked. */
static bool is_shown(struct nta_span cbor, struct nta_record_buf *buf)
{
    struct nta_record record;

    assert_true(nta_record_decode(cbor, buf, &record));
    return nta_record_class(&record) != NTA_CLASS_LOG || record.event == NTA_RECORD_LOSS;
}

static void a_store_of_before_is_checked_and_opened_whole(void **state)
{
    NTA_AUTO(old_done) struct old_store old = old_store();
    static struct nta_record_buf buf;
    uint8_t previous[NTA_HASH_LEN] = {0};
    size_t n_shown = 0;

    (void)state;
    assert_true(old.n_batches == 7 && old.n_keys == 7);
    add_keys(&old);
    for (size_t i = 0; i < old.n_batches; i++) {
        const struct nta_sealed sealed = kept_sealed(&old.batches[i]);
        struct nta_header header;

        assert_int_equal(nta_sealed_check(&sealed, old.kit.public_key, &header), NTA_CHECK_OK);
        assert_int_equal(header.version, 1);
        assert_int_equal(header.number, i + 1);
        assert_memory_equal(header.previous, previous, sizeof(previous));
        nta_header_hash(&sealed, previous);
        assert_int_equal(nta_opener_open(old.kit.opener, &sealed, &old.kit.back, &old.kit.err), 0);
        assert_int_equal(nta_opener_check_records(old.kit.opener, &sealed, &old.kit.back),
                         NTA_VALUES_OK);
        for (size_t k = 0; k < old.kit.back.n_records; k++)
            n_shown += is_shown(nta_batch_record(&old.kit.back, k), &buf);
    }
    assert_int_equal(n_shown, count_lines());
}

static void a_store_of_before_is_searched_by_token_key(void **state)
{
    NTA_AUTO(old_done) struct old_store old = old_store();
    NTA_AUTO(nta_opener_free) struct nta_opener *without = NULL;
    const struct nta_sealed sealed = kept_sealed(&old.batches[0]);
    uint8_t token[NTA_TOKEN_LEN];
    struct nta_header header;
    char path[128];
    size_t n_found = 0, n_values = 0;

    (void)state;
    add_keys(&old);
    for (size_t i = 0; i < old.n_batches; i++) {
        static struct nta_record_buf buf;
        const struct nta_sealed batch = kept_sealed(&old.batches[i]);
        struct nta_record record;

        assert_true(nta_header_decode(batch.header, &header));
        assert_int_equal(nta_opener_open(old.kit.opener, &batch, &old.kit.back, &old.kit.err), 0);
        for (size_t k = 0; k < old.kit.back.n_records; k++) {
            assert_true(nta_record_decode(nta_batch_record(&old.kit.back, k), &buf, &record));
            if (record.user.login.len == 0 && record.match.list.len == 0)
                continue;
            const bool is_login = record.user.login.len > 0;

            n_values++;
            assert_int_equal(nta_opener_token(old.kit.opener, &header,
                                              is_login ? NTA_VALUE_USER_LOGIN : NTA_VALUE_LIST,
                                              is_login ? record.user.login : record.match.list,
                                              token),
                             0);
            n_found += nta_tokens_have(batch.tokens, token);
        }
    }
    assert_true(n_values > 0);
    assert_int_equal(n_found, n_values);
    /* an auditor without it opens, and does not search */
    (void)snprintf(path, sizeof(path), "%s/token.key", old.kit.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(nta_opener_new(old.kit.dir, &without, &old.kit.err), 0);
    assert_int_equal(nta_opener_token(without, &header, NTA_VALUE_SITE, nta_span_of("a"), token),
                     -ENOKEY);
    for (size_t i = 0; i < old.n_keys; i++)
        assert_int_equal(nta_opener_add_key(without, &old.keys[i].key, &old.kit.err), 0);
    assert_int_equal(nta_opener_open(without, &sealed, &old.kit.back, &old.kit.err), 0);
    assert_int_equal(nta_opener_check_records(without, &sealed, &old.kit.back), NTA_VALUES_OK);
}

static void any_changed_byte_of_format_1_is_found(void **state)
{
    NTA_AUTO(old_done) struct old_store old = old_store();

    static const enum nta_check expected[4] = {NTA_CHECK_FORMAT, NTA_CHECK_SIGNATURE,
                                               NTA_CHECK_TOKENS, NTA_CHECK_BODY};
    struct kept *kept = &old.batches[1];
    const struct nta_sealed sealed = kept_sealed(kept);

    (void)state;
    for (size_t part = 0; part < 4; part++) {
        for (size_t i = 0; i < kept->parts[part].len; i++) {
            kept->parts[part].ptr[i] ^= 1;
            const enum nta_check found = nta_sealed_check(&sealed, old.kit.public_key, NULL);

            if (part == 0)
                assert_true(found == NTA_CHECK_FORMAT || found == NTA_CHECK_SENSOR ||
                            found == NTA_CHECK_SIGNATURE);
            else
                assert_int_equal(found, expected[part]);
            kept->parts[part].ptr[i] ^= 1;
        }
    }
    assert_int_equal(nta_sealed_check(&sealed, old.kit.public_key, NULL), NTA_CHECK_OK);
}

static void a_row_that_is_not_the_signed_key_is_told_apart(void **state)
{
    NTA_AUTO(old_done) struct old_store old = old_store();
    struct nta_wrapped_key *key = &old.keys[0].key;
    struct nta_buf *blob = &old.keys[0].blob;
    uint8_t other[NTA_KEY_LEN];

    (void)state;
    memcpy(other, old.kit.public_key, sizeof(other));
    other[0] ^= 1;
    assert_int_equal(nta_wrapped_key_examine(key, old.kit.public_key), NTA_KEY_OK);
    assert_int_equal(nta_wrapped_key_look(key), NTA_KEY_FORMAT); /* which is of format 2 */
    assert_int_equal(nta_wrapped_key_examine(key, other), NTA_KEY_SENSOR_OTHER);
    key->made_ns++;
    assert_int_equal(nta_wrapped_key_examine(key, old.kit.public_key), NTA_KEY_ROW);
    key->made_ns--;
    key->id[15] ^= 1;
    assert_int_equal(nta_wrapped_key_examine(key, old.kit.public_key), NTA_KEY_ROW);
    assert_false(nta_wrapped_key_check(key, old.kit.public_key));
    key->id[15] ^= 1;
    for (size_t i = 0; i < blob->len; i++) {
        blob->ptr[i] ^= 1;
        assert_false(nta_wrapped_key_check(key, old.kit.public_key));
        if (i + NTA_SIGNATURE_LEN + 2 < blob->len) /* opening does not need the signature */
            assert_true(nta_opener_add_key(old.kit.opener, key, &old.kit.err) < 0);
        blob->ptr[i] ^= 1;
    }
    for (size_t n = 0; n < blob->len; n++) {
        key->blob.len = n;
        assert_int_equal(nta_wrapped_key_examine(key, old.kit.public_key), NTA_KEY_FORMAT);
        assert_int_equal(nta_opener_add_key(old.kit.opener, key, &old.kit.err), -EBADMSG);
    }
    for (enum nta_key_check i = NTA_KEY_OK; i < NTA_KEY_ROW; i++)
        assert_string_not_equal(nta_key_check_text(i), nta_key_check_text(i + 1));
}

static void a_key_says_to_whom_it_is_wrapped(void **state)
{
    NTA_AUTO(old_done) struct old_store old = old_store();
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_wrapped_key *key = &old.keys[0].key, new_key;
    struct nta_wrapped_list list;
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    (void)state;
    nta_sensor_id(old.kit.public_key, sensor);
    assert_true(nta_wrapped_key_list(key, &list));
    assert_int_equal(list.n_auditors, 1);
    assert_memory_equal(list.sensor, sensor, sizeof(sensor));
    assert_memory_equal(list.id, key->id, sizeof(list.id));
    assert_true(list.made_ns == key->made_ns);
    key->blob.len--;
    assert_false(nta_wrapped_key_list(key, &list));
    assert_int_equal(list.n_auditors, 0);
    /* one of format 2 does, too */
    assert_int_equal(nta_sealer_make_key(kit.sealer, NTA_CLASS_LOG, KIT_NS, &new_key, &kit.err), 0);
    assert_true(nta_wrapped_key_list(&new_key, &list));
    assert_int_equal(list.n_auditors, 1);
    assert_true(list.made_ns == KIT_NS);
    assert_memory_equal(list.sensor, new_key.sensor, sizeof(list.sensor));
    assert_memory_equal(list.id, new_key.id, sizeof(list.id));
}

/** The payload signed anew with the sensor's own key. */
static void sign_payload(struct nta_span payload, struct nta_buf *out)
{
    char text[128];
    uint8_t secret[NTA_KEY_LEN], signature[NTA_SIGNATURE_LEN];
    NTA_AUTO_FILE FILE *file = fopen(STORE "/keys/sensor.key", "re");

    assert_true(file && fgets(text, sizeof(text), file));
    assert_true(nta_hex_parse(text + strlen("nta-sensor-secret-"), sizeof(secret), secret));
    assert_int_equal(nta_ed25519_sign(secret, NTA_WRAP_DOMAIN, payload, signature), 0);
    nta_buf_clear(out);
    nta_cbor_put_array(out, 2);
    nta_cbor_put_bytes(out, payload);
    nta_cbor_put_bytes(out, (struct nta_span){signature, sizeof(signature)});
}

static void a_signed_key_in_another_form_is_refused(void **state)
{
    NTA_AUTO(old_done) struct old_store old = old_store();
    NTA_AUTO(nta_buf_done) struct nta_buf payload = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    const struct nta_buf *good_blob = &old.keys[0].blob;
    struct nta_reader r = nta_reader_of(good_blob->ptr, good_blob->len);
    struct nta_wrapped_key key = old.keys[0].key;

    (void)state;
    assert_int_equal(nta_cbor_get_array(&r), 2);
    struct nta_span good = nta_cbor_get_bytes(&r);

    sign_payload(good, &blob);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, old.kit.public_key), NTA_KEY_OK);
    /* version 1 as 0x18 0x01 */
    nta_buf_put(&payload, good.ptr, 1);
    nta_buf_put(&payload, "\x18\x01", 2);
    nta_buf_put(&payload, good.ptr + 2, good.len - 2);
    sign_payload(nta_buf_span(&payload), &blob);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, old.kit.public_key), NTA_KEY_FORMAT);
    /* a byte behind the last auditor */
    nta_buf_clear(&payload);
    nta_buf_put(&payload, good.ptr, good.len);
    nta_buf_put_u8(&payload, 0);
    sign_payload(nta_buf_span(&payload), &blob);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, old.kit.public_key), NTA_KEY_FORMAT);
    /* the outer array as 0x98 0x02 */
    nta_buf_clear(&blob);
    nta_buf_put(&blob, "\x98\x02", 2);
    nta_buf_put(&blob, good_blob->ptr + 1, good_blob->len - 1);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, old.kit.public_key), NTA_KEY_FORMAT);
    assert_int_equal(nta_opener_add_key(old.kit.opener, &key, &old.kit.err), -EBADMSG);
}

/** Ids of format 1 are anybody's choice: one cannot stand where a key of format 2 is looked for. */
static void a_key_of_format_1_opens_nothing_of_format_2(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(old_done) struct old_store old = old_store();
    NTA_AUTO(nta_opener_free) struct nta_opener *opener = NULL;
    struct nta_wrapped_key forged, key;
    uint8_t token[NTA_TOKEN_LEN];
    struct nta_header header;

    (void)state;
    /* by the same auditor, whose key the old store is wrapped to */
    copy_key(&kit, "auditor.key");
    copy_key(&kit, "auditors.pub");
    nta_sealer_free(&kit.sealer);
    assert_int_equal(kit_sealer(&kit, &kit.sealer), 0);
    kit_go_on(&kit, kit.sealer);
    assert_int_equal(nta_opener_new(kit.dir, &opener, &kit.err), 0);
    assert_int_equal(nta_sealer_make_key(kit.sealer, NTA_CLASS_TRAFFIC, KIT_NS, &key, &kit.err), 0);
    nta_sealer_use_key(kit.sealer, NTA_CLASS_TRAFFIC);
    kit_fill(&kit, 1, 1);
    struct nta_sealed sealed = kit_seal(&kit, &header);
    NTA_AUTO(nta_buf_done) struct nta_buf payload = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    struct nta_reader r = nta_reader_of(old.keys[0].blob.ptr, old.keys[0].blob.len);

    (void)nta_cbor_get_array(&r);
    struct nta_span good = nta_cbor_get_bytes(&r);

    nta_buf_put(&payload, good.ptr, good.len);
    memcpy(payload.ptr + 20, key.id, sizeof(key.id)); /* behind version and sensor */
    sign_payload(nta_buf_span(&payload), &blob);
    forged =
        (struct nta_wrapped_key){.made_ns = old.keys[0].key.made_ns, .blob = nta_buf_span(&blob)};
    memcpy(forged.id, key.id, sizeof(forged.id));
    assert_int_equal(nta_wrapped_key_examine(&forged, old.kit.public_key), NTA_KEY_OK);
    (void)nta_opener_add_key(opener, &forged, &kit.err); /* its tag covers the id */
    assert_int_equal(nta_opener_open(opener, &sealed, &kit.back, &kit.err), -ENOKEY);
    assert_int_equal(nta_opener_token(opener, &header, NTA_VALUE_SITE, nta_span_of("a"), token),
                     -ENOKEY);
    assert_int_equal(nta_opener_add_key(opener, &key, &kit.err), 0);
    assert_int_equal(nta_opener_open(opener, &sealed, &kit.back, &kit.err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_of_before_is_checked_and_opened_whole),
        cmocka_unit_test(a_store_of_before_is_searched_by_token_key),
        cmocka_unit_test(any_changed_byte_of_format_1_is_found),
        cmocka_unit_test(a_row_that_is_not_the_signed_key_is_told_apart),
        cmocka_unit_test(a_key_says_to_whom_it_is_wrapped),
        cmocka_unit_test(a_signed_key_in_another_form_is_refused),
        cmocka_unit_test(a_key_of_format_1_opens_nothing_of_format_2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
