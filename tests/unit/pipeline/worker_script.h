/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests: bytes become packets of a few connections, a worker takes them, and every record that
 * it makes must decode.  So parsers, flows, hand-overs, transfers, matching and records are tried
 * together.
 *
 * Script, repeated: a byte with the connection (4 bits), side (0x10), hole before it (0x20), FIN
 * (0x40) and hours gone by (0x80), a byte with the length of data (255: all that is left), the
 * data.  Hole and FIN at once are a SYN instead, with ACK if the length is odd, numbered before the
 * side's first byte, so that sides may be turned at any moment.  Connections are between the same
 * two hosts.  No record may count more than was sent.
 */

#include "config/config.h"
#include "pipeline/worker.h"
#include "record/json.h"
#include "script_packets.h"

#include <assert.h>
#include <string.h>

/** Each record that came out decodes and can be shown. */
static inline size_t script_take(const struct worker_script *script, struct nta_outbox *outbox)
{
    struct nta_batch *chunk;
    struct nta_record_buf buf;
    struct nta_record record;
    struct nta_buf line = {0};
    size_t n = 0;

    while ((chunk = nta_outbox_take(outbox))) {
        for (size_t i = 0; i < chunk->n_records; i++, n++) {
            bool is_good = nta_record_decode(nta_batch_record(chunk, i), &buf, &record);

            assert(is_good);
            assert(record.up.bytes <= script->n_bytes && record.up.packets <= script->n_packets);
            assert(record.down.bytes <= script->n_bytes &&
                   record.down.packets <= script->n_packets);
            nta_buf_clear(&line);
            nta_record_json(&line, &record, "x-1-1");
            assert(line.len > 2 && line.ptr[line.len - 1] == '}');
        }
        nta_outbox_give_back(outbox, chunk);
    }
    nta_buf_done(&line);
    return n;
}

/**
 * Once: a policy with a list that forbids "bad.example" and the hosts' network; what all runs
 * share.
 */
static inline void script_init(struct worker_script *script, const char *list_path)
{
    static struct nta_config *config;
    struct nta_policy *policy = NULL;
    struct nta_buf complaints = {0};
    struct nta_err err = {0};
    int r = nta_config_new(&config, NULL);

    assert(r == 0);
    config->blacklist.files[config->blacklist.n_files++] =
        (struct nta_config_list){.path = strdup(list_path), .any_owner = true};
    r = nta_policy_new(config, NULL, &policy, &complaints, &err);
    assert(r == 0);
    nta_epoch_init(&script->policies, policy);
}

/** A worker that waits for packets of `script`. */
static inline struct nta_worker *script_open(struct worker_script *script)
{
    const struct nta_flow_options flow = {
        .n_flows = 64, .stream_flow_bytes = 65536, .stream_all_bytes = 262144};
    struct nta_worker *worker = NULL;
    struct nta_err err = {0};
    int r = nta_dispatch_new(0, 1, 8, &script->dispatch, &err);

    script->decode =
        (struct nta_decode){.counters = &script->counters, .unknowns = &script->unknowns};
    script->wall_ns = INT64_C(1770000000) * 1000000000;
    memset(script->seq, 0, sizeof(script->seq));
    script->n_bytes = script->n_packets = 0;
    const struct nta_worker_options options = {
        .dispatches = &script->dispatch,
        .n_dispatches = 1,
        .policies = &script->policies,
        .recorder_wake = &script->recorder,
        .session = {.whose = &script->whose, .flow = flow, .keep_bytes = 16384},
        .n_bindings = 256,
    };

    r = r < 0 ? r : nta_worker_new(&options, &worker, &err);
    assert(r == 0);
    return worker;
}

/** Let it take what was put, and look at what it gives: the number of records. */
static inline size_t script_close(struct worker_script *script, struct nta_worker *worker)
{
    nta_dispatch_end(script->dispatch, script->wall_ns);
    (void)nta_worker_run(worker);
    const size_t n_records = script_take(script, &worker->outbox);

    nta_worker_free(&worker);
    nta_dispatch_free(&script->dispatch);
    return n_records;
}

/** One script through one worker; gives the number of records. */
static inline size_t script_run(struct worker_script *script, const uint8_t *data, size_t len)
{
    struct nta_worker *worker = script_open(script);

    for (size_t at = 0, n; at + 2 <= len; at += n) {
        uint8_t head = data[at], size = data[at + 1];

        at += 2;
        n = size == 255 || size > len - at ? len - at : size;
        n = n < SCRIPT_DATA_MAX ? n : SCRIPT_DATA_MAX;
        if (!script_step(script, head, data + at, n))
            break;
    }
    return script_close(script, worker);
}
