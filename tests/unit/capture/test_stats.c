/* SPDX-License-Identifier: Apache-2.0 */
/* What an interface lost before libpcap had it (and reports as 0 lost) is in its own numbers. */
#include "capture/state.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

enum
{
    PATH_SIZE = 256
};

static char root[] = "/tmp/nta-stats-XXXXXX";

static void write_number(const char *interface, const char *what, const char *text)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%s/%s", root, interface);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof(path), "%s/%s/statistics", root, interface);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof(path), "%s/%s/statistics/%s", root, interface, what);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void what_the_card_and_its_driver_lost_adds_up(void **state)
{
    (void)state;
    write_number("mirror0", "rx_dropped", "12900000\n");
    write_number("mirror0", "rx_missed_errors", "18\n");
    assert_int_equal(nta_stats_interface_drops(root, "mirror0"), 12900018);
}

static void an_interface_without_numbers_lost_nothing_known(void **state)
{
    (void)state;
    assert_int_equal(nta_stats_interface_drops(root, "any"), 0);
    assert_int_equal(nta_stats_interface_drops(root, "../mirror0"), 0); /* a name, not a way */
    write_number("odd0", "rx_dropped", "");
    assert_int_equal(nta_stats_interface_drops(root, "odd0"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_card_and_its_driver_lost_adds_up),
        cmocka_unit_test(an_interface_without_numbers_lost_nothing_known),
    };
    char command[PATH_SIZE];

    if (!mkdtemp(root))
        return EXIT_FAILURE;
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);

    (void)snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command) == 0 ? n_failed : EXIT_FAILURE; /* NOLINT(cert-env33-c) */
}
