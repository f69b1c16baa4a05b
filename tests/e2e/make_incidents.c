/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store of records made up at random, for incidents: few users and entries, times that pause and
 * go on, out of order, connections told in parts, notes.
 *
 *     make_incidents DIR SEED RECORDS
 */
#include "base/hex.h"
#include "base/own.h"
#include "store/sealed_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN_NS INT64_C(1790812800000000000)
#define SECOND   INT64_C(1000000000)

static uint64_t random_state;

static uint32_t below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20) % n;
}

/** Kind as the record has it, entry, and a name that it forbids. */
static const struct
{
    unsigned kind;
    const char *entry, *site;
} entries[] = {
    {0, "bad.example", "files.bad.example"}, {0, "cdn.bad.example", "x.cdn.bad.example"},
    {0, "worse.co.uk", "www.worse.co.uk"},   {3, "www.bad.example/tool.exe", "www.bad.example"},
    {1, "192.0.2.7", "innocent.example"},    {2, "198.51.100.0/24", "198.51.100.9"},
    {7, "ads*.example", "ads7.example"},
};

static const char *const logins[] = {"", "", "", "ann", "bob"};
static const char *const devices[] = {"", "", "02:00:00:00:00:05"};

struct texts
{
    char file[32], id[96], note[32];
    uint64_t requests[2];
    struct nta_record_log log;
};

/** Bursts, with pauses about as long as those that count, and days that go on. */
static int64_t time_of(uint64_t i, uint64_t n)
{
    const uint64_t phase = i * 8 / n;
    const int64_t base = BEGIN_NS + (int64_t)phase * 36 * 3600 * SECOND;

    if (phase % 3 == 2) /* without a pause, for longer than a day */
        return base + (int64_t)(below(30 * 60)) * 60 * SECOND;
    return base + (int64_t)below(40) * (29 * 60 + (int64_t)below(120)) * SECOND +
           (int64_t)below(1000000000);
}

/** Connections of the same hour have the same few numbers. */
static uint64_t about_at(int64_t time_ns)
{
    return (uint64_t)(time_ns / (3600 * SECOND)) * 16 + below(8);
}

static void set_file(struct nta_record *record, struct texts *texts)
{
    record->act = (uint8_t)(below(5) ? NTA_ACT_DOWNLOADED : NTA_ACT_UPLOADED);
    record->download = record->act == NTA_ACT_DOWNLOADED && below(4);
    record->down.bytes = 1 + below(1 << 20);
    record->up.bytes = below(3000);
    (void)snprintf(texts->file, sizeof(texts->file), "file-%u.exe", below(1000));
    record->file = (struct nta_record_file){.name = nta_span_of(below(5) ? texts->file : ""),
                                            .bytes = below(3) ? record->down.bytes : 0};
}

static void set_event(struct nta_record *record, struct texts *texts)
{
    static const enum nta_app apps[] = {NTA_APP_HTTP, NTA_APP_TLS, NTA_APP_FTP};

    record->app = apps[below(3)];
    switch (below(8)) {
    case 0: record->event = NTA_RECORD_ALERT; break;
    case 1:
    case 2:
        record->event = NTA_RECORD_LOOKUP;
        record->app = NTA_APP_DNS;
        record->act = (uint8_t)(below(2) ? NTA_ACT_ASKED : 0);
        record->asked = true;
        break;
    case 3: record->event = NTA_RECORD_PACKETS; break;
    case 4:
        record->event = NTA_RECORD_DOWNLOAD;
        set_file(record, texts);
        texts->requests[0] = about_at(record->time_ns);
        texts->requests[1] = about_at(record->time_ns);
        record->requests = texts->requests;
        record->n_requests = 2;
        break;
    case 5:
        record->event = NTA_RECORD_REQUEST;
        if (below(2))
            set_file(record, texts);
        break;
    default:
        record->event = NTA_RECORD_FLOW;
        if (below(2))
            set_file(record, texts);
        record->told = below(2);
        break;
    }
}

static void make_record(struct nta_record *record, struct texts *texts, int64_t time_ns)
{
    const size_t entry = below(NTA_N_ELEMENTS(entries));

    *record = (struct nta_record){
        .time_ns = time_ns,
        .end_ns = below(3) ? 0 : time_ns + (int64_t)below(3000) * SECOND,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 9, 0, (uint8_t)below(3)}),
                 .login = nta_span_of(logins[below(NTA_N_ELEMENTS(logins))]),
                 .device = nta_span_of(devices[below(NTA_N_ELEMENTS(devices))]),
                 .since_ns = below(4) ? 0 : time_ns - (int64_t)below(7200) * SECOND},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 7}), .port = 443},
        .ip_proto = 6,
        .site = nta_span_of(entries[entry].site),
        .basis = (enum nta_basis)(1 + below(5)),
        .act = NTA_ACT_CONTACTED,
        .seen = (uint8_t)below(4),
        .about = below(2) ? about_at(time_ns) : 0,
        .match = {.list = nta_span_of(below(2) ? "malware" : "video"),
                  .entry = nta_span_of(entries[entry].entry),
                  .kind = (uint8_t)entries[entry].kind,
                  .line = 1 + below(3),
                  .severity = (uint8_t)below(5),
                  .weak = below(9) == 0},
    };
    if (below(9) == 0)
        record->network = (struct nta_record_network){NTA_NETWORK_KIND_VNI, 7};
    if (below(12) == 0)
        record->match = (struct nta_record_match){.kind = 0}; /* nothing forbids it */
    set_event(record, texts);
    if (record->event == NTA_RECORD_PACKETS && record->match.list.len == 0)
        record->event = NTA_RECORD_FLOW;
}

/** About a record of a batch that may be there. */
static void make_note(struct nta_record *record, struct texts *texts, const char *sensor,
                      int64_t time_ns)
{
    (void)snprintf(texts->id, sizeof(texts->id), "I-%s-%u-%u", sensor, 2 + below(20), below(40));
    (void)snprintf(texts->note, sizeof(texts->note), "word %u", below(1000));
    texts->log = (struct nta_record_log){.incident = nta_span_of(texts->id),
                                         .status = (uint8_t)(1 + below(4)),
                                         .note = nta_span_of(texts->note)};
    *record = (struct nta_record){.event = NTA_RECORD_NOTE, .time_ns = time_ns, .log = &texts->log};
}

static int fill(struct sealed_store *sealed, const char *dir, uint64_t n)
{
    int r = sealed_store_open(sealed, dir, BEGIN_NS);
    char sensor[2 * NTA_SENSOR_ID_LEN + 1] = "";

    sealed->n_each = 40;
    if (r == 0) {
        uint8_t id[NTA_SENSOR_ID_LEN];

        nta_sealer_get_sensor(sealed->sealer, id);
        (void)nta_hex_text(id, sizeof(id), sensor);
    }
    for (uint64_t i = 0; i < n && r == 0; i++) {
        struct nta_record record;
        struct texts texts;

        if (below(20))
            make_record(&record, &texts, time_of(i, n));
        else
            make_note(&record, &texts, sensor,
                      BEGIN_NS + (20 * 86400 + (int64_t)below(1000)) * SECOND);
        r = sealed_store_add(sealed, &record);
    }
    return r < 0 ? r : sealed_store_flush_all(sealed);
}

int main(int argc, char **argv)
{
    struct sealed_store sealed = {.err.text = "out of memory"};

    if (argc < 4) {
        (void)fprintf(stderr, "usage: make_incidents DIR SEED RECORDS\n");
        return 2;
    }
    random_state = 88172645463325252U ^ (strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15U);
    int r = fill(&sealed, argv[1], strtoull(argv[3], NULL, 10));

    if (r < 0)
        (void)fprintf(stderr, "make_incidents: %s\n", sealed.err.text);
    sealed_store_close(&sealed);
    return r < 0;
}
