/* SPDX-License-Identifier: Apache-2.0 */
/* For whom and when a list counts. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "policy/policy.h"
#include "policy/scope.h"
#include "unit.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/** A policy of one list with these keys. */
static struct nta_policy *policy_of(const char *keys)
{
    char list[] = "/tmp/nta-scope-list-XXXXXX", path[] = "/tmp/nta-scope-XXXXXX", text[1024];
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    struct nta_policy *policy = NULL;
    struct nta_err err = {0};
    int fd = mkstemp(list);

    assert_int_equal(write(fd, "bad.example\n", 12), 12);
    (void)close(fd);
    (void)snprintf(text, sizeof(text),
                   "blacklist = { shared = \"\"; files = ( { path = \"%s\"; %s } ); };\n", list,
                   keys);
    fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    if (nta_config_load(path, &config, &err) < 0 ||
        nta_policy_new(config, NULL, &policy, NULL, &err) < 0)
        fail_msg("%s: %s", keys, err.text);
    (void)unlink(path);
    (void)unlink(list);
    return policy;
}

/** What the list says to this user; the configuration is gone by then. */
static enum nta_scope_answer ask(const char *keys, const char *addr_text, uint16_t vlan,
                                 const char *login, const char *department, const char *person)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = policy_of(keys);
    const uint16_t vlans[2] = {vlan, 0};
    const struct nta_whom *whom;
    struct nta_addr addr;
    const struct nta_who who = {.addr = &addr,
                                .vlans = vlans,
                                .n_vlans = 2,
                                .login = nta_span_of(login),
                                .department = nta_span_of(department),
                                .person = nta_span_of(person),
                                .wall_ns = INT64_C(1774594800) * NTA_NS_PER_S}; /* Fri 07:00Z */

    assert_int_equal(nta_addr_parse(addr_text, strlen(addr_text), &addr), 0);
    const struct nta_list_report *list = nta_blacklist_get_list(policy->lists, 0);
    const enum nta_scope_answer answer = nta_scope_ask(nta_scope_of(policy, list), &who, &whom);

    assert_true((whom != NULL) == (answer == NTA_SCOPE_NOT_FOR));
    assert_int_equal(nta_scope_weigh(policy, list, &who) == NTA_LIST_OUT,
                     answer != NTA_SCOPE_COUNTS);
    return answer;
}

static void users_are_known_by_what_is_known_of_them(void **state)
{
    static const struct
    {
        const char *keys, *addr;
        uint16_t vlan;
        const char *login, *department, *person;
        enum nta_scope_answer answer;
    } rows[] = {
        {"", "10.1.0.1", 0, "", "", "", NTA_SCOPE_COUNTS},
        {"for = \"10.1.0.0/16\";", "10.1.0.1", 0, "", "", "", NTA_SCOPE_COUNTS},
        {"for = \"10.1.0.0/16\";", "10.2.0.1", 0, "", "", "", NTA_SCOPE_FOR_OTHERS},
        {"for = \"10.1.0.0/16\";", "2001:db8::1", 0, "", "", "", NTA_SCOPE_FOR_OTHERS},
        {"for = \"2001:db8::/64\";", "2001:db8::1", 0, "", "", "", NTA_SCOPE_COUNTS},
        {"for = [ \"10.1.0.0/16\", \"vlan:10\" ];", "10.2.0.1", 10, "", "", "", NTA_SCOPE_COUNTS},
        {"for = \"vlan:10\";", "10.2.0.1", 11, "", "", "", NTA_SCOPE_FOR_OTHERS},
        {"for = \"vlan:10\";", "10.2.0.1", 0, "", "", "", NTA_SCOPE_FOR_OTHERS},
        {"not_for = \"10.1.0.9\";", "10.1.0.9", 0, "", "", "", NTA_SCOPE_NOT_FOR},
        {"not_for = \"10.1.0.9\";", "10.1.0.8", 0, "", "", "", NTA_SCOPE_COUNTS},
        {"for = \"10.1.0.0/16\"; not_for = \"10.1.0.9\";", "10.1.0.9", 0, "", "", "",
         NTA_SCOPE_NOT_FOR},
        {"for = \"10.1.0.0/16\"; not_for = \"10.1.0.9\";", "10.2.0.9", 0, "", "", "",
         NTA_SCOPE_FOR_OTHERS},
        {"for = \"login:ann\";", "10.1.0.1", 0, "Ann", "", "", NTA_SCOPE_COUNTS},
        {"for = \"login:ann\";", "10.1.0.1", 0, "anna", "", "", NTA_SCOPE_FOR_OTHERS},
        {"for = \"login:ann\";", "10.1.0.1", 0, "", "ann", "ann", NTA_SCOPE_FOR_OTHERS},
        /* who has no such name is meant by none */
        {"for = \"department:sales\";", "10.1.0.1", 0, "", "", "", NTA_SCOPE_FOR_OTHERS},
        {"for = \"department:sales\";", "10.1.0.1", 0, "", "sales", "", NTA_SCOPE_COUNTS},
        {"not_for = \"person:Ann Bell\";", "10.1.0.1", 0, "", "", "", NTA_SCOPE_COUNTS},
        {"not_for = \"person:Ann Bell\";", "10.1.0.1", 0, "", "", "Ann Bell", NTA_SCOPE_NOT_FOR},
        {"hours = \"Fri 07:00-08:00\";", "10.1.0.1", 0, "", "", "", NTA_SCOPE_COUNTS},
        {"hours = \"Fri 07:01-08:00\";", "10.1.0.1", 0, "", "", "", NTA_SCOPE_OUT_OF_HOURS},
        {"hours = \"Fri 07:00-08:00\"; not_for = \"vlan:3\";", "10.1.0.1", 3, "", "", "",
         NTA_SCOPE_NOT_FOR},
        {"allow = true; hours = \"Sat 07:00-08:00\";", "10.1.0.1", 3, "", "", "",
         NTA_SCOPE_OUT_OF_HOURS},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        enum nta_scope_answer answer = ask(rows[i].keys, rows[i].addr, rows[i].vlan, rows[i].login,
                                           rows[i].department, rows[i].person);

        if (answer != rows[i].answer)
            fail_msg("row %zu: {%s} %s says %d", i, rows[i].keys, rows[i].addr, (int)answer);
    }
}

static void a_list_that_only_records_yields(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *records = policy_of("action = \"record\";");
    NTA_AUTO(nta_policy_free) struct nta_policy *alerts = policy_of("action = \"alert\";");
    const struct nta_list_report *one = nta_blacklist_get_list(records->lists, 0),
                                 *other = nta_blacklist_get_list(alerts->lists, 0);
    const struct nta_who who = {0};

    (void)state;
    assert_true(nta_scope_only_records(records, one));
    assert_int_equal(nta_scope_weigh(records, one, &who), NTA_LIST_YIELDS);
    assert_false(nta_scope_only_records(alerts, other));
    assert_false(other->narrowed);
    assert_null(nta_scope_of(alerts, other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_are_known_by_what_is_known_of_them),
        cmocka_unit_test(a_list_that_only_records_yields),
    };

    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
