/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that are folders of categories, and files that lie beside a list. */
#include "blacklist/file/folder.h"
#include "blacklist/file/keep.h"
#include "blacklist/marks.h"
#include "lists.h"

#include <errno.h>
#include <ftw.h>

#define B64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define C64 "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static char root[64];

/** A file below the test's folder, its own folder made. */
static const char *put(const char *name, const char *text)
{
    static char path[256];
    char *slash;
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", root, name);
    for (slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static int remove_one(const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
    (void)stat;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof(root), "/tmp/nta-folder-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/** Load one source.  0 and a set, or what the builder says. */
static int load(const struct nta_list_source *source, struct nta_blacklist **ret_set,
                struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;

    assert_int_equal(nta_blacklist_builder_new(&builder, err), 0);
    int r = nta_blacklist_builder_add(builder, source, NULL, err);

    return r < 0 ? r : nta_blacklist_builder_build(builder, ret_set, err);
}

static int load_root(struct nta_blacklist **ret_set, struct nta_err *err)
{
    const struct nta_list_source source = {.path = root, .name = "ut1"};

    return load(&source, ret_set, err);
}

/** "category:entry@line of file" of a name's verdict (static). */
static const char *place(const struct nta_blacklist *set, const char *name)
{
    static char text[512];
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (!nta_blacklist_match_name(set, name, strlen(name), buf, &hit))
        return "-";
    assert_string_equal(hit.list->name, "ut1");
    (void)snprintf(text, sizeof(text), "%s:%.*s@%u of %s", hit.list->category, (int)hit.entry.len,
                   (const char *)hit.entry.ptr, (unsigned)hit.line,
                   hit.list->path + strlen(root) + 1);
    return text;
}

static void put_categories(void)
{
    (void)put("adult/domains", "bad.example\n\n192.0.2.66\n");
    (void)put("adult/urls", "host.example/a/b\n");
    (void)put("adult/expressions", "(x|y)\n");
    (void)put("adult/usage", "black\n");
    (void)put("games/domains", "# two\ngame.example");
    (void)put("recreation/sports/domains", "ball.example\n");
    (void)put("README", "not.example\n");
}

static void each_file_is_a_category(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    char path[128];

    (void)state;
    put_categories();
    (void)snprintf(path, sizeof(path), "%s/porn", root);
    assert_int_equal(symlink("adult", path), 0);
    assert_int_equal(load_root(&set, &err), 0);
    assert_string_equal(place(set, "x.bad.example"), "adult:bad.example@1 of adult/domains");
    assert_string_equal(place(set, "game.example"), "games:game.example@2 of games/domains");
    assert_string_equal(place(set, "ball.example"),
                        "recreation/sports:ball.example@1 of recreation/sports/domains");
    assert_string_equal(place(set, "not.example"), "-");
    assert_string_equal(verdict_addr(set, "192.0.2.66"), "192.0.2.66@3");
    assert_string_equal(verdict_url(set, "host.example", "/a/b"), "host.example/a/b@1");
    const struct nta_list_report *report = nta_blacklist_get_list(set, 0);

    assert_int_equal(nta_blacklist_n_lists(set), 1);
    assert_int_equal(report->n_domains, 3);
    assert_int_equal(report->lines, 7);
    assert_int_equal(report->n_skipped, 2);
    assert_string_equal(report->reasons[0].text, "a file of expressions over URLs (expressions)");
    assert_string_equal(report->reasons[1].text, "a link to a category of another name");
}

static void a_category_alone_has_its_own_name(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    char path[128], buf[NTA_NAME_SIZE];
    const struct nta_list_source source = {.path = path};
    struct nta_err err = {0};
    struct nta_hit hit;

    (void)state;
    put_categories();
    (void)snprintf(path, sizeof(path), "%s/adult//", root);
    assert_int_equal(load(&source, &set, &err), 0);
    assert_true(nta_blacklist_match_name(set, "bad.example", 11, buf, &hit));
    assert_string_equal(hit.list->category, "adult");
    assert_string_equal(hit.list->name, "adult");
}

static void a_folder_that_is_not_safe_is_refused(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    char path[128];

    (void)state;
    put_categories();
    (void)snprintf(path, sizeof(path), "%s/games", root);
    assert_int_equal(chmod(path, 0777), 0);
    assert_int_equal(load_root(&set, &err), -EPERM);
    assert_non_null(strstr(err.text, "everybody may write it"));
    assert_int_equal(chmod(path, 0755), 0);
    (void)put("games/urls", "x.example/y\n");
    (void)snprintf(path, sizeof(path), "%s/games/urls", root);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(load_root(&set, &err), -EPERM);
}

static void an_empty_folder_is_no_list(void **state)
{
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(load_root(&set, &err), -ENODATA);
}

/** A set compiled and opened again with the same source. */
static int open_again(const struct nta_list_source *source, const char *path,
                      struct nta_blacklist **ret_set)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_err err = {0};
    int r = nta_blacklist_builder_open(path, &builder, &err);

    if (r == 0)
        r = nta_blacklist_builder_add(builder, source, NULL, &err);
    return r < 0 ? r : nta_blacklist_builder_build(builder, ret_set, &err);
}

/** Saved, once no file of it is so young that a change could not be seen. */
static void save(const struct nta_list_source *source, const char *path)
{
    struct nta_err err = {0};
    int r;

    do {
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;

        assert_int_equal(usleep(20000), 0);
        assert_int_equal(load(source, &set, &err), 0);
        r = nta_blacklist_save(set, path, &err);
    } while (r == -EAGAIN);
    assert_int_equal(r, 0);
}

static void a_compiled_folder_knows_its_categories_and_changes(void **state)
{
    const struct nta_list_source source = {.path = root, .name = "ut1"};
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_blacklist *none = NULL;
    char path[] = "/tmp/nta-compiled-XXXXXX";

    (void)state;
    assert_int_equal(close(mkstemp(path)), 0);
    put_categories();
    save(&source, path);
    assert_int_equal(open_again(&source, path, &set), 0);
    assert_string_equal(place(set, "game.example"), "games:game.example@2 of games/domains");
    assert_string_equal(place(set, "ball.example"),
                        "recreation/sports:ball.example@1 of recreation/sports/domains");
    (void)put("games/domains", "another.example\n");
    assert_int_equal(open_again(&source, path, &none), -ESTALE);
    (void)put("games/domains", "# two\ngame.example");
    save(&source, path);
    (void)put("more/domains", "more.example\n");
    assert_int_equal(open_again(&source, path, &none), -ESTALE);
    assert_int_equal(unlink(path), 0);
}

static void no_copy_of_a_folder_is_kept(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    struct nta_list_kept kept;
    char dir[128];

    (void)state;
    put_categories();
    assert_int_equal(load_root(&set, &err), 0);
    (void)snprintf(dir, sizeof(dir), "%s/.kept", root);
    assert_int_equal(nta_list_keep(dir, nta_blacklist_get_list(set, 0), 1, &err), 0);
    assert_int_equal(nta_list_find_kept(dir, root, &kept), -ENOENT);
}

/* ---- files of hashes beside a list ---- */

#define RULE(option) "alert http any any -> any any (msg:\"x\"; " option "; filestore; sid:1;)\n"

static bool has_hash(const struct nta_blacklist *set, const char *hash, uint32_t line)
{
    uint8_t bytes[NTA_NAME_SIZE];
    char buf[NTA_NAME_SIZE];
    enum nta_hit_kind kind;
    struct nta_span mark;
    struct nta_hit hit;

    assert_true(nta_blacklist_parse_mark(nta_span_of(hash), bytes, &kind, &mark));
    return nta_blacklist_decide_mark(set, NULL, kind, mark, buf, &hit) == NTA_DECIDES_FORBIDDEN &&
           hit.line == line;
}

static void hashes_count_at_the_rule_that_names_them(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_list_source source = {.name = "rules"};
    struct nta_err err = {0};
    char path[128];

    (void)state;
    (void)put("bad.list", "# x\n" B64 "  a.exe\n\nnone\n");
    (void)snprintf(path, sizeof(path), "%s",
                   put("x.rules", "# rules\n" RULE("filesha256:bad.list") RULE(
                                      "filesha256: !bad.list") RULE("filesha256:./bad.list")
                                      RULE("filesha256:.bad.list") RULE("filesha256:/etc/passwd")
                                          RULE("filesha256:none.list") RULE("filesha256:x.rules")
                                              RULE("filesha256:bad.list; fileext:\"exe\"")
                                                  RULE("filemd5:bad.list")));
    source.path = path;
    assert_int_equal(load(&source, &set, &err), -EINVAL); /* most of it is wrong */
    (void)put("x.rules", "bad.example\n" RULE("filesha256:bad.list") "b.example\nc.example\n" RULE(
                             "filesha256:../bad.list") RULE("filesha256:!bad.list")
                             RULE("filesha256:bad.list; fileext:\"exe\""));
    assert_int_equal(load(&source, &set, &err), 0);
    assert_true(has_hash(set, B64, 2));
    assert_false(has_hash(set, C64, 2));
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_hashes, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_bad, 2);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_skipped, 2);
}

static void a_link_beside_a_list_is_not_followed(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_list_source source = {.name = "rules"};
    struct nta_err err = {0};
    char path[128], link[128];

    (void)state;
    (void)put("elsewhere/hashes", B64 "\n");
    (void)snprintf(link, sizeof(link), "%s/link", root);
    assert_int_equal(symlink("elsewhere/hashes", link), 0);
    (void)snprintf(path, sizeof(path), "%s",
                   put("x.rules", "bad.example\n" RULE("filesha256:link")));
    source.path = path;
    assert_int_equal(load(&source, &set, &err), 0);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_hashes, 0);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_bad, 1);
}

static void a_compiled_list_knows_when_its_hashes_change(void **state)
{
    struct nta_list_source source = {.name = "rules"};
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_blacklist *none = NULL;
    char compiled[] = "/tmp/nta-compiled-XXXXXX", path[128];

    (void)state;
    assert_int_equal(close(mkstemp(compiled)), 0);
    (void)put("bad.list", B64 "\n");
    (void)snprintf(path, sizeof(path), "%s", put("x.rules", RULE("filesha256:bad.list")));
    source.path = path;
    save(&source, compiled);
    assert_int_equal(open_again(&source, compiled, &set), 0);
    assert_true(has_hash(set, B64, 1));
    (void)put("bad.list", C64 "\n");
    assert_int_equal(open_again(&source, compiled, &none), -ESTALE);
    assert_int_equal(unlink(compiled), 0);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_file_is_a_category),
        IN_FOLDER(a_category_alone_has_its_own_name),
        IN_FOLDER(a_folder_that_is_not_safe_is_refused),
        IN_FOLDER(an_empty_folder_is_no_list),
        IN_FOLDER(a_compiled_folder_knows_its_categories_and_changes),
        IN_FOLDER(no_copy_of_a_folder_is_kept),
        IN_FOLDER(hashes_count_at_the_rule_that_names_them),
        IN_FOLDER(a_link_beside_a_list_is_not_followed),
        IN_FOLDER(a_compiled_list_knows_when_its_hashes_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
