/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

static const struct nta_list_report *report_of(const struct nta_blacklist *set)
{
    return nta_blacklist_get_list(set, 0);
}

static void adblock_rules_for_hosts_are_taken_and_others_skipped(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "[Adblock Plus 2.0]\n! comment\n||ads.example^\n@@||good.ads.example^|\n"
        "||third.example^$third-party\n||page.example^$domain=x.example\nexample.com##.ad\n"
        "/banner/*/img^\n||path.example/ads/\n||*.wild.example^\n||a*b.example^\n@@/fine.js\n"
        "-ad-banner.\n||top.example^$important\n@@||top.example^\n|http://u.example/x.js|\n",
        NULL);

    (void)state;
    assert_string_equal(verdict(set, "x.ads.example"), "ads.example@3");
    assert_string_equal(verdict(set, "good.ads.example"), "-");
    assert_string_equal(verdict(set, "third.example"), "third.example@5");
    assert_string_equal(verdict(set, "page.example"), "-");
    assert_string_equal(verdict(set, "wild.example"), "-");
    assert_string_equal(verdict(set, "x.wild.example"), "*.wild.example@10");
    assert_string_equal(verdict(set, "top.example"), "top.example@14");
    assert_string_equal(verdict_url(set, "path.example", "/ads/x"), "path.example/ads/@9");
    assert_string_equal(verdict_url(set, "u.example", "/x.js"), "u.example/x.js@16");
    assert_string_equal(verdict(set, "axb.example"), "a*b.example@11");
    assert_int_equal(report_of(set)->n_bad, 0);
    assert_int_equal(report_of(set)->n_skipped, 5);
}

static void dnsmasq_settings_that_block_are_taken(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("address=/one.example/0.0.0.0\naddress=/two.example/three.example/#\n"
               "address=/four.example/\nserver=/five.example/\nlocal=/six.example/\n"
               "server=/seven.example/192.0.2.53\naddress=/eight.example/192.0.2.1\naddress=/::\n",
               NULL);

    (void)state;
    assert_string_equal(verdict(set, "www.one.example"), "one.example@1");
    assert_string_equal(verdict(set, "two.example"), "two.example@2");
    assert_string_equal(verdict(set, "three.example"), "three.example@2");
    assert_string_equal(verdict(set, "four.example"), "four.example@3");
    assert_string_equal(verdict(set, "five.example"), "five.example@4");
    assert_string_equal(verdict(set, "six.example"), "six.example@5");
    assert_string_equal(verdict(set, "seven.example"), "-");
    assert_string_equal(verdict(set, "eight.example"), "-");
    assert_int_equal(report_of(set)->n_skipped, 2);
    assert_int_equal(report_of(set)->n_bad, 1);
}

static void unbound_and_bind_zones_that_block_are_taken(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "server:\n  local-zone: \"one.example\" always_nxdomain\n"
        "  local-zone: \"good.one.example.\" always_transparent\n"
        "  local-zone: \"two.example\" transparent\n  local-data: \"three.example A 0.0.0.0\"\n"
        "  local-data: \"four.example 60 IN A 192.0.2.4\"\n"
        "zone \"five.example\" { type master; file \"null.zone\"; };\n",
        NULL);

    (void)state;
    assert_string_equal(verdict(set, "x.one.example"), "one.example@2");
    assert_string_equal(verdict(set, "x.good.one.example"), "-");
    assert_string_equal(verdict(set, "two.example"), "-");
    assert_string_equal(verdict(set, "three.example"), "=three.example@5");
    assert_string_equal(verdict(set, "four.example"), "-");
    assert_string_equal(verdict(set, "www.five.example"), "five.example@7");
    assert_int_equal(report_of(set)->n_bad, 0);
}

static void a_response_policy_zone_is_read_as_resolvers_do(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "$TTL 60\n$ORIGIN rpz.test.\n@ IN SOA ns.test. admin.test. (\n  2024010101 ; serial\n"
        "  3600 600 86400 60 )\n  NS ns.test.\none.example CNAME .\n*.one.example CNAME .\n"
        "two.example.rpz.test. 60 IN CNAME *.\ngood.one.example CNAME rpz-passthru.\n"
        "three.example A 0.0.0.0\nfour.example A 192.0.2.4\n"
        "24.0.2.0.192.rpz-ip CNAME .\n128.5.zz.db8.2001.rpz-ip CNAME .\n"
        "32.zz.db8.2001.rpz-ip CNAME . ; all\n32.1.0.0.10.rpz-client-ip CNAME .\n"
        "five.example CNAME garden.example.\nsix.example CNAME rpz-drop.\n",
        NULL);

    (void)state;
    assert_string_equal(verdict(set, "one.example"), "=one.example@7");
    assert_string_equal(verdict(set, "x.one.example"), "*.one.example@8");
    assert_string_equal(verdict(set, "good.one.example"), "-");
    assert_string_equal(verdict(set, "two.example"), "=two.example@9");
    assert_string_equal(verdict(set, "x.two.example"), "-");
    assert_string_equal(verdict(set, "three.example"), "=three.example@11");
    assert_string_equal(verdict(set, "four.example"), "=four.example@12");
    assert_string_equal(verdict_addr(set, "192.0.2.77"), "192.0.2.0/24@13");
    assert_string_equal(verdict_addr(set, "2001:db8::5"), "2001:db8::5@14");
    assert_string_equal(verdict_addr(set, "2001:db8::6"), "2001:db8::/32@15");
    assert_string_equal(verdict(set, "five.example"), "=five.example@17");
    assert_string_equal(verdict(set, "six.example"), "=six.example@18");
    assert_int_equal(report_of(set)->n_bad, 0);
}

static void tables_are_read_by_their_column(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *csv = set_of(
        "################\n# \"first_seen\",\"ioc_value\",\"ioc_type\"\n"
        "\"2024-01-01 00:00:00\", \"bad.example\", \"domain\"\n"
        "\"2024-01-01\", \"192.0.2.5:80\", \"ip:port\"\n\"2024\", \"http://u.example/a\", \"url\"\n"
        "\"2024\"\n",
        NULL);
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *zeek = set_of(
        "#fields\tindicator\tindicator_type\tmeta.source\nbad.example\tIntel::DOMAIN\tme\n"
        "192.0.2.9\tIntel::ADDR\tme\nu.example/a\tIntel::URL\tme\nabc\tIntel::SOFTWARE\tme\n",
        NULL);
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *suricata =
        set_of("192.0.2.7,1,127\n2001:db8::7,2,10\nYmFkLmV4YW1wbGU=\n", NULL);

    (void)state;
    assert_string_equal(verdict(csv, "bad.example"), "bad.example@3");
    assert_string_equal(verdict_addr(csv, "192.0.2.5"), "-");
    assert_string_equal(verdict_port(csv, "192.0.2.5", 80), "192.0.2.5:80@4");
    assert_string_equal(verdict_url(csv, "u.example", "/a"), "u.example/a@5");
    assert_int_equal(report_of(csv)->n_skipped, 0);
    assert_string_equal(verdict(zeek, "bad.example"), "bad.example@2");
    assert_string_equal(verdict_addr(zeek, "192.0.2.9"), "192.0.2.9@3");
    assert_string_equal(verdict_url(zeek, "u.example", "/a"), "u.example/a@4");
    assert_int_equal(report_of(zeek)->n_skipped, 1);
    assert_string_equal(verdict_addr(suricata, "192.0.2.7"), "192.0.2.7@1");
    assert_string_equal(verdict_addr(suricata, "2001:db8::7"), "2001:db8::7@2");
    assert_string_equal(verdict(suricata, "bad.example"), "bad.example@3");
}

static void a_column_can_be_named(void **state)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    const char *text = "domain;culprit\ngood.example;bad.example\n", *path;
    struct nta_list_source source = {.column = "Culprit"};
    struct nta_err err = {0};

    (void)state;
    source.path = path = list_file(text, strlen(text));
    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    assert_string_equal(verdict(set, "bad.example"), "bad.example@2");
    assert_string_equal(verdict(set, "good.example"), "-");
    assert_int_equal(unlink(path), 0);
}

static void one_file_may_mix_formats(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("one.example\n0.0.0.0 two.example\n||three.example^\naddress=/four.example/\n"
               "local-zone: \"five.example\" refuse\nsix.example CNAME .\n192.0.2.0/29\n"
               "192.0.2.64 - 192.0.2.70\nhttps://seven.example/x\n192.0.2.9:443\n[2001:db8::9]\n"
               "198.51.100.77/24\n203.0.113.5/\neight.example/\n",
               NULL);

    (void)state;
    assert_string_equal(verdict(set, "one.example"), "one.example@1");
    assert_string_equal(verdict(set, "two.example"), "two.example@2");
    assert_string_equal(verdict(set, "three.example"), "three.example@3");
    assert_string_equal(verdict(set, "four.example"), "four.example@4");
    assert_string_equal(verdict(set, "five.example"), "five.example@5");
    assert_string_equal(verdict(set, "six.example"), "=six.example@6");
    assert_string_equal(verdict_addr(set, "192.0.2.3"), "192.0.2.0/29@7");
    assert_string_equal(verdict_addr(set, "192.0.2.66"), "192.0.2.64-192.0.2.70@8");
    assert_string_equal(verdict_url(set, "seven.example", "/x"), "seven.example/x@9");
    assert_string_equal(verdict_addr(set, "192.0.2.9"), "-");
    assert_string_equal(verdict_port(set, "192.0.2.9", 443), "192.0.2.9:443@10");
    assert_string_equal(verdict_addr(set, "2001:db8::9"), "2001:db8::9@11");
    assert_string_equal(verdict_addr(set, "198.51.100.1"), "198.51.100.0/24@12");
    assert_string_equal(verdict_addr(set, "203.0.113.5"), "203.0.113.5@13");
    assert_string_equal(verdict(set, "eight.example"), "=eight.example@14");
    assert_int_equal(report_of(set)->n_bad, 0);
    assert_int_equal(report_of(set)->n_skipped, 0);
}

static void addresses_may_have_a_port_and_names_may_not(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("192.0.2.9:443\n[2001:db8::9]:8080\nhost.example:80\n192.0.2.9:0\n"
               "192.0.2.9:65536\n192.0.2.9:443 # again\n192.0.2.9:99999\n2001:db8::9:80\n",
               NULL);

    (void)state;
    assert_string_equal(verdict_port(set, "192.0.2.9", 443), "192.0.2.9:443@1");
    assert_string_equal(verdict_port(set, "192.0.2.9", 444), "-");
    assert_string_equal(verdict_port(set, "192.0.2.8", 443), "-");
    assert_string_equal(verdict_port(set, "192.0.2.9", 0), "-");
    assert_string_equal(verdict_addr(set, "192.0.2.9"), "-");
    assert_string_equal(verdict_port(set, "2001:db8::9", 8080), "[2001:db8::9]:8080@2");
    assert_string_equal(verdict(set, "host.example"), "-");
    assert_string_equal(verdict_addr(set, "2001:db8::9:80"), "2001:db8::9:80@8"); /* no port */
    assert_int_equal(report_of(set)->n_addresses, 3);
    assert_int_equal(report_of(set)->n_duplicates, 1);
    assert_int_equal(report_of(set)->n_domains, 0);
    assert_int_equal(report_of(set)->n_skipped, 1);
    assert_int_equal(report_of(set)->n_bad, 3);
}

static void suricata_rules_that_name_hosts_are_taken(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "alert dns any any -> any any (msg:\"a; b\"; dns.query; content:\"s1.example\"; bsize:10; "
        "sid:1;)\n"
        "alert dns any any -> any any (dns.query; dotprefix; content:\".s2.example\"; endswith;)\n"
        "drop tls any any -> any any (tls.sni; content:\"s3|2e|exampl|65|\"; startswith; "
        "endswith;)\n"
        "alert http any any -> any any (http.uri; content:\"/x\";)\n"
        "alert dns any any -> any any (dns.query; content:\"part\";)\n"
        "alert dns any any -> any any (dns.query; content:!\"s6.example\"; bsize:1;)\n"
        "alert ip [203.0.113.5,203.0.113.0/25,$X,2001:db8::/64] any -> $HOME_NET any (sid:7;)\n"
        "alert tcp any any -> 192.0.2.9 443 (flags:S;)\n"
        "alert ip any any -> 192.0.2.10 any (sid:9;)\n"
        "# alert ip 192.0.2.11 any -> any any (sid:10;)\nalert me\nother.example\n",
        NULL);

    (void)state;
    assert_string_equal(verdict(set, "s1.example"), "=s1.example@1");
    assert_string_equal(verdict(set, "x.s1.example"), "-");
    assert_string_equal(verdict(set, "x.s2.example"), "s2.example@2");
    assert_string_equal(verdict(set, "s3.example"), "=s3.example@3");
    assert_string_equal(verdict(set, "s6.example"), "-");
    assert_string_equal(verdict_addr(set, "203.0.113.5"), "203.0.113.5@7");
    assert_string_equal(verdict_addr(set, "203.0.113.6"), "203.0.113.0/25@7");
    assert_string_equal(verdict_addr(set, "2001:db8::1"), "2001:db8::/64@7");
    assert_string_equal(verdict_addr(set, "192.0.2.9"), "-");
    assert_string_equal(verdict_addr(set, "192.0.2.10"), "192.0.2.10@9");
    assert_string_equal(verdict_addr(set, "192.0.2.11"), "-");
    assert_string_equal(verdict(set, "other.example"), "other.example@12");
    assert_int_equal(report_of(set)->n_bad, 1);
}

static void ranges_are_read_as_publishers_write_them(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("# netset\n1.2.3.0/24\n9.9.1.1-9.9.1.20\n1.10.16.0/20 ; SBL1\n"
               "1.19.0.0 - 1.19.255.255 , 000 , name\n45.143.200.0\t45.143.200.255\t24\t90\n"
               "some net:7.7.7.0-7.7.7.9\n2001:db8::/33\n256.1.1.1\n10.0.0.1/33\n9.9.9.9-1.1.1.1\n",
               NULL);

    (void)state;
    assert_string_equal(verdict_addr(set, "1.2.3.4"), "1.2.3.0/24@2");
    assert_string_equal(verdict_addr(set, "9.9.1.20"), "9.9.1.1-9.9.1.20@3");
    assert_string_equal(verdict_addr(set, "1.10.31.255"), "1.10.16.0/20@4");
    assert_string_equal(verdict_addr(set, "1.19.5.5"), "1.19.0.0/16@5");
    assert_string_equal(verdict_addr(set, "45.143.200.9"), "45.143.200.0/24@6");
    assert_string_equal(verdict_addr(set, "7.7.7.9"), "7.7.7.0-7.7.7.9@7");
    assert_string_equal(verdict_addr(set, "2001:db8::1"), "2001:db8::/33@8");
    assert_int_equal(report_of(set)->n_bad, 3);
}

static void what_resolvers_say_besides_is_skipped(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "port=53\nbogus-nxdomain=192.0.2.1\nserver=/good.example/#\naddress=/good.example/#\n"
        "interface: 0.0.0.0\naccess-control: 10.0.0.0/8 allow\nlocal-zone: 'u1.example' static\n"
        "local-zone:\"u2.example\" refuse\nfe80::1\n",
        NULL);

    (void)state;
    assert_string_equal(verdict(set, "good.example"), "-"); /* asked as ever: an exception */
    assert_string_equal(verdict(set, "x.u1.example"), "u1.example@7");
    assert_string_equal(verdict(set, "u2.example"), "u2.example@8");
    assert_string_equal(verdict_addr(set, "fe80::1"), "fe80::1@9");
    assert_int_equal(report_of(set)->n_skipped, 4);
    assert_int_equal(report_of(set)->n_bad, 0);
}

static void lines_are_counted_by_reason(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "||a.example^\n||b.example^$domain=x.example\nx.example##.ad\ny.example##.ad\n", NULL);
    const struct nta_list_report *report = report_of(set);
    uint64_t n = 0;

    (void)state;
    assert_int_equal(report->n_reasons, 2);
    for (size_t i = 0; i < report->n_reasons; i++)
        n += strcmp(report->reasons[i].text, "a rule for the look of pages") == 0
                 ? report->reasons[i].n
                 : 0;
    assert_int_equal(n, 2);
    assert_int_equal(report->n_skipped, 3);
}

static void urls_of_urlhaus_name_host_and_path(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("http://192.0.2.2:8080/bin.sh\nhttps://User:pw@Host.Example:443/A/b?q=1#frag\n"
               "http://[2001:db8::1]/v6\nhttp://dir.example/x/\nhttp://all.example\n",
               NULL);

    (void)state;
    assert_string_equal(verdict_url(set, "192.0.2.2", "/bin.sh?x"), "192.0.2.2/bin.sh@1");
    assert_string_equal(verdict_url(set, "192.0.2.2", "/bin.shx"), "-");
    assert_string_equal(verdict_url(set, "host.example", "/A/b?q=1"), "host.example/A/b?q=1@2");
    assert_string_equal(verdict_url(set, "host.example", "/A/b"), "-");
    assert_string_equal(verdict_url(set, "2001:db8::1", "/v6"), "2001:db8::1/v6@3");
    assert_string_equal(verdict_url(set, "dir.example", "/x/y"), "dir.example/x/@4");
    assert_string_equal(verdict(set, "all.example"), "=all.example@5");
}

/** What a comment or a path ends in is no range, the entry before it is taken. */
static void a_range_at_the_end_of_a_comment_is_none(void **state)
{
    static const struct
    {
        const char *line, *name, *verdict;
    } rows[] = {
        {"192.0.2.66 # net: 198.51.100.0-198.51.100.255", NULL, "192.0.2.66@1"},
        {"192.0.2.66#net:198.51.100.0-198.51.100.255", NULL, "192.0.2.66@1"},
        {"192.0.2.0/24 ; ex:198.51.100.0-198.51.100.9", NULL, "192.0.2.0/24@1"},
        {"192.0.2.64 - 192.0.2.67 # ex:198.51.100.0-198.51.100.9", NULL, "192.0.2.64/30@1"},
        {"cdn.badex # range: 198.51.100.0-198.51.100.255", "cdn.badex", "cdn.badex@1"},
        {"cdn.badex // range: 198.51.100.0-198.51.100.255", "cdn.badex", "cdn.badex@1"},
        {"ads*.badex # a:198.51.100.0-198.51.100.9", "ads1.badex", "ads*.badex@1"},
        {"0.0.0.0 worse.badex # a:198.51.100.1-198.51.100.9", "worse.badex", "worse.badex@1"},
        {"192.0.2.1 real.badex # a:198.51.100.1-198.51.100.9", "real.badex", "-"},
        {"||x.badex^ # a:198.51.100.1-198.51.100.9", "y.badex", "-"},
        {"local-zone: \"x.badex\" refuse # a:198.51.100.0-198.51.100.9", "x.badex", "x.badex@1"},
        {"http://x.badex/p:198.51.100.1-198.51.100.9", "y.badex", "-"},
        {"x.badex/p:198.51.100.1-198.51.100.9", "y.badex", "-"},
    };

    static const char *const named[] = {
        "Some name #1, Inc: 198.51.100.1-198.51.100.9", "Name#1:198.51.100.1-198.51.100.9",
        "Some Inc. #1 // x:198.51.100.1-198.51.100.9", "A/S, S.A. /x:198.51.100.1-198.51.100.9",
        "3com ; x:198.51.100.1-198.51.100.9"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        char text[128];

        (void)snprintf(text, sizeof(text), "%s\nok.example\n", rows[i].line);
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(text, NULL);
        const char *is =
            rows[i].name ? verdict(set, rows[i].name) : verdict_addr(set, "192.0.2.66");

        if (strcmp(is, rows[i].verdict) != 0)
            fail_msg("%s: %s", rows[i].line, is);
        if (strcmp(verdict_addr(set, "198.51.100.5"), "-") != 0)
            fail_msg("%s: the range is taken", rows[i].line);
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(named); i++) {
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(named[i], NULL);

        if (strcmp(verdict_addr(set, "198.51.100.5"), "198.51.100.1-198.51.100.9@1") != 0)
            fail_msg("%s is not taken", named[i]);
    }
}

/** A text with a NUL byte is none of names, and it is not cut there. */
static void a_name_with_a_nul_byte_is_not_understood(void **state)
{
    static const char text[] = "ok.example\n||goo\0dsite.\n||bad.sh\0op.\n||bad\0.example^\n"
                               "ok2.example\nok3.example\n";
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    const char *path = list_file(text, sizeof(text) - 1);
    struct nta_list_source source = {.path = path};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    assert_string_equal(verdict(set, "google.example"), "-");
    assert_string_equal(verdict(set, "bad.shop.example"), "-");
    assert_int_equal(report_of(set)->n_taken, 3);
    assert_int_equal(report_of(set)->n_bad, 3);
    assert_int_equal(unlink(path), 0);
}

/** The words of a line that are no names are said, the others are taken. */
static void what_is_not_taken_of_a_line_of_names_is_counted(void **state)
{
    static const struct
    {
        const char *line, *reason, *complaint;
    } rows[] = {
        {"0.0.0.0 one.badex *tracker* com two.badex", "a wildcard in a hosts line, which has none",
         ":2: a wildcard"},
        {"0.0.0.0 one.badex *.three.badex two.badex", "a wildcard in a hosts line, which has none",
         ":2: a wildcard"},
        {"0.0.0.0 one.badex com bad_host! two.badex", "not a host name", ":2: not a host name"},
        {"0.0.0.0 one.badex com two.badex", "a machine's own names", ""},
        {"0.0.0.0 com one.badex co.uk two.badex",
         "a public suffix: it would cover everybody's names below it (key force)", ":2: a public"},
        {"0.0.0.0 localhost one.badex two.badex # com *", NULL, ""},
        {"address=/one.badex/bad_host!/two.badex/#", "not a host name", ":2: not a host name"},
        {"address=/one.badex/*com/two.badex/#", "", ":2: wildcards"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
        NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
        const struct nta_list_report *report;
        struct nta_err err = {0};
        char text[128];

        (void)snprintf(text, sizeof(text), "ok.example\n%s\n", rows[i].line);
        assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
        assert_int_equal(add_text(builder, text, false, &complaints, &err), 0);
        assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
        nta_buf_put(&complaints, "", 1);
        report = report_of(set);
        assert_string_equal(verdict(set, "one.badex"), "one.badex@2");
        assert_string_equal(verdict(set, "two.badex"), "two.badex@2");
        assert_int_equal(report->n_domains, 3);
        assert_int_equal(report->n_skipped, rows[i].reason != NULL);
        assert_int_equal(report->n_bad, 0);
        if (rows[i].reason && *rows[i].reason)
            assert_string_equal(report->reasons[0].text, rows[i].reason);
        if (!strstr((const char *)complaints.ptr, rows[i].complaint))
            fail_msg("%s: %s", rows[i].line, (const char *)complaints.ptr);
        assert_int_equal(complaints.len > 1, *rows[i].complaint != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adblock_rules_for_hosts_are_taken_and_others_skipped),
        cmocka_unit_test(dnsmasq_settings_that_block_are_taken),
        cmocka_unit_test(unbound_and_bind_zones_that_block_are_taken),
        cmocka_unit_test(a_response_policy_zone_is_read_as_resolvers_do),
        cmocka_unit_test(tables_are_read_by_their_column),
        cmocka_unit_test(a_column_can_be_named),
        cmocka_unit_test(one_file_may_mix_formats),
        cmocka_unit_test(addresses_may_have_a_port_and_names_may_not),
        cmocka_unit_test(suricata_rules_that_name_hosts_are_taken),
        cmocka_unit_test(ranges_are_read_as_publishers_write_them),
        cmocka_unit_test(what_resolvers_say_besides_is_skipped),
        cmocka_unit_test(lines_are_counted_by_reason),
        cmocka_unit_test(urls_of_urlhaus_name_host_and_path),
        cmocka_unit_test(a_range_at_the_end_of_a_comment_is_none),
        cmocka_unit_test(a_name_with_a_nul_byte_is_not_understood),
        cmocka_unit_test(what_is_not_taken_of_a_line_of_names_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
