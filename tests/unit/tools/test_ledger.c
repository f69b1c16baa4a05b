/* SPDX-License-Identifier: Apache-2.0 */
/* Who had which address: the same rule ends a stay as in incidents. */
#include "base/own.h"
#include "unit.h"
#include "who/ledger.h"

#define BEGIN_NS  (INT64_C(1790812800) * NTA_NS_PER_S)
#define MINUTE_NS (60 * NTA_NS_PER_S)

static struct nta_ledger ledger;

static int setup(void **state)
{
    (void)state;
    return nta_ledger_init(&ledger);
}

static int teardown(void **state)
{
    (void)state;
    nta_ledger_done(&ledger);
    return 0;
}

/** 10.0.0.5 is somebody's, as this source says so many minutes after the begin. */
static struct nta_record lease(const char *source, uint8_t strength, unsigned minutes)
{
    return (struct nta_record){
        .event = NTA_RECORD_LEASE,
        .time_ns = BEGIN_NS + minutes * MINUTE_NS,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5}),
                 .source = nta_span_of(source),
                 .strength = strength},
        .binding = {.state = nta_span_of("begin")},
    };
}

static struct nta_record logged_in(const char *who, unsigned minutes)
{
    struct nta_record record = lease("radius", NTA_STRENGTH_LOGIN, minutes);

    record.user.login = nta_span_of(who);
    record.peer.addr = nta_addr_v4((const uint8_t[]){10, 9, 0, 1});
    return record;
}

static struct nta_record dhcp(uint8_t mac, unsigned minutes)
{
    struct nta_record record = lease("dhcp", NTA_STRENGTH_LEASE, minutes);

    record.user.has_mac = true;
    memcpy(record.user.mac, (const uint8_t[]){2, 0, 0, 0, 0, mac}, 6);
    return record;
}

static void add(struct nta_record record)
{
    assert_int_equal(nta_ledger_add(&ledger, &record, "1-0", NULL), 0);
}

static void hear(struct nta_record record)
{
    nta_ledger_end(&ledger, &record, true);
}

/** Of the first stay: how many minutes it lasted. */
static int64_t minutes(void)
{
    assert_true(ledger.n > 0);
    return (ledger.stays[0].to_ns - ledger.stays[0].from_ns) / MINUTE_NS;
}

static void a_login_without_an_end_holds_as_long_as_its_source(void **state)
{
    const struct nta_moment later = {.earlier_ns = BEGIN_NS + 600 * MINUTE_NS,
                                     .later_ns = BEGIN_NS + 600 * MINUTE_NS};
    const struct nta_moment too_late = {.earlier_ns = BEGIN_NS + 1500 * MINUTE_NS,
                                        .later_ns = BEGIN_NS + 1500 * MINUTE_NS};

    (void)state;
    add(logged_in("ann", 0));
    assert_int_equal(minutes(), 24 * 60);
    nta_ledger_sort(&ledger, &later);
    assert_int_equal(ledger.n, 1);
    nta_ledger_since(&ledger, later.earlier_ns);
    assert_int_equal(ledger.n, 1);
    nta_ledger_since(&ledger, too_late.earlier_ns);
    assert_int_equal(ledger.n, 0);
    add(logged_in("ann", 0));
    nta_ledger_sort(&ledger, &too_late);
    assert_int_equal(ledger.n, 0);
}

static void who_logs_in_next_ends_it(void **state)
{
    (void)state;
    add(logged_in("ann", 0));
    hear(logged_in("ann", 10));
    assert_int_equal(minutes(), 24 * 60);
    hear(logged_in("bob", 20));
    assert_int_equal(minutes(), 20);
}

static void an_access_server_that_starts_anew_ends_its_logins(void **state)
{
    struct nta_record reset = lease("radius", NTA_STRENGTH_LOGIN, 30);

    (void)state;
    reset.user.addr = (struct nta_addr){0};
    reset.binding.state = nta_span_of("end");
    add(logged_in("ann", 0));
    reset.peer.addr = nta_addr_v4((const uint8_t[]){10, 9, 0, 2});
    hear(reset);
    assert_int_equal(minutes(), 24 * 60); /* that was another one */
    reset.peer.addr = nta_addr_v4((const uint8_t[]){10, 9, 0, 1});
    hear(reset);
    assert_int_equal(minutes(), 30);
}

static void a_lease_after_a_login_of_no_machine_ends_it(void **state)
{
    (void)state;
    add(logged_in("ann", 0));
    hear(dhcp(7, 10));
    assert_int_equal(minutes(), 10);
}

static void what_is_weaker_ends_no_lease(void **state)
{
    struct nta_record arp = lease("arp", NTA_STRENGTH_ARP, 10);

    (void)state;
    arp.user.has_mac = true;
    memcpy(arp.user.mac, (const uint8_t[]){2, 0, 0, 0, 0, 8}, 6);
    add(dhcp(7, 0));
    assert_int_equal(minutes(), 60);
    hear(arp);
    assert_int_equal(minutes(), 60);
    hear(dhcp(8, 20));
    assert_int_equal(minutes(), 20);
}

static void a_login_told_without_a_network_ends_by_a_lease_in_one(void **state)
{
    struct nta_record ann = logged_in("ann", 0), next = dhcp(8, 15);

    (void)state;
    ann.user.has_mac = true;
    memcpy(ann.user.mac, (const uint8_t[]){2, 0, 0, 0, 0, 7}, 6);
    next.vlan.n = 1;
    next.vlan.ids[0] = 20;
    add(ann);
    hear(next);
    assert_int_equal(minutes(), 15);
}

static void what_does_not_hold_is_a_stay_of_its_own_and_ends_only_such(void **state)
{
    struct nta_record ann = logged_in("ann", 0), bob = logged_in("bob", 20);

    (void)state;
    add(ann);
    assert_int_equal(nta_ledger_add(&ledger, &ann, "2-0", "signature"), 0);
    assert_int_equal(ledger.n, 2);
    assert_null(ledger.stays[0].unverified);
    assert_string_equal(ledger.stays[1].unverified, "signature");
    nta_ledger_end(&ledger, &bob, false);
    assert_int_equal(minutes(), 24 * 60);
    assert_true(ledger.stays[1].is_over);
    hear(bob);
    assert_int_equal(minutes(), 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_login_without_an_end_holds_as_long_as_its_source),
        TEST(who_logs_in_next_ends_it),
        TEST(an_access_server_that_starts_anew_ends_its_logins),
        TEST(a_lease_after_a_login_of_no_machine_ends_it),
        TEST(what_is_weaker_ends_no_lease),
        TEST(a_login_told_without_a_network_ends_by_a_lease_in_one),
        TEST(what_does_not_hold_is_a_stay_of_its_own_and_ends_only_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
