/* SPDX-License-Identifier: Apache-2.0 */
/* nta-notify.conf: what is read, what is refused, and who wants what. */
#include "base/runtime/clock.h"
#include "notify/settings.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOK "name = \"a\"; kind = \"json\"; url = \"https://hook.example/x\"; "

static struct nta_notify_settings *settings;
static struct nta_err err;

static int teardown(void **state)
{
    (void)state;
    nta_notify_settings_free(&settings);
    return 0;
}

static int load_mode(const char *text, mode_t mode)
{
    char path[] = "/tmp/nta-settings-XXXXXX";
    const int fd = mkstemp(path);
    int r;

    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    nta_notify_settings_free(&settings);
    err.text[0] = '\0';
    r = nta_notify_settings_load(path, &settings, &err);
    (void)close(fd);
    (void)unlink(path);
    return r;
}

static int load(const char *text)
{
    return load_mode(text, 0600);
}

static void refused(const char *text, const char *why)
{
    assert_true(load(text) < 0);
    assert_null(settings);
    assert_non_null(strstr(err.text, why));
}

static void options_have_their_presets(void **state)
{
    (void)state;
    assert_int_equal(
        load("receivers = ( { " HOOK " lists = [ \"x\", \"y\" ]; gather = \"5m\"; } );"), 0);
    assert_string_equal(settings->source, "journal");
    assert_int_equal(settings->n_receivers, 1);
    const struct nta_notify_receiver *one = &settings->receivers[0];

    assert_int_equal(one->channel, NTA_NOTIFY_JSON);
    assert_int_equal(one->at_least, NTA_NOTIFY_MEDIUM);
    assert_int_equal(one->loud_from, NTA_NOTIFY_CRITICAL);
    assert_int_equal(one->gather_ns, 300 * NTA_NS_PER_S);
    assert_int_equal(one->window_ns, 3600 * NTA_NS_PER_S);
    assert_int_equal(one->lists.n, 2);
    assert_false(nta_notify_tells_names(one));
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    refused("receivers = (\n{ " HOOK " severty = \"low\"; } );", ":2: severty: unknown");
    refused("receivers = ( { " HOOK " severity = \"none\"; } );", "one of: low medium");
    refused("receivers = ( { " HOOK " quiet = \"noon\"; } );", "quiet");
    refused("receivers = ( { " HOOK " gather = \"2d\"; } );", "too large");
    refused("receivers = ( { " HOOK "}, { " HOOK "} );", "another receiver");
    refused("receivers = ( { name = \"a\"; } );", "each receiver needs it");
    refused("receivers = ( { name = \"\"; kind = \"json\"; url = \"https://x/\"; } );", "name");
    refused("receivers = ( { " HOOK " lists = [\"\"]; } );", "one of them is empty");
    refused("receivers = ( );", "nobody is to be told");
    refused("receivers = \"x\";", "receivers");
    refused("source = [ 1 ];", "a value is expected");
    refused("receivers = (", "line 1");
}

static void where_secrets_go_is_looked_at(void **state)
{
    (void)state;
    refused("receivers = ( { name = \"a\"; kind = \"json\"; url = \"http://x.example/\"; } );",
            "begins with https");
    refused("receivers = ( { name = \"a\"; kind = \"json\"; tls = \"off\"; url = "
            "\"http://localhost.example/\"; } );",
            "only to this machine");
    refused("receivers = ( { name = \"a\"; kind = \"mail\"; url = \"smtp://m\"; from = \"a@b\"; to "
            "= \"x@y\\r\\nBcc: z@y\"; } );",
            "an address is expected");
    assert_int_equal(load("receivers = ( { name = \"a\"; kind = \"json\"; tls = \"off\"; url = "
                          "\"http://127.0.0.1:8080/\"; } );"),
                     0);
    assert_true(load_mode("receivers = ( { " HOOK "} );", 0644) < 0);
    assert_non_null(strstr(err.text, "others may use"));
}

static void a_url_names_no_user(void **state)
{
    (void)state;
    refused("receivers = ( { name = \"a\"; kind = \"json\"; tls = \"off\"; url = "
            "\"http://localhost:x@bad.example/\"; } );",
            "no user");
}

static void who_wants_what(void **state)
{
    static struct nta_notify_event event;
    struct nta_notify_receiver *one;

    (void)state;
    assert_int_equal(load("receivers = ( { " HOOK " departments = [ \"sales\", \"-\" ]; } );"), 0);
    one = &settings->receivers[0];
    nta_notify_event_init(&event);
    assert_false(nta_notify_wants(one, &event));
    event.kind = NTA_NOTIFY_ALERT;
    assert_true(nta_notify_wants(one, &event)); /* of no department, of no known severity */
    event.severity = NTA_NOTIFY_LOW;
    assert_false(nta_notify_wants(one, &event));
    event.severity = NTA_NOTIFY_HIGH;
    nta_notify_event_set(&event, NTA_NOTIFY_DEPARTMENT, nta_span_of("it"));
    assert_false(nta_notify_wants(one, &event));
    nta_notify_event_set(&event, NTA_NOTIFY_DEPARTMENT, nta_span_of("sales"));
    assert_true(nta_notify_wants(one, &event));
    event.kind = NTA_NOTIFY_BAD;
    assert_false(nta_notify_wants(one, &event));
    one->health = true;
    assert_true(nta_notify_wants(one, &event));
}

static void the_sample_is_what_conf_has(void **state)
{
    char made[16384] = "", kept[16384] = "";
    FILE *out = fmemopen(made, sizeof(made), "w");
    FILE *in = fopen(NTA_TEST_SOURCE_DIR "/conf/nta-notify.conf", "r");

    (void)state;
    assert_non_null(out);
    assert_non_null(in);
    nta_notify_settings_print_sample(out);
    assert_int_equal(fclose(out), 0);
    assert_true(fread(kept, 1, sizeof(kept) - 1, in) > 0);
    assert_int_equal(fclose(in), 0);
    assert_string_equal(made, kept);
    refused(made, "nobody is to be told");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, NULL, teardown)
    const struct CMUnitTest tests[] = {
        TEST(options_have_their_presets),    TEST(what_is_wrong_is_said_with_its_line),
        TEST(where_secrets_go_is_looked_at), TEST(who_wants_what),
        TEST(a_url_names_no_user),           TEST(the_sample_is_what_conf_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
