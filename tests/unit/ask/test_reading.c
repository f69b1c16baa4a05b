/* SPDX-License-Identifier: Apache-2.0 */
/* Who reads is noted before and after; what is not stored yet is waited for. */
#include "ask/reading.h"
#include "ask/tell.h"
#include "base/own.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef"

enum
{
    ANSWERS = 8,
    HEARD_SIZE = 4096
};

static struct sockaddr_un name;
static int listen_fd;
static const char *answers[ANSWERS]; ///< One a question; NULL: no more are asked.
static char heard[ANSWERS][HEARD_SIZE];
static pthread_t thread;

static void hear(int fd, char into[HEARD_SIZE])
{
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, into + len, HEARD_SIZE - 1 - len)) > 0)
        len += (size_t)n;
    into[len] = '\0';
}

static void *answer_all(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < ANSWERS && answers[i]; i++) {
        const int fd = accept(listen_fd, NULL, NULL);

        hear(fd, heard[i]);
        (void)!write(fd, answers[i], strlen(answers[i]));
        (void)close(fd);
    }
    return NULL;
}

static int listen_here(void **state)
{
    char folder[] = "/tmp/nta-reading-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(folder));
    name = (struct sockaddr_un){.sun_family = AF_UNIX};
    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", folder);
    listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(heard, 0, sizeof(heard));
    memset(answers, 0, sizeof(answers));
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

static void answer(void)
{
    assert_int_equal(pthread_create(&thread, NULL, answer_all, NULL), 0);
}

static void answered(void)
{
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static struct nta_opening reading_of(const char *question, const char *person)
{
    return (struct nta_opening){
        .socket = name.sun_path, .question = nta_span_of(question), .person = nta_span_of(person)};
}

static void its_end_has_the_time_of_its_begin(void **state)
{
    struct nta_opening reading = reading_of("who ann", "");
    struct nta_err err = {0};

    (void)state;
    answers[0] = "taken 7 3 1000000001\n";
    answers[1] = "no\n";
    answers[2] = "yes\n";
    answers[3] = "taken 7 4 1000000001\n";
    answers[4] = "yes\n";
    answer();
    assert_int_equal(nta_opening_begin(&reading, &err), 0);
    assert_true(reading.began_ns == 1000000001);
    assert_int_equal(nta_opening_end(&reading, 17, &err), 0);
    answered();
    assert_string_equal(heard[0], "audit - - 77686f20616e6e -\n");
    assert_string_equal(heard[1], "stored 7 3\n");
    assert_string_equal(heard[2], heard[1]);
    assert_string_equal(heard[3], "audit 1000000001 17 77686f20616e6e -\n");
    assert_string_equal(heard[4], "stored 7 4\n");
}

static void who_tells_too_much_waits_and_tells_it_again(void **state)
{
    struct nta_opening reading = reading_of("map", "");
    struct nta_err err = {0};

    (void)state;
    answers[0] = "later\n";
    answers[1] = "error: ntad is busy\n";
    answers[2] = "taken 7 3 5\n";
    answers[3] = "yes\n";
    answer();
    assert_int_equal(nta_opening_begin(&reading, &err), 0);
    answered();
    assert_string_equal(heard[0], "audit - - 6d6170 -\n");
    assert_string_equal(heard[2], heard[0]);
    assert_true(reading.began_ns == 5);
}

static void a_service_says_for_whom(void **state)
{
    const struct nta_opening reading = reading_of("map", "bo");
    struct nta_err err = {0};

    (void)state;
    answers[0] = "taken 7 3 5\n";
    answers[1] = "yes\n";
    answer();
    assert_int_equal(nta_opening_note(&reading, 0, &err), 0);
    answered();
    assert_string_equal(heard[0], "audit - 0 6d6170 626f\n");
}

static void a_long_question_is_cut_and_says_so(void **state)
{
    char question[NTA_OPENING_MAX + 100], wanted[3 * NTA_OPENING_MAX];
    const size_t kept = NTA_OPENING_MAX - 3;
    struct nta_opening reading;
    struct nta_err err = {0};
    int n = snprintf(wanted, sizeof(wanted), "audit - - ");

    (void)state;
    memset(question, 'a', sizeof(question));
    question[sizeof(question) - 1] = '\0';
    for (size_t i = 0; i < kept; i++)
        n += snprintf(wanted + n, sizeof(wanted) - (size_t)n, "61");
    (void)snprintf(wanted + n, sizeof(wanted) - (size_t)n, "2e2e2e -\n");
    reading = reading_of(question, "");
    answers[0] = "taken 7 3 5\n";
    answers[1] = "yes\n";
    answer();
    assert_int_equal(nta_opening_begin(&reading, &err), 0);
    answered();
    assert_string_equal(heard[0], wanted);
}

static void what_is_refused_is_said(void **state)
{
    struct nta_opening reading = reading_of("map", "");
    struct nta_err err = {0};

    (void)state;
    answers[0] = "error: no \033[2J\n";
    answer();
    assert_int_equal(nta_opening_begin(&reading, &err), -EREMOTE);
    answered();
    assert_string_equal(err.text, "ntad refuses: no \\x1b[2J");
    assert_true(reading.began_ns == 0);
}

static void a_restart_meanwhile_is_no_success(void **state)
{
    struct nta_opening reading = reading_of("map", "");
    struct nta_err err = {0};

    (void)state;
    answers[0] = "taken 7 3 5\n";
    answers[1] = "error: ntad was started anew meanwhile\n";
    answer();
    assert_int_equal(nta_opening_begin(&reading, &err), -EREMOTE);
    answered();
    assert_true(reading.began_ns == 0);
}

static void a_stranger_is_not_believed(void **state)
{
    static const char *const wrong[] = {
        "", "taken\n", "taken 7 3\n", "taken 7 x 5\n", "taken 7 3 5 6\n", "sensor " ID "\n"};
    struct nta_opening reading = reading_of("map", "");
    struct nta_err err = {0};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(wrong); i++) {
        answers[0] = wrong[i];
        answer();
        assert_int_equal(nta_opening_begin(&reading, &err), -EPROTO);
        answered();
    }
    answers[0] = "taken 7 3 5\n";
    answers[1] = "maybe\n";
    answer();
    assert_int_equal(nta_opening_begin(&reading, &err), -EPROTO);
    answered();
}

static void it_says_whose_records_it_writes(void **state)
{
    static const char *const wrong[] = {"sensor \n", "sensor " ID "0\n", "sensor z" ID "\n",
                                        ID "\n"};
    char sensor[NTA_CONTROL_SENSOR_SIZE] = "";
    struct nta_err err = {0};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(wrong); i++) {
        answers[0] = wrong[i];
        answer();
        assert_int_equal(nta_control_sensor(name.sun_path, sensor, &err), -EPROTO);
        answered();
        assert_string_equal(sensor, "");
    }
    answers[0] = "sensor " ID "\n";
    answer();
    assert_int_equal(nta_control_sensor(name.sun_path, sensor, &err), 0);
    answered();
    assert_string_equal(sensor, ID);
    assert_string_equal(heard[0], "sensor\n");
}

static void where_nobody_listens_is_told_apart(void **state)
{
    struct nta_opening reading = reading_of("map", "");
    struct nta_err err = {0};

    (void)state;
    reading.socket = "/tmp/there-is-no-such-folder/s";
    assert_int_equal(nta_opening_begin(&reading, &err), -ENOENT);
}

#define ROW(function) cmocka_unit_test_setup_teardown(function, listen_here, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(its_end_has_the_time_of_its_begin),
        ROW(who_tells_too_much_waits_and_tells_it_again),
        ROW(a_service_says_for_whom),
        ROW(a_long_question_is_cut_and_says_so),
        ROW(what_is_refused_is_said),
        ROW(a_restart_meanwhile_is_no_success),
        ROW(a_stranger_is_not_believed),
        ROW(it_says_whose_records_it_writes),
        ROW(where_nobody_listens_is_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
