/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the store that search.sh looks through.
 *
 *     search_driver make DIR N        N flows of ten users over ten days up to now, and the hostile
 *                                     ones
 *     search_driver add DIR SITE      one alert more, as a running sensor would
 *     search_driver ship DIR SOCKET   all that the journal holds into MySQL, and out of the
 *                                     journal, as the shipper does
 *     search_driver names             the hostile names in hexadecimal, one a line
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "store/sealed_store.h"
#include "store/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* NOLINTBEGIN(misc-misleading-bidirectional): hostile on purpose */
static const struct nta_span names[] = {
    NAME("=cmd|' /C calc'!A0"),
    NAME("+1+1"),
    NAME("-2+3"),
    NAME("@SUM(A1)"),
    NAME("a \"quoted\" name"),
    NAME("two\r\nlines\nof,text;here"),
    NAME("\033]0;title\007\033[31mred\033[2J"),
    NAME("right\xe2\x80\xaeto\xe2\x81\xa6left\xe2\x80\xa9"),
    NAME("nul\0inside"),
    NAME("not \xff\xfe utf-8 \xc3"),
    NAME("back\\slash \\x41"),
    NAME("</script><script>alert(1)</script>"),
    NAME("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.example"),
    NAME("\tTab first"),
    NAME("\xc2\x9b"
         "31m one byte CSI"),
};

/* NOLINTEND(misc-misleading-bidirectional) */

struct driver
{
    struct sealed_store sealed;
};

static void die(const struct driver *driver)
{
    (void)fprintf(stderr, "search_driver: %s\n", driver->sealed.err.text);
    exit(3);
}

static void commit(struct driver *driver)
{
    if (sealed_store_flush_all(&driver->sealed) < 0)
        die(driver);
}

static void add(struct driver *driver, const struct nta_record *record)
{
    if (sealed_store_add(&driver->sealed, record) < 0)
        die(driver);
}

static struct nta_record flow(unsigned i, int64_t time_ns, char site[64])
{
    static const char *const countries[] = {"BE", "DE", "NL"};
    struct nta_record record = {
        .event = NTA_RECORD_FLOW,
        .time_ns = time_ns,
        .end_ns = time_ns + NTA_NS_PER_S,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, (uint8_t)(1 + i % 10)})},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, (uint8_t)(80 + i % 5)}),
                 .port = 443},
        .ip_proto = 6,
        .app = NTA_APP_TLS,
        .basis = NTA_BASIS_SNI,
        .up = {.bytes = 100 + i % 7},
        .down = {.bytes = 1000 + i % 1013},
    };

    (void)snprintf(site, 64, "www.site-%u.example.co.uk", i % 37);
    record.site = nta_span_of(site);
    memcpy(record.peer.place.country_code, countries[i % 3], 3);
    return record;
}

static void add_hostile(struct driver *driver, struct nta_span name, int64_t time_ns)
{
    char site[64];
    struct nta_record record = flow(0, time_ns, site);

    record.event = NTA_RECORD_REQUEST;
    record.app = NTA_APP_HTTP;
    record.site = record.url = record.method = name;
    record.user.name = record.user.login = name;
    record.file = (struct nta_record_file){.name = name, .type = name};
    record.match = (struct nta_record_match){.list = name, .category = name, .entry = name};
    record.peer.place.city = record.peer.place.as_org = name;
    record.peer.place.asn = 64496;
    add(driver, &record);
}

static int make(struct driver *driver, unsigned n)
{
    int64_t now_ns = nta_clock_wall_ns(), span_ns = INT64_C(10) * 86400 * NTA_NS_PER_S;
    char site[64];

    for (unsigned i = 0; i < n; i++) {
        struct nta_record record = flow(i, now_ns - span_ns + span_ns / n * i, site);

        add(driver, &record);
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++)
        add_hostile(driver, names[i], now_ns - NTA_NS_PER_S);
    commit(driver);
    return 0;
}

static int add_one(struct driver *driver, const char *name)
{
    char site[64];
    struct nta_record record = flow(3, nta_clock_wall_ns(), site);

    record.event = NTA_RECORD_ALERT;
    record.end_ns = 0; /* a moment */
    record.site = nta_span_of(name);
    record.match = (struct nta_record_match){.list = nta_span_of("later")};
    add(driver, &record);
    commit(driver);
    return 0;
}

/** What is to be put where. */
struct shipment
{
    struct nta_store *to;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t last;
};

static int ship_key(void *owner, const struct nta_stored_key *stored, struct nta_err *err)
{
    const struct nta_wrapped_key *key = &stored->key;
    return nta_store_put_key(((struct shipment *)owner)->to, key, err);
}

static int ship_batch(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct shipment *shipment = owner;
    struct nta_store_place place;

    memcpy(shipment->sensor, batch->header.sensor, sizeof(shipment->sensor));
    shipment->last = batch->header.number;
    int r = nta_store_get_place(shipment->to, shipment->sensor, &place, err);

    return r < 0 ? r
                 : nta_store_append(shipment->to, &place.head, batch, 1, (struct nta_span){0}, err);
}

static int ship(struct driver *driver, const char *socket)
{
    const struct nta_mysql_options mysql = {
        .hosts = socket, .user = "root", .password = "", .database = "nta"};
    const struct nta_store_query all = {0};
    struct shipment shipment = {.last = 0};
    struct nta_store *journal = driver->sealed.store;
    struct nta_err *err = &driver->sealed.err;

    if (nta_store_open_mysql(&mysql, &shipment.to, err) < 0 ||
        nta_store_each_key(journal, ship_key, &shipment, err) < 0 ||
        nta_store_each(journal, &all, ship_batch, &shipment, err) < 0 ||
        nta_store_forget(journal, shipment.sensor, shipment.last, err) < 0)
        die(driver);
    nta_store_close(&shipment.to);
    return 0;
}

static int print_names(void)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        for (size_t k = 0; k < names[i].len; k++)
            (void)printf("%02x", names[i].ptr[k]);
        (void)puts("");
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct driver driver = {.sealed.err.text = ""};

    if (argc == 2 && strcmp(argv[1], "names") == 0)
        return print_names();
    if (argc != 4)
        return 2;
    if (sealed_store_open(&driver.sealed, argv[2], nta_clock_wall_ns()) < 0)
        die(&driver);
    int r = strcmp(argv[1], "make") == 0   ? make(&driver, (unsigned)strtoul(argv[3], NULL, 10))
            : strcmp(argv[1], "ship") == 0 ? ship(&driver, argv[3])
                                           : add_one(&driver, argv[3]);

    sealed_store_close(&driver.sealed);
    return r;
}
