/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases of Kea's memfile: CSV whose first line names the columns.  Each change is a line more, the
 * last one of an address counts; now and then the file is written anew without the others.
 */
#include "who/beside/leases.h"
#include "who/beside/parsers.h"

enum column
{
    OTHER,
    ADDRESS,
    HWADDR,
    CLIENT_ID,
    DUID,
    LIFETIME,
    EXPIRE,
    HOSTNAME,
    STATE,
    PREFIX_LEN,
    LEASE_TYPE,
    N_COLUMNS
};

static const char *const names[N_COLUMNS] = {
    [OTHER] = "",
    [ADDRESS] = "address",
    [HWADDR] = "hwaddr",
    [CLIENT_ID] = "client_id",
    [DUID] = "duid",
    [LIFETIME] = "valid_lifetime",
    [EXPIRE] = "expire",
    [HOSTNAME] = "hostname",
    [STATE] = "state",
    [PREFIX_LEN] = "prefix_len",
    [LEASE_TYPE] = "lease_type",
};

static struct nta_span next_cell(struct nta_span *rest)
{
    struct nta_span cell = nta_span_take(rest, ',');

    while (cell.len > 0 && cell.ptr[cell.len - 1] == '\r')
        cell.len--;
    return cell;
}

static void read_header(struct nta_who_lines *lines, struct nta_span line)
{
    lines->n_columns = 0;
    while (line.len > 0 && lines->n_columns < NTA_WHO_KEA_COLUMNS) {
        const struct nta_span cell = next_cell(&line);
        uint8_t column = OTHER;

        for (unsigned i = 1; i < N_COLUMNS; i++) {
            if (nta_span_is(cell, names[i]))
                column = (uint8_t)i;
        }
        lines->columns[lines->n_columns++] = column;
    }
}

/** A name may have a dot at its end. */
static struct nta_span without_dot(struct nta_span name)
{
    return name.len > 0 && name.ptr[name.len - 1] == '.' ? nta_span_first(name, name.len - 1)
                                                         : name;
}

static bool fill(struct nta_who_lines *lines, const struct nta_span cells[N_COLUMNS])
{
    struct nta_who_fact *fact = &lines->fact;
    int64_t lifetime, expire, state = 0, bits = 128;

    if (!nta_leases_ip(fact, cells[ADDRESS]) ||
        !nta_leases_number(cells[LIFETIME], UINT32_MAX, &lifetime) ||
        !nta_leases_number(cells[EXPIRE], INT64_MAX, &expire))
        return false;
    (void)nta_leases_number(cells[STATE], 255, &state);
    (void)nta_leases_number(cells[PREFIX_LEN], 128, &bits);
    if (nta_span_is(cells[LEASE_TYPE], "2") && bits > 0)
        fact->ip.len = (uint8_t)bits; /* IA_PD (RFC 8415 section 21.21) */
    (void)nta_leases_mac(fact, cells[HWADDR]);
    if (cells[DUID].len > 0 && !fact->has_mac)
        nta_leases_duid(fact, nta_leases_hex(cells[DUID], lines->client_id));
    else
        fact->client_id = nta_leases_hex(cells[CLIENT_ID], lines->client_id);
    fact->name = nta_leases_copy(without_dot(cells[HOSTNAME]), lines->name);
    fact->until_ns = lifetime == UINT32_MAX ? INT64_MAX : nta_leases_ns(expire);
    fact->from_ns = lifetime == UINT32_MAX ? 0 : nta_leases_ns(expire - lifetime);
    if (state != 0 || lifetime == 0) /* declined, expired, released */
        fact->state = NTA_WHO_ENDS;
    return true;
}

bool nta_who_line_kea(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns)
{
    struct nta_span cells[N_COLUMNS] = {{0}};

    (void)now_ns;
    if (nta_span_begins(line, nta_span_of("address,"))) {
        read_header(lines, line);
        return false;
    }
    for (size_t i = 0; i < lines->n_columns && line.len > 0; i++)
        cells[lines->columns[i]] = next_cell(&line);
    if (fill(lines, cells))
        return true;
    lines->n_bad++;
    return false;
}
