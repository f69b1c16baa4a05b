/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/curve.h"
#include "vault/signing.h"
#include "vault/statefile.h"
#include "vault/vault_kit.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

/*
 * What changes files goes through here: a child is killed before call number `kill_at`, and
 * `fail_at` makes one fail.
 */
static int n_calls, kill_at, fail_at;

static int gate(void)
{
    n_calls++;
    if (n_calls == kill_at)
        (void)kill(getpid(), SIGKILL);
    if (n_calls != fail_at)
        return 0;
    errno = EIO;
    return -1;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __real_unlinkat(int fd, const char *name, int flags);
int __wrap_unlinkat(int fd, const char *name, int flags);
ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);

int __wrap_fsync(int fd)
{
    return gate() < 0 ? -1 : __real_fsync(fd);
}

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return gate() < 0 ? -1 : __real_renameat(from_fd, from, to_fd, to);
}

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return gate() < 0 ? -1 : __real_renameat2(from_fd, from, to_fd, to, flags);
}

int __wrap_unlinkat(int fd, const char *name, int flags)
{
    return gate() < 0 ? -1 : __real_unlinkat(fd, name, flags);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    return gate() < 0 ? -1 : __real_write(fd, bytes, len);
}

static void set_gates(int kill_before, int fail_before)
{
    n_calls = 0;
    kill_at = kill_before;
    fail_at = fail_before;
}

/** What the files are sealed under, here. */
static const uint8_t state_key[NTA_KEY_LEN] = {1, 2, 3};

/** A file of the folder holds a sealed key: which one. */
static bool read_secret(const struct vault_kit *kit, const char *name, uint8_t secret[NTA_KEY_LEN])
{
    char path[512];
    uint8_t text[256];

    (void)snprintf(path, sizeof(path), "%s/%s", kit->dir, name);
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

    return len > 0 && nta_state_open((struct nta_span){text, (size_t)len - 1}, "signing.key",
                                     state_key, secret) == 0;
}

/** The folder's files, whatever their names, hold this secret, however it was sealed. */
static bool anywhere(const struct vault_kit *kit, const uint8_t secret[NTA_KEY_LEN])
{
    DIR *dir = opendir(kit->dir);
    uint8_t found[NTA_KEY_LEN];
    bool is_there = false;

    assert_non_null(dir);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): a folder of this test's own */
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        is_there |=
            read_secret(kit, entry->d_name, found) && memcmp(found, secret, sizeof(found)) == 0;
    (void)closedir(dir);
    return is_there;
}

static void get_secret(const struct vault_kit *kit, const char *name, uint8_t secret[NTA_KEY_LEN])
{
    assert_true(read_secret(kit, name, secret));
    assert_true(anywhere(kit, secret));
}

/** Open the folder and go on with the expected key. */
static int open_and_resume(const struct vault_kit *kit, const uint8_t expected[NTA_KEY_LEN],
                           struct nta_signing **ret_signing, enum nta_signing_state *ret_state,
                           struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    int r = nta_signing_open(kit->dir, state_key, &signing, err);

    if (r == 0)
        r = nta_signing_resume(signing, expected, ret_state, err);
    if (r == 0)
        *ret_signing = NTA_TAKE(signing);
    return r;
}

static enum nta_signing_state resume(struct vault_kit *kit, const uint8_t expected[NTA_KEY_LEN],
                                     struct nta_signing **ret_signing)
{
    enum nta_signing_state state = NTA_SIGNING_LOST;

    assert_int_equal(open_and_resume(kit, expected, ret_signing, &state, &kit->err), 0);
    return state;
}

/** It signs as the key with this public half. */
static void assert_signs_as(const struct nta_signing *signing,
                            const uint8_t public_key[NTA_KEY_LEN])
{
    const struct nta_span message = nta_span_of("a header");
    uint8_t signature[NTA_SIGNATURE_LEN], now[NTA_KEY_LEN];

    nta_signing_public(signing, now);
    assert_memory_equal(now, public_key, NTA_KEY_LEN);
    assert_int_equal(nta_signing_sign(signing, "domain", message, signature), 0);
    assert_true(nta_ed25519_verify(public_key, "domain", message,
                                   (struct nta_span){signature, sizeof(signature)}));
}

static void the_first_key_is_made_once(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN], again[NTA_KEY_LEN];

    (void)state;
    set_gates(0, 0);
    assert_int_equal(nta_signing_make(kit.dir, state_key, first, &kit.err), 0);
    assert_int_equal(nta_signing_make(kit.dir, state_key, again, &kit.err), -EEXIST);
    assert_int_equal(resume(&kit, first, &signing), NTA_SIGNING_SAME);
    assert_signs_as(signing, first);
}

static void a_change_destroys_the_key_before(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN], again[NTA_KEY_LEN];
    uint8_t old[NTA_KEY_LEN];

    (void)state;
    set_gates(0, 0);
    assert_int_equal(nta_signing_make(kit.dir, state_key, first, &kit.err), 0);
    get_secret(&kit, "signing.key", old);
    (void)resume(&kit, first, &signing);
    for (int day = 0; day < 3; day++) {
        assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
        /* until it is finished: the same one, and the one before still signs */
        assert_int_equal(nta_signing_prepare(signing, again, &kit.err), 0);
        assert_memory_equal(next, again, sizeof(next));
        assert_signs_as(signing, first);
        assert_true(anywhere(&kit, old));
        assert_int_equal(nta_signing_finish(signing, &kit.err), 0);
        assert_signs_as(signing, next);
        assert_false(anywhere(&kit, old));
        get_secret(&kit, "signing.key", old);
        memcpy(first, next, sizeof(first));
    }
    nta_signing_free(&signing);
    assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_SAME);
}

/** One change with its commit, which is a file; for a child that may be killed in it. */
static void change(const struct vault_kit *kit, const uint8_t expected[NTA_KEY_LEN])
{
    struct nta_signing *signing = NULL;
    enum nta_signing_state state;
    struct nta_err err = {0};
    uint8_t next[NTA_KEY_LEN];
    char path[128];
    FILE *file;

    if (open_and_resume(kit, expected, &signing, &state, &err) < 0 ||
        nta_signing_prepare(signing, next, &err) < 0)
        _exit(2);
    (void)gate();
    (void)snprintf(path, sizeof(path), "%s/committed", kit->dir);
    file = fopen(path, "we");
    if (!file || fwrite(next, 1, sizeof(next), file) != sizeof(next) || fclose(file) != 0)
        _exit(2);
    (void)gate();
    if (nta_signing_finish(signing, &err) < 0)
        _exit(3);
    nta_signing_free(&signing);
    _exit(0);
}

/** What the chain expects: the key that was committed last. */
static bool get_committed(const struct vault_kit *kit, uint8_t key[NTA_KEY_LEN])
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/committed", kit->dir);
    FILE *file = fopen(path, "re");
    bool has = file && fread(key, 1, NTA_KEY_LEN, file) == NTA_KEY_LEN;

    if (file)
        (void)fclose(file);
    return has;
}

/** How a child ended that was killed before call `n`, or in which that call failed. */
static int run_child(const struct vault_kit *kit, const uint8_t expected[NTA_KEY_LEN],
                     int kill_before, int fail_before)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        set_gates(kill_before, fail_before);
        change(kit, expected);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void check_cut_off(int kill_before, int fail_before, int *ret_status)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t expected[NTA_KEY_LEN], next[NTA_KEY_LEN];
    uint8_t old[NTA_KEY_LEN];

    set_gates(0, 0);
    assert_int_equal(nta_signing_make(kit.dir, state_key, expected, &kit.err), 0);
    get_secret(&kit, "signing.key", old);
    *ret_status = run_child(&kit, expected, kill_before, fail_before);
    bool is_committed = get_committed(&kit, expected);

    /* whatever was done: the expected key is here, and the other one is not */
    assert_int_not_equal(resume(&kit, expected, &signing), NTA_SIGNING_LOST);
    assert_signs_as(signing, expected);
    assert_int_equal(anywhere(&kit, old), !is_committed);
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
    assert_int_equal(nta_signing_finish(signing, &kit.err), 0);
    assert_signs_as(signing, next);
}

static void killed_at_any_point_it_goes_on_with_the_right_key(void **state)
{
    int status = 0, n = 0;

    (void)state;
    do
        check_cut_off(++n, 0, &status);
    while (WIFSIGNALED(status));
    assert_true(n > 8); /* or what changes files does not go through the gates */
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void whichever_call_fails_it_goes_on_with_the_right_key(void **state)
{
    int status = 0, n_failed = 0;

    (void)state;
    for (int n = 1; n < 12; n++) {
        check_cut_off(0, n, &status);
        assert_true(WIFEXITED(status));
        n_failed += WEXITSTATUS(status) != 0;
    }
    assert_true(n_failed > 4);
}

static void a_key_of_a_backup_or_none_is_lost(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN], made[NTA_KEY_LEN];
    uint8_t old[NTA_KEY_LEN];
    char path[128], text[256];

    (void)state;
    set_gates(0, 0);
    assert_int_equal(nta_signing_make(kit.dir, state_key, first, &kit.err), 0);
    kit_read(&kit, "signing.key", text, sizeof(text));
    get_secret(&kit, "signing.key", old);
    (void)resume(&kit, first, &signing);
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
    assert_int_equal(nta_signing_finish(signing, &kit.err), 0);
    nta_signing_free(&signing);
    kit_write(&kit, "signing.key", text, 0600); /* the backup */
    assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_LOST);
    nta_signing_public(signing, made);
    assert_memory_not_equal(made, next, sizeof(made));
    assert_signs_as(signing, made);
    assert_false(anywhere(&kit, old)); /* who has it could sign on */
    nta_signing_free(&signing);
    (void)snprintf(path, sizeof(path), "%s/signing.key", kit.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_LOST);
    nta_signing_free(&signing);
    kit_write(&kit, "signing.key", "nonsense\n", 0600);
    assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_LOST);
}

/** A kit with a first key in use. */
static void begin(struct vault_kit *kit, struct nta_signing **ret_signing,
                  uint8_t first[NTA_KEY_LEN])
{
    set_gates(0, 0);
    assert_int_equal(nta_signing_make(kit->dir, state_key, first, &kit->err), 0);
    assert_int_equal(resume(kit, first, ret_signing), NTA_SIGNING_SAME);
}

static const char *path_in(const struct vault_kit *kit, const char *name, char path[128])
{
    (void)snprintf(path, 128, "%s/%s", kit->dir, name);
    return path;
}

static void whichever_call_of_prepare_fails_calling_it_again_is_right(void **state)
{
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN];
    int n_failed = 0;

    (void)state;
    for (int fail = 1; fail < 8; fail++) {
        NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
        NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;

        begin(&kit, &signing, first);
        set_gates(0, fail);
        n_failed += nta_signing_prepare(signing, next, &kit.err) < 0;
        set_gates(0, 0);
        assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
        assert_signs_as(signing, first);
        assert_int_equal(nta_signing_finish(signing, &kit.err), 0);
        nta_signing_free(&signing);
        assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_SAME);
    }
    assert_true(n_failed > 2);
}

static void whichever_call_of_finish_fails_calling_it_again_is_right(void **state)
{
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN];
    uint8_t old[NTA_KEY_LEN];
    int n_failed = 0;

    (void)state;
    for (int fail = 1; fail < 8; fail++) {
        NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
        NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;

        begin(&kit, &signing, first);
        get_secret(&kit, "signing.key", old);
        assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
        set_gates(0, fail);
        bool failed = nta_signing_finish(signing, &kit.err) < 0;

        n_failed += failed;
        set_gates(0, 0);
        assert_int_equal(failed ? nta_signing_finish(signing, &kit.err) : 0, 0);
        assert_signs_as(signing, next);
        assert_false(anywhere(&kit, old));
        nta_signing_free(&signing);
        assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_SAME);
    }
    assert_true(n_failed > 3);
}

static void a_next_key_that_was_taken_away_is_written_again(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN], again[NTA_KEY_LEN];
    char path[128];

    (void)state;
    begin(&kit, &signing, first);
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
    assert_int_equal(unlink(path_in(&kit, "signing.next", path)), 0);
    assert_int_equal(nta_signing_prepare(signing, again, &kit.err), 0);
    assert_memory_equal(next, again, sizeof(next));
    assert_int_equal(access(path, F_OK), 0);
    kit_write(&kit, "signing.next", "nonsense\n", 0600);
    assert_int_equal(nta_signing_finish(signing, &kit.err), 0);
    nta_signing_free(&signing);
    assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_SAME);
}

static void a_key_that_cannot_be_read_is_not_lost(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    enum nta_signing_state found = NTA_SIGNING_SAME;
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN];
    char path[128], aside[128];

    (void)state;
    begin(&kit, &signing, first);
    nta_signing_free(&signing);
    assert_int_equal(chmod(path_in(&kit, "signing.key", path), 0644), 0);
    assert_int_equal(open_and_resume(&kit, first, &signing, &found, &kit.err), -EPERM);
    assert_non_null(strstr(kit.err.text, "signing.key: can be read by others"));
    assert_null(signing);
    assert_int_equal(chmod(path, 0600), 0);
    /* nor one behind a link, which whoever moved it has made */
    assert_int_equal(rename(path, path_in(&kit, "aside", aside)), 0);
    assert_int_equal(symlink("aside", path), 0);
    assert_int_equal(open_and_resume(&kit, first, &signing, &found, &kit.err), -ELOOP);
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(resume(&kit, first, &signing), NTA_SIGNING_SAME);
    /* nor the next one, of which a header may have been committed */
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
    nta_signing_free(&signing);
    assert_int_equal(chmod(path_in(&kit, "signing.next", path), 0644), 0);
    assert_int_equal(open_and_resume(&kit, next, &signing, &found, &kit.err), -EPERM);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(resume(&kit, next, &signing), NTA_SIGNING_FINISHED);
}

/** The daemon was given another state.key: with the right one the key is there. */
static void a_key_sealed_under_another_state_key_is_not_lost(void **state)
{
    static const uint8_t other_key[NTA_KEY_LEN] = {9};
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    enum nta_signing_state found = NTA_SIGNING_SAME;
    uint8_t first[NTA_KEY_LEN];

    (void)state;
    begin(&kit, &signing, first);
    nta_signing_free(&signing);
    assert_int_equal(nta_signing_open(kit.dir, other_key, &signing, &kit.err), 0);
    assert_int_equal(nta_signing_resume(signing, first, &found, &kit.err), -EBADMSG);
    assert_non_null(strstr(kit.err.text, "does not open with state.key"));
    nta_signing_free(&signing);
    assert_int_equal(resume(&kit, first, &signing), NTA_SIGNING_SAME);
}

static bool is_this(const void *owner, const uint8_t public_key[NTA_KEY_LEN])
{
    return memcmp(owner, public_key, NTA_KEY_LEN) == 0;
}

static void both_keys_on_disk_are_found(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN], found[NTA_KEY_LEN];
    static const uint8_t none[NTA_KEY_LEN];

    (void)state;
    begin(&kit, &signing, first);
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
    assert_int_equal(nta_signing_find(signing, is_this, first, found, &kit.err), 1);
    assert_memory_equal(found, first, sizeof(found));
    assert_int_equal(nta_signing_find(signing, is_this, next, found, &kit.err), 1);
    assert_memory_equal(found, next, sizeof(found));
    assert_int_equal(nta_signing_find(signing, is_this, none, found, &kit.err), 0);
    /* what cannot be read may be it; the other one is found all the same */
    char path[128];

    assert_int_equal(chmod(path_in(&kit, "signing.key", path), 0644), 0);
    assert_int_equal(nta_signing_find(signing, is_this, next, found, &kit.err), 1);
    assert_int_equal(nta_signing_find(signing, is_this, none, found, &kit.err), -EPERM);
    assert_non_null(strstr(kit.err.text, "signing.key"));
}

static void two_processes_do_not_sign_at_once(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL, *second = NULL;
    enum nta_signing_state found = NTA_SIGNING_SAME;
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN], made[NTA_KEY_LEN];

    (void)state;
    begin(&kit, &signing, first);
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
    /* it would undo what is not committed yet */
    assert_int_equal(open_and_resume(&kit, first, &second, &found, &kit.err), -EBUSY);
    assert_int_equal(nta_signing_make(kit.dir, state_key, made, &kit.err), -EBUSY);
    assert_int_equal(nta_signing_finish(signing, &kit.err), 0);
    nta_signing_free(&signing);
    assert_int_equal(resume(&kit, next, &second), NTA_SIGNING_SAME);
}

static void no_key_is_made_in_a_folder_that_was_replaced(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN], next[NTA_KEY_LEN];
    char old[128];

    (void)state;
    begin(&kit, &signing, first);
    (void)snprintf(old, sizeof(old), "%s.old", kit.dir);
    assert_int_equal(rename(kit.dir, old), 0);
    assert_int_equal(mkdir(kit.dir, 0700), 0);
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), -ESTALE);
    assert_signs_as(signing, first);
    assert_int_equal(rmdir(kit.dir), 0);
    assert_int_equal(rename(old, kit.dir), 0);
    assert_int_equal(nta_signing_prepare(signing, next, &kit.err), 0);
}

static void what_a_crash_left_is_destroyed_and_what_is_no_file_goes(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN];
    char path[128], other[128];

    (void)state;
    begin(&kit, &signing, first);
    nta_signing_free(&signing);
    kit_write(&kit, ".signing.next.new", "half a secret\n", 0600);
    /* a file system without RENAME_NOREPLACE: killed between the link and the unlink */
    assert_int_equal(
        link(path_in(&kit, "signing.key", path), path_in(&kit, ".signing.key.new", other)), 0);
    assert_int_equal(mkfifo(path_in(&kit, "signing.next", path), 0600), 0);
    (void)alarm(20); /* a pipe would be waited for */
    assert_int_equal(resume(&kit, first, &signing), NTA_SIGNING_SAME);
    (void)alarm(0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(other, F_OK), -1);
    assert_int_equal(access(path_in(&kit, ".signing.next.new", other), F_OK), -1);
    nta_signing_free(&signing);
    assert_int_equal(symlink("signing.key", path), 0);
    assert_int_equal(resume(&kit, first, &signing), NTA_SIGNING_SAME);
    assert_int_equal(access(path, F_OK), -1);
    nta_signing_free(&signing);
    assert_int_equal(resume(&kit, first, &signing), NTA_SIGNING_SAME);
}

/** Whoever starts after a kill is killed itself, at each point. */
static void check_cut_off_twice(int first_kill, int second_kill, int *ret_first, int *ret_second)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t first[NTA_KEY_LEN], expected[NTA_KEY_LEN];
    uint8_t old[NTA_KEY_LEN];

    set_gates(0, 0);
    assert_int_equal(nta_signing_make(kit.dir, state_key, first, &kit.err), 0);
    memcpy(expected, first, sizeof(expected));
    get_secret(&kit, "signing.key", old);
    *ret_first = run_child(&kit, expected, first_kill, 0);
    (void)get_committed(&kit, expected);
    *ret_second = run_child(&kit, expected, second_kill, 0);
    (void)get_committed(&kit, expected);
    assert_int_not_equal(resume(&kit, expected, &signing), NTA_SIGNING_LOST);
    assert_signs_as(signing, expected);
    assert_int_equal(anywhere(&kit, old), memcmp(first, expected, sizeof(first)) == 0);
}

static void killed_twice_in_a_row_it_goes_on_with_the_right_key(void **state)
{
    int first = 0, second = 0, n_first = 0, n = 0;

    (void)state;
    do {
        int n_second = 0;

        n_first++;
        do {
            check_cut_off_twice(n_first, ++n_second, &first, &second);
            n++;
        } while (WIFSIGNALED(second));
        assert_true(WIFEXITED(second) && WEXITSTATUS(second) == 0);
    } while (WIFSIGNALED(first));
    assert_true(n > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_key_is_made_once),
        cmocka_unit_test(a_change_destroys_the_key_before),
        cmocka_unit_test(killed_at_any_point_it_goes_on_with_the_right_key),
        cmocka_unit_test(whichever_call_fails_it_goes_on_with_the_right_key),
        cmocka_unit_test(a_key_of_a_backup_or_none_is_lost),
        cmocka_unit_test(whichever_call_of_prepare_fails_calling_it_again_is_right),
        cmocka_unit_test(whichever_call_of_finish_fails_calling_it_again_is_right),
        cmocka_unit_test(a_next_key_that_was_taken_away_is_written_again),
        cmocka_unit_test(a_key_that_cannot_be_read_is_not_lost),
        cmocka_unit_test(a_key_sealed_under_another_state_key_is_not_lost),
        cmocka_unit_test(both_keys_on_disk_are_found),
        cmocka_unit_test(two_processes_do_not_sign_at_once),
        cmocka_unit_test(no_key_is_made_in_a_folder_that_was_replaced),
        cmocka_unit_test(what_a_crash_left_is_destroyed_and_what_is_no_file_goes),
        cmocka_unit_test(killed_twice_in_a_row_it_goes_on_with_the_right_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
