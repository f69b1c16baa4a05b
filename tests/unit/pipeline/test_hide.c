/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/privacy/hide.h"
#include "record/class.h"
#include "record/sample_random.h"
#include "unit.h"

#include <string.h>

enum
{
    ROUNDS = 20000
};

static struct nta_pseudonyms *names;
static struct nta_hide hide;
static struct nta_policy policy;

static const uint8_t ann_mac[6] = {2, 0xa5, 0xb6, 0xc7, 0xd8, 0xe9};
static const uint8_t ann_ip[4] = {10, 9, 8, 7}, bob_ip[4] = {10, 9, 8, 6},
                     web_ip[4] = {192, 0, 2, 80};

/** All that names Ann, and Bob as her peer, in a record whose other fields are random. */
static struct nta_record plant(struct sample_random *random, struct nta_record_buf *buf)
{
    struct nta_record record = sample_record(random, buf);

    record.user.name = nta_span_of("Name-of-Ann");
    record.user.login = nta_span_of(sample_next(random) % 2 ? "Login-of-Ann" : "");
    record.user.person = nta_span_of("Person-Ann");
    record.user.device = nta_span_of(sample_next(random) % 2 ? "Device-of-Ann" : "");
    record.user.has_mac = true;
    memcpy(record.user.mac, ann_mac, sizeof(ann_mac));
    record.user.addr = record.user.ipv4 = nta_addr_v4(ann_ip);
    record.peer.addr = record.peer.ipv4 = nta_addr_v4(bob_ip);
    record.peer.name = nta_span_of("Name-of-Bob");
    record.site = nta_span_of(sample_next(random) % 2 ? "10.9.8.6" : "7.8.9.10.in-addr.arpa.");
    record.url = nta_span_of("http://10.9.8.6/x");
    record.n_answers = 3;
    record.answers = buf->answers;
    buf->answers[2] =
        (struct nta_record_answer){.type = 5, .target = nta_span_of("pc-10-9-8-7.example")};
    buf->answers[0] = (struct nta_record_answer){.type = 1, .addr = nta_addr_v4(ann_ip)};
    buf->answers[1] =
        (struct nta_record_answer){.type = 12, .target = nta_span_of("Name-of-Ann.local")};
    record.binding.client_id = (struct nta_span){ann_mac, sizeof(ann_mac)};
    record.about = UINT64_C(0x8f7e6d5c4b3a2);
    record.n_requests = 1;
    record.requests = &record.about; /* the caller's, set again there */
    if (record.event == NTA_RECORD_LEASE) {
        buf->conflicts[0] =
            (struct nta_record_conflict){NTA_CONFLICT_KIND_NAME, nta_span_of("Name-of-Ann")};
        record.conflicts = buf->conflicts;
        record.n_conflicts = 1;
    } else {
        static const struct nta_span via[] = {{(const uint8_t *)"name-of-Ann.local", 17},
                                              {(const uint8_t *)"10.9.8.6", 8}};

        buf->conflicts[0] =
            (struct nta_record_conflict){NTA_CONFLICT_KIND_HOST, nta_span_of("10.9.8.6")};
        buf->conflicts[1] =
            (struct nta_record_conflict){NTA_CONFLICT_KIND_HOST, nta_span_of("Ann-pc.local")};
        record.conflicts = buf->conflicts;
        record.n_conflicts = 2;
        record.via = via;
        record.n_via = 2;
    }
    return record;
}

static bool holds(const struct nta_buf *cbor, const void *bytes, size_t len)
{
    return memmem(cbor->ptr, cbor->len, bytes, len) != NULL;
}

static void assert_names_nobody(const struct nta_record *record)
{
    static const char *const texts[] = {"Ann",    "Bob",    "10.9.8.6", "in-addr",
                                        "8.9.10", ".local", "10-9-8"};
    static const uint8_t link[] = {0x08, 0xf7, 0xe6, 0xd5, 0xc4, 0xb3, 0xa2};
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};

    nta_record_encode(record, &cbor);
    assert_false(cbor.failed);
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++)
        assert_false(holds(&cbor, texts[i], strlen(texts[i])));
    assert_false(holds(&cbor, ann_mac, sizeof(ann_mac)));
    assert_false(holds(&cbor, ann_ip, sizeof(ann_ip)));
    assert_false(holds(&cbor, bob_ip, sizeof(bob_ip)));
    assert_false(holds(&cbor, link, sizeof(link)));
}

/** Events that workers make; what the sensor says of itself goes another way. */
static bool is_theirs(enum nta_record_event event)
{
    return event <= NTA_RECORD_DOWNLOAD && event != NTA_RECORD_LOSS && event != NTA_RECORD_PACKETS;
}

static void nothing_of_a_user_is_left_in_any_record(void **state)
{
    static struct nta_record_buf buf;
    struct sample_random random = {.state = 17};

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct nta_record record = plant(&random, &buf);
        const enum nta_naming naming = i % 2 ? NTA_NAMING_PSEUDONYM : NTA_NAMING_NONE;

        record.requests = &record.about;
        const struct nta_record *hidden = nta_hide_record(&hide, &policy, naming, &record);

        if (!is_theirs(record.event))
            continue;
        if (record.event == NTA_RECORD_LEASE && naming == NTA_NAMING_NONE) {
            assert_null(hidden);
            continue;
        }
        assert_non_null(hidden);
        assert_names_nobody(hidden);
        assert_int_equal(hidden->user.device.len > 0, naming == NTA_NAMING_PSEUDONYM);
        assert_int_equal(nta_record_class(hidden), nta_record_class(&record));
        assert_int_equal(hidden->requests[0], hidden->about);
    }
}

static struct nta_record visit(void)
{
    struct nta_record record = {
        .event = NTA_RECORD_FLOW,
        .time_ns = 1770000000 * NTA_NS_PER_S,
        .user = {.addr = nta_addr_v4(ann_ip), .port = 4000},
        .peer = {.addr = nta_addr_v4(web_ip), .port = 80},
        .site = nta_span_of("files.bad.example"),
        .url = nta_span_of("http://files.bad.example/x"),
        .about = 77,
    };

    record.user.device = nta_span_of("02:a5:b6:c7:d8:e9");
    return record;
}

static void where_somebody_went_stays(void **state)
{
    const struct nta_record record = visit();

    (void)state;
    const struct nta_record *hidden =
        nta_hide_record(&hide, &policy, NTA_NAMING_PSEUDONYM, &record);

    assert_true(nta_addr_equal(&hidden->peer.addr, &record.peer.addr));
    assert_true(nta_span_is(hidden->site, "files.bad.example"));
    assert_true(nta_span_is(hidden->url, "http://files.bad.example/x"));
    assert_int_equal(hidden->user.port, 4000);
    assert_int_equal(hidden->user.addr.bytes[0], 1); /* 100::/64 */
}

/** The pseudonym as text. */
static const char *pseudonym_of(const struct nta_record *record)
{
    static char texts[4][NTA_HIDE_TEXT_SIZE];
    static unsigned next;
    char *text = texts[next++ % 4];
    const struct nta_record *hidden = nta_hide_record(&hide, &policy, NTA_NAMING_PSEUDONYM, record);

    (void)snprintf(text, NTA_HIDE_TEXT_SIZE, "%.*s", (int)hidden->user.device.len,
                   (const char *)hidden->user.device.ptr);
    return text;
}

static void pseudonyms_may_last_longer_than_a_day(void **state)
{
    struct nta_record record = visit();
    char first[NTA_HIDE_TEXT_SIZE], next_day[NTA_HIDE_TEXT_SIZE];

    (void)state;
    for (int is_for_good = 0; is_for_good < 2; is_for_good++) {
        hide.is_for_good = is_for_good;
        (void)snprintf(first, sizeof(first), "%s", pseudonym_of(&record));
        record.time_ns += 86400 * NTA_NS_PER_S;
        (void)snprintf(next_day, sizeof(next_day), "%s", pseudonym_of(&record));
        assert_int_equal(strcmp(first, next_day) == 0, is_for_good);
    }
    hide.is_for_good = false;
}

static void without_a_policy_every_address_is_one_of_ours(void **state)
{
    struct nta_record record = visit();

    (void)state;
    record.site = nta_span_of("192.0.2.80");
    const struct nta_record *hidden = nta_hide_record(&hide, NULL, NTA_NAMING_PSEUDONYM, &record);

    assert_int_equal(hidden->peer.addr.bytes[0], 1); /* 100::/64 */
    assert_true(hidden->site.len > 5 && memcmp(hidden->site.ptr, "100::", 5) == 0);
    assert_int_equal(hidden->url.len, 0);
}

static void what_machines_in_here_are_called_is_no_site(void **state)
{
    static const char *const names_of_ann[] = {
        "ann-pc",
        "ann-pc.",
        "ann-pc.lan",
        "Ann-pc.LAN.",
        "ann-pc.fritz.box",
        "ann.corp",
        "ann-pc.home.arpa",
        "ann.internal",
        "10.9.8.7.",
        "10.9.8.7",
        "ann-pc.local.",
        "ann.localdomain",
        "10.9.8.7%eth0",
        "10.9.8.7%25eth0",
        "10.9.8.7%00",
        "10-9-8-7.corp.example",
        "dhcp-10-9-8-7.example",
        "ip10.9.8.7.example",
        "x1.10.9.8.7.example",
        "10-9-8-7",
    };
    static const char *const others[] = {
        "files.bad.example", "lan.example.",      "www.local.example",    "192.0.2.80.",
        "10-9-8.example",    "110-9-8-7.example", "10-9-8-77777.example", "10-9-8-700.example",
        "10-9.8-7.example",  "a10b9c8d7.example", "192-0-2-80.example",   "10-9-8-.example",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(names_of_ann); i++) {
        struct nta_record record = visit();

        record.site = nta_span_of(names_of_ann[i]);
        const struct nta_record *hidden =
            nta_hide_record(&hide, &policy, NTA_NAMING_PSEUDONYM, &record);

        assert_true(hidden->site.len > 0);
        assert_null(memmem(hidden->site.ptr, hidden->site.len, "nn", 2));
        assert_null(memmem(hidden->site.ptr, hidden->site.len, "9-8", 3));
        assert_null(memmem(hidden->site.ptr, hidden->site.len, "9.8", 3));
        assert_int_equal(hidden->url.len, 0);
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++) {
        struct nta_record record = visit();

        record.site = nta_span_of(others[i]);
        assert_true(nta_span_is(
            nta_hide_record(&hide, &policy, NTA_NAMING_PSEUDONYM, &record)->site, others[i]));
    }
}

static void an_address_in_another_form_is_one_of_ours_without_a_policy(void **state)
{
    static const char *const forms[] = {"fe80::a5ff:fe01%25eth0", "fe80::a5ff:fe01%3",
                                        "fe80--a5ff-fe01s3.ipv6-literal.net",
                                        "fe80--a5ff-fe01.IPv6-literal.net."};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(forms); i++) {
        struct nta_record record = visit();

        record.site = nta_span_of(forms[i]);
        const struct nta_record *hidden =
            nta_hide_record(&hide, NULL, NTA_NAMING_PSEUDONYM, &record);

        assert_true(hidden->site.len > 5 && memcmp(hidden->site.ptr, "100::", 5) == 0);
        assert_int_equal(hidden->url.len, 0);
    }
}

static void with_full_names_records_stay_as_they_are(void **state)
{
    const struct nta_record record = visit();

    (void)state;
    assert_ptr_equal(nta_hide_record(&hide, &policy, NTA_NAMING_FULL, &record), &record);
}

static void packets_are_not_kept(void **state)
{
    struct nta_record record = visit();

    (void)state;
    record.event = NTA_RECORD_PACKETS;
    assert_null(nta_hide_record(&hide, &policy, NTA_NAMING_PSEUDONYM, &record));
    assert_null(nta_hide_record(&hide, &policy, NTA_NAMING_NONE, &record));
}

static void a_device_has_one_pseudonym_whatever_its_address_and_a_login_its_own(void **state)
{
    struct nta_record first = visit(), second = visit();

    (void)state;
    second.user.addr = nta_addr_v4(bob_ip);
    second.time_ns += NTA_NS_PER_S;
    assert_string_equal(pseudonym_of(&first), pseudonym_of(&second));
    second.user.login = nta_span_of("ann");
    assert_string_not_equal(pseudonym_of(&first), pseudonym_of(&second));
    first.user.device = second.user.device = second.user.login = (struct nta_span){0};
    assert_string_not_equal(pseudonym_of(&first), pseudonym_of(&second)); /* addresses */
    second.user.addr = first.user.addr;
    assert_string_equal(pseudonym_of(&first), pseudonym_of(&second));
    second.network = (struct nta_record_network){.kind = 1, .id = 7};
    assert_string_not_equal(pseudonym_of(&first), pseudonym_of(&second));
}

static void a_lease_has_the_pseudonym_of_its_device(void **state)
{
    struct nta_record flow = visit(), lease = visit();

    (void)state;
    lease.event = NTA_RECORD_LEASE;
    lease.user.device = (struct nta_span){0};
    lease.user.has_mac = true;
    memcpy(lease.user.mac, ann_mac, sizeof(ann_mac));
    assert_string_equal(pseudonym_of(&flow), pseudonym_of(&lease));
}

static const struct nta_record *open_of(const struct nta_record *record, bool of_peer)
{
    return nta_hide_opening(&hide, record,
                            nta_hide_record(&hide, &policy, NTA_NAMING_PSEUDONYM, record), of_peer);
}

static void who_it_is_is_told_once_for_each_class(void **state)
{
    struct nta_record record = visit();

    (void)state;
    memset(hide.told, 0, sizeof(hide.told));
    const struct nta_record *opening = open_of(&record, false);

    assert_non_null(opening);
    assert_int_equal(opening->event, NTA_RECORD_PSEUDONYM);
    assert_true(nta_addr_equal(&opening->peer.addr, &record.user.addr));
    assert_true(nta_span_is(opening->peer.device, "02:a5:b6:c7:d8:e9"));
    assert_true(opening->user.device.len == NTA_HIDE_TEXT_SIZE - 2);
    assert_int_equal(nta_record_class(opening), NTA_CLASS_WHO);
    assert_null(open_of(&record, false));
    record.match.list = nta_span_of("list"); /* evidence stays for longer */
    opening = open_of(&record, false);
    assert_non_null(opening);
    assert_int_equal(nta_record_class(opening), NTA_CLASS_EVIDENCE);
    assert_null(open_of(&record, false));
    record.user.login = nta_span_of("ann");
    assert_non_null(open_of(&record, false));
    record.time_ns += 86400 * NTA_NS_PER_S;
    assert_non_null(open_of(&record, false));
}

static void of_a_peer_it_is_told_if_he_is_at_home(void **state)
{
    struct nta_record record = visit();

    (void)state;
    memset(hide.told, 0, sizeof(hide.told));
    assert_null(open_of(&record, true));
    record.peer.addr = nta_addr_v4(bob_ip);
    const struct nta_record *opening = open_of(&record, true);

    assert_non_null(opening);
    assert_true(nta_addr_equal(&opening->peer.addr, &record.peer.addr));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_a_user_is_left_in_any_record),
        cmocka_unit_test(where_somebody_went_stays),
        cmocka_unit_test(pseudonyms_may_last_longer_than_a_day),
        cmocka_unit_test(without_a_policy_every_address_is_one_of_ours),
        cmocka_unit_test(what_machines_in_here_are_called_is_no_site),
        cmocka_unit_test(an_address_in_another_form_is_one_of_ours_without_a_policy),
        cmocka_unit_test(with_full_names_records_stay_as_they_are),
        cmocka_unit_test(packets_are_not_kept),
        cmocka_unit_test(a_device_has_one_pseudonym_whatever_its_address_and_a_login_its_own),
        cmocka_unit_test(a_lease_has_the_pseudonym_of_its_device),
        cmocka_unit_test(who_it_is_is_told_once_for_each_class),
        cmocka_unit_test(of_a_peer_it_is_told_if_he_is_at_home),
    };
    struct nta_err err;

    if (nta_prefix_parse("10.0.0.0/8", 10, &policy.home[0], &err) < 0 ||
        nta_pseudonyms_new(&names, &err) < 0)
        return 1;
    policy.n_home = 1;
    hide.names = names;
    int r = cmocka_run_group_tests(tests, NULL, NULL);

    nta_pseudonyms_free(&names);
    return r;
}
