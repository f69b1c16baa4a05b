/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "who/people.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/nta-test-users-XXXXXX";

static int load(const char *text, struct nta_people **ret_people, struct nta_err *err)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return nta_people_load(path, ret_people, err);
}

static const char *person(const struct nta_people *people, const char *ip, const uint8_t *mac,
                          const char *name, const char *login)
{
    static char text[64];
    struct nta_addr addr;
    struct nta_person user = {.person = {0}};

    if (ip)
        assert_int_equal(nta_addr_parse(ip, strlen(ip), &addr), 0);
    const struct nta_people_question question = {
        .addr = ip ? &addr : NULL,
        .mac = mac,
        .name = nta_span_of(name),
        .login = nta_span_of(login),
    };

    (void)nta_people_find(people, &question, &user);
    (void)snprintf(text, sizeof(text), "%.*s", (int)user.person.len,
                   user.person.ptr ? (const char *)user.person.ptr : "");
    return text;
}

static void what_is_known_better_decides(void **state)
{
    NTA_AUTO(nta_people_free) struct nta_people *people = NULL;
    const uint8_t mac[6] = {2, 0, 0, 0, 0, 5}, other[6] = {2, 0, 0, 0, 0, 6};
    struct nta_err err;

    (void)state;
    assert_int_equal(load("# who, person, department, place\n"
                          "login:Ann,           Ann Example, class 7b\n"
                          "02-00-00-00-00-05,   Bob Example, class 7b, Room 1\r\n"
                          "host:printer,        Copy Example\n"
                          "\n"
                          "10.1.2.3,            Dan Example, teachers\n"
                          "10.1.0.0/16,         Eve Example\n"
                          "fd00::/64,           Fay Example\n",
                          &people, &err),
                     0);
    assert_string_equal(person(people, "10.1.2.3", mac, "printer", "ann"), "Ann Example");
    assert_string_equal(person(people, "10.1.2.3", mac, "printer", "nobody"), "Bob Example");
    assert_string_equal(person(people, "10.1.2.3", other, "PRINTER.local", ""), "Copy Example");
    assert_string_equal(person(people, "10.1.2.3", other, "x", ""), "Dan Example");
    assert_string_equal(person(people, "10.1.2.4", NULL, "", ""), "Eve Example");
    assert_string_equal(person(people, "fd00::7", NULL, "", ""), "Fay Example");
    assert_string_equal(person(people, "10.2.0.1", NULL, "", ""), "");
    assert_string_equal(person(NULL, "10.1.2.3", NULL, "", ""), "");
}

static void a_bad_line_is_named(void **state)
{
    static const struct
    {
        const char *text, *where;
    } rows[] = {
        {"# fine\nlaptop, Ann\n", ":2: "},    {"10.0.0.0/33, Ann\n", ":1: "},
        {"10.0.0.1/24, Ann\n", ":1: "},       {"10.0.0.1\n", ":1: "},
        {"10.0.0.1, , ,\n", ":1: "},          {"login:, Ann\n", ":1: "},
        {"10.0.0.1, a, b, c, d\n", ":1: "},   {"login:ann, A\nlogin:ANN, B\n", "lines 1 and 2"},
        {"02:00:00:00:00:0g, Ann\n", ":1: "}, {"10.0.0.1, \"Example, Ann\"\n", ":1: "},
    };
    struct nta_err err;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_people_free) struct nta_people *people = NULL;

        assert_int_equal(load(rows[i].text, &people, &err), -EINVAL);
        assert_non_null(strstr(err.text, rows[i].where));
        assert_null(people);
    }
}

static void a_file_that_is_not_there_is_said(void **state)
{
    struct nta_people *people = NULL;
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_people_load("/nonexistent/users.conf", &people, &err), -ENOENT);
    assert_null(people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_better_decides),
        cmocka_unit_test(a_bad_line_is_named),
        cmocka_unit_test(a_file_that_is_not_there_is_said),
    };

    assert(mkstemp(path) >= 0);
    const int r = cmocka_run_group_tests(tests, NULL, NULL);

    (void)unlink(path);
    return r;
}
