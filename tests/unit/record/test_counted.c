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
    const struct nta_record request = record_of(NTA_RECORD_REQUEST, app, 900);
    struct nta_record flow = record_of(NTA_RECORD_FLOW, app, 1000);

    flow.told = !nta_app_has(app, NTA_TRAIT_PER_REQUEST);
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

static void what_no_request_tells_counts(void **state)
{
    struct nta_record flow = record_of(NTA_RECORD_FLOW, NTA_APP_SMB, 500);

    (void)state;
    flow.up.bytes = 20000; /* encrypted, so that no file was seen */
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).up, 20000);
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).down, 500);
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).n, 1);
    flow.told = true;
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).up, 0);
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).n, 0);
    assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_TRAFFIC).n, 1);
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
    record.asked = true; /* whatever for: 0 is a type, too */
    assert_true(nta_record_is_lookup(&record));
    record.app = NTA_APP_LLMNR;
    assert_true(nta_record_is_lookup(&record));
    record.app = NTA_APP_TLS;
    assert_false(nta_record_is_lookup(&record));
}

static void what_is_nothing_but_requests_is_the_only_flow_that_is_no_thing(void **state)
{
    (void)state;
    for (unsigned app = 0; app < NTA_APPS_SIZE; app++) {
        const struct nta_record flow = record_of(NTA_RECORD_FLOW, (enum nta_app)app, 1000);
        const unsigned n = !nta_app_has((enum nta_app)app, NTA_TRAIT_PER_REQUEST);

        assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_TRAFFIC).n, n);
        assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_SITES).n, n);
        assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_FILES).n, n);
        assert_int_equal(nta_record_counted(&flow, NTA_COUNTING_ALL).n, 1);
    }
}

static void records_of_one_kind_count_whole(void **state)
{
    (void)state;
    assert_int_equal(both(NTA_APP_HTTP, NTA_COUNTING_ALL).n, 2);
    assert_int_equal(both(NTA_APP_HTTP, NTA_COUNTING_ALL).down, 1900);
}

static void an_entry_for_a_url_has_the_request_s_bytes(void **state)
{
    const struct nta_record request = record_of(NTA_RECORD_REQUEST, NTA_APP_SMB, 900);

    (void)state;
    assert_int_equal(nta_record_counted(&request, NTA_COUNTING_FILES).down, 900);
    assert_int_equal(nta_record_counted(&request, NTA_COUNTING_SITES).down, 0);
}

static void what_is_not_recorded_is_said(void **state)
{
    struct nta_counting_seen seen = {.flows = false};
    struct nta_record record = record_of(NTA_RECORD_REQUEST, NTA_APP_HTTP, 900);

    (void)state;
    nta_counting_see(&seen, &record);
    assert_non_null(strstr(nta_counting_lacks(&seen, NTA_COUNTING_TRAFFIC), "record.flows"));
    assert_non_null(strstr(nta_counting_lacks(&seen, NTA_COUNTING_SITES), "record.flows"));
    assert_null(nta_counting_lacks(&seen, NTA_COUNTING_FILES));
    assert_null(nta_counting_lacks(&seen, NTA_COUNTING_ALL));
    record = record_of(NTA_RECORD_FLOW, NTA_APP_TLS, 900);
    record.match.list = nta_span_of("lists"); /* recorded all the same */
    nta_counting_see(&seen, &record);
    assert_non_null(nta_counting_lacks(&seen, NTA_COUNTING_TRAFFIC));
    record.match.list = (struct nta_span){0};
    nta_counting_see(&seen, &record);
    assert_null(nta_counting_lacks(&seen, NTA_COUNTING_TRAFFIC));
    seen = (struct nta_counting_seen){.flows = false};
    nta_counting_see(&seen, &record);
    assert_null(nta_counting_lacks(&seen, NTA_COUNTING_SITES)); /* there were none */
    record.app = NTA_APP_HTTP;
    nta_counting_see(&seen, &record);
    assert_non_null(strstr(nta_counting_lacks(&seen, NTA_COUNTING_SITES), "record.requests"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_nothing_but_requests_is_the_only_flow_that_is_no_thing),
        cmocka_unit_test(records_of_one_kind_count_whole),
        cmocka_unit_test(an_entry_for_a_url_has_the_request_s_bytes),
        cmocka_unit_test(what_is_not_recorded_is_said),
        cmocka_unit_test(no_byte_counts_twice),
        cmocka_unit_test(of_http_the_requests_are_counted),
        cmocka_unit_test(what_no_request_tells_counts),
        cmocka_unit_test(a_question_is_a_lookup_and_a_visit_to_a_resolver_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
