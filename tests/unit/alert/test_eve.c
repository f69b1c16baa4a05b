/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/eve.h"
#include "alert_kit.h"
#include "record/json.h"

#include <stdio.h>

static const char *eve_of(const struct nta_record *record)
{
    static struct nta_buf buf;

    nta_buf_clear(&buf);
    nta_alert_eve(&buf, record, nta_span_of("{\"event\":\"alert\"}"));
    nta_buf_put_u8(&buf, 0);
    assert_false(buf.failed);
    return (const char *)buf.ptr;
}

static void assert_has(const struct nta_record *record, const char *part)
{
    const char *line = eve_of(record);

    if (!strstr(line, part))
        fail_msg("%s is not in %s", part, line);
}

static void a_visit_by_tls_is_an_alert_of_suricatas_form(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    record.about = 77;
    record.tls_version = nta_span_of("TLS 1.3");
    assert_string_equal(
        eve_of(&record),
        "{\"timestamp\":\"2026-01-31T12:00:00.000000+0000\",\"flow_id\":77,"
        "\"event_type\":\"alert\",\"src_ip\":\"10.0.0.5\",\"src_port\":51515,"
        "\"dest_ip\":\"192.0.2.80\",\"dest_port\":443,\"proto\":\"TCP\","
        "\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":47110000,\"rev\":1,"
        "\"signature\":\"NTA malware: bad.example\",\"category\":\"blacklist\",\"severity\":2},"
        "\"app_proto\":\"tls\",\"tls\":{\"sni\":\"bad.example\",\"version\":\"TLS 1.3\"},"
        "\"nta\":{\"event\":\"alert\"}}");
}

static void a_download_has_its_request_and_its_file(void **state)
{
    static const uint8_t sha256[32] = {0xab, 0xcd};
    struct nta_record record = kit_record();

    (void)state;
    record.app = NTA_APP_HTTP;
    record.url = nta_span_of("http://bad.example:8080/a/tool.exe?x=1");
    record.method = nta_span_of("GET");
    record.status = 200;
    record.file.name = nta_span_of("tool.exe");
    record.file.said = nta_span_of("application/zip");
    record.file.sha256 = (struct nta_span){sha256, sizeof(sha256)};
    record.file.bytes = 1234;
    assert_has(&record, "\"http\":{\"hostname\":\"bad.example\",\"url\":\"/a/tool.exe?x=1\","
                        "\"http_method\":\"GET\",\"http_content_type\":\"application/zip\","
                        "\"status\":200}");
    assert_has(&record, "\"fileinfo\":{\"filename\":\"tool.exe\",\"sha256\":\"abcd0000");
    assert_has(&record, "\"size\":1234,\"stored\":false}");
    record.url = nta_span_of("http://bad.example");
    assert_has(&record, "\"url\":\"/\"");
    record.url = record.method = record.site = record.file.said = (struct nta_span){0};
    assert_has(&record, "\"http\":{\"status\":200}");
}

static void a_lookup_is_a_query(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    record.app = NTA_APP_DNS;
    record.asked = true;
    record.ip_proto = 17;
    assert_has(&record, "\"proto\":\"UDP\"");
    assert_has(&record, "\"dns\":{\"query\":[{\"type\":\"query\",\"rrname\":\"bad.example\"}]}");
}

static void severities_are_three(void **state)
{
    static const struct
    {
        uint8_t severity;
        const char *part;
    } rows[] = {{0, "\"severity\":2}"},
                {1, "\"severity\":3}"},
                {2, "\"severity\":2}"},
                {3, "\"severity\":1}"},
                {4, "\"severity\":1}"}};
    struct nta_record record = kit_record();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        record.match.severity = rows[i].severity;
        assert_has(&record, rows[i].part);
    }
}

static void vlans_are_numbers(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    record.vlan.n = 2;
    record.vlan.ids[0] = 10;
    record.vlan.ids[1] = 20;
    assert_has(&record, ",\"vlan\":[10,20],");
}

/** Whatever its texts are, it is one line, with nothing in it that is not printable. */
static void hostile_texts_stay_texts(void **state)
{
    static const enum nta_app apps[] = {NTA_APP_HTTP, NTA_APP_TLS, NTA_APP_DNS};
    struct nta_record record = kit_hostile_record();

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        record.app = apps[i];
        const char *line = eve_of(&record);
        int depth = 0;
        bool quoted = false;

        for (; *line; line++) {
            assert_in_range((uint8_t)*line, 0x20, 0x7e);
            if (quoted && *line == '\\')
                line++;
            else if (*line == '"')
                quoted = !quoted;
            else if (!quoted)
                depth += (*line == '{') - (*line == '}');
        }
        assert_false(quoted);
        assert_int_equal(depth, 0);
    }
}

static void times_before_1970_are_times(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    record.time_ns = -1;
    assert_has(&record, "\"1969-12-31T23:59:59.999999+0000\"");
    record.time_ns = INT64_MIN;
    assert_has(&record, "{\"timestamp\":\"1677-09-21T00:12:43.145224+0000\"");
}

static void what_is_no_alert_has_a_type_of_its_own(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};

    (void)state;
    nta_alert_eve_other(&buf, 1769860800 * NTA_NS_PER_S + 1999, nta_span_of("{\"repeats\":3}"));
    nta_buf_put_u8(&buf, 0);
    assert_string_equal((const char *)buf.ptr, "{\"timestamp\":\"2026-01-31T12:00:00.000001+0000\","
                                               "\"event_type\":\"nta\",\"nta\":{\"repeats\":3}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_by_tls_is_an_alert_of_suricatas_form),
        cmocka_unit_test(a_download_has_its_request_and_its_file),
        cmocka_unit_test(a_lookup_is_a_query),
        cmocka_unit_test(severities_are_three),
        cmocka_unit_test(vlans_are_numbers),
        cmocka_unit_test(hostile_texts_stay_texts),
        cmocka_unit_test(times_before_1970_are_times),
        cmocka_unit_test(what_is_no_alert_has_a_type_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
