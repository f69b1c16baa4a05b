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

static void a_name_belongs_to_the_client_that_asked(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), bob = addr("10.0.0.6"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("bad.example"), 300, 100 * SECOND);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 101 * SECOND, buf, &n), 11);
    assert_string_equal(buf, "bad.example");
    assert_int_equal(n, 1);
    assert_int_equal(nta_pdns_find(pdns, &bob, &web, 101 * SECOND, buf, &n), 0);
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
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("a.example"), 10, 100 * SECOND);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 110 * SECOND + NTA_PDNS_GRACE_NS, buf, &n), 9);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 111 * SECOND + NTA_PDNS_GRACE_NS, buf, &n), 0);
    nta_pdns_free(&pdns);
}

static void a_name_told_later_is_none_of_what_was_before(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("a.example"), 10, 100 * SECOND);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 99 * SECOND, buf, &n), 0);
    assert_int_equal(nta_pdns_ask(pdns, &ann, &web, nta_span_of("a.example"), 99 * SECOND),
                     NTA_PDNS_SILENT);
    /* told again in time, it goes on; told again much later, it was known before, too */
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("a.example"), 10, 160 * SECOND);
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("a.example"), 10, 1000 * SECOND);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 101 * SECOND, buf, &n), 9);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 220 * SECOND, buf, &n), 9);
    assert_int_equal(n, 1);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 500 * SECOND, buf, &n), 0);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 1000 * SECOND, buf, &n), 9);
    nta_pdns_free(&pdns);
}

static void several_names_on_one_address_are_all_known(void **state)
{
    struct nta_pdns *pdns = new_pdns(1000);
    struct nta_addr ann = addr("10.0.0.5"), web = addr("192.0.2.80");
    char buf[NTA_PDNS_NAME_MAX + 1];
    size_t n;

    (void)state;
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("a.example"), 300, 100 * SECOND);
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("b.example"), 300, 101 * SECOND);
    nta_pdns_learn(pdns, &ann, &web, nta_span_of("a.example"), 300, 102 * SECOND);
    assert_int_equal(nta_pdns_find(pdns, &ann, &web, 103 * SECOND, buf, &n), 9);
    assert_string_equal(buf, "a.example");
    assert_int_equal(n, 2);
    assert_int_equal(nta_pdns_ask(pdns, &ann, &web, nta_span_of("b.example"), 103 * SECOND),
                     NTA_PDNS_AGREES);
    assert_int_equal(nta_pdns_ask(pdns, &ann, &web, nta_span_of("c.example"), 103 * SECOND),
                     NTA_PDNS_DISAGREES);
    web = addr("192.0.2.81");
    assert_int_equal(nta_pdns_ask(pdns, &ann, &web, nta_span_of("c.example"), 103 * SECOND),
                     NTA_PDNS_SILENT);
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

        nta_pdns_learn(pdns, &ann, &web, (struct nta_span){(const uint8_t *)name, (size_t)len}, 300,
                       (100 + i) * SECOND);
    }
    (void)nta_pdns_find(pdns, &ann, &web, 120 * SECOND, buf, &n);
    assert_string_equal(buf, "n19.example");
    assert_int_equal(n, 8);
    assert_int_equal(nta_pdns_ask(pdns, &ann, &web, nta_span_of("n0.example"), 120 * SECOND),
                     NTA_PDNS_DISAGREES);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
