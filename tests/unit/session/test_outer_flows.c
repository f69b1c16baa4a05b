/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels: what is inside is recorded as if it had come alone, and the outer connection beside it.
 */
#include "pipeline/kit.h"

#define ANN     "10.0.0.5"
#define GATEWAY "198.51.100.7"
#define DNS     "192.0.2.53"
#define FLOW    "\"event\":\"flow\""
#define CARRIER "\"carrier\":true"

enum
{
    LINE_SIZE = 4096,
    VXLAN = 4789,
    INNER_PACKET = 14 + 20 + 8 + 4, ///< Ethernet, IPv4, UDP, four bytes.
    VXLAN_LEN = 8 + INNER_PACKET
};

static struct kit kit;
static char line[LINE_SIZE];
static const struct nta_span none = {0};
static const struct wire_end ann = {ANN, 50000}, gateway = {GATEWAY, VXLAN};

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

/** VXLAN, Ethernet, IPv4 from 10.1.0.`host` to 203.0.113.9, UDP, "ping". */
static struct nta_span vxlan(uint8_t buf[VXLAN_LEN], uint8_t host)
{
    static const uint8_t head[] = {8,    0,    0,    0,    0,   0,  1,   0, 10,  0,   0,   0,
                                   0,    2,    10,   0,    0,   0,  0,   1, 8,   0, /* IPv4 */
                                   0x45, 0,    0,    32,   0,   0,  64,  0, 64,  17,  0,   0,
                                   10,   1,    0,    0,    203, 0,  113, 9, /* UDP */
                                   0x9c, 0x40, 0x30, 0x39, 0,   12, 0,   0, 'p', 'i', 'n', 'g'};

    static_assert(sizeof(head) == VXLAN_LEN, "the lengths above");
    memcpy(buf, head, sizeof(head));
    buf[8 + 14 + 15] = host;
    return (struct nta_span){buf, VXLAN_LEN};
}

static void send_vxlan(uint8_t host)
{
    uint8_t buf[VXLAN_LEN];

    wire_udp(&kit.wire, &ann, &gateway, vxlan(buf, host));
}

static void assert_says(const char *one, const char *two, const char *expected)
{
    kit_says(&kit, one, two, expected, line, sizeof(line));
}

static void both_connections_are_recorded(void **state)
{
    (void)state;
    send_vxlan(1);
    send_vxlan(1);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, FLOW, "", line, sizeof(line)), 2);
    assert_says(FLOW, CARRIER, "\"app\":\"vxlan\"");
    assert_says(FLOW, CARRIER, "\"peer\":{\"ip\":\"" GATEWAY "\",\"port\":4789");
    /* headers of the UDP payload and all behind them, twice */
    assert_says(FLOW, CARRIER, "\"up\":{\"bytes\":108,\"packets\":2}");
    assert_says(FLOW, "10.1.0.1", "\"up\":{\"bytes\":8,\"packets\":2}");
    assert_null(strstr(line, "carrier"));
    assert_int_equal(kit.counters[NTA_COUNTER_RECEIVED], 2);
    assert_int_equal(kit.counters[NTA_COUNTER_FLOWS], 2);
}

static void who_tunnels_to_a_forbidden_address_is_reported(void **state)
{
    (void)state;
    kit_list(&kit, GATEWAY "\n", false);
    send_vxlan(1);
    kit_run(&kit);
    assert_says("\"event\":\"alert\"", ANN, "\"app\":\"vxlan\"");
    assert_says("\"event\":\"alert\"", CARRIER, "\"kind\":\"address\"");
    assert_says(FLOW, CARRIER, "\"entry\":\"" GATEWAY "\"");
    assert_says("\"event\":\"packets\"", CARRIER, "\"app\":\"vxlan\"");
    assert_int_equal(kit_find(&kit, FLOW, "10.1.0.1", line, sizeof(line)), 1);
    assert_null(strstr(line, "match"));
}

static void a_gateway_that_was_asked_for_by_name_has_it(void **state)
{
    (void)state;
    kit_list(&kit, "tunnel.example\n", false);
    wire_lookup(&kit.wire, ANN, "tunnel.example", GATEWAY);
    send_vxlan(1);
    kit_run(&kit);
    assert_says(FLOW, CARRIER, "\"site\":\"tunnel.example\",\"basis\":\"dns\"");
    assert_says(FLOW, CARRIER, "\"entry\":\"tunnel.example\"");
}

/* What is inside is spread over the workers; the outer connection has one, and one record. */
static void many_workers_make_one_record_of_a_tunnel(void **state)
{
    (void)state;
    kit.config->capture.workers = 4;
    for (unsigned host = 1; host < 101; host++)
        send_vxlan((uint8_t)host);
    kit_run(&kit);
    assert_says(FLOW, CARRIER, "\"up\":{\"bytes\":5400,\"packets\":100}");
    assert_int_equal(kit_find(&kit, FLOW, "\"ip\":\"10.1.0.", NULL, 0), 100);
}

static void what_no_list_forbids_may_be_left_out(void **state)
{
    (void)state;
    kit.config->record.carriers = false;
    send_vxlan(1);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, FLOW, "", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, CARRIER, "", NULL, 0), 0);
}

static void a_tunnel_in_fragments_is_put_together_first(void **state)
{
    uint8_t datagram[8 + VXLAN_LEN];

    (void)state;
    (void)vxlan(datagram + 8, 1);
    wire_be16(datagram, ann.port);
    wire_be16(datagram + 2, VXLAN);
    wire_be16(datagram + 4, sizeof(datagram));
    wire_be16(datagram + 6, 0);
    wire_ip(&kit.wire, &ann, &gateway, 17, 0x2000, (struct nta_span){datagram, 32}, none);
    wire_ip(&kit.wire, &ann, &gateway, 17, 32 / 8, none,
            (struct nta_span){datagram + 32, sizeof(datagram) - 32});
    kit_run(&kit);
    assert_says(FLOW, CARRIER, "\"up\":{\"bytes\":54,\"packets\":1}");
    assert_says(FLOW, "10.1.0.1", "\"up\":{\"bytes\":4,\"packets\":1}");
}

/* What else the two say on these ports was looked at as anything is, and goes on to be. */
static void datagrams_beside_a_tunnel_are_a_record_of_their_own(void **state)
{
    (void)state;
    wire_udp(&kit.wire, &ann, &gateway, nta_span_of("hello, are you a tunnel?"));
    send_vxlan(1);
    wire_udp(&kit.wire, &ann, &gateway, nta_span_of("you are"));
    kit_run(&kit);
    assert_says(FLOW, CARRIER, "\"up\":{\"bytes\":54,\"packets\":1}");
    assert_says(FLOW, "\"up\":{\"bytes\":31,\"packets\":2}", GATEWAY);
    assert_null(strstr(line, "carrier"));
}

/** A question of ann's from this port for hidden.example, and its answer. */
static void send_lookup(uint16_t port)
{
    static const char name[] = "\6hidden\7example\0\0\1\0\1",
                      rest[] = "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xcb\0\x71\x4d";
    const struct wire_end asker = {ANN, port}, server = {DNS, 53};
    uint8_t message[128] = {0x12, 0x34, 1, 0, 0, 1};
    size_t len = 12;

    memcpy(message + len, name, sizeof(name) - 1);
    len += sizeof(name) - 1;
    wire_udp(&kit.wire, &asker, &server, (struct nta_span){message, len});
    memcpy(message + 2, "\x81\x80\0\1\0\1", 6);
    memcpy(message + len, rest, sizeof(rest) - 1);
    wire_udp(&kit.wire, &server, &asker, (struct nta_span){message, len + sizeof(rest) - 1});
}

/** Shaped like a tunnel: an IPv4 header of UDP; VXLAN; Teredo's IPv6. */
static void send_fake(unsigned kind, const struct wire_end *from, const struct wire_end *to)
{
    static const uint8_t bare[] = {0x45, 0,    0,    28,   0, 0, 0x40, 0, 64,  17,
                                   0xf4, 0xc5, 10,   1,    0, 1, 203,  0, 113, 9,
                                   0x9c, 0x40, 0x30, 0x39, 0, 8, 0,    0};
    static const uint8_t teredo[40] = {0x60, 0, 0, 0, 0, 0,           59, 64,      0x20,
                                       1,    0, 0, 1, 2, [24] = 0x20, 1,  [39] = 9};
    uint8_t buf[VXLAN_LEN];

    switch (kind) {
    case 0: wire_udp(&kit.wire, from, to, (struct nta_span){bare, sizeof(bare)}); break;
    case 1: wire_udp(&kit.wire, from, to, vxlan(buf, 1)); break;
    default: wire_udp(&kit.wire, from, to, (struct nta_span){teredo, sizeof(teredo)}); break;
    }
}

/* One datagram shaped like a tunnel must not keep what follows it on its ports from being read. */
static void what_looks_like_a_tunnel_hides_nothing(void **state)
{
    static const uint16_t ports[] = {40123, VXLAN, 3544, 2152};
    const struct wire_end server = {DNS, 53};

    for (unsigned i = 0; i < 3 * NTA_N_ELEMENTS(ports); i++) {
        const struct wire_end asker = {ANN, ports[i / 3]};

        (void)teardown(state);
        (void)setup(state);
        kit_list(&kit, "hidden.example\n", false);
        send_fake(i % 3, &asker, &server);
        if (i % 2)
            send_fake(i % 3, &server, &asker);
        send_lookup(asker.port);
        kit_run(&kit);
        assert_int_equal(
            kit_find(&kit, "\"event\":\"lookup\"", "hidden.example", line, sizeof(line)), 1);
        assert_non_null(strstr(line, "203.0.113.77"));
        assert_non_null(strstr(line, "\"entry\":\"hidden.example\""));
        assert_int_equal(kit_find(&kit, FLOW, "\"app\":\"dns\"", NULL, 0), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_connections_are_recorded, setup, teardown),
        cmocka_unit_test_setup_teardown(who_tunnels_to_a_forbidden_address_is_reported, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_gateway_that_was_asked_for_by_name_has_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_workers_make_one_record_of_a_tunnel, setup, teardown),
        cmocka_unit_test_setup_teardown(what_no_list_forbids_may_be_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tunnel_in_fragments_is_put_together_first, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(datagrams_beside_a_tunnel_are_a_record_of_their_own, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_looks_like_a_tunnel_hides_nothing, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
