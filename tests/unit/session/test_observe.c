/* SPDX-License-Identifier: Apache-2.0 */
/* What a record says of a connection's site, and how sure that is. */
#include "pipeline/kit.h"
#include "proto/hello.h"

#define ANN  "10.0.0.5"
#define BEN  "10.0.0.6"
#define SITE "198.51.100.7"

enum
{
    LINE_SIZE = 4096,
    ECH_OUTER = 0xfe0d
};

static struct kit kit;
static char line[LINE_SIZE];

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

/** A ClientHello with a name; with `ech`, an encrypted one inside. */
static struct nta_span hello(const char *name, bool ech)
{
    static struct maker message, records;
    static const uint8_t inner[64] = {0, 0, 1, 0, 1}; /* outer, HKDF-SHA256, AES-128-GCM */

    message.len = records.len = 0;
    make_client_hello(&message, name, 0);
    if (ech) { /* behind the other extensions; three lengths grow */
        const size_t extensions = 4 + 2 + 32 + 1 + 2 + 6 + 2;
        size_t all, body;

        make_extension(&message, ECH_OUTER, inner, sizeof(inner));
        all = message.len - extensions - 2;
        body = message.len - 4;
        message.bytes[extensions] = (uint8_t)(all >> 8);
        message.bytes[extensions + 1] = (uint8_t)all;
        message.bytes[2] = (uint8_t)(body >> 8);
        message.bytes[3] = (uint8_t)body;
    }
    make_records(&records, message.bytes, message.len, 16384);
    return (struct nta_span){records.bytes, records.len};
}

static void assert_says(const char *one, const char *two, const char *expected)
{
    kit_says(&kit, one, two, expected, line, sizeof(line));
}

static void assert_silent(const char *unexpected)
{
    if (strstr(line, unexpected))
        fail_msg("%s is in %s", unexpected, line);
}

#define FLOW  "\"event\":\"flow\""
#define ALERT "\"event\":\"alert\""

static void dns_that_said_so_before_agrees_with_the_hello(void **state)
{
    (void)state;
    wire_lookup(&kit.wire, ANN, "www.good.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 443, hello("www.good.example", false), 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"app\":\"tls\"", "\"site\":\"www.good.example\",\"basis\":\"sni\"");
    assert_says(FLOW, "\"app\":\"tls\"", "\"agrees\":[\"dns\"]");
    assert_silent("disagrees");
    assert_silent("match");
}

static void a_hello_that_dns_contradicts_is_recorded_as_such(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_lookup(&kit.wire, ANN, "files.bad.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 443, hello("innocent.example", false), 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"app\":\"tls\"", "\"disagrees\":[\"dns\"]");
    assert_silent("\"agrees\"");
    assert_says(FLOW, "\"app\":\"tls\"", "\"site\":\"innocent.example\"");
}

static void what_one_user_asked_names_no_connection_of_another(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_lookup(&kit.wire, ANN, "files.bad.example", SITE);
    wire_connection(&kit.wire, BEN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"ip\":\"" BEN "\"", "\"site\":\"" SITE "\",\"basis\":\"address\"");
    assert_silent("match");
    assert_int_equal(kit_find(&kit, ALERT, BEN, NULL, 0), 0);
}

static void what_the_same_user_asked_names_the_connection(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_lookup(&kit.wire, ANN, "files.bad.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"ip\":\"" ANN "\"", "\"site\":\"files.bad.example\",\"basis\":\"dns\"");
    assert_says(FLOW, "\"ip\":\"" ANN "\"", "\"entry\":\"bad.example\"");
    assert_int_equal(kit_find(&kit, ALERT, "\"basis\":\"dns\"", NULL, 0),
                     2); /* question, connection */
}

static void a_name_from_dns_is_forgotten_after_its_time(void **state)
{
    (void)state;
    wire_lookup(&kit.wire, ANN, "files.bad.example", SITE);
    kit.wire.second += 300 + 60 + 1;
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 1000);
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"" SITE "\",\"basis\":\"address\"");
}

static void an_address_alone_is_weak_and_no_download(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\n", false);
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 100000);
    kit_run(&kit);
    assert_says(ALERT, ANN, "\"weak\":true");
    assert_silent("\"download\":true");
    assert_says(FLOW, ANN, "\"weak\":true");
    assert_silent("\"download\":true");
}

/* A protocol that nobody knows never ends, and no name comes. */
static void an_address_is_told_soon_and_with_the_time_of_its_packet(void **state)
{
    struct wire_tcp tcp = {{ANN, 41000}, {SITE, 4444}, {1000, 2000}};

    (void)state;
    kit_list(&kit, SITE "\n", false);
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, (struct nta_span){0});
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, (struct nta_span){0});
    for (int i = 0; i < 5; i++) {
        wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, nta_span_of("\x01\x02"));
        kit.wire.second += 10;
    }
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, ALERT, ANN, line, sizeof(line)), 1);
    assert_non_null(strstr(line, "\"time\":\"2026-02-02T02:40:02")); /* the first bytes */
    assert_says(FLOW, ANN, "\"time\":\"2026-02-02T02:40:00");
}

/** Chunks say where a body ends: with the last of them, and not before. */
static void a_body_is_complete_with_its_last_chunk(void **state)
{
    const struct nta_span none = {0};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct wire_tcp tcp = {{i == 0 ? ANN : BEN, 41000}, {SITE, 80}, {1000, 2000}};

        wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
        wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
        wire_segment(&kit.wire, &tcp, 0, WIRE_ACK,
                     nta_span_of("GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"));
        wire_segment(&kit.wire, &tcp, 1, WIRE_ACK,
                     nta_span_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "5\r\nhello\r\n"));
        if (i == 0)
            wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, nta_span_of("0\r\n\r\n"));
        wire_segment(&kit.wire, &tcp, 1, WIRE_ACK | WIRE_FIN, none);
        wire_segment(&kit.wire, &tcp, 0, WIRE_ACK | WIRE_FIN, none);
    }
    kit_run(&kit);
    assert_says("\"event\":\"request\"", ANN, "\"bytes\":5");
    assert_says("\"event\":\"request\"", ANN, "\"complete\":true");
    assert_says("\"event\":\"request\"", BEN, "\"bytes\":5");
    assert_int_equal(kit_find(&kit, "\"complete\":true", BEN, NULL, 0), 0);
}

/** A request whose sender acknowledges the answer with this number; the server's first is 2000. */
static void asked_with(uint32_t acknowledges)
{
    struct wire_tcp tcp = {{ANN, 41000}, {SITE, 80}, {1000, 2000}};
    const struct nta_span none = {0};

    kit_list(&kit, "bad.example\n", false);
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    tcp.seq[1] = acknowledges;
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK,
                 nta_span_of("GET /a HTTP/1.1\r\nHost: bad.example\r\n\r\n"));
    kit_run(&kit);
}

static void who_acknowledges_what_was_sent_was_answered(void **state)
{
    (void)state;
    asked_with(2001);
    assert_says(ALERT, ANN, "\"seen\":\"answered\"");
    assert_says(FLOW, ANN, "\"grade\":\"strong\"");
}

static void who_guesses_what_to_acknowledge_only_claims(void **state)
{
    (void)state;
    asked_with(2002);
    assert_says(ALERT, ANN, "\"seen\":\"claimed\"");
    assert_says(FLOW, ANN, "\"grade\":\"likely\"");
    assert_says("\"event\":\"request\"", ANN, "\"grade\":\"likely\"");
}

/* Anybody can send segments to a port where nobody listens. */
static void bytes_that_nobody_acknowledged_are_no_download(void **state)
{
    static const uint8_t page[1400] = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    struct wire_tcp tcp = {{ANN, 51000}, {SITE, 80}, {1000, 2000}};

    (void)state;
    kit_list(&kit, SITE "\n", false);
    for (int i = 0; i < 20; i++)
        wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, (struct nta_span){page, sizeof(page)});
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"seen\":\"claimed\"");
    assert_says(ALERT, ANN, "\"seen\":\"claimed\"");
    assert_int_equal(kit_find(&kit, "\"seen\":\"delivered\"", "", NULL, 0), 0);
}

/* HTTP/1.0, or a request that names no site otherwise: DNS knows whose it is. */
static void a_request_without_a_host_is_to_the_site_that_dns_knows(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_lookup(&kit.wire, ANN, "files.bad.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 80, nta_span_of("GET /tool.exe HTTP/1.0\r\n\r\n"), 100);
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "tool.exe", "\"entry\":\"bad.example\"");
    assert_says(ALERT, "tool.exe", "\"entry\":\"bad.example\"");
}

static void a_listed_name_in_the_hello_is_a_download_told_once(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    kit.config->alert.download_bytes = 100000;
    wire_connection(&kit.wire, ANN, SITE, 443, hello("files.bad.example", false), 100000);
    kit_run(&kit);
    assert_says(ALERT, ANN, "\"basis\":\"sni\"");
    assert_silent("\"weak\":true");
    assert_says(FLOW, ANN, "\"download\":true");
}

static void an_allowed_name_clears_a_listed_address(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\nbad.example\n", false);
    kit_list(&kit, "good.bad.example\n", true);
    wire_connection(&kit.wire, ANN, SITE, 443, hello("good.bad.example", false), 100000);
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"good.bad.example\"");
    assert_silent("match");
    assert_int_equal(kit_find(&kit, ALERT, "", NULL, 0), 0);
}

/* Anybody can ask our server for anything. */
static void what_an_outsider_asks_of_our_server_is_no_deed_of_ours(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_connection(&kit.wire, SITE, ANN, 80,
                    nta_span_of("GET /a HTTP/1.1\r\nHost: files.bad.example\r\n\r\n"), 100);
    wire_connection(&kit.wire, SITE, ANN, 443, hello("www.bad.example", false), 30000);
    kit_run(&kit);
    assert_says("\"event\":\"request\"", ANN, "\"opened_by\":\"peer\"");
    assert_silent("match");
    assert_says(FLOW, "\"app\":\"tls\"", "\"opened_by\":\"peer\"");
    assert_silent("match");
    assert_int_equal(kit_find(&kit, ALERT, "", NULL, 0), 0);
}

/* The address is what he cannot choose. */
static void an_outsider_at_a_listed_address_is_told_as_such(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\n", false);
    kit_list(&kit, "files.bad.example\n", true);
    wire_connection(&kit.wire, SITE, ANN, 80,
                    nta_span_of("GET /a HTTP/1.1\r\nHost: files.bad.example\r\n\r\n"), 100);
    kit_run(&kit);
    assert_says(ALERT, ANN, "\"opened_by\":\"peer\"");
    assert_says("\"event\":\"request\"", ANN, "\"entry\":\"" SITE "\"");
}

#define GET "GET /tool.exe HTTP/1.1\r\nHost: www.fine.example\r\n\r\n"

/* Lists of addresses are the commonest ones. */
static void what_a_list_says_of_the_address_reaches_the_request(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\n", false);
    wire_lookup(&kit.wire, ANN, "www.fine.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 80, nta_span_of(GET), 100);
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "tool.exe", "\"entry\":\"" SITE "\"");
    assert_says("\"event\":\"request\"", "tool.exe", "\"weak\":true");
    assert_says(ALERT, "http://www.fine.example/tool.exe", "\"weak\":true");
    assert_int_equal(kit_find(&kit, ALERT, "", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"event\":\"packets\"", ANN, NULL, 0), 1);
}

static void a_request_to_another_site_on_the_connection_is_not_that_site(void **state)
{
    static const char two[] = "GET /a HTTP/1.1\r\nHost: bad.example\r\n\r\n"
                              "GET /b HTTP/1.1\r\nHost: good.example\r\n\r\n";

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_connection(&kit.wire, ANN, SITE, 80, nta_span_of(two), 100);
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "http://bad.example/a", "\"match\"");
    assert_says("\"event\":\"request\"", "http://good.example/b", "\"site\":\"good.example\"");
    assert_silent("match");
}

/** A client can write any Host: one that is allowed, though DNS gave another name. */
static void contradicted(const char *list)
{
    kit_list(&kit, list, false);
    kit_list(&kit, "www.fine.example\n", true);
    wire_lookup(&kit.wire, ANN, "c2.bad.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 80, nta_span_of(GET), 100);
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "tool.exe", "\"weak\":true");
    assert_says("\"event\":\"request\"", "tool.exe", "\"disagrees\":[\"dns\"]");
    assert_says(ALERT, "tool.exe", "\"weak\":true");
}

static void a_name_that_dns_contradicts_does_not_excuse_an_address(void **state)
{
    (void)state;
    contradicted(SITE "\n");
}

static void a_name_that_dns_contradicts_does_not_excuse_the_one_that_dns_gave(void **state)
{
    (void)state;
    contradicted("c2.bad.example\n");
}

static void a_providers_outer_name_is_not_recorded_as_visited(void **state)
{
    (void)state;
    kit_list(&kit, "cloudflare-ech.com\n", false);
    wire_lookup(&kit.wire, ANN, "private.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 443, hello("cloudflare-ech.com", true), 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"app\":\"tls\"", "\"hidden\":true");
    assert_silent("cloudflare-ech.com");
    assert_says(FLOW, "\"app\":\"tls\"", "\"site\":\"private.example\",\"basis\":\"dns\"");
    assert_int_equal(kit_find(&kit, ALERT, "", NULL, 0), 0);
}

static void an_outer_name_nobody_asked_for_is_not_recorded_as_visited(void **state)
{
    (void)state;
    wire_lookup(&kit.wire, ANN, "private.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 443, hello("front.example", true), 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"app\":\"tls\"", "\"hidden\":true");
    assert_silent("front.example");
}

static void random_filler_in_a_hello_hides_no_name(void **state)
{
    (void)state;
    wire_lookup(&kit.wire, ANN, "www.good.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 443, hello("www.good.example", true), 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"app\":\"tls\"", "\"site\":\"www.good.example\",\"basis\":\"sni\"");
    assert_silent("\"hidden\":true");
}

/** ANN asks a proxy for a site and says `inside` through it. */
static void through_proxy(const char *request, struct nta_span inside)
{
    struct wire_tcp tcp = {{ANN, 41000}, {SITE, 8080}, {1000, 2000}};
    const struct nta_span none = {0};

    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, nta_span_of(request));
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, nta_span_of("HTTP/1.1 200 Fine\r\n\r\n"));
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, inside);
    wire_segment(&kit.wire, &tcp, 1, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_FIN | WIRE_ACK, none);
}

#define CONNECT "CONNECT asked.example:443 HTTP/1.1\r\nHost: asked.example:443\r\n\r\n"

static void a_name_inside_a_tunnel_is_the_site(void **state)
{
    (void)state;
    through_proxy(CONNECT, hello("inside.example", false));
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"inside.example\",\"basis\":\"sni\"");
}

static void what_a_proxy_was_asked_for_is_the_site_of_a_tunnel_without_names(void **state)
{
    (void)state;
    through_proxy(CONNECT, nta_span_of("\x01\x02\x03\x04"));
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"asked.example\",\"basis\":\"url\"");
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(dns_that_said_so_before_agrees_with_the_hello),
        IN_KIT(a_hello_that_dns_contradicts_is_recorded_as_such),
        IN_KIT(what_one_user_asked_names_no_connection_of_another),
        IN_KIT(what_the_same_user_asked_names_the_connection),
        IN_KIT(a_name_from_dns_is_forgotten_after_its_time),
        IN_KIT(an_address_alone_is_weak_and_no_download),
        IN_KIT(an_address_is_told_soon_and_with_the_time_of_its_packet),
        IN_KIT(a_body_is_complete_with_its_last_chunk),
        IN_KIT(who_acknowledges_what_was_sent_was_answered),
        IN_KIT(who_guesses_what_to_acknowledge_only_claims),
        IN_KIT(bytes_that_nobody_acknowledged_are_no_download),
        IN_KIT(a_request_without_a_host_is_to_the_site_that_dns_knows),
        IN_KIT(a_listed_name_in_the_hello_is_a_download_told_once),
        IN_KIT(an_allowed_name_clears_a_listed_address),
        IN_KIT(what_an_outsider_asks_of_our_server_is_no_deed_of_ours),
        IN_KIT(an_outsider_at_a_listed_address_is_told_as_such),
        IN_KIT(what_a_list_says_of_the_address_reaches_the_request),
        IN_KIT(a_request_to_another_site_on_the_connection_is_not_that_site),
        IN_KIT(a_name_that_dns_contradicts_does_not_excuse_an_address),
        IN_KIT(a_name_that_dns_contradicts_does_not_excuse_the_one_that_dns_gave),
        IN_KIT(a_providers_outer_name_is_not_recorded_as_visited),
        IN_KIT(an_outer_name_nobody_asked_for_is_not_recorded_as_visited),
        IN_KIT(random_filler_in_a_hello_hides_no_name),
        IN_KIT(a_name_inside_a_tunnel_is_the_site),
        IN_KIT(what_a_proxy_was_asked_for_is_the_site_of_a_tunnel_without_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
