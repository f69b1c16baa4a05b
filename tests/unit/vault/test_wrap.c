/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"
#include "vault/hex.h"
#include "vault/vault_kit.h"
#include "vault/wrap.h"

/** A wrapped key with a copy of its blob. */
struct wrapped
{
    struct nta_wrapped_key key;
    struct nta_buf blob;
};

static void wrapped_done(struct wrapped *wrapped)
{
    nta_buf_done(&wrapped->blob);
}

static struct wrapped wrap(struct vault_kit *kit)
{
    struct wrapped wrapped = {.key = {.made_ns = 0}};

    assert_int_equal(nta_sealer_new_key(kit->sealer, 99, &wrapped.key, &kit->err), 0);
    nta_buf_put(&wrapped.blob, wrapped.key.blob.ptr, wrapped.key.blob.len);
    wrapped.key.blob = nta_buf_span(&wrapped.blob);
    return wrapped;
}

static void a_row_that_is_not_the_signed_key_is_told_apart(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new(), other = kit_new();
    NTA_AUTO(wrapped_done) struct wrapped wrapped = wrap(&kit);
    struct nta_wrapped_key *key = &wrapped.key;

    (void)state;
    assert_int_equal(nta_wrapped_key_examine(key, kit.public_key), NTA_KEY_OK);
    assert_int_equal(nta_wrapped_key_examine(key, other.public_key), NTA_KEY_SENSOR_OTHER);
    key->made_ns++;
    assert_int_equal(nta_wrapped_key_examine(key, kit.public_key), NTA_KEY_ROW);
    key->made_ns--;
    key->id[15] ^= 1;
    assert_int_equal(nta_wrapped_key_examine(key, kit.public_key), NTA_KEY_ROW);
    assert_false(nta_wrapped_key_check(key, kit.public_key));
    key->id[15] ^= 1;
    wrapped.blob.ptr[wrapped.blob.len - 40] ^= 1;
    assert_int_equal(nta_wrapped_key_examine(key, kit.public_key), NTA_KEY_SIGNATURE);
    key->blob.len--;
    assert_int_equal(nta_wrapped_key_examine(key, kit.public_key), NTA_KEY_FORMAT);
    for (enum nta_key_check i = NTA_KEY_OK; i < NTA_KEY_ROW; i++)
        assert_string_not_equal(nta_key_check_text(i), nta_key_check_text(i + 1));
}

static void a_key_says_to_whom_it_is_wrapped(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(wrapped_done) struct wrapped wrapped = wrap(&kit);
    struct nta_wrapped_list list;
    struct hex auditor;
    char text[300];
    uint8_t id[NTA_SENSOR_ID_LEN], sensor[NTA_SENSOR_ID_LEN];

    (void)state;
    kit_read(&kit, "auditors.pub", text, sizeof(text));
    text[strlen("nta-auditor-") + 64] = 0;
    auditor = hex_of(text + strlen("nta-auditor-"));
    nta_sensor_id(auditor.bytes, id);
    nta_sensor_id(kit.public_key, sensor);
    assert_true(nta_wrapped_key_list(&wrapped.key, &list));
    assert_int_equal(list.n_auditors, 1);
    assert_memory_equal(list.auditors[0], id, sizeof(id));
    assert_memory_equal(list.sensor, sensor, sizeof(sensor));
    assert_memory_equal(list.id, wrapped.key.id, sizeof(list.id));
    assert_int_equal(list.made_ns, 99);
    wrapped.key.blob.len--;
    assert_false(nta_wrapped_key_list(&wrapped.key, &list));
    assert_int_equal(list.n_auditors, 0);
}

/** The payload with `n` bytes at `at` replaced, signed anew with the sensor's own key. */
static void sign_payload(const struct vault_kit *kit, struct nta_span payload, struct nta_buf *out)
{
    char text[300];
    uint8_t signature[NTA_SIGNATURE_LEN];

    kit_read(kit, "sensor.key", text, sizeof(text));
    text[strlen("nta-sensor-secret-") + 64] = 0;
    struct hex secret = hex_of(text + strlen("nta-sensor-secret-"));

    assert_int_equal(nta_ed25519_sign(secret.bytes, NTA_WRAP_DOMAIN, payload, signature), 0);
    nta_buf_clear(out);
    nta_cbor_put_array(out, 2);
    nta_cbor_put_bytes(out, payload);
    nta_cbor_put_bytes(out, (struct nta_span){signature, sizeof(signature)});
}

static void a_signed_key_in_another_form_is_refused(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(wrapped_done) struct wrapped wrapped = wrap(&kit);
    NTA_AUTO(nta_buf_done) struct nta_buf payload = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    struct nta_reader r = nta_reader_of(wrapped.blob.ptr, wrapped.blob.len);
    struct nta_wrapped_key key = wrapped.key;

    (void)state;
    assert_int_equal(nta_cbor_get_array(&r), 2);
    struct nta_span good = nta_cbor_get_bytes(&r);

    sign_payload(&kit, good, &blob);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, kit.public_key), NTA_KEY_OK);
    /* version 1 as 0x18 0x01 */
    nta_buf_put(&payload, good.ptr, 1);
    nta_buf_put(&payload, "\x18\x01", 2);
    nta_buf_put(&payload, good.ptr + 2, good.len - 2);
    sign_payload(&kit, nta_buf_span(&payload), &blob);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, kit.public_key), NTA_KEY_FORMAT);
    /* a byte behind the last auditor */
    nta_buf_clear(&payload);
    nta_buf_put(&payload, good.ptr, good.len);
    nta_buf_put_u8(&payload, 0);
    sign_payload(&kit, nta_buf_span(&payload), &blob);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, kit.public_key), NTA_KEY_FORMAT);
    /* the outer array as 0x98 0x02 */
    nta_buf_clear(&blob);
    nta_buf_put(&blob, "\x98\x02", 2);
    nta_buf_put(&blob, wrapped.blob.ptr + 1, wrapped.blob.len - 1);
    key.blob = nta_buf_span(&blob);
    assert_int_equal(nta_wrapped_key_examine(&key, kit.public_key), NTA_KEY_FORMAT);
    assert_int_equal(nta_opener_add_key(kit.opener, &key, &kit.err), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_that_is_not_the_signed_key_is_told_apart),
        cmocka_unit_test(a_key_says_to_whom_it_is_wrapped),
        cmocka_unit_test(a_signed_key_in_another_form_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
