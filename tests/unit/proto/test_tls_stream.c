/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_stream.h"
#include "unit.h"

#include <stdlib.h>

static void put(struct nta_tls_stream *stream, uint64_t offset, const char *piece)
{
    nta_tls_stream_put(stream, offset, (struct nta_span){(const uint8_t *)piece, strlen(piece)});
}

static void assert_head(const struct nta_tls_stream *stream, const char *text)
{
    struct nta_span head = nta_tls_stream_head(stream);

    assert_int_equal(head.len, strlen(text));
    assert_memory_equal(head.ptr, text, head.len);
}

static void the_head_ends_at_the_first_hole(void **state)
{
    static struct nta_tls_stream stream;

    (void)state;
    assert_head(&stream, "");
    put(&stream, 4, "efg");
    assert_head(&stream, "");
    put(&stream, 0, "ab");
    assert_head(&stream, "ab");
    put(&stream, 2, "");
    assert_head(&stream, "ab");
    put(&stream, 3, "d");
    assert_head(&stream, "ab");
    put(&stream, 2, "c");
    assert_head(&stream, "abcdefg");
    assert_int_equal(stream.n_ranges, 1);
}

static void the_first_bytes_stand_where_pieces_overlap(void **state)
{
    static struct nta_tls_stream stream;

    (void)state;
    put(&stream, 2, "aaa");
    put(&stream, 9, "a");
    put(&stream, 0, "bbbbbbbbbbbb");
    assert_head(&stream, "bbaaabbbbabb");
    put(&stream, 0, "cccccccccccccc");
    assert_head(&stream, "bbaaabbbbabbcc");
}

static void what_is_behind_the_space_is_left_out(void **state)
{
    static struct nta_tls_stream stream;
    static uint8_t bytes[NTA_TLS_STREAM_SIZE + 10];

    (void)state;
    nta_tls_stream_put(&stream, 12, (struct nta_span){bytes, sizeof(bytes)});
    nta_tls_stream_put(&stream, NTA_TLS_STREAM_SIZE, (struct nta_span){bytes, 1});
    nta_tls_stream_put(&stream, UINT64_MAX, (struct nta_span){bytes, 5});
    assert_int_equal(stream.n_ranges, 1);
    assert_int_equal(nta_tls_stream_head(&stream).len, 0);
    nta_tls_stream_put(&stream, 0, (struct nta_span){bytes, 12});
    assert_int_equal(nta_tls_stream_head(&stream).len, NTA_TLS_STREAM_SIZE);
}

static void more_pieces_than_are_kept_are_left_out(void **state)
{
    static struct nta_tls_stream stream;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        put(&stream, 2 * i, "a");
    assert_int_equal(stream.n_ranges, NTA_TLS_RANGES_MAX);
    put(&stream, 1, "b"); /* joins two, so that there is space for one more */
    put(&stream, 300, "c");
    assert_int_equal(stream.n_ranges, NTA_TLS_RANGES_MAX);
    assert_head(&stream, "aba");
    for (size_t i = 0; i < 200; i++)
        put(&stream, i, "d");
    assert_int_equal(stream.n_ranges, 2);
    assert_int_equal(nta_tls_stream_head(&stream).len, 200);
}

enum
{
    MODEL_LEN = 2 * NTA_TLS_RANGES_MAX, ///< Pieces of one byte can be no more than are kept.
};

/** Byte by byte: what came first at each place, 0 where nothing came. */
static void model_put(char model[MODEL_LEN], size_t offset, const char *piece)
{
    for (size_t i = 0; piece[i]; i++)
        model[offset + i] = model[offset + i] ? model[offset + i] : piece[i];
}

static void pieces_in_any_order_are_as_byte_by_byte(void **state)
{
    (void)state;
    srand(8446);
    for (int round = 0; round < 2000; round++) {
        struct nta_tls_stream stream = {0};
        char model[MODEL_LEN + 1] = "", piece[MODEL_LEN + 1];

        for (int i = 0; i < 60; i++) {
            size_t begin = (size_t)rand() % MODEL_LEN;
            size_t most = MODEL_LEN - begin < 9 ? MODEL_LEN - begin : 9;
            size_t len = (size_t)rand() % (most + 1);

            memset(piece, 'A' + i, len);
            piece[len] = '\0';
            put(&stream, begin, piece);
            model_put(model, begin, piece);
            assert_head(&stream, model);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_ends_at_the_first_hole),
        cmocka_unit_test(the_first_bytes_stand_where_pieces_overlap),
        cmocka_unit_test(what_is_behind_the_space_is_left_out),
        cmocka_unit_test(more_pieces_than_are_kept_are_left_out),
        cmocka_unit_test(pieces_in_any_order_are_as_byte_by_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
