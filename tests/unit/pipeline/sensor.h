/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests: a sensor in a scratch folder, its commit, and a small judge of its own that shares no
 * code with lib/chain.
 */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/commit_state.h"
#include "policy/facts.h"
#include "store/walk.h"
#include "unit.h"
#include "vault/vault.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum
{
    SENSOR_PATH = 160,
    SENSOR_HEADS = 512
};

struct sensor
{
    char dir[64], store[SENSOR_PATH], keys[SENSOR_PATH], state[SENSOR_PATH];
    struct nta_outlet outlet;
    struct nta_health *health;
    struct nta_commit *commit;
};

static inline void sensor_init(struct sensor *sensor)
{
    const struct nta_keys_place place = {sensor->keys, sensor->state};
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_keys_first first = {.batch = &batch, .wall_ns = nta_clock_wall_ns()};
    struct nta_err err = {0};
    bool made;

    *sensor = (struct sensor){.commit = NULL};
    (void)snprintf(sensor->dir, sizeof(sensor->dir), "/tmp/nta-commit-XXXXXX");
    assert_non_null(mkdtemp(sensor->dir));
    (void)snprintf(sensor->store, SENSOR_PATH, "%s/journal.db", sensor->dir);
    (void)snprintf(sensor->keys, SENSOR_PATH, "%s/keys", sensor->dir);
    (void)snprintf(sensor->state, SENSOR_PATH, "%s/state", sensor->dir);
    sensor->outlet = (struct nta_outlet){
        .store_path = sensor->store, .keys_dir = sensor->keys, .state_dir = sensor->state};
    nta_batch_init(&batch);
    assert_int_equal(nta_policy_first(first.wall_ns, &batch), 0);
    if (nta_keys_init(&place, &first, &made, &err) < 0)
        fail_msg("%s", err.text);
}

/** What a shell does in the sensor's folder. */
static inline void sensor_shell(const struct sensor *sensor, const char *script)
{
    char command[512];

    (void)snprintf(command, sizeof(command), "cd '%s' && %s", sensor->dir, script);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static inline void sensor_open(struct sensor *sensor)
{
    const struct nta_commit_options options = {
        .outlet = &sensor->outlet, .health = sensor->health, .live = false};
    struct nta_err err = {0};

    if (nta_commit_open(&options, &sensor->commit, &err) < 0)
        fail_msg("%s", err.text);
}

/** Says what `ntad` says when it stops, and forgets. */
static inline void sensor_close(struct sensor *sensor)
{
    if (sensor->commit)
        nta_commit_end(sensor->commit);
    nta_commit_close(&sensor->commit);
}

static inline void sensor_done(struct sensor *sensor)
{
    sensor_close(sensor);
    nta_health_free(&sensor->health);
    sensor_shell(sensor, "rm -rf \"$PWD\"");
}

/** A batch of one record of this event; its number, or negative errno. */
static inline int64_t sensor_try(struct sensor *sensor, enum nta_record_event event, bool is_last,
                                 struct nta_err *err)
{
    const struct nta_record record = {.event = event, .time_ns = nta_clock_wall_ns()};
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_committed committed = {0};

    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, &record), 0);
    int r = nta_commit_try(sensor->commit, &batch, is_last, &committed, err);

    return r < 0 ? r : (int64_t)committed.number;
}

static inline uint64_t sensor_put(struct sensor *sensor)
{
    struct nta_err err = {0};
    int64_t number = sensor_try(sensor, NTA_RECORD_FLOW, false, &err);

    if (number < 0)
        fail_msg("%s", err.text);
    return (uint64_t)number;
}

static inline uint64_t sensor_put_last(struct sensor *sensor)
{
    struct nta_err err = {0};
    int64_t number = sensor_try(sensor, NTA_RECORD_STOP, true, &err);

    if (number < 0)
        fail_msg("%s", err.text);
    return (uint64_t)number;
}

/* ---- what lies in the store ---- */

struct sensor_head
{
    struct nta_header header;
    struct nta_note note; ///< The first; its kind is 0: none.
    uint8_t link[NTA_HASH_LEN];
    bool is_proved; ///< By the key that the batches before it name.
};

/** Judged in the order of their numbers, with notes of lost ones believed. */
struct sensor_heads
{
    size_t n;
    struct sensor_head heads[SENSOR_HEADS];
    uint8_t key[NTA_KEY_LEN]; ///< That signs the next one.
    struct nta_log_tree log;
    uint8_t link[NTA_HASH_LEN];
    bool follows; ///< Numbers, links and trees are as they should be.
};

static inline int sensor_on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct sensor_heads *heads = owner;
    struct sensor_head *head = &heads->heads[heads->n];
    uint8_t root[NTA_HASH_LEN];

    (void)err;
    assert_true(heads->n < SENSOR_HEADS && row->faults == 0);
    heads->n++;
    head->header = row->header;
    if (!nta_header_note(&row->header, 0, &head->note))
        head->note = (struct nta_note){0};
    if (head->note.kind == NTA_HEADER_NOTE_LOST) {
        heads->follows &=
            head->note.from == heads->log.n + 1 && head->note.to + 1 == row->header.number;
        (void)nta_log_add_lost(&heads->log, head->note.to - heads->log.n);
    }
    nta_log_root(&heads->log, root);
    head->is_proved = nta_header_signed(&row->sealed, heads->key);
    heads->follows &= row->header.number == heads->log.n + 1 &&
                      memcmp(row->header.previous, heads->link, NTA_HASH_LEN) == 0 &&
                      memcmp(row->header.log, root, NTA_HASH_LEN) == 0;
    if (head->is_proved && row->header.has_next)
        memcpy(heads->key, row->header.next, NTA_KEY_LEN);
    nta_header_hash(&row->sealed, head->link);
    memcpy(heads->link, head->link, NTA_HASH_LEN);
    nta_log_add(&heads->log, head->link);
    return 0;
}

static inline void sensor_look(const struct sensor *sensor, struct sensor_heads *ret_heads)
{
    const struct nta_store_query query = {.sensor = NULL};
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_err err = {0};

    *ret_heads = (struct sensor_heads){.follows = true};
    assert_int_equal(nta_keys_sensor_public(sensor->keys, ret_heads->key, &err), 0);
    if (nta_store_open_sqlite(sensor->store, false, &store, &err) < 0 ||
        nta_store_each(store, &query, sensor_on_head, ret_heads, &err) < 0)
        fail_msg("%s", err.text);
}

/** All of them follow, each is proved, and there are so many. */
static inline void sensor_holds(const struct sensor *sensor, size_t n)
{
    static struct sensor_heads heads;

    sensor_look(sensor, &heads);
    assert_int_equal(heads.n, n);
    assert_true(heads.follows);
    for (size_t i = 0; i < n; i++)
        if (!heads.heads[i].is_proved)
            fail_msg("batch %llu is not proved", (unsigned long long)heads.heads[i].header.number);
}
