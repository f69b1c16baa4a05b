/* SPDX-License-Identifier: Apache-2.0 */
#include "output/fields.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "output/colour.h"
#include "record/json.h"
#include "record/names.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum
{
    HTTP_PART = 206 ///< RFC 9110 section 15.3.7.
};

/* ---- what is made of several fields ---- */

static void put_span(struct nta_buf *out, struct nta_span text)
{
    if (text.len)
        nta_buf_put(out, text.ptr, text.len);
}

static void put_addr(struct nta_buf *out, const struct nta_addr *addr)
{
    static const struct nta_addr unknown;
    char text[NTA_ADDR_TEXT_SIZE];

    if (!nta_addr_equal(addr, &unknown))
        nta_buf_puts(out, nta_addr_text(addr, text));
}

static void put_bytes(struct nta_buf *out, const struct nta_found *found)
{
    uint64_t bytes = found->record->up.bytes + found->record->down.bytes;

    if (bytes)
        nta_buf_printf(out, "%" PRIu64, bytes);
}

/** From the first to the last of it, in seconds. */
static void put_duration(struct nta_buf *out, const struct nta_found *found)
{
    const struct nta_record *record = found->record;

    if (record->end_ns > record->time_ns)
        nta_buf_printf(out, "%.3f", (double)(record->end_ns - record->time_ns) / 1e9);
}

/** Content a second. */
static void put_rate(struct nta_buf *out, const struct nta_found *found)
{
    const struct nta_record *record = found->record;
    const double seconds = (double)(record->end_ns - record->time_ns) / 1e9;

    if (seconds > 0 && record->file.bytes > 0)
        nta_buf_printf(out, "%.0f", (double)record->file.bytes / seconds);
}

/** Of one request's answer less came than it announced; a part (206) is as long as it says. */
static bool is_cut_short(const struct nta_record *record)
{
    const struct nta_record_file *file = &record->file;

    return record->event == NTA_RECORD_REQUEST && record->status != HTTP_PART && !file->complete &&
           file->expected > 0 && file->seen < file->expected && file->lost == 0;
}

/** "no" of what broke off: less came than was announced. */
static void put_complete(struct nta_buf *out, const struct nta_found *found)
{
    const struct nta_record *record = found->record;
    const bool is_short = nta_record_is_broken_off(&record->file) || is_cut_short(record);

    nta_buf_puts(out, record->file.complete ? "yes" : is_short ? "no" : "");
}

static void put_unverified(struct nta_buf *out, const struct nta_found *found)
{
    nta_buf_puts(out, found->unverified ? found->unverified : "");
}

static void put_id(struct nta_buf *out, const struct nta_found *found)
{
    char buf[NTA_FOUND_ID_SIZE];

    nta_buf_puts(out, nta_found_id(found, buf));
}

/** The best name of the user, or the address. */
static void put_who(struct nta_buf *out, const struct nta_found *found)
{
    const struct nta_record_side *user = &found->record->user;

    if (nta_record_called(user).len)
        put_span(out, nta_record_called(user));
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
    char name[NTA_RECORD_NAME_SIZE];

    if (record->event == NTA_RECORD_LOSS) {
        put_losses(out, record);
        return;
    }
    if (record->file.name.len && record->site.len) {
        put_span(out, record->site);
        nta_buf_puts(out, ": ");
        put_span(out, record->file.name);
        return;
    }
    put_span(out, record->url.len ? record->url : record->site);
    if (record->query_type)
        nta_buf_printf(out, " %s", nta_record_dns_type(record->query_type, name));
}

/* ---- the columns ---- */

struct made
{
    struct nta_column column;
    enum nta_field_kind kind;
    void (*make)(struct nta_buf *out, const struct nta_found *found);
};

/* Rows: place, only if asked for, name, title, widths, whether it grows, rank, kind, maker. */
#define MADE(ROW)                                                                                  \
    ROW(0, false, "id", "ID", 38, 44, false, 9, NTA_FIELD_TEXT, put_id)                            \
    ROW(33, true, "who", "USER", 8, 15, false, 1, NTA_FIELD_TEXT, put_who)                         \
    ROW(34, true, "what", "WHAT", 16, 32, true, 0, NTA_FIELD_TEXT, put_what)                       \
    ROW(35, true, "bytes", "BYTES", 9, 9, false, 3, NTA_FIELD_SIZE, put_bytes)                     \
    ROW(36, true, "server", "SERVER", 13, 15, true, 7, NTA_FIELD_TEXT, put_server)                 \
    ROW(58, false, "complete", "COMPLETE", 8, 8, false, 7, NTA_FIELD_FLAG, put_complete)           \
    ROW(59, true, "duration", "SECONDS", 8, 9, false, 7, NTA_FIELD_NUMBER, put_duration)           \
    ROW(60, true, "rate", "PER SEC", 9, 9, false, 7, NTA_FIELD_SIZE, put_rate)                     \
    ROW(63, true, "unverified", "UNVERIFIED", 10, 10, false, 0, NTA_FIELD_TEXT, put_unverified)

static const struct made made[] = {
#define MADE_ROW(at, asked, name, title, least, wish, grows, rank, kind, make)                     \
    {{at, asked, name, title, least, wish, grows, rank}, kind, make},
    MADE(MADE_ROW)
#undef MADE_ROW
};

/* Places are chosen in two files: one that a row of record/fields.inc has does not compile. */
enum
{
#define MADE_PLACE(at, ...) NTA_COLUMN_PLACE(at),
    MADE(MADE_PLACE)
#undef MADE_PLACE
};

static_assert(NTA_FIELDS_PLACES == 64, "the mark of what does not hold has the last place");

void nta_field_put(struct nta_buf *out, const struct nta_field *field,
                   const struct nta_found *found)
{
    if (field->row)
        field->row->type->put(out, nta_record_field_value(field->row, found->record, field->peer));
    else
        field->make(out, found);
}

static bool is_at(const struct nta_column *column, unsigned place)
{
    return column->name && column->at == place;
}

/** The column of this place; false: none has it. */
static bool field_at(unsigned place, struct nta_field *ret_field)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(made); i++) {
        if (is_at(&made[i].column, place)) {
            *ret_field = (struct nta_field){
                .column = &made[i].column, .kind = made[i].kind, .make = made[i].make};
            return true;
        }
    }
    for (size_t i = 0; i < NTA_N_RECORD_ROWS; i++) {
        const struct nta_record_field *row = &nta_record_fields[i];
        bool peer = is_at(&row->peer_column, place);

        if (!peer && !is_at(&row->column, place))
            continue;
        *ret_field = (struct nta_field){.column = peer ? &row->peer_column : &row->column,
                                        .kind = row->type->kind,
                                        .row = row,
                                        .peer = peer};
        return true;
    }
    return false;
}

static bool find(const char *name, size_t len, struct nta_field *ret_field)
{
    for (unsigned place = 0; place < NTA_FIELDS_PLACES; place++) {
        if (field_at(place, ret_field) && strlen(ret_field->column->name) == len &&
            strncasecmp(ret_field->column->name, name, len) == 0)
            return true;
    }
    return false;
}

void nta_fields_list(struct nta_buf *out, const char *indent)
{
    enum
    {
        WIDTH = 76
    };

    size_t column = WIDTH;
    struct nta_field field;

    for (unsigned place = 0; place < NTA_FIELDS_PLACES; place++) {
        if (!field_at(place, &field))
            continue;
        size_t len = strlen(field.column->name) + 1;
        bool wraps = column + len > WIDTH;

        if (wraps)
            nta_buf_puts(out, place ? "\n" : "");
        nta_buf_puts(out, wraps ? indent : " ");
        nta_buf_puts(out, field.column->name);
        column = wraps ? strlen(indent) + len - 1 : column + len;
    }
}

int nta_fields_parse(const char *text, struct nta_fields *ret_fields, struct nta_err *err)
{
    struct nta_fields fields = {.n = 0};

    for (const char *pos = text;; pos++) {
        size_t len = strcspn(pos, ",");
        struct nta_field field;
        char shown[64];

        if (!find(pos, len, &field))
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

    for (unsigned place = 0; place < NTA_FIELDS_PLACES; place++) {
        struct nta_field field;

        if (field_at(place, &field) && !field.column->asked)
            fields.fields[fields.n++] = field;
    }
    return fields;
}

void nta_fields_mark(struct nta_fields *fields)
{
    struct nta_field mark;

    if (!field_at(NTA_FIELDS_PLACES - 1, &mark))
        return;
    for (size_t i = 0; i < fields->n; i++) {
        if (fields->fields[i].column == mark.column)
            return;
    }
    if (fields->n == NTA_FIELDS_MAX)
        fields->n--;
    fields->fields[fields->n++] = mark;
}

struct nta_fields nta_fields_table(enum nta_fields_of what)
{
    static const char *const names[] = {
        [NTA_FIELDS_OF_RECORDS] = "time,who,event,app,what,bytes,server,country,list,grade",
        [NTA_FIELDS_OF_ALERTS] = "time,who,act,what,list,severity,server,country,grade",
        [NTA_FIELDS_OF_DOWNLOADS] = "time,who,site,file,kind,file_bytes,complete,rate,list,grade",
    };
    struct nta_fields fields = {.n = 0};
    struct nta_err err;

    (void)nta_fields_parse(names[what], &fields, &err);
    return fields;
}

/* ---- CSV, tabs and JSON ---- */

/** Raw text, of a time in the reader's zone. */
static void put_for_reader(struct nta_buf *out, const struct nta_field *field,
                           const struct nta_found *found)
{
    char text[NTA_TIME_TEXT_SIZE];

    if (field->kind == NTA_FIELD_TIME && field->row) {
        const int64_t *wall_ns = nta_record_field_value(field->row, found->record, field->peer);

        if (*wall_ns)
            nta_buf_puts(out, nta_clock_text_local(*wall_ns, text));
        return;
    }
    nta_field_put(out, field, found);
}

static bool is_text(const struct nta_field *field)
{
    return field->kind == NTA_FIELD_TEXT || field->kind == NTA_FIELD_FLAG;
}

void nta_fields_csv_head(struct nta_buf *out, const struct nta_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        nta_buf_printf(out, "%s%s", i ? "," : "", fields->fields[i].column->name);
    nta_buf_puts(out, "\n");
}

void nta_fields_csv(struct nta_buf *out, const struct nta_fields *fields,
                    const struct nta_found *found)
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};

    for (size_t i = 0; i < fields->n; i++) {
        const struct nta_field *field = &fields->fields[i];

        nta_buf_puts(out, i ? "," : "");
        if (!is_text(field)) {
            put_for_reader(out, field, found);
            continue;
        }
        nta_buf_clear(&value);
        nta_field_put(&value, field, found);
        nta_text_csv(out, nta_buf_span(&value));
    }
    nta_buf_puts(out, "\n");
}

void nta_fields_tabs_head(struct nta_buf *out, const struct nta_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        nta_buf_printf(out, "%s%s", i ? "\t" : "", fields->fields[i].column->title);
    nta_buf_puts(out, "\n");
}

void nta_fields_tabs(struct nta_buf *out, const struct nta_fields *fields,
                     const struct nta_found *found,
                     const char *(*style)(const struct nta_field *field,
                                          const struct nta_record *record))
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};

    for (size_t i = 0; i < fields->n; i++) {
        const char *begin = style ? style(&fields->fields[i], found->record) : "";

        nta_buf_clear(&value);
        put_for_reader(&value, &fields->fields[i], found);
        nta_buf_puts(out, i ? "\t" : "");
        nta_buf_puts(out, value.len ? begin : "");
        nta_text_escape(out, nta_buf_span(&value));
        nta_buf_puts(out, value.len && begin[0] ? NTA_STYLE_PLAIN : "");
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
        const struct nta_field *field = &fields->fields[i];

        nta_buf_clear(&value);
        nta_field_put(&value, field, found);
        if (value.len == 0)
            continue;
        nta_buf_printf(out, "%s\"%s\":", is_first ? "" : ",", field->column->name);
        is_first = false;
        if (field->kind == NTA_FIELD_FLAG)
            nta_buf_puts(out, nta_span_is(nta_buf_span(&value), "no") ? "false" : "true");
        else if (field->kind == NTA_FIELD_NUMBER || field->kind == NTA_FIELD_SIZE)
            nta_buf_put(out, value.ptr, value.len);
        else
            nta_text_json(out, nta_buf_span(&value));
    }
    nta_buf_puts(out, "}");
}
