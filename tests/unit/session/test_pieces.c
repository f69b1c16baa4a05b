/* SPDX-License-Identifier: Apache-2.0 */
#include "session/content/pieces.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum
{
    SIZE = 200000,
    BLOCKS = 32
};

static struct nta_pool blocks;
static struct nta_pieces pieces;
static uint8_t file[SIZE], want[32], got[32];

static int setup(void **state)
{
    struct nta_file_hash hash;

    (void)state;
    srandom(7);
    for (size_t i = 0; i < SIZE; i++)
        file[i] = (uint8_t)random();
    nta_file_hash_begin(&hash);
    nta_file_hash_put(&hash, (struct nta_span){file, SIZE});
    nta_file_hash_end(&hash, want);
    pieces = (struct nta_pieces){0};
    nta_pieces_begin(&pieces);
    return nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, BLOCKS);
}

static int teardown(void **state)
{
    (void)state;
    nta_pieces_drop(&pieces, &blocks);
    assert_int_equal(blocks.n_used, 0);
    nta_pool_done(&blocks);
    return 0;
}

static void begin_anew(void)
{
    nta_pieces_drop(&pieces, &blocks);
    pieces = (struct nta_pieces){0};
    nta_pieces_begin(&pieces);
}

/** The same place, and other bytes there. */
static bool take_other(size_t at, size_t len)
{
    static uint8_t other[SIZE];

    memcpy(other, file + at, len);
    other[len - 1] ^= 1;
    return nta_pieces_take(&pieces, &blocks, at, (struct nta_span){other, len});
}

static bool take(size_t at, size_t len)
{
    return nta_pieces_take(&pieces, &blocks, at, (struct nta_span){file + at, len});
}

static void assert_whole(void)
{
    assert_int_equal(pieces.hashed, SIZE);
    assert_int_equal(blocks.n_used, pieces.n_tail);
    assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    nta_pieces_sha256(&pieces, got);
    assert_memory_equal(got, want, sizeof(want));
}

static void what_comes_in_order_is_never_held(void **state)
{
    (void)state;
    for (size_t at = 0; at < SIZE; at += 1000) {
        assert_true(take(at, 1000));
        assert_int_equal(pieces.n, 0);
    }
    assert_whole();
}

static void four_parts_that_come_at_once_are_one_file(void **state)
{
    (void)state;
    for (size_t at = 0; at < SIZE / 4; at += 1000) {
        for (size_t part = 4; part-- > 0;)
            assert_true(take(part * SIZE / 4 + at, 1000));
    }
    assert_whole();
}

static void pieces_that_overlap_and_come_twice_do_no_harm(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        begin_anew();
        for (unsigned i = 0; i < 30; i++) {
            const size_t at = (size_t)random() % SIZE;

            if (!take(at, (size_t)random() % (SIZE - at) % 5000))
                break;
        }
        for (size_t at = 0; at < SIZE; at += 4000)
            assert_true(take(at, 4000)); /* none has to be held */
        assert_whole();
    }
}

static void what_differs_from_what_was_hashed_is_found(void **state)
{
    (void)state;
    assert_true(take(0, 100000));
    assert_true(take(60000, 40000));
    assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    assert_true(take_other(90000, 20000)); /* of which the last byte is new */
    assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    assert_true(take_other(99000, 500));
    assert_int_equal(pieces.twice, NTA_PIECES_DIFFER);
}

static void what_differs_from_what_is_held_is_found(void **state)
{
    (void)state;
    assert_true(take(50000, 50000));
    assert_true(take(80000, 30000));
    assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    assert_true(take_other(60000, 40000));
    assert_int_equal(pieces.twice, NTA_PIECES_DIFFER);
}

static void a_piece_that_runs_into_the_next_is_compared_when_that_is_hashed(void **state)
{
    (void)state;
    assert_true(take(50000, 1000));
    assert_true(take_other(40000, 10500));
    assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    assert_true(take(0, 40000));
    assert_int_equal(pieces.hashed, 51000);
    assert_int_equal(pieces.twice, NTA_PIECES_DIFFER);
}

static void what_is_too_far_back_is_not_taken_for_the_same(void **state)
{
    static uint8_t zeros[NTA_PIECE_BLOCK_SIZE];
    const struct nta_span block = {zeros, sizeof(zeros)};

    (void)state;
    nta_pool_done(&blocks);
    assert_int_equal(nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, NTA_PIECES_TAIL + 1), 0);
    for (uint64_t i = 0; i < NTA_PIECES_TAIL + 2; i++)
        assert_true(nta_pieces_take(&pieces, &blocks, i * sizeof(zeros), block));
    assert_int_equal(pieces.n_tail, NTA_PIECES_TAIL);
    assert_true(nta_pieces_take(&pieces, &blocks, 4 * sizeof(zeros), block));
    assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    assert_true(nta_pieces_take(&pieces, &blocks, 0, block));
    assert_int_equal(pieces.twice, NTA_PIECES_FAR);
}

/** So that no two places of a long file look alike. */
static struct nta_span segment_of(uint64_t i, uint8_t bytes[1000])
{
    for (size_t k = 0; k < 1000; k++)
        bytes[k] = (uint8_t)((i * 1000 + k) * 2654435761U >> 13);
    return (struct nta_span){bytes, 1000};
}

/** A comparison goes on where the last one was, however much is held in front of it. */
static void what_comes_again_in_order_is_compared_to_its_end(void **state)
{
    enum
    {
        N = 6000 /* of 366 blocks */
    };

    uint8_t bytes[1000];

    (void)state;
    nta_pool_done(&blocks);
    assert_int_equal(nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, 400), 0);
    for (unsigned round = 0; round < 3; round++) {
        for (uint64_t i = 1; i < N; i++) {
            assert_true(nta_pieces_take(&pieces, &blocks, i * 1000, segment_of(i, bytes)));
            assert_int_equal(pieces.twice, NTA_PIECES_SAME);
        }
    }
    (void)segment_of(N - 1, bytes);
    bytes[999] ^= 1;
    assert_true(
        nta_pieces_take(&pieces, &blocks, (N - 1) * 1000, (struct nta_span){bytes, sizeof(bytes)}));
    assert_int_equal(pieces.twice, NTA_PIECES_DIFFER);
}

static void where_the_last_comparison_was_may_be_given_up(void **state)
{
    uint8_t bytes[1000];

    (void)state;
    nta_pool_done(&blocks);
    assert_int_equal(nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, 3), 0);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_true(nta_pieces_take(&pieces, &blocks, i * 1000, segment_of(i, bytes)));
        const uint64_t oldest = (pieces.tail.begin + 999) / 1000;

        assert_true(nta_pieces_take(&pieces, &blocks, oldest * 1000, segment_of(oldest, bytes)));
        assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    }
    const uint64_t begin = pieces.tail.begin;

    nta_pieces_drop_tail(&pieces, &blocks);
    assert_true(nta_pieces_take(&pieces, &blocks, begin, segment_of(7, bytes)));
    assert_int_equal(pieces.twice, NTA_PIECES_FAR);
}

static void a_copy_that_was_given_up_is_no_proof(void **state)
{
    (void)state;
    assert_true(take(0, 50000));
    nta_pieces_drop_tail(&pieces, &blocks);
    assert_int_equal(blocks.n_used, 0);
    assert_true(take(50000, 1000));
    assert_true(take(50500, 500));
    assert_int_equal(pieces.twice, NTA_PIECES_SAME);
    assert_true(take(49000, 500));
    assert_int_equal(pieces.twice, NTA_PIECES_FAR);
}

static void without_space_it_says_so(void **state)
{
    (void)state;
    assert_true(take(100, 100000));
    for (int i = 0; i < 16; i++) /* as another file may hold them */
        assert_non_null(nta_pool_take(&blocks));
    assert_false(take(150000, SIZE - 150000) && take(110000, 40000) && take(100, SIZE - 100));
    assert_true(blocks.n_used <= BLOCKS);
    nta_pieces_drop(&pieces, &blocks);
    assert_int_equal(blocks.n_used, 16);
    nta_pool_done(&blocks);
    assert_int_equal(nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, BLOCKS), 0);
}

static void more_pieces_than_are_kept_apart_are_refused(void **state)
{
    (void)state;
    nta_pool_done(&blocks);
    assert_int_equal(nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, NTA_PIECES_MAX + 1), 0);
    for (size_t i = 0; i < NTA_PIECES_MAX; i++)
        assert_true(take(10 + 10 * i, 1));
    assert_false(take(9, 1) && take(10 + 10 * NTA_PIECES_MAX, 1));
    assert_int_equal(pieces.n, NTA_PIECES_MAX);
}

static void a_place_behind_all_numbers_is_passed_over(void **state)
{
    (void)state;
    assert_true(nta_pieces_take(&pieces, &blocks, UINT64_MAX - 3, (struct nta_span){file, 100}));
    assert_int_equal(pieces.n, 0);
}

#define IN_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FILE(what_comes_in_order_is_never_held),
        IN_FILE(four_parts_that_come_at_once_are_one_file),
        IN_FILE(pieces_that_overlap_and_come_twice_do_no_harm),
        IN_FILE(what_differs_from_what_was_hashed_is_found),
        IN_FILE(what_differs_from_what_is_held_is_found),
        IN_FILE(a_piece_that_runs_into_the_next_is_compared_when_that_is_hashed),
        IN_FILE(what_is_too_far_back_is_not_taken_for_the_same),
        IN_FILE(what_comes_again_in_order_is_compared_to_its_end),
        IN_FILE(where_the_last_comparison_was_may_be_given_up),
        IN_FILE(a_copy_that_was_given_up_is_no_proof),
        IN_FILE(without_space_it_says_so),
        IN_FILE(more_pieces_than_are_kept_apart_are_refused),
        IN_FILE(a_place_behind_all_numbers_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
