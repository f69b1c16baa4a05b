/* SPDX-License-Identifier: Apache-2.0 */
#include "who/stay_show.h"

#include "base/runtime/clock.h"
#include "base/text.h"
#include "output/listing.h"
#include "output/term.h"

#include <inttypes.h>

static void put_json_text(struct nta_buf *out, const char *name, const char *text)
{
    if (!text[0])
        return;
    nta_buf_printf(out, ",\"%s\":", name);
    nta_text_json(out, nta_span_of(text));
}

static void put_json_time(struct nta_buf *out, const char *name, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    if (wall_ns)
        nta_buf_printf(out, ",\"%s\":\"%s\"", name, nta_clock_text(wall_ns, text));
}

static bool has_addr(const struct nta_stay *stay)
{
    static const struct nta_addr none = {0};

    return !nta_addr_equal(&stay->addr, &none);
}

void nta_stay_put_json(struct nta_buf *out, const struct nta_stay *stay)
{
    char text[NTA_ADDR_TEXT_SIZE];

    nta_buf_printf(out, "{\"records\":%" PRIu64, stay->n_records);
    if (has_addr(stay))
        nta_buf_printf(out, ",\"ip\":\"%s\"", nta_addr_text(&stay->addr, text));
    for (size_t i = 0; i < stay->vlan.n && i < 2; i++)
        nta_buf_printf(out, "%s%u", i ? "," : ",\"vlan\":[", stay->vlan.ids[i]);
    nta_buf_puts(out, stay->vlan.n ? "]" : "");
    if (stay->network.kind)
        nta_buf_printf(out, ",\"network\":{\"kind\":\"%s\",\"id\":%" PRIu64 "}",
                       nta_network_kind_name(stay->network.kind), stay->network.id);
    put_json_text(out, "pseudonym", stay->pseudonym);
    put_json_text(out, "device", stay->device);
    put_json_text(out, "name", stay->name);
    put_json_text(out, "login", stay->login);
    put_json_text(out, "person", stay->person);
    put_json_text(out, "department", stay->department);
    put_json_text(out, "source", stay->source);
    put_json_text(out, "strength", nta_strength_name(stay->strength));
    put_json_time(out, "since", stay->from_ns);
    put_json_time(out, "until", stay->to_ns);
    nta_buf_printf(out, ",\"ended\":%s", stay->is_over ? "true" : "false");
    put_json_text(out, "record", stay->id);
    nta_buf_puts(out, "}");
    nta_put_json_mark(out, stay->unverified);
    nta_buf_puts(out, "\n");
}

static void put_part(struct nta_buf *out, const char *before, const char *text)
{
    if (!text[0])
        return;
    nta_buf_puts(out, before);
    nta_text_escape(out, nta_span_of(text));
}

/** From when to when; what nobody ended is said to go on. */
static void put_times(struct nta_buf *out, const struct nta_stay *stay)
{
    nta_put_local_time(out, stay->from_ns);
    nta_buf_puts(out, stay->is_over ? " to " : stay->by_lease ? ", good until " : " to ");
    if (stay->to_ns)
        nta_put_local_time(out, stay->to_ns);
    else
        nta_buf_puts(out, "further notice");
}

void nta_stay_put_line(struct nta_buf *out, const struct nta_stay *stay)
{
    char text[NTA_ADDR_TEXT_SIZE];

    nta_put_mark(out, stay->unverified);
    nta_buf_printf(out, "%s%s", stay->pseudonym, stay->pseudonym[0] ? " is " : "");
    nta_buf_puts(out, has_addr(stay) ? nta_addr_text(&stay->addr, text) : "any address");
    for (size_t i = 0; i < stay->vlan.n && i < 2; i++)
        nta_buf_printf(out, " (VLAN %u)", stay->vlan.ids[i]);
    put_part(out, ": device ", stay->device);
    put_part(out, stay->device[0] ? ", name " : ": name ", stay->name);
    put_part(out, stay->device[0] || stay->name[0] ? ", login " : ": login ", stay->login);
    put_part(out, ", ", stay->person);
    put_part(out, ", ", stay->department);
    nta_buf_puts(out, "; ");
    put_times(out, stay);
    put_part(out, "; says ", stay->source);
    put_part(out, ", ", nta_strength_name(stay->strength));
    nta_buf_printf(out, " (record %s)\n", stay->id);
}
