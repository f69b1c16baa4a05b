/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to say whose a packet is, and how evenly users fall to workers: the busiest one's
 * part of all packets as a multiple of the mean, with users who are alike, and with users of whom
 * the n-th sends 1/n of the first (Zipf).  The mean of many keys, and the worst.
 */
#include "decode/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum
{
    KEYS = 200,
    PACKETS = 4096,
    ROUNDS = 2000,
    WORKERS_MAX = 16
};

static const uint8_t ten[4] = {10, 0, 0, 0};

static struct nta_packet packet_of(uint32_t user)
{
    const uint8_t src[4] = {10, (uint8_t)(user >> 16), (uint8_t)(user >> 8), (uint8_t)user};
    const uint8_t dst[4] = {203, 0, 113, 7};

    return (struct nta_packet){.kind = NTA_PACKET_TCP,
                               .src = nta_addr_v4(src),
                               .dst = nta_addr_v4(dst),
                               .src_port = 50000,
                               .dst_port = 443};
}

static struct nta_owner owner_of(uint64_t key)
{
    const struct nta_prefix home = {.addr = nta_addr_v4(ten), .len = 104};
    struct nta_owner owner;

    nta_owner_init(&owner, &(struct nta_hash_key){key, ~key}, &home, 1);
    return owner;
}

/** The busiest worker's part, 1 being the mean. */
static double skew(const struct nta_owner *owner, uint32_t n_users, uint32_t n_workers, bool zipf)
{
    double load[WORKERS_MAX] = {0}, all = 0, most = 0;

    for (uint32_t i = 0; i < n_users; i++) {
        const struct nta_packet packet = packet_of(i);
        const double weight = zipf ? 1.0 / (i + 1) : 1;

        load[(uint64_t)nta_owner_hash(owner, &packet) * n_workers >> 32] += weight;
        all += weight;
    }
    for (uint32_t w = 0; w < n_workers; w++)
        most = load[w] > most ? load[w] : most;
    return most / (all / n_workers);
}

static void print_skew(uint32_t n_users, uint32_t n_workers, bool zipf)
{
    double sum = 0, worst = 0;

    for (uint64_t key = 1; key <= KEYS; key++) {
        const struct nta_owner owner = owner_of(key);
        const double one = skew(&owner, n_users, n_workers, zipf);

        sum += one;
        worst = one > worst ? one : worst;
    }
    printf("%6u users, %2u workers, %s: busiest %.2f of the mean, at worst %.2f\n", n_users,
           n_workers, zipf ? "Zipf " : "alike", sum / KEYS, worst);
}

int main(void)
{
    static struct nta_packet packets[PACKETS];
    const struct nta_owner owner = owner_of(7);
    uint64_t sum = 0;

    for (uint32_t i = 0; i < PACKETS; i++)
        packets[i] = packet_of(i * 2654435761U);
    const clock_t start = clock();

    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < PACKETS; i++)
            sum += nta_owner_hash(&owner, &packets[i]);
    printf("owner: %.1f ns a packet (%llx)\n",
           (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC / PACKETS / ROUNDS,
           (unsigned long long)sum);
    for (uint32_t n_users = 50; n_users <= 5000; n_users *= 10)
        for (uint32_t n_workers = 2; n_workers <= WORKERS_MAX; n_workers *= 2)
            for (int zipf = 0; zipf < 2; zipf++)
                print_skew(n_users, n_workers, zipf != 0);
    return 0;
}
