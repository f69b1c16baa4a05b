/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/vault_kit.h"

static int check_records(struct vault_kit *kit, const struct nta_sealed *sealed)
{
    assert_int_equal(nta_opener_open(kit->opener, sealed, &kit->back, &kit->err), 0);
    return nta_opener_check_records(kit->opener, sealed, &kit->back);
}

static void what_was_sealed_holds(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        kit_fill(&kit, (int)seed * 40, seed);
        struct nta_sealed sealed = kit_seal(&kit, NULL);

        assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_OK);
    }
}

static void values_counted_by_who_decodes_anyway_are_the_same(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_batch_done) struct nta_batch values = {.n_records = 0};
    struct nta_record_buf lists;
    struct nta_record record = {.time_ns = 0};

    (void)state;
    kit_fill(&kit, 300, 5);
    struct nta_sealed sealed = kit_seal(&kit, NULL);

    assert_int_equal(nta_opener_read(kit.opener, &sealed, &kit.back, &kit.err), 0);
    for (size_t i = 0; i < kit.back.n_records; i++) {
        assert_true(nta_record_decode_some(nta_batch_record(&kit.back, i), NTA_VALUE_PARTS, &lists,
                                           &record));
        assert_int_equal(nta_batch_count(&values, &record), 0);
    }
    assert_int_equal(values.n_records, 300);
    assert_int_equal(nta_batch_record(&values, 0).len, 0);
    assert_int_equal(nta_opener_check_values(kit.opener, &sealed, &values), NTA_VALUES_OK);
    values.n_records--;
    assert_int_equal(nta_opener_check_values(kit.opener, &sealed, &values), NTA_VALUES_RECORDS);
}

/* what a thief of the sensor's key can sign */
static void times_and_tokens_that_are_not_the_records_are_found(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    struct nta_record record = {.time_ns = 1};
    struct nta_sealed sealed;

    (void)state;
    kit_fill(&kit, 30, 7);
    kit.batch.first_ns--;
    sealed = kit_seal(&kit, NULL);
    assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_TIMES);
    kit_fill(&kit, 30, 7);
    kit.batch.last_ns++;
    sealed = kit_seal(&kit, NULL);
    assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_TIMES);
    kit_fill(&kit, 30, 7);
    nta_buf_clear(&kit.batch.values);
    sealed = kit_seal(&kit, NULL);
    assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_TOKENS);
    record.event = NTA_RECORD_LEASE; /* of another class than it is sealed as */
    assert_int_equal(nta_batch_add(&kit.batch, &record), 0);
    assert_int_equal(kit.batch.class, NTA_CLASS_NONE);
    sealed = kit_seal(&kit, NULL);
    assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_CLASS);
    for (enum nta_values_check i = NTA_VALUES_OK; i < NTA_VALUES_TOKENS; i++)
        assert_string_not_equal(nta_values_check_text(i), nta_values_check_text(i + 1));
}

static void a_record_that_does_not_decode_is_found(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();

    (void)state;
    kit_fill(&kit, 10, 8);
    kit.batch.records.ptr[0] = 0xff;
    struct nta_sealed sealed = kit_seal(&kit, NULL);

    assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_RECORDS);
}

static void times_are_those_of_ends_too(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    const struct nta_record long_one = {.event = NTA_RECORD_FLOW, .time_ns = 50, .end_ns = 900};
    const struct nta_record short_one = {.event = NTA_RECORD_FLOW, .time_ns = 70};
    struct nta_header header;

    (void)state;
    assert_int_equal(nta_batch_add(&kit.batch, &long_one), 0);
    assert_int_equal(nta_batch_add(&kit.batch, &short_one), 0);
    struct nta_sealed sealed = kit_seal(&kit, &header);

    assert_int_equal(header.first_ns, 50);
    assert_int_equal(header.last_ns, 900);
    assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_OK);
    kit.batch.last_ns = 70; /* as format 1 has it */
    sealed = kit_seal(&kit, NULL);
    assert_int_equal(check_records(&kit, &sealed), NTA_VALUES_TIMES);
}

static void values_of_a_batch_whose_key_is_not_here_are_not_called_good(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    NTA_AUTO(nta_opener_free) struct nta_opener *stranger = NULL;

    (void)state;
    kit_fill(&kit, 5, 5);
    struct nta_sealed sealed = kit_seal(&kit, NULL);

    assert_int_equal(nta_opener_new(kit.dir, &stranger, &kit.err), 0);
    assert_int_equal(nta_opener_check_values(stranger, &sealed, &kit.batch), -ENOKEY);
}

/** Whoever goes on after a failure must not meet the records of the batch before. */
static void nothing_is_left_of_the_batch_before_whatever_fails(void **state)
{
    NTA_AUTO(kit_done) struct vault_kit kit = kit_new();
    int (*const opens[])(struct nta_opener *, const struct nta_sealed *, struct nta_batch *,
                         struct nta_err *) = {nta_opener_open, nta_opener_read};

    (void)state;
    kit_fill(&kit, 13, 9);
    struct nta_sealed good = kit_seal(&kit, NULL);

    for (size_t i = 0; i < NTA_N_ELEMENTS(opens); i++) {
        NTA_AUTO(kept_done) struct kept kept = keep(&good);
        struct nta_sealed bad = kept_sealed(&kept);

        for (size_t part = 0; part < 4; part += 3) { /* header, body */
            for (size_t at = 0; at < kept.parts[part].len; at += 3) {
                assert_int_equal(opens[i](kit.opener, &good, &kit.back, &kit.err), 0);
                assert_int_equal(kit.back.n_records, 13);
                kept.parts[part].ptr[at] ^= 0x21;
                if (opens[i](kit.opener, &bad, &kit.back, &kit.err) < 0) {
                    assert_int_equal(kit.back.n_records, 0);
                    assert_int_equal(nta_batch_record(&kit.back, 0).len, 0);
                    assert_int_equal(kit.back.first_ns, 0);
                    assert_int_equal(kit.back.last_ns, 0);
                }
                kept.parts[part].ptr[at] ^= 0x21;
            }
        }
        assert_int_equal(opens[i](kit.opener, &good, &kit.back, &kit.err), 0);
        bad.header = (struct nta_span){0};
        assert_int_equal(opens[i](kit.opener, &bad, &kit.back, &kit.err), -EBADMSG);
        assert_int_equal(kit.back.n_records, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_holds),
        cmocka_unit_test(values_counted_by_who_decodes_anyway_are_the_same),
        cmocka_unit_test(times_and_tokens_that_are_not_the_records_are_found),
        cmocka_unit_test(a_record_that_does_not_decode_is_found),
        cmocka_unit_test(times_are_those_of_ends_too),
        cmocka_unit_test(values_of_a_batch_whose_key_is_not_here_are_not_called_good),
        cmocka_unit_test(nothing_is_left_of_the_batch_before_whatever_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
