/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"
#include "vault/crypto/secret.h"
#include "vault/seal/sealer.h"
#include "vault/vault_kit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum
{
    LEN = 5000, ///< More than a page.
};

/** Asked of the kernel, which says no where a read of ours would end the program. */
static bool is_readable(const void *at)
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    const ssize_t n = write(fds[1], at, 1);

    if (n < 0)
        assert_int_equal(errno, EFAULT);
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(close(fds[1]), 0);
    return n == 1;
}

static void what_is_hidden_is_there_again_when_shown(void **state)
{
    uint8_t *secret = nta_secret_new(LEN);

    (void)state;
    assert_non_null(secret);
    assert_int_equal(secret[0], 0);
    memset(secret, 0x5a, LEN);
    for (int i = 0; i < 3; i++) {
        nta_secret_hide(secret, LEN);
        nta_secret_hide(secret, LEN);
        assert_false(is_readable(secret));
        assert_false(is_readable(secret + LEN - 1));
        nta_secret_show(secret, LEN);
        nta_secret_show(secret, LEN);
        assert_true(is_readable(secret + LEN - 1));
    }
    for (size_t i = 0; i < LEN; i++)
        assert_int_equal(secret[i], 0x5a);
    nta_secret_hide(secret, LEN);
    nta_secret_free(secret, LEN);
    nta_secret_free(NULL, LEN);
}

/** What lies beside one keeps its rights, and the other way round. */
static void many_are_hidden_each_by_itself(void **state)
{
    enum
    {
        N = 200
    };

    uint8_t *secrets[N];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        secrets[i] = nta_secret_new(32);
        assert_non_null(secrets[i]);
        secrets[i][0] = (uint8_t)i;
    }
    for (size_t i = 0; i < N; i += 2)
        nta_secret_hide(secrets[i], 32);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(is_readable(secrets[i]), i % 2);
    for (size_t i = 0; i < N; i++) {
        nta_secret_show(secrets[i], 32);
        assert_int_equal(secrets[i][0], (uint8_t)i);
        nta_secret_free(secrets[i], 32);
    }
}

/** How a child ends that does this with the secret. */
static int status_of(int (*child)(const uint8_t *secret), const uint8_t *secret)
{
    const struct rlimit no_core = {0};
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* a sanitizer has its own */
        (void)setrlimit(RLIMIT_CORE, &no_core);
        _exit(child(secret));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int read_it(const uint8_t *secret)
{
    return *(const volatile uint8_t *)secret;
}

static int count_bytes(const uint8_t *secret)
{
    int n = 0;

    for (size_t i = 0; i < LEN; i++)
        n += secret[i] != 0;
    return n != 0;
}

static void who_reads_it_hidden_ends_and_a_forked_process_has_none(void **state)
{
    uint8_t *secret = nta_secret_new(LEN);
    int status;

    (void)state;
    memset(secret, 0x5a, LEN);
    status = status_of(count_bytes, secret);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    nta_secret_hide(secret, LEN);
    status = status_of(read_it, secret);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    nta_secret_free(secret, LEN);
}

/** Of the sealer, and of the key that signs, whose struct begins with where they are. */
static void assert_hidden(const struct nta_sealer *sealer)
{
    const void *signing_secrets;

    assert_false(is_readable(sealer->secrets));
    if (!sealer->signing)
        return;
    memcpy((void *)&signing_secrets, sealer->signing, sizeof(signing_secrets));
    assert_false(is_readable(signing_secrets));
}

static void a_sealer_hides_all_keys_between_its_calls(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    struct nta_seal_options options = {
        .class = NTA_CLASS_TRAFFIC, .wall_ns = KIT_NS, .changes_key = true};
    const struct nta_sealer_known known = {.or_any = true};
    enum nta_signing_state found;
    struct nta_wrapped_key key;
    struct nta_sealed sealed;

    (void)state;
    assert_hidden(kit.sealer);
    kit_fill(&kit, 3, 5);
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &options, &sealed, NULL, &kit.err), 0);
    assert_hidden(kit.sealer);
    assert_int_equal(nta_sealer_commit(kit.sealer, &kit.err), 0);
    assert_hidden(kit.sealer);
    assert_true(nta_sealer_has_signed(kit.sealer, &sealed, &kit.err) >= 0);
    assert_hidden(kit.sealer);
    assert_int_equal(
        nta_sealer_make_key(kit.sealer, NTA_CLASS_EVIDENCE, KIT_NS + DAY_NS, &key, &kit.err), 0);
    assert_hidden(kit.sealer);
    nta_sealer_use_key(kit.sealer, NTA_CLASS_EVIDENCE);
    assert_hidden(kit.sealer);
    nta_sealer_drop_keys(kit.sealer);
    assert_hidden(kit.sealer);
    assert_int_equal(nta_sealer_put_checkpoint(kit.sealer, &nta_sealer_get_at(kit.sealer)->log,
                                               (struct nta_span){0}, &note),
                     0);
    assert_hidden(kit.sealer);
    assert_int_equal(nta_sealer_resume(kit.sealer, &known, &found, &kit.err), 0);
    assert_int_equal(found, NTA_SIGNING_SAME);
    assert_hidden(kit.sealer);
    /* what fails leaves none behind either */
    assert_int_equal(nta_sealer_seal(kit.sealer, &kit.batch, &options, &sealed, NULL, &kit.err),
                     -ENOKEY);
    assert_hidden(kit.sealer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_hidden_is_there_again_when_shown),
        cmocka_unit_test(many_are_hidden_each_by_itself),
        cmocka_unit_test(who_reads_it_hidden_ends_and_a_forked_process_has_none),
        cmocka_unit_test(a_sealer_hides_all_keys_between_its_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
