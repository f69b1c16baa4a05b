/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments in any order, with holes, overlaps, lies, and too many of them. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "decode/bench.h"
#include "decode/fragment.h"
#include "decode/frame.h"
#include "decode/order.h"

#include <cmocka.h>

static struct bench bench;
static struct nta_fragments *fragments;
static struct nta_span whole;
static struct nta_order order; ///< Of the packets.

/** Fragments of UDP datagrams, 10.0.0.1 to 10.0.0.2 or 2001:db8::1 to ::2. */
struct part
{
    unsigned id;
    unsigned first;   ///< Offset in bytes.
    const char *text; ///< The payload.
    bool more;
    bool v6;
    int64_t at_s; ///< Time.
};

static int set_up(void **state)
{
    const struct nta_fragment_options options = {.n_datagrams = 8, .bytes = 65536};

    (void)state;
    bench_init(&bench);
    whole = (struct nta_span){0};
    order = (struct nta_order){0};
    return nta_fragments_new(&options, &bench.counters, &fragments, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    nta_fragments_free(&fragments);
    return 0;
}

static struct nta_packet push_frame(const struct frame *frame, int64_t wall_ns, bool *ret_whole)
{
    struct nta_packet packet = bench_frame(&bench, 12, frame);
    uint8_t *copy = malloc(frame_len(frame) + 1);

    assert_non_null(copy);
    memcpy(copy, frame_bytes(frame), frame_len(frame));
    packet.wall_ns = wall_ns;
    packet.order_ns = nta_order_step(&order, wall_ns);
    assert_int_equal(packet.kind, NTA_PACKET_FRAGMENT);
    *ret_whole = nta_fragments_push(fragments, &packet, copy, &whole);
    free(copy);
    return packet;
}

static bool push_bytes(const struct part *part, const void *bytes, size_t len)
{
    struct frame frame;
    bool is_whole = false;

    frame_init(&frame);
    frame_back(&frame, bytes, len);
    if (part->v6) {
        uint8_t h[8] = {17, 0};

        set_be16(h + 2, part->first | part->more);
        set_be16(h + 6, part->id);
        frame_front(&frame, h, sizeof(h));
        frame_step(&frame, &(struct step)IPV6(44));
    } else {
        frame_step(&frame, &(struct step)IPV4(17));
        set_be16(frame.buf + frame.start + 4, part->id);
        set_be16(frame.buf + frame.start + 6, part->first / 8 | (part->more ? 0x2000U : 0));
    }
    (void)push_frame(&frame, part->at_s * NTA_NS_PER_S, &is_whole);
    return is_whole;
}

static bool push(struct part part)
{
    return push_bytes(&part, part.text, strlen(part.text));
}

#define PUSH(...) push((struct part){__VA_ARGS__})

static void assert_whole(const char *text, size_t header_len)
{
    assert_int_equal(whole.len, header_len + strlen(text));
    assert_memory_equal(whole.ptr + header_len, text, strlen(text));
    assert_int_equal(nta_fragments_len(fragments), 0);
}

static void assert_counted(enum nta_counter which, uint64_t n)
{
    assert_int_equal(nta_counted(&bench.counters, which), n);
}

static void two_fragments_make_a_datagram(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 0, .text = "12345678", .more = true));
    assert_true(PUSH(.id = 1, .first = 8, .text = "abc"));
    assert_whole("12345678abc", 20);
    assert_counted(NTA_COUNTER_FRAGMENTS, 2);
    assert_counted(NTA_COUNTER_FRAGMENT_WHOLE, 1);
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 0);
}

/** What came through a tunnel that anybody can make up adds nothing to what came in the open. */
static void what_is_made_up_adds_nothing(void **state)
{
    (void)state;
    for (unsigned open = 0; open < 2; open++) {
        struct frame frame;

        for (unsigned i = 0; i < 2; i++) {
            frame_init(&frame);
            frame_back(&frame, "12345678", 8);
            frame_step(&frame, &(struct step)IPV4(17));
            set_be16(frame.buf + frame.start + 4, 1 + open);
            set_be16(frame.buf + frame.start + 6, i == open ? 0x2000 : 1);
            struct nta_packet packet = bench_frame(&bench, 12, &frame);

            packet.any_port = i == 1;
            assert_false(nta_fragments_push(fragments, &packet, frame.buf + frame.start, &whole));
        }
    }
    assert_int_equal(nta_fragments_len(fragments), 4);
}

static void order_does_not_matter(void **state)
{
    static const unsigned orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const char *const texts[] = {"12345678", "abcdefgh", "xyz"};

    (void)state;
    for (unsigned v6 = 0; v6 < 2; v6++) {
        for (size_t i = 0; i < NTA_N_ELEMENTS(orders); i++) {
            for (size_t j = 0; j < 3; j++) {
                unsigned n = orders[i][j];
                bool is_whole =
                    PUSH(.id = 7, .first = n * 8, .text = texts[n], .more = n < 2, .v6 = v6);

                assert_int_equal(is_whole, j == 2);
            }
            assert_whole("12345678abcdefghxyz", v6 ? 40 : 20);
        }
    }
}

static void whole_datagram_can_be_decoded(void **state)
{
    static const uint8_t head[16] = {0x9c, 0x40, 0,   53,  0,   18,  0,   0,
                                     'h',  'e',  'l', 'l', 'o', ' ', 'y', 'o'};

    (void)state;
    for (unsigned v6 = 0; v6 < 2; v6++) {
        struct part part = {.id = 3, .more = true, .v6 = v6};

        assert_false(push_bytes(&part, head, sizeof(head)));
        assert_true(PUSH(.id = 3, .first = 16, .text = "u!", .v6 = v6));
        struct nta_packet packet = {.cap_len = (uint32_t)whole.len,
                                    .wire_len = (uint32_t)whole.len};

        nta_decode_datagram(&bench.decode, whole.ptr, &packet);
        assert_int_equal(packet.kind, NTA_PACKET_UDP);
        assert_int_equal(packet.dst_port, 53);
        assert_int_equal(packet.payload_len, 10);
        assert_memory_equal(whole.ptr + packet.payload_off, "hello you!", 10);
        assert_true(packet.flags & NTA_PACKET_FRAG_END);
    }
}

static void fragment_in_a_fragment_can_be_pushed_again(void **state)
{
    static const uint8_t inner[16] = {17,  0,   0,   1,   0,   0,   0,   9,
                                      'f', 'i', 'r', 's', 't', 'h', 'a', 'l'};
    const struct part outer = {.id = 3, .more = true, .v6 = true};

    (void)state;
    assert_false(PUSH(.id = 9, .first = 8, .text = "f!", .v6 = true));
    assert_false(push_bytes(&outer, inner, 8));
    assert_true(push_bytes(&(struct part){.id = 3, .first = 8, .v6 = true}, inner + 8, 8));
    /* as if the first fragment had said that a fragment header follows */
    uint8_t copy[64];
    size_t len = whole.len;
    memcpy(copy, whole.ptr, len);
    copy[6] = 44;
    struct nta_packet packet = {.cap_len = (uint32_t)len, .wire_len = (uint32_t)len, .source = 3};

    nta_decode_datagram(&bench.decode, copy, &packet);
    assert_int_equal(packet.kind, NTA_PACKET_FRAGMENT);
    assert_true(nta_fragments_push(fragments, &packet, copy, &whole));
    assert_whole("firsthalf!", 40);
}

static void datagrams_do_not_mix(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 0, .text = "11111111", .more = true));
    assert_false(PUSH(.id = 2, .first = 0, .text = "22222222", .more = true));
    assert_false(PUSH(.id = 1, .first = 0, .text = "66666666", .more = true, .v6 = true));
    assert_true(PUSH(.id = 2, .first = 8, .text = "b"));
    assert_memory_equal(whole.ptr + 20, "22222222b", 9);
    assert_true(PUSH(.id = 1, .first = 8, .text = "a"));
    assert_memory_equal(whole.ptr + 20, "11111111a", 9);
    assert_true(PUSH(.id = 1, .first = 8, .text = "c", .v6 = true));
    assert_whole("66666666c", 40);
}

static void first_bytes_stand_in_ipv4(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 8, .text = "abcdefgh", .more = true));
    assert_false(PUSH(.id = 1, .first = 0, .text = "1234567812345678", .more = true));
    assert_false(PUSH(.id = 1, .first = 8, .text = "ABCDEFGHIJKLMNOP", .more = true));
    assert_true(PUSH(.id = 1, .first = 24, .text = "z"));
    assert_whole("12345678abcdefghIJKLMNOPz", 20);
}

static void overlap_drops_the_datagram_in_ipv6(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 0, .text = "1234567812345678", .more = true, .v6 = true));
    assert_false(PUSH(.id = 1, .first = 8, .text = "abcdefgh", .more = true, .v6 = true));
    assert_false(PUSH(.id = 1, .first = 16, .text = "z", .v6 = true));
    assert_false(PUSH(.id = 1, .first = 0, .text = "1234567812345678", .more = true, .v6 = true));
    assert_false(PUSH(.id = 1, .first = 16, .text = "z", .v6 = true));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 5);
    assert_counted(NTA_COUNTER_FRAGMENT_WHOLE, 0);
}

static void exact_repeat_is_ignored_in_ipv6(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 0, .text = "12345678", .more = true, .v6 = true));
    assert_false(PUSH(.id = 1, .first = 0, .text = "12345678", .more = true, .v6 = true));
    assert_true(PUSH(.id = 1, .first = 8, .text = "z", .v6 = true));
    assert_whole("12345678z", 40);
}

static void teardrop_is_harmless(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 0, .text = "123456781234567812345678", .more = true));
    assert_false(PUSH(.id = 1, .first = 8, .text = "inside"));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 2);
}

static void two_ends_drop_the_datagram(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 16, .text = "end"));
    assert_false(PUSH(.id = 1, .first = 16, .text = "another end"));
    assert_false(PUSH(.id = 1, .first = 0, .text = "1234567812345678", .more = true));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 3);
}

static void oversize_drops_the_datagram(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 65528, .text = "0123456789"));
    assert_false(PUSH(.id = 1, .first = 65512, .text = "01234567", .more = true));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 2);
}

static void largest_datagram_is_put_together(void **state)
{
    static uint8_t bytes[1024];

    (void)state;
    for (unsigned v6 = 0; v6 < 2; v6++) {
        size_t len = v6 ? 65535 : 65515;
        bool is_whole = false;

        for (size_t at = 0; at < len; at += sizeof(bytes)) {
            size_t part_len = len - at < sizeof(bytes) ? len - at : sizeof(bytes);
            struct part part = {
                .id = 9, .first = (unsigned)at, .more = at + part_len < len, .v6 = v6};

            memset(bytes, (int)(at / sizeof(bytes)), sizeof(bytes));
            is_whole = push_bytes(&part, bytes, part_len);
        }
        assert_true(is_whole);
        assert_int_equal(whole.len, len + (v6 ? 40 : 20));
        for (size_t at = 0; at < len; at++)
            assert_int_equal(whole.ptr[at + (v6 ? 40 : 20)], (uint8_t)(at / sizeof(bytes)));
    }
}

static void too_many_holes_drop_the_datagram(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        assert_false(PUSH(.id = 1, .first = 8 + i * 16, .text = "12345678", .more = true));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 40);
    assert_int_equal(nta_fragments_len(fragments), 1);
}

static void odd_length_in_the_middle_is_dropped_alone(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .text = "1234567", .more = true));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 1);
    assert_false(PUSH(.id = 1, .text = "12345678", .more = true));
    assert_true(PUSH(.id = 1, .first = 8, .text = "a"));
}

/** The first 16 of 24 bytes, from port 53, of a datagram of 40 in all; `hex` is the IP header. */
static bool push_cut(const char *ip_hex)
{
    struct frame frame;

    frame_init(&frame);
    frame_steps(&frame,
                (const struct step[]){HEX("00359c4000280000 6e616d6521212121 7878787878787878"),
                                      HEX(ip_hex)},
                2);
    struct nta_packet packet =
        bench_decode(&bench, 12, frame_bytes(&frame), frame_len(&frame) - 8, frame_len(&frame));

    assert_int_equal(packet.kind, NTA_PACKET_FRAGMENT);
    return nta_fragments_push(fragments, &packet, frame_bytes(&frame), &whole);
}

#define CUT_V4       "4500002c 00012000 40110000 0a000001 0a000002"
#define CUT_V4_LATER "4500002c 00012002 40110000 0a000001 0a000002"
#define CUT_V6                                                                                     \
    "60000000 00202c40 20010db8000000000000000000000001 20010db8000000000000000000000002"          \
    "11000001 00000001"

/** What is given up now, decoded; kind OTHER if nothing. */
static struct nta_packet beginning(int64_t wall_ns)
{
    struct nta_packet packet = {0};
    const int64_t order_ns = wall_ns == NTA_FRAGMENTS_END ? wall_ns : nta_order_at(&order, wall_ns);

    if (nta_fragments_expire(fragments, order_ns, &packet, &whole))
        nta_decode_datagram(&bench.decode, whole.ptr, &packet);
    return packet;
}

static void assert_beginning(size_t payload_len, const char *text)
{
    struct nta_packet packet = beginning(NTA_FRAGMENTS_END);

    assert_int_equal(packet.kind, NTA_PACKET_UDP);
    assert_true(packet.flags & NTA_PACKET_FRAG_END);
    assert_true(packet.flags & NTA_PACKET_CUT);
    assert_int_equal(packet.src_port, 53);
    assert_int_equal(packet.payload_len, payload_len);
    assert_int_equal(packet.payload_wire_len, 32);
    assert_memory_equal(whole.ptr + packet.payload_off, text, strlen(text));
    assert_int_equal(beginning(NTA_FRAGMENTS_END).kind, NTA_PACKET_OTHER);
    assert_int_equal(nta_fragments_len(fragments), 0);
}

static bool push_first(int64_t at_s, bool v6)
{
    static const uint8_t head[16] = {0,   53,  0x9c, 0x40, 0,   40,  0,   0,
                                     'n', 'a', 'm',  'e',  '!', '!', '!', '!'};
    const struct part part = {.id = 1, .more = true, .v6 = v6, .at_s = at_s};

    return push_bytes(&part, head, sizeof(head));
}

static void beginning_is_given_when_the_rest_does_not_come(void **state)
{
    (void)state;
    for (unsigned v6 = 0; v6 < 2; v6++) {
        assert_false(push_first(100, v6));
        assert_int_equal(beginning((v6 ? 159 : 129) * NTA_NS_PER_S).kind, NTA_PACKET_OTHER);
        struct nta_packet packet = beginning((v6 ? 160 : 130) * NTA_NS_PER_S);

        assert_int_equal(packet.kind, NTA_PACKET_UDP);
        assert_int_equal(packet.wall_ns, 100 * NTA_NS_PER_S);
        assert_false(push_first(100, v6));
        assert_beginning(8, "name!!!!");
    }
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 4);
    assert_counted(NTA_COUNTER_FRAGMENT_WHOLE, 0);
}

static void beginning_goes_to_the_first_hole(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 32, .text = "laterone"));
    assert_false(push_first(0, false));
    assert_false(PUSH(.id = 1, .first = 16, .text = "and more", .more = true));
    assert_beginning(16, "name!!!!and more");
}

static void beginning_is_given_when_there_is_no_space(void **state)
{
    (void)state;
    assert_false(push_first(0, false));
    for (unsigned id = 2; id <= 8; id++)
        assert_false(PUSH(.id = id, .text = "12345678", .more = true, .at_s = 1));
    assert_int_equal(beginning(NTA_NS_PER_S).src_port, 53);
    assert_int_equal(beginning(NTA_NS_PER_S).kind, NTA_PACKET_OTHER);
    assert_int_equal(nta_fragments_len(fragments), 7);
}

static void beginning_that_overlaps_or_lies_is_not_given(void **state)
{
    static const uint8_t all_is_here[16] = {0, 53, 0, 99, 0, 16};
    static const uint8_t too_long[16] = {0, 53, 0, 99, 255, 255};

    (void)state;
    /* RFC 5722 */
    assert_false(push_first(0, true));
    assert_false(PUSH(.id = 1, .first = 8, .text = "overlaps", .more = true, .v6 = true));
    /* the end is before the one its UDP header names */
    assert_false(push_first(0, false));
    assert_false(PUSH(.id = 1, .first = 32, .text = "end"));
    assert_int_equal(beginning(NTA_FRAGMENTS_END).kind, NTA_PACKET_OTHER);
    /* its UDP header says that all is here, or more than an IP datagram holds, or is not here */
    assert_false(push_bytes(&(struct part){.id = 2, .more = true}, all_is_here, 16));
    assert_false(push_bytes(&(struct part){.id = 3, .more = true}, too_long, 16));
    assert_false(PUSH(.id = 4, .first = 8, .text = "12345678", .more = true));
    assert_int_equal(beginning(NTA_FRAGMENTS_END).kind, NTA_PACKET_OTHER);
}

static void cut_first_fragment_is_a_beginning(void **state)
{
    (void)state;
    assert_false(push_cut(CUT_V4));
    assert_false(push_cut(CUT_V4));
    assert_false(PUSH(.id = 1, .first = 16, .text = "12345678", .more = true));
    assert_false(PUSH(.id = 1, .first = 24, .text = "1234567812345678"));
    assert_beginning(8, "name!!!!");
    assert_false(push_cut(CUT_V6));
    assert_false(PUSH(.id = 1, .first = 24, .text = "1234567812345678", .v6 = true));
    assert_beginning(8, "name!!!!");
}

static void cut_first_fragment_must_not_be_overlapped_in_ipv6(void **state)
{
    (void)state;
    assert_false(push_cut(CUT_V6));
    assert_false(PUSH(.id = 1, .first = 16, .text = "12345678", .more = true, .v6 = true));
    assert_int_equal(beginning(NTA_FRAGMENTS_END).kind, NTA_PACKET_OTHER);
}

static void cut_fragment_is_dropped_alone(void **state)
{
    (void)state;
    assert_false(push_cut(CUT_V4_LATER));
    assert_int_equal(nta_fragments_len(fragments), 0);
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 1);
    /* a whole one came before */
    assert_false(push_first(0, false));
    assert_false(push_cut(CUT_V4));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 2);
    assert_true(PUSH(.id = 1, .first = 16, .text = "a"));
}

/** As the capture has it: IPv4, one raw packet of a length that no header can say. */
static bool push_long(uint16_t id, uint32_t cap_len, uint32_t wire_len)
{
    struct nta_packet packet = {.l3_off = 0,
                                .payload_off = 20,
                                .payload_len = cap_len,
                                .payload_wire_len = wire_len,
                                .cap_len = 20 + cap_len,
                                .wire_len = 20 + wire_len,
                                .ip_proto = 17,
                                .kind = NTA_PACKET_FRAGMENT};
    uint8_t *bytes = calloc(1, packet.cap_len);

    assert_non_null(bytes);
    bytes[0] = 0x45;
    bytes[6] = 0x20; /* more follow */
    set_be16(bytes + 4, id);
    bool is_whole = nta_fragments_push(fragments, &packet, bytes, &whole);

    free(bytes);
    return is_whole;
}

static void fragment_longer_than_a_datagram_is_not_kept(void **state)
{
    static const struct
    {
        uint32_t cap_len, wire_len;
    } lens[] = {{200000, 250000},     {65536, 65544}, {65512, 65520},
                {64, UINT32_MAX - 7}, {8, 65520},     {200000, 200000}};

    (void)state;
    for (uint16_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        assert_false(push_long(i, lens[i].cap_len, lens[i].wire_len));
        assert_counted(NTA_COUNTER_FRAGMENT_DROP, i + 1U);
    }
    assert_int_equal(beginning(NTA_FRAGMENTS_END).kind, NTA_PACKET_OTHER);
    /* the longest that fits */
    assert_false(push_long(77, 60000, 65512));
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 6);
}

static void oldest_goes_when_the_table_is_full(void **state)
{
    (void)state;
    for (unsigned id = 1; id <= 9; id++)
        assert_false(
            PUSH(.id = id, .first = 0, .text = "12345678", .more = true, .at_s = id, .v6 = id % 2));
    assert_int_equal(nta_fragments_len(fragments), 8);
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 1);
    assert_true(PUSH(.id = 2, .first = 8, .text = "a", .at_s = 10));
    assert_false(PUSH(.id = 1, .first = 8, .text = "a", .at_s = 10, .v6 = true));
}

static void oldest_goes_when_the_bytes_are_full(void **state)
{
    static uint8_t bytes[2048];

    (void)state;
    for (unsigned id = 1; id <= 3; id++) {
        for (unsigned at = 0; at < 16; at++) {
            struct part part = {.id = id, .first = at * 2048, .more = true, .at_s = id};

            assert_false(push_bytes(&part, bytes, sizeof(bytes)));
        }
    }
    assert_int_equal(nta_fragments_len(fragments), 2);
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 16);
}

static void tick(int64_t at_s)
{
    struct nta_packet packet;

    while (
        nta_fragments_expire(fragments, nta_order_at(&order, at_s * NTA_NS_PER_S), &packet, &whole))
        continue;
}

static void unfinished_ones_time_out(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 0, .text = "12345678", .more = true, .at_s = 100));
    assert_false(
        PUSH(.id = 1, .first = 0, .text = "12345678", .more = true, .at_s = 100, .v6 = true));
    tick(129);
    assert_int_equal(nta_fragments_len(fragments), 2);
    tick(130);
    assert_int_equal(nta_fragments_len(fragments), 1);
    tick(160);
    assert_int_equal(nta_fragments_len(fragments), 0);
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 2);
}

static void clock_set_back_does_not_keep_them(void **state)
{
    (void)state;
    assert_false(PUSH(.id = 1, .first = 0, .text = "12345678", .more = true, .at_s = 1000));
    assert_false(PUSH(.id = 2, .first = 0, .text = "12345678", .more = true, .at_s = 10));
    tick(39);
    assert_int_equal(nta_fragments_len(fragments), 2);
    tick(40);
    assert_int_equal(nta_fragments_len(fragments), 0);
}

/** However often a piece is repeated, each of them is counted where the datagram is given up. */
static void more_repeats_than_16_bits_count_are_all_dropped(void **state)
{
    const unsigned n = 70000;

    (void)state;
    for (unsigned i = 0; i < n; i++)
        assert_false(PUSH(.id = 1, .first = 0, .text = "12345678", .more = true, .at_s = 100));
    tick(130);
    assert_counted(NTA_COUNTER_FRAGMENTS, n);
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, n);
    assert_false(PUSH(.id = 1, .first = 0, .text = "12345678", .more = true, .at_s = 131));
    assert_true(PUSH(.id = 1, .first = 8, .text = "rest", .at_s = 131)); /* nothing of it is left */
}

static void those_of_two_clocks_do_not_end_each_other(void **state)
{
    (void)state;
    (void)nta_order_step(&order, 1000 * NTA_NS_PER_S);
    (void)nta_order_step(&order, 99000 * NTA_NS_PER_S); /* that could be a pause */
    for (unsigned i = 0; i < 20; i++) {
        assert_false(PUSH(.id = i, .first = 0, .text = "12345678", .more = true, .at_s = 1000 + i));
        tick(1000 + i);
        assert_false(
            PUSH(.id = 100 + i, .first = 0, .text = "12345678", .more = true, .at_s = 99000 + i));
        tick(99000 + i);
        assert_true(PUSH(.id = i, .first = 8, .text = "rest", .at_s = 1000 + i));
        assert_true(PUSH(.id = 100 + i, .first = 8, .text = "rest", .at_s = 99000 + i));
    }
    assert_counted(NTA_COUNTER_FRAGMENT_DROP, 0);
}

static void entry_that_lies_is_dropped(void **state)
{
    static const uint8_t bytes[20] = {0x65};

    (void)state;
    for (uint32_t off = 0; off < 40; off++) {
        const struct nta_packet packet = {.cap_len = sizeof(bytes),
                                          .kind = NTA_PACKET_FRAGMENT,
                                          .l3_off = (uint16_t)(off % 7),
                                          .payload_off = off,
                                          .payload_len = 8,
                                          .payload_wire_len = 8};

        assert_false(nta_fragments_push(fragments, &packet, bytes, &whole));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(two_fragments_make_a_datagram),
        TEST(what_is_made_up_adds_nothing),
        TEST(order_does_not_matter),
        TEST(whole_datagram_can_be_decoded),
        TEST(fragment_in_a_fragment_can_be_pushed_again),
        TEST(datagrams_do_not_mix),
        TEST(first_bytes_stand_in_ipv4),
        TEST(overlap_drops_the_datagram_in_ipv6),
        TEST(exact_repeat_is_ignored_in_ipv6),
        TEST(teardrop_is_harmless),
        TEST(two_ends_drop_the_datagram),
        TEST(oversize_drops_the_datagram),
        TEST(largest_datagram_is_put_together),
        TEST(too_many_holes_drop_the_datagram),
        TEST(odd_length_in_the_middle_is_dropped_alone),
        TEST(beginning_is_given_when_the_rest_does_not_come),
        TEST(beginning_goes_to_the_first_hole),
        TEST(beginning_is_given_when_there_is_no_space),
        TEST(beginning_that_overlaps_or_lies_is_not_given),
        TEST(cut_first_fragment_is_a_beginning),
        TEST(cut_first_fragment_must_not_be_overlapped_in_ipv6),
        TEST(cut_fragment_is_dropped_alone),
        TEST(fragment_longer_than_a_datagram_is_not_kept),
        TEST(oldest_goes_when_the_table_is_full),
        TEST(oldest_goes_when_the_bytes_are_full),
        TEST(unfinished_ones_time_out),
        TEST(clock_set_back_does_not_keep_them),
        TEST(more_repeats_than_16_bits_count_are_all_dropped),
        TEST(those_of_two_clocks_do_not_end_each_other),
        TEST(entry_that_lies_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
