/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/keep.h"
#include "lists.h"

#include <errno.h>

/** A folder of a test with one list in it. */
struct vault_kit
{
    char dir[32], keep[64], path[64];
};

static void folder_open(struct vault_kit *kit)
{
    (void)snprintf(kit->dir, sizeof(kit->dir), "/tmp/nta-keep-XXXXXX");
    assert_non_null(mkdtemp(kit->dir));
    (void)snprintf(kit->keep, sizeof(kit->keep), "%s/kept", kit->dir);
    (void)snprintf(kit->path, sizeof(kit->path), "%s/list.txt", kit->dir);
}

static void folder_close(const struct vault_kit *kit)
{
    char command[96];

    (void)snprintf(command, sizeof(command), "rm -rf %s", kit->dir);
    assert_int_equal(system(command), 0); // NOLINT: a folder of our own
}

static void write_list(const struct vault_kit *kit, const char *text)
{
    FILE *file = fopen(kit->path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct nta_blacklist *load(const struct vault_kit *kit)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    const struct nta_list_source source = {.path = kit->path};
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    return set;
}

static void what_was_accepted_is_found_again(void **state)
{
    struct vault_kit kit;
    struct nta_list_kept kept = {0};
    struct nta_err err = {0};
    char bytes[64] = "";

    (void)state;
    folder_open(&kit);
    write_list(&kit, "one.example\ntwo.example\none.example\n");
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&kit);
    const struct nta_list_report *report = nta_blacklist_get_list(set, 0);

    assert_int_equal(nta_list_find_kept(kit.keep, kit.path, &kept), -ENOENT);
    assert_int_equal(nta_list_keep(kit.keep, report, 1700000000, &err), 0);
    assert_int_equal(nta_list_find_kept(kit.keep, kit.path, &kept), 0);
    assert_int_equal(kept.n_entries, 3);
    assert_int_equal(kept.wall_ns, 1700000000);
    assert_memory_equal(kept.sha256, report->sha256, 32);
    FILE *copy = fopen(kept.copy, "re");

    assert_non_null(copy);
    assert_int_equal(fread(bytes, 1, sizeof(bytes), copy), 36);
    assert_int_equal(fclose(copy), 0);
    assert_string_equal(bytes, "one.example\ntwo.example\none.example\n");
    /* the same again writes nothing */
    assert_int_equal(nta_list_keep(kit.keep, report, 1800000000, &err), 0);
    assert_int_equal(nta_list_find_kept(kit.keep, kit.path, &kept), 0);
    assert_int_equal(kept.wall_ns, 1700000000);
    folder_close(&kit);
}

static void a_file_that_changed_meanwhile_is_not_kept(void **state)
{
    struct vault_kit kit;
    struct nta_list_kept kept = {0};
    struct nta_err err = {0};

    (void)state;
    folder_open(&kit);
    write_list(&kit, "one.example\n");
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&kit);

    write_list(&kit, "two.example\n");
    assert_int_equal(nta_list_keep(kit.keep, nta_blacklist_get_list(set, 0), 1, &err), -EAGAIN);
    assert_int_equal(nta_list_find_kept(kit.keep, kit.path, &kept), -ENOENT);
    folder_close(&kit);
}

static void broken_states_are_none(void **state)
{
    static const char *const texts[] = {"", "nta-list 2 1 1 00\n", "nta-list 1 5\n",
                                        "nta-list 1 5 1 abcdef\n", "\xff\xff\xff\n"};
    struct vault_kit kit;
    struct nta_list_kept kept = {0};
    struct nta_err err = {0};

    (void)state;
    folder_open(&kit);
    write_list(&kit, "one.example\n");
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&kit);

    assert_int_equal(nta_list_keep(kit.keep, nta_blacklist_get_list(set, 0), 1, &err), 0);
    assert_int_equal(nta_list_find_kept(kit.keep, kit.path, &kept), 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        char path[NTA_KEPT_PATH_SIZE];

        (void)snprintf(path, sizeof(path), "%.*s.state", (int)strlen(kept.copy) - 5, kept.copy);
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        assert_true(fputs(texts[i], file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(nta_list_find_kept(kit.keep, kit.path, &(struct nta_list_kept){0}),
                         -ENOENT);
    }
    folder_close(&kit);
}

enum
{
    N_MANY = 40
};

/** Twice as many and more than are written at once; the one that changed meanwhile is said. */
static void many_are_kept_and_what_cannot_be_is_said(void **state)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    const struct nta_list_report *reports[N_MANY];
    struct vault_kit kits[N_MANY];
    struct nta_list_kept kept;
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    folder_open(&kits[0]);
    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    for (int i = 0; i < N_MANY; i++) {
        kits[i] = kits[0];
        (void)snprintf(kits[i].path, sizeof(kits[i].path), "%s/list-%d.txt", kits[0].dir, i);
        write_list(&kits[i], "one.example\n");
        const struct nta_list_source source = {.path = kits[i].path};

        assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    }
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    for (size_t i = 0; i < N_MANY; i++)
        reports[i] = nta_blacklist_get_list(set, i);
    write_list(&kits[20], "two.example\n");
    nta_list_keep_all(kits[0].keep, reports, N_MANY, 1, &complaints);
    for (int i = 0; i < N_MANY; i++)
        assert_int_equal(nta_list_find_kept(kits[i].keep, kits[i].path, &kept),
                         i == 20 ? -ENOENT : 0);
    nta_buf_put_u8(&complaints, 0);
    assert_non_null(strstr((const char *)complaints.ptr, "list-20.txt: a copy cannot be kept"));
    assert_null(strstr((const char *)complaints.ptr, "list-21.txt"));
    nta_blacklist_free(&set);
    folder_close(&kits[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_accepted_is_found_again),
        cmocka_unit_test(a_file_that_changed_meanwhile_is_not_kept),
        cmocka_unit_test(broken_states_are_none),
        cmocka_unit_test(many_are_kept_and_what_cannot_be_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
