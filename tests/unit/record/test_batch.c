/* SPDX-License-Identifier: Apache-2.0 */
#include "record/batch.h"
#include "record/helper.h"
#include "record/sample.h"
#include "record/sample_random.h"

#include <errno.h>
#include <stdio.h>

/** What nta_batch_each_value() tells, as lines "kind:text", each once. */
static void collect(void *owner, enum nta_value_kind kind, struct nta_span value)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    struct nta_buf *out = owner;

    nta_buf_printf(&line, "%d:", (int)kind);
    nta_text_escape(&line, value);
    nta_buf_put_u8(&line, '\n');
    if (!out->len || !memmem(out->ptr, out->len, line.ptr, line.len))
        nta_buf_put(out, line.ptr, line.len);
}

static void assert_values(const struct nta_batch *batch, const char *expected)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};

    nta_batch_each_value(batch, collect, &out);
    nta_buf_put_u8(&out, 0);
    assert_string_equal((const char *)out.ptr, expected);
}

static size_t count_values(const struct nta_batch *batch)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    size_t n = 0;

    nta_batch_each_value(batch, collect, &out);
    for (size_t i = 0; i < out.len; i++)
        n += out.ptr[i] == '\n';
    return n;
}

static void a_flow_gives_its_searchable_values(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_record record = sample_flow();

    (void)state;
    nta_batch_init(&batch);
    record.site = TEXT("A.b.Example.com.");
    record.match.list = TEXT("Malware");
    for (int i = 0; i < 3; i++)
        assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_values(
        &batch,
        "1:\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xff\\xff\\x0a\\x00\\x00\\x05\n"
        "2:\\x02\\x00\\x00\\x00\\x00\\x05\n3:laptop-7\n4:ann\n"
        "5:a.b.example.com\n5:b.example.com\n5:example.com\n"
        "6:\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xff\\xff\\xc0\\x00\\x02P\n"
        "7:malware\n8:be\n16:\\x02\n");
    assert_int_equal(batch.n_records, 3);
}

static void kind_and_act_are_values_of_evidence_only(void **state)
{
    static const uint8_t hash[32] = {'H', 'a', 's', 'h'};
    struct nta_record record = {
        .event = NTA_RECORD_REQUEST,
        .user = {.person = TEXT("Ann"), .department = TEXT("7B"), .device = TEXT("02:00")},
        .file = {.name = TEXT("Film.MKV"), .sha256 = {hash, 32}, .kind = NTA_FILE_KIND_VIDEO},
        .act = NTA_ACT_DOWNLOADED,
        .network = {NTA_NETWORK_KIND_VNI, 0x4d},
    };
    const char *all = "9:ann\n10:7b\n11:02:00\n12:Hash\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
                      "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
                      "\\x00\\x00\\x00\\x00\\x00\\x00\n13:film.mkv\n";
    const char *network = "17:\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00M\n";
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    char expected[512];

    (void)state;
    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    (void)snprintf(expected, sizeof(expected), "%s%s", all, network);
    assert_values(&batch, expected);
    nta_batch_clear(&batch);
    record.match.list = TEXT("l");
    record.match.category = TEXT("Evil");
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    (void)snprintf(expected, sizeof(expected), "7:l\n%s14:\\x04\n15:evil\n16:\\x03\n%s", all,
                   network);
    assert_values(&batch, expected);
    nta_batch_clear(&batch);
    record = (struct nta_record){.event = NTA_RECORD_PACKETS, .act = NTA_ACT_ASKED};
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_values(&batch, "16:\\x01\n");
}

static void an_address_as_site_has_no_parents(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_record record = {.event = NTA_RECORD_FLOW, .site = TEXT("192.0.2.1")};

    (void)state;
    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    record.site = TEXT("2001:db8::c.d");
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    record.site = TEXT("localhost");
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    record.site = TEXT(".");
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_values(&batch, "5:192.0.2.1\n5:2001:db8::c.d\n5:localhost\n");
}

static void a_name_of_dots_is_bounded(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    char dots[1000];
    struct nta_record record = {.event = NTA_RECORD_FLOW,
                                .site = {(const uint8_t *)dots, sizeof(dots)}};

    (void)state;
    nta_batch_init(&batch);
    memset(dots, '.', sizeof(dots));
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    for (size_t i = 0; i < sizeof(dots); i += 2)
        dots[i] = 'a';
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_true(count_values(&batch) < 512);
}

static void a_batch_knows_its_first_and_last_time(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_record record = {.event = NTA_RECORD_FLOW};

    (void)state;
    nta_batch_init(&batch);
    record.time_ns = 50;
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    record.time_ns = -3;
    record.event = NTA_RECORD_ALERT;
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    record.time_ns = 7;
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_int_equal(batch.first_ns, -3);
    assert_int_equal(batch.last_ns, 50);
    assert_true(batch.has_alert);
    nta_batch_clear(&batch);
    assert_false(batch.has_alert);
    assert_int_equal(batch.n_records, 0);
}

static void ends_are_times_of_a_batch_too(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    NTA_AUTO(nta_batch_done) struct nta_batch counted;
    const struct nta_record records[] = {
        {.event = NTA_RECORD_FLOW, .time_ns = 50, .end_ns = 900},
        {.event = NTA_RECORD_FLOW, .time_ns = 60}, /* whose end is not known */
        {.event = NTA_RECORD_FLOW, .time_ns = 55, .end_ns = 20},
    };

    (void)state;
    nta_batch_init(&batch);
    nta_batch_init(&counted);
    for (size_t i = 0; i < NTA_N_ELEMENTS(records); i++) {
        assert_int_equal(nta_batch_add(&batch, &records[i]), 0);
        assert_int_equal(nta_batch_count(&counted, &records[i]), 0);
    }
    const struct nta_batch *const both[] = {&batch, &counted};

    for (size_t i = 0; i < NTA_N_ELEMENTS(both); i++) {
        assert_int_equal(both[i]->first_ns, 20);
        assert_int_equal(both[i]->last_ns, 900);
        assert_int_equal(both[i]->first_time_ns, 50);
        assert_int_equal(both[i]->last_time_ns, 60);
    }
}

static void a_batch_is_of_its_records_class_or_of_none(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch, other;
    struct nta_record record = {.event = NTA_RECORD_FLOW};

    (void)state;
    nta_batch_init(&batch);
    nta_batch_init(&other);
    assert_int_equal(batch.class, NTA_CLASS_NONE);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_int_equal(batch.class, NTA_CLASS_TRAFFIC);
    record.event = NTA_RECORD_LEASE;
    assert_int_equal(nta_batch_add(&other, &record), 0);
    assert_int_equal(other.class, NTA_CLASS_WHO);
    assert_int_equal(nta_batch_join(&batch, &other), 0);
    assert_int_equal(batch.class, NTA_CLASS_NONE);
    record.event = NTA_RECORD_FLOW; /* nor does it become one again */
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_int_equal(batch.class, NTA_CLASS_NONE);
    nta_batch_clear(&batch);
    assert_int_equal(nta_batch_join(&batch, &other), 0);
    assert_int_equal(batch.class, NTA_CLASS_WHO);
}

static void fill(struct nta_batch *batch, struct sample_random *random, int n)
{
    struct nta_record_buf buf;

    for (int i = 0; i < n; i++) {
        struct nta_record record = sample_record(random, &buf);

        assert_int_equal(nta_batch_add(batch, &record), 0);
    }
}

static void notes_tell_what_decoding_would(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct sample_random random = {.state = 11};
    struct nta_record_buf buf;
    size_t n_alerts = 0, n_matches = 0;

    (void)state;
    nta_batch_init(&batch);
    fill(&batch, &random, 500);
    for (size_t i = 0; i < 500; i++) {
        unsigned note = nta_batch_note(&batch, i);
        struct nta_record record;

        assert_true(nta_record_decode(nta_batch_record(&batch, i), &buf, &record));
        assert_int_equal((note & NTA_NOTE_ALERT) != 0,
                         record.event == NTA_RECORD_ALERT || record.event == NTA_RECORD_CANARY);
        assert_int_equal((note & NTA_NOTE_MATCH) != 0, record.match.list.len > 0);
        n_alerts += (note & NTA_NOTE_ALERT) != 0;
        n_matches += (note & NTA_NOTE_MATCH) != 0;
    }
    assert_true(n_alerts > 0 && n_alerts < 500 && n_matches > 0 && n_matches < 500);
    assert_int_equal(nta_batch_note(&batch, 500), 0);
}

static void joining_equals_adding_one_by_one(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch whole, joined, chunk;
    struct sample_random random = {.state = 9}, again = {.state = 9};

    (void)state;
    nta_batch_init(&whole);
    nta_batch_init(&joined);
    nta_batch_init(&chunk);
    fill(&whole, &random, 300);
    for (int i = 0; i < 10; i++) {
        nta_batch_clear(&chunk);
        fill(&chunk, &again, 30);
        assert_int_equal(nta_batch_join(&joined, &chunk), 0);
    }
    assert_int_equal(joined.n_records, whole.n_records);
    assert_int_equal(joined.records.len, whole.records.len);
    assert_memory_equal(joined.records.ptr, whole.records.ptr, whole.records.len);
    assert_memory_equal(joined.ends.ptr, whole.ends.ptr, whole.ends.len);
    assert_int_equal(joined.notes.len, whole.n_records);
    assert_memory_equal(joined.notes.ptr, whole.notes.ptr, whole.notes.len);
    assert_int_equal(joined.values.len, whole.values.len);
    assert_memory_equal(joined.values.ptr, whole.values.ptr, whole.values.len);
    assert_int_equal(joined.first_ns, whole.first_ns);
    assert_int_equal(joined.last_ns, whole.last_ns);
    assert_int_equal(joined.first_time_ns, whole.first_time_ns);
    assert_int_equal(joined.last_time_ns, whole.last_time_ns);
    assert_int_equal(joined.class, whole.class);
}

static void a_full_batch_refuses_and_stays_as_it_was(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch, chunk;
    NTA_AUTO_FREE uint8_t *big = unit_copy("", 0);
    struct nta_record record = {.event = NTA_RECORD_PACKETS};

    (void)state;
    nta_batch_init(&batch);
    nta_batch_init(&chunk);
    free(big);
    big = calloc(1, NTA_BATCH_BYTES);
    record.packets = (struct nta_span){.ptr = big, .len = NTA_BATCH_BYTES - 100};
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    size_t len = batch.records.len;

    assert_int_equal(nta_batch_add(&batch, &record), -E2BIG);
    assert_int_equal(batch.records.len, len);
    assert_int_equal(batch.n_records, 1);
    record.packets.len = 200;
    assert_int_equal(nta_batch_add(&chunk, &record), 0);
    assert_int_equal(nta_batch_join(&batch, &chunk), -E2BIG);
    nta_batch_clear(&batch);
    record.packets.len = 0;
    for (int i = 0; i < NTA_BATCH_RECORDS; i++)
        assert_int_equal(nta_batch_add(&batch, &record), 0);
    assert_int_equal(nta_batch_add(&batch, &record), -E2BIG);
    assert_int_equal(nta_batch_record(&batch, NTA_BATCH_RECORDS - 1).len, 5);
    assert_int_equal(nta_batch_record(&batch, NTA_BATCH_RECORDS).len, 0);
}

static void thousands_of_values_are_kept(void **state)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    char name[32];

    (void)state;
    nta_batch_init(&batch);
    for (int i = 0; i < 4000; i++) {
        struct nta_record record = {.event = NTA_RECORD_FLOW};

        (void)snprintf(name, sizeof(name), "h%d.example.com", i % 1000);
        record.site = nta_span_of(name);
        assert_int_equal(nta_batch_add(&batch, &record), 0);
    }
    assert_int_equal(count_values(&batch), 1001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_gives_its_searchable_values),
        cmocka_unit_test(kind_and_act_are_values_of_evidence_only),
        cmocka_unit_test(an_address_as_site_has_no_parents),
        cmocka_unit_test(a_name_of_dots_is_bounded),
        cmocka_unit_test(a_batch_knows_its_first_and_last_time),
        cmocka_unit_test(ends_are_times_of_a_batch_too),
        cmocka_unit_test(a_batch_is_of_its_records_class_or_of_none),
        cmocka_unit_test(notes_tell_what_decoding_would),
        cmocka_unit_test(joining_equals_adding_one_by_one),
        cmocka_unit_test(a_full_batch_refuses_and_stays_as_it_was),
        cmocka_unit_test(thousands_of_values_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
