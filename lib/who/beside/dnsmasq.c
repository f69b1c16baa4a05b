/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases of dnsmasq: "EXPIRY MAC IP NAME CLIENT-ID", of DHCPv6, behind a line "duid …",
 * "EXPIRY IAID IP NAME DUID".  EXPIRY is in seconds since 1970, 0: never; "*": not known.  The file
 * is written anew with each change.
 */
#include "who/beside/leases.h"
#include "who/beside/parsers.h"

bool nta_who_line_dnsmasq(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns)
{
    struct nta_who_fact *fact = &lines->fact;
    const struct nta_span expiry = nta_leases_word(&line), hardware = nta_leases_word(&line);
    const struct nta_span ip = nta_leases_word(&line), name = nta_leases_word(&line);
    const struct nta_span id = nta_leases_word(&line);
    int64_t seconds;

    (void)now_ns;
    if (nta_span_is(expiry, "duid")) {
        lines->is_v6 = true;
        return false;
    }
    if (!nta_leases_number(expiry, INT64_MAX, &seconds) || !nta_leases_ip(fact, ip) ||
        name.len == 0) {
        lines->n_bad++;
        return false;
    }
    fact->until_ns = seconds ? nta_leases_ns(seconds) : INT64_MAX;
    if (!nta_span_is(name, "*"))
        fact->name = nta_leases_copy(name, lines->name);
    if (lines->is_v6)
        nta_leases_duid(fact, nta_leases_hex(id, lines->client_id));
    else if (nta_leases_mac(fact, hardware))
        fact->client_id = nta_leases_hex(id, lines->client_id);
    return true;
}
