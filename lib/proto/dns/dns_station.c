/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns_station.h"

#include <string.h>

enum
{
    ADDRS_MAX = 16 ///< Of one station that are told.
};

/** The domain of names that hold on a link only (RFC 6762 section 3): no part of a host's name. */
static const char local[] = ".local";

static bool is_addr(const struct nta_dns_answer *answer)
{
    return answer->type == NTA_DNS_TYPE_A || answer->type == NTA_DNS_TYPE_AAAA;
}

/** The answer that gives the sender's own address; NULL: none does. */
static const struct nta_dns_answer *find_own(const struct nta_dns_answers *answers,
                                             const struct nta_addr *sender)
{
    for (size_t i = 0; i < answers->n; i++) {
        if (is_addr(&answers->list[i]) && answers->list[i].name.len > 0 &&
            nta_addr_equal(&answers->list[i].addr, sender))
            return &answers->list[i];
    }
    return NULL;
}

static struct nta_span host_of(struct nta_span name)
{
    const size_t len = sizeof(local) - 1;

    if (name.len > len && nta_span_alike(nta_span_from(name, name.len - len), nta_span_of(local)))
        return nta_span_first(name, name.len - len);
    return name;
}

static enum nta_binding_source source_of(enum nta_app app)
{
    if (app == NTA_APP_MDNS)
        return NTA_BINDING_MDNS;
    return app == NTA_APP_LLMNR ? NTA_BINDING_LLMNR : NTA_BINDING_NETBIOS;
}

void nta_dns_stations(const struct nta_proto_io *io, enum nta_app app,
                      const struct nta_dns_answers *answers)
{
    const struct nta_proto_end *sender = &io->ends[io->side];
    const struct nta_dns_answer *own;
    struct nta_binding binding = {.of_server = io->side == NTA_FROM_SERVER};
    const struct nta_event event = {.kind = NTA_EVENT_BINDING, .app = app, .binding = &binding};

    if (app == NTA_APP_DNS || !sender->addr || !(own = find_own(answers, sender->addr)))
        return;
    nta_binding_of_end(&binding, sender);
    binding.source = source_of(app);
    binding.name = host_of(own->name);
    for (size_t i = 0, n = 0; i < answers->n && n < ADDRS_MAX; i++) {
        const struct nta_dns_answer *answer = &answers->list[i];

        if (!is_addr(answer) || !nta_dns_name_equal(answer->name, own->name))
            continue;
        binding.prefix.addr = answer->addr;
        binding.valid_s = answer->ttl_s;
        binding.state = answer->ttl_s == 0 ? NTA_BINDING_END : NTA_BINDING_BEGIN;
        io->emit(io->owner, &event);
        n++;
    }
}
