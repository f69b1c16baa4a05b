/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/json.h"
#include "made.h"

static struct nta_buf json;

static const char *object(bool checked)
{
    struct nta_incident_detail *detail = NULL;

    assert_true(settled() > 0);
    const struct nta_incident *incident = nta_incidents_get(set, 0);

    assert_int_equal(nta_incident_detail_new(set, incident, &detail), 0);
    nta_buf_clear(&json);
    nta_incident_json(&json, set, incident, detail, checked);
    nta_buf_put_u8(&json, 0);
    nta_incident_detail_free(&detail);
    return (const char *)json.ptr;
}

static void all_members_are_there(void **state)
{
    const struct nta_record file = made_file(5, 0, "evil.exe", 1000);
    const struct nta_record packets = made(NTA_RECORD_PACKETS, 5, 0);

    (void)state;
    take(&file);
    take(&packets);
    assert_string_equal(
        object(true),
        "{\"id\":\"I-" SENSOR "-1-0\",\"begin\":\"2026-10-01T00:00:00.000000000Z\","
        "\"end\":\"2026-10-01T00:00:00.000000000Z\",\"user\":{\"ip\":\"10.0.0.5\"},"
        "\"site\":\"bad.example\",\"names\":[\"www.bad.example\"],\"act\":\"downloaded\","
        "\"seen\":\"answered\",\"grade\":\"strong\",\"lists\":[{\"list\":\"malware\","
        "\"entry\":\"bad.example\",\"line\":17,\"kind\":\"domain\"}],\"files\":[{"
        "\"name\":\"evil.exe\",\"bytes\":1000,\"act\":\"downloaded\",\"up\":0,\"down\":1000,"
        "\"time\":\"2026-10-01T00:00:00.000000000Z\",\"record\":\"" SENSOR "-1-0\"}],"
        "\"up\":0,\"down\":1000,\"alerts\":0,\"n_records\":1,\"n_files\":1,\"records\":[\"" SENSOR
        "-1-0\"],\"packets\":[\"" SENSOR "-1-1\"],\"proof\":\"holds\",\"status\":\"new\","
        "\"note\":\"\"}");
    nta_buf_done(&json);
}

static void proof_is_of_its_batches(void **state)
{
    const struct nta_record alert = made(NTA_RECORD_ALERT, 5, 0);

    (void)state;
    take(&alert);
    assert_non_null(strstr(object(false), "\"proof\":\"unchecked\""));
    nta_buf_clear(&cbor);
    nta_record_encode(&alert, &cbor);
    assert_int_equal(nta_incidents_add(set, &alert, nta_buf_span(&cbor), SENSOR "-9-0",
                                       NTA_INCIDENT_UNVERIFIED, &err),
                     0);
    assert_non_null(strstr(object(true), "\"proof\":\"broken\""));
    nta_buf_done(&json);
}

static void names_cannot_break_out(void **state)
{
    struct nta_record file = made_file(5, 0, "\"}],\n\\", 1);

    (void)state;
    file.site = nta_span_of("\"x\x1b");
    take(&file);
    assert_non_null(strstr(object(true), "\"name\":\"\\\"}],\\\\x0a\\\\\\\\\""));
    assert_non_null(strstr(object(true), "\"names\":[\"\\\"x\\\\x1b\"]"));
    nta_buf_done(&json);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_members_are_there),
        TEST(proof_is_of_its_batches),
        TEST(names_cannot_break_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
