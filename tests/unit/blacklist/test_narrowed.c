/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that may not count: what decides then, also against sets made without them. */
#include "blacklist/decide.h"
#include "lists.h"

enum
{
    N_LISTS = 5,
    N_ROUNDS = 60,
    TEXT_SIZE = 8192,
};

/** The weight of each list, by its number. */
struct weights
{
    enum nta_list_weight of[N_LISTS];
    unsigned n_asked;
};

static enum nta_list_weight weigh(const void *owner, const struct nta_list_report *list)
{
    struct weights *weights = (struct weights *)(uintptr_t)owner;

    assert_true(list->number < N_LISTS);
    assert_true(list->narrowed);
    weights->n_asked++;
    return weights->of[list->number];
}

/** One list of a test. */
struct made
{
    const char *text;
    bool allow, always;
};

/** A set of those lists whose bit is in `which`. */
static struct nta_blacklist *set_from(const struct made *lists, size_t n, unsigned which,
                                      bool narrowed)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    for (size_t i = 0; i < n; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        const struct nta_list_source source = {.path = "(test)",
                                               .name = name,
                                               .text = lists[i].text,
                                               .allow = lists[i].allow,
                                               .narrowed = narrowed && !lists[i].always};

        if ((which >> i & 1) && nta_blacklist_builder_add(builder, &source, NULL, &err) < 0)
            fail_msg("%s", err.text);
    }
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    return set;
}

/** "+a bad.example" if list a allows it, "-…" if it forbids; "" if nothing decides. */
static const char *decided(enum nta_decision decision, const struct nta_hit *hit, char buf[512])
{
    buf[0] = '\0';
    if (decision != NTA_DECIDES_NOTHING)
        (void)snprintf(buf, 512, "%c%s %.*s", decision == NTA_DECIDES_ALLOWED ? '+' : '-',
                       hit->list->name, (int)hit->entry.len, (const char *)hit->entry.ptr);
    return buf;
}

static const char *ask(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                       const char *what, char buf[512])
{
    char name[NTA_NAME_SIZE];
    const char *slash = strchr(what, '/'), *port = strchr(what, ':');
    struct nta_addr addr;
    struct nta_hit hit;

    if (slash) {
        struct nta_span host = {(const uint8_t *)what, (size_t)(slash - what)};

        return decided(nta_blacklist_decide_url(set, filter, host, nta_span_of(slash), &hit), &hit,
                       buf);
    }
    if (nta_addr_parse(what, strlen(what), &addr) == 0)
        return decided(nta_blacklist_decide_addr(set, filter, &addr, name, &hit), &hit, buf);
    if (port && nta_addr_parse(what, (size_t)(port - what), &addr) == 0)
        return decided(nta_blacklist_decide_server(
                           set, filter, &addr, (uint16_t)strtoul(port + 1, NULL, 10), name, &hit),
                       &hit, buf);
    return decided(nta_blacklist_decide_name(set, filter, nta_span_of(what), name, &hit), &hit,
                   buf);
}

#define OUT    NTA_LIST_OUT
#define YIELDS NTA_LIST_YIELDS
#define COUNTS NTA_LIST_COUNTS

/** A question, what each list weighs, and what decides then. */
struct row
{
    const char *what;
    enum nta_list_weight weights[3];
    const char *decided;
};

/** Of a set of three lists. */
static void check_rows(const struct made lists[3], const struct row *rows, size_t n_rows)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_from(lists, 3, 7, true);
    char buf[512];

    for (size_t i = 0; i < n_rows; i++) {
        struct weights weights = {0};
        const struct nta_list_filter filter = {.weigh = weigh, .owner = &weights};

        memcpy(weights.of, rows[i].weights, sizeof(rows[i].weights));
        if (strcmp(ask(set, &filter, rows[i].what, buf), rows[i].decided) != 0)
            fail_msg("row %zu, %s: \"%s\"", i, rows[i].what, buf);
    }
}

static void where_a_list_does_not_count_the_next_entry_decides(void **state)
{
    static const struct made lists[] = {
        {.text = "www.bad.example\nbad.example\n192.0.2.66\n192.0.2.0/24\n192.0.2.66:8080\n"
                 "2001:db8::1\nhttp://web.example/a/b\n"},
        {.text = "bad.example\n192.0.2.0/24\n192.0.2.66\n192.0.2.66:8080\n2001:db8::/64\n"
                 "http://web.example/a/b\nhttp://web.example/a\n64.0.2.3\n"},
        {.text = "www.bad.example\n192.0.2.66\nhttp://web.example/a/b\n", .allow = true},
    };
    static const struct row rows[] = {
        {"www.bad.example", {COUNTS, COUNTS, COUNTS}, "+c www.bad.example"},
        {"www.bad.example", {COUNTS, COUNTS, OUT}, "-a www.bad.example"},
        {"www.bad.example", {OUT, COUNTS, OUT}, "-b bad.example"},
        {"www.bad.example", {OUT, OUT, OUT}, ""},
        {"bad.example", {OUT, COUNTS, OUT}, "-b bad.example"},
        {"bad.example", {COUNTS, COUNTS, OUT}, "-a bad.example"},
        {"bad.example", {YIELDS, COUNTS, OUT}, "-b bad.example"},
        {"bad.example", {YIELDS, OUT, OUT}, "-a bad.example"},
        {"www.bad.example", {YIELDS, COUNTS, OUT}, "-a www.bad.example"},
        {"192.0.2.66", {COUNTS, COUNTS, OUT}, "-a 192.0.2.66"},
        {"192.0.2.66", {OUT, COUNTS, OUT}, "-b 192.0.2.66"},
        {"192.0.2.66", {YIELDS, COUNTS, COUNTS}, "+c 192.0.2.66"},
        {"192.0.2.7", {OUT, COUNTS, OUT}, "-b 192.0.2.0/24"},
        {"192.0.2.7", {YIELDS, COUNTS, OUT}, "-b 192.0.2.0/24"},
        {"192.0.2.7", {OUT, OUT, OUT}, ""},
        {"192.0.2.66:8080", {OUT, COUNTS, OUT}, "-b 192.0.2.66:8080"},
        {"192.0.2.66:8080", {OUT, OUT, OUT}, ""},
        {"192.0.2.66:8080", {YIELDS, COUNTS, OUT}, "-b 192.0.2.66:8080"},
        {"192.0.2.66:8080", {COUNTS, COUNTS, COUNTS}, "+c 192.0.2.66"},
        {"192.0.2.66:9", {OUT, COUNTS, OUT}, "-b 192.0.2.66"},
        {"2001:db8::1", {OUT, COUNTS, OUT}, "-b 2001:db8::/64"},
        {"64:ff9b::4000:203", {COUNTS, COUNTS, OUT}, "-b 64.0.2.3"},
        {"64:ff9b::4000:203", {COUNTS, OUT, OUT}, ""},
        {"web.example/a/b/c", {COUNTS, COUNTS, COUNTS}, "+c web.example/a/b"},
        {"web.example/a/b/c", {COUNTS, COUNTS, OUT}, "-a web.example/a/b"},
        {"web.example/a/b/c", {OUT, COUNTS, OUT}, "-b web.example/a/b"},
        {"web.example/a/b/c", {YIELDS, COUNTS, OUT}, "-b web.example/a/b"},
        {"web.example/a/x", {COUNTS, OUT, COUNTS}, ""},
    };

    (void)state;
    check_rows(lists, rows, NTA_N_ELEMENTS(rows));
}

static void where_the_list_of_a_wildcard_does_not_count_the_next_one_decides(void **state)
{
    static const struct made lists[] = {
        {.text = "ads*.shop.example\nwin-one.shop*\n"},
        {.text = "ads*.shop.example\nshop.example\n"},
        {.text = "ads-*.shop.example\nshop.example\n", .allow = true},
    };
    static const struct row rows[] = {
        {"ads-one.shop.example", {COUNTS, COUNTS, COUNTS}, "+c ads-*.shop.example"},
        {"ads-one.shop.example", {COUNTS, COUNTS, YIELDS}, "+c ads-*.shop.example"},
        {"ads-one.shop.example", {COUNTS, COUNTS, OUT}, "-a ads*.shop.example"},
        {"ads-one.shop.example", {OUT, COUNTS, OUT}, "-b ads*.shop.example"},
        {"ads-one.shop.example", {YIELDS, COUNTS, OUT}, "-b ads*.shop.example"},
        {"ads-one.shop.example", {YIELDS, OUT, OUT}, "-a ads*.shop.example"},
        {"ads-one.shop.example", {OUT, OUT, OUT}, ""},
        {"ads1.shop.example", {OUT, COUNTS, COUNTS}, "-b ads*.shop.example"},
        {"ads1.shop.example", {OUT, OUT, COUNTS}, "+c shop.example"},
        /* as many letters as the name: as of equal entries */
        {"win-one.shop.example", {COUNTS, COUNTS, OUT}, "-a win-one.shop*"},
        {"win-one.shop.example", {YIELDS, COUNTS, OUT}, "-b shop.example"},
        {"win-one.shop.example", {YIELDS, OUT, OUT}, "-a win-one.shop*"},
        {"win-one.shop.example", {COUNTS, YIELDS, OUT}, "-a win-one.shop*"},
        {"win-one.shop.example", {OUT, COUNTS, OUT}, "-b shop.example"},
        {"win-one.shop.example", {COUNTS, COUNTS, YIELDS}, "+c shop.example"},
    };

    (void)state;
    check_rows(lists, rows, NTA_N_ELEMENTS(rows));
}

static void nobody_is_asked_without_a_hit_or_of_a_list_that_always_counts(void **state)
{
    static const struct made lists[] = {
        {.text = "bad.example\n192.0.2.0/24\n"},
        {.text = "worse.example\nwww.bad.example\n198.51.100.0/24\nhttp://web.example/a\n"
                 "ads*.quiet.example\n",
         .always = true},
    };
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_from(lists, 2, 3, true);
    struct weights weights = {.of = {OUT}};
    const struct nta_list_filter filter = {.weigh = weigh, .owner = &weights};
    char buf[512];

    (void)state;
    assert_string_equal(ask(set, &filter, "good.example", buf), "");
    assert_string_equal(ask(set, &filter, "203.0.113.9", buf), "");
    assert_string_equal(ask(set, &filter, "web.example/b", buf), "");
    assert_string_equal(ask(set, &filter, "worse.example", buf), "-b worse.example");
    assert_string_equal(ask(set, &filter, "www.bad.example", buf), "-b www.bad.example");
    assert_string_equal(ask(set, &filter, "198.51.100.1", buf), "-b 198.51.100.0/24");
    assert_string_equal(ask(set, &filter, "ads1.quiet.example", buf), "-b ads*.quiet.example");
    assert_int_equal(weights.n_asked, 0);
    assert_string_equal(ask(set, &filter, "bad.example", buf), "");
    assert_true(weights.n_asked > 0);
}

static void what_an_unnarrowed_list_says_is_kept_once(void **state)
{
    static const struct made lists[] = {
        {.text = "bad.example\n192.0.2.1\n192.0.2.0/24\nads*.example\n"},
        {.text = "bad.example\n192.0.2.1\n192.0.2.0/24\nads*.example\n", .always = true},
        {.text = "bad.example\n192.0.2.1\n192.0.2.0/24\nads*.example\n"}};
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_from(lists, 3, 7, true);

    (void)state;
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_duplicates, 0);
    assert_int_equal(nta_blacklist_get_list(set, 1)->n_duplicates, 0);
    assert_int_equal(nta_blacklist_get_list(set, 2)->n_duplicates, 4);
}

/* ---- against sets that were made without the lists that do not count ---- */

static uint64_t random_state = 7;

static unsigned below(unsigned n)
{
    random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(random_state >> 33) % n;
}

/** A name, address or URL of a space so small that lists meet. */
static void make_question(char *buf, size_t size)
{
    static const char *const names[] = {"x.example", "a.x.example", "b.a.x.example", "y.example",
                                        "ads-one.x.example"};

    switch (below(5)) {
    case 0: (void)snprintf(buf, size, "192.0.2.%u", below(64)); break;
    case 1: (void)snprintf(buf, size, "192.0.2.%u:%u", below(8), 80 + below(2)); break;
    case 2: (void)snprintf(buf, size, "2001:db8::%x", below(64)); break;
    case 3:
        (void)snprintf(buf, size, "%s/%c%s", names[below(5)], "pq"[below(2)], below(2) ? "/r" : "");
        break;
    default: (void)snprintf(buf, size, "%s", names[below(5)]); break;
    }
}

static void make_entry(char *buf, size_t size)
{
    static const char *const patterns[] = {"ads*.x.example", "ads-*e.x.example", "*ads-on*",
                                           "=ads*one.x.example", "ads-one.x*"};
    const unsigned bits = 1 + below(6);

    switch (below(6)) {
    case 0:
        (void)snprintf(buf, size, "192.0.2.%u/%u\n", below(64) >> bits << bits, 32 - bits);
        break;
    case 1:
        (void)snprintf(buf, size, "2001:db8::%x/%u\n", below(64) >> bits << bits, 128 - bits);
        break;
    case 2: {
        unsigned first = below(60);

        (void)snprintf(buf, size, "192.0.2.%u-192.0.2.%u\n", first, first + 1 + below(64 - first));
        break;
    }
    case 3: (void)snprintf(buf, size, "%s\n", patterns[below(5)]); break;
    default: {
        char what[64];

        make_question(what, sizeof(what));
        (void)snprintf(buf, size, "%s%s\n", strchr(what, '/') ? "http://" : "", what);
        break;
    }
    }
}

static void the_answer_is_that_of_a_set_without_the_lists_that_do_not_count(void **state)
{
    static char texts[N_LISTS][TEXT_SIZE];
    unsigned n_decided = 0;

    (void)state;
    for (int round = 0; round < N_ROUNDS; round++) {
        struct made lists[N_LISTS];
        struct weights weights = {0};
        const struct nta_list_filter filter = {.weigh = weigh, .owner = &weights};
        unsigned which = 0;

        for (size_t i = 0; i < N_LISTS; i++) {
            lists[i] =
                (struct made){.text = texts[i], .allow = below(4) == 0, .always = below(4) == 0};
            texts[i][0] = '\0';
            for (unsigned n = 1 + below(40), len = 0; n > 0; n--) {
                make_entry(texts[i] + len, TEXT_SIZE - len);
                len += (unsigned)strlen(texts[i] + len);
            }
            weights.of[i] = below(2) || lists[i].always ? COUNTS : OUT;
            which |= weights.of[i] == COUNTS ? 1U << i : 0;
        }
        NTA_AUTO(nta_blacklist_free)
        struct nta_blacklist *all = set_from(lists, N_LISTS, (1U << N_LISTS) - 1, true);
        NTA_AUTO(nta_blacklist_free)
        struct nta_blacklist *some = set_from(lists, N_LISTS, which, false);

        for (int i = 0; i < 400; i++) {
            char what[64], one[512], two[512];

            make_question(what, sizeof(what));
            if (strcmp(ask(all, &filter, what, one), ask(some, NULL, what, two)) != 0)
                fail_msg("round %d, %s: \"%s\", not \"%s\"", round, what, one, two);
            n_decided += one[0] != '\0';
        }
    }
    assert_true(n_decided > N_ROUNDS * 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_a_list_does_not_count_the_next_entry_decides),
        cmocka_unit_test(where_the_list_of_a_wildcard_does_not_count_the_next_one_decides),
        cmocka_unit_test(nobody_is_asked_without_a_hit_or_of_a_list_that_always_counts),
        cmocka_unit_test(what_an_unnarrowed_list_says_is_kept_once),
        cmocka_unit_test(the_answer_is_that_of_a_set_without_the_lists_that_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
