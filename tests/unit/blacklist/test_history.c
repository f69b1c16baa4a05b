/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of lists by their hashes.  The tree hashes are those of RFC 9162 section 2.1.1, computed
 * with another program (Python's hashlib, by the recursive definition).
 */
#include "base/hex.h"
#include "blacklist/file/history.h"
#include "blacklist/file/sha256.h"
#include "lists.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#define TREE_OF_3    "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"
#define TREE_OF_7    "4766c603ad4f86ee58d05a533e5ec0d35dbba13beb386a530992f5e0afdd981f"
#define TREE_OF_LIST "ffd074a072b4ebed7a8d5a18bc464dcc2aad1ef067a1b770715db09b995b929c"

struct folder
{
    char dir[32], history[64], path[64];
    struct nta_list_report report;
};

static void folder_open(struct folder *folder)
{
    *folder = (struct folder){.dir = "/tmp/nta-history-XXXXXX"};
    assert_non_null(mkdtemp(folder->dir));
    (void)snprintf(folder->history, sizeof(folder->history), "%s/history", folder->dir);
    (void)snprintf(folder->path, sizeof(folder->path), "%s/list.txt", folder->dir);
    folder->report.path = folder->path;
}

static void folder_close(const struct folder *folder)
{
    char command[96];

    (void)snprintf(command, sizeof(command), "rm -rf %s", folder->dir);
    assert_int_equal(system(command), 0); // NOLINT: a folder of our own
}

/** The list's file, as it was loaded. */
static void write_list(struct folder *folder, const char *text, size_t len, bool packs)
{
    gzFile file = gzopen(folder->path, packs ? "wb" : "wbT");
    uint64_t bytes;
    struct nta_err err;

    assert_non_null(file);
    if (len)
        assert_int_equal(gzwrite(file, text, (unsigned)len), len);
    assert_int_equal(gzclose(file), Z_OK);
    assert_int_equal(nta_sha256_of_file(folder->path, folder->report.sha256, &bytes, &err), 0);
}

static void assert_lines(struct folder *folder, const char *text, bool packs, uint64_t n,
                         const char *tree)
{
    struct nta_list_lines lines;
    struct nta_err err = {0};
    char hex[NTA_HEX_SIZE(32)];

    write_list(folder, text, strlen(text), packs);
    assert_int_equal(nta_list_history_keep(folder->history, &folder->report, &lines, &err), 0);
    assert_string_equal(nta_hex_text(lines.tree, 32, hex), tree);
    assert_int_equal(lines.n, n);
    /* known by now: from its name alone */
    assert_int_equal(unlink(folder->path), 0);
    assert_int_equal(nta_list_history_keep(folder->history, &folder->report, &lines, &err), 0);
    assert_string_equal(nta_hex_text(lines.tree, 32, hex), tree);
    assert_int_equal(lines.n, n);
}

static int line(struct folder *folder, uint64_t number, char text[64])
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_err err = {0};
    const struct nta_list_line_at at = {.sha256 = folder->report.sha256, .number = number};
    int r = nta_list_history_line(folder->history, &at, &out, NULL, &err);

    (void)snprintf(text, 64, "%.*s", (int)out.len, out.len ? (const char *)out.ptr : "");
    assert_true((r < 0) == (err.text[0] != '\0'));
    return r;
}

static void trees_are_those_of_the_rfc(void **state)
{
    struct folder folder;

    (void)state;
    folder_open(&folder);
    assert_lines(&folder, "", false, 0,
                 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_lines(&folder, "a", false, 1,
                 "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c");
    assert_lines(&folder, "a\n", false, 1,
                 "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c");
    assert_lines(&folder, "a\nb\nc\n", false, 3, TREE_OF_3);
    assert_lines(&folder, "a\nb\nc\nd\ne\n\ng", false, 7, TREE_OF_7);
    assert_lines(&folder, "a\nb\nc\nd\ne\n\ng", true, 7, TREE_OF_7);
    folder_close(&folder);
}

/** RFC 9162 section 2.1.3.2. */
static bool is_in_tree(uint64_t index, uint64_t n, const struct nta_buf *line,
                       const struct nta_buf *path, const uint8_t tree[32])
{
    uint8_t node[1 + 64] = {0}, hash[32];
    uint64_t last = n - 1;

    assert_true(line->len < 64);
    memcpy(node + 1, line->ptr, line->len);
    assert_int_equal(nta_sha256_of((struct nta_span){node, 1 + line->len}, hash), 0);
    for (size_t i = 0; i < path->len; i += 32) {
        const bool is_right = index & 1 || index == last;

        node[0] = 1;
        memcpy(node + 1, is_right ? path->ptr + i : hash, 32);
        memcpy(node + 33, is_right ? hash : path->ptr + i, 32);
        assert_int_equal(nta_sha256_of((struct nta_span){node, sizeof(node)}, hash), 0);
        for (; is_right && index && !(index & 1); index >>= 1)
            last >>= 1;
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(hash, tree, 32) == 0;
}

static void each_line_has_its_path(void **state)
{
    struct nta_list_lines lines;
    struct nta_err err = {0};
    struct folder folder;
    char text[4 * 40];

    (void)state;
    folder_open(&folder);
    for (uint64_t n = 1; n <= 33; n++) {
        (void)snprintf(text + 4 * (n - 1), 5, "%03u\n", (unsigned)n);
        write_list(&folder, text, 4 * n, false);
        assert_int_equal(nta_list_history_keep(folder.history, &folder.report, &lines, &err), 0);
        for (uint64_t number = 1; number <= n; number++) {
            NTA_AUTO(nta_buf_done) struct nta_buf line = {0}, path = {0};
            const struct nta_list_line_at at = {.sha256 = folder.report.sha256, .number = number};

            assert_int_equal(nta_list_history_line(folder.history, &at, &line, &path, &err), 0);
            assert_int_equal(line.len, 3);
            assert_true(is_in_tree(number - 1, n, &line, &path, lines.tree));
        }
    }
    folder_close(&folder);
}

static void a_line_is_found_until_its_list_is_removed(void **state)
{
    struct folder folder;
    struct nta_err err = {0};
    char text[64];
    uint8_t in_force[32], other[32] = {1};

    (void)state;
    folder_open(&folder);
    assert_int_equal(line(&folder, 1, text), -ENOENT);
    assert_lines(&folder, "one.example\n\nthree.example\r\n", true, 3, TREE_OF_LIST);
    assert_int_equal(line(&folder, 1, text), 0);
    assert_string_equal(text, "one.example");
    assert_int_equal(line(&folder, 2, text), 0);
    assert_string_equal(text, "");
    assert_int_equal(line(&folder, 3, text), 0);
    assert_string_equal(text, "three.example\r");
    assert_int_equal(line(&folder, 4, text), -ERANGE);
    assert_int_equal(line(&folder, 0, text), -ERANGE);
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    const struct nta_list_line_at at = {.sha256 = folder.report.sha256, .tree = other, .number = 1};

    assert_int_equal(nta_list_history_line(folder.history, &at, &out, NULL, &err),
                     -EBADMSG); /* not the tree that was in force */
    assert_int_equal(out.len, 0);
    memcpy(in_force, folder.report.sha256, 32);
    assert_int_equal(nta_list_history_trim(folder.history, in_force, 1, 0, &err), 0);
    assert_int_equal(line(&folder, 1, text), 0); /* in force: it stays */
    assert_int_equal(nta_list_history_trim(folder.history, NULL, 0, 0, &err), 0);
    assert_int_equal(line(&folder, 1, text), -ENOENT);
    folder_close(&folder);
}

/** Give what is kept of the list an age, and gives its bytes. */
static uint64_t set_age(const struct folder *folder, time_t seconds)
{
    char hex[NTA_HEX_SIZE(32)], path[512];
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    struct dirent **names;
    struct stat st = {0};
    int n = scandir(folder->history, &names, NULL, NULL);

    assert_true(n > 0);
    (void)nta_hex_text(folder->report.sha256, 32, hex);
    for (int i = 0; i < n; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder->history, names[i]->d_name);
        if (strncmp(names[i]->d_name, hex, 64) == 0) {
            assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
            assert_int_equal(stat(path, &st), 0);
        }
        free(names[i]);
    }
    free(names);
    return (uint64_t)st.st_size;
}

/** Where no list was ever compiled, the folder that it lies in is not there either. */
static void the_folder_of_its_folder_is_made(void **state)
{
    struct folder folder;

    (void)state;
    folder_open(&folder);
    (void)snprintf(folder.history, sizeof(folder.history), "%s/lists/history", folder.dir);
    assert_lines(&folder, "a\nb\nc\n", false, 3, TREE_OF_3);
    folder_close(&folder);
}

static void the_oldest_goes_first(void **state)
{
    struct folder folder;
    struct nta_list_lines lines;
    struct nta_err err = {0};
    uint8_t hashes[3][32];
    uint64_t bytes[3];
    char text[64];

    (void)state;
    folder_open(&folder);
    for (int i = 0; i < 3; i++) {
        const char name[] = {(char)('a' + i), '\n', 0};

        write_list(&folder, name, 2, false);
        assert_int_equal(nta_list_history_keep(folder.history, &folder.report, &lines, &err), 0);
        memcpy(hashes[i], folder.report.sha256, 32);
        bytes[i] = set_age(&folder, i == 0 ? 3000 : 1000 * i); /* in order: 1, 2, 0 */
    }
    assert_int_equal(nta_list_history_trim(folder.history, NULL, 0, bytes[0] + bytes[2], &err), 0);
    static const int expected[] = {0, -ENOENT, 0};

    for (int i = 0; i < 3; i++) {
        memcpy(folder.report.sha256, hashes[i], 32);
        assert_int_equal(line(&folder, 1, text), expected[i]);
    }
    folder_close(&folder);
}

static void texts_that_somebody_removed_are_missed_once(void **state)
{
    struct folder folder;
    struct nta_list_lines lines;
    struct nta_err err = {0};
    char command[256];

    (void)state;
    folder_open(&folder);
    assert_int_equal(nta_list_history_missing(folder.history), 0); /* nothing was ever kept */
    for (int i = 0; i < 3; i++) {
        const char name[] = {(char)('a' + i), '\n', 0};

        write_list(&folder, name, 2, false);
        assert_int_equal(nta_list_history_keep(folder.history, &folder.report, &lines, &err), 0);
        assert_int_equal(nta_list_history_trim(folder.history, NULL, 0, 1 << 20, &err), 0);
        assert_int_equal(nta_list_history_missing(folder.history), 0);
    }
    (void)set_age(&folder, 5000); /* the newest stays */
    assert_int_equal(nta_list_history_trim(folder.history, NULL, 0, 20, &err), 0);
    assert_int_equal(nta_list_history_missing(folder.history), 0); /* we removed them */
    write_list(&folder, "x\n", 2, false);
    assert_int_equal(nta_list_history_keep(folder.history, &folder.report, &lines, &err), 0);
    assert_int_equal(nta_list_history_trim(folder.history, NULL, 0, 1 << 20, &err), 0);
    (void)snprintf(command, sizeof(command), "rm -r '%s'", folder.history);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): ours */
    assert_true(nta_list_history_missing(folder.history) > 0);
    assert_int_equal(nta_list_history_keep(folder.history, &folder.report, &lines, &err), 0);
    assert_int_equal(nta_list_history_trim(folder.history, NULL, 0, 1 << 20, &err), 0);
    assert_int_equal(nta_list_history_missing(folder.history), 0); /* was said */
    folder_close(&folder);
}

static void what_is_not_what_was_loaded_is_not_kept(void **state)
{
    struct folder folder;
    struct nta_list_lines lines;
    struct nta_err err = {0};
    char text[64];

    (void)state;
    folder_open(&folder);
    write_list(&folder, "a\n", 2, false);
    folder.report.sha256[0] ^= 1;
    assert_int_equal(nta_list_history_keep(folder.history, &folder.report, &lines, &err), -EAGAIN);
    assert_int_equal(line(&folder, 1, text), -ENOENT);
    folder.report.path = folder.dir; /* no file */
    assert_true(nta_list_history_keep(folder.history, &folder.report, &lines, &err) < 0);
    folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_those_of_the_rfc),
        cmocka_unit_test(each_line_has_its_path),
        cmocka_unit_test(a_line_is_found_until_its_list_is_removed),
        cmocka_unit_test(the_folder_of_its_folder_is_made),
        cmocka_unit_test(the_oldest_goes_first),
        cmocka_unit_test(texts_that_somebody_removed_are_missed_once),
        cmocka_unit_test(what_is_not_what_was_loaded_is_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
