/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/who.h"

bool nta_fact_knows_itself(const struct nta_fact *fact)
{
    return fact->known == fact->known_now && fact->cbor;
}

/** The one that says most of the user, by itself if there is such a one. */
static const struct nta_fact *best_of(const struct nta_incidents *set,
                                      const struct nta_incident *incident)
{
    const struct nta_fact *best = &set->facts[incident->first];

    for (size_t i = 1; i < incident->n_facts; i++) {
        const struct nta_fact *fact = &set->facts[incident->first + i];
        const bool is_known = nta_fact_knows_itself(fact), was_known = nta_fact_knows_itself(best);

        if (is_known != was_known ? is_known : fact->user_rank > best->user_rank)
            best = fact;
    }
    return best;
}

static void take(struct nta_span *into, struct nta_span from)
{
    if (from.len)
        *into = from;
}

/** An address is a machine's, a login a person's: what is another machine's stays there. */
static void merge(const struct nta_record_side *from, struct nta_record_side *user)
{
    take(&user->login, from->login);
    take(&user->person, from->person);
    take(&user->department, from->department);
    if (from->strength > user->strength) {
        user->strength = from->strength;
        take(&user->source, from->source);
    }
    if (!nta_addr_equal(&from->addr, &user->addr))
        return;
    if (user->name.len == 0)
        user->name = from->name;
    if (user->device.len == 0)
        user->device = from->device;
    if (user->since_ns == 0)
        user->since_ns = from->since_ns;
}

/** Of the same user, from `cbor`. */
static void merge_from(const uint8_t *cbor, uint32_t len, struct nta_span device,
                       struct nta_record_buf *buf, struct nta_record *record)
{
    struct nta_record other = {.time_ns = 0};

    /* no part that lies in `buf` */
    if (!nta_record_decode_some((struct nta_span){cbor, len}, NTA_PART_USER, buf, &other))
        return;
    if (other.user.device.len == 0)
        other.user.device = device;
    merge(&other.user, &record->user);
}

void nta_incident_complete(const struct nta_incidents *set, const struct nta_incident *incident,
                           struct nta_record_buf *buf, struct nta_record *record)
{
    const struct nta_fact *best = best_of(set, incident);

    if (nta_fact_knows_itself(best)) {
        merge_from(best->cbor, best->cbor_len, (struct nta_span){0}, buf, record);
    } else if (best->binding) {
        const struct nta_fact_binding *binding = &set->bindings[best->binding - 1];

        merge_from(binding->cbor, binding->cbor_len, nta_span_of(binding->mac), buf, record);
    }
}
