/* SPDX-License-Identifier: Apache-2.0 */
#include "record/helper.h"
#include "record/json.h"
#include "record/sample.h"
#include "record/sample_random.h"

#include <locale.h>

static void assert_json(const struct nta_record *record, const char *id, const char *expected)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    nta_record_json(&out, record, id);
    nta_buf_put_u8(&out, 0);
    assert_false(out.failed);
    assert_string_equal((const char *)out.ptr, expected);
}

static void a_flow_has_the_names_of_the_interface(void **state)
{
    struct nta_record record = sample_flow();

    (void)state;
    (void)setlocale(LC_ALL, ""); /* NOLINT(concurrency-mt-unsafe): one thread */
    assert_json(
        &record, "00ff-1-0",
        "{\"id\":\"00ff-1-0\",\"time\":\"2026-01-31T12:00:00.123456789Z\","
        "\"end\":\"2026-01-31T12:00:01.000000001Z\",\"event\":\"flow\","
        "\"user\":{\"ip\":\"10.0.0.5\",\"port\":51515,\"mac\":\"02:00:00:00:00:05\","
        "\"name\":\"Laptop-7\",\"login\":\"ann\",\"source\":\"dhcp\",\"place\":\"Leuven office\"},"
        "\"peer\":{\"ip\":\"192.0.2.80\",\"port\":443,\"geo\":{\"city\":\"Leuven\","
        "\"region\":\"Flanders\",\"postal\":\"3000\",\"country\":\"Belgium\",\"country_code\":"
        "\"BE\",\"lat\":50.879202,\"lon\":-4.7009,\"accuracy_km\":20,\"asn\":64496,"
        "\"as_org\":\"Example \\\"Net\\\"\"}},\"transport\":\"tcp\",\"app\":\"tls\",\"vlan\":[10],"
        "\"site\":\"www.Example.com\",\"basis\":\"sni\",\"agrees\":[\"dns\",\"cert\"],"
        "\"hidden\":false,\"up\":{\"bytes\":1234,\"packets\":12},"
        "\"down\":{\"bytes\":5000000000,\"packets\":3500000},\"alpn\":\"h2\","
        "\"tls_version\":\"1.3\",\"ja4\":\"t13d1516h2_8daaf6152771_b186095e22b6\","
        "\"opened_by\":\"user\",\"seen\":\"answered\",\"act\":\"contacted\",\"grade\":\"strong\","
        "\"policy\":\"00112233445566ff\"}");
}

static void an_alert_says_what_matched(void **state)
{
    struct nta_record record = {
        .event = NTA_RECORD_ALERT,
        .url = TEXT("http://example.com/a.exe"),
        .method = TEXT("GET"),
        .status = 200,
        .file = {.name = TEXT("a.exe"), .bytes = 12345},
        .match = {.list = TEXT("malware"), .entry = TEXT("example.com"), .line = 17},
        .download = true,
        .disagrees = NTA_AGREES_SNI,
        .about = 7,
    };

    (void)state;
    assert_json(
        &record, "",
        "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"alert\","
        "\"disagrees\":[\"sni\"],\"hidden\":false,\"url\":\"http://example.com/a.exe\","
        "\"method\":\"GET\",\"status\":200,\"file\":{\"name\":\"a.exe\",\"bytes\":12345},"
        "\"match\":{\"list\":\"malware\",\"entry\":\"example.com\",\"line\":17,"
        "\"kind\":\"domain\",\"weak\":false},\"download\":true,\"about\":7,\"grade\":\"weak\"}");
}

static void a_lookup_shows_question_and_answers(void **state)
{
    const struct nta_record_answer answers[] = {
        {.type = 5, .ttl_s = 60, .target = TEXT("cdn.example.net")},
        {.type = 28, .ttl_s = 0, .addr = {{0x20, 1, 0xd, 0xb8, [15] = 1}}},
        {.type = 1, .ttl_s = 30, .addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 1})},
    };
    struct nta_record record = {
        .event = NTA_RECORD_LOOKUP,
        .app = NTA_APP_DNS,
        .site = TEXT("example.com"),
        .query_type = 1,
        .answered = true,
        .rcode = 3,
        .answers = answers,
        .n_answers = 3,
    };

    (void)state;
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"lookup\",\"app\":\"dns\","
                "\"site\":\"example.com\",\"query\":{\"type\":\"A\",\"rcode\":\"NXDOMAIN\","
                "\"answered\":true},\"answers\":[{\"type\":\"CNAME\",\"ttl\":60,\"target\":"
                "\"cdn.example.net\"},{\"type\":\"AAAA\",\"ttl\":0,\"addr\":\"2001:db8::1\"},"
                "{\"type\":\"A\",\"ttl\":30,\"addr\":\"192.0.2.1\"}],\"grade\":\"weak\"}");
}

static void a_loss_counts_by_reason(void **state)
{
    const struct nta_record_loss losses[] = {{TEXT("capture.drop.ring"), 5},
                                             {TEXT("flow.evicted"), 1}};
    struct nta_record record = {.event = NTA_RECORD_LOSS, .losses = losses, .n_losses = 2};

    (void)state;
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"loss\","
                "\"losses\":{\"capture.drop.ring\":5,\"flow.evicted\":1}}");
}

static void what_came_later_has_the_names_of_the_interface(void **state)
{
    const struct nta_span via[] = {TEXT("alias.example")};
    const struct nta_record_conflict conflicts[] = {{NTA_CONFLICT_KIND_HOST, TEXT("b.example")}};
    const uint64_t requests[] = {5, 0};
    struct nta_record record = {
        .event = NTA_RECORD_DOWNLOAD,
        .user = {.person = TEXT("Ann"),
                 .department = TEXT("7b"),
                 .device = TEXT("02:00"),
                 .strength = NTA_STRENGTH_LOGIN,
                 .ipv4 = nta_addr_v4((const uint8_t[]){192, 0, 2, 1})},
        .file = {.kind = NTA_FILE_KIND_VIDEO,
                 .expected = 9,
                 .seen = 6,
                 .lost = 1,
                 .complete = true,
                 .parts = 2,
                 .no_hash = NTA_NO_HASH_LOST,
                 .said = TEXT("text/plain")},
        .opened_by = NTA_OPENED_BY_PEER,
        .seen = NTA_SEEN_DELIVERED,
        .act = NTA_ACT_DOWNLOADED,
        .via = via,
        .n_via = 1,
        .network = {NTA_NETWORK_KIND_VNI, 77},
        .conflicts = conflicts,
        .n_conflicts = 1,
        .rule = NTA_RULE_KIND,
        .binding = {.how = TEXT("ACK"), .client_id = TEXT("\x01\xff"), .state = TEXT("bound")},
        .requests = requests,
        .n_requests = 2,
        .initiator = NTA_INITIATOR_PREFETCH,
        .unasked = true,
        .doubts = 1,
        .count = 3,
    };

    (void)state;
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"download\","
                "\"user\":{\"person\":\"Ann\",\"department\":\"7b\",\"device\":\"02:00\","
                "\"strength\":\"login\",\"ipv4\":\"192.0.2.1\"},\"file\":{\"kind\":\"video\","
                "\"expected\":9,\"seen\":6,\"lost\":1,\"complete\":true,\"parts\":2,"
                "\"no_hash\":\"lost\",\"said\":\"text/plain\"},\"opened_by\":\"peer\","
                "\"seen\":\"delivered\",\"act\":\"downloaded\",\"grade\":\"weak\","
                "\"via\":[\"alias.example\"],\"network\":{\"kind\":\"vni\",\"id\":77},"
                "\"conflict\":[{\"kind\":\"host\",\"value\":\"b.example\"}],\"rule\":\"kind\","
                "\"binding\":{\"how\":\"ACK\",\"client_id\":\"01ff\",\"state\":\"bound\"},"
                "\"requests\":[5,0],\"initiator\":\"prefetch\",\"unasked\":true,\"doubts\":[],"
                "\"count\":3}");
    record = (struct nta_record){.event = NTA_RECORD_LEASE,
                                 .doubts = 1U | 1U << NTA_DOUBT_NAT | 1U << NTA_DOUBT_LIMITED};
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"lease\","
                "\"doubts\":[\"nat\",\"limited\"]}");
}

static void a_policy_is_an_object_of_lists(void **state)
{
    static const uint8_t hash[32] = {0xab};
    const struct nta_log_interface interfaces[] = {{.name = TEXT("eth0"), .link = TEXT("EN10MB")},
                                                   {.name = TEXT("eth1"), .filter = TEXT("tcp")}};
    const struct nta_log_list lists[] = {
        {.name = TEXT("a"), .entries = 2, .sha256 = {hash, 32}, .lines = 3, .allow = true}};
    const struct nta_log_blind blind[] = {{TEXT("eth0"), 3}, {TEXT("*"), 0}};
    const struct nta_log_worst worst[] = {{TEXT("a"), 7, INT64_C(1500000000)},
                                          {TEXT("b\"c"), 1, 0}};
    struct nta_prefix home[2] = {{.len = 0}};
    struct nta_record_log log = {
        .version = TEXT("1"),
        .interfaces = interfaces,
        .n_interfaces = 2,
        .lists = lists,
        .n_lists = 1,
        .home = home,
        .n_home = 2,
        .clock = {.known = true},
        .reason = NTA_GAP_REASON_STORE,
        .blind = blind,
        .n_blind = 2,
        .worst = worst,
        .n_worst = 2,
        .status = NTA_STATUS_FALSE,
    };
    const struct nta_record record = {.event = NTA_RECORD_POLICY, .log = &log};

    (void)state;
    assert_int_equal(nta_prefix_parse("10.0.0.0/8", 10, &home[0], NULL), 0);
    assert_int_equal(nta_prefix_parse("fd00::/8", 8, &home[1], NULL), 0);
    assert_json(
        &record, "",
        "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"policy\",\"log\":{"
        "\"version\":\"1\",\"interfaces\":[{\"name\":\"eth0\",\"link\":\"EN10MB\"},{\"name\":"
        "\"eth1\",\"filter\":\"tcp\"}],\"lists\":[{\"name\":\"a\",\"entries\":2,\"sha256\":"
        "\"ab00000000000000000000000000000000000000000000000000000000000000\",\"lines\":3,"
        "\"allow\":true}],\"home\":[\"10.0.0.0/8\",\"fd00::/8\"],\"clock\":{\"synchronised\":"
        "false,\"error_ms\":0},\"reason\":\"store not writable\",\"blind\":{\"eth0\":3,\"*\":0},"
        "\"status\":\"false\",\"worst_second\":{\"a\":{\"n\":7,\"time\":"
        "\"1970-01-01T00:00:01.500000000Z\"},\"b\\\"c\":{\"n\":1,\"time\":"
        "\"1970-01-01T00:00:00.000000000Z\"}}}}");
}

static void degrees_have_up_to_six_decimals(void **state)
{
    struct nta_record record = {.event = NTA_RECORD_LEASE};

    (void)state;
    record.peer.place.has_position = true;
    record.peer.place.lat = -0.0000004;
    record.peer.place.lon = -179.9999996;
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"lease\","
                "\"peer\":{\"geo\":{\"lat\":0.0,\"lon\":-180.0}}}");
    record.peer.place.lat = -0.000001;
    record.peer.place.lon = 0.1;
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"lease\","
                "\"peer\":{\"geo\":{\"lat\":-0.000001,\"lon\":0.1}}}");
}

/** Accepts exactly one JSON value (RFC 8259) and gives where it ends, NULL if it is none. */
static const char *json_value(const char *at, int depth);

static const char *json_string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    while (*at != '"') {
        size_t n = nta_text_utf8_len((const unsigned char *)at, strlen(at));

        if (n == 0 || (unsigned char)*at < 0x20)
            return NULL;
        if (*at == '\\' && !strchr("\"\\", *++at))
            return NULL; /* our writer needs no other escape */
        at += n;
    }
    return at + 1;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as records nest */
static const char *json_members(const char *at, char end, int depth)
{
    for (bool first = true;; first = false) {
        if (*at == end)
            return first && depth == 0 ? NULL : at + 1; /* empty ones are left out, but for items */
        if (!first && *at++ != ',')
            return NULL;
        if (end == '}') {
            at = json_string(at);
            if (!at || *at++ != ':')
                return NULL;
        }
        at = json_value(at, depth + 1);
        if (!at)
            return NULL;
    }
}

static const char *json_value(const char *at, int depth)
{
    if (depth > 8)
        return NULL;
    if (*at == '{')
        return json_members(at + 1, '}', depth);
    if (*at == '[')
        return json_members(at + 1, ']', depth);
    if (*at == '"')
        return json_string(at);
    if (strncmp(at, "true", 4) == 0)
        return at + 4;
    if (strncmp(at, "false", 5) == 0)
        return at + 5;
    size_t n = strspn(at, "-0123456789.");

    return n ? at + n : NULL;
}

/* NOLINTEND(misc-no-recursion) */

static void hostile_text_stays_inside_its_string(void **state)
{
    struct sample_random random = {.state = 7};
    struct nta_record_buf buf;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    (void)state;
    for (int i = 0; i < 5000; i++) {
        struct nta_record record = sample_record(&random, &buf);

        nta_buf_clear(&out);
        nta_record_json(&out, &record, "id");
        nta_buf_put_u8(&out, 0);
        const char *end = json_value((const char *)out.ptr, 0);

        assert_non_null(end);
        assert_int_equal(*end, 0);
    }
}

static void what_was_broken_off_is_said_to_be(void **state)
{
    struct nta_record record = {.event = NTA_RECORD_DOWNLOAD, .file = {.expected = 9, .parts = 1}};

    (void)state;
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"download\","
                "\"file\":{\"expected\":9,\"complete\":false,\"parts\":1},\"grade\":\"weak\"}");
    record.file.expected = 0; /* who knows */
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"download\","
                "\"file\":{\"parts\":1},\"grade\":\"weak\"}");
    record = (struct nta_record){.event = NTA_RECORD_REQUEST, .file = {.expected = 9}};
    assert_json(&record, "",
                "{\"time\":\"1970-01-01T00:00:00.000000000Z\",\"event\":\"request\","
                "\"hidden\":false,\"file\":{\"expected\":9},\"grade\":\"weak\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_has_the_names_of_the_interface),
        cmocka_unit_test(an_alert_says_what_matched),
        cmocka_unit_test(a_lookup_shows_question_and_answers),
        cmocka_unit_test(a_loss_counts_by_reason),
        cmocka_unit_test(what_came_later_has_the_names_of_the_interface),
        cmocka_unit_test(a_policy_is_an_object_of_lists),
        cmocka_unit_test(degrees_have_up_to_six_decimals),
        cmocka_unit_test(hostile_text_stays_inside_its_string),
        cmocka_unit_test(what_was_broken_off_is_said_to_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
