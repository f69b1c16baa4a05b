/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is it forbidden?  Sites, requests and whole connections held against the policy's lists.
 *
 * A verdict is a copy (struct nta_conn_hit), since the policy may be replaced while the connection
 * lives.  For a connection: a listed name decides; an allowed name clears; else a listed address
 * stays as a weak suspicion, and so does a listed name that DNS gave this address for when the
 * connection claims another one.  A listed JA4 or certificate decides whatever the address, and no
 * exception for a name clears it.
 *
 * A list that is for some users or hours only counts for the user of the connection, at the moment
 * of what is asked about: a request that began in time is forbidden however long it takes.
 */

#include "session/state/parts.h"

/**
 * The verdict on a site that our user named at this moment: a name in normal form, or an address
 * that he wrote where a name stands (not weak then).  True: forbidden, `ret_hit` filled.  What a
 * peer asks of a server of ours is not judged by its names.
 */
bool nta_match_site(const struct nta_session *session, struct nta_span site, int64_t wall_ns,
                    struct nta_conn_hit *ret_hit);

/**
 * The verdict on a site whose alias (CNAME target, in normal form) is listed though it is not
 * itself: weak, with `via`.  False also if an exception allows the site.
 */
bool nta_match_alias(const struct nta_session *session, struct nta_span site, struct nta_span alias,
                     int64_t wall_ns, struct nta_conn_hit *ret_hit);

/**
 * A server says to which domain it belongs: where nothing else forbids the connection, a listed one
 * does, weakly and with `via`.
 */
void nta_match_realm(const struct nta_session *session, struct nta_span realm);

/**
 * The verdict on a request to `site`: on its URL first, which says more, then on its site.  If it
 * names no host, on its URL alone; then on what is known of the connection.  `ret_hit` is filled if
 * it is forbidden.  Of several hosts that it names servers take the one or the other: if only the
 * other one is forbidden, the verdict is weak.
 */
enum nta_verdict nta_match_request(const struct nta_session *session,
                                   const struct nta_http_exchange *http, struct nta_span site,
                                   struct nta_conn_hit *ret_hit);

/**
 * Matches by address alone are alerts only as far as the admin wants to hear of them, and those of
 * a list that only records never are.
 */
bool nta_match_is_told(const struct nta_policy *policy, const struct nta_conn_hit *hit);

/**
 * Match a connection by what is known now: its site (empty: none), its address, what DNS says.
 * Sets or clears conn->hit.  `is_guess`: the site is one of several that share the address, so a
 * match is weak.  `wall_ns`: of the packet that shows it.
 */
void nta_match_conn(const struct nta_session *session, struct nta_span site, bool is_guess,
                    int64_t wall_ns);

/**
 * The verdict on a file that this connection asked for at this moment, or moves: on its URL first,
 * then that on the connection.
 */
enum nta_verdict nta_match_transfer(const struct nta_session *session, struct nta_span path,
                                    int64_t wall_ns, struct nta_conn_hit *ret_hit);

/**
 * The ClientHello's JA4: listed, it forbids the connection, unless its name does already; what is
 * known of its site later does not clear it.  True: so it is now.
 */
bool nta_match_hello(const struct nta_session *session, const struct nta_tls_client_hello *hello);
/** The same for the server's certificate as it came. */
bool nta_match_certificate(const struct nta_session *session,
                           const struct nta_tls_certificate *certificate);

/**
 * The verdict on what the connection shows itself to be, by the name that evasion.h gives it; it
 * goes to `site` (empty: only its address is known), which no exception of the admin's names.
 */
bool nta_match_program(const struct nta_session *session, struct nta_span program,
                       struct nta_span site, struct nta_conn_hit *ret_hit);

/**
 * Are files that go by over this connection hashed?  As record.hash says: all, none, or those of
 * which a list says something: of their site, or perhaps of their hash.
 */
bool nta_match_wants_content(const struct nta_session *session);

/**
 * A piece of a file goes by: it is hashed.  One that does not follow the one before it ends that:
 * what is hashed in part is not given.
 */
void nta_match_content_take(const struct nta_session *session, const struct nta_content *content);

/** The file is over, it has `n_bytes`.  True: all of them were hashed. */
bool nta_match_content_end(const struct nta_session *session, uint64_t n_bytes,
                           uint8_t ret_sha256[32]);

/** The verdict on a file's SHA-256, asked for at that moment.  True: forbidden, in `ret_hit`. */
bool nta_match_file(const struct nta_session *session, const uint8_t sha256[32], int64_t wall_ns,
                    struct nta_conn_hit *ret_hit);

/** Something was asked for over the connection, with this verdict. */
void nta_match_raise(struct nta_conn *conn, enum nta_verdict verdict);

/**
 * Set what forbids the connection; NULL: nothing does.  What was asked for before counts for
 * another verdict no more.
 */
void nta_match_set(const struct nta_session *session, const struct nta_conn_hit *hit);
