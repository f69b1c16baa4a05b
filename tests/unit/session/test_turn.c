/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that is seen from its middle on, and a SYN or its answer, from either end, at each
 * moment of it: no count exceeds what was sent, and nothing that was said is lost.
 */
#include "pipeline/kit.h"

enum
{
    FIRST_PORT = 33000, ///< Of the connections' one end, a port each.
    CONNS_MAX = 16384,
    PIECES_MAX = 8,
    N_SYNS = 5, ///< None; SYN and SYN-ACK of each side.
};

/** What the sides say, in segments; a piece's first letter is the side's. */
struct talk
{
    uint16_t port;
    const char *site; ///< Asked for in clear, or NULL.
    const char *pieces[PIECES_MAX];
};

static const struct talk talks[] = {
    {80,
     "one.example",
     {"cGET /a HTTP/1.1\r\nHost: one.exam", "cple\r\nX: y\r\n\r\n",
      "sHTTP/1.1 200 OK\r\nContent-Le", "sngth: 4\r\n\r\nab", "scd",
      "cGET /b HTTP/1.1\r\nHost: one.example\r\n\r\n", "sHTTP/1"}},
    {8080, NULL, {"sHTTP/1.1 200 OK\r\nConte", "cGET /", "snt-Length: 1\r\n\r\n", "sx"}},
    {80,
     "two.example",
     {"cGET /w HTTP/1.1\r\nHost: two.example\r\nUpgrade: websocket\r\n\r\n",
      "sHTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n", "c\x82\x85\1\1\1\1\x15\2\2",
      "s\x82\4\x16\3\3", "c\1\1", "s\1"}},
    {25, NULL, {"s220 mail.example ES", "sMTP\r\n", "cEHLO me\r\n", "s250 ok\r\n", "cDATA\r\n"}},
    {21, NULL, {"s220 FTP he", "sre\r\n", "cUSER ann", "c\r\n", "s331 yes\r\n", "cRETR /x\r\n"}},
    {1080, NULL, {"c\5\1", "c\2", "s\5\2", "c\1\1a\1b", "s\1\1"}},
    {445, NULL, {"c\xff\xff\xff", "s\xff\xff\xff\xff", "cSMB", "s\xfeSMB"}},
    {9, NULL, {"sone", "ctwo", "sthree", "cfour", "sfive"}},
    {6881,
     NULL,
     {"c\x13"
      "BitTorrent pro",
      "ctocol\1\1\1\1\1\1\1\1hashhashhashhashhashpeerpeerpeerpeerpeer",
      "s\x13"
      "BitTorrent protocol\1\1\1\1\1\1\1\1hashhashhashhashhashpeerpeerpeerpeerpeer",
      "c\1\1\1\1", "s\1"}},
};

/** One connection: what was sent, and what the records say of it. */
struct conn
{
    const struct talk *talk;
    uint64_t bytes, client_bytes, packets;
    uint64_t reported_bytes, reported_up, reported_packets, n_requests;
};

static struct kit kit;
static struct conn conns[CONNS_MAX];
static size_t n_conns;

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    memset(conns, 0, sizeof(conns));
    n_conns = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void send_segment(struct wire_tcp *tcp, unsigned side, uint8_t flags, struct nta_span data)
{
    struct conn *conn = &conns[n_conns];

    wire_segment(&kit.wire, tcp, side, flags, data);
    kit.wire.second--;
    conn->packets++;
    conn->bytes += data.len;
    conn->client_bytes += side == 0 ? data.len : 0;
}

/** The number before the side's first byte; its answer to the other side's. */
static void send_syn(const struct wire_tcp *begin, unsigned syn)
{
    struct wire_tcp tcp = *begin;
    const struct nta_span none = {0};

    tcp.seq[(syn - 1) / 2]--;
    send_segment(&tcp, (syn - 1) / 2, (syn - 1) % 2 ? WIRE_SYN | WIRE_ACK : WIRE_SYN, none);
}

/** `odd`: the client is the one with the service's port, so that its ports tell the wrong story. */
static void play(const struct talk *talk, size_t moment, unsigned syn, bool odd)
{
    const uint16_t own = (uint16_t)(FIRST_PORT + n_conns);
    const struct wire_tcp begin = {{"10.0.0.5", odd ? talk->port : own},
                                   {"198.51.100.7", odd ? own : talk->port},
                                   {1000, 5000}};
    struct wire_tcp tcp = begin;

    assert_true(n_conns < CONNS_MAX);
    conns[n_conns].talk = talk;
    for (size_t i = 0; i < PIECES_MAX; i++) {
        if (i == moment && syn)
            send_syn(&begin, syn);
        if (talk->pieces[i])
            send_segment(&tcp, talk->pieces[i][0] == 's', WIRE_ACK,
                         nta_span_of(talk->pieces[i] + 1));
    }
    kit.wire.second++;
    n_conns++;
}

static void each(void *owner, const char *id, struct nta_span cbor)
{
    struct nta_record_buf buf;
    struct nta_record record;

    (void)owner, (void)id;
    if (!nta_record_decode(cbor, &buf, &record)) {
        kit.n_bad++;
        return;
    }
    const uint16_t port = record.user.port > record.peer.port ? record.user.port : record.peer.port;

    if (port < FIRST_PORT || port >= FIRST_PORT + n_conns) {
        kit.n_bad++;
        return;
    }
    struct conn *conn = &conns[port - FIRST_PORT];

    if (record.event == NTA_RECORD_REQUEST && conn->talk->site)
        conn->n_requests += nta_span_equal(record.site, nta_span_of(conn->talk->site));
    if (record.event != NTA_RECORD_FLOW)
        return;
    conn->reported_bytes += record.up.bytes + record.down.bytes;
    conn->reported_up += record.up.bytes;
    conn->reported_packets += record.up.packets + record.down.packets;
}

static void syn_at_every_moment_loses_and_invents_nothing(void **state)
{
    const char *const files[] = {kit.capture};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(talks); i++)
        for (size_t moment = 0; moment < PIECES_MAX; moment++)
            for (unsigned syn = 0; syn < N_SYNS; syn++)
                for (unsigned odd = 0; odd < 2; odd++)
                    play(&talks[i], moment, syn, odd);
    wire_close(&kit.wire);
    kit_run_files_each(&kit, files, 1, NULL, each);
    for (size_t i = 0; i < n_conns; i++) {
        const struct conn *conn = &conns[i];

        if (conn->reported_bytes != conn->bytes || conn->reported_packets != conn->packets)
            fail_msg("port %u, connection %zu: %llu bytes in %llu packets, not %llu in %llu",
                     conn->talk->port, i, (unsigned long long)conn->reported_bytes,
                     (unsigned long long)conn->reported_packets, (unsigned long long)conn->bytes,
                     (unsigned long long)conn->packets);
        assert_int_equal(conn->reported_up, conn->client_bytes); /* 10.0.0.5 is at home */
        if (conn->talk->site && conn->n_requests == 0)
            fail_msg("connection %zu: no request to %s", i, conn->talk->site);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(syn_at_every_moment_loses_and_invents_nothing, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
