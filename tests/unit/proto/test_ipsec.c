/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/recognised/ipsec.h"
#include "proto/registry.h"
#include "unit.h"

enum
{
    CLIENT,
    SERVER,
    SIZE = 256,
    MARKER_LEN = 4,
    LENGTH_AT = 24, /* of a message's own length */
};

/** Version 2: the first message is answered with a cookie; the first payload of an encrypted one.
 */
static const uint8_t init_2[] = "\xa8\x88\x75\xa8\x19\x89\x92\xa6\0\0\0\0\0\0\0\0\x21\x20\x22\x08"
                                "\0\0\0\0\0\0\0\x34"
                                "\0\0\0\x18\0\0\0\x14\1\1\0\1\0\0\0\x0c\1\0\0\x0c\x80\x0e\0\x80";
static const uint8_t cookie_2[] = "\xa8\x88\x75\xa8\x19\x89\x92\xa6\0\0\0\0\0\0\0\0\x29\x20\x22\x20"
                                  "\0\0\0\0\0\0\0\x3c"
                                  "\0\0\0\x20\0\0\x40\x06\0\0\0\1\xc2\x22\x1e\x50\xc1\x6e\x12\x3f"
                                  "\x2b\x0c\x71\xae\xfc\xf0\xcb\x3b\x79\x87\x82\xc6";
static const uint8_t auth_2[] = "\xa8\x88\x75\xa8\x19\x89\x92\xa6\x71\xbe\x83\x58\xef\xae\x76\x63"
                                "\x2e\x20\x23\x08\0\0\0\1\0\0\0\x30"
                                "\x23\0\0\x14\xf6\x06\x13\x5a\xd3\x73\xe7\x08\x36\xfd\xa9\x1b"
                                "\x63\xca\x4c\x60";
/** Version 1, main mode: the first message, its answer, an encrypted one. */
static const uint8_t main_1[] = "\xe8\x83\x6b\x35\x6b\x7c\x1b\xae\0\0\0\0\0\0\0\0\1\x10\2\0"
                                "\0\0\0\0\0\0\0\x34"
                                "\x0d\0\0\x18\0\0\0\1\0\0\0\1\0\0\0\x0c\1\1\0\0\x80\1\0\7";
static const uint8_t answer_1[] = "\x63\xc2\x68\x01\x12\x54\xb7\x71\x85\x0b\x3a\x18\x45\xf9\x47\xcc"
                                  "\1\x10\2\0\0\0\0\0\0\0\0\x34"
                                  "\x0d\0\0\x18\0\0\0\1\0\0\0\1\0\0\0\x0c\1\1\0\0\x80\1\0\7";
static const uint8_t sealed_1[] = "\x63\xc2\x68\x01\x12\x54\xb7\x71\x85\x0b\x3a\x18\x45\xf9\x47\xcc"
                                  "\5\x10\2\1\0\0\0\0\0\0\0\x2c"
                                  "\xb7\0\x5a\x78\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
static const uint8_t esp[] = "\x12\x34\x56\x78\0\0\0\1\xa7\x1a\x51\xde\x1c\xb9\x29\x23"
                             "\x8c\x4c\xab\x9e\xf2\x55\x0d\xb7\x64\x02\xc5\x01";

#define MESSAGE(name, sender)                                                                      \
    {                                                                                              \
        name, sizeof(name) - 1, sender                                                             \
    }

static const struct
{
    const uint8_t *bytes;
    size_t len;
    int sender; ///< -1: it does not say.
} messages[] = {
    MESSAGE(init_2, CLIENT), MESSAGE(cookie_2, SERVER), MESSAGE(auth_2, CLIENT),
    MESSAGE(main_1, CLIENT), MESSAGE(answer_1, -1),     MESSAGE(sealed_1, -1),
};

static struct nta_play play;
static uint8_t bytes[SIZE];

static int setup(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_ipsec, false, 500);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_string_equal(play_end(&play), "");
    play_done(&play);
    return 0;
}

/** A message into `bytes`, perhaps behind the marker; gives its length. */
static size_t make(size_t i, bool marked)
{
    const size_t at = marked ? MARKER_LEN : 0;

    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes + at, messages[i].bytes, messages[i].len);
    return at + messages[i].len;
}

static enum nta_parse probe(size_t len)
{
    return play_probe(&play, CLIENT, bytes, len);
}

static void a_message_is_known_on_any_port_and_ends_it(void **state)
{
    static const uint16_t ports[] = {500, 4500, 443, 40000};

    for (size_t k = 0; k < NTA_N_ELEMENTS(messages) * 2 * NTA_N_ELEMENTS(ports); k++) {
        const size_t i = k / 2 % NTA_N_ELEMENTS(messages), len = make(i, k % 2);
        const unsigned side = k % 3 == 0;

        play.io.server_port = ports[k / 2 / NTA_N_ELEMENTS(messages)];
        assert_int_equal(probe(len), NTA_PARSE_OK);
        play_data(&play, side, bytes, len);
        assert_true(play.done[0] && play.done[1]);
        assert_int_equal(play.swapped,
                         messages[i].sender >= 0 && (unsigned)messages[i].sender != side);
        (void)teardown(state);
        (void)setup(state);
    }
}

/** On its port only, by an index that comes again with a number a little larger. */
static bool goes_on(const char *head, size_t len)
{
    memcpy(bytes, esp, sizeof(esp) - 1);
    memcpy(bytes, head, 8);
    (void)probe(len);
    bytes[7]++;
    return probe(len) == NTA_PARSE_OK;
}

static void esp_is_known_by_what_goes_on_on_its_port_only(void **state)
{
    const size_t len = sizeof(esp) - 1;

    (void)state;
    assert_false(goes_on("\x12\x34\x56\x78\0\0\0\1", len));
    play.io.server_port = 4500;
    assert_true(goes_on("\x12\x34\x56\x79\0\0\0\1", len));
    assert_true(goes_on("\x12\x34\x56\x7a\0\x12\x34\1", len)); /* it began before */
    assert_false(goes_on("\x12\x34\x56\x7b\0\0\0\1", len - 1));
    assert_false(goes_on("\x12\x34\x56\x7c\0\0\0\1", len - 8));
    assert_false(goes_on("\x12\x34\x56\x7d\0\1\0\1", len)); /* 65537, as in DNS */
    assert_false(goes_on("\x12\x34\x56\x7e\1\1\0\1", len));
    assert_false(goes_on("\0\0\0\xff\0\0\0\1", len)); /* reserved indices */
    assert_false(goes_on("\x48\0\0\0\0\0\0\1", len)); /* data of OpenVPN */
    bytes[0] = 0xff;                                  /* what keeps a NAT's mapping */
    assert_int_equal(probe(1), NTA_PARSE_OTHER);
}

static void numbers_grow_by_little_the_same_way(void **state)
{
    const size_t len = sizeof(esp) - 1;

    (void)state;
    play.io.server_port = 4500;
    memcpy(bytes, esp, len);
    assert_int_equal(probe(len), NTA_PARSE_OTHER);
    assert_int_equal(probe(len), NTA_PARSE_OTHER); /* the same one, asked for again */
    assert_int_equal(play_probe(&play, SERVER, bytes, len), NTA_PARSE_OTHER);
    bytes[7] = 2;
    assert_int_equal(play_probe(&play, CLIENT, bytes, len), NTA_PARSE_OTHER); /* not its way */
    bytes[7] = 3;
    assert_int_equal(probe(len), NTA_PARSE_OK);
    play_data(&play, CLIENT, bytes, len);
    assert_true(play.done[0] && play.done[1]);
    bytes[7] = 2;
    assert_int_equal(probe(len), NTA_PARSE_OTHER);
    bytes[6] = 0x20;
    assert_int_equal(probe(len), NTA_PARSE_OTHER); /* too far */
    bytes[3] ^= 64;
    bytes[7] = 9;
    assert_int_equal(probe(len), NTA_PARSE_OTHER); /* another index, and its place */
}

static void random_datagrams_are_no_esp(void **state)
{
    uint32_t seed = 1;
    unsigned n = 0;

    (void)state;
    play.io.server_port = 4500;
    for (unsigned flow = 0; flow < 6000; flow++) {
        bool is_taken = false;

        play.io.client_port = (uint16_t)(1024 + flow);
        for (unsigned i = 0; i < 4; i++) {
            for (size_t k = 0; k < 64; k++, seed = seed * 1664525 + 1013904223)
                bytes[k] = (uint8_t)(seed >> 24);
            is_taken |= probe(64) == NTA_PARSE_OK;
        }
        n += is_taken;
    }
    assert_int_equal(n, 0);
}

static void every_prefix_is_other_and_so_is_one_byte_more(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2 * NTA_N_ELEMENTS(messages); k++) {
        const size_t len = make(k / 2, k % 2);

        for (size_t n = 0; n <= len + 1; n++) {
            const enum nta_parse verdict = n == len ? NTA_PARSE_OK : NTA_PARSE_OTHER;

            assert_int_equal(probe(n), verdict);
            assert_int_equal(play_call(&play, CLIENT, (struct nta_span){bytes, n}), verdict);
        }
    }
}

/** What a snap length cut off counts as if it were there, as soon as the first payload begins. */
static void a_message_cut_short_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(messages); i++) {
        const size_t len = make(i, false);

        for (size_t n = 0; n < len; n++) {
            const bool is_enough = n >= (i == 5 ? 28U : 32U);

            play.io.cut = (uint32_t)(len - n);
            assert_int_equal(probe(n), is_enough ? NTA_PARSE_OK : NTA_PARSE_OTHER);
        }
        play.io.cut = 0;
    }
}

static void a_stream_is_other(void **state)
{
    (void)state;
    play.io.is_stream = true;
    assert_int_equal(probe(make(0, false)), NTA_PARSE_OTHER);
}

static void what_breaks_the_form_is_other(void **state)
{
    static const struct
    {
        size_t at;
        uint8_t value;
    } broken[] = {
        {16, 0},    {16, 32},       {16, 60}, /* payloads of version 1, and none */
        {17, 0x30}, {17, 0x21},     {17, 0x10}, {18, 2}, {18, 33}, {18, 45}, /* exchanges */
        {19, 1},    {LENGTH_AT, 1}, {27, 0x33}, {30, 1}, {31, 3},  {31, 0x19},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(broken); i++) {
        const size_t len = make(0, false);

        assert_int_equal(probe(len), NTA_PARSE_OK);
        bytes[broken[i].at] = broken[i].value;
        assert_int_equal(probe(len), NTA_PARSE_OTHER);
        assert_int_equal(play_call(&play, CLIENT, (struct nta_span){bytes, len}), NTA_PARSE_OTHER);
    }
    const size_t len = make(0, false);

    memset(bytes, 0, 8); /* nobody's index */
    assert_int_equal(probe(len), NTA_PARSE_OTHER);
}

static void others_do_not_take_it_before(void **state)
{
    static const uint16_t ports[] = {53, 69, 123, 137, 443, 500, 1194, 4500, 5353, 51820};

    (void)state;
    for (size_t k = 0; k < 2 * NTA_N_ELEMENTS(messages) * NTA_N_ELEMENTS(ports); k++) {
        const size_t len = make(k / 2 % NTA_N_ELEMENTS(messages), k % 2);
        size_t i = 0;

        play.io.server_port = ports[k / 2 / NTA_N_ELEMENTS(messages)];
        while (nta_protos[i] && (!nta_protos[i]->over_udp ||
                                 nta_protos[i]->probe(&play.io, (struct nta_span){bytes, len})))
            i++;
        assert_ptr_equal(nta_protos[i], &nta_proto_ipsec);
    }
}

/** What others send, also on the port of ESP. */
static void look_alikes_are_other(void **state)
{
    static const struct
    {
        const char *head;
        size_t len;
    } heads[] = {
        {"\0\1\0\x18\x21\x12\xa4\x42", 8},                       /* STUN */
        {"\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\7example\3com", 27}, /* DNS */
        {"\x41\x9a\0\0\x5e\x10\x21\x99", 8},                     /* QUIC, short header */
        {"\xc3\0\0\0\1\x08", 6},                                 /* QUIC, initial */
        {"\x23\2\6\xe8", 4},                                     /* NTP */
        {"\x80\x60\x12\x34\x5a\x00\x12\x34", 8},                 /* RTP */
        {"\4\0\0\0\x12\x34\x56\x78\1", 9},                       /* WireGuard, data */
        {"\x17\xfe\xfd\0\1\0\0\0", 8},                           /* DTLS */
        {"\1\1\6\0\x39\x03\xf3\x26", 8},                         /* DHCP */
    };

    (void)state;
    play.io.server_port = 4500;
    for (size_t k = 0; k < 2 * NTA_N_ELEMENTS(heads); k++) {
        memset(bytes, k % 2 ? 0xa5 : 0, sizeof(bytes));
        memcpy(bytes, heads[k / 2].head, heads[k / 2].len);
        for (size_t n = 0; n <= sizeof(bytes); n++)
            assert_int_equal(probe(n), NTA_PARSE_OTHER);
    }
    memset(bytes, 0, sizeof(bytes));
    for (size_t n = 0; n <= sizeof(bytes); n++)
        assert_int_equal(probe(n), NTA_PARSE_OTHER);
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(a_message_is_known_on_any_port_and_ends_it),
        IN(esp_is_known_by_what_goes_on_on_its_port_only),
        IN(numbers_grow_by_little_the_same_way),
        IN(random_datagrams_are_no_esp),
        IN(every_prefix_is_other_and_so_is_one_byte_more),
        IN(a_message_cut_short_is_known),
        IN(a_stream_is_other),
        IN(what_breaks_the_form_is_other),
        IN(others_do_not_take_it_before),
        IN(look_alikes_are_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
