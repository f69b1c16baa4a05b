/* SPDX-License-Identifier: Apache-2.0 */
#include "record/class.h"
#include "record/sample.h"
#include "unit.h"

#define NUMBERS(symbol, name, number) (number),

static const struct
{
    enum nta_record_event event;
    enum nta_class plain, matched;
} rows[] = {
    {NTA_RECORD_FLOW, NTA_CLASS_TRAFFIC, NTA_CLASS_EVIDENCE},
    {NTA_RECORD_LOOKUP, NTA_CLASS_TRAFFIC, NTA_CLASS_EVIDENCE},
    {NTA_RECORD_REQUEST, NTA_CLASS_TRAFFIC, NTA_CLASS_EVIDENCE},
    {NTA_RECORD_DOWNLOAD, NTA_CLASS_TRAFFIC, NTA_CLASS_EVIDENCE},
    {NTA_RECORD_LEASE, NTA_CLASS_WHO, NTA_CLASS_EVIDENCE},
    {NTA_RECORD_ALERT, NTA_CLASS_EVIDENCE, NTA_CLASS_EVIDENCE},
    {NTA_RECORD_PACKETS, NTA_CLASS_EVIDENCE, NTA_CLASS_EVIDENCE},
    {NTA_RECORD_LOSS, NTA_CLASS_LOG, NTA_CLASS_LOG},
    {NTA_RECORD_CANARY, NTA_CLASS_LOG, NTA_CLASS_LOG}, /* which always has a match */
    {NTA_RECORD_POLICY, NTA_CLASS_LOG, NTA_CLASS_LOG},
    {NTA_RECORD_START, NTA_CLASS_LOG, NTA_CLASS_LOG},
    {NTA_RECORD_STOP, NTA_CLASS_LOG, NTA_CLASS_LOG},
    {NTA_RECORD_GAP, NTA_CLASS_LOG, NTA_CLASS_LOG},
    {NTA_RECORD_AUDIT, NTA_CLASS_LOG, NTA_CLASS_LOG},
    {NTA_RECORD_NOTE, NTA_CLASS_LOG, NTA_CLASS_LOG},
    {NTA_RECORD_PSEUDONYM, NTA_CLASS_WHO, NTA_CLASS_EVIDENCE},
};

static void each_event_has_a_class_with_and_without_a_match(void **state)
{
    static const int events[] = {NTA_RECORD_EVENTS(NUMBERS)};

    (void)state;
    assert_int_equal(sizeof(events) / sizeof(events[0]), sizeof(rows) / sizeof(rows[0]));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nta_record record = {.event = rows[i].event};

        assert_int_equal(nta_record_class(&record), rows[i].plain);
        record.match.list = TEXT("l");
        assert_int_equal(nta_record_class(&record), rows[i].matched);
        assert_int_equal(nta_event_classes(rows[i].event, true), 1U << rows[i].matched);
        assert_int_equal(nta_event_classes(rows[i].event, false),
                         1U << rows[i].matched | 1U << rows[i].plain);
    }
}

static void classes_have_names(void **state)
{
    (void)state;
    assert_string_equal(nta_class_name(NTA_CLASS_NONE), "");
    assert_string_equal(nta_class_name(NTA_CLASS_EVIDENCE), "evidence");
    assert_string_equal(nta_class_name(NTA_CLASS_TRAFFIC), "traffic");
    assert_string_equal(nta_class_name(NTA_CLASS_WHO), "who");
    assert_string_equal(nta_class_name(NTA_CLASS_LOG), "log");
    assert_string_equal(nta_class_name((enum nta_class)NTA_N_CLASSES), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_has_a_class_with_and_without_a_match),
        cmocka_unit_test(classes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
