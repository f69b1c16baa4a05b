/* SPDX-License-Identifier: Apache-2.0 */
/* Packets written as a pcapng section, and read back with suspicion. */
#include "base/own.h"
#include "base/text.h"
#include "capture/pcapng_write.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void make(struct nta_buf *out)
{
    const struct nta_span comments[] = {nta_span_of("list a, line 7"), nta_span_of("second")};
    const struct nta_pcapng_head head = {
        .hardware = nta_span_of("x86_64"),
        .os = nta_span_of("Linux"),
        .application = nta_span_of("nta"),
        .comments = comments,
        .n_comments = 2,
    };

    nta_pcapng_begin(out, &head);
    nta_pcapng_interface(out, 1);
    nta_pcapng_interface(out, 101);
    nta_pcapng_packet(out, &(struct nta_pcapng_packet){
                               .interface = 1,
                               .wall_ns = 1795387650474720903,
                               .bytes = nta_span_of("abcde"),
                               .wire_len = 9,
                               .flags = NTA_PCAPNG_OUTBOUND,
                               .comment = nta_span_of("3 bytes masked"),
                           });
    nta_pcapng_packet(out, &(struct nta_pcapng_packet){.bytes = nta_span_of("f"), .wire_len = 1});
    assert_false(out->failed);
}

static void a_section_counts_what_was_written(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_pcapng_counts counts;

    (void)state;
    make(&out);
    assert_true(nta_pcapng_annotate(nta_buf_span(&out), NULL, 0, NULL, &counts));
    assert_int_equal(counts.n_interfaces, 2);
    assert_int_equal(counts.n_packets, 2);
    assert_int_equal(counts.n_comments, 3);
    assert_int_equal(counts.n_cut, 1);
}

/** The packet block as the draft (section 4.3) has it. */
static void a_packet_is_laid_out_as_the_draft_says(void **state)
{
    static const uint8_t expected[] = {
        6,    0,    0,    0,    48,   0,    0,    0,    /* type, length */
        0,    0,    0,    0,                            /* interface */
        0x4f, 0x8c, 0xea, 0x18, 0xc7, 0xec, 0xe7, 0x5b, /* time, high half first */
        2,    0,    0,    0,    3,    0,    0,    0,    /* captured, on the wire */
        'h',  'i',  0,    0,                            /* padded */
        2,    0,    4,    0,    1,    0,    0,    0,    /* flags: inbound */
        0,    0,    0,    0,    48,   0,    0,    0,    /* end of options; length */
    };
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    nta_pcapng_packet(&out, &(struct nta_pcapng_packet){
                                .wall_ns = 0x18ea8c4f5be7ecc7,
                                .bytes = nta_span_of("hi"),
                                .wire_len = 3,
                                .flags = NTA_PCAPNG_INBOUND,
                            });
    assert_int_equal(out.len, sizeof(expected));
    assert_memory_equal(out.ptr, expected, sizeof(expected));
}

static void comments_are_added_and_all_else_stays(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, copy = {0};
    const struct nta_span more[] = {nta_span_of("record 1-2-3"), nta_span_of("")};
    struct nta_pcapng_counts counts, again;

    (void)state;
    make(&out);
    assert_true(nta_pcapng_annotate(nta_buf_span(&out), more, 2, &copy, &counts));
    assert_non_null(memmem(copy.ptr, copy.len, "record 1-2-3", 12));
    assert_non_null(memmem(copy.ptr, copy.len, "list a, line 7", 14));
    assert_true(nta_pcapng_annotate(nta_buf_span(&copy), NULL, 0, NULL, &again));
    assert_int_equal(again.n_comments, counts.n_comments + 1);
    assert_int_equal(again.n_packets, 2);
    /* the blocks behind the head are the same bytes */
    assert_memory_equal(copy.ptr + copy.len - 100, out.ptr + out.len - 100, 100);
}

static void every_prefix_but_whole_blocks_is_refused(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_pcapng_counts counts;
    size_t n_fine = 0;

    (void)state;
    make(&out);
    for (size_t len = 0; len < out.len; len++) {
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, out.ptr, len);
        n_fine += nta_pcapng_annotate((struct nta_span){exact, len}, NULL, 0, NULL, &counts);
        free(exact);
    }
    assert_int_equal(n_fine, 4); /* behind the head, two interfaces, one packet */
}

static void flipped_bits_never_break_a_copy(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0}, copy = {0};
    const struct nta_span more = nta_span_of("more");
    struct nta_pcapng_counts counts;

    (void)state;
    make(&out);
    for (size_t bit = 0; bit < 8 * out.len; bit++) {
        out.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
        nta_buf_clear(&copy);
        if (nta_pcapng_annotate(nta_buf_span(&out), &more, 1, &copy, &counts))
            assert_true(nta_pcapng_annotate(nta_buf_span(&copy), NULL, 0, NULL, &counts));
        else
            assert_int_equal(copy.len, 0);
        out.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_section_counts_what_was_written),
        cmocka_unit_test(a_packet_is_laid_out_as_the_draft_says),
        cmocka_unit_test(comments_are_added_and_all_else_stays),
        cmocka_unit_test(every_prefix_but_whole_blocks_is_refused),
        cmocka_unit_test(flipped_bits_never_break_a_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
