/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two segments that say different things of the same numbers: what is shown, and what the owner is
 * told of the other reading.  Segments have headers here, and right checksums if not told
 * otherwise.
 */
#include "flow_kit.h"
#include "flow_send.h"

enum
{
    HEADERS = 40,
    OPTIONS_MAX = 20,
    TEXT_MAX = 600,
    FIRST = 1000, ///< The client's first number.
};

/** How a segment differs from the others of its sender. */
struct how
{
    uint8_t ttl; ///< 0: 64.
    bool wrong;  ///< The checksum is.
    bool keyed;  ///< It has the option of RFC 2385.
    uint16_t urgent;
    uint32_t ack; ///< 0: 5000.
    uint8_t flags;
};

static struct nta_kit kit;
static enum nta_flow_verdict verdict; ///< What the owner says of another reading.
static bool is_silent;                ///< It has no function for them.

static enum nta_flow_verdict on_other(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                      struct nta_span bytes, enum nta_flow_likely likely)
{
    static const char *const words[] = {"less", "same", "said", "sure"};

    (void)flow;
    kit_say(owner, "%s %s(%.*s) ", words[likely], kit_dir(dir), (int)bytes.len,
            (const char *)bytes.ptr);
    return likely == NTA_FLOW_LIKELY_LESS && verdict == NTA_FLOW_VERDICT_TAKE
               ? NTA_FLOW_VERDICT_DONE
               : verdict;
}

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & UINT16_MAX);
}

static uint32_t sum_up(uint32_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
    return sum;
}

/** The checksum of a segment (RFC 9293 section 3.1), whose field is 0. */
static uint16_t sum_of(const struct nta_packet *packet, const uint8_t *tcp, size_t len)
{
    uint32_t sum = sum_up(6 + (uint32_t)len, tcp, len);

    sum = sum_up(sum, packet->src.bytes + 12, 4);
    sum = sum_up(sum, packet->dst.bytes + 12, 4);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}

static void send(enum nta_dir dir, uint8_t flags, uint32_t seq, uint32_t ack, const char *text,
                 struct how how)
{
    struct nta_packet packet = dir == UP ? kit_packet(NTA_PACKET_TCP, 1, 2, 40000, 80)
                                         : kit_packet(NTA_PACKET_TCP, 2, 1, 80, 40000);
    const size_t n_options = how.keyed ? OPTIONS_MAX : 0, len = strlen(text);
    uint8_t bytes[HEADERS + OPTIONS_MAX + TEXT_MAX] = {0x45};
    uint8_t *tcp = bytes + 20;

    assert_true(len <= TEXT_MAX);
    bytes[8] = how.ttl ? how.ttl : 64;
    put32(tcp + 4, seq);
    put32(tcp + 8, ack);
    tcp[12] = (uint8_t)((20 + n_options) / 4 << 4);
    tcp[13] = (uint8_t)(flags | (how.urgent ? NTA_TCP_URG : 0));
    put16(tcp + 18, how.urgent);
    if (how.keyed)
        memcpy(tcp + 20, "\x13\x12", 2);
    memcpy(tcp + 20 + n_options, text, len);
    put16(tcp + 16, sum_of(&packet, tcp, 20 + n_options + len) ^ (how.wrong ? 1U : 0U));
    packet.tcp_flags = tcp[13];
    packet.tcp_seq = seq;
    packet.tcp_ack = ack;
    packet.payload_off = (uint32_t)(HEADERS + n_options);
    packet.payload_len = packet.payload_wire_len = (uint32_t)len;
    packet.wall_ns = kit.wall_ns;
    packet.order_ns = nta_order_step(&kit.orders[0], packet.wall_ns);
    nta_flows_pass(kit.flows, &packet);
    nta_flows_packet(kit.flows, &packet, bytes);
}

/** The client's next bytes, or what is to be taken for them. */
static void say(uint32_t off, const char *text, struct how how)
{
    send(UP, how.flags ? how.flags : ACK | NTA_TCP_PSH, FIRST + off, how.ack ? how.ack : 5000, text,
         how);
}

/** The server acknowledges so many of the client's bytes. */
static void acked(uint32_t n)
{
    send(DOWN, ACK, 5000, FIRST + n, "", (struct how){0});
}

static void begin(void)
{
    static struct nta_flow_ops ops;
    const struct nta_flow_options options = {
        .n_flows = 64, .stream_flow_bytes = 65536, .stream_all_bytes = 1 << 20, .copy_bytes = 1};
    struct nta_err err;

    memset(&kit, 0, sizeof(kit));
    kit.wall_ns = 1000 * S;
    ops = kit_ops;
    ops.other = is_silent ? NULL : on_other;
    assert_int_equal(nta_flows_new(&options, &ops, &kit, &kit.counters, &kit.flows, &err), 0);
    send(UP, SYN, FIRST - 1, 0, "", (struct how){0});
    send(DOWN, SYN_ACK, 4999, FIRST, "", (struct how){0});
    send(UP, ACK, FIRST, 5000, "", (struct how){0});
}

static int setup(void **state)
{
    (void)state;
    verdict = NTA_FLOW_VERDICT_DONE;
    is_silent = false;
    begin();
    return 0;
}

static void what_differs_from_its_senders_others_waits(void **state)
{
    static const struct how hows[] = {{.ttl = 4},
                                      {.wrong = true},
                                      {.keyed = true},
                                      {.ack = 5000U - 70000U},
                                      {.flags = NTA_TCP_PSH},
                                      {.ttl = 65}};

    (void)state;
    for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
        say(0, "decoy", hows[i]);
        KIT_EXPECT(&kit, "");
        say(0, "true!", (struct how){0});
        KIT_EXPECT(&kit, "less up(decoy) up:true! ");
        acked(5);
        KIT_EXPECT(&kit, "");
        kit_close(&kit);
        assert_int_equal(kit.last.sides[UP].bytes, 5);
        assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_OTHER), 1);
        begin();
    }
    kit_close(&kit);
}

static void zeros_that_pad_an_acknowledgement_are_no_bytes(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_TCP, 1, 2, 40000, 80);

    (void)state;
    packet.tcp_flags = ACK;
    packet.tcp_seq = FIRST;
    packet.tcp_ack = 5000;
    packet.payload_len = packet.payload_wire_len = 6;
    packet.wall_ns = kit.wall_ns;
    packet.order_ns = nta_order_step(&kit.orders[0], packet.wall_ns);
    nta_flows_pass(kit.flows, &packet);
    nta_flows_packet(kit.flows, &packet, (const uint8_t *)"\0\0\0\0\0\0");
    KIT_EXPECT(&kit, "");
    say(0, "longer", (struct how){0});
    assert_non_null(strstr(kit.log, "up:longer"));
    kit.len = 0;
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 6);
}

static void what_waits_is_shown_once_it_was_acknowledged(void **state)
{
    (void)state;
    say(0, "other card", (struct how){.wrong = true, .ttl = 63});
    KIT_EXPECT(&kit, "");
    acked(10);
    KIT_EXPECT(&kit, "up:other card ");
    say(10, "and on", (struct how){.wrong = true, .ttl = 63}); /* so it is not doubted again */
    KIT_EXPECT(&kit, "up:and on ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 16);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 0);
}

static void what_waits_is_shown_at_the_end(void **state)
{
    (void)state;
    say(0, "nobody answers", (struct how){.ttl = 4});
    say(0, "nobody answers", (struct how){.ttl = 4});
    KIT_EXPECT(&kit, "");
    nta_flows_drain(kit.flows);
    KIT_EXPECT(&kit, "up:nobody answers end drain ");
    kit_close(&kit);
}

static void data_of_a_syn_counts_if_the_answer_says_so(void **state)
{
    (void)state;
    kit_close(&kit);
    for (uint32_t taken = 0; taken < 2; taken++) {
        kit_open(&kit, (struct nta_flow_options){0});
        send(UP, SYN, FIRST - 1, 0, "fast", (struct how){0});
        send(DOWN, SYN_ACK, 4999, taken ? FIRST + 4 : FIRST, "", (struct how){0});
        say(taken ? 4 : 0, "then", (struct how){0});
        KIT_EXPECT(&kit, taken ? "up:fast up:then " : "up:then ");
        kit_close(&kit);
    }
}

static void where_nothing_tells_the_first_stands_and_the_other_is_told(void **state)
{
    (void)state;
    say(0, "first", (struct how){0});
    say(0, "other", (struct how){0});
    say(0, "third", (struct how){0});
    KIT_EXPECT(&kit, "up:first same up(other) same up(third) ");
    acked(5);
    say(0, "later", (struct how){0}); /* than the acknowledgement: the server has the bytes */
    say(5, "more", (struct how){0});
    KIT_EXPECT(&kit, "up:more ");
    kit_close(&kit);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_OTHER), 2);
}

static void what_is_sent_again_is_no_other_reading(void **state)
{
    (void)state;
    say(0, "one ", (struct how){0});
    say(4, "two ", (struct how){0});
    say(0, "one two ", (struct how){0});
    say(2, "e two th", (struct how){0});
    say(0, "one two ", (struct how){.ttl = 9});
    KIT_EXPECT(&kit, "up:one  up:two  up:th ");
    kit_close(&kit);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_OTHER), 0);
}

static void another_reading_grows_with_what_comes(void **state)
{
    (void)state;
    verdict = NTA_FLOW_VERDICT_MORE;
    say(0, "GET /a ", (struct how){0});
    say(0, "GET /b ", (struct how){0});
    say(7, "HTTP", (struct how){0});
    say(7, "FTP!", (struct how){0});
    KIT_EXPECT(&kit, "up:GET /a  same up(GET /b ) up:HTTP same up(GET /b HTTP) "
                     "same up(GET /b FTP!) ");
    kit_close(&kit);
}

static void an_acknowledgement_that_ends_with_one_reading_decides(void **state)
{
    (void)state;
    verdict = NTA_FLOW_VERDICT_TAKE;
    is_silent = false;
    say(0, "long decoy", (struct how){0});
    KIT_EXPECT(&kit, "up:long decoy ");
    verdict = NTA_FLOW_VERDICT_DONE;
    say(0, "true", (struct how){0});
    KIT_EXPECT(&kit, "same up(true) ");
    verdict = NTA_FLOW_VERDICT_TAKE;
    acked(4);
    KIT_EXPECT(&kit, "sure up(true) up:true ");
    say(4, " on", (struct how){0});
    KIT_EXPECT(&kit, "up: on ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 7);
}

static void the_owner_goes_over_to_the_other_reading(void **state)
{
    (void)state;
    verdict = NTA_FLOW_VERDICT_TAKE;
    kit.answer.stop = true;
    say(0, "junk", (struct how){0});
    say(0, "hello, and more", (struct how){0});
    KIT_EXPECT(&kit, "up:junk same up(hello, and more) up:hell up:o, and more ");
    say(15, "!", (struct how){0});
    KIT_EXPECT(&kit, "up:! ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 16);
}

static void an_urgent_byte_is_not_among_the_others(void **state)
{
    (void)state;
    say(0, "he?llo", (struct how){.urgent = 3});
    KIT_EXPECT(&kit, "up:he up:llo less up(he?llo) ");
    say(6, "?", (struct how){.urgent = 1});
    say(8, "ly", (struct how){0}); /* early, and so is the one before it */
    say(7, "?", (struct how){.urgent = 1});
    acked(10);
    kit_close(&kit);
    assert_non_null(strstr(kit.log, "up:ly "));
    assert_int_equal(kit.last.sides[UP].bytes, 10);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 0);
}

static void a_direction_is_shown_again_when_all_of_it_was_acknowledged(void **state)
{
    (void)state;
    kit.answer = (struct nta_taken){.stop = true, .again = true};
    say(0, "junk", (struct how){0});
    say(4, "more", (struct how){0});
    KIT_EXPECT(&kit, "up:junk ");
    acked(8);
    say(8, "hello", (struct how){0});
    KIT_EXPECT(&kit, "up:hello ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 13);
}

static void other_bytes_of_what_came_early_are_not_forgotten(void **state)
{
    (void)state;
    say(4, "decoy", (struct how){0});
    say(4, "true!", (struct how){0});
    KIT_EXPECT(&kit, "");
    say(0, "the ", (struct how){0});
    KIT_EXPECT(&kit, "up:the  up:decoy same up(the true!) ");
    kit_close(&kit);
}

static void of_a_receiver_that_is_not_heard_nothing_waits(void **state)
{
    (void)state;
    kit_close(&kit);
    begin();
    kit_close(&kit);
    kit_open(&kit, (struct nta_flow_options){0});
    send(UP, SYN, FIRST - 1, 0, "", (struct how){0});
    say(0, "one way", (struct how){.ttl = 4});
    KIT_EXPECT(&kit, "up:one way ");
    kit_close(&kit);
}

static void only_the_first_16_kib_are_read_twice(void **state)
{
    uint32_t off = 0;
    char text[TEXT_MAX + 1] = {0};

    (void)state;
    memset(text, 'a', TEXT_MAX);
    for (; off < 16384; off += TEXT_MAX) {
        say(off, text, (struct how){0});
        kit.len = 0;
    }
    acked(off);
    say(off, "first", (struct how){0});
    say(off, "other", (struct how){0});
    KIT_EXPECT(&kit, "up:first ");
    kit_close(&kit);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_OTHER), 0);
}

static void where_space_is_short_the_oldest_copies_go_and_are_counted(void **state)
{
    char text[TEXT_MAX + 1] = {0};

    (void)state;
    memset(text, 'a', TEXT_MAX);
    say(0, "waits", (struct how){.ttl = 4});
    for (uint32_t off = 5; off < 16000; off += TEXT_MAX)
        say(off, text, (struct how){.ttl = 4});
    for (uint32_t off = 0; off < 16000; off += TEXT_MAX) {
        memset(text, 'b', TEXT_MAX);
        say(off, text, (struct how){.ttl = 5});
    }
    for (uint32_t off = 0; off < 16000; off += TEXT_MAX) {
        memset(text, 'c', TEXT_MAX);
        say(off, text, (struct how){.ttl = 6});
    }
    assert_true(kit_counted(&kit, NTA_COUNTER_STREAM_COPY_LIMIT) > 0);
    say(0, "true!", (struct how){0});
    assert_non_null(strstr(kit.log, "up:true!"));
    kit.len = 0;
    kit_close(&kit);
}

static void an_owner_without_a_wish_for_it_is_shown_one_reading(void **state)
{
    (void)state;
    kit_close(&kit);
    is_silent = true;
    begin();
    say(0, "decoy", (struct how){.ttl = 4});
    say(0, "true!", (struct how){0});
    say(0, "other", (struct how){0});
    acked(5);
    KIT_EXPECT(&kit, "up:true! ");
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_differs_from_its_senders_others_waits, setup),
        cmocka_unit_test_setup(zeros_that_pad_an_acknowledgement_are_no_bytes, setup),
        cmocka_unit_test_setup(what_waits_is_shown_once_it_was_acknowledged, setup),
        cmocka_unit_test_setup(what_waits_is_shown_at_the_end, setup),
        cmocka_unit_test_setup(data_of_a_syn_counts_if_the_answer_says_so, setup),
        cmocka_unit_test_setup(where_nothing_tells_the_first_stands_and_the_other_is_told, setup),
        cmocka_unit_test_setup(what_is_sent_again_is_no_other_reading, setup),
        cmocka_unit_test_setup(another_reading_grows_with_what_comes, setup),
        cmocka_unit_test_setup(an_acknowledgement_that_ends_with_one_reading_decides, setup),
        cmocka_unit_test_setup(the_owner_goes_over_to_the_other_reading, setup),
        cmocka_unit_test_setup(an_urgent_byte_is_not_among_the_others, setup),
        cmocka_unit_test_setup(a_direction_is_shown_again_when_all_of_it_was_acknowledged, setup),
        cmocka_unit_test_setup(other_bytes_of_what_came_early_are_not_forgotten, setup),
        cmocka_unit_test_setup(of_a_receiver_that_is_not_heard_nothing_waits, setup),
        cmocka_unit_test_setup(only_the_first_16_kib_are_read_twice, setup),
        cmocka_unit_test_setup(where_space_is_short_the_oldest_copies_go_and_are_counted, setup),
        cmocka_unit_test_setup(an_owner_without_a_wish_for_it_is_shown_one_reading, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
