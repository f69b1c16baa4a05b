/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert.h"
#include "alert_kit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static char json_path[96];
static char terminal_path[96];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/nta-test-alert-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(json_path, sizeof(json_path), "%s/alerts.json", dir);
    (void)snprintf(terminal_path, sizeof(terminal_path), "%s/terminal", dir);
    return 0;
}

static int remove_folder(void **state)
{
    char old[128];

    (void)state;
    (void)snprintf(old, sizeof(old), "%s.1", json_path);
    (void)unlink(old);
    (void)unlink(json_path);
    (void)unlink(terminal_path);
    return rmdir(dir);
}

static struct nta_alerter *start(struct nta_alert_options options)
{
    struct nta_alerter *alerter = NULL;
    struct nta_err err;

    if (nta_alerter_start(&options, &alerter, &err) < 0)
        fail_msg("%s", err.text);
    return alerter;
}

static void post(struct nta_alerter *alerter, const struct nta_record *record)
{
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};

    nta_record_encode(record, &cbor);
    nta_alert_post(alerter, "sensor-1-2", nta_buf_span(&cbor));
}

static size_t read_file(const char *path, char *text, size_t size)
{
    NTA_AUTO_FILE FILE *file = fopen(path, "r");
    size_t len = file ? fread(text, 1, size - 1, file) : 0;

    text[len] = '\0';
    return len;
}

static unsigned count_lines(const char *text)
{
    unsigned n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void each_sink_gets_the_alert_and_the_summary(void **state)
{
    NTA_AUTO_FILE FILE *terminal = fopen(terminal_path, "w");
    struct nta_alerter *alerter = start((struct nta_alert_options){
        .json_path = json_path, .terminal = terminal, .window_ns = 100 * NTA_NS_PER_S});
    struct nta_record record = kit_record();
    char text[8192];
    struct stat st;

    (void)state;
    for (int i = 0; i < 10; i++)
        post(alerter, &record);
    nta_alerter_stop(&alerter);
    assert_null(alerter);
    (void)read_file(json_path, text, sizeof(text));
    assert_int_equal(count_lines(text), 2);
    assert_non_null(strstr(text, "\"id\":\"sensor-1-2\""));
    assert_non_null(strstr(text, "\"repeats\":9}\n"));
    (void)read_file(terminal_path, text, sizeof(text));
    assert_int_equal(count_lines(text), 2);
    assert_non_null(strstr(text, "ALERT 10.0.0.5 (ann, laptop-7) visited bad.example [list"));
    assert_non_null(strstr(text, "bad.example [list malware] 9 more times"));
    assert_int_equal(stat(json_path, &st), 0);
    assert_int_equal(st.st_mode & 07137, 0);
}

static void a_summary_comes_when_the_window_is_over(void **state)
{
    struct nta_alerter *alerter =
        start((struct nta_alert_options){.json_path = json_path, .window_ns = 50 * NTA_NS_PER_MS});
    struct nta_record record = kit_record();
    char text[8192];

    (void)state;
    post(alerter, &record);
    post(alerter, &record);
    for (int i = 0; i < 500; i++) {
        (void)read_file(json_path, text, sizeof(text));
        if (count_lines(text) == 2)
            break;
        (void)usleep(10000);
    }
    assert_non_null(strstr(text, "\"repeats\":1}"));
    assert_int_equal(nta_counted(nta_alerter_counters(alerter), NTA_COUNTER_ALERT_SUPPRESSED), 1);
    nta_alerter_stop(&alerter);
}

static void over_the_limit_a_minute_only_the_number_is_said(void **state)
{
    struct nta_alerter *alerter =
        start((struct nta_alert_options){.json_path = json_path, .per_minute = 5});
    struct nta_record record = kit_record();
    char text[16384];

    (void)state;
    for (int i = 0; i < 100; i++)
        post(alerter, &record);
    nta_alerter_stop(&alerter);
    (void)read_file(json_path, text, sizeof(text));
    assert_int_equal(count_lines(text), 6);
    assert_non_null(strstr(text, "\"not_logged\":95}"));
}

static void posting_never_waits_for_a_stuck_sink(void **state)
{
    int reader = mkfifo(json_path, 0600) == 0 ? open(json_path, O_RDONLY | O_NONBLOCK) : -1;
    struct nta_alerter *alerter = start((struct nta_alert_options){.json_path = json_path});
    struct nta_record record = kit_record();
    int64_t longest_ns = 0;

    (void)state;
    assert_true(reader >= 0);
    for (int i = 0; i < 20000; i++) {
        int64_t start_ns = nta_clock_mono_ns();

        post(alerter, &record);
        start_ns = nta_clock_mono_ns() - start_ns;
        longest_ns = start_ns > longest_ns ? start_ns : longest_ns;
    }
    /* generous: another program may have the processor meanwhile */
    assert_true(longest_ns < 150 * NTA_NS_PER_MS);
    int64_t stop_ns = nta_clock_mono_ns();

    assert_true(nta_counted(nta_alerter_counters(alerter), NTA_COUNTER_ALERT_DROP) > 0);
    nta_alerter_stop(&alerter);
    assert_true(nta_clock_mono_ns() - stop_ns < 5 * NTA_NS_PER_S);
    (void)close(reader);
}

static void a_reader_that_goes_away_ends_nothing(void **state)
{
    int reader = mkfifo(json_path, 0600) == 0 ? open(json_path, O_RDONLY | O_NONBLOCK) : -1;
    struct nta_alerter *alerter = start((struct nta_alert_options){.json_path = json_path});
    struct nta_record record = kit_record();

    (void)state;
    assert_true(reader >= 0);
    (void)close(reader);
    for (int i = 0; i < 3; i++)
        post(alerter, &record);
    nta_alerter_stop(&alerter);
}

static void hostile_names_are_harmless_in_files(void **state)
{
    NTA_AUTO_FILE FILE *terminal = fopen(terminal_path, "w");
    struct nta_alerter *alerter = start(
        (struct nta_alert_options){.json_path = json_path, .terminal = terminal, .syslog = true});
    struct nta_record record = kit_hostile_record();
    const char *paths[] = {json_path, terminal_path};
    char text[16384] = "";

    (void)state;
    post(alerter, &record);
    nta_alerter_stop(&alerter);
    for (size_t i = 0; i < 2; i++) {
        size_t len = read_file(paths[i], text, sizeof(text));

        assert_true(len > 100);
        assert_int_equal(text[len - 1], '\n');
        kit_assert_harmless((struct nta_span){(const uint8_t *)text, len - 1});
    }
}

static void reopening_follows_a_rotated_file(void **state)
{
    struct nta_alerter *alerter = start((struct nta_alert_options){.json_path = json_path});
    struct nta_record record = kit_record();
    char rotated[128], text[8192];
    struct stat st = {0};

    (void)state;
    (void)snprintf(rotated, sizeof(rotated), "%s.1", json_path);
    post(alerter, &record);
    while (stat(json_path, &st) == 0 && st.st_size == 0)
        (void)usleep(1000);
    assert_int_equal(rename(json_path, rotated), 0);
    nta_alerter_reopen(alerter);
    for (int i = 0; i < 5000 && stat(json_path, &st) != 0; i++)
        (void)usleep(1000);
    post(alerter, &record);
    nta_alerter_stop(&alerter);
    (void)read_file(json_path, text, sizeof(text));
    assert_int_equal(count_lines(text), 1);
    (void)read_file(rotated, text, sizeof(text));
    assert_int_equal(count_lines(text), 1);
}

static void a_link_is_not_followed(void **state)
{
    struct nta_alert_options options = {.json_path = json_path};
    struct nta_alerter *alerter = NULL;
    struct nta_err err;

    (void)state;
    assert_int_equal(symlink(terminal_path, json_path), 0);
    assert_true(nta_alerter_start(&options, &alerter, &err) < 0);
    assert_null(alerter);
    assert_non_null(strstr(err.text, "alerts.json"));
}

static void what_is_no_record_or_too_large_is_counted_as_dropped(void **state)
{
    static const uint8_t huge[100000];
    struct nta_alerter *alerter = start((struct nta_alert_options){.json_path = json_path});

    (void)state;
    nta_alert_post(alerter, "x", (struct nta_span){huge, sizeof(huge)});
    nta_alert_post(alerter, "x", (struct nta_span){(const uint8_t *)"\xff", 1});
    for (int i = 0; i < 1000; i++) {
        nta_alert_post(alerter, "x", (struct nta_span){huge, sizeof(huge)});
        if (nta_counted(nta_alerter_counters(alerter), NTA_COUNTER_ALERT_DROP) == (uint64_t)i + 3)
            break;
        (void)usleep(1000);
    }
    assert_true(nta_counted(nta_alerter_counters(alerter), NTA_COUNTER_ALERT_DROP) >= 3);
    nta_alerter_stop(&alerter);
}

static bool wait_for_lines(unsigned n)
{
    char text[65536];

    for (int i = 0; i < 500; i++) {
        (void)read_file(json_path, text, sizeof(text));
        if (count_lines(text) >= n)
            return true;
        (void)usleep(10000);
    }
    return false;
}

static void an_alert_that_is_not_stored_is_reported_by_its_number_and_once_more_later(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    struct nta_alerter *alerter =
        start((struct nta_alert_options){.json_path = json_path, .window_ns = NTA_NS_PER_S * 100});
    struct nta_alert_fates fates = {
        .sensor = "s", .number = 7, .n = 3, .about = {17, 18, 99}, .index = {3, 4, 5}};
    struct nta_record record = kit_record();
    char text[16384];

    (void)state;
    nta_record_encode(&record, &cbor);
    nta_alert_post_unstored(alerter, 17, nta_buf_span(&cbor));
    nta_alert_post_unstored(alerter, 18,
                            nta_buf_span(&cbor)); /* a repeat: not logged, and so no fate */
    nta_alert_post_fates(alerter, &fates);
    nta_buf_clear(&cbor);
    record.site = record.match.entry = nta_span_of("worse.example");
    record.about = 20;
    nta_record_encode(&record, &cbor);
    nta_alert_post_unstored(alerter, 20, nta_buf_span(&cbor));
    fates = (struct nta_alert_fates){.sensor = "s", .n = 1, .about = {20}};
    nta_alert_post_fates(alerter, &fates);
    nta_alert_post_fates(alerter, &fates); /* once */
    nta_alerter_stop(&alerter);
    (void)read_file(json_path, text, sizeof(text));
    assert_int_equal(count_lines(text), 5); /* two alerts, two fates, the summary of the repeat */
    assert_non_null(strstr(text, ",\"about\":17,\"stored\":false}\n"));
    assert_non_null(strstr(text, "{\"id\":\"s-7-3\",\"event\":\"alert-stored\",\"about\":17}\n"));
    assert_null(strstr(text, "s-7-4"));
    assert_non_null(strstr(text, "\"about\":20"));
    assert_null(strstr(strstr(text, "\"about\":20") + 1, "\"about\":20,\"about\""));
    assert_non_null(strstr(text, "{\"event\":\"alert-lost\",\"about\":20}\n"));
}

static void a_file_that_is_removed_is_made_anew(void **state)
{
    struct nta_health *health = nta_health_new();
    struct nta_alerter *alerter =
        start((struct nta_alert_options){.json_path = json_path, .health = health});
    struct nta_record record = kit_record();
    char moved[80];

    (void)state;
    post(alerter, &record);
    assert_true(wait_for_lines(1));
    assert_int_equal(unlink(json_path), 0);
    post(alerter, &record);
    assert_true(wait_for_lines(1));
    /* with its folder: said, and written when that is back */
    assert_int_equal(unlink(json_path), 0);
    (void)snprintf(moved, sizeof(moved), "%s-moved", dir);
    assert_int_equal(rename(dir, moved), 0);
    post(alerter, &record);
    for (int i = 0; i < 500 && !nta_health_is(health, NTA_CAUSE_ALERTS_UNWRITTEN); i++)
        (void)usleep(10000);
    assert_true(nta_health_is(health, NTA_CAUSE_ALERTS_UNWRITTEN));
    assert_int_equal(rename(moved, dir), 0);
    assert_true(wait_for_lines(1));
    nta_alerter_stop(&alerter);
    assert_false(nta_health_is(health, NTA_CAUSE_ALERTS_UNWRITTEN));
    nta_health_free(&health);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/** The file may grow to the middle of the third line, as on a full disk. */
static void a_full_disk_tears_no_line_and_what_waits_comes_later(void **state)
{
    struct nta_health *health = nta_health_new();
    struct nta_alerter *alerter =
        start((struct nta_alert_options){.json_path = json_path, .health = health});
    struct nta_record record = kit_record();
    char text[65536];
    struct stat st;

    (void)state;
    post(alerter, &record);
    assert_true(wait_for_lines(1));
    assert_int_equal(stat(json_path, &st), 0);
    limit_files((rlim_t)st.st_size * 5 / 2);
    for (int i = 0; i < 9; i++)
        post(alerter, &record);
    assert_true(wait_for_lines(2));
    for (int i = 0; i < 500 && !nta_health_is(health, NTA_CAUSE_ALERTS_UNWRITTEN); i++)
        (void)usleep(10000);
    assert_true(nta_health_is(health, NTA_CAUSE_ALERTS_UNWRITTEN));
    limit_files(RLIM_INFINITY);
    assert_true(wait_for_lines(10));
    for (int i = 0; i < 500 && nta_health_is(health, NTA_CAUSE_ALERTS_UNWRITTEN); i++)
        (void)usleep(10000);
    assert_false(nta_health_is(health, NTA_CAUSE_ALERTS_UNWRITTEN));
    assert_int_equal(nta_counted(nta_alerter_counters(alerter), NTA_COUNTER_ALERT_UNWRITTEN), 0);
    /* full until the end: the part of a line is taken back */
    limit_files((rlim_t)st.st_size * 21 / 2);
    post(alerter, &record);
    post(alerter, &record);
    nta_alerter_stop(&alerter);
    limit_files(RLIM_INFINITY);
    size_t len = read_file(json_path, text, sizeof(text));

    assert_int_equal(len, (size_t)st.st_size * 10);
    for (size_t i = 0; i < 10; i++)
        assert_memory_equal(text + i * (size_t)st.st_size, text, (size_t)st.st_size);
    nta_health_free(&health);
}

static void a_line_that_a_killed_program_left_is_ended(void **state)
{
    NTA_AUTO_FILE FILE *file = fopen(json_path, "we");
    struct nta_record record = kit_record();
    char text[8192];

    (void)state;
    assert_true(fputs("{\"time\":\"20", file) >= 0);
    assert_int_equal(fflush(file), 0);
    struct nta_alerter *alerter = start((struct nta_alert_options){.json_path = json_path});

    post(alerter, &record);
    nta_alerter_stop(&alerter);
    (void)read_file(json_path, text, sizeof(text));
    assert_int_equal(count_lines(text), 2);
    assert_non_null(strstr(text, "\n{"));
}

int main(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_sink_gets_the_alert_and_the_summary),
        IN_FOLDER(a_summary_comes_when_the_window_is_over),
        IN_FOLDER(over_the_limit_a_minute_only_the_number_is_said),
        IN_FOLDER(posting_never_waits_for_a_stuck_sink),
        IN_FOLDER(a_reader_that_goes_away_ends_nothing),
        IN_FOLDER(hostile_names_are_harmless_in_files),
        IN_FOLDER(reopening_follows_a_rotated_file),
        IN_FOLDER(a_file_that_is_removed_is_made_anew),
        IN_FOLDER(a_link_is_not_followed),
        IN_FOLDER(an_alert_that_is_not_stored_is_reported_by_its_number_and_once_more_later),
        IN_FOLDER(a_full_disk_tears_no_line_and_what_waits_comes_later),
        IN_FOLDER(a_line_that_a_killed_program_left_is_ended),
        IN_FOLDER(what_is_no_record_or_too_large_is_counted_as_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
