/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who opens a connection can say anything.  A client says the first words of a protocol, the server
 * refuses them in another one, and both go on in that: what is said then must not be missed.
 */
#include "pipeline/kit.h"
#include "proto/seal.h"

#define SITE  "198.51.100.7"
#define FLOW  "\"event\":\"flow\""
#define DECOY "innocent.example"
#define REAL  "real.example"

enum
{
    FIRST_PORT = 33000, ///< Of the clients, a connection each.
    PIECES_MAX = 8,
    FAILURES_MAX = 40,
};

static struct kit kit;
static struct maker message, hello, decoy;
static size_t n_conns, n_failed;

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    n_conns = n_failed = 0;
    message.len = hello.len = decoy.len = 0;
    make_client_hello(&message, REAL, 0);
    make_records(&hello, message.bytes, message.len, 16384);
    message.len = 0;
    make_client_hello(&message, DECOY, 0);
    make_records(&decoy, message.bytes, message.len, 16384);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/** Whose answer is no refusal. */
enum speaks
{
    NOBODY,
    WEB,
    TLS
};

/** What a client may open with. */
static const struct opening
{
    const char *name;
    uint16_t port; ///< Where it would be right.
    struct nta_span bytes;
    enum speaks spoken_by; ///< A server that understands it takes what follows for the rest of it.
} openings[] = {
    {"ssh", 22, BYTES("SSH-2.0-a\r\n"), NOBODY},
    {"ssh, a packet", 22, BYTES("SSH-2.0-a\r\n\0\0\1\x14\x08\x14"), NOBODY},
    {"ssh behind a line", 22, BYTES("EHLO x\r\nSSH-2.0-a\r\n"), NOBODY},
    {"http", 80, BYTES("GET / HTTP/1.1\r\nHost: " DECOY "\r\n\r\n"), NOBODY},
    {"http, a body", 80,
     BYTES("POST / HTTP/1.1\r\nHost: " DECOY "\r\nContent-Length: 1000000\r\n\r\nx"), WEB},
    {"http, a tunnel", 80, BYTES("CONNECT " DECOY ":443 HTTP/1.1\r\n\r\n"), NOBODY},
    {"http, frames", 80, BYTES("GET / HTTP/1.1\r\nHost: " DECOY "\r\nUpgrade: websocket\r\n\r\n"),
     NOBODY},
    {"http, half a head", 80, BYTES("GET / HTTP/1.1\r\nHost: " DECOY "\r\nX: "), WEB},
    {"http, an answer", 80, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx"), NOBODY},
    {"http2", 80, BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), NOBODY},
    {"tls, the beginning of a hello", 443,
     BYTES("\x16\3\1\x3f\0\1\0\x3e\xfc\3\3abcdefghijklmnopqrstuvwxyz"), TLS},
    {"tls, a message that is none", 443, BYTES("\x16\3\1\0\4\1\0\0\0"), TLS},
    {"tls, data", 443, BYTES("\x17\3\3\x3f\0abcdefgh"), TLS},
    {"tls, an alert", 443, BYTES("\x15\3\3\0\2\1\0"), TLS},
    {"tls, a server's hello", 443, BYTES("\x16\3\3\x3f\0\2\0\x3e\xfc\3\3abcdefghijklmnopqr"), TLS},
    {"zero", 443, BYTES("1QTV0\4\0\0\0CHLO"), NOBODY},
    {"dns", 53, BYTES("\0\x1d\1\2\1\0\0\1\0\0\0\0\0\0\3www\7example\0\0\1\0\1"), NOBODY},
    {"dns, half a message", 53, BYTES("\x3f\0\1\2\1\0\0\1\0\0\0\0\0\0\3www\7example\0\0\1\0\1"),
     NOBODY},
    {"smb", 445,
     BYTES("\0\0\0\x44\xfeSMB\x40\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x24\0\1\0"),
     NOBODY},
    {"smb, long", 445, BYTES("\0\x3f\0\0\xffSMBabcdefghijklmnopqrstuvwxyz"), NOBODY},
    {"smb, sealed", 445, BYTES("\0\0\0\x34\xfdSMBabcdefghijklmnopqrstuvwxyz"), NOBODY},
    {"a session of netbios", 139, BYTES("\x81\0\0\x44 abc"), NOBODY},
    {"bittorrent", 6881,
     BYTES("\x13"
           "BitTorrent protocol\1\1\1\1\1\1\1\1hashhashhashhashhashpeerpeerpeerpeerpeer"),
     NOBODY},
    {"bittorrent, a piece", 6881,
     BYTES("\x13"
           "BitTorrent protocol\1\1\1\1\1\1\1\1hashhashhashhashhashpeerpeerpeerpeerpeer"
           "\0\x3f\0\0\7\0\0\0\1\0\0\0\1"),
     NOBODY},
    {"socks 4", 1080, BYTES("\4\1\1\xbb\xc6\x33\x64\7me\0"), NOBODY},
    {"socks 5", 1080, BYTES("\5\1\0"), NOBODY},
    {"socks 5, a request", 1080, BYTES("\5\1\0\5\1\0\1\xc6\x33\x64\7\1\xbb"), NOBODY},
    {"openvpn", 1194, BYTES("\0\x0e\x38sessions\0\0\0\0\0"), NOBODY},
    {"openvpn, long", 1194, BYTES("\0\x0e\x38sessions\0\0\0\0\0\x3f\0\x20"), NOBODY},
    {"openvpn, sealed", 1194,
     BYTES("\0\x36\x38sessions\0\0\0\1\x69\x80\x0d\x80hmachmachmachmachmachmachmachmac12345"),
     NOBODY},
    {"ftp", 21, BYTES("USER ann\r\n"), NOBODY},
    {"ftp, an answer", 21, BYTES("220 ftp\r\n"), NOBODY},
    {"a proxy's header", 25, BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n"), NOBODY},
};

/** What the server says to that, and what both say then; a piece's first letter is the side's. */
static const struct refusal
{
    const char *name;
    const char *greeting; ///< Of the server, before all; or NULL.
    const char *pieces[PIECES_MAX];
    bool with_hello; ///< The client says hello at the end.
    enum speaks speaks;
} refusals[] = {
    {"mail",
     NULL,
     {"s500 what?\r\n", "cEHLO x\r\n", "s250 ok\r\n", "cSTARTTLS\r\n", "s220 go\r\n"},
     true,
     NOBODY},
    {"mail that greets late",
     NULL,
     {"s220 mail.example ESMTP\r\n500 what?\r\n", "cEHLO x\r\n", "s250 ok\r\n", "cSTARTTLS\r\n",
      "s220 go\r\n"},
     true,
     NOBODY},
    {"mail that greets",
     "220 mail.example ESMTP\r\n",
     {"s500 what?\r\n", "cEHLO x\r\n", "s250 ok\r\n", "cSTARTTLS\r\n", "s220 go\r\n"},
     true,
     NOBODY},
    {"short mail",
     NULL,
     {"s500 5\r\n", "cEHLO x\r\n", "s250 0\r\n", "cSTARTTLS\r\n", "s220 0\r\n"},
     true,
     NOBODY},
    {"news of another kind",
     NULL,
     {"s* BAD what?\r\n", "ca STARTTLS\r\n", "sa OK go\r\n"},
     true,
     NOBODY},
    {"a few words", NULL, {"sHello.\r\n"}, true, NOBODY},
    {"the web",
     NULL,
     {"sHTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
      "cGET / HTTP/1.1\r\nHost: " REAL "\r\n\r\n", "sHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
     false,
     WEB},
    {"an alert", NULL, {"s\x15\3\3"}, true, TLS},
};

static void say(struct wire_tcp *tcp, unsigned side, struct nta_span bytes)
{
    wire_segment(&kit.wire, tcp, side, WIRE_ACK, bytes);
}

static void play(const struct refusal *refusal, uint16_t port, struct nta_span opening)
{
    const struct nta_span none = {0};
    struct wire_tcp tcp = {
        {"10.0.0.5", (uint16_t)(FIRST_PORT + n_conns++)}, {SITE, port}, {1000, 5000}};

    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    if (refusal->greeting)
        say(&tcp, 1, nta_span_of(refusal->greeting));
    say(&tcp, 0, opening);
    for (size_t i = 0; i < PIECES_MAX && refusal->pieces[i]; i++)
        say(&tcp, refusal->pieces[i][0] == 's', nta_span_of(refusal->pieces[i] + 1));
    if (refusal->speaks == TLS)
        say(&tcp, 1, (struct nta_span)BYTES("\0\2\2\x28"));
    if (refusal->with_hello)
        say(&tcp, 0, (struct nta_span){hello.bytes, hello.len});
    say(&tcp, 1, (struct nta_span)BYTES("\x16\3\3\0\x50\2\0\0\x4c\3\3" DECOY));
    say(&tcp, 0, (struct nta_span)BYTES("\x14\3\3\0\1\1"));
    wire_segment(&kit.wire, &tcp, 1, WIRE_FIN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_FIN | WIRE_ACK, none);
}

/** What is recorded of the connection that was played as number `i` says where it went. */
static void check(size_t i, const char *what, const char *refusal, uint16_t port)
{
    char user[32], line[4096] = "";

    (void)snprintf(user, sizeof(user), "\"port\":%zu,", FIRST_PORT + i);
    if (kit_find(&kit, user, "\"site\":\"" REAL "\"", line, sizeof(line)) > 0)
        return;
    (void)kit_find(&kit, FLOW, user, line, sizeof(line));
    if (n_failed++ < FAILURES_MAX)
        print_error("%s, port %u, refused by %s: %s\n", what, port, refusal, line);
}

static void for_each(void (*act)(size_t i, const struct opening *, const struct refusal *,
                                 uint16_t port))
{
    const struct opening hellos = {"tls", 443, {decoy.bytes, decoy.len}, TLS};
    size_t n = 0;

    for (size_t i = 0; i <= NTA_N_ELEMENTS(openings); i++) {
        const struct opening *opening = i < NTA_N_ELEMENTS(openings) ? &openings[i] : &hellos;

        for (size_t k = 0; k < NTA_N_ELEMENTS(refusals); k++) {
            if (opening->spoken_by != NOBODY && opening->spoken_by == refusals[k].speaks)
                continue;
            act(n++, opening, &refusals[k], opening->port);
            act(n++, opening, &refusals[k], 2525);
        }
    }
}

static void play_one(size_t i, const struct opening *opening, const struct refusal *refusal,
                     uint16_t port)
{
    (void)i;
    play(refusal, port, opening->bytes);
}

static void check_one(size_t i, const struct opening *opening, const struct refusal *refusal,
                      uint16_t port)
{
    check(i, opening->name, refusal->name, port);
}

static void one_line_of_a_client_hides_nothing(void **state)
{
    (void)state;
    for_each(play_one);
    kit_run(&kit);
    for_each(check_one);
    if (n_failed > 0)
        fail_msg("%zu of %zu connections hide where they go", n_failed, n_conns);
}

/** One after the other over one connection, each refused before the next. */
static void many_openings_hide_no_more_than_one(void **state)
{
    const struct nta_span none = {0};
    struct wire_tcp tcp = {{"10.0.0.5", FIRST_PORT}, {SITE, 2525}, {1000, 5000}};

    (void)state;
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    for (size_t i = 0; i < NTA_N_ELEMENTS(openings); i++) {
        say(&tcp, 0, openings[i].bytes);
        say(&tcp, 1, nta_span_of("500 what?\r\n"));
    }
    say(&tcp, 0, nta_span_of("STARTTLS\r\n"));
    say(&tcp, 1, nta_span_of("220 go\r\n"));
    say(&tcp, 0, (struct nta_span){hello.bytes, hello.len});
    kit_run(&kit);
    check(0, "all of them", "mail", 2525);
    assert_int_equal(n_failed, 0);
}

/** First datagrams of protocols that are recognised by them; each is a decoy before QUIC. */
static void make_decoy(size_t i, struct maker *out)
{
    struct maker frames = {.len = 0};

    out->len = 0;
    switch (i) {
    case 0: /* WireGuard: an initiation */
        make_number(out, 0x01000000, 4);
        for (size_t at = 4; at < 148; at++)
            make_number(out, at < 132 ? at % 251 + 1 : 0, 1);
        break;
    case 1: /* OpenVPN: a client's reset */
        make(out,
             "\x38"
             "\1\2\3\4\5\6\7\x08"
             "\0"
             "\0\0\0\0",
             14);
        break;
    case 2: /* STUN: a binding request */
        make(out,
             "\0\1\0\0\x21\x12\xa4\x42"
             "abcdefghijkl",
             20);
        break;
    case 3: /* DNS: a question */
        make(out,
             "\x12\x34\1\0\0\1\0\0\0\0\0\0"
             "\6decoy1\7example\0\0\1\0\1",
             33);
        break;
    case 4: /* BitTorrent: a ping of the DHT */
        make(out, "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", 56);
        break;
    case 5: /* a QUIC Initial that opens and says nothing */
        make_number(&frames, 1, 1);
        seal_initial(out, &(struct seal){.version = 1,
                                         .cid = "decoycid",
                                         .payload_len = 1162,
                                         .frames = frames.bytes,
                                         .frames_len = frames.len});
        break;
    default: make(out, "nonsense", 8); break;
    }
}

enum
{
    N_DECOYS = 7
};

static void a_first_datagram_hides_nothing(void **state)
{
    struct maker frames = {.len = 0}, datagram = {.len = 0}, first = {.len = 0};

    (void)state;
    message.len = 0;
    make_client_hello(&message, REAL, 0);
    seal_crypto(&frames, message.bytes, 0, message.len);
    seal_initial(&datagram, &(struct seal){.version = 1,
                                           .cid = "realcid8",
                                           .payload_len = 1162,
                                           .frames = frames.bytes,
                                           .frames_len = frames.len});
    for (size_t i = 0; i < N_DECOYS; i++) {
        const struct wire_end user = {"10.0.0.5", (uint16_t)(FIRST_PORT + i)}, server = {SITE, 443};

        make_decoy(i, &first);
        wire_udp(&kit.wire, &user, &server, (struct nta_span){first.bytes, first.len});
        wire_udp(&kit.wire, &user, &server, (struct nta_span){datagram.bytes, datagram.len});
        wire_udp(&kit.wire, &server, &user, nta_span_of("an answer that nobody reads"));
    }
    kit_run(&kit);
    for (size_t i = 0; i < N_DECOYS; i++) {
        char what[16];

        (void)snprintf(what, sizeof(what), "decoy %zu", i);
        check(i, what, "nobody", 443);
    }
    assert_int_equal(n_failed, 0);
}

/** Media over DTLS: STUN goes on beside it (RFC 7983), on the same ports. */
static void what_goes_beside_does_not_take_its_place(void **state)
{
    const struct wire_end user = {"10.0.0.5", FIRST_PORT}, server = {SITE, 443};
    struct maker datagram = {.len = 0}, stun = {.len = 0};
    char line[4096] = "";

    (void)state;
    message.len = 0;
    make_client_hello(&message, NULL, 0);
    const size_t body_len = message.len - 4 + 1;

    make_number(&datagram, 0x16fefd0000, 5);
    make_number(&datagram, 0, 6);
    make_number(&datagram, 12 + body_len, 2);
    make_number(&datagram, 1, 1);
    make_number(&datagram, body_len, 3);
    make_number(&datagram, 0, 5);           /* sequence, and where the fragment begins */
    make_number(&datagram, body_len, 3);    /* and how long it is */
    make_number(&datagram, 0xfefd, 2);      /* version */
    make(&datagram, message.bytes + 6, 33); /* random, session */
    make_number(&datagram, 0, 1);           /* no cookie */
    make(&datagram, message.bytes + 39, message.len - 39);
    make_decoy(2, &stun);
    for (size_t i = 0; i < 3; i++) {
        const struct maker *sent = i == 1 ? &datagram : &stun;

        wire_udp(&kit.wire, &user, &server, (struct nta_span){sent->bytes, sent->len});
    }
    wire_udp(&kit.wire, &server, &user, (struct nta_span){stun.bytes, stun.len});
    kit_run(&kit);
    if (kit_find(&kit, FLOW, "\"app\":\"dtls\"", line, sizeof(line)) == 0) {
        (void)kit_find(&kit, FLOW, "", line, sizeof(line));
        fail_msg("%s", line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_line_of_a_client_hides_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(many_openings_hide_no_more_than_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_first_datagram_hides_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_goes_beside_does_not_take_its_place, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
