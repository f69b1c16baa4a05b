/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka needs the ones above first */
#include <cmocka.h>

/** A folder and what each test uses. */
struct scene
{
    char folder[64];
    char path[96];
    struct nta_store *store;
    struct sample sample;
    struct sample_seen seen;
    struct nta_err err;
};

static const uint8_t sensor_one[NTA_SENSOR_ID_LEN] = {1, 1, 1, 1, 1, 1, 1, 1,
                                                      1, 1, 1, 1, 1, 1, 1, 1};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    if (!scene)
        return -1;
    (void)snprintf(scene->folder, sizeof(scene->folder), "/tmp/nta-store-XXXXXX");
    if (!mkdtemp(scene->folder))
        return -1;
    (void)snprintf(scene->path, sizeof(scene->path), "%s/journal.db", scene->folder);
    *state = scene;
    return nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err);
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    DIR *folder = opendir(scene->folder);
    const struct dirent *entry;

    nta_store_close(&scene->store);
    while (folder && (entry = readdir(folder)))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        (void)closedir(folder);
    (void)rmdir(scene->folder);
    free(scene);
    return 0;
}

static int put(struct scene *scene, const struct sample_plan *plan)
{
    sample_make(&scene->sample, plan, plan->number == 1 ? NULL : scene->sample.hash);
    return nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err);
}

static void put_some(struct scene *scene, uint64_t from, uint64_t to, size_t body_len)
{
    for (uint64_t i = from; i <= to; i++)
        assert_int_equal(
            put(scene, &(struct sample_plan){.sensor = 1, .number = i, .body_len = body_len}), 0);
}

static void collect(struct scene *scene, const struct nta_store_query *query)
{
    scene->seen = (struct sample_seen){0};
    assert_int_equal(nta_store_each(scene->store, query, sample_collect, &scene->seen, &scene->err),
                     0);
}

static void what_is_put_comes_back(void **state)
{
    struct scene *scene = *state;
    struct nta_store_query query = {0};

    put_some(scene, 1, 20, 100000);
    collect(scene, &query);
    assert_int_equal(scene->seen.n, 20);
    assert_true(scene->seen.is_chain);
    assert_int_equal(scene->seen.first, 1);
    assert_int_equal(scene->seen.body_bytes, 20 * 100000);
    query.no_body = true;
    collect(scene, &query);
    assert_int_equal(scene->seen.n, 20);
    assert_int_equal(scene->seen.body_bytes, 0);
}

static int compare_with_sample(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    const struct sample *sample = owner;
    const struct nta_sealed *a = &sample->stored.sealed, *b = &batch->sealed;

    (void)err;
    assert_false(batch->altered);
    assert_int_equal(batch->header.number, sample->stored.header.number);
    assert_int_equal(batch->header.first_ns, sample->stored.header.first_ns);
    assert_int_equal(batch->header.last_ns, sample->stored.header.last_ns);
    assert_int_equal(batch->header.n_records, sample->stored.header.n_records);
    assert_memory_equal(batch->header.sensor, sample->stored.header.sensor, NTA_SENSOR_ID_LEN);
    assert_memory_equal(batch->header.root, sample->stored.header.root, NTA_HASH_LEN);
    assert_int_equal(a->header.len, b->header.len);
    assert_int_equal(a->signature.len, b->signature.len);
    assert_int_equal(a->tokens.len, b->tokens.len);
    assert_int_equal(a->body.len, b->body.len);
    assert_memory_equal(a->header.ptr, b->header.ptr, a->header.len);
    assert_memory_equal(a->signature.ptr, b->signature.ptr, a->signature.len);
    assert_memory_equal(a->tokens.ptr, b->tokens.ptr, a->tokens.len);
    assert_memory_equal(a->body.ptr, b->body.ptr, a->body.len);
    return 7;
}

static void every_byte_of_a_batch_comes_back(void **state)
{
    struct scene *scene = *state;
    struct nta_store_query query = {0};

    put_some(scene, 1, 1, 300001);
    assert_int_equal(
        nta_store_each(scene->store, &query, compare_with_sample, &scene->sample, &scene->err), 7);
}

static void a_header_that_is_not_what_the_row_says_is_marked(void **state)
{
    struct scene *scene = *state;
    static struct sample other;

    put_some(scene, 1, 4, 100);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 5, .body_len = 10},
                NULL);
    sample_make(&other, &(struct sample_plan){.sensor = 1, .number = 9, .body_len = 10}, NULL);
    scene->sample.stored.sealed.header = other.stored.sealed.header;
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 6, .body_len = 10},
                NULL);
    scene->sample.header[0] ^= 0x80; /* no CBOR array any more */
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 6);
    assert_int_equal(scene->seen.n_altered, 2);
    assert_int_equal(scene->seen.numbers[4], 9);
    assert_int_equal(scene->seen.numbers[5], 6); /* from the row */
    assert_int_equal(scene->seen.sensors[5], 1);
}

static void the_same_batch_again_is_no_error(void **state)
{
    struct scene *scene = *state;
    struct sample_plan plan = {.sensor = 1, .number = 1, .body_len = 5000};
    struct nta_store_size size;

    assert_int_equal(put(scene, &plan), 0);
    assert_int_equal(put(scene, &plan), 0);
    assert_int_equal(nta_store_measure(scene->store, &size, &scene->err), 0);
    assert_int_equal(size.n_batches, 1);
    assert_int_equal(size.n_records, 4096);
    assert_int_equal(size.bytes, 5000 + scene->sample.stored.sealed.header.len + NTA_SIGNATURE_LEN +
                                     SAMPLE_TOKENS * NTA_TOKEN_LEN);
    assert_int_equal(size.oldest_ns, scene->sample.stored.header.first_ns);
}

static void another_batch_with_the_same_key_is_refused_and_nothing_of_the_call_is_kept(void **state)
{
    struct scene *scene = *state;
    static struct sample samples[2];
    struct nta_stored both[2];
    uint64_t number = 0;
    uint8_t hash[NTA_HASH_LEN];

    put_some(scene, 1, 1, 500);
    sample_make(&samples[0], &(struct sample_plan){.sensor = 1, .number = 2, .body_len = 10}, NULL);
    sample_make(&samples[1],
                &(struct sample_plan){.sensor = 1, .number = 1, .body_len = 10, .salt = 5}, NULL);
    both[0] = samples[0].stored;
    both[1] = samples[1].stored;
    assert_int_equal(nta_store_put_batches(scene->store, both, 2, &scene->err), -EEXIST);
    assert_non_null(strstr(scene->err.text, "another batch 1 of sensor 0101"));
    assert_int_equal(nta_store_last(scene->store, sensor_one, &number, hash, &scene->err), 0);
    assert_int_equal(number, 1);
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 1);
}

static void the_last_batch_is_known_after_all_were_forgotten(void **state)
{
    struct scene *scene = *state;
    struct nta_store_size size;
    uint64_t number = 99;
    uint8_t hash[NTA_HASH_LEN];

    assert_int_equal(nta_store_last(scene->store, sensor_one, &number, hash, &scene->err), 0);
    assert_int_equal(number, 0);
    put_some(scene, 1, 300, 3000);
    assert_int_equal(nta_store_forget(scene->store, sensor_one, 290, &scene->err), 0);
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 10);
    assert_int_equal(scene->seen.first, 291);
    assert_int_equal(nta_store_forget(scene->store, sensor_one, UINT64_MAX, &scene->err), 0);
    assert_int_equal(nta_store_measure(scene->store, &size, &scene->err), 0);
    assert_int_equal(size.n_batches, 0);
    assert_int_equal(size.oldest_ns, 0);
    assert_int_equal(nta_store_last(scene->store, sensor_one, &number, hash, &scene->err), 0);
    assert_int_equal(number, 300);
    assert_memory_equal(hash, scene->sample.hash, NTA_HASH_LEN);
}

static void forgetting_gives_room_back(void **state)
{
    struct scene *scene = *state;
    struct stat before, after;

    put_some(scene, 1, 500, 300000);
    nta_store_close(&scene->store);
    assert_int_equal(stat(scene->path, &before), 0);
    assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), 0);
    for (uint64_t i = 32; i <= 512; i += 32)
        assert_int_equal(nta_store_forget(scene->store, sensor_one, i, &scene->err), 0);
    nta_store_close(&scene->store);
    assert_int_equal(stat(scene->path, &after), 0);
    assert_true(before.st_size > 140 * 1024 * 1024);
    assert_true(after.st_size < 80 * 1024 * 1024);
}

static void order_is_by_sensor_and_number_whatever_the_days(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = 1; i <= 60; i++) {
        for (uint8_t sensor = 3; sensor > 0; sensor--) {
            struct sample_plan plan = {.sensor = sensor, .number = i, .body_len = 10};

            /* capture files of three days, read in turns of different length */
            plan.first_ns = SAMPLE_START_NS -
                            (int64_t)(i / (1 + sensor * UINT64_C(2)) % 3) * SAMPLE_DAY_NS +
                            (int64_t)i;
            assert_int_equal(put(scene, &plan), 0);
        }
    }
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 180);
    for (uint64_t i = 0; i < 180; i++) {
        assert_int_equal(scene->seen.numbers[i], i % 60 + 1);
        assert_int_equal(scene->seen.sensors[i], i / 60 + 1);
    }
    collect(scene, &(struct nta_store_query){.sensor = sensor_one, .from_number = 41});
    assert_int_equal(scene->seen.n, 20);
    assert_int_equal(scene->seen.first, 41);
}

static void times_before_1970_have_their_day(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(
        put(scene, &(struct sample_plan){.sensor = 1, .number = 1, .first_ns = -1, .body_len = 10}),
        0);
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 1);
}

static void time_filter_gives_the_batches_that_overlap(void **state)
{
    struct scene *scene = *state;
    struct nta_store_query query;

    put_some(scene, 1, 100, 100); /* number n: [start + 2n s, start + 2n+1 s] */
    query = (struct nta_store_query){.since_ns = SAMPLE_START_NS + 21 * NTA_NS_PER_S,
                                     .until_ns = SAMPLE_START_NS + 40 * NTA_NS_PER_S};
    collect(scene, &query);
    assert_int_equal(scene->seen.first, 10);
    assert_int_equal(scene->seen.last, 20);
    assert_int_equal(scene->seen.n, 11);
    query = (struct nta_store_query){.until_ns = SAMPLE_START_NS - SAMPLE_DAY_NS};
    collect(scene, &query);
    assert_int_equal(scene->seen.n, 0);
}

static void token_filter_wants_all_of_them(void **state)
{
    struct scene *scene = *state;
    uint8_t tokens[2][NTA_TOKEN_LEN];
    struct nta_store_query query = {.tokens = (const uint8_t(*)[NTA_TOKEN_LEN])tokens,
                                    .n_tokens = 1};

    put_some(scene, 1, 50, 2000);
    sample_token(17, tokens[0]);
    sample_token(18, tokens[1]);
    collect(scene, &query);
    assert_int_equal(scene->seen.n, 1);
    assert_int_equal(scene->seen.first, 17);
    assert_int_equal(scene->seen.body_bytes, 2000);
    query.n_tokens = 2;
    collect(scene, &query);
    assert_int_equal(scene->seen.n, 0);
}

static int take_key(void *owner, const struct nta_wrapped_key *key, struct nta_err *err)
{
    struct sample_seen *seen = owner;

    (void)err;
    seen->numbers[seen->n] = key->id[0];
    seen->body_bytes += key->blob.len;
    seen->n++;
    return key->id[0] == 9 ? -EPIPE : 0;
}

static void keys_are_kept_once(void **state)
{
    struct scene *scene = *state;
    static const uint8_t blob[700] = {1, 2, 3};
    struct nta_wrapped_key key = {.blob = {blob, sizeof(blob)}};

    for (uint8_t i = 1; i <= 4; i++) {
        key.id[0] = i / 2;
        key.made_ns = 1000 - i;
        assert_int_equal(nta_store_put_key(scene->store, &key, &scene->err), 0);
    }
    assert_int_equal(nta_store_each_key(scene->store, take_key, &scene->seen, &scene->err), 0);
    assert_int_equal(scene->seen.n, 3);
    assert_int_equal(scene->seen.body_bytes, 3 * sizeof(blob));
    assert_int_equal(scene->seen.numbers[0], 2); /* oldest first */
}

static void readers_see_what_the_running_writer_commits(void **state)
{
    struct scene *scene = *state;
    struct nta_store *reader = NULL, *writer = scene->store;

    put_some(scene, 1, 3, 1000);
    assert_int_equal(nta_store_open_sqlite(scene->path, false, &reader, &scene->err), 0);
    scene->store = reader;
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 3);
    scene->store = writer;
    put_some(scene, 4, 5, 1000);
    scene->store = reader;
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 5);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 6}, NULL);
    assert_int_equal(nta_store_put_batches(reader, &scene->sample.stored, 1, &scene->err), -EROFS);
    nta_store_close(&reader);
    scene->store = writer;
    put_some(scene, 6, 6, 1000);
}

/** Put a batch while the walk stands inside the reader's call. */
static int write_beside(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct scene *scene = owner;

    (void)err;
    if (batch->header.number == 1)
        put_some(scene, 3, 3, 1000);
    return nta_store_forget(scene->store, sensor_one, batch->header.number, err);
}

static void a_walk_locks_nothing(void **state)
{
    struct scene *scene = *state;

    put_some(scene, 1, 2, 1000);
    assert_int_equal(nta_store_each(scene->store, &(struct nta_store_query){0}, write_beside, scene,
                                    &scene->err),
                     0);
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 1);
    assert_int_equal(scene->seen.first, 3);
}

static void a_store_that_is_not_there_is_said(void **state)
{
    struct scene *scene = *state;
    struct nta_store *store = NULL;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/none\n.db", scene->folder);
    assert_int_equal(nta_store_open_sqlite(path, false, &store, &scene->err), -ENOENT);
    assert_non_null(strstr(scene->err.text, "none\\x0a.db"));
    assert_null(store);
    (void)snprintf(path, sizeof(path), "%s/none/x.db", scene->folder);
    assert_int_equal(nta_store_open_sqlite(path, true, &store, &scene->err), -ENOENT);
}

static void overwrite(const char *path, long offset, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, offset), (ssize_t)len);
    assert_int_equal(close(fd), 0);
}

static void a_newer_store_is_refused_and_a_foreign_file_too(void **state)
{
    struct scene *scene = *state;
    static const uint8_t version[4] = {0, 0, 0, 9}, application[4] = {1, 2, 3, 4};
    static const char text[] = "This is a letter to my aunt.\nIt is longer than a header, and as "
                               "such it cannot be a database, whoever looks at it.\n";

    put_some(scene, 1, 1, 10);
    nta_store_close(&scene->store);
    overwrite(scene->path, 60, version, sizeof(version)); /* user_version, SQLite format 1.3.13 */
    for (int create = 0; create < 2; create++) {
        assert_int_equal(nta_store_open_sqlite(scene->path, create, &scene->store, &scene->err),
                         -EPROTO);
        assert_non_null(strstr(scene->err.text, "newer NTA (its form is 9"));
    }
    overwrite(scene->path, 68, application, sizeof(application));
    assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), -EPROTO);
    assert_non_null(strstr(scene->err.text, "another program's database"));
    overwrite(scene->path, 0, text, sizeof(text));
    assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), -EPROTO);
    assert_non_null(strstr(scene->err.text, "not an SQLite file"));
}

static void others_cannot_read_the_file(void **state)
{
    struct scene *scene = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};

    put_some(scene, 1, 1, 10);
    for (size_t i = 0; i < NTA_N_ELEMENTS(ends); i++) {
        struct stat status;
        char path[128];

        (void)snprintf(path, sizeof(path), "%s%s", scene->path, ends[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0137, 0);
    }
}

static void a_copy_without_its_log_is_readable_where_nothing_can_be_written(void **state)
{
    struct scene *scene = *state;
    char path[128], copy[160];

    put_some(scene, 1, 3, 1000);
    nta_store_close(&scene->store);
    (void)snprintf(path, sizeof(path), "%s/a%%b?c#d.db", scene->folder);
    assert_int_equal(rename(scene->path, path), 0);
    (void)snprintf(copy, sizeof(copy), "%s-shm", scene->path);
    (void)unlink(copy);
    (void)snprintf(copy, sizeof(copy), "%s-wal", scene->path);
    (void)unlink(copy);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(scene->folder, 0555), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(65534), 0);
    if (nta_store_open_sqlite(path, false, &scene->store, &scene->err) == 0)
        collect(scene, &(struct nta_store_query){0});
    if (geteuid() == 65534)
        assert_int_equal(seteuid(0), 0);
    (void)chmod(scene->folder, 0755);
    assert_string_equal(scene->err.text, "");
    assert_int_equal(scene->seen.n, 3);
}

/** The child: one commit after another, each told on the pipe only when it is durable. */
static void write_until_killed(const char *path, int out)
{
    static struct sample sample;
    struct nta_store *store = NULL;
    struct nta_err err;

    if (nta_store_open_sqlite(path, true, &store, &err) < 0)
        _exit(1);
    for (uint64_t i = 1;; i++) {
        sample_make(&sample, &(struct sample_plan){.sensor = 1, .number = i, .body_len = 150000},
                    i == 1 ? NULL : sample.hash);
        if (nta_store_put_batches(store, &sample.stored, 1, &err) < 0 ||
            write(out, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
}

static void all_that_was_committed_survives_a_kill(void **state)
{
    struct scene *scene = *state;

    for (unsigned round = 0; round < 8; round++) {
        int ends[2], status;
        uint64_t number = 0, committed = 0, last;
        uint8_t hash[NTA_HASH_LEN];
        pid_t child;

        nta_store_close(&scene->store);
        (void)unlink(scene->path);
        assert_int_equal(pipe(ends), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(scene->path, ends[1]);
        (void)close(ends[1]);
        while (number < 20 + round * 7)
            assert_int_equal(read(ends[0], &number, sizeof(number)), sizeof(number));
        (void)usleep(300 * round);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        committed = number;
        while (read(ends[0], &number, sizeof(number)) == sizeof(number))
            committed = number;
        (void)close(ends[0]);
        assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), 0);
        collect(scene, &(struct nta_store_query){0});
        assert_true(scene->seen.is_chain);
        assert_int_equal(scene->seen.first, 1);
        assert_true(scene->seen.n == committed || scene->seen.n == committed + 1);
        assert_int_equal(nta_store_last(scene->store, sensor_one, &last, hash, &scene->err), 0);
        assert_int_equal(last, scene->seen.n);
        assert_memory_equal(hash, scene->seen.hash, NTA_HASH_LEN);
    }
}

static void a_full_disk_is_said_and_writing_goes_on_when_there_is_room(void **state)
{
    struct scene *scene = *state;
    struct rlimit old, small;
    uint64_t number = 0;
    int result = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 8 * 1024 * 1024, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    while (result == 0 && number < 200)
        result =
            put(scene, &(struct sample_plan){.sensor = 1, .number = ++number, .body_len = 200000});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(result, -ENOSPC);
    assert_non_null(strstr(scene->err.text, "no room left"));
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, number - 1);
    assert_true(scene->seen.is_chain);
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    put_some(scene, number + 1, number + 5, 200000);
    collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, number + 5);
    assert_true(scene->seen.is_chain);
}

/** In the child, which has a mount namespace of its own: fill a small file system, make room, go on. */
static int fill_file_system(struct scene *scene)
{
    uint64_t number = 0;
    int result = 0;

    nta_store_close(&scene->store);
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", scene->folder, "tmpfs", 0, "size=6m") < 0)
        return 77;
    if (nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err) < 0)
        return 1;
    while (result == 0 && number < 100)
        result =
            put(scene, &(struct sample_plan){.sensor = 1, .number = ++number, .body_len = 100000});
    if (result != -ENOSPC || !strstr(scene->err.text, "no room left"))
        return 2;
    if (mount(NULL, scene->folder, NULL, MS_REMOUNT, "size=64m") < 0)
        return 77;
    if (nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err) < 0)
        return 3;
    if (nta_store_each(scene->store, &(struct nta_store_query){0}, sample_collect, &scene->seen,
                       &scene->err) < 0)
        return 4;
    return scene->seen.is_chain && scene->seen.n == number ? 0 : 5;
}

static void a_full_file_system_is_said_and_writing_goes_on_when_it_grows(void **state)
{
    struct scene *scene = *state;
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(fill_file_system(scene));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_is_put_comes_back),
        TEST(every_byte_of_a_batch_comes_back),
        TEST(a_header_that_is_not_what_the_row_says_is_marked),
        TEST(the_same_batch_again_is_no_error),
        TEST(another_batch_with_the_same_key_is_refused_and_nothing_of_the_call_is_kept),
        TEST(the_last_batch_is_known_after_all_were_forgotten),
        TEST(forgetting_gives_room_back),
        TEST(order_is_by_sensor_and_number_whatever_the_days),
        TEST(times_before_1970_have_their_day),
        TEST(time_filter_gives_the_batches_that_overlap),
        TEST(token_filter_wants_all_of_them),
        TEST(keys_are_kept_once),
        TEST(readers_see_what_the_running_writer_commits),
        TEST(a_walk_locks_nothing),
        TEST(a_store_that_is_not_there_is_said),
        TEST(a_newer_store_is_refused_and_a_foreign_file_too),
        TEST(others_cannot_read_the_file),
        TEST(a_copy_without_its_log_is_readable_where_nothing_can_be_written),
        TEST(all_that_was_committed_survives_a_kill),
        TEST(a_full_disk_is_said_and_writing_goes_on_when_there_is_room),
        TEST(a_full_file_system_is_said_and_writing_goes_on_when_it_grows),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
