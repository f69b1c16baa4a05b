/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What sample.h makes records of: a generator, random texts, and the random map `more`.
 */

#include "record/record.h"

#include <string.h>

#define TEXT_ROW(literal)                                                                          \
    {                                                                                              \
        .ptr = (const uint8_t *)(literal), .len = sizeof(literal) - 1                              \
    }
#define TEXT(literal) ((struct nta_span)TEXT_ROW(literal)) ///< Outside of static tables.

/** A deterministic generator (xorshift64*). */
struct sample_random
{
    uint64_t state; ///< Not zero.
};

static inline uint64_t sample_next(struct sample_random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(0x2545f4914f6cdd1d);
}

/** Bytes that random texts are cut from: plain, hostile and not UTF-8. */
/* NOLINTBEGIN(misc-misleading-bidirectional): hostile on purpose */
static const char sample_pool[] = "example.com laptop \"quoted\" back\\slash \x01\x1b[31m "
                                  "\xc3\xa9\xe2\x80\xae\xf0\x9f\x98\x80 \xff\xfe"
                                  "\xc0\xaf =cmd|' /C calc'!A0 </script> \x7f\xe2\x80\xa8 end";

/* NOLINTEND(misc-misleading-bidirectional) */

static inline struct nta_span sample_text(struct sample_random *random)
{
    size_t at = sample_next(random) % (sizeof(sample_pool) - 1);
    size_t len = sample_next(random) % (sizeof(sample_pool) - at);

    if (sample_next(random) & 1)
        return (struct nta_span){0};
    return (struct nta_span){.ptr = len ? (const uint8_t *)sample_pool + at : NULL, .len = len};
}

static inline struct nta_span sample_hash(struct sample_random *random)
{
    if (sample_next(random) & 1)
        return (struct nta_span){0};
    return (struct nta_span){.ptr = (const uint8_t *)sample_pool + sample_next(random) % 40,
                             .len = 32};
}

/** A log with some of everything; its lists lie in `buf`. */
static inline const struct nta_record_log *sample_random_log(struct sample_random *random,
                                                             struct nta_log_buf *buf)
{
    struct nta_record_log *log = &buf->log;

    *log = (struct nta_record_log){
        .version = sample_text(random),
        .build = sample_text(random),
        .config = sample_hash(random),
        .interfaces = buf->interfaces,
        .n_interfaces = sample_next(random) % 3,
        .lists = buf->lists,
        .n_lists = sample_next(random) % 3,
        .geo = buf->geo,
        .n_geo = sample_next(random) % 3,
        .home = buf->home,
        .n_home = sample_next(random) % 3,
        .inputs = buf->inputs,
        .n_inputs = sample_next(random) % 3,
        .blind = buf->blind,
        .n_blind = sample_next(random) % 3,
        .worst = buf->worst,
        .n_worst = sample_next(random) % 3,
        .clock = {sample_next(random) & 1, true, (uint32_t)sample_next(random)},
        .from_ns = (int64_t)sample_next(random),
        .to_ns = (int64_t)sample_next(random),
        .reason = (uint8_t)(sample_next(random) % NTA_GAP_REASON_END),
        .interface = sample_text(random),
        .actor = sample_text(random),
        .question = sample_text(random),
        .n_records = sample_next(random),
        .incident = sample_text(random),
        .status = (uint8_t)(sample_next(random) % NTA_STATUS_END),
        .note = sample_text(random),
    };
    for (size_t i = 0; i < 2; i++) {
        buf->interfaces[i] = (struct nta_log_interface){sample_text(random), sample_text(random),
                                                        sample_text(random)};
        buf->lists[i] = (struct nta_log_list){
            .name = sample_text(random),
            .category = sample_text(random),
            .entries = sample_next(random),
            .sha256 = sample_hash(random),
            .tree = sample_hash(random),
            .lines = sample_next(random),
            .allow = sample_next(random) & 1,
        };
        buf->geo[i] = (struct nta_log_database){sample_text(random), (int64_t)sample_next(random),
                                                sample_hash(random)};
        buf->home[i] = (struct nta_prefix){.addr = nta_addr_v4((const uint8_t *)sample_pool + i),
                                           .len = (uint8_t)(sample_next(random) % 129)};
        buf->inputs[i] =
            (struct nta_log_input){sample_text(random), sample_next(random), sample_hash(random)};
        buf->blind[i] = (struct nta_log_blind){sample_text(random), sample_next(random)};
        buf->worst[i] = (struct nta_log_worst){sample_text(random), sample_next(random),
                                               (int64_t)sample_next(random)};
    }
    return log;
}

/** The map `more`. */
static inline void sample_random_more(struct sample_random *random, struct nta_record_buf *buf,
                                      struct nta_record *record)
{
    record->opened_by = (uint8_t)(sample_next(random) % NTA_OPENED_BY_END);
    record->seen = (uint8_t)(sample_next(random) % NTA_SEEN_END);
    record->act = (uint8_t)(sample_next(random) % NTA_ACT_END);
    record->rule = (uint8_t)(sample_next(random) % NTA_RULE_END);
    record->initiator = (uint8_t)(sample_next(random) % NTA_INITIATOR_END);
    record->policy = sample_next(random);
    record->network.kind = (uint8_t)(sample_next(random) % NTA_NETWORK_KIND_END);
    record->network.id = record->network.kind ? sample_next(random) : 0;
    record->unasked = sample_next(random) & 1;
    record->limited = sample_next(random) & 1;
    record->doubts = (uint16_t)(sample_next(random) & ((1U << NTA_DOUBT_END) - 1));
    record->count = sample_next(random) % 5;
    record->binding = (struct nta_record_binding){
        .until_ns = (int64_t)sample_next(random),
        .how = sample_text(random),
        .client_id = sample_hash(random),
        .circuit = sample_text(random),
        .state = sample_text(random),
    };
    record->n_via = sample_next(random) % 3;
    record->n_conflicts = sample_next(random) % 3;
    record->n_requests = sample_next(random) % 3;
    for (size_t i = 0; i < 2; i++) {
        buf->via[i] = sample_text(random);
        buf->conflicts[i] = (struct nta_record_conflict){
            (uint8_t)(sample_next(random) % NTA_CONFLICT_KIND_END), sample_text(random)};
        buf->requests[i] = sample_next(random);
    }
    record->via = record->n_via ? buf->via : NULL;
    record->conflicts = record->n_conflicts ? buf->conflicts : NULL;
    record->requests = record->n_requests ? buf->requests : NULL;
    if (sample_next(random) & 1)
        record->log = sample_random_log(random, &buf->log);
}
