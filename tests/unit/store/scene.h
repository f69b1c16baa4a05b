/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An SQLite store in a folder of its own, for each test. */

#include "store/fixture.h"
#include "store/walk.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

/* cmocka needs the ones above first */
#include <cmocka.h>

/** A folder and what each test uses. */
struct scene
{
    char folder[64];
    char path[96];
    struct nta_store *store;
    struct sample sample;
    struct sample_seen seen;
    struct nta_err err;
};

static const uint8_t scene_sensor[NTA_SENSOR_ID_LEN] = {1, 1, 1, 1, 1, 1, 1, 1,
                                                        1, 1, 1, 1, 1, 1, 1, 1};

static inline int scene_set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    if (!scene)
        return -1;
    (void)snprintf(scene->folder, sizeof(scene->folder), "/tmp/nta-store-XXXXXX");
    if (!mkdtemp(scene->folder))
        return -1;
    (void)snprintf(scene->path, sizeof(scene->path), "%s/journal.db", scene->folder);
    *state = scene;
    return nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err);
}

static inline int scene_tear_down(void **state)
{
    struct scene *scene = *state;
    DIR *folder = opendir(scene->folder);
    const struct dirent *entry;

    nta_store_close(&scene->store);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread a folder */
    while (folder && (entry = readdir(folder)))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        (void)closedir(folder);
    (void)rmdir(scene->folder);
    free(scene);
    return 0;
}

static inline int scene_put(struct scene *scene, const struct sample_plan *plan)
{
    sample_make(&scene->sample, plan, plan->number == 1 ? NULL : scene->sample.hash);
    return nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err);
}

static inline void scene_put_some(struct scene *scene, uint64_t from, uint64_t to, size_t body_len)
{
    for (uint64_t i = from; i <= to; i++)
        assert_int_equal(
            scene_put(scene, &(struct sample_plan){.sensor = 1, .number = i, .body_len = body_len}),
            0);
}

static inline void scene_collect(struct scene *scene, const struct nta_store_query *query)
{
    scene->seen = (struct sample_seen){0};
    assert_int_equal(nta_store_each(scene->store, query, sample_collect, &scene->seen, &scene->err),
                     0);
}
