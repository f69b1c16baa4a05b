/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever holds the control socket may lie: an answer has an end, in bytes and in time. */
#include "ask/ask.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    PATIENCE_S = 1,
    SLOW_MS = 50,
    SLOW_BYTES = 400 ///< Takes twenty times the patience.
};

static struct sockaddr_un name;
static int listen_fd;
static char heard[64];

static int listen_here(void **state)
{
    char folder[] = "/tmp/nta-ask-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(folder));
    name = (struct sockaddr_un){.sun_family = AF_UNIX};
    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", folder);
    listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listen_fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    return listen(listen_fd, 8);
}

static int leave(void **state)
{
    (void)state;
    (void)close(listen_fd);
    (void)unlink(name.sun_path);
    *strrchr(name.sun_path, '/') = '\0';
    return rmdir(name.sun_path);
}

static int take_question(void)
{
    const int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    const ssize_t n = read(fd, heard, sizeof(heard) - 1);

    heard[n > 0 ? n : 0] = '\0';
    return fd;
}

static void *answer_well(void *owner)
{
    NTA_AUTO_FD int fd = take_question();

    for (size_t i = 0; i < 100; i++) /* in pieces */
        (void)!send(fd, "0123456789", 10, MSG_NOSIGNAL);
    return owner;
}

/** Until who asked has gone; `owner` counts the bytes. */
static void *answer_without_end(void *owner)
{
    static const char bytes[65536];
    NTA_AUTO_FD int fd = take_question();
    size_t *sent = owner;
    ssize_t n;

    while ((n = send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL)) > 0)
        *sent += (size_t)n;
    return owner;
}

static void *answer_byte_by_byte(void *owner)
{
    NTA_AUTO_FD int fd = take_question();

    for (int i = 0; i < SLOW_BYTES && send(fd, "x", 1, MSG_NOSIGNAL) == 1; i++)
        (void)usleep(SLOW_MS * 1000);
    return owner;
}

static int ask_whom(void *(*how)(void *), void *owner, struct nta_buf *answer, struct nta_err *err)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, how, owner), 0);
    const int r = nta_control_ask_within(PATIENCE_S, name.sun_path, "status text\n", answer, err);

    assert_int_equal(pthread_join(thread, NULL), 0);
    return r;
}

static void an_answer_comes_whole(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};

    (void)state;
    /* the patience of who has time: the machine may be busy */
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, answer_well, NULL), 0);
    assert_int_equal(nta_control_ask(name.sun_path, "status text\n", &answer, &err), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(answer.len, 1000);
    assert_string_equal(heard, "status text\n");
}

static void an_answer_without_end_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};
    size_t sent = 0;

    (void)state;
    const int r = ask_whom(answer_without_end, &sent, &answer, &err);

    /* a busy machine may not get to the bound in time */
    assert_true(r == -EMSGSIZE || r == -EAGAIN);
    if (r == -EMSGSIZE)
        assert_non_null(strstr(err.text, "more than 4 MiB: it is not ntad"));
    assert_true(answer.len <= NTA_CONTROL_ANSWER_MAX);
    assert_true(sent < 2 * (size_t)NTA_CONTROL_ANSWER_MAX);
}

static void an_answer_that_drips_is_not_waited_for(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(ask_whom(answer_byte_by_byte, NULL, &answer, &err), -EAGAIN);
    assert_non_null(strstr(err.text, "did not answer"));
    assert_true(answer.len < SLOW_BYTES);
}

/** As ntad does with who said nothing in time; the second time it is quicker. */
static void *hang_up_once(void *owner)
{
    (void)close(accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC));
    return answer_well(owner);
}

static void who_was_hung_up_on_asks_again(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};
    pthread_t thread;

    (void)state;
    for (int i = 0; i < 20; i++) { /* before the question, within it, or behind it */
        nta_buf_clear(&answer);
        assert_int_equal(pthread_create(&thread, NULL, hang_up_once, NULL), 0);
        if (i % 2)
            (void)usleep(1000 * (unsigned)i);
        const int r = nta_control_ask(name.sun_path, "status text\n", &answer, &err);

        assert_int_equal(r, 0);
        if (answer.len == 0) /* hung up on when all was said: an answer, if a short one */
            assert_int_equal(nta_control_ask(name.sun_path, "status text\n", &answer, &err), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(answer.len, 1000);
    }
}

/** It is connected, since others wait, and never accepted. */
static void nobody_answers(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(
        nta_control_ask_within(PATIENCE_S, name.sun_path, "status text\n", &answer, &err), -EAGAIN);
    assert_int_equal(answer.len, 0);
}

int main(void)
{
#define HERE(test) cmocka_unit_test_setup_teardown(test, listen_here, leave)
    const struct CMUnitTest tests[] = {
        HERE(an_answer_comes_whole),
        HERE(an_answer_without_end_is_refused),
        HERE(an_answer_that_drips_is_not_waited_for),
        HERE(who_was_hung_up_on_asks_again),
        HERE(nobody_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
