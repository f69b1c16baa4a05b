/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

static struct nta_record of_login(int64_t after_ns, const char *login, uint64_t about)
{
    struct nta_record record = made(NTA_RECORD_FLOW, 5, after_ns);

    record.user.login = nta_span_of(login);
    record.about = about;
    return record;
}

static void an_alert_is_of_whom_its_connection_is(void **state)
{
    struct nta_record alert = made(NTA_RECORD_ALERT, 5, 0);
    const struct nta_record flow = of_login(MINUTE_NS, "ann", 77);

    (void)state;
    take(&alert);
    take(&flow);
    assert_int_equal(settled(), 2); /* nothing says that it was Ann */
    alert.about = 77;
    alert.time_ns += MINUTE_NS / 2;
    take(&alert);
    assert_int_equal(settled(), 2);
    assert_int_equal(nta_incidents_get(set, 0)->n_records, 2);
}

static void an_address_is_his_whose_it_was_then(void **state)
{
    const struct nta_record before = made(NTA_RECORD_ALERT, 5, 0);
    const struct nta_record lookup = made(NTA_RECORD_LOOKUP, 5, 2 * MINUTE_NS);
    struct nta_record flow = of_login(3 * MINUTE_NS, "ann", 0);

    (void)state;
    flow.user.since_ns = BEGIN_NS + MINUTE_NS;
    take(&before);
    take(&lookup);
    take(&flow);
    assert_int_equal(settled(), 2);
    /* the lookup is Ann's, what was before she had the address is not */
    assert_int_equal(nta_incidents_get(set, 0)->n_records, 2);
    assert_int_equal(nta_incidents_get(set, 1)->n_records, 1);
    assert_int_equal(nta_incidents_get(set, 1)->begin_ns, BEGIN_NS);
}

static void an_address_of_two_is_nobodys(void **state)
{
    const struct nta_record lookup = made(NTA_RECORD_LOOKUP, 5, 2 * MINUTE_NS);
    struct nta_record ann = of_login(3 * MINUTE_NS, "ann", 0);
    struct nta_record bob = of_login(4 * MINUTE_NS, "bob", 0);

    (void)state;
    ann.user.since_ns = bob.user.since_ns = BEGIN_NS;
    take(&lookup);
    take(&ann);
    take(&bob);
    assert_int_equal(settled(), 3);
}

static void a_login_is_one_user_on_two_machines(void **state)
{
    struct nta_record here = of_login(0, "ann", 0), there = of_login(MINUTE_NS, "ann", 0);

    (void)state;
    there.user.addr.bytes[15] = 9;
    take(&here);
    take(&there);
    assert_int_equal(settled(), 1);
}

static void a_device_is_one_user_with_two_addresses(void **state)
{
    struct nta_record old = made(NTA_RECORD_ALERT, 5, 0),
                      new = made(NTA_RECORD_ALERT, 6, MINUTE_NS);

    (void)state;
    old.user.device = new.user.device = nta_span_of("02:00:00:00:00:05");
    take(&old);
    take(&new);
    assert_int_equal(settled(), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_alert_is_of_whom_its_connection_is),
        TEST(an_address_is_his_whose_it_was_then),
        TEST(an_address_of_two_is_nobodys),
        TEST(a_login_is_one_user_on_two_machines),
        TEST(a_device_is_one_user_with_two_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
