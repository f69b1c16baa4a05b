/* SPDX-License-Identifier: Apache-2.0 */
/* Which records are of one user. */
#include "record/user/user.h"
#include "unit.h"

#include <stdlib.h>

static struct nta_record of(uint8_t last)
{
    return (struct nta_record){.user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, last})}};
}

static bool is_same(const struct nta_record *a, const struct nta_record *b)
{
    struct nta_user_key one, other;

    (void)nta_record_user_key(a, &one);
    (void)nta_record_user_key(b, &other);
    return nta_span_equal(nta_user_key_span(&one), nta_user_key_span(&other));
}

static void an_address_is_one_in_its_network(void **state)
{
    const struct nta_record record = of(5), next = of(6);
    struct nta_record other = of(5);
    struct nta_user_key key;

    (void)state;
    assert_int_equal(nta_record_user_key(&record, &key), NTA_USER_ADDRESS);
    assert_true(is_same(&record, &other));
    assert_false(is_same(&record, &next));
    other.network.kind = NTA_NETWORK_KIND_VNI;
    other.network.id = 7;
    assert_false(is_same(&record, &other));
    other = of(5);
    other.vlan.n = 1;
    other.vlan.ids[0] = 10;
    assert_false(is_same(&record, &other)); /* overlapping VLANs */
}

static void a_device_has_all_its_addresses_and_a_login_all_its_devices(void **state)
{
    struct nta_record record = of(5), other = of(6);
    struct nta_user_key key;

    (void)state;
    record.user.device = other.user.device = nta_span_of("02:00:00:00:00:05");
    assert_int_equal(nta_record_user_key(&record, &key), NTA_USER_DEVICE);
    assert_true(is_same(&record, &other));
    record.user.login = nta_span_of("ann");
    assert_int_equal(nta_record_user_key(&record, &key), NTA_USER_LOGIN);
    assert_false(is_same(&record, &other));
    other.user.login = nta_span_of("ann");
    other.user.device = nta_span_of("02:00:00:00:00:06");
    assert_true(is_same(&record, &other));
    other.user.login = nta_span_of("02:00:00:00:00:05"); /* no device that calls itself so */
    record.user.login = (struct nta_span){0};
    assert_false(is_same(&record, &other));
}

static void a_host_name_keeps_nobody_apart(void **state)
{
    struct nta_record record = of(5), other = of(5);

    (void)state;
    record.user.name = nta_span_of("laptop");
    other.user.name = nta_span_of("tablet");
    assert_true(is_same(&record, &other));
    other = of(6);
    other.user.name = nta_span_of("laptop");
    assert_false(is_same(&record, &other));
}

static void an_address_anywhere_is_no_address_here(void **state)
{
    const struct nta_record record = of(5);
    struct nta_record other = of(5);
    struct nta_user_key here, anywhere, there;

    (void)state;
    other.vlan.n = 1;
    other.vlan.ids[0] = 10;
    nta_record_address_key(&record, &here);
    nta_record_anywhere_key(&record, &anywhere);
    nta_record_anywhere_key(&other, &there);
    assert_false(nta_span_equal(nta_user_key_span(&here), nta_user_key_span(&anywhere)));
    assert_true(nta_span_equal(nta_user_key_span(&there), nta_user_key_span(&anywhere)));
}

static void a_login_of_any_length_has_a_key(void **state)
{
    char *login = malloc(1000);
    struct nta_record record = of(5);
    struct nta_user_key key;

    (void)state;
    assert_non_null(login);
    memset(login, 'a', 1000);
    for (size_t len = 1; len <= 1000; len++) {
        record.user.login = (struct nta_span){(const uint8_t *)login, len};
        assert_int_equal(nta_record_user_key(&record, &key), NTA_USER_LOGIN);
        assert_int_equal(key.len, len < 254 ? len + 1 : 255);
    }
    free(login);
}

static void who_says_more_shows_him(void **state)
{
    struct nta_record record = of(5);
    const unsigned bare = nta_record_user_rank(&record);

    (void)state;
    assert_true(bare > 0);
    record.user.name = nta_span_of("laptop");
    const unsigned named = nta_record_user_rank(&record);

    record.user.name = (struct nta_span){0};
    record.user.login = nta_span_of("ann");
    assert_true(named > bare && nta_record_user_rank(&record) > named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_one_in_its_network),
        cmocka_unit_test(a_device_has_all_its_addresses_and_a_login_all_its_devices),
        cmocka_unit_test(a_host_name_keeps_nobody_apart),
        cmocka_unit_test(an_address_anywhere_is_no_address_here),
        cmocka_unit_test(a_login_of_any_length_has_a_key),
        cmocka_unit_test(who_says_more_shows_him),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
