/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What users of other analyzers complain about, and what must not happen here: names lost, names
 * wrong.
 */
#include "pipeline/kit.h"
#include "proto/seal.h"

#define ANN  "10.0.0.5"
#define BEN  "10.0.0.6"
#define SITE "198.51.100.7"
#define DNS  "192.0.2.53"

#define FLOW  "\"event\":\"flow\""
#define ALERT "\"event\":\"alert\""

enum
{
    LINE_SIZE = 4096,
    ICMP_UNREACHABLE = 3
};

static struct kit kit;
static char line[LINE_SIZE];
static struct maker message, bytes, frames;

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    message.len = bytes.len = frames.len = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void assert_says(const char *one, const char *two, const char *expected)
{
    kit_says(&kit, one, two, expected, line, sizeof(line));
}

static void assert_nowhere(const char *text)
{
    if (strstr((const char *)kit.lines.ptr, text))
        fail_msg("%s is in\n%s", text, (char *)kit.lines.ptr);
}

static const struct nta_span none = {0};

static struct wire_tcp connection(uint16_t server_port)
{
    struct wire_tcp tcp = {{ANN, 41000}, {SITE, server_port}, {1000, 2000}};

    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    return tcp;
}

/**
 * Records of `record_size` bytes with a hello of `len` bytes at least, told in segments of
 * `segment` bytes.
 */
static void long_hello(const char *name, size_t len, size_t record_size, size_t segment)
{
    struct wire_tcp tcp = connection(443);

    make_client_hello(&message, name, len);
    make_records(&bytes, message.bytes, message.len, record_size);
    for (size_t at = 0; at < bytes.len; at += segment) {
        size_t n = bytes.len - at < segment ? bytes.len - at : segment;

        wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, (struct nta_span){bytes.bytes + at, n});
    }
}

/* 5: "50 % loss" that was one-way traffic, and a hole that nobody told of. */
static void complaint_5_one_way_flows_and_holes_are_reported_as_such(void **state)
{
    struct wire_tcp tcp = {{BEN, 41001}, {SITE, 80}, {1, 1}};

    (void)state;
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK,
                 nta_span_of("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"));
    tcp = connection(80);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK,
                 nta_span_of("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n"));
    tcp.seq[1] += 500;
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, nta_span_of("the rest"));
    wire_segment(&kit.wire, &tcp, 0, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_FIN | WIRE_ACK, none);
    kit_run(&kit);
    assert_says(FLOW, BEN, "\"one_way\":true");
    assert_says(FLOW, ANN, "\"gaps\":true");
}

/* A long connection is told in slices: a hole belongs to the one in which it was. */
static void a_hole_is_said_by_its_own_slice_alone(void **state)
{
    struct wire_tcp tcp = connection(9999);

    (void)state;
    tcp.seq[1] += 500;
    for (int i = 0; i < 30; i++) {
        wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, nta_span_of("noise"));
        wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, none);
        kit.wire.second += 20;
    }
    wire_segment(&kit.wire, &tcp, 0, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_FIN | WIRE_ACK, none);
    kit_run(&kit);
    assert_true(kit_find(&kit, FLOW, ANN, NULL, 0) > 1);
    assert_int_equal(kit_find(&kit, FLOW, "\"gaps\":true", NULL, 0), 1);
}

/** A packet behind `front`, which names IPv4 last: ANN asks DNS for inside.example. */
static void encapsulated(const void *front, size_t front_len)
{
    static const char inner[] =
        "\x45\0\0\x3c\0\0\0\0\x40\x11\0\0\x0a\0\0\x05\xc0\0\2\x35" /* IPv4 */
        "\xc3\x50\0\x35\0\x28\0\0"                                 /* UDP */
        "\0\1\1\0\0\1\0\0\0\0\0\0\6inside\7example\0\0\1\0\1";
    size_t len = front_len + sizeof(inner) - 1;
    const uint32_t head[4] = {kit.wire.second++, 0, (uint32_t)len, (uint32_t)len};

    wire_put(&kit.wire, head, sizeof(head));
    wire_put(&kit.wire, front, front_len);
    wire_put(&kit.wire, inner, sizeof(inner) - 1);
}

#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"

/* 8: all traffic invisible because of one header. */
static void complaint_8_headers_around_traffic_hide_no_name(void **state)
{
    static const char qinq[] = MACS "\x88\xa8\0\x0a\x81\0\0\x14\x08\0";
    static const char pppoe[] = MACS "\x88\x64\x11\0\0\1\0\x3e\0\x21";
    static const char gre[] = MACS "\x08\0\x45\0\0\x62\0\0\0\0\x40\x2f\0\0\x0a\1\1\1\x0a\1\1\2"
                                   "\0\0\x65\x58" MACS "\x08\0";

    (void)state;
    encapsulated(qinq, sizeof(qinq) - 1);
    encapsulated(pppoe, sizeof(pppoe) - 1);
    encapsulated(gre, sizeof(gre) - 1);
    kit_run(&kit);
    /* the same question twice over on one flow is one question; in another VLAN it is another */
    assert_says("\"app\":\"dns\",\"vlan\":[10,20]", ANN, "\"site\":\"inside.example\"");
    assert_says("\"app\":\"dns\",\"site\"", ANN, "\"site\":\"inside.example\"");
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++)
        assert_true(kit.counters[i] == 0 || i != NTA_COUNTER_DECODE_UNKNOWN);
}

/*
 * 11: a hello over several segments and records (a buffer of 1,024 bytes; the key shares of today's
 * browsers).
 */
static void complaint_11_a_hello_over_many_records_and_segments_is_named(void **state)
{
    (void)state;
    long_hello("long.example", 60000, 1000, 1400);
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"long.example\",\"basis\":\"sni\"");
}

static void complaint_11_a_hello_in_records_of_one_byte_is_named(void **state)
{
    (void)state;
    long_hello("bytes.example", 0, 1, 7);
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"bytes.example\",\"basis\":\"sni\"");
}

/** One Initial from `from`, with these bytes of the hello. */
static void initial(const struct wire_end *from, const char *cid, const char *key_cid,
                    uint32_t number, size_t begin, size_t end)
{
    const struct wire_end server = {SITE, 443};

    frames.len = bytes.len = 0;
    seal_crypto(&frames, message.bytes, begin, end);
    const struct seal seal = {.version = 1,
                              .number = number,
                              .cid = cid,
                              .key_cid = key_cid,
                              .frames = frames.bytes,
                              .frames_len = frames.len,
                              .payload_len = 1150};

    seal_initial(&bytes, &seal);
    wire_udp(&kit.wire, from, &server, (struct nta_span){bytes.bytes, bytes.len});
}

/* 12: a hello over several Initials, out of order, and to another connection id. */
static void complaint_12_a_hello_over_initials_out_of_order_is_named(void **state)
{
    const struct wire_end ann = {ANN, 42000};

    (void)state;
    make_client_hello(&message, "quic.example", 2500);
    initial(&ann, "abcdefgh", NULL, 1, 1000, 2000);
    initial(&ann, "ijklmnop", "abcdefgh", 2, 2000, message.len); /* as the server asked for */
    initial(&ann, "abcdefgh", NULL, 0, 0, 1000);
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"quic.example\",\"basis\":\"sni\"");
}

/** The JA4 of a hello in QUIC is held against lists as that of any other. */
static void a_listed_ja4_in_quic_is_an_alert(void **state)
{
    const struct wire_end ann = {ANN, 42000};

    (void)state;
    kit_list(&kit, "q13d0203h2_62ed6f6ca7ad_b9a491fefe05\n", false);
    make_client_hello(&message, "quic.example", 0);
    initial(&ann, "abcdefgh", NULL, 0, 0, message.len);
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"ja4\":\"q13d0203h2_62ed6f6ca7ad_b9a491fefe05\"");
    assert_says("\"event\":\"alert\"", ANN, "\"kind\":\"ja4\"");
    assert_says("\"event\":\"alert\"", ANN, "\"site\":\"quic.example\"");
}

/* 12: two connections with the same connection id are two connections. */
static void complaint_12_connection_ids_of_others_do_not_mix(void **state)
{
    const struct wire_end ann = {ANN, 42000}, ben = {BEN, 42001};
    struct maker *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));

    (void)state;
    assert_true(first && second);
    make_client_hello(first, "one.example", 1500);
    make_client_hello(second, "two.example", 1500);
    for (size_t part = 0; part < 2; part++) {
        message = *first;
        initial(&ann, "abcdefgh", NULL, (uint32_t)part, part * 1000, part ? message.len : 1000);
        message = *second;
        initial(&ben, "abcdefgh", NULL, (uint32_t)part, part * 1000, part ? message.len : 1000);
    }
    free(first);
    free(second);
    kit_run(&kit);
    assert_says(FLOW, ANN, "\"site\":\"one.example\"");
    assert_says(FLOW, BEN, "\"site\":\"two.example\"");
}

/* 14: a server name is a claim.  What DNS and the certificate say otherwise stands beside it. */
static void complaint_14_a_forged_server_name_is_recorded_as_a_disagreement(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_lookup(&kit.wire, ANN, "bad.example", SITE);
    make_client_hello(&message, "innocent.example", 0);
    make_records(&bytes, message.bytes, message.len, 16384);
    wire_connection(&kit.wire, ANN, SITE, 443, (struct nta_span){bytes.bytes, bytes.len}, 30000);
    kit_run(&kit);
    assert_says(FLOW, "\"app\":\"tls\"", "\"disagrees\":[\"dns\"]");
    assert_says(FLOW, "\"app\":\"tls\"", "\"weak\":true");
}

/* 14: two Host fields are a way to say one site and mean another. */
static void complaint_14_a_second_host_is_recorded_as_a_disagreement(void **state)
{
    (void)state;
    wire_connection(&kit.wire, ANN, SITE, 80,
                    nta_span_of("GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n"), 0);
    kit_run(&kit);
    assert_says("\"event\":\"request\"", ANN, "\"site\":\"a.example\"");
    assert_says("\"event\":\"request\"", ANN, "\"disagrees\":[\"host\"]");
}

/* 15: a company's own address got the name that a stranger wrote into a Host field. */
static void complaint_15_a_strangers_host_field_names_no_address(void **state)
{
    (void)state;
    wire_connection(&kit.wire, "203.0.113.9", ANN, 80,
                    nta_span_of("GET / HTTP/1.1\r\nHost: shameful.example\r\n\r\n"), 0);
    wire_connection(&kit.wire, BEN, ANN, 9999, nta_span_of("\1\2\3\4"), 0);
    kit_run(&kit);
    assert_says(FLOW, BEN, "\"site\":\"" ANN "\",\"basis\":\"address\"");
}

/* 15: the name that was asked for counts, not those that it leads to. */
static void complaint_15_the_name_asked_for_counts_not_its_aliases(void **state)
{
    static const char question[] = "\0\7\1\0\0\1\0\0\0\0\0\0\3www\4good\7example\0\0\1\0\1";
    static const char answer[] = "\0\7\x81\x80\0\1\0\2\0\0\0\0\3www\4good\7example\0\0\1\0\1"
                                 "\xc0\x0c\0\5\0\1\0\0\1\0\0\x0a\3cdn\4host\0"
                                 "\xc0\x2e\0\1\0\1\0\0\1\0\0\4\xc6\x33\x64\7";
    const struct wire_end user = {ANN, 50000}, server = {DNS, 53};

    (void)state;
    wire_udp(&kit.wire, &user, &server,
             (struct nta_span){(const uint8_t *)question, sizeof(question) - 1});
    wire_udp(&kit.wire, &server, &user,
             (struct nta_span){(const uint8_t *)answer, sizeof(answer) - 1});
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\1\2\3\4"), 0);
    kit_run(&kit);
    assert_says(FLOW, "9999", "\"site\":\"www.good.example\",\"basis\":\"dns\"");
    assert_says("\"event\":\"lookup\"", ANN, "cdn.host");
}

/* 15: of an address with several names none is sure. */
static void complaint_15_a_match_on_a_shared_address_is_weak(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_lookup(&kit.wire, ANN, "good.example", SITE);
    wire_lookup(&kit.wire, ANN, "bad.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\1\2\3\4"), 100000);
    kit_run(&kit);
    assert_says(FLOW, "9999", "\"weak\":true");
    assert_says(FLOW, "9999", "\"shared\":true");
    assert_nowhere("\"download\":true");
}

/* 16: an answer over TCP that fills more than one segment. */
static void complaint_16_dns_over_tcp_in_many_segments_is_read(void **state)
{
    struct wire_tcp tcp = connection(53);
    static const char name[] = "\3tcp\7example\0\0\1\0\1";

    (void)state;
    make_number(&bytes, 0, 2);
    make(&bytes, "\0\1\x81\x80\0\1\0\x3c\0\0\0\0", 12);
    make(&bytes, name, sizeof(name) - 1);
    for (uint8_t i = 0; i < 60; i++) { /* far more than a segment of 100 bytes */
        make(&bytes, "\xc0\x0c\0\1\0\1\0\0\1\0\0\4\xc6\x33\x64", 15);
        make_number(&bytes, i, 1);
    }
    wire_be16(bytes.bytes, bytes.len - 2);
    for (size_t at = 0; at < bytes.len; at += 100)
        wire_segment(
            &kit.wire, &tcp, 1, WIRE_ACK,
            (struct nta_span){bytes.bytes + at, bytes.len - at < 100 ? bytes.len - at : 100});
    kit_run(&kit);
    assert_says("\"event\":\"lookup\"", ANN, "\"site\":\"tcp.example\"");
    assert_non_null(strstr(line, "198.51.100.59"));
}

/* An ICMP error of `from` that quotes what `to` sent: an answer that bad.example is at SITE. */
static void unreachable(const char *from, const char *to)
{
    static const char answer[] = "\0\7\x81\x80\0\1\0\1\0\0\0\0\3bad\7example\0\0\1\0\1"
                                 "\xc0\x0c\0\1\0\1\0\0\1\0\0\4\xc6\x33\x64\7";
    const struct wire_end sender = {from, 0}, receiver = {to, 0};
    struct nta_addr addr;
    uint8_t icmp[8 + 20 + 8 + sizeof(answer) - 1] = {0}, head[4];
    const struct nta_span data = {icmp + 4, sizeof(icmp) - 4};

    memset(head, 0, sizeof(head));
    icmp[8] = 0x45;
    wire_be16(icmp + 10, sizeof(icmp) - 8);
    icmp[16] = 64;
    icmp[17] = 17;
    assert_int_equal(nta_addr_parse(to, strlen(to), &addr), 0);
    memcpy(icmp + 20, addr.bytes + 12, 4);
    assert_int_equal(nta_addr_parse(from, strlen(from), &addr), 0);
    memcpy(icmp + 24, addr.bytes + 12, 4);
    wire_be16(icmp + 28, 53);
    wire_be16(icmp + 30, 50007);
    wire_be16(icmp + 32, 8 + sizeof(answer) - 1);
    memcpy(icmp + 36, answer, sizeof(answer) - 1);
    /* type 3 stands where the source port of UDP would */
    wire_packet(&kit.wire, &(struct wire_end){sender.addr, ICMP_UNREACHABLE << 8 | 3}, &receiver, 1,
                head, sizeof(head), data);
}

static void a_lookup_in_an_icmp_error_is_reported_as_hearsay(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    unreachable(ANN, DNS);
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\1\2\3\4"), 0);
    kit_run(&kit);
    assert_says("\"event\":\"lookup\"", "\"port\":50007", "\"site\":\"bad.example\"");
    assert_non_null(strstr(line, "\"weak\":true"));
    assert_says(FLOW, "9999", "\"basis\":\"address\""); /* whoever sends errors names no address */
    assert_int_equal(kit_find(&kit, ALERT, "", NULL, 0), 0);
}

static void a_lookup_that_was_seen_is_not_told_again_by_an_icmp_error(void **state)
{
    const struct wire_end user = {ANN, 50007}, server = {DNS, 53};

    (void)state;
    wire_udp(
        &kit.wire, &user, &server,
        (struct nta_span){(const uint8_t *)"\0\7\1\0\0\1\0\0\0\0\0\0\3bad\7example\0\0\1\0\1", 29});
    unreachable(ANN, DNS);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"lookup\"", "", NULL, 0), 1);
}

/** One packet of SCTP from ANN (side 0) or SITE on port 80, with one DATA chunk. */
static void sctp(unsigned side, uint32_t tsn, const char *text)
{
    const struct wire_end client = {ANN, 43000}, server = {SITE, 80};
    size_t len = strlen(text);
    uint8_t header[28] = {[13] = 3};

    wire_be16(header + 14, 16 + len);
    wire_be32(header + 16, tsn);
    wire_packet(&kit.wire, side ? &server : &client, side ? &client : &server, 132, header,
                sizeof(header), (struct nta_span){(const uint8_t *)text, len});
}

static void http_in_sctp_is_read_in_the_order_of_its_chunks(void **state)
{
    (void)state;
    sctp(0, 0xffffffff, "GET /a HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(0, 0xffffffff, "GET /a HTTP/1.1\r\nHost: sctp.example\r\n\r\n"); /* sent again */
    sctp(1, 7, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
    sctp(1, 8, "abc");
    sctp(0, 0, "GET /b HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 10, "HTTP/1.1 204 None\r\n\r\n"); /* one is missing */
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "http://sctp.example/a", "\"bytes\":3");
    assert_says("\"event\":\"request\"", "http://sctp.example/b", "\"port\":43000");
    assert_says(FLOW, ANN, "\"transport\":\"sctp\"");
}

static void one_number_far_away_hides_nothing_of_an_association(void **state)
{
    (void)state;
    sctp(0, 100, "GET /a HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 7, "HTTP/1.1 204 None\r\n\r\n");
    sctp(0, 100 + (1U << 30), "GET /forged HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 7 - (1U << 30), "HTTP/1.1 200 OK\r\n\r\n");
    sctp(0, 101, "GET /b HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 8, "HTTP/1.1 204 None\r\n\r\n");
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "http://sctp.example/a", "\"status\":204");
    assert_says("\"event\":\"request\"", "http://sctp.example/b", "\"status\":204");
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "forged", NULL, 0), 0);
}

/* Another association on the same ports, or much was lost. */
static void two_numbers_in_a_row_show_where_an_association_is_now(void **state)
{
    (void)state;
    sctp(0, 100, "GET /a HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 7, "HTTP/1.1 204 None\r\n\r\n");
    sctp(0, 0x80000100, "more of something\r\n");
    sctp(0, 0x80000101, "GET /b HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 8, "HTTP/1.1 204 None\r\n\r\n");
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "http://sctp.example/b", "\"status\":204");
}

/** A request behind so many chunks that no protocol knows. */
static void ask_behind(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        sctp(0, 100 + i, "\x7f?");
    sctp(0, 100 + n, "GET /late HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 8, "HTTP/1.1 204 None\r\n\r\n");
    kit_run(&kit);
}

static void chunks_that_nobody_knows_are_passed_over(void **state)
{
    (void)state;
    ask_behind(60);
    assert_says("\"event\":\"request\"", "http://sctp.example/late", "\"status\":204");
}

static void too_many_chunks_that_nobody_knows_are_given_up(void **state)
{
    (void)state;
    ask_behind(70);
    assert_int_equal(kit_find(&kit, "\"event\":\"request\"", "GET", NULL, 0), 0);
    assert_says(FLOW, ANN, "\"limited\":true");
}

static void sctp_from_the_server_first_turns_the_sides(void **state)
{
    (void)state;
    sctp(1, 7, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    sctp(0, 1, "GET /late HTTP/1.1\r\nHost: sctp.example\r\n\r\n");
    sctp(1, 8, "HTTP/1.1 204 None\r\n\r\n");
    kit_run(&kit);
    assert_says("\"event\":\"request\"", "http://sctp.example/late", "\"status\":204");
}

/** To or from `port` of ann's; a talk that nobody knows. */
static void strange(uint16_t ann_port, uint16_t peer_port, const char *first)
{
    struct wire_tcp tcp = {{SITE, peer_port}, {ANN, ann_port}, {1000, 2000}};

    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, nta_span_of(first));
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, nta_span_of("\x91\xf3\x07zq\xee"));
}

/* Peers who encrypt show no other sign; but what is known stays what it is. */
static void what_nobody_knows_on_an_announced_port_is_bittorrent(void **state)
{
    static const char search[] = "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\n"
                                 "Port: 51413\r\n"
                                 "Infohash: 000102030405060708090a0b0c0d0e0f10111213\r\n\r\n";
    const struct wire_end ann = {ANN, 6771}, group = {"239.192.152.143", 6771};
    const struct wire_end utp = {ANN, 51413}, peer = {SITE, 7000};

    (void)state;
    wire_udp(&kit.wire, &ann, &group,
             (struct nta_span){(const uint8_t *)search, sizeof(search) - 1});
    strange(51413, 40001, "\xa5\x5a\x81\x12xyz");
    strange(51414, 40002, "\xa5\x5a\x81\x12xyz");
    strange(51413, 40003, "SSH-2.0-other\r\n");
    wire_udp(&kit.wire, &utp, &peer, nta_span_of("\xa5\x5a\x81\x12 over datagrams"));
    kit.wire.second += 3600;
    strange(51413, 40004, "\xa5\x5a\x81\x12xyz"); /* long after it */
    kit_run(&kit);
    assert_says(FLOW, "\"port\":40001", "\"app\":\"bittorrent\"");
    assert_says(FLOW, "\"port\":7000", "\"app\":\"bittorrent\"");
    assert_int_equal(kit_find(&kit, FLOW, "\"app\":\"bittorrent\"", NULL, 0), 3);
}

static void a_request_without_host_is_matched_by_its_address_and_path(void **state)
{
    (void)state;
    kit_list(&kit, "http://" SITE ":81/x/bin.sh\n", false);
    wire_connection(&kit.wire, ANN, SITE, 81, nta_span_of("GET /x/bin.sh HTTP/1.0\r\n\r\n"), 0);
    kit_run(&kit);
    assert_says(ALERT, ANN, "\"url\":\"http://" SITE ":81/x/bin.sh\"");
    assert_says("\"event\":\"request\"", ANN, "\"site\":\"" SITE "\",\"basis\":\"address\"");
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(a_hole_is_said_by_its_own_slice_alone),
        IN_KIT(complaint_5_one_way_flows_and_holes_are_reported_as_such),
        IN_KIT(complaint_8_headers_around_traffic_hide_no_name),
        IN_KIT(complaint_11_a_hello_over_many_records_and_segments_is_named),
        IN_KIT(complaint_11_a_hello_in_records_of_one_byte_is_named),
        IN_KIT(complaint_12_a_hello_over_initials_out_of_order_is_named),
        IN_KIT(a_listed_ja4_in_quic_is_an_alert),
        IN_KIT(complaint_12_connection_ids_of_others_do_not_mix),
        IN_KIT(complaint_14_a_forged_server_name_is_recorded_as_a_disagreement),
        IN_KIT(complaint_14_a_second_host_is_recorded_as_a_disagreement),
        IN_KIT(complaint_15_a_strangers_host_field_names_no_address),
        IN_KIT(complaint_15_the_name_asked_for_counts_not_its_aliases),
        IN_KIT(complaint_15_a_match_on_a_shared_address_is_weak),
        IN_KIT(complaint_16_dns_over_tcp_in_many_segments_is_read),
        IN_KIT(a_lookup_in_an_icmp_error_is_reported_as_hearsay),
        IN_KIT(a_lookup_that_was_seen_is_not_told_again_by_an_icmp_error),
        IN_KIT(http_in_sctp_is_read_in_the_order_of_its_chunks),
        IN_KIT(one_number_far_away_hides_nothing_of_an_association),
        IN_KIT(two_numbers_in_a_row_show_where_an_association_is_now),
        IN_KIT(chunks_that_nobody_knows_are_passed_over),
        IN_KIT(too_many_chunks_that_nobody_knows_are_given_up),
        IN_KIT(sctp_from_the_server_first_turns_the_sides),
        IN_KIT(what_nobody_knows_on_an_announced_port_is_bittorrent),
        IN_KIT(a_request_without_host_is_matched_by_its_address_and_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
