/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "who/beside/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW (INT64_C(4000000000) * NTA_NS_PER_S) /* long after files were changed */

static char dir[] = "/tmp/nta-test-follow-XXXXXX";
static char path[64];
static char said[4096];
static bool is_full;

static bool has_space(void *owner)
{
    (void)owner;
    return !is_full;
}

/* "10.0.0.5=ann ", of what ends "-10.0.0.5 ". */
static void on_fact(void *owner, const struct nta_who_fact *fact)
{
    char text[NTA_ADDR_TEXT_SIZE];
    const size_t len = strlen(said);
    const struct nta_span who = fact->login.len ? fact->login : fact->name;

    (void)owner;
    (void)snprintf(said + len, sizeof(said) - len, "%s%s=%.*s ",
                   fact->state == NTA_WHO_ENDS ? "-" : "", nta_addr_text(&fact->ip.addr, text),
                   (int)who.len, who.ptr ? (const char *)who.ptr : "");
}

static const char *read_on(struct nta_follow *follow)
{
    const struct nta_follow_calls calls = {has_space, on_fact, NULL};
    struct nta_err err;

    said[0] = '\0';
    assert_true(nta_follow_read(follow, NOW, &calls, &err) >= 0);
    return said;
}

static void put(const char *name, const char *mode, const char *text)
{
    FILE *file = fopen(name, mode);

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void it_is_read_as_it_grows(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;

    (void)state;
    assert_int_equal(nta_follow_init(&follow, path), 0);
    put(path, "w", "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"}\n{\"ip\":\"10.0.0.6\",");
    assert_string_equal(read_on(&follow), "10.0.0.5=ann ");
    assert_string_equal(read_on(&follow), "");
    put(path, "a", "\"login\":\"bob\"}\n");
    assert_string_equal(read_on(&follow), "10.0.0.6=bob ");
}

static void what_takes_its_place_is_read_and_the_rest_before_it(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;
    char other[80];

    (void)state;
    assert_int_equal(nta_follow_init(&follow, path), 0);
    put(path, "w", "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"}\n");
    assert_string_equal(read_on(&follow), "10.0.0.5=ann ");
    put(path, "a", "{\"ip\":\"10.0.0.6\",\"login\":\"bob\"}\n");
    (void)snprintf(other, sizeof(other), "%s.new", path);
    put(other, "w", "{\"ip\":\"10.0.0.7\",\"login\":\"cyd\"}\n");
    assert_int_equal(rename(other, path), 0);
    assert_string_equal(read_on(&follow), "10.0.0.6=bob 10.0.0.7=cyd ");
    put(path, "w", "{\"ip\":\"1.2.3.4\",\"login\":\"d\"}\n"); /* shorter: written anew */
    assert_string_equal(read_on(&follow), "1.2.3.4=d ");
}

static void who_is_no_more_in_a_file_that_is_written_anew_is_gone(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;

    (void)state;
    assert_int_equal(nta_follow_init(&follow, path), 0);
    put(path, "w",
        "4100000000 02:00:00:00:00:05 10.0.0.5 ann *\n"
        "4100000000 02:00:00:00:00:06 10.0.0.6 bob *\n");
    assert_string_equal(read_on(&follow), "10.0.0.5=ann 10.0.0.6=bob ");
    (void)usleep(20000);
    put(path, "w",
        "4100000000 02:00:00:00:00:06 10.0.0.6 bob *\n"
        "4100000000 02:00:00:00:00:07 10.0.0.7 cyd *\n");
    assert_string_equal(read_on(&follow), "10.0.0.6=bob 10.0.0.7=cyd -10.0.0.5= ");
    (void)usleep(20000);
    put(path, "w", "");
    assert_string_equal(read_on(&follow), "-10.0.0.6= -10.0.0.7= ");
}

static void what_is_not_there_is_said_once_and_looked_for_again(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;
    const struct nta_follow_calls calls = {has_space, on_fact, NULL};
    struct nta_err err;

    (void)state;
    (void)unlink(path);
    assert_int_equal(nta_follow_init(&follow, path), 0);
    assert_int_equal(nta_follow_read(&follow, NOW, &calls, &err), -ENOENT);
    assert_int_equal(nta_follow_read(&follow, NOW, &calls, &err), 0);
    put(path, "w", "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"}\n");
    assert_string_equal(read_on(&follow), "10.0.0.5=ann ");
}

static void a_folder_is_no_file(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;
    const struct nta_follow_calls calls = {has_space, on_fact, NULL};
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_follow_init(&follow, dir), 0);
    assert_int_equal(nta_follow_read(&follow, NOW, &calls, &err), -EINVAL);
}

static void a_fifo_is_read_without_waiting(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;

    (void)state;
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(nta_follow_init(&follow, path), 0);
    assert_string_equal(read_on(&follow), "");
    for (int i = 0; i < 2; i++) {
        const int fd = open(path, O_WRONLY | O_NONBLOCK);
        static const char line[] = "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"}\n";

        assert_true(fd >= 0);
        assert_int_equal(write(fd, line, sizeof(line) - 1), sizeof(line) - 1);
        assert_string_equal(read_on(&follow), "10.0.0.5=ann ");
        (void)close(fd);
        assert_string_equal(read_on(&follow), "");
    }
    (void)unlink(path);
}

static void a_restart_goes_on_where_it_was(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow, again;
    uint64_t dev, ino, at;

    (void)state;
    assert_int_equal(nta_follow_init(&follow, path), 0);
    assert_false(nta_follow_place(&follow, &dev, &ino, &at));
    put(path, "w", "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"}\n{\"ip\":\"10.0.0.6\",");
    assert_string_equal(read_on(&follow), "10.0.0.5=ann ");
    assert_true(nta_follow_place(&follow, &dev, &ino, &at));
    put(path, "a", "\"login\":\"bob\"}\n");
    assert_int_equal(nta_follow_init(&again, path), 0);
    nta_follow_resume(&again, dev, ino, at);
    assert_string_equal(read_on(&again), "10.0.0.6=bob ");
    nta_follow_done(&again);
    assert_int_equal(nta_follow_init(&again, path), 0);
    nta_follow_resume(&again, dev, ino + 1, at); /* another file */
    assert_string_equal(read_on(&again), "10.0.0.5=ann 10.0.0.6=bob ");
}

static void a_line_that_is_too_long_is_none(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;
    static char text[3 * NTA_WHO_LINE_MAX];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(nta_follow_init(&follow, path), 0);
    put(path, "w", "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"}\n{");
    put(path, "a", text);
    put(path, "a", "\n{\"ip\":\"10.0.0.6\",\"login\":\"bob\"}\n");
    assert_string_equal(read_on(&follow), "10.0.0.5=ann 10.0.0.6=bob ");
    assert_int_equal(follow.lines.n_bad, 1);
}

static void without_space_it_stays_where_it_is(void **state)
{
    NTA_AUTO(nta_follow_done) struct nta_follow follow;

    (void)state;
    assert_int_equal(nta_follow_init(&follow, path), 0);
    put(path, "w", "{\"ip\":\"10.0.0.5\",\"login\":\"ann\"}\n");
    is_full = true;
    assert_string_equal(read_on(&follow), "");
    is_full = false;
    assert_string_equal(read_on(&follow), "10.0.0.5=ann ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_as_it_grows),
        cmocka_unit_test(what_takes_its_place_is_read_and_the_rest_before_it),
        cmocka_unit_test(who_is_no_more_in_a_file_that_is_written_anew_is_gone),
        cmocka_unit_test(what_is_not_there_is_said_once_and_looked_for_again),
        cmocka_unit_test(a_folder_is_no_file),
        cmocka_unit_test(a_fifo_is_read_without_waiting),
        cmocka_unit_test(a_restart_goes_on_where_it_was),
        cmocka_unit_test(a_line_that_is_too_long_is_none),
        cmocka_unit_test(without_space_it_stays_where_it_is),
    };

    if (!mkdtemp(dir))
        return 1;
    (void)snprintf(path, sizeof(path), "%s/file", dir);
    const int r = cmocka_run_group_tests(tests, NULL, NULL);

    (void)unlink(path);
    (void)rmdir(dir);
    return r;
}
