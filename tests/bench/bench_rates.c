/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A large network's rates through one worker's sessions: is everything read?
 *
 * usage: bench_rates [SECONDS]     of capture time, 60 if not given.
 *
 * Each second 20,000 lookups that are answered, and connections begin: 10,000 of HTTP with a
 * request and its response, 10,000 of TLS with both hellos, 2,000 of QUIC; 10 ms lie between two
 * packets of a connection.  Prints what was told of each kind, and how long it took.  Exit status 1
 * if one lookup, request or name is missing, or a limit of memory was met.
 */
#include "base/own.h"
#include "config/config.h"
#include "decode/decode.h"
#include "policy/policy.h"
#include "proto/seal.h"
#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    STEP_MS = 10, ///< From one packet of a connection to the next.
    N_FLOWS = 262144,
    FRAME_SIZE = 2048,
    HEAD_TCP = 54,
    HEAD_UDP = 42,
    SYN = 2,
    ACK = 16,
    FIN = 1,
    QUIC_FULL = 1200,
};

#define NS_PER_MS    INT64_C(1000000)
#define START_NS     (INT64_C(1770000000) * 1000000000)
#define SPAN_TEXT(s) ((struct nta_span){(const uint8_t *)(s), sizeof(s) - 1})

/** One packet of a connection, all but its addresses. */
struct segment
{
    bool down;
    uint8_t flags;
    uint32_t seq, ack;
    struct nta_span data;
};

struct bench
{
    struct nta_session_parts parts;
    struct nta_decode decode;
    struct nta_unknowns unknowns;
    struct nta_owner whose; ///< Nothing is at home.
    int64_t wall_ns;
    uint64_t n_packets;
    uint64_t n_lookups, n_requests, n_tls, n_quic; ///< Told in full.
    struct maker hello, sealed;
};

static struct bench bench;

/** A kind of connection: `step()` sends packet `i` of the one with this number. */
struct kind
{
    const char *name;
    unsigned per_ms, n_steps;
    void (*step)(uint32_t number, unsigned i);
    const uint64_t *n_told;
};

static void on_record(void *owner, const struct nta_record *record)
{
    (void)owner;
    if (record->event == NTA_RECORD_LOOKUP)
        bench.n_lookups += record->answered && record->n_answers == 1;
    else if (record->event == NTA_RECORD_REQUEST)
        bench.n_requests += record->status == 200 && record->file.complete;
    else if (record->event == NTA_RECORD_FLOW && record->app == NTA_APP_TLS)
        bench.n_tls += record->basis == NTA_BASIS_SNI;
    else if (record->event == NTA_RECORD_FLOW && record->app == NTA_APP_QUIC)
        bench.n_quic += record->basis == NTA_BASIS_SNI;
}

static void be16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void be32(uint8_t *at, uint32_t value)
{
    be16(at, value >> 16);
    be16(at + 2, value & 0xffff);
}

/**
 * Ethernet and IPv4 of connection `number`: of one of 60,000 users, with ports that come again
 * after some hours only.
 */
static void put_head(uint8_t *frame, uint32_t number, bool down, uint8_t ip_proto, uint16_t port,
                     size_t len)
{
    const uint32_t user = number % 60000;
    const uint8_t users[4] = {10, (uint8_t)(1 + user / 250 / 250), (uint8_t)(user / 250 % 250),
                              (uint8_t)(1 + user % 250)};
    static const uint8_t server[4] = {198, 51, 100, 7};
    const size_t user_port = 1024 + (number / 60000 + 7U * ip_proto + port) % 60000;

    memset(frame, 0, HEAD_TCP);
    frame[0] = frame[6] = 2;
    memcpy(frame + (down ? 2 : 8), users, 4);
    be16(frame + 12, 0x0800);
    frame[14] = 0x45;
    be16(frame + 16, len - 14);
    frame[22] = 64;
    frame[23] = ip_proto;
    memcpy(frame + 26, down ? server : users, 4);
    memcpy(frame + 30, down ? users : server, 4);
    be16(frame + 34, down ? port : user_port);
    be16(frame + 36, down ? user_port : port);
}

static void send(const uint8_t *frame, size_t len)
{
    struct nta_packet packet = {.wall_ns = bench.wall_ns,
                                .order_ns = bench.wall_ns,
                                .cap_len = (uint32_t)len,
                                .wire_len = (uint32_t)len};

    nta_decode_packet(&bench.decode, 1, frame, &packet);
    nta_flows_pass(bench.parts.flows, &packet);
    (void)nta_flows_packet(bench.parts.flows, &packet, frame);
    bench.n_packets++;
}

static void send_tcp(uint32_t number, uint16_t port, const struct segment *segment)
{
    uint8_t frame[FRAME_SIZE];
    const size_t len = HEAD_TCP + segment->data.len;

    put_head(frame, number, segment->down, 6, port, len);
    be32(frame + 38, segment->seq);
    be32(frame + 42, segment->ack);
    frame[46] = 0x50;
    frame[47] = segment->flags;
    if (segment->data.len)
        memcpy(frame + HEAD_TCP, segment->data.ptr, segment->data.len);
    send(frame, len);
}

static void send_udp(uint32_t number, bool down, uint16_t port, struct nta_span data)
{
    uint8_t frame[FRAME_SIZE];
    const size_t len = HEAD_UDP + data.len;

    put_head(frame, number, down, 17, port, len);
    be16(frame + 38, 8 + data.len);
    memcpy(frame + HEAD_UDP, data.ptr, data.len);
    send(frame, len);
}

/** Handshake, what each side says, FIN both ways. */
static void step_tcp(uint32_t number, unsigned i, uint16_t port, struct nta_span up,
                     struct nta_span down)
{
    const uint32_t up_end = 1001 + (uint32_t)up.len, down_end = 5001 + (uint32_t)down.len;
    const struct segment segments[] = {
        {false, SYN, 1000, 0, {0}},
        {true, SYN | ACK, 5000, 1001, {0}},
        {false, ACK, 1001, 5001, up},
        {true, ACK, 5001, up_end, down},
        {true, FIN | ACK, down_end, up_end, {0}},
        {false, FIN | ACK, up_end, down_end + 1, {0}},
        {true, ACK, down_end + 1, up_end + 1, {0}},
    };

    send_tcp(number, port, &segments[i]);
}

static void step_lookup(uint32_t number, unsigned i)
{
    uint8_t message[] = "\0\0\1\0\0\1\0\0\0\0\0\0\3www\x07"
                        "example\3com\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\1\0\0\4\xc6\x33\x64\7";
    const size_t answer_len = 16, len = sizeof(message) - 1;

    be16(message, number & 0xffff);
    if (i > 0) {
        be16(message + 2, 0x8180);
        message[7] = 1;
    }
    send_udp(number, i > 0, 53, (struct nta_span){message, i > 0 ? len : len - answer_len});
}

static void step_http(uint32_t number, unsigned i)
{
    static const char request[] = "GET /a.html HTTP/1.1\r\nHost: www.example.com\r\n\r\n";
    static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    step_tcp(number, i, 80, SPAN_TEXT(request), SPAN_TEXT(response));
}

static void step_tls(uint32_t number, unsigned i)
{
    /* a ServerHello of TLS 1.3, and the first record of what is sealed */
    static const uint8_t answer[] =
        "\x16\3\3\0\x32\2\0\0\x2e\3\3rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr\0\x13\1\0\0\6\0\x2b\0\2\3\4"
        "\x17\3\3\0\x10ssssssssssssssss";

    step_tcp(number, i, 443, (struct nta_span){bench.hello.bytes, bench.hello.len},
             (struct nta_span){answer, sizeof(answer) - 1});
}

/** The client's Initial, with an id of its own. */
static void begin_quic(uint32_t number)
{
    static struct maker message, frames;
    char id[9];

    (void)snprintf(id, sizeof(id), "%08x", number);
    message.len = frames.len = bench.sealed.len = 0;
    make_client_hello(&message, "www.example.com", 0);
    seal_crypto(&frames, message.bytes, 0, message.len);
    seal_initial(&bench.sealed, &(struct seal){.version = 1,
                                               .cid = id,
                                               .source = "client-1",
                                               .frames = frames.bytes,
                                               .frames_len = frames.len,
                                               .payload_len = QUIC_FULL});
    send_udp(number, false, 443, (struct nta_span){bench.sealed.bytes, bench.sealed.len});
}

static void step_quic(uint32_t number, unsigned i)
{
    static const uint8_t handshake[100] = "\xe0\0\0\0\1\x08"
                                          "client-1\x08server-1\x40\x4c";
    static const uint8_t data[200] = "\x43"
                                     "client-1";

    if (i == 0)
        begin_quic(number);
    else
        send_udp(number, true, 443,
                 i == 1 ? (struct nta_span){handshake, sizeof(handshake)}
                        : (struct nta_span){data, sizeof(data)});
}

static const struct kind kinds[] = {
    {"lookups", 20, 2, step_lookup, &bench.n_lookups},
    {"HTTP", 10, 7, step_http, &bench.n_requests},
    {"TLS", 10, 7, step_tls, &bench.n_tls},
    {"QUIC", 2, 4, step_quic, &bench.n_quic},
};

/** What happens in millisecond `ms`, of connections that begin before `end_ms`. */
static void run_ms(const struct kind *kind, int64_t ms, int64_t end_ms)
{
    for (unsigned i = 0; i < kind->n_steps; i++) {
        const int64_t begun_ms = ms - (int64_t)i * STEP_MS;

        for (unsigned k = 0; begun_ms >= 0 && begun_ms < end_ms && k < kind->per_ms; k++)
            kind->step((uint32_t)begun_ms * kind->per_ms + k, i);
    }
}

static int open_bench(struct nta_policy **ret_policy)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};
    int r = nta_config_new(&config, &err);

    if (r == 0)
        r = nta_policy_new(config, NULL, ret_policy, &complaints, &err);
    const struct nta_session_options options = {
        .whose = &bench.whose,
        .flow = {.n_flows = N_FLOWS, .stream_flow_bytes = 65536, .stream_all_bytes = 67108864},
        .put = on_record,
    };

    if (r == 0)
        r = nta_session_parts_init(&bench.parts, &options, &err);
    if (r < 0) {
        (void)fprintf(stderr, "bench_rates: %s\n", err.text);
        return r;
    }
    bench.parts.policy = *ret_policy;
    bench.decode =
        (struct nta_decode){.counters = &bench.parts.counters, .unknowns = &bench.unknowns};
    static struct maker message;

    make_client_hello(&message, "www.example.com", 0);
    make_records(&bench.hello, message.bytes, message.len, 16384);
    return 0;
}

static double now_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/** True: all was told. */
static bool report(int64_t end_ms, double took_s)
{
    const uint64_t n_limit = nta_counted(&bench.parts.counters, NTA_COUNTER_STATE_LIMIT);
    const uint64_t n_early = nta_counted(&bench.parts.counters, NTA_COUNTER_FLOW_EVICTED);
    bool ok = n_limit == 0 && n_early == 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(kinds); i++) {
        const uint64_t n = (uint64_t)end_ms * kinds[i].per_ms;

        ok = ok && *kinds[i].n_told == n;
        printf("%-8s %9llu of %9llu told, %u/s\n", kinds[i].name,
               (unsigned long long)*kinds[i].n_told, (unsigned long long)n, kinds[i].per_ms * 1000);
    }
    printf("unread for want of memory: %llu; flows ended early: %llu\n",
           (unsigned long long)n_limit, (unsigned long long)n_early);
    printf("%llu packets in %.1f s: %.0f ns each, those that were made included\n",
           (unsigned long long)bench.n_packets, took_s, took_s * 1e9 / (double)bench.n_packets);
    return ok;
}

int main(int argc, char **argv)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
    const int64_t end_ms = (argc > 1 ? strtoll(argv[1], NULL, 10) : 60) * 1000;
    const double began_s = now_s();

    if (end_ms <= 0 || open_bench(&policy) < 0)
        return 2;
    for (int64_t ms = 0; ms < end_ms + 100; ms++) {
        bench.wall_ns = START_NS + ms * NS_PER_MS;
        for (size_t i = 0; i < NTA_N_ELEMENTS(kinds); i++)
            run_ms(&kinds[i], ms, end_ms);
        nta_flows_tick(bench.parts.flows, bench.wall_ns);
    }
    nta_flows_drain(bench.parts.flows);
    const bool ok = report(end_ms, now_s() - began_s);

    nta_session_parts_done(&bench.parts);
    return ok ? 0 : 1;
}
