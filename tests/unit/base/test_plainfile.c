/* SPDX-License-Identifier: Apache-2.0 */
/* What is no file does not hold us up: each of these returns at once, with a sentence. */
#include "base/file/plainfile.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/nta-plain-XXXXXX");
    (void)umask(022);
    (void)alarm(20); /* one that hangs ends the test */
    return mkdtemp(folder) ? 0 : -1;
}

static const char *at(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int teardown(void **state)
{
    static const char *const names[] = {"file", "fifo", "link", "socket", "secret"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(at(names[i]));
    return rmdir(folder);
}

static void make(const char *name, mode_t mode, off_t size)
{
    int fd = open(at(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
}

static void check(const char *path, uint64_t max, unsigned rules, int expected, const char *words)
{
    struct nta_err err = {0};
    int fd = nta_plainfile_open(path, max, rules, &err), r;

    assert_int_equal(fd < 0 ? fd : 0, expected);
    if (fd >= 0)
        (void)close(fd);
    else if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    FILE *stream = nta_plainfile_stream(path, max, rules, &r, &err);

    assert_int_equal(r, expected);
    assert_int_equal(stream == NULL, expected < 0);
    if (stream)
        (void)fclose(stream);
}

static void what_is_no_file_is_refused_at_once(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", at("socket"));
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)), 0);
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    check(at("fifo"), 100, 0, -EINVAL, "a FIFO");
    check(at("socket"), 100, 0, -EINVAL, "socket");
    check(folder, 100, 0, -EINVAL, "a folder");
    check("/dev/zero", 100, 0, -EINVAL, "device");
    check(at("nothing"), 100, 0, -ENOENT, "nothing: No such file");
    (void)close(fd);
}

static void a_huge_file_is_refused(void **state)
{
    (void)state;
    make("file", 0644, 101);
    check(at("file"), 100, 0, -EFBIG, "101 bytes");
    check(at("file"), 101, 0, 0, "");
    assert_int_equal(truncate(at("file"), INT64_C(1) << 40), 0);
    check(at("file"), 1 << 20, 0, -EFBIG, "1099511627776 bytes");
}

static void a_link_is_followed_unless_it_must_not(void **state)
{
    char target[128];

    (void)state;
    make("file", 0600, 1);
    (void)snprintf(target, sizeof(target), "%s", at("file"));
    assert_int_equal(symlink(target, at("link")), 0);
    check(at("link"), 100, 0, 0, "");
    check(at("link"), 100, NTA_PLAIN_NO_LINK, -ELOOP, "symbolic link");
    check(at("link"), 100, NTA_PLAIN_SECRET, -ELOOP, "symbolic link");
}

static void a_secret_is_one(void **state)
{
    static const struct
    {
        mode_t mode;
        int expected;
        const char *words;
    } rows[] = {
        {0600, 0, ""},
        {0400, 0, ""},
        {0640, 0, ""}, /* as of a service's group, and of systemd's credentials */
        {0644, -EPERM, "chmod o="},
        {0602, -EPERM, "chmod o="},
        {0660, -EPERM, "chmod g-w"},
    };

    (void)state;
    make("secret", 0600, 8);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(chmod(at("secret"), rows[i].mode), 0);
        check(at("secret"), 100, NTA_PLAIN_SECRET, rows[i].expected, rows[i].words);
    }
    if (geteuid() == 0) {
        assert_int_equal(chmod(at("secret"), 0600), 0);
        assert_int_equal(chown(at("secret"), 65534, 65534), 0);
        check(at("secret"), 100, NTA_PLAIN_SECRET, -EPERM, "somebody else");
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_no_file_is_refused_at_once),
        IN_FOLDER(a_huge_file_is_refused),
        IN_FOLDER(a_link_is_followed_unless_it_must_not),
        IN_FOLDER(a_secret_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
