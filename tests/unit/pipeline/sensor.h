/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: a sensor in a scratch folder, and its commit. */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/commit/commit.h"
#include "pipeline/commit/key_state.h"
#include "pipeline/commit/state.h"
#include "policy/facts.h"
#include "unit.h"
#include "vault/vault.h"

#include <stdlib.h>
#include <string.h>

enum
{
    SENSOR_PATH = 160
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

/** In the sensor's folder. */
static inline void sensor_shell(const struct sensor *sensor, const char *script)
{
    char command[1024];

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
    int r = nta_commit_try(sensor->commit,
                           &(struct nta_commit_batch){.records = &batch, .is_last = is_last},
                           &committed, err);

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
