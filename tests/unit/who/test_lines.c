/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "who/beside/leases.h"
#include "who/beside/lines.h"
#include "who/beside/say.h"

#define NOW (INT64_C(1800000000) * NTA_NS_PER_S)

static struct nta_who_lines lines;
static struct nta_who_fact fact;

static int start(void **state)
{
    (void)state;
    lines = (struct nta_who_lines){.n_bad = 0};
    return 0;
}

/* True if the line says something. */
static bool read_line(const char *text)
{
    return nta_who_line(&lines, nta_span_of(text), NOW, &fact);
}

static void assert_text(struct nta_span text, const char *wanted)
{
    assert_int_equal(text.len, strlen(wanted));
    assert_memory_equal(text.ptr ? text.ptr : (const uint8_t *)"", wanted, text.len);
}

static void assert_ip(const char *wanted)
{
    char text[NTA_ADDR_TEXT_SIZE];

    assert_true(fact.has_ip);
    assert_string_equal(nta_addr_text(&fact.ip.addr, text), wanted);
}

static void times_are_read(void **state)
{
    static const struct
    {
        const char *text;
        int64_t ns; /* -1: none */
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T23:59:59Z", INT64_C(951868799) * NTA_NS_PER_S},
        {"2026-01-31T12:00:00.5+01:00", INT64_C(1769857200) * NTA_NS_PER_S + 500000000},
        {"2026-01-31 11:00:00-00:30", INT64_C(1769859000) * NTA_NS_PER_S},
        {"2026-01-31T12:00:00", -1},
        {"2026-13-31T12:00:00Z", -1},
        {"2026-01-31T12:00:00Zx", -1},
        {"26-01-31T12:00:00Z", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        int64_t ns = -1;
        const bool ok = nta_leases_rfc3339(nta_span_of(rows[i].text), &ns);

        assert_int_equal(ok, rows[i].ns >= 0);
        if (ok)
            assert_int_equal(ns, rows[i].ns);
    }
}

static void json_says_who(void **state)
{
    (void)state;
    assert_true(read_line("{\"time\":\"2026-01-31T12:00:00Z\",\"ip\":\"10.0.0.5\","
                          "\"mac\":\"02:00:00:00:00:05\",\"login\":\"ann\",\"name\":\"lap\\u00e9\","
                          "\"person\":\"Ann \\\"A\\\"\",\"until\":1769900000,\"source\":\"portal\","
                          "\"more\":true}"));
    assert_ip("10.0.0.5");
    assert_int_equal(fact.mac[5], 5);
    assert_int_equal(fact.source, NTA_WHO_FILE);
    assert_int_equal(fact.state, NTA_WHO_HOLDS);
    assert_int_equal(fact.wall_ns, INT64_C(1769860800) * NTA_NS_PER_S);
    assert_int_equal(fact.until_ns, INT64_C(1769900000) * NTA_NS_PER_S);
    assert_text(fact.login, "ann");
    assert_text(fact.name, "lap\xc3\xa9");
    assert_text(fact.person, "Ann \"A\"");
    assert_text(fact.how, "portal");
    /* nothing of it is said of the next */
    assert_true(read_line("{\"mac\":\"02-00-00-00-00-06\",\"name\":\"x\"}"));
    assert_false(fact.has_ip);
    assert_int_equal(fact.login.len, 0);
    assert_int_equal(fact.wall_ns, NOW);
}

static void who_logs_out_in_json(void **state)
{
    (void)state;
    assert_true(read_line("{\"time\":1769860800,\"ip\":\"10.0.0.5\",\"login\":\"ann\","
                          "\"until\":1769860800}"));
    assert_int_equal(fact.state, NTA_WHO_ENDS);
}

static void what_is_no_json_of_ours_is_refused_and_the_next_line_read(void **state)
{
    static const char *const bad[] = {
        "{",
        "{}",
        "{\"ip\":\"10.0.0.5\"}",
        "{\"login\":\"ann\"}",
        "{\"ip\":\"10.0.0.500\",\"login\":\"ann\"}",
        "{\"ip\":10,\"login\":\"ann\"}",
        "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"",
        "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"} x",
        "{\"ip\":\"10.0.0.5\",\"login\":\"a\\qb\"}",
        "{\"ip\":\"10.0.0.5\",\"login\":\"a\\ud800\"}",
        "{\"ip\":\"10.0.0.5\",\"login\":[\"ann\"]}",
        "{\"ip\":\"10.0.0.5\",\"login\":\"ann\",\"time\":\"yesterday\"}",
        "{\"ip\":\"10.0.0.5\",\"login\":\"ann\",\"time\":99999999999999999999}",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++) {
        assert_false(read_line(bad[i]));
        assert_int_equal(lines.n_bad, i + 1);
        assert_true(read_line("{\"ip\":\"fd00::5\",\"login\":\"ann\"}"));
        assert_text(fact.login, "ann");
    }
}

static void nobody_knows_what_will_be(void **state)
{
    (void)state;
    assert_true(read_line("{\"time\":1900000000,\"ip\":\"10.0.0.5\",\"login\":\"ann\"}"));
    assert_int_equal(fact.wall_ns, NOW);
}

static void others_may_not_name_our_sources(void **state)
{
    (void)state;
    assert_true(read_line("{\"ip\":\"10.0.0.5\",\"login\":\"ann\",\"source\":\"radius\","
                          "\"network\":5}"));
    assert_int_equal(fact.source, NTA_WHO_FILE);
    assert_true(fact.network == NTA_WHO_ANYWHERE);
}

static void our_own_lines_are_read_as_they_were(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    const struct nta_who_fact put = {
        .wall_ns = 77,
        .from_ns = 55,
        .until_ns = INT64_MAX,
        .network = 1234567890123,
        .has_ip = true,
        .has_mac = true,
        .ip = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5}), .len = 128},
        .mac = {2, 0, 0, 0, 0, 5},
        .source = NTA_WHO_DHCP,
        .name = nta_span_of("a \"b\"\n"),
        .login = nta_span_of("ann"),
        .client_id = {(const uint8_t *)"\x01\x02", 2},
    };

    (void)state;
    lines.is_trusted = true;
    nta_who_put_line(&out, &put);
    assert_true(nta_who_line(&lines, nta_span_first(nta_buf_span(&out), out.len - 1), NOW, &fact));
    assert_int_equal(fact.wall_ns, put.wall_ns);
    assert_int_equal(fact.from_ns, put.from_ns);
    assert_true(fact.until_ns == put.until_ns && fact.network == put.network);
    assert_memory_equal(&fact.ip.addr, &put.ip.addr, sizeof(fact.ip.addr));
    assert_int_equal(fact.ip.len, 128);
    assert_memory_equal(fact.mac, put.mac, 6);
    assert_int_equal(fact.source, NTA_WHO_DHCP);
    assert_text(fact.name, "a \"b\"\n");
    assert_text(fact.login, "ann");
    assert_memory_equal(fact.client_id.ptr, "\x01\x02", 2);
}

static void leases_of_dnsmasq(void **state)
{
    (void)state;
    assert_true(read_line("1800000600 02:00:00:00:00:05 10.0.0.5 laptop-7 01:02:00:00:00:00:05"));
    assert_ip("10.0.0.5");
    assert_int_equal(fact.source, NTA_WHO_LEASES);
    assert_int_equal(fact.until_ns, INT64_C(1800000600) * NTA_NS_PER_S);
    assert_text(fact.name, "laptop-7");
    assert_int_equal(fact.mac[5], 5);
    assert_int_equal(fact.client_id.len, 7);
    assert_true(read_line("0 06-02:00:00:00:00:06 10.0.0.6 * *"));
    assert_true(fact.until_ns == INT64_MAX);
    assert_int_equal(fact.name.len, 0);
    assert_int_equal(fact.mac[5], 6);
    assert_false(read_line("soon 02:00:00:00:00:05 10.0.0.5 x *"));
    assert_int_equal(lines.n_bad, 1);
    assert_false(read_line("duid 00:01:00:01:2e:00:00:00:02:00:00:00:00:01"));
    assert_true(
        read_line("1800000600 77 fd00::5 laptop-7 00:01:00:01:2e:00:00:00:02:00:00:00:00:05"));
    assert_ip("fd00::5");
    assert_true(fact.has_mac);
    assert_int_equal(fact.mac[5], 5);
}

static void leases_of_isc(void **state)
{
    (void)state;
    assert_false(
        read_line("# The format of this file is documented in the dhcpd.leases(5) manual"));
    assert_false(read_line("authoring-byte-order little-endian;"));
    assert_false(read_line("lease 10.0.0.5 {"));
    assert_false(read_line("  starts 4 2026/02/05 12:00:00;"));
    assert_false(read_line("  ends 4 2026/02/05 13:00:00;"));
    assert_false(read_line("  binding state active;"));
    assert_false(read_line("  next binding state free;"));
    assert_false(read_line("  hardware ethernet 02:00:00:00:00:05;"));
    assert_false(read_line("  uid \"\\001\\002\\000\\000\\000\\000\\005\";"));
    assert_false(read_line("  client-hostname \"lap\\\"7\";"));
    assert_true(read_line("}"));
    assert_ip("10.0.0.5");
    assert_int_equal(fact.state, NTA_WHO_HOLDS);
    assert_int_equal(fact.from_ns, INT64_C(1770292800) * NTA_NS_PER_S);
    assert_int_equal(fact.until_ns, INT64_C(1770296400) * NTA_NS_PER_S);
    assert_text(fact.name, "lap\"7");
    assert_int_equal(fact.client_id.len, 7);
    assert_false(read_line("lease 10.0.0.6 {"));
    assert_false(read_line("  ends never;"));
    assert_false(read_line("  binding state free;"));
    assert_true(read_line("}"));
    assert_int_equal(fact.state, NTA_WHO_ENDS);
    assert_int_equal(fact.name.len, 0);
    assert_false(fact.has_mac);
    assert_false(read_line("}"));
}

static void leases_of_isc_over_ipv6(void **state)
{
    (void)state;
    assert_false(read_line(
        "ia-na \"\\007\\000\\000\\000\\000\\003\\000\\001\\002\\000\\000\\000\\000\\005\" {"));
    assert_false(read_line("  cltt 4 2026/02/05 12:00:00;"));
    assert_false(read_line("  iaaddr fd00::5 {"));
    assert_false(read_line("    binding state active;"));
    assert_false(read_line("    preferred-life 375;"));
    assert_false(read_line("    ends epoch 1770296400;"));
    assert_true(read_line("  }"));
    assert_ip("fd00::5");
    assert_true(fact.has_mac);
    assert_int_equal(fact.mac[0], 2);
    assert_int_equal(fact.mac[5], 5);
    assert_int_equal(fact.until_ns, INT64_C(1770296400) * NTA_NS_PER_S);
}

static void leases_of_kea(void **state)
{
    (void)state;
    assert_false(read_line("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,"
                           "fqdn_rev,hostname,state,user_context,pool_id"));
    assert_true(read_line("10.0.0.5,02:00:00:00:00:05,01:02:00:00:00:00:05,3600,1800003600,1,0,0,"
                          "laptop-7.example.,0,,0"));
    assert_ip("10.0.0.5");
    assert_int_equal(fact.from_ns, INT64_C(1800000000) * NTA_NS_PER_S);
    assert_text(fact.name, "laptop-7.example");
    assert_int_equal(fact.state, NTA_WHO_HOLDS);
    assert_true(read_line("10.0.0.5,02:00:00:00:00:05,,3600,1800003600,1,0,0,,2,,0"));
    assert_int_equal(fact.state, NTA_WHO_ENDS);
    assert_false(read_line("10.0.0.5,02:00:00:00:00:05"));
    assert_int_equal(lines.n_bad, 1);
}

static void leases_of_kea_over_ipv6(void **state)
{
    (void)state;
    assert_false(read_line("address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,"
                           "iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,"
                           "hwtype,hwaddr_source,pool_id"));
    assert_true(
        read_line("fd00:1::,00:03:00:01:02:00:00:00:00:05,3600,1800003600,1,1800,2,7,56,0,0,,"
                  ",0,,,,0"));
    assert_ip("fd00:1::");
    assert_int_equal(fact.ip.len, 56);
    assert_true(fact.has_mac);
    assert_int_equal(fact.mac[5], 5);
}

static void any_bytes_do_no_harm(void **state)
{
    uint32_t seed = 1;
    uint8_t bytes[300];

    (void)state;
    for (int i = 0; i < 50000; i++) {
        static const char pool[] = "{}\"\\:,. 0129afu-/;leasiduxnow\n\r\t\x80";
        size_t n = 0;

        if (i % 1000 == 0)
            lines = (struct nta_who_lines){.form = (uint8_t)(i / 1000 % 5)};
        do {
            seed = seed * 1664525 + 1013904223;
            bytes[n++] = (uint8_t)pool[(seed >> 16) % sizeof(pool)];
        } while (n < sizeof(bytes) && (seed >> 8) % 60);
        if (nta_who_line(&lines, (struct nta_span){bytes, n}, NOW, &fact))
            assert_true(fact.has_ip || fact.has_mac);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(times_are_read, start),
        cmocka_unit_test_setup(json_says_who, start),
        cmocka_unit_test_setup(who_logs_out_in_json, start),
        cmocka_unit_test_setup(what_is_no_json_of_ours_is_refused_and_the_next_line_read, start),
        cmocka_unit_test_setup(nobody_knows_what_will_be, start),
        cmocka_unit_test_setup(others_may_not_name_our_sources, start),
        cmocka_unit_test_setup(our_own_lines_are_read_as_they_were, start),
        cmocka_unit_test_setup(leases_of_dnsmasq, start),
        cmocka_unit_test_setup(leases_of_isc, start),
        cmocka_unit_test_setup(leases_of_isc_over_ipv6, start),
        cmocka_unit_test_setup(leases_of_kea, start),
        cmocka_unit_test_setup(leases_of_kea_over_ipv6, start),
        cmocka_unit_test_setup(any_bytes_do_no_harm, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
