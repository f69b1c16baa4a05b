/* SPDX-License-Identifier: Apache-2.0 */
/* What is over ends at its own time and in the order of time, whatever else has packets. */
#include "flow_send.h"

static struct nta_kit kit;

static void on_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    (void)why;
    kit_say(owner, "end %u ", flow->client_port);
}

static void on_passed(void *owner, int64_t wall_ns)
{
    kit_say(owner, "at %lld ", (long long)(nta_order_since(wall_ns, 1000 * S) / S));
}

static void open_table(struct nta_flow_options options)
{
    struct nta_flow_ops ops = kit_ops;
    static struct nta_flow_ops kept;
    struct nta_err err;

    kit_open(&kit, options);
    nta_flows_free(&kit.flows);
    ops.ended = on_ended;
    ops.passed = on_passed;
    kept = ops;
    options.n_flows = 64;
    options.stream_flow_bytes = 65536;
    options.stream_all_bytes = 1 << 20;
    assert_int_equal(nta_flows_new(&options, &kept, &kit, &kit.counters, &kit.flows, &err), 0);
}

static void send(enum nta_packet_kind kind, uint16_t port, uint8_t source, int64_t at_s)
{
    struct nta_packet packet = kit_packet(kind, 1, 2, port, 80);

    packet.source = source;
    packet.tcp_flags = kind == NTA_PACKET_TCP ? SYN : 0;
    kit.wall_ns = (1000 + at_s) * S;
    kit_send(&kit, packet, "");
}

/** Half-open TCP is kept 30 s, datagrams 300 s. */
static void begin_three(void)
{
    send(NTA_PACKET_UDP, 1111, 0, 0);
    send(NTA_PACKET_UDP, 2222, 0, 10);
    send(NTA_PACKET_TCP, 3333, 0, 290);
}

static void the_end_of_each_is_told_in_its_order(void **state)
{
    (void)state;
    open_table((struct nta_flow_options){0});
    begin_three();
    send(NTA_PACKET_UDP, 4444, 0, 4000);
    KIT_EXPECT(&kit, "at 300 end 1111 at 310 end 2222 at 320 end 3333 ");
    kit_close(&kit);
}

static void others_packets_change_nothing(void **state)
{
    (void)state;
    open_table((struct nta_flow_options){0});
    begin_three();
    for (int64_t at_s = 291; at_s <= 330; at_s++) {
        send(NTA_PACKET_UDP, 4444, 0, at_s);
        nta_flows_tick(kit.flows, kit.wall_ns);
    }
    KIT_EXPECT(&kit, "at 300 end 1111 at 310 end 2222 at 320 end 3333 ");
    kit_close(&kit);
}

static void who_goes_on_is_not_looked_at(void **state)
{
    (void)state;
    open_table((struct nta_flow_options){0});
    for (int64_t at_s = 0; at_s < 1000; at_s += 100)
        send(NTA_PACKET_UDP, 1111, 0, at_s);
    KIT_EXPECT(&kit, "on on on ");
    kit_close(&kit);
}

static void a_source_whose_clock_is_wrong_ends_nothing(void **state)
{
    const int64_t year_s = INT64_C(365) * 86400;

    (void)state;
    open_table((struct nta_flow_options){0});
    send(NTA_PACKET_UDP, 1111, 0, 0);
    send(NTA_PACKET_UDP, 2222, 1, year_s);
    KIT_EXPECT(&kit, "");
    kit_close(&kit);
}

static void what_a_link_owns_is_a_flow_of_its_own(void **state)
{
    struct nta_packet packet = kit_packet(NTA_PACKET_IP, 1, 2, 0, 0);

    (void)state;
    open_table((struct nta_flow_options){0});
    kit_send(&kit, packet, "");
    packet.flags |= NTA_PACKET_LINK;
    kit_send(&kit, packet, "");
    kit_send(&kit, packet, "");
    assert_int_equal(nta_flows_len(kit.flows), 2);
    kit_close(&kit);
}

/** A clock that was set as far back as it goes, while something is still to be ended. */
static void the_earliest_time_there_is_overflows_nothing(void **state)
{
    (void)state;
    open_table((struct nta_flow_options){0});
    send(NTA_PACKET_UDP, 1111, 0, 0);
    struct nta_packet later = kit_packet(NTA_PACKET_UDP, 1, 2, 1111, 80);

    later.order_ns = 5000 * S;
    assert_false(nta_flows_knows(kit.flows, &later)); /* which ends nothing itself */
    nta_flows_tick(kit.flows, INT64_MIN);
    KIT_EXPECT(&kit, "at -9223372036 end 1111 ");
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_each_is_told_in_its_order),
        cmocka_unit_test(others_packets_change_nothing),
        cmocka_unit_test(the_earliest_time_there_is_overflows_nothing),
        cmocka_unit_test(who_goes_on_is_not_looked_at),
        cmocka_unit_test(a_source_whose_clock_is_wrong_ends_nothing),
        cmocka_unit_test(what_a_link_owns_is_a_flow_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
