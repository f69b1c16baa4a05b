/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "pdns/told.h"
#include "unit.h"

#define SECOND INT64_C(1000000000)

static const struct nta_hash_key key = {3, 4};
static const uint8_t laptop[6] = {2, 0, 0, 0, 0, 5}, router[6] = {2, 0, 0, 0, 0, 1};

static struct nta_addr addr(const char *text)
{
    struct nta_addr value;

    assert_int_equal(nta_addr_parse(text, strlen(text), &value), 0);
    return value;
}

static struct nta_told told;
static int64_t told_wall_ns; ///< Of the next answer.

static int open_told(void **state)
{
    (void)state;
    told_wall_ns = 100 * SECOND;
    return nta_told_init(&told, 100, &key, NULL);
}

static int close_told(void **state)
{
    (void)state;
    nta_told_done(&told);
    return 0;
}

/** Each worker hears it; the client's own learns it, too. */
static void answer(const char *client, const uint8_t *mac, const char *to, const char *name,
                   bool is_own, bool for_pair)
{
    const struct nta_addr client_addr = addr(client), to_addr = addr(to);
    const struct nta_pdns_client asked = {.addr = &client_addr, .mac = mac};
    const struct nta_pdns_answer answer = {
        .addr = &to_addr, .name = nta_span_of(name), .ttl_s = 3600, .wall_ns = told_wall_ns};

    if (is_own)
        nta_told_learn(&told, &asked, &answer);
    nta_told_hear(&told, &asked, &answer, for_pair);
}

static const char *found_at(int64_t wall_ns, const char *user, const uint8_t *mac, const char *peer,
                            bool is_pairs, bool *ret_is_guess)
{
    static char buf[NTA_PDNS_NAME_MAX + 1];
    const struct nta_addr user_addr = addr(user), peer_addr = addr(peer);
    const struct nta_told_asker asker = {.user = {.addr = &user_addr, .mac = mac},
                                         .peer = &peer_addr,
                                         .is_pairs = is_pairs,
                                         .began_wall_ns = wall_ns};

    (void)nta_told_find(&told, &asker, buf, ret_is_guess);
    return buf;
}

static const char *found(const char *user, const uint8_t *mac, const char *peer, bool is_pairs,
                         bool *ret_is_guess)
{
    return found_at(101 * SECOND, user, mac, peer, is_pairs, ret_is_guess);
}

static void a_user_knows_what_his_worker_learnt(void **state)
{
    bool is_guess;

    (void)state;
    answer("10.0.0.5", laptop, "192.0.2.80", "a.example", true, false);
    assert_string_equal(found("10.0.0.5", laptop, "192.0.2.80", false, &is_guess), "a.example");
    assert_false(is_guess);
    assert_string_equal(found("10.0.0.6", NULL, "192.0.2.80", false, &is_guess), "");
}

/** Its worker may have learnt it or not: the same comes out. */
static void what_a_pair_owns_goes_by_what_all_heard(void **state)
{
    bool is_guess;

    (void)state;
    answer("10.0.0.5", laptop, "10.0.0.80", "a.example", false, true);
    answer("10.0.0.5", laptop, "192.0.2.80", "b.example", true, false);
    assert_string_equal(found("10.0.0.5", NULL, "10.0.0.80", true, &is_guess), "a.example");
    assert_string_equal(found("10.0.0.5", NULL, "10.0.0.80", false, &is_guess), "");
    assert_string_equal(found("10.0.0.5", NULL, "192.0.2.80", true, &is_guess), "");
}

static void a_device_is_known_over_the_other_family_as_a_guess(void **state)
{
    const struct nta_addr user = addr("2001:db8::5"), peer = addr("2001:db8::80");
    const struct nta_told_asker asker = {
        .user = {.addr = &user, .mac = laptop}, .peer = &peer, .began_wall_ns = 101 * SECOND};
    bool is_guess;

    (void)state;
    answer("10.0.0.5", laptop, "2001:db8::80", "six.example", false, false);
    answer("10.0.0.5", laptop, "192.0.2.80", "four.example", false, false);
    assert_string_equal(found("2001:db8::5", laptop, "2001:db8::80", false, &is_guess),
                        "six.example");
    assert_true(is_guess);
    assert_int_equal(nta_told_ask(&told, &asker, nta_span_of("six.example")), NTA_TOLD_AGREES);
    assert_int_equal(nta_told_ask(&told, &asker, nta_span_of("x.example")), NTA_TOLD_DISAGREES);
    /* of the same family only who asked */
    assert_string_equal(found("10.0.0.6", laptop, "192.0.2.80", false, &is_guess), "");
    assert_false(is_guess);
    assert_string_equal(found("2001:db8::6", router, "2001:db8::80", false, &is_guess), "");
}

static void a_router_is_no_device(void **state)
{
    bool is_guess;

    (void)state;
    answer("10.0.0.5", router, "2001:db8::80", "six.example", false, false);
    answer("10.0.0.6", router, "2001:db8::81", "other.example", false, false);
    assert_string_equal(found("2001:db8::5", router, "2001:db8::80", false, &is_guess), "");
    assert_string_equal(found("2001:db8::5", router, "2001:db8::81", false, &is_guess), "");
}

static void nor_is_who_has_more_addresses_than_a_host(void **state)
{
    char client[32];
    bool is_guess;

    (void)state;
    for (int i = 0; i < 7; i++) {
        (void)snprintf(client, sizeof(client), "2001:db8::%d", i + 1);
        answer(client, laptop, "192.0.2.80", "four.example", false, false);
    }
    assert_string_equal(found("10.0.0.5", laptop, "192.0.2.80", false, &is_guess), "four.example");
    answer("2001:db8::ffff", laptop, "192.0.2.80", "four.example", false, false);
    assert_string_equal(found("10.0.0.5", laptop, "192.0.2.80", false, &is_guess), "");
    /* ten minutes later they are gone, and one is there again */
    told_wall_ns = 800 * SECOND;
    answer("2001:db8::1", laptop, "192.0.2.80", "four.example", false, false);
    assert_string_equal(found_at(801 * SECOND, "10.0.0.5", laptop, "192.0.2.80", false, &is_guess),
                        "four.example");
}

static void another_machine_on_the_address_did_not_ask(void **state)
{
    bool is_guess;

    (void)state;
    answer("10.0.0.5", laptop, "192.0.2.80", "a.example", true, false);
    assert_string_equal(found("10.0.0.5", router, "192.0.2.80", false, &is_guess), "");
    assert_string_equal(found("10.0.0.5", laptop, "192.0.2.80", false, &is_guess), "a.example");
    assert_string_equal(found("10.0.0.5", NULL, "192.0.2.80", false, &is_guess), "a.example");
}

static void behind_a_router_it_may_be_the_same_machine(void **state)
{
    char client[32];
    bool is_guess;

    (void)state;
    for (int i = 0; i < 8; i++) {
        (void)snprintf(client, sizeof(client), "10.0.0.%d", 10 + i);
        answer(client, router, "192.0.2.90", "b.example", false, false);
    }
    answer("10.0.0.5", router, "192.0.2.80", "a.example", true, false);
    assert_string_equal(found("10.0.0.5", laptop, "192.0.2.80", false, &is_guess), "a.example");
    assert_false(is_guess);
    /* ten minutes later nobody else is there */
    assert_string_equal(found_at(800 * SECOND, "10.0.0.5", laptop, "192.0.2.80", false, &is_guess),
                        "");
}

static void a_machine_asks_over_any_of_its_addresses(void **state)
{
    bool is_guess;

    (void)state;
    answer("fe80::5", laptop, "2001:db8:1::80", "six.example", false, false);
    answer("fe80::5", laptop, "192.0.2.80", "four.example", false, false);
    assert_string_equal(found("2001:db8::5", laptop, "2001:db8:1::80", false, &is_guess),
                        "six.example");
    assert_true(is_guess);
    assert_string_equal(found("10.0.0.5", laptop, "192.0.2.80", false, &is_guess), "four.example");
    assert_string_equal(found("10.0.0.5", router, "192.0.2.80", false, &is_guess), "");
    assert_string_equal(found("10.0.0.5", NULL, "192.0.2.80", false, &is_guess), "");
    /* two addresses of IPv4: two machines, and nobody knows whose the other one is */
    answer("10.0.0.6", laptop, "192.0.2.81", "x.example", false, false);
    assert_string_equal(found("10.0.0.5", laptop, "192.0.2.80", false, &is_guess), "");
}

static void an_alias_is_found_wherever_its_name_is(void **state)
{
    const struct nta_addr four = addr("10.0.0.5"), six = addr("2001:db8::5"), web = addr("::ffff");
    const struct nta_pdns_client client = {.addr = &four, .mac = laptop};
    const struct nta_pdns_answer answer = {.addr = &web,
                                           .name = nta_span_of("ok.example"),
                                           .alias = nta_span_of("bad.example"),
                                           .ttl_s = 60,
                                           .wall_ns = 100 * SECOND};
    struct nta_told_asker asker = {
        .user = {.addr = &six, .mac = laptop}, .peer = &web, .began_wall_ns = 101 * SECOND};
    char buf[NTA_PDNS_NAME_MAX + 1];

    (void)state;
    assert_false(nta_told_has_aliases(&told));
    nta_told_hear(&told, &client, &answer, false);
    assert_true(nta_told_has_aliases(&told));
    assert_int_equal(nta_told_find_alias(&told, &asker, nta_span_of("ok.example"), buf), 11);
    assert_string_equal(buf, "bad.example");
    assert_int_equal(nta_told_find_alias(&told, &asker, nta_span_of("x.example"), buf), 0);
    asker.began_wall_ns = 99 * SECOND;
    assert_int_equal(nta_told_find_alias(&told, &asker, nta_span_of("ok.example"), buf), 0);
}

static void what_was_asked_in_one_network_names_nothing_in_another(void **state)
{
    char buf[NTA_PDNS_NAME_MAX + 1];
    const struct nta_addr user = addr("10.0.0.5"), peer = addr("192.0.2.80");
    const struct nta_pdns_answer answer = {
        .addr = &peer, .name = nta_span_of("a.example"), .ttl_s = 3600, .wall_ns = 100 * SECOND};
    struct nta_told_asker asker = {.user = {.addr = &user, .mac = laptop, .network = 10},
                                   .peer = &peer,
                                   .began_wall_ns = 101 * SECOND};
    bool is_guess;

    (void)state;
    nta_told_learn(&told, &asker.user, &answer);
    assert_int_equal(nta_told_find(&told, &asker, buf, &is_guess), 9);
    asker.user.network = 20;
    assert_int_equal(nta_told_find(&told, &asker, buf, &is_guess), 0);
    assert_int_equal(nta_told_ask(&told, &asker, nta_span_of("b.example")), NTA_TOLD_SILENT);
    asker.user.mac = NULL;
    assert_int_equal(nta_told_find(&told, &asker, buf, &is_guess), 0);
    asker.user.network = 0;
    assert_int_equal(nta_told_find(&told, &asker, buf, &is_guess), 0);
}

static void an_answer_belongs_to_one_question(void **state)
{
    const struct nta_addr client = addr("10.0.0.5"), server = addr("10.0.0.1");
    struct nta_heard_question question = {.client = &client,
                                          .server = &server,
                                          .client_port = 40000,
                                          .server_port = 53,
                                          .id = 7,
                                          .type = 1,
                                          .name = nta_span_of("a.example")};
    const struct nta_heard_asking asked = {.wall_ns = 100 * SECOND, .network = 20};
    struct nta_heard_asking asking = {0};

    (void)state;
    assert_false(nta_heard_answered(told.heard, &question, &asking));
    nta_heard_asked(told.heard, &question, &asked);
    question.id = 8;
    assert_false(nta_heard_answered(told.heard, &question, &asking));
    question.id = 7;
    question.client_port = 40001;
    assert_false(nta_heard_answered(told.heard, &question, &asking));
    question.client_port = 40000;
    question.name = nta_span_of("b.example");
    assert_false(nta_heard_answered(told.heard, &question, &asking));
    question.name = nta_span_of("a.example");
    assert_true(nta_heard_answered(told.heard, &question, &asking));
    assert_int_equal(asking.wall_ns, 100 * SECOND);
    assert_int_equal(asking.network, 20);
    assert_false(nta_heard_answered(told.heard, &question, &asking)); /* once */
}

/** Any number of devices is borne; those heard of last are known. */
static void the_device_heard_of_longest_ago_goes_first(void **state)
{
    bool is_guess;
    uint8_t mac[6] = {2};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        mac[4] = (uint8_t)(i >> 8);
        mac[5] = (uint8_t)i;
        answer("10.0.0.5", mac, "2001:db8::80", "six.example", false, false);
    }
    assert_string_equal(found("2001:db8::5", mac, "2001:db8::80", false, &is_guess), "six.example");
}

static void what_one_worker_saw_asked_is_for_the_users_own_connections(void **state)
{
    const struct nta_addr user = addr("10.0.0.5"), peer = addr("192.0.2.80");
    struct nta_told_asker asker = {
        .user = {.addr = &user}, .peer = &peer, .began_wall_ns = 200 * SECOND};
    const struct nta_span own = nta_span_of("own.example"), heard = nta_span_of("heard.example");

    (void)state;
    nta_told_note_asked(&told, &asker.user, own, 100 * SECOND);
    assert_false(nta_told_is_unasked(&told, &asker, own));
    assert_true(nta_told_is_unasked(&told, &asker, heard));
    asker.is_pairs = true; /* any worker's: nothing is known, so nothing is said */
    assert_false(nta_told_is_unasked(&told, &asker, heard));
    nta_told_hear_asked(&told, &asker.user, heard, 100 * SECOND);
    assert_false(nta_told_is_unasked(&told, &asker, heard));
    assert_true(nta_told_is_unasked(&told, &asker, own));
    asker.is_pairs = false;
    assert_false(nta_told_is_unasked(&told, &asker, own));
    assert_false(nta_told_is_unasked(&told, &asker, heard));
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, open_told, close_told)
    const struct CMUnitTest tests[] = {
        FRESH(a_user_knows_what_his_worker_learnt),
        FRESH(what_a_pair_owns_goes_by_what_all_heard),
        FRESH(a_device_is_known_over_the_other_family_as_a_guess),
        FRESH(a_router_is_no_device),
        FRESH(nor_is_who_has_more_addresses_than_a_host),
        FRESH(another_machine_on_the_address_did_not_ask),
        FRESH(behind_a_router_it_may_be_the_same_machine),
        FRESH(a_machine_asks_over_any_of_its_addresses),
        FRESH(an_alias_is_found_wherever_its_name_is),
        FRESH(what_was_asked_in_one_network_names_nothing_in_another),
        FRESH(an_answer_belongs_to_one_question),
        FRESH(the_device_heard_of_longest_ago_goes_first),
        FRESH(what_one_worker_saw_asked_is_for_the_users_own_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
