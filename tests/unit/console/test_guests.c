/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that come to nothing keep nobody out, and nobody who is known has to go for them. */
#include "base/runtime/clock.h"
#include "console/guests.h"
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

#define SECOND NTA_NS_PER_S

enum
{
    SLOW = NTA_GUESTS_ADDRESS + 1 ///< With the one that is on its way out.
};

static struct nta_guests guests;

struct visitor
{
    int ends[2]; ///< The server's, and the one that sees that it was sent away.
    struct nta_guest *guest;
};

static int setup(void **state)
{
    (void)state;
    nta_guests_init(&guests);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nta_guests_done(&guests);
    return 0;
}

static struct visitor come(const char *from, int64_t mono_ns)
{
    struct visitor visitor = {.ends = {-1, -1}};
    struct nta_addr addr;

    assert_int_equal(nta_addr_parse(from, strlen(from), &addr), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, visitor.ends), 0);
    visitor.guest = nta_guests_enter(&guests, visitor.ends[0], &addr, mono_ns);
    assert_non_null(visitor.guest);
    return visitor;
}

static bool was_sent_away(const struct visitor *visitor)
{
    char byte;

    return read(visitor->ends[1], &byte, 1) == 0;
}

static void go(struct visitor *visitor)
{
    nta_guests_leave(&guests, visitor->guest);
    (void)close(visitor->ends[0]);
    (void)close(visitor->ends[1]);
}

/** What the server's threads do: whoever was sent away leaves. */
static void come_and_go(struct visitor *visitors, size_t n, const char *from, int64_t mono_ns)
{
    for (size_t i = 0; i < n; i++) {
        if (visitors[i].guest && was_sent_away(&visitors[i])) {
            go(&visitors[i]);
            visitors[i].guest = NULL;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (!visitors[i].guest) {
            visitors[i] = come(from, mono_ns);
            return;
        }
    }
    fail_msg("nobody was sent away");
}

static void strangers_of_one_address_make_space_for_its_next(void **state)
{
    struct visitor slow[NTA_GUESTS_ADDRESS], reader;

    (void)state;
    for (int i = 0; i < NTA_GUESTS_ADDRESS; i++)
        slow[i] = come("127.0.0.1", i);
    for (int i = 0; i < NTA_GUESTS_ADDRESS; i++)
        assert_false(was_sent_away(&slow[i]));
    reader = come("127.0.0.1", SECOND);
    assert_true(was_sent_away(&slow[0])); /* the oldest, and it alone */
    for (int i = 1; i < NTA_GUESTS_ADDRESS; i++)
        assert_false(was_sent_away(&slow[i]));
    assert_false(was_sent_away(&reader));
    for (int i = 0; i < NTA_GUESTS_ADDRESS; i++)
        go(&slow[i]);
    go(&reader);
}

static void whoever_is_known_stays(void **state)
{
    struct visitor slow[SLOW] = {0}, reader = come("127.0.0.1", 0), page = come("127.0.0.1", 0);

    (void)state;
    nta_guests_know(&guests, reader.guest, false, 0);
    nta_guests_know(&guests, page.guest, true, 0);
    for (int i = 0; i < 1000; i++)
        come_and_go(slow, SLOW, "127.0.0.1", i * SECOND / 100);
    assert_false(was_sent_away(&reader));
    assert_false(was_sent_away(&page));
    for (int i = 0; i < SLOW; i++) {
        if (slow[i].guest)
            go(&slow[i]);
    }
    go(&reader);
    go(&page);
}

static void strangers_go_after_ten_seconds_whatever_they_send(void **state)
{
    struct visitor slow = come("10.0.0.1", 0), known = come("10.0.0.1", 0),
                   young = come("10.0.0.1", 5 * SECOND), last;

    (void)state;
    nta_guests_know(&guests, known.guest, false, 0);
    last = come("10.0.0.2", 11 * SECOND);
    assert_true(was_sent_away(&slow));
    assert_false(was_sent_away(&known));
    assert_false(was_sent_away(&young));
    go(&slow);
    go(&known);
    go(&young);
    go(&last);
}

static void of_all_known_the_one_used_least_lately_goes_and_never_a_page(void **state)
{
    struct visitor known[NTA_GUESTS_MAX], next;

    (void)state;
    for (int i = 0; i < NTA_GUESTS_MAX; i++) {
        known[i] = come("10.0.0.1", i);
        nta_guests_know(&guests, known[i].guest, i == 0, i);
    }
    nta_guests_know(&guests, known[1].guest, false, SECOND);
    next = come("10.0.0.2", 2 * SECOND);
    assert_false(was_sent_away(&known[0])); /* events go over it */
    assert_false(was_sent_away(&known[1])); /* used again */
    assert_true(was_sent_away(&known[2]));
    assert_false(was_sent_away(&next));
    for (int i = 0; i < NTA_GUESTS_MAX; i++)
        go(&known[i]);
    go(&next);
}

static void many_addresses_together_are_bounded_too(void **state)
{
    struct visitor slow[NTA_GUESTS_MAX], next;
    char from[32];

    (void)state;
    for (int i = 0; i < NTA_GUESTS_MAX; i++) {
        (void)snprintf(from, sizeof(from), "10.0.0.%d", i);
        slow[i] = come(from, i);
    }
    next = come("10.0.1.1", SECOND);
    assert_true(was_sent_away(&slow[0]));
    assert_false(was_sent_away(&slow[1]));
    for (int i = 0; i < NTA_GUESTS_MAX; i++)
        go(&slow[i]);
    go(&next);
}

static void without_a_slot_nothing_happens(void **state)
{
    (void)state;
    nta_guests_know(&guests, NULL, true, 0);
    nta_guests_leave(&guests, NULL);
}

#define AMONG_GUESTS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AMONG_GUESTS(strangers_of_one_address_make_space_for_its_next),
        AMONG_GUESTS(whoever_is_known_stays),
        AMONG_GUESTS(strangers_go_after_ten_seconds_whatever_they_send),
        AMONG_GUESTS(of_all_known_the_one_used_least_lately_goes_and_never_a_page),
        AMONG_GUESTS(many_addresses_together_are_bounded_too),
        AMONG_GUESTS(without_a_slot_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
