/* SPDX-License-Identifier: Apache-2.0 */
#include "session/match.h"

#include "base/scratch.h"
#include "base/text.h"
#include "blacklist/marks.h"

#include <string.h>

/** The policy may be replaced while the connection lives: what is needed of the hit is copied. */
static void copy_hit(const struct nta_hit *hit, struct nta_conn_hit *ret_hit)
{
    nta_text_copy(ret_hit->list, sizeof(ret_hit->list), nta_span_of(hit->list->name));
    nta_text_copy(ret_hit->category, sizeof(ret_hit->category), nta_span_of(hit->list->category));
    nta_text_copy(ret_hit->entry, sizeof(ret_hit->entry), hit->entry);
    memcpy(ret_hit->list_sha256, hit->list->sha256, sizeof(ret_hit->list_sha256));
    ret_hit->line = hit->line;
    ret_hit->kind = (uint8_t)hit->kind;
    ret_hit->severity = (uint8_t)hit->list->severity;
    ret_hit->weak = hit->weak;
    ret_hit->shared[0] = '\0';
}

bool nta_match_site(const struct nta_session *session, struct nta_span site,
                    struct nta_conn_hit *ret_hit)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_addr addr;
    struct nta_hit hit;
    bool found;

    if (nta_addr_parse((const char *)site.ptr, site.len, &addr) == 0)
        found = nta_blacklist_match_addr(session->parts->policy->lists, &addr, buf, &hit);
    else
        found = nta_blacklist_match_name(session->parts->policy->lists, (const char *)site.ptr,
                                         site.len, buf, &hit);
    if (!found)
        return false;
    nta_count(&session->parts->counters, NTA_COUNTER_HITS, 1);
    hit.weak = false;
    copy_hit(&hit, ret_hit);
    return true;
}

/** An exception for the URL is more specific than any entry for its site. */
static bool is_spared(const struct nta_session *session, struct nta_span target,
                      struct nta_span site)
{
    struct nta_hit hit;

    return nta_blacklist_allows_url(session->parts->policy->lists, site, target, &hit);
}

static bool is_url_listed(const struct nta_session *session, struct nta_span target,
                          struct nta_span site, struct nta_conn_hit *ret_hit)
{
    struct nta_hit hit;

    if (!nta_blacklist_match_url(session->parts->policy->lists, site, target, &hit))
        return false;
    nta_count(&session->parts->counters, NTA_COUNTER_HITS, 1);
    copy_hit(&hit, ret_hit);
    return true;
}

enum nta_verdict nta_match_request(const struct nta_session *session,
                                   const struct nta_http_exchange *http, struct nta_span site,
                                   struct nta_conn_hit *ret_hit)
{
    if (site.len == 0)
        return NTA_VERDICT_NONE;
    if (is_spared(session, http->target, site))
        return NTA_VERDICT_SPARED;
    if (is_url_listed(session, http->target, site, ret_hit) ||
        (!http->no_host && nta_match_site(session, site, ret_hit)))
        return NTA_VERDICT_FORBIDDEN;
    return NTA_VERDICT_NONE;
}

enum nta_verdict nta_match_transfer(const struct nta_session *session, struct nta_span path,
                                    struct nta_conn_hit *ret_hit)
{
    const struct nta_conn *conn = session->conn;
    struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};
    char addr_text[NTA_ADDR_TEXT_SIZE];

    if (conn->basis <= NTA_BASIS_ADDRESS)
        site = nta_span_of(nta_addr_text(nta_session_ends(session).peer, addr_text));
    if (path.len && is_spared(session, path, site))
        return NTA_VERDICT_SPARED;
    if (path.len && is_url_listed(session, path, site, ret_hit)) {
        ret_hit->weak = conn->guess && conn->basis == NTA_BASIS_DNS;
        return NTA_VERDICT_FORBIDDEN;
    }
    if (!conn->hit)
        return NTA_VERDICT_NONE;
    *ret_hit = *conn->hit;
    return NTA_VERDICT_FORBIDDEN;
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
        return; /* the same verdict again: what was told stays told */
    }
    conn->alerted = false;
    conn->verdict = NTA_VERDICT_NONE;
    if (!hit) {
        nta_pool_give(&session->parts->hits, conn->hit);
        conn->hit = NULL;
        return;
    }
    if (!conn->hit)
        conn->hit = nta_pool_take(&session->parts->hits);
    if (conn->hit)
        *conn->hit = *hit;
    else
        nta_count(&session->parts->counters, NTA_COUNTER_STATE_LIMIT, 1);
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
static bool match_peer(const struct nta_session *session, struct nta_conn_hit *ret_hit)
{
    struct nta_ends ends = nta_session_ends(session);
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    const uint16_t port =
        ends.user_is_client ? session->flow->server_port : 0; /* a client's says nothing */
    struct nta_hit hit;

    if (!nta_blacklist_match_server(session->parts->policy->lists, ends.peer, port, buf, &hit))
        return false;
    nta_count(&session->parts->counters, NTA_COUNTER_HITS, 1);
    copy_hit(&hit, ret_hit);
    ret_hit->weak = true;
    fill_shared(session->parts->policy, ends.peer, ret_hit);
    return true;
}

static bool is_allowed(const struct nta_session *session, struct nta_span site)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    return nta_blacklist_allows_name(session->parts->policy->lists, (const char *)site.ptr,
                                     site.len, buf, &hit);
}

/** What was found in the handshake says who speaks, whatever the site turns out to be. */
static bool is_mark(const struct nta_conn_hit *hit)
{
    return hit && (hit->kind == NTA_HIT_JA4 || hit->kind == NTA_HIT_CERTIFICATE);
}

/** A mark forbids the connection, if no name does that. */
static bool set_mark(const struct nta_session *session, const struct nta_hit *hit)
{
    struct nta_conn *conn = session->conn;
    struct nta_conn_hit verdict;

    nta_count(&session->parts->counters, NTA_COUNTER_HITS, 1);
    if (conn->hit && !conn->hit->weak)
        return false;
    copy_hit(hit, &verdict);
    nta_match_set(session, &verdict);
    return conn->hit != NULL;
}

bool nta_match_hello(const struct nta_session *session, const struct nta_tls_client_hello *hello)
{
    const struct nta_blacklist *lists = session->parts->policy->lists;
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    return nta_blacklist_has(lists, NTA_HIT_JA4) && hello->ja4[0] &&
           nta_blacklist_match_mark(lists, NTA_HIT_JA4, nta_span_of(hello->ja4), buf, &hit) &&
           set_mark(session, &hit);
}

bool nta_match_certificate(const struct nta_session *session,
                           const struct nta_tls_certificate *certificate)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    return nta_blacklist_match_certificate(session->parts->policy->lists, certificate->der, buf,
                                           &hit) &&
           set_mark(session, &hit);
}

void nta_match_content_take(const struct nta_session *session, const struct nta_content *content)
{
    struct nta_conn *conn = session->conn;
    struct nta_content_state *state = conn->content;

    if (!state && content->offset == 0) {
        state = conn->content = nta_pool_take(&session->parts->contents);
        if (!state)
            nta_count(&session->parts->counters, NTA_COUNTER_STATE_LIMIT, 1);
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

bool nta_match_file(const struct nta_session *session, const uint8_t sha256[32],
                    struct nta_conn_hit *ret_hit)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (!nta_blacklist_match_mark(session->parts->policy->lists, NTA_HIT_HASH,
                                  (struct nta_span){sha256, 32}, buf, &hit))
        return false;
    nta_count(&session->parts->counters, NTA_COUNTER_HITS, 1);
    copy_hit(&hit, ret_hit);
    return true;
}

void nta_match_conn(const struct nta_session *session, struct nta_span site, bool is_guess)
{
    struct nta_conn *conn = session->conn;
    struct nta_conn_hit verdict;

    if (site.len && nta_match_site(session, site, &verdict)) {
        if (is_guess && is_mark(conn->hit))
            return;
        verdict.weak = is_guess;
        nta_match_set(session, &verdict);
        return;
    }
    if (is_mark(conn->hit))
        return;
    if (site.len && is_allowed(session, site)) {
        nta_match_set(session, NULL);
        return;
    }
    /* it claims an innocent name at an address that its client was given for a forbidden one */
    if (conn->hit && conn->hit->kind == NTA_HIT_DOMAIN && (conn->disagrees & NTA_AGREES_DNS)) {
        conn->hit->weak = true;
        return;
    }
    nta_match_set(session, match_peer(session, &verdict) ? &verdict : NULL);
}
