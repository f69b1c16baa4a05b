/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a lookup of who had an address costs, and what bindings take of memory: N devices, each with
 * an address, a name and a login (two bindings), asked about as flows do: of a few that are busy,
 * and of any.
 *
 *     bench_who [N]      default: 500,000 devices, a million bindings
 */
#include "base/memory/area.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "who/who.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum
{
    ASKED = 2000000,
    BUSY = 256,
};

static uint32_t random_below(uint32_t n)
{
    static uint64_t seed = 1;

    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)((seed >> 33) * n >> 31);
}

static int64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * NTA_NS_PER_S + now.tv_nsec;
}

static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;

    if (file) {
        if (fscanf(file, "%ld %ld", &all, &resident) != 2) // NOLINT(cert-err34-c): the kernel's
            resident = 0;
        (void)fclose(file);
    }
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static struct nta_addr addr_of(uint32_t i)
{
    const uint8_t four[4] = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

    return nta_addr_v4(four);
}

static void learn(struct nta_who_table *table, uint32_t i)
{
    char name[32], login[32];
    struct nta_who_news news;
    struct nta_who_fact fact = {
        .wall_ns = (int64_t)i,
        .until_ns = INT64_MAX,
        .has_ip = true,
        .has_mac = true,
        .ip = {.addr = addr_of(i), .len = 128},
        .mac = {2, 0, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i},
        .source = NTA_WHO_RADIUS,
    };
    const int n_name = snprintf(name, sizeof(name), "laptop-%" PRIu32, i);
    const int n_login = snprintf(login, sizeof(login), "user%" PRIu32, i);

    fact.name = (struct nta_span){(const uint8_t *)name, (size_t)n_name};
    fact.login = (struct nta_span){(const uint8_t *)login, (size_t)n_login};
    nta_who_learn(table, &fact, &news);
}

/** The least of five runs, in ns a lookup. */
static double ask(const struct nta_who_table *table, uint32_t among)
{
    double best = 0;
    size_t found = 0;

    for (int run = 0; run < 5; run++) {
        const int64_t began = cpu_ns();

        for (int i = 0; i < ASKED; i++) {
            const struct nta_addr addr = addr_of(random_below(among));
            const struct nta_who_question question = {
                .addr = &addr, .at_ns = INT64_MAX / 2, .now_ns = INT64_MAX / 2};
            struct nta_who_answer answer;

            found += nta_who_find(table, &question, &answer) && answer.login.len > 0;
        }
        const double ns = (double)(cpu_ns() - began) / ASKED;

        best = run == 0 || ns < best ? ns : best;
    }
    if (found != (size_t)5 * ASKED) {
        (void)fprintf(stderr, "only %zu of %u were found\n", found, 5U * ASKED);
        exit(1);
    }
    return best;
}

int main(int argc, char **argv)
{
    const uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 500000;
    const long before_kib = resident_kib();
    struct nta_who_table *table = NULL;
    struct nta_err err;
    uint64_t n_evicted;

    if (nta_who_new(2 * (size_t)n, &(struct nta_hash_key){1, 2}, &table, &err) < 0)
        return 1;
    for (uint32_t i = 0; i < n; i++)
        learn(table, i);
    const size_t n_kept = nta_who_count(table, &n_evicted);

    (void)printf("%zu bindings (%" PRIu64 " evicted): %ld MiB\n", n_kept, n_evicted,
                 (resident_kib() - before_kib) / 1024);
    (void)printf("lookup: %.1f ns of %d busy users, %.1f ns of any of %" PRIu32 "\n",
                 ask(table, BUSY), BUSY, ask(table, n), n);
    nta_who_free(&table);
    return n_kept == 2 * (size_t)n ? 0 : 1;
}
