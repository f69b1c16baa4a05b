/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "pdns/pdns.h"
#include "unit.h"

#define SECOND INT64_C(1000000000)

static struct nta_addr addr(const char *text)
{
    struct nta_addr value;

    assert_int_equal(nta_addr_parse(text, strlen(text), &value), 0);
    return value;
}

static struct nta_pdns *new_pdns(size_t n)
{
    struct nta_pdns *pdns = NULL;

    assert_int_equal(nta_pdns_new(n, &(struct nta_hash_key){3, 4}, &pdns, NULL), 0);
    return pdns;
}

/* An address alone, and one with a MAC that ends in `mac`. */
static struct nta_pdns_client on(const struct nta_addr *addr)
{
    return (struct nta_pdns_client){.addr = addr};
}

static struct nta_pdns_client behind(const struct nta_addr *addr, unsigned mac)
{
    static uint8_t macs[256][6];

    macs[mac][0] = 2;
    macs[mac][5] = (uint8_t)mac;
    return (struct nta_pdns_client){.addr = addr, .mac = macs[mac]};
}

static void learn(struct nta_pdns *pdns, struct nta_pdns_client client, const struct nta_addr *web,
                  struct nta_span name, uint32_t ttl_s, int64_t wall_ns)
{
    nta_pdns_learn(
        pdns, &client,
        &(struct nta_pdns_answer){.addr = web, .name = name, .ttl_s = ttl_s, .wall_ns = wall_ns});
}

static size_t find(struct nta_pdns *pdns, struct nta_pdns_client client, const struct nta_addr *web,
                   int64_t wall_ns, char *buf, size_t *ret_n)
{
    const struct nta_pdns_wish wish = {.addr = web, .wall_ns = wall_ns, .buf = buf};
    struct nta_pdns_found found = {0};

    nta_pdns_search(pdns, &client, &wish, &found);
    buf[found.len] = '\0';
    *ret_n = found.n;
    return found.len;
}

static size_t find_alias(struct nta_pdns *pdns, struct nta_pdns_client client,
                         const struct nta_addr *web, struct nta_span of, char *buf)
{
    const struct nta_pdns_wish wish = {
        .addr = web, .wall_ns = 101 * SECOND, .alias_of = of, .buf = buf};
    struct nta_pdns_found found = {0};

    nta_pdns_search(pdns, &client, &wish, &found);
    buf[found.len] = '\0';
    return found.len;
}

enum said
{
    SILENT,
    AGREES,
    DISAGREES
};

static enum said ask(struct nta_pdns *pdns, struct nta_pdns_client client,
                     const struct nta_addr *web, struct nta_span name, int64_t wall_ns)
{
    const struct nta_pdns_wish wish = {.addr = web, .wall_ns = wall_ns, .name = name};
    struct nta_pdns_found found = {0};

    nta_pdns_search(pdns, &client, &wish, &found);
    if (found.n == 0)
        return SILENT;
    return found.has_name ? AGREES : DISAGREES;
}

static void a_name_belongs_to_the_client_that_asked(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), bob = addr("10.0.0.6"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    learn(pdns, on(&ann), &web, nta_span_of("bad.example"), 300, 100 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 101 * SECOND, buf, &n), 11);
    assert_string_equal(buf, "bad.example");
    assert_int_equal(n, 1);
    assert_int_equal(find(pdns, on(&bob), &web, 101 * SECOND, buf, &n), 0);
    assert_int_equal(n, 0);
    nta_pdns_free(&pdns);
}

static void a_name_ends_with_its_time_to_live_and_the_grace(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("2001:db8::80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 10, 100 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 110 * SECOND + NTA_PDNS_GRACE_NS, buf, &n), 9);
    assert_int_equal(find(pdns, on(&ann), &web, 111 * SECOND + NTA_PDNS_GRACE_NS, buf, &n), 0);
    nta_pdns_free(&pdns);
}

static void a_name_told_later_is_none_of_what_was_before(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 10, 100 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 99 * SECOND, buf, &n), 0);
    assert_int_equal(ask(pdns, on(&ann), &web, nta_span_of("a.example"), 99 * SECOND), SILENT);
    /* told again in time, it goes on; told again much later, it was known before, too */
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 10, 160 * SECOND);
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 10, 1000 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 101 * SECOND, buf, &n), 9);
    assert_int_equal(find(pdns, on(&ann), &web, 220 * SECOND, buf, &n), 9);
    assert_int_equal(n, 1);
    assert_int_equal(find(pdns, on(&ann), &web, 500 * SECOND, buf, &n), 0);
    assert_int_equal(find(pdns, on(&ann), &web, 1000 * SECOND, buf, &n), 9);
    nta_pdns_free(&pdns);
}

static void several_names_on_one_address_are_all_known(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 300, 100 * SECOND);
    learn(pdns, on(&ann), &web, nta_span_of("b.example"), 300, 101 * SECOND);
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 300, 102 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 103 * SECOND, buf, &n), 9);
    assert_string_equal(buf, "a.example");
    assert_int_equal(n, 2);
    assert_int_equal(ask(pdns, on(&ann), &web, nta_span_of("b.example"), 103 * SECOND), AGREES);
    assert_int_equal(ask(pdns, on(&ann), &web, nta_span_of("c.example"), 103 * SECOND), DISAGREES);
    web = addr("192.0.2.81");
    assert_int_equal(ask(pdns, on(&ann), &web, nta_span_of("c.example"), 103 * SECOND), SILENT);
    nta_pdns_free(&pdns);
}

static void a_full_table_forgets_the_oldest_and_grows_no_more(void **state)
{
    struct nta_pdns *pdns = new_pdns(1);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1], name[32];
    size_t n;

    (void)state;
    for (int i = 0; i < 20; i++) {
        int len = snprintf(name, sizeof(name), "n%d.example", i);

        learn(pdns, on(&ann), &web, (struct nta_span){(const uint8_t *)name, (size_t)len}, 300,
              (100 + i) * SECOND);
    }
    (void)find(pdns, on(&ann), &web, 120 * SECOND, buf, &n);
    assert_string_equal(buf, "n19.example");
    assert_int_equal(n, 8);
    assert_int_equal(ask(pdns, on(&ann), &web, nta_span_of("n0.example"), 120 * SECOND), DISAGREES);
    nta_pdns_free(&pdns);
}

static void what_is_learnt_later_names_no_earlier_connection(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 300, 100 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 100 * SECOND - 1, buf, &n), 0);
    assert_int_equal(ask(pdns, on(&ann), &web, nta_span_of("a.example"), 99 * SECOND), SILENT);
    assert_int_equal(find(pdns, on(&ann), &web, 100 * SECOND, buf, &n), 9);
    /* asked again while it was known: it was known all the time */
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 300, 200 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 150 * SECOND, buf, &n), 9);
    /* and asked again long after: not in between */
    learn(pdns, on(&ann), &web, nta_span_of("a.example"), 300, 2000 * SECOND);
    assert_int_equal(find(pdns, on(&ann), &web, 1500 * SECOND, buf, &n), 0);
    nta_pdns_free(&pdns);
}

static void another_machine_on_the_address_did_not_ask(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    learn(pdns, behind(&ann, 0xaa), &web, nta_span_of("bad.example"), 3600, 100 * SECOND);
    assert_int_equal(find(pdns, behind(&ann, 0xbb), &web, 101 * SECOND, buf, &n), 0);
    assert_int_equal(ask(pdns, behind(&ann, 0xbb), &web, nta_span_of("bad.example"), 101 * SECOND),
                     SILENT);
    assert_int_equal(find(pdns, behind(&ann, 0xaa), &web, 101 * SECOND, buf, &n), 11);
    assert_int_equal(find(pdns, on(&ann), &web, 101 * SECOND, buf, &n), 11);
    nta_pdns_free(&pdns);
}

static void an_alias_is_of_the_name_that_was_asked_for(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    const struct nta_pdns_client client = on(&ann);
    const struct nta_span name = nta_span_of("metrics.ok.example");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    assert_int_equal(find_alias(pdns, client, &web, name, buf), 0);
    assert_false(nta_pdns_has_aliases(pdns));
    nta_pdns_learn(pdns, &client,
                   &(struct nta_pdns_answer){.addr = &web,
                                             .name = name,
                                             .alias = nta_span_of("t.bad.example"),
                                             .ttl_s = 60,
                                             .wall_ns = 100 * SECOND});
    assert_int_equal(find_alias(pdns, client, &web, name, buf), 13);
    assert_true(nta_pdns_has_aliases(pdns));
    assert_string_equal(buf, "t.bad.example");
    assert_int_equal(find_alias(pdns, client, &web, nta_span_of("ok.example"), buf), 0);
    assert_int_equal(find(pdns, client, &web, 101 * SECOND, buf, &n), 18);
    assert_int_equal(n, 1);
    nta_pdns_free(&pdns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_belongs_to_the_client_that_asked),
        cmocka_unit_test(a_name_ends_with_its_time_to_live_and_the_grace),
        cmocka_unit_test(a_name_told_later_is_none_of_what_was_before),
        cmocka_unit_test(several_names_on_one_address_are_all_known),
        cmocka_unit_test(a_full_table_forgets_the_oldest_and_grows_no_more),
        cmocka_unit_test(what_is_learnt_later_names_no_earlier_connection),
        cmocka_unit_test(another_machine_on_the_address_did_not_ask),
        cmocka_unit_test(an_alias_is_of_the_name_that_was_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
