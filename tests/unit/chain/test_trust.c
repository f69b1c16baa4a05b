/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "chain/trust.h"
#include "unit.h"

#include <errno.h>

/* public keys of RFC 8032 section 7.1 */
#define KEY_1 "nta-sensor-d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_2 "nta-sensor-3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"

static int parse(struct nta_trust *trust, const char *text, struct nta_err *err)
{
    return nta_trust_parse(trust, nta_span_of(text), "sensors.pub", err);
}

static void lines_are_read(void **state)
{
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(parse(&trust,
                           "# a comment\n\n" KEY_1 "\n" KEY_2
                           " gate-2 2026-11-20T14:00:00Z - the one in the cellar",
                           &err),
                     0);
    assert_int_equal(trust.n, 2);
    assert_string_equal(trust.all[0].name, "");
    assert_int_equal(trust.all[0].from_ns, 0);
    assert_string_equal(trust.all[1].name, "gate-2");
    assert_int_equal(trust.all[1].from_ns, INT64_C(1795183200000000000));
    assert_int_equal(trust.all[1].to_ns, 0);
    assert_ptr_equal(nta_trust_find(&trust, trust.all[1].sensor), &trust.all[1]);
    assert_false(nta_trust_covers(&trust.all[1], INT64_C(1795183199999999999),
                                  INT64_C(1795183200000000001)));
    assert_true(nta_trust_covers(&trust.all[1], INT64_C(1795183200000000000),
                                 INT64_C(1795183200000000001)));
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    static const char *const bad[] = {
        "garbage",
        KEY_1 " a/b",
        KEY_1 " name yesterday",
        KEY_1 " name - 2026-13-01T00:00:00Z",
        "nta-auditor-d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        KEY_1 "\n" KEY_1,
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++) {
        NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
        struct nta_err err = {0};
        char text[512];

        (void)snprintf(text, sizeof(text), "# one\n%s\n", bad[i]);
        assert_true(parse(&trust, text, &err) < 0);
        assert_non_null(strstr(err.text, "sensors.pub:"));
    }
}

static void a_line_that_was_written_is_read(void **state)
{
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    struct nta_trusted one = {.name = "gate-1", .to_ns = INT64_C(1795183200000000000)};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_keys_parse_sensor(KEY_1, one.public_key, &err), 0);
    assert_int_equal(nta_trust_line(&one, "of the old house", &line, &err), 0);
    assert_int_equal(nta_trust_parse(&trust, nta_buf_span(&line), "sensors.pub", &err), 0);
    assert_int_equal(trust.n, 1);
    assert_string_equal(trust.all[0].name, "gate-1");
    assert_int_equal(trust.all[0].to_ns, one.to_ns);
    assert_memory_equal(trust.all[0].public_key, one.public_key, NTA_KEY_LEN);
    assert_true(nta_trust_line(&one, "two\nlines", &line, &err) < 0);
    (void)snprintf(one.name, sizeof(one.name), "a b");
    assert_true(nta_trust_line(&one, NULL, &line, &err) < 0);
}

static void ten_thousand_sensors_are_found(void **state)
{
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
    struct nta_err err = {0};
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    (void)state;
    for (uint32_t i = 0; i < NTA_TRUST_MAX; i++) {
        struct nta_trusted one = {.public_key = {1}};

        memcpy(one.public_key + 1, &i, sizeof(i));
        assert_int_equal(nta_trust_add(&trust, &one, &err), 0);
        assert_true(i % 1000 != 0 || nta_trust_add(&trust, &one, &err) == -EEXIST);
    }
    for (size_t i = 0; i < trust.n; i++) {
        memcpy(sensor, trust.all[i].sensor, sizeof(sensor));
        assert_ptr_equal(nta_trust_find(&trust, sensor), &trust.all[i]);
        sensor[15] ^= 1;
        assert_null(nta_trust_find(&trust, sensor));
    }
    assert_int_equal(nta_trust_add(&trust, &(struct nta_trusted){.public_key = {2}}, &err), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(a_line_that_was_written_is_read),
        cmocka_unit_test(ten_thousand_sensors_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
