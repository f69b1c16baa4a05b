/* SPDX-License-Identifier: Apache-2.0 */
/* Which answers of DNS teach a name, to whom, and for how long; aliases held against lists. */
#include "pipeline/kit.h"

#define ANN  "10.0.0.5"
#define SITE "198.51.100.7"
#define FLOW "\"event\":\"flow\""

enum
{
    LINE_SIZE = 4096,
    QUESTION = 0x0100,
    ANSWER = 0x8180,
    A = 1,
    CNAME = 5,
    MX = 15,
    SRV = 33,
    DNAME = 39,
    HTTPS = 65,
};

static struct kit kit;
static char line[LINE_SIZE];
static const struct wire_end user = {ANN, 50000}, server = {"192.0.2.53", 53};
static const char site_addr[] = "\xc6\x33\x64\7";

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void assert_says(const char *one, const char *two, const char *expected)
{
    kit_says(&kit, one, two, expected, line, sizeof(line));
}

/* A message being made. */
struct message
{
    uint8_t bytes[1024];
    size_t len;
};

static void put(struct message *message, const void *bytes, size_t len)
{
    memcpy(message->bytes + message->len, bytes, len);
    message->len += len;
}

static void put16(struct message *message, size_t value)
{
    wire_be16(message->bytes + message->len, value);
    message->len += 2;
}

static void put_name(struct message *message, const char *name)
{
    for (const char *label = name; *label;) {
        const size_t n = strcspn(label, ".");

        message->bytes[message->len++] = (uint8_t)n;
        put(message, label, n);
        label += n + (label[n] == '.');
    }
    message->bytes[message->len++] = 0;
}

static struct message begin(unsigned id, unsigned flags, const char *name)
{
    struct message message = {.len = 0};

    put16(&message, id);
    put16(&message, flags);
    put16(&message, 1);
    put(&message, "\0\0\0\0\0\0", 6);
    put_name(&message, name);
    put(&message, "\0\1\0\1", 4);
    return message;
}

static void put_record(struct message *message, const char *owner, unsigned type, unsigned ttl_s,
                       const void *data, size_t len)
{
    message->bytes[7]++;
    put_name(message, owner);
    put16(message, type);
    put16(message, 1);
    put16(message, 0);
    put16(message, ttl_s);
    put16(message, len);
    put(message, data, len);
}

static void put_alias(struct message *message, const char *owner, unsigned ttl_s,
                      const char *target)
{
    struct message name = {.len = 0};

    put_name(&name, target);
    put_record(message, owner, CNAME, ttl_s, name.bytes, name.len);
}

static void send(const struct wire_end *from, const struct wire_end *to,
                 const struct message *message)
{
    wire_udp(&kit.wire, from, to, (struct nta_span){message->bytes, message->len});
}

static void ask(unsigned id, const char *name)
{
    const struct message message = begin(id, QUESTION, name);

    send(&user, &server, &message);
}

static void visit(uint16_t port)
{
    wire_connection(&kit.wire, ANN, SITE, port, nta_span_of("\1\2\3\4"), 0);
}

static void an_answer_that_nobody_asked_for_teaches_nothing(void **state)
{
    struct message answer = begin(7, ANSWER, "bad.example");
    struct message other_id = begin(8, ANSWER, "bad.example");
    struct message other_name = begin(7, ANSWER, "bad.example");

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    put_record(&answer, "bad.example", A, 300, site_addr, 4);
    put_record(&other_id, "bad.example", A, 300, site_addr, 4);
    put_record(&other_name, "bad.example", A, 300, site_addr, 4);
    send(&(struct wire_end){"203.0.113.66", 53}, &(struct wire_end){ANN, 55555}, &answer);
    ask(9, "ok.example");
    send(&server, &user, &other_id);
    ask(7, "ok.example");
    send(&server, &user, &other_name);
    visit(9999);
    kit_run(&kit);
    assert_says(FLOW, "9999", "\"basis\":\"address\"");
    assert_says("\"event\":\"lookup\"", "203.0.113.66", "\"weak\":true");
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "", NULL, 0), 0);
}

static void an_answer_that_comes_too_late_teaches_nothing(void **state)
{
    struct message answer = begin(7, ANSWER, "bad.example");

    (void)state;
    put_record(&answer, "bad.example", A, 300, site_addr, 4);
    ask(7, "bad.example");
    kit.wire.second += 30;
    send(&server, &user, &answer);
    visit(9999);
    kit_run(&kit);
    assert_says(FLOW, "9999", "\"basis\":\"address\"");
}

static void only_the_chain_from_the_question_teaches(void **state)
{
    struct message answer = begin(7, ANSWER, "www.bad.example");

    (void)state;
    put_record(&answer, "b.cdn.example", A, 300, "\xc6\x33\x64\x09", 4);
    put_alias(&answer, "a.cdn.example", 300, "b.cdn.example");
    put_alias(&answer, "www.bad.example", 300, "A.cdn.example");
    put_record(&answer, "elsewhere.example", A, 300, site_addr, 4);
    ask(7, "www.bad.example");
    send(&server, &user, &answer);
    visit(9999);
    wire_connection(&kit.wire, ANN, "198.51.100.9", 9998, nta_span_of("\1\2\3\4"), 0);
    kit_run(&kit);
    assert_says(FLOW, "9999", "\"basis\":\"address\"");
    assert_says(FLOW, "9998", "\"site\":\"www.bad.example\",\"basis\":\"dns\"");
}

static void aliases_that_go_in_circles_end(void **state)
{
    struct message answer = begin(7, ANSWER, "a.example");

    (void)state;
    put_alias(&answer, "a.example", 300, "b.example");
    put_alias(&answer, "b.example", 300, "a.example");
    put_record(&answer, "b.example", A, 300, site_addr, 4);
    ask(7, "a.example");
    send(&server, &user, &answer);
    visit(9999);
    kit_run(&kit);
    assert_says(FLOW, "9999", "\"site\":\"a.example\",\"basis\":\"dns\"");
}

static void the_shortest_time_to_live_counts(void **state)
{
    struct message answer = begin(7, ANSWER, "www.bad.example");

    (void)state;
    put_alias(&answer, "www.bad.example", 5, "a.cdn.example");
    put_record(&answer, "a.cdn.example", A, 3600, site_addr, 4);
    ask(7, "www.bad.example");
    send(&server, &user, &answer);
    kit.wire.second += 50;
    visit(9998);
    kit.wire.second += 30;
    visit(9999);
    kit_run(&kit);
    assert_says(FLOW, "9998", "\"basis\":\"dns\"");
    assert_says(FLOW, "9999", "\"basis\":\"address\"");
}

static void an_answer_names_no_connection_that_began_before(void **state)
{
    struct wire_tcp tcp = {{ANN, 40000}, {SITE, 9999}, {1000, 2000}};
    const struct nta_span none = {0};

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_lookup(&kit.wire, ANN, "bad.example", SITE);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, nta_span_of("\1\2\3\4"));
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK, nta_span_of("\1\2\3\4"));
    kit_run(&kit);
    assert_says(FLOW, "9999", "\"basis\":\"address\"");
}

/* metrics.ok.example is another name of t.bad.example. */
static void cloaked(unsigned id)
{
    struct message answer = begin(id, ANSWER, "metrics.ok.example");

    put_alias(&answer, "metrics.ok.example", 300, "T.bad.example");
    put_record(&answer, "t.bad.example", A, 300, site_addr, 4);
    ask(id, "metrics.ok.example");
    send(&server, &user, &answer);
}

static void a_listed_alias_is_a_weak_match_that_says_through_what(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    cloaked(7);
    visit(9999);
    wire_connection(&kit.wire, ANN, SITE, 80,
                    nta_span_of("GET / HTTP/1.1\r\nHost: metrics.ok.example\r\n\r\n"), 0);
    wire_connection(&kit.wire, ANN, SITE, 80,
                    nta_span_of("GET / HTTP/1.1\r\nHost: www.ok.example\r\n\r\n"), 0);
    kit_run(&kit);
    assert_says("\"event\":\"lookup\"", ANN, "\"weak\":true");
    assert_says("\"event\":\"lookup\"", ANN, "\"via\":[\"t.bad.example\"]");
    assert_says("\"event\":\"alert\"", "\"app\":\"dns\"", "\"via\":[\"t.bad.example\"]");
    assert_says(FLOW, "9999", "\"via\":[\"t.bad.example\"]");
    assert_says("\"event\":\"request\"", "metrics.ok", "\"via\":[\"t.bad.example\"]");
    assert_int_equal(kit_find(&kit, "www.ok.example", "\"via\"", NULL, 0), 0);
}

/** A record of HTTPS or SRV whose target is listed, behind another one's. */
static void answer_service(unsigned id, unsigned type, const char *head, size_t head_len)
{
    static const char *const targets[] = {"a.ok.example", "t.bad.example"};
    struct message answer = begin(id, ANSWER, "_x.ok.example");

    for (size_t i = 0; i < 2; i++) {
        struct message data = {.len = 0};

        put(&data, head, head_len);
        put_name(&data, targets[i]);
        put_record(&answer, "_x.ok.example", type, 300, data.bytes, data.len);
    }
    ask(id, "_x.ok.example");
    send(&server, &user, &answer);
}

static void where_a_service_is_counts_as_an_alias(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    answer_service(7, HTTPS, "\0\1", 2);
    answer_service(8, SRV, "\0\0\0\0\1\xbb", 6);
    answer_service(9, MX, "\0\5", 2);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"lookup\"", "\"via\":[\"t.bad.example\"]", NULL, 0),
                     3);
}

static void the_alias_of_a_whole_domain_counts_for_names_below_it(void **state)
{
    static const char *const asked[] = {"www.ok.example", "www.nok.example", "ok.example"};

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    for (unsigned i = 0; i < NTA_N_ELEMENTS(asked); i++) {
        struct message answer = begin(7 + i, ANSWER, asked[i]), data = {.len = 0};

        put_name(&data, "t.bad.example");
        put_record(&answer, "ok.example", DNAME, 300, data.bytes, data.len);
        ask(7 + i, asked[i]);
        send(&server, &user, &answer);
    }
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"lookup\"", "\"via\":[\"t.bad.example\"]", NULL, 0),
                     1);
}

static void an_exception_for_the_site_holds_for_its_aliases(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    kit_list(&kit, "ok.example\n", true);
    cloaked(7);
    visit(9999);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"match\"", "", NULL, 0), 0);
    assert_says(FLOW, "9999", "\"site\":\"metrics.ok.example\"");
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(an_answer_that_nobody_asked_for_teaches_nothing),
        IN_KIT(an_answer_that_comes_too_late_teaches_nothing),
        IN_KIT(only_the_chain_from_the_question_teaches),
        IN_KIT(aliases_that_go_in_circles_end),
        IN_KIT(the_shortest_time_to_live_counts),
        IN_KIT(an_answer_names_no_connection_that_began_before),
        IN_KIT(a_listed_alias_is_a_weak_match_that_says_through_what),
        IN_KIT(where_a_service_is_counts_as_an_alias),
        IN_KIT(the_alias_of_a_whole_domain_counts_for_names_below_it),
        IN_KIT(an_exception_for_the_site_holds_for_its_aliases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
