/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces with filters of their own, and lists of processors. */
#include "config/where.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static struct nta_config config;
static char name[NTA_INTERFACE_SIZE];
static const char *filter;
static struct nta_err err;

static int get(const char *text, const char *common)
{
    config.capture.interfaces[0] = (char *)(uintptr_t)text; // NOLINT(performance-no-int-to-ptr)
    config.capture.filter = (char *)(uintptr_t)common;      // NOLINT(performance-no-int-to-ptr)
    return nta_config_get_interface(&config, 0, name, &filter, &err);
}

static void a_filter_behind_the_name_is_that_interfaces(void **state)
{
    (void)state;
    assert_int_equal(get("eth0", "udp"), 0);
    assert_string_equal(name, "eth0");
    assert_string_equal(filter, "udp");
    assert_int_equal(get("eth1: not port 22", "udp"), 0);
    assert_string_equal(name, "eth1");
    assert_string_equal(filter, "not port 22");
    assert_int_equal(get("eth0", ""), 0);
    assert_null(filter);
    assert_int_equal(get("usb:1", NULL), 0); /* a colon alone is part of a name */
    assert_string_equal(name, "usb:1");
    assert_int_equal(get("eth0: ether host 02:00:00:00:00:01", ""), 0);
    assert_string_equal(filter, "ether host 02:00:00:00:00:01");
}

static void half_of_it_is_refused(void **state)
{
    char text[400];

    (void)state;
    assert_int_equal(get("", ""), -EINVAL);
    assert_int_equal(get(": udp", ""), -EINVAL);
    assert_int_equal(get("eth0: ", "udp"), -EINVAL); /* it would be no filter where one is meant */
    assert_int_equal(get("eth0:  ", "udp"), -EINVAL);
    memset(text, 'x', sizeof(text));
    text[NTA_INTERFACE_SIZE] = '\0';
    assert_int_equal(get(text, ""), -EINVAL);
    text[NTA_INTERFACE_SIZE - 1] = '\0';
    assert_int_equal(get(text, ""), 0);
}

static void a_filter_that_would_be_lost_in_the_name_is_refused(void **state)
{
    static const char *const wrong[] = {
        "b0:not port 53", "b0:udp", "b0:", "b0:5x", "b0:\tudp",   "b0 : udp",     "b0 udp", " b0",
        "b0\t: udp",      "b0:1:2", ":5",  "b0\n",  "b0:1,2:udp", "b0:not a: udp"};
    static const char *const right[] = {"any", "nflog:5", "nflog:5,6", "eth0:1", "veth-a.7@x"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (get(wrong[i], "") != -EINVAL)
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        if (get(right[i], "") != 0)
            fail_msg("\"%s\" is refused", right[i]);
    }
    assert_int_equal(get("nflog:5: udp", ""), 0);
    assert_string_equal(name, "nflog:5");
    assert_string_equal(filter, "udp");
}

static void expect_cpus(const char *text, const char *expected)
{
    unsigned cpus[NTA_CPUS_MAX];
    char got[256] = "";
    size_t n = 99;

    assert_int_equal(nta_config_get_cpus(text, cpus, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        (void)snprintf(got + strlen(got), sizeof(got) - strlen(got), "%u ", cpus[i]);
    assert_string_equal(got, expected);
}

static void processors_come_in_the_order_in_which_they_are_named(void **state)
{
    (void)state;
    expect_cpus("", "");
    expect_cpus("0", "0 ");
    expect_cpus("8,0-3,1023", "8 0 1 2 3 1023 ");
    expect_cpus("5-5", "5 ");
}

static void what_is_no_list_of_processors_is_refused(void **state)
{
    static const char *const wrong[] = {"x",
                                        "-1",
                                        "1-",
                                        "3-1",
                                        ",1",
                                        "1,",
                                        "1,,2",
                                        "1 2",
                                        "1-2-3",
                                        "1024",
                                        "18446744073709551616",
                                        "0-1023,0",
                                        "99999999999999999999-1",
                                        "2;"};
    unsigned cpus[NTA_CPUS_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (nta_config_get_cpus(wrong[i], cpus, &n, &err) != -EINVAL)
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    assert_int_equal(nta_config_get_cpus("0-1023", cpus, &n, &err), 0);
    assert_int_equal(n, NTA_CPUS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_behind_the_name_is_that_interfaces),
        cmocka_unit_test(half_of_it_is_refused),
        cmocka_unit_test(a_filter_that_would_be_lost_in_the_name_is_refused),
        cmocka_unit_test(processors_come_in_the_order_in_which_they_are_named),
        cmocka_unit_test(what_is_no_list_of_processors_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
