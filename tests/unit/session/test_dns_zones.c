/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "session/state/dns_zones.h"
#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>

enum
{
    TXT = 16,
    A = 1
};

static struct nta_dns_zones table;
static const struct nta_hash_key key;
static int64_t now_ns;

static int setup(void **state)
{
    (void)state;
    now_ns = 1000 * NTA_NS_PER_S;
    return nta_dns_zones_init(&table, &key);
}

static int teardown(void **state)
{
    (void)state;
    nta_dns_zones_done(&table);
    return 0;
}

/** One lookup of a name below the zone: behind `label_begin` its number. */
static enum nta_dns_zone_kind ask(const char *label_begin, unsigned number, const char *zone,
                                  uint16_t type, uint32_t down)
{
    const struct nta_addr user = {.bytes = {[15] = 5}};
    char label[128], name[256];

    (void)snprintf(label, sizeof(label), "%s%08x", label_begin, number * 2654435761U);
    (void)snprintf(name, sizeof(name), "%s.%s", label, zone);
    const size_t zone_len = strlen(zone), len = strlen(name);
    const struct nta_dns_burden burden = {
        .user = &user,
        .name = {(const uint8_t *)name, len},
        .zone = {(const uint8_t *)name + len - zone_len, zone_len},
        .type = type,
        .down = down,
        .wall_ns = now_ns,
    };

    now_ns += 10 * NTA_NS_PER_MS;
    return nta_dns_zones_see(&table, &burden);
}

/** How often a tunnel began in so many lookups. */
static unsigned begins_in(unsigned n, const char *label_begin, const char *zone, uint16_t type,
                          uint32_t down)
{
    unsigned n_begins = 0;

    for (unsigned i = 0; i < n; i++)
        n_begins += ask(label_begin, i, zone, type, down) == NTA_DNS_ZONE_BEGINS;
    return n_begins;
}

static void many_long_names_with_large_answers_are_one_tunnel(void **state)
{
    (void)state;
    assert_int_equal(begins_in(500, "qwb5pdkhx6pygpan2rlykei4", "t.example", TXT, 200), 1);
    assert_int_equal(ask("qwb5pdkhx6pygpan2rlykei4", 501, "t.example", TXT, 200),
                     NTA_DNS_ZONE_TUNNEL);
}

static void a_few_are_none(void **state)
{
    (void)state;
    assert_int_equal(begins_in(20, "qwb5pdkhx6pygpan2rlykei4", "t.example", TXT, 200), 0);
}

static void one_name_over_and_over_is_none(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(ask("qwb5pdkhx6pygpan2rlykei4", 7, "t.example", TXT, 400),
                         NTA_DNS_ZONE_NAMES);
}

static void hosts_of_a_cloud_are_none(void **state)
{
    (void)state;
    assert_int_equal(begins_in(1000, "ec2-", "compute.example", A, 16), 0);
    assert_int_equal(begins_in(300, "d111111abcdef8qwertz-", "cdn.example", A, 120), 0);
}

static void hashes_that_are_looked_up_are_none(void **state)
{
    (void)state;
    assert_int_equal(begins_in(400, "733a48a9cb49651d72fe824ca91e", "hash.example", TXT, 15), 0);
}

static void keys_of_mail_are_none(void **state)
{
    (void)state;
    assert_int_equal(begins_in(400, "_domainkey.733a48a9cb49651d72fe824c", "m.example", TXT, 400),
                     0);
}

static void what_goes_up_in_names_alone_takes_more(void **state)
{
    (void)state;
    assert_int_equal(begins_in(300, "qwb5pdkhx6pygpan2rlykei4qwb5pdkhx6pygp", "x.example", A, 0),
                     0);
    assert_int_equal(begins_in(900, "awb5pdkhx6pygpan2rlykei4qwb5pdkhx6pygp", "x.example", A, 0),
                     1);
}

static void what_is_slow_is_none(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        now_ns += 60 * NTA_NS_PER_S;
        assert_int_equal(ask("qwb5pdkhx6pygpan2rlykei4", i, "t.example", TXT, 200),
                         NTA_DNS_ZONE_NAMES);
    }
}

static void other_zones_take_no_memory_and_the_busy_one_stays(void **state)
{
    char zone[32];

    (void)state;
    (void)begins_in(100, "qwb5pdkhx6pygpan2rlykei4", "t.example", TXT, 200);
    for (unsigned i = 0; i < 20000; i++) {
        (void)snprintf(zone, sizeof(zone), "z%u.example", i);
        assert_int_equal(ask("733a48a9cb49651d72fe824c", i, zone, TXT, 200), NTA_DNS_ZONE_NAMES);
        if (i % 100 == 0)
            (void)ask("qwb5pdkhx6pygpan2rlykei4", 1000 + i, "t.example", TXT, 200);
    }
    assert_int_equal(ask("qwb5pdkhx6pygpan2rlykei4", 1, "t.example", TXT, 200),
                     NTA_DNS_ZONE_TUNNEL);
}

static void any_clock_does_no_harm(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        now_ns = i % 2 ? INT64_MAX - NTA_NS_PER_S : INT64_MIN + NTA_NS_PER_S;
        (void)ask("qwb5pdkhx6pygpan2rlykei4", i, "t.example", TXT, UINT32_MAX);
    }
}

int main(void)
{
#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_TABLE(many_long_names_with_large_answers_are_one_tunnel),
        WITH_TABLE(a_few_are_none),
        WITH_TABLE(one_name_over_and_over_is_none),
        WITH_TABLE(hosts_of_a_cloud_are_none),
        WITH_TABLE(hashes_that_are_looked_up_are_none),
        WITH_TABLE(keys_of_mail_are_none),
        WITH_TABLE(what_goes_up_in_names_alone_takes_more),
        WITH_TABLE(what_is_slow_is_none),
        WITH_TABLE(other_zones_take_no_memory_and_the_busy_one_stays),
        WITH_TABLE(any_clock_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
