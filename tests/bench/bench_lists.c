/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast lists load and answer, against the floor of this machine: one dependent random read in a
 * table as large as the set.
 *
 *     bench_lists [FILE...]     the files given (default: $NTA_SHARED/lists/{domains,ipv4,cidr4}.*)
 *     bench_lists -g N          a generated list of N names
 *
 * Lists that are for some users or hours only ("narrowed") cost nothing where none has the name.
 *
 * "cold" asks random names over the whole set, each question waiting for the answer before it;
 * "warm" asks the same 1,024 again and again.
 */
#include "base/own.h"
#include "blacklist/decide.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum
{
    N_COLD = 1 << 20,
    N_SLICE = 1 << 16, ///< Questions between two looks at the clock.
    N_WARM = 1024,
    N_ROUNDS = 64,
    HUGE_BYTES = 1 << 21,
    SLOT = 64, ///< Bytes of a question: its length, then the name.
};

static uint64_t random_state = 1;

/** splitmix64 (Steele et al., 2014). */
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15ULL;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts); /* others may use this machine too */
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/** The i-th made-up domain: about 17 bytes, like those of real lists. */
static size_t made_up(uint64_t i, char *buf, size_t size)
{
    static const char *const ends[] = {"com",  "net", "org", "ru",   "xyz",
                                       "info", "top", "de",  "shop", "co.uk"};
    uint64_t saved = random_state, a, b;

    random_state = i * 977;
    a = next_random();
    b = next_random();
    random_state = saved;
    return (size_t)snprintf(buf, size, "%.*llx-%llx.%s", (int)(3 + a % 6),
                            (unsigned long long)(a >> 24), (unsigned long long)(b >> 36),
                            ends[a % NTA_N_ELEMENTS(ends)]);
}

static char *questions_new(void)
{
    char *questions = aligned_alloc(HUGE_BYTES, (size_t)N_COLD * SLOT);

    if (!questions) {
        perror("questions");
        exit(3);
    }
    (void)madvise(questions, (size_t)N_COLD * SLOT, MADV_HUGEPAGE);
    memset(questions, 0, (size_t)N_COLD * SLOT);
    return questions;
}

static void put_question(char *questions, size_t i, const char *name)
{
    size_t len = strlen(name);

    if (len > SLOT - 2)
        len = SLOT - 2;
    questions[i * SLOT] = (char)len;
    memcpy(questions + i * SLOT + 1, name, len);
}

/** Host names of four labels that no list has. */
static void make_misses(char *questions)
{
    char name[SLOT];

    for (size_t i = 0; i < N_COLD; i++) {
        uint64_t r = next_random();

        (void)snprintf(name, sizeof(name), "cdn%u.static.q%llxz.com", (unsigned)(r & 7),
                       (unsigned long long)(r >> 20));
        put_question(questions, i, name);
    }
}

/**
 * Ask `n` questions `rounds` times; gives ns a question.  `zero` is 0: it ties a question to the
 * answer before.
 */
static double ask(const struct nta_blacklist *set, const char *questions, size_t n, size_t rounds,
                  bool waits, size_t *ret_n_hits)
{
    char buf[NTA_NAME_SIZE] = "";
    struct nta_hit hit = {0};
    size_t n_hits = 0, tie = 0, mask = 0;
    double start = now_ns();

    __asm__("" : "+r"(mask)); /* 0, but the compiler must not know */
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < n; i++) {
            const char *question = questions + i * SLOT + tie;

            n_hits += nta_blacklist_match_name(set, question + 1, (size_t)question[0], buf, &hit);
            if (waits)
                tie = (n_hits + hit.line) & mask;
        }
    }
    *ret_n_hits = n_hits;
    return (now_ns() - start) / (double)(n * rounds);
}

/** Memory as large as a set, full of random numbers. */
struct floor
{
    uint64_t *table;
    size_t n;
};

static struct floor floor_new(size_t bytes)
{
    struct floor floor = {.n = bytes / sizeof(uint64_t)};

    floor.table = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (floor.table == MAP_FAILED) {
        perror("floor");
        exit(3);
    }
    (void)madvise(floor.table, bytes, MADV_HUGEPAGE); /* as the set does */
    for (size_t i = 0; i < floor.n; i++)
        floor.table[i] = next_random();
    return floor;
}

/** ns of one dependent random read. */
static double ask_floor(const struct floor *floor)
{
    uint64_t at = 0;
    double start = now_ns();

    for (size_t i = 0; i < N_SLICE; i++)
        at = ((floor->table[at] ^ i * 0x9e3779b97f4a7c15ULL) >> 32) * floor->n >> 32;
    __asm__ volatile("" : : "r"(at));
    return (now_ns() - start) / N_SLICE;
}

static void keep_least(double *least, double ns)
{
    if (*least == 0 || ns < *least)
        *least = ns;
}

/**
 * All measures in turn, the least of each: so all of them have the same chance of a quiet machine.
 */
static void bench_names(const struct nta_blacklist *set, const char *hits)
{
    struct floor floor = floor_new(nta_blacklist_memory(set));
    char *misses = questions_new();
    double least = 0, miss = 0, hit = 0, warm_miss = 0, chained = 0, warm_hit = 0;
    size_t n_missed = 0, n_hit = 0, n;

    make_misses(misses);
    for (size_t i = 0; i < N_COLD; i += N_SLICE) {
        keep_least(&least, ask_floor(&floor));
        keep_least(&miss, ask(set, misses + i * SLOT, N_SLICE, 1, true, &n));
        n_missed += n;
        keep_least(&least, ask_floor(&floor));
        keep_least(&hit, ask(set, hits + i * SLOT, N_SLICE, 1, true, &n));
        n_hit += n;
        keep_least(&warm_miss, ask(set, misses, N_WARM, N_ROUNDS, false, &n));
        keep_least(&chained, ask(set, misses, N_WARM, N_ROUNDS, true, &n));
        keep_least(&warm_hit, ask(set, hits, N_WARM, N_ROUNDS, false, &n));
    }
    printf("floor                  %6.1f ns a dependent random read in %.0f MB\n", least,
           (double)nta_blacklist_memory(set) / 1e6);
    printf("miss, 4 labels, cold   %6.1f ns  %.2f floors (%zu hits)\n", miss, miss / least,
           n_missed);
    printf("hit, cold              %6.1f ns  %.2f floors (%.1f %% hits)\n", hit, hit / least,
           100.0 * (double)n_hit / N_COLD);
    printf("miss, 4 labels, warm   %6.1f ns (%.1f each waiting for the one before)\n", warm_miss,
           chained);
    printf("hit, warm              %6.1f ns\n", warm_hit);
    (void)munmap(floor.table, floor.n * sizeof(*floor.table));
    free(misses);
}

static void bench_addrs(const struct nta_blacklist *set)
{
    static struct nta_addr addrs[N_WARM];
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;
    size_t n = 0, n_hits = 0;
    double least = 0;

    while (n < N_WARM) {
        uint32_t v4 = (uint32_t)next_random();

        memcpy(buf, &v4, sizeof(v4));
        addrs[n] = nta_addr_v4((const uint8_t *)buf);
        if (!nta_blacklist_match_addr(set, &addrs[n], buf, &hit))
            n++;
    }
    for (int turn = 0; turn < 32; turn++) {
        double start = now_ns();

        for (size_t i = 0; i < (size_t)N_WARM * N_ROUNDS; i++)
            n_hits += nta_blacklist_match_addr(set, &addrs[i % N_WARM], buf, &hit);
        keep_least(&least, (now_ns() - start) / ((double)N_WARM * N_ROUNDS));
    }
    printf("IPv4 miss, warm        %6.1f ns (%zu hits)\n", least, n_hits);
}

static int add_all(struct nta_blacklist_builder *builder, char *const *paths, size_t n_paths,
                   bool narrowed, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < n_paths && r == 0; i++) {
        struct nta_list_source source = {.path = paths[i], .any_owner = true, .narrowed = narrowed};

        r = nta_blacklist_builder_add(builder, &source, NULL, err);
    }
    return r;
}

/** The filter of a list that does not count now. */
static enum nta_list_weight is_out(const void *owner, const struct nta_list_report *list)
{
    (void)owner;
    (void)list;
    return NTA_LIST_OUT;
}

/** ns a question to a set with a filter. */
static double ask_filtered(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                           const char *questions, size_t *ret_n_hits)
{
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;
    size_t n_hits = 0;
    double start = now_ns();

    for (size_t i = 0; i < (size_t)N_WARM * N_ROUNDS; i++) {
        const char *question = questions + i % N_WARM * SLOT;

        n_hits +=
            nta_blacklist_decide_name(
                set, filter, (struct nta_span){(const uint8_t *)question + 1, (size_t)question[0]},
                buf, &hit) != NTA_DECIDES_NOTHING;
    }
    *ret_n_hits = n_hits;
    return (now_ns() - start) / ((double)N_WARM * N_ROUNDS);
}

/** Without a hit, a narrowed list costs what any does; after one, its scope is asked. */
static void bench_narrowed(char *const *paths, size_t n_paths, const char *hits)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    const struct nta_list_filter filter = {.weigh = is_out};
    char *misses = questions_new();
    double plain = 0, miss = 0, out = 0;
    size_t n_plain, n_missed, n_out;
    struct nta_err err = {0};

    make_misses(misses);
    if (nta_blacklist_builder_new(&builder, &err) < 0 ||
        add_all(builder, paths, n_paths, true, &err) < 0 ||
        nta_blacklist_builder_build(builder, &set, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(3);
    }
    for (int turn = 0; turn < 32; turn++) {
        keep_least(&plain, ask_filtered(set, NULL, misses, &n_plain));
        keep_least(&miss, ask_filtered(set, &filter, misses, &n_missed));
        keep_least(&out, ask_filtered(set, &filter, hits, &n_out));
    }
    printf("narrowed, miss, warm   %6.1f ns, %.1f without (%zu hits)\n", miss, plain, n_missed);
    printf("narrowed, hit, warm    %6.1f ns when no list counts (%zu hits)\n", out, n_out);
    free(misses);
}

/** Load all paths; tells how it went. */
static struct nta_blacklist *load(char *const *paths, size_t n_paths)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    uint64_t n_domains = 0, n_lines = 0, n_twice = 0;
    double start = now_ns(), read, built;
    int r = nta_blacklist_builder_new(&builder, &err);

    if (r == 0)
        r = add_all(builder, paths, n_paths, false, &err);
    read = now_ns();
    if (r == 0)
        r = nta_blacklist_builder_build(builder, &set, &err);
    built = now_ns();
    if (r < 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(3);
    }
    for (size_t i = 0; i < nta_blacklist_n_lists(set); i++) {
        n_domains += nta_blacklist_get_list(set, i)->n_domains;
        n_twice += nta_blacklist_get_list(set, i)->n_duplicates;
        n_lines += nta_blacklist_get_list(set, i)->lines;
    }
    printf("%llu domains (%llu lines, %llu said twice)\n", (unsigned long long)n_domains,
           (unsigned long long)n_lines, (unsigned long long)n_twice);
    printf("load                   %6.2f million lines/s (%.0f ns: read %.0f, build %.0f)\n",
           (double)n_lines / (built - start) * 1e3, (built - start) / (double)n_lines,
           (read - start) / (double)n_lines, (built - read) / (double)n_lines);
    printf("memory                 %6.1f bytes a domain, all included\n",
           (double)nta_blacklist_memory(set) / (double)n_domains);
    return set;
}

/** Names of the set, www. in front of half of them, taken at random out of its files. */
static void sample(char *const *paths, size_t n_paths, char *hits)
{
    uint64_t n_seen = 0;
    char line[512], name[600];

    for (size_t i = 0; i < n_paths; i++) {
        NTA_AUTO_FILE FILE *file = fopen(paths[i], "r");

        while (file && fgets(line, sizeof(line), file)) {
            uint64_t place = n_seen < N_COLD ? n_seen : next_random() % (n_seen + 1);

            line[strcspn(line, "\r\n")] = '\0';
            if (line[0] == '#' || !strpbrk(line, "abcdefghijklmnopqrstuvwxyz"))
                continue;
            n_seen++;
            (void)snprintf(name, sizeof(name), "%s%s", place % 2 ? "www." : "", line);
            if (place < N_COLD)
                put_question(hits, place, name);
        }
    }
    for (size_t i = n_seen; n_seen > 0 && i < N_COLD; i++)
        memcpy(hits + i * SLOT, hits + next_random() % n_seen * SLOT, SLOT);
    for (size_t i = N_COLD - 1; i > 0; i--) {
        char slot[SLOT];
        size_t j = next_random() % (i + 1);

        memcpy(slot, hits + i * SLOT, SLOT);
        memcpy(hits + i * SLOT, hits + j * SLOT, SLOT);
        memcpy(hits + j * SLOT, slot, SLOT);
    }
}

static double wall_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/**
 * The compiled set of the same lists: how long until it can be asked, from its file in the page
 * cache.
 */
static struct nta_blacklist *reopen(const char *saved, char *const *paths, size_t n_paths)
{
    struct nta_blacklist *set = NULL;
    double least = 0, least_cpu = 0;

    for (int turn = 0; turn < 9; turn++) {
        NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
        struct nta_err err = {0};
        double start, start_cpu;
        int r;

        nta_blacklist_free(&set);
        start = wall_ms();
        start_cpu = now_ns();
        r = nta_blacklist_builder_open(saved, &builder, &err);
        if (r == 0)
            r = add_all(builder, paths, n_paths, false, &err);
        if (r == 0)
            r = nta_blacklist_builder_build(builder, &set, &err);
        if (r < 0) {
            (void)fprintf(stderr, "%s\n", err.text);
            exit(3);
        }
        keep_least(&least, wall_ms() - start);
        keep_least(&least_cpu, (now_ns() - start_cpu) / 1e6);
    }
    printf("compiled, ready after  %6.1f ms (%.1f of this core)\n", least, least_cpu);
    return set;
}

/** Save, open, and ask the opened set the same. */
static void bench_compiled(const struct nta_blacklist *built, char *const *paths, size_t n_paths,
                           const char *hits)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    char saved[] = "/tmp/nta-bench-set-XXXXXX";
    struct nta_err err = {0};
    int fd = mkstemp(saved);

    if (fd < 0 || nta_blacklist_save(built, saved, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(3);
    }
    (void)close(fd);
    set = reopen(saved, paths, n_paths);
    bench_names(set, hits);
    (void)unlink(saved);
}

static void run(char *const *paths, size_t n_paths)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(paths, n_paths);
    char *hits = questions_new();

    sample(paths, n_paths, hits);
    bench_names(set, hits);
    bench_addrs(set);
    bench_compiled(set, paths, n_paths, hits);
    bench_narrowed(paths, n_paths, hits);
    free(hits);
}

static void run_generated(uint64_t n)
{
    char path[] = "/tmp/nta-bench-XXXXXX", name[SLOT];
    char *paths[] = {path};
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (!file) {
        perror(path);
        exit(3);
    }
    for (uint64_t i = 0; i < n; i++) {
        size_t len = made_up(i, name, sizeof(name) - 1);

        name[len] = '\n';
        (void)fwrite(name, 1, len + 1, file);
    }
    (void)fclose(file);
    (void)usleep(200000); /* a file changed a moment ago is not compiled */
    run(paths, 1);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    const char *shared = getenv("NTA_SHARED");
    char pattern[4096];
    glob_t found = {0};

    if (argc == 3 && strcmp(argv[1], "-g") == 0) {
        run_generated(strtoull(argv[2], NULL, 10));
        return 0;
    }
    if (argc > 1) {
        run(argv + 1, (size_t)argc - 1);
        return 0;
    }
    if (!shared) {
        puts("skipped: NTA_SHARED names no folder of lists");
        return 77;
    }
    (void)snprintf(pattern, sizeof(pattern), "%s/lists/{domains,ipv4,cidr4}.*", shared);
    if (glob(pattern, GLOB_BRACE, NULL, &found) == 0)
        run(found.gl_pathv, found.gl_pathc);
    globfree(&found);
    return 0;
}
