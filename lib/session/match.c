/* SPDX-License-Identifier: Apache-2.0 */
#include "session/match.h"

#include "base/own.h"
#include "base/scratch.h"
#include "base/text.h"
#include "blacklist/marks.h"
#include "blacklist/name/site.h"
#include "policy/evasion.h"
#include "policy/scope.h"
#include "session/who/bindings.h"

#include <string.h>

enum
{
    OLDER_NAMES_MAX = 8 ///< Of one address, as far as they are held against the lists.
};

/** The policy may be replaced while the connection lives: what is needed of the hit is copied. */
static void copy_hit(const struct nta_session *session, const struct nta_hit *hit,
                     struct nta_conn_hit *ret_hit)
{
    nta_count(&session->parts->counters, NTA_COUNTER_HITS, !session->flow->made_up);
    nta_text_copy(ret_hit->list, sizeof(ret_hit->list), nta_span_of(hit->list->name));
    nta_text_copy(ret_hit->category, sizeof(ret_hit->category), nta_span_of(hit->list->category));
    nta_text_copy(ret_hit->entry, sizeof(ret_hit->entry), hit->entry);
    memcpy(ret_hit->list_sha256, hit->list->sha256, sizeof(ret_hit->list_sha256));
    ret_hit->line = hit->line;
    ret_hit->kind = (uint8_t)hit->kind;
    ret_hit->severity = (uint8_t)hit->list->severity;
    ret_hit->weak = hit->weak;
    ret_hit->only_recorded = nta_scope_only_records(session->parts->policy, hit->list);
    ret_hit->shared[0] = ret_hit->via[0] = '\0';
}

/** Whose visit is asked about, and when it was. */
struct asking
{
    const struct nta_session *session;
    int64_t wall_ns;
};

/** Only after a hit in a list that is narrowed. */
static enum nta_list_weight weigh(const void *owner, const struct nta_list_report *list)
{
    const struct asking *asking = owner;
    const struct nta_flow *flow = asking->session->flow;
    const struct nta_ends ends = nta_session_ends(asking->session);
    const struct nta_flow_side *side =
                                   &flow->sides[ends.user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN],
                               *other =
                                   &flow->sides[ends.user_is_client ? NTA_DIR_DOWN : NTA_DIR_UP];
    struct nta_who who = {
        .addr = ends.user,
        .vlans = side->packets || !other->packets ? side->vlan : other->vlan,
        .n_vlans = NTA_N_ELEMENTS(side->vlan),
        .wall_ns = asking->wall_ns,
    };

    nta_bindings_scope(asking->session, &who);
    return nta_scope_weigh(asking->session->parts->policy, list, &who);
}

/** What the lists say of a site; `labels` is for what the hit may borrow. */
static enum nta_decision decide_site(const struct nta_session *session, struct nta_span site,
                                     int64_t wall_ns, char buf[NTA_NAME_SIZE],
                                     char labels[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    const struct asking asking = {.session = session, .wall_ns = wall_ns};
    const struct nta_list_filter filter = {.weigh = weigh, .owner = &asking};
    const struct nta_blacklist *lists = session->parts->policy->lists;
    struct nta_addr addr;

    return nta_addr_parse((const char *)site.ptr, site.len, &addr) == 0
               ? nta_blacklist_decide_addr(lists, &filter, &addr, buf, ret_hit)
               : nta_blacklist_decide_name(lists, &filter, nta_site_labels(site, labels), buf,
                                           ret_hit);
}

/** What an outsider asks of our server is no deed of our user's, whatever names he uses. */
static bool is_said_by_peer(const struct nta_session *session)
{
    return !nta_session_ends(session).user_is_client;
}

static bool match_name(const struct nta_session *session, struct nta_span site, int64_t wall_ns,
                       struct nta_conn_hit *ret_hit)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE], labels[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (decide_site(session, site, wall_ns, buf, labels, &hit) != NTA_DECIDES_FORBIDDEN)
        return false;
    hit.weak = false;
    copy_hit(session, &hit, ret_hit);
    return true;
}

bool nta_match_site(const struct nta_session *session, struct nta_span site, int64_t wall_ns,
                    struct nta_conn_hit *ret_hit)
{
    return !is_said_by_peer(session) && match_name(session, site, wall_ns, ret_hit);
}

static bool is_allowed(const struct nta_session *session, struct nta_span site, int64_t wall_ns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE], labels[NTA_NAME_SIZE];
    struct nta_addr addr;
    struct nta_hit hit;

    return site.len > 0 && nta_addr_parse((const char *)site.ptr, site.len, &addr) < 0 &&
           decide_site(session, site, wall_ns, buf, labels, &hit) == NTA_DECIDES_ALLOWED;
}

bool nta_match_alias(const struct nta_session *session, struct nta_span site, struct nta_span alias,
                     int64_t wall_ns, struct nta_conn_hit *ret_hit)
{
    if (is_allowed(session, site, wall_ns) || !nta_match_site(session, alias, wall_ns, ret_hit))
        return false;
    ret_hit->weak = true;
    nta_text_copy(ret_hit->via, sizeof(ret_hit->via), alias);
    return true;
}

/** It says something of a name, not of an address or a mark. */
static bool is_of_name(const struct nta_conn_hit *hit)
{
    return hit->kind == NTA_HIT_DOMAIN || hit->kind == NTA_HIT_PATTERN || hit->kind == NTA_HIT_URL;
}

/** The verdict on the alias through which DNS led this client to the peer for that site. */
static bool match_learnt_alias(const struct nta_session *session, struct nta_span site,
                               int64_t wall_ns, struct nta_conn_hit *ret_hit)
{
    if (!nta_told_has_aliases(&session->parts->told))
        return false;
    const struct nta_told_asker asker = nta_session_asker(session);
    NTA_SCRATCH char buf[NTA_PDNS_NAME_MAX + 1];
    const size_t len = nta_told_find_alias(&session->parts->told, &asker, site, buf);

    return len > 0 && nta_match_alias(session, site, (struct nta_span){(const uint8_t *)buf, len},
                                      wall_ns, ret_hit);
}

/**
 * The verdict on a URL alone: more specific than any entry for its site, if it is forbidden or
 * spared.
 */
static enum nta_verdict match_url(const struct nta_session *session, struct nta_span target,
                                  struct nta_span site, int64_t wall_ns,
                                  struct nta_conn_hit *ret_hit)
{
    const struct asking asking = {.session = session, .wall_ns = wall_ns};
    const struct nta_list_filter filter = {.weigh = weigh, .owner = &asking};
    struct nta_hit hit;

    if (is_said_by_peer(session))
        return NTA_VERDICT_NONE;
    switch (nta_blacklist_decide_url(session->parts->policy->lists, &filter, site, target, &hit)) {
    case NTA_DECIDES_NOTHING: break;
    case NTA_DECIDES_ALLOWED: return NTA_VERDICT_SPARED;
    case NTA_DECIDES_FORBIDDEN: copy_hit(session, &hit, ret_hit); return NTA_VERDICT_FORBIDDEN;
    }
    return NTA_VERDICT_NONE;
}

/** Is another host forbidden that the request names, too? */
static bool match_other_host(const struct nta_session *session,
                             const struct nta_http_exchange *http, int64_t wall_ns,
                             struct nta_conn_hit *ret_hit)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];

    if (http->other_host.len == 0)
        return false;
    const struct nta_span site = nta_site_text(http->other_host, NTA_SITE_HOST, buf);

    if (match_url(session, http->target, site, wall_ns, ret_hit) != NTA_VERDICT_FORBIDDEN &&
        !nta_match_site(session, site, wall_ns, ret_hit))
        return false;
    ret_hit->weak = true;
    return true;
}

/**
 * DNS gave this client the address for other names than the one that the connection says, or other
 * bytes of its own say another one.
 */
static bool is_contradicted(const struct nta_conn *conn)
{
    return conn->disagrees & (NTA_AGREES_DNS | NTA_AGREES_OVERLAP);
}

/**
 * An exception allows the name, and it is not one that anybody could write there: DNS does not
 * contradict it, and it is our user who says it.
 */
static bool is_excused(const struct nta_session *session, struct nta_span site, int64_t wall_ns)
{
    return !is_contradicted(session->conn) && !is_said_by_peer(session) &&
           is_allowed(session, site, wall_ns);
}

/**
 * What the lists say of the connection, they say of a request on it: of its address, its marks, and
 * of the name that DNS knows where the request says another one.
 */
static bool inherits(const struct nta_session *session, const struct nta_http_exchange *http,
                     struct nta_span site, int64_t wall_ns)
{
    const struct nta_conn *conn = session->conn;
    const struct nta_conn_hit *hit = conn->hit;

    if (hit && hit->kind == NTA_HIT_PROGRAM) /* of the connection, whatever goes through it */
        return false;
    if (!hit || site.len == 0 || http->no_host) /* it names no other site */
        return hit != NULL;
    if (is_of_name(hit) && !hit->weak)
        return false;
    return is_of_name(hit) ? is_contradicted(conn) || conn->contested
                           : !is_excused(session, site, wall_ns);
}

/**
 * Do lists say something of the site that is asked for?  What they do not of one, they do not of
 * the next request's, if it is the same.
 */
static bool match_asked(const struct nta_session *session, struct nta_span site, int64_t wall_ns,
                        struct nta_conn_hit *ret_hit)
{
    struct nta_fed *fed = &session->parts->fed;
    const struct nta_span known = {(const uint8_t *)fed->site, fed->site_len};

    if (session->flow == fed->flow && fed->is_fine && nta_span_equal(known, site))
        return false;
    if (nta_match_site(session, site, wall_ns, ret_hit) ||
        match_learnt_alias(session, site, wall_ns, ret_hit))
        return true;
    fed->is_fine = site.len < sizeof(fed->site);
    fed->site_len = (uint16_t)(fed->is_fine ? site.len : 0);
    memcpy(fed->site, site.ptr, fed->site_len);
    return false;
}

enum nta_verdict nta_match_request(const struct nta_session *session,
                                   const struct nta_http_exchange *http, struct nta_span site,
                                   struct nta_conn_hit *ret_hit)
{
    const int64_t wall_ns = http->begin_wall_ns ? http->begin_wall_ns : session->io.wall_ns;
    enum nta_verdict verdict =
        site.len ? match_url(session, http->target, site, wall_ns, ret_hit) : NTA_VERDICT_NONE;

    if (verdict == NTA_VERDICT_NONE && site.len && !http->no_host &&
        match_asked(session, site, wall_ns, ret_hit))
        verdict = NTA_VERDICT_FORBIDDEN;
    if (verdict != NTA_VERDICT_FORBIDDEN && match_other_host(session, http, wall_ns, ret_hit))
        verdict = NTA_VERDICT_FORBIDDEN;
    if (verdict == NTA_VERDICT_NONE && inherits(session, http, site, wall_ns)) {
        *ret_hit = *session->conn->hit;
        verdict = NTA_VERDICT_FORBIDDEN;
    }
    return verdict;
}

enum nta_verdict nta_match_transfer(const struct nta_session *session, struct nta_span path,
                                    int64_t wall_ns, struct nta_conn_hit *ret_hit)
{
    const struct nta_conn *conn = session->conn;
    struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};
    char addr_text[NTA_ADDR_TEXT_SIZE];

    if (conn->basis <= NTA_BASIS_ADDRESS)
        site = nta_span_of(nta_addr_text(nta_session_ends(session).peer, addr_text));
    const enum nta_verdict verdict =
        path.len ? match_url(session, path, site, wall_ns, ret_hit) : NTA_VERDICT_NONE;

    if (verdict == NTA_VERDICT_FORBIDDEN)
        ret_hit->weak = conn->guess && conn->basis == NTA_BASIS_DNS;
    if (verdict != NTA_VERDICT_NONE || !conn->hit || conn->hit->kind == NTA_HIT_PROGRAM)
        return verdict;
    *ret_hit = *conn->hit;
    /* no other site shares the address, and the name in a URL is not the client's */
    if (!is_of_name(ret_hit) && !is_said_by_peer(session) &&
        nta_app_has((enum nta_app)conn->app, NTA_TRAIT_ONE_SITE))
        ret_hit->weak = false;
    return NTA_VERDICT_FORBIDDEN;
}

bool nta_match_is_told(const struct nta_policy *policy, const struct nta_conn_hit *hit)
{
    if (hit->only_recorded)
        return false;
    if (!hit->weak || is_of_name(hit))
        return true;
    switch (policy->weak_alerts) {
    case NTA_WEAK_ALL: return true;
    case NTA_WEAK_UNSHARED: return hit->shared[0] == '\0';
    case NTA_WEAK_NONE: return false;
    }
    return true;
}

void nta_match_raise(struct nta_conn *conn, enum nta_verdict verdict)
{
    if (verdict > (enum nta_verdict)conn->verdict)
        conn->verdict = (uint8_t)verdict;
}

void nta_match_set(const struct nta_session *session, const struct nta_conn_hit *hit)
{
    struct nta_conn *conn = session->conn;

    if (conn->hit && hit && strcmp(conn->hit->list, hit->list) == 0 &&
        strcmp(conn->hit->entry, hit->entry) == 0) {
        conn->hit->weak = conn->hit->weak && hit->weak;
        if (!hit->via[0])
            conn->hit->via[0] = '\0'; /* the site itself, not only another name of it */
        return;                       /* the same verdict again: what was told stays told */
    }
    conn->alerted = false;
    conn->verdict = NTA_VERDICT_NONE;
    if (!hit) {
        nta_hits_drop(&session->parts->hits, conn);
        return;
    }
    if (!nta_hits_set(&session->parts->hits, session->flow, hit, session->flow->last_wall_ns))
        nta_flow_note_limit(session->flow, NTA_FLOW_LIMIT_STATE, &session->parts->counters);
}

/** Whose range of a CDN or cloud the address lies in, if one's. */
static void fill_shared(const struct nta_policy *policy, const struct nta_addr *addr,
                        struct nta_conn_hit *ret_hit)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit range;

    if (policy->shared && nta_blacklist_match_addr(policy->shared, addr, buf, &range))
        nta_text_copy(ret_hit->shared, sizeof(ret_hit->shared), nta_span_of(range.list->name));
}

/** The verdict on the address alone: a suspicion, since many may share it. */
static bool match_peer(const struct nta_session *session, int64_t wall_ns,
                       struct nta_conn_hit *ret_hit)
{
    const struct asking asking = {.session = session, .wall_ns = wall_ns};
    const struct nta_list_filter filter = {.weigh = weigh, .owner = &asking};
    struct nta_ends ends = nta_session_ends(session);
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    const uint16_t port =
        ends.user_is_client ? session->flow->server_port : 0; /* a client's says nothing */
    struct nta_hit hit;

    if (nta_blacklist_decide_server(session->parts->policy->lists, &filter, ends.peer, port, buf,
                                    &hit) != NTA_DECIDES_FORBIDDEN)
        return false;
    copy_hit(session, &hit, ret_hit);
    ret_hit->weak = true;
    fill_shared(session->parts->policy, ends.peer, ret_hit);
    return true;
}

/** What was found in the handshake says who speaks, whatever the site turns out to be. */
static bool is_mark(const struct nta_conn_hit *hit)
{
    return hit && (hit->kind == NTA_HIT_JA4 || hit->kind == NTA_HIT_CERTIFICATE ||
                   hit->kind == NTA_HIT_PROGRAM);
}

/** A mark forbids the connection, if no name does that. */
static bool set_mark(const struct nta_session *session, const struct nta_hit *hit)
{
    struct nta_conn *conn = session->conn;
    struct nta_conn_hit verdict;

    if (conn->hit && !conn->hit->weak)
        return false;
    copy_hit(session, hit, &verdict);
    nta_match_set(session, &verdict);
    return conn->hit != NULL;
}

/** What the lists say of a fingerprint. */
static bool match_mark(const struct nta_session *session, enum nta_hit_kind kind,
                       struct nta_span mark, int64_t wall_ns, char buf[NTA_NAME_SIZE],
                       struct nta_hit *ret_hit)
{
    const struct asking asking = {.session = session, .wall_ns = wall_ns};
    const struct nta_list_filter filter = {.weigh = weigh, .owner = &asking};

    return nta_blacklist_decide_mark(session->parts->policy->lists, &filter, kind, mark, buf,
                                     ret_hit) == NTA_DECIDES_FORBIDDEN;
}

/** A search for an exception of the admin's own. */
struct excusing
{
    const struct asking *asking;
    bool found;
};

static bool excuse(void *owner, const struct nta_hit *hit, bool allow)
{
    struct excusing *excusing = owner;

    /* those that lists name by mistake are no advice to use them */
    excusing->found =
        allow && strcmp(hit->list->name, NTA_RESOLVERS_LIST) != 0 &&
        (!hit->list->narrowed || weigh(excusing->asking, hit->list) == NTA_LIST_COUNTS);
    return !excusing->found;
}

/** The admin allows this peer, by its name or its address. */
static bool is_approved(const struct asking *asking, struct nta_span site)
{
    const struct nta_session *session = asking->session;
    const struct nta_blacklist *lists = session->parts->policy->lists;
    struct excusing excusing = {.asking = asking};
    NTA_SCRATCH char labels[NTA_NAME_SIZE];
    const struct nta_span name = nta_site_labels(site, labels);

    if (name.len > 0)
        nta_blacklist_each_name(lists, (const char *)name.ptr, name.len, excuse, &excusing);
    if (!excusing.found)
        nta_blacklist_each_addr(lists, nta_session_ends(session).peer, excuse, &excusing);
    return excusing.found;
}

bool nta_match_program(const struct nta_session *session, struct nta_span program,
                       struct nta_span site, struct nta_conn_hit *ret_hit)
{
    static_assert((int)NTA_MATCH_PROGRAM == (int)NTA_HIT_PROGRAM, "one number");
    const struct asking asking = {.session = session, .wall_ns = session->flow->last_wall_ns};
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (!match_mark(session, NTA_HIT_PROGRAM, program, asking.wall_ns, buf, &hit) ||
        is_approved(&asking, site))
        return false;
    copy_hit(session, &hit, ret_hit);
    return true;
}

bool nta_match_hello(const struct nta_session *session, const struct nta_tls_client_hello *hello)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    return nta_blacklist_has(session->parts->policy->lists, NTA_HIT_JA4) && hello->ja4[0] &&
           match_mark(session, NTA_HIT_JA4, nta_span_of(hello->ja4), session->io.wall_ns, buf,
                      &hit) &&
           set_mark(session, &hit);
}

bool nta_match_certificate(const struct nta_session *session,
                           const struct nta_tls_certificate *certificate)
{
    const struct asking asking = {.session = session, .wall_ns = session->io.wall_ns};
    const struct nta_list_filter filter = {.weigh = weigh, .owner = &asking};
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    return nta_blacklist_decide_certificate(session->parts->policy->lists, &filter,
                                            certificate->der, buf, &hit) == NTA_DECIDES_FORBIDDEN &&
           set_mark(session, &hit);
}

bool nta_match_wants_content(const struct nta_session *session)
{
    const struct nta_policy *policy = session->parts->policy;
    const struct nta_conn *conn = session->conn;

    switch (policy->hash_files) {
    case NTA_HASH_ALL: return true;
    case NTA_HASH_NONE: return false;
    case NTA_HASH_MATCHES: break;
    }
    return policy->hashes || (conn && (conn->hit || conn->verdict == NTA_VERDICT_FORBIDDEN));
}

void nta_match_content_take(const struct nta_session *session, const struct nta_content *content)
{
    struct nta_conn *conn = session->conn;
    struct nta_content_state *state = conn->content;

    if (!state && content->offset == 0) {
        state = conn->content = nta_pool_take(&session->parts->contents);
        if (!state)
            nta_flow_note_limit(session->flow, NTA_FLOW_LIMIT_STATE, &session->parts->counters);
    }
    if (!state)
        return;
    if (content->offset == 0) {
        nta_file_hash_begin(&state->hash);
        state->n_bytes = 0;
        state->broken = false;
    }
    state->broken = state->broken || content->offset != state->n_bytes;
    if (state->broken)
        return;
    nta_file_hash_put(&state->hash, content->bytes);
    state->n_bytes += content->bytes.len;
}

bool nta_match_content_end(const struct nta_session *session, uint64_t n_bytes,
                           uint8_t ret_sha256[32])
{
    struct nta_content_state *state = session->conn->content;
    bool whole = state && !state->broken && n_bytes > 0 && state->n_bytes == n_bytes;

    if (whole)
        nta_file_hash_end(&state->hash, ret_sha256);
    nta_pool_give(&session->parts->contents, state);
    session->conn->content = NULL;
    return whole;
}

bool nta_match_file(const struct nta_session *session, const uint8_t sha256[32], int64_t wall_ns,
                    struct nta_conn_hit *ret_hit)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (!match_mark(session, NTA_HIT_HASH, (struct nta_span){sha256, 32}, wall_ns, buf, &hit))
        return false;
    copy_hit(session, &hit, ret_hit);
    return true;
}

/** DNS gave this user the address for several names, and an older one is forbidden: a weak one. */
static bool match_older_name(const struct nta_session *session, int64_t wall_ns,
                             struct nta_conn_hit *ret_hit)
{
    const struct nta_told_asker asker = nta_session_asker(session);
    NTA_SCRATCH char buf[NTA_PDNS_NAME_MAX + 1];
    int64_t before_ns = 0;
    size_t len = nta_told_find_listed(&session->parts->told, &asker, buf);

    /* lists may have changed, or hold for some users only: then each is asked about */
    for (int i = 0; i <= OLDER_NAMES_MAX; i++) {
        if (len > 0 &&
            match_name(session, (struct nta_span){(const uint8_t *)buf, len}, wall_ns, ret_hit)) {
            ret_hit->weak = true;
            return true;
        }
        len = nta_told_find_before(&session->parts->told, &asker, &before_ns, buf);
        if (len == 0)
            return false;
    }
    return false;
}

void nta_match_conn(const struct nta_session *session, struct nta_span site, bool is_guess,
                    int64_t wall_ns)
{
    struct nta_conn *conn = session->conn;
    struct nta_conn_hit verdict;

    const bool is_by_dns = conn->basis <= NTA_BASIS_DNS; /* which our user was told */

    if (site.len > 0 &&
        (is_by_dns ? match_name : nta_match_site)(session, site, wall_ns, &verdict)) {
        if (is_guess && is_mark(conn->hit))
            return;
        verdict.weak = is_guess;
        nta_match_set(session, &verdict);
        return;
    }
    if (is_mark(conn->hit))
        return;
    if (conn->other && nta_match_site(session, nta_span_of(conn->other->site), wall_ns, &verdict)) {
        verdict.weak = true;
        nta_match_set(session, &verdict);
        return;
    }
    if (is_excused(session, site, wall_ns)) {
        nta_match_set(session, NULL);
        return;
    }
    if (match_learnt_alias(session, site, wall_ns, &verdict)) {
        nta_match_set(session, &verdict);
        return;
    }
    if (is_guess && is_by_dns && match_older_name(session, wall_ns, &verdict)) {
        nta_match_set(session, &verdict);
        return;
    }
    /* it claims an innocent name at an address that its client was given for a forbidden one */
    if (conn->hit && is_of_name(conn->hit) && !conn->hit->via[0] && is_contradicted(conn)) {
        conn->hit->weak = true;
        return;
    }
    nta_match_set(session, match_peer(session, wall_ns, &verdict) ? &verdict : NULL);
}

void nta_match_realm(const struct nta_session *session, struct nta_span realm)
{
    const struct nta_conn *conn = session->conn;
    const struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_conn_hit verdict;

    if (!conn->hit && realm.len > 0 &&
        nta_match_alias(session, site, nta_site_text(realm, NTA_SITE_TEXT, buf),
                        session->flow->last_wall_ns, &verdict))
        nta_match_set(session, &verdict);
}
