/* SPDX-License-Identifier: Apache-2.0 */
/* What hides what its user does is a match of a list, where it is his deed. */
#include "pipeline/kit.h"
#include "session/evasion.h"
#include "session/role/role.h"

#define ANN    "10.0.0.5"
#define BEN    "10.0.0.6"
#define RELAY  "198.51.100.7"
#define OTHERS "203.0.113.9"

static struct kit kit;
static const struct nta_span none;

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

/** The handshake of WireGuard; `answered`: its second message, and what the client goes on with. */
static void wireguard(const char *client, const char *server, bool answered)
{
    const struct wire_end user = {client, 40000}, peer = {server, 51820};
    uint8_t first[148], second[92], data[32] = "\4\0\0\0\xa5\xa5\xa5\xa5";

    memset(first, 0x5a, sizeof(first));
    memset(second, 0xa5, sizeof(second));
    memcpy(first, "\1\0\0\0", 4);
    memcpy(second, "\2\0\0\0", 4);
    memset(first + sizeof(first) - 16, 0, 16);
    memset(second + sizeof(second) - 16, 0, 16);
    wire_udp(&kit.wire, &user, &peer, (struct nta_span){first, sizeof(first)});
    if (!answered)
        return;
    wire_udp(&kit.wire, &peer, &user, (struct nta_span){second, sizeof(second)});
    wire_udp(&kit.wire, &user, &peer, (struct nta_span){data, sizeof(data)});
}

/** Both sides say so on a connection to this port. */
static void talk(uint16_t port, const char *up, const char *down)
{
    struct wire_tcp tcp = {{ANN, 40001}, {RELAY, port}, {1000, 2000}};

    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, nta_span_of(up));
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, nta_span_of(down));
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, nta_span_of(up));
    wire_segment(&kit.wire, &tcp, 1, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, none);
}

/** What is read holds so many alerts, each of this entry. */
static void assert_alerts(size_t n, const char *entry)
{
    char said[64];

    (void)snprintf(said, sizeof(said), "\"entry\":\"%s\"", entry);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "", NULL, 0), n);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", said, NULL, 0), n);
}

static void a_tunnel_that_is_answered_is_told_with_its_bytes(void **state)
{
    char line[4096];

    (void)state;
    wireguard(ANN, RELAY, true);
    assert_alerts(1, "wireguard");
    kit_says(&kit, "\"event\":\"flow\"", "\"list\":\"evasion\"", "\"kind\":\"program\"", line,
             sizeof(line));
    assert_non_null(strstr(line, "\"up\":{\"bytes\":180,"));
    assert_non_null(strstr(line, "\"grade\":\"strong\""));
}

static void ipsec_is_told_however_many_ports_it_uses(void **state)
{
    static const uint16_t ports[] = {500, 4500};
    uint8_t first[52] = "client's\0\0\0\0\0\0\0\0\x21\x20\x22\x08\0\0\0\0\0\0\0\x30\0\0\0\x14",
            second[52] = "client'sserver's\x21\x20\x22\x20\0\0\0\0\0\0\0\x30\0\0\0\x14";

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(ports); i++) {
        const struct wire_end user = {ANN, ports[i]}, peer = {RELAY, ports[i]};
        const size_t len = 48 + i * 4;

        if (i > 0) { /* the marker before it */
            memmove(first + 4, first, 48);
            memmove(second + 4, second, 48);
            memset(first, 0, 4);
            memset(second, 0, 4);
        }
        wire_udp(&kit.wire, &user, &peer, (struct nta_span){first, len});
        wire_udp(&kit.wire, &peer, &user, (struct nta_span){second, len});
    }
    assert_alerts(2, "ipsec");
}

static void ipsec_without_ports_is_told_once_it_is_answered(void **state)
{
    const struct wire_end user = {ANN, 0}, peer = {RELAY, 0};
    uint8_t bytes[64] = "\x12\x34\x56\x78\0\0\0\1";
    const struct nta_span packet = {bytes, sizeof(bytes)};

    (void)state;
    for (int i = 0; i < 3; i++)
        wire_ip(&kit.wire, &user, &peer, 50, 0, none, packet);
    bytes[1] = 0x99;
    for (int i = 0; i < 3; i++)
        wire_ip(&kit.wire, &peer, &user, 50, 0, none, packet);
    assert_alerts(1, "ipsec");
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"app\":\"ipsec\"", NULL, 0), 1);
}

static void a_try_that_nobody_answers_hides_nothing(void **state)
{
    (void)state;
    wireguard(ANN, RELAY, false);
    assert_alerts(0, "");
}

static void what_stays_inside_hides_nothing(void **state)
{
    (void)state;
    wireguard(ANN, BEN, true);
    assert_alerts(0, "");
}

static void what_others_open_is_no_deed_of_the_user(void **state)
{
    (void)state;
    wireguard(RELAY, ANN, true);
    assert_alerts(0, "");
}

static void off_leaves_it_out(void **state)
{
    (void)state;
    kit.config->blacklist.evasion = false;
    wireguard(ANN, RELAY, true);
    assert_alerts(0, "");
}

static void an_exception_is_for_a_program_or_for_a_peer(void **state)
{
    (void)state;
    kit_list(&kit, "program:OpenVPN\nprogram:wireguard\n", true);
    wireguard(ANN, RELAY, true);
    assert_alerts(0, "");
}

static void an_allowed_address_is_approved(void **state)
{
    (void)state;
    kit_list(&kit, RELAY "\n", true);
    wireguard(ANN, RELAY, true);
    wireguard(BEN, OTHERS, true);
    assert_alerts(1, "wireguard");
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", BEN, NULL, 0), 1);
}

static void ones_own_list_comes_first(void **state)
{
    (void)state;
    kit_list(&kit, RELAY "\n", false);
    wireguard(ANN, RELAY, true);
    assert_alerts(2, RELAY); /* claimed, and then answered */
}

static void any_list_may_name_any_program(void **state)
{
    (void)state;
    kit.config->blacklist.evasion = false;
    kit_list(&kit, "program:ssh\n", false);
    talk(22, "SSH-2.0-x\r\n", "SSH-2.0-y\r\n");
    assert_alerts(1, "ssh");
}

static void ssh_on_its_own_port_is_no_evasion(void **state)
{
    (void)state;
    talk(22, "SSH-2.0-x\r\n", "SSH-2.0-y\r\n");
    assert_alerts(0, "");
}

static void ssh_on_the_port_of_another_service_is(void **state)
{
    (void)state;
    talk(443, "SSH-2.0-x\r\n", "SSH-2.0-y\r\n");
    assert_alerts(1, "ssh-tunnel");
}

static void a_proxy_outside_is_and_its_requests_raise_no_alerts_of_their_own(void **state)
{
    (void)state;
    talk(3128, "GET http://www.good.example/x HTTP/1.1\r\nHost: www.good.example\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_alerts(1, "http-proxy");
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "\"match\"", NULL, 0), 0);
}

static void a_server_that_is_called_by_its_whole_url_is_none(void **state)
{
    (void)state;
    wire_lookup(&kit.wire, ANN, "www.good.example", RELAY);
    talk(8080, "GET http://www.good.example/x HTTP/1.1\r\nHost: www.good.example\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_alerts(0, "");
}

static void a_resolver_is_named(void **state)
{
    (void)state;
    talk(80, "GET /dns-query?dns=AAAB HTTP/1.1\r\nHost: dns.google\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_alerts(1, "dns.google");
}

static void a_resolver_of_ones_own_is_approved(void **state)
{
    (void)state;
    kit.config->blacklist.own[0] = strdup("dns.google");
    kit.config->blacklist.n_own = 1;
    talk(80, "GET /dns-query?dns=AAAB HTTP/1.1\r\nHost: dns.google\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_alerts(0, "");
}

/** So many pings; each reply has the data of its request, or other data. */
static void ping(unsigned n, bool same)
{
    const struct wire_end user = {ANN, 0}, peer = {RELAY, 0};
    uint8_t message[108] = {8};

    for (unsigned i = 0; i < n; i++) {
        wire_be16(message + 6, i);
        memset(message + 8, (int)i + 1, 100);
        message[0] = 8;
        wire_ip(&kit.wire, &user, &peer, 1, 0, none, (struct nta_span){message, sizeof(message)});
        message[0] = 0;
        message[50] ^= !same;
        wire_ip(&kit.wire, &peer, &user, 1, 0, none, (struct nta_span){message, sizeof(message)});
    }
}

static void pings_that_are_answered_with_other_data_are_a_tunnel(void **state)
{
    (void)state;
    ping(40, false);
    assert_alerts(1, "icmp-tunnel");
}

static void pings_are_none(void **state)
{
    (void)state;
    ping(40, true);
    assert_alerts(0, "");
}

static void names_of_tor_are_no_words(void **state)
{
    struct nta_tls_certificate certificate = {.common_name = nta_span_of("www.q4cyamnc6mt.net"),
                                              .issuer = nta_span_of("www.xkgk7fdx362yyyxib.com")};

    (void)state;
    assert_true(nta_role_is_tor(&certificate));
    certificate.issuer = nta_span_of("Example CA");
    assert_false(nta_role_is_tor(&certificate));
    assert_true(nta_role_is_made_up(nta_span_of("www.ct7ctrgb6cr7.com")));
    assert_true(nta_role_is_made_up(nta_span_of("www.q4cyamnc6mtokjurvdclt.com")));
    assert_false(nta_role_is_made_up(nta_span_of("www.googletagmanager.com")));
    assert_false(nta_role_is_made_up(nta_span_of("www.t3i3ru.com"))); /* too short to tell */
    assert_false(nta_role_is_made_up(nta_span_of("www.web2media4you.com")));
    assert_false(nta_role_is_made_up(nta_span_of("ct7ctrgb6cr7.com")));
    assert_false(nta_role_is_made_up(nta_span_of("www.ct7ctrgb6cr7.example")));
    assert_false(nta_role_is_made_up(none));
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(a_tunnel_that_is_answered_is_told_with_its_bytes),
        IN_KIT(ipsec_is_told_however_many_ports_it_uses),
        IN_KIT(ipsec_without_ports_is_told_once_it_is_answered),
        IN_KIT(a_try_that_nobody_answers_hides_nothing),
        IN_KIT(what_stays_inside_hides_nothing),
        IN_KIT(what_others_open_is_no_deed_of_the_user),
        IN_KIT(off_leaves_it_out),
        IN_KIT(an_exception_is_for_a_program_or_for_a_peer),
        IN_KIT(an_allowed_address_is_approved),
        IN_KIT(ones_own_list_comes_first),
        IN_KIT(any_list_may_name_any_program),
        IN_KIT(ssh_on_its_own_port_is_no_evasion),
        IN_KIT(ssh_on_the_port_of_another_service_is),
        IN_KIT(a_proxy_outside_is_and_its_requests_raise_no_alerts_of_their_own),
        IN_KIT(a_server_that_is_called_by_its_whole_url_is_none),
        IN_KIT(a_resolver_is_named),
        IN_KIT(a_resolver_of_ones_own_is_approved),
        IN_KIT(pings_that_are_answered_with_other_data_are_a_tunnel),
        IN_KIT(pings_are_none),
        cmocka_unit_test(names_of_tor_are_no_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
