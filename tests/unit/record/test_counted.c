/* SPDX-License-Identifier: Apache-2.0 */
/* Of each byte one record counts it; a lookup is no visit. */
#include "record/counted.h"
#include "unit.h"

static struct nta_record record_of(enum nta_record_event event, enum nta_app app, uint64_t down)
{
    return (struct nta_record){.event = event, .app = app, .down = {.bytes = down}};
}

/** What a flow and its request give together. */
static struct nta_counted both(enum nta_app app, enum nta_counting counting)
{
    const struct nta_record flow = record_of(NTA_RECORD_FLOW, app, 1000),
                            request = record_of(NTA_RECORD_REQUEST, app, 900);
    const struct nta_counted a = nta_record_counted(&flow, counting),
                             b = nta_record_counted(&request, counting);

    return (struct nta_counted){.n = a.n + b.n, .up = a.up + b.up, .down = a.down + b.down};
}

static void no_byte_counts_twice(void **state)
{
    (void)state;
    for (unsigned app = 0; app < NTA_APPS_SIZE; app++) {
        if (!nta_app_has((enum nta_app)app, NTA_TRAIT_REQUESTS))
            continue;
        bool by_site = nta_app_has((enum nta_app)app, NTA_TRAIT_PER_REQUEST);

        assert_int_equal(both((enum nta_app)app, NTA_COUNTING_TRAFFIC).down, 1000);
        assert_int_equal(both((enum nta_app)app, NTA_COUNTING_SITES).down, by_site ? 900 : 1000);
        assert_int_equal(both((enum nta_app)app, NTA_COUNTING_FILES).down, 900);
    }
}

static void of_http_the_requests_are_counted(void **state)
{
    (void)state;
    assert_int_equal(both(NTA_APP_HTTP, NTA_COUNTING_TRAFFIC).n, 1);
    assert_int_equal(both(NTA_APP_HTTP, NTA_COUNTING_SITES).n, 1);
    assert_int_equal(both(NTA_APP_SMB, NTA_COUNTING_TRAFFIC).n, 2);
}

static void a_download_that_no_request_tells_counts(void **state)
{
    struct nta_record flow = record_of(NTA_RECORD_FLOW, NTA_APP_SMB, 20000);

    (void)state;
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).down, 0);
    flow.download = true;
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).down, 20000);
    flow = record_of(NTA_RECORD_FLOW, NTA_APP_TLS, 20000);
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).down, 20000);
}

static void a_question_is_a_lookup_and_a_visit_to_a_resolver_is_none(void **state)
{
    struct nta_record record = record_of(NTA_RECORD_LOOKUP, NTA_APP_DNS, 0);

    (void)state;
    assert_true(nta_record_is_lookup(&record));
    record.event = NTA_RECORD_ALERT;
    assert_false(nta_record_is_lookup(&record));
    record.query_type = 28;
    assert_true(nta_record_is_lookup(&record));
    record.app = NTA_APP_LLMNR;
    assert_true(nta_record_is_lookup(&record));
    record.app = NTA_APP_TLS;
    assert_false(nta_record_is_lookup(&record));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_byte_counts_twice),
        cmocka_unit_test(of_http_the_requests_are_counted),
        cmocka_unit_test(a_download_that_no_request_tells_counts),
        cmocka_unit_test(a_question_is_a_lookup_and_a_visit_to_a_resolver_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
