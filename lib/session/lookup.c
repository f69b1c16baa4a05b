/* SPDX-License-Identifier: Apache-2.0 */
#include "session/lookup.h"

#include "base/scratch.h"
#include "base/text.h"
#include "blacklist/marks.h"
#include "blacklist/name/site.h"
#include "blacklist/registrable.h"
#include "session/match.h"
#include "session/report.h"

enum
{
    TYPE_A = 1,
    TYPE_CNAME = 5,
    TYPE_MX = 15,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    TYPE_DNAME = 39,
    TYPE_SVCB = 64,
    TYPE_HTTPS = 65,
    RECORD_HEAD_LEN = 12, ///< RFC 1035 section 4.1.3, the name a pointer.
    NAME_MIN = 24,        ///< A shorter one carries nothing.
    HOPS_MAX = 16,        ///< Aliases, and aliases of them; resolvers follow about as many.
};

static_assert(NTA_DNS_ANSWERS_MAX <= 64, "a bit each");

/** The way from the name that was asked for to its addresses. */
struct chain
{
    uint64_t on_it; ///< Answers whose owner it leads through, a bit each.
    uint32_t ttl_s; ///< The shortest of its aliases.
    size_t n_aliases;
    uint8_t aliases[HOPS_MAX]; ///< Places of their answers, in order.
};

/** Names of one message: mostly the same bytes of it. */
static bool is_same(struct nta_span a, struct nta_span b)
{
    return a.len == b.len && (a.ptr == b.ptr || nta_span_alike(a, b));
}

/**
 * Whoever asks for the name goes on to another one: an alias, its own or that of all names below
 * another one (RFC 6672), or where a service is (RFC 2782; RFC 5321 section 5.1; RFC 9460 sections
 * 2.4.2 and 2.5, where the root means the same name).
 */
static bool leads_on(const struct nta_dns_answer *answer)
{
    switch (answer->type) {
    case TYPE_CNAME:
    case TYPE_DNAME: return true;
    case TYPE_MX:
    case TYPE_SRV:
    case TYPE_SVCB:
    case TYPE_HTTPS: return answer->target.len > 0 && !is_same(answer->target, answer->name);
    default: return false;
    }
}

/** The answer in `place` leads on; those of one service may lead to the same name. */
static void add_alias(const struct nta_dns_lookup *dns, size_t place, struct chain *chain)
{
    const struct nta_dns_answer *answer = &dns->answers[place];
    const size_t n = chain->n_aliases;

    if (n == HOPS_MAX ||
        (n > 0 && is_same(dns->answers[chain->aliases[n - 1]].target, answer->target)))
        return;
    chain->aliases[chain->n_aliases++] = (uint8_t)place;
    if (answer->ttl_s < chain->ttl_s)
        chain->ttl_s = answer->ttl_s;
}

/** Is the answer about this name?  An alias of a whole domain is about the names below it. */
static bool is_about(const struct nta_dns_answer *answer, struct nta_span name)
{
    const struct nta_span owner = answer->name;

    if (answer->type != TYPE_DNAME)
        return is_same(owner, name);
    return owner.len > 0 && name.len > owner.len && name.ptr[name.len - owner.len - 1] == '.' &&
           nta_span_alike(nta_span_from(name, name.len - owner.len), owner);
}

/** The answers that are about `name`. */
static void take_owned(const struct nta_dns_lookup *dns, struct nta_span name, struct chain *chain)
{
    for (size_t i = 0; i < dns->n_answers; i++) {
        if (chain->on_it >> i & 1 || !is_about(&dns->answers[i], name))
            continue;
        chain->on_it |= UINT64_C(1) << i;
        if (leads_on(&dns->answers[i]))
            add_alias(dns, i, chain);
    }
}

static void follow(const struct nta_dns_lookup *dns, struct chain *ret_chain)
{
    struct chain *chain = ret_chain;

    chain->on_it = chain->n_aliases = 0;
    chain->ttl_s = UINT32_MAX;
    take_owned(dns, dns->name, chain);
    for (size_t i = 0; i < chain->n_aliases; i++)
        take_owned(dns, dns->answers[chain->aliases[i]].target, chain);
}

/** A, AAAA, the address hints of SVCB and HTTPS; one without hints has none. */
static bool has_address(const struct nta_dns_answer *answer)
{
    static const struct nta_addr none = {0};

    switch (answer->type) {
    case TYPE_A:
    case TYPE_AAAA:
    case TYPE_SVCB:
    case TYPE_HTTPS: return !nta_addr_equal(&answer->addr, &none);
    default: return false;
    }
}

/** What the client's own worker saw. */
static void learn(const struct nta_session *session, const struct nta_pdns_client *client,
                  const struct nta_pdns_answer *answer)
{
    nta_told_learn(&session->parts->told, client, answer);
}

/** What every worker hears. */
static void hear(const struct nta_session *session, const struct nta_pdns_client *client,
                 const struct nta_pdns_answer *answer)
{
    const struct nta_owner *whose = session->parts->whose;

    nta_told_hear(&session->parts->told, client, answer,
                  nta_owner_is_home(whose, client->addr) == nta_owner_is_home(whose, answer->addr));
}

/** What an answer teaches. */
struct taught
{
    uint64_t network; ///< The client's.
    struct nta_span site, alias;
    bool is_listed; ///< Some list forbids the site.
};

/** Each address that the client was given for the site. */
static void each_address(const struct nta_session *session, const struct nta_dns_lookup *dns,
                         const struct chain *chain, const struct taught *taught,
                         void (*take)(const struct nta_session *session,
                                      const struct nta_pdns_client *client,
                                      const struct nta_pdns_answer *answer))
{
    const struct nta_flow *flow = session->flow;
    const struct nta_pdns_client client = {
        .addr = &flow->client,
        .mac = flow->has_macs ? flow->client_mac : NULL,
        .network = taught->network,
    };

    for (size_t i = 0; i < dns->n_answers; i++) {
        const struct nta_dns_answer *answer = &dns->answers[i];

        if (!(chain->on_it >> i & 1) || !has_address(answer))
            continue;
        take(session, &client,
             &(struct nta_pdns_answer){
                 .addr = &answer->addr,
                 .name = taught->site,
                 .alias = taught->alias,
                 .ttl_s = answer->ttl_s < chain->ttl_s ? answer->ttl_s : chain->ttl_s,
                 .wall_ns = session->io.wall_ns,
                 .is_listed = taught->is_listed,
             });
    }
}

/** The root has no name of its own; it is shown as other tools show it. */
static struct nta_span question_name(const struct nta_dns_lookup *dns, char buf[NTA_NAME_SIZE])
{
    return dns->name.len ? nta_site_text(dns->name, NTA_SITE_DNS, buf) : nta_span_of("<root>");
}

/** When the question was asked, or the answer that alone was seen came. */
static int64_t asked_at(const struct nta_session *session, const struct nta_dns_lookup *dns)
{
    return dns->asked_wall_ns ? dns->asked_wall_ns : session->io.wall_ns;
}

void nta_lookup_asked(const struct nta_session *session, enum nta_app app,
                      const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_conn_hit verdict;
    const struct nta_span site = question_name(dns, buf);

    if (nta_match_site(session, site, asked_at(session, dns), &verdict) && !verdict.only_recorded)
        nta_report_lookup_alert(session, app, dns, site, &verdict);
}

/** The first alias that a list names, where the site itself is not named; empty: none. */
static struct nta_span match_aliases(const struct nta_session *session,
                                     const struct nta_dns_lookup *dns, const struct chain *chain,
                                     struct nta_span site, char buf[NTA_NAME_SIZE],
                                     struct nta_conn_hit *ret_hit)
{
    for (size_t i = 0; i < chain->n_aliases; i++) {
        const struct nta_span target = dns->answers[chain->aliases[i]].target;
        const struct nta_span alias = nta_site_text(target, NTA_SITE_DNS, buf);

        if (nta_match_alias(session, site, alias, asked_at(session, dns), ret_hit))
            return alias;
    }
    return (struct nta_span){0};
}

/**
 * What the answer means for this client, who asked for it a moment ago.  True if a list names an
 * alias on the way, of a site that is not forbidden itself: `hit` is filled then.
 */
static bool take_answer(const struct nta_session *session, enum nta_app app,
                        const struct nta_dns_lookup *dns, struct nta_span site, bool is_forbidden,
                        struct nta_conn_hit *hit)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_span alias = {0};
    __attribute__((uninitialized)) struct chain chain;

    follow(dns, &chain);
    if (!is_forbidden)
        alias = match_aliases(session, dns, &chain, site, buf, hit);
    if (alias.len > 0 && !hit->only_recorded)
        nta_report_lookup_alert(session, app, dns, site, hit);
    each_address(session, dns, &chain,
                 &(struct taught){nta_conn_network(session->flow, NTA_DIR_UP), site, alias,
                                  is_forbidden || alias.len > 0},
                 learn);
    return alias.len > 0;
}

/** Of whichever kind it was, and whatever the answer.  `is_heard`: every worker is told. */
static void note_asked(const struct nta_session *session, enum nta_app app,
                       const struct nta_dns_lookup *dns, uint64_t network, struct nta_span site,
                       bool is_heard)
{
    const struct nta_flow *flow = session->flow;
    const struct nta_pdns_client client = {
        .addr = &flow->client,
        .mac = flow->has_macs ? flow->client_mac : NULL,
        .network = network,
    };

    if (!dns->asked_wall_ns || !nta_app_has(app, NTA_TRAIT_RESOLVES) || flow->any_port)
        return;
    if (is_heard)
        nta_told_hear_asked(&session->parts->told, &client, site, dns->asked_wall_ns);
    else
        nta_told_note_asked(&session->parts->told, &client, site, dns->asked_wall_ns);
}

/** Whoever made up a tunnel on any port made up the question, too. */
static bool was_asked(const struct nta_session *session, const struct nta_dns_lookup *dns)
{
    return !session->flow->any_port && dns->asked_wall_ns != 0 &&
           session->io.wall_ns - dns->asked_wall_ns <= NTA_LOOKUP_ASKED_NS;
}

/** May it teach names, if it was asked for? */
static bool is_teaching(enum nta_app app, const struct nta_dns_lookup *dns)
{
    return nta_app_has(app, NTA_TRAIT_RESOLVES) && dns->answered && dns->rcode == 0;
}

/** Whom the name belongs to; what a server is sent without a zone of its own begins so. */
static struct nta_span zone_of(struct nta_span site)
{
    const struct nta_span begins = nta_span_of("dnscat.");

    return nta_span_begins(site, begins) ? nta_span_first(site, begins.len - 1)
                                         : nta_registrable(site);
}

/**
 * Lookups that carry data are a tunnel, whatever they are asked for.  True: it is forbidden;
 * `ret_hit` is filled, and who asks has an alert, once.
 */
static bool match_tunnel(const struct nta_session *session, enum nta_app app,
                         const struct nta_dns_lookup *dns, struct nta_span site,
                         struct nta_conn_hit *ret_hit)
{
    const struct nta_ends ends = nta_session_ends(session);
    const unsigned beyond = dns->question_len + (unsigned)RECORD_HEAD_LEN;

    if (app != NTA_APP_DNS || site.len < NAME_MIN || !was_asked(session, dns) ||
        !ends.user_is_client || !nta_blacklist_has(session->parts->policy->lists, NTA_HIT_PROGRAM))
        return false;
    const struct nta_dns_burden burden = {
        .user = ends.user,
        .name = site,
        .zone = zone_of(site),
        .type = dns->type,
        .down = dns->answer_len > beyond ? dns->answer_len - beyond : 0,
        .wall_ns = session->io.wall_ns,
    };
    const enum nta_dns_zone_kind kind = nta_dns_zones_see(&session->parts->dns_zones, &burden);

    if (kind == NTA_DNS_ZONE_NAMES ||
        !nta_match_program(session, nta_span_of("dns-tunnel"), burden.zone, ret_hit))
        return false;
    if (kind == NTA_DNS_ZONE_BEGINS && !ret_hit->only_recorded)
        nta_report_lookup_alert(session, app, dns, burden.zone, ret_hit);
    return true;
}

void nta_lookup_told(const struct nta_session *session, enum nta_app app,
                     const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_conn_hit verdict;
    const struct nta_span site = question_name(dns, buf);
    bool forbidden = nta_match_site(session, site, asked_at(session, dns), &verdict);

    note_asked(session, app, dns, nta_conn_network(session->flow, NTA_DIR_UP), site, false);
    if (forbidden && (!dns->asked_wall_ns || session->flow->any_port))
        verdict.weak = true; /* nobody was seen to ask for it */
    if (is_teaching(app, dns) && was_asked(session, dns))
        forbidden |= take_answer(session, app, dns, site, forbidden, &verdict);
    forbidden = forbidden || match_tunnel(session, app, dns, site, &verdict);
    if (session->parts->policy->lookups || forbidden)
        nta_report_lookup(session, app, dns, site, forbidden ? &verdict : NULL);
    nta_watch_settled(session->parts->watch, session->flow);
}

void nta_lookup_hearsay(const struct nta_session *session, enum nta_app app,
                        const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_conn_hit verdict;
    const struct nta_span site = question_name(dns, buf);
    bool forbidden = nta_match_site(session, site, asked_at(session, dns), &verdict);

    verdict.weak = true;
    if (session->parts->policy->lookups || forbidden)
        nta_report_lookup(session, app, dns, site, forbidden ? &verdict : NULL);
}

static struct nta_heard_question question_of(const struct nta_session *session,
                                             const struct nta_dns_lookup *dns, struct nta_span site)
{
    const struct nta_flow *flow = session->flow;

    return (struct nta_heard_question){
        .client = &flow->client,
        .server = &flow->server,
        .client_port = flow->client_port,
        .server_port = flow->server_port,
        .id = dns->id,
        .type = dns->type,
        .name = site,
    };
}

void nta_lookup_heard_question(const struct nta_session *session, const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    const struct nta_heard_question question = question_of(session, dns, question_name(dns, buf));

    const struct nta_heard_asking asking = {
        .wall_ns = session->io.wall_ns,
        .network = nta_conn_network(session->flow, NTA_DIR_UP),
    };

    nta_heard_asked(session->parts->told.heard, &question, &asking);
}

void nta_lookup_heard(const struct nta_session *session, enum nta_app app,
                      const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE], alias_buf[NTA_NAME_SIZE];
    __attribute__((uninitialized)) struct chain chain;
    struct nta_conn_hit verdict;
    struct nta_span alias = {0};
    struct nta_dns_lookup lookup = *dns;
    struct nta_heard_asking asking;
    const struct nta_span site = question_name(dns, buf);
    const struct nta_heard_question question = question_of(session, dns, site);

    if (!is_teaching(app, dns) ||
        !nta_heard_answered(session->parts->told.heard, &question, &asking))
        return;
    lookup.asked_wall_ns = asking.wall_ns;
    note_asked(session, app, &lookup, asking.network, site, true);
    if (!was_asked(session, &lookup))
        return;
    follow(&lookup, &chain);
    const bool is_forbidden = nta_match_site(session, site, lookup.asked_wall_ns, &verdict);

    if (chain.n_aliases > 0 && !is_forbidden)
        alias = match_aliases(session, &lookup, &chain, site, alias_buf, &verdict);
    each_address(session, &lookup, &chain,
                 &(struct taught){asking.network, site, alias, is_forbidden || alias.len > 0},
                 hear);
}
