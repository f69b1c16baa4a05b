/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Live capture on the loopback of a network namespace of its own, and on a veth that is taken away.
 */
#include "base/runtime/log.h"
#include "capture/collect.h"
#include "capture/state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

enum
{
    PORT = 4321,
    N_SENT = 2000
};

static _Atomic int n_logged;

static void count_line(enum nta_log_level level, const char *text)
{
    (void)level;
    print_message("log: %s\n", text);
    n_logged++;
}

static void *run(void *arg)
{
    struct nta_err err = {0};

    return nta_capture_run(arg, &err) == 0 ? NULL : arg;
}

static const char *const sights[] = {"fine", "gone", "renamed", "down", "no carrier"};

/** The reasons of the times without sight that were told, a space between two. */
static char absences[2048];

static void note_absence(void *owner, const struct nta_absence *absence)
{
    size_t len = strlen(absences);

    assert_ptr_equal(owner, absences);
    assert_string_equal(absence->interface, "nta1");
    assert_true(absence->from_ns <= absence->to_ns);
    (void)snprintf(absences + len, sizeof(absences) - len, "%s%s", len ? " " : "",
                   sights[absence->sight]);
}

/** Among others: what goes away, or comes, may be down or without a carrier on the way. */
static void assert_told(const char *expected)
{
    assert_non_null(strstr(absences, expected));
    absences[0] = '\0';
}

struct session
{
    struct nta_dispatch *dispatch;
    struct nta_capture *capture;
    struct collector collector;
    struct collected got;
    pthread_t runner, worker;
};

static void begin(struct session *session, const char *interface, const char *filter)
{
    const struct nta_capture_options options = {.interface = interface,
                                                .filter = filter,
                                                .snap_len = 200,
                                                .buffer_bytes = 8 << 20,
                                                .promiscuous = true,
                                                .waits = true,
                                                .tell_absence = note_absence,
                                                .owner = absences};
    struct nta_err err = {0};

    *session = (struct session){0};
    assert_int_equal(nta_dispatch_new(0, 1, 8, &session->dispatch, NULL), 0);
    if (nta_capture_open(&options, session->dispatch, &session->capture, &err) < 0)
        fail_msg("%s", err.text);
    session->collector = (struct collector){.dispatch = session->dispatch, .into = &session->got};
    nta_dispatch_set_wake(session->dispatch, 0, &session->collector.wake);
    assert_int_equal(pthread_create(&session->worker, NULL, collect, &session->collector), 0);
    assert_int_equal(pthread_create(&session->runner, NULL, run, session->capture), 0);
}

static uint64_t received(const struct session *session)
{
    return nta_counted(nta_capture_counters(session->capture), NTA_COUNTER_RECEIVED);
}

static void await_received(const struct session *session, uint64_t n)
{
    for (int i = 0; i < 5000 && received(session) < n; i++)
        usleep(1000);
}

static void finish(struct session *session)
{
    void *wrong;

    nta_capture_stop(session->capture);
    assert_int_equal(pthread_join(session->runner, &wrong), 0);
    assert_null(wrong);
    assert_int_equal(pthread_join(session->worker, NULL), 0);
}

static void discard(struct session *session)
{
    nta_capture_free(&session->capture);
    nta_dispatch_free(&session->dispatch);
}

static void send_datagrams(const char *address, int n, size_t len)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    uint8_t bytes[1000] = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
    for (int i = 0; i < n; i++)
        (void)sendto(fd, bytes, len, 0, (struct sockaddr *)&to, sizeof(to));
    close(fd);
}

/** The loopback shows each datagram twice: leaving and arriving; libpcap drops the first. */
static void all_datagrams_on_loopback_are_seen(void **state)
{
    struct session session;

    (void)state;
    begin(&session, "lo", "udp dst port 4321");
    send_datagrams("127.0.0.1", N_SENT, 1000);
    await_received(&session, N_SENT);
    finish(&session);
    assert_int_equal(received(&session), N_SENT);
    assert_int_equal(session.got.n_packets, N_SENT);
    assert_int_equal(session.got.n_kind[NTA_PACKET_UDP], N_SENT);
    assert_int_equal(session.got.packets[0].dst_port, PORT);
    assert_int_equal(session.got.packets[0].cap_len, 200);
    assert_int_equal(session.got.packets[0].wire_len, 1042);
    assert_true(llabs(session.got.packets[0].wall_ns - nta_clock_wall_ns()) < 60 * NTA_NS_PER_S);
    assert_int_equal(nta_counted(nta_capture_counters(session.capture), NTA_COUNTER_DROP_KERNEL),
                     0);
    discard(&session);
}

static void the_any_interface_sees_them_too(void **state)
{
    struct session session;

    (void)state;
    begin(&session, "any", "udp dst port 4321");
    send_datagrams("127.0.0.1", 10, 10);
    await_received(&session, 10);
    finish(&session);
    assert_true(session.got.n_packets >= 10);
    assert_int_equal(session.got.n_kind[NTA_PACKET_UDP], session.got.n_packets);
    discard(&session);
}

/** Without a filter, of all that the kernel counts. */
static void what_is_shown_twice_is_not_lost(void **state)
{
    static const char *const interfaces[] = {"lo", "any"};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(interfaces); i++) {
        struct session session;

        begin(&session, interfaces[i], NULL);
        send_datagrams("127.0.0.1", N_SENT, 10);
        await_received(&session, N_SENT);
        finish(&session);
        assert_true(received(&session) >= N_SENT);
        assert_int_equal(
            nta_counted(nta_capture_counters(session.capture), NTA_COUNTER_DROP_KERNEL), 0);
        discard(&session);
    }
}

static void few_packets_reach_the_worker_soon(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const struct nta_capture_options options = {.interface = "lo", .filter = "udp"};
    struct nta_block *block = NULL;
    uint32_t n_packets = 0;
    int64_t start_ns;
    pthread_t thread;

    (void)state;
    assert_int_equal(nta_dispatch_new(0, 1, 8, &dispatch, NULL), 0);
    assert_int_equal(nta_capture_open(&options, dispatch, &capture, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, run, capture), 0);
    start_ns = nta_clock_mono_ns();
    send_datagrams("127.0.0.1", 1, 10);
    while (n_packets == 0 && nta_clock_mono_ns() - start_ns < 5 * NTA_NS_PER_S) {
        if ((block = nta_dispatch_take(dispatch, 0))) {
            n_packets = block->n_packets;
            nta_dispatch_give_back(dispatch, 0, block);
        }
        usleep(1000);
    }
    assert_int_equal(n_packets, 1);
    assert_true(nta_clock_mono_ns() - start_ns < NTA_NS_PER_S);
    nta_capture_stop(capture);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void a_stuck_worker_costs_packets_not_the_capture(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const struct nta_capture_options options = {
        .interface = "lo", .filter = "udp", .buffer_bytes = 32 << 20};
    struct nta_block *block;
    uint64_t n_dropped, n_held = 0;
    pthread_t thread;

    (void)state;
    assert_int_equal(nta_dispatch_new(0, 1, 3, &dispatch, NULL), 0);
    assert_int_equal(nta_capture_open(&options, dispatch, &capture, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, run, capture), 0);
    send_datagrams("127.0.0.1", N_SENT, 1000);
    for (int i = 0; i < 5000; i++) {
        if (nta_counted(nta_capture_counters(capture), NTA_COUNTER_RECEIVED) >= N_SENT)
            break;
        usleep(1000);
    }
    assert_int_equal(nta_counted(nta_capture_counters(capture), NTA_COUNTER_RECEIVED), N_SENT);
    nta_capture_stop(capture);
    while ((block = nta_dispatch_take(dispatch, 0))) {
        bool last = block->flags & NTA_BLOCK_LAST;

        n_held += block->n_packets;
        nta_dispatch_give_back(dispatch, 0, block);
        if (last)
            break;
        usleep(50000);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    while ((block = nta_dispatch_take(dispatch, 0)))
        n_held += block->n_packets;
    n_dropped = nta_counted(nta_capture_counters(capture), NTA_COUNTER_DROP_RING);
    assert_true(n_dropped > 0);
    assert_int_equal(n_held + n_dropped, N_SENT);
}

static void an_interface_that_is_not_there_is_named_with_those_that_are(void **state)
{
    const struct nta_capture_options options = {.interface = "no\x1bthing"};
    struct collected got;

    (void)state;
    collect_all(&options, &got);
    assert_int_equal(got.rc, -ENODEV);
    assert_non_null(strstr(got.err.text, "no\\x1bthing"));
    assert_non_null(strstr(got.err.text, "lo"));
}

static void a_wrong_filter_is_named(void **state)
{
    const struct nta_capture_options options = {.interface = "lo", .filter = "udp porrt 1"};
    struct collected got;

    (void)state;
    collect_all(&options, &got);
    assert_int_equal(got.rc, -EINVAL);
    assert_non_null(strstr(got.err.text, "udp porrt 1"));
}

static bool command(const char *text)
{
    return system(text) == 0; /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

static void await_sight(const struct session *session, enum nta_sight sight)
{
    for (int i = 0; i < 2000 && nta_capture_sight(session->capture) != sight; i++)
        usleep(1000);
    assert_int_equal(nta_capture_sight(session->capture), sight);
}

static bool make_pair(void)
{
    return command("ip link add nta0 type veth peer name nta1 && ip addr add 192.0.2.1/24 dev nta0"
                   " && ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev nta0 nud permanent"
                   " && ip link set nta0 up && ip link set nta1 up");
}

static void an_interface_that_goes_away_is_found_again(void **state)
{
    struct session session;

    (void)state;
    if (!make_pair()) {
        print_message("skipped: no veth can be made\n");
        skip();
    }
    begin(&session, "nta1", "udp dst port 4321");
    send_datagrams("192.0.2.2", 10, 10);
    await_received(&session, 10);
    assert_int_equal(received(&session), 10);
    assert_int_equal(n_logged, 0);
    assert_true(command("ip link del nta0"));
    for (int i = 0; i < 5000 && n_logged < 1; i++)
        usleep(1000);
    assert_int_equal(n_logged, 1);
    await_sight(&session, NTA_SIGHT_GONE);
    assert_true(make_pair());
    for (int i = 0; i < 2000 && n_logged < 2; i++)
        usleep(1000);
    assert_int_equal(n_logged, 2);
    await_sight(&session, NTA_SIGHT_FINE);
    assert_told("gone");
    send_datagrams("192.0.2.2", 5, 10);
    await_received(&session, 15);
    finish(&session);
    assert_int_equal(session.got.n_packets, 15);
    discard(&session);
    assert_true(command("ip link del nta0"));
}

static void *send_on(void *is_over)
{
    while (!atomic_load((atomic_bool *)is_over)) {
        send_datagrams("192.0.2.2", 30, 10);
        usleep(500);
    }
    return NULL;
}

/** Whatever tells first that it went: the kernel's news, or an error where packets are read. */
static void what_came_before_it_went_is_taken(void **state)
{
    atomic_bool is_over = false;
    struct session session;
    pthread_t sender;

    (void)state;
    if (!make_pair()) {
        print_message("skipped: no veth can be made\n");
        skip();
    }
    begin(&session, "nta1", NULL);
    assert_int_equal(pthread_create(&sender, NULL, send_on, &is_over), 0);
    for (int i = 0; i < 12; i++) {
        await_received(&session, received(&session) + 300);
        assert_true(command("ip link del nta0"));
        await_sight(&session, NTA_SIGHT_GONE);
        assert_true(make_pair());
        await_sight(&session, NTA_SIGHT_FINE);
    }
    atomic_store(&is_over, true);
    assert_int_equal(pthread_join(sender, NULL), 0);
    finish(&session);
    /* thousands, if an error ended it; a busy machine may cost a few */
    assert_true(nta_counted(nta_capture_counters(session.capture), NTA_COUNTER_DROP_KERNEL) < 300);
    discard(&session);
    assert_told("gone");
    assert_true(command("ip link del nta0"));
}

static void one_that_is_not_there_is_waited_for(void **state)
{
    struct session session;
    char link[NTA_CAPTURE_LINK_SIZE];

    (void)state;
    n_logged = 0;
    begin(&session, "nta1", "udp dst port 4321");
    assert_int_equal(nta_capture_sight(session.capture), NTA_SIGHT_GONE);
    assert_string_equal(nta_capture_link(session.capture, link), "");
    usleep(50000);
    assert_true(make_pair());
    await_sight(&session, NTA_SIGHT_FINE);
    assert_string_equal(nta_capture_link(session.capture, link), "EN10MB");
    assert_told("gone");
    for (int i = 0; i < 2000 && n_logged < 2; i++)
        usleep(1000);
    assert_int_equal(n_logged, 2); /* it is waited for; it is back */
    send_datagrams("192.0.2.2", 5, 10);
    await_received(&session, 5);
    finish(&session);
    assert_int_equal(session.got.n_packets, 5);
    discard(&session);
}

static void what_cannot_be_seen_of_it_is_told_with_its_reason(void **state)
{
    struct session session;

    (void)state;
    begin(&session, "nta1", "udp dst port 4321");
    const int64_t before_ns = nta_capture_blind_ns(session.capture, INT64_MAX);

    assert_int_equal(before_ns, 0);
    assert_true(command("ip link set nta1 down"));
    await_sight(&session, NTA_SIGHT_DOWN);
    assert_true(command("ip link set nta1 up"));
    await_sight(&session, NTA_SIGHT_FINE);
    assert_true(command("ip link set nta0 down"));
    await_sight(&session, NTA_SIGHT_NO_CARRIER);
    assert_true(command("ip link set nta1 down && ip link set nta1 name nta2"));
    await_sight(&session, NTA_SIGHT_RENAMED);
    assert_true(command("ip link set nta2 name nta1"));
    await_sight(&session, NTA_SIGHT_DOWN);
    assert_true(command("ip link set nta0 up && ip link set nta1 up"));
    await_sight(&session, NTA_SIGHT_FINE);
    send_datagrams("192.0.2.2", 5, 10);
    await_received(&session, 5);
    assert_true(command("ip link set nta1 down"));
    await_sight(&session, NTA_SIGHT_DOWN);
    assert_true(nta_capture_blind_ns(session.capture, 0) > 0);
    finish(&session);
    assert_non_null(strstr(absences, "down no carrier"));
    assert_non_null(strstr(absences, "renamed"));
    /* the last was told at the end */
    assert_string_equal(absences + strlen(absences) - 5, " down");
    absences[0] = '\0';
    discard(&session);
}

/** Of what the filter takes, also if much of it came before it was set. */
static void what_nobody_read_is_lost_with_a_filter_too(void **state)
{
    static const char *const filters[] = {NULL, "udp dst port 4321", "udp dst port 1"};
    static const uint64_t lost[] = {50, 50, 0};

    (void)state;
    if (!make_pair()) {
        print_message("skipped: no veth can be made\n");
        skip();
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(filters); i++) {
        const struct nta_capture_options options = {
            .interface = "nta1", .filter = filters[i], .buffer_bytes = 8 << 20};
        struct nta_capture *capture = NULL;
        struct nta_err err = {0};

        assert_int_equal(nta_capture_open(&options, NULL, &capture, &err), 0);
        send_datagrams("192.0.2.2", 50, 10);
        usleep(50000);
        nta_live_end(capture);
        const uint64_t n = nta_counted(nta_capture_counters(capture), NTA_COUNTER_DROP_KERNEL);

        if (i == 0) /* and what the kernel says by itself */
            assert_true(n >= lost[i]);
        else
            assert_int_equal(n, lost[i]);
        nta_capture_free(&capture);
    }
    assert_true(command("ip link del nta0"));
}

/** With a filter that no kind of link takes there is nothing to wait for. */
static void of_one_that_is_not_there_the_filter_is_tried(void **state)
{
    const struct nta_capture_options options = {
        .interface = "nosuch0", .filter = "udp porrt 1", .waits = true};
    struct nta_capture *capture = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_capture_open(&options, NULL, &capture, &err), -EINVAL);
    assert_non_null(strstr(err.text, "udp porrt 1"));
    assert_null(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_datagrams_on_loopback_are_seen),
        cmocka_unit_test(the_any_interface_sees_them_too),
        cmocka_unit_test(what_is_shown_twice_is_not_lost),
        cmocka_unit_test(few_packets_reach_the_worker_soon),
        cmocka_unit_test(a_stuck_worker_costs_packets_not_the_capture),
        cmocka_unit_test(an_interface_that_is_not_there_is_named_with_those_that_are),
        cmocka_unit_test(a_wrong_filter_is_named),
        cmocka_unit_test(what_nobody_read_is_lost_with_a_filter_too),
        cmocka_unit_test(an_interface_that_goes_away_is_found_again),
        cmocka_unit_test(what_came_before_it_went_is_taken),
        cmocka_unit_test(one_that_is_not_there_is_waited_for),
        cmocka_unit_test(what_cannot_be_seen_of_it_is_told_with_its_reason),
        cmocka_unit_test(of_one_that_is_not_there_the_filter_is_tried),
    };

    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0 || !command("ip link set lo up")) {
        (void)puts("skipped: needs root, network namespaces and ip(8)");
        return 77;
    }
    nta_log_to(count_line);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
