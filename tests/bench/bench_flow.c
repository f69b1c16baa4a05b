/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flow table alone: 60,000 TCP connections of 20 packets each, their packets interleaved at
 * random, bytes handed to an owner that does nothing.  Prints ns a packet.
 */
#include "base/hash.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "flow/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum
{
    N_CONNECTIONS = 60000,
    N_EACH = 20,
    N_PACKETS = N_CONNECTIONS * N_EACH,
    PAYLOAD = 500,
    BLOCK = 512,
    N_ROUNDS = 7,
    AHEAD = 16
};

static struct nta_taken on_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    (void)flow, (void)dir, (void)wall_ns;
    *(uint64_t *)owner += bytes.len;
    return (struct nta_taken){.consumed = bytes.len};
}

static bool on_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    (void)owner, (void)flow, (void)dir, (void)len;
    return true;
}

static void on_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir, struct nta_span bytes,
                        int64_t wall_ns)
{
    (void)owner, (void)flow, (void)dir, (void)bytes, (void)wall_ns;
}

static void on_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    (void)owner, (void)flow, (void)why;
}

static void on_active_timeout(void *owner, struct nta_flow *flow)
{
    (void)owner, (void)flow;
}

static void on_turned(void *owner, struct nta_flow *flow)
{
    (void)owner, (void)flow;
}

static const struct nta_flow_ops ops = {
    .data = on_data,
    .gap = on_gap,
    .datagram = on_datagram,
    .ended = on_ended,
    .active_timeout = on_active_timeout,
    .turned = on_turned,
};

/** Packet `n` of connection `id`: SYN, SYN-ACK, then bytes in turns, FIN both ways last. */
static void make_packet(struct nta_packet *packet, const struct nta_hash_key *key, uint32_t id,
                        unsigned n)
{
    bool up = n % 2 == 0;
    uint8_t client[4] = {10, (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};
    uint8_t server[4] = {192, 0, 2, (uint8_t)(id * 7)};
    uint32_t sent = n < 2 ? 0 : 1 + PAYLOAD * (n / 2 - 1);

    *packet = (struct nta_packet){.kind = NTA_PACKET_TCP, .ip_proto = 6, .tcp_flags = NTA_TCP_ACK};
    packet->src = nta_addr_v4(up ? client : server);
    packet->dst = nta_addr_v4(up ? server : client);
    packet->src_port = up ? (uint16_t)(1024 + id % 60000) : 443;
    packet->dst_port = up ? 443 : (uint16_t)(1024 + id % 60000);
    packet->flow_hash = nta_hash_words(key, id, 6);
    packet->tcp_seq = id + sent;
    packet->tcp_ack = id + sent;
    if (n < 2)
        packet->tcp_flags = n ? NTA_TCP_SYN | NTA_TCP_ACK : NTA_TCP_SYN;
    else
        packet->payload_len = packet->payload_wire_len = PAYLOAD;
    if (n >= N_EACH - 2)
        packet->tcp_flags |= NTA_TCP_FIN;
}

static void fill(struct nta_packet *packets)
{
    NTA_AUTO_FREE uint32_t *turns = malloc(N_PACKETS * sizeof(*turns));
    NTA_AUTO_FREE uint8_t *next = calloc(N_CONNECTIONS, 1);
    struct nta_hash_key key = {1, 2};
    uint64_t random = 1;

    if (!turns || !next)
        abort();
    for (uint32_t i = 0; i < N_PACKETS; i++)
        turns[i] = i / N_EACH;
    for (uint32_t i = N_PACKETS - 1; i > 0; i--) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t j = (uint32_t)((random >> 33) % (i + 1));
        uint32_t turn = turns[i];

        turns[i] = turns[j];
        turns[j] = turn;
    }
    for (uint32_t i = 0; i < N_PACKETS; i++) {
        make_packet(&packets[i], &key, turns[i], next[turns[i]]++);
        packets[i].wall_ns = packets[i].order_ns = NTA_NS_PER_S + (int64_t)i * 1000;
    }
}

static double run(const struct nta_packet *packets, size_t ahead)
{
    static const uint8_t payload[PAYLOAD];
    static struct nta_counters counters;
    struct nta_flow_options options = {
        .n_flows = 262144, .stream_flow_bytes = 65536, .stream_all_bytes = 64 << 20};
    struct nta_flows *flows = NULL;
    uint64_t shown = 0;

    if (nta_flows_new(&options, &ops, &shown, &counters, &flows, NULL) < 0)
        abort();
    clock_t start = clock(); /* of the processor: other programs do not count */

    for (size_t i = 0; i < N_PACKETS; i++) {
        if (i % BLOCK == 0)
            nta_flows_tick(flows, packets[i].wall_ns);
        if (ahead && i + ahead < N_PACKETS)
            nta_flows_prefetch(flows, &packets[i + ahead]);
        nta_flows_pass(flows, &packets[i]);
        nta_flows_packet(flows, &packets[i], payload);
    }
    double taken_ns = (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC;

    nta_flows_drain(flows);
    if (shown != (uint64_t)N_CONNECTIONS * (N_EACH - 2) * PAYLOAD) {
        (void)fprintf(stderr, "bytes are missing: %llu\n", (unsigned long long)shown);
        abort();
    }
    nta_flows_free(&flows);
    return taken_ns / N_PACKETS;
}

/** What memory alone costs: read each packet's entry and the four cache lines of its connection. */
static double floor_ns(const struct nta_packet *packets)
{
    NTA_AUTO_FREE uint64_t *objects = calloc(N_CONNECTIONS, 256);
    uint64_t sum = 0;

    if (!objects)
        abort();
    clock_t start = clock();

    for (size_t i = 0; i < N_PACKETS; i++) {
        uint64_t *object = objects + packets[i].flow_hash % N_CONNECTIONS * 32;

        for (size_t line = 0; line < 4; line++)
            sum += object[line * 8]++;
    }
    double taken_ns = (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC;

    return sum ? taken_ns / N_PACKETS : 0;
}

int main(void)
{
    NTA_AUTO_FREE struct nta_packet *packets = malloc(N_PACKETS * sizeof(*packets));

    if (!packets)
        return 1;
    fill(packets);
    double best[3] = {1e9, 1e9, 1e9};

    for (int i = 0; i < N_ROUNDS; i++) {
        double with = run(packets, AHEAD), without = run(packets, 0);
        double bare = floor_ns(packets);

        best[0] = with < best[0] ? with : best[0];
        best[1] = without < best[1] ? without : best[1];
        best[2] = bare < best[2] ? bare : best[2];
    }
    printf("flow table, %d connections of %d packets interleaved, best of %d rounds:\n"
           "  %.1f ns a packet, prefetched %d packets ahead\n"
           "  %.1f ns a packet, not prefetched\n"
           "  %.1f ns a packet, floor: only the memory of both is read\n",
           N_CONNECTIONS, N_EACH, N_ROUNDS, best[0], AHEAD, best[1], best[2]);
    return 0;
}
