/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/keep.h"
#include "lists.h"

#include <errno.h>

/** A folder of a test with one list in it. */
struct room
{
    char dir[32], keep[64], path[64];
};

static void room_open(struct room *room)
{
    (void)snprintf(room->dir, sizeof(room->dir), "/tmp/nta-keep-XXXXXX");
    assert_non_null(mkdtemp(room->dir));
    (void)snprintf(room->keep, sizeof(room->keep), "%s/kept", room->dir);
    (void)snprintf(room->path, sizeof(room->path), "%s/list.txt", room->dir);
}

static void room_close(const struct room *room)
{
    char command[96];

    (void)snprintf(command, sizeof(command), "rm -rf %s", room->dir);
    assert_int_equal(system(command), 0); // NOLINT: a folder of our own
}

static void write_list(const struct room *room, const char *text)
{
    FILE *file = fopen(room->path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct nta_blacklist *load(const struct room *room)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    const struct nta_list_source source = {.path = room->path};
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    return set;
}

static void what_was_accepted_is_found_again(void **state)
{
    struct room room;
    struct nta_list_kept kept = {0};
    struct nta_err err = {0};
    char bytes[64] = "";

    (void)state;
    room_open(&room);
    write_list(&room, "one.example\ntwo.example\none.example\n");
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&room);
    const struct nta_list_report *report = nta_blacklist_get_list(set, 0);

    assert_int_equal(nta_list_find_kept(room.keep, room.path, &kept), -ENOENT);
    assert_int_equal(nta_list_keep(room.keep, report, 1700000000, &err), 0);
    assert_int_equal(nta_list_find_kept(room.keep, room.path, &kept), 0);
    assert_int_equal(kept.n_entries, 3);
    assert_int_equal(kept.wall_ns, 1700000000);
    assert_memory_equal(kept.sha256, report->sha256, 32);
    FILE *copy = fopen(kept.copy, "re");

    assert_non_null(copy);
    assert_int_equal(fread(bytes, 1, sizeof(bytes), copy), 36);
    assert_int_equal(fclose(copy), 0);
    assert_string_equal(bytes, "one.example\ntwo.example\none.example\n");
    /* the same again writes nothing */
    assert_int_equal(nta_list_keep(room.keep, report, 1800000000, &err), 0);
    assert_int_equal(nta_list_find_kept(room.keep, room.path, &kept), 0);
    assert_int_equal(kept.wall_ns, 1700000000);
    room_close(&room);
}

static void a_file_that_changed_meanwhile_is_not_kept(void **state)
{
    struct room room;
    struct nta_list_kept kept = {0};
    struct nta_err err = {0};

    (void)state;
    room_open(&room);
    write_list(&room, "one.example\n");
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&room);

    write_list(&room, "two.example\n");
    assert_int_equal(nta_list_keep(room.keep, nta_blacklist_get_list(set, 0), 1, &err), -EAGAIN);
    assert_int_equal(nta_list_find_kept(room.keep, room.path, &kept), -ENOENT);
    room_close(&room);
}

static void broken_states_are_none(void **state)
{
    static const char *const texts[] = {"", "nta-list 2 1 1 00\n", "nta-list 1 5\n",
                                        "nta-list 1 5 1 abcdef\n", "\xff\xff\xff\n"};
    struct room room;
    struct nta_list_kept kept = {0};
    struct nta_err err = {0};

    (void)state;
    room_open(&room);
    write_list(&room, "one.example\n");
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(&room);

    assert_int_equal(nta_list_keep(room.keep, nta_blacklist_get_list(set, 0), 1, &err), 0);
    assert_int_equal(nta_list_find_kept(room.keep, room.path, &kept), 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        char path[NTA_KEPT_PATH_SIZE];

        (void)snprintf(path, sizeof(path), "%.*s.state", (int)strlen(kept.copy) - 5, kept.copy);
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        assert_true(fputs(texts[i], file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(nta_list_find_kept(room.keep, room.path, &(struct nta_list_kept){0}),
                         -ENOENT);
    }
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_accepted_is_found_again),
        cmocka_unit_test(a_file_that_changed_meanwhile_is_not_kept),
        cmocka_unit_test(broken_states_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
