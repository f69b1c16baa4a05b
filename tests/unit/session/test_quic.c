/* SPDX-License-Identifier: Apache-2.0 */
/* Several connections of QUIC on one pair of ports, and one on several. */
#include "pipeline/kit.h"
#include "proto/seal.h"

#define ANN  "10.0.0.5"
#define SITE "198.51.100.7"
#define FLOW "\"event\":\"flow\""

enum
{
    LINE_SIZE = 4096,
    FULL = 1250
};

static struct kit kit;
static char line[LINE_SIZE];
static const struct wire_end user = {ANN, 40000}, server = {SITE, 443};

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    kit_list(&kit, "bad.example\n", false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void assert_says(const char *one, const char *two, const char *expected)
{
    kit_says(&kit, one, two, expected, line, sizeof(line));
}

static void send(const struct wire_end *from, const struct wire_end *to, const struct maker *bytes)
{
    wire_udp(&kit.wire, from, to, (struct nta_span){bytes->bytes, bytes->len});
}

/* The client's Initial with a hello for `name`: bytes `begin` to `end` of it. */
static void hello_part(const struct wire_end *from, const char *name, const char *to_id,
                       const char *from_id, size_t begin, size_t end)
{
    static struct maker message, frames, datagram;

    message.len = frames.len = datagram.len = 0;
    make_client_hello(&message, name, 0);
    seal_crypto(&frames, message.bytes, begin, end < message.len ? end : message.len);
    const struct seal seal = {.version = 1,
                              .cid = to_id,
                              .source = from_id,
                              .frames = frames.bytes,
                              .frames_len = frames.len,
                              .payload_len = FULL};

    seal_initial(&datagram, &seal);
    send(from, &server, &datagram);
}

static void hello(const char *name, const char *to_id, const char *from_id)
{
    hello_part(&user, name, to_id, from_id, 0, SIZE_MAX);
}

/* The server's Initial in the connection begun with `begun_id`; NULL ids are empty ones. */
static void answer(const char *begun_id, const char *to_id, const char *from_id)
{
    static const uint8_t ping[] = {1};
    static struct maker datagram;

    datagram.len = 0;
    const struct seal seal = {.version = 1,
                              .cid = to_id,
                              .key_cid = begun_id,
                              .source = from_id,
                              .server = true,
                              .frames = ping,
                              .frames_len = sizeof(ping),
                              .payload_len = FULL};

    seal_initial(&datagram, &seal);
    send(&server, &user, &datagram);
}

/* 1-RTT, 100 bytes in all. */
static void data(const struct wire_end *from, const struct wire_end *to, const char *to_id)
{
    static struct maker datagram;

    datagram.len = 0;
    make_number(&datagram, 0x43, 1);
    make(&datagram, to_id, 8);
    make_fill(&datagram, 7, 91);
    send(from, to, &datagram);
}

static void connections_one_after_another_are_told_apart(void **state)
{
    (void)state;
    hello("one.example", "first-id", "client-1");
    answer("first-id", "client-1", "server-1");
    data(&server, &user, "client-1");
    kit.wire.second += 30;
    hello("two.bad.example", "other-id", "client-2");
    answer("other-id", "client-2", "server-2");
    for (int i = 0; i < 3; i++)
        data(&server, &user, "client-2");
    data(&user, &server, "server-2");
    kit_run(&kit);
    assert_says(FLOW, "one.example", "\"packets\":2}");
    /* it was answered, whoever wrote the user's name on the packet */
    assert_says(FLOW, "\"site\":\"one.example\"", "\"seen\":\"answered\"");
    assert_says(FLOW, "two.bad.example", "\"packets\":4}");
    /* what was claimed is told again when it is answered */
    assert_says("\"event\":\"alert\"", "\"seen\":\"claimed\"", "\"doubts\":[\"forged\"]");
    assert_says("\"event\":\"alert\"", "\"seen\":\"answered\"", "\"doubts\":[]");
}

static void connections_at_once_are_told_apart(void **state)
{
    (void)state;
    hello("one.example", "first-id", "client-1");
    hello("two.bad.example", "other-id", "client-2");
    answer("other-id", "client-2", "server-2");
    answer("first-id", "client-1", "server-1");
    for (int i = 0; i < 5; i++) {
        data(&server, &user, "client-1");
        data(&user, &server, i % 2 ? "server-1" : "server-2");
        if (i == 0)
            data(&server, &user, "client-2");
    }
    kit_run(&kit);
    assert_says(FLOW, "one.example", "\"down\":{\"bytes\":1796,\"packets\":6}");
    assert_says(FLOW, "one.example", "\"packets\":3},\"down\"");
    assert_says(FLOW, "two.bad.example", "\"down\":{\"bytes\":1396,\"packets\":2}");
    assert_says(FLOW, "two.bad.example", "\"packets\":4},\"down\"");
}

static void a_hello_in_several_datagrams_is_one_connection(void **state)
{
    (void)state;
    hello("one.example", "first-id", "client-1");
    hello_part(&user, "two.bad.example", "other-id", "client-2", 0, 60);
    hello_part(&user, "two.bad.example", "other-id", "client-2", 60, SIZE_MAX);
    answer("other-id", "client-2", "server-2");
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, FLOW, "", NULL, 0), 2);
    assert_says(FLOW, "two.bad.example", "\"packets\":2},\"down\"");
}

/* Ids that are empty or the same in both: the keys of the server's Initial tell. */
static void what_was_sent_to_mislead_stays_a_claim(void **state)
{
    (void)state;
    hello("innocent.example", "decoy-id", "client-1");
    hello("two.bad.example", "other-id", "client-1");
    answer("other-id", "client-1", "server-2");
    data(&server, &user, "client-1");
    data(&user, &server, "server-2");
    kit_run(&kit);
    assert_says(FLOW, "innocent.example", "\"seen\":\"claimed\"");
    assert_says(FLOW, "innocent.example", "\"down\":{\"bytes\":0,");
    assert_says(FLOW, "two.bad.example", "\"seen\":\"answered\"");
}

static void it_goes_on_from_other_ports(void **state)
{
    const struct wire_end moved = {ANN, 51111}, ben = {"10.0.0.6", 51112};

    (void)state;
    hello("two.bad.example", "first-id", "client-1");
    answer("first-id", "client-1", "server-1");
    data(&moved, &server, "server-1");
    data(&server, &moved, "client-1");
    data(&ben, &server, "server-1");
    data(&(struct wire_end){ANN, 51113}, &server, "server-9");
    kit_run(&kit);
    assert_says(FLOW, "51111", "\"app\":\"quic\"");
    assert_says(FLOW, "51111", "\"site\":\"two.bad.example\",\"basis\":\"sni\"");
    assert_says(FLOW, "51112", "\"basis\":\"address\"");
    assert_says(FLOW, "51113", "\"basis\":\"address\"");
}

static void of_many_connections_on_the_same_ports_the_oldest_end(void **state)
{
    char name[32], id[16];

    (void)state;
    for (int i = 0; i < 30; i++) {
        (void)snprintf(name, sizeof(name), "n%d.example", i);
        (void)snprintf(id, sizeof(id), "begin-%02u", (unsigned)i % 100U);
        hello(name, id, "client-1");
    }
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, FLOW, "", NULL, 0), 30);
    assert_says(FLOW, "n29.example", "\"packets\":1}");
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(connections_one_after_another_are_told_apart),
        IN_KIT(connections_at_once_are_told_apart),
        IN_KIT(a_hello_in_several_datagrams_is_one_connection),
        IN_KIT(what_was_sent_to_mislead_stays_a_claim),
        IN_KIT(it_goes_on_from_other_ports),
        IN_KIT(of_many_connections_on_the_same_ports_the_oldest_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
