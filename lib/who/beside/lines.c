/* SPDX-License-Identifier: Apache-2.0 */
#include "who/beside/lines.h"

#include "base/own.h"
#include "who/beside/leases.h"
#include "who/beside/parsers.h"
#include "who/beside/say.h"

#include <string.h>

static const struct
{
    const char *name;
    bool is_whole;
    bool (*read)(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns);
} forms[] = {
    [NTA_WHO_FORM_UNKNOWN] = {"", false, NULL},
    [NTA_WHO_FORM_JSON] = {"JSON", false, nta_who_line_json},
    [NTA_WHO_FORM_DNSMASQ] = {"dnsmasq", true, nta_who_line_dnsmasq},
    [NTA_WHO_FORM_ISC] = {"ISC dhcpd", false, nta_who_line_isc},
    [NTA_WHO_FORM_KEA] = {"Kea", false, nta_who_line_kea},
};

const char *nta_who_form_name(enum nta_who_form form)
{
    return (size_t)form < NTA_N_ELEMENTS(forms) ? forms[form].name : "";
}

bool nta_who_form_is_whole(enum nta_who_form form)
{
    return (size_t)form < NTA_N_ELEMENTS(forms) && forms[form].is_whole;
}

static uint8_t guess(struct nta_span line)
{
    static const char *const isc[] = {
        "lease ", "server-duid ", "default-duid ",         "ia-na ",
        "ia-ta ", "ia-pd ",       "authoring-byte-order ", "failover "};
    int64_t number;

    if (line.ptr[0] == '{')
        return NTA_WHO_FORM_JSON;
    if (nta_span_begins(line, nta_span_of("address,")))
        return NTA_WHO_FORM_KEA;
    for (size_t i = 0; i < NTA_N_ELEMENTS(isc); i++) {
        if (nta_span_begins(line, nta_span_of(isc[i])))
            return NTA_WHO_FORM_ISC;
    }
    const struct nta_span word = nta_leases_word(&line);

    if (nta_span_is(word, "duid") || nta_leases_number(word, INT64_MAX, &number))
        return NTA_WHO_FORM_DNSMASQ;
    return NTA_WHO_FORM_UNKNOWN;
}

/** What a line says is said of no other one; of a lease of several lines it is kept. */
static void forget(struct nta_who_lines *lines, int64_t now_ns)
{
    const struct nta_who_fact old = lines->fact;

    if (lines->is_open)
        return;
    lines->fact = (struct nta_who_fact){
        .wall_ns = now_ns,
        .network = NTA_WHO_ANYWHERE,
        .source = NTA_WHO_LEASES,
        .state = NTA_WHO_HOLDS,
    };
    if (lines->form != NTA_WHO_FORM_ISC || !lines->is_v6)
        return;
    lines->fact.client_id = old.client_id; /* of all addresses of an "ia-na" */
    lines->fact.has_mac = old.has_mac;
    memcpy(lines->fact.mac, old.mac, sizeof(old.mac));
}

bool nta_who_line(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns,
                  struct nta_who_fact *ret_fact)
{
    if (line.len == 0 || line.ptr[0] == '#')
        return false;
    if (lines->form == NTA_WHO_FORM_UNKNOWN)
        lines->form = guess(line);
    if (lines->form == NTA_WHO_FORM_UNKNOWN) {
        lines->n_bad++;
        return false;
    }
    forget(lines, now_ns);
    if (!forms[lines->form].read(lines, line, now_ns))
        return false;
    *ret_fact = lines->fact;
    return true;
}
