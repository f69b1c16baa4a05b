/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_kit.h"
#include "flow_send.h"

static struct nta_kit kit;

static void begin(void)
{
    kit_open(&kit, (struct nta_flow_options){0});
    kit_handshake(&kit);
}

static void in_order_bytes_are_shown_at_once(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1000, 5000, "get ");
    kit_tcp(&kit, DOWN, ACK, 5000, 1004, "here");
    kit_tcp(&kit, UP, ACK, 1004, 5004, "more");
    KIT_EXPECT(&kit, "up:get  down:here up:more ");
    assert_int_equal(nta_flows_held(kit.flows), 0);
    kit_close(&kit);
    assert_true(kit.last.saw_syn);
    assert_int_equal(kit.last.sides[UP].bytes, 8);
    assert_int_equal(kit.last.sides[UP].packets, 4);
    assert_int_equal(kit.last.sides[DOWN].bytes, 4);
}

static void early_segments_wait_and_come_in_order(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1006, 5000, "ef");
    kit_tcp(&kit, UP, ACK, 1003, 5000, "bc");
    KIT_EXPECT(&kit, "");
    assert_true(nta_flows_held(kit.flows) > 0);
    kit_tcp(&kit, UP, ACK, 1000, 5000, "xya");
    kit_tcp(&kit, UP, ACK, 1005, 5000, "d");
    KIT_EXPECT(&kit, "up:xya up:bc up:d up:ef ");
    assert_int_equal(nta_flows_held(kit.flows), 0);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_REORDER), 2);
    kit_close(&kit);
}

static void bytes_that_came_first_stand(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1002, 5000, "cd");
    kit_tcp(&kit, UP, ACK, 1001, 5000, "BCDEF");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "zzzzzzzz");
    KIT_EXPECT(&kit, "up:z up:B up:cdEF up:zz ");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_OVERLAP), 1);
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 8);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 0);
}

static void repeats_and_keep_alives_are_passed_over(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1000, 5000, "abc");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "abc");
    kit_tcp(&kit, UP, ACK, 1002, 5000, "");
    kit_tcp(&kit, UP, ACK, 1002, 5000, "?");
    kit_tcp(&kit, UP, ACK, 1001, 5000, "bcd");
    KIT_EXPECT(&kit, "up:abc up:d ");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_OVERLAP), 3);
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 4);
}

static void sequence_numbers_wrap(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_tcp(&kit, UP, SYN, UINT32_MAX - 2, 0, "");
    kit_tcp(&kit, UP, ACK, 1, 0, "d");
    kit_tcp(&kit, UP, ACK, UINT32_MAX - 1, 0, "abc");
    kit_tcp(&kit, UP, ACK, 2, 0, "e");
    KIT_EXPECT(&kit, "up:abc up:d up:e ");
    kit_close(&kit);
}

static void what_the_owner_leaves_comes_again_with_more(void **state)
{
    (void)state;
    begin();
    kit.leave_below = 5;
    kit_tcp(&kit, UP, ACK, 1000, 5000, "ab");
    kit_tcp(&kit, UP, ACK, 1002, 5000, "cd");
    kit_tcp(&kit, UP, ACK, 1004, 5000, "ef");
    kit_tcp(&kit, UP, ACK, 1006, 5000, "gh");
    KIT_EXPECT(&kit, "up:ab up:abcd up:abcdef up:gh ");
    assert_true(nta_flows_held(kit.flows) > 0);
    kit_close(&kit);
}

static void more_left_than_the_limit_is_given_up(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.stream_flow_bytes = 5});
    kit_handshake(&kit);
    kit.leave_below = 100;
    kit_tcp(&kit, UP, ACK, 1000, 5000, "abcd");
    kit_tcp(&kit, UP, ACK, 1004, 5000, "ef");
    kit_tcp(&kit, UP, ACK, 1006, 5000, "gh");
    kit_tcp(&kit, DOWN, ACK, 5000, 1008, "down");
    KIT_EXPECT(&kit, "up:abcd gap up 2 up:gh down:down gap down 0 ");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_FLOW_LIMIT), 1); /* one flow, twice */
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 8);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 0);
}

/** The answer must not be shown before its question, which waits behind a hole. */
static void an_answer_gives_up_the_hole_before_its_question(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.stream_flow_bytes = 1000});
    kit_handshake(&kit);
    kit_tcp(&kit, UP, ACK, 1004, 5000, "why?");
    kit_tcp(&kit, DOWN, ACK, 5000, 1008, "");
    KIT_EXPECT(&kit, "");
    kit_tcp(&kit, DOWN, ACK, 5000, 1008, "so");
    KIT_EXPECT(&kit, "gap up 4 up:why? down:so ");
    kit_tcp(&kit, UP, ACK, 1012, 5002, "more");
    kit_tcp(&kit, DOWN, ACK, 5002, 1008, "to the first");
    KIT_EXPECT(&kit, "down:to the first ");
    kit_close(&kit);
}

static void expect_at(uint32_t seq, uint32_t ack, bool has_ack)
{
    assert_int_equal(kit.at.seq, seq);
    assert_int_equal(kit.at.ack, ack);
    assert_int_equal(kit.at.has_ack, has_ack);
}

static void the_owner_learns_where_bytes_and_holes_lie(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.stream_flow_bytes = 1000});
    kit_handshake(&kit);
    kit.leave_below = 3;
    kit_tcp(&kit, UP, ACK, 1000, 5000, "ab");
    expect_at(1000, 5000, true);
    kit_tcp(&kit, UP, ACK, 1002, 5000, "cd");
    expect_at(1000, 5000, true);
    /* held with the number that it came with, until a later one proves the hole */
    kit_tcp(&kit, UP, ACK, 1010, 5001, "held");
    kit_tcp(&kit, DOWN, ACK, 5000, 1010, "x");
    kit_tcp(&kit, UP, ACK, 1014, 5001, "");
    expect_at(5000, 1010, true);
    kit_tcp(&kit, DOWN, ACK, 5001, 1014, "yz");
    KIT_EXPECT(&kit, "up:ab up:abcd down:x gap up 6 up:held down:xyz ");
    expect_at(5000, 1014, true);
    kit_close(&kit);
}

static void early_bytes_over_the_limit_give_up_the_hole(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){.stream_flow_bytes = 5});
    kit_handshake(&kit);
    kit_tcp(&kit, UP, ACK, 1003, 5000, "def");
    kit_tcp(&kit, UP, ACK, 1007, 5000, "hij");
    KIT_EXPECT(&kit, "gap up 3 up:def ");
    kit_tcp(&kit, UP, ACK, 1006, 5000, "g");
    KIT_EXPECT(&kit, "up:g up:hij ");
    kit_tcp(&kit, UP, ACK, 1015, 5000, "pqrstu");
    KIT_EXPECT(&kit, "gap up 5 up:pqrstu ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 8);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_GAP), 2);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_GAP_BYTES), 8);
}

static void skipped_bytes_cost_nothing_even_early_ones_behind_holes(void **state)
{
    (void)state;
    begin();
    kit.answer.skip = 10;
    kit_tcp(&kit, DOWN, ACK, 5000, 1000, "head");
    kit_tcp(&kit, DOWN, ACK, 5008, 1000, ".");
    assert_int_equal(nta_flows_held(kit.flows), 0);
    kit_tcp(&kit, DOWN, ACK, 5010, 1000, "....HE"); /* 4 skipped ones, then shown ones */
    assert_true(nta_flows_held(kit.flows) == 256);
    kit_tcp(&kit, DOWN, ACK, 5006, 1000, "....");
    KIT_EXPECT(&kit, "down:head ");
    kit_tcp(&kit, DOWN, ACK, 5016, 1000, "AD");
    kit_tcp(&kit, DOWN, ACK, 5020, 1000, "x");
    kit_tcp(&kit, UP, ACK, 1000, 5021, "");
    kit.wall_ns += 2 * S;
    kit_tcp(&kit, UP, ACK, 1000, 5021, "");
    KIT_EXPECT(&kit, "down:HEAD gap down 2 down:x ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[DOWN].bytes, 21);
    assert_int_equal(kit.last.sides[DOWN].gap_bytes, 4);
}

static void a_skip_may_be_longer_than_all_numbers(void **state)
{
    uint32_t seq = 5004;

    (void)state;
    begin();
    kit.answer.skip = (UINT64_C(5) << 32) + 7;
    kit_tcp(&kit, DOWN, ACK, 5000, 1000, "head");
    for (uint64_t done = 0; done < (UINT64_C(5) << 32); done += 1 << 24) {
        struct nta_packet packet = kit_packet(NTA_PACKET_TCP, 2, 1, 80, 40000);

        packet.tcp_flags = ACK;
        packet.tcp_seq = seq;
        packet.payload_wire_len = 1 << 24;
        kit_send(&kit, packet, "body");
        seq += 1 << 24;
    }
    kit_tcp(&kit, DOWN, ACK, seq, 1000, "-------next");
    KIT_EXPECT(&kit, "down:head down:next ");
    kit_close(&kit);
    assert_true(kit.last.sides[DOWN].bytes == (UINT64_C(5) << 32) + 15);
}

static void a_stopped_direction_is_counted_not_shown(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1010, 5000, "early");
    kit.answer.stop = true;
    kit_tcp(&kit, UP, ACK, 1000, 5000, "a");
    assert_int_equal(nta_flows_held(kit.flows), 0);
    kit_tcp(&kit, UP, ACK, 1005, 5000, "b");
    kit_tcp(&kit, UP, ACK, 1001, 5000, "cccc");
    kit_tcp(&kit, DOWN, ACK, 5000, 1015, "d");
    KIT_EXPECT(&kit, "up:a down:d ");
    kit_close(&kit);
    KIT_EXPECT(&kit, "end drain ");
    assert_int_equal(kit.last.sides[UP].bytes, 15);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 4);
}

static void a_hole_is_given_up_when_the_other_side_acknowledges_it(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1003, 5000, "d");
    kit_tcp(&kit, DOWN, ACK, 5000, 1004, "");
    kit_tcp(&kit, UP, ACK, 1004, 5000, "e");
    kit_tcp(&kit, UP, ACK, 1005, 5000, "f");
    KIT_EXPECT(&kit, "");
    kit_tcp(&kit, UP, ACK, 1006, 5000, "g");
    KIT_EXPECT(&kit, "gap up 3 up:defg ");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "abc");
    kit_tcp(&kit, UP, ACK, 1007, 5000, "h");
    KIT_EXPECT(&kit, "up:h ");
    kit_close(&kit);
}

static void an_unacknowledged_hole_waits_for_its_bytes(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 20; i++) {
        kit_tcp(&kit, UP, ACK, 1003 + i, 5000, "x");
        kit_tcp(&kit, DOWN, ACK, 5000, 1000, "");
        kit.wall_ns += S;
    }
    KIT_EXPECT(&kit, "");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "abc");
    KIT_EXPECT(&kit, "up:abc up:xxxxxxxxxxxxxxxxxxxx ");
    kit_close(&kit);
}

static void a_gap_takes_what_the_owner_had_left(void **state)
{
    (void)state;
    begin();
    kit.leave_below = 3;
    kit_tcp(&kit, UP, ACK, 1000, 5000, "ab");
    kit_tcp(&kit, UP, ACK, 1005, 5000, "fgh");
    kit_close(&kit);
    KIT_EXPECT(&kit, "up:ab gap up 3 up:fgh end drain ");
}

static void an_owner_may_stop_at_a_gap(void **state)
{
    (void)state;
    begin();
    kit.stop_at_gap = true;
    kit_tcp(&kit, UP, ACK, 1005, 5000, "fgh");
    kit_tcp(&kit, UP, FIN_ACK, 1010, 5000, "");
    kit_tcp(&kit, DOWN, ACK, 5000, 1010, "");
    kit_close(&kit);
    KIT_EXPECT(&kit, "gap up 5 end drain ");
    assert_int_equal(kit.last.sides[UP].bytes, 10);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 7);
}

static void the_tail_cut_by_the_snap_length_is_a_gap(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_TCP, 1, 2, 40000, 80);

    (void)state;
    begin();
    packet.tcp_flags = ACK;
    packet.tcp_seq = 1000;
    packet.payload_wire_len = 100;
    kit_send(&kit, packet, "abc");
    kit_tcp(&kit, UP, ACK, 1100, 5000, "next");
    KIT_EXPECT(&kit, "up:abc gap up 97 up:next ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[UP].bytes, 104);
}

static void the_lost_end_is_known_from_fin_or_acknowledgement(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, FIN_ACK, 1007, 5000, "");
    kit_tcp(&kit, UP, ACK, 1008, 5050, "");
    kit_close(&kit);
    KIT_EXPECT(&kit, "gap up 7 gap down 50 end drain ");
}

static void fin_both_ways_closes_after_the_time_for_late_packets(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, FIN_ACK, 1000, 5000, "bye");
    kit_tcp(&kit, DOWN, ACK, 5000, 1004, "still");
    kit_tcp(&kit, DOWN, FIN_ACK, 5007, 1004, "");
    kit_tcp(&kit, DOWN, ACK, 5005, 1004, "!!");
    kit_tcp(&kit, UP, ACK, 1004, 5008, "");
    KIT_EXPECT(&kit, "up:bye down:still down:!! closed ");
    nta_flows_tick(kit.flows, kit.wall_ns + 6 * S);
    KIT_EXPECT(&kit, "end closed ");
    assert_int_equal(kit.last.sides[UP].bytes, 3);
    kit_close(&kit);
}

static void a_closed_flow_that_is_evicted_still_was_closed(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, RST, 1000, 0, "");
    kit_close(&kit);
    KIT_EXPECT(&kit, "end closed ");
}

static void a_reset_must_fit(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, DOWN, RST, 123456789, 0, "");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "on");
    kit.wall_ns += 10 * S;
    nta_flows_tick(kit.flows, kit.wall_ns);
    KIT_EXPECT(&kit, "up:on ");
    kit_tcp(&kit, DOWN, RST | ACK, 5000, 1002, "");
    nta_flows_tick(kit.flows, kit.wall_ns + 10 * S);
    KIT_EXPECT(&kit, "end closed ");
    kit_close(&kit);
}

static void a_refused_connection_is_closed(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_tcp(&kit, UP, SYN, 999, 0, "");
    kit_tcp(&kit, DOWN, RST | ACK, 0, 1000, "");
    nta_flows_tick(kit.flows, kit.wall_ns + 6 * S);
    KIT_EXPECT(&kit, "end closed ");
    kit_close(&kit);
}

static void a_repeated_syn_changes_nothing(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, SYN, 999, 0, "");
    kit_tcp(&kit, DOWN, SYN_ACK, 4999, 1000, "");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "a");
    kit_tcp(&kit, UP, SYN, 999, 0, "");
    kit_tcp(&kit, UP, ACK, 1001, 5000, "b");
    KIT_EXPECT(&kit, "up:a up:b ");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
}

static void a_new_connection_on_the_same_ports_is_a_new_flow(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, FIN_ACK, 1000, 5000, "a");
    kit_tcp(&kit, DOWN, FIN_ACK, 5000, 1002, "b");
    kit_tcp(&kit, UP, SYN, 777777, 0, "");
    kit_tcp(&kit, DOWN, SYN_ACK, 888888, 777778, "");
    kit_tcp(&kit, UP, ACK, 777778, 888889, "c");
    KIT_EXPECT(&kit, "up:a down:b closed end closed up:c ");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
}

static void a_stray_syn_does_not_end_a_living_connection(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, SYN, 777777, 0, "");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "a");
    KIT_EXPECT(&kit, "up:a ");
    /* but an answer to it does */
    kit_tcp(&kit, UP, SYN, 777777, 0, "");
    kit_tcp(&kit, DOWN, SYN_ACK, 888888, 777778, "");
    kit_tcp(&kit, UP, ACK, 777778, 888889, "b");
    KIT_EXPECT(&kit, "end closed up:b ");
    assert_int_equal(nta_flows_len(kit.flows), 1);
    kit_close(&kit);
    assert_true(kit.last.saw_syn);
}

static void data_in_the_syn_is_shown(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_tcp(&kit, UP, SYN, 999, 0, "fast");
    kit_tcp(&kit, DOWN, SYN_ACK, 4999, 1004, "");
    kit_tcp(&kit, UP, ACK, 1004, 5000, "open");
    kit_tcp(&kit, DOWN, ACK, 5000, 1008, "yes");
    KIT_EXPECT(&kit, "up:fast up:open down:yes ");
    kit_close(&kit);
}

static void the_syn_ack_tells_server_from_client(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_TCP, 1, 2, 80, 40000);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    packet.tcp_flags = SYN;
    kit_send(&kit, packet, "");
    kit_close(&kit);
    assert_int_equal(kit.last.client_port, 80);

    kit_open(&kit, (struct nta_flow_options){0});
    packet.tcp_flags = ACK;
    packet.tcp_seq = 1;
    kit_send(&kit, packet, "x");
    KIT_EXPECT(&kit, "down:x ");
    packet = kit_packet(NTA_PACKET_TCP, 2, 1, 40000, 80);
    packet.tcp_flags = SYN_ACK;
    packet.tcp_ack = 1;
    kit_send(&kit, packet, "");
    packet.tcp_flags = ACK;
    packet.tcp_seq = 1;
    kit_send(&kit, packet, "y");
    KIT_EXPECT(&kit, "turned down:y ");
    kit_close(&kit);
    assert_int_equal(kit.last.server_port, 40000);
    assert_int_equal(kit.last.sides[UP].bytes, 1);
}

static void no_syn_turns_what_the_bytes_have_told(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit.settle_next = true;
    kit_tcp(&kit, UP, ACK, 1000, 5000, "get");
    kit_tcp(&kit, UP, SYN_ACK, 999, 5000, "");
    kit_tcp(&kit, DOWN, ACK, 5000, 1003, "got");
    KIT_EXPECT(&kit, "up:get down:got ");
    kit_close(&kit);
    assert_true(kit.last.saw_syn);
    assert_int_equal(kit.last.sides[UP].packets, 2);
    assert_int_equal(kit.last.sides[DOWN].bytes, 3);
}

static void both_directions_finish_though_the_first_turns_the_sides(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1001, 5000, "b");
    kit_tcp(&kit, DOWN, ACK, 5002, 1000, "d");
    kit.swap_next = true;
    kit_close(&kit);
    assert_string_equal(kit.log, "gap up 1 up:b turned gap up 2 up:d end drain ");
    /* nobody acknowledged what is missing */
    assert_int_equal(kit.last.sides[DOWN].bytes, 1);
    assert_int_equal(kit.last.sides[UP].bytes, 1);
}

static void a_number_alone_is_no_proof_of_what_is_missing(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1000, 5000, "a");
    kit_tcp(&kit, DOWN, ACK, 5000, 1001, "d");
    kit_tcp(&kit, UP, ACK, 10000000, 5001, "far");
    kit_close(&kit);
    KIT_EXPECT(&kit, "up:a down:d gap up 9998999 up:far end drain ");
    assert_int_equal(kit.last.sides[UP].bytes, 4);
    assert_int_equal(kit.last.sides[UP].gap_bytes, 0);
}

static void a_stream_that_began_before_us_starts_where_we_do(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_tcp(&kit, DOWN, ACK, 70000, 300, "old");
    kit_tcp(&kit, UP, ACK, 299, 70003, "");
    kit_tcp(&kit, UP, ACK, 300, 70003, "new");
    KIT_EXPECT(&kit, "down:old up:new ");
    kit_close(&kit);
    assert_false(kit.last.saw_syn);
    assert_int_equal(kit.last.sides[DOWN].gap_bytes, 0);
}

/**
 * "Copies nothing that arrives in order": the owner is shown the packet's own bytes, and no stream
 * memory is taken.
 */
static void what_arrives_in_order_is_shown_where_it_is(void **state)
{
    static const char text[] = "abcdefghijkl";
    uint32_t seq = 1000;

    (void)state;
    begin();
    for (size_t len = 1; len <= 3; seq += (uint32_t)len++) {
        kit_tcp(&kit, UP, ACK, seq, 5000, text + sizeof(text) - 1 - len);
        assert_ptr_equal(kit.shown_at, text + sizeof(text) - 1 - len);
        assert_int_equal(nta_flows_held(kit.flows), 0);
    }
    kit_tcp(&kit, UP, ACK, seq - 3, 5000,
            text + 3); /* three old bytes: the rest is shown in place */
    assert_ptr_equal(kit.shown_at, text + 6);
    seq += 6;
    assert_int_equal(nta_flows_held(kit.flows), 0);
    kit_tcp(&kit, UP, ACK, seq + 2, 5000, text); /* early: has to be kept */
    assert_true(nta_flows_held(kit.flows) > 0);
    kit.stop_at_gap = true;
    kit_tcp(&kit, UP, ACK, seq, 5000, text + 10);
    KIT_EXPECT(&kit, "up:l up:kl up:jkl up:ghijkl up:kl up:abcdefghijkl ");
    assert_int_equal(nta_flows_held(kit.flows), 0);
    kit_close(&kit);
}

static void a_mirror_that_shows_packets_twice_is_noticed(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 2; i++)
        kit_tcp(&kit, UP, ACK, 1000, 5000, "question");
    KIT_EXPECT(&kit, "up:question ");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_TWICE), 1);
    kit.wall_ns += 200 * NTA_NS_PER_MS; /* a sender that repeats waits for longer */
    kit_tcp(&kit, UP, ACK, 1000, 5000, "question");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_TWICE), 1);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_OVERLAP), 2);
    kit_close(&kit);
}

static void bytes_without_an_answer_are_half_a_connection(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_tcp(&kit, UP, SYN, 999, 0, ""); /* nobody answers: nothing is missing */
    nta_flows_drain(kit.flows);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_FLOW_HALF), 0);
    kit_tcp(&kit, UP, SYN, 999, 0, "");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "question"); /* it must have been answered */
    nta_flows_drain(kit.flows);
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_FLOW_HALF), 1);
    kit_close(&kit);
}

static void one_direction_alone_is_shown(void **state)
{
    (void)state;
    kit_open(&kit, (struct nta_flow_options){0});
    kit_tcp(&kit, DOWN, SYN_ACK, 4999, 1000, "");
    kit_tcp(&kit, DOWN, ACK, 5000, 1010, "a");
    kit_tcp(&kit, DOWN, ACK, 5002, 1010, "c");
    kit_tcp(&kit, DOWN, ACK, 5001, 1010, "b");
    kit_tcp(&kit, DOWN, FIN_ACK, 5003, 1010, "");
    nta_flows_tick(kit.flows, kit.wall_ns + 6 * S);
    KIT_EXPECT(&kit, "down:a down:b down:c gap up 10 end closed ");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_FLOW_ONE_WAY), 1);
    kit_close(&kit);
}

static void numbers_from_nowhere_near_are_not_believed_at_once(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, UP, ACK, 1000 + (1U << 28), 5000, "far");
    kit_tcp(&kit, UP, ACK, 1000 - (1U << 28), 5000, "far");
    kit_tcp(&kit, UP, ACK, 1000, 5000, "near");
    KIT_EXPECT(&kit, "up:near ");
    for (uint32_t i = 0; i < 8; i++)
        kit_tcp(&kit, UP, ACK, 1004 + (1U << 28) + 3 * i, 5000, "far");
    KIT_EXPECT(&kit, "gap up 268435477 up:far ");
    for (uint32_t i = 0; i < 10; i++)
        kit_tcp(&kit, UP, ACK, 0xd0000000 + 3 * i, 5000, "new");
    KIT_EXPECT(&kit, "end closed up:new up:new ");
    kit_close(&kit);
}

static void when_memory_is_short_the_oldest_holder_loses_it(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_TCP, 1, 2, 1, 80);

    (void)state;
    kit_open(&kit, (struct nta_flow_options){.stream_flow_bytes = 256, .stream_all_bytes = 1024});
    kit.leave_below = 100;
    packet.tcp_flags = ACK;
    for (uint16_t i = 1; i <= 5; i++) {
        packet.src_port = i;
        packet.tcp_seq = 1;
        packet.flow_hash = i;
        kit_send(&kit, packet, "ab");
        assert_true(nta_flows_held(kit.flows) <= 1024);
    }
    KIT_EXPECT(&kit, "up:ab up:ab up:ab up:ab up:ab ");
    assert_int_equal(kit_counted(&kit, NTA_COUNTER_STREAM_ALL_LIMIT), 1);
    for (uint16_t i = 1; i <= 5; i++) {
        packet.src_port = i;
        packet.tcp_seq = 3;
        packet.flow_hash = i;
        kit_send(&kit, packet, "c");
    }
    KIT_EXPECT(&kit, "up:abc up:abc up:abc up:abc ");
    kit_close(&kit);
}

static void sides_swapped_within_data_keep_their_streams(void **state)
{
    (void)state;
    begin();
    kit_tcp(&kit, DOWN, ACK, 5001, 1000, "e");
    kit_tcp(&kit, UP, ACK, 1002, 5000, "c");
    kit.swap_next = true;
    kit_tcp(&kit, UP, ACK, 1000, 5000, "ab");
    kit_tcp(&kit, DOWN, ACK, 5000, 1000, "d");
    KIT_EXPECT(&kit, "up:ab turned down:c up:d up:e ");
    kit_close(&kit);
    assert_int_equal(kit.last.sides[DOWN].bytes, 3);
    assert_int_equal(kit.last.sides[UP].bytes, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_bytes_are_shown_at_once),
        cmocka_unit_test(early_segments_wait_and_come_in_order),
        cmocka_unit_test(bytes_that_came_first_stand),
        cmocka_unit_test(repeats_and_keep_alives_are_passed_over),
        cmocka_unit_test(sequence_numbers_wrap),
        cmocka_unit_test(what_the_owner_leaves_comes_again_with_more),
        cmocka_unit_test(more_left_than_the_limit_is_given_up),
        cmocka_unit_test(an_answer_gives_up_the_hole_before_its_question),
        cmocka_unit_test(the_owner_learns_where_bytes_and_holes_lie),
        cmocka_unit_test(early_bytes_over_the_limit_give_up_the_hole),
        cmocka_unit_test(skipped_bytes_cost_nothing_even_early_ones_behind_holes),
        cmocka_unit_test(a_skip_may_be_longer_than_all_numbers),
        cmocka_unit_test(a_stopped_direction_is_counted_not_shown),
        cmocka_unit_test(a_hole_is_given_up_when_the_other_side_acknowledges_it),
        cmocka_unit_test(an_unacknowledged_hole_waits_for_its_bytes),
        cmocka_unit_test(a_gap_takes_what_the_owner_had_left),
        cmocka_unit_test(an_owner_may_stop_at_a_gap),
        cmocka_unit_test(the_tail_cut_by_the_snap_length_is_a_gap),
        cmocka_unit_test(the_lost_end_is_known_from_fin_or_acknowledgement),
        cmocka_unit_test(fin_both_ways_closes_after_the_time_for_late_packets),
        cmocka_unit_test(a_closed_flow_that_is_evicted_still_was_closed),
        cmocka_unit_test(a_reset_must_fit),
        cmocka_unit_test(a_refused_connection_is_closed),
        cmocka_unit_test(a_repeated_syn_changes_nothing),
        cmocka_unit_test(a_new_connection_on_the_same_ports_is_a_new_flow),
        cmocka_unit_test(a_stray_syn_does_not_end_a_living_connection),
        cmocka_unit_test(data_in_the_syn_is_shown),
        cmocka_unit_test(the_syn_ack_tells_server_from_client),
        cmocka_unit_test(no_syn_turns_what_the_bytes_have_told),
        cmocka_unit_test(both_directions_finish_though_the_first_turns_the_sides),
        cmocka_unit_test(a_number_alone_is_no_proof_of_what_is_missing),
        cmocka_unit_test(a_stream_that_began_before_us_starts_where_we_do),
        cmocka_unit_test(what_arrives_in_order_is_shown_where_it_is),
        cmocka_unit_test(a_mirror_that_shows_packets_twice_is_noticed),
        cmocka_unit_test(bytes_without_an_answer_are_half_a_connection),
        cmocka_unit_test(one_direction_alone_is_shown),
        cmocka_unit_test(numbers_from_nowhere_near_are_not_believed_at_once),
        cmocka_unit_test(when_memory_is_short_the_oldest_holder_loses_it),
        cmocka_unit_test(sides_swapped_within_data_keep_their_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
