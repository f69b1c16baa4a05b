/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "session/role/resolvers.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

static enum nta_app service(enum nta_app app, uint16_t port, const char *alpn, const char *site)
{
    struct nta_flow flow = {.server_port = port};
    struct nta_conn conn = {.app = (uint8_t)app};

    strcpy(conn.alpn, alpn);
    strcpy(conn.site, site);
    conn.site_len = (uint16_t)strlen(site);
    return nta_resolvers_service(&flow, &conn);
}

static void port_and_alpn_tell(void **state)
{
    (void)state;
    assert_int_equal(service(NTA_APP_TLS, 853, "", ""), NTA_APP_DOT);
    assert_int_equal(service(NTA_APP_TLS, 443, "dot", "x.example"), NTA_APP_DOT);
    assert_int_equal(service(NTA_APP_QUIC, 853, "", ""), NTA_APP_DOQ);
    assert_int_equal(service(NTA_APP_QUIC, 8853, "doq", ""), NTA_APP_DOQ);
    assert_int_equal(service(NTA_APP_HTTP, 853, "", ""), NTA_APP_NONE);
    assert_int_equal(service(NTA_APP_TLS, 443, "h2", "www.example"), NTA_APP_NONE);
}

static void well_known_names_tell(void **state)
{
    (void)state;
    assert_int_equal(service(NTA_APP_TLS, 443, "h2", "dns.google"), NTA_APP_DOH);
    assert_int_equal(service(NTA_APP_QUIC, 443, "h3", "dns.google"), NTA_APP_DOH);
    assert_int_equal(service(NTA_APP_TLS, 443, "", "mozilla.cloudflare-dns.com"), NTA_APP_DOH);
    assert_int_equal(service(NTA_APP_TLS, 443, "", "abc123.dns.nextdns.io"), NTA_APP_DOH);
    assert_int_equal(service(NTA_APP_TLS, 443, "", "wikimedia-dns.org"), NTA_APP_DOH);
    assert_int_equal(service(NTA_APP_TLS, 443, "", "notdns.google"), NTA_APP_NONE);
    assert_int_equal(service(NTA_APP_TLS, 443, "", "google"), NTA_APP_NONE);
    assert_int_equal(service(NTA_APP_FTP, 21, "", "dns.google"), NTA_APP_NONE);
}

static void path_in_clear_tells(void **state)
{
    (void)state;
    assert_true(nta_resolvers_is_query(nta_span_of("/dns-query")));
    assert_true(nta_resolvers_is_query(nta_span_of("/dns-query?dns=AAAB")));
    assert_true(nta_resolvers_is_query(nta_span_of("/dns-query/abc")));
    assert_false(nta_resolvers_is_query(nta_span_of("/dns-queryx")));
    assert_false(nta_resolvers_is_query(nta_span_of("/")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_and_alpn_tell),
        cmocka_unit_test(well_known_names_tell),
        cmocka_unit_test(path_in_clear_tells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
