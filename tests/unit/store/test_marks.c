/* SPDX-License-Identifier: Apache-2.0 */
/* How far each sensor was looked through, also where somebody made up very many sensors. */
#include "base/own.h"
#include "store/marks.h"
#include "unit.h"

enum
{
    N_SENSORS = 400000 /* looking each up in a list of all takes minutes */
};

static void sensor_of(uint32_t i, uint8_t ret_sensor[NTA_SENSOR_ID_LEN])
{
    memset(ret_sensor, 0, NTA_SENSOR_ID_LEN);
    for (size_t at = 0; at < 4; at++)
        ret_sensor[at] = (uint8_t)(i >> (24 - 8 * at));
}

static void marks_are_raised_and_never_lowered(void **state)
{
    NTA_AUTO(nta_store_marks_done) struct nta_store_marks marks = {0};
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    static const uint32_t order[] = {7, 3, 9, 5, 3, 7};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(order); i++) {
        sensor_of(order[i], sensor);
        assert_int_equal(nta_store_mark_raise(&marks, sensor, 10 - i), 0);
    }
    assert_int_equal(marks.n_marks, 4);
    sensor_of(7, sensor);
    assert_int_equal(nta_store_mark_of(&marks, sensor), 10);
    sensor_of(3, sensor);
    assert_int_equal(nta_store_mark_of(&marks, sensor), 9);
    sensor_of(5, sensor);
    assert_int_equal(nta_store_mark_of(&marks, sensor), 7);
    sensor_of(4, sensor);
    assert_int_equal(nta_store_mark_of(&marks, sensor), 0);
}

static void marks_of_two_walks_become_one(void **state)
{
    NTA_AUTO(nta_store_marks_done) struct nta_store_marks a = {0}, b = {0};
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    (void)state;
    for (uint32_t i = 0; i < 10; i++) {
        sensor_of(i, sensor);
        assert_int_equal(nta_store_mark_raise(i % 2 ? &a : &b, sensor, i + 1), 0);
    }
    sensor_of(4, sensor);
    assert_int_equal(nta_store_mark_raise(&a, sensor, 99), 0);
    assert_int_equal(nta_store_marks_merge(&a, &b), 0);
    assert_int_equal(a.n_marks, 10);
    for (uint32_t i = 0; i < 10; i++) {
        sensor_of(i, sensor);
        assert_int_equal(nta_store_mark_of(&a, sensor), i == 4 ? 99 : i + 1);
    }
}

static void very_many_sensors_take_no_time(void **state)
{
    NTA_AUTO(nta_store_marks_done) struct nta_store_marks marks = {0}, again = {0};
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    (void)state;
    for (uint32_t i = 0; i < N_SENSORS; i++) {
        sensor_of(i, sensor);
        assert_int_equal(nta_store_mark_raise(i % 2 ? &marks : &again, sensor, i + 1), 0);
    }
    assert_int_equal(nta_store_marks_merge(&marks, &again), 0);
    assert_int_equal(marks.n_marks, N_SENSORS);
    for (uint32_t i = 0; i < N_SENSORS; i++) {
        sensor_of(i, sensor);
        assert_int_equal(nta_store_mark_of(&marks, sensor), i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_raised_and_never_lowered),
        cmocka_unit_test(marks_of_two_walks_become_one),
        cmocka_unit_test(very_many_sensors_take_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
