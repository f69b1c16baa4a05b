/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/websocket.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum
{
    BUF_SIZE = 64
};

/*
 * RFC 6455 section 5.7 has these frames, as text; here they are binary: "Hello" without and with a
 * mask.
 */
#define PLAIN  "\x82\5Hello"
#define MASKED "\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"

/* "Hel", a ping in between, "lo"; then text; then one more. */
static const char mixed[] = "\2\x83\x37\xfa\x21\x3d\x7f\x9f\x4d\x89\5Hello\x80\2lo"
                            "\x81\3abc" PLAIN;

static uint8_t buf[BUF_SIZE];
static char joined[256];
static size_t joined_len;

/**
 * Join `len` bytes of an exact copy behind what was joined before, `size` at a time.  How many were
 * read.
 */
static size_t join(struct nta_websocket_side *side, const void *bytes, size_t len, size_t size,
                   enum nta_parse *ret_verdict)
{
    uint8_t *copy = malloc(len ? len : 1);
    struct nta_span inner;

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    struct nta_reader r = nta_reader_of(copy, len);

    do {
        *ret_verdict = nta_websocket_join(side, &r, buf, size, &inner);
        assert_true(inner.len <= size && joined_len + inner.len < sizeof(joined));
        memcpy(joined + joined_len, inner.ptr, inner.len);
        joined_len += inner.len;
        joined[joined_len] = '\0';
    } while (*ret_verdict == NTA_PARSE_OK && nta_reader_left(&r) > 0);
    const size_t taken = nta_reader_offset(&r);

    free(copy);
    return taken;
}

static enum nta_parse join_all(struct nta_websocket_side *side, const void *bytes, size_t len,
                               size_t size)
{
    enum nta_parse verdict;

    joined_len = 0;
    joined[0] = '\0';
    (void)join(side, bytes, len, size, &verdict);
    return verdict;
}

#define JOIN(literal, size) join_all(&side, literal, sizeof(literal) - 1, size)

static void frames_of_the_rfc_are_read(void **state)
{
    struct nta_websocket_side side = {0};
    uint8_t frame[4 + 256] = "\x82\x7e\1\0";

    (void)state;
    assert_int_equal(JOIN(PLAIN, BUF_SIZE), NTA_PARSE_OK);
    assert_string_equal(joined, "Hello");
    assert_int_equal(JOIN(MASKED, BUF_SIZE), NTA_PARSE_OK);
    assert_string_equal(joined, "Hello");
    memset(frame + 4, 'z', 251);
    assert_int_equal(join_all(&side, frame, 4 + 251, BUF_SIZE), NTA_PARSE_OK);
    assert_int_equal(joined_len, 251);
    assert_int_equal(side.left, 5);
}

static void binary_messages_are_joined_and_the_rest_is_passed_over(void **state)
{
    struct nta_websocket_side side = {0};

    (void)state;
    for (size_t size = 1; size <= BUF_SIZE; size++) {
        assert_int_equal(JOIN(mixed, size), NTA_PARSE_OK);
        assert_string_equal(joined, "HelloHello");
        assert_int_equal(side.left, 0);
    }
}

static void a_single_piece_without_a_mask_is_not_copied(void **state)
{
    static const char frame[] = PLAIN;
    struct nta_websocket_side side = {0};
    struct nta_reader r = nta_reader_of((const uint8_t *)frame, sizeof(frame) - 1);
    struct nta_span inner;

    (void)state;
    assert_int_equal(nta_websocket_join(&side, &r, buf, sizeof(buf), &inner), NTA_PARSE_OK);
    assert_ptr_equal(inner.ptr, frame + 2);
}

static void what_comes_in_any_two_pieces_says_the_same(void **state)
{
    enum nta_parse verdict;

    (void)state;
    for (size_t cut = 0; cut < sizeof(mixed); cut++) {
        struct nta_websocket_side side = {0};

        joined_len = 0;
        size_t taken = join(&side, mixed, cut, BUF_SIZE, &verdict);

        assert_true(verdict == NTA_PARSE_OK ? taken == cut : verdict == NTA_PARSE_MORE);
        (void)join(&side, mixed + taken, sizeof(mixed) - 1 - taken, BUF_SIZE, &verdict);
        assert_int_equal(verdict, NTA_PARSE_OK);
        assert_string_equal(joined, "HelloHello");
    }
}

static void flipped_bytes_do_no_harm(void **state)
{
    char flipped[sizeof(mixed)];

    (void)state;
    for (size_t at = 0; at < (sizeof(mixed) - 1) * 8; at++) {
        struct nta_websocket_side side = {0};

        memcpy(flipped, mixed, sizeof(mixed));
        flipped[at / 8] = (char)((unsigned char)flipped[at / 8] ^ 1U << at % 8);
        (void)join_all(&side, flipped, sizeof(mixed) - 1, BUF_SIZE);
    }
}

static void what_is_no_frame_is_bad(void **state)
{
    static const struct
    {
        const char *bytes;
        size_t len;
    } rows[] = {

#define ROW(literal) {literal, sizeof(literal) - 1}
        ROW("\x83\0"),                     /* an opcode that is none */
        ROW("\x92\0"),                     /* a reserved bit */
        ROW("\x80\0"),                     /* goes on with nothing */
        ROW("\x9\0"),                      /* a ping in fragments */
        ROW("\x89\x7e\0\x7e"),             /* a ping that is too long */
        ROW("\x8b\0"),                     /* a control frame that is none */
        ROW("\2\0\x82\0"),                 /* a message inside a message */
        ROW("\x82\x7f\xff\0\0\0\0\0\0\0"), /* longer than lengths can be */
        ROW("\xc9\0"),                     /* a packed ping */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nta_websocket_side side = {0};

        if (join_all(&side, rows[i].bytes, rows[i].len, BUF_SIZE) != NTA_PARSE_BAD)
            fail_msg("row %zu", i);
    }
}

static void nothing_is_followed_behind_a_packed_message_or_a_close(void **state)
{
    struct nta_websocket_side side = {0};

    (void)state;
    assert_int_equal(JOIN(PLAIN "\xc2\2xx" PLAIN, BUF_SIZE), NTA_PARSE_OTHER);
    assert_string_equal(joined, "Hello");
    assert_int_equal(JOIN("\xc1\2xx" PLAIN, BUF_SIZE), NTA_PARSE_OK); /* packed text is text */
    assert_string_equal(joined, "Hello");
    assert_int_equal(JOIN("\x88\2\3\xe8" PLAIN, BUF_SIZE), NTA_PARSE_OTHER);
    assert_string_equal(joined, "");
}

static void skipped_bytes_are_jumped_over(void **state)
{
    struct nta_websocket_side side = {0};

    (void)state;
    assert_int_equal(JOIN("\x82\x0aHello", BUF_SIZE), NTA_PARSE_OK);
    assert_int_equal(nta_websocket_jump(&side), 0); /* the rest is wanted */
    side.skip = 7;
    assert_int_equal(nta_websocket_jump(&side), 5);
    assert_int_equal(JOIN(MASKED, BUF_SIZE), NTA_PARSE_OK);
    assert_string_equal(joined, "llo");
    assert_int_equal(side.skip, 0);
    assert_int_equal(JOIN("\x81\x0aHello", BUF_SIZE), NTA_PARSE_OK);
    assert_int_equal(nta_websocket_jump(&side), 5); /* text */
    assert_int_equal(JOIN(PLAIN, BUF_SIZE), NTA_PARSE_OK);
    assert_string_equal(joined, "Hello");
}

static void a_hole_within_a_frame_leaves_the_mask_in_step(void **state)
{
    struct nta_websocket_side side = {0};
    uint64_t lost = 0;

    (void)state;
    assert_int_equal(JOIN("\x82\x85\x37\xfa\x21\x3d\x7f", BUF_SIZE), NTA_PARSE_OK);
    assert_true(nta_websocket_lose(&side, 2, &lost));
    assert_int_equal(lost, 2);
    assert_int_equal(JOIN("\x51\x58", BUF_SIZE), NTA_PARSE_OK);
    assert_string_equal(joined, "lo");
    assert_false(nta_websocket_lose(&side, 1, &lost)); /* a head */
    assert_int_equal(JOIN("\x82\5He", BUF_SIZE), NTA_PARSE_OK);
    side.unread = 2;
    assert_false(nta_websocket_lose(&side, 2, &lost)); /* up to behind the frame */
    side.skip = 1;
    assert_true(nta_websocket_lose(&side, 1, &lost));
    assert_int_equal(lost, 0);
    assert_int_equal(side.left, 0);
    assert_int_equal(side.skip, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_the_rfc_are_read),
        cmocka_unit_test(binary_messages_are_joined_and_the_rest_is_passed_over),
        cmocka_unit_test(a_single_piece_without_a_mask_is_not_copied),
        cmocka_unit_test(what_comes_in_any_two_pieces_says_the_same),
        cmocka_unit_test(flipped_bytes_do_no_harm),
        cmocka_unit_test(what_is_no_frame_is_bad),
        cmocka_unit_test(nothing_is_followed_behind_a_packed_message_or_a_close),
        cmocka_unit_test(skipped_bytes_are_jumped_over),
        cmocka_unit_test(a_hole_within_a_frame_leaves_the_mask_in_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
