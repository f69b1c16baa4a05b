/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy's lists: what a start makes of a broken one, exceptions of our own, ranges of CDNs,
 * severities.
 */
#include "names.h"
#include "pipeline/kit.h"
#include "policy/lists.h"
#include "record/names.h"

#include <sys/stat.h>

#define ANN  "10.0.0.5"
#define SITE "198.51.100.7"

enum
{
    LINE_SIZE = 4096
};

static struct kit kit;
static char keep_dir[96], line[LINE_SIZE];

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    (void)snprintf(keep_dir, sizeof(keep_dir), "%s/kept", kit.dir);
    free(kit.config->blacklist.shared);
    kit.config->blacklist.shared = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

/** Write `n` names into the list's file. */
static void write_names(size_t list, unsigned n)
{
    FILE *file = fopen(kit.config->blacklist.files[list].path, "we");

    assert_non_null(file);
    for (unsigned i = 0; i < n; i++)
        assert_true(fprintf(file, "site-%u.example\n", i) > 0);
    assert_int_equal(fclose(file), 0);
}

/** A policy as ntad makes one; `complaints` gets a NUL behind it. */
static int make(const struct nta_policy *old, struct nta_policy **ret_policy,
                struct nta_buf *complaints, struct nta_err *err)
{
    const struct nta_policy_inputs inputs = {
        .config = kit.config, .old = old, .keep_dir = keep_dir};
    int r = nta_policy_make(&inputs, ret_policy, complaints, err);

    if (r == 0)
        nta_policy_keep_lists(*ret_policy, keep_dir, complaints);
    nta_buf_put_u8(complaints, '\0');
    return r;
}

static uint64_t n_entries(const struct nta_policy *policy)
{
    return nta_list_report_entries(nta_blacklist_get_list(policy->lists, 0));
}

static void a_list_that_shrank_while_we_were_away_is_replaced_by_its_copy(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *first = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *second = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    kit_list(&kit, "x.example\n", false);
    write_names(0, 200);
    assert_int_equal(make(NULL, &first, &complaints, &err), 0);
    assert_string_equal((const char *)complaints.ptr, "");
    assert_string_equal(first->trouble.text, "");
    write_names(0, 99); /* a restart */
    nta_buf_clear(&complaints);
    assert_int_equal(make(NULL, &second, &complaints, &err), 0);
    assert_int_equal(n_entries(second), 200);
    assert_string_equal(nta_blacklist_get_list(second->lists, 0)->name, "list0");
    assert_non_null(strstr(second->trouble.text, "shrank from 200 to 99 entries"));
    assert_non_null(strstr((const char *)complaints.ptr, "(200 entries) is in force"));
}

/** In records they could not be told apart, but for their hash. */
static void two_lists_of_one_name_are_said(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};
    char name[] = "a-name-of-a-list-that-goes-on-for-more-than-63-bytes-and-ends-in-one";
    char other[] = "a-name-of-a-list-that-goes-on-for-more-than-63-bytes-and-ends-in-two";
    struct nta_config_list *files = kit.config->blacklist.files;

    (void)state;
    kit_list(&kit, "x.example\n", false);
    kit_list(&kit, "y.example\n", false);
    files[0].name = name;
    files[1].name = other;
    const int r = make(NULL, &policy, &complaints, &err);

    files[0].name = files[1].name = NULL;
    assert_int_equal(r, 0);
    assert_non_null(strstr((const char *)complaints.ptr, "records call it \"a-name-of-a-list"));
    assert_non_null(strstr((const char *)complaints.ptr, "name one of them otherwise"));
}

static void a_list_that_is_gone_or_broken_at_a_start_is_replaced_too(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *first = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *second = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *third = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    kit_list(&kit, "one.example\n", false);
    kit_list(&kit, "two.example\n", false);
    assert_int_equal(make(NULL, &first, &complaints, &err), 0);
    assert_int_equal(unlink(kit.config->blacklist.files[1].path), 0);
    assert_int_equal(make(NULL, &second, &complaints, &err), 0);
    assert_int_equal(n_entries(second), 1);
    assert_non_null(strstr(second->trouble.text, "list1.txt: No such file"));
    /* but a reload is refused whole, and what was never accepted has no copy */
    assert_true(make(first, &third, &complaints, &err) < 0);
    free(kit.config->blacklist.files[1].path);
    kit.config->blacklist.files[1].path = strdup("/nowhere/list.txt");
    assert_true(make(NULL, &third, &complaints, &err) < 0);
    assert_null(third);
}

static void the_limit_decides_what_is_shrinking(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *first = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *second = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *third = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    kit_list(&kit, "x.example\n", false);
    write_names(0, 200);
    assert_int_equal(make(NULL, &first, &complaints, &err), 0);
    write_names(0, 100);
    assert_int_equal(make(first, &second, &complaints, &err), 0); /* exactly half */
    write_names(0, 10);
    assert_true(make(second, &third, &complaints, &err) < 0);
    assert_non_null(strstr(err.text, "from 100 to 10 entries"));
    assert_non_null(strstr(err.text, "sha256 before "));
    kit.config->blacklist.shrink_limit = 1;
    assert_int_equal(make(second, &third, &complaints, &err), 0);
    assert_int_equal(n_entries(third), 10);
}

/** For two groups of users, say, of whom one is told and the other recorded. */
static void one_file_may_be_in_two_lists(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *first = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *second = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *third = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    kit_list(&kit, "x.example\n", false);
    kit_list(&kit, "y.example\n", false);
    free(kit.config->blacklist.files[1].path);
    kit.config->blacklist.files[1].path = strdup(kit.config->blacklist.files[0].path);
    kit.config->blacklist.files[1].name = strdup("again");
    write_names(0, 200);
    assert_int_equal(make(NULL, &first, &complaints, &err), 0);
    assert_string_equal((const char *)complaints.ptr, "");
    assert_int_equal(n_entries(first), 200);
    write_names(0, 99); /* the copy stands in for both, else one of them would have shrunk */
    nta_buf_clear(&complaints);
    assert_int_equal(make(NULL, &second, &complaints, &err), 0);
    assert_non_null(strstr(second->trouble.text, "shrank from 200 to 99 entries"));
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(nta_list_report_entries(nta_blacklist_get_list(second->lists, i)), 200);
    assert_true(make(second, &third, &complaints, &err) < 0);
}

/** As ntad does after it has made a policy. */
static void compile(const struct nta_policy *policy)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};

    assert_int_equal(nta_policy_compile_lists(policy, kit.config, keep_dir, &complaints), 0);
    assert_int_equal(complaints.len, 0);
}

static bool denies(const struct nta_policy *policy, const char *name)
{
    char buf[NTA_NAME_SIZE];
    struct nta_addr addr;
    struct nta_hit hit;

    if (nta_addr_parse(name, strlen(name), &addr) == 0)
        return nta_blacklist_match_addr(policy->lists, &addr, buf, &hit);
    return nta_blacklist_match_name(policy->lists, name, strlen(name), buf, &hit);
}

static void public_resolvers_stay_allowed_unless_the_admin_says_no(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *other = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    kit_list(&kit, "8.8.8.8\n8.8.8.0/24\n=dns.google\nx.dns.google\n192.0.2.1\n", false);
    assert_int_equal(make(NULL, &policy, &complaints, &err), 0);
    assert_false(denies(policy, "8.8.8.8"));
    assert_true(denies(policy, "8.8.8.9"));
    assert_false(denies(policy, "dns.google"));
    assert_true(denies(policy, "x.dns.google"));
    assert_true(denies(policy, "192.0.2.1"));
    assert_non_null(strstr((const char *)complaints.ptr, "list0.txt:1: 8.8.8.8 is a well-known"));
    assert_non_null(strstr((const char *)complaints.ptr, "list0.txt:3: dns.google is a"));
    assert_null(strstr((const char *)complaints.ptr, ":2:"));
    kit.config->blacklist.allow_resolvers = false;
    assert_int_equal(make(NULL, &other, &complaints, &err), 0);
    assert_true(denies(other, "8.8.8.8"));
    assert_true(denies(other, "dns.google"));
}

static void ones_own_names_are_allowed_and_more_specific_ones_decide(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    kit_list(&kit, "example.net\nbad.example.net\n192.0.2.0/25\nother.example\n", false);
    kit.config->blacklist.own[0] = strdup("example.net");
    kit.config->blacklist.own[1] = strdup("192.0.2.0/26");
    kit.config->blacklist.n_own = 2;
    assert_int_equal(make(NULL, &policy, &complaints, &err), 0);
    assert_false(denies(policy, "www.example.net"));
    assert_true(denies(policy, "x.bad.example.net"));
    assert_false(denies(policy, "192.0.2.5"));
    assert_true(denies(policy, "192.0.2.65"));
    assert_true(denies(policy, "other.example"));
}

static void what_is_no_name_of_ones_own_is_refused(void **state)
{
    static const char *const wrong[] = {"com", "a b", "exa mple.net", "x.example\ny.example", "#"};

    (void)state;
    kit.config->blacklist.n_own = 1;
    for (size_t i = 0; i < NTA_N_ELEMENTS(wrong); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
        struct nta_policy *policy = NULL;
        struct nta_err err = {0};

        free(kit.config->blacklist.own[0]);
        kit.config->blacklist.own[0] = strdup(wrong[i]);
        assert_true(make(NULL, &policy, &complaints, &err) < 0);
        assert_non_null(strstr(err.text, "blacklist.own"));
    }
}

/** A folder with one file of ranges. */
static void share(const char *ranges)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/shared.d", kit.dir);
    assert_int_equal(mkdir(path, 0755), 0);
    kit.config->blacklist.shared = strdup(path);
    (void)snprintf(path, sizeof(path), "%s/shared.d/big-cdn.txt", kit.dir);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(ranges, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_weak_match_in_a_shared_range_says_whose(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\n198.51.100.200\n", false);
    kit.config->blacklist.files[0].severity = strdup("high");
    share("# source: nobody\n198.51.100.0/25\n");
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 1000);
    wire_connection(&kit.wire, ANN, "198.51.100.200", 9999, nta_span_of("\x01\x02\x03\x04"), 1000);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", SITE "\"", line, sizeof(line)), 1);
    assert_non_null(strstr(line, "\"severity\":\"high\",\"weak\":true,\"shared\":\"big-cdn\""));
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "100.200\"", line, sizeof(line)), 1);
    assert_null(strstr(line, "\"shared\":"));
}

static void weak_alerts_can_be_left_to_the_records(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\n198.51.100.200\nbad.example\n", false);
    share("198.51.100.0/25\n");
    free(kit.config->alert.weak);
    kit.config->alert.weak = strdup("unshared");
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 1000);
    wire_connection(&kit.wire, ANN, "198.51.100.200", 9999, nta_span_of("\x01\x02\x03\x04"), 1000);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", SITE "\"", NULL, 0), 0);
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"shared\":\"big-cdn\"", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "100.200\"", NULL, 0), 1);
}

static void a_name_decides_in_shared_ranges_too(void **state)
{
    (void)state;
    kit_list(&kit, SITE "\nbad.example\n", false);
    kit.config->alert.download_bytes = 100000;
    share("198.51.100.0/25\n");
    free(kit.config->alert.weak);
    kit.config->alert.weak = strdup("none");
    wire_lookup(&kit.wire, ANN, "files.bad.example", SITE);
    wire_connection(&kit.wire, ANN, SITE, 9999, nta_span_of("\x01\x02\x03\x04"), 100000);
    kit_run(&kit);
    assert_int_equal(
        kit_find(&kit, "\"event\":\"flow\"", "\"entry\":\"bad.example\"", line, sizeof(line)), 1);
    assert_null(strstr(line, "\"weak\":true"));
    assert_null(strstr(line, "\"shared\""));
    assert_non_null(strstr(line, "\"download\":true"));
}

static void unchanged_lists_are_taken_as_they_were_compiled(void **state)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *first = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *second = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *third = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints_again = {0};
    struct nta_err err = {0};

    (void)state;
    kit.config->blacklist.compiled = true;
    kit_list(&kit, "one.example\nno name!\n", false);
    usleep(150000); /* a file changed a moment ago is not trusted to show its next change */
    assert_int_equal(make(NULL, &first, &complaints, &err), 0);
    assert_false(first->compiled);
    compile(first);
    assert_int_equal(make(first, &second, &complaints_again, &err), 0);
    assert_true(second->compiled);
    assert_true(denies(second, "www.one.example"));
    assert_string_equal((const char *)complaints.ptr, (const char *)complaints_again.ptr);
    compile(second); /* it is there already */
    write_names(0, 3);
    assert_int_equal(make(second, &third, &complaints_again, &err), 0);
    assert_false(third->compiled);
    assert_true(denies(third, "site-1.example"));
}

static void a_compiled_canary_is_adopted_at_a_start_only(void **state)
{
    struct nta_policy_inputs inputs = {
        .config = kit.config, .keep_dir = keep_dir, .canary = "one.invalid", .adopts = true};
    NTA_AUTO(nta_policy_free) struct nta_policy *first = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *second = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *third = NULL;
    NTA_AUTO(nta_policy_free) struct nta_policy *fourth = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    kit.config->blacklist.compiled = true;
    kit_list(&kit, "one.example\n", false);
    usleep(150000);
    inputs.config = kit.config;
    assert_int_equal(nta_policy_make(&inputs, &first, &complaints, &err), 0);
    assert_string_equal(first->canary, "one.invalid");
    nta_policy_keep_lists(first, keep_dir, &complaints);
    compile(first);
    inputs.canary = "two.invalid"; /* another process */
    assert_int_equal(nta_policy_make(&inputs, &second, &complaints, &err), 0);
    assert_true(second->compiled);
    assert_string_equal(second->canary, "one.invalid");
    inputs.old = second;
    assert_int_equal(nta_policy_make(&inputs, &third, &complaints, &err), 0);
    assert_false(third->compiled);
    assert_string_equal(third->canary, "two.invalid");
    assert_true(denies(third, "x.two.invalid"));
    compile(third); /* a reload compiles for starts, too */
    inputs.old = NULL;
    inputs.canary = "three.invalid";
    assert_int_equal(nta_policy_make(&inputs, &fourth, &complaints, &err), 0);
    assert_true(fourth->compiled);
    assert_string_equal(fourth->canary, "two.invalid");
}

static void an_address_with_a_port_forbids_connections_to_it_alone(void **state)
{
    (void)state;
    kit_list(&kit, SITE ":4444\n", false);
    wire_connection(&kit.wire, ANN, SITE, 4444, nta_span_of("hello"), 100);
    wire_connection(&kit.wire, ANN, SITE, 4445, nta_span_of("hello"), 100);
    wire_connection(&kit.wire, SITE, ANN, 4444, nta_span_of("hello"), 100); /* Ann listens */
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"entry\":\"" SITE ":4444\"", NULL, 0),
                     1);
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"weak\":true", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "\"kind\":\"address\"", NULL, 0), 1);
}

static void an_exception_for_a_url_spares_that_request_alone(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    kit_list(&kit, "http://bad.example/good/\n", true);
    wire_connection(&kit.wire, ANN, SITE, 80,
                    nta_span_of("GET /good/a HTTP/1.1\r\nHost: bad.example\r\n\r\n"), 100);
    wire_connection(&kit.wire, ANN, SITE, 80,
                    nta_span_of("GET /other HTTP/1.1\r\nHost: bad.example\r\n\r\n"), 100);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "/good/a", NULL, 0), 0);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "/other", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "bad.example", NULL, 0), 1);
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"site\":\"bad.example\"", NULL, 0), 2);
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"entry\"", NULL, 0), 1);
}

/** Whichever comes first. */
static void a_connection_with_one_request_that_is_not_spared_is_forbidden(void **state)
{
    static const char *const orders[] = {
        "GET /good/a HTTP/1.1\r\nHost: bad.example\r\n\r\nGET /no HTTP/1.1\r\nHost: "
        "bad.example\r\n\r\n",
        "GET /no HTTP/1.1\r\nHost: bad.example\r\n\r\nGET /good/a HTTP/1.1\r\nHost: "
        "bad.example\r\n\r\n",
        "GET /good/a HTTP/1.1\r\nHost: bad.example\r\n\r\nGET /x HTTP/1.1\r\nHost: "
        "fine.example\r\n\r\n",
    };

    (void)state;
    kit_list(&kit, "bad.example\n", false);
    kit_list(&kit, "http://bad.example/good/\n", true);
    for (size_t i = 0; i < NTA_N_ELEMENTS(orders); i++)
        wire_connection(&kit.wire, ANN, SITE, (uint16_t)(8001 + i), nta_span_of(orders[i]), 0);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, "\"event\":\"flow\"", "\"entry\"", NULL, 0), 2);
    assert_int_equal(kit_find(&kit, "\"port\":8003", "\"entry\"", NULL, 0), 0);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "/no", NULL, 0), 2);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "", NULL, 0), 2);
}

static void words_in_records_are_those_of_lists(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_record_match_kind, NTA_HIT_DOMAIN, NTA_HIT_PROGRAM + 1);
    NAMES_ARE_TOTAL(nta_record_severity, NTA_SEVERITY_LOW, NTA_SEVERITY_CRITICAL + 1);
}

int main(void)
{
#define IN_KIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_in_records_are_those_of_lists),
        IN_KIT(a_list_that_shrank_while_we_were_away_is_replaced_by_its_copy),
        IN_KIT(two_lists_of_one_name_are_said),
        IN_KIT(a_list_that_is_gone_or_broken_at_a_start_is_replaced_too),
        IN_KIT(the_limit_decides_what_is_shrinking),
        IN_KIT(one_file_may_be_in_two_lists),
        IN_KIT(public_resolvers_stay_allowed_unless_the_admin_says_no),
        IN_KIT(ones_own_names_are_allowed_and_more_specific_ones_decide),
        IN_KIT(what_is_no_name_of_ones_own_is_refused),
        IN_KIT(unchanged_lists_are_taken_as_they_were_compiled),
        IN_KIT(a_compiled_canary_is_adopted_at_a_start_only),
        IN_KIT(a_weak_match_in_a_shared_range_says_whose),
        IN_KIT(an_address_with_a_port_forbids_connections_to_it_alone),
        IN_KIT(an_exception_for_a_url_spares_that_request_alone),
        IN_KIT(a_connection_with_one_request_that_is_not_spared_is_forbidden),
        IN_KIT(weak_alerts_can_be_left_to_the_records),
        IN_KIT(a_name_decides_in_shared_ranges_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
