/* SPDX-License-Identifier: Apache-2.0 */
#include "who/told.h"

static bool has_addr(const struct nta_record_side *side)
{
    static const struct nta_addr none = {0};

    return !nta_addr_equal(&side->addr, &none);
}

/* ---- records ---- */

bool nta_who_tells_anywhere(const struct nta_record *lease)
{
    const enum nta_who_source source = nta_who_source_of(lease->user.source);

    return source == NTA_WHO_RADIUS || source == NTA_WHO_FILE || source == NTA_WHO_LEASES ||
           lease->binding.circuit.len > 0;
}

bool nta_who_tells_reset(const struct nta_record *lease)
{
    const struct nta_record_side *user = &lease->user;

    return nta_span_is(user->source, "radius") && nta_span_is(lease->binding.state, "end") &&
           !has_addr(user) && !user->has_mac && user->login.len + user->name.len == 0;
}

bool nta_who_is_computer(struct nta_span login)
{
    return login.len > 1 && login.ptr[login.len - 1] == '$';
}

bool nta_who_tells_end(const struct nta_record *lease)
{
    return nta_span_is(lease->binding.state, "end") || nta_span_is(lease->binding.state, "refused");
}

int64_t nta_who_tells_until(const struct nta_record *lease)
{
    const int64_t holds_ns = nta_who_holds_ns(nta_who_source_of(lease->user.source));
    const int64_t said_ns = lease->binding.until_ns ? lease->binding.until_ns : lease->end_ns;
    int64_t until_ns;

    if (said_ns)
        return said_ns;
    return __builtin_add_overflow(lease->time_ns, holds_ns, &until_ns) ? INT64_MAX : until_ns;
}

/* ---- one after the other ---- */

static bool are_other_devices(uint64_t one, uint64_t other)
{
    return one && other && one != other;
}

bool nta_who_told_agree(const struct nta_who_told *one, const struct nta_who_told *other)
{
    return one->login == other->login && !are_other_devices(one->device, other->device);
}

bool nta_who_told_is_over(const struct nta_who_told *one, const struct nta_who_told *over)
{
    if (one->source != over->source || one->address != over->address)
        return false;
    return over->login ? one->login == over->login : !are_other_devices(one->device, over->device);
}

bool nta_who_told_is_given_anew(const struct nta_who_told *login, const struct nta_who_told *next)
{
    return login->login && !login->on && next->source == NTA_WHO_DHCP &&
           next->since_ns > login->seen_ns && next->since_ns - login->seen_ns > NTA_WHO_TOGETHER_NS;
}

static bool is_weaker(const struct nta_who_told *next, const struct nta_who_told *one)
{
    const unsigned strength = nta_who_strength((enum nta_who_source)next->source);

    return strength < (unsigned)NTA_STRENGTH_LEASE &&
           strength < (unsigned)nta_who_strength((enum nta_who_source)one->source);
}

bool nta_who_told_is_followed(const struct nta_who_told *one, const struct nta_who_told *next)
{
    const bool is_here = one->address == next->address || one->is_anywhere || next->is_anywhere;

    if (one->source == next->source && one->address == next->address)
        return !nta_who_told_agree(one, next);
    return is_here && next->device && !is_weaker(next, one) &&
           (one->on ? one->on != next->device : nta_who_told_is_given_anew(one, next));
}
