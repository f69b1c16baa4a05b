/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"
#include "unpack/unpack.h"

#include <errno.h>
#include <zlib.h>
#include <zstd.h>

enum
{
    BUF_SIZE = 1 << 16
};

static size_t gzip(const char *text, size_t len, uint8_t *buf)
{
    z_stream stream = {0};

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (uint8_t *)(uintptr_t)text;
    stream.avail_in = (unsigned)len;
    stream.next_out = buf;
    stream.avail_out = BUF_SIZE;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return BUF_SIZE - stream.avail_out;
}

static size_t zstd(const char *text, size_t len, uint8_t *buf)
{
    size_t n = ZSTD_compress(buf, BUF_SIZE, text, len, 19);

    assert_false(ZSTD_isError(n));
    return n;
}

/** Load these bytes as a file; what the builder says, and the set if it is content. */
static int load(const uint8_t *bytes, size_t len, uint64_t unpack_limit,
                struct nta_blacklist **ret_set, struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_list_source source = {.unpack_limit = unpack_limit};
    const char *path = list_file((const char *)bytes, len);

    source.path = path;
    assert_int_equal(nta_blacklist_builder_new(&builder, err), 0);
    int r = nta_blacklist_builder_add(builder, &source, NULL, err);

    assert_int_equal(unlink(path), 0);
    if (r == 0)
        assert_int_equal(nta_blacklist_builder_build(builder, ret_set, err), 0);
    return r;
}

static void packed_lists_are_read_as_they_are(void **state)
{
    static const char text[] = "one.example\n# comment\n192.0.2.0/24\ntwo.example";
    uint8_t bytes[2][BUF_SIZE];
    size_t len[2] = {gzip(text, sizeof(text) - 1, bytes[0]),
                     zstd(text, sizeof(text) - 1, bytes[1])};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
        struct nta_err err = {0};

        assert_int_equal(load(bytes[i], len[i], 0, &set, &err), 0);
        assert_string_equal(verdict(set, "x.one.example"), "one.example@1");
        assert_string_equal(verdict_addr(set, "192.0.2.7"), "192.0.2.0/24@3");
        assert_string_equal(verdict(set, "two.example"), "two.example@4");
        assert_int_equal(nta_blacklist_get_list(set, 0)->bytes, len[i]); /* of the file */
        assert_int_equal(nta_blacklist_get_list(set, 0)->lines, 4);
    }
}

static void members_one_behind_the_other_are_one_text(void **state)
{
    uint8_t bytes[BUF_SIZE];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t (*pack)(const char *, size_t, uint8_t *) = i ? zstd : gzip;
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
        struct nta_err err = {0};
        size_t n = pack("one.exa", 7, bytes);
        uint8_t second[BUF_SIZE];
        size_t m = pack("mple\ntwo.example\n", 17, second);

        memcpy(bytes + n, second, m);
        memset(bytes + n + m, 0, 100); /* as tapes are filled up */
        assert_int_equal(load(bytes, n + m + 100, 0, &set, &err), 0);
        assert_string_equal(verdict(set, "one.example"), "one.example@1");
        assert_string_equal(verdict(set, "two.example"), "two.example@2");
    }
}

static void what_is_cut_off_or_broken_is_refused_whole(void **state)
{
    static const char text[] = "one.example\ntwo.example\nthree.example\n";
    uint8_t bytes[BUF_SIZE];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t len = (i ? zstd : gzip)(text, sizeof(text) - 1, bytes);

        for (size_t n = 4; n < len; n++) {
            struct nta_blacklist *set = NULL;
            struct nta_err err = {0};

            assert_int_equal(load(bytes, n, 0, &set, &err), -EBADMSG);
        }
    }
    size_t len = gzip(text, sizeof(text) - 1, bytes);
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    bytes[len - 6] ^= 1; /* the checksum */
    assert_int_equal(load(bytes, len, 0, &set, &err), -EBADMSG);
    assert_non_null(strstr(err.text, "its packing is broken"));
}

static void a_bomb_stops_at_the_limit(void **state)
{
    enum
    {
        BIG = 8 << 20
    };

    NTA_AUTO_FREE char *text = malloc(BIG);
    uint8_t bytes[BUF_SIZE];

    (void)state;
    memset(text, '\n', BIG);
    memcpy(text, "one.example", 11);
    for (size_t i = 0; i < 2; i++) {
        size_t len = (i ? zstd : gzip)(text, BIG, bytes);
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
        struct nta_err err = {0};

        assert_true(len < 16384);
        assert_int_equal(load(bytes, len, BIG - 1, &set, &err), -EFBIG);
        assert_non_null(strstr(err.text, "blacklist.unpack_limit"));
        assert_int_equal(load(bytes, len, BIG, &set, &err), 0);
    }
}

static void archives_are_refused_with_their_name(void **state)
{
    static const uint8_t zip[] = {'P', 'K', 3, 4, 20, 0, 0, 0};
    static const uint8_t bzip2[] = {'B', 'Z', 'h', '9', '1', 'A', 'Y', '&'};
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(load(zip, sizeof(zip), 0, &set, &err), -EINVAL);
    assert_non_null(strstr(err.text, "a zip archive: unpack it first"));
    assert_int_equal(load(bzip2, sizeof(bzip2), 0, &set, &err), -EINVAL);
    assert_non_null(strstr(err.text, "packed with bzip2"));
}

static void a_file_may_begin_with_a_frame_that_is_skipped(void **state)
{
    static const char text[] = "\xef\xbb\xbfone.example\n";
    uint8_t bytes[BUF_SIZE] = {0x50, 0x2a, 0x4d, 0x18, 4, 0,
                               0,    0,    1,    2,    3, 4}; /* as pzstd writes */
    size_t len = 12 + zstd(text, sizeof(text) - 1, bytes + 12);
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(load(bytes, len, 0, &set, &err), 0);
    assert_string_equal(verdict(set, "one.example"), "one.example@1");
}

static void a_packed_list_is_bounded_in_memory_too(void **state)
{
    NTA_AUTO_FREE char *text = malloc(200000);
    NTA_AUTO_FREE uint8_t *bytes = malloc(200000);
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    size_t n = 0, len;

    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        n += (size_t)snprintf(text + n, 200000 - n, "%u.x.y.z.de\n", i);
    len = ZSTD_compress(bytes, 200000, text, n, 1);
    assert_int_equal(load(bytes, len, 400000, &set, &err), -EFBIG);
    assert_non_null(strstr(err.text, "of memory, half of blacklist.unpack_limit"));
    assert_int_equal(load(bytes, len, 4000000, &set, &err), 0);
}

static void flipped_bytes_do_no_harm(void **state)
{
    static const char text[] = "one.example\ntwo.example\nthree.example\nfour.example\n";
    uint8_t bytes[BUF_SIZE];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t len = (i ? zstd : gzip)(text, sizeof(text) - 1, bytes);

        for (size_t bit = 0; bit < 8 * len; bit++) {
            struct nta_unpack *unpack = NULL;
            NTA_AUTO_FREE uint8_t *copy = malloc(len);
            struct nta_span packed = {.ptr = copy, .len = len};
            uint8_t buf[64];

            memcpy(copy, bytes, len);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(nta_unpack_new(i ? NTA_PACKING_ZSTD : NTA_PACKING_GZIP, &unpack), 0);
            for (size_t rounds = 0; nta_unpack_more(unpack, &packed, buf, sizeof(buf)) > 0;)
                assert_true(rounds++ < 100000);
            nta_unpack_free(&unpack);
        }
    }
}

static void text_comes_out_in_whatever_pieces(void **state)
{
    static const char text[] = "a.example\nb.example\nc.example\n";
    uint8_t bytes[BUF_SIZE];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t len = (i ? zstd : gzip)(text, sizeof(text) - 1, bytes), n_out = 0;
        struct nta_unpack *unpack = NULL;
        char out[sizeof(text)];

        assert_int_equal(nta_unpack_new(i ? NTA_PACKING_ZSTD : NTA_PACKING_GZIP, &unpack), 0);
        for (size_t n = 0; n < len; n++) {
            struct nta_span piece = {.ptr = bytes + n, .len = 1};
            ssize_t m;

            while ((m = nta_unpack_more(unpack, &piece, (uint8_t *)out + n_out, 1)) > 0)
                n_out += (size_t)m;
            assert_true(m == 0 && piece.len == 0);
        }
        assert_true(nta_unpack_is_whole(unpack));
        assert_int_equal(n_out, sizeof(text) - 1);
        assert_memory_equal(out, text, n_out);
        nta_unpack_free(&unpack);
    }
}

/** Names that stand on few lines count as those that have one each. */
static void a_packed_line_of_many_names_is_bounded_too(void **state)
{
    enum
    {
        N_LINES = 100,
        NAMES = 6000
    };
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    NTA_AUTO_FREE uint8_t *bytes = malloc(1 << 20);
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_non_null(bytes);
    for (unsigned line = 0; line < N_LINES; line++) {
        nta_buf_puts(&text, "0.0.0.0");
        for (unsigned i = 0; i < NAMES; i++)
            nta_buf_printf(&text, " a%u.b.c", i);
        nta_buf_puts(&text, "\n");
    }
    size_t n = ZSTD_compress(bytes, 1 << 20, text.ptr, text.len, 3);

    assert_false(ZSTD_isError(n));
    assert_true(text.len < 8 << 20);
    assert_int_equal(load(bytes, n, 8 << 20, &set, &err), -EFBIG);
    assert_non_null(strstr(err.text, "of memory, half of blacklist.unpack_limit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_lists_are_read_as_they_are),
        cmocka_unit_test(members_one_behind_the_other_are_one_text),
        cmocka_unit_test(what_is_cut_off_or_broken_is_refused_whole),
        cmocka_unit_test(a_bomb_stops_at_the_limit),
        cmocka_unit_test(archives_are_refused_with_their_name),
        cmocka_unit_test(a_file_may_begin_with_a_frame_that_is_skipped),
        cmocka_unit_test(a_packed_list_is_bounded_in_memory_too),
        cmocka_unit_test(a_packed_line_of_many_names_is_bounded_too),
        cmocka_unit_test(flipped_bytes_do_no_harm),
        cmocka_unit_test(text_comes_out_in_whatever_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
