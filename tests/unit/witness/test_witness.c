/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "vault/checkpoint.h"
#include "vault/tree/log_tree.h"
#include "witness/request.h"
#include "witness/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    LEAVES = 9,
    TIME_S = 1795600000
};

/** A log of some links, and another past of it from leaf `fork` on; its key is the witness's. */
struct kit
{
    char dir[64];
    struct nta_witness *witness;
    uint8_t secret[NTA_KEY_LEN], links[2][LEAVES][NTA_HASH_LEN];
    char key[256];
    struct nta_buf answer;
};

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void kit_done(struct kit *kit)
{
    nta_witness_close(&kit->witness);
    nta_buf_done(&kit->answer);
    (void)nftw(kit->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int open_witness(struct kit *kit, struct nta_err *err)
{
    const char *const logs[] = {kit->key};
    const struct nta_witness_options options = {
        .dir = kit->dir, .name = "w.example/one", .logs = logs, .n_logs = 1};

    return nta_witness_open(&options, &kit->witness, err);
}

static void put_note(const struct kit *kit, unsigned past, uint64_t n, struct nta_buf *out)
{
    struct nta_checkpoint checkpoint = {.n = n, .sensor = {7}};
    struct nta_log_tree tree = {.n = 0};

    for (uint64_t i = 0; i < n; i++)
        nta_log_add(&tree, kit->links[past][i]);
    nta_log_root(&tree, checkpoint.root);
    assert_int_equal(nta_checkpoint_put(out, &checkpoint, kit->secret), 0);
}

static struct kit kit_new(void)
{
    struct kit kit = {.dir = "/tmp/nta-witness-XXXXXX"};
    NTA_AUTO(nta_buf_done) struct nta_buf key = {0};
    struct nta_err err = {0};

    assert_non_null(mkdtemp(kit.dir));
    for (unsigned i = 0; i < NTA_KEY_LEN; i++)
        kit.secret[i] = (uint8_t)i;
    for (unsigned i = 0; i < LEAVES; i++) {
        memset(kit.links[0][i], (int)i + 1, NTA_HASH_LEN);
        memset(kit.links[1][i], (int)i + (i < 4 ? 1 : 101), NTA_HASH_LEN);
    }
    /* of the secret key 00 01 … 1f, as tests/unit/vault/test_checkpoint.c has it from elsewhere */
    static const uint8_t public_key[NTA_KEY_LEN] = {0x03, 0xa1, 0x07, 0xbf, 0xf3, 0xce, 0x10, 0xbe,
                                                    0x1d, 0x70, 0xdd, 0x18, 0xe7, 0x4b, 0xc0, 0x99,
                                                    0x67, 0xe4, 0xd6, 0x30, 0x9b, 0xa5, 0x0d, 0x5f,
                                                    0x1d, 0xdc, 0x86, 0x64, 0x12, 0x55, 0x31, 0xb8};

    nta_checkpoint_put_key(&key, (const uint8_t[NTA_SENSOR_ID_LEN]){7}, public_key);
    (void)snprintf(kit.key, sizeof(kit.key), "%.*s", (int)key.len, (const char *)key.ptr);
    if (open_witness(&kit, &err) < 0)
        fail_msg("%s", err.text);
    return kit;
}

/** Show it the first `n` of a past, with the proof from `old` on (none: of `proved_from` 0). */
static unsigned show(struct kit *kit, unsigned past, uint64_t old, uint64_t proved_from, uint64_t n)
{
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0}, body = {0};
    struct nta_witness_request request = {.old = old};
    struct nta_log_proof proof;

    put_note(kit, past, n, &note);
    request.note = nta_buf_span(&note);
    if (proved_from) {
        assert_true(nta_log_prove_consistency(&proof, proved_from, n));
        for (uint64_t i = 0; i < n; i++)
            nta_log_proof_add(&proof, kit->links[past][i]);
        memcpy(request.path, proof.hashes, proof.n * NTA_HASH_LEN);
        request.n_path = proof.n;
    }
    nta_witness_request_put(&body, &request);
    nta_buf_clear(&kit->answer);
    return nta_witness_add(kit->witness, nta_buf_span(&body), TIME_S, &kit->answer);
}

/** The answer is a cosignature of that note. */
static void assert_cosigned(struct kit *kit, unsigned past, uint64_t n)
{
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    uint64_t time_s = 0;

    put_note(kit, past, n, &note);
    nta_buf_put(&note, kit->answer.ptr, kit->answer.len);
    assert_true(nta_cosign_check(nta_buf_span(&note), nta_witness_key(kit->witness), &time_s));
    assert_true(time_s == TIME_S);
}

static void what_continues_is_cosigned(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();

    (void)state;
    assert_int_equal(show(&kit, 0, 0, 0, 3), 200);
    assert_cosigned(&kit, 0, 3);
    assert_int_equal(show(&kit, 0, 3, 3, 7), 200);
    assert_cosigned(&kit, 0, 7);
    assert_int_equal(show(&kit, 0, 7, 0, 7), 200); /* the same once more */
    assert_cosigned(&kit, 0, 7);
    assert_int_equal(show(&kit, 0, 7, 7, 9), 200);
}

static void another_past_is_not(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();

    (void)state;
    assert_int_equal(show(&kit, 0, 0, 0, 6), 200);
    assert_int_equal(show(&kit, 1, 6, 6, 9), 422); /* with the very proof of that past */
    assert_int_equal(show(&kit, 1, 6, 0, 6), 409); /* another tree of the same size */
    assert_int_equal(show(&kit, 1, 4, 4, 9), 409); /* from where they were one */
    assert_true(nta_span_is(nta_buf_span(&kit.answer), "6\n"));
    assert_int_equal(show(&kit, 0, 6, 6, 9), 200); /* and the true one goes on */
}

static void a_log_that_was_cut_is_not(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();

    (void)state;
    assert_int_equal(show(&kit, 0, 0, 0, 7), 200);
    assert_int_equal(show(&kit, 0, 0, 0, 5), 409);
    assert_int_equal(show(&kit, 0, 5, 0, 5), 409);
    assert_int_equal(show(&kit, 0, 7, 0, 5), 400);
    assert_int_equal(show(&kit, 0, 7, 5, 7), 422); /* no proof is needed, so none is taken */
    assert_int_equal(show(&kit, 0, 7, 0, 9), 422); /* nor is a proof left out */
}

static void what_it_has_seen_outlives_it(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(show(&kit, 0, 0, 0, 6), 200);
    nta_witness_close(&kit.witness);
    assert_int_equal(open_witness(&kit, &err), 0);
    assert_int_equal(show(&kit, 1, 0, 0, 9), 409);
    assert_int_equal(show(&kit, 0, 6, 6, 9), 200);
}

/** What is not on the disk is not cosigned. */
static void it_keeps_before_it_signs(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();
    char path[160];

    (void)state;
    assert_int_equal(show(&kit, 0, 0, 0, 3), 200);
    (void)snprintf(path, sizeof(path), "%s/.07000000000000000000000000000000.checkpoint.new",
                   kit.dir);
    assert_int_equal(mkdir(path, 0700), 0); /* where the new one would be written */
    assert_int_equal(show(&kit, 0, 3, 3, 7), 500);
    assert_false(nta_span_has(nta_buf_span(&kit.answer), '+'));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(show(&kit, 0, 7, 7, 9), 409); /* nor remembered */
    assert_int_equal(show(&kit, 0, 3, 3, 7), 200);
}

static void what_it_did_not_write_it_does_not_believe(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    struct nta_err err = {0};
    char path[160];

    (void)state;
    assert_int_equal(show(&kit, 0, 0, 0, 6), 200);
    nta_witness_close(&kit.witness);
    (void)snprintf(path, sizeof(path), "%s/07000000000000000000000000000000.checkpoint", kit.dir);
    put_note(&kit, 0, 3, &note); /* the log's own, but not cosigned */
    const int fd = open(path, O_WRONLY | O_TRUNC);

    assert_true(fd >= 0 && write(fd, note.ptr, note.len) == (ssize_t)note.len);
    assert_int_equal(close(fd), 0);
    assert_int_equal(open_witness(&kit, &err), -EBADMSG);
}

static void of_two_at_one_folder_one_is_refused(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();
    struct nta_witness *first = kit.witness;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(open_witness(&kit, &err), -EBUSY);
    kit.witness = first;
}

static void strangers_get_nothing(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0}, body = {0};
    struct nta_checkpoint checkpoint = {.n = 3, .sensor = {8}};
    struct nta_witness_request request = {.old = 0};

    (void)state;
    assert_int_equal(nta_witness_add(kit.witness, nta_span_of("old 0\n\nx\n"), TIME_S, &kit.answer),
                     400);
    assert_int_equal(nta_checkpoint_put(&note, &checkpoint, kit.secret), 0);
    request.note = nta_buf_span(&note);
    nta_witness_request_put(&body, &request);
    assert_int_equal(nta_witness_add(kit.witness, nta_buf_span(&body), TIME_S, &kit.answer), 404);
    kit.secret[0] ^= 1;
    assert_int_equal(show(&kit, 0, 0, 0, 3), 403);
    kit.secret[0] ^= 1;
    assert_int_equal(show(&kit, 0, 0, 0, 0), 400); /* of nothing */
    assert_int_equal(show(&kit, 0, 0, 0, 3), 200);
}

static void keys_that_are_none_are_said(void **state)
{
    NTA_AUTO(kit_done) struct kit kit = kit_new();
    struct nta_err err = {0};

    (void)state;
    nta_witness_close(&kit.witness);
    kit.key[10] ^= 1;
    assert_int_equal(open_witness(&kit, &err), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_continues_is_cosigned),
        cmocka_unit_test(another_past_is_not),
        cmocka_unit_test(a_log_that_was_cut_is_not),
        cmocka_unit_test(what_it_has_seen_outlives_it),
        cmocka_unit_test(it_keeps_before_it_signs),
        cmocka_unit_test(what_it_did_not_write_it_does_not_believe),
        cmocka_unit_test(of_two_at_one_folder_one_is_refused),
        cmocka_unit_test(strangers_get_nothing),
        cmocka_unit_test(keys_that_are_none_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
