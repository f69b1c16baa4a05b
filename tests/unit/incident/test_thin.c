/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

#include <stdlib.h>

static void a_flood_of_lookups_hides_no_download(void **state)
{
    const struct nta_record file = made_file(66, 0, "evil.exe", 1000);
    struct nta_record lookup = made(NTA_RECORD_LOOKUP, 5, 0);
    const uint64_t n = 3 * NTA_INCIDENTS_FACTS;
    char name[64];

    (void)state;
    take(&file);
    lookup.act = NTA_ACT_ASKED;
    for (uint64_t i = 0; i < n; i++) {
        (void)snprintf(name, sizeof(name), "x%llu.bad.example", (unsigned long long)i);
        lookup.site = nta_span_of(name);
        lookup.time_ns = BEGIN_NS + (int64_t)i * NTA_NS_PER_S / 100;
        take(&lookup);
    }
    assert_int_equal(settled(), 2);
    const struct nta_incident *first = nta_incidents_get(set, 0);
    const struct nta_incident *second = nta_incidents_get(set, 1);

    assert_int_equal(first->act, NTA_ACT_DOWNLOADED);
    assert_int_equal(first->n_files, 1);
    assert_int_equal(second->n_records, n); /* joined, and all counted */
    assert_true(second->n_joined > 0);
    assert_string_equal(second->id, "I-" SENSOR "-1-1");
    assert_int_equal(second->begin_ns, BEGIN_NS);
    assert_int_equal(nta_incidents_left_out(set), 0);
}

static void of_many_users_the_weightiest_stay(void **state)
{
    struct nta_record lookup = made(NTA_RECORD_LOOKUP, 5, 0);
    struct nta_record file = made_file(66, 0, "evil.exe", 1000);

    (void)state;
    take(&file);
    lookup.act = NTA_ACT_ASKED;
    for (uint32_t i = 0; i < 2 * NTA_INCIDENTS_FACTS; i++) {
        lookup.user.addr.bytes[12] = 11;
        lookup.user.addr.bytes[13] = (uint8_t)(i >> 16);
        lookup.user.addr.bytes[14] = (uint8_t)(i >> 8);
        lookup.user.addr.bytes[15] = (uint8_t)i;
        take(&lookup);
    }
    assert_true(settled() <= NTA_INCIDENTS_FACTS);
    assert_int_equal(nta_incidents_get(set, 0)->act, NTA_ACT_DOWNLOADED);
    assert_int_equal(nta_incidents_count(set) + nta_incidents_left_out(set),
                     2 * NTA_INCIDENTS_FACTS + 1);
}

static void of_many_files_the_largest_are_kept_and_all_are_counted(void **state)
{
    const uint64_t n = NTA_INCIDENTS_FACTS + 10;
    struct nta_record file = made_file(5, 0, "small.bin", 1);

    (void)state;
    for (uint64_t i = 0; i < n; i++) {
        file.file.name = nta_span_of(i == 70 ? "large.exe" : "small.bin");
        file.file.bytes = file.down.bytes = i == 70 ? 1 << 20 : 1;
        file.time_ns = BEGIN_NS + (int64_t)i * NTA_NS_PER_MS;
        take(&file);
    }
    assert_int_equal(settled(), 1);
    const struct nta_incident *incident = nta_incidents_get(set, 0);
    struct nta_record_buf *buf = malloc(sizeof(*buf));
    struct nta_record sample;
    char id[NTA_INCIDENT_ID_SIZE];

    assert_int_equal(incident->n_files, n);
    assert_int_equal(incident->down, n - 1 + (1 << 20));
    nta_incident_sample(set, incident, buf, &sample, id);
    assert_true(nta_span_is(sample.file.name, "large.exe"));
    free(buf);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_flood_of_lookups_hides_no_download),
        TEST(of_many_users_the_weightiest_stay),
        TEST(of_many_files_the_largest_are_kept_and_all_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
