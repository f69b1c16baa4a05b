/* SPDX-License-Identifier: Apache-2.0 */
#include "output/fields.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/grade.h"
#include "record/names.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* ---- values ---- */

static void put_span(struct nta_buf *out, struct nta_span text)
{
    if (text.len)
        nta_buf_put(out, text.ptr, text.len);
}

static void put_number(struct nta_buf *out, uint64_t number)
{
    if (number)
        nta_buf_printf(out, "%" PRIu64, number);
}

static void put_time(struct nta_buf *out, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    if (wall_ns)
        nta_buf_puts(out, nta_clock_text(wall_ns, text));
}

static void put_addr(struct nta_buf *out, const struct nta_addr *addr)
{
    static const struct nta_addr unknown;
    char text[NTA_ADDR_TEXT_SIZE];

    if (!nta_addr_equal(addr, &unknown))
        nta_buf_puts(out, nta_addr_text(addr, text));
}

static void put_flag(struct nta_buf *out, bool is_set)
{
    nta_buf_puts(out, is_set ? "yes" : "");
}

/** A function `put_NAME(out, found)` whose body sees the record as `r`. */
#define VALUE(name, statement)                                                                     \
    static void put_##name(struct nta_buf *out, const struct nta_found *found)                     \
    {                                                                                              \
        const struct nta_record *r = found->record;                                                \
                                                                                                   \
        (void)r;                                                                                   \
        statement;                                                                                 \
    }

VALUE(began, put_time(out, r->time_ns))
VALUE(end, put_time(out, r->end_ns))
VALUE(event, nta_buf_puts(out, nta_record_event_name(r->event)))
VALUE(user, put_addr(out, &r->user.addr))
VALUE(user_port, put_number(out, r->user.port))
VALUE(name, put_span(out, r->user.name))
VALUE(login, put_span(out, r->user.login))
VALUE(peer, put_addr(out, &r->peer.addr))
VALUE(peer_port, put_number(out, r->peer.port))
VALUE(peer_name, put_span(out, r->peer.name))
VALUE(app, nta_buf_puts(out, nta_record_app((unsigned)r->app)))
VALUE(site, put_span(out, r->site))
VALUE(basis, nta_buf_puts(out, nta_basis_name(r->basis)))
VALUE(url, put_span(out, r->url))
VALUE(method, put_span(out, r->method))
VALUE(status, put_number(out, r->status))
VALUE(file, put_span(out, r->file.name))
VALUE(file_type, put_span(out, r->file.type))
VALUE(up_bytes, put_number(out, r->up.bytes))
VALUE(down_bytes, put_number(out, r->down.bytes))
VALUE(bytes, put_number(out, r->up.bytes + r->down.bytes))
VALUE(list, put_span(out, r->match.list))
VALUE(category, put_span(out, r->match.category))
VALUE(entry, put_span(out, r->match.entry))
VALUE(line, put_number(out, r->match.line))
VALUE(weak, put_flag(out, r->match.weak))
VALUE(download, put_flag(out, r->download))
VALUE(hidden, put_flag(out, r->hidden))
VALUE(country, nta_buf_puts(out, r->peer.place.country_code))
VALUE(city, put_span(out, r->peer.place.city))
VALUE(region, put_span(out, r->peer.place.region))
VALUE(asn, put_number(out, r->peer.place.asn))
VALUE(as_org, put_span(out, r->peer.place.as_org))
VALUE(place, put_span(out, r->user.place.site))
VALUE(grade, nta_buf_puts(out, nta_grade_name(nta_record_grade(r))))
VALUE(alpn, put_span(out, r->alpn))
VALUE(tls_version, put_span(out, r->tls_version))
VALUE(ja4, put_span(out, r->ja4))
VALUE(issuer, put_span(out, r->issuer))

static void put_unverified(struct nta_buf *out, const struct nta_found *found)
{
    nta_buf_puts(out, found->unverified ? found->unverified : "");
}

static void put_id(struct nta_buf *out, const struct nta_found *found)
{
    char buf[NTA_FOUND_ID_SIZE];

    nta_buf_puts(out, nta_found_id(found, buf));
}

static void put_mac(struct nta_buf *out, const struct nta_found *found)
{
    const uint8_t *mac = found->record->user.mac;

    if (found->record->user.has_mac)
        nta_buf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                       mac[5]);
}

static void put_transport(struct nta_buf *out, const struct nta_found *found)
{
    char buf[NTA_RECORD_NAME_SIZE];

    if (found->record->ip_proto)
        nta_buf_puts(out, nta_record_transport(found->record->ip_proto, buf));
}

static void put_query(struct nta_buf *out, const struct nta_found *found)
{
    char buf[NTA_RECORD_NAME_SIZE];

    if (found->record->query_type)
        nta_buf_puts(out, nta_record_dns_type(found->record->query_type, buf));
}

/** The best name of the user: login, host name, address. */
static void put_who(struct nta_buf *out, const struct nta_found *found)
{
    const struct nta_record_side *user = &found->record->user;

    if (user->login.len || user->name.len)
        put_span(out, user->login.len ? user->login : user->name);
    else
        put_addr(out, &user->addr);
}

/** The server's name, or its address. */
static void put_server(struct nta_buf *out, const struct nta_found *found)
{
    const struct nta_record_side *peer = &found->record->peer;

    if (peer->name.len)
        put_span(out, peer->name);
    else
        put_addr(out, &peer->addr);
}

static void put_losses(struct nta_buf *out, const struct nta_record *record)
{
    nta_buf_puts(out, record->n_losses ? "" : "nothing lost");
    for (size_t i = 0; i < record->n_losses; i++) {
        nta_buf_puts(out, i ? ", " : "");
        put_span(out, record->losses[i].reason);
        nta_buf_printf(out, " %" PRIu64, record->losses[i].n);
    }
}

/** What was fetched, visited or asked for, in one cell. */
static void put_what(struct nta_buf *out, const struct nta_found *found)
{
    const struct nta_record *record = found->record;

    if (record->event == NTA_RECORD_LOSS) {
        put_losses(out, record);
        return;
    }
    if (record->method.len) {
        put_span(out, record->method);
        nta_buf_put_u8(out, ' ');
    }
    put_span(out, record->url.len ? record->url : record->site);
    if (record->query_type) {
        nta_buf_put_u8(out, ' ');
        put_query(out, found);
    }
}

/* ---- the table ---- */

enum
{
    ALONE = 1, ///< In CSV without --fields.
    MADE = 0   ///< Made of others, or only there on demand.
};

struct row
{
    struct nta_field field;
    int in_csv;
};

/* name, title, kind, least and wished width, grows, rank, value */
#define TEXT(name, title, least, wish, grows, rank)                                                \
    {                                                                                              \
#        name, title, NTA_FIELD_TEXT, least, wish, grows, rank, put_##name                         \
    }
#define PLAIN(name, title, kind, least, rank)                                                      \
    {                                                                                              \
#        name, title, kind, least, least, false, rank, put_##name                                  \
    }

static const struct row rows[] = {
    {TEXT(id, "ID", 38, 44, false, 9), ALONE},
    {{"time", "TIME", NTA_FIELD_TIME, 19, 19, false, 0, put_began}, ALONE},
    {PLAIN(end, "END", NTA_FIELD_TIME, 19, 6), ALONE},
    {TEXT(event, "EVENT", 7, 7, false, 5), ALONE},
    {TEXT(user, "USER", 13, 15, false, 1), ALONE},
    {PLAIN(user_port, "PORT", NTA_FIELD_NUMBER, 5, 8), ALONE},
    {TEXT(mac, "MAC", 17, 17, false, 8), ALONE},
    {TEXT(name, "NAME", 8, 15, false, 3), ALONE},
    {TEXT(login, "LOGIN", 8, 12, false, 3), ALONE},
    {TEXT(peer, "SERVER", 13, 15, false, 7), ALONE},
    {PLAIN(peer_port, "PORT", NTA_FIELD_NUMBER, 5, 8), ALONE},
    {TEXT(transport, "IP", 4, 4, false, 8), ALONE},
    {TEXT(app, "APP", 5, 5, false, 6), ALONE},
    {TEXT(site, "SITE", 12, 30, true, 0), ALONE},
    {TEXT(basis, "BASIS", 7, 7, false, 7), ALONE},
    {TEXT(url, "URL", 16, 40, true, 1), ALONE},
    {TEXT(method, "METHOD", 6, 6, false, 7), ALONE},
    {PLAIN(status, "STATUS", NTA_FIELD_NUMBER, 6, 7), ALONE},
    {TEXT(file, "FILE", 8, 20, true, 3), ALONE},
    {TEXT(file_type, "TYPE", 8, 20, false, 5), ALONE},
    {PLAIN(up_bytes, "UP", NTA_FIELD_SIZE, 9, 5), ALONE},
    {PLAIN(down_bytes, "DOWN", NTA_FIELD_SIZE, 9, 3), ALONE},
    {TEXT(list, "LIST", 6, 16, false, 2), ALONE},
    {TEXT(category, "CATEGORY", 8, 12, false, 6), ALONE},
    {TEXT(entry, "ENTRY", 8, 24, true, 4), ALONE},
    {PLAIN(line, "LINE", NTA_FIELD_NUMBER, 6, 8), ALONE},
    {PLAIN(weak, "WEAK", NTA_FIELD_FLAG, 4, 7), ALONE},
    {PLAIN(download, "DOWNLOAD", NTA_FIELD_FLAG, 8, 6), ALONE},
    {TEXT(country, "CC", 2, 2, false, 4), ALONE},
    {TEXT(city, "CITY", 8, 16, false, 6), ALONE},
    {PLAIN(asn, "AS", NTA_FIELD_NUMBER, 7, 8), ALONE},
    {TEXT(as_org, "NETWORK", 8, 20, true, 8), ALONE},
    {TEXT(grade, "GRADE", 6, 6, false, 5), ALONE},
    {TEXT(who, "USER", 8, 15, false, 1), MADE},
    {TEXT(what, "WHAT", 16, 32, true, 0), MADE},
    {PLAIN(bytes, "BYTES", NTA_FIELD_SIZE, 9, 3), MADE},
    {TEXT(server, "SERVER", 13, 15, true, 7), MADE},
    {TEXT(peer_name, "SERVER", 12, 24, true, 3), MADE},
    {TEXT(query, "QUERY", 5, 5, false, 7), MADE},
    {TEXT(region, "REGION", 8, 16, false, 8), MADE},
    {TEXT(place, "PLACE", 8, 16, false, 7), MADE},
    {PLAIN(hidden, "HIDDEN", NTA_FIELD_FLAG, 6, 7), MADE},
    {TEXT(alpn, "ALPN", 8, 8, false, 8), MADE},
    {TEXT(tls_version, "TLS", 7, 7, false, 8), MADE},
    {TEXT(ja4, "JA4", 12, 36, false, 8), MADE},
    {TEXT(issuer, "ISSUER", 12, 24, true, 8), MADE},
    {TEXT(unverified, "UNVERIFIED", 10, 10, false, 0), MADE},
};

static_assert(NTA_N_ELEMENTS(rows) <= NTA_FIELDS_MAX, "every field has space in a list");

static const struct nta_field *find(const char *name, size_t len)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (strlen(rows[i].field.name) == len && strncasecmp(rows[i].field.name, name, len) == 0)
            return &rows[i].field;
    }
    return NULL;
}

void nta_fields_list(struct nta_buf *out, const char *indent)
{
    enum
    {
        WIDTH = 76
    };

    size_t column = WIDTH;

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        size_t len = strlen(rows[i].field.name) + 1;
        bool wraps = column + len > WIDTH;

        if (wraps)
            nta_buf_puts(out, i ? "\n" : "");
        nta_buf_puts(out, wraps ? indent : " ");
        nta_buf_puts(out, rows[i].field.name);
        column = wraps ? strlen(indent) + len - 1 : column + len;
    }
}

int nta_fields_parse(const char *text, struct nta_fields *ret_fields, struct nta_err *err)
{
    struct nta_fields fields = {.n = 0};

    for (const char *pos = text;; pos++) {
        size_t len = strcspn(pos, ",");
        const struct nta_field *field = find(pos, len);
        char shown[64];

        if (!field)
            return nta_err_set(err, -EINVAL,
                               "--fields: \"%s\" is no field; `nta records --help` lists them",
                               nta_text_escape_to(shown, sizeof(shown),
                                                  (struct nta_span){(const uint8_t *)pos, len}));
        if (fields.n == NTA_FIELDS_MAX)
            return nta_err_set(err, -EINVAL, "--fields: at most %d", NTA_FIELDS_MAX);
        fields.fields[fields.n++] = field;
        pos += len;
        if (*pos == '\0')
            break;
    }
    *ret_fields = fields;
    return 0;
}

struct nta_fields nta_fields_all(void)
{
    struct nta_fields fields = {.n = 0};

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (rows[i].in_csv == ALONE)
            fields.fields[fields.n++] = &rows[i].field;
    }
    return fields;
}

void nta_fields_mark(struct nta_fields *fields)
{
    const struct nta_field *mark = &rows[NTA_N_ELEMENTS(rows) - 1].field;

    for (size_t i = 0; i < fields->n; i++) {
        if (fields->fields[i] == mark)
            return;
    }
    if (fields->n == NTA_FIELDS_MAX)
        fields->n--;
    fields->fields[fields->n++] = mark;
}

struct nta_fields nta_fields_table(bool alerts)
{
    struct nta_fields fields = {.n = 0};
    struct nta_err err;

    (void)nta_fields_parse(alerts ? "time,who,what,list,server,country,grade"
                                  : "time,who,event,app,what,bytes,server,country,list,grade",
                           &fields, &err);
    return fields;
}

/* ---- CSV and JSON ---- */

static bool is_text(const struct nta_field *field)
{
    return field->kind == NTA_FIELD_TEXT || field->kind == NTA_FIELD_FLAG;
}

void nta_fields_csv_head(struct nta_buf *out, const struct nta_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        nta_buf_printf(out, "%s%s", i ? "," : "", fields->fields[i]->name);
    nta_buf_puts(out, "\n");
}

void nta_fields_csv(struct nta_buf *out, const struct nta_fields *fields,
                    const struct nta_found *found)
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};

    for (size_t i = 0; i < fields->n; i++) {
        const struct nta_field *field = fields->fields[i];

        nta_buf_puts(out, i ? "," : "");
        if (!is_text(field)) {
            field->put(out, found);
            continue;
        }
        nta_buf_clear(&value);
        field->put(&value, found);
        nta_text_csv(out, nta_buf_span(&value));
    }
    nta_buf_puts(out, "\n");
}

void nta_fields_json(struct nta_buf *out, const struct nta_fields *fields,
                     const struct nta_found *found)
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};
    bool is_first = true;

    nta_buf_puts(out, "{");
    for (size_t i = 0; i < fields->n; i++) {
        const struct nta_field *field = fields->fields[i];

        nta_buf_clear(&value);
        field->put(&value, found);
        if (value.len == 0)
            continue;
        nta_buf_printf(out, "%s\"%s\":", is_first ? "" : ",", field->name);
        is_first = false;
        if (field->kind == NTA_FIELD_FLAG)
            nta_buf_puts(out, "true");
        else if (field->kind == NTA_FIELD_NUMBER || field->kind == NTA_FIELD_SIZE)
            nta_buf_put(out, value.ptr, value.len);
        else
            nta_text_json(out, nta_buf_span(&value));
    }
    nta_buf_puts(out, "}");
}
