/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "record/codec.h"
#include "record/json_type.h"

#include <inttypes.h>

/** Behind another item, a comma. */
static void next_item(struct nta_buf *out, size_t i)
{
    nta_buf_put_u8(out, i ? ',' : '[');
}

void nta_json_stamp(struct nta_buf *out, const char *name, const uint64_t *stamp)
{
    uint8_t bytes[sizeof(*stamp)];

    if (!*stamp)
        return;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(*stamp >> 8 * (sizeof(bytes) - 1 - i));
    put_hex(out, name, (struct nta_span){bytes, sizeof(bytes)});
}

/** An empty array is a statement: somebody looked. */
void nta_json_doubts(struct nta_buf *out, const char *name, const uint16_t *bits)
{
    size_t n = 0;

    if (!*bits)
        return;
    put_name(out, name);
    for (unsigned i = NTA_DOUBT_NONE + 1; i < NTA_DOUBT_END; i++) {
        if (!(*bits & 1U << i))
            continue;
        next_item(out, n++);
        put_quoted(out, nta_doubt_name((uint8_t)i));
    }
    nta_buf_puts(out, n ? "]" : "[]");
}

void nta_json_network(struct nta_buf *out, const char *name,
                      const struct nta_record_network *network)
{
    if (!network->kind)
        return;
    size_t start = open_object(out, name);

    put_word(out, "kind", nta_network_kind_name(network->kind));
    put_uint(out, "id", network->id);
    close_object(out, start);
}

void nta_json_binding(struct nta_buf *out, const char *name,
                      const struct nta_record_binding *binding)
{
    if (nta_record_binding_is_empty(binding))
        return;
    size_t start = open_object(out, name);

#define BINDING_FIELD(number, type, member, binding_at, json, ...)                                 \
    nta_json_##type(out, json, &binding->member);
#include "record/fields.inc"
    close_object(out, start);
}

void nta_json_via(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    if (record->n_via == 0)
        return;
    put_name(out, name);
    for (size_t i = 0; i < record->n_via; i++) {
        next_item(out, i);
        nta_text_json(out, record->via[i]);
    }
    nta_buf_put_u8(out, ']');
}

void nta_json_conflict(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    if (record->n_conflicts == 0)
        return;
    put_name(out, name);
    for (size_t i = 0; i < record->n_conflicts; i++) {
        next_item(out, i);
        nta_buf_put_u8(out, '{');
        nta_json_conflict_kind(out, "kind", &record->conflicts[i].kind);
        put_text(out, "value", record->conflicts[i].value);
        nta_buf_put_u8(out, '}');
    }
    nta_buf_put_u8(out, ']');
}

void nta_json_requests(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    if (record->n_requests == 0)
        return;
    put_name(out, name);
    for (size_t i = 0; i < record->n_requests; i++) {
        next_item(out, i);
        put_number(out, record->requests[i]);
    }
    nta_buf_put_u8(out, ']');
}

/* ---- what the sensor says of itself ---- */

static void nta_json_clock(struct nta_buf *out, const char *name,
                           const struct nta_record_clock *clock)
{
    if (!clock->known)
        return;
    size_t start = open_object(out, name);

    put_bool(out, "synchronised", clock->synchronised);
    put_uint(out, "error_ms", clock->error_ms);
    close_object(out, start);
}

static void put_interfaces_item(struct nta_buf *out, const struct nta_log_interface *item)
{
#define INTERFACE_FIELD(number, type, member, item_at, name, ...)                                  \
    nta_json_##type(out, name, &item->member);
#include "record/fields.inc"
}

static void put_lists_item(struct nta_buf *out, const struct nta_log_list *item)
{
#define LISTED_FIELD(number, type, member, item_at, name, ...)                                     \
    nta_json_##type(out, name, &item->member);
#include "record/fields.inc"
}

static void put_geo_item(struct nta_buf *out, const struct nta_log_database *item)
{
#define DATABASE_FIELD(number, type, member, item_at, name, ...)                                   \
    nta_json_##type(out, name, &item->member);
#include "record/fields.inc"
}

static void put_inputs_item(struct nta_buf *out, const struct nta_log_input *item)
{
#define INPUT_FIELD(number, type, member, item_at, name, ...)                                      \
    nta_json_##type(out, name, &item->member);
#include "record/fields.inc"
}

/** A list of objects. */
#define JSON_LIST(type)                                                                            \
    static void nta_json_##type(struct nta_buf *out, const char *name,                             \
                                const struct nta_record_log *log)                                  \
    {                                                                                              \
        if (log->n_##type == 0)                                                                    \
            return;                                                                                \
        put_name(out, name);                                                                       \
        for (size_t i = 0; i < log->n_##type; i++) {                                               \
            next_item(out, i);                                                                     \
            nta_buf_put_u8(out, '{');                                                              \
            put_##type##_item(out, &log->type[i]);                                                 \
            nta_buf_put_u8(out, '}');                                                              \
        }                                                                                          \
        nta_buf_put_u8(out, ']');                                                                  \
    }

JSON_LIST(interfaces)
JSON_LIST(lists)
JSON_LIST(geo)
JSON_LIST(inputs)

static void nta_json_home(struct nta_buf *out, const char *name, const struct nta_record_log *log)
{
    char addr[NTA_ADDR_TEXT_SIZE], text[NTA_ADDR_TEXT_SIZE + 8];

    if (log->n_home == 0)
        return;
    put_name(out, name);
    for (size_t i = 0; i < log->n_home; i++) {
        const struct nta_prefix *home = &log->home[i];
        const bool is_v4 = nta_addr_is_v4(&home->addr) && home->len >= 96;

        (void)snprintf(text, sizeof(text), "%s/%d", nta_addr_text(&home->addr, addr),
                       is_v4 ? home->len - 96 : home->len);
        next_item(out, i);
        put_quoted(out, text);
    }
    nta_buf_put_u8(out, ']');
}

static void nta_json_blind(struct nta_buf *out, const char *name, const struct nta_record_log *log)
{
    size_t start = open_object(out, name);

    for (size_t i = 0; i < log->n_blind; i++) {
        if (out->len && out->ptr[out->len - 1] != '{')
            nta_buf_put_u8(out, ',');
        nta_text_json(out, log->blind[i].interface);
        nta_buf_put_u8(out, ':');
        put_number(out, log->blind[i].seconds);
    }
    close_object(out, start);
}

static void nta_json_worst(struct nta_buf *out, const char *name, const struct nta_record_log *log)
{
    size_t start = open_object(out, name);
    char when[NTA_TIME_TEXT_SIZE];

    for (size_t i = 0; i < log->n_worst; i++) {
        const struct nta_log_worst *worst = &log->worst[i];

        if (out->len && out->ptr[out->len - 1] != '{')
            nta_buf_put_u8(out, ',');
        nta_text_json(out, worst->reason);
        nta_buf_printf(out, ":{\"n\":%" PRIu64 ",\"time\":\"%s\"}", worst->n,
                       nta_clock_text(worst->end_ns, when));
    }
    close_object(out, start);
}

void nta_json_log(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    const struct nta_record_log *log = record->log;

    if (!log)
        return;
    size_t start = open_object(out, name);

#define LOG_FIELD(number, type, member, log_at, json, ...) nta_json_##type(out, json, &log->member);
#define LOG_LIST(number, type, log_at, json, ...)          nta_json_##type(out, json, log);
#include "record/fields.inc"
    close_object(out, start);
}
