/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/files.h"
#include "evidence/made_case.h"
#include "evidence/page.h"
#include "evidence/words.h"

static struct nta_buf page_of(const struct nta_case *kase, enum nta_language language)
{
    struct nta_case_view view;
    struct nta_buf page = {0};

    assert_int_equal(nta_case_view_init(&view, kase), 0);
    assert_int_equal(nta_case_put_page(&view, language, &page), 0);
    nta_case_view_done(&view);
    nta_buf_put_u8(&page, 0);
    assert_false(page.failed);
    return page;
}

static bool has(const struct nta_buf *page, const char *text)
{
    return strstr((const char *)page->ptr, text);
}

static void each_language_has_each_word(void **state)
{
    (void)state;
    for (int word = 0; word < NTA_CASE_N_WORDS; word++)
        for (int language = 0; language < NTA_N_LANGUAGES; language++) {
            const char *text = nta_case_word((enum nta_language)language, (enum nta_case_word)word);

            assert_non_null(text);
            assert_true(text[0]);
            assert_null(strpbrk(text, "<>&\""));
        }
}

/** A start that names files stands in front: no page says that the sensor saw it. */
static void what_was_read_from_files_is_said_first(void **state)
{
    const struct nta_log_input input = {.name = nta_span_of("a.pcap")};
    const struct nta_record_log log = {.inputs = &input, .n_inputs = 1};
    const struct nta_record start = {.event = NTA_RECORD_START, .time_ns = MADE_NS, .log = &log};
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf page = page_of(made.kase, NTA_LANGUAGE_EN);

    (void)state;
    assert_true(has(&page, "A sensor of the network recorded"));
    nta_batch_clear(&made.batch);
    assert_int_equal(nta_batch_add(&made.batch, &start), 0);
    made.sensor->heads[2].records[0].bytes = nta_batch_record(&made.batch, 0);
    NTA_AUTO(nta_buf_done) struct nta_buf read = page_of(made.kase, NTA_LANGUAGE_EN);

    assert_true(has(&read, "The sensor did not see this itself"));
    assert_false(has(&read, "A sensor of the network recorded"));
    made.sensor->heads[2].n_records = 0;
    NTA_AUTO(nta_buf_done) struct nta_buf unknown = page_of(made.kase, NTA_LANGUAGE_EN);

    assert_true(has(&unknown, "Whether it saw all of it itself"));
}

static void it_says_who_did_what(void **state)
{
    static const char *const did[NTA_N_LANGUAGES] = {
        "the site was contacted", "die Seite wurde aufgerufen", "le site a été contacté",
        "er is contact met de site geweest"};
    NTA_AUTO(made_done) struct made made = made_new();

    (void)state;
    for (int language = 0; language < NTA_N_LANGUAGES; language++) {
        NTA_AUTO(nta_buf_done)
        struct nta_buf page = page_of(made.kase, (enum nta_language)language);

        assert_true(has(&page, did[language]));
        assert_true(has(&page, "10.0.0.5"));
        assert_true(has(&page, "bad.example"));
        assert_true(has(&page, "2026-11-25 "));
        assert_true(has(&page, "line b"));
        assert_true(has(&page, "nta-sensor-"));
        assert_false(has(&page, "10.0.0.9"));
    }
}

static void what_strangers_wrote_is_text(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_record record = {
        .event = NTA_RECORD_REQUEST,
        .time_ns = MADE_NS,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5}),
                 .login = nta_span_of("<img src=x onerror=y>")},
        .site = nta_span_of("www.bad.example"),
        .url = nta_span_of("http://x/\"><script>alert(1)</script>\n&amp;"),
        .file = {.name = nta_span_of("</table><b>.exe"), .bytes = 5},
        .act = NTA_ACT_DOWNLOADED,
        .download = true,
        .match = {.list = nta_span_of("<i>"), .entry = nta_span_of("bad.example&"), .line = 2},
    };

    (void)state;
    nta_record_encode(&record, &bytes);
    made.sensor->heads[1].records[0].bytes = nta_buf_span(&bytes);
    NTA_AUTO(nta_buf_done) struct nta_buf page = page_of(made.kase, NTA_LANGUAGE_EN);

    assert_true(has(&page, "&lt;script&gt;alert(1)&lt;/script&gt;\\x0a&amp;amp;"));
    assert_true(has(&page, "&lt;img src=x onerror=y&gt;"));
    assert_true(has(&page, "&lt;/table&gt;&lt;b&gt;.exe"));
    assert_false(has(&page, "<script"));
    assert_false(has(&page, "<img"));
    assert_false(has(&page, "<b>"));
    assert_false(has(&page, "<i>"));
}

static void a_case_without_an_incident_has_a_page(void **state)
{
    NTA_AUTO(nta_case_free) struct nta_case *kase = nta_case_new();
    NTA_AUTO(nta_buf_done) struct nta_buf page = page_of(kase, NTA_LANGUAGE_FR);

    (void)state;
    assert_true(has(&page, "ne forment aucun incident"));
}

/** A few bytes of a hostile case become many of its pages. */
static void a_page_ends_where_no_archive_holds_it(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf page = {0};
    struct nta_case_view view;

    (void)state;
    assert_int_equal(nta_case_view_init(&view, made.kase), 0);
    assert_non_null(nta_buf_reserve(&page, NTA_ZIP_MAX + 65536));
    page.len = NTA_ZIP_MAX;
    assert_int_equal(nta_case_put_page(&view, NTA_LANGUAGE_EN, &page), -EFBIG);
    page.len = NTA_ZIP_MAX;
    assert_int_equal(nta_case_put_records(&view, &page), -EFBIG);
    nta_case_view_done(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_has_each_word),
        cmocka_unit_test(what_was_read_from_files_is_said_first),
        cmocka_unit_test(it_says_who_did_what),
        cmocka_unit_test(what_strangers_wrote_is_text),
        cmocka_unit_test(a_page_ends_where_no_archive_holds_it),
        cmocka_unit_test(a_case_without_an_incident_has_a_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
