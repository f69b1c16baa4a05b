/* SPDX-License-Identifier: Apache-2.0 */
/* A message's words, and what it is as a mail and in webhooks. */
#include "base/runtime/clock.h"
#include "notify/message.h"
#include "unit.h"

static struct nta_notify_receiver receiver;
static struct nta_notify_item item;
static struct nta_buf out;

static int setup(void **state)
{
    static char names[] = "names", subject[] = "NTA: {incident}, severity {severity}";
    static char from[] = "nta@school.example", to[] = "a@school.example", other[] = "b@x.example";

    (void)state;
    receiver = (struct nta_notify_receiver){.content = names, .subject = subject, .from = from};
    receiver.to = (struct nta_notify_texts){.item = {to, other}, .n = 2};
    item = (struct nta_notify_item){.n = 3, .made_ns = 1796061600 * NTA_NS_PER_S};
    (void)snprintf(item.id, sizeof(item.id), "%s", "00112233445566778899aabbccddeeff");
    nta_notify_event_init(&item.best);
    item.best.kind = NTA_NOTIFY_ALERT;
    item.best.severity = NTA_NOTIFY_HIGH;
    nta_notify_event_set(&item.best, NTA_NOTIFY_USER, nta_span_of("10.0.0.5"));
    nta_notify_event_set(&item.best, NTA_NOTIFY_PERSON, nta_span_of("Ann"));
    nta_notify_event_set(&item.best, NTA_NOTIFY_SITE, nta_span_of("b\u00e4d.example"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nta_buf_done(&out);
    return 0;
}

static const char *made(void (*put)(struct nta_buf *, const struct nta_notify_letter *))
{
    const struct nta_notify_letter letter = {
        .receiver = &receiver, .item = &item, .host = "gate.example"};

    nta_buf_clear(&out);
    put(&out, &letter);
    nta_buf_put_u8(&out, '\0');
    assert_false(out.failed);
    return (const char *)out.ptr;
}

static void names_in_braces_are_replaced(void **state)
{
    static char text[] = "{{{user}} at {site}: {n} {record}|{said}";

    (void)state;
    receiver.text = text;
    assert_string_equal(made(nta_notify_put_text), "{Ann (10.0.0.5)} at b\u00e4d[.]example: 3 |");
    assert_string_equal(made(nta_notify_put_subject), "NTA: an incident, severity high");
}

static void a_name_that_is_not_known_is_a_fault(void **state)
{
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_notify_template_check("{user} {", &err), 0);
    assert_true(nta_notify_template_check("{user} {usr}", &err) < 0);
    assert_non_null(strstr(err.text, "{usr}"));
}

static void without_names_nobody_is_named(void **state)
{
    static char none[] = "none", text[] = "{user}{site}{entry}{file}{said}";

    (void)state;
    receiver.content = none;
    nta_notify_event_set(&item.best, NTA_NOTIFY_SAID, nta_span_of("ALERT Ann"));
    for (receiver.channel = NTA_NOTIFY_MAIL; receiver.channel < NTA_NOTIFY_JSON;
         receiver.channel++) {
        assert_null(strstr(made(nta_notify_put_text), "Ann"));
        assert_null(strstr(made(nta_notify_put_text), "example:"));
    }
    receiver.text = text;
    receiver.channel = NTA_NOTIFY_JSON;
    assert_null(strstr(made(nta_notify_put_body), "Ann"));
    assert_null(strstr(made(nta_notify_put_body), "d.example"));
}

static void a_mail_has_its_headers_and_nobody_elses(void **state)
{
    static char subject[] = "{site}";

    (void)state;
    receiver.subject = subject;
    const char *mail = made(nta_notify_put_mail);

    assert_non_null(strstr(mail, "Date: Mon, 30 Nov 2026 18:00:00 +0000\r\n"));
    assert_non_null(strstr(mail, "\r\nTo: a@school.example,\r\n b@x.example\r\n"));
    assert_non_null(
        strstr(mail, "\r\nMessage-ID: <00112233445566778899aabbccddeeff@gate.example>\r\n"));
    assert_non_null(strstr(mail, "\r\nSubject: =?UTF-8?B?YsOkZFsuXWV4YW1wbGU=?=\r\n"));
    for (const char *line = mail; *line; line = strchr(line, '\n') + 1)
        assert_true(strchr(line, '\n') - line <= 78 && strchr(line, '\n')[-1] == '\r');
}

static void a_long_subject_is_parted_between_characters(void **state)
{
    static char subject[400];

    (void)state;
    for (size_t i = 0; i + 2 < sizeof(subject); i += 2)
        memcpy(subject + i, "\u00e4", 2);
    receiver.subject = subject;
    const char *mail = made(nta_notify_put_mail);

    /* 38 bytes of whole characters, not 39 */
    assert_null(strstr(mail, "ww==?=\r\n =?"));
    assert_non_null(strstr(mail, "=?UTF-8?B?w6TDpMOk"));
}

static void json_is_escaped(void **state)
{
    (void)state;
    receiver.channel = NTA_NOTIFY_JSON;
    nta_notify_event_set(&item.best, NTA_NOTIFY_SITE, nta_span_of("\"}\\\n"));
    assert_non_null(strstr(made(nta_notify_put_body), "\"site\":\"\\\"}\\\\\\\\x0a\""));
}

static void matrix_html_is_escaped_once_for_html_and_once_for_json(void **state)
{
    (void)state;
    receiver.channel = NTA_NOTIFY_MATRIX;
    nta_notify_event_set(&item.best, NTA_NOTIFY_SITE, nta_span_of("<b>\""));
    const char *body = made(nta_notify_put_body);

    assert_non_null(strstr(body, "Site: <b>\\\"\\u000a"));
    assert_non_null(strstr(body, "Site: &lt;b&gt;&quot;\\u000a"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(names_in_braces_are_replaced),
        TEST(a_name_that_is_not_known_is_a_fault),
        TEST(without_names_nobody_is_named),
        TEST(a_mail_has_its_headers_and_nobody_elses),
        TEST(a_long_subject_is_parted_between_characters),
        TEST(json_is_escaped),
        TEST(matrix_html_is_escaped_once_for_html_and_once_for_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
