/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store of format 1, as the program that wrote it left it: its records are those that it showed.
 */
#include "base/own.h"
#include "base/text.h"
#include "record/json.h"
#include "search/search.h"
#include "unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *const files[] = {"journal.db",        "journal.state",   "keys/auditor.key",
                                    "keys/auditors.pub", "keys/sensor.key", "keys/sensor.pub",
                                    "keys/sensors.pub",  "keys/token.key"};

struct old
{
    char dir[64];
    struct nta_err err;
};

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void old_done(struct old *old)
{
    (void)nftw(old->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void read_file(const char *dir, const char *name, struct nta_buf *ret_bytes)
{
    char path[512], block[4096];
    size_t n;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    NTA_AUTO_FILE FILE *file = fopen(path, "rbe");

    assert_non_null(file);
    while ((n = fread(block, 1, sizeof(block), file)) > 0)
        nta_buf_put(ret_bytes, block, n);
}

/** A copy with the modes that git does not keep. */
static struct old old_new(void)
{
    struct old old = {.dir = "/tmp/nta-format1-XXXXXX"};
    char path[512];

    assert_non_null(mkdtemp(old.dir));
    (void)snprintf(path, sizeof(path), "%s/keys", old.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(files); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};

        read_file(FORMAT1, files[i], &bytes);
        (void)snprintf(path, sizeof(path), "%s/%s", old.dir, files[i]);
        NTA_AUTO_FILE FILE *file = fopen(path, "wbe");

        assert_non_null(file);
        assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
        assert_int_equal(chmod(path, 0600), 0);
    }
    return old;
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct nta_buf *out = owner;
    char id[NTA_FOUND_ID_SIZE];

    (void)err;
    assert_null(found->unverified);
    assert_int_equal(found->header->version, 1);
    nta_record_json(out, found->record, nta_found_id(found, id));
    nta_buf_puts(out, "\n");
    return 0;
}

static void search(struct old *old, struct nta_query *query, struct nta_buf *out,
                   struct nta_search_state *ret_state)
{
    const struct nta_stores_options options = {.dir = old->dir};
    const struct nta_search_options take = {.each = on_found, .owner = out};
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    struct nta_search_proof proof;

    if (nta_search_open(&options, &search, &old->err) < 0 ||
        nta_search_each(search, query, &take, ret_state, &old->err) < 0)
        fail_msg("%s", old->err.text);
    nta_search_get_proof(search, &proof);
    assert_true(proof.is_whole);
    assert_int_equal(proof.n_wrong, 0);
}

static void its_records_are_those_that_it_showed(void **state)
{
    NTA_AUTO(old_done) struct old old = old_new();
    NTA_AUTO(nta_buf_done) struct nta_buf expected = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_query all = {0};

    (void)state;
    read_file(FORMAT1, "records.json", &expected);
    search(&old, &all, &out, NULL);
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.ptr, expected.ptr, out.len);
}

/** One key makes the tokens of all batches. */
static void its_tokens_choose_its_batches(void **state)
{
    NTA_AUTO(old_done) struct old old = old_new();
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    NTA_AUTO(nta_query_done) struct nta_query query = {0};
    struct nta_search_state how = {0};

    (void)state;
    assert_int_equal(nta_query_site(&query, "good.example", &old.err), 0);
    search(&old, &query, &out, &how);
    assert_true(how.n_found > 0);
    nta_query_done(&query);
    assert_int_equal(nta_query_site(&query, "nowhere.example", &old.err), 0);
    search(&old, &query, &out, &how);
    assert_int_equal(how.n_found + how.n_records, 0);
}

static void what_nobody_trusts_is_not_shown(void **state)
{
    NTA_AUTO(old_done) struct old old = old_new();
    const struct nta_stores_options options = {.dir = old.dir};
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    const struct nta_search_options take = {.each = on_found, .owner = &out};
    struct nta_query all = {0};
    struct nta_search_proof proof;
    char path[512];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/keys/sensors.pub", old.dir);
    NTA_AUTO_FILE FILE *file = fopen(path, "we");

    assert_non_null(file); /* another sensor is trusted */
    assert_true(fputs("nta-sensor-d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a "
                      "other - -\n",
                      file) > 0);
    assert_int_equal(fflush(file), 0);
    assert_int_equal(nta_search_open(&options, &search, &old.err), 0);
    assert_int_equal(nta_search_each(search, &all, &take, NULL, &old.err), 0);
    assert_int_equal(out.len, 0);
    nta_search_get_proof(search, &proof);
    assert_true(proof.n_wrong > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_records_are_those_that_it_showed),
        cmocka_unit_test(its_tokens_choose_its_batches),
        cmocka_unit_test(what_nobody_trusts_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
