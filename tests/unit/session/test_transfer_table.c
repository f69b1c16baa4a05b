/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "session/state/transfer_table.h"
#include "unit.h"

#define START_NS (INT64_C(1600000000) * NTA_NS_PER_S)

static struct nta_transfers transfers;

static int begin(void **state)
{
    (void)state;
    return nta_transfers_init(&transfers, &(struct nta_hash_key){.k0 = 1, .k1 = 2});
}

static int end(void **state)
{
    (void)state;
    nta_transfers_done(&transfers);
    return 0;
}

static struct nta_addr addr_of(const char *text)
{
    struct nta_addr addr;

    assert_true(nta_addr_parse(text, strlen(text), &addr) == 0);
    return addr;
}

/** A slot that waits for a connection from 192.0.2.1 to a port of 192.0.2.2. */
static struct nta_transfer_slot *wait_for(uint16_t port)
{
    struct nta_transfer_slot *slot = nta_transfer_take(&transfers);

    assert_non_null(slot);
    slot->listener = addr_of("192.0.2.2");
    slot->other = addr_of("192.0.2.1");
    slot->port = port;
    slot->ip_proto = 6;
    slot->begin_wall_ns = START_NS;
    nta_transfer_wait(&transfers, slot);
    return slot;
}

/** The connection that it waits for. */
static struct nta_flow flow_to(uint16_t port)
{
    return (struct nta_flow){.client = addr_of("192.0.2.1"),
                             .server = addr_of("192.0.2.2"),
                             .client_port = 50000,
                             .server_port = port,
                             .ip_proto = 6,
                             .last_wall_ns = START_NS + NTA_NS_PER_S};
}

static const struct nta_transfer_slot *find(struct nta_flow flow)
{
    bool as_server;

    return nta_transfer_find(&transfers, &flow, &as_server);
}

static void all_slots_can_be_taken_and_each_has_its_number(void **state)
{
    (void)state;
    for (uint16_t i = 1; i <= NTA_TRANSFERS_MAX; i++) {
        struct nta_transfer_slot *slot = nta_transfer_take(&transfers);

        assert_non_null(slot);
        assert_true(slot->used);
        assert_int_equal(nta_transfer_number(&transfers, slot), i);
        slot->status = i;
    }
    assert_null(nta_transfer_take(&transfers));
    nta_transfer_release(&transfers, &transfers.slots[6]);
    nta_transfer_release(&transfers, &transfers.slots[2]);
    assert_false(transfers.slots[2].used);
    assert_ptr_equal(nta_transfer_take(&transfers), &transfers.slots[2]);
    assert_ptr_equal(nta_transfer_take(&transfers), &transfers.slots[6]);
    assert_int_equal(transfers.slots[6].status, 0); /* zeroed */
    assert_null(nta_transfer_take(&transfers));
}

static void each_goes_once_a_round_when_all_are_used(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < NTA_TRANSFERS_MAX; i++)
            assert_ptr_equal(nta_transfer_oldest(&transfers), &transfers.slots[i]);
}

static void a_connection_is_found_whoever_is_taken_for_its_server(void **state)
{
    const struct nta_transfer_slot *slot = wait_for(40021);
    const struct nta_flow flow = flow_to(40021);
    const struct nta_flow turned = {.client = flow.server,
                                    .server = flow.client,
                                    .client_port = flow.server_port,
                                    .server_port = flow.client_port,
                                    .ip_proto = flow.ip_proto,
                                    .last_wall_ns = flow.last_wall_ns};
    bool as_server = false;

    (void)state;
    assert_ptr_equal(nta_transfer_find(&transfers, &flow, &as_server), slot);
    assert_true(as_server);
    assert_ptr_equal(nta_transfer_find(&transfers, &turned, &as_server), slot);
    assert_false(as_server);
}

static void another_connection_is_not_what_it_waits_for(void **state)
{
    const struct nta_flow right = flow_to(40021);
    struct nta_flow flow;

    (void)state;
    assert_null(find(right));
    (void)wait_for(40021);
    assert_non_null(find(right));
    assert_null(find(flow_to(40021 + 256))); /* counted with it */
    flow = right;
    flow.client = addr_of("192.0.2.3");
    assert_null(find(flow));
    flow = right;
    flow.server = addr_of("192.0.2.3");
    assert_null(find(flow));
    flow = right;
    flow.ip_proto = 17;
    assert_null(find(flow));
}

static void who_has_waited_too_long_waits_no_more(void **state)
{
    const struct nta_transfer_slot *slot = wait_for(40021);
    struct nta_flow flow = flow_to(40021);

    (void)state;
    flow.last_wall_ns = START_NS + NTA_TRANSFER_WAIT_NS;
    assert_ptr_equal(find(flow), slot);
    flow.last_wall_ns++;
    assert_null(find(flow));
    assert_false(slot->waiting);
    assert_true(slot->used); /* it is told by whoever asked for it */
    flow.last_wall_ns = START_NS;
    assert_null(find(flow));
}

static void of_two_with_the_same_ends_the_later_one_is_found_first(void **state)
{
    struct nta_transfer_slot *first = wait_for(40021), *second = wait_for(40021);

    (void)state;
    assert_ptr_equal(find(flow_to(40021)), second);
    nta_transfer_stop_waiting(&transfers, second);
    nta_transfer_stop_waiting(&transfers, second); /* nothing is counted twice */
    assert_ptr_equal(find(flow_to(40021)), first);
    nta_transfer_release(&transfers, first);
    assert_null(find(flow_to(40021)));
    assert_int_equal(transfers.by_port[40021 & 0xff], 0);
}

static void among_many_that_wait_each_is_found_until_it_is_released(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < NTA_TRANSFERS_MAX; i++)
        (void)wait_for((uint16_t)(20000 + i));
    for (uint16_t step = 0; step < NTA_TRANSFERS_MAX; step++) {
        uint16_t gone = (uint16_t)(step * 389U % NTA_TRANSFERS_MAX); /* each once */

        for (size_t i = 0; i < NTA_TRANSFERS_MAX; i += 31)
            if (transfers.slots[i].used)
                assert_ptr_equal(find(flow_to((uint16_t)(20000 + i))), &transfers.slots[i]);
        nta_transfer_release(&transfers, &transfers.slots[gone]);
        assert_null(find(flow_to((uint16_t)(20000 + gone))));
    }
    for (size_t i = 0; i < NTA_TRANSFERS_MAX; i++)
        assert_int_equal(transfers.by_hash[i], 0);
    for (size_t i = 0; i < 256; i++)
        assert_int_equal(transfers.by_port[i], 0);
}

static void flows_of_a_released_slot_know_nothing_of_it(void **state)
{
    struct nta_transfer_slot *slot = wait_for(40021), *other = wait_for(40022);
    struct nta_conn asked = {.transfer = nta_transfer_number(&transfers, slot)}, moves = asked;
    struct nta_conn later = {.transfer = nta_transfer_number(&transfers, other)};
    struct nta_flow control = {.conn = &asked}, content = {.conn = &moves};
    struct nta_flow busy = {.conn = &later};

    (void)state;
    slot->control = &control;
    slot->content = &content;
    other->control = &busy;
    assert_ptr_equal(nta_transfer_slot_of(&transfers, &control), slot);
    assert_null(nta_transfers_of_content(&transfers, &control));
    assert_ptr_equal(nta_transfers_of_content(&transfers, &content), slot);
    nta_transfer_forget(&transfers, &busy, slot); /* it asked for another one since */
    assert_ptr_equal(nta_transfer_slot_of(&transfers, &busy), other);
    nta_transfer_release(&transfers, slot);
    assert_null(nta_transfer_slot_of(&transfers, &control));
    assert_null(nta_transfer_slot_of(&transfers, &content));
    assert_null(nta_transfers_of_content(&transfers, &content));
    other->content = &(struct nta_flow){.conn = NULL}; /* it knew nothing yet */
    nta_transfer_release(&transfers, other);
    assert_null(nta_transfer_slot_of(&transfers, &busy));
}

static void an_event_says_what_the_slot_has(void **state)
{
    struct nta_transfer_slot slot = {.method = "RETR",
                                     .path = "/pub/tool.exe",
                                     .path_len = 13,
                                     .to_server = true,
                                     .complete = true,
                                     .status = 226,
                                     .bytes_up = 3,
                                     .bytes_down = 700,
                                     .begin_wall_ns = START_NS};
    struct nta_transfer said = nta_transfer_of_slot(&slot);

    (void)state;
    assert_true(nta_span_is(said.method, "RETR"));
    assert_true(nta_span_is(said.path, "/pub/tool.exe"));
    assert_true(said.to_server);
    assert_true(said.complete);
    assert_int_equal(said.status, 226);
    assert_int_equal(said.bytes_up, 3);
    assert_int_equal(said.bytes_down, 700);
    assert_int_equal(said.begin_wall_ns, START_NS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(all_slots_can_be_taken_and_each_has_its_number),
        TEST(each_goes_once_a_round_when_all_are_used),
        TEST(a_connection_is_found_whoever_is_taken_for_its_server),
        TEST(another_connection_is_not_what_it_waits_for),
        TEST(who_has_waited_too_long_waits_no_more),
        TEST(of_two_with_the_same_ends_the_later_one_is_found_first),
        TEST(among_many_that_wait_each_is_found_until_it_is_released),
        TEST(flows_of_a_released_slot_know_nothing_of_it),
        TEST(an_event_says_what_the_slot_has),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
