/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What names with wildcards cost: a name that none covers, asked of a set without, with few and
 * with as many as there may be; and the worst name for the worst list.
 */
#include "base/own.h"
#include "blacklist/blacklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum
{
    N_NAMES = 1024,
    N_ROUNDS = 2000,
};

static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts); /* others may use this machine too */
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static uint32_t next_random(void)
{
    static uint64_t state = 1;

    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(state >> 33);
}

static const char letters[] = "etaoinshrdlucmfwypvbgkjqxz0123456789";

/** `n` letters, but not the first ones. */
static void put_word(struct nta_buf *buf, size_t n, unsigned first)
{
    while (n-- > 0)
        nta_buf_printf(buf, "%c", letters[first + next_random() % (36 - first)]);
}

/** A set of a list, and of one of exceptions if that is not NULL. */
static struct nta_blacklist *load(struct nta_buf *text, struct nta_buf *allowed)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_list_source source = {.path = "list"};
    struct nta_list_source allow = {.path = "allow", .allow = true};
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    nta_buf_put(text, "", 1);
    source.text = (const char *)text->ptr;
    if (allowed) {
        nta_buf_put(allowed, "", 1);
        allow.text = (const char *)allowed->ptr;
    }
    if (nta_blacklist_builder_new(&builder, &err) < 0 ||
        nta_blacklist_builder_add(builder, &source, NULL, &err) < 0 ||
        (allowed && nta_blacklist_builder_add(builder, &allow, NULL, &err) < 0) ||
        nta_blacklist_builder_build(builder, &set, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(3);
    }
    return set;
}

/** The least of ten looks: ns a name. */
static double ask(const struct nta_blacklist *set, char names[][256], size_t n, size_t rounds)
{
    double least = 1e12;
    size_t n_hits = 0;

    for (size_t look = 0; look < 10; look++) {
        double start = now_ns(), ns;

        for (size_t i = 0; i < n * rounds / 10; i++) {
            const char *name = names[i % n];
            char buf[NTA_NAME_SIZE];
            struct nta_hit hit;

            n_hits += nta_blacklist_match_name(set, name + 1, (uint8_t)name[0], buf, &hit);
        }
        ns = (now_ns() - start) / ((double)n * (double)rounds / 10);
        least = ns < least ? ns : least;
    }
    __asm__ volatile("" : : "r"(n_hits));
    return least;
}

static void with(const char *what, size_t n, char names[][256])
{
    static const char *const few[] = {"metric*.rediff.com", "logger-*.dailymotion.com",
                                      "s*.adduplex.com",    "mobileanalytics.*.amazonaws.com",
                                      "track.zalando.*",    "*track*"};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_buf_printf(&text, "one.example\n");
    for (size_t i = 0; i < n; i++) {
        if (i < NTA_N_ELEMENTS(few)) {
            nta_buf_printf(&text, "%s\n", few[i]);
            continue;
        }
        put_word(&text, 6, 0);
        nta_buf_printf(&text, "*.");
        put_word(&text, 7, 0);
        nta_buf_printf(&text, ".com\n");
    }
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&text, NULL);

    printf("miss, %-17s %7.1f ns, %zu KiB\n", what, ask(set, names, N_NAMES, N_ROUNDS),
           nta_blacklist_memory(set) / 1024);
}

/**
 * Eight patterns that forbid and eight that allow on each three bytes of one long name, which fit
 * but for their end.
 */
static void worst(void)
{
    static char names[1][256];
    NTA_AUTO(nta_buf_done) struct nta_buf name = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf allowed = {0};

    put_word(&name, 253, 8);
    names[0][0] = (char)253;
    memcpy(names[0] + 1, name.ptr, 253);
    for (size_t at = 0; at + 8 <= 253; at++) {
        for (size_t i = 0; i < 8; i++) /* none of these eight letters is in the name */
            nta_buf_printf(&text, "*%.8s*%c*%c\n", names[0] + 1 + at, letters[i], names[0][253]);
    }
    nta_buf_put(&allowed, text.ptr, text.len);
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&text, &allowed);

    printf("worst of %llu patterns   %7.1f us a name of 253 bytes\n",
           (unsigned long long)(nta_blacklist_get_list(set, 0)->n_domains +
                                nta_blacklist_get_list(set, 1)->n_domains),
           ask(set, names, 1, 1000) / 1e3);
}

int main(void)
{
    static char names[N_NAMES][256];

    for (size_t i = 0; i < N_NAMES; i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf name = {0};

        nta_buf_printf(&name, "%s", i % 2 ? "www." : "cdn.");
        put_word(&name, 4 + next_random() % 10, 0);
        nta_buf_printf(&name, ".%s", i % 4 ? "com" : "net");
        names[i][0] = (char)name.len;
        memcpy(names[i] + 1, name.ptr, name.len);
    }
    with("no pattern", 0, names);
    with("5 patterns", 5, names);
    with("and *track*", 6, names);
    with("1,000 patterns", 1000, names);
    with("100,000 patterns", 100000, names);
    worst();
    return 0;
}
