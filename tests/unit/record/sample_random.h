/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Random records from a seed, for tests. */

#include "record/sample.h"

static inline struct nta_place sample_random_place(struct sample_random *random)
{
    struct nta_place place = {
        .city = sample_text(random),
        .region = sample_text(random),
        .postal = sample_text(random),
        .country = sample_text(random),
        .as_org = sample_text(random),
        .site = sample_text(random),
        .accuracy_km = (uint32_t)(sample_next(random) & 0xff),
        .asn = (uint32_t)sample_next(random),
    };

    if (sample_next(random) & 1)
        memcpy(place.country_code, "ZZ", 3);
    if (sample_next(random) & 1) {
        place.has_position = true;
        place.lat = (double)((int64_t)(sample_next(random) % 180000001) - 90000000) / 1e6;
        place.lon = (double)((int64_t)(sample_next(random) % 360000001) - 180000000) / 1e6;
    }
    return place;
}

static inline struct nta_record_side sample_random_side(struct sample_random *random)
{
    struct nta_record_side side = {
        .port = (uint16_t)sample_next(random),
        .name = sample_text(random),
        .login = sample_text(random),
        .source = sample_text(random),
        .person = sample_text(random),
        .department = sample_text(random),
        .since_ns = (int64_t)sample_next(random),
        .device = sample_text(random),
        .strength = (uint8_t)(sample_next(random) % NTA_STRENGTH_END),
        .ipv4 = nta_addr_v4((const uint8_t *)sample_pool + sample_next(random) % 60),
        .place = sample_random_place(random),
    };

    if (sample_next(random) & 1)
        side.addr = nta_addr_v4((const uint8_t *)sample_pool + sample_next(random) % 60);
    else if (sample_next(random) & 1)
        side.addr = nta_addr_v6((const uint8_t *)sample_pool + sample_next(random) % 60);
    if (sample_next(random) & 1) {
        side.has_mac = true;
        memcpy(side.mac, sample_pool + sample_next(random) % 60, sizeof(side.mac));
    }
    return side;
}

static inline void sample_random_lists(struct sample_random *random, struct nta_record_buf *buf,
                                       struct nta_record *record)
{
    record->n_answers = sample_next(random) % 4;
    for (size_t i = 0; i < record->n_answers; i++) {
        buf->answers[i] = (struct nta_record_answer){.ttl_s = (uint32_t)sample_next(random)};
        if (sample_next(random) & 1) {
            buf->answers[i].type = 1;
            buf->answers[i].addr = nta_addr_v4((const uint8_t *)sample_pool + 3);
        } else {
            buf->answers[i].type = 5;
            buf->answers[i].target = sample_text(random);
        }
    }
    record->answers = record->n_answers ? buf->answers : NULL;
    record->n_losses = sample_next(random) % 3;
    for (size_t i = 0; i < record->n_losses; i++) {
        buf->losses[i].reason = sample_text(random);
        buf->losses[i].n = sample_next(random);
    }
    record->losses = record->n_losses ? buf->losses : NULL;
}

/** A record with each field random; its lists lie in `buf`. */
static inline struct nta_record sample_record(struct sample_random *random,
                                              struct nta_record_buf *buf)
{
    struct nta_record record = {
        .event = (enum nta_record_event)(1 + sample_next(random) % NTA_RECORD_PSEUDONYM),
        .time_ns = (int64_t)sample_next(random),
        .end_ns = (int64_t)(sample_next(random) >> 3),
        .user = sample_random_side(random),
        .peer = sample_random_side(random),
        .ip_proto = (uint8_t)sample_next(random),
        .app = (enum nta_app)(sample_next(random) % 21),
        .vlan = {.n = (uint8_t)(sample_next(random) % 3)},
        .site = sample_text(random),
        .basis = (enum nta_basis)(sample_next(random) % 6),
        .agrees = (uint8_t)(sample_next(random) % 8),
        .disagrees = (uint8_t)(sample_next(random) % 8),
        .hidden = sample_next(random) & 1,
        .carrier = sample_next(random) & 1,
        .told = sample_next(random) & 1,
        .one_way = sample_next(random) & 1,
        .gaps = sample_next(random) & 1,
        .mid_stream = sample_next(random) & 1,
        .shared = sample_next(random) & 1,
        .url = sample_text(random),
        .method = sample_text(random),
        .status = (uint16_t)sample_next(random),
        .file = {.name = sample_text(random),
                 .type = sample_text(random),
                 .bytes = sample_next(random),
                 .sha256 = sample_hash(random),
                 .kind = (uint8_t)(sample_next(random) % NTA_FILE_KIND_END),
                 .expected = sample_next(random),
                 .seen = sample_next(random),
                 .lost = sample_next(random),
                 .complete = sample_next(random) & 1,
                 .parts = (uint32_t)sample_next(random),
                 .no_hash = (uint8_t)(sample_next(random) % NTA_NO_HASH_END),
                 .said = sample_text(random)},
        .up = {sample_next(random), sample_next(random)},
        .down = {sample_next(random), sample_next(random)},
        .download = sample_next(random) & 1,
        .asked = true,
        .query_type = (uint16_t)sample_next(random),
        .rcode = (uint8_t)(sample_next(random) % 16),
        .answered = sample_next(random) & 1,
        .alpn = sample_text(random),
        .tls_version = sample_text(random),
        .ja4 = sample_text(random),
        .issuer = sample_text(random),
        .packets = sample_text(random),
        .about = sample_next(random) & 0xffff,
    };

    for (size_t i = 0; i < record.vlan.n; i++)
        record.vlan.ids[i] = (uint16_t)sample_next(random);
    if (sample_next(random) & 1)
        record.peer.vlan = record.vlan;
    record.match.list = sample_text(random);
    if (record.match.list.len) {
        record.match.category = sample_text(random);
        record.match.entry = sample_text(random);
        record.match.line = (uint32_t)sample_next(random);
        record.match.kind = (uint8_t)(sample_next(random) % 4);
        record.match.weak = sample_next(random) & 1;
        record.match.severity = (uint8_t)(sample_next(random) % 5);
        record.match.shared = sample_text(random);
        record.match.list_sha256 = sample_hash(random);
    }
    sample_random_lists(random, buf, &record);
    sample_random_more(random, buf, &record);
    return record;
}
