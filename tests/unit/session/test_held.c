/* SPDX-License-Identifier: Apache-2.0 */
/* An alert that waits is told once, whatever becomes of its connection meanwhile. */
#include "pipeline/kit.h"
#include "session/wait/held.h"

#define ANN   "10.0.0.5"
#define SITE  "198.51.100.7"
#define ALERT "\"event\":\"alert\""

enum
{
    N_FLOWS = 1024, ///< The least that there may be.
    RST = 4,
    N_WAITING = 3 * NTA_HELD_MAX,
};

static struct kit kit;
static char line[4096];
static const struct nta_span none;

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

/** In the same second as what was before. */
static void now(struct wire_tcp *tcp, unsigned side, uint8_t flags, const char *text)
{
    kit.wire.second--;
    wire_segment(&kit.wire, tcp, side, flags, nta_span_of(text));
}

static struct wire_tcp opened(uint16_t port)
{
    struct wire_tcp tcp = {{ANN, port}, {SITE, 80}, {1000, 2000}};

    now(&tcp, 0, WIRE_SYN, "");
    now(&tcp, 1, WIRE_SYN | WIRE_ACK, "");
    now(&tcp, 0, WIRE_ACK, "");
    return tcp;
}

/** A request that nobody has acknowledged yet, so that its alert waits. */
static struct wire_tcp asked(uint16_t port)
{
    struct wire_tcp tcp = opened(port);
    char text[80];

    (void)snprintf(text, sizeof(text), "GET /%u HTTP/1.1\r\nHost: w.bad.example\r\n\r\n", port);
    now(&tcp, 0, WIRE_ACK, text);
    return tcp;
}

static int begin(void **state)
{
    const int r = setup(state);

    kit.wire.second++;
    return r;
}

static void assert_told(const char *grade)
{
    kit_says(&kit, ALERT, "w.bad.example", grade, line, sizeof(line));
    assert_int_equal(kit.counters[NTA_COUNTER_ALERTS], 1);
}

static void when_the_sensor_stops_it_is_told(void **state)
{
    (void)state;
    (void)asked(40000);
    kit_run(&kit);
    assert_told("\"grade\":\"strong\"");
}

static void when_its_time_is_over_it_is_told(void **state)
{
    (void)state;
    struct wire_tcp tcp = asked(40000);

    for (unsigned i = 0; i < 3; i++) /* nobody acknowledges the request */
        wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, none);
    kit_run(&kit);
    assert_told("\"grade\":\"strong\"");
}

static void when_its_bytes_are_taken_it_is_told(void **state)
{
    (void)state;
    struct wire_tcp tcp = asked(40000);

    now(&tcp, 1, WIRE_ACK, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    now(&tcp, 0, WIRE_ACK, "");
    kit_run(&kit);
    assert_told("\"grade\":\"strong\"");
}

static void when_others_push_its_connection_out_it_is_told(void **state)
{
    (void)state;
    kit.config->flow.flows = N_FLOWS;
    (void)asked(40000);
    for (uint16_t i = 0; i < 2 * N_FLOWS; i++) {
        struct wire_tcp tcp = opened((uint16_t)(41000 + i));

        now(&tcp, 0, WIRE_ACK, "GET / HTTP/1.1\r\nHost: fine.example\r\n\r\n");
    }
    kit_run(&kit);
    assert_true(kit.counters[NTA_COUNTER_FLOW_EVICTED] > 0);
    assert_told("\"grade\":\"strong\"");
}

static void when_its_connection_is_told_in_slices_it_is_told(void **state)
{
    (void)state;
    kit.config->flow.long_flow_ns = NTA_NS_PER_S;
    struct wire_tcp tcp = asked(40000);

    for (unsigned i = 0; i < 5; i++)
        wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, none);
    kit_run(&kit);
    assert_true(kit_find(&kit, "\"event\":\"flow\"", "w.bad.example", NULL, 0) > 1);
    assert_told("\"grade\":\"strong\"");
}

static void when_it_is_denied_it_is_told_as_a_claim(void **state)
{
    (void)state;
    struct wire_tcp tcp = asked(40000);

    tcp.seq[0] = 1001;
    now(&tcp, 0, RST, "");
    kit_run(&kit);
    assert_told("\"seen\":\"claimed\"");
}

/** At the bound the oldest is told, and the others wait on. */
static void when_more_wait_than_may_each_is_told(void **state)
{
    (void)state;
    kit.config->record.user_rate = 0;
    for (uint16_t i = 0; i < N_WAITING; i++)
        (void)asked((uint16_t)(40000 + i));
    for (uint16_t i = 0; i < N_WAITING; i = (uint16_t)(i + 2)) {
        struct wire_tcp tcp = {{ANN, (uint16_t)(40000 + i)}, {SITE, 80}, {1001, 2001}};

        now(&tcp, 0, RST, "");
    }
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, ALERT, "w.bad.example", NULL, 0), N_WAITING);
    for (uint16_t i = 0; i < N_WAITING; i++) {
        char port[32];
        /* those that were told before their denial came */
        const bool is_early = i < N_WAITING - NTA_HELD_MAX;

        (void)snprintf(port, sizeof(port), "w.bad.example/%u\"", 40000U + i);
        kit_says(&kit, ALERT, port, is_early || i % 2 ? "strong" : "claimed", line, sizeof(line));
    }
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, begin, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(when_the_sensor_stops_it_is_told),
        IN_KIT(when_its_time_is_over_it_is_told),
        IN_KIT(when_its_bytes_are_taken_it_is_told),
        IN_KIT(when_others_push_its_connection_out_it_is_told),
        IN_KIT(when_its_connection_is_told_in_slices_it_is_told),
        IN_KIT(when_it_is_denied_it_is_told_as_a_claim),
        IN_KIT(when_more_wait_than_may_each_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
