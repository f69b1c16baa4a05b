/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert.h"
#include "alert/syslog.h"
#include "alert_kit.h"

#include <stdio.h>

static struct nta_alert_fields fields;
static struct nta_buf line, out;

/** Make one of the record, and end it with a NUL. */
static const char *put(const struct nta_record *record, const char *host)
{
    const struct nta_syslog_message message = {
        .level = 4,
        .wall_ns = 1769860800 * NTA_NS_PER_S + 123456789,
        .host = host,
        .app = "ntad",
        .pid = 42,
        .kind = record ? "alert" : NULL,
        .fields = record ? &fields : NULL,
        .line = nta_buf_span(&line),
    };

    nta_buf_clear(&out);
    nta_syslog_put(&out, &message);
    assert_true(out.len <= NTA_SYSLOG_MAX);
    nta_buf_put_u8(&out, 0);
    assert_false(out.failed);
    return (const char *)out.ptr;
}

static const char *put_alert(const struct nta_record *record)
{
    nta_buf_clear(&line);
    nta_alert_line(&line, record, false);
    nta_alert_fields_of(&fields, record, "abc-2-1", 0, nta_buf_span(&line));
    return put(record, "sensor.example");
}

static void done(void)
{
    nta_alert_fields_done(&fields);
    nta_buf_done(&line);
    nta_buf_done(&out);
}

/** The structured data, taken apart as section 6.3 has it; gives what stands behind it. */
static const char *read_data(const char *text, unsigned *ret_n)
{
    assert_memory_equal(text, "[nta@32473", 10);
    text += 10;
    for (*ret_n = 0; *text == ' '; (*ret_n)++) {
        const char *name = ++text;

        while (*text > 0x20 && *text < 0x7f && !strchr("= ]\"", *text))
            text++;
        assert_in_range(text - name, 1, 32);
        assert_memory_equal(text, "=\"", 2);
        for (text += 2; *text != '"'; text++) {
            assert_true(*text != ']' && *text != '\0');
            if (*text == '\\')
                assert_non_null(strchr("\"\\]", *++text));
        }
        text++;
    }
    assert_int_equal(*text, ']');
    return text + 1;
}

static void an_alert_has_its_fields(void **state)
{
    const struct nta_record record = kit_record();
    const char *text = put_alert(&record);
    unsigned n;

    (void)state;
    assert_memory_equal(text, "<28>1 2026-01-31T12:00:00.123456Z sensor.example ntad 42 alert [",
                        64);
    const char *rest = read_data(strchr(text, '['), &n);

    assert_true(n >= 10);
    assert_memory_equal(rest, " ALERT 10.0.0.5 (ann", 20);
    for (size_t i = 0; i < 6; i++) {
        static const char *const parts[] = {" NTA_USER_IP=\"10.0.0.5\"",  " NTA_USER_LOGIN=\"ann\"",
                                            " NTA_SITE=\"bad.example\"",  " NTA_LIST=\"malware\"",
                                            " NTA_RECORD_ID=\"abc-2-1\"", " NTA_PEER_PORT=\"443\""};

        if (!strstr(text, parts[i]))
            fail_msg("no%s in %s", parts[i], text);
    }
    assert_null(strstr(text, "MESSAGE"));
    done();
}

static void what_is_hostile_stays_in_its_value(void **state)
{
    const struct nta_record record = kit_hostile_record();
    const char *text = put_alert(&record);
    unsigned n;

    (void)state;
    kit_assert_harmless((struct nta_span){(const uint8_t *)text, strlen(text)});
    (void)read_data(strchr(text, '['), &n);
    assert_true(n >= 10);
    done();
}

/** Whatever length the watched person chooses, and of every byte. */
static void a_long_url_pushes_nothing_out(void **state)
{
    static uint8_t url[16384];
    static const char *const parts[] = {" NTA_USER_IP=\"10.0.0.5\"", " NTA_LIST=\"malware\"",
                                        " NTA_ENTRY=\"bad.example\"", " NTA_PEER_IP=\"192.0.2.80\"",
                                        " NTA_RECORD_ID=\"abc-2-1\""};
    unsigned n;

    (void)state;
    for (unsigned byte = 1; byte < 256; byte += 9) {
        for (size_t len = 1; len <= sizeof(url); len *= 4) {
            struct nta_record record = kit_record();

            memset(url, (int)byte, len);
            record.url = (struct nta_span){url, len};
            const char *text = put_alert(&record);
            const char *rest = read_data(strchr(text, '['), &n);

            for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++)
                if (!strstr(text, parts[i]))
                    fail_msg("byte %u, %zu bytes: no%s", byte, len, parts[i]);
            assert_non_null(strstr(rest, "[list malware:17 \"bad.example\"] at 192.0.2.80:443"));
        }
    }
    done();
}

static void every_text_may_be_long(void **state)
{
    static uint8_t text[4096];
    unsigned n;

    (void)state;
    for (int byte = '\\'; byte <= ']'; byte++) {
        memset(text, byte, sizeof(text));
        const struct nta_span all = {text, sizeof(text)};
        struct nta_record record = kit_record();

        record.site = record.url = record.method = record.user.name = record.user.login = all;
        record.match.list = record.match.entry = record.match.category = record.match.shared = all;
        record.peer.place.city = record.peer.place.country = record.peer.place.as_org = all;
        record.file.name = all;
        const char *rest = read_data(strchr(put_alert(&record), '['), &n);

        assert_true(n >= 10);
        assert_memory_equal(rest, " ALERT ", 7);
    }
    done();
}

static void what_is_more_than_ascii_says_so(void **state)
{
    (void)state;
    nta_buf_puts(&line, "gr\xc3\xbc\xc3\x9f");
    assert_string_equal(put(NULL, "h"), "<28>1 2026-01-31T12:00:00.123456Z h ntad 42 - - "
                                        "\xef\xbb\xbfgr\xc3\xbc\xc3\x9f");
    nta_buf_clear(&line);
    nta_buf_puts(&line, "plain");
    assert_string_equal(put(NULL, ""), "<28>1 2026-01-31T12:00:00.123456Z - ntad 42 - - plain");
    /* a name that could be taken for more than one */
    assert_string_equal(put(NULL, "a b"), "<28>1 2026-01-31T12:00:00.123456Z - ntad 42 - - plain");
    done();
}

static void a_line_of_any_length_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3000; i++)
        nta_buf_puts(&line, "\xc3\xbc");
    const char *text = put(NULL, "h");

    assert_memory_equal(text + strlen(text) - 5, "\xc3\xbc...", 5);
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_has_its_fields),
        cmocka_unit_test(what_is_hostile_stays_in_its_value),
        cmocka_unit_test(a_long_url_pushes_nothing_out),
        cmocka_unit_test(every_text_may_be_long),
        cmocka_unit_test(what_is_more_than_ascii_says_so),
        cmocka_unit_test(a_line_of_any_length_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
