/* SPDX-License-Identifier: Apache-2.0 */

/* The indexes that go with a batch; SQLite stores are in the journal's place and in MySQL's. */

#include "base/runtime/log.h"
#include "store/noted.h"
#include "store/scene.h"
#include "store/ship/ship_indexes.h"
#include "store/ship/ship_round.h"
#include "store/store_internal.h"
#include "vault/index/index.h"

#include <errno.h>

/* cmocka needs the ones above first */
#include <cmocka.h>

#define DAY (SAMPLE_START_NS / SAMPLE_DAY_NS)

static unsigned n_warnings;

static void count_line(enum nta_log_level level, const char *text)
{
    (void)level;
    n_warnings += strstr(text, "longer than any") != NULL;
}

/** A journal of which each part of an index has a length that the test says. */
struct parts
{
    struct nta_store base; ///< First.
    struct nta_store_ops ops;
    size_t n_parts;
    size_t list_len, page_len;
    int fails; ///< At its first page; 0: it does not.
    uint64_t n_asked;
};

static int get_part(struct nta_store *store, const struct nta_store_index_at *at,
                    struct nta_buf *bytes, struct nta_err *err)
{
    struct parts *parts = (struct parts *)store;
    const size_t len = at->part ? parts->page_len : parts->list_len;

    parts->n_asked++;
    if (at->part == 1 && parts->fails)
        return nta_err_set(err, parts->fails, "it cannot be read");
    if (at->part >= parts->n_parts)
        return 0;
    uint8_t *out = nta_buf_reserve(bytes, len);

    assert_non_null(out);
    memset(out, (int)(at->part % 251), len);
    bytes->len = len;
    return 1;
}

/** What the batch gets of it: four classes' indexes are noted. */
static int take(struct parts *parts, struct nta_ship_indexes *indexes, struct sample *sample,
                struct nta_err *err)
{
    struct noted noted = {.n_notes = 0};

    parts->ops = (struct nta_store_ops){.get_index = get_part};
    parts->base.ops = &parts->ops;
    parts->n_asked = 0;
    n_warnings = 0;
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++)
        noted_add(&noted, class, DAY, 1);
    noted_make(&noted, sample, &(struct sample_plan){.sensor = 1, .number = 5}, NULL);
    sample->stored.n_indexes = 99;
    nta_log_to(count_line);
    const int r = nta_ship_indexes_take(indexes, &parts->base, &sample->stored, err);

    nta_log_to(NULL);
    nta_buf_done(&noted.notes);
    return r;
}

static void what_is_longer_than_an_index_is_left_out(void **state)
{
    static const struct
    {
        size_t n_parts, list_len, page_len;
        size_t n_taken;
        unsigned n_warnings;
    } rows[] = {
        {0, 0, 0, 0, 0},
        {1, 1, 0, 4, 0},
        {3, NTA_INDEX_LIST_MAX, NTA_INDEX_PAGE_MAX, 12, 0},
        {3, NTA_INDEX_LIST_MAX + 1, 10, 0, 4},
        {3, 10, NTA_INDEX_PAGE_MAX + 1, 0, 4},
        /* more pages than there can be are not asked for */
        {NTA_INDEX_PAGES_MAX + 100, 10, 10, 4 * (NTA_INDEX_PAGES_MAX + 1), 0},
        /* one goes into the bound, the other three do not */
        {NTA_INDEX_PAGES_MAX + 1, 10, NTA_INDEX_PAGE_MAX, NTA_INDEX_PAGES_MAX + 1, 3},
    };
    struct scene *scene = *state;
    struct nta_ship_indexes indexes = {{0}, {0}};

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        struct parts parts = {
            .n_parts = rows[i].n_parts, .list_len = rows[i].list_len, .page_len = rows[i].page_len};
        const struct nta_stored *stored = &scene->sample.stored;

        assert_int_equal(take(&parts, &indexes, &scene->sample, &scene->err), 0);
        assert_int_equal(stored->n_indexes, rows[i].n_taken);
        assert_int_equal(n_warnings, rows[i].n_warnings);
        assert_true(indexes.bytes.len <= NTA_SHIP_INDEX_BYTES);
        for (size_t k = 0; k < stored->n_indexes; k++) {
            const struct nta_stored_index *part = &stored->indexes[k];

            assert_int_equal(part->day, DAY);
            assert_int_equal(part->bytes.len, part->part ? parts.page_len : parts.list_len);
            assert_int_equal(part->bytes.ptr[part->bytes.len - 1], part->part % 251);
        }
    }
    nta_ship_indexes_done(&indexes);
}

static void a_journal_that_cannot_be_read_is_an_error(void **state)
{
    struct scene *scene = *state;
    struct nta_ship_indexes indexes = {{0}, {0}};
    struct parts parts = {.n_parts = 3, .list_len = 5, .page_len = 5, .fails = -EIO};

    assert_int_equal(take(&parts, &indexes, &scene->sample, &scene->err), -EIO);
    nta_ship_indexes_done(&indexes);
}

/* ---- a whole round ---- */

static int why_not;

static int keeps(struct nta_store *store, struct nta_err *err)
{
    (void)store;
    return why_not == 1 ? (void)nta_err_set(err, -EACCES, "GRANT it"), 1 : why_not;
}

struct rig
{
    struct scene *scene;
    char path[96];
    struct nta_store_ops ops;
    struct nta_ship_options options;
    struct nta_shipment shipment;
};

static void rig_init(struct rig *rig, struct scene *scene)
{
    *rig = (struct rig){.scene = scene};
    (void)snprintf(rig->path, sizeof(rig->path), "%s/database", scene->folder);
    rig->options =
        (struct nta_ship_options){.journal_path = scene->path, .health = nta_health_new()};
    assert_non_null(rig->options.health);
    memset(rig->options.sensor, 1, NTA_SENSOR_ID_LEN);
    rig->shipment.options = &rig->options;
    assert_int_equal(nta_store_open_sqlite(rig->path, true, &rig->shipment.mysql, &scene->err), 0);
    rig->ops = *rig->shipment.mysql->ops;
    rig->ops.keeps_indexes = keeps;
    rig->shipment.mysql->ops = &rig->ops;
}

static void rig_done(struct rig *rig)
{
    nta_shipment_done(&rig->shipment);
    nta_health_free(&rig->options.health);
}

static void commit(struct rig *rig, uint64_t number, bool has_indexes)
{
    struct scene *scene = rig->scene;
    struct noted noted = {.n_notes = 0};
    const struct sample_plan plan = {.sensor = 1, .number = number, .body_len = 100};

    if (has_indexes) {
        noted_add(&noted, NTA_CLASS_TRAFFIC, DAY, (uint8_t)number);
        noted_add(&noted, NTA_CLASS_LOG, DAY, (uint8_t)number);
    }
    noted_make(&noted, &scene->sample, &plan, number == 1 ? NULL : scene->sample.hash);
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err), 0);
    noted_done(&noted, &scene->sample);
}

static unsigned ship_all(struct rig *rig)
{
    unsigned n_rounds = 0;
    int r;

    while ((r = nta_ship_round(&rig->shipment, &rig->scene->err)) > 0)
        n_rounds++;
    if (r < 0)
        fail_msg("%s", rig->scene->err.text);
    return n_rounds;
}

static void indexes_arrive_with_their_batches(void **state)
{
    struct rig rig;

    why_not = 0;
    rig_init(&rig, *state);
    for (uint64_t i = 1; i <= 20; i++)
        commit(&rig, i, i % 8 == 0);
    assert_int_equal(ship_all(&rig), 3); /* a parcel ends behind each that has some */
    for (uint64_t i = 1; i <= 20; i++)
        for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++)
            assert_int_equal(noted_count(rig.shipment.mysql, i, class, DAY, &rig.scene->err),
                             i % 8 == 0 && (class == NTA_CLASS_TRAFFIC || class == NTA_CLASS_LOG)
                                 ? NOTED_PARTS
                                 : 0);
    rig_done(&rig);
}

static void that_they_are_kept_away_is_said_until_it_is_well(void **state)
{
    struct nta_health_state states[NTA_N_CAUSES];
    const struct nta_health_state *said = &states[NTA_CAUSE_INDEXES];
    struct rig rig;

    rig_init(&rig, *state);
    why_not = 1;
    commit(&rig, 1, false);
    (void)ship_all(&rig);
    for (uint64_t i = 2; i < 5; i++) {
        commit(&rig, i, true);
        (void)ship_all(&rig);
        (void)nta_health_get(rig.options.health, states);
        assert_true(said->on);
        assert_string_equal(said->detail, "GRANT it");
        assert_int_equal(said->n_times, 1);
    }
    why_not = -ENOTCONN; /* an outage says nothing of it */
    assert_int_equal(nta_ship_round(&rig.shipment, &rig.scene->err), -ENOTCONN);
    assert_true(nta_health_is(rig.options.health, NTA_CAUSE_INDEXES));
    why_not = 0;
    assert_int_equal(ship_all(&rig), 0); /* nothing waits, and it is looked at all the same */
    assert_false(nta_health_is(rig.options.health, NTA_CAUSE_INDEXES));
    assert_int_equal(nta_health_n_bad(states), 0); /* batches go in any case */
    rig_done(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(what_is_longer_than_an_index_is_left_out),
        TEST(a_journal_that_cannot_be_read_is_an_error),
        TEST(indexes_arrive_with_their_batches),
        TEST(that_they_are_kept_away_is_said_until_it_is_well),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
