/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that answers, with a main that answers, is late, or says nothing at all. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "desk.h"
#include "unit.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    NOBODY = 65534
};

static struct nta_desk desk;
static struct sockaddr_un name;
static char answer[8192];

static int open_desk(void **state)
{
    struct nta_err err = {0};
    char folder[] = "/tmp/nta-desk-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(folder));
    name = (struct sockaddr_un){.sun_family = AF_UNIX};
    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(nta_desk_open(&desk, fd, &err), 0);
    return 0;
}

static int close_desk(void **state)
{
    (void)state;
    nta_desk_close(&desk);
    nta_desk_close(&desk); /* nothing more to close */
    (void)unlink(name.sun_path);
    *strrchr(name.sun_path, '/') = '\0';
    return rmdir(name.sun_path);
}

static int ask(const char *line)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(write(fd, line, strlen(line)), (ssize_t)strlen(line));
    return fd;
}

static void hear(int fd)
{
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, answer + len, sizeof(answer) - 1 - len)) > 0)
        len += (size_t)n;
    answer[len] = '\0';
    (void)close(fd);
}

/** As main does when it is wanted. */
static void write_status(const char *text, bool good)
{
    struct nta_buf forms[NTA_N_STATUS_FORMS] = {0};
    struct pollfd wanted = {.fd = desk.main_fd, .events = POLLIN};
    uint64_t n;

    assert_int_equal(poll(&wanted, 1, 5000), 1);
    assert_int_equal(read(desk.main_fd, &n, sizeof(n)), sizeof(n));
    const uint64_t n_asked = nta_desk_begin(&desk);

    for (size_t i = 0; i < NTA_N_STATUS_FORMS; i++)
        nta_buf_puts(&forms[i], text);
    nta_desk_write(&desk, forms, good, n_asked);
    for (size_t i = 0; i < NTA_N_STATUS_FORMS; i++)
        nta_buf_done(&forms[i]);
}

static void what_main_writes_is_the_answer(void **state)
{
    (void)state;
    int fd = ask("status text\n");

    write_status("state      good\n", true);
    hear(fd);
    assert_string_equal(answer, "good 16\nstate      good\n");
    fd = ask("status json\n");
    write_status("{}\n", false);
    hear(fd);
    assert_string_equal(answer, "bad 3\n{}\n");
}

static void before_main_has_written_it_is_starting(void **state)
{
    (void)state;
    hear(ask("status text\n"));
    assert_string_equal(answer, "bad 33\nstate      BAD: ntad is starting\n");
    hear(ask("status json\n"));
    assert_non_null(strstr(answer, "{\"state\":\"bad\",\"reasons\":[\"ntad is starting\"]"));
    hear(ask("status prometheus\n"));
    assert_non_null(strstr(answer, "\nnta_healthy 0\n"));
}

static void a_main_that_is_silent_is_not_waited_for(void **state)
{
    (void)state;
    int fd = ask("status text\n");

    write_status("state      good\n", true);
    hear(fd);
    const int64_t from_ns = nta_clock_mono_ns();

    hear(ask("status text\n")); /* a little late: what was said last is good enough */
    assert_string_equal(answer, "good 16\nstate      good\n");
    assert_true(nta_clock_mono_ns() - from_ns < 2 * NTA_NS_PER_S);
    (void)pthread_mutex_lock(&desk.lock);
    desk.written_mono_ns -= 7 * NTA_NS_PER_S;
    (void)pthread_mutex_unlock(&desk.lock);
    hear(ask("status text\n"));
    assert_non_null(strstr(answer,
                           "state      BAD: ntad runs, but its main thread has said nothing "
                           "for 7 s\nstate      good\n"));
    assert_int_equal(strncmp(answer, "bad ", 4), 0);
    hear(ask("status json\n")); /* a program gets nothing that is not so any more */
    assert_null(strstr(answer, "good"));
}

static void who_says_nothing_holds_nobody_up(void **state)
{
    int silent[3 * NTA_DESK_GUESTS];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(silent); i++)
        silent[i] = ask(i % 2 ? "" : "sta");
    const int64_t from_ns = nta_clock_mono_ns();

    hear(ask("status text\n"));
    assert_int_equal(strncmp(answer, "bad ", 4), 0);
    assert_true(nta_clock_mono_ns() - from_ns < NTA_NS_PER_S);
    hear(silent[0]); /* gave way */
    assert_string_equal(answer, "");
    for (size_t i = 1; i < NTA_N_ELEMENTS(silent); i++)
        (void)close(silent[i]);
}

static void a_line_may_come_in_pieces(void **state)
{
    (void)state;
    const int fd = ask("status");

    (void)usleep(50000);
    assert_int_equal(write(fd, " text\n", 6), 6);
    hear(fd);
    assert_int_equal(strncmp(answer, "bad ", 4), 0);
}

static void everything_else_is_mains(void **state)
{
    struct nta_errand errand;
    struct nta_buf said = {0};
    int fds[NTA_DESK_ERRANDS + 1];

    (void)state;
    assert_false(nta_desk_take_errand(&desk, &errand));
    for (size_t i = 0; i < NTA_N_ELEMENTS(fds); i++)
        fds[i] = ask("reload\n");
    hear(fds[NTA_DESK_ERRANDS]); /* one too many */
    assert_string_equal(answer, "error: ntad is busy\n");
    for (size_t i = 0; i < NTA_DESK_ERRANDS; i++) {
        assert_true(nta_desk_take_errand(&desk, &errand));
        assert_string_equal(errand.line, "reload");
        nta_buf_clear(&said);
        nta_buf_printf(&said, "%zu", i);
        nta_desk_send(errand.fd, &said);
        hear(fds[i]);
        assert_int_equal(strtoul(answer, NULL, 10), i);
    }
    nta_buf_done(&said);
}

/** Whatever it is: main never hears of it, and need not ask again who it was. */
static void others_may_only_ask_for_the_status(void **state)
{
    static const char *const orders[] = {"prune 2 age\n", "hold 1 0 1 1 78\n", "pruned\n",
                                         "reload\n",      "note x\n",          "no such thing\n"};
    char folder[sizeof(name.sun_path)];
    struct nta_errand errand;

    (void)state;
    if (geteuid() != 0)
        skip();
    memcpy(folder, name.sun_path, sizeof(folder));
    *strrchr(folder, '/') = '\0';
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(chmod(name.sun_path, 0666), 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(orders); i++) {
        /* this thread alone: seteuid() would make ntad's thread the same user */
        assert_int_equal(syscall(SYS_setresuid, -1, NOBODY, -1), 0);
        const int fd = ask(orders[i]);

        assert_int_equal(syscall(SYS_setresuid, -1, 0, -1), 0);
        hear(fd);
        assert_string_equal(answer,
                            "error: only root may ask for this; you may ask for the status\n");
        assert_false(nta_desk_take_errand(&desk, &errand));
    }
    const int fd = ask(orders[0]);
    char caller[NTA_USER_NAME_SIZE];

    while (!nta_desk_take_errand(&desk, &errand))
        (void)usleep(1000);
    assert_string_equal(errand.line, "prune 2 age");
    nta_desk_name_caller(errand.fd, caller);
    assert_string_equal(caller, "root");
    (void)close(errand.fd);
    (void)close(fd);
}

/** Ask as somebody else, who is in that group beside another one. */
static int ask_as_nobody(gid_t gid, const char *line)
{
    assert_int_equal(syscall(SYS_setgroups, 1, &gid), 0);
    assert_int_equal(syscall(SYS_setresgid, -1, NOBODY, -1), 0);
    assert_int_equal(syscall(SYS_setresuid, -1, NOBODY, -1), 0);
    const int fd = ask(line);

    assert_int_equal(syscall(SYS_setresuid, -1, 0, -1), 0);
    assert_int_equal(syscall(SYS_setresgid, -1, 0, -1), 0);
    return fd;
}

static void its_group_may_leave_traces_under_its_own_name(void **state)
{
    static const char *const traces[] = {"audit - - 77 -\n", "stored 7 1\n", "sensor\n"};
    char folder[sizeof(name.sun_path)], caller[NTA_USER_NAME_SIZE];
    struct nta_errand errand;

    (void)state;
    if (geteuid() != 0 || getegid() != 0)
        skip();
    memcpy(folder, name.sun_path, sizeof(folder));
    *strrchr(folder, '/') = '\0';
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(chmod(name.sun_path, 0666), 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(traces); i++) {
        hear(ask_as_nobody(NOBODY, traces[i]));
        assert_string_equal(answer,
                            "error: only root may ask for this; you may ask for the status\n");
        const int fd = ask_as_nobody(0, traces[i]);

        while (!nta_desk_take_errand(&desk, &errand))
            (void)usleep(1000);
        assert_memory_equal(errand.line, traces[i], strlen(errand.line));
        nta_desk_name_caller(errand.fd, caller);
        assert_true(strcmp(caller, "nobody") == 0 || strcmp(caller, "uid 65534") == 0);
        (void)close(errand.fd);
        (void)close(fd);
    }
}

static void a_user_who_has_many_pushes_out_his_own(void **state)
{
    int silent[3 * NTA_DESK_GUESTS];
    char folder[sizeof(name.sun_path)];

    (void)state;
    if (geteuid() != 0 || getegid() != 0)
        skip();
    memcpy(folder, name.sun_path, sizeof(folder));
    *strrchr(folder, '/') = '\0';
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(chmod(name.sun_path, 0666), 0);
    const int fd = ask("status");

    for (size_t i = 0; i < NTA_N_ELEMENTS(silent); i++)
        silent[i] = ask_as_nobody(NOBODY, "");
    hear(silent[0]);
    assert_string_equal(answer, "");
    assert_int_equal(write(fd, " text\n", 6), 6);
    hear(fd);
    assert_int_equal(strncmp(answer, "bad ", 4), 0);
    for (size_t i = 1; i < NTA_N_ELEMENTS(silent); i++)
        (void)close(silent[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_main_writes_is_the_answer, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(before_main_has_written_it_is_starting, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(a_main_that_is_silent_is_not_waited_for, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(who_says_nothing_holds_nobody_up, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(a_line_may_come_in_pieces, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(a_user_who_has_many_pushes_out_his_own, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(everything_else_is_mains, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(its_group_may_leave_traces_under_its_own_name, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(others_may_only_ask_for_the_status, open_desk, close_desk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
