/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

static void a_domain_covers_itself_and_its_subdomains(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("# one\nexample.com\nbad.example.net\n", NULL);

    (void)state;
    assert_string_equal(verdict(set, "example.com"), "example.com@2");
    assert_string_equal(verdict(set, "www.Example.COM."), "example.com@2");
    assert_string_equal(verdict(set, "a.b.c.d.e.f.example.com"), "example.com@2");
    assert_string_equal(verdict(set, "notexample.com"), "-");
    assert_string_equal(verdict(set, "example.com.org"), "-");
    assert_string_equal(verdict(set, "com"), "-");
    assert_string_equal(verdict(set, "example.net"), "-");
    assert_string_equal(verdict(set, "x.bad.example.net"), "bad.example.net@3");
}

static void signs_narrow_what_an_entry_covers(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("=only.example.com\n*.subs.example.com\n.dot.example.com\n=intranet\n", NULL);

    (void)state;
    assert_string_equal(verdict(set, "only.example.com"), "=only.example.com@1");
    assert_string_equal(verdict(set, "x.only.example.com"), "-");
    assert_string_equal(verdict(set, "subs.example.com"), "-");
    assert_string_equal(verdict(set, "x.y.subs.example.com"), "*.subs.example.com@2");
    assert_string_equal(verdict(set, "dot.example.com"), "dot.example.com@3");
    assert_string_equal(verdict(set, "x.dot.example.com"), "dot.example.com@3");
    assert_string_equal(verdict(set, "intranet"), "=intranet@4");
    assert_string_equal(verdict(set, "www.intranet"), "-");
}

static void the_most_specific_entry_decides_and_a_tie_allows(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("example.com\nbad.good.example.com\nsame.example.org\n",
                                       "good.example.com\nsame.example.org\n");
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    (void)state;
    assert_string_equal(verdict(set, "x.example.com"), "example.com@1");
    assert_string_equal(verdict(set, "good.example.com"), "-");
    assert_string_equal(verdict(set, "x.good.example.com"), "-");
    assert_string_equal(verdict(set, "x.bad.good.example.com"), "bad.good.example.com@2");
    assert_string_equal(verdict(set, "www.same.example.org"), "-");
    assert_true(nta_blacklist_allows_name(set, "x.good.example.com", 18, buf, &hit));
    assert_int_equal(hit.entry.len, 16);
    assert_memory_equal(hit.entry.ptr, "good.example.com", 16);
    assert_int_equal(hit.line, 1);
    assert_string_equal(hit.list->name, "allow");
    assert_false(nta_blacklist_allows_name(set, "bad.good.example.com", 20, buf, &hit));
    assert_false(nta_blacklist_allows_name(set, "x.example.com", 13, buf, &hit));
}

static void addresses_match_by_the_longest_prefix(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("192.0.2.7\n198.51.100.0/24\n2001:db8::/32\n2001:db8::5\n"
                                       "203.0.113.10-203.0.113.20\n198.51.100.128/25\n",
                                       "198.51.100.9\n2001:db8:1::/48\n203.0.113.12/31\n");

    (void)state;
    assert_string_equal(verdict_addr(set, "192.0.2.7"), "192.0.2.7@1");
    assert_string_equal(verdict_addr(set, "192.0.2.8"), "-");
    assert_string_equal(verdict_addr(set, "198.51.100.1"), "198.51.100.0/24@2");
    assert_string_equal(verdict_addr(set, "198.51.100.200"), "198.51.100.128/25@6");
    assert_string_equal(verdict_addr(set, "198.51.100.9"), "-");
    assert_string_equal(verdict_addr(set, "198.51.101.0"), "-");
    assert_string_equal(verdict_addr(set, "2001:db8:2::1"), "2001:db8::/32@3");
    assert_string_equal(verdict_addr(set, "2001:db8::5"), "2001:db8::5@4");
    assert_string_equal(verdict_addr(set, "2001:db8:1::1"), "-");
    assert_string_equal(verdict_addr(set, "2001:db9::"), "-");
    assert_string_equal(verdict_addr(set, "203.0.113.9"), "-");
    assert_string_equal(verdict_addr(set, "203.0.113.10"), "203.0.113.10-203.0.113.20@5");
    assert_string_equal(verdict_addr(set, "203.0.113.13"), "-");
    assert_string_equal(verdict_addr(set, "203.0.113.20"), "203.0.113.10-203.0.113.20@5");
    assert_string_equal(verdict_addr(set, "203.0.113.21"), "-");
}

static void the_ends_of_the_address_space_are_in_it(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("255.255.255.255\n240.0.0.0/4\nffff::/16\n::/3\n", NULL);

    (void)state;
    assert_string_equal(verdict_addr(set, "255.255.255.255"), "255.255.255.255@1");
    assert_string_equal(verdict_addr(set, "255.255.255.254"), "240.0.0.0/4@2");
    assert_string_equal(verdict_addr(set, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                        "ffff::/16@3");
    assert_string_equal(verdict_addr(set, "::"), "::-::fffe:ffff:ffff@4");
    assert_string_equal(verdict_addr(set, "192.0.2.1"), "-");
    assert_string_equal(verdict_addr(set, "fffe::"), "-");
}

static void a_url_matches_by_its_longest_path(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("http://evil.example/a/b.exe\nevil.example/track/\nhttps://evil.example/track/x?y\n"
               "http://192.0.2.1:8080/bin.sh\nhttp://whole.example/\n",
               "evil.example/track/fine/\n");

    (void)state;
    assert_string_equal(verdict_url(set, "evil.example", "/a/b.exe"), "evil.example/a/b.exe@1");
    assert_string_equal(verdict_url(set, "evil.example", "/a/b.exe?q"), "evil.example/a/b.exe@1");
    assert_string_equal(verdict_url(set, "evil.example", "/a/b.exec"), "-");
    assert_string_equal(verdict_url(set, "evil.example", "/track"), "-");
    assert_string_equal(verdict_url(set, "evil.example", "/track/me"), "evil.example/track/@2");
    assert_string_equal(verdict_url(set, "evil.example", "/track/x?y=1"),
                        "evil.example/track/x?y@3");
    assert_string_equal(verdict_url(set, "evil.example", "/track/x?z"), "evil.example/track/@2");
    assert_string_equal(verdict_url(set, "evil.example", "/track/fine/y"), "-");
    assert_string_equal(verdict_url(set, "good.example", "/a/b.exe"), "-");
    assert_string_equal(verdict_url(set, "192.0.2.1", "/bin.sh"), "192.0.2.1/bin.sh@4");
    assert_string_equal(verdict(set, "evil.example"), "-");
    assert_string_equal(verdict(set, "whole.example"), "=whole.example@5");
    assert_string_equal(verdict(set, "www.whole.example"), "-");
}

/** Collects what each() gives as "entry+" (allow) or "entry-" (deny). */
static bool note_entry(void *owner, const struct nta_hit *hit, bool allow)
{
    char *text = owner;
    size_t n = strlen(text);

    (void)snprintf(text + n, 512 - n, "%.*s%c ", (int)hit->entry.len, (const char *)hit->entry.ptr,
                   allow ? '+' : '-');
    return strlen(text) < 400;
}

static void a_port_is_more_specific_than_an_address_but_for_its_own_exception(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("192.0.2.0/24\n192.0.2.1:80\n192.0.2.2:80\n198.51.100.1:80\n198.51.100.2:80\n"
               "192.0.2.3\n192.0.2.3:80\n",
               "192.0.2.2:80\n198.51.100.1\n198.51.100.0/24\n192.0.2.4:80\n");

    (void)state;
    assert_string_equal(verdict_port(set, "192.0.2.1", 80), "192.0.2.1:80@2");
    assert_string_equal(verdict_port(set, "192.0.2.1", 81), "192.0.2.0/24@1");
    assert_string_equal(verdict_port(set, "192.0.2.2", 80), "allowed"); /* a tie */
    assert_string_equal(verdict_port(set, "192.0.2.2", 81), "192.0.2.0/24@1");
    assert_string_equal(verdict_port(set, "198.51.100.1", 80), "allowed"); /* just this address */
    assert_string_equal(verdict_port(set, "198.51.100.2", 80), "198.51.100.2:80@5");
    assert_string_equal(verdict_port(set, "198.51.100.2", 81), "allowed");
    assert_string_equal(verdict_port(set, "192.0.2.3", 80), "192.0.2.3:80@7");
    assert_string_equal(verdict_port(set, "192.0.2.4", 80), "allowed");
}

/** Whatever somebody sends as a name. */
static void no_name_is_taken_for_an_address_with_a_port(void **state)
{
    static const char bytes[] = "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x09\x01\xbb";
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("192.0.2.9:443\nexample\na.example\n", NULL);
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    (void)state;
    assert_string_equal(verdict_port(set, "192.0.2.9", 443), "192.0.2.9:443@1");
    assert_false(nta_blacklist_match_name(set, bytes, sizeof(bytes) - 1, buf, &hit));
    assert_false(nta_blacklist_allows_name(set, bytes, sizeof(bytes) - 1, buf, &hit));
}

static void all_entries_are_shown_most_specific_first(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("example.com\n=www.example.com\n*.example.com\nx.www.example.com\n10.0.0.0/8\n"
               "10.1.0.0/16\n10.1.2.3\n",
               "www.example.com\n10.1.2.3\n");
    struct nta_addr addr = nta_addr_v4((const uint8_t[]){10, 1, 2, 3});
    char text[512] = "";

    (void)state;
    nta_blacklist_each_name(set, "www.example.com", 15, note_entry, text);
    assert_string_equal(text, "www.example.com+ =www.example.com- example.com- *.example.com- ");
    text[0] = '\0';
    nta_blacklist_each_addr(set, &addr, note_entry, text);
    assert_string_equal(text, "10.1.2.3+ 10.1.2.3- 10.1.0.0/16- 10.0.0.0/8- ");
}

static void every_entry_of_a_large_list_is_found_at_its_line(void **state)
{
    enum
    {
        N = 50000
    };
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_buf text = {0};
    char name[64], expected[80];

    (void)state;
    for (unsigned i = 0; i < N; i++)
        nta_buf_printf(&text, "host%u.d%u.example\n", i * 7919U, i % 100);
    nta_buf_put_u8(&text, 0);
    set = set_of((const char *)text.ptr, NULL);
    for (unsigned i = 0; i < N; i++) {
        (void)snprintf(name, sizeof(name), "host%u.d%u.example", i * 7919U, i % 100);
        (void)snprintf(expected, sizeof(expected), "%s@%u", name, i + 1);
        assert_string_equal(verdict(set, name), expected);
        (void)snprintf(name, sizeof(name), "host%u.d%u.example", i * 7919U + 1, i % 100);
        assert_string_equal(verdict(set, name), "-");
    }
    assert_true(nta_blacklist_memory(set) <= (size_t)20 * N);
    nta_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_covers_itself_and_its_subdomains),
        cmocka_unit_test(signs_narrow_what_an_entry_covers),
        cmocka_unit_test(the_most_specific_entry_decides_and_a_tie_allows),
        cmocka_unit_test(addresses_match_by_the_longest_prefix),
        cmocka_unit_test(the_ends_of_the_address_space_are_in_it),
        cmocka_unit_test(a_url_matches_by_its_longest_path),
        cmocka_unit_test(a_port_is_more_specific_than_an_address_but_for_its_own_exception),
        cmocka_unit_test(no_name_is_taken_for_an_address_with_a_port),
        cmocka_unit_test(all_entries_are_shown_most_specific_first),
        cmocka_unit_test(every_entry_of_a_large_list_is_found_at_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
