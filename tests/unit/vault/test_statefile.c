/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/statefile.h"
#include "vault/vault_kit.h"

#define FILE_NAME "checkpoint.key"

static const uint8_t key[NTA_KEY_LEN] = {7, 7, 7}, secret[NTA_KEY_LEN] = {1, 2, 3};

static struct nta_keydir folder(struct vault_kit *kit)
{
    struct nta_keydir dir = {.fd = -1};

    assert_int_equal(nta_statedir_open(kit->dir, false, &dir, &kit->err), 0);
    return dir;
}

static void a_secret_comes_back_with_its_key_and_name_alone(void **state)
{
    static const uint8_t other[NTA_KEY_LEN] = {8};
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_keydir_close) struct nta_keydir dir = folder(&kit);
    uint8_t back[NTA_KEY_LEN];
    char text[256], again[256];

    (void)state;
    assert_int_equal(nta_statefile_read(&dir, FILE_NAME, FILE_NAME, key, back, &kit.err), -ENOENT);
    assert_int_equal(nta_statefile_write(&dir, FILE_NAME, FILE_NAME, key, secret, &kit.err), 0);
    assert_int_equal(nta_statefile_read(&dir, FILE_NAME, FILE_NAME, key, back, &kit.err), 0);
    assert_memory_equal(back, secret, sizeof(back));
    assert_int_equal(nta_statefile_read(&dir, FILE_NAME, FILE_NAME, other, back, &kit.err),
                     -EBADMSG);
    assert_int_equal(nta_statefile_read(&dir, FILE_NAME, "signing.key", key, back, &kit.err),
                     -EBADMSG);
    assert_int_equal(nta_statefile_write(&dir, FILE_NAME, FILE_NAME, key, secret, &kit.err),
                     -EEXIST);
    /* never the same bytes twice, which would tell that nothing changed */
    kit_read(&kit, FILE_NAME, text, sizeof(text));
    assert_int_equal(nta_statefile_destroy(&dir, FILE_NAME), 0);
    assert_int_equal(nta_statefile_destroy(&dir, FILE_NAME), 0);
    assert_int_equal(nta_statefile_write(&dir, FILE_NAME, FILE_NAME, key, secret, &kit.err), 0);
    kit_read(&kit, FILE_NAME, again, sizeof(again));
    assert_string_not_equal(text, again);
}

static void any_changed_character_does_not_open(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_keydir_close) struct nta_keydir dir = folder(&kit);
    uint8_t back[NTA_KEY_LEN];
    char text[256];

    (void)state;
    assert_int_equal(nta_statefile_write(&dir, FILE_NAME, FILE_NAME, key, secret, &kit.err), 0);
    kit_read(&kit, FILE_NAME, text, sizeof(text));
    const size_t len = strlen(text) - 1;
    const struct nta_span line = {.ptr = (const uint8_t *)text, .len = len};

    assert_int_equal(len, strlen("nta-sealed-") + 120);
    for (size_t i = 0; i < len; i++) {
        const char was = text[i];

        for (int bit = 1; bit < 0x100; bit <<= 1) {
            text[i] = (char)(was ^ bit);
            const int r = nta_state_open(line, FILE_NAME, key, back);

            assert_true(r == -EINVAL || r == -EBADMSG);
        }
        text[i] = was;
    }
    for (size_t n = 0; n < len; n++) {
        char *exact = malloc(n ? n : 1);

        assert_non_null(exact);
        memcpy(exact, text, n);
        assert_int_equal(
            nta_state_open((struct nta_span){(const uint8_t *)exact, n}, FILE_NAME, key, back),
            -EINVAL);
        free(exact);
    }
    assert_int_equal(nta_state_open(line, FILE_NAME, key, back), 0);
}

static void overwriting_reaches_the_files_own_bytes(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_keydir_close) struct nta_keydir dir = folder(&kit);
    char path[128], text[256];

    (void)state;
    assert_int_equal(nta_statefile_write(&dir, FILE_NAME, FILE_NAME, key, secret, &kit.err), 0);
    (void)snprintf(path, sizeof(path), "%s/%s", kit.dir, FILE_NAME);
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(nta_statefile_destroy(&dir, FILE_NAME), 0);
    const ssize_t len = read(fd, text, sizeof(text));

    assert_int_equal(len, strlen("nta-sealed-") + 121);
    for (ssize_t i = 0; i < len; i++)
        assert_int_equal(text[i], 0);
}

/** A folder's owner may give a name in it to a file of others, of which root would write zeros. */
static void a_second_name_of_a_file_of_others_is_not_overwritten(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_keydir_close) struct nta_keydir dir = folder(&kit);
    char path[128], other[128], text[64];

    (void)state;
    kit_write(&kit, "precious", "precious\n", 0600);
    (void)snprintf(path, sizeof(path), "%s/precious", kit.dir);
    (void)snprintf(other, sizeof(other), "%s/%s", kit.dir, FILE_NAME);
    assert_int_equal(link(path, other), 0);
    dir.owner = geteuid() + 1; /* as if the folder were another user's */
    assert_int_equal(nta_statefile_overwrite(&dir, FILE_NAME), -EPERM);
    kit_read(&kit, "precious", text, sizeof(text));
    assert_string_equal(text, "precious\n");
}

/** Root looks after a daemon's folder: what it makes there the daemon can read. */
static void what_root_makes_is_the_folders_owners(void **state)
{
    if (geteuid() != 0) /* before there is anything to free */
        skip();
    NTA_AUTO(kit_done) struct vault_kit kit = kit_empty();
    NTA_AUTO(nta_keydir_close) struct nta_keydir dir = {.fd = -1};
    const uid_t user = 12345;
    uint8_t back[NTA_KEY_LEN];
    char path[128];
    struct stat st;

    (void)state;
    assert_int_equal(chown(kit.dir, user, user), 0);
    assert_int_equal(nta_keydir_open(kit.dir, false, &dir, &kit.err), -EPERM);
    assert_int_equal(nta_statedir_open(kit.state_dir, true, &dir, &kit.err), 0);
    assert_int_equal(nta_statefile_write(&dir, FILE_NAME, FILE_NAME, key, secret, &kit.err), 0);
    assert_int_equal(stat(kit.state_dir, &st), 0);
    assert_true(st.st_uid == user && st.st_gid == user && (st.st_mode & 07777) == 0700);
    (void)snprintf(path, sizeof(path), "%s/%s", kit.state_dir, FILE_NAME);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_uid == user && st.st_gid == user && (st.st_mode & 07777) == 0600);
    assert_int_equal(nta_statefile_read(&dir, FILE_NAME, FILE_NAME, key, back, &kit.err), 0);
    assert_int_equal(chown(path, user + 1, user), 0); /* of neither */
    assert_int_equal(nta_statefile_read(&dir, FILE_NAME, FILE_NAME, key, back, &kit.err), -EPERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_comes_back_with_its_key_and_name_alone),
        cmocka_unit_test(any_changed_character_does_not_open),
        cmocka_unit_test(overwriting_reaches_the_files_own_bytes),
        cmocka_unit_test(a_second_name_of_a_file_of_others_is_not_overwritten),
        cmocka_unit_test(what_root_makes_is_the_folders_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
