/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"
#include "proto/registry.h"
#include "proto/wireguard.h"
#include "unit.h"

enum
{
    CLIENT,
    SERVER,
    INITIATION = 1,
    RESPONSE = 2,
    COOKIE = 3,
    DATA = 4,
    CODE_LEN = 16,
    SIZE = 256,
};

static const size_t lens[] = {[INITIATION] = 148, [RESPONSE] = 92, [COOKIE] = 64, [DATA] = 128};

static struct nta_play play;
static uint8_t bytes[SIZE];

static int setup(void **state)
{
    (void)state;
    play_begin(&play, &nta_proto_wireguard, false, 51820);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_string_equal(play_end(&play), "");
    play_done(&play);
    return 0;
}

/** A message into `bytes`, its keys and ciphertext as random as any; gives its length. */
static size_t make(uint8_t type)
{
    const size_t len = lens[type], n_random = type <= RESPONSE ? len - CODE_LEN : len;
    uint32_t random = type;

    memset(bytes, 0, sizeof(bytes));
    bytes[0] = type;
    for (size_t i = 4; i < n_random; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(random >> 24);
    }
    return len;
}

static enum nta_parse probe(size_t len)
{
    return play_probe(&play, CLIENT, bytes, len);
}

static void a_handshake_is_known_on_any_port_and_ends_it(void **state)
{
    for (uint8_t type = INITIATION; type <= RESPONSE; type++) {
        const size_t len = make(type);

        play.io.server_port = type == INITIATION ? 53 : 443;
        assert_int_equal(probe(len), NTA_PARSE_OK);
        play_data(&play, type == RESPONSE ? SERVER : CLIENT, bytes, len);
        assert_true(play.done[0] && play.done[1] && !play.swapped);
        (void)teardown(state);
        (void)setup(state);
    }
}

static void who_initiates_is_the_client_whoever_is_seen_first(void **state)
{
    for (uint8_t type = INITIATION; type <= RESPONSE; type++) {
        play_data(&play, type == RESPONSE ? CLIENT : SERVER, bytes, make(type));
        assert_true(play.done[0] && play.done[1] && play.swapped);
        (void)teardown(state);
        (void)setup(state);
    }
}

/** Cloudflare's clients have an id there. */
static void reserved_bytes_may_be_used(void **state)
{
    (void)state;
    for (uint8_t type = INITIATION; type <= RESPONSE; type++) {
        (void)make(type);
        memcpy(bytes + 1, "\xaa\xbb\xcc", 3);
        assert_int_equal(probe(lens[type]), NTA_PARSE_OK);
    }
}

static void indices_may_be_any_number(void **state)
{
    (void)state;
    (void)make(RESPONSE);
    memset(bytes + 4, 0, 8);
    assert_int_equal(probe(lens[RESPONSE]), NTA_PARSE_OK);
}

static void every_prefix_is_other_and_so_is_one_byte_more(void **state)
{
    (void)state;
    for (uint8_t type = INITIATION; type <= RESPONSE; type++) {
        (void)make(type);
        for (size_t n = 0; n <= lens[type] + 1; n++) {
            const enum nta_parse verdict = n == lens[type] ? NTA_PARSE_OK : NTA_PARSE_OTHER;

            assert_int_equal(probe(n), verdict);
            assert_int_equal(play_call(&play, CLIENT, (struct nta_span){bytes, n}), verdict);
        }
    }
}

static void a_stream_is_other(void **state)
{
    (void)state;
    play.io.is_stream = true;
    assert_int_equal(probe(make(INITIATION)), NTA_PARSE_OTHER);
}

/** Each bit of what is fixed counts, and no other. */
static void flipped_bytes_do_no_harm(void **state)
{
    (void)state;
    for (uint8_t type = INITIATION; type <= RESPONSE; type++) {
        const size_t len = make(type);

        for (size_t at = 0; at < len * 8; at++) {
            const bool is_fixed = at / 8 < 1 || at / 8 >= len - CODE_LEN;

            bytes[at / 8] ^= (uint8_t)(1U << at % 8);
            assert_int_equal(probe(len), is_fixed ? NTA_PARSE_OTHER : NTA_PARSE_OK);
            (void)play_call(&play, CLIENT, (struct nta_span){bytes, len});
            bytes[at / 8] ^= (uint8_t)(1U << at % 8);
        }
    }
}

/** Cookie replies and data are not enough, nor what is under load, nor a type of another length. */
static void other_messages_of_its_own_are_other(void **state)
{
    (void)state;
    assert_int_equal(probe(make(COOKIE)), NTA_PARSE_OTHER);
    for (size_t n = 32; n <= lens[DATA]; n += 16)
        assert_int_equal((make(DATA), probe(n)), NTA_PARSE_OTHER);
    (void)make(INITIATION);
    assert_int_equal(probe(lens[RESPONSE]), NTA_PARSE_OTHER);
    memset(bytes + lens[INITIATION] - CODE_LEN, 0x5a, CODE_LEN);
    assert_int_equal(probe(lens[INITIATION]), NTA_PARSE_OTHER);
    for (unsigned type = 0; type < 256; type++) {
        (void)make(INITIATION);
        bytes[0] = (uint8_t)type;
        assert_int_equal(probe(lens[INITIATION]),
                         type == INITIATION ? NTA_PARSE_OK : NTA_PARSE_OTHER);
    }
}

/** What others send, in messages of the same lengths: zeros behind it, or random bytes. */
static void look_alikes_are_other(void **state)
{
    static const struct
    {
        const char *head;
        size_t len;
    } heads[] = {
        {"\0\1\0\x80\x21\x12\xa4\x42", 8},                      /* STUN, binding */
        {"\1\1\0\x48\x21\x12\xa4\x42", 8},                      /* its response */
        {"\1\0\0\0\0\1\0\0\0\0\0\0\3www\7example\3com\0", 29},  /* DNS, number 256, no flags */
        {"\2\0\0\0\0\1\0\0\0\0\0\0\3www\7example\3com\0", 29},  /* number 512 */
        {"\1\0\x51\x9c\x06\x40\x3d\x11", 8},                    /* uTP, data */
        {"\1\0\0\0\x06\x40\x3d\x11\0\0\x12\x34\0\x10\0\0", 16}, /* uTP, of connection 0 */
        {"\x21\0\0\0\x06\x40\x3d\x11", 8},                      /* uTP, acknowledgement */
        {"\xc3\0\0\0\1\x08", 6},                                /* QUIC, initial */
        {"\x41\0\0\0", 4},                                      /* QUIC, short header */
        {"\1\1\6\0", 4},                                        /* DHCP */
        {"\0\1file\0octet\0", 13},                              /* TFTP */
        {"\x16\xfe\xfd\0\0\0\0", 7},                            /* DTLS */
        {"\x80\0\0\1", 4},                                      /* RTP */
        {"\1\0\0\0", 4},                                        /* a type of 32 bits, turned */
        {"\2\0\0\0", 4},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(heads); i++) {
        for (uint8_t type = INITIATION; type <= RESPONSE; type++) {
            memset(bytes, 0, sizeof(bytes));
            memcpy(bytes, heads[i].head, heads[i].len);
            assert_int_equal(probe(lens[type]), NTA_PARSE_OTHER);
            (void)make(type);
            memset(bytes + lens[type] - CODE_LEN, 0xa5, CODE_LEN);
            memcpy(bytes, heads[i].head, heads[i].len);
            assert_int_equal(probe(lens[type]), NTA_PARSE_OTHER);
        }
    }
}

/** On the ports of others, too, where it hides. */
static void nobody_takes_it_before(void **state)
{
    static const uint16_t ports[] = {53, 67, 69, 123, 137, 138, 443, 1194, 3478, 5353, 6881, 51820};

    (void)state;
    for (size_t k = 0; k < 2 * NTA_N_ELEMENTS(ports); k++) {
        const size_t len = make(k % 2 ? RESPONSE : INITIATION);
        size_t i = 0;

        play.io.server_port = ports[k / 2];
        while (nta_protos[i] && (!nta_protos[i]->over_udp ||
                                 nta_protos[i]->probe(&play.io, (struct nta_span){bytes, len})))
            i++;
        assert_ptr_equal(nta_protos[i], &nta_proto_wireguard);
    }
}

int main(void)
{
#define IN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN(a_handshake_is_known_on_any_port_and_ends_it),
        IN(who_initiates_is_the_client_whoever_is_seen_first),
        IN(reserved_bytes_may_be_used),
        IN(indices_may_be_any_number),
        IN(every_prefix_is_other_and_so_is_one_byte_more),
        IN(a_stream_is_other),
        IN(flipped_bytes_do_no_harm),
        IN(other_messages_of_its_own_are_other),
        IN(look_alikes_are_other),
        IN(nobody_takes_it_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
