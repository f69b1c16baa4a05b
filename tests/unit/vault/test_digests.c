/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/digests.h"
#include "vault/hex.h"

#include <stdlib.h>

enum
{
    N = 2 * NTA_DIGESTS_LANE_BYTES ///< Messages of 0 bytes, 1, … beyond what a lane holds.
};

static uint8_t text[N], hashes[N][32], expected[N][32];
static struct nta_digests digests;

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)(i * 131 >> 3);
    for (size_t len = 0; len < N; len++)
        nta_digest_of((struct nta_span){.ptr = text, .len = len}, expected[len]);
    nta_digests_init(&digests);
    return 0;
}

/** These bytes, of which up to `n_head` are the head. */
static void put(const uint8_t *bytes, size_t len, size_t n_head, uint8_t *ret_hash)
{
    struct nta_digests_head head = {.len = nta_smaller(n_head, len)};

    memcpy(head.bytes, bytes, head.len);
    nta_digests_put(&digests, &head,
                    (struct nta_span){.ptr = bytes + head.len, .len = len - head.len}, ret_hash);
}

/** The i-th is of `step` i bytes modulo N, and its head of as many bytes modulo 33. */
static void assert_all(size_t step)
{
    memset(hashes, 0, sizeof(hashes));
    for (size_t i = 0; i < N; i++) {
        const size_t len = i * step % N;

        put(text, len, i * step % (NTA_DIGESTS_HEAD_BYTES + 1), hashes[len]);
    }
    nta_digests_end(&digests);
    for (size_t len = 0; len < N; len++)
        assert_memory_equal(hashes[len], expected[len], 32);
}

/** First with libcrypto, then with each way; one that is not there is libcrypto, too. */
static bool use_way(size_t i)
{
    const struct nta_lanes_way *way = i > 0 ? nta_lanes_get(i - 1) : NULL;
    const bool is_there = way && way->is_there();

    digests.way = is_there ? way : NULL;
    digests.free = is_there ? (1U << way->n) - 1 : 0;
    return i == 0 || way;
}

static void each_length_beside_any_other_is_hashed_as_alone(void **state)
{
    (void)state;
    for (size_t i = 0; use_way(i); i++) {
        assert_all(1);
        assert_all(N - 1);
        assert_all(37);
        assert_all(1021);
    }
}

static void any_mix_of_lengths_is_hashed_as_alone(void **state)
{
    static size_t lens[N];

    (void)state;
    srandom(19);
    for (size_t i = 0; use_way(i); i++) {
        for (size_t k = 0; k < N; k++) {
            lens[k] = (size_t)random() % (k % 3 ? 300 : N);
            put(text, lens[k], (size_t)random() % (NTA_DIGESTS_HEAD_BYTES + 1), hashes[k]);
            if (random() % 50 == 0)
                nta_digests_end(&digests);
        }
        nta_digests_end(&digests);
        for (size_t k = 0; k < N; k++)
            assert_memory_equal(hashes[k], expected[lens[k]], 32);
    }
}

static void what_was_put_may_change_at_once(void **state)
{
    uint8_t bytes[N];

    (void)state;
    for (size_t way = 0; use_way(way); way++) {
        for (size_t len = 0; len < N; len++) {
            memcpy(bytes, text, len);
            put(bytes, len, len % (NTA_DIGESTS_HEAD_BYTES + 1), hashes[len]);
            memset(bytes, 0xff, sizeof(bytes));
        }
        nta_digests_end(&digests);
        for (size_t len = 0; len < N; len++)
            assert_memory_equal(hashes[len], expected[len], 32);
    }
}

static void one_alone_and_none_end(void **state)
{
    (void)state;
    for (size_t i = 0; use_way(i); i++) {
        put((const uint8_t *)"abc", 3, 0, hashes[0]);
        nta_digests_end(&digests);
        nta_digests_end(&digests);
        assert_hex(hashes[0], 32,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

static void the_best_way_is_the_first_that_is_there(void **state)
{
    const struct nta_lanes_way *best = nta_lanes_best(), *way;
    size_t i = 0;

    (void)state;
    while ((way = nta_lanes_get(i)) && way != best)
        assert_false(nta_lanes_get(i++)->is_there());
    assert_ptr_equal(way, best);
    assert_ptr_equal(nta_lanes_best(), best);
}

static void nothing_of_a_message_stays_once_wiped(void **state)
{
    (void)state;
    for (size_t way = 0; use_way(way); way++) {
        memset(digests.lanes, 0, sizeof(digests.lanes));
        assert_all(37);
        nta_digests_wipe(&digests);
        for (size_t i = 0; i < NTA_N_ELEMENTS(digests.lanes); i++)
            for (size_t k = 0; k < sizeof(digests.lanes[i].bytes); k++)
                assert_int_equal(digests.lanes[i].bytes[k], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_length_beside_any_other_is_hashed_as_alone),
        cmocka_unit_test(any_mix_of_lengths_is_hashed_as_alone),
        cmocka_unit_test(what_was_put_may_change_at_once),
        cmocka_unit_test(one_alone_and_none_end),
        cmocka_unit_test(the_best_way_is_the_first_that_is_there),
        cmocka_unit_test(nothing_of_a_message_stays_once_wiped),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
