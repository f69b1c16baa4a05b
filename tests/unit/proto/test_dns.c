/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_play.h"

static void question_then_response_is_one_lookup(void **state)
{
    (void)state;
    udp(53);
    assert_int_equal(play_probe(&play, 0, BYTES(QUESTION)), NTA_PARSE_OK);
    play_data(&play, 0, BYTES(QUESTION));
    play_data(&play, 1, BYTES(RESPONSE));
    expect(ASKED ANSWERED);
}

static void question_sent_again_is_one_question(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0, BYTES(QUESTION));
    play_data(&play, 0, BYTES(QUESTION));
    play_data(&play, 1, BYTES(RESPONSE));
    play_data(&play, 1, BYTES(RESPONSE));
    expect(ASKED ANSWERED UNASKED);
}

static void response_with_another_case_answers_the_question(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0,
              BYTES("\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03wWw\x07"
                    "eXample\x03"
                    "com\0\0\x01\0\x01"));
    play_data(&play, 1, BYTES(RESPONSE));
    expect("dns question 4660 name=wWw.eXample.com type=1 asked=1\n" ANSWERED);
}

static void response_of_another_id_or_name_does_not_answer(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0, BYTES("\x12\x35\x01\0\0\x01\0\0\0\0\0\0" Q_A));
    play_data(&play, 0,
              BYTES("\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01"
                    "a\0\0\x01\0\x01"));
    play_data(&play, 1, BYTES(RESPONSE));
    expect("dns question 4661 name=www.example.com type=1 asked=1\n"
           "dns question 4660 name=a type=1 asked=1\n" UNASKED
           "dns lookup 4661 name=www.example.com type=1 asked=1\n"
           "dns lookup 4660 name=a type=1 asked=1\n");
}

static void unanswered_question_is_reported_at_the_end(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0, BYTES(QUESTION));
    expect(ASKED GIVEN_UP);
}

static void ninth_pending_question_gives_up_the_oldest(void **state)
{
    uint8_t bytes[] = QUESTION;
    struct nta_buf want = {0};

    (void)state;
    udp(53);
    for (unsigned i = 0; i < 9; i++) {
        bytes[1] = (uint8_t)i;
        play_data(&play, 0, bytes, sizeof(bytes) - 1);
        nta_buf_printf(&want, "dns question %u name=www.example.com type=1 asked=1\n", 0x1200 + i);
    }
    for (unsigned i = 0; i < 9; i++)
        nta_buf_printf(&want, "dns lookup %u name=www.example.com type=1 asked=1\n", 0x1200 + i);
    nta_buf_put_u8(&want, 0);
    expect((const char *)want.ptr);
    nta_buf_done(&want);
}

static void response_from_the_presumed_client_swaps_the_sides(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0, BYTES(RESPONSE));
    play_data(&play, 1, BYTES(QUESTION));
    play_data(&play, 0, BYTES(RESPONSE));
    assert_true(play.swapped);
    expect("swapped " UNASKED "swapped " ASKED "swapped " ANSWERED);
}

static void chain_of_names_and_all_addresses_are_listed(void **state)
{
    (void)state;
    expect_response(
        BYTES("\0\x01\x81\x80\0\x01\0\x03\0\0\0\x01" Q_A "\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03"
              "cdn\xc0\x10"
              "\xc0\x2d\0\x01\0\x01\0\0\0\x05\0\x04\xc0\0\x02\x01"
              "\xc0\x2d\0\x1c\0\x01\x80\0\0\x05\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09"
              "\0\0\x29\x10\0\0\0\0\0\0\0"),
        "dns lookup 1 name=www.example.com type=1 rcode=0"
        " [www.example.com 5 60 cdn.example.com]"
        " [cdn.example.com 1 5 192.0.2.1] [cdn.example.com 28 0 2001:db8::9]\n");
}

static void pointer_and_service_records_give_their_target(void **state)
{
    (void)state;
    expect_response(BYTES("\0\x01\x81\x80\0\x01\0\x02\0\0\0\0\x05_ldap\0\0\x21\0\x01"
                          "\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x0a\0\x01\0\x02\x01\x85\x02"
                          "dc\0"
                          "\xc0\x0c\0\x0c\0\x01\0\0\0\x3c\0\x04\x02h1\0"),
                    "dns lookup 1 name=_ldap type=33 rcode=0 [_ldap 33 60 dc] [_ldap 12 60 h1]\n");
}

static void https_record_gives_an_answer_for_each_hint(void **state)
{
    (void)state;
    expect_response(BYTES("\0\x01\x81\x80\0\x01\0\x02\0\0\0\0\x01x\0\0\x41\0\x01"
                          "\xc0\x0c\0\x41\0\x01\0\0\0\x3c\0\x2a\0\x01\0"
                          "\0\x01\0\x03\x02h3"
                          "\0\x04\0\x08\xc0\0\x02\x01\xc0\0\x02\x02"
                          "\0\x06\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
                          "\xc0\x0c\0\x41\0\x01\0\0\0\x3c\0\x05\0\0\x01y\0"),
                    "dns lookup 1 name=x type=65 rcode=0 [x 65 60 192.0.2.1] [x 65 60 192.0.2.2]"
                    " [x 65 60 2001:db8::1] [x 65 60 y]\n");
}

static void other_types_and_classes_are_not_listed(void **state)
{
    (void)state;
    expect_response(BYTES("\0\x01\x81\x80\0\x01\0\x02\0\0\0\0\x01x\0\0\x10\0\x01"
                          "\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x02\x01t"
                          "\xc0\x0c\0\x01\0\x03\0\0\0\x3c\0\x04\xc0\0\x02\x01"),
                    "dns lookup 1 name=x type=16 rcode=0\n");
}

static void error_and_truncation_are_reported(void **state)
{
    (void)state;
    expect_response(BYTES("\0\x01\x83\x83\0\x01\0\0\0\0\0\0\x01x\0\0\x01\0\x01"),
                    "dns lookup 1 name=x type=1 rcode=3 cut=1\n");
}

static void response_without_question_section_answers_by_id(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0, BYTES(QUESTION));
    play_data(&play, 1, BYTES("\x12\x34\x81\x81\0\0\0\0\0\0\0\0"));
    play_data(&play, 1, BYTES("\x12\x34\x81\x81\0\0\0\0\0\0\0\0"));
    expect(ASKED "dns lookup 4660 name=www.example.com type=1 asked=1 rcode=1\n");
}

static void inverse_query_is_named_by_its_record(void **state)
{
    static const char query[] = "\x12\x34\x09\0\0\0\0\x01\0\0\0\0"
                                "\x03"
                                "a.b\0\0\x01\0\x01\0\0\0\0\0\0";

    (void)state;
    udp(53);
    assert_int_equal(play_probe(&play, 0, BYTES(query)), NTA_PARSE_OK);
    play_data(&play, 0, BYTES(query));
    play_data(&play, 1, BYTES("\x12\x34\x89\x04\0\0\0\0\0\0\0\0"));
    expect("dns question 4660 name=a\\\\.b type=1 asked=1\n"
           "dns lookup 4660 name=a\\\\.b type=1 asked=1 rcode=4\n");
}

static void each_question_of_a_message_is_reported(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0,
              BYTES("\0\x01\1\0\0\x02\0\0\0\0\0\0\x01x\0\0\x01\0\x01\x01y\xc0\x0c\0\x1c\0\x01"));
    play_data(&play, 1,
              BYTES("\0\x01\x81\0\0\x02\0\x01\0\0\0\0\x01x\0\0\x01\0\x01\x01y\xc0\x0c\0\x1c\0\x01"
                    "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01"));
    expect("dns question 1 name=x type=1 asked=1\n"
           "dns question 1 name=y.x type=28 asked=1\n"
           "dns lookup 1 name=x type=1 asked=1 rcode=0 [x 1 60 192.0.2.1]\n"
           "dns lookup 1 name=y.x type=28 asked=1 rcode=0\n");
}

static void dots_and_backslashes_inside_labels_are_escaped(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 0,
              BYTES("\0\x01\1\0\0\x01\0\0\0\0\0\0\x03"
                    "a.b\x03\\c\x01\0\0\x01\0\x01"));
    /* The log escapes the text once more. */
    expect("dns question 1 name=a\\\\.b.\\\\\\\\c\\x01 type=1 asked=1\n"
           "dns lookup 1 name=a\\\\.b.\\\\\\\\c\\x01 type=1 asked=1\n");
}

static void root_is_an_empty_name(void **state)
{
    (void)state;
    expect_response(BYTES("\0\x01\x81\x80\0\x01\0\0\0\0\0\0\0\0\x02\0\x01"),
                    "dns lookup 1 type=2 rcode=0\n");
}

static void pointer_loop_is_bad(void **state)
{
    static const uint8_t self[] = "\0\x01\x81\x80\0\x01\0\0\0\0\0\0\xc0\x0c\0\x01\0\x01";
    static const uint8_t forward[] = "\0\x01\x81\x80\0\x01\0\0\0\0\0\0\xc0\x0e\x01x\0\0\x01\0\x01";
    static const uint8_t round[] = "\0\x01\x81\x80\0\x01\0\0\0\0\0\0\x01x\xc0\x0c\0\x01\0\x01";

    (void)state;
    udp(53);
    assert_int_equal(play_probe(&play, 1, self, sizeof(self) - 1), NTA_PARSE_OTHER);
    expect_response(self, sizeof(self) - 1, "");
    expect_response(forward, sizeof(forward) - 1, "");
    expect_response(round, sizeof(round) - 1, "");
}

/* A response whose answer is owned by the end of a chain of `n` pointers, the first to a label. */
static bool reads_chain(size_t n)
{
    uint8_t bytes[256] = "\0\x01\x81\0\0\x01\0\x02\0\0\0\0\x01x\0\0\x01\0\x01\0\0\x10\0\x01";
    size_t len = 24, to = 12;

    len += 4; /* time to live */
    bytes[len + 1] = (uint8_t)(2 * n);
    len += 2;
    for (size_t i = 0; i < n; i++, to = len, len += 2) {
        bytes[len] = 0xc0;
        bytes[len + 1] = (uint8_t)to;
    }
    bytes[len] = 0xc0;
    bytes[len + 1] = (uint8_t)to;
    memcpy(bytes + len + 2, "\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01", 14);
    udp(53);
    play_data(&play, 1, bytes, len + 16);
    const bool reads = strstr(play_end(&play), "[x 1 60 192.0.2.1]") != NULL;

    play_done(&play);
    return reads;
}

static void long_chain_of_pointers_is_bad(void **state)
{
    (void)state;
    for (size_t n = 1; n < 40; n++)
        assert_int_equal(reads_chain(n), n <= 16);
}

static void name_of_more_than_255_bytes_is_bad(void **state)
{
    struct nta_buf bytes = {0};

    (void)state;
    nta_buf_put(&bytes, BYTES("\0\x01\1\0\0\x01\0\0\0\0\0\0"));
    for (int i = 0; i < 4; i++) {
        nta_buf_put_u8(&bytes, 62);
        for (int k = 0; k < 62; k++)
            nta_buf_put_u8(&bytes, 'a');
    }
    nta_buf_put(&bytes, BYTES("\x01"
                              "b\0\0\x01\0\x01")); /* 4 * 63 + 2 + 1 = 255 */
    udp(53);
    play_data(&play, 0, bytes.ptr, bytes.len);
    play_end(&play);
    assert_non_null(strstr((const char *)play.log.ptr, "aaa.b type=1"));
    play_done(&play);
    bytes.ptr[bytes.len - 7] = 2; /* the last label: one byte more */
    udp(53);
    play_data(&play, 0, bytes.ptr, bytes.len);
    expect("");
    nta_buf_done(&bytes);
}

static void cut_response_gives_what_is_whole(void **state)
{
    static const char bytes[] = "\x12\x34\x81\x80\0\x01\0\x02\0\0\0\0" Q_A
                                "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x50"
                                "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x51";
    const size_t question_end = sizeof(QUESTION) - 1, first_end = question_end + 16;

    (void)state;
    for (size_t len = 0; len < sizeof(bytes) - 1; len++) {
        udp(53);
        play_data(&play, 1, bytes, len);
        if (len < question_end)
            expect("");
        else if (len < first_end)
            expect("dns lookup 4660 name=www.example.com type=1 rcode=0 cut=1\n");
        else
            expect("dns lookup 4660 name=www.example.com type=1 rcode=0 cut=1"
                   " [www.example.com 1 60 192.0.2.80]\n");
    }
}

static void every_byte_may_be_anything(void **state)
{
    static const char bytes[] =
        RESPONSE "\xc0\x0c\0\x41\0\x01\0\0\0\x3c\0\x0b\0\x01\0\0\x04\0\x04\xc0\0\x02\x01";
    uint8_t copy[sizeof(bytes) - 1];

    (void)state;
    for (size_t i = 0; i < 256 * sizeof(copy); i++) {
        memcpy(copy, bytes, sizeof(copy));
        copy[7] = 2;
        copy[i / 256] = (uint8_t)i;
        udp(53);
        play_data(&play, 0, QUESTION, sizeof(QUESTION) - 1);
        (void)play_probe(&play, 1, copy, sizeof(copy));
        play_data(&play, 1, copy, sizeof(copy));
        play_end(&play);
        play_done(&play);
    }
}

static void only_so_many_answers_are_listed(void **state)
{
    struct nta_buf bytes = {0};

    (void)state;
    nta_buf_put(&bytes, BYTES("\0\x01\x81\x80\0\x01\0\x50\0\0\0\0\x01x\0\0\x01\0\x01"));
    for (int i = 0; i < 80; i++)
        nta_buf_put(&bytes, BYTES("\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x50"));
    udp(53);
    play_data(&play, 1, bytes.ptr, bytes.len);
    play_end(&play);
    assert_non_null(strstr((const char *)play.log.ptr, "name=x type=1 rcode=0 cut=1 ["));
    play_done(&play);
    nta_buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(question_then_response_is_one_lookup),
        cmocka_unit_test(question_sent_again_is_one_question),
        cmocka_unit_test(response_with_another_case_answers_the_question),
        cmocka_unit_test(response_of_another_id_or_name_does_not_answer),
        cmocka_unit_test(unanswered_question_is_reported_at_the_end),
        cmocka_unit_test(ninth_pending_question_gives_up_the_oldest),
        cmocka_unit_test(response_from_the_presumed_client_swaps_the_sides),
        cmocka_unit_test(chain_of_names_and_all_addresses_are_listed),
        cmocka_unit_test(pointer_and_service_records_give_their_target),
        cmocka_unit_test(https_record_gives_an_answer_for_each_hint),
        cmocka_unit_test(other_types_and_classes_are_not_listed),
        cmocka_unit_test(error_and_truncation_are_reported),
        cmocka_unit_test(response_without_question_section_answers_by_id),
        cmocka_unit_test(inverse_query_is_named_by_its_record),
        cmocka_unit_test(each_question_of_a_message_is_reported),
        cmocka_unit_test(dots_and_backslashes_inside_labels_are_escaped),
        cmocka_unit_test(root_is_an_empty_name),
        cmocka_unit_test(pointer_loop_is_bad),
        cmocka_unit_test(long_chain_of_pointers_is_bad),
        cmocka_unit_test(name_of_more_than_255_bytes_is_bad),
        cmocka_unit_test(cut_response_gives_what_is_whole),
        cmocka_unit_test(every_byte_may_be_anything),
        cmocka_unit_test(only_so_many_answers_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
