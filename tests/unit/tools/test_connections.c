/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/connections.h"
#include "unit.h"

static struct nta_connections *connections;

static int setup(void **state)
{
    (void)state;
    connections = nta_connections_new();
    return connections ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    nta_connections_free(&connections);
    return 0;
}

static struct nta_record forbidden(enum nta_record_event event, uint64_t about, uint64_t down)
{
    return (struct nta_record){
        .event = event,
        .app = NTA_APP_HTTP,
        .about = about,
        .down = {.bytes = down},
        .match = {.list = nta_span_of("malware")},
    };
}

/** What is left of it, as `nta stats` asks. */
static struct nta_counted left_of(const struct nta_record *record)
{
    const struct nta_counted counted = nta_record_counted(record, NTA_COUNTING_FILES);
    const struct nta_counted left = nta_connections_left(connections, record, &counted);

    nta_connections_note(connections, record, &counted);
    return left;
}

static void a_connection_without_a_forbidden_request_counts_whole(void **state)
{
    const struct nta_record flow = forbidden(NTA_RECORD_FLOW, 7, 1000);
    struct nta_record request = forbidden(NTA_RECORD_REQUEST, 7, 900);

    (void)state;
    request.match.list = (struct nta_span){0}; /* no list forbids it */
    (void)left_of(&request);
    assert_int_equal(left_of(&flow).down, 1000);
    assert_int_equal(left_of(&flow).n, 1);
}

static void one_with_requests_counts_by_them(void **state)
{
    const struct nta_record flow = forbidden(NTA_RECORD_FLOW, 7, 1000);
    const struct nta_record request = forbidden(NTA_RECORD_REQUEST, 7, 900);

    (void)state;
    assert_int_equal(left_of(&request).down, 0);
    assert_int_equal(left_of(&flow).down, 0);
    assert_int_equal(left_of(&flow).n, 0);
}

static void one_with_holes_counts_what_is_more(void **state)
{
    struct nta_record flow = forbidden(NTA_RECORD_FLOW, 7, 1000);
    const struct nta_record request = forbidden(NTA_RECORD_REQUEST, 7, 200);

    (void)state;
    (void)left_of(&request);
    (void)left_of(&request);
    flow.gaps = true;
    assert_int_equal(left_of(&flow).down, 600);
    flow.down.bytes = 100; /* a slice of it */
    assert_int_equal(left_of(&flow).down, 0);
}

static void what_counts_itself_has_nothing_left(void **state)
{
    struct nta_record flow = forbidden(NTA_RECORD_FLOW, 7, 1000);

    (void)state;
    flow.app = NTA_APP_TLS;
    assert_int_equal(left_of(&flow).down, 0);
    flow = forbidden(NTA_RECORD_FLOW, 0, 1000);
    flow.match.list = (struct nta_span){0};
    assert_int_equal(left_of(&flow).down, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_connection_without_a_forbidden_request_counts_whole),
        TEST(one_with_requests_counts_by_them),
        TEST(one_with_holes_counts_what_is_more),
        TEST(what_counts_itself_has_nothing_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
