/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds a message: a ClientHello over TCP, a TLS 1.2 server's first flight, a 1,200-byte QUIC Initial. */
#include "base/clock.h"
#include "hello.h"
#include "proto/quic.h"
#include "proto/tls.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
    N_ROUNDS = 500, /* short ones, so that the best one was left alone by other work */
    N_MESSAGES = 500,
};

static size_t n_events;

static void on_emit(void *owner, const struct nta_event *event)
{
    (void)owner;
    n_events += event->client_hello != NULL;
}

/* One flow that begins with these bytes: its state, the probe, one call of feed. */
static void one_flow(const struct nta_proto *proto, enum nta_side side, struct nta_span bytes)
{
    static _Alignas(64) uint8_t state[NTA_PROTO_STATE_MAX];
    struct nta_proto_io io = {.side = side, .is_stream = !proto->over_udp, .emit = on_emit};
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    memset(state, 0, proto->state_size);
    if (proto->probe(&io, bytes) != NTA_PARSE_OK || proto->feed(state, &io, &r) != NTA_PARSE_OK)
        abort();
}

/* The best of some rounds. */
static void measure(const char *what, const struct nta_proto *proto, enum nta_side side,
                    struct nta_span bytes)
{
    int64_t best_ns = INT64_MAX;

    n_events = 0;
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        int64_t begin_ns = nta_clock_mono_ns();

        for (unsigned i = 0; i < N_MESSAGES; i++)
            one_flow(proto, side, bytes);

        int64_t took_ns = nta_clock_mono_ns() - begin_ns;

        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    if (n_events < (size_t)N_ROUNDS * N_MESSAGES)
        abort();
    printf("%-32s %5zu bytes %8.1f ns\n", what, bytes.len, (double)best_ns / N_MESSAGES);
}

static struct nta_span load(const char *path, struct maker *maker)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        abort();
    }
    maker->len = fread(maker->bytes, 1, sizeof(maker->bytes), file);
    (void)fclose(file);
    return (struct nta_span){.ptr = maker->bytes, .len = maker->len};
}

static struct nta_span make_initial(uint32_t version, struct maker *datagram)
{
    static struct maker hello, frames;
    struct seal seal = {.version = version,
                        .number = 1,
                        .cid = "\x83\x94\xc8\xf0\x3e\x51\x57\x08",
                        .frames = frames.bytes,
                        .payload_len = 1162};

    hello.len = frames.len = datagram->len = 0;
    make_client_hello(&hello, "www.example.com", 200);
    seal_crypto(&frames, hello.bytes, 0, hello.len);
    seal.frames_len = frames.len;
    seal_initial(datagram, &seal);
    return (struct nta_span){.ptr = datagram->bytes, .len = datagram->len};
}

int main(void)
{
    static struct maker maker;

    measure("tls client hello", &nta_proto_tls, NTA_FROM_CLIENT,
            load(NTA_BENCH_DATA "/tls/tls13.client", &maker));
    measure("tls 1.2 server hello, certificate", &nta_proto_tls, NTA_FROM_SERVER,
            load(NTA_BENCH_DATA "/tls/tls12.server", &maker));
    measure("quic v1 initial", &nta_proto_quic, NTA_FROM_CLIENT, make_initial(1, &maker));
    measure("quic v2 initial", &nta_proto_quic, NTA_FROM_CLIENT, make_initial(0x6b3343cf, &maker));
    return 0;
}
