/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/retain/plan.h"
#include "unit.h"

#define DAY_NS (86400 * NTA_NS_PER_S)
#define GIB    (UINT64_C(1) << 30)

static void a_day_is_old_when_all_of_it_is(void **state)
{
    const struct nta_retain_policy policy = {.keep_ns = {[NTA_CLASS_TRAFFIC] = 30 * DAY_NS}};
    const int64_t now_ns = 20000 * DAY_NS + DAY_NS / 2; /* noon */

    (void)state;
    assert_true(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, 19969, now_ns));
    assert_false(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, 19970, now_ns));
    assert_false(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, 19970, 20001 * DAY_NS - 1));
    assert_true(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, 19970, 20001 * DAY_NS));
    assert_false(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, 20000, now_ns));
}

static void what_is_kept_for_ever_is_never_old(void **state)
{
    const struct nta_retain_policy policy = {.keep_ns = {[NTA_CLASS_TRAFFIC] = DAY_NS}};

    (void)state;
    assert_false(nta_retain_is_old(&policy, NTA_CLASS_EVIDENCE, 0, 20000 * DAY_NS));
    assert_false(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, -5, 0)); /* a clock of 1970 */
    assert_false(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, INT64_MIN, DAY_NS));
    assert_true(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, INT64_MIN, INT64_MAX));
    assert_false(nta_retain_is_old(&policy, NTA_CLASS_TRAFFIC, INT64_MAX, INT64_MAX));
}

static void evidence_gives_way_last_and_the_log_never(void **state)
{
    (void)state;
    assert_int_equal(nta_retain_order(0), NTA_CLASS_TRAFFIC);
    assert_int_equal(nta_retain_order(1), NTA_CLASS_WHO);
    assert_int_equal(nta_retain_order(2), NTA_CLASS_EVIDENCE);
    assert_int_equal(nta_retain_order(3), NTA_CLASS_NONE);
    assert_int_equal(nta_retain_order(1000), NTA_CLASS_NONE);
}

/** Which classes are admitted, as bits. */
static unsigned admitted(const struct nta_retain_policy *policy, struct nta_retain_room room)
{
    unsigned classes = 0;

    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++)
        if (nta_retain_admits(policy, &room, (enum nta_class) class))
            classes |= 1U << class;
    return classes;
}

enum
{
    EVIDENCE = 1U << NTA_CLASS_EVIDENCE,
    TRAFFIC = 1U << NTA_CLASS_TRAFFIC,
    WHO = 1U << NTA_CLASS_WHO,
    LOG = 1U << NTA_CLASS_LOG
};

static void a_full_store_keeps_the_last_of_its_room_for_evidence(void **state)
{
    const struct nta_retain_policy policy = {.size_bytes = 1000 * GIB, .deletes_oldest = true};
    const struct nta_retain_policy stop = {.size_bytes = 1000 * GIB};

    static const struct
    {
        uint64_t used;
        unsigned classes, go;
    } rows[] = {
        {0, EVIDENCE | TRAFFIC | WHO | LOG, 0},
        {950, EVIDENCE | TRAFFIC | WHO | LOG, 0},
        {951, EVIDENCE | TRAFFIC | WHO | LOG, TRAFFIC | WHO},
        {961, EVIDENCE | WHO | LOG, TRAFFIC | WHO},
        {971, EVIDENCE | LOG, TRAFFIC | WHO},
        {991, EVIDENCE, TRAFFIC | WHO | EVIDENCE}, /* it pushes itself out, and nobody else does */
        {1000, EVIDENCE, TRAFFIC | WHO | EVIDENCE},
        {1001, 0, TRAFFIC | WHO | EVIDENCE},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        const struct nta_retain_room room = {.used_bytes = rows[i].used * GIB};

        assert_int_equal(admitted(&policy, room), rows[i].classes);
        assert_int_equal(admitted(&stop, room), rows[i].classes);
        for (unsigned n = 0; nta_retain_order(n) != NTA_CLASS_NONE; n++) {
            const enum nta_class class = nta_retain_order(n);

            assert_int_equal(nta_retain_gives_way(&policy, &room, class),
                             (rows[i].go & 1U << class) != 0);
            assert_false(nta_retain_gives_way(&stop, &room, class));
        }
    }
}

static void a_part_of_the_disk_stays_free(void **state)
{
    const struct nta_retain_policy policy = {.free_share = 0.05, .deletes_oldest = true};
    const uint64_t size = 1000 * GIB; /* 50 are to stay free, and 25 do in any case */

    (void)state;
    for (uint64_t free = 0; free <= 60; free++) {
        const struct nta_retain_room room = {.disk_free = free * GIB, .disk_size = size};

        assert_int_equal(nta_retain_gives_way(&policy, &room, NTA_CLASS_TRAFFIC), free < 50);
        assert_int_equal(nta_retain_admits(&policy, &room, NTA_CLASS_TRAFFIC), free >= 45);
        assert_int_equal(nta_retain_admits(&policy, &room, NTA_CLASS_EVIDENCE), free >= 25);
    }
}

static void without_bounds_all_is_kept(void **state)
{
    const struct nta_retain_policy none = {.size_bytes = 0};
    const struct nta_retain_room room = {.used_bytes = UINT64_MAX, .disk_free = 0, .disk_size = 1};

    (void)state;
    assert_int_equal(admitted(&none, room), EVIDENCE | TRAFFIC | WHO | LOG);
    const struct nta_retain_policy both = {.size_bytes = GIB, .free_share = 0.05};

    /* a disk that cannot be asked is no bound */
    assert_int_equal(admitted(&both, (struct nta_retain_room){.used_bytes = 1}),
                     EVIDENCE | TRAFFIC | WHO | LOG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_old_when_all_of_it_is),
        cmocka_unit_test(what_is_kept_for_ever_is_never_old),
        cmocka_unit_test(evidence_gives_way_last_and_the_log_never),
        cmocka_unit_test(a_full_store_keeps_the_last_of_its_room_for_evidence),
        cmocka_unit_test(a_part_of_the_disk_stays_free),
        cmocka_unit_test(without_bounds_all_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
