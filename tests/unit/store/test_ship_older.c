/* SPDX-License-Identifier: Apache-2.0 */

/* The shipper before a database that was put back; an SQLite store is in MySQL's place. */

#include "base/runtime/log.h"
#include "store/scene.h"
#include "store/ship/ship_round.h"

/* cmocka needs the ones above first */
#include <cmocka.h>

static char said[1024];

static void keep_line(enum nta_log_level level, const char *text)
{
    (void)level;
    if (strstr(text, "MySQL"))
        (void)snprintf(said, sizeof(said), "%s", text);
}

/** A journal, a database, and what is between them. */
struct rig
{
    struct scene *scene;
    char path[96], copy[96];
    struct nta_ship_options options;
    struct nta_shipment shipment;
};

static void open_database(struct rig *rig)
{
    assert_int_equal(nta_store_open_sqlite(rig->path, true, &rig->shipment.mysql, &rig->scene->err),
                     0);
}

static void begin(struct rig *rig, uint64_t had)
{
    nta_shipment_done(&rig->shipment);
    memset(&rig->shipment, 0, sizeof(rig->shipment));
    rig->shipment.options = &rig->options;
    rig->shipment.had = had;
    open_database(rig);
}

static void rig_init(struct rig *rig, struct scene *scene)
{
    *rig = (struct rig){.scene = scene};
    (void)snprintf(rig->path, sizeof(rig->path), "%s/database", scene->folder);
    (void)snprintf(rig->copy, sizeof(rig->copy), "%s/copy", scene->folder);
    rig->options =
        (struct nta_ship_options){.journal_path = scene->path, .health = nta_health_new()};
    assert_non_null(rig->options.health);
    memset(rig->options.sensor, 1, NTA_SENSOR_ID_LEN);
    said[0] = '\0';
    nta_log_to(keep_line);
    begin(rig, 0);
}

static void rig_done(struct rig *rig)
{
    nta_shipment_done(&rig->shipment);
    nta_health_free(&rig->options.health);
    nta_log_to(NULL);
}

/** Batches `from` to `to` into the journal, under the data key `key`; some name the next key. */
static void commit(struct rig *rig, uint64_t from, uint64_t to, uint8_t key)
{
    static const uint8_t blob[700] = {1, 2, 3};
    struct nta_wrapped_key wrapped = {.blob = {blob, sizeof(blob)}, .class = NTA_CLASS_TRAFFIC};

    memset(wrapped.id, key, sizeof(wrapped.id));
    assert_int_equal(nta_store_put_key(rig->scene->store, &wrapped, &rig->scene->err), 0);
    for (uint64_t i = from; i <= to; i++)
        assert_int_equal(scene_put(rig->scene, &(struct sample_plan){.sensor = 1,
                                                                     .number = i,
                                                                     .body_len = 100,
                                                                     .data_key = key,
                                                                     .has_next = i % 3 == 1}),
                         0);
}

static void ship_all(struct rig *rig)
{
    int result = 1;

    while (result > 0)
        result = nta_ship_round(&rig->shipment, &rig->scene->err);
    if (result < 0)
        fail_msg("%s", rig->scene->err.text);
}

static void keep_copy(struct rig *rig, const char *from, const char *to)
{
    char command[512];

    nta_store_close(&rig->shipment.mysql);
    (void)snprintf(command, sizeof(command), "rm -f '%s'-* && cp '%s' '%s'", to, from, to);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

static bool is_older(const struct rig *rig)
{
    return nta_health_is(rig->options.health, NTA_CAUSE_MYSQL_OLDER);
}

static bool details_say(const struct rig *rig, const char *text)
{
    struct nta_health_state states[NTA_N_CAUSES];

    (void)nta_health_get(rig->options.health, states);
    return strstr(states[NTA_CAUSE_MYSQL_OLDER].detail, text) != NULL;
}

/** What the database has from a number on: how many heads, and how many of them whole. */
static void expect_there(struct rig *rig, uint64_t from, uint64_t n, uint64_t n_whole)
{
    const struct nta_store_query query = {.sensor = scene_sensor, .from_number = from};
    struct sample_seen seen = {0};

    assert_int_equal(
        nta_store_each(rig->shipment.mysql, &query, sample_collect, &seen, &rig->scene->err), 0);
    assert_int_equal(seen.n, n);
    assert_int_equal(seen.n - seen.n_faulty, n_whole);
}

static int count_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    (void)err;
    *(unsigned *)owner |= 1U << key->key.id[0];
    return 0;
}

/** To each number from 3 on: heads that stay in the journal (4, 7, 10) hide nothing. */
static void an_older_database_is_noticed_wherever_it_stands(void **state)
{
    for (uint64_t at = 3; at < 10; at++) {
        struct rig rig;
        char range[64];
        unsigned keys = 0;

        rig_init(&rig, *state);
        commit(&rig, 1, at, 1);
        ship_all(&rig);
        keep_copy(&rig, rig.path, rig.copy);
        begin(&rig, at);
        commit(&rig, at + 1, 11, 2);
        ship_all(&rig);
        assert_false(is_older(&rig));
        keep_copy(&rig, rig.copy, rig.path);
        open_database(&rig);
        rig.shipment.is_agreed = false; /* connected anew */
        ship_all(&rig);
        assert_true(is_older(&rig));
        (void)snprintf(range, sizeof(range), "batches %d to 11 the journal still holds 1 whole",
                       (int)at + 1);
        assert_true(details_say(&rig, range));
        assert_int_equal(nta_store_each_key(rig.shipment.mysql, count_key, &keys, &rig.scene->err),
                         0);
        assert_int_equal(keys, 1U << 1 | 1U << 2); /* also the one that was sent before */
        commit(&rig, 12, 12, 2);
        ship_all(&rig);
        expect_there(&rig, 11, 2, 2);
        rig_done(&rig);
        (void)unlink(rig.path);
        (void)scene_tear_down(state);
        assert_int_equal(scene_set_up(state), 0);
    }
}

static void what_was_acknowledged_before_a_start_counts(void **state)
{
    struct rig rig;

    rig_init(&rig, *state);
    commit(&rig, 1, 4, 1);
    ship_all(&rig);
    nta_shipment_done(&rig.shipment);
    begin(&rig, 4);
    ship_all(&rig);
    assert_false(is_older(&rig));
    nta_shipment_done(&rig.shipment);
    (void)unlink(rig.path); /* another database */
    begin(&rig, 4);
    ship_all(&rig);
    assert_true(is_older(&rig) && details_say(&rig, "batches 1 to 4 "));
    expect_there(&rig, 1, 2, 1); /* the head of 1, and batch 4, had stayed in the journal */
    rig_done(&rig);
}

static void it_is_said_for_an_hour_and_without_health_in_the_log(void **state)
{
    struct rig rig;

    rig_init(&rig, *state);
    commit(&rig, 1, 4, 1);
    begin(&rig, 9);
    ship_all(&rig);
    assert_true(is_older(&rig));
    ship_all(&rig);
    assert_true(is_older(&rig));
    rig.shipment.older_mono_ns -= 3601 * NTA_NS_PER_S;
    ship_all(&rig);
    assert_false(is_older(&rig));
    nta_shipment_done(&rig.shipment);
    nta_health_free(&rig.options.health);
    begin(&rig, 9);
    assert_string_equal(said, "");
    ship_all(&rig);
    assert_non_null(strstr(said, "MySQL lacks batches that it had"));
    rig_done(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(an_older_database_is_noticed_wherever_it_stands),
        TEST(what_was_acknowledged_before_a_start_counts),
        TEST(it_is_said_for_an_hour_and_without_health_in_the_log),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
