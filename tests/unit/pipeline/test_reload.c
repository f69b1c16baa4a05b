/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies replaced a thousand times under load: nothing is lost, nothing freed is looked at, the
 * last one decides.
 */
#include "kit.h"

#include <fcntl.h>
#include <sys/stat.h>

enum
{
    N_COPIES = 60,
    N_RELOADS = 1000,
    LINE_SIZE = 4096
};

#define DEMO NTA_TEST_SOURCE_DIR "/tests/data/demo/"

static struct kit kit;
static char pipe_path[128];

static void rewrite_list(unsigned n, const char *more)
{
    FILE *file = fopen(kit.config->blacklist.files[0].path, "we");

    assert_non_null(file);
    assert_true(fprintf(file, "bad.example\nround-%u.example\n%s", n, more) > 0);
    assert_int_equal(fclose(file), 0);
}

/**
 * Each second policy claims to be the first ever, as one that was built without looking at the
 * running one.
 */
static void reload(struct nta_pipeline *pipeline, unsigned n)
{
    const struct nta_policy *running = nta_pipeline_policy(pipeline);
    uint64_t generation = running->generation;

    nta_pipeline_set_policy(pipeline, kit_policy(&kit, n % 2 ? running : NULL));
    assert_true(nta_pipeline_policy(pipeline)->generation > generation);
}

/** Reload a thousand times; only then write what the last policy is to find. */
static void reload_often(struct kit *self, struct nta_pipeline *pipeline)
{
    static const char get[] = "GET /x HTTP/1.1\r\nHost: last.example\r\n\r\n";

    for (unsigned n = 0; n < N_RELOADS; n++) {
        rewrite_list(n, n + 1 == N_RELOADS ? "last.example\n" : "");
        reload(pipeline, n);
    }
    wire_open(&self->wire, pipe_path);
    wire_connection(&self->wire, "10.0.0.5", "198.51.100.7", 80, nta_span_of(get), 1000);
    wire_close(&self->wire);
}

/** Packets in a capture file. */
static uint64_t count_packets(const char *path)
{
    FILE *file = fopen(path, "re");
    uint32_t head[6];
    uint64_t n = 0;

    assert_non_null(file);
    assert_int_equal(fread(head, 1, 24, file), 24);
    while (fread(head, 1, 16, file) == 16) {
        assert_int_equal(fseek(file, (long)head[2], SEEK_CUR), 0);
        n++;
    }
    assert_int_equal(fclose(file), 0);
    return n;
}

/** Real list files beside the small one: the project's, and a thousand lines in many formats. */
static void add_lists(void)
{
    static const char *const files[] = {"conf/lists/example-malware.txt",
                                        "conf/lists/example-video.txt",
                                        "conf/lists/example-allow.txt"};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    for (unsigned i = 0; i < 200; i++)
        nta_buf_printf(&text,
                       "plain-%u.example\n0.0.0.0 hosts-%u.example\n||ads-%u.example^\n"
                       "203.0.113.%u\nhttp://url-%u.example/%u\n",
                       i, i, i, i, i, i);
    nta_buf_put_u8(&text, 0);
    kit_list(&kit, (const char *)text.ptr, false);
    for (size_t i = 0; i < NTA_N_ELEMENTS(files); i++) {
        struct nta_config_list *list =
            &kit.config->blacklist.files[kit.config->blacklist.n_files++];

        assert_true(asprintf(&list->path, "%s/%s", NTA_TEST_SOURCE_DIR, files[i]) > 0);
        list->allow = i == 2;
        list->any_owner = true;
    }
    free(kit.config->blacklist.shared);
    kit.config->blacklist.shared = strdup(NTA_TEST_SOURCE_DIR "/conf/shared.d");
    kit.config->blacklist.own[0] = strdup("mine.example");
    kit.config->blacklist.n_own = 1;
}

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    wire_close(&kit.wire);
    kit.config->capture.workers = 2;
    kit_list(&kit, "bad.example\n", false);
    add_lists();
    kit.config->geo.databases[0] = strdup(DEMO "city.mmdb");
    kit.config->geo.databases[1] = strdup(DEMO "asn.mmdb");
    kit.config->geo.n_databases = 2;
    (void)snprintf(pipe_path, sizeof(pipe_path), "%s/last.pcap", kit.dir);
    return mkfifo(pipe_path, 0600);
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

static void a_thousand_reloads_under_load_lose_nothing_and_the_last_one_decides(void **state)
{
    const char *files[N_COPIES + 1];
    uint64_t n_packets = count_packets(DEMO "demo.pcap");

    (void)state;
    for (size_t i = 0; i < N_COPIES; i++)
        files[i] = DEMO "demo.pcap";
    files[N_COPIES] = pipe_path;
    kit_run_files(&kit, files, N_COPIES + 1, reload_often);
    assert_int_equal(kit.counters[NTA_COUNTER_RECEIVED], N_COPIES * n_packets + 7);
    assert_int_equal(kit.counters[NTA_COUNTER_DROP_RING], 0);
    assert_int_equal(kit.counters[NTA_COUNTER_DROP_KERNEL], 0);
    assert_int_equal(kit.counters[NTA_COUNTER_RECORD_DROP], 0);
    assert_int_equal(kit.counters[NTA_COUNTER_STATE_LIMIT], 0);
    assert_int_equal(kit.counters[NTA_COUNTER_FLOW_EVICTED], 0);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"entry\":\"last.example\"", NULL, 0),
                     1);
    assert_true(kit_find(&kit, "\"event\":\"alert\"", "\"entry\":\"bad.example\"", NULL, 0) > 0);
}

static void a_policy_that_cannot_be_built_changes_nothing(void **state)
{
    struct nta_policy *policy = NULL;
    struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(unlink(kit.config->blacklist.files[0].path), 0);
    assert_true(nta_policy_new(kit.config, NULL, &policy, &complaints, &err) < 0);
    assert_null(policy);
    assert_non_null(strstr(err.text, kit.config->blacklist.files[0].path));
    nta_buf_done(&complaints);
}

static void a_list_that_shrank_too_much_is_refused(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *old = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_policy *policy = NULL;
    struct nta_err err = {0};
    FILE *file = fopen(kit.config->blacklist.files[0].path, "we");

    (void)state;
    assert_non_null(file);
    for (unsigned i = 0; i < 200; i++)
        assert_true(fprintf(file, "site-%u.example\n", i) > 0);
    assert_int_equal(fclose(file), 0);
    old = kit_policy(&kit, NULL);
    rewrite_list(0, "");
    assert_true(nta_policy_new(kit.config, old, &policy, &complaints, &err) < 0);
    assert_null(policy);
    assert_non_null(strstr(err.text, "shrank from 200 to 2 entries"));
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_KIT(a_thousand_reloads_under_load_lose_nothing_and_the_last_one_decides),
        IN_KIT(a_policy_that_cannot_be_built_changes_nothing),
        IN_KIT(a_list_that_shrank_too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
