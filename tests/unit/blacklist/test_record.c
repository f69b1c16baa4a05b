/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "blacklist/format/record.h"
#include "lists.h"

/** What was given: "number:record" lines, with "!" before what has a fault. */
static struct nta_buf given;
static size_t n_given;

static void on_record(void *owner, struct nta_span record, const char *fault)
{
    const struct nta_list_records *records = owner;

    n_given++;
    nta_buf_printf(&given, "%s%u:%.*s|", fault ? "!" : "", (unsigned)records->number,
                   (int)(record.len < 40 ? record.len : 40), (const char *)record.ptr);
}

static void on_entry(void *owner, const struct nta_list_entry *entry)
{
    (void)owner;
    (void)entry;
}

/** Records of a text in a table with commas, or without a header. */
static const char *records_of(const char *text, uint8_t separator)
{
    static struct nta_list_reader reader;
    struct nta_list_records records = {.reader = &reader, .record = on_record, .owner = &records};

    nta_list_reader_init(&reader);
    reader.entry = on_entry;
    reader.separator = separator;
    nta_buf_clear(&given);
    n_given = 0;
    for (const char *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        nta_list_records_line(
            &records, (struct nta_span){.ptr = (const uint8_t *)text, .len = (size_t)(end - text)},
            false);
    }
    nta_list_records_end(&records);
    nta_list_records_done(&records);
    nta_buf_put_u8(&given, 0);
    return (const char *)given.ptr;
}

static void a_quoted_field_may_go_over_lines(void **state)
{
    (void)state;
    assert_string_equal(records_of("a,b\nc,\"d\ne\"\nf\n", ','), "1:a,b|2:c,\"d\ne\"|4:f|");
    assert_string_equal(records_of("a,\"\"\"\n\"\"\"\nb\n", ','), "1:a,\"\"\"\n\"\"\"|3:b|");
    assert_string_equal(records_of("\"a\n\nb\"\n", ','), "1:\"a\n\nb\"|");
}

static void one_quote_too_many_costs_one_line(void **state)
{
    (void)state;
    assert_string_equal(records_of("a,\"b\nc\nd\n", ','), "!1:a,\"b|2:c|3:d|");
    assert_string_equal(records_of("a,\"b\nc,\"d\ne\n", ','), "!1:a,\"b|!2:c,\"d|3:e|");
    assert_string_equal(records_of("\"\n\"a\n\"b\n\"c\n", ','), "!1:\"|!2:\"a|!3:\"b|!4:\"c|");
    assert_string_equal(records_of("a,\"b\nc,\"d\"\ne\n", ','), "!1:a,\"b|2:c,\"d\"|3:e|");
}

static void brackets_of_a_zone_are_one_record(void **state)
{
    (void)state;
    assert_string_equal(records_of("@ IN SOA a. b. ( ; x (\n 1 ; )\n2 )\nc CNAME .\n", 0),
                        "1:@ IN SOA a. b. ( \n 1 \n2 )|4:c CNAME .|");
    assert_string_equal(records_of("@ IN SOA a. b. (\nc CNAME .\n", 0),
                        "!1:@ IN SOA a. b. (|2:c CNAME .|");
    assert_string_equal(records_of("a (b\nc\n", 0), "1:a (b|2:c|"); /* no zone */
}

static void what_is_held_is_bounded(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    (void)state;
    nta_buf_puts(&text, "a,\"b\n");
    for (size_t i = 0; i < 1000; i++)
        nta_buf_puts(&text, "1,2\n");
    nta_buf_put_u8(&text, 0);
    (void)records_of((const char *)text.ptr, ',');
    assert_int_equal(n_given, 1001);
    assert_int_equal(given.ptr[0], '!');
    nta_buf_clear(&text);
    for (size_t i = 0; i < 3; i++) {
        nta_buf_puts(&text, "\"");
        for (size_t k = 0; k < 40000; k++)
            nta_buf_put_u8(&text, 'x');
        nta_buf_put_u8(&text, '\n');
    }
    nta_buf_put_u8(&text, 0);
    (void)records_of((const char *)text.ptr, ',');
    assert_int_equal(n_given, 3);
}

static void a_byte_order_mark_is_no_text(void **state)
{
    (void)state;
    assert_string_equal(records_of("\xef\xbb\xbf"
                                   "a\n\xef\xbb\xbf"
                                   "b\n",
                                   0),
                        "1:a|2:b|");
    assert_string_equal(records_of("\xff\xfe"
                                   "a\n",
                                   0),
                        "!1:\xff\xfe"
                        "a|");
}

static void what_ends_lines_is_no_part_of_a_record(void **state)
{
    (void)state;
    assert_string_equal(records_of("a,\"x\r\ny\"\r\nb\r\n", ','), "1:a,\"x\ny\"|3:b|");
    assert_string_equal(records_of("@ SOA a b ( 1\r\n 2 )\r\nb\r\n", 0),
                        "1:@ SOA a b ( 1\n 2 )|3:b|");
}

static int done(void **state)
{
    (void)state;
    nta_buf_done(&given);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quoted_field_may_go_over_lines),
        cmocka_unit_test(one_quote_too_many_costs_one_line),
        cmocka_unit_test(brackets_of_a_zone_are_one_record),
        cmocka_unit_test(what_is_held_is_bounded),
        cmocka_unit_test(a_byte_order_mark_is_no_text),
        cmocka_unit_test(what_ends_lines_is_no_part_of_a_record),
    };

    return cmocka_run_group_tests(tests, NULL, done);
}
