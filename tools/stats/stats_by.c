/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/stats_by.h"

#include "base/hash.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/registrable.h"
#include "record/counted.h"
#include "record/grade.h"
#include "record/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    /** What was done over a connection each of its requests did: they count, as files do. */
    DONE = NTA_PART_MORE | NTA_PART_FLAGS | NTA_PART_APP | NTA_PART_QUERY | NTA_PART_FILE,
    BUF_SIZE = 600,
    DOMAIN_SLOTS = 32768 ///< A power of two.
};

/**
 * Where a site's registrable part begins: asking the list takes as long as decoding five records.
 */
struct domain_slot
{
    uint64_t hash;
    uint16_t start, len;
};

struct nta_keyer
{
    struct nta_hash_key hash_key;
    struct domain_slot domains[DOMAIN_SLOTS];
    int64_t quarter; ///< The quarter of an hour that `tm` is of: zones change at whole ones.
    struct tm tm;
    struct nta_user_key user;
    uint8_t buf[BUF_SIZE];
};

struct nta_keyer *nta_keyer_new(void)
{
    struct nta_keyer *keyer = calloc(1, sizeof(*keyer));

    if (keyer && nta_hash_key_random(&keyer->hash_key) < 0)
        nta_keyer_free(&keyer);
    if (keyer)
        keyer->quarter = INT64_MIN;
    return keyer;
}

void nta_keyer_free(struct nta_keyer **keyer)
{
    free(*keyer);
    *keyer = NULL;
}

/* ---- keys ---- */

struct nta_span nta_keyer_user(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)nta_record_user_key(record, &keyer->user);
    return nta_user_key_span(&keyer->user);
}

/** "ann (10.0.0.5)", as a page has it; not in shown form. */
static struct nta_span call_user(struct nta_keyer *keyer, const struct nta_record *record)
{
    const struct nta_span name = nta_span_first(nta_record_called(&record->user), BUF_SIZE / 2);
    char addr[NTA_ADDR_TEXT_SIZE];
    char *end = (char *)keyer->buf + name.len;

    (void)nta_addr_text(&record->user.addr, addr);
    if (name.len)
        memcpy(keyer->buf, name.ptr, name.len);
    const int n = snprintf(end, BUF_SIZE / 2, name.len ? " (%s)" : "%s", addr);

    return (struct nta_span){keyer->buf, name.len + (n > 0 ? (size_t)n : 0)};
}

/** Where nothing calls it better. */
static void show_user(struct nta_buf *out, struct nta_span key)
{
    char text[NTA_ADDR_TEXT_SIZE];

    if (key.len > NTA_ADDR_LEN && key.ptr[0] == NTA_USER_ADDRESS) {
        const struct nta_addr addr = nta_addr_v6(key.ptr + key.len - NTA_ADDR_LEN);

        nta_buf_puts(out, nta_addr_text(&addr, text));
        return;
    }
    key = nta_span_from(key, 1);
    nta_buf_put(out, key.ptr, key.len);
}

/** In lower case, without a last dot. */
static struct nta_span fold(struct nta_keyer *keyer, struct nta_span text)
{
    if (text.len && text.ptr[text.len - 1] == '.')
        text.len--;
    if (text.len > BUF_SIZE)
        text.len = BUF_SIZE;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];

        keyer->buf[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
    }
    return (struct nta_span){.ptr = keyer->buf, .len = text.len};
}

static struct nta_span key_site(struct nta_keyer *keyer, const struct nta_record *record)
{
    return fold(keyer, record->site);
}

static struct nta_span key_domain(struct nta_keyer *keyer, const struct nta_record *record)
{
    struct nta_span site = fold(keyer, record->site), domain;
    uint64_t hash = nta_hash_bytes(&keyer->hash_key, site.ptr, site.len);
    struct domain_slot *slot = &keyer->domains[hash & (DOMAIN_SLOTS - 1)];

    if (site.len == 0)
        return site;
    if (slot->hash != hash || slot->len == 0) {
        domain = nta_registrable(site);
        *slot = (struct domain_slot){
            .hash = hash, .start = (uint16_t)(domain.ptr - site.ptr), .len = (uint16_t)domain.len};
    }
    return (struct nta_span){.ptr = site.ptr + slot->start, .len = slot->len};
}

static struct nta_span key_list(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return record->match.list;
}

static struct nta_span key_category(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return record->match.category;
}

static struct nta_span key_country(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return nta_span_of(nta_record_site_place(record)->country_code);
}

/** Both in a row, ", " between. */
static struct nta_span join(struct nta_keyer *keyer, struct nta_span one, struct nta_span two)
{
    size_t len = one.len < 255 ? one.len : 255, more = two.len < 255 ? two.len : 255;

    if (len)
        memcpy(keyer->buf, one.ptr, len);
    if (len && more) {
        memcpy(keyer->buf + len, ", ", 2);
        len += 2;
    }
    if (more)
        memcpy(keyer->buf + len, two.ptr, more);
    return (struct nta_span){.ptr = keyer->buf, .len = len + more};
}

static struct nta_span key_city(struct nta_keyer *keyer, const struct nta_record *record)
{
    const struct nta_place *place = nta_record_site_place(record);

    if (place->city.len == 0)
        return place->city;
    return join(keyer, place->city, nta_span_of(place->country_code));
}

/** The number in network order, then the name. */
static struct nta_span key_asn(struct nta_keyer *keyer, const struct nta_record *record)
{
    const struct nta_place *place = nta_record_site_place(record);
    size_t len = place->as_org.len < 200 ? place->as_org.len : 200;
    uint32_t number = htonl(place->asn);

    if (place->asn == 0)
        return (struct nta_span){0};
    memcpy(keyer->buf, &number, sizeof(number));
    if (len)
        memcpy(keyer->buf + sizeof(number), place->as_org.ptr, len);
    return (struct nta_span){.ptr = keyer->buf, .len = sizeof(number) + len};
}

static void show_asn(struct nta_buf *out, struct nta_span key)
{
    uint32_t number;

    if (key.len < sizeof(number))
        return;
    memcpy(&number, key.ptr, sizeof(number));
    nta_buf_printf(out, "AS%" PRIu32, ntohl(number));
    if (key.len > sizeof(number)) {
        nta_buf_puts(out, " ");
        nta_buf_put(out, key.ptr + sizeof(number), key.len - sizeof(number));
    }
}

static struct nta_span key_app(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return nta_span_of(nta_record_app((unsigned)record->app));
}

static struct nta_span key_act(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return nta_span_of(nta_act_name((uint8_t)nta_record_did(record)));
}

static struct nta_span key_seen(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return nta_span_of(nta_seen_name(record->seen));
}

static struct nta_span key_grade(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return nta_span_of(nta_record_has_grade(record) ? nta_grade_name(nta_record_grade(record))
                                                    : "");
}

static struct nta_span key_severity(struct nta_keyer *keyer, const struct nta_record *record)
{
    (void)keyer;
    return nta_span_of(nta_record_severity(record->match.severity));
}

static struct nta_span key_type(struct nta_keyer *keyer, const struct nta_record *record)
{
    struct nta_span type = nta_span_before(record->file.type, ';');

    while (type.len && type.ptr[type.len - 1] == ' ')
        type.len--;
    return fold(keyer, type);
}

static const struct tm *local(struct nta_keyer *keyer, int64_t wall_ns)
{
    const int64_t quarter_ns = 900 * NTA_NS_PER_S;
    int64_t quarter = wall_ns / quarter_ns - (wall_ns % quarter_ns < 0);
    time_t seconds = (time_t)(quarter * 900);

    if (quarter != keyer->quarter && localtime_r(&seconds, &keyer->tm))
        keyer->quarter = quarter;
    return &keyer->tm;
}

static struct nta_span key_hour(struct nta_keyer *keyer, const struct nta_record *record)
{
    int hour = local(keyer, record->time_ns)->tm_hour;

    memcpy(keyer->buf, "00:00", 5);
    keyer->buf[0] = (uint8_t)('0' + hour / 10);
    keyer->buf[1] = (uint8_t)('0' + hour % 10);
    return (struct nta_span){.ptr = keyer->buf, .len = 5};
}

/** Monday is "1". */
static struct nta_span key_weekday(struct nta_keyer *keyer, const struct nta_record *record)
{
    int day = local(keyer, record->time_ns)->tm_wday;

    keyer->buf[0] = (uint8_t)('1' + (day + 6) % 7);
    return (struct nta_span){.ptr = keyer->buf, .len = 1};
}

static void show_weekday(struct nta_buf *out, struct nta_span key)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};

    if (key.len == 1 && key.ptr[0] >= '1' && key.ptr[0] <= '7')
        nta_buf_puts(out, names[key.ptr[0] - '1']);
}

static struct nta_span key_day(struct nta_keyer *keyer, const struct nta_record *record)
{
    const struct tm *tm = local(keyer, record->time_ns);

    return (struct nta_span){
        .ptr = keyer->buf,
        .len = strftime((char *)keyer->buf, BUF_SIZE, "%Y-%m-%d", tm),
    };
}

static struct nta_span key_month(struct nta_keyer *keyer, const struct nta_record *record)
{
    struct nta_span day = key_day(keyer, record);

    return (struct nta_span){.ptr = day.ptr, .len = day.len > 3 ? day.len - 3 : 0};
}

/* ---- the rows ---- */

static const struct nta_by rows[] = {
    {"user", "USER", NTA_USER_KEY_PARTS, false, false, nta_keyer_user, show_user, call_user},
    {"site", "SITE", NTA_PART_SITE, false, false, key_site, NULL, NULL},
    {"registrable-domain", "DOMAIN", NTA_PART_SITE, false, false, key_domain, NULL, NULL},
    {"list", "LIST", NTA_PART_MATCH, false, true, key_list, NULL, NULL},
    {"category", "CATEGORY", NTA_PART_MATCH, false, true, key_category, NULL, NULL},
    {"country", "COUNTRY", NTA_SITE_PLACE_PARTS, false, false, key_country, NULL, NULL},
    {"city", "CITY", NTA_SITE_PLACE_PARTS, false, false, key_city, NULL, NULL},
    {"asn", "NETWORK", NTA_SITE_PLACE_PARTS, false, false, key_asn, show_asn, NULL},
    {"hour", "HOUR", 0, true, false, key_hour, NULL, NULL},
    {"weekday", "WEEKDAY", 0, true, false, key_weekday, show_weekday, NULL},
    {"day", "DAY", 0, true, false, key_day, NULL, NULL},
    {"month", "MONTH", 0, true, false, key_month, NULL, NULL},
    {"app", "APP", NTA_PART_APP, false, false, key_app, NULL, NULL},
    {"type", "TYPE", NTA_PART_FILE, false, true, key_type, NULL, NULL},
    {"act", "ACT", DONE, false, true, key_act, NULL, NULL},
    {"seen", "SEEN", DONE, false, true, key_seen, NULL, NULL},
    {"grade", "GRADE", NTA_GRADE_PARTS | NTA_PART_FILE, false, true, key_grade, NULL, NULL},
    {"severity", "SEVERITY", NTA_PART_MATCH, false, true, key_severity, NULL, NULL},
};

const struct nta_by *nta_by_find(const char *name, struct nta_err *err)
{
    char shown[64], names[256] = "";
    size_t len = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
        len += (size_t)snprintf(names + len, sizeof(names) - len, " %s", rows[i].name);
    }
    (void)nta_err_set(err, -EINVAL, "--by: \"%s\" is none of%s",
                      nta_text_escape_to(shown, sizeof(shown), nta_span_of(name)), names);
    return NULL;
}
