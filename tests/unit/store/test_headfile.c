/* SPDX-License-Identifier: Apache-2.0 */

/* What the sensor remembers of its chain beside the store: written, read, and refused. */

#include "base/own.h"
#include "store/headfile.h"
#include "unit.h"
#include "vault/vault_kit.h"

#include <errno.h>

/** A folder of keys with a sealer, whose journal would be beside them. */
struct scene
{
    struct vault_kit kit;
    char store[120], file[120];
    uint8_t sensor[NTA_SENSOR_ID_LEN], checkpoint_key[NTA_KEY_LEN];
    struct nta_err err;
};

/** The checkpoint key, as the note of the first batch has it. */
static void find_checkpoint_key(struct scene *scene)
{
    struct nta_sealed sealed;
    struct nta_header header;
    struct nta_wrapped_key key;
    struct nta_note note;
    bool is_found = false;

    nta_sealer_first(scene->kit.sealer, &sealed, &header, &key);
    for (size_t i = 0; nta_header_note(&header, i, &note); i++) {
        if (note.kind != NTA_HEADER_NOTE_CHECKPOINT_KEY)
            continue;
        memcpy(scene->checkpoint_key, note.key, sizeof(note.key));
        is_found = true;
    }
    assert_true(is_found);
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    bool made = false;

    assert_non_null(scene);
    scene->kit = kit_empty();
    assert_int_equal(kit_init(&scene->kit, &made), 0);
    assert_int_equal(kit_sealer(&scene->kit, &scene->kit.sealer), 0);
    nta_sealer_get_sensor(scene->kit.sealer, scene->sensor);
    find_checkpoint_key(scene);
    (void)snprintf(scene->store, sizeof(scene->store), "%s/journal.db", scene->kit.dir);
    (void)snprintf(scene->file, sizeof(scene->file), "%s/journal.state", scene->kit.dir);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    kit_done(&scene->kit);
    free(scene);
    return 0;
}

/** A chain of `n` batches with made-up links. */
static struct nta_headfile make_file(uint64_t n)
{
    struct nta_headfile file = {.acked = n / 2, .kept = n / 3};
    struct nta_log_tree tree = {.n = 0};

    for (uint64_t i = 1; i <= n; i++) {
        file.place.n_frontier = nta_log_frontier(&tree, file.place.frontier);
        memset(file.place.head.hash, (int)(i % 251), sizeof(file.place.head.hash));
        nta_log_add(&tree, file.place.head.hash);
    }
    file.place.head.number = n;
    memset(file.signing, 0xab, sizeof(file.signing));
    return file;
}

static void expect_same(const struct nta_headfile *a, const struct nta_headfile *b)
{
    assert_int_equal(a->place.head.number, b->place.head.number);
    assert_memory_equal(a->place.head.hash, b->place.head.hash, NTA_HASH_LEN);
    assert_int_equal(a->place.n_frontier, b->place.n_frontier);
    assert_memory_equal(a->place.frontier, b->place.frontier, a->place.n_frontier);
    assert_memory_equal(a->signing, b->signing, NTA_KEY_LEN);
    assert_int_equal(a->acked, b->acked);
    assert_int_equal(a->kept, b->kept);
}

static const uint8_t *find_key(const void *owner, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct scene *scene = owner;

    return memcmp(sensor, scene->sensor, NTA_SENSOR_ID_LEN) == 0 ? scene->checkpoint_key : NULL;
}

static const uint8_t *find_none(const void *owner, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    (void)owner;
    (void)sensor;
    return NULL;
}

static void what_is_written_is_read_by_sealer_and_by_public_key(void **state)
{
    static const uint64_t numbers[] = {1, 2, 3, 4, 5, 8, 1000, 1023};
    struct scene *scene = *state;

    for (size_t i = 0; i < NTA_N_ELEMENTS(numbers); i++) {
        struct nta_headfile file = make_file(numbers[i]), found;
        struct nta_headfile_seen seen;
        struct nta_log_tree tree = {0};
        uint8_t root[NTA_HASH_LEN];

        assert_int_equal(nta_headfile_write(scene->store, scene->kit.sealer, &file, &scene->err),
                         0);
        assert_int_equal(nta_headfile_read(scene->store, scene->kit.sealer, &found, &scene->err),
                         0);
        expect_same(&file, &found);
        assert_int_equal(nta_headfile_check(scene->store, find_key, scene, &seen, &scene->err), 0);
        expect_same(&file, &seen.file);
        assert_memory_equal(seen.sensor, scene->sensor, sizeof(seen.sensor));
        assert_true(nta_log_from_frontier(
            numbers[i] - 1, (struct nta_span){file.place.frontier, file.place.n_frontier}, &tree));
        nta_log_add(&tree, file.place.head.hash);
        nta_log_root(&tree, root);
        assert_memory_equal(seen.root, root, sizeof(root));
        assert_int_equal(nta_headfile_check(scene->store, find_none, NULL, &seen, &scene->err),
                         -EBADMSG);
    }
}

static void what_is_no_place_of_a_chain_is_not_written(void **state)
{
    struct scene *scene = *state;
    struct nta_headfile file = make_file(6);

    file.place.n_frontier -= NTA_HASH_LEN;
    assert_int_equal(nta_headfile_write(scene->store, scene->kit.sealer, &file, &scene->err),
                     -EINVAL);
    file = (struct nta_headfile){.acked = 0};
    assert_int_equal(nta_headfile_write(scene->store, scene->kit.sealer, &file, &scene->err),
                     -EINVAL);
    assert_int_equal(nta_headfile_read(scene->store, scene->kit.sealer, &file, &scene->err),
                     -ENOENT);
}

static size_t read_bytes(const char *path, uint8_t *bytes, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, bytes, size);

    (void)close(fd);
    assert_true(n > 0 && (size_t)n < size);
    return (size_t)n;
}

static void write_bytes(const char *path, const uint8_t *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    (void)close(fd);
}

static void no_byte_of_it_can_be_another(void **state)
{
    struct scene *scene = *state;
    struct nta_headfile file = make_file(7), found;
    struct nta_headfile_seen seen;
    uint8_t bytes[4096], changed[4096];

    assert_int_equal(nta_headfile_write(scene->store, scene->kit.sealer, &file, &scene->err), 0);
    size_t len = read_bytes(scene->file, bytes, sizeof(bytes));

    for (size_t at = 0; at < len; at++) {
        memcpy(changed, bytes, len);
        changed[at] ^= 0x20; /* which makes capitals, too */
        write_bytes(scene->file, changed, len);
        assert_int_equal(nta_headfile_read(scene->store, scene->kit.sealer, &found, &scene->err),
                         -EBADMSG);
        assert_int_equal(nta_headfile_check(scene->store, find_key, scene, &seen, &scene->err),
                         -EBADMSG);
        write_bytes(scene->file, bytes, at);
        assert_int_equal(nta_headfile_read(scene->store, scene->kit.sealer, &found, &scene->err),
                         -EBADMSG);
    }
}

/** Signed by the sensor, with other lines behind the hash. */
static void lines_that_do_not_fit_are_refused_though_signed(void **state)
{
    static const char *const lines[] = {
        "",
        "link 00\n",
        "link %s\nsigning %s\nfrontier \nacknowledged 0\nkept 00\n",
        "link %s\nsigning %s\nfrontier \nacknowledged -1\nkept 0\n",
        "link %s\nsigning %s\nfrontier \nacknowledged 99999999999999999999\nkept 0\n",
        "link %s\nsigning %s\nfrontier 0\nacknowledged 0\nkept 0\n",
        "link %s\nsigning %s\nfrontier %s\nacknowledged 0\nkept 0\n",
        "link %s\nsigning %s\nfrontier \nacknowledged 0\nkept 0\nmore\n",
        "signing %s\nlink %s\nfrontier \nacknowledged 0\nkept 0\n",
        "link %s\nsigning %s\nfrontier \nacknowledged 0\nkept 0\n", /* the tree is another */
    };
    const char *digits = "0101010101010101010101010101010101010101010101010101010101010101";
    struct scene *scene = *state;
    struct nta_headfile found;
    struct nta_log_tree tree = {0};
    const uint8_t link[NTA_HASH_LEN] = {2}; /* which no line names */

    nta_log_add(&tree, link);
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf extra = {0};
        NTA_AUTO(nta_buf_done) struct nta_buf note = {0};

        for (const char *pos = lines[i]; *pos; pos++) {
            if (*pos == '%')
                nta_buf_puts(&extra, digits);
            else if (*pos != 's' || pos == lines[i] || pos[-1] != '%')
                nta_buf_put_u8(&extra, (uint8_t)*pos);
        }
        assert_int_equal(
            nta_sealer_put_checkpoint(scene->kit.sealer, &tree, nta_buf_span(&extra), &note), 0);
        write_bytes(scene->file, note.ptr, note.len);
        assert_int_equal(nta_headfile_read(scene->store, scene->kit.sealer, &found, &scene->err),
                         -EBADMSG);
    }
}

static void a_copy_of_its_text_goes_beside_a_store_that_has_none(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct scene *scene = *state;
    struct nta_headfile file = make_file(5);
    struct nta_headfile_seen seen;

    assert_int_equal(nta_headfile_copy(scene->store, &text, &scene->err), -ENOENT);
    assert_int_equal(nta_headfile_write(scene->store, scene->kit.sealer, &file, &scene->err), 0);
    assert_int_equal(nta_headfile_copy(scene->store, &text, &scene->err), 0);
    assert_int_equal(
        nta_headfile_paste(scene->store, nta_buf_span(&text), find_key, scene, &scene->err),
        -EEXIST);
    assert_int_equal(unlink(scene->file), 0);
    assert_int_equal(
        nta_headfile_paste(scene->store, nta_buf_span(&text), find_none, NULL, &scene->err),
        -EBADMSG);
    text.ptr[text.len / 2] ^= 1;
    assert_int_equal(
        nta_headfile_paste(scene->store, nta_buf_span(&text), find_key, scene, &scene->err),
        -EBADMSG);
    assert_int_equal(access(scene->file, F_OK), -1);
    text.ptr[text.len / 2] ^= 1;
    assert_int_equal(
        nta_headfile_paste(scene->store, nta_buf_span(&text), find_key, scene, &scene->err), 0);
    assert_int_equal(nta_headfile_check(scene->store, find_key, scene, &seen, &scene->err), 0);
    expect_same(&file, &seen.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_is_written_is_read_by_sealer_and_by_public_key),
        TEST(what_is_no_place_of_a_chain_is_not_written),
        TEST(no_byte_of_it_can_be_another),
        TEST(lines_that_do_not_fit_are_refused_though_signed),
        TEST(a_copy_of_its_text_goes_beside_a_store_that_has_none),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
