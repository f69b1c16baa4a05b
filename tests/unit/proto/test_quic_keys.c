/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic_keys.h"
#include "seal.h"
#include "unit.h"

#include <stdlib.h>

static const char cid[] = "\x83\x94\xc8\xf0\x3e\x51\x57\x08";

/* The CRYPTO frame of RFC 9001 appendix A.2. */
static const char hello_hex[] = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
                                "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
                                "616d706c652e636f6dff01000100000a00080006001d00170018001000070005"
                                "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba"
                                "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
                                "0d0010000e0403050306030203080408050806002d00020101001c0002400100"
                                "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
                                "75300901100f088394c8f03e51570806048000ffff";

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++) {
        const char pair[] = {hex[2 * i], hex[2 * i + 1], '\0'};

        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return n;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[2048];
    size_t n = unhex(hex, expected);

    assert_memory_equal(bytes, expected, n);
}

static struct nta_quic_keys keys_of(uint32_t version)
{
    struct nta_quic_keys keys;

    nta_quic_keys_make(nta_quic_version_find(version), (struct nta_span){(const uint8_t *)cid, 8},
                       &keys);
    return keys;
}

static void keys_of_version_1_are_those_of_rfc_9001(void **state)
{
    (void)state;
    for (unsigned again = 0; again < 2; again++) {
        struct nta_quic_keys keys = keys_of(1);

        assert_hex(keys.key, "1f369613dd76d5467730efcbe3b1a22d");
        assert_hex(keys.iv, "fa044b2f42a3fd3b46fb255c");
        assert_hex(keys.hp, "9f50449e04a0e810283a1e9933adedd2");
    }
}

static void keys_of_version_2_are_those_of_rfc_9369(void **state)
{
    struct nta_quic_keys keys = keys_of(0x6b3343cf);

    (void)state;
    assert_hex(keys.key, "8b1a0bc121284290a29e0971b5cd045d");
    assert_hex(keys.iv, "91f73e2351d8fa91660e909f");
    assert_hex(keys.hp, "45b95e15235d6f45a6b19cbcb0294ba9");
}

/* Seal the RFC's hello, compare beginning and tag with the RFC's packet, and open it again. */
static void round_trip(uint32_t version, const char *begin, const char *end)
{
    static struct maker datagram;
    struct nta_quic_keys keys = keys_of(version);
    struct nta_span plain, packet;
    uint8_t frames[512];
    struct seal seal = {
        .version = version, .number = 2, .cid = cid, .frames = frames, .payload_len = 1162};

    seal.frames_len = unhex(hello_hex, frames);
    datagram.len = 0;
    seal_initial(&datagram, &seal);
    assert_int_equal(datagram.len, 1200);
    assert_hex(datagram.bytes, begin);
    assert_hex(datagram.bytes + 1200 - strlen(end) / 2, end);
    packet = (struct nta_span){datagram.bytes, datagram.len};
    assert_true(nta_quic_open(&keys, packet, 18, &plain));
    assert_int_equal(plain.len, 1162);
    assert_memory_equal(plain.ptr, frames, seal.frames_len);
}

static void the_packet_of_rfc_9001_appendix_a2_opens(void **state)
{
    (void)state;
    round_trip(1,
               "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11"
               "d242b123dc9bd8bab936b47d92ec356c0bab7df5976d27cd449f63300099f399",
               "e221af44860018ab0856972e194cd934");
}

static void the_packet_of_rfc_9369_appendix_a2_opens(void **state)
{
    (void)state;
    round_trip(0x6b3343cf,
               "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485"
               "dd04de806071bf03dceebfa162e75d6c96058bdbfb127cdfcbf903388e99ad04",
               "a18b2faa745b6fe189cf772a9f84cbfc");
}

static void a_changed_byte_does_not_open(void **state)
{
    static struct maker datagram;
    struct nta_quic_keys keys = keys_of(1);
    struct nta_span plain;
    uint8_t frames[512];
    struct seal seal = {
        .version = 1, .number = 2, .cid = cid, .frames = frames, .payload_len = 300};

    (void)state;
    seal.frames_len = unhex(hello_hex, frames);
    datagram.len = 0;
    seal_initial(&datagram, &seal);
    for (size_t at = 0; at < datagram.len; at++) {
        datagram.bytes[at] ^= 4;
        assert_false(
            nta_quic_open(&keys, (struct nta_span){datagram.bytes, datagram.len}, 18, &plain));
        datagram.bytes[at] ^= 4;
    }
    for (size_t len = 0; len < datagram.len; len++)
        assert_false(nta_quic_open(&keys, (struct nta_span){datagram.bytes, len}, 18, &plain));
}

static void versions_are_found_by_number(void **state)
{
    (void)state;
    assert_non_null(nta_quic_version_find(0xff00001d));
    assert_non_null(nta_quic_version_find(0xff000022));
    assert_true(nta_quic_version_find(0x51303530)->has_google_frames);
    assert_null(nta_quic_version_find(0));
    assert_null(nta_quic_version_find(2));
    assert_ptr_equal(nta_quic_version_find(0x0a0a0a0a), nta_quic_version_find(1)); /* reserved */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_version_1_are_those_of_rfc_9001),
        cmocka_unit_test(keys_of_version_2_are_those_of_rfc_9369),
        cmocka_unit_test(the_packet_of_rfc_9001_appendix_a2_opens),
        cmocka_unit_test(the_packet_of_rfc_9369_appendix_a2_opens),
        cmocka_unit_test(a_changed_byte_does_not_open),
        cmocka_unit_test(versions_are_found_by_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
