/* SPDX-License-Identifier: Apache-2.0 */
#include "hello.h"
#include "play.h"
#include "proto/tls/tls.h"
#include "unit.h"

#define HELLO_JA4 "t13d0203h2_62ed6f6ca7ad_"
#define HELLO_LINE                                                                                 \
    "tls client name=www.example.com alpn=h2,http/1.1 versions=0304,0303 ja4=" HELLO_JA4

/* A flow, and what is sent over it. */
struct rig
{
    struct nta_play play;
    struct maker message, wire;
};

static void rig_reset(struct rig *rig)
{
    play_done(&rig->play);
    play_begin(&rig->play, &nta_proto_tls, true, 443);
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    if (!rig)
        return -1;
    rig_reset(rig);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    play_done(&rig->play);
    free(rig);
    return 0;
}

static struct nta_span wire_of(const struct rig *rig)
{
    return (struct nta_span){.ptr = rig->wire.bytes, .len = rig->wire.len};
}

static enum nta_parse run(struct rig *rig, enum nta_side side, size_t step)
{
    return play_stream(&rig->play, side, wire_of(rig), step);
}

static void load(struct rig *rig, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/tests/data/tls/%s", NTA_TEST_SOURCE_DIR, name);

    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    rig->wire.len = fread(rig->wire.bytes, 1, sizeof(rig->wire.bytes), file);
    assert_true(rig->wire.len > 0);
    (void)fclose(file);
}

/* The hand-made hello in records of `size` bytes. */
static void make_hello(struct rig *rig, const char *name, size_t pad, size_t size)
{
    rig->message.len = rig->wire.len = 0;
    make_client_hello(&rig->message, name, pad);
    make_records(&rig->wire, rig->message.bytes, rig->message.len, size);
}

static void expect_hello(struct rig *rig)
{
    assert_int_equal(rig->play.n_events, 1);
    assert_memory_equal(play_said(&rig->play), HELLO_LINE, strlen(HELLO_LINE));
    assert_true(rig->play.io.done);
}

static void a_hello_in_one_record_is_read(void **state)
{
    struct rig *rig = *state;

    make_hello(rig, "www.example.com", 0, 16384);
    assert_int_equal(run(rig, NTA_FROM_CLIENT, SIZE_MAX), NTA_PARSE_OK);
    expect_hello(rig);
    assert_false(rig->play.swapped);
}

static void a_hello_split_at_every_position_is_read(void **state)
{
    struct rig *rig = *state;

    for (size_t size = 1; size < 70; size++) {
        make_hello(rig, "www.example.com", 0, size);
        for (size_t step = 1; step < rig->wire.len; step++) {
            rig_reset(rig);
            assert_int_equal(run(rig, NTA_FROM_CLIENT, step), NTA_PARSE_OK);
            expect_hello(rig);
        }
    }
}

static void a_hello_of_nearly_64_kib_over_many_records_is_read(void **state)
{
    struct rig *rig = *state;

    make_hello(rig, "www.example.com", 65000, 1300);
    assert_int_equal(run(rig, NTA_FROM_CLIENT, 1460), NTA_PARSE_OK);
    assert_non_null(strstr(play_said(&rig->play), "name=www.example.com"));
}

static void a_message_longer_than_64_kib_is_given_up(void **state)
{
    struct rig *rig = *state;

    make_number(&rig->wire, 0x1603010100, 5);
    make_number(&rig->wire, 0x01010000, 4);
    make_fill(&rig->wire, 0, 300);
    assert_int_equal(run(rig, NTA_FROM_CLIENT, SIZE_MAX), NTA_PARSE_BAD);
    assert_int_equal(rig->play.n_events, 0);
}

static void a_recorded_tls13_session_gives_both_hellos(void **state)
{
    struct rig *rig = *state;

    load(rig, "tls13.client");
    assert_int_equal(run(rig, NTA_FROM_CLIENT, 100), NTA_PARSE_OK);
    load(rig, "tls13.server");
    assert_int_equal(run(rig, NTA_FROM_SERVER, 100), NTA_PARSE_OK);
    assert_int_equal(rig->play.n_events, 2);
    assert_non_null(strstr(play_said(&rig->play),
                           "client name=www.example.com alpn=h2,http/1.1 versions=0304"));
    assert_non_null(strstr(play_said(&rig->play), "tls server version=0304 alpn=\n"));
}

static void a_recorded_tls12_session_gives_the_certificate_at_every_step(void **state)
{
    struct rig *rig = *state;

    load(rig, "tls12.server");
    for (size_t step = 1; step < rig->wire.len; step += step < 40 ? 1 : 37) {
        rig_reset(rig);
        assert_int_equal(run(rig, NTA_FROM_SERVER, step), NTA_PARSE_OK);
        assert_string_equal(play_said(&rig->play),
                            "tls server version=0303 alpn=h2\n"
                            "tls certificate cn=www.example.com "
                            "names=www.example.com,*.example.net issuer=www.example.com\n");
        assert_true(rig->play.io.done);
    }
}

static void a_retry_does_no_harm(void **state)
{
    struct rig *rig = *state;

    load(rig, "retry.client");
    assert_int_equal(run(rig, NTA_FROM_CLIENT, SIZE_MAX), NTA_PARSE_OK);
    load(rig, "retry.server");
    assert_int_equal(run(rig, NTA_FROM_SERVER, SIZE_MAX), NTA_PARSE_OK);
    assert_int_equal(rig->play.n_events, 2);
    assert_non_null(strstr(play_said(&rig->play), "tls server version=0304"));
}

static void a_hello_without_a_name_is_reported_without_one(void **state)
{
    struct rig *rig = *state;

    load(rig, "noname.client");
    assert_int_equal(run(rig, NTA_FROM_CLIENT, SIZE_MAX), NTA_PARSE_OK);
    assert_non_null(strstr(play_said(&rig->play), "tls client name= versions=0303"));
    assert_non_null(strstr(play_said(&rig->play), "ja4=t12i"));
}

static void sides_the_wrong_way_round_are_turned(void **state)
{
    struct rig *rig = *state;

    load(rig, "tls12.server");
    assert_int_equal(run(rig, NTA_FROM_CLIENT, 50), NTA_PARSE_OK);
    assert_true(rig->play.swapped);
    load(rig, "tls12.client");
    assert_int_equal(run(rig, NTA_FROM_SERVER, 50), NTA_PARSE_OK);
    assert_false(rig->play.io.swap); /* and not once more */
    assert_int_equal(rig->play.n_events, 3);
}

static void a_hello_cut_off_by_a_gap_still_tells_the_name(void **state)
{
    struct rig *rig = *state;

    make_hello(rig, "www.example.com", 0, 16384);
    rig->wire.len -= 5;
    assert_int_equal(run(rig, NTA_FROM_CLIENT, 60), NTA_PARSE_MORE);
    assert_int_equal(rig->play.n_events, 0);
    play_gap(&rig->play, NTA_FROM_CLIENT, 5);
    assert_int_equal(rig->play.last, NTA_PARSE_OK);
    assert_string_equal(play_said(&rig->play),
                        "tls client name=www.example.com versions=0304 cut ja4=\n");
    (void)play_end(&rig->play);
    assert_int_equal(rig->play.n_events, 1);
}

static void encrypted_client_hello_is_seen_by_its_outer_type_only(void **state)
{
    struct rig *rig = *state;
    const uint16_t types[] = {0xfe0d, 0xfe0d, 0xffce, 0xff02, 0xfe09};
    const char *bodies[] = {"\0x", "\1", "x", "x", "x"};
    const bool expected[] = {true, false, true, true, true};

    for (size_t i = 0; i < 5; i++) {
        rig_reset(rig);
        rig->message.len = rig->wire.len = 0;
        make_client_hello(&rig->message, "www.example.com", 0);
        make_extension(&rig->message, types[i], bodies[i], 1);
        rig->message.bytes[3] = (uint8_t)(rig->message.bytes[3] + 5);
        rig->message.bytes[50] = (uint8_t)(rig->message.bytes[50] + 5);
        make_records(&rig->wire, rig->message.bytes, rig->message.len, 16384);
        assert_int_equal(run(rig, NTA_FROM_CLIENT, SIZE_MAX), NTA_PARSE_OK);
        assert_int_equal(strstr(play_said(&rig->play), " ech") != NULL, expected[i]);
    }
}

static void an_sslv2_form_hello_is_read(void **state)
{
    struct rig *rig = *state;

    make_number(&rig->wire, 0x801c010301, 5);
    make_number(&rig->wire, 0x000300000010, 6);
    make_number(&rig->wire, 0x000035, 3);
    make_fill(&rig->wire, 7, 16);
    rig->wire.bytes[1] = (uint8_t)(rig->wire.len - 2);
    assert_int_equal(nta_proto_tls.probe(&rig->play.io, wire_of(rig)), NTA_PARSE_OK);
    assert_int_equal(run(rig, NTA_FROM_CLIENT, 1), NTA_PARSE_OK);
    assert_string_equal(play_said(&rig->play), "tls client name= versions=0301 ja4=\n");
}

static void alerts_before_a_hello_are_passed_over(void **state)
{
    struct rig *rig = *state;

    make_number(&rig->wire, 0x15030100020170, 7);
    make_client_hello(&rig->message, "www.example.com", 0);
    make_records(&rig->wire, rig->message.bytes, rig->message.len, 16384);
    assert_int_equal(run(rig, NTA_FROM_CLIENT, 1), NTA_PARSE_OK);
    expect_hello(rig);
}

/** Empty records and changes of the cipher, which some servers pass over. */
static void fillers_before_a_hello_are_passed_over(void **state)
{
    static const char *const fillers[] = {"\x16\x03\x01\x00\x00", "\x14\x03\x01\x00\x01\x01",
                                          "\x16\x03\x01\x00\x00\x14\x03\x01\x00\x01\x01"};
    static const size_t lens[] = {5, 6, 11};
    struct rig *rig = *state;

    for (size_t i = 0; i < NTA_N_ELEMENTS(fillers); i++) {
        for (size_t step = 1; step < 20; step++) {
            rig_reset(rig);
            make_hello(rig, "www.example.com", 0, 16384);
            memmove(rig->wire.bytes + lens[i], rig->wire.bytes, rig->wire.len);
            memcpy(rig->wire.bytes, fillers[i], lens[i]);
            rig->wire.len += lens[i];
            const struct nta_span first = {rig->wire.bytes, rig->wire.len};

            assert_int_equal(nta_proto_tls.probe(&rig->play.io, first), NTA_PARSE_OK);
            assert_int_equal(run(rig, NTA_FROM_CLIENT, step), NTA_PARSE_OK);
            expect_hello(rig);
        }
    }
}

static void another_record_inside_a_message_is_bad(void **state)
{
    struct rig *rig = *state;

    make_client_hello(&rig->message, "www.example.com", 0);
    make_records(&rig->wire, rig->message.bytes, 40, 40);
    make_number(&rig->wire, 0x15030100020170, 7);
    assert_int_equal(run(rig, NTA_FROM_CLIENT, SIZE_MAX), NTA_PARSE_BAD);
}

static void every_prefix_wants_more(void **state)
{
    struct rig *rig = *state;
    const char *files[] = {"tls13.client", "tls12.server"};

    for (size_t i = 0; i < 2; i++) {
        load(rig, files[i]);

        size_t len = rig->wire.len;

        rig_reset(rig);
        (void)run(rig, NTA_FROM_CLIENT, SIZE_MAX);

        size_t n_events = rig->play.n_events;

        for (size_t n = 1; n < len; n++) {
            rig_reset(rig);
            rig->wire.len = n;

            enum nta_parse verdict = run(rig, NTA_FROM_CLIENT, SIZE_MAX);

            assert_true(rig->play.io.done || verdict == NTA_PARSE_MORE ||
                        (verdict == NTA_PARSE_OK && rig->play.n_events < n_events));
        }
    }
}

static void flipped_bytes_do_no_harm(void **state)
{
    struct rig *rig = *state;
    const char *files[] = {"tls13.client", "tls12.server"};

    for (size_t i = 0; i < 2; i++) {
        load(rig, files[i]);
        for (size_t at = 0; at < rig->wire.len && at < 1500; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                rig->wire.bytes[at] ^= (uint8_t)(1U << bit);
                rig_reset(rig);
                (void)run(rig, NTA_FROM_SERVER, 700);
                rig->wire.bytes[at] ^= (uint8_t)(1U << bit);
            }
        }
    }
}

static void the_probe_takes_tls_and_nothing_else(void **state)
{
    struct rig *rig = *state;

    const struct
    {
        const char *bytes;
        size_t len;
        enum nta_parse verdict;
    } cases[] = {
        {"\x16", 1, NTA_PARSE_MORE},
        {"\x16\x03\x01", 3, NTA_PARSE_MORE},
        {"\x16\x03\x01\x02\x00", 5, NTA_PARSE_MORE},
        {"\x16\x03\x01\x02\x00\x01", 6, NTA_PARSE_OK},
        {"\x16\x03\x01\x02\x00\x02", 6, NTA_PARSE_OK},
        {"\x16\x03\x01\x02\x00\x63", 6, NTA_PARSE_OTHER},
        {"\x16\x03\x05", 3, NTA_PARSE_OTHER},
        {"\x16\x03\x01\x00\x00\x16", 6, NTA_PARSE_MORE},
        {"\x16\x03\x01\x00\x00\x17\x03\x03\x00\x01\x01", 11, NTA_PARSE_OTHER},
        {"\x16\x03\x01\xff\x00\x01", 6, NTA_PARSE_OTHER},
        {"\x17\x03\x03\x00\x20\xaa", 6, NTA_PARSE_OK},
        {"\x14\x03\x03\x00\x01\x01", 6, NTA_PARSE_OK},
        {"\x14\x03\x03\x00\x02\x01", 6, NTA_PARSE_OTHER},
        {"GET / HTTP/1.1", 14, NTA_PARSE_OTHER},
        {"\x80\x2e\x01\x03\x01", 5, NTA_PARSE_MORE},
        {"\x80\x2e\x02\x03\x01", 5, NTA_PARSE_OTHER},
        {"\x00\x1c\x12\x34\x01\x00", 6, NTA_PARSE_OTHER},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct nta_span first = {(const uint8_t *)cases[i].bytes, cases[i].len};

        assert_int_equal(nta_proto_tls.probe(&rig->play.io, first), cases[i].verdict);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hello_in_one_record_is_read),
        TEST(a_hello_split_at_every_position_is_read),
        TEST(a_hello_of_nearly_64_kib_over_many_records_is_read),
        TEST(a_message_longer_than_64_kib_is_given_up),
        TEST(a_recorded_tls13_session_gives_both_hellos),
        TEST(a_recorded_tls12_session_gives_the_certificate_at_every_step),
        TEST(a_retry_does_no_harm),
        TEST(a_hello_without_a_name_is_reported_without_one),
        TEST(sides_the_wrong_way_round_are_turned),
        TEST(a_hello_cut_off_by_a_gap_still_tells_the_name),
        TEST(encrypted_client_hello_is_seen_by_its_outer_type_only),
        TEST(an_sslv2_form_hello_is_read),
        TEST(alerts_before_a_hello_are_passed_over),
        TEST(fillers_before_a_hello_are_passed_over),
        TEST(another_record_inside_a_message_is_bad),
        TEST(every_prefix_wants_more),
        TEST(flipped_bytes_do_no_harm),
        TEST(the_probe_takes_tls_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
