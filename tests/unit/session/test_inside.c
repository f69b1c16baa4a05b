/* SPDX-License-Identifier: Apache-2.0 */
/* Hellos that come behind something else: mail and file servers, proxies; and the longest ones. */
#include "pipeline/kit.h"
#include "proto/hello.h"

#define ANN  "10.0.0.5"
#define SITE "198.51.100.7"
#define FLOW "\"event\":\"flow\""

enum
{
    LINE_SIZE = 4096,
    SEGMENT = 1400
};

static struct kit kit;
static char line[LINE_SIZE];
static struct maker message, records;
static struct wire_tcp tcp;
static const struct nta_span none = {0};

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    message.len = records.len = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void open_to(uint16_t port)
{
    static uint16_t client_port = 41000;

    tcp = (struct wire_tcp){{ANN, client_port++}, {SITE, port}, {1000, 2000}};
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
}

static void say(unsigned side, const void *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += SEGMENT)
        wire_segment(&kit.wire, &tcp, side, WIRE_ACK,
                     (struct nta_span){(const uint8_t *)bytes + at,
                                       len - at < SEGMENT ? len - at : SEGMENT});
}

#define SAY(side, literal) say(side, literal, sizeof(literal) - 1)

static void say_hello(const char *name, size_t pad, size_t record_size)
{
    message.len = records.len = 0;
    make_client_hello(&message, name, pad);
    make_records(&records, message.bytes, message.len, record_size);
    say(0, records.bytes, records.len);
}

/** The only flow to this port has this site by its server name. */
static void assert_named(uint16_t port, const char *site)
{
    char peer[32], expected[128];

    (void)snprintf(peer, sizeof(peer), "\"port\":%u}", port);
    (void)snprintf(expected, sizeof(expected), "\"site\":\"%s\",\"basis\":\"sni\"", site);
    if (kit_find(&kit, FLOW, peer, line, sizeof(line)) != 1 || !strstr(line, expected))
        fail_msg("%s, port %u:\n%s", site, port, (char *)kit.lines.ptr);
}

static void starttls_of_mail_and_files_is_followed(void **state)
{
    static const struct
    {
        uint16_t port;
        const char *talk[5]; ///< The server speaks first, then by turns.
    } rows[] = {
        {25,
         {"220 mx ESMTP\r\n", "EHLO x\r\n", "250-mx\r\n250 STARTTLS\r\n", "STARTTLS\r\n",
          "220 go\r\n"}},
        {587, {"220 mx ESMTP\r\n", "EHLO x\r\n", "250 STARTTLS\r\n", "STARTTLS\r\n", "220 go\r\n"}},
        {143,
         {"* OK ready\r\n", "a CAPABILITY\r\n", "* CAPABILITY STARTTLS\r\na OK\r\n",
          "b STARTTLS\r\n", "b OK\r\n"}},
        {110, {"+OK ready\r\n", "CAPA\r\n", "+OK\r\nSTLS\r\n.\r\n", "STLS\r\n", "+OK go\r\n"}},
        {21,
         {"220 ready\r\n", "FEAT\r\n", "211-\r\n AUTH TLS\r\n211 end\r\n", "AUTH TLS\r\n",
          "234 go\r\n"}},
    };

    char name[32];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        open_to(rows[i].port);
        for (unsigned turn = 0; turn < 5; turn++)
            say(turn % 2 == 0, rows[i].talk[turn], strlen(rows[i].talk[turn]));
        (void)snprintf(name, sizeof(name), "port%u.example", rows[i].port);
        say_hello(name, 1500, 16384);
    }
    kit_run(&kit);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        (void)snprintf(name, sizeof(name), "port%u.example", rows[i].port);
        assert_named(rows[i].port, name);
    }
}

static void a_hello_through_socks_4_and_5_is_named(void **state)
{
    (void)state;
    open_to(1080);
    SAY(0, "\5\1\0");
    SAY(1, "\5\0");
    SAY(0, "\5\1\0\1\xc0\0\2\x50\1\xbb");
    SAY(1, "\5\0\0\1\0\0\0\0\0\0");
    say_hello("five.example", 0, 16384);
    open_to(1081);
    SAY(0, "\4\1\1\xbb\xc0\0\2\x50\0");
    SAY(1, "\0\x5a\0\0\0\0\0\0");
    say_hello("four.example", 0, 16384);
    kit_run(&kit);
    assert_named(1080, "five.example");
    assert_named(1081, "four.example");
}

static void a_hello_of_64_kib_in_many_segments_is_named(void **state)
{
    (void)state;
    open_to(443);
    say_hello("longest.example", 65000, 16384);
    open_to(444);
    say_hello("small-records.example", 64000, 600); /* with their heads 64 KiB, too */
    kit_run(&kit);
    assert_named(443, "longest.example");
    assert_named(444, "small-records.example");
}

static void a_range_is_reported_with_its_status_and_bytes(void **state)
{
    (void)state;
    open_to(80);
    SAY(0, "GET /a.mkv HTTP/1.1\r\nHost: x.example\r\nRange: bytes=0-3\r\n\r\n");
    SAY(1, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/1000\r\nContent-Length: "
           "4\r\n\r\nabcd");
    SAY(0, "GET /a.mkv HTTP/1.1\r\nHost: x.example\r\nRange: bytes=4-7,8-9\r\n\r\n");
    SAY(1, "HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=b\r\n"
           "Transfer-Encoding: chunked\r\n\r\n5\r\n--b\r\n\r\n0\r\n\r\n");
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"status\":206", "\"name\":\"a.mkv\"", NULL, 0), 2);
    assert_int_equal(kit_find(&kit, "\"status\":206",
                              "\"bytes\":4,\"kind\":\"video\",\"expected\":4,\"seen\":4}", NULL, 0),
                     1); /* a part is never the whole */
}

static void hostile_names_are_shown_escaped_wherever_they_come_from(void **state)
{
    /* an escape sequence, a line end, a mark that turns the direction of writing, a byte that is no
     * text */
    static const char name[] = "a\x1b[2J\n\xe2\x80\xae\xff.example";
    static const char shown[] =
        "\"site\":\"a\\\\x1b[2j\\\\x0a\\\\xe2\\\\x80\\\\xae\\\\xff.example\"";
    static const char query[] = "\0\1\1\0\0\1\0\0\0\0\0\0\x0a"
                                "a\x1b[2J\n\xe2\x80\xae\xff\7example\0\0\1\0\1";
    const struct wire_end user = {ANN, 50000}, server = {SITE, 53};

    (void)state;
    open_to(443);
    say_hello(name, 0, 16384);
    open_to(80);
    SAY(0, "GET /\x1b[0m HTTP/1.1\r\nHost: a\x1b[2J\n \xe2\x80\xae\xff.example\r\n\r\n");
    wire_udp(&kit.wire, &user, &server,
             (struct nta_span){(const uint8_t *)query, sizeof(query) - 1});
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"app\":\"tls\"", shown, NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"app\":\"dns\"", shown, NULL, 0), 1);
    for (const char *c = (const char *)kit.lines.ptr; *c; c++) {
        if (((unsigned char)*c < ' ' && *c != '\n') || (unsigned char)*c >= 0x7f)
            fail_msg("byte %02x is in:\n%s", (unsigned char)*c, (const char *)kit.lines.ptr);
    }
}

/** A binding request of STUN with a user name, or the answer. */
static void say_stun(const struct wire_end *from, const struct wire_end *to, bool answer)
{
    static const char request[] = "\0\1\0\x08\x21\x12\xa4\x42"
                                  "0123456789ab"
                                  "\0\6\0\4user";
    static const char response[] = "\1\1\0\0\x21\x12\xa4\x42"
                                   "0123456789ab";

    wire_udp(&kit.wire, from, to,
             answer ? (struct nta_span){(const uint8_t *)response, sizeof(response) - 1}
                    : (struct nta_span){(const uint8_t *)request, sizeof(request) - 1});
}

/** The hello of DTLS 1.2, whole, in one record. */
/** A ClientHello of DTLS for `name`, in a datagram. */
static struct nta_span dtls_hello(const char *name)
{
    static struct maker datagram;

    message.len = datagram.len = 0;
    make_client_hello(&message, name, 0);
    const size_t body_len = message.len - 4 + 1; /* a cookie's length more */

    make_number(&datagram, 0x16fefd0000, 5);
    make_number(&datagram, 0, 6);
    make_number(&datagram, 12 + body_len, 2);
    make_number(&datagram, 1, 1);
    make_number(&datagram, body_len, 3);
    make_number(&datagram, 0, 5);
    make_number(&datagram, body_len, 3);
    make_number(&datagram, 0xfefd, 2);
    make(&datagram, message.bytes + 6, 33);
    make_number(&datagram, 0, 1);
    make(&datagram, message.bytes + 39, message.len - 39);
    return (struct nta_span){datagram.bytes, datagram.len};
}

static void a_hello_of_dtls_behind_stun_is_named(void **state)
{
    const struct wire_end user = {ANN, 50000}, peer = {SITE, 3478}, other = {SITE, 3479};

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        say_stun(&user, &peer, false);
        say_stun(&peer, &user, true);
        say_stun(&user, &other, false);
    }
    wire_udp(&kit.wire, &user, &peer, dtls_hello("media.example"));
    kit_run(&kit);
    assert_named(3478, "media.example");
    assert_int_equal(kit_find(&kit, FLOW, "\"app\":\"dtls\"", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, FLOW, "\"app\":\"stun\"", NULL, 0), 1);
}

/* What two browsers say through a relay is no secret of the relay's. */
static void a_hello_through_a_relay_is_named(void **state)
{
    static const uint8_t ask[20] = {0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42},
                         ping[24] = {0x40, 1, 0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    const struct wire_end user = {ANN, 42000}, relay = {SITE, 3478};
    const struct nta_span hello = dtls_hello("www.relayed.example");
    uint8_t datagram[2048] = {0x40, 1};

    (void)state;
    assert_true(hello.len < sizeof(datagram) - 8);
    wire_be16(datagram + 2, hello.len);
    memcpy(datagram + 4, hello.ptr, hello.len);
    wire_udp(&kit.wire, &user, &relay, (struct nta_span){ask, sizeof(ask)});
    wire_udp(&kit.wire, &user, &relay, (struct nta_span){ping, sizeof(ping)});
    wire_udp(&kit.wire, &relay, &user, (struct nta_span){ping, sizeof(ping)});
    wire_udp(&kit.wire, &user, &relay, (struct nta_span){datagram, (hello.len + 7) / 4 * 4});
    wire_udp(&kit.wire, &user, &relay, (struct nta_span){ask, sizeof(ask)});
    kit_run(&kit);
    assert_named(3478, "www.relayed.example");
}

/** One frame of WebSocket, under a mask if it is the client's. */
static void put_frame(unsigned side, uint8_t first, struct nta_span content)
{
    static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};

    assert_true(content.len < 126);
    make_number(&records, first, 1);
    make_number(&records, content.len | (side == 0 ? 0x80U : 0U), 1);
    if (side == 0)
        make(&records, key, sizeof(key));
    for (size_t i = 0; i < content.len; i++)
        make_number(&records, content.ptr[i] ^ (side == 0 ? key[i % 4] : 0U), 1);
}

/** A binary message in frames with `piece` bytes each. */
static void say_frames(unsigned side, const uint8_t *bytes, size_t len, size_t piece)
{
    records.len = 0;
    for (size_t at = 0; at < len; at += piece) {
        const size_t n = len - at < piece ? len - at : piece;
        const unsigned fin = at + n == len ? 0x80 : 0, opcode = at == 0 ? 2 : 0;

        put_frame(side, (uint8_t)(fin | opcode), (struct nta_span){bytes + at, n});
    }
    say(side, records.bytes, records.len);
}

#define SAY_FRAME(side, literal)                                                                   \
    say_frames(side, (const uint8_t *)(literal), sizeof(literal) - 1, 125)

#define UPGRADE  "GET /t HTTP/1.1\r\nHost: outer.example\r\nUpgrade: websocket\r\n\r\n"
#define UPGRADED "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

static void say_hello_in_frames(const char *name, size_t piece)
{
    static struct maker hello;

    message.len = hello.len = 0;
    make_client_hello(&message, name, 1000);
    make_records(&hello, message.bytes, message.len, 300);
    say_frames(0, hello.bytes, hello.len, piece);
}

static void a_hello_inside_frames_of_websocket_is_named(void **state)
{
    static const size_t pieces[] = {1, 7, 125};

    (void)state;
    for (uint16_t i = 0; i < 3; i++) {
        open_to((uint16_t)(8080 + i));
        SAY(0, UPGRADE);
        SAY(1, UPGRADED "\x81\2hi");
        say_hello_in_frames("inner.example", pieces[i]);
    }
    kit_run(&kit);
    for (uint16_t i = 0; i < 3; i++)
        assert_named((uint16_t)(8080 + i), "inner.example");
    assert_int_equal(kit_find(&kit, "\"status\":101", "outer.example", NULL, 0), 3);
}

static void frames_of_one_side_alone_or_before_the_answer_are_read(void **state)
{
    (void)state;
    open_to(8080);
    SAY(0, UPGRADE);
    say_hello_in_frames("alone.example", 100);
    open_to(8081);
    SAY(1, "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n");
    SAY(0, UPGRADE);
    say_hello_in_frames("early.example", 100);
    SAY(1, UPGRADED);
    SAY(0, "\x89\0");
    open_to(8082);
    SAY(0, UPGRADE);
    SAY(1, "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
    SAY(0, "GET /b HTTP/1.1\r\nHost: again.example\r\n\r\n");
    kit_run(&kit);
    assert_named(8080, "alone.example");
    assert_named(8081, "early.example");
    assert_int_equal(kit_find(&kit, "\"status\":400", "outer.example", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"url\":\"http://again.example/b\"", "", NULL, 0), 1);
}

static void a_proxy_inside_frames_inside_a_proxy_is_followed(void **state)
{
    static const uint8_t greeting[] = "\5\1\0", asked[] = "\5\1\0\3\x0binner.proxy\1\xbb";
    static const uint8_t chosen[] = "\5\0", granted[] = "\5\0\0\1\0\0\0\0\0\0";

    (void)state;
    open_to(3128);
    SAY(0, "CONNECT outer.example:80 HTTP/1.1\r\n\r\n");
    SAY(1, "HTTP/1.1 200 OK\r\n\r\n");
    SAY(0, UPGRADE);
    SAY(1, UPGRADED);
    say_frames(0, greeting, sizeof(greeting) - 1, 2);
    say_frames(1, chosen, sizeof(chosen) - 1, 1);
    say_frames(0, asked, sizeof(asked) - 1, 9);
    say_frames(1, granted, sizeof(granted) - 1, 5);
    say_hello_in_frames("deep.example", 100);
    kit_run(&kit);
    assert_named(3128, "deep.example");
    assert_int_equal(kit_find(&kit, "\"app\":\"socks\"", "socks://inner.proxy:443", NULL, 0), 1);
}

static void frames_inside_frames_end_it(void **state)
{
    (void)state;
    open_to(8080);
    SAY(0, UPGRADE);
    SAY(1, UPGRADED);
    say_frames(0, (const uint8_t *)UPGRADE, sizeof(UPGRADE) - 1, 100);
    say_frames(1, (const uint8_t *)UPGRADED, sizeof(UPGRADED) - 1, 100);
    say_hello_in_frames("deeper.example", 100);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"status\":101", "outer.example", NULL, 0), 2);
    assert_int_equal(kit_find(&kit, "deeper.example", "", NULL, 0), 0);
}

static void a_body_inside_frames_is_counted_though_a_piece_is_lost(void **state)
{
    static uint8_t body[1200];

    (void)state;
    open_to(8080);
    SAY(0, UPGRADE);
    SAY(1, UPGRADED);
    SAY_FRAME(0, "GET /a HTTP/1.1\r\nHost: x.example\r\n\r\n");
    SAY(1,
        "\x82\x7e\x03\xe8HTTP/1.1 200 OK\r\nContent-Length: 1960\r\n\r\n"); /* 1000: 41 and 959 */
    say(1, body, 500);
    tcp.seq[1] += 200; /* not seen */
    say(1, body, 258);
    SAY(1, "z\x82\x7e\x03\xe9");
    say(1, body, 1001);
    SAY_FRAME(0, "GET /b HTTP/1.1\r\nHost: x.example\r\n\r\n");
    SAY_FRAME(1, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    kit_run(&kit);
    if (kit_find(&kit, "\"url\":\"http://x.example/b\"", "\"status\":404", NULL, 0) != 1 ||
        kit_find(&kit, "\"url\":\"http://x.example/a\"", "\"status\":200", NULL, 0) != 1)
        fail_msg("%s", (char *)kit.lines.ptr);
}

static void text_and_what_is_packed_stay_unread(void **state)
{
    (void)state;
    open_to(8080);
    SAY(0, UPGRADE);
    SAY(1, UPGRADED);
    SAY(0, "\x81\x24GET /a HTTP/1.1\r\nHost: x.example\r\n\r\n");
    SAY(0, "\xc2\x24GET /a HTTP/1.1\r\nHost: x.example\r\n\r\n");
    kit_run(&kit);
    assert_int_equal(
        kit_find(&kit, FLOW, "\"app\":\"websocket\",\"site\":\"outer.example\"", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "x.example", "", NULL, 0), 0);
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(starttls_of_mail_and_files_is_followed),
        IN_KIT(a_hello_through_socks_4_and_5_is_named),
        IN_KIT(a_hello_of_64_kib_in_many_segments_is_named),
        IN_KIT(hostile_names_are_shown_escaped_wherever_they_come_from),
        IN_KIT(a_range_is_reported_with_its_status_and_bytes),
        IN_KIT(a_hello_of_dtls_behind_stun_is_named),
        IN_KIT(a_hello_through_a_relay_is_named),
        IN_KIT(a_hello_inside_frames_of_websocket_is_named),
        IN_KIT(frames_of_one_side_alone_or_before_the_answer_are_read),
        IN_KIT(a_proxy_inside_frames_inside_a_proxy_is_followed),
        IN_KIT(frames_inside_frames_end_it),
        IN_KIT(a_body_inside_frames_is_counted_though_a_piece_is_lost),
        IN_KIT(text_and_what_is_packed_stay_unread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
