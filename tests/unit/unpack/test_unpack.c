/* SPDX-License-Identifier: Apache-2.0 */
#define ZLIB_CONST /* zlib does not write where it reads */
#include "base/own.h"
#include "unit.h"
#include "unpack/unpack.h"

#include <errno.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum
{
    TEXT_LEN = 300000,
    BUF_SIZE = 400000,
    N_PACKINGS = 4,
};

static uint8_t text[TEXT_LEN], packed[BUF_SIZE], got[BUF_SIZE];
static size_t packed_len;

static const enum nta_packing packings[N_PACKINGS] = {NTA_PACKING_GZIP, NTA_PACKING_ZSTD,
                                                      NTA_PACKING_XZ, NTA_PACKING_LZ4};

/** Text that packs, but not to nothing. */
static int setup(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (size_t i = 0; i < TEXT_LEN; i++) {
        random = random * 1664525 + 1013904223;
        text[i] = (uint8_t)("0123456789abcdef"[random >> 28]);
    }
    return 0;
}

static size_t pack_gzip(const uint8_t *from, size_t len,
                        uint8_t *to, // NOLINT(readability-non-const-parameter)
                        size_t size)
{
    z_stream z = {
        .next_in = from, .avail_in = (unsigned)len, .next_out = to, .avail_out = (unsigned)size};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&z), Z_OK);
    return size - z.avail_out;
}

static size_t pack_xz(const uint8_t *from, size_t len, uint8_t *to, size_t size)
{
    size_t n = 0;

    assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, from, len, to, &n, size),
                     LZMA_OK);
    return n;
}

/** Append `len` bytes of text, packed by themselves. */
static void pack(enum nta_packing packing, const uint8_t *from, size_t len)
{
    uint8_t *to = packed + packed_len;
    const size_t size = sizeof(packed) - packed_len;
    size_t n = 0;

    switch (packing) {
    case NTA_PACKING_GZIP: n = pack_gzip(from, len, to, size); break;
    case NTA_PACKING_ZSTD:
        n = ZSTD_compress(to, size, from, len, 3); // NOLINT(readability-suspicious-call-argument)
        break;
    case NTA_PACKING_XZ: n = pack_xz(from, len, to, size); break;
    case NTA_PACKING_LZ4:
        // NOLINTNEXTLINE(readability-suspicious-call-argument)
        n = LZ4F_compressFrame(to, size, from, len, NULL);
        break;
    case NTA_PACKING_NONE:
    case NTA_PACKING_OTHER: break;
    }
    assert_in_range(n, 1, size);
    packed_len += n;
}

/** Unpack the first `len` packed bytes, given and taken in such pieces; what came of it. */
static ssize_t unpack(size_t len, size_t piece, size_t space, bool *ret_whole)
{
    NTA_AUTO(nta_unpack_free) struct nta_unpack *unpack = NULL;
    size_t n_got = 0;

    assert_int_equal(nta_unpack_new(nta_packing_of((struct nta_span){packed, packed_len}), &unpack),
                     0);
    for (size_t at = 0; at < len; at += piece) {
        struct nta_span in = {packed + at, nta_smaller(piece, len - at)};
        ssize_t n;

        while ((n = nta_unpack_more(unpack, &in, got + n_got,
                                    nta_smaller(space, sizeof(got) - n_got))) > 0)
            n_got += (size_t)n;
        if (n < 0)
            return n;
        assert_int_equal(in.len, 0);
    }
    *ret_whole = nta_unpack_is_whole(unpack);
    return (ssize_t)n_got;
}

static void what_is_packed_comes_out_in_pieces_of_any_size(void **state)
{
    static const size_t sizes[] = {1, 7, 4096, BUF_SIZE};
    bool whole;

    (void)state;
    for (size_t p = 0; p < N_PACKINGS; p++) {
        packed_len = 0;
        pack(packings[p], text, 50000);
        assert_int_equal(nta_packing_of((struct nta_span){packed, 8}), packings[p]);
        for (size_t i = 0; i < NTA_N_ELEMENTS(sizes); i++) {
            assert_int_equal(
                unpack(packed_len, sizes[i], sizes[NTA_N_ELEMENTS(sizes) - 1 - i], &whole), 50000);
            assert_memory_equal(got, text, 50000);
            assert_true(whole);
        }
    }
}

static void several_behind_each_other_are_one(void **state)
{
    bool whole;

    (void)state;
    for (size_t p = 0; p < N_PACKINGS; p++) {
        packed_len = 0;
        for (size_t i = 0; i < 3; i++)
            pack(packings[p], text + 1000 * i, 1000);
        assert_int_equal(unpack(packed_len, 100, BUF_SIZE, &whole), 3000);
        assert_memory_equal(got, text, 3000);
        assert_true(whole);
    }
}

static void what_is_cut_off_is_not_whole(void **state)
{
    bool whole;

    (void)state;
    for (size_t p = 0; p < N_PACKINGS; p++) {
        packed_len = 0;
        pack(packings[p], text, 2000);
        for (size_t len = 1; len < packed_len; len += len < 100 ? 1 : 97) {
            assert_in_range(unpack(len, len, BUF_SIZE, &whole), 0, 2000);
            assert_false(whole);
        }
    }
}

static void what_is_broken_is_bad_or_something_else_and_ends(void **state)
{
    size_t n_bad = 0;
    bool whole;

    (void)state;
    for (size_t p = 0; p < N_PACKINGS; p++) {
        packed_len = 0;
        pack(packings[p], text, 2000);
        for (size_t at = 8; at < packed_len; at += 31) {
            packed[at] ^= 0x55;
            const ssize_t n = unpack(packed_len, 100, BUF_SIZE, &whole);

            assert_true(n >= 0 || n == -EBADMSG || n == -ENOMEM);
            n_bad += n < 0;
            packed[at] ^= 0x55;
        }
    }
    assert_true(n_bad > 10);
}

static void memory_that_a_file_asks_for_is_bounded(void **state)
{
    ZSTD_CCtx *cctx = ZSTD_createCCtx();
    ZSTD_outBuffer out = {packed, sizeof(packed), 0};
    ZSTD_inBuffer in = {text, 1000, 0};
    bool whole;

    (void)state;
    assert_non_null(cctx);
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(cctx, ZSTD_c_windowLog, 30)));
    assert_false(ZSTD_isError(ZSTD_compressStream2(cctx, &out, &in, ZSTD_e_flush)));
    assert_int_equal(ZSTD_compressStream2(cctx, &out, &in, ZSTD_e_end), 0);
    (void)ZSTD_freeCCtx(cctx);
    packed_len = out.pos;
    assert_int_equal(unpack(packed_len, packed_len, BUF_SIZE, &whole), -ENOMEM);
}

static void other_files_are_named(void **state)
{
    (void)state;
    assert_int_equal(nta_packing_of(nta_span_of("BZh91AY&SY")), NTA_PACKING_OTHER);
    assert_string_equal(nta_packing_name(nta_span_of("BZh91AY&SY")), "packed with bzip2");
    assert_int_equal(nta_packing_of(nta_span_of("bad.example")), NTA_PACKING_NONE);
    assert_int_equal(nta_packing_of((struct nta_span){0}), NTA_PACKING_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_comes_out_in_pieces_of_any_size),
        cmocka_unit_test(several_behind_each_other_are_one),
        cmocka_unit_test(what_is_cut_off_is_not_whole),
        cmocka_unit_test(what_is_broken_is_bad_or_something_else_and_ends),
        cmocka_unit_test(memory_that_a_file_asks_for_is_bounded),
        cmocka_unit_test(other_files_are_named),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
