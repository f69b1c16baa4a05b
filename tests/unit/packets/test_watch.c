/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From captures to packets records: which packets are kept for an alert, and what is not in them.
 */
#include "capture/pcapng_write.h"
#include "pipeline/kit.h"
#include "proto/hello.h"

#define ANN  "10.0.0.5"
#define SITE "198.51.100.7"

static struct kit kit;

/** The packets records of the run, and the alerts' numbers. */
static struct
{
    size_t n;
    uint8_t section[65536];
    size_t len; ///< Of the last one.
    struct nta_pcapng_counts counts;
    uint64_t about, alert_about;
    size_t n_alerts;
} got;

static void take_record(void *owner, const char *id, struct nta_span cbor)
{
    struct nta_record_buf buf;
    struct nta_record record;

    (void)owner;
    (void)id;
    assert_true(nta_record_decode(cbor, &buf, &record));
    if (record.event == NTA_RECORD_ALERT) {
        got.n_alerts++;
        got.alert_about = record.about;
    }
    if (record.event != NTA_RECORD_PACKETS)
        return;
    assert_true(record.packets.len <= sizeof(got.section));
    assert_true(nta_pcapng_annotate(record.packets, NULL, 0, NULL, &got.counts));
    memcpy(got.section, record.packets.ptr, record.packets.len);
    got.len = record.packets.len;
    got.about = record.about;
    got.n++;
}

static int setup(void **state)
{
    (void)state;
    memset(&got, 0, sizeof(got));
    kit_init(&kit);
    kit_list(&kit, "bad.example\n", false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void run(void)
{
    const char *const files[] = {kit.capture};

    wire_close(&kit.wire);
    kit_run_files_each(&kit, files, 1, NULL, take_record);
}

static bool holds(const char *text)
{
    return memmem(got.section, got.len, text, strlen(text)) != NULL;
}

static struct wire_tcp opened(uint16_t port)
{
    struct wire_tcp tcp = {{ANN, 40000}, {SITE, port}, {1000, 2000}};
    const struct nta_span none = {0};

    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, none);
    return tcp;
}

static void say(struct wire_tcp *tcp, unsigned side, const char *text)
{
    wire_segment(&kit.wire, tcp, side, WIRE_ACK, nta_span_of(text));
}

static void the_request_and_its_answer_are_kept_without_credentials(void **state)
{
    struct wire_tcp tcp = opened(80);

    (void)state;
    say(&tcp, 0, "GET /film HTTP/1.1\r\nCookie: sid=hun");
    say(&tcp, 0, "ter2\r\nHost: www.bad.example\r\n\r\n");
    say(&tcp, 1, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nSet-Cookie: t=hunter2\r\n\r\nGIF89a\x01");
    run();
    assert_int_equal(got.n, 1);
    assert_int_equal(got.counts.n_packets,
                     5); /* opening, request, answer; no bare acknowledgement */
    assert_int_equal(got.about, got.alert_about);
    assert_int_not_equal(got.about, 0);
    assert_true(holds("GET /film HTTP/1.1"));
    assert_true(holds("Host: www.bad.example"));
    assert_true(holds("\r\n\r\nGIF89a\x01"));
    assert_true(holds("entry bad.example"));
    assert_true(holds("Cookie: xxxxxxx"));
    assert_false(holds("hun"));
    assert_false(holds("ter2"));
}

static void what_a_proxy_is_told_is_redacted_though_dns_goes_through(void **state)
{
    static const char query[] = "\0\x21\0\1\1\0\0\1\0\0\0\0\0\0\3www\3bad\7example\0\0\1\0\1";
    struct wire_tcp tcp = opened(8080);

    (void)state;
    say(&tcp, 0,
        "CONNECT www.bad.example:53 HTTP/1.1\r\nProxy-Authorization: Basic hunter2\r\n\r\n");
    say(&tcp, 1, "HTTP/1.1 200 OK\r\n\r\n");
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK,
                 (struct nta_span){(const uint8_t *)query, sizeof(query) - 1});
    run();
    assert_int_equal(got.n, 1);
    assert_true(holds("CONNECT www.bad.example:53"));
    assert_false(holds("hunter2"));
}

static void what_was_innocent_before_is_not_kept(void **state)
{
    struct wire_tcp tcp = opened(80);

    (void)state;
    say(&tcp, 0, "GET /mine HTTP/1.1\r\nHost: good.example\r\n\r\n");
    say(&tcp, 1, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nprivate");
    say(&tcp, 0, "GET /film HTTP/1.1\r\n");
    say(&tcp, 0, "Host: www.bad.example\r\n\r\n");
    say(&tcp, 1, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfilm");
    run();
    assert_int_equal(got.n, 1);
    assert_true(holds("GET /film"));
    assert_true(holds("www.bad.example"));
    assert_true(holds("film"));
    assert_false(holds("private"));
    assert_false(holds("good.example"));
}

static void a_question_and_its_answer_prove_a_lookup(void **state)
{
    (void)state;
    wire_lookup(&kit.wire, ANN, "good.example", SITE);
    wire_lookup(&kit.wire, ANN, "www.bad.example", SITE);
    run();
    assert_int_equal(got.n, 1);
    assert_int_equal(got.counts.n_packets, 2);
    assert_true(holds("\3www\3bad\7example"));
    assert_int_equal(got.about, got.alert_about);
}

static void of_tls_the_hello_is_kept_and_no_ciphertext(void **state)
{
    static struct maker message, records;
    struct wire_tcp tcp = opened(443);

    (void)state;
    message.len = records.len = 0;
    make_client_hello(&message, "www.bad.example", 0);
    make_records(&records, message.bytes, message.len, 16384);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, (struct nta_span){records.bytes, records.len});
    run();
    assert_int_equal(got.n, 1);
    assert_true(holds("www.bad.example"));
    assert_true(got.counts.n_packets >= 3);
}

static void what_nobody_understands_shows_no_payload(void **state)
{
    struct wire_tcp tcp;

    (void)state;
    kit_list(&kit, SITE "\n", false);
    tcp = opened(9999);
    say(&tcp, 1, "login: \n");
    say(&tcp, 0, "ann hunter2 and more\n");
    run();
    assert_int_equal(got.n, 1);
    assert_true(got.counts.n_packets >= 3);
    assert_false(holds("hunter2"));
    assert_false(holds("login"));
    assert_true(holds("xxxxxxxxxxxxxxx"));
}

static void no_more_than_64_kib_are_kept(void **state)
{
    static char film[1400];
    struct wire_tcp tcp = opened(80);

    (void)state;
    memset(film, 'f', sizeof(film));
    say(&tcp, 0, "GET /film HTTP/1.1\r\nHost: www.bad.example\r\n\r\n");
    say(&tcp, 1, "HTTP/1.1 200 OK\r\nContent-Length: 1400000\r\n\r\n");
    kit.wire.second -= 5;
    for (int i = 0; i < 100; i++) {
        wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, (struct nta_span){(uint8_t *)film, 1400});
        kit.wire.second -= i % 5 ? 1 : 0; /* within the time that a case is open */
    }
    run();
    assert_int_equal(got.n, 1);
    assert_true(got.len > 20000);
    assert_true(got.len <= 65536);
}

/** To the packet, although the worker looks at the time only when a block ends. */
static void a_case_is_open_for_half_a_minute(void **state)
{
    struct wire_tcp tcp = opened(80);

    (void)state;
    say(&tcp, 0, "GET /film HTTP/1.1\r\nHost: www.bad.example\r\n\r\n");
    say(&tcp, 1, "HTTP/1.1 200 OK\r\nContent-Length: 1400000\r\n\r\nGIF89a\x01 begins ");
    kit.wire.second += 60;
    say(&tcp, 1, "too late");
    run();
    assert_int_equal(got.n, 1);
    assert_true(holds("begins"));
    assert_false(holds("too late"));
}

static void repeats_are_proved_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        wire_lookup(&kit.wire, ANN, "www.bad.example", SITE);
        kit.wire.second -= 1;
    }
    run();
    assert_int_equal(got.n_alerts, 3);
    assert_int_equal(got.n, 1);
}

/** What others visit makes nobody's repeat new. */
static void each_of_many_sites_is_proved_once(void **state)
{
    (void)state;
    for (int i = 0; i < 600; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "www%d.bad.example", i % 300);
        wire_lookup(&kit.wire, ANN, name, SITE);
        kit.wire.second -= 2;
    }
    run();
    assert_int_equal(got.n_alerts, 600);
    assert_int_equal(got.n, 300);
}

static void nothing_is_kept_if_that_is_configured(void **state)
{
    (void)state;
    kit.config->record.packets_bytes = 0;
    wire_lookup(&kit.wire, ANN, "www.bad.example", SITE);
    run();
    assert_int_equal(got.n_alerts, 1);
    assert_int_equal(got.n, 0);
}

/** A log that is much too small closes cases early, and loses none. */
static void a_full_log_closes_the_oldest_case(void **state)
{
    (void)state;
    kit.config->record.packets_bytes = 8192;
    for (int i = 0; i < 40; i++) {
        struct wire_tcp tcp = {{ANN, (uint16_t)(41000 + i)}, {SITE, 80}, {1000, 2000}};
        char request[128];

        (void)snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: n%d.bad.example\r\n\r\n",
                       i);
        wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, (struct nta_span){0});
        say(&tcp, 0, request);
        say(&tcp, 1, "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\nfilm");
        kit.wire.second -= 3;
    }
    run();
    assert_int_equal(got.n_alerts, 2 * 40); /* claimed, and then answered */
    assert_true(got.n >= 40);
}

#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_KIT(the_request_and_its_answer_are_kept_without_credentials),
        IN_KIT(what_was_innocent_before_is_not_kept),
        IN_KIT(what_a_proxy_is_told_is_redacted_though_dns_goes_through),
        IN_KIT(a_question_and_its_answer_prove_a_lookup),
        IN_KIT(of_tls_the_hello_is_kept_and_no_ciphertext),
        IN_KIT(what_nobody_understands_shows_no_payload),
        IN_KIT(no_more_than_64_kib_are_kept),
        IN_KIT(a_case_is_open_for_half_a_minute),
        IN_KIT(repeats_are_proved_once),
        IN_KIT(each_of_many_sites_is_proved_once),
        IN_KIT(nothing_is_kept_if_that_is_configured),
        IN_KIT(a_full_log_closes_the_oldest_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
