/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watch and what is made of its cases, without anything around them: flows of datagrams, an owner
 * who only counts.
 */
#include "base/own.h"
#include "base/text.h"
#include "capture/pcapng_write.h"
#include "decode/decode.h"
#include "packets/section.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

enum
{
    FRAME = 14 + 20 + 8,
    SECRET_LEN = 6,
};

#define BEGIN_NS  (INT64_C(1770000000) * 1000000000)
#define WINDOW_NS (INT64_C(60) * 1000000000)

static struct
{
    struct nta_counters counters;
    struct nta_unknowns unknowns;
    struct nta_flows *flows;
    struct nta_watch *watch;
    struct nta_section *section;
    struct nta_section_options options;
    struct nta_section_made made;
    unsigned n_closed;
    int result;
    int64_t wall_ns;
} bench;

static struct nta_taken on_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    (void)owner, (void)flow, (void)dir, (void)wall_ns;
    return (struct nta_taken){.consumed = bytes.len};
}

static bool on_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    (void)owner, (void)flow, (void)dir, (void)len;
    return true;
}

static void on_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir, struct nta_span bytes,
                        int64_t wall_ns)
{
    (void)owner, (void)flow, (void)dir, (void)bytes, (void)wall_ns;
}

static void on_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    (void)owner, (void)why;
    nta_watch_ended(bench.watch, flow);
}

static void on_other(void *owner, struct nta_flow *flow)
{
    (void)owner, (void)flow;
}

static const struct nta_flow_ops ops = {
    .data = on_data,
    .gap = on_gap,
    .datagram = on_datagram,
    .ended = on_ended,
    .active_timeout = on_other,
    .turned = on_other,
};

static void on_closed(void *owner, const struct nta_case *c)
{
    (void)owner;
    bench.n_closed++;
    bench.result =
        nta_section_make(bench.section, &bench.watch->log, c, &bench.options, &bench.made);
}

static int setup(void **state)
{
    const struct nta_flow_options flow = {.n_flows = 256, .stream_all_bytes = 65536};
    const struct nta_watch_options watch = {
        .bytes = 65536, .window_ns = WINDOW_NS, .closed = on_closed};
    struct nta_err err = {0};

    (void)state;
    memset(&bench, 0, sizeof(bench));
    bench.wall_ns = BEGIN_NS;
    bench.options.about = nta_span_of("why");
    assert_int_equal(nta_flows_new(&flow, &ops, NULL, &bench.counters, &bench.flows, &err), 0);
    assert_int_equal(nta_watch_new(&watch, &bench.watch, &err), 0);
    return nta_section_new(&bench.section, &err);
}

static int teardown(void **state)
{
    (void)state;
    nta_flows_free(&bench.flows);
    nta_watch_free(&bench.watch);
    nta_section_free(&bench.section);
    return 0;
}

/**
 * A datagram with six bytes, a second after the last one, from the client's port; gives its flow.
 */
static struct nta_flow *datagram(uint8_t port)
{
    static uint8_t frame[FRAME + SECRET_LEN];
    static const uint8_t front[] = {2,    0, 0,   0,  0,   1, 2,  0, 0,  0,   0, 2,  8,  0,
                                    0x45, 0, 0,   34, 0,   0, 0,  0, 9,  17,  0, 0,  10, 0,
                                    0,    5, 198, 51, 100, 7, 40, 0, 19, 136, 0, 14, 0,  0};
    const struct nta_decode decode = {.counters = &bench.counters, .unknowns = &bench.unknowns};
    struct nta_packet packet = {.wall_ns = bench.wall_ns,
                                .order_ns = bench.wall_ns,
                                .cap_len = sizeof(frame),
                                .wire_len = sizeof(frame)};

    memcpy(frame, front, sizeof(front));
    frame[35] = port;
    memcpy(frame + FRAME, "secret", SECRET_LEN);
    bench.wall_ns += INT64_C(1000000000);
    nta_decode_packet(&decode, 1, frame, &packet);
    nta_flows_pass(bench.flows, &packet);
    struct nta_flow *flow = nta_flows_packet(bench.flows, &packet, frame);

    assert_non_null(flow);
    if (nta_watch_wants(bench.watch, flow))
        nta_watch_take(bench.watch, flow, &packet, frame, false);
    return flow;
}

static bool holds(struct nta_span bytes, const char *text)
{
    return memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

static void a_section_holds_what_came_before_and_after_its_alert(void **state)
{
    struct nta_pcapng_counts counts;
    struct nta_flow *flow = datagram(1);

    (void)state;
    (void)datagram(2);
    (void)datagram(1);
    const struct nta_case *c = nta_watch_alert(bench.watch, flow, bench.wall_ns, 7, 1);

    assert_non_null(c);
    assert_true(nta_watch_number(bench.watch, c) < NTA_WATCH_CASES);
    (void)datagram(1);
    assert_int_equal(bench.n_closed, 0);
    nta_watch_ended(bench.watch, flow);
    assert_int_equal(bench.n_closed, 1);
    assert_int_equal(bench.result, 0);
    assert_true(nta_pcapng_annotate(bench.made.bytes, NULL, 0, NULL, &counts));
    assert_int_equal(counts.n_packets, 3);
    assert_int_equal(bench.made.first_wall_ns, BEGIN_NS);
    assert_int_equal(bench.made.last_wall_ns, BEGIN_NS + 3 * INT64_C(1000000000));
    assert_true(holds(bench.made.bytes, "why; 18 bytes masked (each an x"));
    assert_false(holds(bench.made.bytes, "secret"));
}

/** nta_section_options.form_of: the first `owner` of them have one. */
static enum nta_redact_plain form_of(void *owner, bool from_client, struct nta_span bytes)
{
    int *n_left = owner;

    assert_true(from_client);
    assert_int_equal(bytes.len, SECRET_LEN);
    return (*n_left)-- > 0 ? NTA_REDACT_PLAIN_WIREGUARD : NTA_REDACT_NOT_PLAIN;
}

static void datagrams_behind_a_harmless_one_are_held_by_themselves(void **state)
{
    struct nta_flow *flow = datagram(1);
    int n_plain = 1;

    (void)state;
    bench.options.holds = NTA_SECTION_PLAIN;
    bench.options.form_of = form_of;
    bench.options.owner = &n_plain;
    assert_non_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, 7, 1));
    (void)datagram(1);
    (void)datagram(1);
    nta_watch_ended(bench.watch, flow);
    assert_true(holds(bench.made.bytes, "why; 12 bytes masked"));
    assert_true(holds(bench.made.bytes, "secret"));
}

static void what_holds_no_credentials_is_shown(void **state)
{
    struct nta_flow *flow = datagram(1);
    int n_plain = 1;

    (void)state;
    bench.options.holds = NTA_SECTION_PLAIN;
    bench.options.form_of = form_of;
    bench.options.owner = &n_plain;
    assert_non_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, 7, 1));
    nta_watch_ended(bench.watch, flow);
    assert_true(holds(bench.made.bytes, "why; 0 bytes masked"));
    assert_true(holds(bench.made.bytes, "secret"));
}

static void the_same_is_proved_once_in_a_window(void **state)
{
    struct nta_flow *flow = datagram(1);

    (void)state;
    assert_non_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, 7, 1));
    assert_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, 9, 1)); /* it has its case */
    flow = datagram(2);
    assert_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, 7, 1));
    assert_non_null(nta_watch_alert(bench.watch, flow, bench.wall_ns + WINDOW_NS, 7, 1));
}

static void what_proves_more_is_kept_all_the_same(void **state)
{
    (void)state;
    assert_non_null(nta_watch_alert(bench.watch, datagram(1), bench.wall_ns, 7, 0));
    assert_non_null(nta_watch_alert(bench.watch, datagram(2), bench.wall_ns, 7, 2));
    assert_null(nta_watch_alert(bench.watch, datagram(3), bench.wall_ns, 7, 1));
    assert_null(nta_watch_alert(bench.watch, datagram(4), bench.wall_ns, 7, 2));
    assert_non_null(nta_watch_alert(bench.watch, datagram(5), bench.wall_ns, 7, 3));
}

static void when_all_cases_are_taken_the_oldest_is_closed(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= NTA_WATCH_CASES; i++) {
        assert_int_equal(bench.n_closed, 0);
        struct nta_flow *flow = datagram((uint8_t)i);

        assert_non_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, (uint64_t)i * 16, 1));
    }
    assert_int_equal(bench.n_closed, 1);
    assert_int_equal(bench.made.first_wall_ns, BEGIN_NS);
    assert_int_equal(bench.watch->n_cases, NTA_WATCH_CASES);
}

static void a_case_is_closed_when_its_time_is_over(void **state)
{
    struct nta_flow *flow = datagram(1);

    (void)state;
    assert_non_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, 7, 1));
    nta_watch_tick(bench.watch, bench.wall_ns + INT64_C(29) * 1000000000);
    assert_int_equal(bench.n_closed, 0);
    nta_watch_tick(bench.watch, bench.wall_ns + INT64_C(30) * 1000000000);
    assert_int_equal(bench.n_closed, 1);
}

static void of_what_the_log_has_lost_there_is_no_section(void **state)
{
    struct nta_flow *flow = datagram(1);

    (void)state;
    *nta_flow_mark(flow) = 0; /* as if it went round */
    assert_non_null(nta_watch_alert(bench.watch, flow, bench.wall_ns, 7, 1));
    nta_watch_ended(bench.watch, flow);
    assert_int_equal(bench.n_closed, 1);
    assert_int_equal(bench.result, -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_section_holds_what_came_before_and_after_its_alert, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(datagrams_behind_a_harmless_one_are_held_by_themselves,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_holds_no_credentials_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_is_proved_once_in_a_window, setup, teardown),
        cmocka_unit_test_setup_teardown(what_proves_more_is_kept_all_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(when_all_cases_are_taken_the_oldest_is_closed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_case_is_closed_when_its_time_is_over, setup, teardown),
        cmocka_unit_test_setup_teardown(of_what_the_log_has_lost_there_is_no_section, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
