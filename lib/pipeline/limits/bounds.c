/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/limits/bounds.h"

#include "ring/dispatch.h"

#include <errno.h>

/*
 * What things take that have no bound of their own, and what one of those takes that have.  Held
 * against what is reserved by unit.pipeline.bounds.
 */
#define MIB ((uint64_t)1 << 20)

enum
{
    FLOW_BYTES = 2736,   ///< A connection with all that may hang on it, but for the rows below.
    PLACE_BYTES = 56,    ///< In the tables of a worker, for each that there may be in all.
    BINDING_BYTES = 256, ///< One, with its texts.
    SEGMENT_BYTES = 24,  ///< For each KiB of streams, in each worker.
    OUTBOX_BYTES = 12 << 20,
    RECORDER_BYTES = 92 << 20, ///< Batches that are open, and that wait for the store, packed too.
    SOURCE_BYTES = 20 << 20,
    WORKER_BYTES = 64 << 20,
    LISTENER_BYTES = 16 << 20, ///< Its flows: it makes no downloads and learns no names.
    PROGRAM_BYTES = 64 << 20,  ///< With its libraries, and what the store's needs.
    SEARCH_STEPS = 32,
};

/** The least of each bound with which everything works. */
static const struct nta_bounds least = {
    .flows = 1024,
    .stream_bytes = 1 << 20,
    .state_bytes = 4 << 20,
    .hash_bytes = 0,
    .packets_bytes = 0,
    .bindings = 1024,
    .blocks = 4,
    .buffer_bytes = 1 << 20,
};

/** What is configured, or a share of what is above the least. */
static uint64_t part(uint64_t configured, uint64_t lowest, double share)
{
    if (configured <= lowest || share >= 1)
        return configured;
    return lowest + (uint64_t)((double)(configured - lowest) * share);
}

static void set_bounds(struct nta_bounds *bounds, const struct nta_config *config, double share)
{
    bounds->share = share;
    bounds->flows = part(config->flow.flows, least.flows, share);
    bounds->stream_bytes = part(config->flow.stream_all_bytes, least.stream_bytes, share);
    bounds->state_bytes = part(config->flow.state_bytes, least.state_bytes, share);
    bounds->hash_bytes = part(config->record.hash_memory, least.hash_bytes, share);
    bounds->packets_bytes = part(config->record.packets_bytes, least.packets_bytes, share);
    bounds->bindings = part(config->who.bindings, least.bindings, share);
    bounds->blocks = part(config->capture.blocks, least.blocks, share);
    bounds->buffer_bytes = part(config->capture.buffer_bytes, least.buffer_bytes, share);
}

static void add_up(struct nta_bounds *bounds, uint64_t n_workers, uint64_t n_sources, bool is_live)
{
    uint64_t *bytes = bounds->bytes;

    bytes[NTA_BOUNDS_CAPTURE] = is_live ? n_sources * bounds->buffer_bytes : 0;
    bytes[NTA_BOUNDS_BLOCKS] = n_sources * n_workers * bounds->blocks * NTA_BLOCK_SIZE;
    bytes[NTA_BOUNDS_FRAGMENTS] = n_sources * SOURCE_BYTES;
    bytes[NTA_BOUNDS_FLOWS] = bounds->flows * (FLOW_BYTES + n_workers * PLACE_BYTES);
    bytes[NTA_BOUNDS_STREAMS] =
        bounds->stream_bytes + n_workers * (bounds->stream_bytes >> 10) * SEGMENT_BYTES;
    bytes[NTA_BOUNDS_STATES] = bounds->state_bytes;
    bytes[NTA_BOUNDS_FILES] = bounds->hash_bytes;
    bytes[NTA_BOUNDS_PACKETS] = bounds->packets_bytes;
    bytes[NTA_BOUNDS_BINDINGS] = n_workers * bounds->bindings * BINDING_BYTES;
    bytes[NTA_BOUNDS_TABLES] = n_workers * (WORKER_BYTES + LISTENER_BYTES);
    bytes[NTA_BOUNDS_RECORDS] = RECORDER_BYTES + n_workers * OUTBOX_BYTES;
    bytes[NTA_BOUNDS_PROGRAM] = PROGRAM_BYTES;
    bounds->sum = 0;
    for (size_t i = 0; i < NTA_N_BOUNDS_ROWS; i++)
        bounds->sum += bytes[i];
}

int nta_bounds_make(const struct nta_config *config, size_t n_workers, size_t n_sources,
                    bool is_live, struct nta_bounds *ret_bounds, struct nta_err *err)
{
    struct nta_bounds bounds = {.limit = config->memory.limit_bytes};
    double low = 0, high = 1;

    set_bounds(&bounds, config, high);
    add_up(&bounds, n_workers, n_sources, is_live);
    if (is_live && bounds.sum > bounds.limit) {
        for (int i = 0; i < SEARCH_STEPS; i++) {
            const double middle = (low + high) / 2;

            set_bounds(&bounds, config, middle);
            add_up(&bounds, n_workers, n_sources, is_live);
            *(bounds.sum > bounds.limit ? &high : &low) = middle;
        }
        set_bounds(&bounds, config, low);
        add_up(&bounds, n_workers, n_sources, is_live);
    }
    if (is_live && bounds.sum > bounds.limit)
        return nta_err_set(err, -E2BIG,
                           "memory.limit is %llu MiB, but %zu workers and %zu capture threads (of "
                           "all interfaces) need at least %llu MiB: raise it, or lower "
                           "capture.workers or capture.threads",
                           (unsigned long long)(bounds.limit / MIB), n_workers, n_sources,
                           (unsigned long long)((bounds.sum + MIB - 1) / MIB));
    *ret_bounds = bounds;
    return 0;
}

const char *nta_bounds_row_name(enum nta_bounds_row row)
{
    static const char *const names[] = {
#define ROW(name_, text_) [NTA_BOUNDS_##name_] = (text_),
        NTA_BOUNDS_ROWS(ROW)
#undef ROW
    };

    return names[row];
}
