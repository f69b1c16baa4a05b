/* SPDX-License-Identifier: Apache-2.0 */

/* The calls that every store offers, over a store that only notes what it is asked. */

#include "base/own.h"
#include "store/fixture.h"
#include "store/store_internal.h"
#include "unit.h"
#include "vault/note.h"

#include <errno.h>

struct noting
{
    struct nta_store base; ///< First.
    int n_puts, n_closed, result;
    const struct nta_store_head *head;
    size_t n_frontier;
    uint64_t from, up_to;
};

static int put_batches(struct nta_store *store, const struct nta_store_put *put,
                       struct nta_err *err)
{
    struct noting *noting = (struct noting *)store;

    assert_non_null(put->batches);
    assert_int_equal(put->n_batches, 1);
    noting->n_puts++;
    noting->head = put->head;
    noting->n_frontier = put->frontier.len;
    return nta_err_set(err, noting->result, "as told");
}

static int forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                  uint64_t from_number, uint64_t up_to_number, struct nta_err *err)
{
    struct noting *noting = (struct noting *)store;

    (void)sensor;
    (void)err;
    noting->from = from_number;
    noting->up_to = up_to_number;
    return noting->result;
}

static int find_nothing(struct nta_store *store, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                        struct nta_buf *bytes, struct nta_stored_key *ret_key, struct nta_err *err)
{
    (void)id;
    (void)err;
    assert_int_equal(bytes->len, 0);
    assert_int_equal(ret_key->faults, 0);
    return ((struct noting *)store)->result;
}

static int freeze(struct nta_store *store, struct nta_err *err)
{
    (void)err;
    return ((struct noting *)store)->result;
}

static void thaw(struct nta_store *store)
{
    assert_false(store->is_frozen);
}

static bool has_moved(struct nta_store *store)
{
    return ((struct noting *)store)->result != 0;
}

static void close_it(struct nta_store *store)
{
    ((struct noting *)store)->n_closed++;
}

static const struct nta_store_ops least = {.close = close_it, .put_batches = put_batches};
static const struct nta_store_ops most = {.close = close_it,
                                          .put_batches = put_batches,
                                          .forget = forget,
                                          .find_key = find_nothing,
                                          .freeze = freeze,
                                          .thaw = thaw,
                                          .has_moved = has_moved};

static void a_store_is_closed_once(void **state)
{
    struct noting noting = {.base = {.ops = &least}};
    struct nta_store *store = &noting.base;

    (void)state;
    nta_store_close(&store);
    assert_null(store);
    nta_store_close(&store);
    assert_int_equal(noting.n_closed, 1);
}

static void no_batches_are_put_without_asking_the_store(void **state)
{
    struct noting noting = {.base = {.ops = &least}, .result = -EIO};
    const struct nta_store_head head = {.number = 4};
    const struct nta_stored batch = {.header = {.version = 2, .number = 5, .class = NTA_CLASS_WHO}};
    const struct nta_span none = {.len = 0}, frontier = {(const uint8_t *)"12", 2};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_store_put_batches(&noting.base, NULL, 0, &err), 0);
    assert_int_equal(nta_store_append(&noting.base, &head, NULL, 0, none, &err), 0);
    assert_int_equal(noting.n_puts, 0);
    assert_int_equal(nta_store_append(&noting.base, &head, &batch, 1, frontier, &err), -EIO);
    assert_ptr_equal(noting.head, &head);
    assert_int_equal(noting.n_frontier, 2);
    assert_int_equal(nta_store_put_batches(&noting.base, &batch, 1, &err), -EIO);
    assert_null(noting.head);
    assert_int_equal(noting.n_puts, 2);
}

static void forgetting_begins_with_the_first_number_or_where_it_is_told(void **state)
{
    struct noting noting = {.base = {.ops = &most}};
    const uint8_t sensor[NTA_SENSOR_ID_LEN] = {1};
    struct nta_err err;

    (void)state;
    noting.from = 9;
    assert_int_equal(nta_store_forget(&noting.base, sensor, 20, &err), 0);
    assert_int_equal(noting.from, 0);
    assert_int_equal(noting.up_to, 20);
    assert_int_equal(nta_store_forget_from(&noting.base, sensor, 7, 21, &err), 0);
    assert_int_equal(noting.from, 7);
    assert_int_equal(noting.up_to, 21);
}

static void nothing_of_an_earlier_key_is_left_where_one_is_looked_for(void **state)
{
    struct noting noting = {.base = {.ops = &most}, .result = -ENOENT};
    struct nta_stored_key key = {.faults = NTA_ROW_SIZE};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    const uint8_t id[NTA_DATA_KEY_ID_LEN] = {1};
    struct nta_err err;

    (void)state;
    nta_buf_puts(&bytes, "the key before");
    assert_int_equal(nta_store_find_key(&noting.base, id, &bytes, &key, &err), -ENOENT);
    assert_int_equal(key.faults, 0);
}

static void a_store_that_cannot_do_it_is_frozen_and_has_not_moved(void **state)
{
    struct noting noting = {.base = {.ops = &least}, .result = -EIO};
    struct nta_err err;

    (void)state;
    assert_false(nta_store_has_moved(&noting.base));
    assert_int_equal(nta_store_freeze(&noting.base, &err), 0);
    assert_true(noting.base.is_frozen);
    nta_store_thaw(&noting.base);
    assert_false(noting.base.is_frozen);
    noting.base.ops = &most;
    assert_true(nta_store_has_moved(&noting.base));
    assert_int_equal(nta_store_freeze(&noting.base, &err), -EIO);
    assert_false(noting.base.is_frozen);
    noting.result = 0;
    assert_false(nta_store_has_moved(&noting.base));
    assert_int_equal(nta_store_freeze(&noting.base, &err), 0);
    assert_true(noting.base.is_frozen);
    nta_store_thaw(&noting.base);
    assert_false(noting.base.is_frozen);
}

/** Oddities as they were told. */
struct told
{
    size_t n;
    char last[NTA_ODDITY_SIZE];
};

static void on_oddity(void *owner, const char *text)
{
    struct told *told = owner;

    told->n++;
    assert_true(strlen(text) < sizeof(told->last));
    memcpy(told->last, text, strlen(text) + 1);
}

static void oddities_beyond_what_is_kept_are_counted(void **state)
{
    struct noting noting = {.base = {.ops = &least}};
    struct told told = {0};

    (void)state;
    nta_store_each_oddity(&noting.base, on_oddity, &told);
    assert_int_equal(told.n, 0);
    for (int i = 1; i <= NTA_ODDITIES_MAX; i++)
        nta_store_note_oddity(&noting.base, "table %d", i);
    nta_store_each_oddity(&noting.base, on_oddity, &told);
    assert_int_equal(told.n, NTA_ODDITIES_MAX);
    assert_string_equal(told.last, "table 16");
    for (int i = 0; i < 3; i++)
        nta_store_note_oddity(&noting.base, "%0*d", 2 * NTA_ODDITY_SIZE, i);
    told.n = 0;
    nta_store_each_oddity(&noting.base, on_oddity, &told);
    assert_int_equal(told.n, NTA_ODDITIES_MAX + 1);
    assert_string_equal(told.last, "3 more things in its tables are not ours");
}

static void numbers_are_believed_up_to_a_bound_that_leaves_some(void **state)
{
    const uint64_t far = UINT64_C(1) << 62, more = UINT64_C(1) << 40;

    (void)state;
    assert_int_equal(nta_store_number_max(0), far);
    assert_int_equal(nta_store_number_max(far - 1), far);
    assert_int_equal(nta_store_number_max(far), far + more);
    assert_int_equal(nta_store_number_max(INT64_MAX - 2 * more - 1), INT64_MAX - more - 1);
    assert_int_equal(nta_store_number_max(INT64_MAX), INT64_MAX - more);
    assert_int_equal(nta_store_number_max(UINT64_MAX), INT64_MAX - more);
}

static void what_is_not_of_format_2_is_not_put(void **state)
{
    const struct nta_header good = {.version = 2, .number = 5, .class = NTA_CLASS_LOG};
    struct nta_stored batch = {.header = good};
    struct nta_err err = {0};

    (void)state;
    assert_true(nta_store_can_put(&batch, &err));
    batch.faults = NTA_ROW_ABSENT; /* a head alone */
    assert_true(nta_store_can_put(&batch, &err));
    batch.faults = NTA_ROW_ABSENT | NTA_ROW_COLUMNS;
    assert_false(nta_store_can_put(&batch, &err));
    batch.faults = 0;
    batch.header.version = 1;
    assert_false(nta_store_can_put(&batch, &err));
    assert_non_null(strstr(err.text, "batch 5 is not of format 2"));
    batch.header = good;
    batch.header.class = NTA_CLASS_NONE;
    assert_false(nta_store_can_put(&batch, &err));
    batch.header = good;
    batch.header.number = UINT64_MAX;
    assert_false(nta_store_can_put(&batch, &err));
    batch.header.number = 0;
    assert_false(nta_store_can_put(&batch, &err));
}

static void a_store_that_is_only_read_says_so_to_every_call_that_writes(void **state)
{
    static const struct nta_store_ops old = {.close = close_it};
    struct noting noting = {.base = {.ops = &old, .format = 1}};
    const struct nta_stored batch = {.header = {.version = 2, .number = 5, .class = NTA_CLASS_WHO}};
    const struct nta_wrapped_key key = {.class = NTA_CLASS_WHO};
    const uint8_t sensor[NTA_SENSOR_ID_LEN] = {1};
    struct nta_store_place place;
    struct nta_store_last last;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_store_format(&noting.base), 1);
    assert_int_equal(nta_store_put_key(&noting.base, &key, &err), -EROFS);
    assert_int_equal(nta_store_put_batches(&noting.base, &batch, 1, &err), -EROFS);
    assert_int_equal(nta_store_get_place(&noting.base, sensor, &place, &err), -EROFS);
    assert_int_equal(nta_store_newest(&noting.base, sensor, 1, &last, &err), -EROFS);
    assert_int_equal(nta_store_forget(&noting.base, sensor, 1, &err), -EROFS);
    assert_int_equal(nta_store_destroy_key(&noting.base, sensor, NTA_CLASS_WHO, 1, &err), -EROFS);
    assert_non_null(strstr(err.text, "format 1, which is only read"));
}

static void marks_say_what_a_header_names(void **state)
{
    const struct nta_note hold = {.kind = NTA_HEADER_NOTE_HOLD, .batch = 1, .reason = 1},
                          index = {.kind = NTA_HEADER_NOTE_INDEX, .class = NTA_CLASS_WHO};
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0};
    struct nta_header header = {.number = 2};

    (void)state;
    assert_int_equal(nta_store_marks_of(&header), 0);
    header.has_next = true;
    assert_int_equal(nta_store_marks_of(&header), NTA_MARK_NEXT);
    nta_note_encode(&index, &notes);
    header.notes = nta_buf_span(&notes);
    header.n_notes = 1;
    assert_int_equal(nta_store_marks_of(&header), NTA_MARK_NEXT | NTA_MARK_INDEX);
    nta_note_encode(&hold, &notes);
    header.notes = nta_buf_span(&notes);
    header.n_notes = 2;
    assert_int_equal(nta_store_marks_of(&header), NTA_MARK_NEXT | NTA_MARK_NOTES | NTA_MARK_INDEX);
}

static struct sample first, second;

/** Batches 7 and 8 of one sensor. */
static void make_two(struct nta_stored batches[2])
{
    sample_make(&first, &(struct sample_plan){.sensor = 0xab, .number = 7, .body_len = 50}, NULL);
    sample_make(&second, &(struct sample_plan){.sensor = 0xab, .number = 8, .body_len = 50},
                first.hash);
    batches[0] = first.stored;
    batches[1] = second.stored;
}

static struct nta_store_head head_of(const struct sample *sample)
{
    struct nta_store_head head = {.number = sample->stored.header.number};

    memcpy(head.hash, sample->hash, sizeof(head.hash));
    return head;
}

static void who_appends_is_told_what_is_there_already(void **state)
{
    const struct nta_store_head before = {.number = 6, .hash = {1}};
    struct nta_store_put put = {.head = &before, .n_batches = 2};
    struct nta_stored batches[2];
    struct nta_store_head row = before;
    struct nta_err err = {0};
    size_t n_there = 9;

    (void)state;
    make_two(batches);
    put.batches = batches;
    assert_int_equal(nta_store_compare(&row, &put, &n_there, &err), 0);
    assert_int_equal(n_there, 0);
    row = head_of(&first);
    assert_int_equal(nta_store_compare(&row, &put, &n_there, &err), 0);
    assert_int_equal(n_there, 1);
    row = head_of(&second);
    assert_int_equal(nta_store_compare(&row, &put, &n_there, &err), 0);
    assert_int_equal(n_there, 2);
}

static void a_row_at_another_batch_is_refused_with_a_sentence(void **state)
{
    const struct nta_store_head before = {.number = 6, .hash = {1}};
    struct nta_store_put put = {.head = &before, .n_batches = 2};
    struct nta_stored batches[2];
    struct nta_store_head row = {.number = 6, .hash = {2}};
    struct nta_err err = {0};
    size_t n_there = 9;

    (void)state;
    make_two(batches);
    put.batches = batches;
    assert_false(nta_store_head_is(&row, &before));
    assert_int_equal(nta_store_compare(&row, &put, &n_there, &err), -EEXIST);
    assert_int_equal(n_there, 0);
    row = head_of(&second);
    row.number = 9; /* our hash under another number is not ours */
    assert_int_equal(nta_store_compare(&row, &put, &n_there, &err), -EEXIST);
    assert_non_null(strstr(err.text, "sensor abababababababababababababababab is at another batch "
                                     "9, not at 6, behind which batch 7 goes"));
    assert_int_equal(nta_store_refuse(&batches[1], &err), -EEXIST);
    assert_non_null(strstr(err.text, "another batch 8 of sensor abababababababababababababababab"));
}

static void a_batch_is_the_same_by_header_and_signature(void **state)
{
    struct nta_stored batches[2];
    struct nta_span header, signature;

    (void)state;
    make_two(batches);
    header = batches[0].sealed.header;
    signature = batches[0].sealed.signature;
    assert_true(nta_store_same(&batches[0].sealed, header, signature));
    assert_false(nta_store_same(&batches[0].sealed, batches[1].sealed.header, signature));
    assert_false(nta_store_same(&batches[0].sealed, header, batches[1].sealed.signature));
    header.len--;
    assert_false(nta_store_same(&batches[0].sealed, header, signature));
    assert_int_equal(nta_store_sealed_len(&batches[0].sealed),
                     batches[0].sealed.header.len + NTA_SIGNATURE_LEN + sizeof(first.tokens) + 50);
}

static void a_row_is_cleared_and_keeps_its_memory(void **state)
{
    struct nta_store_row row = {.format = 2, .number = 7, .faults = NTA_ROW_SIZE, .has = {true}};
    const void *memory;

    (void)state;
    nta_buf_puts(&row.bytes, "header");
    memory = row.bytes.ptr;
    nta_store_row_clear(&row);
    assert_int_equal(row.number, 0);
    assert_int_equal(row.format, 2);
    assert_int_equal(row.faults, 0);
    assert_false(row.has[NTA_PART_HEADER]);
    assert_int_equal(row.bytes.len, 0);
    assert_ptr_equal(row.bytes.ptr, memory);
    nta_buf_done(&row.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_is_closed_once),
        cmocka_unit_test(no_batches_are_put_without_asking_the_store),
        cmocka_unit_test(forgetting_begins_with_the_first_number_or_where_it_is_told),
        cmocka_unit_test(nothing_of_an_earlier_key_is_left_where_one_is_looked_for),
        cmocka_unit_test(a_store_that_cannot_do_it_is_frozen_and_has_not_moved),
        cmocka_unit_test(oddities_beyond_what_is_kept_are_counted),
        cmocka_unit_test(numbers_are_believed_up_to_a_bound_that_leaves_some),
        cmocka_unit_test(what_is_not_of_format_2_is_not_put),
        cmocka_unit_test(a_store_that_is_only_read_says_so_to_every_call_that_writes),
        cmocka_unit_test(marks_say_what_a_header_names),
        cmocka_unit_test(who_appends_is_told_what_is_there_already),
        cmocka_unit_test(a_row_at_another_batch_is_refused_with_a_sentence),
        cmocka_unit_test(a_batch_is_the_same_by_header_and_signature),
        cmocka_unit_test(a_row_is_cleared_and_keeps_its_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
