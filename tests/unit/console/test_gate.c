/* SPDX-License-Identifier: Apache-2.0 */
/* Who is let in: links open once, sessions are known by their cookie, passwords are limited. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "console/gate.h"
#include "unit.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME   "nta-console-80"
#define SECOND NTA_NS_PER_S

static struct nta_gate *gate;
static struct nta_console_who who; ///< Of the session that was known last.
static char path[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof(path), "/tmp/nta-gate-XXXXXX");
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(nta_gate_new(&gate, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nta_gate_free(&gate);
    (void)unlink(path);
    return 0;
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/** "ann:" and the hash of "hunter2", cheap to compute. */
static void write_ann(void)
{
    char line[256];

    (void)snprintf(line, sizeof(line), "# who may\n\nann:%s:admin\nproxied:*:viewer\n",
                   crypt("hunter2", "$6$rounds=1000$salt$"));
    write_file(line);
    assert_int_equal(nta_gate_load(gate, path, NULL), 0);
}

static bool knows(const char *before, const char *cookie, const char *after, int64_t mono_ns)
{
    char field[512];

    (void)snprintf(field, sizeof(field), "%s%s%s", before, cookie, after);
    return nta_gate_knows(gate, field, NAME, mono_ns, &who);
}

static void a_link_opens_once(void **state)
{
    char word[NTA_GATE_WORD_SIZE], cookie[NTA_GATE_WORD_SIZE];

    (void)state;
    assert_int_equal(nta_gate_make_link(gate, word), 0);
    word[10] = (char)(word[10] == 'a' ? 'b' : 'a');
    assert_false(nta_gate_use_link(gate, nta_span_of(word), 0, cookie));
    assert_int_equal(nta_gate_make_link(gate, word), 0);
    assert_false(nta_gate_use_link(gate, (struct nta_span){(uint8_t *)word, 63}, 0, cookie));
    assert_false(nta_gate_use_link(gate, nta_span_of(""), 0, cookie));
    assert_true(nta_gate_use_link(gate, nta_span_of(word), 0, cookie));
    assert_false(nta_gate_use_link(gate, nta_span_of(word), 0, cookie));
}

static void looking_whether_a_link_is_there_leaves_it(void **state)
{
    char word[NTA_GATE_WORD_SIZE], cookie[NTA_GATE_WORD_SIZE];

    (void)state;
    assert_int_equal(nta_gate_make_link(gate, word), 0);
    for (int i = 0; i < 3; i++)
        assert_true(nta_gate_has_link(gate, nta_span_of(word)));
    assert_false(nta_gate_has_link(gate, nta_span_of("")));
    assert_true(nta_gate_use_link(gate, nta_span_of(word), 0, cookie));
    assert_false(nta_gate_has_link(gate, nta_span_of(word)));
}

static void zeros_are_no_link_and_no_session(void **state)
{
    static const char zeros[NTA_GATE_WORD_SIZE] = {0};
    char cookie[NTA_GATE_WORD_SIZE];

    (void)state;
    assert_false(nta_gate_use_link(gate, (struct nta_span){(const uint8_t *)zeros, 64}, 0, cookie));
    assert_false(nta_gate_knows(gate, NAME "=", NAME, 0, &who));
    assert_false(nta_gate_knows(gate, NULL, NAME, 0, &who));
}

static void of_many_links_the_newest_open(void **state)
{
    char words[6][NTA_GATE_WORD_SIZE], cookie[NTA_GATE_WORD_SIZE];

    (void)state;
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(nta_gate_make_link(gate, words[i]), 0);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(nta_gate_use_link(gate, nta_span_of(words[i]), 0, cookie), i >= 2);
}

static void a_session_is_known_by_its_cookie_among_others(void **state)
{
    char word[NTA_GATE_WORD_SIZE], cookie[NTA_GATE_WORD_SIZE];

    (void)state;
    assert_int_equal(nta_gate_make_link(gate, word), 0);
    assert_true(nta_gate_use_link(gate, nta_span_of(word), 0, cookie));
    assert_true(knows(NAME "=", cookie, "", 0));
    assert_true(knows("a=b; " NAME "=", cookie, "; c=d", 0));
    assert_false(knows("x" NAME "=", cookie, "", 0));
    assert_false(knows("nta-console-8=", cookie, "", 0));
    assert_false(knows(NAME "=", cookie, "0", 0));
    assert_false(knows(NAME "=", word, "", 0));
    /* other services of the host may set cookies of our name */
    assert_true(knows(NAME "=; " NAME "=x; " NAME "=", cookie, "", 0));
    assert_true(knows(NAME "=", cookie, "; " NAME "=x", 0));
    cookie[63] = (char)(cookie[63] == '0' ? '1' : '0');
    assert_false(knows(NAME "=", cookie, "", 0));
}

static void a_session_ends_when_it_is_not_used_for_long(void **state)
{
    char word[NTA_GATE_WORD_SIZE], cookie[NTA_GATE_WORD_SIZE];
    const int64_t hour = 3600 * SECOND;

    (void)state;
    assert_int_equal(nta_gate_make_link(gate, word), 0);
    assert_true(nta_gate_use_link(gate, nta_span_of(word), 0, cookie));
    assert_true(knows(NAME "=", cookie, "", 11 * hour));
    assert_true(knows(NAME "=", cookie, "", 22 * hour));
    assert_false(knows(NAME "=", cookie, "", 35 * hour));
}

static char browser[2 * NTA_GATE_WORD_SIZE]; ///< The cookie of the one that logged in last.

enum
{
    CLOSED,
    OPEN,
    REFUSED ///< Nothing was compared.
};

/** From a browser that shows these cookies; gives how long it had to wait, too. */
static int ask_by(const char *cookies, const char *authorization, const char *from, int64_t mono_ns,
                  int64_t *ret_wait_ns)
{
    struct nta_gate_from asked = {
        .authorization = authorization, .cookies = cookies, .cookie_name = NAME "-browser"};
    struct nta_gate_words words;

    assert_int_equal(nta_addr_parse(from, strlen(from), &asked.addr), 0);
    if (!nta_gate_queue(gate, &asked, mono_ns, ret_wait_ns))
        return REFUSED;
    mono_ns += *ret_wait_ns;
    if (!nta_gate_password(gate, &asked, mono_ns, &words))
        return CLOSED;
    assert_true(knows(NAME "=", words.session, "", mono_ns));
    (void)snprintf(browser, sizeof(browser), NAME "-browser=%s", words.browser);
    return OPEN;
}

static int ask(const char *authorization, const char *from, int64_t mono_ns)
{
    int64_t wait_ns;

    return ask_by(NULL, authorization, from, mono_ns, &wait_ns);
}

#define ANN_RIGHT "Basic YW5uOmh1bnRlcjI="     /* ann:hunter2 */
#define ANN_WRONG "Basic YW5uOmh1bnRlcjM="     /* ann:hunter3 */
#define BEN_RIGHT "Basic YmVuOmh1bnRlcjI="     /* ben:hunter2 */
#define ANN_LONG  "Basic YW5uOmh1bnRlcjIAeA==" /* ann:hunter2 NUL x */

static void the_right_password_opens(void **state)
{
    (void)state;
    write_ann();
    assert_int_equal(ask(ANN_RIGHT, "10.0.0.1", 0), OPEN);
    assert_int_equal(ask("bAsIc  YW5uOmh1bnRlcjI", "10.0.0.1", 0), OPEN);
    assert_int_equal(ask(ANN_WRONG, "10.0.0.1", 0), CLOSED);
    assert_int_equal(ask(BEN_RIGHT, "10.0.0.1", 0), CLOSED);
    assert_int_equal(ask(ANN_LONG, "10.0.0.1", 0), CLOSED);
}

static void what_is_no_password_is_closed(void **state)
{
    static const char *const fields[] = {NULL,
                                         "",
                                         "Basic",
                                         "Basic ",
                                         "Basic !!!!",
                                         "Bearer YW5u",
                                         "Basic YW5u" /* ann */,
                                         "Basic =",
                                         "Basic YW5uOg==" /* ann: */};

    (void)state;
    assert_int_equal(ask(ANN_RIGHT, "10.0.0.1", 0), CLOSED); /* nobody may yet */
    write_ann();
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        assert_int_equal(ask(fields[i], "10.0.0.1", 0), CLOSED);
}

static void after_five_failures_an_address_waits_for_its_turn(void **state)
{
    int64_t wait_ns;

    (void)state;
    write_ann();
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask(ANN_WRONG, "10.0.0.1", i * SECOND), CLOSED);
    assert_int_equal(ask_by(NULL, ANN_WRONG, "10.0.0.1", 6 * SECOND, &wait_ns), CLOSED);
    assert_int_equal(wait_ns, 0);
    assert_int_equal(ask_by(NULL, ANN_RIGHT, "10.0.0.1", 6 * SECOND, &wait_ns), OPEN);
    assert_int_equal(wait_ns, 2 * SECOND);
    assert_int_equal(ask_by(NULL, ANN_RIGHT, "10.0.0.1", 90 * SECOND, &wait_ns), OPEN);
    assert_int_equal(wait_ns, 0);
}

static void guesses_of_an_address_are_few(void **state)
{
    int n = 0;

    (void)state;
    write_ann();
    for (int i = 0; i < 6000; i++) /* a hundred a second, for a minute */
        n += ask(ANN_WRONG, "10.0.0.1", i * SECOND / 100) == CLOSED;
    assert_in_range(n, 30, 45); /* five at once, one each two seconds, and the next minute's */
}

static void failures_of_others_lock_nobody_out(void **state)
{
    char from[32];
    int64_t wait_ns;

    (void)state;
    write_ann();
    for (int i = 0; i < 6000; i++) {
        (void)snprintf(from, sizeof(from), "10.%d.%d.1", i % 20, i / 250);
        (void)ask(ANN_WRONG, from, SECOND);
    }
    assert_int_equal(ask_by(NULL, ANN_RIGHT, "10.0.0.2", 2 * SECOND, &wait_ns), OPEN);
    assert_int_equal(wait_ns, 0);
}

static void a_network_of_ipv6_is_one_address(void **state)
{
    char from[48];
    int n = 0;

    (void)state;
    write_ann();
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(from, sizeof(from), "2001:db8::%x", i);
        n += ask(ANN_WRONG, from, SECOND) == CLOSED;
    }
    assert_int_equal(n, 5 + 5);
    assert_int_equal(ask(ANN_RIGHT, "2001:db8:0:1::1", SECOND), OPEN);
}

static void a_browser_that_was_let_in_has_mistakes_of_its_own(void **state)
{
    char mine[sizeof(browser)];
    int64_t wait_ns;

    (void)state;
    write_ann();
    assert_int_equal(ask(ANN_RIGHT, "10.0.0.1", 0), OPEN);
    memcpy(mine, browser, sizeof(mine));
    for (int i = 0; i < 500; i++)
        (void)ask(ANN_WRONG, "10.0.0.1", SECOND);
    assert_int_equal(ask(ANN_RIGHT, "10.0.0.1", SECOND), REFUSED);
    assert_int_equal(ask_by(mine, ANN_RIGHT, "10.0.0.1", SECOND, &wait_ns), OPEN);
    assert_int_equal(wait_ns, 0);
    assert_string_not_equal(mine, browser);
    /* of another name it is a stranger's, and nobody guesses by it without end */
    assert_int_equal(ask_by(browser, BEN_RIGHT, "10.0.0.1", SECOND, &wait_ns), REFUSED);
    memcpy(mine, browser, sizeof(mine));
    for (int i = 0; i < 10; i++)
        (void)ask_by(mine, ANN_WRONG, "10.0.0.3", SECOND, &wait_ns);
    assert_int_equal(ask_by(mine, ANN_WRONG, "10.0.0.3", SECOND, &wait_ns), REFUSED);
}

static void a_session_says_who_it_is(void **state)
{
    (void)state;
    write_ann();
    assert_int_equal(ask(ANN_RIGHT, "10.0.0.1", 0), OPEN);
    assert_int_equal(who.role, NTA_CONSOLE_ADMIN);
    assert_string_equal(who.login, "ann");
    const uint64_t first = who.session;

    assert_int_equal(ask(ANN_RIGHT, "10.0.0.1", 0), OPEN);
    assert_true(who.session != first && first != 0);
    assert_true(nta_gate_is_user(gate, "proxied", &who));
    assert_int_equal(who.role, NTA_CONSOLE_VIEWER);
    assert_false(nta_gate_is_user(gate, "Proxied", &who));
    assert_false(nta_gate_is_user(gate, "", &who));
}

static void who_is_named_by_a_proxy_has_no_password(void **state)
{
    (void)state;
    write_ann();
    assert_int_equal(ask("Basic cHJveGllZDoq", "10.0.0.1", 0), CLOSED);         /* proxied:* */
    assert_int_equal(ask("Basic cHJveGllZDpodW50ZXIy", "10.0.0.1", 0), CLOSED); /* ann's */
}

static void many_logins_of_one_push_no_other_out(void **state)
{
    char others[NTA_GATE_WORD_SIZE], word[NTA_GATE_WORD_SIZE];

    (void)state;
    write_ann();
    assert_int_equal(nta_gate_make_link(gate, word), 0);
    assert_true(nta_gate_use_link(gate, nta_span_of(word), 0, others));
    for (int i = 0; i < 300; i++)
        assert_int_equal(ask(ANN_RIGHT, "10.0.0.1", SECOND), OPEN);
    assert_true(knows(NAME "=", others, "", SECOND));
    assert_int_equal(who.role, NTA_CONSOLE_AUDITOR); /* whoever holds the key */
    assert_string_equal(who.login, "");
}

static void assert_refused(const char *text, const char *word)
{
    struct nta_err err = {0};

    write_file(text);
    assert_true(nta_gate_load(gate, path, &err) < 0);
    if (!strstr(err.text, word))
        fail_msg("%s is not in: %s", word, err.text);
}

static void files_that_are_not_safe_are_refused(void **state)
{
    struct nta_err err = {0};

    (void)state;
    assert_refused("", "nobody");
    assert_refused("ann\n", ":1:");
    assert_refused("# x\n:hash:admin\n", ":2:");
    assert_refused("ann:$6$rounds=1000$salt$x\n", "role");
    assert_refused("ann:$6$rounds=1000$salt$x:\n", "role");
    assert_refused("ann:$6$rounds=1000$salt$x:root\n", "role");
    assert_refused("ann:hunter2:admin\n", "hash");
    assert_refused("ann::admin\n", "hash");
    assert_refused("ann:$9$unknown$x:admin\n", "hash");
    assert_refused("ann:ab0123456789.:admin\n", "hash"); /* DES */
    assert_refused("ann:*:admin\nann:*:viewer\n", ":2:");
    write_file("ann:$6$rounds=1000$salt$x:admin\n");
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(nta_gate_load(gate, path, &err), -EPERM);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(nta_gate_load(gate, path, &err), -EINVAL); /* at once */
    assert_true(nta_gate_load(gate, "/nowhere/at/all", &err) < 0);
}

static void only_our_names_are_hosts(void **state)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "::1", "nta.example"};

    (void)state;
    assert_true(nta_gate_is_host("127.0.0.1:8080", names, 4, 8080, false));
    assert_true(nta_gate_is_host("LOCALHOST:8080", names, 4, 8080, false));
    assert_true(nta_gate_is_host("[::1]:8080", names, 4, 8080, false));
    assert_true(nta_gate_is_host("nta.example", names, 4, 443, true));
    assert_false(nta_gate_is_host("nta.example", names, 4, 8080, false));
    assert_false(nta_gate_is_host("127.0.0.1:8081", names, 4, 8080, false));
    assert_false(nta_gate_is_host("evil.example:8080", names, 4, 8080, false));
    assert_false(nta_gate_is_host("127.0.0.1:8080.evil.example", names, 4, 8080, false));
    assert_false(nta_gate_is_host("", names, 4, 8080, false));
    assert_false(nta_gate_is_host(NULL, names, 4, 8080, false));
}

#define HERE "http://127.0.0.1:8080"

/** Whether a page, and whether data, may be asked for so. */
static void check_origin(struct nta_gate_origin origin, bool page, bool data)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};

    assert_int_equal(nta_gate_is_ours(&origin, true, names, 2, 8080, false), page);
    assert_int_equal(nta_gate_is_ours(&origin, false, names, 2, 8080, false), data);
}

static void what_other_pages_ask_for_is_not_ours(void **state)
{
    (void)state;
    check_origin((struct nta_gate_origin){0}, true, true); /* no browser, or an old one */
    check_origin((struct nta_gate_origin){.origin = HERE}, true, true);
    check_origin((struct nta_gate_origin){.origin = "http://127.0.0.1:8081"}, false, false);
    check_origin((struct nta_gate_origin){.origin = "http://evil.example:8080"}, false, false);
    check_origin((struct nta_gate_origin){.origin = "null"}, false, false);
    check_origin((struct nta_gate_origin){.origin = ""}, false, false);
    /* the address bar, and a click on a page of somebody else's */
    check_origin((struct nta_gate_origin){.site = "none", .mode = "navigate", .dest = "document"},
                 true, true);
    check_origin(
        (struct nta_gate_origin){.site = "cross-site", .mode = "navigate", .dest = "document"},
        true, false);
    /* our page */
    check_origin((struct nta_gate_origin){.site = "same-origin", .mode = "cors", .dest = "empty"},
                 true, true);
    /* a page of another port of this host: of the same site, so it brings our cookie along */
    check_origin((struct nta_gate_origin){.site = "same-site", .mode = "no-cors", .dest = "image"},
                 false, false);
    check_origin((struct nta_gate_origin){.site = "same-site", .mode = "cors", .dest = "empty"},
                 false, false);
    check_origin(
        (struct nta_gate_origin){.site = "same-site", .mode = "navigate", .dest = "iframe"}, false,
        false);
}

static void prefetches_are_ahead(void **state)
{
    (void)state;
    assert_true(nta_gate_is_ahead(&(struct nta_gate_origin){.purpose = "prefetch"}));
    assert_true(nta_gate_is_ahead(&(struct nta_gate_origin){.purpose = "prefetch;prerender"}));
    assert_true(nta_gate_is_ahead(&(struct nta_gate_origin){.purpose = "Preview"}));
    assert_false(nta_gate_is_ahead(&(struct nta_gate_origin){.purpose = "other"}));
    assert_false(nta_gate_is_ahead(&(struct nta_gate_origin){0}));
}

static void paths_are_long_and_never_the_same(void **state)
{
    char a[NTA_GATE_PATH_SIZE], b[NTA_GATE_PATH_SIZE];

    (void)state;
    assert_int_equal(nta_gate_make_path(a), 0);
    assert_int_equal(nta_gate_make_path(b), 0);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_string_not_equal(a, b);
}

#define IN_GATE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_GATE(a_link_opens_once),
        IN_GATE(looking_whether_a_link_is_there_leaves_it),
        IN_GATE(what_other_pages_ask_for_is_not_ours),
        IN_GATE(prefetches_are_ahead),
        IN_GATE(paths_are_long_and_never_the_same),
        IN_GATE(zeros_are_no_link_and_no_session),
        IN_GATE(of_many_links_the_newest_open),
        IN_GATE(a_session_is_known_by_its_cookie_among_others),
        IN_GATE(a_session_ends_when_it_is_not_used_for_long),
        IN_GATE(the_right_password_opens),
        IN_GATE(what_is_no_password_is_closed),
        IN_GATE(after_five_failures_an_address_waits_for_its_turn),
        IN_GATE(guesses_of_an_address_are_few),
        IN_GATE(failures_of_others_lock_nobody_out),
        IN_GATE(a_network_of_ipv6_is_one_address),
        IN_GATE(a_browser_that_was_let_in_has_mistakes_of_its_own),
        IN_GATE(a_session_says_who_it_is),
        IN_GATE(who_is_named_by_a_proxy_has_no_password),
        IN_GATE(many_logins_of_one_push_no_other_out),
        IN_GATE(files_that_are_not_safe_are_refused),
        IN_GATE(only_our_names_are_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
