/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "base/runtime/user.h"
#include "unit.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdatomic.h>
#include <unistd.h>

/** Only a server knows him, and it says nothing until `lets_go`. */
#define FAR 4000000000U

static atomic_bool lets_go;
static atomic_uint n_asked;

static void wait_for_server(void)
{
    (void)atomic_fetch_add(&n_asked, 1);
    while (!atomic_load(&lets_go))
        (void)usleep(1000);
}

/* In place of the system's. */
int getpwuid_r(uid_t uid, struct passwd *entry, char *bytes, size_t size, struct passwd **found)
{
    *found = NULL;
    if (uid == FAR)
        wait_for_server();
    if (uid != 0 && uid != FAR)
        return ENOENT;
    (void)snprintf(bytes, size, "%s", uid == 0 ? "root" : "ann");
    *entry = (struct passwd){.pw_name = bytes, .pw_uid = uid};
    *found = entry;
    return 0;
}

int getgrnam_r(const char *name, struct group *entry, char *bytes, size_t size,
               struct group **found)
{
    (void)bytes;
    *found = NULL;
    if (size < 100000) /* it lists many members */
        return ERANGE;
    if (strcmp(name, "far") == 0)
        wait_for_server();
    if (strcmp(name, "none") == 0)
        return 0;
    *entry = (struct group){.gr_gid = 77};
    *found = entry;
    return 0;
}

static void who_has_a_name_is_called_by_it_and_who_has_none_by_the_number(void **state)
{
    char name[NTA_USER_NAME_SIZE];

    (void)state;
    assert_string_equal(nta_user_name(0, name), "root");
    assert_string_equal(nta_user_name(3999999999U, name), "uid 3999999999");
    assert_ptr_equal(nta_user_name(0, name), name);
}

static void a_server_that_says_nothing_holds_nobody_up(void **state)
{
    char name[NTA_USER_NAME_SIZE];
    gid_t group = 5;

    (void)state;
    atomic_store(&lets_go, false);
    assert_string_equal(nta_user_name_within(NTA_NS_PER_S, 0, name), "root");
    assert_string_equal(nta_user_name_within(20 * NTA_NS_PER_MS, FAR, name), "uid 4000000000");
    /* and it is asked no second time, nor anybody else behind it */
    const int64_t begin_ns = nta_clock_mono_ns();

    for (unsigned i = 0; i < 1000; i++)
        assert_string_equal(nta_user_name_within(NTA_NS_PER_S, 0, name), "uid 0");
    assert_false(nta_user_group_within(NTA_NS_PER_S, "near", &group));
    assert_true(nta_clock_mono_ns() - begin_ns < NTA_NS_PER_S);
    assert_int_equal(atomic_load(&n_asked), 1);
    assert_int_equal(group, 5);
    atomic_store(&lets_go, true);
    do
        (void)nta_user_name_within(NTA_NS_PER_S, 0, name);
    while (strcmp(name, "root") != 0);
    assert_string_equal(nta_user_name_within(60 * NTA_NS_PER_S, FAR, name), "ann");
}

static void a_group_is_found_however_many_it_lists(void **state)
{
    gid_t group = 5;

    (void)state;
    atomic_store(&lets_go, false);
    assert_false(nta_user_group_within(NTA_NS_PER_S, "none", &group));
    assert_int_equal(group, 5);
    assert_true(nta_user_group_within(60 * NTA_NS_PER_S, "near", &group));
    assert_int_equal(group, 77);
    group = 5;
    assert_false(nta_user_group_within(20 * NTA_NS_PER_MS, "far", &group));
    assert_int_equal(group, 5);
    atomic_store(&lets_go, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_a_name_is_called_by_it_and_who_has_none_by_the_number),
        cmocka_unit_test(a_server_that_says_nothing_holds_nobody_up),
        cmocka_unit_test(a_group_is_found_however_many_it_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
