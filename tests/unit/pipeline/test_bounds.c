/* SPDX-License-Identifier: Apache-2.0 */
/* memory.limit is divided, and what is said of each part is what is reserved for it. */
#include "pipeline/limits/bounds.h"
#include "pipeline/worker.h"
#include "unit.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GIB ((uint64_t)1 << 30)

static struct nta_config *config;
static struct nta_err err;

static int setup(void **state)
{
    (void)state;
    /* else what was freed once is used again, unseen */
    (void)mallopt(M_MMAP_THRESHOLD, 64 << 10); // NOLINT(concurrency-mt-unsafe): one thread
    return nta_config_new(&config, &err);
}

static int teardown(void **state)
{
    (void)state;
    nta_config_free(&config);
    return 0;
}

static struct nta_bounds bounds_for(size_t n_workers, size_t n_sources)
{
    struct nta_bounds bounds;

    assert_int_equal(nta_bounds_make(config, n_workers, n_sources, true, &bounds, &err), 0);
    return bounds;
}

static uint64_t sum_of(const struct nta_bounds *bounds)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < NTA_N_BOUNDS_ROWS; i++)
        sum += bounds->bytes[i];
    return sum;
}

static void as_configured_if_it_fits(void **state)
{
    const struct nta_bounds bounds = bounds_for(1, 1);

    (void)state;
    assert_true(bounds.share >= 1);
    assert_int_equal(bounds.flows, config->flow.flows);
    assert_int_equal(bounds.state_bytes, config->flow.state_bytes);
    assert_int_equal(bounds.buffer_bytes, config->capture.buffer_bytes);
    assert_int_equal(bounds.sum, sum_of(&bounds));
    assert_true(bounds.sum <= bounds.limit);
}

static void else_all_become_smaller_by_the_same_share(void **state)
{
    (void)state;
    config->flow.flows = 16 << 20;
    for (size_t n_workers = 1; n_workers <= 64; n_workers *= 4) {
        config->memory.limit_bytes = (n_workers < 16 ? 2 : 10) * GIB;
        const struct nta_bounds bounds = bounds_for(n_workers, 2);

        assert_true(bounds.share < 1);
        assert_int_equal(bounds.sum, sum_of(&bounds));
        assert_true(bounds.sum <= bounds.limit);
        assert_true(bounds.sum > bounds.limit - (bounds.limit >> 6));
        assert_true(bounds.flows < config->flow.flows && bounds.flows >= 1024);
        assert_true(bounds.bindings < config->who.bindings);
        assert_true(bounds.blocks >= 4 && bounds.blocks < config->capture.blocks);
    }
}

static void what_is_too_little_is_said_with_what_is_enough(void **state)
{
    struct nta_bounds bounds;
    unsigned long long least;

    (void)state;
    config->memory.limit_bytes = 64 << 20;
    assert_int_equal(nta_bounds_make(config, 4, 2, true, &bounds, &err), -E2BIG);
    const char *at = strstr(err.text, "at least ");

    assert_non_null(at);
    least = strtoull(at + strlen("at least "), NULL, 10);
    assert_true(least > 64);
    assert_non_null(strstr(err.text, "4 workers and 2 capture threads (of all interfaces)"));
    config->memory.limit_bytes = (least - 1) << 20;
    assert_int_equal(nta_bounds_make(config, 4, 2, true, &bounds, &err), -E2BIG);
    config->memory.limit_bytes = least << 20;
    assert_int_equal(nta_bounds_make(config, 4, 2, true, &bounds, &err), 0);
    assert_true(bounds.flows < 4096);
}

static void each_row_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NTA_N_BOUNDS_ROWS; i++)
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(nta_bounds_row_name(i), nta_bounds_row_name(k));
}

/* ---- what is reserved ---- */

static uint64_t reserved(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    (void)fclose(file);
    return strtoull(line, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/** By a pool (base/memory/pool.c). */
static uint64_t reserved_for_pool(size_t size, size_t bytes, size_t n_flows)
{
    const size_t n = nta_smaller(bytes / size, n_flows);
    struct nta_pool pool;

    assert_int_equal(nta_pool_init(&pool, size, n), 0);
    const uint64_t area_bytes = pool.area_bytes;

    nta_pool_done(&pool);
    return area_bytes;
}

/** Of parsers' states: a pool for each protocol, of which all together use what is allowed. */
static uint64_t reserved_for_states(size_t n_flows)
{
    uint64_t sum = 0;

    for (size_t i = 0; nta_protos[i]; i++) {
        sum += reserved_for_pool(nta_protos[i]->state_size, 64 << 20, n_flows);
        if (nta_protos[i]->extra_size)
            sum += reserved_for_pool(nta_protos[i]->extra_size, 16 << 20, n_flows);
    }
    return sum;
}

/** Tables as a worker's, of which it uses some flows and their states. */
static uint64_t reserved_for_listener(void)
{
    static struct nta_session_parts parts;
    const struct nta_session_options options = {
        .flow = {.n_flows = 4096, .stream_flow_bytes = 65536, .stream_all_bytes = 1 << 20},
        .listens = true,
    };
    const uint64_t before = reserved();

    assert_int_equal(nta_session_parts_init(&parts, &options, &err), 0);
    const uint64_t after = reserved();

    nta_session_parts_done(&parts);
    return after - before;
}

static uint64_t reserved_for_worker(const struct nta_bounds *bounds)
{
    static struct nta_owner whose;
    const struct nta_worker_options options = {
        .session =
            {
                .whose = &whose,
                .flow = {.n_flows = bounds->flows,
                         .stream_flow_bytes = 65536,
                         .stream_all_bytes = bounds->stream_bytes},
                .keep_bytes = bounds->packets_bytes,
                .hash_bytes = bounds->hash_bytes,
            },
        .n_bindings = bounds->bindings,
    };
    struct nta_worker *worker = NULL;
    const uint64_t before = reserved();

    assert_int_equal(nta_worker_new(&options, &worker, &err), 0);
    const uint64_t after = reserved();

    nta_worker_free(&worker);
    return after - before - reserved_for_states(bounds->flows) - reserved_for_listener();
}

/** So many of the rows are a worker's, if it is the only one, and nothing of them was used yet. */
static uint64_t said_of_worker(const struct nta_bounds *bounds)
{
    return bounds->bytes[NTA_BOUNDS_FLOWS] + bounds->bytes[NTA_BOUNDS_STREAMS] +
           bounds->bytes[NTA_BOUNDS_FILES] + bounds->bytes[NTA_BOUNDS_PACKETS] +
           bounds->bytes[NTA_BOUNDS_BINDINGS] + bounds->bytes[NTA_BOUNDS_TABLES];
}

static void check_near(const char *what, uint64_t is, uint64_t said)
{
    printf("%s: reserved %llu, said %llu\n", what, (unsigned long long)is,
           (unsigned long long)said);
    assert_true(is <= said);
    assert_true(is >= said / 10 * 7);
}

static void what_is_said_is_what_is_reserved(void **state)
{
    (void)state;
    config->memory.limit_bytes = 64 * GIB;
    const struct nta_bounds few = bounds_for(1, 1);
    const uint64_t of_few = reserved_for_worker(&few);

    check_near("a worker", of_few, said_of_worker(&few));
    config->flow.flows = 1 << 20;
    config->flow.stream_all_bytes = 128 << 20;
    config->who.bindings = 1 << 20;
    const struct nta_bounds many = bounds_for(1, 1);

    check_near("a worker with more", reserved_for_worker(&many), said_of_worker(&many));
}

int main(void)
{
#define ON_CONFIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        ON_CONFIG(as_configured_if_it_fits),
        ON_CONFIG(else_all_become_smaller_by_the_same_share),
        ON_CONFIG(what_is_too_little_is_said_with_what_is_enough),
        ON_CONFIG(each_row_has_a_name_of_its_own),
        ON_CONFIG(what_is_said_is_what_is_reserved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
