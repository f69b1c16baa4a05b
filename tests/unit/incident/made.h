/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Records made up for the tests of incidents, taken into one set. */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "incident/incident.h"
#include "unit.h"

#define SENSOR    "00112233445566778899aabbccddeeff"
#define BEGIN_NS  (INT64_C(1790812800) * NTA_NS_PER_S)
#define MINUTE_NS (60 * NTA_NS_PER_S)
#define HOUR_NS   (60 * MINUTE_NS)

static struct nta_incidents *set;
static struct nta_buf cbor;
static struct nta_err err;
static uint64_t n_made;

static int setup(void **state)
{
    (void)state;
    n_made = 0;
    return nta_incidents_new(&set, &err);
}

static int teardown(void **state)
{
    (void)state;
    nta_incidents_free(&set);
    nta_buf_done(&cbor);
    return 0;
}

/** A record of user 10.0.0.`user`, so long after the begin. */
static struct nta_record made(enum nta_record_event event, uint8_t user, int64_t after_ns)
{
    const struct nta_record record = {
        .event = event,
        .time_ns = BEGIN_NS + after_ns,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, user})},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 80})},
        .app = NTA_APP_HTTP,
        .site = nta_span_of("www.bad.example"),
        .basis = NTA_BASIS_URL,
        .act = NTA_ACT_CONTACTED,
        .seen = NTA_SEEN_ANSWERED,
        .match = {.list = nta_span_of("malware"), .entry = nta_span_of("bad.example"), .line = 17},
    };

    return record;
}

/** Take it in as record `number`-`index`. */
static inline void take_as(const struct nta_record *record, uint64_t number, uint64_t index)
{
    char id[NTA_INCIDENT_ID_SIZE];

    nta_buf_clear(&cbor);
    nta_record_encode(record, &cbor);
    (void)snprintf(id, sizeof(id), SENSOR "-%llu-%llu", (unsigned long long)number,
                   (unsigned long long)index);
    assert_int_equal(
        nta_incidents_add(set, record, nta_buf_span(&cbor), id, NTA_INCIDENT_FITS, &err), 0);
}

/** And as the next one. */
static inline void take(const struct nta_record *record)
{
    take_as(record, 1 + n_made / 100, n_made % 100);
    n_made++;
}

/** A file of so many bytes that was downloaded. */
static inline struct nta_record made_file(uint8_t user, int64_t after_ns, const char *name,
                                          uint64_t bytes)
{
    struct nta_record record = made(NTA_RECORD_REQUEST, user, after_ns);

    record.act = NTA_ACT_DOWNLOADED;
    record.download = true;
    record.down.bytes = bytes;
    record.file = (struct nta_record_file){.name = nta_span_of(name), .bytes = bytes};
    return record;
}

/** Settle; how many there are. */
static inline size_t settled(void)
{
    assert_int_equal(nta_incidents_settle(set, &err), 0);
    return nta_incidents_count(set);
}
