/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns that fit, widths of wide characters, colours, and what hostile names become in a table,
 * in CSV, between tabs and in JSON.
 */
#include "base/own.h"
#include "base/text.h"
#include "output/colour.h"
#include "output/fields.h"
#include "output/table.h"
#include "output/term.h"
#include "unit.h"

#include <locale.h>
#include <stdlib.h>
#include <time.h>

static const struct nta_header header = {.number = 7};

static struct nta_span span_of(const char *text, size_t len)
{
    return (struct nta_span){(const uint8_t *)text, len};
}

static struct nta_record sample(const char *site)
{
    return (struct nta_record){
        .event = NTA_RECORD_FLOW,
        .time_ns = INT64_C(1795600000000000000),
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5})},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 80}), .port = 443},
        .app = NTA_APP_TLS,
        .site = nta_span_of(site),
        .basis = NTA_BASIS_SNI,
        .seen = NTA_SEEN_ANSWERED,
        .down = {.bytes = 1536},
    };
}

static const char *shown(struct nta_buf *buf)
{
    nta_buf_put_u8(buf, 0);
    assert_false(buf->failed);
    return (const char *)buf->ptr;
}

static void widths_are_those_of_the_screen(void **state)
{
    (void)state;
    assert_int_equal(nta_width_of(nta_span_of("abc")), 3);
    assert_int_equal(nta_width_of(nta_span_of("日本")), 4);
    assert_int_equal(nta_width_of(nta_span_of("e\xcc\x81")), 1); /* combining accent */
    assert_int_equal(nta_width_of(nta_span_of("…")), 1);
    assert_int_equal(nta_width_of(span_of("\xff", 1)), 1);
}

static void check_cell(const char *text, size_t width, bool right, const char *expected)
{
    struct nta_buf out = {0};

    nta_put_cell(&out, nta_span_of(text), width, right);
    assert_string_equal(shown(&out), expected);
    nta_buf_done(&out);
}

static void cells_are_cut_and_filled_to_their_width(void **state)
{
    (void)state;
    check_cell("abc", 5, false, "abc  ");
    check_cell("abc", 5, true, "  abc");
    check_cell("abcdef", 5, false, "abcd…");
    check_cell("abcdef", 6, false, "abcdef");
    check_cell("日本語", 5, false, "日本…");
    check_cell("日本語", 4, false, "日… "); /* half of a wide one does not fit */
    check_cell("abc", 1, false, "…");
    check_cell("abc", 0, false, "");
    check_cell("", 3, false, "   ");
}

static size_t width_of_row(unsigned columns, const char *site)
{
    struct nta_fields fields = nta_fields_table(false);
    struct nta_record record = sample(site);
    const struct nta_found found = {.record = &record, .header = &header};
    struct nta_table table;
    struct nta_buf out = {0};

    nta_table_fit(&table, &fields, columns);
    nta_table_row(&out, &table, &found, false);
    assert_int_equal(out.ptr[out.len - 1], '\n');
    size_t width = nta_width_of((struct nta_span){out.ptr, out.len - 1});

    nta_buf_done(&out);
    return width;
}

static void rows_fit_the_terminal(void **state)
{
    static const char longest[] =
        "a-very-long-name.that-goes-on.and-on.and-on.until-nobody-reads-it.any-more.example.com";

    (void)state;
    for (unsigned columns = 40; columns < 300; columns++) {
        assert_true(width_of_row(columns, longest) <= columns);
        assert_true(width_of_row(columns, "x.example") <= columns);
        assert_true(width_of_row(columns, "日本語日本語日本語日本語日本語日本語日本語.example") <=
                    columns);
    }
    assert_true(width_of_row(0, longest) > 120); /* no terminal: whole */
}

static void check_middle(const char *text, size_t width, const char *expected)
{
    struct nta_buf out = {0};

    nta_put_cell_middle(&out, nta_span_of(text), width);
    assert_string_equal(shown(&out), expected);
    nta_buf_done(&out);
}

static void a_cell_that_is_cut_in_its_middle_keeps_its_end(void **state)
{
    (void)state;
    check_middle("files.bad.example: tool.exe", 30, "files.bad.example: tool.exe   ");
    check_middle("files.bad.example: tool.exe", 20, "files.b…le: tool.exe");
    check_middle("日本語日本語", 8, "日…本語 "); /* whole characters */
    check_middle("abcdef", 3, "ab…");
    check_middle("abc", 0, "");
}

/** A downloads' row of this user and file, in a table that has seen it, or the one before. */
static const char *measured_row(struct nta_buf *out, struct nta_table *table, const char *person,
                                const char *file, unsigned columns)
{
    const struct nta_fields fields = nta_fields_table(NTA_FIELDS_OF_DOWNLOADS);
    struct nta_record record = sample("a-long-name.of-a-site.that-goes-on.example");
    const struct nta_found found = {.record = &record, .header = &header};

    record.user.person = nta_span_of(person);
    record.file.name = nta_span_of(file);
    if (columns) {
        nta_table_begin(table, &fields);
        nta_table_measure(table, &found);
        nta_table_fit_measured(table, columns);
    }
    nta_buf_clear(out);
    nta_table_row(out, table, &found, false);
    nta_buf_put_u8(out, 0);
    return (const char *)out->ptr;
}

static void users_and_files_are_never_cut_and_nothing_is_wider_than_its_rows(void **state)
{
    static const char person[] = "Ann Example of class 7b", file[] = "a holiday film of 2026.mkv";
    struct nta_table table;
    struct nta_buf out = {0};

    (void)state;
    for (unsigned columns = 80; columns <= 200; columns += 20) {
        const char *row = measured_row(&out, &table, person, file, columns);

        assert_non_null(strstr(row, person));
        assert_non_null(strstr(row, file));
        if (columns > 80) /* there, time, user, site and file alone need more */
            assert_true(nta_width_of((struct nta_span){out.ptr, out.len - 2}) <= columns);
    }
    assert_non_null(strstr(measured_row(&out, &table, "Ann", "x", 200), "Ann   a-long-name.of-a-"));
    /* one that comes later, and is longer */
    assert_non_null(strstr(measured_row(&out, &table, person, file, 0), person));
    nta_buf_done(&out);
}

static void a_row_of_an_hour_that_was_there_twice_shows_which(void **state)
{
    static const char *const zones[] = {"Europe/Brussels", "UTC0"};
    static const char *const times[] = {"2026-10-25 02:59:00+02:00  ", "2026-10-25 00:59:00  "};
    struct nta_record record = sample("x.example");
    const struct nta_found found = {.record = &record, .header = &header};
    struct nta_table table;
    struct nta_fields fields;

    (void)state;
    record.time_ns = INT64_C(1792889940000000000); /* 25 October 2026, 00:59 UTC */
    for (size_t i = 0; i < 2; i++) {
        struct nta_buf out = {0};

        (void)setenv("TZ", zones[i], 1);
        tzset();
        assert_int_equal(nta_fields_parse("time,site", &fields, NULL), 0);
        nta_table_fit(&table, &fields, 40); /* the time is never cut, however narrow */
        nta_table_row(&out, &table, &found, false);
        assert_non_null(strstr(shown(&out), times[i]));
        nta_buf_done(&out);
    }
}

/** However narrow: a hint that stands there as a finding accuses somebody. */
static void a_hint_is_said_at_any_width(void **state)
{
    const struct nta_fields fields = nta_fields_table(NTA_FIELDS_OF_ALERTS);
    struct nta_record record = sample("shared.example");
    const struct nta_found found = {.record = &record, .header = &header};

    (void)state;
    record.event = NTA_RECORD_ALERT;
    record.match.list = nta_span_of("malware");
    for (unsigned columns = 40; columns < 200; columns++) {
        for (int late = 0; late < 2; late++) { /* it is measured, or comes behind those that were */
            struct nta_table table;
            struct nta_buf out = {0};

            nta_table_begin(&table, &fields);
            record.match.weak = !late;
            nta_table_measure(&table, &found);
            nta_table_fit_measured(&table, columns);
            record.match.weak = true;
            nta_table_row(&out, &table, &found, false);
            assert_non_null(strstr(shown(&out), "weak"));
            nta_buf_done(&out);
        }
    }
}

static void sequences_in_names_stay_text(void **state)
{
    static const char hostile[] = "\033]0;owned\007\033[31mred\xe2\x80\xae\xc2\x9bx\r\n\0y\xff";
    struct nta_fields fields;
    struct nta_record record = sample("");
    const struct nta_found found = {.record = &record, .header = &header};
    struct nta_table table;
    struct nta_buf out = {0};
    struct nta_err err;

    (void)state;
    record.site = span_of(hostile, sizeof(hostile) - 1);
    assert_int_equal(nta_fields_parse("site,time", &fields, &err), 0);
    nta_table_fit(&table, &fields, 0);
    nta_table_row(&out, &table, &found, false);
    for (size_t i = 0; i + 1 < out.len; i++)
        assert_true(out.ptr[i] >= 0x20 && out.ptr[i] != 0x7f);
    assert_non_null(strstr(shown(&out), "\\x1b]0;owned\\x07\\x1b[31mred\\xe2\\x80\\xae\\xc2\\x9b"));
    nta_buf_done(&out);
}

static void cells_of_csv_are_no_formulas(void **state)
{
    static const char *const hostile[] = {"=1+1", "+x", "-x", "@x", "a\"b,c"};
    static const char *const expected[] = {"\"'=1+1\",1536\n", "\"'+x\",1536\n", "\"'-x\",1536\n",
                                           "\"'@x\",1536\n", "\"a\"\"b,c\",1536\n"};
    struct nta_fields fields;
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_fields_parse("site,down_bytes", &fields, &err), 0);
    for (size_t i = 0; i < 5; i++) {
        struct nta_record record = sample(hostile[i]);
        const struct nta_found found = {.record = &record, .header = &header};
        struct nta_buf out = {0};

        nta_fields_csv(&out, &fields, &found);
        assert_string_equal(shown(&out), expected[i]);
        nta_buf_done(&out);
    }
}

static void times_of_csv_are_local_with_their_offset(void **state)
{
    struct nta_record record = sample("x.example");
    const struct nta_found found = {.record = &record, .header = &header};
    struct nta_fields fields;
    struct nta_buf out = {0};

    (void)state;
    (void)setenv("TZ", "IST-5:30", 1);
    tzset();
    assert_int_equal(nta_fields_parse("time,end,site", &fields, NULL), 0);
    nta_fields_csv(&out, &fields, &found);
    assert_string_equal(shown(&out), "2026-11-25T15:16:40.000000000+05:30,,\"x.example\"\n");
    nta_buf_done(&out);
    (void)setenv("TZ", "UTC0", 1);
    tzset();
}

static void csv_without_fields_has_severity_and_kind(void **state)
{
    const struct nta_fields fields = nta_fields_all();
    struct nta_buf out = {0};

    (void)state;
    nta_fields_csv_head(&out, &fields);
    assert_non_null(strstr(shown(&out), ",kind,severity,"));
    nta_buf_done(&out);
}

static void values_between_tabs_have_neither_tab_nor_line_break(void **state)
{
    struct nta_record record = sample("a\tb\nc\033[31m\\");
    const struct nta_found found = {.record = &record, .header = &header};
    struct nta_fields fields;
    struct nta_buf out = {0};

    (void)state;
    record.match = (struct nta_record_match){.list = nta_span_of("l"), .severity = 4};
    assert_int_equal(nta_fields_parse("time,site,bytes,url,severity", &fields, NULL), 0);
    nta_fields_tabs_head(&out, &fields);
    nta_fields_tabs(&out, &fields, &found, NULL);
    assert_string_equal(shown(&out), "TIME\tSITE\tBYTES\tURL\tSEVERITY\n"
                                     "2026-11-25T09:46:40.000000000+00:00\t"
                                     "a\\x09b\\x0ac\\x1b[31m\\\\\t1536\t\tcritical\n");
    nta_buf_clear(&out);
    nta_fields_tabs(&out, &fields, &found, nta_table_style); /* asked for: --color=always */
    assert_non_null(strstr(shown(&out), "\t\033[1;31mcritical\033[0m\n"));
    nta_buf_done(&out);
}

static void colours_are_those_of_the_severity_and_a_hint_is_never_red(void **state)
{
    (void)state;
    assert_string_equal(nta_colour_of_severity(4, false, ""), "\033[1;31m");
    assert_string_equal(nta_colour_of_severity(3, false, ""), "\033[31m");
    assert_string_equal(nta_colour_of_severity(2, false, ""), "\033[33m");
    assert_string_equal(nta_colour_of_severity(1, false, ""), "\033[36m");
    assert_string_equal(nta_colour_of_severity(0, false, "x"), "x");
    assert_string_equal(nta_colour_of_severity(5, false, "x"), "x"); /* of a later version */
    assert_string_equal(nta_colour_of_severity(255, true, "x"), "x");
    assert_string_equal(nta_colour_of_severity(4, true, ""), "\033[33m");
    assert_string_equal(nta_colour_of_severity(1, true, ""), "\033[36m");
}

static void flat_json_has_what_is_there(void **state)
{
    struct nta_record record = sample("x\"y.example");
    const struct nta_found found = {.record = &record, .header = &header};
    struct nta_fields fields;
    struct nta_buf out = {0};
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_fields_parse("user,site,url,bytes,weak,grade", &fields, &err), 0);
    nta_fields_json(&out, &fields, &found);
    assert_string_equal(shown(&out), "{\"user\":\"10.0.0.5\",\"site\":\"x\\\"y.example\",\"bytes\":"
                                     "1536,\"grade\":\"strong\"}");
    nta_buf_done(&out);
}

static void a_request_that_broke_off_is_not_complete(void **state)
{
    struct nta_record record = {
        .event = NTA_RECORD_REQUEST, .status = 200, .file = {.expected = 9, .bytes = 6, .seen = 6}};
    const struct nta_found found = {.record = &record, .header = &header};
    struct nta_fields fields;
    struct nta_buf out = {0};
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_fields_parse("complete", &fields, &err), 0);
    nta_fields_csv(&out, &fields, &found);
    assert_non_null(strstr(shown(&out), "no"));
    nta_buf_clear(&out);
    record.status = 206; /* a part is as long as it says */
    nta_fields_csv(&out, &fields, &found);
    assert_null(strstr(shown(&out), "no"));
    nta_buf_clear(&out);
    record.status = 200;
    record.file.seen = record.file.bytes = 9;
    nta_fields_csv(&out, &fields, &found);
    assert_null(strstr(shown(&out), "no"));
    nta_buf_clear(&out);
    record.file.bytes = 8; /* not captured: nobody knows what came */
    record.file.seen = 5;
    record.file.lost = 3;
    nta_fields_csv(&out, &fields, &found);
    assert_null(strstr(shown(&out), "no"));
    nta_buf_done(&out);
}

static void unknown_fields_are_refused(void **state)
{
    static const char *const bad[] = {"", "time,", "tim", "time;site", ",", "\033[31m"};
    struct nta_fields fields;
    char many[600] = "time";

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct nta_err err = {0};

        assert_true(nta_fields_parse(bad[i], &fields, &err) < 0);
        assert_true(err.text[0] && !strchr(err.text, '\033'));
    }
    for (size_t i = 0; i < NTA_FIELDS_MAX; i++)
        strcat(many, ",time"); // NOLINT: has space for it
    assert_true(nta_fields_parse(many, &fields, NULL) < 0);
}

static void sizes_and_numbers_read_well(void **state)
{
    struct nta_buf out = {0};

    (void)state;
    nta_put_size(&out, 1023);
    nta_buf_puts(&out, " ");
    nta_put_size(&out, 1536);
    nta_buf_puts(&out, " ");
    nta_put_size(&out, 1048575);
    nta_buf_puts(&out, " ");
    nta_text_thousands(&out, 1234567);
    nta_buf_puts(&out, " ");
    nta_text_thousands(&out, 0);
    assert_string_equal(shown(&out), "1023 B 1.5 KiB 1.0 MiB 1,234,567 0");
    nta_buf_done(&out);
}

/** Places of columns are chosen in two files: here, and in record/fields.inc. */
static void each_column_is_found_by_its_name(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf names = {0};
    struct nta_fields fields;
    size_t n_rows = 0, n_names = 0;
    char *next;

    (void)state;
    nta_fields_list(&names, "");
    nta_buf_put_u8(&names, 0);
    for (char *name = strtok_r((char *)names.ptr, " \n", &next); name;
         name = strtok_r(NULL, " \n", &next)) {
        assert_int_equal(nta_fields_parse(name, &fields, NULL), 0);
        n_names += fields.fields[0].row != NULL;
    }
    for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++)
        n_rows += (size_t)(nta_record_fields[i].column.name != NULL) +
                  (size_t)(nta_record_fields[i].peer_column.name != NULL);
    assert_int_equal(n_names, n_rows); /* none hides another */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_column_is_found_by_its_name),
        cmocka_unit_test(widths_are_those_of_the_screen),
        cmocka_unit_test(cells_are_cut_and_filled_to_their_width),
        cmocka_unit_test(rows_fit_the_terminal),
        cmocka_unit_test(a_cell_that_is_cut_in_its_middle_keeps_its_end),
        cmocka_unit_test(users_and_files_are_never_cut_and_nothing_is_wider_than_its_rows),
        cmocka_unit_test(a_row_of_an_hour_that_was_there_twice_shows_which),
        cmocka_unit_test(a_hint_is_said_at_any_width),
        cmocka_unit_test(sequences_in_names_stay_text),
        cmocka_unit_test(cells_of_csv_are_no_formulas),
        cmocka_unit_test(times_of_csv_are_local_with_their_offset),
        cmocka_unit_test(csv_without_fields_has_severity_and_kind),
        cmocka_unit_test(values_between_tabs_have_neither_tab_nor_line_break),
        cmocka_unit_test(colours_are_those_of_the_severity_and_a_hint_is_never_red),
        cmocka_unit_test(flat_json_has_what_is_there),
        cmocka_unit_test(a_request_that_broke_off_is_not_complete),
        cmocka_unit_test(unknown_fields_are_refused),
        cmocka_unit_test(sizes_and_numbers_read_well),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    (void)setenv("TZ", "UTC0", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
