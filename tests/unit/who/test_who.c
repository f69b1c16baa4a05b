/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "who/bindings.h"
#include "who/who.h"

#define S       NTA_NS_PER_S
#define HOUR    (3600 * S)
#define NOWHERE 0

static struct nta_who_table *new_table(size_t n)
{
    struct nta_who_table *table = NULL;

    assert_int_equal(nta_who_new(n, &(struct nta_hash_key){3, 4}, &table, NULL), 0);
    return table;
}

static struct nta_addr addr(const char *text)
{
    struct nta_addr value;

    assert_int_equal(nta_addr_parse(text, strlen(text), &value), 0);
    return value;
}

/* At a moment a source says that an address is the device's whose MAC ends in `mac`; 0: none. */
static struct nta_who_fact fact(enum nta_who_source source, const char *ip, uint8_t mac,
                                int64_t wall_ns)
{
    struct nta_who_fact fact = {
        .wall_ns = wall_ns,
        .has_ip = ip != NULL,
        .has_mac = mac != 0,
        .mac = {2, 0, 0, 0, 0, mac},
        .source = (uint8_t)source,
    };

    if (ip)
        fact.ip = (struct nta_prefix){.addr = addr(ip), .len = 128};
    return fact;
}

static struct nta_who_news learn(struct nta_who_table *table, struct nta_who_fact fact)
{
    struct nta_who_news news;

    nta_who_learn(table, &fact, &news);
    return news;
}

static void learn_name(struct nta_who_table *table, struct nta_who_fact fact, const char *name)
{
    fact.name = nta_span_of(name);
    (void)learn(table, fact);
}

static void learn_login(struct nta_who_table *table, struct nta_who_fact fact, const char *login)
{
    fact.login = nta_span_of(login);
    (void)learn(table, fact);
}

/* Frames with the MAC that ends in `mac`, 0: not known, in a VLAN. */
static struct nta_who_answer ask_in(struct nta_who_table *table, uint16_t vlan, const char *ip,
                                    uint8_t mac, int64_t at_ns)
{
    const uint8_t bytes[6] = {2, 0, 0, 0, 0, mac};
    const struct nta_addr a = addr(ip);
    struct nta_who_answer answer;

    (void)nta_who_find(table,
                       &(struct nta_who_question){
                           .network = nta_who_network((uint16_t[2]){vlan, 0}, 0, 0),
                           .addr = &a,
                           .mac = mac ? bytes : NULL,
                           .at_ns = at_ns,
                           .now_ns = at_ns,
                       },
                       &answer);
    return answer;
}

static struct nta_who_answer ask(struct nta_who_table *table, const char *ip, int64_t at_ns)
{
    return ask_in(table, 0, ip, 0, at_ns);
}

static struct nta_who_answer ask_as_owner(struct nta_who_table *table, const char *ip,
                                          int64_t at_ns)
{
    const struct nta_addr a = addr(ip);
    struct nta_who_answer answer;

    (void)nta_who_find(
        table,
        &(struct nta_who_question){.addr = &a, .of_addr = true, .at_ns = at_ns, .now_ns = at_ns},
        &answer);
    return answer;
}

static void assert_text(struct nta_span text, const char *wanted)
{
    assert_int_equal(text.len, strlen(wanted));
    assert_memory_equal(text.ptr ? text.ptr : (const uint8_t *)"", wanted, text.len);
}

/** By RADIUS, through the access server 10.0.0.`server`. */
static struct nta_who_news by_radius(struct nta_who_table *table, enum nta_who_state state,
                                     uint8_t server, const char *ip, const char *login,
                                     int64_t wall_ns)
{
    const struct nta_addr by = nta_addr_v4((const uint8_t[]){10, 0, 0, server});
    struct nta_who_fact said = fact(NTA_WHO_RADIUS, ip, 0, wall_ns);

    said.network = NTA_WHO_ANYWHERE;
    said.state = (uint8_t)state;
    said.login = nta_span_of(login);
    said.client_id = (struct nta_span){by.bytes, NTA_ADDR_LEN};
    return learn(table, said);
}

static struct nta_who_news starts_anew(struct nta_who_table *table, uint8_t server, int64_t wall_ns)
{
    return by_radius(table, NTA_WHO_ENDS, server, NULL, "", wall_ns);
}

static void an_access_server_that_starts_anew_ends_its_logins(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);

    (void)state;
    (void)by_radius(table, NTA_WHO_HOLDS, 1, "10.9.0.5", "ann", 100 * S);
    (void)by_radius(table, NTA_WHO_HOLDS, 1, "10.9.0.6", "bob", 110 * S);
    (void)by_radius(table, NTA_WHO_HOLDS, 2, "10.9.0.7", "eve", 120 * S);
    assert_text(ask(table, "10.9.0.5", 130 * S).login, "ann");
    assert_true(starts_anew(table, 1, 200 * S).is_new);
    assert_text(ask(table, "10.9.0.5", 199 * S).login, "ann"); /* until then it was so */
    assert_text(ask(table, "10.9.0.5", 200 * S).login, "");
    assert_text(ask(table, "10.9.0.6", 201 * S).login, "");
    assert_text(ask(table, "10.9.0.7", 201 * S).login, "eve"); /* by another one */
    (void)by_radius(table, NTA_WHO_HOLDS, 1, "10.9.0.5", "ann", 210 * S);
    assert_text(ask(table, "10.9.0.5", 211 * S).login, "ann");
}

static void a_lease_after_a_login_without_a_machine_is_nobodys(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);

    (void)state;
    (void)by_radius(table, NTA_WHO_HOLDS, 1, "10.9.0.5", "ann", 100 * S);
    (void)learn(table, fact(NTA_WHO_DHCP, "10.9.0.5", 7, 130 * S)); /* while she is let in */
    assert_text(ask(table, "10.9.0.5", 140 * S).login, "ann");
    (void)by_radius(table, NTA_WHO_HOLDS, 1, "10.9.0.6", "bob", 100 * S);
    (void)learn(table, fact(NTA_WHO_DHCP, "10.9.0.6", 8, 700 * S));
    assert_text(ask(table, "10.9.0.6", 600 * S).login, "bob");
    assert_text(ask(table, "10.9.0.6", 710 * S).login, "");
}

static void a_stop_without_an_address_is_no_restart(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);

    (void)state;
    (void)by_radius(table, NTA_WHO_HOLDS, 1, "10.9.0.5", "ann", 100 * S);
    (void)by_radius(table, NTA_WHO_ENDS, 1, NULL, "bob", 110 * S);
    assert_text(ask(table, "10.9.0.5", 120 * S).login, "ann");
    (void)starts_anew(table, 9, 130 * S); /* of which nobody ever heard */
    assert_text(ask(table, "10.9.0.5", 140 * S).login, "ann");
}

static void restarts_of_one_second_are_done_together(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(1024);
    char ip[32];

    (void)state;
    for (unsigned i = 1; i <= 40; i++) {
        (void)snprintf(ip, sizeof(ip), "10.9.0.%u", i);
        (void)by_radius(table, NTA_WHO_HOLDS, (uint8_t)i, ip, "ann", 100 * S);
    }
    for (unsigned i = 1; i <= 40; i++)
        (void)starts_anew(table, (uint8_t)i, 200 * S + i);
    assert_text(ask(table, "10.9.0.1", 201 * S).login, "");
    (void)by_radius(table, NTA_WHO_HOLDS, 2, "10.9.0.2", "bob", 200 * S + 900); /* its new life */
    (void)learn(table, fact(NTA_WHO_ARP, "10.8.0.1", 1, 202 * S)); /* whatever is heard */
    assert_text(ask(table, "10.9.0.2", 203 * S).login, "bob");
    assert_text(ask(table, "10.9.0.2", 199 * S).login, "ann");
    assert_text(ask(table, "10.9.0.3", 203 * S).login, "");
    assert_text(ask(table, "10.9.0.3", 200 * S + 2).login, "ann");
    for (unsigned i = 3; i <= 40; i++) { /* more than are noted at a time */
        (void)snprintf(ip, sizeof(ip), "10.9.0.%u", i);
        assert_text(ask(table, ip, 203 * S).login, "");
        assert_text(ask(table, ip, 200 * S).login, "ann");
    }
    assert_int_equal(table->n_resets, 0);
}

static void what_one_worker_hears_is_for_the_address_alone(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact heard = fact(NTA_WHO_KERBEROS, "10.0.0.5", 0, 10 * S);
    struct nta_who_fact own = fact(NTA_WHO_KERBEROS, "10.0.0.5", 0, 20 * S);

    (void)state;
    own.of_addr = true;
    learn_login(table, heard, "alice");
    learn_login(table, own, "bob");
    assert_text(ask(table, "10.0.0.5", 30 * S).login, "alice");
    assert_text(ask_as_owner(table, "10.0.0.5", 30 * S).login, "bob");
    assert_text(ask(table, "10.0.0.5", 30 * S).login, "alice"); /* nor is it kept as an answer */
    own.state = NTA_WHO_ENDS;
    own.wall_ns = 40 * S;
    learn_login(table, own, "alice");
    assert_text(ask(table, "10.0.0.5", 50 * S).login, "alice");
    heard.wall_ns = 60 * S; /* what all hear ends both */
    learn_login(table, heard, "cyd");
    assert_text(ask(table, "10.0.0.5", 70 * S).login, "cyd");
    assert_text(ask_as_owner(table, "10.0.0.5", 70 * S).login, "cyd");
}

static void a_lease_names_its_address_while_it_lasts(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact lease = fact(NTA_WHO_DHCP, "10.0.0.5", 5, 10 * S);

    (void)state;
    learn_name(table, fact(NTA_WHO_DHCP, NULL, 5, 9 * S), "laptop-7");
    lease.until_ns = 100 * S;
    (void)learn(table, lease);
    assert_text(ask(table, "10.0.0.5", 10 * S).name, "laptop-7");
    assert_text(ask(table, "10.0.0.5", 99 * S).name, "laptop-7");
    assert_int_equal(ask(table, "10.0.0.5", 50 * S).strength, NTA_STRENGTH_LEASE);
    assert_int_equal(ask(table, "10.0.0.5", 50 * S).device[5], 5);
    assert_int_equal(ask(table, "10.0.0.5", 50 * S).since_ns, 10 * S);
    assert_text(ask(table, "10.0.0.5", 100 * S).name, "");
    assert_text(ask(table, "10.0.0.5", 9 * S).name, "");
    assert_text(ask(table, "10.0.0.6", 50 * S).name, "");
}

static void a_reused_address_has_no_old_name(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);

    (void)state;
    learn_name(table, fact(NTA_WHO_DHCP, NULL, 5, 1 * S), "ann-pc");
    learn_name(table, fact(NTA_WHO_DHCP, NULL, 6, 1 * S), "bob-pc");
    (void)learn(table, fact(NTA_WHO_DHCP, "10.0.0.5", 5, 10 * S));
    learn_login(table, fact(NTA_WHO_KERBEROS, "10.0.0.5", 0, 11 * S), "ann");
    (void)learn(table, fact(NTA_WHO_DHCP, "10.0.0.5", 6, 40 * S));
    assert_text(ask(table, "10.0.0.5", 39 * S).name, "ann-pc");
    assert_text(ask(table, "10.0.0.5", 39 * S).login, "ann");
    assert_text(ask(table, "10.0.0.5", 40 * S).name, "bob-pc");
    assert_text(ask(table, "10.0.0.5", 40 * S).login, "");
}

static void frames_show_who_sends_whatever_the_lease_says(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_news news;

    (void)state;
    learn_name(table, fact(NTA_WHO_DHCP, "10.0.0.5", 5, 10 * S), "ann-pc");
    news = learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 6, 20 * S));
    assert_true(news.has_other_mac);
    assert_int_equal(news.other_mac[5], 5);
    assert_text(ask_in(table, 0, "10.0.0.5", 6, 30 * S).name, "");
    assert_int_equal(ask_in(table, 0, "10.0.0.5", 6, 30 * S).device[5], 6);
    assert_text(ask_in(table, 0, "10.0.0.5", 5, 30 * S).name, "ann-pc");
    /* behind a router the server's word stands */
    assert_text(ask_in(table, 0, "10.0.0.5", 99, 30 * S).name, "ann-pc");
}

static void all_addresses_of_a_device_are_one_user(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);

    (void)state;
    (void)learn(table, fact(NTA_WHO_NDP, "fe80::5", 5, 1 * S));
    (void)learn(table, fact(NTA_WHO_NDP, "fd00::5", 5, 2 * S));
    learn_login(table, fact(NTA_WHO_RADIUS, "10.0.0.5", 5, 3 * S), "ann");
    assert_text(ask(table, "fd00::5", 4 * S).login, "ann");
    assert_text(ask(table, "fe80::5", 4 * S).login, "ann");
    assert_int_equal(ask(table, "fe80::5", 4 * S).strength, NTA_STRENGTH_LOGIN);
    assert_text(ask(table, "fe80::5", 2 * S).login, ""); /* not logged in yet */
}

static void a_routers_mac_is_no_device(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    char ip[32];

    (void)state;
    for (int i = 0; i < NTA_WHO_ROUTER_ADDRS; i++) {
        (void)snprintf(ip, sizeof(ip), "10.0.0.%d", i);
        (void)learn(table, fact(NTA_WHO_ARP, ip, 1, i * S));
        assert_int_equal(ask(table, ip, i * S).has_device, i + 1 < NTA_WHO_ROUTER_ADDRS);
    }
    learn_name(table, fact(NTA_WHO_MDNS, "10.0.0.3", 1, 20 * S), "printer");
    assert_text(ask(table, "10.0.0.3", 21 * S).name, "printer");
    assert_text(ask(table, "10.0.0.4", 21 * S).name, "");
    assert_false(ask(table, "10.0.0.0", 0).has_device); /* nor was it, just before that was seen */
}

static void who_logs_out_is_gone(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact stop = fact(NTA_WHO_RADIUS, "10.0.0.5", 5, 20 * S);

    (void)state;
    (void)learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 5, 1 * S));
    learn_login(table, fact(NTA_WHO_RADIUS, "10.0.0.5", 5, 10 * S), "ann");
    stop.state = NTA_WHO_ENDS;
    learn_login(table, stop, "ann");
    assert_text(ask(table, "10.0.0.5", 19 * S).login, "ann");
    assert_text(ask(table, "10.0.0.5", 20 * S).login, "");
    assert_true(ask(table, "10.0.0.5", 20 * S).has_device);
}

static void a_released_address_is_nobodys(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact release = fact(NTA_WHO_DHCP, "10.0.0.5", 5, 20 * S);

    (void)state;
    learn_name(table, fact(NTA_WHO_DHCP, "10.0.0.5", 5, 1 * S), "ann-pc");
    release.state = NTA_WHO_ENDS;
    assert_true(learn(table, release).is_new);
    assert_text(ask(table, "10.0.0.5", 19 * S).name, "ann-pc");
    assert_text(ask(table, "10.0.0.5", 21 * S).name, "");
}

static void networks_are_kept_apart(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact ten = fact(NTA_WHO_ARP, "10.0.0.5", 5, 1 * S);
    struct nta_who_fact said = fact(NTA_WHO_FILE, "10.0.0.5", 0, 2 * S);

    (void)state;
    ten.network = nta_who_network((uint16_t[2]){10, 0}, 0, 0);
    learn_name(table, ten, "ann-pc");
    assert_text(ask_in(table, 10, "10.0.0.5", 5, 3 * S).name, "ann-pc");
    assert_text(ask_in(table, 20, "10.0.0.5", 6, 3 * S).name, "");
    ten.network = nta_who_network((uint16_t[2]){20, 0}, 0, 0);
    ten.mac[5] = 6;
    learn_name(table, ten, "bob-pc");
    assert_text(ask_in(table, 20, "10.0.0.5", 6, 3 * S).name, "bob-pc");
    assert_text(ask_in(table, 10, "10.0.0.5", 5, 3 * S).name, "ann-pc");
    /* said without its network, while it is somebody's in two: nobody knows whose */
    said.network = NTA_WHO_ANYWHERE;
    learn_login(table, said, "ann");
    assert_text(ask_in(table, 10, "10.0.0.5", 5, 3 * S).login, "");
    assert_text(ask_in(table, 20, "10.0.0.5", 6, 3 * S).login, "");
}

static void what_a_device_was_said_to_have_is_not_anothers_in_another_network(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact said = fact(NTA_WHO_FILE, "10.0.0.5", 5, 2 * S);

    (void)state;
    (void)learn(table, fact(NTA_WHO_DHCP, "10.0.0.5", 5, 1 * S));
    said.network = NTA_WHO_ANYWHERE;
    learn_login(table, said, "ann");
    (void)learn(table, fact(NTA_WHO_DHCP, "10.0.0.5", 6, 10 * S)); /* it is given to another one */
    assert_text(ask_in(table, 0, "10.0.0.5", 6, 11 * S).login, "");
    assert_text(ask_in(table, 20, "10.0.0.5", 7, 11 * S).login, "");
    assert_false(ask_in(table, 20, "10.0.0.5", 7, 11 * S).has_device);
}

/** A private address of two networks; a leases file tells of it without saying in which. */
static void what_was_said_of_a_third_device_is_nobodys_where_an_address_is_of_two(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact ten = fact(NTA_WHO_ARP, "10.0.0.5", 5, 1 * S);
    struct nta_who_fact said = fact(NTA_WHO_LEASES, "10.0.0.5", 7, 2 * S);

    (void)state;
    said.network = NTA_WHO_ANYWHERE;
    learn_name(table, said, "ann-pc");
    assert_text(ask_in(table, 20, "10.0.0.5", 6, 3 * S).name, "ann-pc"); /* through a router */
    ten.network = nta_who_network((uint16_t[2]){10, 0}, 0, 0);
    (void)learn(table, ten);
    assert_text(ask_in(table, 20, "10.0.0.5", 6, 4 * S).name, "");
    assert_false(ask_in(table, 20, "10.0.0.5", 6, 4 * S).has_device);
    assert_text(ask_in(table, 20, "10.0.0.5", 7, 4 * S).name, "ann-pc");
    assert_text(ask_in(table, 10, "10.0.0.5", 5, 4 * S).name, "");
}

static void the_stronger_source_wins(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact mdns = fact(NTA_WHO_MDNS, "10.0.0.5", 5, 12 * S);
    struct nta_who_news news;

    (void)state;
    learn_name(table, fact(NTA_WHO_DHCP, "10.0.0.5", 5, 10 * S), "ann-pc");
    mdns.name = nta_span_of("another");
    news = learn(table, mdns);
    assert_text(news.other_name, "ann-pc");
    assert_text(ask(table, "10.0.0.5", 13 * S).name, "ann-pc");
    mdns.name = nta_span_of("ANN-PC.local");
    assert_int_equal(learn(table, mdns).other_name.len, strlen("another"));
    assert_text(ask(table, "10.0.0.5", 13 * S).name, "ann-pc");
}

static void computers_accounts_are_no_logins(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);

    (void)state;
    learn_login(table, fact(NTA_WHO_KERBEROS, "10.0.0.5", 5, 1 * S), "LAPTOP-7$");
    assert_text(ask(table, "10.0.0.5", 2 * S).login, "");
    assert_text(ask(table, "10.0.0.5", 2 * S).name, "LAPTOP-7");
}

static void a_prefix_is_its_users(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    struct nta_who_fact net = fact(NTA_WHO_RADIUS, "fd00:1:2::", 0, 1 * S);

    (void)state;
    net.ip.len = 64;
    net.network = NTA_WHO_ANYWHERE;
    learn_login(table, net, "ann");
    assert_text(ask(table, "fd00:1:2::77", 2 * S).login, "ann");
    assert_text(ask(table, "fd00:1:3::77", 2 * S).login, "");
}

static void what_was_so_at_the_end_was_so_at_the_beginning_for_the_same_frames(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    const uint8_t mac[6] = {2, 0, 0, 0, 0, 5};
    const struct nta_addr a = addr("10.0.0.5");
    struct nta_who_question question = {.addr = &a, .mac = mac, .at_ns = 1 * S, .now_ns = 20 * S};
    struct nta_who_answer answer;

    (void)state;
    (void)learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 5, 10 * S));
    assert_true(nta_who_find(table, &question, &answer));
    assert_int_equal(answer.since_ns, 1 * S);
    question.mac = NULL;
    assert_false(nta_who_find(table, &question, &answer));
}

static unsigned random_below(unsigned n)
{
    static uint32_t seed = 1;

    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % n;
}

/* Searched for, whatever was answered before. */
static struct nta_who_answer ask_anew(struct nta_who_table *table, uint16_t vlan, const char *ip,
                                      uint8_t mac, int64_t at_ns)
{
    const uint32_t forgotten = table->answers.forgotten;

    table->answers.forgotten = forgotten + (1U << 31);
    const struct nta_who_answer answer = ask_in(table, vlan, ip, mac, at_ns);

    table->answers.forgotten = forgotten;
    return answer;
}

static void assert_same(const struct nta_who_answer *a, struct nta_who_answer b)
{
    assert_int_equal(a->source, b.source);
    assert_int_equal(a->strength, b.strength);
    assert_int_equal(a->since_ns, b.since_ns);
    assert_int_equal(a->has_device, b.has_device);
    assert_memory_equal(a->device, b.device, sizeof(b.device));
    assert_memory_equal(a->bindings, b.bindings, sizeof(b.bindings));
    assert_true(nta_span_equal(a->name, b.name) && nta_span_equal(a->login, b.login) &&
                nta_span_equal(a->person, b.person));
}

/* Whatever is said in whatever order: an answer's interval includes the moment asked about. */
static void no_answer_excludes_its_moment(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(40);
    static const char *const names[] = {"", "ann", "bob", "a-name-that-is-longer-than-short-ones"};
    char ip[16];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(ip, sizeof(ip), "10.0.0.%u", random_below(6));
        struct nta_who_fact f =
            fact((enum nta_who_source)(1 + random_below((unsigned)NTA_N_WHO_SOURCES - 1)), ip,
                 (uint8_t)(random_below(5)), (i + (int64_t)random_below(20)) * S);

        f.network = random_below(4) ? (uint64_t)(random_below(2)) : NTA_WHO_ANYWHERE;
        f.has_ip = random_below(5) != 0;
        f.name = nta_span_of(names[random_below(4)]);
        f.login = nta_span_of(names[random_below(4)]);
        f.state = random_below(5) == 0 ? NTA_WHO_ENDS : NTA_WHO_HOLDS;
        f.until_ns = random_below(3) ? 0 : f.wall_ns + (int64_t)(random_below(50)) * S;
        f.from_ns = random_below(3) ? 0 : f.wall_ns - (int64_t)(random_below(50)) * S;
        (void)learn(table, f);
        const int64_t at_ns = (i + (int64_t)random_below(40) - 20) * S;
        const uint16_t vlan = (uint16_t)(random_below(2));
        const uint8_t mac = (uint8_t)(random_below(5));
        const struct nta_who_answer answer = ask_in(table, vlan, ip, mac, at_ns);

        if (random_below(3) == 0)
            assert_same(&answer, ask_anew(table, vlan, ip, mac, at_ns));
        if (answer.source == NTA_WHO_UNKNOWN)
            continue;
        assert_true(answer.since_ns <= at_ns);
        for (size_t b = 0; b < 3; b++) {
            struct nta_who_fact shown;

            if (!answer.bindings[b])
                continue;
            nta_who_show(table, answer.bindings[b], &shown);
            assert_true(shown.from_ns <= at_ns && at_ns < shown.until_ns);
        }
    }
}

static void the_longest_unconfirmed_goes_first(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);
    uint64_t n_evicted;
    char ip[16];

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(ip, sizeof(ip), "10.0.%u.1", i);
        (void)learn(table, fact(NTA_WHO_ARP, ip, (uint8_t)(1 + i), i * S));
        (void)learn(table, fact(NTA_WHO_ARP, "10.9.9.9", 250, i * S));
    }
    assert_int_equal(nta_who_count(table, &n_evicted), 64);
    assert_int_equal(n_evicted, 201 - 64);
    assert_true(ask(table, "10.9.9.9", 199 * S).has_device);
    assert_true(ask(table, "10.0.199.1", 199 * S).has_device);
    assert_false(ask(table, "10.0.1.1", 199 * S).has_device);
}

static void one_address_has_a_bounded_history(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(4096);
    uint64_t n_evicted;

    (void)state;
    for (int i = 0; i < 4000; i++)
        (void)learn(table, fact(NTA_WHO_ARP, "10.0.0.5", (uint8_t)(1 + i % 2), i * S));
    assert_int_equal(nta_who_count(table, &n_evicted), NTA_WHO_HISTORY);
    for (int i = 0; i < 4000; i++) {
        struct nta_who_fact f = fact(NTA_WHO_ARP, "10.0.0.6", 7, i * S);

        f.network = (uint64_t)i;
        (void)learn(table, f);
    }
    assert_true(nta_who_count(table, &n_evicted) <= NTA_WHO_HISTORY + NTA_WHO_ALL_HISTORY);
}

static void it_is_news_when_it_changes_and_when_half_of_its_time_is_over(void **state)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = new_table(64);

    (void)state;
    assert_true(learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 5, 0)).is_new);
    assert_false(learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 5, HOUR / 3)).is_new);
    assert_true(learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 5, HOUR / 3 * 2)).is_new);
    assert_false(learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 5, HOUR / 3 * 2 + S)).is_new);
    assert_true(learn(table, fact(NTA_WHO_ARP, "10.0.0.5", 6, HOUR / 3 * 2 + 2 * S)).is_new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_worker_hears_is_for_the_address_alone),
        cmocka_unit_test(an_access_server_that_starts_anew_ends_its_logins),
        cmocka_unit_test(a_lease_after_a_login_without_a_machine_is_nobodys),
        cmocka_unit_test(a_stop_without_an_address_is_no_restart),
        cmocka_unit_test(restarts_of_one_second_are_done_together),
        cmocka_unit_test(a_lease_names_its_address_while_it_lasts),
        cmocka_unit_test(a_reused_address_has_no_old_name),
        cmocka_unit_test(frames_show_who_sends_whatever_the_lease_says),
        cmocka_unit_test(all_addresses_of_a_device_are_one_user),
        cmocka_unit_test(a_routers_mac_is_no_device),
        cmocka_unit_test(who_logs_out_is_gone),
        cmocka_unit_test(a_released_address_is_nobodys),
        cmocka_unit_test(networks_are_kept_apart),
        cmocka_unit_test(what_a_device_was_said_to_have_is_not_anothers_in_another_network),
        cmocka_unit_test(what_was_said_of_a_third_device_is_nobodys_where_an_address_is_of_two),
        cmocka_unit_test(the_stronger_source_wins),
        cmocka_unit_test(computers_accounts_are_no_logins),
        cmocka_unit_test(a_prefix_is_its_users),
        cmocka_unit_test(what_was_so_at_the_end_was_so_at_the_beginning_for_the_same_frames),
        cmocka_unit_test(no_answer_excludes_its_moment),
        cmocka_unit_test(the_longest_unconfirmed_goes_first),
        cmocka_unit_test(one_address_has_a_bounded_history),
        cmocka_unit_test(it_is_news_when_it_changes_and_when_half_of_its_time_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
