/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/blacklist.h"
#include "incident/site.h"
#include "unit.h"

static const char *site_of(const char *entry, unsigned kind, const char *site)
{
    static char text[128];
    const struct nta_record record = {
        .site = nta_span_of(site),
        .match = {.list = nta_span_of("l"), .entry = nta_span_of(entry), .kind = (uint8_t)kind},
    };
    const struct nta_span found = nta_incident_site(&record);

    (void)snprintf(text, sizeof(text), "%.*s", (int)found.len,
                   found.len ? (const char *)found.ptr : "");
    return text;
}

static void a_domain_is_its_registrable_part(void **state)
{
    (void)state;
    assert_string_equal(site_of("bad.example", NTA_HIT_DOMAIN, "a.b.bad.example"), "bad.example");
    assert_string_equal(site_of("files.bad.example", NTA_HIT_DOMAIN, "x"), "bad.example");
    assert_string_equal(site_of("a.bad.co.uk", NTA_HIT_DOMAIN, "x"), "bad.co.uk");
    assert_string_equal(site_of("=www.bad.example", NTA_HIT_DOMAIN, "x"), "bad.example");
    assert_string_equal(site_of("*.bad.example", NTA_HIT_DOMAIN, "x"), "bad.example");
    assert_string_equal(site_of("co.uk", NTA_HIT_DOMAIN, "what.was.chosen.co.uk"), "co.uk");
}

static void a_url_is_its_host(void **state)
{
    (void)state;
    assert_string_equal(site_of("http://www.bad.example/x/y?z", NTA_HIT_URL, "x"), "bad.example");
    assert_string_equal(site_of("www.bad.example/x", NTA_HIT_URL, "x"), "bad.example");
    assert_string_equal(site_of("www.bad.example:8080/x", NTA_HIT_URL, "x"), "bad.example");
    assert_string_equal(site_of("192.0.2.7/tool.exe", NTA_HIT_URL, "x"), "192.0.2.7");
    assert_string_equal(site_of("http://[2001:db8::7]:80/x", NTA_HIT_URL, "x"), "2001:db8::7");
}

static void all_else_is_the_entry_itself(void **state)
{
    (void)state;
    assert_string_equal(site_of("192.0.2.0/24", NTA_HIT_CIDR, "a.example"), "192.0.2.0/24");
    assert_string_equal(site_of("192.0.2.7:443", NTA_HIT_ADDRESS, "a.example"), "192.0.2.7:443");
    assert_string_equal(site_of("ads*.example", NTA_HIT_PATTERN, "ads1.example"), "ads*.example");
    assert_string_equal(site_of("0123abcd", NTA_HIT_HASH, "a.example"), "0123abcd");
}

static void without_an_entry_it_is_the_site(void **state)
{
    (void)state;
    assert_string_equal(site_of("", NTA_HIT_DOMAIN, "www.bad.example"), "bad.example");
    assert_string_equal(site_of("", NTA_HIT_DOMAIN, ""), "");
    assert_string_equal(site_of("=", NTA_HIT_DOMAIN, "x"), "=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_is_its_registrable_part),
        cmocka_unit_test(a_url_is_its_host),
        cmocka_unit_test(all_else_is_the_entry_itself),
        cmocka_unit_test(without_an_entry_it_is_the_site),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
