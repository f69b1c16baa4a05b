/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"
#include "config/secret.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
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
    assert_int_equal(config->flow.tcp_idle_ns, INT64_C(7440000000000));
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
    assert_int_equal(load("capture = { interfaces = [ \"eth0\", \"eth1\" ]; buffer = \"2M\"; "
                          "snap_length = 1500; };\n"
                          "network = { home = ( \"192.0.2.0/24\" ); };\n"
                          "record = { alert_time = \"50ms\"; url = \"path\"; };\n"
                          "blacklist = { files = ( \"/a.txt\", { path = \"/b\"; name = \"x\"; "
                          "allow = true; severity = "
                          "\"high\"; column = \"c\"; force = true; } );\n"
                          "              own = ( \"example.net\" ); allow_resolvers = false; "
                          "unpack_limit = \"2M\";\n"
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
            ":2: severity is one of low, medium, high, critical, not \"bad\"");
}

static void a_value_out_of_range_or_of_the_wrong_kind_is_refused(void **state)
{
    (void)state;
    refuses("capture = { snap_length = 10; };\n", "not between 64 and 256K");
    refuses("capture = { snap_length = \"10 bytes\"; };\n", "not a unit");
    refuses("capture = { promiscuous = \"yes\"; };\n", "neither true nor false");
    refuses("capture = { workers = -1; };\n", "not a whole number");
    refuses("flow = { table = 4000000000; };\n", "too large");
    refuses("flow = { table = 4000000000L; };\n", "\"4000000000\" is not between");
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

static void a_wrong_word_is_named_with_the_nearest_right_one(void **state)
{
    (void)state;
    refuses("record = { url = \"pth\"; };\n",
            "\"pth\" is none of: full path site; the nearest is \"path\"");
    refuses("blacklist = { files = ( { path = \"/a\"; allowed = true; } ); };\n",
            "unknown key \"allowed\" of a list; the nearest known one is \"allow\"");
    refuses("blacklist = { files = ( { path = \"/a\"; severity = \"hihg\"; } ); };\n",
            "not \"hihg\"; the nearest is \"high\"");
    refuses("record = { batch_time = \"2 sec\"; };\n",
            "\"sec\" is not a unit here (ms, s, m, h, d)");
    /* passed over, the first would make a list of an exception */
    refuses("blacklist = { files = ( { path = \"/a\"; allow = \"true\"; } ); };\n",
            "allow of a list is true or false");
    refuses("blacklist = { files = ( { path = \"/a\"; name = 5; } ); };\n",
            "name of a list is a text");
    refuses("blacklist = { files = ( { path = 5; } ); };\n", "path of a list is a text");
}

#define LIST(keys) "blacklist = { files = (\n { path = \"/a\"; " keys " } ); };\n"

static void a_list_says_for_whom_and_when(void **state)
{
    struct nta_config *config = NULL;
    struct nta_err err;
    FILE *out;
    char *text = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(
        load(LIST("for = [ \"10.1.0.0/16\", \"vlan:10\", \"2001:db8::1\" ]; "
                  "not_for = ( \"login:ann\", \"department:sales\", \"person:Ann Bell\" ); "
                  "hours = \"Mon-Fri 08:00-16:00\"; action = \"record\"; "
                  "url = \"https://lists.example/a.txt?key=x\"; "
                  "sha256_url = \"https://lists.example/a.sha256\"; max_size = \"1M\"; "
                  "private = true;"),
             &config, &err),
        0);
    const struct nta_config_list *list = &config->blacklist.files[0];

    assert_int_equal(list->only_for.n, 3);
    assert_int_equal(list->only_for.items[0].prefix.len, 112);
    assert_int_equal(list->only_for.items[1].vlan, 10);
    assert_int_equal(list->only_for.items[2].prefix.len, 128);
    assert_int_equal(list->not_for.n, 3);
    assert_int_equal(list->not_for.items[0].kind, NTA_WHOM_LOGIN);
    assert_string_equal(list->not_for.items[1].name, "sales");
    assert_string_equal(list->not_for.items[2].name, "Ann Bell");
    assert_int_equal(list->hours.hours.n, 1);
    assert_int_equal(list->hours.hours.spans[0].until, 960);
    assert_string_equal(list->action, "record");
    assert_int_equal(list->max_bytes, 1 << 20);
    assert_true(list->is_private);
    out = open_memstream(&text, &size);
    nta_config_print(config, out);
    (void)fclose(out);
    assert_non_null(strstr(
        text, "{ path = \"/a\"; for = [ \"10.1.0.0/16\", \"vlan:10\", \"2001:db8::1/128\" ]; "
              "not_for = [ \"login:ann\", \"department:sales\", \"person:Ann Bell\" ]; "
              "hours = \"Mon-Fri 08:00-16:00\"; action = \"record\"; url = "));
    free(text);
    nta_config_free(&config);
}

static void a_list_for_nobody_or_no_time_is_refused(void **state)
{
    (void)state;
    refuses(LIST("hours = \"Mo-Fri 08:00-16:00\";"),
            ":2: hours: \"Mo\" is no day; days are Mon, Tue, Wed, Thu, Fri, Sat, Sun; the nearest "
            "is \"Mon\"");
    refuses(LIST("hours = 8;"), ":2: hours of a list is a text in quotes");
    refuses(LIST("for = [ ];"), "for of a list names users, as [ \"10.1.0.0/16\", \"vlan:10\" ]");
    refuses(LIST("for = [ 10 ];"), "for of a list names users");
    refuses(LIST("for = true;"), "for of a list names users");
    refuses(LIST("for = \"logn:ann\";"),
            ":2: for: \"logn:ann\": \"logn:\" is none of vlan:, "
            "department:, login:, person:, device:; the nearest is \"login:\"");
    refuses(LIST("for = \"ann\";"), "is no address or network");
    refuses(LIST("for = \"10.1.0.1/16\";"), "is no address or network (");
    refuses(LIST("not_for = \"vlan:0\";"),
            "not_for: \"vlan:0\": a VLAN is a number from 1 to 4094");
    refuses(LIST("not_for = \"vlan:4095\";"), "a VLAN is a number");
    refuses(LIST("not_for = \"vlan:ten\";"), "a VLAN is a number");
    refuses(LIST("not_for = \"login:\";"), "\"login:\" needs a name");
    refuses(LIST("action = \"alarm\";"),
            "action is one of alert, record, not \"alarm\"; the nearest is \"alert\"");
    refuses(LIST("allow = true; action = \"record\";"), "(allow) has no action");
    refuses(LIST("not_four = \"vlan:1\";"),
            "unknown key \"not_four\" of a list; the nearest known one is \"not_for\"");
    refuses(LIST("hour = \"08:00-16:00\";"), "the nearest known one is \"hours\"");
}

static void what_is_fetched_comes_by_https_and_has_a_place(void **state)
{
    (void)state;
    refuses(LIST("url = \"http://lists.example/a\";"), "url begins with https://");
    refuses(LIST("url = \"https:///a\";"), "url begins with https:// and a host");
    refuses(LIST("url = \"https://ann:secret@lists.example/a\";"),
            "url has a name or password before its host");
    refuses(LIST("url = \"https://lists.example/a b\";"), "a blank or a control character");
    refuses(LIST("max_size = \"1M\";"), "max_size is of no use without url");
    refuses(LIST("private = true;"), "private is of no use without url");
    refuses(LIST("url = \"https://lists.example/a\"; max_size = \"1X\";"),
            "max_size: \"1X\": \"X\" is not a unit here");
    refuses(LIST("url = \"https://lists.example/a\"; max_size = 0;"), "max_size is larger than 0");
    refuses("geo = { databases = \"/x\"; fetch = ( { path = \"/x\"; } ); };\n", "needs a url");
    refuses("geo = { databases = \"/x\"; fetch = ( \"/x\" ); };\n", "/x needs a url");
    refuses("geo = { databases = \"/x\"; "
            "fetch = ( { path = \"/y\"; url = \"https://a/\"; } ); };\n",
            "/y is none of geo.databases");
    refuses("geo = { databases = \"/x\"; fetch = ( { path = \"/x\"; url = \"https://a/\"; "
            "hours = \"08:00-09:00\"; } ); };\n",
            "unknown key \"hours\" of a database");
}

static void all_faults_of_a_file_are_named_in_one_run(void **state)
{
    static const char text[] =
        "capture = {\n interfaes = [\"eth0\"];\n snap_length = 3;\n buffer = \"4M\"; };\n"
        "blaclist = { };\n"
        "network = { home = ( \"10.0.0.0/8\", \"10.0.0.1/8\", \"x\" ); };\n"
        "record = { url = \"pth\"; flows = \"yes\"; };\n"
        "mysql = { password = \"a\"; password_file = \"/b\"; };\n";
    static const char *const words[] = {
        ":2: unknown option \"capture.interfaes\"",
        ":3: capture.snap_length: \"3\" is not between",
        ":5: unknown section \"blaclist\"",
        ":6: network.home: \"10.0.0.1/8\"",
        ":6: network.home: \"x\"",
        ":7: record.url: \"pth\"",
        ":7: record.flows: \"yes\"",
        "section mysql needs mysql.hosts",
        "exclude each other",
    };
    struct nta_config *config = NULL;
    struct nta_buf faults = {0};
    struct nta_err err = {0};
    char path[] = "/tmp/nta-config-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    assert_int_equal(nta_config_load_all(path, &config, &faults, &err), 9);
    nta_buf_put_u8(&faults, 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!strstr((const char *)faults.ptr, words[i]))
            fail_msg("%s is not in:\n%s", words[i], (const char *)faults.ptr);
    }
    assert_int_equal(config->capture.buffer_bytes, 4 << 20); /* what is right is taken */
    assert_int_equal(config->network.n_home, 1);
    nta_config_free(&config);
    nta_buf_done(&faults);
    assert_true(nta_config_load(path, &config, &err) < 0);
    assert_non_null(strstr(err.text, ":2: unknown option"));
    assert_non_null(strstr(err.text, "(and 8 more: ntad --check)"));
    unlink(path);
}

/** What is written into the file `included` is included by the one that is loaded. */
static void refuses_included(const char *included, const char *words)
{
    char text[256];

    (void)snprintf(text, sizeof(text), "capture = {\n @include \"%s\"\n};\n", included);
    refuses(text, words);
}

static void what_is_no_file_of_a_sensible_size_does_not_hold_us_up(void **state)
{
    char folder[] = "/tmp/nta-config-XXXXXX", fifo[64], huge[64], loop[64], text[256];
    struct nta_config *config = NULL;
    struct nta_err err;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
    (void)snprintf(huge, sizeof(huge), "%s/huge", folder);
    (void)snprintf(loop, sizeof(loop), "%s/loop", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    FILE *file = fopen(huge, "we");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), INT64_C(1) << 40), 0);
    (void)fclose(file);
    file = fopen(loop, "we");
    assert_non_null(file);
    (void)snprintf(text, sizeof(text), "@include \"%s\"\n  @include \"%s\"\n", loop, loop);
    assert_true(fputs(text, file) >= 0);
    (void)fclose(file);
    (void)alarm(20);
    assert_int_equal(nta_config_load(fifo, &config, &err), -EINVAL);
    assert_non_null(strstr(err.text, "fifo: not a file but a FIFO"));
    assert_int_equal(nta_config_load(huge, &config, &err), -EFBIG);
    assert_int_equal(nta_config_load("/dev/zero", &config, &err), -EINVAL);
    refuses_included(fifo, ":2: @include:");
    refuses_included(fifo, "not a file but a FIFO");
    refuses_included(huge, "more than 1048576 are not read");
    refuses_included("/nonexistent", "No such file");
    refuses_included(loop, "too often");
    (void)alarm(0);
    unlink(fifo);
    unlink(huge);
    unlink(loop);
    rmdir(folder);
}

static void what_is_included_is_read_and_named(void **state)
{
    char path[] = "/tmp/nta-config-XXXXXX", text[128];
    struct nta_config *config = NULL;
    struct nta_err err;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, "\nsnap_length = 1500;\n", 21), 21);
    (void)snprintf(text, sizeof(text), "capture = {\n  @include \"%s\"\n};\n", path);
    assert_int_equal(load(text, &config, &err), 0);
    assert_int_equal(config->capture.snap_len, 1500);
    nta_config_free(&config);
    assert_int_equal(write(fd, "snap_lengt = 1;\n", 16), 16);
    char words[64];

    (void)snprintf(words, sizeof(words), "%s:3: unknown option", path);
    (void)snprintf(text, sizeof(text), "capture = {\n  @include \"%s\"\n};\n", path);
    refuses(text, words);
    close(fd);
    unlink(path);
}

static struct nta_config password_config(char *path)
{
    return (struct nta_config){.mysql.enabled = true, .mysql.password_file = path};
}

static void a_password_file_is_a_secret(void **state)
{
    char path[] = "/tmp/nta-config-XXXXXX", link[64], password[NTA_SECRET_SIZE];
    struct nta_config config = password_config(path), by_link = password_config(link);
    struct nta_err err;
    int fd = mkstemp(path);

    (void)state;
    (void)snprintf(link, sizeof(link), "%s-link", path);
    assert_int_equal(write(fd, "hunter2\nmore\n", 13), 13);
    close(fd);
    assert_int_equal(nta_config_password(&config, password, &err), 0);
    assert_string_equal(password, "hunter2");
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(nta_config_password(&by_link, password, &err), -ELOOP);
    assert_int_equal(truncate(path, 0), 0);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(fd, "hunter2\0more", 12), 12);
    close(fd);
    assert_int_equal(nta_config_password(&config, password, &err), -EINVAL);
    assert_non_null(strstr(err.text, "byte of zero"));
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(nta_config_password(&config, password, &err), -EPERM);
    assert_string_equal(password, "");
    assert_non_null(strstr(err.text, "mysql.password_file: /tmp/"));
    assert_non_null(strstr(err.text, "chmod o="));
    unlink(link);
    unlink(path);
}

static void a_credential_that_may_not_be_read_is_not_none(void **state)
{
    char folder[] = "/tmp/nta-config-XXXXXX", path[64], buf[128], password[NTA_SECRET_SIZE];
    struct nta_config config = {.mysql.enabled = true, .store.dir = (char[]){"/nowhere"}};
    struct nta_err err;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)setenv("CREDENTIALS_DIRECTORY", folder, 1);
    assert_int_equal(nta_config_password(&config, password, &err), 0); /* there is none */
    assert_int_equal(nta_config_keys_dir(&config, buf, sizeof(buf), &err), 0);
    assert_string_equal(buf, "/nowhere/keys");
    (void)snprintf(path, sizeof(path), "%s/mysql-password", folder);
    assert_int_equal(symlink("loop", path), 0);
    (void)snprintf(buf, sizeof(buf), "%s/loop", folder);
    assert_int_equal(symlink("loop", buf), 0); /* may not be followed, for root neither */
    assert_int_equal(nta_config_password(&config, password, &err), -ELOOP);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/state.key", folder);
    assert_int_equal(symlink("loop", path), 0);
    assert_int_equal(nta_config_keys_dir(&config, buf, sizeof(buf), &err), 0);
    assert_string_equal(buf, folder);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/loop", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
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
        cmocka_unit_test(a_wrong_word_is_named_with_the_nearest_right_one),
        cmocka_unit_test(a_list_says_for_whom_and_when),
        cmocka_unit_test(a_list_for_nobody_or_no_time_is_refused),
        cmocka_unit_test(what_is_fetched_comes_by_https_and_has_a_place),
        cmocka_unit_test(all_faults_of_a_file_are_named_in_one_run),
        cmocka_unit_test(what_is_no_file_of_a_sensible_size_does_not_hold_us_up),
        cmocka_unit_test(what_is_included_is_read_and_named),
        cmocka_unit_test(a_password_file_is_a_secret),
        cmocka_unit_test(a_credential_that_may_not_be_read_is_not_none),
        cmocka_unit_test(a_missing_file_or_a_folder_is_named),
        cmocka_unit_test(differences_say_what_a_reload_can_take),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(the_shipped_file_is_content_with_itself),
        cmocka_unit_test(the_shipped_file_is_the_one_made_from_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
