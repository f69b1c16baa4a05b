/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

/** Load `text` as a file. */
static int load(const char *text, struct nta_config **config, struct nta_err *err)
{
    char path[] = "/tmp/nta-config-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    err->text[0] = '\0';
    int r = nta_config_load(path, config, err);

    unlink(path);
    return r;
}

static void refuses(const char *text, const char *words)
{
    struct nta_config *config = NULL;
    struct nta_err err;

    assert_true(load(text, &config, &err) < 0);
    assert_null(config);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void an_empty_file_gives_the_defaults(void **state)
{
    struct nta_config *config = NULL;
    struct nta_err err;

    (void)state;
    assert_int_equal(load("", &config, &err), 0);
    assert_int_equal(config->capture.snap_len, 262144);
    assert_int_equal(config->flow.tcp_idle_ns, INT64_C(300000000000));
    assert_int_equal(config->network.n_home, 9);
    assert_string_equal(config->record.url, "full");
    assert_false(config->mysql.enabled);
    nta_config_free(&config);
}

static void values_take_units_and_lists_replace_the_default(void **state)
{
    struct nta_config *config = NULL;
    struct nta_err err;

    (void)state;
    assert_int_equal(
        load(
            "capture = { interfaces = [ \"eth0\", \"eth1\" ]; buffer = \"2M\"; snap_length = 1500; };\n"
            "network = { home = ( \"192.0.2.0/24\" ); };\n"
            "record = { alert_time = \"50ms\"; url = \"path\"; };\n"
            "blacklist = { files = ( \"/a.txt\", { path = \"/b\"; name = \"x\"; allow = true; severity = "
            "\"high\"; column = \"c\"; force = true; } );\n"
            "              own = ( \"example.net\" ); allow_resolvers = false; unpack_limit = \"2M\";\n"
            "              shrink_limit = 0.25; };\n"
            "mysql = { hosts = \"db\"; };\n",
            &config, &err),
        0);
    assert_int_equal(config->capture.n_interfaces, 2);
    assert_string_equal(config->capture.interfaces[1], "eth1");
    assert_int_equal(config->capture.buffer_bytes, 2 << 20);
    assert_int_equal(config->capture.snap_len, 1500);
    assert_int_equal(config->network.n_home, 1);
    assert_int_equal(config->network.home[0].len, 120);
    assert_int_equal(config->record.alert_batch_ns, 50000000);
    assert_int_equal(config->blacklist.n_files, 2);
    assert_true(config->blacklist.files[1].allow);
    assert_string_equal(config->blacklist.files[1].name, "x");
    assert_string_equal(config->blacklist.files[1].severity, "high");
    assert_string_equal(config->blacklist.files[1].column, "c");
    assert_true(config->blacklist.files[1].force);
    assert_false(config->blacklist.allow_resolvers);
    assert_string_equal(config->blacklist.own[0], "example.net");
    assert_int_equal(config->blacklist.unpack_limit, 2 << 20);
    assert_true(config->blacklist.shrink_limit == 0.25);
    assert_true(config->mysql.enabled);
    nta_config_free(&config);
}

static void an_unknown_key_names_line_and_nearest_known_key(void **state)
{
    (void)state;
    refuses("capture = {\n  interfaes = [\"eth0\"];\n};\n", ":2: unknown option");
    refuses("capture = {\n  interfaes = [\"eth0\"];\n};\n", "\"interfaces\"");
    refuses("\n\nblaclist = { };\n", ":3: unknown section \"blaclist\"");
    refuses("blacklist = { files = ( { path = \"/a\"; allowed = true; } ); };\n", "allowed");
    refuses("blacklist = {\n files = ( { path = \"/a\"; severity = \"bad\"; } ); };\n",
            ":2: severity is one of low, medium, high, critical");
}

static void a_value_out_of_range_or_of_the_wrong_kind_is_refused(void **state)
{
    (void)state;
    refuses("capture = { snap_length = 10; };\n", "not between 64 and 256K");
    refuses("capture = { snap_length = \"10 bytes\"; };\n", "not a unit");
    refuses("capture = { promiscuous = \"yes\"; };\n", "neither true nor false");
    refuses("capture = { workers = -1; };\n", "not a whole number");
    refuses("record = { url = \"everything\"; };\n", "full path site");
    refuses("network = { home = ( \"192.0.2.1/24\" ); };\n", "bits set behind");
    refuses("blacklist = { shrink_limit = 1.5; };\n", "from 0 to 1");
    refuses("capture = \"eth0\";\n", "is a section");
    refuses("mysql = { };\n", "mysql.hosts");
    refuses("capture = {\n snap_length = ;\n};\n", ":2:");
}

static void a_missing_file_or_a_folder_is_named(void **state)
{
    struct nta_config *config = NULL;
    struct nta_err err;

    (void)state;
    assert_true(nta_config_load("/nonexistent/ntad.conf", &config, &err) < 0);
    assert_non_null(strstr(err.text, "/nonexistent/ntad.conf: No such file"));
    assert_true(nta_config_load("/tmp", &config, &err) < 0);
}

static void count_change(void *owner, const char *name, bool live)
{
    char *seen = owner;

    snprintf(seen + strlen(seen), 256 - strlen(seen), "%s%s ", name, live ? "+" : "-");
}

static void differences_say_what_a_reload_can_take(void **state)
{
    struct nta_config *a = NULL, *b = NULL;
    struct nta_err err;
    char seen[256] = "";

    (void)state;
    assert_int_equal(load("", &a, &err), 0);
    assert_int_equal(load("capture = { workers = 3; }; record = { url = \"site\"; };", &b, &err),
                     0);
    nta_config_diff(a, b, count_change, seen);
    assert_string_equal(seen, "capture.workers- record.url+ ");
    nta_config_free(&a);
    nta_config_free(&b);
}

static void secrets_are_not_shown(void **state)
{
    struct nta_config *config = NULL;
    struct nta_err err;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_int_equal(load("mysql = { hosts = \"h\"; password = \"hunter2\"; };", &config, &err), 0);
    nta_config_print(config, out);
    fclose(out);
    assert_null(strstr(text, "hunter2"));
    assert_non_null(strstr(text, "mysql.password"));
    free(text);
    nta_config_free(&config);
}

static void the_shipped_file_is_content_with_itself(void **state)
{
    struct nta_config *config = NULL;
    struct nta_err err = {0};

    (void)state;
    if (nta_config_load(NTA_TEST_SOURCE_DIR "/conf/ntad.conf", &config, &err) < 0)
        fail_msg("%s", err.text);
    assert_false(config->mysql.enabled);
    nta_config_free(&config);
}

static void the_shipped_file_is_the_one_made_from_the_table(void **state)
{
    char *made = NULL;
    size_t len;
    FILE *out = open_memstream(&made, &len);
    FILE *file = fopen(NTA_TEST_SOURCE_DIR "/conf/ntad.conf", "r");
    char *shipped = malloc(65536);

    (void)state;
    assert_non_null(file);
    assert_non_null(shipped);
    nta_config_print_default(out);
    fclose(out);
    size_t n = fread(shipped, 1, 65535, file);

    shipped[n] = '\0';
    fclose(file);
    assert_string_equal(made, shipped);
    free(made);
    free(shipped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gives_the_defaults),
        cmocka_unit_test(values_take_units_and_lists_replace_the_default),
        cmocka_unit_test(an_unknown_key_names_line_and_nearest_known_key),
        cmocka_unit_test(a_value_out_of_range_or_of_the_wrong_kind_is_refused),
        cmocka_unit_test(a_missing_file_or_a_folder_is_named),
        cmocka_unit_test(differences_say_what_a_reload_can_take),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(the_shipped_file_is_content_with_itself),
        cmocka_unit_test(the_shipped_file_is_the_one_made_from_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
