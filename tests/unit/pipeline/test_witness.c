/* SPDX-License-Identifier: Apache-2.0 */
/* Where a chain goes on, and what is missing of it, by all who know. */
#include "base/own.h"
#include "pipeline/commit/witness.h"
#include "unit.h"

#include <string.h>

/**
 * A case: numbers (0: knows none); the hash of each is its number, but that of `row` is `row_hash`
 * if given.
 */
struct row
{
    const char *name;
    uint64_t row, newest, file, mysql, acked;
    uint8_t row_hash;
    uint64_t head, first, last;
    unsigned reason; ///< 0: nothing is lost.
};

static struct nta_store_head head_of(uint64_t number)
{
    struct nta_store_head head = {.number = number};

    if (number)
        memset(head.hash, (int)(number & 0xff), sizeof(head.hash));
    return head;
}

#define FAR (UINT64_C(1) << 62)

#define OLDER   NTA_LOST_STORE_OLDER
#define REMOVED NTA_LOST_FILE_REMOVED
#define MOVED   NTA_LOST_CHAIN_ROW
#define AGAIN   NTA_LOST_RECOVERED

static const struct row rows[] = {
    {"a new store", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {"all agree", 77, 77, 77, 0, 0, 0, 77, 0, 0, 0},
    {"the file lags", 77, 77, 70, 0, 0, 0, 77, 0, 0, 0},
    {"MySQL lags", 77, 77, 77, 60, 60, 0, 77, 0, 0, 0},
    {"MySQL does not answer", 77, 77, 77, 0, 60, 0, 77, 0, 0, 0},
    {"no file yet", 77, 77, 0, 0, 0, 0, 77, 0, 0, 0},
    {"a row of 77 above nothing", 77, 0, 0, 0, 0, 0, 77, 1, 77, MOVED},
    {"the same, and MySQL has all", 77, 0, 0, 77, 0, 0, 77, 0, 0, 0},
    {"a row of 77 above a last batch 11", 77, 11, 77, 0, 0, 0, 77, 12, 77, OLDER},
    {"the same without a file", 77, 11, 0, 0, 0, 0, 77, 12, 77, MOVED},
    {"a copy of 11 put back, the file knows", 11, 11, 77, 0, 0, 0, 77, 12, 77, OLDER},
    {"a copy of 11 put back with its file, MySQL knows", 11, 11, 11, 77, 5, 0, 77, 12, 77, 0},
    {"the journal was removed", 0, 0, 77, 0, 0, 0, 77, 1, 77, REMOVED},
    {"the journal was removed, MySQL has a part", 0, 0, 77, 50, 40, 0, 77, 51, 77, REMOVED},
    {"the same, and MySQL is away", 0, 0, 77, 0, 40, 0, 77, 41, 77, REMOVED},
    {"the journal was removed, MySQL has all", 0, 0, 77, 77, 70, 0, 77, 1, 77, 0},
    {"the row was set back", 11, 77, 77, 0, 0, 0, 77, 12, 77, 0},
    {"the row was deleted", 0, 77, 0, 0, 0, 0, 77, 1, 77, 0},
    {"another chain of the same length", 77, 77, 77, 0, 0, 9, 77, 77, 77, 0},
    {"all batches deleted", 77, 0, 77, 0, 0, 0, 77, 1, 77, OLDER},
    {"a row that leaves no numbers", UINT64_MAX, 11, 11, 0, 0, 0, 11, 11, 11, 0},
    {"a batch that leaves none", 11, INT64_MAX, 11, 0, 0, 0, 11, 1, 11, OLDER},
    {"MySQL leaves none", 11, 11, 11, FAR + 1, 0, 0, 11, 0, 0, 0},
    {"a chain that was led far", FAR + 9, FAR + 9, FAR + 5, 0, 0, 0, FAR + 9, 0, 0, 0},
};

/** MySQL's row is above its last batch, and nobody knows more. */
static void a_row_without_its_batch_is_no_batch(void **state)
{
    const struct nta_witnesses known = {
        .mysql = head_of(77), .mysql_newest = head_of(70), .mysql_answers = true};
    struct nta_verdict verdict;

    (void)state;
    nta_witnesses_judge(&known, &verdict);
    assert_int_equal(verdict.head.number, 77);
    assert_int_equal(verdict.reason, AGAIN);
    assert_int_equal(verdict.first, 71); /* and that is said */
    assert_int_equal(verdict.last, 77);
}

/** The ends of journal and MySQL were removed together; chain rows and state file were left. */
static void what_mysql_had_is_not_there_if_it_answers(void **state)
{
    struct nta_witnesses known = {
        .row = head_of(77),
        .newest = head_of(60),
        .file = head_of(77),
        .mysql = head_of(77),
        .mysql_newest = head_of(60),
        .mysql_answers = true,
        .acked = 77,
    };
    struct nta_verdict verdict;

    (void)state;
    nta_witnesses_judge(&known, &verdict);
    assert_int_equal(verdict.first, 61);
    assert_int_equal(verdict.last, 77);
    /* and if it does not: they are given up, so that is said */
    known.mysql = known.mysql_newest = head_of(0);
    known.mysql_answers = false;
    nta_witnesses_judge(&known, &verdict);
    assert_int_equal(verdict.first, 61);
    assert_int_equal(verdict.last, 77);
}

static void each_case_goes_on_behind_the_highest_and_names_what_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        const struct row *row = &rows[i];
        struct nta_witnesses known = {
            .row = head_of(row->row),
            .newest = head_of(row->newest),
            .file = head_of(row->file),
            .mysql = head_of(row->mysql),
            .mysql_newest = head_of(row->mysql),
            .mysql_answers = row->mysql > 0,
            .acked = row->acked,
        };
        struct nta_store_head expected = head_of(row->head);
        struct nta_verdict verdict;

        if (row->row_hash)
            memset(known.row.hash, row->row_hash, sizeof(known.row.hash));
        nta_witnesses_judge(&known, &verdict);
        if (verdict.head.number != row->head || verdict.first != row->first ||
            verdict.last != row->last ||
            memcmp(verdict.head.hash, expected.hash, NTA_HASH_LEN) != 0 ||
            verdict.reason != row->reason)
            fail_msg("%s: behind %llu, missing %llu to %llu, reason %d", row->name,
                     (unsigned long long)verdict.head.number, (unsigned long long)verdict.first,
                     (unsigned long long)verdict.last, (int)verdict.reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_goes_on_behind_the_highest_and_names_what_is_missing),
        cmocka_unit_test(a_row_without_its_batch_is_no_batch),
        cmocka_unit_test(what_mysql_had_is_not_there_if_it_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
